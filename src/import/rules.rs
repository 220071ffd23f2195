//! Why a leaf of a source is not in what is emitted, or is another one there: two tables.

use super::object;
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;

/// Variables that every service has.
pub(super) const GENERATED: &[&str] = &["CLUSTER", "GEOGRAPHY", "REGION", "REGION_ROLE", "ZONES"];

/// When a row of [`IMPROVED`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// Whatever is emitted.
    Always,
    /// What is emitted is as much, or more.
    NotLess,
    /// It is emitted with a digest.
    Pinned,
    /// It is one of the variables that every service has.
    Generated,
    /// Something is emitted in its place.
    There,
}

/// A field that what a spec promises says otherwise.
struct Row {
    /// The kinds; none for all.
    kinds: &'static [&'static str],
    /// The path, `[]` for an item; one that ends with `*` stands for all that begin so, and one that
    /// begins with `…` for all that end so.
    path: &'static str,
    when: When,
    /// What the source gains.
    why: &'static str,
}

const WORKLOADS: &[&str] = &["Deployment", "StatefulSet"];

/// What makes pods of which a spec says what is in them.
const PODS: &[&str] = &["Deployment", "StatefulSet", "Job", "CronJob"];

const fn row(
    kinds: &'static [&'static str],
    path: &'static str,
    when: When,
    why: &'static str,
) -> Row {
    Row { kinds, path, when, why }
}

const SELECTS: &str =
    "the pods of this service and of one generation, so that two can stand side by side";
const RUN: &str = "`run` says when it runs";
const TIER: &str = "the tier decides it";
const PROBES: &str = "a spec says how long a start may take and how often is asked; what follows is the same for every service";
const VOLUMES: &str = "volumes are called by what they are";
const CONTENT: &str = "a name that follows from the content: a change makes new pods, and a revert finds the old ones";
const CLAIM: &str = "a volume of the set's own: each replica has the one that it had before";

