//! How much room zones have: as things are, and after the loss that leaves the least.
//!
//! The same sums as those by which `capacity`, `region_loss_capacity` and `zone_loss_capacity` refuse
//! a fleet, for whoever shows them.

use super::capacity::{Load, Resource};
use super::{Decided, region_loss_capacity, zone_loss_capacity};
use crate::kube::RegionName;
use crate::model::Region;

/// The room on the nodes of a region that every service may use, or on those of one of its pools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// The region.
    pub region: RegionName,
    /// The pool; none for the nodes that every service may use.
    pub pool: Option<String>,
    /// Its zones, in the order of the fleet.
    pub zones: Vec<ZoneOfRoom>,
    /// Each resource that is declared or asked for.
    pub resources: Vec<ResourceRoom>,
}

/// A zone with its nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneOfRoom {
    /// Its name.
    pub name: String,
    /// Its nodes.
    pub nodes: u32,
}

/// One resource in each zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRoom {
    /// `CPU`, `memory`, or the name of an extended resource.
    pub name: String,
    /// What each zone has, in the order of the zones.
    pub has: Vec<Quantity>,
    /// What is asked of the fullest zone, as things are.
    pub asked: Quantity,
    /// The loss that leaves the least.
    pub worst: Option<WorstRoom>,
}

/// What a loss leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorstRoom {
    /// What is lost: another region by its name, or none for the largest zone of this one.
    pub region: Option<RegionName>,
    /// What is asked for then: of the fullest zone, or, when a zone is lost, of all that remain.
    pub asked: Quantity,
    /// What there is: in the smallest zone, or in all that remain.
    pub has: Quantity,
    /// What is left of it.
    pub left: Quantity,
}

/// An amount of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// Thousandths of a core, bytes, or a count.
    pub number: u64,
    /// As people read it: `12.5 cores`.
    pub text: String,
}

impl Quantity {
    fn of(resource: Resource<'_>, number: u64) -> Quantity {
        Quantity { number, text: resource.shown(number) }
    }
}

/// The room in every region and pool, in the order of their names.
pub fn of(decided: &Decided) -> Vec<Room> {
    decided.fleet().nodes().map(|region| room(decided, region)).collect()
}

fn room(decided: &Decided, region: &Region) -> Room {
    let load =
        |lost| Load::of(decided, region, region_loss_capacity::demands(decided, region, lost));
    let now = load(None);
    let lost = decided.fleet().hosts().filter(|lost| lost.host != region.host);
    let after: Vec<(&RegionName, Load<'_>)> =
        lost.map(|lost| (&lost.name, load(Some(lost)))).collect();
    let resources = now.resources().into_iter().map(|resource| {
        let has: Vec<u64> = region.zones.iter().map(|zone| now.has(resource, zone)).collect();
        let smallest = has.iter().copied().min().unwrap_or(0);
        let regions =
            after.iter().map(|(lost, load)| (Some(*lost), load.needed(resource), smallest));
        let zone = zone_loss_capacity::room(decided, region, resource);
        let zone = zone.map(|(has, needed)| (None, needed, has));
        // What is least in proportion; of the same, what is asked for most.
        let share = |(_, asked, has): &(Option<&RegionName>, u64, u64)| {
            (asked.saturating_mul(1_000_000) / (*has).max(1), *asked)
        };
        let worst = regions.chain(zone).max_by_key(share);
        ResourceRoom {
            name: resource.name().to_owned(),
            has: has.iter().map(|has| Quantity::of(resource, *has)).collect(),
            asked: Quantity::of(resource, now.needed(resource)),
            worst: worst.map(|(lost, asked, has)| WorstRoom {
                region: lost.cloned(),
                asked: Quantity::of(resource, asked),
                has: Quantity::of(resource, has),
                left: Quantity::of(resource, has.saturating_sub(asked)),
            }),
        }
    });
    Room {
        region: region.name.clone(),
        pool: region.pool.as_ref().map(|pool| pool.name.clone()),
        resources: resources.collect(),
        zones: (region.zones.iter())
            .map(|zone| ZoneOfRoom { name: zone.name.clone(), nodes: zone.nodes })
            .collect(),
    }
}
