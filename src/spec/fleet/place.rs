//! Where a cluster stands: its cloud, its zones and its storage.

use crate::quantity::{Bytes, Cpu};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A cloud, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// Microsoft Azure.
    Azure,
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Google,
    /// Anything else.
    Other,
}

impl Provider {
    /// The place that a zone is in, by its name: `eastus2` for `eastus2-1` on Azure, `us-east-1`
    /// for `us-east-1a` on AWS, `us-east1` for `us-east1-b` on Google. None where the name is not
    /// of that form, and where names say nothing.
    pub fn place_of(self, zone: &str) -> Option<&str> {
        let letter = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_lowercase());
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match self {
            Provider::Azure => {
                zone.rsplit_once('-').filter(|(_, number)| digits(number)).map(|(place, _)| place)
            }
            Provider::Google => {
                zone.rsplit_once('-').filter(|(_, rest)| letter(rest)).map(|(place, _)| place)
            }
            Provider::Aws => zone
                .split_at_checked(zone.len().saturating_sub(1))
                .filter(|(place, rest)| {
                    letter(rest) && place.ends_with(|c: char| c.is_ascii_digit())
                })
                .map(|(place, _)| place),
            Provider::Other => None,
        }
    }
}

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
    /// against `topology`.
    pub redundancy: Option<String>,
}

/// What a volume survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Topology {
    /// It stands in one zone and goes with it.
    Zone,
    /// It survives the loss of a zone.
    Region,
}

/// When a volume is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Binding {
    /// Where and when its pod is scheduled.
    WaitForFirstConsumer,
    /// At once, in any zone.
    Immediate,
}
