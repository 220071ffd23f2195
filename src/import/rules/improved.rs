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

/// Fields that what a spec promises says otherwise, for one reason.
struct Row {
    /// The kinds; none for all.
    kinds: &'static [&'static str],
    /// The paths, `[]` for an item; one that ends with `*` stands for all that begin so, and one that
    /// begins with `…` for all that end so.
    paths: &'static [&'static str],
    when: When,
    /// What the source gains.
    why: &'static str,
}

const ALL: &[&str] = &[];
const WORKLOADS: &[&str] = &["Deployment", "StatefulSet"];
const SELECTING: &[&str] = &["Deployment", "StatefulSet", "Service", "PodDisruptionBudget"];
const BUDGET: &[&str] = &["PodDisruptionBudget"];
const CLAIM: &[&str] = &["PersistentVolumeClaim"];
const SCALER: &[&str] = &["HorizontalPodAutoscaler"];

/// What makes pods of which a spec says what is in them.
const PODS: &[&str] = &["Deployment", "StatefulSet", "Job", "CronJob"];

pub(in crate::import) const CONTENT: &str = "a name that follows from the content: a change makes new pods, and a revert finds the old ones";
const OWN_VOLUME: &str = "a volume of the set's own: each replica has the one that it had before";
const CHOSEN: &str = "the namespace that was chosen for what has none of its own";
const PROBES: &str = "a spec says how long a start may take and how often is asked; what follows is the same for every service";
const VOLUMES: &str = "volumes are called by what they are";
const IN_WHOLE: &str = "in whole Ki";

const fn row(
    kinds: &'static [&'static str],
    paths: &'static [&'static str],
    when: When,
    why: &'static str,
) -> Row {
    Row { kinds, paths, when, why }
}

