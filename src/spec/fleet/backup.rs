//! What is said of the Velero server of a region.

use crate::quantity::{Bytes, Duration};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The Velero server of a region.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupServer {
    /// Its namespace. Default: `velero`.
    pub namespace: Option<String>,
    /// Its backup storage locations; the first that satisfies the tier is used.
    #[schemars(length(min = 1))]
    pub locations: Vec<BackupLocation>,
    /// Where it takes snapshots of volumes whose driver is not CSI. Default: nowhere.
    #[serde(default)]
    pub snapshot_locations: Vec<SnapshotLocation>,
    /// How many backups it runs at a time (`--concurrent-backups`). Default: 1.
    #[schemars(range(min = 1, max = 100))]
    pub concurrency: Option<u32>,
    /// How many Backups it may hold, those included that it reads for other regions. Default: 20000,
    /// beyond which a build warns.
    #[schemars(range(min = 1))]
    pub max_backups: Option<u64>,
    /// How fast one data mover copies in a second. Default: `50Mi`.
    pub throughput: Option<Bytes>,
    /// How long a backup may wait for those of other services: it counts in every RPO, and is
    /// proven for all of them together. Default: a third of the time between two backups of the
    /// service, `1h` at most.
    pub queue: Option<Duration>,
    /// How long the objects of one service take to collect at worst. Default: `1m`.
    pub objects: Option<Duration>,
    /// What the snapshot of one volume is given; less where backups must be frequent, but never
    /// below `1m` or what is written here. Default: `2m`.
    pub snapshot: Option<Duration>,
}

/// A BackupStorageLocation.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupLocation {
    /// Its name.
    pub name: String,
    /// The region in which what it holds is stored.
    pub stored_in: String,
    /// The geography of that region; for a region that is none of this fleet's. Default: none.
    pub geography: Option<String>,
    /// The bucket that it writes to; on Azure, the container. With it, Ninefold makes the
    /// BackupStorageLocation, and one to read it in every region that restores from it. Default:
    /// somebody else makes them, under the name above.
    pub bucket: Option<String>,
    /// The folder in the bucket. Default: the name of the cluster, as no two may share one.
    pub prefix: Option<String>,
    /// The name of Velero's plugin. Default: that of the region's cloud.
    pub provider: Option<String>,
    /// What the plugin is told, as text: `resourceGroup`, `storageAccount`, `region`, …
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// The Secret that opens the bucket. Default: what Velero is installed with.
    pub credential: Option<SecretKey>,
}

/// A VolumeSnapshotLocation: for volumes whose driver is not CSI. Those of CSI drivers need none.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotLocation {
    /// Its name.
    pub name: String,
    /// The name of Velero's plugin. Default: that of the region's cloud.
    pub provider: Option<String>,
    /// What the plugin is told, as text: `resourceGroup`, `region`, …
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// The Secret that lets it take snapshots. Default: what Velero is installed with.
    pub credential: Option<SecretKey>,
}

/// A key of a Secret that exists in Velero's namespace. Its content is never read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretKey {
    /// The name of the Secret.
    pub name: String,
    /// The key in it. Default: `cloud`.
    pub key: Option<String>,
}
