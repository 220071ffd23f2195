//! What the API server takes a field for that is not written.

use super::Kind;
use super::schema;
use crate::yaml::{Value, read};

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
    ("template.snapshotMoveData", "false"),
    ("spec.useOwnerReferencesInBackup", "false"),
    ("spec.skipImmediately", "false"),
    ("ports[].hostPort", "0"),
    ("env[].value", ""),
    ("httpGet.path", "/"),
    ("stdinOnce", "false"),
    ("workingDir", ""),
    ("securityContext.runAsNonRoot", "false"),
    ("securityContext.readOnlyRootFilesystem", "false"),
    ("securityContext.procMount", "Default"),
    ("securityContext.fsGroupChangePolicy", "Always"),
    ("serviceAccountName", "default"),
    ("hostUsers", "true"),
    ("preemptionPolicy", "PreemptLowerPriority"),
    ("priorityClassName", ""),
    ("setHostnameAsFQDN", "false"),
    ("tolerations[].operator", "Equal"),
    ("topologySpreadConstraints[].nodeAffinityPolicy", "Honor"),
    ("topologySpreadConstraints[].nodeTaintsPolicy", "Ignore"),
    ("emptyDir.medium", ""),
    ("hostPath.type", ""),
    ("minReadySeconds", "0"),
    ("strategy.type", "RollingUpdate"),
    ("updateStrategy.type", "RollingUpdate"),
    ("ordinals.start", "0"),
    ("spec.serviceName", ""),
    ("persistentVolumeClaimRetentionPolicy.whenDeleted", "Retain"),
    ("persistentVolumeClaimRetentionPolicy.whenScaled", "Retain"),
    ("immutable", "false"),
    ("allowVolumeExpansion", "false"),
];

/// The same of one kind.
///
/// Sources, in Kubernetes: `pkg/apis/{autoscaling/v2,admissionregistration/v1,core/v1,apps/v1}/defaults.go`,
/// and the type of a field, where what is not written is its zero; the defaults in the CustomResourceDefinitions of CloudNativePG, of its Barman Cloud plugin, of the
/// Gateway API, of the Prometheus operator and of External Secrets; of what none of them says, the
/// documentation of the field.
const OF_KINDS: &[(&str, &str, &str)] = &[
    ("DaemonSet", "spec.updateStrategy.rollingUpdate.maxUnavailable", "1"),
    ("DaemonSet", "spec.updateStrategy.rollingUpdate.maxSurge", "0"),
    ("HorizontalPodAutoscaler", "spec.minReplicas", "1"),
    ("HorizontalPodAutoscaler", "spec.behavior.scaleDown.stabilizationWindowSeconds", "300"),
    ("HorizontalPodAutoscaler", "spec.behavior.scaleUp.stabilizationWindowSeconds", "0"),
    ("MutatingWebhookConfiguration", "webhooks[].failurePolicy", "Fail"),
    ("MutatingWebhookConfiguration", "webhooks[].matchPolicy", "Equivalent"),
    ("MutatingWebhookConfiguration", "webhooks[].reinvocationPolicy", "Never"),
    ("MutatingWebhookConfiguration", "webhooks[].rules[].scope", "*"),
    ("MutatingWebhookConfiguration", "webhooks[].timeoutSeconds", "10"),
    ("ValidatingWebhookConfiguration", "webhooks[].failurePolicy", "Fail"),
    ("ValidatingWebhookConfiguration", "webhooks[].matchPolicy", "Equivalent"),
    ("ValidatingWebhookConfiguration", "webhooks[].rules[].scope", "*"),
    ("ValidatingWebhookConfiguration", "webhooks[].timeoutSeconds", "10"),
    ("RoleBinding", "subjects[].apiGroup", ""),
    ("RoleBinding", "subjects[].apiGroup", "rbac.authorization.k8s.io"),
    ("ClusterRoleBinding", "subjects[].apiGroup", ""),
    ("ClusterRoleBinding", "subjects[].apiGroup", "rbac.authorization.k8s.io"),
    ("Secret", "type", "Opaque"),
    ("Service", "spec.clusterIP", ""),
    ("Service", "spec.healthCheckNodePort", "0"),
    ("Service", "spec.ipFamilyPolicy", "SingleStack"),
    ("Service", "spec.ports[].nodePort", "0"),
    ("Cluster", "spec.instances", "1"),
    ("Cluster", "spec.backup.target", "prefer-standby"),
    ("Cluster", "spec.enablePDB", "true"),
    ("Cluster", "spec.enableSuperuserAccess", "false"),
    ("Cluster", "spec.failoverDelay", "0"),
    ("Cluster", "spec.logLevel", "info"),
    ("Cluster", "spec.maxSyncReplicas", "0"),
    ("Cluster", "spec.minSyncReplicas", "0"),
    ("Cluster", "spec.monitoring.disableDefaultQueries", "false"),
    ("Cluster", "spec.monitoring.enablePodMonitor", "false"),
    ("Cluster", "spec.plugins[].enabled", "true"),
    ("Cluster", "spec.plugins[].isWALArchiver", "false"),
    ("Cluster", "spec.externalClusters[].plugin.enabled", "true"),
    ("Cluster", "spec.externalClusters[].plugin.isWALArchiver", "false"),
    ("Cluster", "spec.primaryUpdateMethod", "restart"),
    ("Cluster", "spec.primaryUpdateStrategy", "unsupervised"),
    ("Cluster", "spec.replicationSlots.highAvailability.enabled", "true"),
    ("Cluster", "spec.replicationSlots.updateInterval", "30"),
    ("Cluster", "spec.smartShutdownTimeout", "180"),
    ("Cluster", "spec.startDelay", "3600"),
    ("Cluster", "spec.stopDelay", "1800"),
    ("Cluster", "spec.switchoverDelay", "3600"),
    ("Cluster", "spec.storage.resizeInUseVolumes", "true"),
    ("Cluster", "spec.walStorage.resizeInUseVolumes", "true"),
    ("ScheduledBackup", "spec.backupOwnerReference", "none"),
    ("ScheduledBackup", "spec.method", "barmanObjectStore"),
    ("ScheduledBackup", "spec.immediate", "false"),
    ("ObjectStore", "spec.instanceSidecarConfiguration.logLevel", "info"),
    ("HTTPRoute", "spec.parentRefs[].group", "gateway.networking.k8s.io"),
    ("HTTPRoute", "spec.parentRefs[].kind", "Gateway"),
    ("HTTPRoute", "spec.rules[].backendRefs[].group", ""),
    ("HTTPRoute", "spec.rules[].backendRefs[].kind", "Service"),
    ("HTTPRoute", "spec.rules[].backendRefs[].weight", "1"),
    ("HTTPRoute", "spec.rules[].matches[].path.type", "PathPrefix"),
    ("HTTPRoute", "spec.rules[].matches[].path.value", "/"),
    ("HTTPRoute", "spec.rules[].matches[].headers[].type", "Exact"),
    ("ServiceMonitor", "spec.endpoints[].path", "/metrics"),
    ("ServiceMonitor", "spec.endpoints[].scheme", "http"),
    ("ServiceMonitor", "spec.endpoints[].honorLabels", "false"),
    ("ServiceMonitor", "spec.namespaceSelector.any", "false"),
    ("PodMonitor", "spec.podMetricsEndpoints[].path", "/metrics"),
    ("PodMonitor", "spec.podMetricsEndpoints[].scheme", "http"),
    ("PodMonitor", "spec.podMetricsEndpoints[].honorLabels", "false"),
    ("PodMonitor", "spec.namespaceSelector.any", "false"),
    ("PrometheusRule", "spec.groups[].rules[].for", "0s"),
    ("ExternalSecret", "spec.refreshInterval", "1h0m0s"),
    ("ExternalSecret", "spec.target.creationPolicy", "Owner"),
    ("ExternalSecret", "spec.target.deletionPolicy", "Retain"),
];

