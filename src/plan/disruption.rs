//! What keeps replicas through drains, and adds some under load.

use super::values::Values;
use super::{Planned, ServiceInRegion, size};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::Kind;
use crate::model::Survives;

/// The share of the requested CPU, in percent, that an autoscaler aims at unless told otherwise.
const TARGET_CPU: u32 = 70;

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    // A budget over one replica either blocks every drain or protects nothing.
    if here.size.full > 1 {
        let values = Values::DisruptionBudget {
            meta: here.meta(""),
            selector: here.selector(),
            max_unavailable: size::max_unavailable(&here.size),
        };
        objects.push(here.object(Kind::PodDisruptionBudget, "", "tier", values));
    }
    if let Some(autoscale) = here.service.autoscale.as_ref().filter(|_| scales(here)) {
        let values = Values::Autoscaler {
            meta: here.meta(""),
            target: here.service.logical(""),
            min: autoscale.min.unwrap_or(0).max(here.size.full),
            max: autoscale.max,
            cpu: autoscale.cpu.unwrap_or(TARGET_CPU),
        };
        let mut planned =
            here.object(Kind::HorizontalPodAutoscaler, "", "capacity.autoscale", values);
        planned.naming = crate::kube::kinds::Naming::LikeReferent;
        objects.push(planned);
    }
}

/// Whether an autoscaler decides the number of replicas here.
pub(crate) fn scales(here: &ServiceInRegion<'_>) -> bool {
    here.role.scales && here.service.autoscale.is_some()
}

/// An autoscaler has room above what the tier needs, and never goes below it.
pub(crate) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let Some(autoscale) = here.service.autoscale.as_ref().filter(|_| scales(here)) else { return };
    let (service, size) = (here.service, &here.size);
    let needs = match service.tier.survives {
        Survives::Pod => format!("{} carry the peak", size.peak),
        Survives::Node => {
            format!("{} carry the peak, and one may be lost with its node", size.peak)
        }
        Survives::Zone | Survives::Region => {
            format!("{} carry the peak, and one of {} zones may be lost", size.peak, size.zones)
        }
    };
    let needs = format!("{} replicas: {needs}", size.full);
    if let Some(min) = autoscale.min.filter(|min| *min < size.full) {
        sink.error(
            Diagnostic::new(
                Code::AUTOSCALE_BOUNDS,
                format!(
                    "the autoscaler of `{}` may go down to {min}, it needs {}",
                    service.name, size.full
                ),
            )
            .at(service.at(&["capacity", "autoscale", "min"]), "")
            .related(service.at(&["tier"]), "the tier")
            .note(needs.clone())
            .help(format!("write `min = {}`, or leave `min` out", size.full)),
        );
    }
    let least = autoscale.min.unwrap_or(0).max(size.full);
    if autoscale.max <= least {
        sink.error(
            Diagnostic::new(
                Code::AUTOSCALE_BOUNDS,
                format!(
                    "the autoscaler of `{}` cannot move: it goes from {least} to {}",
                    service.name, autoscale.max
                ),
            )
            .at(service.at(&["capacity", "autoscale", "max"]), "")
            .note(needs)
            .help(format!("write `max = {}` or more, or leave `autoscale` out", least + 1)),
        );
    }
}
