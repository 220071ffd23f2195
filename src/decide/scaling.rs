//! What keeps replicas through drains, and adds some under load.

use super::size::{self, Size};
use super::{Number, Reason, ServiceInRegion};
use crate::diag::{Code, Diagnostic, Sink};
use crate::model::Survives;

/// Whether an autoscaler decides the number of replicas here.
pub(crate) fn scales(here: &ServiceInRegion<'_>) -> bool {
    here.role.scales && here.service.autoscale.is_some()
}

/// The fewest replicas that an autoscaler keeps.
pub(crate) fn min(here: &ServiceInRegion<'_>) -> Number<u32, impl FnOnce() -> Reason> {
    let (written, full) = (written_min(here), here.size.full);
    Number::new(written.unwrap_or(0).max(full), move || {
        let words = match written {
            Some(written) => format!("{written}, as the spec says; at least {full}: "),
            None => "as many as without an autoscaler: ".to_owned(),
        };
        Reason::new(format!("{words}{}", size::because(here.service, &here.size)))
            .from(here.in_spec(&["capacity", "autoscale", "min"]))
            .from(here.spec(&["tier"]))
    })
}

fn written_min(here: &ServiceInRegion<'_>) -> Option<u32> {
    here.service.autoscale.as_ref()?.min
}

/// The most replicas that an autoscaler makes; none without one.
pub(crate) fn max(here: &ServiceInRegion<'_>) -> Option<Number<u32, impl FnOnce() -> Reason>> {
    let autoscale = here.service.autoscale.as_ref()?;
    Some(Number::new(autoscale.max, || {
        Reason::new("the most, as the spec says; the zones of the region have room for them")
            .from(here.in_spec(&["capacity", "autoscale", "max"]))
    }))
}

/// Pods that may be evicted at once; none where there is one replica: a budget over one either
/// blocks every drain or protects nothing.
pub(crate) fn max_unavailable(
    here: &ServiceInRegion<'_>,
) -> Option<Number<u32, impl FnOnce() -> Reason>> {
    let number = || {
        Number::new(evictable(&here.size), || {
            let size = &here.size;
            let words = format!(
                "pods that drains may take at once: {} are left when a zone is lost, {} carry the peak; and at least 1, so that a drain never waits for ever",
                size.survivors, size.peak
            );
            Reason::new(words).from(here.spec(&["tier"]))
        })
    };
    (here.size.full > 1).then(number)
}

/// As many as keep the peak through a drain and the loss of a zone together, and always one, so
/// that a drain never waits for ever.
fn evictable(size: &Size) -> u32 {
    size.survivors.saturating_sub(size.peak).max(1)
}

/// An autoscaler has room above what the tier needs, and never goes below it.
pub(super) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let Some(autoscale) = here.service.autoscale.as_ref().filter(|_| scales(here)) else { return };
    let (service, size) = (here.service, &here.size);
    let needs = match service.survives() {
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
    let min = min(here).value;
    if autoscale.max <= min {
        sink.error(
            Diagnostic::new(
                Code::AUTOSCALE_BOUNDS,
                format!(
                    "the autoscaler of `{}` cannot move: it goes from {min} to {}",
                    service.name, autoscale.max
                ),
            )
            .at(service.at(&["capacity", "autoscale", "max"]), "")
            .note(needs)
            .help(format!("write `max = {}` or more, or leave `autoscale` out", min + 1)),
        );
    }
}
