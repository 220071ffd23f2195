//! What an autoscaler is told.

use super::{Map, Meta};
use serde::Serialize;

/// A HorizontalPodAutoscaler, or a ScaledObject of KEDA.
#[derive(Clone, Debug, Serialize)]
pub struct Autoscaler {
    /// Its metadata.
    pub meta: Meta,
    /// The Deployment, by its logical name.
    pub target: String,
    /// The fewest replicas.
    pub min: u32,
    /// The most.
    pub max: u32,
    /// What it aims at, for a HorizontalPodAutoscaler.
    pub metrics: Vec<Metric>,
    /// What it looks at, for KEDA.
    pub triggers: Vec<Trigger>,
    /// How fast it adds replicas; none as Kubernetes does.
    pub up: Option<Pace>,
    /// How fast it takes some away; none as Kubernetes does.
    pub down: Option<Pace>,
}

/// A metric.
#[derive(Clone, Debug, Serialize)]
pub struct Metric {
    /// `Resource`, `External`, `Pods` or `Object`.
    pub source: &'static str,
    /// Its name.
    pub name: String,
    /// The labels by which it is found.
    pub labels: Map,
    /// The object that it is of.
    pub of: Option<Described>,
    /// The share of a resource, in percent.
    pub share: Option<u32>,
    /// The amount for each replica.
    pub each: Option<String>,
    /// The amount for all of them.
    pub total: Option<String>,
    /// Its place among the metrics of the spec.
    #[serde(skip)]
    pub(crate) index: usize,
}

/// An object.
#[derive(Clone, Debug, Serialize)]
pub struct Described {
    /// Its group and version.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// What KEDA looks at.
#[derive(Clone, Debug, Serialize)]
pub struct Trigger {
    /// The scaler.
    pub scaler: String,
    /// `Utilization` for a share; none as the scaler does.
    pub metric_type: Option<&'static str>,
    /// What the scaler is told.
    pub metadata: Map,
    /// A TriggerAuthentication.
    pub authentication: Option<String>,
    /// Its place among the triggers of the spec; none for a share.
    #[serde(skip)]
    pub(crate) index: Option<usize>,
}

/// How fast an autoscaler follows.
#[derive(Clone, Debug, Serialize)]
pub struct Pace {
    /// Whether the spec says for how long the load must have been so.
    pub looks_back: bool,
    /// How long, in seconds.
    pub stabilize: Option<u64>,
    /// How many in a period.
    pub policies: Vec<Policy>,
    /// Whether it never does.
    pub off: bool,
}

/// How many replicas in a period.
#[derive(Clone, Debug, Serialize)]
pub struct Policy {
    /// `Percent` or `Pods`.
    pub sort: &'static str,
    /// How many.
    pub value: u64,
    /// The period, in seconds.
    pub period: u64,
}
