//! Whether the pods of a whole region have room on the nodes that are left.
//!
//! One packing is tried: pods that still run first, then those that come back, the largest first,
//! each onto the emptiest node that is allowed. A packing that is found proves that there is one,
//! not that the scheduler finds it; one that is not found proves nothing, unless the sum is too
//! large.

use super::cluster::{HOST, Region, Resources, ZONE};
use super::pods::Workload;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Where the pods of a workload are to be.
#[derive(Clone, Debug)]
pub(super) struct Demand<'a> {
    pub(super) workload: &'a Workload,
    /// Pods that still run, by zone.
    pub(super) stayed: Vec<usize>,
    /// Pods that come back, by zone.
    pub(super) returned: Vec<usize>,
}

/// How many pods found no place, by demand.
pub(super) struct Packed {
    /// Of those that still run: they never had one.
    pub(super) stayed: Vec<usize>,
    /// Of those that come back.
    pub(super) returned: Vec<usize>,
    /// Whether all of them ask for more than there is, so that no packing exists.
    pub(super) certain: bool,
}

/// Nodes, and in each zone those that are the emptiest.
struct Nodes {
    zones: Vec<usize>,
    free: Vec<Resources>,
    /// The nodes of a zone by what is free on them, of equal ones the first last.
    by_free: Vec<BTreeSet<(Resources, Reverse<usize>)>>,
}

impl Nodes {
    /// So many nodes of each zone, with nothing on them.
    fn of(region: &Region, count: &[usize]) -> Nodes {
        let mut nodes = Nodes { zones: Vec::new(), free: Vec::new(), by_free: Vec::new() };
        for (zone, declared) in region.zones.iter().enumerate() {
            let all = nodes.zones.len()..nodes.zones.len() + count[zone];
            let node = |at| (declared.node.clone(), Reverse(at));
            nodes.by_free.push(all.clone().map(node).collect());
            nodes.zones.extend(all.clone().map(|_| zone));
            nodes.free.extend(all.map(|_| declared.node.clone()));
        }
        nodes
    }

    /// The emptiest node of a zone that has room for `requests`, of those that have the fewest pods
    /// of the workload itself, and less than `max`; `own` are these pods, by node.
    fn emptiest(
        &self,
        zone: usize,
        requests: &Resources,
        own: &[(usize, usize)],
        max: usize,
    ) -> Option<Place<'_>> {
        let others = self.by_free[zone].iter().rev();
        let without = others
            .take_while(|(free, _)| max > 0 && free.cpu >= requests.cpu)
            .filter(|(free, _)| free.holds(requests))
            .find(|(_, Reverse(at))| own.iter().all(|(node, _)| node != at));
        if let Some((free, at)) = without {
            return Some((Reverse(0), free, *at));
        }
        let with = own.iter().filter(|(at, count)| {
            self.zones[*at] == zone
                && self.free[*at].holds(requests)
                && (max == usize::MAX || *count < max)
        });
        with.map(|(at, count)| (Reverse(*count), &self.free[*at], Reverse(*at))).max()
    }

    fn take(&mut self, at: usize, requests: &Resources) {
        let left = self.free[at].less(requests).expect("it fits");
        let free = std::mem::replace(&mut self.free[at], left.clone());
        let nodes = &mut self.by_free[self.zones[at]];
        nodes.remove(&(free, Reverse(at)));
        nodes.insert((left, Reverse(at)));
    }
}

/// A node that a pod may be put onto, the best one largest: how many of its own kind are there, what
/// is free, and which one it is.
type Place<'a> = (Reverse<usize>, &'a Resources, Reverse<usize>);

