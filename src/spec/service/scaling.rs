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
    #[schemars(range(min = 1, max = 1000), example = 12)]
    pub max: u32,
    /// The fewest replicas in one region. Default, and minimum: what the tier needs for the peak.
    #[schemars(range(min = 0, max = 1000), example = 3)]
    pub min: Option<u32>,
    /// The CPU use, in percent of the request, at which replicas are added. Default: 70, unless there is
    /// another target.
    #[schemars(range(min = 1, max = 100), example = 70)]
    pub cpu: Option<u32>,
    /// The memory use, in percent of the request, at which replicas are added. Default: memory adds none.
    #[schemars(range(min = 1, max = 100), example = 80)]
    pub memory: Option<u32>,
    /// Metrics from a metrics adapter.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// Triggers of KEDA, in regions with `keda = true`: a ScaledObject takes the place of the
    /// HorizontalPodAutoscaler.
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    /// How fast it scales. Default: as fast as Kubernetes does.
    pub behavior: Option<Behavior>,
}

/// A metric: one of `external`, `pods` and `object` names it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// The name of a metric from outside the cluster, such as the depth of a queue. Default: none.
    #[schemars(example = &"sqs_depth")]
    pub external: Option<String>,
    /// The name of a metric that each pod of the service has. Default: none.
    #[schemars(example = &"requests_in_flight")]
    pub pods: Option<String>,
    /// The name of a metric of another object. Default: none.
    #[schemars(example = &"requests_per_second")]
    pub object: Option<String>,
    /// The value at which replicas are added: `"30"`, `"1500m"`.
    pub target: Scalar,
    /// Whether the target is for all replicas together. Default: it is for each; for `object`, for all.
    pub total: Option<bool>,
    /// The labels by which the adapter finds it. Default: none.
    #[serde(default)]
    #[schemars(extend("examples" = [{"queue": "orders"}]))]
    pub labels: BTreeMap<String, String>,
    /// For `object`: the object. Default: the Kubernetes Service of this service.
    pub of: Option<Described>,
}

/// An object in the namespace of the service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// The API group and version: `networking.k8s.io/v1`.
    #[schemars(example = &"networking.k8s.io/v1")]
    pub api_version: String,
    /// The kind: `Ingress`.
    #[schemars(example = &"Ingress")]
    pub kind: String,
    /// The name.
    #[schemars(example = &"checkout")]
    pub name: String,
}

/// Something that KEDA looks at.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The scaler: `aws-sqs-queue`, `kafka`, `prometheus`, `cron`.
    #[schemars(extend("examples" = ["aws-sqs-queue", "kafka", "prometheus", "cron"]))]
    #[serde(rename = "type")]
    pub scaler: String,
    /// The settings of the scaler. Secrets belong in `authentication`.
    #[schemars(extend("examples" = [{"queueURL": "https://sqs.example.com/1/orders", "queueLength": "30"}]))]
    pub metadata: BTreeMap<String, Scalar>,
    /// The TriggerAuthentication, in the service's namespace. Default: none.
    #[schemars(example = &"queue-reader")]
    pub authentication: Option<String>,
}

/// How fast an autoscaler follows.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Behavior {
    /// How fast replicas are added. Default: at once, and up to twice as many or 4 more in 15 seconds.
    pub up: Option<Pace>,
    /// How fast replicas are removed. Default: after 5 minutes, all that are not needed.
    pub down: Option<Pace>,
}

/// How fast, in one direction.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// How long the load must have stayed up or down. Default: `0s` up, `5m` down.
    pub stabilize: Option<Duration>,
    /// The largest change in one period, in percent of the replicas that run. Default: none.
    #[schemars(range(min = 1, max = 10000), example = 50)]
    pub percent: Option<u32>,
    /// The largest change in one period, in replicas; with `percent`, the larger of the two counts.
    /// Default: none.
    #[schemars(range(min = 1, max = 1000), example = 4)]
    pub pods: Option<u32>,
    /// The length of a period. Default: `15s`.
    pub period: Option<Duration>,
    /// Whether it never scales in this direction. For `down`. Default: no.
    #[serde(default)]
    pub off: bool,
}
