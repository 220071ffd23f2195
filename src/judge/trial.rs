//! One loss, and what it does to one workload.

use super::blocked::Blocked;
use super::cluster::{Region, Storage};
use super::pods::Workload;
use super::report::Scope;
use super::schedule::{Adversary, Cluster, Placed, State};

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
    let adversary = match (scope, node) {
        (Scope::Node, Some(node)) => Adversary::Node(node),
        (Scope::Node | Scope::Zone | Scope::Region, _) => Adversary::Zone(zone),
    };
    let mut never = None;
    for (index, workload) in group.iter().enumerate() {
        // A volume that is made before its pod may be made anywhere.
        let pinned = (workload.storage(region) == Some(Storage::BoundBefore)).then_some(zone);
        for done in 0..workload.replicas {
            if let Err(blocked) = cluster.schedule(index, pinned, adversary) {
                if index == own {
                    never = Some((workload.replicas - done, blocked));
                }
                break;
            }
        }
    }
    let is_lost = |at: usize, its_zone: usize| match scope {
        Scope::Node => node == Some(at),
        Scope::Zone | Scope::Region => its_zone == zone,
    };
    let mut trial =
        Trial { never, stayed: Vec::new(), returned: vec![0; region.zones.len()], pending: None };
    for state in [State::Unreachable, State::Deleted] {
        let mut after = cluster.clone();
        let gone = after.lose(state, is_lost);
        trial.stayed = after.zones(own);
        for adversary in foes(region, scope, zone) {
            let mut after = after.clone();
            let pending = bring_back(&mut after, region, group, &gone, adversary);
            let worse = trial.pending.as_ref().map_or(0, |(count, ..)| *count);
            if let Some((count, blocked)) = pending.filter(|(count, _)| *count > worse) {
                trial.pending = Some((count, state, blocked));
            }
            if (state, adversary) == (State::Deleted, Adversary::Nobody) {
                let settled = after.zones(own);
                let back = settled.iter().zip(&trial.stayed).map(|(now, then)| now - then);
                trial.returned = back.collect();
            }
        }
    }
    trial
}

/// Who may choose where the pods come back: nobody, or somebody who fills one of the other zones.
fn foes(region: &Region, scope: Scope, zone: usize) -> Vec<Adversary> {
    let zones = 0..region.zones.len();
    let left = zones.filter(|other| *other != zone || scope == Scope::Node);
    let filling: Vec<Adversary> = left.map(Adversary::Zone).collect();
    let ends = [filling.first(), filling.last()];
    std::iter::once(Adversary::Nobody).chain(ends.into_iter().flatten().copied()).collect()
}

/// Schedules what was lost again; how many of the last workload of the group find no node.
fn bring_back(
    cluster: &mut Cluster<'_>,
    region: &Region,
    group: &[&Workload],
    gone: &[Placed],
    adversary: Adversary,
) -> Option<(usize, Blocked)> {
    let own = group.len() - 1;
    let mut pending: Option<(usize, Blocked)> = None;
    for pod in gone {
        let bound = matches!(
            group[pod.workload].storage(region),
            Some(Storage::Bound | Storage::BoundBefore)
        );
        let pinned = bound.then(|| cluster.zone_of(*pod));
        if let Err(blocked) = cluster.schedule(pod.workload, pinned, adversary)
            && pod.workload == own
        {
            pending = Some((pending.map_or(0, |(count, _)| count) + 1, blocked));
        }
    }
    pending
}

#[cfg(test)]
mod tests {
    use super::super::cluster::{HOST, Resources, ZONE};
    use super::super::fixture;
    use super::*;
    use std::collections::BTreeSet;

