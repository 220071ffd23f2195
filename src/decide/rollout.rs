//! Whether a rollout leaves enough replicas.

use super::ServiceInRegion;
use crate::diag::{Code, Diagnostic, Sink};
use crate::model::Survives;
use crate::model::WorkloadKind;

/// A rollout takes `unavailable` replicas away at a time; what is left carries the peak. A
/// StatefulSet replaces one at a time, whatever the tier says.
pub(crate) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let (service, tier, size) = (here.service, &here.service.tier, &here.size);
    let spare = size.full - size.peak;
    if service.kind == WorkloadKind::Stateful
        || service.survives() == Survives::Pod
        || tier.unavailable <= spare
    {
        return;
    }
    let left = size.full.saturating_sub(tier.unavailable);
    let path = ["tiers", &tier.name, "unavailable"];
    sink.error(
        Diagnostic::new(
            Code::ROLLOUT_BELOW_PEAK,
            format!(
                "a rollout leaves `{}` {left} of {} replicas, {} carry the peak",
                service.name, size.full, size.peak
            ),
        )
        .at(here.fleet.document.at(&path), "so many may be missing")
        .related(service.at(&["tier"]), "the tier")
        .note("every release at the peak would be an outage of its own")
        .help(format!("write `unavailable = {spare}`")),
    );
}
