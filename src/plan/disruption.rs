//! What keeps replicas through drains, and adds some under load.

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
    if let Some(max) = scaling::max(here).filter(|_| scaling::scales(here)) {
        let values = Values::Autoscaler {
            meta: here.meta(""),
            target: here.service.logical(""),
            min: scaling::min(here).value,
            max: max.value,
            cpu: scaling::target_cpu(here).value,
        };
        let mut planned =
            here.object(Kind::HorizontalPodAutoscaler, "", "capacity.autoscale", values);
        planned.naming = crate::kube::kinds::Naming::LikeReferent;
        objects.push(planned);
    }
}
