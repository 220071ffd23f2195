//! Where a cluster stands: its cloud, its zones and its storage.

use crate::quantity::{Bytes, Cpu};
use crate::words::{Binding, Topology};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A zone, and the nodes that services may use in it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// The value of the label: `eastus2-1`.
    pub name: String,
    /// How many nodes.
    #[schemars(range(min = 1, max = 5000))]
    pub nodes: u32,
    /// CPU that pods may request on all of them together.
    pub cpu: Cpu,
    /// Memory that pods may request on all of them together.
    pub memory: Bytes,
}

/// Nodes apart: larger ones, or some with devices.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Its name; services refer to it: `gpu`.
    pub name: String,
    /// The zones of the region that it has nodes in. Default: all of them.
    pub zones: Option<Vec<String>>,
    /// How many nodes in each of these zones.
    #[schemars(range(min = 1, max = 5000))]
    pub nodes: u32,
    /// CPU that pods may request on all of them together, in each zone.
    pub cpu: Cpu,
    /// Memory that pods may request on all of them together, in each zone.
    pub memory: Bytes,
    /// The labels of its nodes, by which pods get there.
    pub labels: BTreeMap<String, String>,
    /// Its taints, as `key=value:Effect` or `key:Effect`: they keep all other pods away.
    #[serde(default)]
    pub taints: Vec<String>,
    /// What else its nodes have, all of them together, in each zone: `{ "nvidia.com/gpu" = 8 }`.
    #[serde(default)]
    pub resources: BTreeMap<String, u32>,
}

/// A storage class.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StorageClass {
    /// Its name.
    pub name: String,
    /// What a volume survives.
    pub topology: Topology,
    /// When a volume is made.
    pub binding: Binding,
    /// The VolumeSnapshotClass for its driver. Default: it takes no snapshots.
    pub snapshots: Option<String>,
    /// How the storage keeps copies, in the provider's words: `ZRS`. Words that are known are held
    /// against `topology`. Default: none.
    pub redundancy: Option<String>,
}
