//! What the delivery engines are told on each object: in which order to apply it, and what never
//! to delete without a person.

use super::Kind;
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

/// The annotations that `delivery` reads on an object of `kind`. Flux and `kubectl` need none for
/// the order in which they apply kinds: README, "How a change ships".
///
/// Sources: Argo CD `docs/user-guide/{sync-waves,sync-options}.md` (`confirm` since 2.14);
/// Flux `kustomize-controller` `docs/spec/v1/kustomizations.md`.
pub fn annotations(delivery: Delivery, kind: &Kind) -> Vec<(&'static str, String)> {
    let row = kind.facts();
    match delivery {
        Delivery::Kubectl => Vec::new(),
        Delivery::ArgoCd => {
            let options =
                if row.precious { "Prune=confirm,Delete=confirm" } else { "PruneLast=true" };
            vec![
                ("argocd.argoproj.io/sync-wave", row.wave.to_string()),
                ("argocd.argoproj.io/sync-options", options.to_owned()),
            ]
        }
        Delivery::Flux if row.precious => {
            vec![("kustomize.toolkit.fluxcd.io/prune", "disabled".to_owned())]
        }
        Delivery::Flux => Vec::new(),
    }
}
