//! The scheduler, for the pods of one service at a time.
//!
//! It filters nodes as `pkg/scheduler/framework/plugins` does: taints, node selectors, volumes,
//! room for the pods of the service itself, inter-pod affinity, and `podtopologyspread/filtering.go`.
//! Among the nodes that are left the real scheduler chooses by scores, which promise nothing, so
//! here a foe chooses.

use super::blocked::Blocked;
use super::cluster::{HOST, REGION, Region, Resources, Storage, ZONE};
use super::pods::{Pod, Spread, Workload};
use crate::kube::read::selector::Selector;

/// A pod that runs: of which workload of the group, on which node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) workload: usize,
    pub(super) node: usize,
}

#[derive(Clone, Debug)]
struct Node {
    zone: usize,
    used: Resources,
    state: State,
}

/// What became of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Up,
    /// It does not answer, and is still listed, with taints.
    Unreachable,
    /// Its object is gone, too.
    Deleted,
}

/// Who chooses among the nodes that the scheduler may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Adversary {
    /// Fills this zone first; else whatever lets it fill that zone soonest.
    Zone(usize),
    /// Fills this node first.
    Node(usize),
    /// Nobody: the emptiest zone, the emptiest node, as the scores would have it.
    Nobody,
}

/// The nodes of a region, and the pods of some workloads on them.
#[derive(Clone, Debug)]
pub(super) struct Cluster<'a> {
    region: &'a Region,
    nodes: Vec<Node>,
    group: &'a [&'a Workload],
    pub(super) pods: Vec<Placed>,
}

