//! The world: what the fleet declares of zones, nodes and storage.

use super::pods::Pod;
use crate::kube::RegionName;
use crate::kube::version::Version;
use crate::model::{self, Fleet};
use crate::model::{Binding, Taint, Topology};
use std::collections::BTreeMap;

/// The label of the zone of a node.
pub(super) use crate::kube::labels::ZONE;
/// The label of the region of a node.
pub(super) const REGION: &str = "topology.kubernetes.io/region";
/// The label that every node has for itself.
pub(super) const HOST: &str = "kubernetes.io/hostname";
/// The label of the operating system of a node.
const OS: &str = "kubernetes.io/os";

/// One region: its zones in the order of the fleet file.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) name: String,
    pub(super) zones: Vec<Zone>,
    /// How long after the last sign of life a node counts as lost, in seconds.
    pub(super) detection: u64,
    /// Storage classes by name: whether a volume stands in one zone, and whether that zone is
    /// chosen before its pod is scheduled.
    pub(super) storage: Vec<(String, Storage)>,
    /// Backup storage locations, with the region in which each stores.
    locations: Vec<(String, String)>,
    /// The labels that its nodes have beside those of every node: of a pool.
    labels: BTreeMap<String, String>,
    /// What keeps pods away from its nodes.
    taints: Vec<Taint>,
    /// Other nodes of the same zones, as regions of their own. One that has none in a zone has zero
    /// there.
    pools: Vec<Region>,
}

/// A zone of equal nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    pub(super) name: String,
    pub(super) nodes: usize,
    /// What pods may request on one node.
    pub(super) node: Resources,
}

/// CPU in thousandths of a core, memory in bytes, and devices by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resources {
    pub(super) cpu: u64,
    pub(super) memory: u64,
    /// Extended resources: `nvidia.com/gpu`. What is not named is not there.
    pub(super) extended: BTreeMap<String, u64>,
}

/// Where a volume of a class may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    /// In every zone.
    Free,
    /// In the zone in which its pod was first scheduled.
    Bound,
    /// In a zone that was chosen before the pod was scheduled.
    BoundBefore,
}

impl Resources {
    pub(super) fn times(&self, count: u64) -> Resources {
        let extended = self.extended.iter();
        Resources {
            cpu: self.cpu.saturating_mul(count),
            memory: self.memory.saturating_mul(count),
            extended: extended
                .map(|(name, one)| (name.clone(), one.saturating_mul(count)))
                .collect(),
        }
    }

    pub(super) fn plus(&self, other: &Resources) -> Resources {
        let mut extended = self.extended.clone();
        for (name, more) in &other.extended {
            let sum = extended.entry(name.clone()).or_default();
            *sum = sum.saturating_add(*more);
        }
        Resources {
            cpu: self.cpu.saturating_add(other.cpu),
            memory: self.memory.saturating_add(other.memory),
            extended,
        }
    }

    /// The larger of each.
    pub(super) fn most(&self, other: &Resources) -> Resources {
        let mut extended = self.extended.clone();
        for (name, amount) in &other.extended {
            let most = extended.entry(name.clone()).or_default();
            *most = (*most).max(*amount);
        }
        Resources { cpu: self.cpu.max(other.cpu), memory: self.memory.max(other.memory), extended }
    }

    /// What is left after `other`; nothing when it is more.
    pub(super) fn less(&self, other: &Resources) -> Option<Resources> {
        let mut extended = self.extended.clone();
        for (name, amount) in other.extended.iter().filter(|(_, amount)| **amount > 0) {
            let left = extended.get_mut(name)?;
            *left = left.checked_sub(*amount)?;
        }
        Some(Resources {
            cpu: self.cpu.checked_sub(other.cpu)?,
            memory: self.memory.checked_sub(other.memory)?,
            extended,
        })
    }

    pub(super) fn holds(&self, other: &Resources) -> bool {
        self.cpu >= other.cpu && self.memory >= other.memory && self.has_devices(other)
    }

    /// Whether it holds the sum of both.
    pub(super) fn holds_both(&self, used: &Resources, more: &Resources) -> bool {
        if !used.extended.is_empty() && !more.extended.is_empty() {
            return self.holds(&used.plus(more));
        }
        self.cpu >= used.cpu.saturating_add(more.cpu)
            && self.memory >= used.memory.saturating_add(more.memory)
            && self.has_devices(used)
            && self.has_devices(more)
    }

    /// Whether it has the devices that `other` names, whatever else.
    fn has_devices(&self, other: &Resources) -> bool {
        let has = |name: &String| self.extended.get(name).copied().unwrap_or_default();
        other.extended.iter().all(|(name, wanted)| has(name) >= *wanted)
    }
}

impl Region {
    /// What `fleet` says of a region.
    fn of(fleet: &Fleet, region: &model::Region) -> Region {
        let pools = fleet.pools.get(&region.name).into_iter().flat_map(BTreeMap::values);
        let whole = Region::nodes(fleet, region, region);
        Region { pools: pools.map(|pool| Region::nodes(fleet, region, pool)).collect(), ..whole }
    }

