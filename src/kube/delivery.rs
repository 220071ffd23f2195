//! What the delivery engines are told on each object: in which order to apply it, and what never
//! to delete without a person.

use super::{Kind, labels, operators};
use schemars::JsonSchema;
use serde::Deserialize;

/// What delivers the tree to the clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// `kubectl apply`.
    #[default]
    Kubectl,
    /// Argo CD.
    ArgoCd,
    /// Flux.
    Flux,
}

impl Delivery {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Delivery::Kubectl => "kubectl",
            Delivery::ArgoCd => "argo-cd",
            Delivery::Flux => "flux",
        }
    }
}

/// The namespace of an engine that is set up as its own manifests and its Helm chart do it; `kubectl`
/// runs in none.
pub fn namespace(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Kubectl => "",
        Delivery::ArgoCd => "argocd",
        Delivery::Flux => "flux-system",
    }
}

/// The pods that deliver, where an engine is set up as its own manifests and its Helm chart do it:
/// their namespace, and the label of each. Sources: Argo CD `manifests/install.yaml`, Flux
/// `manifests/install/kustomization.yaml`.
pub fn agents(delivery: Delivery) -> &'static [(&'static str, &'static str)] {
    match delivery {
        Delivery::Kubectl => &[],
        Delivery::ArgoCd => &[
            ("argocd", "app.kubernetes.io/name=argocd-application-controller"),
            ("argocd", "app.kubernetes.io/name=argocd-repo-server"),
        ],
        Delivery::Flux => {
            &[("flux-system", "app=kustomize-controller"), ("flux-system", "app=source-controller")]
        }
    }
}

/// The annotation that has Argo CD apply objects in waves. A wave begins when everything of the one
/// before is healthy, and one object that is not stops all that follow
/// (`gitops-engine/pkg/sync/sync_context.go`). So nothing whose health hangs on pods, on a controller
/// or on another region stands before anything that must not wait for it: see the waves of the kinds.
const WAVE: (&str, &str) = ("argocd.argoproj.io/sync-wave", "2");

/// What a Job is annotated with that ends before the pods of a release start.
///
/// Argo CD: a hook of the sync, in the wave before the pods; in it, what is applied before a Job by its
/// kind is there (`gitops-engine/pkg/sync/sync_tasks.go`). As a plain object, a Job that failed would
/// count as applied when the sync is tried again (`filterOutOfSyncTasks`), and the pods would start. It
/// stays when it succeeded, so that no sync runs it again, and goes when it failed, so that the next
/// one does. The others order what they deliver by objects of their own, or in a script.
pub fn before_pods(delivery: Delivery) -> &'static [(&'static str, &'static str)] {
    match delivery {
        Delivery::ArgoCd => &[
            (WAVE.0, BEFORE_PODS),
            ("argocd.argoproj.io/hook", "Sync"),
            ("argocd.argoproj.io/hook-delete-policy", "HookFailed"),
        ],
        Delivery::Kubectl | Delivery::Flux => &[],
    }
}

/// What an object is annotated with that such a Job needs, although it comes with the pods otherwise.
pub fn with_jobs(delivery: Delivery) -> Option<(&'static str, &'static str)> {
    match delivery {
        Delivery::ArgoCd => Some((WAVE.0, BEFORE_PODS)),
        Delivery::Kubectl | Delivery::Flux => None,
    }
}

/// Whether objects of a kind wait for such Jobs: what runs the release, and what brings users to it.
/// So does a claim, which may be bound only once a pod asks for it.
pub fn waits_for_jobs(kind: &Kind) -> bool {
    let row = kind.facts();
    let runs = row.pods.template.is_some() || row.pods.replicas.is_some();
    runs || row.wave > 0 || *kind == Kind::PersistentVolumeClaim
}

/// The wave before the pods.
const BEFORE_PODS: &str = "-1";

/// What an object is annotated with that waits for another region: later than every kind.
pub fn after_all(delivery: Delivery) -> Option<(&'static str, &'static str)> {
    match delivery {
        Delivery::ArgoCd => Some(WAVE),
        // These apply everything at once.
        Delivery::Kubectl | Delivery::Flux => None,
    }
}

/// Keeps the `${…}` of an object as they are, also in a Kustomization with `postBuild`.
pub const UNSUBSTITUTED: (&str, &str) = ("kustomize.toolkit.fluxcd.io/substitute", "disabled");

/// The annotations that `delivery` reads on an object of `kind`. What is precious is never pruned: a
/// person deletes it. (`Prune=confirm` would keep the whole sync from ending until one has decided.)
///
/// Sources: Argo CD `docs/user-guide/{sync-waves,sync-options}.md`; Flux `kustomize-controller`
/// `docs/spec/v1/kustomizations.md`.
pub fn annotations(delivery: Delivery, kind: &Kind) -> Vec<(&'static str, String)> {
    let row = kind.facts();
    match delivery {
        Delivery::Kubectl => Vec::new(),
        Delivery::ArgoCd => {
            let mut options =
                if row.precious { "Prune=false,Delete=false" } else { "PruneLast=true" }.to_owned();
            if !operators::is_own(operators::group(kind.api_version())) {
                // Else one kind that the cluster does not know fails the dry run of all others.
                options.push_str(",SkipDryRunOnMissingResource=true");
            }
            vec![(WAVE.0, row.wave.to_string()), ("argocd.argoproj.io/sync-options", options)]
        }
        Delivery::Flux => {
            let kept = row.precious.then_some(("kustomize.toolkit.fluxcd.io/prune", "disabled"));
            // Also where no job is: a former generation never comes before the job of the next one,
            // which would wait until it is healthy.
            let late = waits_for_jobs(kind).then_some((labels::AFTER, labels::RELEASE));
            kept.into_iter().chain(late).map(|(key, value)| (key, value.to_owned())).collect()
        }
    }
}
