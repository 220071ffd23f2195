//! The loss of a node or a zone.

use super::World;
use super::cluster::Region;
use super::drain::{self, Over};
use super::groups;
use super::pods::Workload;
use super::report::{Loss, Outcome, Scope};
use super::room::{self, Demand};
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
        for loss in losses {
            outcomes.extend(one(world, region, &groups, &budgets, loss));
            outcomes.extend(world.missing(loss));
        }
    }
    outcomes
}

fn one(
    world: &World<'_>,
    region: &Region,
    groups: &[Vec<&Workload>],
    budgets: &[Vec<Over<'_>>],
    loss: &Loss,
) -> Vec<Outcome> {
    let trials: Vec<Trial> = (groups.par_iter())
        .map(|group| trial::lose(region, group, loss.scope, loss.zone))
        .collect();
    let demands: Vec<Demand<'_>> = (groups.iter().zip(&trials))
        .map(|(group, trial)| Demand {
            workload: groups::own(group),
            stayed: trial.stayed.clone(),
            returned: trial.returned.clone(),
        })
        .collect();
    let mut nodes: Vec<usize> = region.zones.iter().map(|zone| zone.nodes).collect();
    nodes[loss.zone] = if loss.scope == Scope::Node { nodes[loss.zone] - 1 } else { 0 };
    let packed = room::pack(region, &nodes, &demands);
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
            let (trial, budgets) = (&trials[at], budgets[at].as_slice());
            let judge = Judge { world, region, workload, promise, budgets, loss, trial, room };
            Some(judge.outcome())
        })
        .collect()
}
