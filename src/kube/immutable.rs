//! Which fields nobody can change under a name that stays: the API server refuses the object.

/// What cannot change in the objects of one kind.
#[derive(Debug)]
pub struct Row {
    /// The kind.
    pub kind: &'static str,
    /// What is fixed.
    pub fixed: Fixed,
    /// What must be true of the old object for it: a path and its value.
    pub when: Option<(&'static [&'static str], &'static str)>,
}

/// What is fixed.
#[derive(Debug)]
pub enum Fixed {
    /// The field at this path; what the API server writes where it is left out, if it is the same
    /// for every object.
    Field(&'static [&'static str], Option<&'static str>),
    /// Everything below this path but these fields.
    AllBut(&'static [&'static str], &'static [&'static str]),
}

use Fixed::{AllBut, Field};

/// The table.
///
/// Sources, in Kubernetes: `pkg/apis/apps/validation` (Deployment, ReplicaSet, DaemonSet,
/// `ValidateStatefulSetUpdate`), `pkg/apis/batch/validation` (`validateJobSpecUpdate`),
/// `pkg/apis/core/validation` (claims, volumes, Secrets, ConfigMaps, Services),
/// `pkg/apis/storage/validation`, `pkg/apis/rbac/validation`, `pkg/apis/scheduling/validation`,
/// `pkg/apis/networking/validation`; of CloudNativePG, cloudnative-pg#10743.
pub const ROWS: &[Row] = &[
    row("Deployment", Field(&["spec", "selector"], None)),
    row("ReplicaSet", Field(&["spec", "selector"], None)),
    row("DaemonSet", Field(&["spec", "selector"], None)),
    row(
        "StatefulSet",
        AllBut(
            &["spec"],
            &[
                "replicas",
                "ordinals",
                "template",
                "updateStrategy",
                "revisionHistoryLimit",
                "persistentVolumeClaimRetentionPolicy",
                "minReadySeconds",
                // Below, as it has a value that is the same for every object.
                "podManagementPolicy",
            ],
        ),
    ),
    row("StatefulSet", Field(&["spec", "podManagementPolicy"], Some("OrderedReady"))),
    row("Job", Field(&["spec", "selector"], None)),
    row("Job", Field(&["spec", "template"], None)),
    row("Job", Field(&["spec", "completionMode"], Some("NonIndexed"))),
    row("Job", Field(&["spec", "podFailurePolicy"], None)),
    row("Job", Field(&["spec", "successPolicy"], None)),
    row("Job", Field(&["spec", "backoffLimitPerIndex"], None)),
    row("Job", Field(&["spec", "managedBy"], None)),
    Row {
        kind: "Job",
        fixed: Field(&["spec", "completions"], None),
        when: Some((&["spec", "completionMode"], "NonIndexed")),
    },
    row(
        "PersistentVolumeClaim",
        AllBut(&["spec"], &["resources", "volumeAttributesClassName", "volumeMode"]),
    ),
    row("PersistentVolumeClaim", Field(&["spec", "volumeMode"], Some("Filesystem"))),
    row(
        "PersistentVolume",
        AllBut(
            &["spec"],
            &[
                "capacity",
                "accessModes",
                "claimRef",
                "persistentVolumeReclaimPolicy",
                "storageClassName",
                "mountOptions",
                "volumeAttributesClassName",
                "nodeAffinity",
                "volumeMode",
            ],
        ),
    ),
    row("PersistentVolume", Field(&["spec", "volumeMode"], Some("Filesystem"))),
    row("Secret", Field(&["type"], Some("Opaque"))),
    Row { kind: "Secret", fixed: Field(&["data"], None), when: FROZEN },
    Row { kind: "Secret", fixed: Field(&["stringData"], None), when: FROZEN },
    Row { kind: "Secret", fixed: Field(&["immutable"], None), when: FROZEN },
    Row { kind: "ConfigMap", fixed: Field(&["data"], None), when: FROZEN },
    Row { kind: "ConfigMap", fixed: Field(&["binaryData"], None), when: FROZEN },
    Row { kind: "ConfigMap", fixed: Field(&["immutable"], None), when: FROZEN },
    row("StorageClass", Field(&["provisioner"], None)),
    row("StorageClass", Field(&["parameters"], None)),
    row("StorageClass", Field(&["reclaimPolicy"], Some("Delete"))),
    row("StorageClass", Field(&["volumeBindingMode"], Some("Immediate"))),
    row("RoleBinding", Field(&["roleRef"], None)),
    row("ClusterRoleBinding", Field(&["roleRef"], None)),
    row("ScheduledBackup", Field(&["spec", "cluster"], None)),
    row("PriorityClass", Field(&["value"], None)),
    row("PriorityClass", Field(&["preemptionPolicy"], Some("PreemptLowerPriority"))),
    row("IngressClass", Field(&["spec", "controller"], None)),
    row("Service", Field(&["spec", "clusterIP"], None)),
    Row {
        kind: "Service",
        fixed: Field(&["spec", "healthCheckNodePort"], None),
        when: Some((&["spec", "externalTrafficPolicy"], "Local")),
    },
];

/// Of a Secret or ConfigMap that says that nothing in it changes.
const FROZEN: Option<(&[&str], &str)> = Some((&["immutable"], "true"));

const fn row(kind: &'static str, fixed: Fixed) -> Row {
    Row { kind, fixed, when: None }
}

/// What cannot change in objects of the kind called `name`.
pub fn of(name: &str) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.kind == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_field_is_told_twice() {
        let mut seen = BTreeSet::new();
        for row in ROWS {
            let path = match &row.fixed {
                Field(path, _) | AllBut(path, _) => path,
            };
            assert!(!path.is_empty() && seen.insert((row.kind, path)), "{} {path:?}", row.kind);
        }
    }
}