impl<'a> Cluster<'a> {
    /// An empty cluster. Of the nodes of a zone, which are equal, there are as many as the group
    /// has pods and one more: the others would stay empty, whoever chooses.
    pub(super) fn new(region: &'a Region, group: &'a [&'a Workload]) -> Cluster<'a> {
        let pods: usize = group.iter().map(|workload| workload.replicas).sum();
        let nodes = region.zones.iter().enumerate().flat_map(|(zone, declared)| {
            let node = Node { zone, used: Resources::default(), state: State::Up };
            std::iter::repeat_n(node, declared.nodes.min(pods + 1))
        });
        Cluster { region, nodes: nodes.collect(), group, pods: Vec::new() }
    }

    pub(super) fn zone_of(&self, pod: Placed) -> usize {
        self.nodes[pod.node].zone
    }

    /// The first node of a zone; none where a pool has none in it.
    pub(super) fn first_of(&self, zone: usize) -> Option<usize> {
        self.nodes.iter().position(|node| node.zone == zone)
    }

    /// The pods of a workload in each zone.
    pub(super) fn zones(&self, workload: usize) -> Vec<usize> {
        let mut zones = vec![0; self.region.zones.len()];
        for pod in self.pods.iter().filter(|pod| pod.workload == workload) {
            zones[self.zone_of(*pod)] += 1;
        }
        zones
    }

    /// Loses the nodes that `lost` holds of, with the pods on them, which are returned.
    pub(super) fn lose(
        &mut self,
        state: State,
        lost: impl Fn(usize, usize) -> bool,
    ) -> Vec<Placed> {
        for (at, node) in self.nodes.iter_mut().enumerate() {
            if lost(at, node.zone) {
                (node.state, node.used) = (state, Resources::default());
            }
        }
        let nodes = &self.nodes;
        let (gone, left) = self.pods.iter().partition(|pod| nodes[pod.node].state != State::Up);
        self.pods = left;
        gone
    }

    /// Schedules one pod of a workload; `pinned` is the zone that its volume stands in.
    pub(super) fn schedule(
        &mut self,
        workload: usize,
        pinned: Option<usize>,
        adversary: Adversary,
    ) -> Result<Placed, Blocked> {
        let feasible = self.feasible(workload, pinned)?;
        if let Some(dead) = feasible.iter().find(|at| self.nodes[**at].state != State::Up) {
            debug_assert!(self.nodes[*dead].state == State::Unreachable);
            return Err(Blocked::Unreachable);
        }
        let node = self.choose(&feasible, adversary);
        Ok(self.put(workload, node))
    }

    pub(super) fn put(&mut self, workload: usize, node: usize) -> Placed {
        self.nodes[node].used = self.nodes[node].used.plus(&self.group[workload].pod.requests);
        let placed = Placed { workload, node };
        self.pods.push(placed);
        placed
    }

    /// The nodes that the scheduler may take for one more pod.
    pub(super) fn feasible(
        &self,
        workload: usize,
        pinned: Option<usize>,
    ) -> Result<Vec<usize>, Blocked> {
        let pod = &self.group[workload].pod;
        let usable = |node: &Node| match node.state {
            State::Up => true,
            State::Unreachable => pod.tolerates_unreachable(),
            State::Deleted => false,
        };
        let mut left: Vec<usize> =
            (0..self.nodes.len()).filter(|at| self.wanted(pod, *at)).collect();
        if left.is_empty() {
            let keys: Vec<&str> = pod.nodes.iter().flat_map(Selector::keys).collect();
            return Err(Blocked::Labels(keys.join(", ")));
        }
        left.retain(|at| usable(&self.nodes[*at]));
        if left.is_empty() {
            return Err(Blocked::Gone);
        }
        left.retain(|at| pinned.is_none_or(|zone| self.nodes[*at].zone == zone));
        if let (true, Some(zone)) = (left.is_empty(), pinned) {
            return Err(Blocked::Volume(self.region.zones[zone].name.clone()));
        }
        left.retain(|at| {
            let node = &self.nodes[*at];
            self.region.zones[node.zone].node.holds_both(&node.used, &pod.requests)
        });
        if left.is_empty() {
            return Err(Blocked::Size);
        }
        self.keep_near_and_apart(workload, &mut left)?;
        for spread in &pod.spread {
            self.keep_spread(pod, spread, &usable, &mut left)?;
        }
        Ok(left)
    }

    /// Whether the labels of a node are those that a pod asks for.
    fn wanted(&self, pod: &Pod, at: usize) -> bool {
        let zone = self.nodes[at].zone;
        pod.nodes.is_empty()
            || pod.nodes.iter().any(|term| term.holds(|key| self.region.label(key, zone)))
    }

    /// Of each workload of the group, whether a selector finds its pods.
    fn selected(&self, selector: &Selector) -> Vec<bool> {
        self.group.iter().map(|one| selector.selects(&one.pod.labels)).collect()
    }

    /// The domain of a node by a topology key; none when the node lacks the label, as far as the
    /// fleet knows.
    fn domain(&self, key: &str, at: usize) -> Option<usize> {
        match key {
            ZONE => Some(self.nodes[at].zone),
            HOST => Some(at),
            REGION => Some(0),
            _ => None,
        }
    }

    fn keep_near_and_apart(&self, workload: usize, left: &mut Vec<usize>) -> Result<(), Blocked> {
        let own = &self.group[workload].pod;
        let domains = |key: &str, selects: &dyn Fn(usize) -> bool| -> Vec<usize> {
            let there = self.pods.iter().filter(|pod| selects(pod.workload));
            there.filter_map(|pod| self.domain(key, pod.node)).collect()
        };
        for term in &own.apart {
            let selected = self.selected(&term.selector);
            let taken = domains(&term.key, &|workload| selected[workload]);
            let free = |at: &usize| self.domain(&term.key, *at).is_none_or(|d| !taken.contains(&d));
            self.keep(left, free, &term.key)?;
        }
        // The terms of those that run hold against the one that comes, too.
        for (index, other) in self.group.iter().enumerate() {
            for term in other.pod.apart.iter().filter(|term| term.selector.selects(&own.labels)) {
                let taken = domains(&term.key, &|workload| workload == index);
                let free =
                    |at: &usize| self.domain(&term.key, *at).is_none_or(|d| !taken.contains(&d));
                self.keep(left, free, &term.key)?;
            }
        }
        for term in &own.near {
            let selected = self.selected(&term.selector);
            let there = domains(&term.key, &|workload| selected[workload]);
            // The first of its kind needs no other.
            if there.is_empty() && term.selector.selects(&own.labels) {
                continue;
            }
            let near = |at: &usize| self.domain(&term.key, *at).is_some_and(|d| there.contains(&d));
            self.keep(left, near, &term.key)?;
        }
        Ok(())
    }

    fn keep(
        &self,
        left: &mut Vec<usize>,
        holds: impl Fn(&usize) -> bool,
        key: &str,
    ) -> Result<(), Blocked> {
        left.retain(|at| holds(at));
        if left.is_empty() { Err(Blocked::Affinity(key.to_owned())) } else { Ok(()) }
    }

    /// The filter of one constraint: `count + self - smallest <= maxSkew`, where the smallest is 0
    /// while there are fewer domains than `minDomains`.
    fn keep_spread(
        &self,
        pod: &Pod,
        spread: &Spread,
        usable: &dyn Fn(&Node) -> bool,
        left: &mut Vec<usize>,
    ) -> Result<(), Blocked> {
        let mut counts: Vec<Option<usize>> =
            vec![None; self.nodes.len().max(self.region.zones.len())];
        let counted = |at: usize| {
            let node = &self.nodes[at];
            node.state != State::Deleted
                && (!spread.honours_taints || usable(node))
                && (!spread.honours_nodes || self.wanted(pod, at))
        };
        for at in (0..self.nodes.len()).filter(|at| counted(*at)) {
            if let Some(domain) = self.domain(&spread.key, at) {
                counts[domain] = Some(0);
            }
        }
        let selected = self.selected(&spread.selector);
        for other in self.pods.iter().filter(|other| selected[other.workload]) {
            let domain = self.domain(&spread.key, other.node);
            if let Some(domain) = domain.filter(|_| counted(other.node)) {
                counts[domain] = counts[domain].map(|count| count + 1);
            }
        }
        let domains = counts.iter().flatten().count();
        let too_few = domains < spread.min_domains;
        let smallest =
            if too_few { 0 } else { counts.iter().flatten().copied().min().unwrap_or(0) };
        let own = usize::from(spread.selector.selects(&pod.labels));
        left.retain(|at| {
            self.domain(&spread.key, *at).is_some_and(|domain| {
                counts[domain].unwrap_or(0) + own <= smallest + spread.max_skew
            })
        });
        if left.is_empty() {
            return Err(Blocked::Spread {
                key: spread.key.clone(),
                min_domains: too_few,
                ignores_taints: !spread.honours_taints,
            });
        }
        Ok(())
    }

    fn choose(&self, feasible: &[usize], adversary: Adversary) -> usize {
        let load = |at: usize| self.pods.iter().filter(|pod| pod.node == at).count();
        let mut zones = vec![0; self.region.zones.len()];
        self.pods.iter().for_each(|pod| zones[self.zone_of(*pod)] += 1);
        let zone = |at: usize| self.nodes[at].zone;
        let chosen = match adversary {
            // Elsewhere, the emptiest domains first: that raises the smallest count soonest.
            Adversary::Zone(target) => feasible.iter().min_by_key(|at| {
                let full = usize::MAX - load(**at);
                if zone(**at) == target { (0, 0, full) } else { (1, zones[zone(**at)], load(**at)) }
            }),
            Adversary::Node(target) => feasible
                .iter()
                .min_by_key(|at| (usize::from(**at != target), load(**at), zones[zone(**at)])),
            Adversary::Nobody => {
                feasible.iter().min_by_key(|at| (0, zones[zone(**at)], load(**at)))
            }
        };
        *chosen.expect("there is a feasible node")
    }
}

impl Workload {
    /// Whether its pods never leave the zone in which they were first scheduled, and whether that
    /// zone is chosen before.
    pub(super) fn storage(&self, region: &Region) -> Option<Storage> {
        let of = |class: &Option<String>| match class {
            Some(class) => region.storage(class),
            None => region.default_storage(),
        };
        let classes = self.pod.classes.iter();
        classes.filter_map(of).max_by_key(|storage| match storage {
            Storage::Free => 0,
            Storage::Bound => 1,
            Storage::BoundBefore => 2,
        })
    }
}