    /// The nodes of a pool in the zones of its region, or the region's own.
    fn nodes(fleet: &Fleet, region: &model::Region, pool: &model::Region) -> Region {
        let of_zone = |zone: &model::Zone| {
            let own = pool.zones.iter().find(|own| own.name == zone.name);
            let none = model::Zone { nodes: 0, ..zone.clone() };
            own.cloned().unwrap_or(none)
        };
        let zones = region.zones.iter().map(|zone| {
            let zone = of_zone(zone);
            let nodes = usize::try_from(zone.nodes).expect("a zone has at most 5000");
            let each = u64::from(zone.nodes.max(1));
            // The fleet declares what a zone has; its nodes share that evenly.
            let devices = pool.pool.iter().flat_map(|pool| &pool.resources);
            let devices =
                devices.map(|(name, all)| (name.clone(), u64::from(*all).checked_div(each)));
            let node = Resources {
                cpu: zone.cpu.as_millis() / each,
                memory: zone.memory.get() / each,
                extended: devices.map(|(name, one)| (name, one.unwrap_or_default())).collect(),
            };
            Zone { name: zone.name.clone(), nodes, node }
        });
        let storage = region.storage.iter().map(|class| {
            let storage = match (class.topology, class.binding) {
                (Topology::Region, _) => Storage::Free,
                (Topology::Zone, Binding::WaitForFirstConsumer) => Storage::Bound,
                (Topology::Zone, Binding::Immediate) => Storage::BoundBefore,
            };
            (class.name.clone(), storage)
        });
        let locations = (region.backup_locations.iter())
            .map(|location| (location.name.clone(), location.stored_in.clone()));
        let own = pool.pool.iter().flat_map(|pool| &pool.labels);
        let labels = fleet.node_labels.iter().chain(own);
        let labels = labels.map(|(key, value)| (key.clone(), value.clone()));
        Region {
            name: region.name.to_string(),
            zones: zones.collect(),
            detection: detection(region.kubernetes),
            storage: storage.collect(),
            locations: locations.collect(),
            labels: labels.collect(),
            taints: pool.pool.as_ref().map(|pool| pool.taints.clone()).unwrap_or_default(),
            pools: Vec::new(),
        }
    }

    /// All nodes of the region as they are apart: its own, then its pools.
    pub(super) fn all(&self) -> impl Iterator<Item = &Region> {
        std::iter::once(self).chain(&self.pools)
    }

    /// The nodes that a pod runs on: the region's own where it may run there, else those of the first
    /// pool that has what it asks for. What may run on both is judged by the former alone.
    pub(super) fn nodes_for(&self, pod: &Pod) -> &Region {
        let equipped = self.all().find(|nodes| nodes.takes(pod) && nodes.equips(pod));
        let taken = || self.all().find(|nodes| nodes.takes(pod));
        equipped.or_else(taken).unwrap_or(self)
    }

    /// Whether labels and taints let a pod onto these nodes.
    fn takes(&self, pod: &Pod) -> bool {
        let borne = self.taints.iter().all(|taint| !taint.keeps_away() || pod.bears(taint));
        let wanted = |zone| {
            pod.nodes.is_empty()
                || pod.nodes.iter().any(|term| term.holds(|key| self.label(key, zone)))
        };
        borne && (0..self.zones.len()).any(wanted)
    }

    /// Whether one of these nodes has the devices that a pod asks for.
    fn equips(&self, pod: &Pod) -> bool {
        self.zones.iter().any(|zone| zone.nodes > 0 && zone.node.has_devices(&pod.requests))
    }

    /// A region of these zones, and nothing else.
    pub(super) fn with_zones(zones: Vec<Zone>) -> Region {
        let name = "r".to_owned();
        Region {
            name,
            zones,
            detection: 55,
            storage: Vec::new(),
            locations: Vec::new(),
            labels: BTreeMap::new(),
            taints: Vec::new(),
            pools: Vec::new(),
        }
    }

    /// The same, whose nodes have these labels and taints.
    pub(super) fn labelled(self, labels: BTreeMap<String, String>, taints: Vec<Taint>) -> Region {
        Region { labels, taints, ..self }
    }

    /// The same with other nodes beside its own.
    pub(super) fn with_pools(self, pools: Vec<Region>) -> Region {
        Region { pools, ..self }
    }

    pub(super) fn storage(&self, class: &str) -> Option<Storage> {
        self.storage.iter().find(|(name, _)| name == class).map(|(_, storage)| *storage)
    }

    /// The class that a claim without one gets: the first.
    pub(super) fn default_storage(&self) -> Option<Storage> {
        self.storage.first().map(|(_, storage)| *storage)
    }

    /// The region in which a backup storage location stores.
    pub(super) fn stored_in(&self, location: &str) -> Option<&str> {
        self.locations.iter().find(|(name, _)| name == location).map(|(_, region)| region.as_str())
    }

    /// The values that the label `key` has on nodes of `zone`, as far as the fleet knows; the
    /// name of a node stands for all of them.
    pub(super) fn label(&self, key: &str, zone: usize) -> Option<&str> {
        match key {
            ZONE => Some(&self.zones[zone].name),
            REGION => Some(&self.name),
            OS => Some("linux"),
            other => self.labels.get(other).map(String::as_str),
        }
    }
}

/// How long it takes until the pods of a node that is gone are taken out of the endpoints:
/// `node-monitor-grace-period` (50s since 1.32, 40s before) and one `node-monitor-period` of 5s.
pub(super) fn detection(version: Version) -> u64 {
    if version < (Version { minor: 32 }) { 45 } else { 55 }
}

/// Every region of a fleet.
pub(super) fn regions(fleet: &Fleet) -> Vec<Region> {
    fleet.regions.values().map(|region| Region::of(fleet, region)).collect()
}

/// The names of its regions.
pub(super) fn names(fleet: &Fleet) -> impl Iterator<Item = &str> + Clone {
    fleet.regions.keys().map(RegionName::as_str)
}