const IMPROVED: &[Row] = &[
    row(&[], "metadata.labels.app.kubernetes.io/managed-by", When::Always, "Ninefold writes it"),
    row(
        &[],
        "…template.metadata.labels.app.kubernetes.io/managed-by",
        When::Always,
        "Ninefold writes it",
    ),
    row(&[], "…ninefold.dev/*", When::Always, "Ninefold writes it anew"),
    row(&[], "metadata.annotations.checkov.io/*", When::Always, "Ninefold writes it anew"),
    row(&["Job"], "metadata.annotations.helm.sh/hook*", When::Always, RUN),
    row(&["Job"], "metadata.annotations.argocd.argoproj.io/hook*", When::Always, RUN),
    row(&["ConfigMap"], "data.*", When::Generated, "what Ninefold says of the region"),
    row(
        &[],
        "metadata.labels.pod-security.kubernetes.io/*",
        When::Always,
        "the level that the services in it need",
    ),
    row(
        WORKLOADS,
        "kind",
        When::Always,
        "a set: its pods keep their names and volumes, and are never there twice",
    ),
    row(
        WORKLOADS,
        "metadata.name",
        When::Always,
        "a name that follows from what its pods are: a new generation stands beside the old one",
    ),
    row(
        &[],
        "metadata.name",
        When::Always,
        "the name of the service, or one that follows from the content",
    ),
    row(
        &[],
        "metadata.namespace",
        When::Always,
        "the namespace that was chosen for what has none of its own",
    ),
    row(
        WORKLOADS,
        "spec.replicas",
        When::NotLess,
        "as many as are left when what the tier survives is lost",
    ),
    row(WORKLOADS, "spec.strategy*", When::Always, TIER),
    row(WORKLOADS, "spec.updateStrategy*", When::Always, TIER),
    row(WORKLOADS, "spec.minReadySeconds", When::Always, TIER),
    row(
        WORKLOADS,
        "spec.progressDeadlineSeconds",
        When::Always,
        "it counts the longest start; the former generation serves meanwhile",
    ),
    row(
        WORKLOADS,
        "spec.revisionHistoryLimit",
        When::Always,
        "former generations stay until they are retired",
    ),
    row(
        WORKLOADS,
        "spec.persistentVolumeClaimRetentionPolicy*",
        When::Always,
        "volumes are never deleted with what uses them",
    ),
    row(WORKLOADS, "spec.selector*", When::Always, SELECTS),
    row(&["Service", "PodDisruptionBudget"], "spec.selector*", When::Always, SELECTS),
    row(WORKLOADS, "spec.template.spec.priorityClassName", When::Always, TIER),
    row(
        WORKLOADS,
        "spec.template.spec.topologySpreadConstraints*",
        When::Always,
        "the tier decides how far replicas stand apart",
    ),
    row(
        WORKLOADS,
        "spec.template.spec.terminationGracePeriodSeconds",
        When::NotLess,
        "time to end what is in flight, after traffic has stopped",
    ),
    row(&[], "…ainers[].image", When::Pinned, "by digest: a tag may mean another image tomorrow"),
    row(
        &[],
        "…ainers[].imagePullPolicy",
        When::Pinned,
        "what is named by digest need not be pulled again",
    ),
    row(PODS, "…Probe.periodSeconds", When::Always, PROBES),
    row(PODS, "…Probe.failureThreshold", When::Always, PROBES),
    row(PODS, "…Probe.timeoutSeconds", When::NotLess, PROBES),
    row(
        PODS,
        "…Probe.initialDelaySeconds",
        When::Always,
        "a startup probe waits as long at worst, and no longer than it must",
    ),
    row(PODS, "…Probe.successThreshold", When::Always, PROBES),
    row(
        PODS,
        "…securityContext.allowPrivilegeEscalation",
        When::Always,
        "no process gets more rights than it began with",
    ),
    row(
        PODS,
        "…securityContext.readOnlyRootFilesystem",
        When::Always,
        "all containers of a pod are alike in this",
    ),
    row(
        PODS,
        "…securityContext.seccompProfile*",
        When::Always,
        "the profile that every namespace of services asks for",
    ),
    row(
        PODS,
        "…resources.requests.cpu",
        When::NotLess,
        "a container beside has a fourth of what it may use",
    ),
    row(
        PODS,
        "…resources.requests.memory",
        When::NotLess,
        "a container beside has what it may use, so that no full node takes it",
    ),
    row(PODS, "…resources.requests.ephemeral-storage", When::NotLess, "what its folders may take"),
    row(PODS, "…resources.limits.cpu", When::NotLess, "as much as the tier lets it burst"),
    row(PODS, "…resources.limits.memory", When::NotLess, "in whole Ki"),
    row(PODS, "…resources.limits.ephemeral-storage", When::NotLess, "what its folders may take"),
    row(PODS, "…ainers[].name", When::There, "the container of a service is called `app`"),
    row(PODS, "…volumeMounts[].name", When::There, VOLUMES),
    row(WORKLOADS, "spec.template.spec.volumes[].name", When::There, VOLUMES),
    row(WORKLOADS, "spec.template.spec.volumes[].configMap.name", When::There, CONTENT),
    row(
        WORKLOADS,
        "spec.template.spec.volumes[].configMap.items*",
        When::Always,
        "each file is mounted by itself",
    ),
    row(WORKLOADS, "spec.template.spec.volumes[].persistentVolumeClaim*", When::Always, CLAIM),
    row(
        WORKLOADS,
        "spec.template.spec.serviceAccountName",
        When::Always,
        "an account of its own, with the same rights: nobody else gets what it gets",
    ),
    row(&[], "…configMap.name", When::There, CONTENT),
    row(
        &[],
        "…subjects[].namespace",
        When::Always,
        "the namespace that was chosen for what has none of its own",
    ),
    row(
        &["Ingress"],
        "spec.tls[].hosts[]",
        When::Always,
        "each host of the service has its certificate",
    ),
    row(
        &["HorizontalPodAutoscaler"],
        "apiVersion",
        When::Always,
        "the version that says all metrics",
    ),
    row(&["HorizontalPodAutoscaler"], "spec.scaleTargetRef.name", When::Always, CONTENT),
    row(&[], "…configMapKeyRef.name", When::There, CONTENT),
    row(&[], "…configMapRef.name", When::There, CONTENT),
    row(
        &["HorizontalPodAutoscaler"],
        "spec.targetCPUUtilizationPercentage",
        When::Always,
        "one of `metrics`",
    ),
    row(
        &["HorizontalPodAutoscaler"],
        "spec.minReplicas",
        When::NotLess,
        "what the tier needs for the peak",
    ),
    row(
        &["HorizontalPodAutoscaler"],
        "spec.maxReplicas",
        When::NotLess,
        "room above what the tier needs",
    ),
    row(&["PodDisruptionBudget"], "spec.minAvailable", When::Always, TIER),
    row(&["PodDisruptionBudget"], "spec.maxUnavailable", When::Always, TIER),
    row(
        &["PodDisruptionBudget"],
        "spec.unhealthyPodEvictionPolicy",
        When::Always,
        "what is not ready never blocks a drain",
    ),
    row(&["PersistentVolumeClaim"], "metadata*", When::Always, CLAIM),
    row(&["PersistentVolumeClaim"], "kind", When::Always, CLAIM),
    row(&["PersistentVolumeClaim"], "apiVersion", When::Always, CLAIM),
    row(
        &["PersistentVolumeClaim"],
        "spec.resources.requests.storage",
        When::NotLess,
        "in whole Ki",
    ),
];

