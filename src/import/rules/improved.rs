//! Fields that what a spec promises says otherwise, and better.

use super::{GENERATED, matches};
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;

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
pub(in crate::import) const CONTENT: &str = "a name that follows from the content: a change makes new pods, and a revert finds the old ones";
const CLAIM: &str = "a volume of the set's own: each replica has the one that it had before";

const IMPROVED: &[Row] = &[
    row(&[], "metadata.labels.app.kubernetes.io/managed-by", When::Always, "Ninefold writes it"),
    row(
        &[],
        "…template.metadata.labels.app.kubernetes.io/managed-by",
        When::Always,
        "Ninefold writes it",
    ),
    row(&[], "…ninefold.dev/*", When::Always, "Ninefold writes it again"),
    row(&[], "metadata.annotations.checkov.io/*", When::Always, "Ninefold writes it again"),
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
    row(
        WORKLOADS,
        "…lifecycle.preStop.sleep.seconds",
        When::There,
        "the tier says how long a pod waits until nobody sends it requests",
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
pub(in crate::import) fn improved(
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
