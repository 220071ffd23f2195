//! One loss, and what it does to one workload.

use super::cluster::{Region, Storage};
use super::pods::Workload;
use super::report::Scope;
use super::schedule::{Blocked, Cluster, Foe, Placed, State};

/// What came of it.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    /// Pods that never run, and why.
    pub(super) never: Option<(usize, Blocked)>,
    /// Pods that stay, by zone, at worst.
    pub(super) stayed: Vec<usize>,
    /// Pods that come back, by zone, when nobody means harm.
    pub(super) returned: Vec<usize>,
    /// Pods that no order brings back for sure, while the nodes are still listed or after, and
    /// why.
    pub(super) pending: Option<(usize, State, Blocked)>,
}

impl Trial {
    pub(super) fn stay(&self) -> usize {
        self.stayed.iter().sum()
    }
}

/// Loses a zone, or one of its nodes, with the last of `group`; the others are pods that it counts
/// or that count it. Before the loss the pods stand as badly as the scheduler may place them.
pub(super) fn lose(region: &Region, group: &[&Workload], scope: Scope, zone: usize) -> Trial {
    let mut cluster = Cluster::new(region, group);
    let own = group.len() - 1;
    let node = cluster.first_of(zone);
    let foe = if scope == Scope::Node { Foe::Node(node) } else { Foe::Zone(zone) };
    let mut never = None;
    for (index, workload) in group.iter().enumerate() {
        // A volume that is made before its pod may be made anywhere.
        let pinned = (workload.storage(region) == Some(Storage::BoundBefore)).then_some(zone);
        for done in 0..workload.replicas {
            if let Err(blocked) = cluster.schedule(index, pinned, foe) {
                if index == own {
                    never = Some((workload.replicas - done, blocked));
                }
                break;
            }
        }
    }
    let is_lost = |at: usize, its_zone: usize| match scope {
        Scope::Node => at == node,
        Scope::Zone | Scope::Region => its_zone == zone,
    };
    let mut trial =
        Trial { never, stayed: Vec::new(), returned: vec![0; region.zones.len()], pending: None };
    for state in [State::Unreachable, State::Deleted] {
        let mut after = cluster.clone();
        let gone = after.lose(state, is_lost);
        trial.stayed = after.zones(own);
        for foe in foes(region, scope, zone) {
            let mut after = after.clone();
            let pending = bring_back(&mut after, region, group, &gone, foe);
            let worse = trial.pending.as_ref().map_or(0, |(count, ..)| *count);
            if let Some((count, blocked)) = pending.filter(|(count, _)| *count > worse) {
                trial.pending = Some((count, state, blocked));
            }
            if (state, foe) == (State::Deleted, Foe::Nobody) {
                let settled = after.zones(own);
                let back = settled.iter().zip(&trial.stayed).map(|(now, then)| now - then);
                trial.returned = back.collect();
            }
        }
    }
    trial
}

/// Who may choose where the pods come back: nobody, or somebody who fills one of the other zones.
fn foes(region: &Region, scope: Scope, zone: usize) -> Vec<Foe> {
    let zones = 0..region.zones.len();
    let left = zones.filter(|other| *other != zone || scope == Scope::Node);
    let filling: Vec<Foe> = left.map(Foe::Zone).collect();
    let ends = [filling.first(), filling.last()];
    std::iter::once(Foe::Nobody).chain(ends.into_iter().flatten().copied()).collect()
}

/// Schedules what was lost again; how many of the last workload of the group find no node.
fn bring_back(
    cluster: &mut Cluster<'_>,
    region: &Region,
    group: &[&Workload],
    gone: &[Placed],
    foe: Foe,
) -> Option<(usize, Blocked)> {
    let own = group.len() - 1;
    let mut pending: Option<(usize, Blocked)> = None;
    for pod in gone {
        let bound = matches!(
            group[pod.workload].storage(region),
            Some(Storage::Bound | Storage::BoundBefore)
        );
        let pinned = bound.then(|| cluster.zone_of(*pod));
        if let Err(blocked) = cluster.schedule(pod.workload, pinned, foe)
            && pod.workload == own
        {
            pending = Some((pending.map_or(0, |(count, _)| count) + 1, blocked));
        }
    }
    pending
}