/// Why what is emitted is better than what the source says, if it is.
pub(super) fn improved(
    kind: &str,
    path: &str,
    source: &Value,
    emitted: Option<&Value>,
) -> Option<&'static str> {
    let fits =
        |row: &&Row| (row.kinds.is_empty() || row.kinds.contains(&kind)) && matches(row.path, path);
    let mut rows = IMPROVED.iter().filter(fits);
    rows.find(|row| holds(row.when, path, source, emitted)).map(|row| row.why)
}

fn holds(when: When, path: &str, source: &Value, emitted: Option<&Value>) -> bool {
    let amount = |value: &Value| Quantity::of(value).and_then(Quantity::thousandths);
    match when {
        When::Always => true,
        When::Pinned | When::There => emitted.is_some(),
        When::Generated => path.strip_prefix("data.").is_some_and(|name| GENERATED.contains(&name)),
        When::NotLess => emitted.and_then(amount).is_some_and(|new| Some(new) >= amount(source)),
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let (from_end, pattern) =
        pattern.strip_prefix('…').map_or((false, pattern), |rest| (true, rest));
    match (pattern.strip_suffix('*'), from_end) {
        (Some(start), false) => path.starts_with(start),
        (Some(inner), true) => path.contains(inner),
        (None, true) => path.ends_with(pattern),
        (None, false) => path == pattern,
    }
}

/// Fields that a cluster fills in, of any kind; in the form of [`Row::path`].
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
    ("Job", "spec.selector*", "the cluster makes it"),
    ("Job", "…controller-uid", "the cluster gives it"),
    ("Job", "…batch.kubernetes.io/job-name", "the cluster gives it"),
];

/// Why a leaf is nothing that a person wrote.
pub(super) fn filled_in(kind: &str, path: &str, value: &Value) -> Option<&'static str> {
    // An address that was given is a choice only where it is none.
    if kind == "Service" && path == "spec.clusterIP" && value.as_str() != Some("None") {
        return Some("the cluster gives it");
    }
    let of_kind =
        FILLED_IN_KINDS.iter().filter(|(of, ..)| *of == kind).map(|(_, path, why)| (path, why));
    let mut all = FILLED.iter().map(|(path, why)| (path, why)).chain(of_kind);
    all.find(|(pattern, _)| matches(pattern, path)).map(|(_, why)| *why)
}

/// What the API server takes a field for that is not written: the end of its path, and the value.
const DEFAULTS: &[(&str, &str)] = &[
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

/// Whether a leaf says what the API server takes it for anyway, or nothing.
pub(super) fn says_nothing(path: &str, value: &Value) -> Option<&'static str> {
    if *value == Value::Null || matches!(value, Value::List(items) if items.is_empty()) {
        return Some("it says nothing");
    }
    if matches!(value, Value::Map(entries) if entries.is_empty()) {
        return Some("it says nothing");
    }
    let text = object::scalar(value)?;
    let ends =
        |end: &str| path == end || path.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    let default = DEFAULTS.iter().any(|(end, default)| ends(end) && text == *default);
    default.then_some("what the API server takes it for anyway")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_less_is_no_improvement() {
        let value = |number| Value::Int(number);
        let replicas = |source, emitted| {
            improved("Deployment", "spec.replicas", &value(source), Some(&value(emitted)))
        };
        assert!(replicas(2, 3).is_some());
        assert_eq!(replicas(3, 2), None);
        assert_eq!(
            improved("Deployment", "spec.template.spec.hostAliases[].ip", &value(1), None),
            None
        );
    }

    #[test]
    fn what_a_cluster_fills_in_is_told_from_what_a_person_wrote() {
        let text = |text: &str| Value::String(text.to_owned());
        assert!(filled_in("Service", "spec.clusterIP", &text("10.0.0.1")).is_some());
        assert_eq!(filled_in("Service", "spec.clusterIP", &text("None")), None);
        assert!(says_nothing("spec.template.spec.dnsPolicy", &text("ClusterFirst")).is_some());
        assert_eq!(says_nothing("spec.template.spec.dnsPolicy", &text("Default")), None);
        assert_eq!(says_nothing("spec.podType", &text("ClusterIP")), None);
    }
}
