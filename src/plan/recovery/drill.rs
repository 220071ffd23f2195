//! The drill: a restore into a namespace of its own that nothing leaves, and the judgement of what
//! came back (`ha-dr` 6.2).

use super::super::values::{Map, Opening, Peer, Restore, Values};
use super::super::{Here, Planned, namespaces, network, pod};
use super::Set;
use crate::kube::{Kind, Namespace, labels};
use crate::spec::quantity::Duration;
use crate::yaml::{self, Value};
use serde_json::json;

/// When the verification is ended.
const VERIFICATION: Duration = Duration::minutes(15);

/// Kinds that a drill leaves in the backup.
const EXCLUDED: &[&str] = &[
    // They lead users to the drill (velero#474).
    "ingresses.networking.k8s.io",
    "httproutes.gateway.networking.k8s.io",
    "dnsendpoints.externaldns.k8s.io",
    "gslbs.k8gb.io",
    // They open ways to what is not part of the drill: policies add up.
    "networkpolicies.networking.k8s.io",
    // They work: on mail, on money, on what others see.
    "jobs.batch",
    // They change what the drill decided, or make what it does not have.
    "horizontalpodautoscalers.autoscaling",
    "poddisruptionbudgets.policy",
    "certificates.cert-manager.io",
    "externalsecrets.external-secrets.io",
    "applications.argoproj.io",
    "applicationsets.argoproj.io",
    "helmreleases.helm.toolkit.fluxcd.io",
    "kustomizations.kustomize.toolkit.fluxcd.io",
    // They write to the copies and archives of the service.
    "clusters.postgresql.cnpg.io",
    "scheduledbackups.postgresql.cnpg.io",
    "replicationsources.volsync.backube",
    "replicationdestinations.volsync.backube",
    // Their controllers make them.
    "pods",
    "replicasets.apps",
    "controllerrevisions.apps",
    "endpoints",
    "endpointslices.discovery.k8s.io",
];

