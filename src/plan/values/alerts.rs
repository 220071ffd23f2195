//! Alerts.

use super::{Map, Meta};
use serde::Serialize;

/// Alerts that Prometheus raises.
#[derive(Clone, Debug, Serialize)]
pub struct Alerts {
    /// Its metadata.
    pub meta: Meta,
    /// The name of the group, unique in a Prometheus.
    pub group: String,
    /// The alerts; at least one.
    pub alerts: Vec<Alert>,
}

/// One alert.
#[derive(Clone, Debug, Serialize)]
pub struct Alert {
    /// Its name.
    pub name: &'static str,
    /// What must hold, in PromQL.
    pub expression: String,
    /// For how long before it is raised, in PromQL; none for at once.
    pub hold: Option<String>,
    /// The labels; `severity` and `region` are among them.
    pub labels: Map,
    /// What whoever is called reads; `reason` says where the threshold comes from.
    pub annotations: Map,
}
