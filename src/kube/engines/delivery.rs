//! What delivers the tree to the clusters, one literal each.
//!
//! Sources: Argo CD `docs/user-guide/{sync-waves,sync-options}.md`, `manifests/install.yaml`; Flux
//! `kustomize-controller` `docs/spec/v1/kustomizations.md`, `manifests/install/kustomization.yaml`.

use crate::kube::labels;

/// What is true of an engine that delivers.
#[derive(Debug)]
pub struct Row {
    /// As it is written in the fleet.
    pub word: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The keys of `[delivery]` that mean something to it, beside `engine`.
    pub keys: &'static [&'static str],
    /// What makes it deliver, where `[delivery]` says where the tree is.
    pub installed: Installed,
    /// Its namespace, where it is set up as its own manifests and its Helm chart do it; empty for one
    /// that runs in no cluster.
    pub namespace: &'static str,
    /// The pods that deliver, where it is set up so: their namespace, and the label of each.
    pub agents: &'static [(&'static str, &'static str)],
    /// Whether it may write the object as it was last applied into an annotation of the object.
    pub last_applied: bool,
    /// Whether it reads addresses like `git@host:path`.
    pub reads_scp: bool,
    /// What to do with the credential of a repository.
    pub credential: &'static str,
    /// The annotation that has it apply objects in waves, and the wave after those of all kinds; none
    /// where it applies everything at once.
    pub wave: Option<(&'static str, &'static str)>,
    /// What a Job is annotated with that ends before the pods of a release start. Engines that have none
    /// order what they deliver by objects of their own, or in a script.
    pub before_pods: &'static [(&'static str, &'static str)],
    /// What an object is annotated with that such a Job needs, although it comes with the pods otherwise.
    pub with_jobs: Option<(&'static str, &'static str)>,
    /// What an object is annotated with that waits for such Jobs.
    pub late: Option<(&'static str, &'static str)>,
    /// The annotation of an object that it must never delete by itself.
    pub precious: Option<(&'static str, &'static str)>,
    /// The annotation of any other object.
    pub others: Option<(&'static str, &'static str)>,
    /// What both have at their end on kinds that are not built in.
    pub not_built_in: &'static str,
    /// The annotation that keeps the `${…}` of an object as they are.
    pub unsubstituted: Option<(&'static str, &'static str)>,
    /// The labels and annotations by which it knows what is its own. It refuses an object that has
    /// another value, takes it for somebody else's, or deletes it.
    pub tracks: &'static [&'static str],
}

/// What makes an engine deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installed {
    /// A script for each region, which a person runs.
    Script,
    /// Objects that it reads.
    Objects,
}

const COMMON: Row = Row {
    word: "",
    name: "",
    keys: &[],
    installed: Installed::Objects,
    namespace: "",
    agents: &[],
    last_applied: false,
    reads_scp: true,
    credential: "",
    wave: None,
    before_pods: &[],
    with_jobs: None,
    late: None,
    precious: None,
    others: None,
    not_built_in: "",
    unsubstituted: None,
    tracks: &[],
};

/// The annotation of Argo CD's waves, and the wave before the pods.
const WAVE: &str = "argocd.argoproj.io/sync-wave";
const BEFORE_PODS: &str = "-1";

super::engines! {
    /// What delivers the tree to the clusters.
    #[derive(Default)]
    Delivery: Row {
        /// `kubectl apply`.
        #[default]
        Kubectl = Row {
            word: "kubectl",
            name: "kubectl",
            installed: Installed::Script,
            last_applied: true,
            // `kubectl/pkg/cmd/apply/applyset.go`: an object is part of one set.
            tracks: &["applyset.kubernetes.io/id", "applyset.kubernetes.io/part-of"],
            ..COMMON
        },
        /// Argo CD.
        ArgoCd = Row {
            word: "argo-cd",
            name: "Argo CD",
            keys: &["repository", "revision", "path", "namespace", "project"],
            namespace: "argocd",
            agents: &[
                ("argocd", "app.kubernetes.io/name=argocd-application-controller"),
                ("argocd", "app.kubernetes.io/name=argocd-repo-server"),
            ],
            last_applied: true,
            credential: "add the repository to Argo CD (`argocd repo add`)",
            // A wave begins when everything of the one before is healthy, and one object that is not
            // stops all that follow (`gitops-engine/pkg/sync/sync_context.go`). So nothing whose health
            // hangs on pods, on a controller or on another region stands before anything that must not
            // wait for it: see the waves of the kinds.
            wave: Some((WAVE, "2")),
            // A hook of the sync, in the wave before the pods; in it, what is applied before a Job by its
            // kind is there (`gitops-engine/pkg/sync/sync_tasks.go`). As a plain object, a Job that failed
            // would count as applied when the sync is tried again (`filterOutOfSyncTasks`), and the pods
            // would start. It stays when it succeeded, so that no sync runs it again, and goes when it
            // failed, so that the next one does.
            before_pods: &[
                (WAVE, BEFORE_PODS),
                ("argocd.argoproj.io/hook", "Sync"),
                ("argocd.argoproj.io/hook-delete-policy", "HookFailed"),
            ],
            with_jobs: Some((WAVE, BEFORE_PODS)),
            // `Prune=confirm` would keep the whole sync from ending until somebody has decided.
            precious: Some(("argocd.argoproj.io/sync-options", "Prune=false,Delete=false")),
            others: Some(("argocd.argoproj.io/sync-options", "PruneLast=true")),
            // Else one kind that the cluster does not know fails the dry run of all others.
            not_built_in: ",SkipDryRunOnMissingResource=true",
            tracks: &["argocd.argoproj.io/installation-id", "argocd.argoproj.io/tracking-id"],
            ..COMMON
        },
        /// Flux.
        Flux = Row {
            word: "flux",
            name: "Flux",
            keys: &["repository", "revision", "path", "namespace", "secret"],
            namespace: "flux-system",
            agents: &[
                ("flux-system", "app=kustomize-controller"),
                ("flux-system", "app=source-controller"),
            ],
            // The pattern of `spec.url`: source-controller `api/v1/gitrepository_types.go`.
            reads_scp: false,
            credential: "put it into a Secret beside Flux, and name that: `secret = \"…\"`",
            // Also where no job is: a former generation never comes before the job of the next one, which
            // would wait until it is healthy.
            late: Some((labels::AFTER, labels::RELEASE)),
            precious: Some(("kustomize.toolkit.fluxcd.io/prune", "disabled")),
            // Also in a Kustomization with `postBuild`, which may be somebody's own.
            unsubstituted: Some(("kustomize.toolkit.fluxcd.io/substitute", "disabled")),
            tracks: &["kustomize.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/namespace"],
            ..COMMON
        },
    }
}
