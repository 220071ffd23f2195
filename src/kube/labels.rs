//! The labels and annotations that carry meaning.

/// The zone that a node is in (kubernetes.io, "Well-Known Labels, Annotations and Taints").
pub const ZONE: &str = "topology.kubernetes.io/zone";

/// The volumes of a pod with which nothing is lost, so that the cluster autoscaler may evict it.
pub const EVICTABLE: &str = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";

/// Keys under which a spec may say nothing: Ninefold, Kubernetes, Velero or an engine that delivers
/// selects, applies, orders or skips objects by them. One that ends with `/` stands for all that
/// begin so.
const TAKEN: &[&str] = &[
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/name",
    "apps.kubernetes.io/pod-index",
    "argocd.argoproj.io/hook",
    "argocd.argoproj.io/hook-delete-policy",
    "argocd.argoproj.io/sync-options",
    "argocd.argoproj.io/sync-wave",
    "argocd.argoproj.io/tracking-id",
    "backup.velero.io/",
    "checkov.io/skip1",
    "checkov.io/skip2",
    "checkov.io/skip3",
    "checkov.io/skip4",
    "checkov.io/skip5",
    "controller-revision-hash",
    "deployment.kubernetes.io/revision",
    "helm.sh/hook",
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubernetes.io/metadata.name",
    "kustomize.toolkit.fluxcd.io/",
    "ninefold.dev/",
    "pod-security.kubernetes.io/",
    "pod-template-hash",
    "post.hook.backup.velero.io/",
    "pre.hook.backup.velero.io/",
    "statefulset.kubernetes.io/pod-name",
    "velero.io/",
];

/// Whether a key of a label or an annotation is taken.
pub(crate) fn is_taken(key: &str) -> bool {
    let below_ours =
        key.split_once('/').is_some_and(|(domain, _)| domain.ends_with(".ninefold.dev"));
    let taken = |taken: &&str| match taken.strip_suffix('/') {
        Some(_) => key.starts_with(taken),
        None => key == *taken,
    };
    below_ours || TAKEN.iter().any(taken)
}

/// Whether a key of a label or an annotation of a namespace is taken: it has no name of a service.
pub(crate) fn is_taken_of_namespace(key: &str) -> bool {
    key != NAME && is_taken(key)
}

/// That an object is made anew, so that what is read once is written as if there had been none.
pub const MADE_ANEW: &str = "ninefold.dev/made-anew";

/// Which service an object belongs to. Selectors of Services and disruption budgets use it alone,
/// so that they cover every generation.
pub const SERVICE: &str = "ninefold.dev/service";

/// The label by which people and tools know whose pods these are (kubernetes.io, "Recommended
/// Labels").
pub const NAME: &str = "app.kubernetes.io/name";

/// Which region an object stands in.
pub const REGION: &str = "ninefold.dev/region";

/// Which tier the service of an object has.
pub const TIER: &str = "ninefold.dev/tier";

/// Which Schedule backs an object up, where that is none that all of its tier share.
pub const BACKUP: &str = "ninefold.dev/backup";

/// Which generation a pod belongs to. Selectors of workloads use it beside [`SERVICE`], so that no
/// workload ever selects the pods of another.
pub const GENERATION: &str = "ninefold.dev/generation";

/// How many replicas carry the peak: what must be left after a loss that the tier survives.
pub const PEAK: &str = "ninefold.dev/peak-replicas";

/// That one replica may write, and so none may run beside it.
pub const SINGLE_WRITER: &str = "ninefold.dev/single-writer";

/// That somebody else makes the ServiceAccount of an object's pods.
pub const SHARED_ACCOUNT: &str = "ninefold.dev/shared-account";

/// Which volume of its service a claim belongs to.
pub const VOLUME: &str = "ninefold.dev/volume";

/// Whose volumes a pod of VolSync's copies. No Service and no budget selects by it.
pub const MOVER: &str = "ninefold.dev/copies";

/// Whose job a pod works for. No Service and no budget selects by it.
pub const JOB_OF: &str = "ninefold.dev/job-of";

/// The release that a Job comes before.
pub const BEFORE: &str = "ninefold.dev/before";

/// The release whose jobs an object waits for, as delivery engines select by it.
pub const AFTER: &str = "ninefold.dev/after";

/// The value of both.
pub const RELEASE: &str = "release";

/// What a Job is that comes before pods, by its name: part of their template, so that another one
/// makes a new generation, which waits for it.
pub const JOB: &str = "job.ninefold.dev/";

/// Which drill an object belongs to. It stands beside no label that anything of the service selects.
pub const DRILL: &str = "ninefold.dev/drill";

/// That an autoscaler decides the number of replicas; part of the pod template. A Deployment that
/// loses `spec.replicas` in place is set to 1 by the API server, so turning an autoscaler on makes
/// a new one.
pub const AUTOSCALED: &str = "ninefold.dev/autoscaled";

/// How long one backup of a Schedule may hold a slot of Velero, as a Go duration: former Schedules
/// run on, and the queue counts them.
pub const SLOT: &str = "ninefold.dev/slot";

/// The annotation of an object of the user's own whose name others know; its only value is `stable`.
pub const NAMING: &str = "ninefold.dev/naming";
