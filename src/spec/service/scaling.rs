//! How a service follows its load.

use super::Scalar;
use crate::quantity::Duration;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The bounds of an autoscaler, and what it aims at: where there are several aims, the one that asks
/// for the most replicas decides.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Autoscale {
    /// The most replicas in one region.
    #[schemars(range(min = 1, max = 1000))]
    pub max: u32,
    /// The fewest replicas. Default, and least: what the tier needs for the peak.
    #[schemars(range(min = 0, max = 1000))]
    pub min: Option<u32>,
    /// The share of its requested CPU, in percent, at which replicas are added. Default: 70, unless
    /// something else is aimed at.
    #[schemars(range(min = 1, max = 100))]
    pub cpu: Option<u32>,
    /// The same of its requested memory. Default: memory adds none.
    #[schemars(range(min = 1, max = 100))]
    pub memory: Option<u32>,
    /// Metrics of an adapter.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// What KEDA looks at, in regions with `keda = true`: a ScaledObject takes the place of the
    /// HorizontalPodAutoscaler.
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    /// How fast it follows. Default: that of Kubernetes.
    pub behavior: Option<Behavior>,
}

/// A metric: one of `external`, `pods` and `object` names it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// The name of a metric that is of no object of the cluster: the depth of a queue. Default:
    /// none.
    pub external: Option<String>,
    /// The name of a metric of each pod of the service. Default: none.
    pub pods: Option<String>,
    /// The name of a metric of another object. Default: none.
    pub object: Option<String>,
    /// The amount at which replicas are added: `"30"`, `"1500m"`.
    pub target: Scalar,
    /// Whether that is of all replicas together. Default: of each; for `object`, of all.
    pub total: Option<bool>,
    /// The labels by which the adapter finds it. Default: none.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// For `object`: which one. Default: the Kubernetes Service of this service.
    pub of: Option<Described>,
}

/// An object in the namespace of the service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// Its group and version: `networking.k8s.io/v1`.
    pub api_version: String,
    /// Its kind: `Ingress`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// Something that KEDA looks at.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The scaler: `aws-sqs-queue`, `kafka`, `prometheus`, `cron`.
    #[serde(rename = "type")]
    pub scaler: String,
    /// What the scaler is told. Nothing secret: that is in `authentication`.
    pub metadata: BTreeMap<String, Scalar>,
    /// The TriggerAuthentication in the namespace of the service. Default: none.
    pub authentication: Option<String>,
}

/// How fast an autoscaler follows.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Behavior {
    /// When it adds replicas. Default: at once, twice as many or 4 in 15 seconds.
    pub up: Option<Pace>,
    /// When it takes some away. Default: after 5 minutes, as many as are too many.
    pub down: Option<Pace>,
}

/// How fast, in one direction.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// For how long the load must have been so. Default: `0s` up, `5m` down.
    pub stabilize: Option<Duration>,
    /// The most in one period, in percent of what runs. Default: none.
    #[schemars(range(min = 1, max = 10000))]
    pub percent: Option<u32>,
    /// The most in one period; with `percent`, the larger of the two. Default: none.
    #[schemars(range(min = 1, max = 1000))]
    pub pods: Option<u32>,
    /// The period. Default: `15s`.
    pub period: Option<Duration>,
    /// Never: for `down`. Default: no.
    #[serde(default)]
    pub off: bool,
}
