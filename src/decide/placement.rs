//! How replicas spread over zones and nodes.
//!
//! Facts: the scheduler's `pkg/scheduler/framework/plugins/podtopologyspread/filtering.go`.

use super::size::{Size, fullest_zone};
use super::{Number, Reason, ServiceInRegion};
use crate::model::{Region, Service, Spread as Wanted, Survives};

/// How the replicas of a service spread in a region, and what that leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placement {
    /// Over zones; none where they are not spread.
    pub(crate) zones: Option<Spread>,
    /// Over nodes; none where they are not spread.
    pub(crate) nodes: Option<Spread>,
    /// Replicas left after the loss of any one zone. Where the spread is only wished for, the
    /// scheduler may put all of them into one.
    pub(crate) survivors_of_zone_loss: u32,
    /// Replicas that may stand on one node: one where the spread over nodes is required, else as
    /// many as may stand in one zone.
    pub(crate) max_on_a_node: u32,
}

/// A spread over failure domains, with a skew of 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spread {
    /// A pod that would break it stays pending.
    Required,
    /// A pod that would break it is placed all the same.
    Preferred,
}

/// How replicas of `service` spread in `region`, of which there are `size`.
pub(super) fn of(service: &Service, region: &Region, size: &Size) -> Placement {
    let tier = &service.tier;
    let spread = |wanted| match (wanted, required(service, region, size, wanted)) {
        (Wanted::None, _) => None,
        (_, true) => Some(Spread::Required),
        (_, false) => Some(Spread::Preferred),
    };
    let zones = spread(tier.zone_spread).filter(|_| size.zones > 1);
    let nodes = spread(tier.host_spread);
    let apart = zones == Some(Spread::Required);
    let survivors_of_zone_loss = if apart { size.survivors.min(size.running) } else { 0 };
    let max_on_a_node = match nodes {
        Some(Spread::Required) => size.running.min(1),
        Some(Spread::Preferred) | None => size.running - survivors_of_zone_loss,
    };
    Placement { zones, nodes, survivors_of_zone_loss, max_on_a_node }
}

/// By how many replicas domains may differ.
pub(crate) fn max_skew() -> Number<u32, impl FnOnce() -> Reason> {
    Number::new(1, || {
        let words = "domains may differ by one replica: the fullest holds as few as can be";
        Reason::new(words).built_in()
    })
}

/// How much a replica avoids the nodes of others, from 1 to 100.
pub(crate) fn avoidance() -> Number<u32, impl FnOnce() -> Reason> {
    Number::new(100, || {
        Reason::new("the most there is: another node wherever there is one").built_in()
    })
}

fn required(service: &Service, region: &Region, size: &Size, wanted: Wanted) -> bool {
    match wanted {
        Wanted::Required => true,
        Wanted::None | Wanted::Preferred => false,
        // Without it one node may hold every replica, and then nothing is left without that node;
        // `nodes` refuses regions with fewer nodes than replicas.
        Wanted::RequiredWhereItFits if service.survives() == Survives::Node => true,
        // Every replica of the fullest zone, the surge of a rollout included, has a node of its
        // own, also in the zones that are left where one may be lost. Where it has not, a hard
        // constraint would leave pods pending: in zones of unequal size the smaller one has no room
        // while the larger one still has empty nodes, and the spread over zones allows no other.
        Wanted::RequiredWhereItFits => {
            let needed = nodes_of_a_zone(service, size);
            region.zones.iter().all(|zone| zone.nodes >= needed)
        }
    }
}

/// The most replicas that there may be.
pub(crate) fn max_replicas(service: &Service, size: &Size) -> u32 {
    let max = service.autoscale.as_ref().map_or(0, |autoscale| autoscale.max);
    size.full.max(max)
}

/// The nodes that a zone needs so that each of its replicas has one of its own.
pub(crate) fn nodes_of_a_zone(service: &Service, size: &Size) -> u32 {
    let left = match service.survives() {
        Survives::Pod | Survives::Node => size.zones,
        Survives::Zone | Survives::Region => size.zones.saturating_sub(1),
    };
    fullest_zone(max_replicas(service, size).saturating_add(service.tier.surge), left)
}

/// The domains that a required spread over zones demands; none where it is not required.
///
/// One less than there are zones: when the nodes of a lost zone are deleted, the zone stops being a
/// domain, and demanding all of them would keep every replacement waiting until it is back
/// (KEP-5980). The API takes the field only with `DoNotSchedule`.
pub(crate) fn min_domains(
    here: &ServiceInRegion<'_>,
) -> Option<Number<u32, impl FnOnce() -> Reason>> {
    let required = here.placement.zones == Some(Spread::Required);
    let number = || {
        Number::new(here.size.zones - 1, || {
            let words = format!(
                "one less than the {} zones: when the nodes of a lost zone are deleted it is no domain any more, and demanding it would keep every replacement waiting (KEP-5980)",
                here.size.zones
            );
            Reason::new(words).from(here.in_nodes()).from(here.in_tier("zone_spread"))
        })
    };
    required.then(number)
}
