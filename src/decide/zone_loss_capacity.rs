//! Whether what a lost zone ran has room in the others, where the promise rests on that.
//!
//! A tier that survives a zone keeps the peak with the replicas that are left. Any other is back
//! when its pods have started elsewhere: that is in the proof of its RTO, and needs room.

use super::capacity::{self, Demand, Load, Resource, more_nodes};
use super::own_pods::OwnPods;
use super::{Decided, ServiceInRegion};
use crate::diag::{Code, Diagnostic, Sink};
use crate::model::Region;
use crate::model::{Rollout, WorkloadKind};
use crate::model::{Topology, Zone};

pub(crate) fn check(sink: &mut Sink, decided: &Decided) {
    // A sum of some services says too little.
    if !decided.is_whole() {
        return;
    }
    for region in decided.fleet().nodes().filter(|region| region.zones.len() > 1) {
        if let Some(finding) = lacks(decided, region, &[]) {
            sink.error(finding);
        }
    }
}

/// The same for one region, of each zone of which former generations ask for `more`.
pub(super) fn with_more(
    decided: &Decided,
    region: &Region,
    more: &[Demand<'_>],
) -> Option<Diagnostic> {
    if !decided.is_whole() || region.zones.len() < 2 {
        return None;
    }
    lacks(decided, region, more)
}

fn lacks(decided: &Decided, region: &Region, more: &[Demand<'_>]) -> Option<Diagnostic> {
    let here = running(decided, region);
    let resting: Vec<&ServiceInRegion<'_>> = here.iter().filter(|here| rests_on_it(here)).collect();
    if resting.is_empty() {
        return None;
    }
    // Where there is no room even without a loss, that is reported already.
    let load = Load::of(decided, region, here.iter().map(capacity::demand).collect());
    if load.is_too_large() {
        return None;
    }
    let own = OwnPods::of(decided.fleet(), region);
    let resources = Resource::of_services(here.iter().map(|here| here.service));
    let needed = |resource: Resource<'_>| -> u64 {
        let more: u64 = more.iter().map(|demand| resource.of(demand)).sum();
        needed(&here, resource) + own.in_all(resource) + more * region.zones.len() as u64
    };
    let lacks = |resource: &Resource<'_>| {
        without_the_largest(region, &own, *resource, 0) < needed(*resource)
    };
    let resource = resources.iter().copied().find(lacks)?;
    let enough = |more: u64| {
        let fits = |resource| without_the_largest(region, &own, resource, more) >= needed(resource);
        resources.iter().copied().all(fits)
    };
    let left = without_the_largest(region, &own, resource, 0);
    let finding = finding(decided, region, (resource, left, needed(resource)), &resting);
    Some(finding.help(help(region, min_that(enough))))
}

/// What the zones that remain have without the largest, and what all pods need of it; none where no
/// promise rests on that.
pub(super) fn room(
    decided: &Decided,
    region: &Region,
    resource: Resource<'_>,
) -> Option<(u64, u64)> {
    let here = running(decided, region);
    let rests = region.zones.len() > 1 && here.iter().any(rests_on_it);
    let own = OwnPods::of(decided.fleet(), region);
    let left = || without_the_largest(region, &own, resource, 0);
    rests.then(|| (left(), needed(&here, resource) + own.in_all(resource)))
}

/// The services that run on these nodes.
fn running<'a>(decided: &'a Decided, region: &Region) -> Vec<ServiceInRegion<'a>> {
    let places = decided.services().iter().flat_map(|service| decided.places(service));
    let nodes = region.nodes_of();
    places.filter(|here| here.region.nodes_of() == nodes && here.size.running > 0).collect()
}

/// What the pods of all of them need together.
fn needed(here: &[ServiceInRegion<'_>], resource: Resource<'_>) -> u64 {
    let own = here
        .iter()
        .map(|here| pods(here) * resource.of_replica(here.service) + resource.of_jobs(here));
    own.sum()
}

/// Whether the peak is only carried again once pods have started in another zone.
fn rests_on_it(here: &ServiceInRegion<'_>) -> bool {
    here.placement.survivors_of_zone_loss < here.size.peak && !stays(here)
}

/// Whether its volumes hold it in the lost zone.
fn stays(here: &ServiceInRegion<'_>) -> bool {
    here.service.volumes.iter().any(|volume| {
        let class = here.service.class_of(volume, here.region);
        class.is_some_and(|class| class.topology == Topology::Zone)
    })
}

/// Every pod, those of former generations included; none that can start nowhere else.
fn pods(here: &ServiceInRegion<'_>) -> u64 {
    let service = here.service;
    let replaced = service.kind == WorkloadKind::Deployment && service.rollout == Rollout::Replace;
    let generations = 1 + u64::from(replaced);
    let autoscale = service.autoscale.as_ref().filter(|_| here.role.scales);
    let max = autoscale.map_or(0, |autoscale| autoscale.max).max(here.size.running);
    if stays(here) { 0 } else { u64::from(max) * generations }
}

/// What is left without the largest zone, with so many more nodes in each.
fn without_the_largest(region: &Region, own: &OwnPods, resource: Resource<'_>, more: u64) -> u64 {
    let zone = |zone: &Zone| {
        let has = resource.beside(own, region, zone);
        has.saturating_add(more.saturating_mul(has / u64::from(zone.nodes).max(1)))
    };
    let all = region.zones.iter().map(zone).fold(0, u64::saturating_add);
    all - region.zones.iter().map(zone).max().unwrap_or(0)
}

fn finding(
    decided: &Decided,
    region: &Region,
    (resource, left, needed): (Resource<'_>, u64, u64),
    resting: &[&ServiceInRegion<'_>],
) -> Diagnostic {
    let largest = region.zones.iter().enumerate();
    let (index, zone) = largest
        .rev()
        .max_by_key(|(_, zone)| resource.in_zone(region, zone))
        .expect("a region has a zone");
    let path = resource.path(region, index);
    let mut finding = Diagnostic::new(
        Code::NO_ROOM_ELSEWHERE,
        format!(
            "without `{}`, {} has {}, and all pods need {}",
            zone.name,
            region.called(),
            resource.shown(left),
            resource.shown(needed)
        ),
    )
    .at(decided.fleet().document.at_owned(&path), "the largest zone");
    let first = resting.iter().max_by_key(|here| pods(here) * resource.of_replica(here.service));
    if let Some(first) = first {
        let text = "does not survive the loss of a zone, but is promised to be back after it";
        finding = finding.related(first.service.at(&["tier"]), text);
    }
    finding.note(match resting.len() {
        1 => "the `rto` of 1 service here rests on it, as it holds for the loss of a zone, too".to_owned(),
        count => format!("the `rto` of {count} services here rests on it, as it holds for the loss of a zone, too"),
    })
}

/// The most nodes that a zone may be declared to have.
const MAX_NODES: u64 = 5000;

/// The least number from which on `enough` holds, if any in reason does.
fn min_that(enough: impl Fn(u64) -> bool) -> Option<u64> {
    let (mut low, mut high) = (0, MAX_NODES);
    if !enough(high) {
        return None;
    }
    while low + 1 < high {
        let middle = u64::midpoint(low, high);
        if enough(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

fn help(region: &Region, more: Option<u64>) -> String {
    let nodes = more.map(|more| {
        let zones = region.zones.iter().map(|zone| (more, zone.name.as_str()));
        format!("{}, as large as those there", more_nodes(zones))
    });
    let nodes = nodes.unwrap_or_else(|| "larger nodes".to_owned());
    format!("{nodes}; or a tier that survives a zone")
}
