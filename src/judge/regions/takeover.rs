//! The room that regions have when one of them is lost.

use super::Carrying;
use crate::judge::cluster::Region;
use crate::judge::pods::Workload;
use crate::judge::report::Loss;
use crate::judge::room::{self, Demand};
use crate::judge::schedule::{Adversary, Cluster};
use crate::judge::{World, groups};
use std::collections::BTreeMap;

/// How many replicas of a service that takes over find no room, by service and region. Every
/// standby is tried, each with as many replicas as the region that is lost ran.
pub(super) fn rooms(
    world: &World<'_>,
    carrying: &Carrying<'_>,
    loss: &Loss,
) -> BTreeMap<(String, String), usize> {
    let mut without = BTreeMap::new();
    for region in world.regions.iter().filter(|region| region.name != loss.region) {
        let scaled: Vec<Workload> = (world.tree.workloads.iter())
            .filter(|workload| workload.place.region == region.name)
            .map(|workload| takes_over(world, carrying, loss, workload))
            .collect();
        let workloads: Vec<&Workload> = scaled.iter().collect();
        let groups = groups::of(&workloads);
        for on in region.all() {
            let here = |group: &&Vec<&Workload>| {
                std::ptr::eq(region.nodes_for(&groups::own(group).pod), on)
            };
            let demands: Vec<Demand<'_>> =
                groups.iter().filter(here).map(|group| typical(on, group)).collect();
            let nodes: Vec<usize> = on.zones.iter().map(|zone| zone.nodes).collect();
            let packed = room::pack(on, &nodes, &demands);
            for (demand, lacking) in demands.iter().zip(packed.stayed) {
                let placed: usize = demand.stayed.iter().sum();
                let lacking = lacking + demand.workload.replicas - placed;
                if lacking > 0 && demand.workload.carries_now() {
                    let service = demand.workload.service.clone();
                    without.insert((service, region.name.clone()), lacking);
                }
            }
        }
    }
    without
}

/// The workload with the replicas that it has once it carries what the lost region carried.
fn takes_over(
    world: &World<'_>,
    carrying: &Carrying<'_>,
    loss: &Loss,
    workload: &Workload,
) -> Workload {
    let mut scaled = workload.clone();
    let promises = world.promises.get(&workload.service);
    let lost = promises.and_then(|promises| promises.get(&loss.region));
    let was = carrying.get(&(workload.service.as_str(), loss.region.as_str()));
    let leads = lost.filter(|lost| lost.role == "primary");
    if let (Some(_), Some(was)) = (leads, was)
        && workload.carries_now()
    {
        scaled.replicas = scaled.replicas.max(was.replicas);
    }
    if leads.is_some() {
        scaled.replicas = scaled.replicas.saturating_add(scaled.resting);
    }
    scaled
}

/// Where the pods of the last of a group stand when nobody means harm.
fn typical<'a>(region: &Region, group: &[&'a Workload]) -> Demand<'a> {
    let mut cluster = Cluster::new(region, group);
    for (index, workload) in group.iter().enumerate() {
        for _ in 0..workload.replicas {
            if cluster.schedule(index, None, Adversary::Nobody).is_err() {
                break;
            }
        }
    }
    let own = group.len() - 1;
    let returned = vec![0; region.zones.len()];
    Demand { workload: group[own], stayed: cluster.zones(own), returned }
}
