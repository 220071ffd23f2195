//! What is said of the descheduler of a region.

use crate::quantity::Duration;
use schemars::JsonSchema;
use serde::Deserialize;

/// The descheduler of a cluster (`sigs.k8s.io/descheduler`). Its policy is part of the tree: it evens out
/// replicas over zones once a lost one is back. It evicts what this fleet runs, and nothing else.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Descheduler {
    /// The version of the descheduler: `0.34.0`.
    pub version: String,
    /// How often it runs (`--descheduling-interval`). Default: `5m`, as its own manifests have it; assumed.
    pub interval: Option<Duration>,
    /// The namespace in which it runs. Default: `kube-system`.
    #[schemars(example = &"kube-system")]
    pub namespace: Option<String>,
    /// The name of the ConfigMap from which it reads its policy, under `policy.yaml`. Default:
    /// `descheduler-policy-configmap`.
    #[schemars(example = &"descheduler-policy-configmap")]
    pub policy: Option<String>,
}
