//! What keeps replicas through drains.

use super::Planned;
use super::values::{Map, Meta, Values};
use crate::decide::{ServiceInRegion, scaling};
use crate::kube::Kind;
use serde::Serialize;

/// A PodDisruptionBudget.
#[derive(Clone, Debug, Serialize)]
pub struct DisruptionBudget {
    /// Its metadata.
    pub meta: Meta,
    /// Whose pods.
    pub selector: Map,
    /// How many may be evicted at once.
    pub max_unavailable: u32,
}

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    if let Some(max_unavailable) = scaling::max_unavailable(here) {
        let values = DisruptionBudget {
            meta: here.meta(""),
            selector: here.selector(),
            max_unavailable: max_unavailable.value,
        };
        objects.push(here.object(
            Kind::PodDisruptionBudget,
            "",
            "tier",
            Values::DisruptionBudget(values),
        ));
    }
}
