//! What keeps replicas through drains.

use super::Planned;
use super::values::Values;
use crate::decide::{ServiceInRegion, scaling};
use crate::kube::Kind;

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    if let Some(max_unavailable) = scaling::max_unavailable(here) {
        let values = Values::DisruptionBudget {
            meta: here.meta(""),
            selector: here.selector(),
            max_unavailable: max_unavailable.value,
        };
        objects.push(here.object(Kind::PodDisruptionBudget, "", "tier", values));
    }
}