const IMPROVED: &[Row] = &[
    // who an object is
    row(
        ALL,
        &[
            "metadata.labels.app.kubernetes.io/managed-by",
            "…template.metadata.labels.app.kubernetes.io/managed-by",
        ],
        When::Always,
        "Ninefold writes it",
    ),
    row(
        ALL,
        &["…ninefold.dev/*", "metadata.annotations.checkov.io/*"],
        When::Always,
        "Ninefold writes it again",
    ),
    row(
        &["Job"],
        &["metadata.annotations.helm.sh/hook*", "metadata.annotations.argocd.argoproj.io/hook*"],
        When::Always,
        "`run` says when it runs",
    ),
    row(&["ConfigMap"], &["data.*"], When::Generated, "what Ninefold says of the region"),
    row(
        ALL,
        &["metadata.labels.pod-security.kubernetes.io/*"],
        When::Always,
        "the level that the services in it need",
    ),
    row(CLAIM, &["metadata*", "kind", "apiVersion"], When::Always, OWN_VOLUME),
    row(
        WORKLOADS,
        &["kind"],
        When::Always,
        "a set: its pods keep their names and volumes, and are never there twice",
    ),
    row(
        WORKLOADS,
        &["metadata.name"],
        When::Always,
        "a name that follows from what its pods are: a new generation stands beside the old one",
    ),
    row(
        ALL,
        &["metadata.name"],
        When::Always,
        "the name of the service, or one that follows from the content",
    ),
    row(ALL, &["metadata.namespace", "…subjects[].namespace"], When::Always, CHOSEN),
    row(
        SELECTING,
        &["spec.selector*"],
        When::Always,
        "the pods of this service and of one generation, so that two can stand side by side",
    ),
    // how it survives
    row(
        WORKLOADS,
        &["spec.replicas"],
        When::NotLess,
        "as many as are left when what the tier survives is lost",
    ),
    row(
        WORKLOADS,
        &[
            "spec.strategy*",
            "spec.updateStrategy*",
            "spec.minReadySeconds",
            "spec.template.spec.priorityClassName",
        ],
        When::Always,
        "the tier decides it",
    ),
    row(BUDGET, &["spec.minAvailable", "spec.maxUnavailable"], When::Always, "the tier decides it"),
    row(
        BUDGET,
        &["spec.unhealthyPodEvictionPolicy"],
        When::Always,
        "what is not ready never blocks a drain",
    ),
    row(
        WORKLOADS,
        &["spec.progressDeadlineSeconds"],
        When::Always,
        "it counts the longest start; the former generation serves meanwhile",
    ),
    row(
        WORKLOADS,
        &["spec.revisionHistoryLimit"],
        When::Always,
        "former generations stay until they are retired",
    ),
    row(
        WORKLOADS,
        &["spec.persistentVolumeClaimRetentionPolicy*"],
        When::Always,
        "volumes are never deleted with what uses them",
    ),
    row(
        WORKLOADS,
        &["spec.template.spec.topologySpreadConstraints*"],
        When::Always,
        "the tier decides how far replicas stand apart",
    ),
    row(
        WORKLOADS,
        &["spec.template.spec.terminationGracePeriodSeconds"],
        When::NotLess,
        "time to end what is in flight, after traffic has stopped",
    ),
    row(
        WORKLOADS,
        &["…lifecycle.preStop.sleep.seconds"],
        When::There,
        "the tier says how long a pod waits until nobody sends it requests",
    ),
    row(SCALER, &["apiVersion"], When::Always, "the version that says all metrics"),
    row(SCALER, &["spec.scaleTargetRef.name"], When::Always, CONTENT),
    row(SCALER, &["spec.targetCPUUtilizationPercentage"], When::Always, "one of `metrics`"),
    row(SCALER, &["spec.minReplicas"], When::NotLess, "what the tier needs for the peak"),
    row(SCALER, &["spec.maxReplicas"], When::NotLess, "room above what the tier needs"),
    // its containers
    row(
        ALL,
        &["…ainers[].image"],
        When::Pinned,
        "by digest: a tag may mean another image tomorrow",
    ),
    row(
        ALL,
        &["…ainers[].imagePullPolicy"],
        When::Pinned,
        "what is named by digest need not be pulled again",
    ),
    row(
        PODS,
        &["…Probe.periodSeconds", "…Probe.failureThreshold", "…Probe.successThreshold"],
        When::Always,
        PROBES,
    ),
    row(PODS, &["…Probe.timeoutSeconds"], When::NotLess, PROBES),
    row(
        PODS,
        &["…Probe.initialDelaySeconds"],
        When::Always,
        "a startup probe waits as long at worst, and no longer than it must",
    ),
    row(
        PODS,
        &["…securityContext.allowPrivilegeEscalation"],
        When::Always,
        "no process gets more rights than it began with",
    ),
    row(
        PODS,
        &["…securityContext.readOnlyRootFilesystem"],
        When::Always,
        "all containers of a pod are alike in this",
    ),
    row(
        PODS,
        &["…securityContext.seccompProfile*"],
        When::Always,
        "the profile that every namespace of services asks for",
    ),
    row(
        PODS,
        &["…resources.requests.cpu"],
        When::NotLess,
        "a container beside has a fourth of what it may use",
    ),
    row(
        PODS,
        &["…resources.requests.memory"],
        When::NotLess,
        "a container beside has what it may use, so that no full node takes it",
    ),
    row(
        PODS,
        &["…resources.requests.ephemeral-storage", "…resources.limits.ephemeral-storage"],
        When::NotLess,
        "what its folders may take",
    ),
    row(PODS, &["…resources.limits.cpu"], When::NotLess, "as much as the tier lets it burst"),
    row(PODS, &["…resources.limits.memory"], When::NotLess, IN_WHOLE),
    row(PODS, &["…ainers[].name"], When::There, "the container of a service is called `app`"),
    // what it is given
    row(PODS, &["…volumeMounts[].name"], When::There, VOLUMES),
    row(WORKLOADS, &["spec.template.spec.volumes[].name"], When::There, VOLUMES),
    row(
        WORKLOADS,
        &["spec.template.spec.volumes[].configMap.items*"],
        When::Always,
        "each file is mounted by itself",
    ),
    row(
        WORKLOADS,
        &["spec.template.spec.volumes[].persistentVolumeClaim*"],
        When::Always,
        OWN_VOLUME,
    ),
    row(
        ALL,
        &["…configMap.name", "…configMapKeyRef.name", "…configMapRef.name"],
        When::There,
        CONTENT,
    ),
    row(CLAIM, &["spec.resources.requests.storage"], When::NotLess, IN_WHOLE),
    row(
        &["Ingress"],
        &["spec.tls[].hosts[]"],
        When::Always,
        "each host of the service has its certificate",
    ),
];

/// Why what is emitted is better than what the source says, if it is.
pub(in crate::import) fn improved(
    kind: &str,
    path: &str,
    source: &Value,
    emitted: Option<&Value>,
) -> Option<&'static str> {
    let fits = |row: &&Row| {
        let of_kind = row.kinds.is_empty() || row.kinds.contains(&kind);
        of_kind && row.paths.iter().any(|pattern| matches(pattern, path))
    };
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
