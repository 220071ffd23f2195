//! Whether the regions that remain have room for what a lost one ran.

use super::capacity::{self, Demand, Load};
use super::role::{self, Runs};
use super::{Decided, ServiceInRegion};
use crate::diag::{Code, Sink};
use crate::model::{Region, Service};

pub(crate) fn check(sink: &mut Sink, decided: &Decided) {
    // A sum of some services says too little.
    if !decided.is_whole() {
        return;
    }
    for lost in decided.fleet().hosts() {
        for region in decided.fleet().nodes().filter(|region| region.host != lost.host) {
            let before = Load::of(decided, region, demands(decided, region, None));
            // Where there is no room even without a loss, that is reported already.
            if before.is_too_large() {
                continue;
            }
            let after = Load::of(decided, region, demands(decided, region, Some(lost)));
            let when = format!("without `{}`, ", lost.name);
            for finding in after.findings(decided, Code::REGION_TOO_SMALL, &when) {
                sink.error(finding.note(format!(
                    "its share holds what moves there when `{}` is lost, at the peak",
                    lost.name
                )));
            }
        }
    }
}

/// What the services ask of each zone of `region`, after the loss of another one if there is one.
pub(super) fn demands<'a>(
    decided: &'a Decided,
    region: &Region,
    lost: Option<&Region>,
) -> Vec<Demand<'a>> {
    let of_service = |service: &'a Service| {
        let nodes = region.nodes_of();
        let here = decided.places(service).find(|here| here.region.nodes_of() == nodes)?;
        if lost.is_some_and(|lost| takes_over(service, region, lost)) {
            return Some(promoted(&here));
        }
        capacity::asks(&here).then(|| capacity::demand(&here))
    };
    decided.services().iter().filter_map(of_service).collect()
}

/// Whether a region carries a service when another is lost: the first of those that remain does,
/// when the lost one was the primary. Regions that all serve carry each other's load already.
pub(crate) fn takes_over(service: &Service, region: &Region, lost: &Region) -> bool {
    let all_serve =
        role::of(service.strategy, service.kind, false).runs == Runs::PeakAndShareOfLost;
    let [primary, next, ..] = service.regions.as_slice() else { return false };
    !all_serve && primary.host == lost.host && next.host == region.host
}

/// The share of a service here once this region is the one that serves. Former generations stay
/// as they are: nobody promotes them.
fn promoted<'a>(here: &ServiceInRegion<'a>) -> Demand<'a> {
    let max = here.service.autoscale.as_ref().map_or(0, |autoscale| autoscale.max);
    let here = ServiceInRegion { leads: true, ..*here };
    capacity::share(&here, here.leading_size.full.max(max), here.role.scales)
}
