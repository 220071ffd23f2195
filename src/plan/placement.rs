//! How replicas spread over zones and nodes.
//!
//! Facts: the scheduler's `pkg/scheduler/framework/plugins/podtopologyspread/filtering.go`.

use super::ServiceInRegion;
use super::values::Spread;
use crate::kube::labels::ZONE;
use crate::model::Service;
use crate::model::WorkloadKind;
use crate::model::{Spread as Wanted, Survives};

const HOST: &str = "kubernetes.io/hostname";

/// The spread constraints of a pod; the template adds what is the same for all of them.
///
/// Both are written whenever one is: a pod with any constraint of its own gets none of the
/// cluster's defaults.
pub(crate) fn spread(here: &ServiceInRegion<'_>) -> Vec<Spread> {
    let tier = &here.service.tier;
    let zones = here.size.zones;
    let constraint = |key, required: bool, min_domains| Spread {
        key,
        when: if required { "DoNotSchedule" } else { "ScheduleAnyway" },
        min_domains,
        selector: here.selector(),
    };
    let mut spread = Vec::new();
    if zones > 1 && tier.zone_spread != Wanted::None {
        let required = required(here, tier.zone_spread);
        // With one domain less than there are zones: when the nodes of a lost zone are deleted,
        // the zone stops being a domain, and demanding all of them would keep every replacement
        // waiting until it is back (KEP-5980). The API takes the field only with `DoNotSchedule`.
        spread.push(constraint(ZONE, required, required.then_some(zones - 1)));
    }
    if tier.host_spread != Wanted::None {
        spread.push(constraint(HOST, required(here, tier.host_spread), None));
    }
    spread
}

/// Replicas left after the loss of any one zone. Where the spread is only wished for, the scheduler
/// may put all of them into one.
pub(crate) fn survivors_of_zone_loss(here: &ServiceInRegion<'_>) -> u32 {
    let apart = here.size.zones > 1 && required(here, here.service.tier.zone_spread);
    if apart { here.size.survivors.min(here.size.running) } else { 0 }
}

/// Replicas that may stand on one node: one where the spread over nodes is required, else as many
/// as may stand in one zone.
pub(crate) fn most_on_a_node(here: &ServiceInRegion<'_>) -> u32 {
    let running = here.size.running;
    if required(here, here.service.tier.host_spread) {
        running.min(1)
    } else {
        running - survivors_of_zone_loss(here)
    }
}

fn required(here: &ServiceInRegion<'_>, wanted: Wanted) -> bool {
    match wanted {
        Wanted::Required => true,
        Wanted::None | Wanted::Preferred => false,
        // Without it one node may hold every replica, and then nothing is left without that node;
        // `capacity` refuses regions with fewer nodes than replicas.
        Wanted::RequiredWhereItFits if here.service.tier.survives == Survives::Node => true,
        Wanted::RequiredWhereItFits => fits(here),
    }
}

/// Whether every replica of the fullest zone, the surge of a rollout included, has a node of its
/// own, also in the zones that are left where one may be lost. Where it has not, a hard constraint
/// would leave pods pending: in zones of unequal size the smaller one has no room while the larger
/// one still has empty nodes, and the spread over zones allows no other.
fn fits(here: &ServiceInRegion<'_>) -> bool {
    here.region.zones.iter().all(|zone| zone.nodes >= nodes_of_a_zone(here))
}

/// The most replicas that there may be.
pub(crate) fn most(here: &ServiceInRegion<'_>) -> u32 {
    let most = here.service.autoscale.as_ref().map_or(0, |autoscale| autoscale.max);
    here.size.full.max(most)
}

/// The nodes that a zone needs so that each of its replicas has one of its own.
pub(crate) fn nodes_of_a_zone(here: &ServiceInRegion<'_>) -> u32 {
    let left = match here.service.tier.survives {
        Survives::Pod | Survives::Node => here.size.zones,
        Survives::Zone | Survives::Region => (here.size.zones - 1).max(1),
    };
    super::size::fullest_zone(most(here) + here.service.tier.surge, left)
}

/// The labels that tell one revision of the pods from another, so that a rollout does not count
/// the pods that it replaces: otherwise it ends skewed.
///
/// None for a StatefulSet: its volumes hold each replica in its zone, and a constraint that counts
/// revisions apart could keep a replica from coming back to where its volume is.
pub(crate) fn revision(service: &Service) -> Vec<String> {
    match service.kind {
        WorkloadKind::Deployment => vec!["pod-template-hash".to_owned()],
        WorkloadKind::Stateful => Vec::new(),
    }
}
