//! What gets data back, and what proves that it can be got back: sets of objects that a person, or a
//! runner of drills, applies once. No delivery engine may see them: a Restore that an engine makes
//! again is carried out again (`ha-dr` 1.10).
//!
//! In the tree they are templates: the id and the backup are words, [`SET_ID`] and [`SET_BACKUP`],
//! and no backup has that name. Both come with the command that uses a set.

use super::values::{Map, Meta, Opening, Peer, Restore, Values};
use super::{Here, Plan, Planned, Unit, namespaces, network, places, pod, proof};
use crate::kube::kinds::Naming;
use crate::kube::{Kind, LogicalName, Namespace, ObjectId, RegionName, labels};
use crate::model::{Model, Region, Service};
use crate::spec::quantity::Duration;
use crate::yaml::{self, Value};
use serde_json::json;

/// What stands in a set of the tree for its id.
pub const SET_ID: &str = "set-id";

/// What stands in a set of the tree for the name of a backup.
pub const SET_BACKUP: &str = "set-backup";

/// The most characters of an id: what is called by it has a name of at most 63, with that of a
/// service and of a region before it.
pub const LONGEST_ID: usize = 16;

/// When the verification is ended.
const VERIFICATION: Duration = Duration::minutes(15);

/// What makes one set of its kind unlike any other.
#[derive(Clone, Copy, Debug)]
pub struct Ids<'a> {
    /// Part of every name.
    pub id: &'a str,
    /// The name of the backup that is restored.
    pub backup: &'a str,
}

impl Ids<'static> {
    /// Of the sets in the tree.
    pub const TEMPLATE: Ids<'static> = Ids { id: SET_ID, backup: SET_BACKUP };
}

/// Which sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of<'a> {
    /// Every set of every region, as the tree has them.
    Tree,
    /// The drill in one region.
    Drill(&'a RegionName),
}

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

/// What a restore of the data alone takes: the rest is in the tree. The last tells Velero where the
/// data of each volume lies.
const DATA: &[&str] = &["persistentvolumeclaims", "persistentvolumes", "datauploads.velero.io"];

/// The region whose backups are restored here: where it takes over, those of another, so that a
/// drill tries credentials, classes and images as well.
pub(super) fn source<'a>(here: &Here<'a>) -> &'a Region {
    let other = places(here.fleet, here.service)
        .filter(|_| here.role.takes_over)
        .find(|other| other.role.backs_up && other.region.name != here.region.name);
    other.map_or(here.region, |other| other.region)
}

/// Whether the data comes back to this region by a restore when another one is lost.
pub(super) fn fails_over_by_restore(here: &Here<'_>) -> bool {
    here.service.keeps_data() && here.service.replication.is_none() && here.role.takes_over
}

/// The command that lists the backups of the service that a restore in `region` takes, the youngest
/// last. By label, as the names of Schedules change with what they say.
pub fn query(model: &Model, service: &Service, region: &RegionName) -> Option<String> {
    let here = places(model.fleet(), service).find(|here| here.region.name == *region)?;
    Some(backups(&here))
}

pub(super) fn backups(here: &Here<'_>) -> String {
    format!(
        "kubectl --context {} -n {} get backups.velero.io -l {}={},{}={} --sort-by=.metadata.creationTimestamp -o custom-columns=NAME:.metadata.name,PHASE:.status.phase,BEGUN:.status.startTimestamp",
        here.region.name,
        here.region.backup_namespace,
        labels::SERVICE,
        here.service.name,
        labels::REGION,
        source(here).name,
    )
}

/// Plans the sets of a service. What keeps no data has none: its objects are in the tree.
pub fn make(model: &Model, service: &Service, of: Of<'_>, ids: Ids<'_>) -> Plan {
    let mut objects = Vec::new();
    if service.keeps_data() {
        for here in places(model.fleet(), service) {
            let set = Set { here, ids };
            match of {
                Of::Drill(region) if *region != here.region.name => continue,
                Of::Drill(_) => {}
                Of::Tree if here.role.backs_up || fails_over_by_restore(&here) => {
                    objects.push(set.data());
                }
                Of::Tree => {}
            }
            set.drill(&mut objects);
        }
    }
    Plan { unit: Unit::Service(service.name.clone()), objects, promises: Vec::new() }
}

struct Set<'a> {
    here: Here<'a>,
    ids: Ids<'a>,
}

impl Set<'_> {
    /// The volumes alone, into the namespace that they come from: after the loss of the other
    /// region, or in place of what is damaged.
    fn data(&self) -> Planned {
        let name = self.name("restore");
        let restore = Restore {
            meta: self.meta(&name, Some(&self.here.region.backup_namespace)),
            backup: self.ids.backup.to_owned(),
            namespace: self.here.service.namespace.to_string(),
            into: None,
            included: DATA.iter().map(|kind| (*kind).to_owned()).collect(),
            excluded: Vec::new(),
            operation_timeout: self.most().go(),
            modifier: None,
        };
        let file = format!("restore-{}/1-restore", self.here.region.name);
        self.planned(Kind::Restore, file, Values::Restore(Box::new(restore)))
    }

    /// In the order in which it is applied: what closes the namespace before what is restored in it.
    fn drill(&self, objects: &mut Vec<Planned>) {
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
            operation_timeout: self.most().go(),
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

    /// `orders-cus-drill-7`
    fn name(&self, what: &str) -> String {
        let Here { service, region, .. } = self.here;
        service.logical(&format!("{}-{what}-{}", region.short, self.ids.id))
    }

    fn meta(&self, name: &str, namespace: Option<&Namespace>) -> Meta {
        let mut labels = self.here.selector();
        labels.extend(namespaces::managed(self.here.region));
        labels.insert(labels::DRILL.to_owned(), self.ids.id.to_owned());
        Meta {
            name: name.to_owned(),
            namespace: namespace.map(ToString::to_string),
            labels,
            annotations: Map::new(),
        }
    }

    fn planned(&self, kind: Kind, file: String, mut values: Values) -> Planned {
        let row = kind.row().expect("the plan makes built-in kinds");
        let meta = values.meta_mut();
        let id = ObjectId {
            region: self.here.region.name.clone(),
            namespace: meta.namespace.clone().map(Namespace::new),
            name: LogicalName::new(&*meta.name),
            kind,
        };
        let job = matches!(values, Values::DrillJob { .. });
        // What has the id in its name needs no hash.
        let naming = if row.kind == Kind::ConfigMap { row.naming } else { Naming::Stable };
        Planned {
            id,
            file,
            naming,
            template: if job { "drill-job.yaml".to_owned() } else { format!("{}.yaml", row.stem) },
            values,
            origin: self.here.origin("volumes"),
        }
    }

    /// How long it may take: what takes longer than the promise has failed.
    fn most(&self) -> Duration {
        self.here.service.rto.max(proof::rto::restore_time(&self.here))
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