/// Maps of which an empty one is as good as none: protocol buffers, which the API server keeps, know no other
/// empty map of texts, and of these structures every field is optional. An empty selector is none of them.
const EMPTY: &[&str] = &[
    "affinity",
    "annotations",
    "backup",
    "behavior",
    "binaryData",
    "capabilities",
    "data",
    "dnsConfig",
    "hooks",
    "labels",
    "lifecycle",
    "limits",
    "matchLabels",
    "metadata",
    "nodeAffinity",
    "nodeSelector",
    "ordinals",
    "parameters",
    "persistentVolumeClaimRetentionPolicy",
    "podAffinity",
    "podAntiAffinity",
    "postgresql",
    "requests",
    "resources",
    "rollingUpdate",
    "scaleDown",
    "scaleUp",
    "securityContext",
    "strategy",
    "stringData",
    "updateStrategy",
];

/// Of these maps the keys are the user's.
const OF_USERS: &[&str] = &[
    "annotations",
    "binaryData",
    "data",
    "labels",
    "limits",
    "matchLabels",
    "nodeSelector",
    "parameters",
    "requests",
    "stringData",
];

/// Lists that are taken for this where they are not written (Kubernetes
/// `pkg/apis/autoscaling/v2/defaults.go`; the CustomResourceDefinition of the Gateway API).
const USUAL: &[(&str, &str, &str)] = &[
    (
        "HorizontalPodAutoscaler",
        "spec.metrics",
        "[{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]",
    ),
    ("HTTPRoute", "spec.rules[].matches", "[{path: {type: PathPrefix, value: /}}]"),
];

/// Lists of a Velero backup of which `*` alone, none and an empty one are the same: everything. Of resources
/// of the cluster, none are those that go with the rest (velero
/// `pkg/apis/velero/v1/backup_types.go`, `pkg/util/collections/includes_excludes.go`).
const EVERYTHING: &[&str] =
    &["includedNamespaces", "includedResources", "includedNamespaceScopedResources"];

/// Kinds that have these lists.
const BACKUPS: &[&str] = &["Schedule", "Backup", "Restore"];

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