/// Packs the pods onto so many nodes of each zone.
pub(super) fn pack(region: &Region, nodes: &[usize], demands: &[Demand<'_>]) -> Packed {
    let mut all = Nodes::of(region, nodes);
    let mut order: Vec<usize> = (0..demands.len()).collect();
    let whole = (region.zones.iter().zip(nodes))
        .fold(Resources::default(), |sum, (zone, nodes)| sum.plus(&zone.node.times(*nodes as u64)));
    order.sort_by_key(|at| Reverse(share(&demands[*at].workload.pod.requests, &whole)));
    let mut without = [vec![0; demands.len()], vec![0; demands.len()]];
    let mut own: Vec<Vec<(usize, usize)>> = vec![Vec::new(); demands.len()];
    for returned in [false, true] {
        for at in &order {
            let demand = &demands[*at];
            let zones = if returned { &demand.returned } else { &demand.stayed };
            let max = max_on_a_node(demand, all.zones.len());
            for (zone, count) in zones.iter().enumerate() {
                for _ in 0..*count {
                    let placed = put(&mut all, demand.workload, zone, &mut own[*at], max);
                    without[usize::from(returned)][*at] += usize::from(!placed);
                }
            }
        }
    }
    let asked = demands.iter().fold(Resources::default(), |sum, demand| {
        let pods: usize = demand.stayed.iter().chain(&demand.returned).sum();
        sum.plus(&demand.workload.pod.requests.times(pods as u64))
    });
    let [stayed, returned] = without;
    Packed { stayed, returned, certain: !whole.holds(&asked) }
}

/// The largest of the shares of everything, in millionths.
fn share(requests: &Resources, whole: &Resources) -> u128 {
    let part = |one: u64, all: u64| u128::from(one) * 1_000_000 / u128::from(all.max(1));
    let devices = requests.extended.iter();
    let devices = devices
        .map(|(name, one)| part(*one, whole.extended.get(name).copied().unwrap_or_default()));
    let own = part(requests.cpu, whole.cpu).max(part(requests.memory, whole.memory));
    devices.fold(own, u128::max)
}

/// How many pods of one workload may share a node.
fn max_on_a_node(demand: &Demand<'_>, nodes: usize) -> usize {
    let pods: usize = demand.stayed.iter().chain(&demand.returned).sum();
    let pod = &demand.workload.pod;
    if pod.apart.iter().any(|term| term.key == HOST && term.selector.selects(&pod.labels)) {
        return 1;
    }
    let enforced = pod.spread.iter().filter(|spread| spread.key == HOST);
    let skew = enforced.map(|spread| spread.max_skew).min();
    // Every node has `pods / nodes` before one has more than that and the skew.
    skew.map_or(usize::MAX, |skew| pods / nodes.max(1) + skew)
}

fn put(
    nodes: &mut Nodes,
    workload: &Workload,
    zone: usize,
    own: &mut Vec<(usize, usize)>,
    max: usize,
) -> bool {
    let requests = &workload.pod.requests;
    let bound = !workload.pod.classes.is_empty()
        || workload.pod.spread.iter().any(|spread| spread.key == ZONE);
    let emptiest = |zone: usize| nodes.emptiest(zone, requests, own, max);
    let elsewhere = || (0..nodes.by_free.len()).filter_map(emptiest).max();
    let found = emptiest(zone).or_else(|| if bound { None } else { elsewhere() });
    let Some((_, _, Reverse(at))) = found else { return false };
    nodes.take(at, requests);
    match own.iter_mut().find(|(node, _)| *node == at) {
        Some((_, count)) => *count += 1,
        None => own.push((at, 1)),
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    /// Looks at every node.
    fn scanned(
        nodes: &Nodes,
        zone: usize,
        requests: &Resources,
        own: &[(usize, usize)],
        max: usize,
    ) -> Option<usize> {
        let count = |at: usize| own.iter().find(|(node, _)| *node == at).map_or(0, |(_, n)| *n);
        (0..nodes.zones.len())
            .filter(|at| nodes.zones[*at] == zone && nodes.free[*at].holds(requests))
            .filter(|at| count(*at) < max)
            .max_by_key(|at| (Reverse(count(*at)), nodes.free[*at].clone(), Reverse(*at)))
    }

    #[test]
    fn the_emptiest_node_is_that_of_a_look_at_all_of_them() {
        let region = fixture::region(&[5, 1, 3]);
        let (mut tried, mut full) = (0, 0);
        for max in [0, 1, 2, usize::MAX] {
            for kind in 1_u64..60 {
                let mut nodes = Nodes::of(&region, &[5, 1, 3]);
                let mut own = Vec::new();
                for step in 0_u64..60 {
                    // Pods of several sizes; some need more memory than cores, some nothing.
                    let requests = Resources {
                        cpu: step * kind * 37 % 2900,
                        memory: (step * step * kind % 11) << 30,
                        ..Resources::default()
                    };
                    let zone = usize::try_from(step * kind % 3).expect("a zone");
                    let found = nodes.emptiest(zone, &requests, &own, max).map(|place| place.2.0);
                    assert_eq!(found, scanned(&nodes, zone, &requests, &own, max));
                    tried += 1;
                    let Some(at) = found else {
                        full += 1;
                        continue;
                    };
                    nodes.take(at, &requests);
                    match own.iter_mut().find(|(node, _)| *node == at) {
                        Some((_, count)) => *count += 1,
                        None => own.push((at, 1)),
                    }
                }
            }
        }
        assert!(tried > 10_000 && full > 1_000, "{tried}, {full}");
    }
}
