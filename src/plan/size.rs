//! How many replicas: so that the peak is carried after a loss that the tier survives.

use super::role::{Role, Runs};
use crate::model::Survives;
use crate::model::{Region, Service};

/// How many replicas a service has in one region, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Replicas that carry what this region must carry.
    pub peak: u32,
    /// Replicas that it has when it serves.
    pub full: u32,
    /// Replicas that run now: `full`, or none where only the data stands by.
    pub running: u32,
    /// The zones of the region.
    pub zones: u32,
    /// Replicas left after the loss of the fullest zone, of `full`.
    pub survivors: u32,
}

/// The size of a service in a region in which it has `role`.
pub fn of(service: &Service, region: &Region, role: &Role) -> Size {
    with_peak(service, region, role, service.peak)
}

/// The size that it would have if so many replicas carried the peak of a region.
pub fn with_peak(service: &Service, region: &Region, role: &Role, peak: u32) -> Size {
    let zones = u32::try_from(region.zones.len()).expect("a fleet file is not that large");
    let peak = carried(service, role.runs, peak);
    let needed = match service.tier.survives {
        Survives::Pod => peak,
        Survives::Node => peak + 1,
        Survives::Zone | Survives::Region => surviving_zone_loss(peak, zones),
    };
    let full = needed.max(service.tier.replicas);
    let running = if role.runs == Runs::Nothing { 0 } else { full };
    Size { peak, full, running, zones, survivors: full - fullest_zone(full, zones) }
}

/// Why it has that many, in words: `4 carry the peak, + 2 so that losing one of 3 zones leaves 4`.
pub fn because(service: &Service, size: &Size) -> String {
    let carry = if size.peak == 1 { "carries" } else { "carry" };
    let more = size.full - size.peak;
    let needed = match service.tier.survives {
        Survives::Pod => 0,
        Survives::Node => 1,
        Survives::Zone | Survives::Region => size.peak.div_ceil(size.zones.max(2) - 1),
    };
    let why = if more == 0 {
        return format!("{} {carry} the peak", size.peak);
    } else if more > needed {
        format!("as the tier asks for {}", size.full)
    } else if service.tier.survives == Survives::Node {
        format!("so that losing a node leaves {}", size.peak)
    } else {
        format!("so that losing one of {} zones leaves {}", size.zones, size.peak)
    };
    format!("{} {carry} the peak, + {more} {why}", size.peak)
}

/// Replicas that carry what a region that `runs` so must carry, of a peak of `peak`.
fn carried(service: &Service, runs: Runs, peak: u32) -> u32 {
    match runs {
        Runs::Peak | Runs::Nothing => peak,
        Runs::PeakAndShareOfLost => {
            let regions = u32::try_from(service.regions.len()).expect("a spec is not that large");
            if regions > 1 { (peak * regions).div_ceil(regions - 1) } else { peak }
        }
        Runs::Share => (peak * service.tier.standby).div_ceil(100),
    }
}

/// Replicas in the fullest of `zones` zones, when `replicas` are spread with a skew of 1.
pub fn fullest_zone(replicas: u32, zones: u32) -> u32 {
    replicas.div_ceil(zones)
}

/// Replicas per region so that `n` remain after the fullest of `zones` zones is lost.
///
/// Spread with skew 1 puts at most `ceil(r / zones)` replicas into one zone, so the smallest
/// `r` with `r - ceil(r / zones) >= n` is `n + ceil(n / (zones - 1))`.
pub fn surviving_zone_loss(n: u32, zones: u32) -> u32 {
    n + n.div_ceil(zones - 1)
}

/// Pods that may be evicted at once: as many as keep the peak through a drain and the loss of a
/// zone together, and always one, so that a drain never waits for ever.
pub fn max_unavailable(size: &Size) -> u32 {
    size.survivors.saturating_sub(size.peak).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_is_the_smallest_that_survives() {
        for n in 1..60 {
            for zones in 2..8 {
                let survives = |r: u32| r - fullest_zone(r, zones) >= n;
                let least = (n..).find(|r| survives(*r)).unwrap();
                assert_eq!(surviving_zone_loss(n, zones), least, "n = {n}, zones = {zones}");
            }
        }
    }
}
