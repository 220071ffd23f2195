//! How many replicas: so that the peak is carried after a loss that the tier survives.

use super::role::{Role, Runs};
use super::{Number, Reason, ServiceInRegion, traffic};
use crate::model::{Region, Service, Survives};
use std::fmt;

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
    let peak = carried(service, region, role.runs, peak);
    let needed = match service.survives() {
        Survives::Pod => peak,
        Survives::Node => peak.saturating_add(1),
        Survives::Zone | Survives::Region => surviving_zone_loss(peak, zones),
    };
    let min = if service.single_writer { 1 } else { service.tier.replicas };
    let full = needed.max(min);
    let running = if role.runs == Runs::Nothing { 0 } else { full };
    Size { peak, full, running, zones, survivors: full - fullest_zone(full, zones) }
}

/// Why a service has that many replicas.
pub fn because(service: &Service, size: &Size) -> Because {
    Because { single_writer: service.single_writer, survives: service.survives(), size: *size }
}

/// Why a service has a number of replicas, in words once somebody reads it:
/// `4 carry the peak, + 2 so that losing one of 3 zones leaves 4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Because {
    single_writer: bool,
    survives: Survives,
    size: Size,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Because { single_writer, survives, size } = self;
        if *single_writer {
            return f.write_str("one replica may write");
        }
        let carry = if size.peak == 1 { "carries" } else { "carry" };
        let more = size.full - size.peak;
        let needed = match survives {
            Survives::Pod => 0,
            Survives::Node => 1,
            Survives::Zone | Survives::Region => size.peak.div_ceil(size.zones.max(2) - 1),
        };
        write!(f, "{} {carry} the peak", size.peak)?;
        if more == 0 {
            return Ok(());
        }
        write!(f, ", + {more} ")?;
        if more > needed {
            write!(f, "as the tier asks for {}", size.full)
        } else if *survives == Survives::Node {
            write!(f, "so that losing a node leaves {}", size.peak)
        } else {
            write!(f, "so that losing one of {} zones leaves {}", size.zones, size.peak)
        }
    }
}

/// Replicas that carry what a region that `runs` so must carry, of a peak of `peak`.
fn carried(service: &Service, region: &Region, runs: Runs, peak: u32) -> u32 {
    match runs {
        Runs::Peak | Runs::Nothing => peak,
        Runs::PeakAndShareOfLost => of_all(service, region, peak),
        Runs::Share => peak.saturating_mul(service.tier.standby).div_ceil(100),
    }
}

/// Replicas that carry the share of a region, of the peaks of all of them together, when the worst of
/// the others is lost: `peak · regions · weight ÷ what is left of the weights`, rounded up. Resolvers
/// and k8gb hold weights over many answers, not over each (k8gb `docs/wrr_caveats.md`), so a region
/// never carries less than an equal share.
fn of_all(service: &Service, region: &Region, peak: u32) -> u32 {
    let regions = u64::try_from(service.regions.len()).expect("a spec is not that large");
    if regions < 2 {
        return peak;
    }
    let total = u64::from(peak).saturating_mul(regions);
    let equal = total.div_ceil(regions - 1);
    let weight = |region: &Region| u64::from(traffic::weight_of(service, region.name.as_str()));
    let own = weight(region);
    let all: u64 = service.regions.iter().map(|other| weight(other)).sum();
    let others = service.regions.iter().filter(|other| other.name != region.name);
    let left = |lost: &std::sync::Arc<Region>| all - weight(lost);
    // Where nothing of the weights is left, users go wherever there is an answer.
    let share = |lost: &std::sync::Arc<Region>| match left(lost) {
        0 => total,
        left => total.saturating_mul(own).div_ceil(left),
    };
    let worst = others.map(share).max().unwrap_or_default().max(equal);
    u32::try_from(worst).unwrap_or(u32::MAX)
}

/// Replicas in the fullest of `zones` zones, when `replicas` are spread with a skew of 1.
pub fn fullest_zone(replicas: u32, zones: u32) -> u32 {
    replicas.div_ceil(zones.max(1))
}

/// Replicas per region so that `n` remain after the fullest of `zones` zones is lost.
///
/// Spread with skew 1 puts at most `ceil(r / zones)` replicas into one zone, so the smallest
/// `r` with `r - ceil(r / zones) >= n` is `n + ceil(n / (zones - 1))`. Of a single zone nothing is
/// left whatever `r` is: there it is the number for two, and the tier asks for more zones.
pub fn surviving_zone_loss(n: u32, zones: u32) -> u32 {
    n.saturating_add(n.div_ceil(zones.max(2) - 1))
}

/// Replicas that run here.
pub(crate) fn replicas(here: &ServiceInRegion<'_>) -> Number<u32, impl FnOnce() -> Reason> {
    Number::new(here.size.running, || {
        if here.service.single_writer && here.size.running > 0 {
            let gap = super::writer::gap(here);
            return Reason::new(format!("one replica may write: a release ends it before the next one starts, and nobody writes for up to {gap}"))
                .from(here.in_spec(&["single_writer"]));
        }
        let because = because(here.service, &here.size);
        let words = match here.size.running {
            0 => format!(
                "nothing runs here until this region takes over; then {}: {because}",
                here.size.full
            ),
            _ => format!("{because}{}", of_the_peak(here)),
        };
        let share = (here.role.runs == Runs::Share).then(|| here.in_tier("standby"));
        let weights = here.role.shares.then(|| here.in_spec(&["traffic", "weights"])).flatten();
        Reason::new(words)
            .from(here.in_spec_or_tier(&["capacity", "peak"], "peak"))
            .from(here.in_tier("survives"))
            .from(here.in_nodes())
            .from(share)
            .from(weights)
    })
}

/// Replicas that carry what this region must carry.
pub(crate) fn peak(here: &ServiceInRegion<'_>) -> Number<u32, impl FnOnce() -> Reason> {
    Number::new(here.size.peak, || {
        let of = of_the_peak(here);
        Reason::new(format!("replicas that carry the peak, which no loss may take{of}"))
            .from(here.in_spec_or_tier(&["capacity", "peak"], "peak"))
    })
}

/// What of the peak a region carries, where that is not the peak of the spec.
fn of_the_peak(here: &ServiceInRegion<'_>) -> String {
    let service = here.service;
    match here.role.runs {
        Runs::PeakAndShareOfLost if service.regions.len() > 1 => {
            let weights = service.traffic.as_ref().is_some_and(|it| !it.weights.is_empty());
            let weighed =
                if weights { ", and the others take its users by their weights" } else { "" };
            format!(
                "; the peak of one region is {}, and any of the {} regions may be lost{weighed}",
                service.peak,
                service.regions.len()
            )
        }
        Runs::Share => format!("; {} % of the peak of {}", service.tier.standby, service.peak),
        Runs::Peak | Runs::PeakAndShareOfLost | Runs::Nothing => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_is_the_smallest_that_survives() {
        for n in 1..60 {
            for zones in 2..8 {
                let survives = |r: u32| r - fullest_zone(r, zones) >= n;
                let min = (n..).find(|r| survives(*r)).unwrap();
                assert_eq!(surviving_zone_loss(n, zones), min, "n = {n}, zones = {zones}");
            }
        }
    }
    #[test]
    fn any_number_of_zones_has_a_size() {
        for zones in 0..7 {
            for n in [0, 1, 40, u32::MAX] {
                assert!(surviving_zone_loss(n, zones) >= n, "n = {n}, zones = {zones}");
                assert!(fullest_zone(n, zones) <= n);
            }
        }
    }
}
