//! What the pods of the fleet's own objects ask of nodes, beside those of the services.

use super::capacity::Resource;
use super::size;
use crate::kube::read::pods::Pods;
use crate::model::{Fleet, Region};

/// What they ask of some nodes of a region.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OwnPods {
    /// Of the fullest zone.
    in_zone: Amounts,
    /// Of all zones together.
    in_all: Amounts,
    /// Of each node.
    on_node: Amounts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Amounts {
    /// Thousandths of a core.
    cpu: u64,
    /// Bytes.
    memory: u64,
}

impl Amounts {
    fn add(&mut self, pods: &Pods, count: u64) {
        self.cpu = self.cpu.saturating_add(pods.cpu.saturating_mul(count));
        self.memory = self.memory.saturating_add(pods.memory.saturating_mul(count));
    }

    fn of(self, resource: Resource<'_>) -> u64 {
        match resource {
            Resource::Cpu => self.cpu,
            Resource::Memory => self.memory,
            // Which devices they take is not looked at.
            Resource::Extended(_) => 0,
        }
    }
}

impl OwnPods {
    pub(crate) fn of(fleet: &Fleet, nodes: &Region) -> OwnPods {
        let mut own = OwnPods::default();
        let zones = u32::try_from(nodes.zones.len()).unwrap_or(1).max(1);
        let of_cluster = || fleet.regions.values().filter(|region| region.host == nodes.host);
        let manifests = fleet.manifests.iter();
        let manifests = manifests.filter(|one| of_cluster().any(|region| one.is_for(&region.name)));
        let pods = manifests.flat_map(|one| &one.objects).filter_map(|object| object.pods.as_ref());
        for pods in pods.filter(|pods| run_on(pods, nodes)) {
            if pods.on_each_node {
                own.on_node.add(pods, 1);
                continue;
            }
            let count = u32::try_from(pods.count).unwrap_or(u32::MAX);
            // Any zone may get all of its jobs.
            let fullest = if pods.end { count } else { size::fullest_zone(count, zones) };
            own.in_zone.add(pods, u64::from(fullest));
            own.in_all.add(pods, u64::from(count));
        }
        own
    }

    /// What the fullest zone holds of them, without what is on each node.
    pub(crate) fn in_zone(&self, resource: Resource<'_>) -> u64 {
        self.in_zone.of(resource)
    }

    /// What all zones together hold of them, without what is on each node.
    pub(crate) fn in_all(&self, resource: Resource<'_>) -> u64 {
        self.in_all.of(resource)
    }

    /// What each node holds.
    pub(crate) fn on_node(&self, resource: Resource<'_>) -> u64 {
        self.on_node.of(resource)
    }
}

/// Whether pods run on these nodes, as far as the fleet tells: on those of a pool, if they ask for its
/// labels, or if each node has one and its taints keep none of them away.
fn run_on(pods: &Pods, nodes: &Region) -> bool {
    let common =
        |key: &str| key.starts_with("kubernetes.io/") || key.starts_with("topology.kubernetes.io/");
    let mut wanted = pods.nodes.iter().filter(|(key, _)| !common(key)).peekable();
    let Some(pool) = &nodes.pool else { return wanted.peek().is_none() };
    let open = pods.tolerate_all || pool.taints.is_empty();
    match wanted.peek() {
        None => pods.on_each_node && open,
        Some(_) => wanted.all(|(key, value)| pool.labels.get(key) == Some(value)),
    }
}
