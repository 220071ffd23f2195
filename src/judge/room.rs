//! Whether the pods of a whole region have room on the nodes that are left.
//!
//! One packing is tried: pods that still run first, then those that come back, the largest first,
//! each onto the emptiest node that is allowed. A packing that is found proves that there is one,
//! not that the scheduler finds it; one that is not found proves nothing, unless the sum is too
//! large.

use super::cluster::{HOST, Region, Resources, ZONE};
use super::pods::Workload;

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

struct Node {
    zone: usize,
    free: Resources,
}

/// Packs the pods onto so many nodes of each zone.
pub(super) fn pack(region: &Region, nodes: &[usize], demands: &[Demand<'_>]) -> Packed {
    let mut cluster: Vec<Node> = Vec::new();
    for (zone, declared) in region.zones.iter().enumerate() {
        let node = |_| Node { zone, free: declared.node.clone() };
        cluster.extend((0..nodes[zone]).map(node));
    }
    let mut order: Vec<usize> = (0..demands.len()).collect();
    let whole = (region.zones.iter().zip(nodes))
        .fold(Resources::default(), |sum, (zone, nodes)| sum.plus(&zone.node.times(*nodes as u64)));
    order.sort_by_key(|at| std::cmp::Reverse(share(&demands[*at].workload.pod.requests, &whole)));
    let mut without = [vec![0; demands.len()], vec![0; demands.len()]];
    let mut own: Vec<Vec<(usize, usize)>> = vec![Vec::new(); demands.len()];
    for returned in [false, true] {
        for at in &order {
            let demand = &demands[*at];
            let zones = if returned { &demand.returned } else { &demand.stayed };
            let max = max_on_a_node(demand, cluster.len());
            for (zone, count) in zones.iter().enumerate() {
                for _ in 0..*count {
                    let placed = put(&mut cluster, demand.workload, zone, &mut own[*at], max);
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
    cluster: &mut [Node],
    workload: &Workload,
    zone: usize,
    own: &mut Vec<(usize, usize)>,
    max: usize,
) -> bool {
    let requests = &workload.pod.requests;
    let taken = |at: usize| own.iter().find(|(node, _)| *node == at).map_or(0, |(_, count)| *count);
    let fits = |at: &usize, cluster: &[Node]| {
        cluster[*at].free.holds(requests) && (max == usize::MAX || taken(*at) < max)
    };
    let emptiest = |cluster: &[Node], wanted: &dyn Fn(usize) -> bool| {
        let nodes = (0..cluster.len()).filter(|at| wanted(cluster[*at].zone));
        nodes.filter(|at| fits(at, cluster)).max_by_key(|at| {
            (std::cmp::Reverse(taken(*at)), &cluster[*at].free, std::cmp::Reverse(*at))
        })
    };
    let bound = !workload.pod.classes.is_empty()
        || workload.pod.spread.iter().any(|spread| spread.key == ZONE);
    let found = emptiest(cluster, &|other| other == zone)
        .or_else(|| if bound { None } else { emptiest(cluster, &|_| true) });
    let Some(at) = found else { return false };
    cluster[at].free = cluster[at].free.less(requests).expect("it fits");
    match own.iter_mut().find(|(node, _)| *node == at) {
        Some((_, count)) => *count += 1,
        None => own.push((at, 1)),
    }
    true
}
