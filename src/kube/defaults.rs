//! What the API server takes a field for that is not written.

use super::Kind;

/// The end of a path, and the value, wherever it stands in an object with pods, ports or volumes.
///
/// Sources, in Kubernetes: `pkg/apis/core/v1/defaults.go`, `pkg/apis/apps/v1/defaults.go`,
/// `pkg/apis/batch/v1/defaults.go`, `pkg/apis/storage/v1/defaults.go`; what a boolean is that nobody sets.
const ANYWHERE: &[(&str, &str)] = &[
    ("terminationMessagePath", "/dev/termination-log"),
    ("terminationMessagePolicy", "File"),
    ("imagePullPolicy", "IfNotPresent"),
    ("dnsPolicy", "ClusterFirst"),
    ("restartPolicy", "Always"),
    ("schedulerName", "default-scheduler"),
    ("successThreshold", "1"),
    ("scheme", "HTTP"),
    ("protocol", "TCP"),
    ("fieldRef.apiVersion", "v1"),
    ("divisor", "0"),
    ("defaultMode", "420"),
    ("optional", "false"),
    ("readOnly", "false"),
    ("hostNetwork", "false"),
    ("hostPID", "false"),
    ("hostIPC", "false"),
    ("stdin", "false"),
    ("tty", "false"),
    ("shareProcessNamespace", "false"),
    ("enableServiceLinks", "true"),
    ("automountServiceAccountToken", "true"),
    ("volumeMode", "Filesystem"),
    ("initialDelaySeconds", "0"),
    ("privileged", "false"),
    ("sessionAffinity", "None"),
    ("internalTrafficPolicy", "Cluster"),
    ("externalTrafficPolicy", "Cluster"),
    ("allocateLoadBalancerNodePorts", "true"),
    ("publishNotReadyAddresses", "false"),
    ("paused", "false"),
    ("suspend", "false"),
    ("spec.type", "ClusterIP"),
    ("grpc.service", ""),
    ("podManagementPolicy", "OrderedReady"),
    ("volumeClaimTemplates[].apiVersion", "v1"),
    ("volumeClaimTemplates[].kind", "PersistentVolumeClaim"),
];

/// The same of numbers, which somebody else may have chosen for what runs.
const NUMBERS: &[(&str, &str)] = &[
    ("terminationGracePeriodSeconds", "30"),
    ("livenessProbe.timeoutSeconds", "1"),
    ("livenessProbe.periodSeconds", "10"),
    ("livenessProbe.failureThreshold", "3"),
    ("readinessProbe.timeoutSeconds", "1"),
    ("readinessProbe.periodSeconds", "10"),
    ("readinessProbe.failureThreshold", "3"),
    ("startupProbe.timeoutSeconds", "1"),
    ("startupProbe.periodSeconds", "10"),
    ("startupProbe.failureThreshold", "3"),
    ("progressDeadlineSeconds", "600"),
    ("revisionHistoryLimit", "10"),
    ("rollingUpdate.maxSurge", "25%"),
    ("rollingUpdate.maxUnavailable", "25%"),
    ("rollingUpdate.partition", "0"),
    ("backoffLimit", "6"),
    ("completionMode", "NonIndexed"),
    ("concurrencyPolicy", "Allow"),
    ("successfulJobsHistoryLimit", "3"),
    ("failedJobsHistoryLimit", "1"),
    ("reclaimPolicy", "Delete"),
    ("volumeBindingMode", "Immediate"),
    ("accessMode", "ReadWrite"),
    ("template.snapshotVolumes", "true"),
];

/// Fields that the API server writes by itself, or keeps for it.
const FILLED: &[&str] = &[
    "status",
    "metadata.uid",
    "metadata.resourceVersion",
    "metadata.generation",
    "metadata.creationTimestamp",
    "metadata.selfLink",
    "metadata.managedFields",
    "template.metadata.creationTimestamp",
    "volumeClaimTemplates[].status",
    "volumeClaimTemplates[].metadata.creationTimestamp",
];

/// Kinds that have such fields, beside those that are emitted.
const OTHERS: &[&str] = &["DaemonSet", "PersistentVolume", "Pod", "ReplicaSet", "StorageClass"];

fn ends(path: &str, end: &str) -> bool {
    path == end || path.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether a field that is not written is taken for this value, in any object.
pub fn is_anyway(path: &str, value: &str) -> bool {
    ANYWHERE.iter().any(|(end, default)| ends(path, end) && value == *default)
}

/// Whether it makes no difference to an object of a kind that a field says this.
pub fn says_nothing(kind: &str, path: &str, value: &str) -> bool {
    let known = Kind::named(kind).is_some() || OTHERS.contains(&kind);
    let number = || NUMBERS.iter().any(|(end, default)| ends(path, end) && value == *default);
    known && (is_anyway(path, value) || number())
}

/// Whether a field is the API server's own.
pub fn is_filled_in(path: &str) -> bool {
    let top = |field: &str| path == field;
    FILLED.iter().any(|field| match field.starts_with("status") || field.starts_with("metadata") {
        true => top(field),
        false => ends(path, field),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_says_nothing_and_another_value_does() {
        let pod = "spec.template.spec.dnsPolicy";
        assert!(says_nothing("Deployment", pod, "ClusterFirst"));
        assert!(!says_nothing("Deployment", pod, "Default"));
        assert!(!says_nothing("Thing", pod, "ClusterFirst"));
        assert!(!says_nothing("Deployment", "spec.podType", "ClusterIP"));
        assert!(says_nothing(
            "StatefulSet",
            "spec.volumeClaimTemplates[].spec.volumeMode",
            "Filesystem"
        ));
    }

    #[test]
    fn only_the_servers_own_fields_are_filled_in() {
        assert!(is_filled_in("metadata.uid") && is_filled_in("status"));
        assert!(is_filled_in("spec.template.metadata.creationTimestamp"));
        assert!(!is_filled_in("spec.metadata.uid") && !is_filled_in("spec.status"));
    }
}