impl Set<'_> {
    /// In the order in which it is applied: what closes the namespace before what is restored in it.
    pub(super) fn drill(&self, objects: &mut Vec<Planned>) {
        let namespace = Namespace::new(self.name("drill"));
        let velero = &self.here.region.backup_namespace;
        let modifier = self.here.service.logical(&format!("{}-drill", self.here.region.short));
        let mut labelled = self.meta(namespace.as_str(), None);
        labelled.labels.extend(namespaces::pod_security(self.here.region));
        let restore = Restore {
            meta: self.meta(namespace.as_str(), Some(velero)),
            backup: self.ids.backup.to_owned(),
            namespace: self.here.service.namespace.to_string(),
            into: Some(namespace.to_string()),
            included: Vec::new(),
            excluded: EXCLUDED.iter().map(|kind| (*kind).to_owned()).collect(),
            operation_timeout: super::longest(&self.here).go(),
            modifier: Some(modifier.clone()),
        };
        let mut modifier = self.meta(&modifier, Some(velero));
        // The same for every drill, as its content is.
        modifier.labels.remove(labels::DRILL);
        let data = Map::from([("modifiers.yaml".to_owned(), self.modifiers())]);
        let mut steps = vec![
            (Kind::Namespace, Values::Plain { meta: labelled }),
            (Kind::NetworkPolicy, self.closed(&namespace)),
            (Kind::ResourceQuota, self.quota(&namespace)),
            (Kind::ConfigMap, Values::ConfigMap { meta: modifier, data }),
            (Kind::Restore, Values::Restore(Box::new(restore))),
        ];
        steps.extend(self.verification(&namespace).map(|values| (Kind::Job, values)));
        for (step, (kind, values)) in steps.into_iter().enumerate() {
            let stem = kind.row().expect("the plan makes built-in kinds").stem;
            let file = format!("drill-{}/{}-{stem}", self.here.region.name, step + 1);
            objects.push(self.planned(kind, file, values));
        }
    }

    /// Nothing goes out of the namespace, and nothing comes in: what is restored has the credentials
    /// of what runs.
    fn closed(&self, namespace: &Namespace) -> Values {
        let peer = Peer { namespace: None, pods: Map::new(), cidr: None };
        let among = Opening { peers: vec![peer], ports: Vec::new() };
        Values::NetworkPolicy {
            meta: self.meta("default-deny", Some(namespace)),
            selector: Map::new(),
            ingress: vec![among.clone()],
            egress: vec![network::dns(&self.here), among],
        }
    }

    /// A drill takes no more than the service and its verification, and nothing that has an address
    /// outside.
    fn quota(&self, namespace: &Namespace) -> Values {
        let Here { service, size, .. } = self.here;
        let pods = u64::from(size.full) + 1;
        let hard = [
            ("pods", pods.to_string()),
            ("requests.cpu", (service.cpu * pods).to_string()),
            ("requests.memory", (service.memory * pods).to_string()),
            ("services.loadbalancers", "0".to_owned()),
            ("services.nodeports", "0".to_owned()),
        ];
        let hard = hard.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        Values::Quota { meta: self.meta("drill", Some(namespace)), hard }
    }

    /// What is changed between the backup and the drill (velero `internal/resourcemodifiers`).
    fn modifiers(&self) -> String {
        // Another controller would take them for its own, and delete or publish them.
        let metadata = json!({
            "annotations": {
                "argocd.argoproj.io/tracking-id": null,
                "external-dns.alpha.kubernetes.io/hostname": null,
                "external-dns.kubernetes.io/hostname": null,
            },
            "labels": {
                "app.kubernetes.io/instance": null,
                "argocd.argoproj.io/instance": null,
                "kustomize.toolkit.fluxcd.io/name": null,
                "kustomize.toolkit.fluxcd.io/namespace": null,
            },
        });
        // A drill must push nothing aside that serves users.
        let template = json!({"spec": {"priorityClassName": null}});
        let rules = [
            ("configmaps", None),
            // They would work as well as the Jobs that they make.
            ("cronjobs.batch", Some(json!({"suspend": true}))),
            ("deployments.apps", Some(json!({"replicas": 1, "template": template}))),
            ("persistentvolumeclaims", None),
            ("secrets", None),
            ("serviceaccounts", None),
            (
                "services",
                Some(json!({
                    "type": "ClusterIP",
                    "allocateLoadBalancerNodePorts": null,
                    "externalIPs": null,
                    "externalTrafficPolicy": null,
                    "healthCheckNodePort": null,
                    "loadBalancerClass": null,
                    "loadBalancerIP": null,
                    "loadBalancerSourceRanges": null,
                })),
            ),
            // As many as there are volumes: a class that binds late restores nothing into a volume
            // that no pod waits for (data-movement-restore-pvc-configuration.md).
            (
                "statefulsets.apps",
                Some(json!({"replicas": self.here.size.full, "template": template})),
            ),
        ];
        let text = |text: String| Value::String(text);
        let map = |entries: Vec<(&str, Value)>| {
            Value::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
        };
        let namespace = self.here.service.namespace.to_string();
        let rules = rules.into_iter().map(|(resource, spec)| {
            let mut patch = json!({"metadata": metadata});
            if let Some(spec) = spec {
                patch["spec"] = spec;
            }
            let conditions = map(vec![
                ("groupResource", text(resource.to_owned())),
                ("namespaces", Value::List(vec![text(namespace.clone())])),
            ]);
            let patch = map(vec![("patchData", text(patch.to_string()))]);
            map(vec![("conditions", conditions), ("mergePatches", Value::List(vec![patch]))])
        });
        let rules = Value::List(rules.collect());
        let version = text("v1".to_owned());
        yaml::write::document(&map(vec![("version", version), ("resourceModifierRules", rules)]))
    }

    /// The command that judges the data, in a Job that waits until it is let go. Nothing of the
    /// service selects its pod.
    fn verification(&self, namespace: &Namespace) -> Option<Values> {
        let service = self.here.service;
        if service.backup.verify.is_empty() {
            return None;
        }
        let mut pod = pod::plan(&self.here);
        let own = [
            ("app.kubernetes.io/name".to_owned(), "drill-verification".to_owned()),
            (labels::DRILL.to_owned(), self.ids.id.to_owned()),
        ];
        pod.labels = Map::from(own.clone());
        pod.service_account = "default".to_owned();
        pod.command = service.backup.verify.clone();
        // Secrets and scratch space only: ConfigMaps have the names of another day.
        pod.volumes.retain(|volume| volume.config_map.is_none());
        let there = |name: &str| pod.volumes.iter().any(|volume| volume.name == name);
        pod.mounts = pod.mounts.iter().filter(|mount| there(&mount.name)).cloned().collect();
        let mut meta = self.meta("drill-verification", Some(namespace));
        meta.labels = Map::from(own);
        meta.labels.insert("app.kubernetes.io/managed-by".to_owned(), "ninefold".to_owned());
        let deadline = VERIFICATION.as_seconds();
        Some(Values::DrillJob { meta, deadline, pod: Box::new(pod) })
    }
}
