//! What delivers the tree, as written: the name of the engine, or where it finds the tree as well.

use crate::kube::engines::delivery::Delivery;
use schemars::JsonSchema;
use serde::Deserialize;

/// What delivers the tree to the clusters: `delivery = "flux"`, or `[delivery]` with what the engine
/// needs to find the tree.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Delivered {
    /// The engine alone: somebody points it at the tree by hand.
    Engine(Delivery),
    /// The engine and where it finds the tree: what points it there is part of the tree.
    From(DeliveredFrom),
}

impl Default for Delivered {
    fn default() -> Delivered {
        Delivered::Engine(Delivery::default())
    }
}

/// An engine, and where it finds the tree.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveredFrom {
    /// The engine.
    pub engine: Delivery,
    /// The git repository with the tree: `https://git.example.com/shop/fleet.git`. For `argo-cd` and
    /// `flux`. It must not contain a credential: the engine has its own. Default: none.
    #[schemars(example = &"https://git.example.com/shop/fleet.git")]
    pub repository: Option<String>,
    /// The revision to deliver: a branch, a commit, or a reference such as `refs/tags/v3`. Default: `main`.
    pub revision: Option<String>,
    /// The folder of the tree in the repository. Default: `out`.
    #[schemars(example = &"out")]
    pub path: Option<String>,
    /// The namespace of the engine. Default: `argocd` for Argo CD, `flux-system` for Flux.
    #[schemars(extend("examples" = ["argocd", "flux-system"]))]
    pub namespace: Option<String>,
    /// The Argo CD project that may deliver to the clusters. Default: `default`.
    #[schemars(example = &"default")]
    pub project: Option<String>,
    /// For Flux: the Secret with the credential for the repository, in the namespace of Flux. Default:
    /// none; the repository is public. Argo CD finds its credential by the address of the repository.
    #[schemars(example = &"fleet-repository")]
    pub secret: Option<String>,
}
