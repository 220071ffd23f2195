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
    /// The name of the zone, as in the label: `eastus2-1`.
    #[schemars(example = &"eastus2-1")]
    pub name: String,
    /// The number of nodes.
    #[schemars(range(min = 1, max = 5000), example = 3)]
    pub nodes: u32,
    /// CPU that pods may request on all nodes of the zone together.
    pub cpu: Cpu,
    /// Memory that pods may request on all nodes of the zone together.
    pub memory: Bytes,
}

/// Nodes apart: larger ones, or some with devices.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// The name, to which specs refer: `gpu`.
    #[schemars(example = &"gpu")]
    pub name: String,
    /// The zones in which it has nodes. Default: all zones of the region.
    #[schemars(example = ["eastus2-1", "eastus2-2"])]
    pub zones: Option<Vec<String>>,
    /// The number of nodes in each of these zones.
    #[schemars(range(min = 1, max = 5000), example = 2)]
    pub nodes: u32,
    /// CPU that pods may request on all its nodes of a zone together.
    pub cpu: Cpu,
    /// Memory that pods may request on all its nodes of a zone together.
    pub memory: Bytes,
    /// The labels of its nodes, which pods select.
    #[schemars(extend("examples" = [{"example.com/pool": "gpu"}]))]
    pub labels: BTreeMap<String, String>,
    /// The taints of its nodes, as `key=value:Effect` or `key:Effect`, which keep other pods away.
    #[serde(default)]
    #[schemars(example = ["nvidia.com/gpu=true:NoSchedule"])]
    pub taints: Vec<String>,
    /// Extended resources of all its nodes of a zone together: `{ "nvidia.com/gpu" = 8 }`.
    #[serde(default)]
    #[schemars(extend("examples" = [{"nvidia.com/gpu": 8}]))]
    pub resources: BTreeMap<String, u32>,
}

/// A storage class.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StorageClass {
    /// The name.
    #[schemars(example = &"managed-premium")]
    pub name: String,
    /// Whether a volume survives the loss of its zone.
    pub topology: Topology,
    /// When a volume is created.
    pub binding: Binding,
    /// The VolumeSnapshotClass for its driver. Default: none; no snapshots are taken.
    #[schemars(example = &"csi-azuredisk")]
    pub snapshots: Option<String>,
    /// The provider's name for its redundancy: `ZRS`. Names that Ninefold knows are checked against
    /// `topology`. Default: none.
    pub redundancy: Option<String>,
}
