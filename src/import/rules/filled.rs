//! Fields that a cluster fills in, and those that say nothing.

use super::matches;
use crate::import::object;
use crate::kube::defaults;
use crate::yaml::Value;

/// Fields that a cluster fills in, of any kind, by the patterns that `matches` reads.
const FILLED: &[(&str, &str)] = &[
    ("status", "the cluster says how it is"),
    ("status.*", "the cluster says how it is"),
    ("metadata.uid", "the cluster gives it"),
    ("metadata.resourceVersion", "the cluster counts it"),
    ("metadata.generation", "the cluster counts it"),
    ("metadata.creationTimestamp", "the cluster writes it"),
    ("metadata.deletionTimestamp", "the cluster writes it"),
    ("metadata.selfLink", "the cluster writes it"),
    ("metadata.managedFields*", "the cluster writes who wrote what"),
    ("metadata.ownerReferences*", "the cluster writes it"),
    ("metadata.finalizers*", "a controller adds it to what it looks after"),
    ("…template.metadata.creationTimestamp", "the cluster writes it"),
    ("…spec.serviceAccount", "the former name of `serviceAccountName`"),
    (
        "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
        "`kubectl apply` writes it",
    ),
    ("metadata.annotations.deployment.kubernetes.io/revision", "the cluster counts it"),
    ("metadata.annotations.deprecated.daemonset.template.generation", "the cluster counts it"),
    ("metadata.annotations.pv.kubernetes.io/*", "the cluster writes how a claim was bound"),
    ("metadata.annotations.volume.kubernetes.io/*", "the cluster writes how a claim was bound"),
    (
        "metadata.annotations.volume.beta.kubernetes.io/*",
        "the cluster writes how a claim was bound",
    ),
    ("metadata.annotations.meta.helm.sh/*", "Helm writes which of its releases it is of"),
    ("…metadata.annotations.kubectl.kubernetes.io/restartedAt", "somebody restarted it once"),
    ("metadata.labels.kubernetes.io/metadata.name", "the cluster writes it"),
];

/// The same of some kinds.
const FILLED_IN_KINDS: &[(&str, &str, &str)] = &[
    ("Service", "spec.clusterIPs*", "the cluster gives it"),
    ("Service", "spec.ipFamilies*", "the cluster has it so"),
    ("Service", "spec.ipFamilyPolicy", "the cluster has it so"),
    ("Service", "spec.healthCheckNodePort", "the cluster gives it"),
    ("Namespace", "spec.finalizers*", "the cluster adds it"),
    ("PersistentVolumeClaim", "spec.volumeName", "the cluster writes which volume it got"),
    ("ServiceAccount", "secrets*", "the cluster makes the token"),
    ("StatefulSet", "spec.volumeClaimTemplates[].status*", "the cluster says how a claim is"),
    ("Job", "spec.selector*", "the cluster makes it"),
    ("Job", "…controller-uid", "the cluster gives it"),
    ("Job", "…batch.kubernetes.io/job-name", "the cluster gives it"),
];

/// Why a leaf is nothing that a person wrote.
pub(in crate::import) fn filled_in(kind: &str, path: &str, value: &Value) -> Option<&'static str> {
    // An address that was given is a choice only where it is none.
    if kind == "Service" && path == "spec.clusterIP" && value.as_str() != Some("None") {
        return Some("the cluster gives it");
    }
    let of_kind =
        FILLED_IN_KINDS.iter().filter(|(of, ..)| *of == kind).map(|(_, path, why)| (path, why));
    let mut all = FILLED.iter().map(|(path, why)| (path, why)).chain(of_kind);
    all.find(|(pattern, _)| matches(pattern, path)).map(|(_, why)| *why)
}

/// Fields that mean something when they are empty: a folder, or all of what could be selected.
const MEANT: &[&str] =
    &["emptyDir", "labelSelector", "namespaceSelector", "podSelector", "selector"];

/// Whether a leaf says what the API server takes it for anyway, or nothing.
pub(in crate::import) fn says_nothing(path: &str, value: &Value) -> Option<&'static str> {
    if *value == Value::Null || matches!(value, Value::List(items) if items.is_empty()) {
        return Some("it says nothing");
    }
    if matches!(value, Value::Map(entries) if entries.is_empty()) {
        let last = path.rsplit('.').next().unwrap_or_default();
        return (!MEANT.contains(&last)).then_some("it says nothing");
    }
    let text = object::scalar(value)?;
    defaults::is_anyway(path, &text).then_some("what the API server takes it for anyway")
}