/// Whether a kind is one whose fields are known here.
fn is_known(kind: &str) -> bool {
    let own = || schema::KNOWN.called(kind).is_some();
    let of_table = || OF_KINDS.iter().any(|(of, ..)| *of == kind);
    Kind::named(kind).is_some()
        || OTHERS.contains(&kind)
        || BACKUPS.contains(&kind)
        || of_table()
        || own()
}

/// Whether it makes no difference to an object of a kind that a field says this.
pub fn says_nothing(kind: &str, path: &str, value: &str) -> bool {
    let number = || NUMBERS.iter().any(|(end, default)| ends(path, end) && value == *default);
    let own = || OF_KINDS.contains(&(kind, path, value));
    is_known(kind) && (is_anyway(path, value) || number() || own())
}

/// Whether a field of an object of a kind might as well not be written: it is empty, or says what it is taken
/// for anyway. The API server keeps built-in kinds as protocol buffers, in which a list that is empty is not
/// there.
pub fn is_nothing(kind: &str, path: &str, value: &Value) -> bool {
    if !is_known(kind) {
        return false;
    }
    match value {
        Value::Null => true,
        Value::List(items) => items.is_empty() || is_usual(kind, path, items),
        Value::Map(entries) => {
            let of_entry = |(key, value): &(String, Value)| {
                let below = format!("{path}.{key}");
                !OF_USERS.iter().any(|map| ends(path, map)) && is_nothing(kind, &below, value)
            };
            may_be_empty(kind, path) && entries.iter().all(of_entry)
        }
        Value::String(text) => says_nothing(kind, path, text),
        Value::Int(number) => says_nothing(kind, path, &number.to_string()),
        Value::Bool(on) => says_nothing(kind, path, &on.to_string()),
        Value::Float(_) => false,
    }
}

fn may_be_empty(kind: &str, path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default();
    match kind {
        // What such a policy speaks of, an empty selector selects as none does: every pod.
        "NetworkPolicy" if path == "spec.podSelector" => true,
        "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration"
            if ["namespaceSelector", "objectSelector"].contains(&last) =>
        {
            true
        }
        _ => EMPTY.contains(&last),
    }
}

/// Whether a list is what it is taken for where it is not written.
fn is_usual(kind: &str, path: &str, items: &[Value]) -> bool {
    let mut usual = USUAL.iter().filter(|(of, at, _)| (*of, *at) == (kind, path));
    usual.any(|(.., text)| {
        let (wanted, mut written) = (read::document(text), Value::List(items.to_vec()));
        written.sort();
        wanted.is_ok_and(|mut wanted| {
            wanted.sort();
            wanted == written
        })
    })
}

/// Whether a list of an object of a kind takes everything: where it is not written, it does.
pub fn is_everything(kind: &str, path: &str, value: Option<&Value>) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default();
    let all = match value {
        None | Some(Value::Null) => true,
        Some(Value::List(items)) => match items.as_slice() {
            [] => true,
            [one] => one.as_str() == Some("*"),
            _ => false,
        },
        Some(_) => false,
    };
    all && BACKUPS.contains(&kind) && EVERYTHING.contains(&last)
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
    fn empty_says_nothing_where_it_selects_nothing() {
        let empty = |kind: &str, path: &str, text: &str| {
            is_nothing(kind, path, &crate::yaml::read::document(text).unwrap())
        };
        assert!(empty("NetworkPolicy", "spec.ingress[].from", "[]"));
        assert!(empty("NetworkPolicy", "spec.podSelector", "{}"));
        assert!(!empty("NetworkPolicy", "spec.ingress[].from[].podSelector", "{}"));
        assert!(!empty("PodDisruptionBudget", "spec.selector", "{}"));
        assert!(empty("Deployment", "spec.template.metadata.annotations", "{}"));
        assert!(!empty("Deployment", "spec.template.spec.volumes[].emptyDir", "{}"));
        assert!(empty("Role", "rules[].resourceNames", "[]"));
        assert!(!empty("Thing", "spec.list", "[]"));
        assert!(!empty("Role", "rules[].resourceNames", "[a]"));
    }

    #[test]
    fn everything_has_three_spellings() {
        let all = |path: &str, text: &str| {
            is_everything("Schedule", path, Some(&crate::yaml::read::document(text).unwrap()))
        };
        let namespaces = "spec.template.includedNamespaces";
        assert!(all(namespaces, "['*']") && all(namespaces, "[]"));
        assert!(is_everything("Schedule", namespaces, None));
        assert!(!all(namespaces, "[shop]") && !all(namespaces, "['*', shop]"));
        assert!(!all("spec.template.includedClusterScopedResources", "['*']"));
        assert!(!is_everything("Role", namespaces, None));
    }

    #[test]
    fn only_the_servers_own_fields_are_filled_in() {
        assert!(is_filled_in("metadata.uid") && is_filled_in("status"));
        assert!(is_filled_in("spec.template.metadata.creationTimestamp"));
        assert!(!is_filled_in("spec.metadata.uid") && !is_filled_in("spec.status"));
    }
}
