//! The loss of a node or a zone.

use super::World;
use super::cluster::Region;
use super::databases;
use super::drain::{self, Over};
use super::groups;
use super::pods::Workload;
use super::report::{Loss, Outcome, Scope};
use super::room::{self, Demand, Packed};
use super::trial::{self, Trial};
use super::verdict::{Judge, Room};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// What every loss does to every service in its region.
pub(super) fn all(world: &World<'_>, losses: &[Loss]) -> Vec<Outcome> {
    let mut by_region: BTreeMap<usize, Vec<&Loss>> = BTreeMap::new();
    losses.iter().for_each(|loss| by_region.entry(loss.region_at).or_default().push(loss));
    let mut outcomes = Vec::new();
    for (at, losses) in by_region {
        let region = &world.regions[at];
        let here = |workload: &&Workload| workload.place.region == region.name;
        let workloads: Vec<&Workload> = world.tree.workloads.iter().filter(here).collect();
        let groups = groups::of(&workloads);
        let budgets = drain::over(&world.tree.budgets, &workloads);
        let apart = OnNodes::apart(region, &groups, &budgets);
        for loss in losses {
            let (mut found, mut hits) = (Vec::new(), Vec::new());
            for on in &apart {
                let (trials, packed) = on.lose(loss);
                hits.extend(databases::hit(on, &trials, &packed));
                found.extend(one(world, on, loss, (trials.as_slice(), &packed)));
            }
            // The database of a service may be on other nodes than its pods.
            databases::join(world, loss, &mut found, &hits);
            outcomes.extend(found);
            outcomes.extend(world.missing(loss));
        }
    }
    outcomes
}

/// The pods that run on the same nodes: those of a region, or of a pool.
pub(super) struct OnNodes<'a> {
    pub(super) nodes: &'a Region,
    pub(super) groups: Vec<Vec<&'a Workload>>,
    /// Of each group.
    pub(super) budgets: Vec<&'a [Over<'a>]>,
}

impl<'a> OnNodes<'a> {
    /// The pods of a region, by the nodes that they run on.
    pub(super) fn apart(
        region: &'a Region,
        groups: &[Vec<&'a Workload>],
        budgets: &'a [Vec<Over<'a>>],
    ) -> Vec<OnNodes<'a>> {
        region.all().map(|nodes| OnNodes::of(region, nodes, groups, budgets)).collect()
    }

    fn of(
        region: &Region,
        nodes: &'a Region,
        groups: &[Vec<&'a Workload>],
        budgets: &'a [Vec<Over<'a>>],
    ) -> OnNodes<'a> {
        let there = |workload: &Workload| std::ptr::eq(region.nodes_for(&workload.pod), nodes);
        let own = groups.iter().zip(budgets).filter(|(group, _)| there(groups::own(group)));
        // Of the others only those that are on these nodes are counted.
        let counted = |group: &Vec<&'a Workload>| {
            group.iter().copied().filter(|workload| there(workload)).collect()
        };
        let own = own.map(|(group, budgets)| (counted(group), budgets.as_slice()));
        let (groups, budgets) = own.unzip();
        OnNodes { nodes, groups, budgets }
    }
}

impl OnNodes<'_> {
    /// What a loss does to each group, and whether everything has room then.
    pub(super) fn lose(&self, loss: &Loss) -> (Vec<Trial>, Packed) {
        let region = self.nodes;
        let trials: Vec<Trial> = (self.groups.par_iter())
            .map(|group| trial::lose(region, group, loss.scope, loss.zone))
            .collect();
        let demands: Vec<Demand<'_>> = (self.groups.iter().zip(&trials))
            .map(|(group, trial)| Demand {
                workload: groups::own(group),
                stayed: trial.stayed.clone(),
                returned: trial.returned.clone(),
            })
            .collect();
        let mut nodes: Vec<usize> = region.zones.iter().map(|zone| zone.nodes).collect();
        let left = if loss.scope == Scope::Node { nodes[loss.zone].saturating_sub(1) } else { 0 };
        nodes[loss.zone] = left;
        let packed = room::pack(region, &nodes, &demands);
        (trials, packed)
    }
}

fn one(
    world: &World<'_>,
    on: &OnNodes<'_>,
    loss: &Loss,
    (trials, packed): (&[Trial], &Packed),
) -> Vec<Outcome> {
    let OnNodes { nodes: region, groups, budgets } = on;
    (0..groups.len())
        .filter_map(|at| {
            let workload = groups::own(&groups[at]);
            if !workload.carries_now() {
                return None;
            }
            let promise = world.promises.get(&workload.service)?.get(&region.name)?;
            // Nothing runs here, and nothing should.
            if workload.replicas == 0 && promise.replicas == 0 {
                return None;
            }
            let room = Room {
                never: packed.stayed[at],
                without: packed.returned[at],
                certain: packed.certain,
            };
            let (trial, budgets) = (&trials[at], budgets[at]);
            let judge = Judge { world, region, workload, promise, budgets, loss, trial, room };
            Some(judge.outcome())
        })
        .collect()
}