    /// The fewest pods that stay, over every placement that the scheduler may choose.
    fn fewest(region: &Region, group: &[&Workload], scope: Scope) -> usize {
        let start = Cluster::new(region, group);
        let first = start.first_of(0);
        let (mut open, mut seen, mut fewest) = (vec![start], BTreeSet::new(), usize::MAX);
        while let Some(cluster) = open.pop() {
            let choices = match cluster.pods.len() == group[0].replicas {
                true => Vec::new(),
                false => cluster.feasible(0, None).unwrap_or_default(),
            };
            if choices.is_empty() {
                let is_lost =
                    |at, zone| if scope == Scope::Node { Some(at) == first } else { zone == 0 };
                let mut after = cluster.clone();
                after.lose(State::Deleted, is_lost);
                fewest = fewest.min(after.pods.len());
            }
            for node in choices {
                let mut next = cluster.clone();
                next.put(0, node);
                let mut nodes: Vec<usize> = next.pods.iter().map(|pod| pod.node).collect();
                nodes.sort_unstable();
                if seen.insert(nodes) {
                    open.push(next);
                }
            }
        }
        fewest
    }

    /// The foe's choice is greedy; no choice at all is worse.
    #[test]
    fn no_placement_is_worse_than_the_one_that_is_found() {
        let mut tried = 0;
        for nodes in
            [&[1, 1][..], &[2, 1], &[1, 1, 1], &[2, 2], &[1, 2, 2], &[3, 1, 1], &[1, 1, 1, 1]]
        {
            for (zone_skew, min_domains) in [(0, 0), (1, 1), (1, 2), (1, 3), (2, 1), (3, 2)] {
                for host_skew in [0, 1, 2] {
                    for replicas in 1..=6 {
                        let region = fixture::region(nodes);
                        let mut workload = fixture::workload(replicas);
                        if zone_skew > 0 {
                            workload = workload.spread(ZONE, zone_skew, min_domains);
                        }
                        if host_skew > 0 {
                            workload = workload.spread(HOST, host_skew, 1);
                        }
                        for scope in [Scope::Node, Scope::Zone] {
                            let found = lose(&region, &[&workload], scope, 0).stay();
                            let fewest = fewest(&region, &[&workload], scope);
                            let what = format!("{nodes:?} {zone_skew} {min_domains} {host_skew}");
                            assert_eq!(found, fewest, "{what}: {replicas} replicas, {scope:?}");
                            tried += 1;
                        }
                    }
                }
            }
        }
        assert!(tried > 1000);
    }

    #[test]
    fn a_node_holds_no_more_than_it_has_room_for() {
        let region = fixture::region(&[2, 2]);
        let mut workload = fixture::workload(4);
        let node = region.zones[0].node.clone();
        workload.pod.requests = Resources { cpu: node.cpu / 2, ..Resources::default() };
        assert_eq!(lose(&region, &[&workload], Scope::Node, 0).stay(), 2);
        workload.pod.requests = Resources { cpu: node.cpu / 2 + 1, ..Resources::default() };
        assert_eq!(lose(&region, &[&workload], Scope::Node, 0).stay(), 3);
        let zone = lose(&region, &[&workload], Scope::Zone, 0);
        assert_eq!((zone.stay(), zone.pending), (2, Some((2, State::Unreachable, Blocked::Size))));
    }

    #[test]
    fn a_volume_that_is_made_first_decides_where_its_pod_goes() {
        let mut region = fixture::region(&[2, 2, 2]);
        region.storage.push(("early".to_owned(), Storage::BoundBefore));
        region.storage.push(("late".to_owned(), Storage::Bound));
        let workload = |class: &str| {
            let mut workload = fixture::workload(3).spread(ZONE, 1, 2);
            (workload.stateful, workload.pod.classes) = (true, vec![Some(class.to_owned())]);
            workload
        };
        let early = lose(&region, &[&workload("early")], Scope::Zone, 0);
        let waits = matches!(early.never, Some((2, Blocked::Spread { .. })));
        assert!(waits && early.stay() == 0, "{early:?}");
        let late = lose(&region, &[&workload("late")], Scope::Zone, 0);
        let gone = Blocked::Volume("z0".to_owned());
        assert_eq!((late.never, late.pending), (None, Some((1, State::Unreachable, gone))));
        // Another node of its zone takes it, where there is one.
        assert_eq!(lose(&region, &[&workload("late")], Scope::Node, 0).pending, None);
    }
}
