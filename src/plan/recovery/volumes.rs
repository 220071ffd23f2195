//! Volumes, from a backup of Velero's.

use super::super::Planned;
use super::super::values::{Map, Meta, Values};
use super::{Set, step};
use crate::decide::drills;
use crate::decide::proof::rto::restore_deadline;
use crate::kube::{Kind, Namespace, labels};
use crate::yaml::{self, Value};
use serde::Serialize;
use serde_json::json;

/// A Velero Restore.
#[derive(Clone, Debug, Serialize)]
pub struct Restore {
    /// Its metadata.
    pub meta: Meta,
    /// The backup.
    pub backup: String,
    /// The namespace in the backup.
    pub namespace: String,
    /// The namespace that it becomes; none where it stays what it is.
    pub into: Option<String>,
    /// Only these kinds.
    pub included: Vec<String>,
    /// Go duration.
    pub operation_timeout: String,
    /// The ConfigMap that says what is changed on the way.
    pub modifier: Option<String>,
}

/// What a restore of the data alone takes: the rest is in the tree. The last tells Velero where the
/// data of each volume lies.
const DATA: &[&str] = &["persistentvolumeclaims", "persistentvolumes", "datauploads.velero.io"];

/// What a drill takes beside the data: what runs, and what its pods mount. All else stays in the
/// backup, also kinds that nobody thought of: what leads users to the drill (velero#474), opens ways
/// out of it, works on mail or money, pages somebody, or has a controller that writes to the copies
/// and archives of the service.
const RUNS: &[&str] = &[
    "statefulsets.apps",
    "deployments.apps",
    "services",
    "serviceaccounts",
    "configmaps",
    "secrets",
];

impl Set<'_> {
    /// The volumes alone, into the namespace that they come from: after the loss of the other
    /// region, or in place of what is damaged.
    pub(crate) fn volumes(&self) -> Vec<Planned> {
        let name = self.name("restore");
        let restore = Restore {
            meta: self.meta(&name, Some(&self.here.region.backup_namespace)),
            backup: self.ids.backup.to_owned(),
            namespace: self.here.service.namespace.to_string(),
            into: None,
            included: DATA.iter().map(|kind| (*kind).to_owned()).collect(),
            operation_timeout: restore_deadline(&self.here).go(),
            modifier: None,
        };
        self.lay("restore", vec![step(Kind::Restore, Values::Restore(Box::new(restore)))])
    }

    /// Everything of the service, into a namespace of the drill's own.
    pub(crate) fn drill_of_volumes(&self) -> Vec<Planned> {
        let namespace = Namespace::new(self.name("drill"));
        let velero = &self.here.region.backup_namespace;
        let modifier = self.here.service.logical(&format!("{}-drill", self.here.region.short));
        let restore = Restore {
            meta: self.meta(namespace.as_str(), Some(velero)),
            backup: self.ids.backup.to_owned(),
            namespace: self.here.service.namespace.to_string(),
            into: Some(namespace.to_string()),
            included: DATA.iter().chain(RUNS).map(|kind| (*kind).to_owned()).collect(),
            operation_timeout: restore_deadline(&self.here).go(),
            modifier: Some(modifier.clone()),
        };
        let mut modifier = self.meta(&modifier, Some(velero));
        // The same for every drill, as its content is.
        modifier.labels.remove(labels::DRILL);
        let data = Map::from([("modifiers.yaml".to_owned(), self.modifiers())]);
        let mut steps = vec![
            self.namespace(&namespace),
            self.closed(&namespace),
            self.quota(&namespace, drills::of_backups(&self.here)),
            step(Kind::ConfigMap, Values::ConfigMap { meta: modifier, data, binary: Map::new() }),
            step(Kind::Restore, Values::Restore(Box::new(restore))),
        ];
        steps.extend(self.verification(&namespace));
        self.lay("drill", steps)
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
}
