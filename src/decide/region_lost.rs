//! What holds for as long as the fleet says of a region that it is lost.
//!
//! Promises are for one loss at a time. A person writes `lost` in a failover, and removes it once the
//! region is back: nothing is refused in between that only the next loss would break, and nothing hides
//! that the next one is not covered.

use super::order::moves;
use super::{Decided, ServiceInRegion};
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::model::{Region, Service};

/// Warns once of each lost region, with those that nothing covers until it is back.
pub(super) fn check(sink: &mut Sink, decided: &Decided) {
    for region in decided.fleet().regions.values().filter(|region| region.lost) {
        let waiting = decided.services().iter().filter(|service| waits_for(service, region));
        let waiting: Vec<&str> = waiting.map(|service| service.name.address()).collect();
        let what = match waiting.len() {
            0 => "what another loss would break is a warning".to_owned(),
            1 => format!("{} has no other region to move to", diag::list(waiting)),
            _ => format!("{} have no other region to move to", diag::shortened(waiting)),
        };
        let place = decided.fleet().document.at(&["regions", region.name.as_str(), "lost"]);
        sink.report(
            Diagnostic::new(
                Code::REGION_LOST,
                format!("until `{}` is back, {what}", region.name),
            )
            .at(place, "lost for now")
            .note("promises are for one loss at a time: what a build finds about the next one is a warning until then")
            .help("once it is back and runs what the tree says, remove this line; what is found then is refused again"),
        );
    }
}

/// Whether a service runs there, and has no other region that could take it over. One that a lost region
/// leads is still to move.
fn waits_for(service: &Service, lost: &Region) -> bool {
    let has = service.regions.iter().any(|region| region.name == lost.name);
    let left = service.regions.iter().filter(|region| !region.lost).count();
    let moved = !moves(service) || !service.regions[0].lost;
    has && left < if moved { 2 } else { 1 }
}

/// Whether a claim about the loss of the region holds only once another region is back.
pub(super) fn rests_on_it(here: &ServiceInRegion<'_>) -> bool {
    let mut others = here.service.regions.iter().filter(|other| other.name != here.region.name);
    match moves(here.service) {
        true => here.service.regions.len() > 1 && others.all(|other| other.lost),
        // Each is sized for the loss of one.
        false => others.any(|other| other.lost),
    }
}
