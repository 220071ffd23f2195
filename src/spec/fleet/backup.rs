//! What is said of the Velero server of a region.

use crate::quantity::{Bytes, Duration};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The Velero server of a region.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupServer {
    /// The namespace in which it runs. Default: `velero`.
    #[schemars(example = &"velero")]
    pub namespace: Option<String>,
    /// The backup storage locations; the first that satisfies the tier is used.
    #[schemars(length(min = 1))]
    pub locations: Vec<BackupLocation>,
    /// The volume snapshot locations, for volumes whose driver is not CSI. Default: none.
    #[serde(default)]
    pub snapshot_locations: Vec<SnapshotLocation>,
    /// How many backups it runs at a time (`--concurrent-backups`). Default: 1.
    #[schemars(range(min = 1, max = 100), example = 1)]
    pub concurrency: Option<u32>,
    /// How many Backup objects it may hold, including those it reads from other regions. Default: 20000.
    /// Above it, a build warns.
    #[schemars(range(min = 1), example = 20000)]
    pub max_backups: Option<u64>,
    /// How much one data mover copies in a second. Default: `50Mi`.
    pub throughput: Option<Bytes>,
    /// The longest that a backup may wait for those of other services. It counts in every RPO, and is
    /// proven for all services together. Default: a third of the time between two backups of the service,
    /// at most `1h`.
    pub queue: Option<Duration>,
    /// The longest that collecting the objects of one service may take. Default: `1m`.
    pub objects: Option<Duration>,
    /// The longest that the snapshot of one volume may take. Where backups must be frequent, less is
    /// reserved, but never below `1m` or a value set here. Default: `2m`.
    pub snapshot: Option<Duration>,
}

/// A BackupStorageLocation.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupLocation {
    /// The name.
    #[schemars(example = &"centralus")]
    pub name: String,
    /// The region in which its content is stored.
    #[schemars(example = &"centralus")]
    pub stored_in: String,
    /// The geography of that region, if it is not one of this fleet's. Default: none.
    #[schemars(example = &"us")]
    pub geography: Option<String>,
    /// The bucket; on Azure, the container. With it, Ninefold creates the BackupStorageLocation, and a
    /// read-only one in every region that restores from it. Default: none; you create them under the name
    /// above.
    #[schemars(example = &"shop-backups")]
    pub bucket: Option<String>,
    /// The folder in the bucket, which no two clusters may share. Default: the name of the cluster.
    #[schemars(example = &"shop-eastus2")]
    pub prefix: Option<String>,
    /// The provider, as Velero's plugin calls it. Default: that of the region's cloud.
    #[schemars(extend("examples" = ["velero.io/aws", "velero.io/azure", "velero.io/gcp"]))]
    pub provider: Option<String>,
    /// The settings of the plugin, as text: `resourceGroup`, `storageAccount`, `region`, …
    #[serde(default)]
    #[schemars(extend("examples" = [{"region": "us-east-1"}]))]
    pub config: BTreeMap<String, String>,
    /// The Secret with the credential for the bucket. Default: the one that Velero was installed with.
    pub credential: Option<SecretKey>,
}

/// A VolumeSnapshotLocation: for volumes whose driver is not CSI. Those of CSI drivers need none.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotLocation {
    /// The name.
    #[schemars(example = &"snapshots")]
    pub name: String,
    /// The provider, as Velero's plugin calls it. Default: that of the region's cloud.
    #[schemars(example = &"velero.io/azure")]
    pub provider: Option<String>,
    /// The settings of the plugin, as text: `resourceGroup`, `region`, …
    #[serde(default)]
    #[schemars(extend("examples" = [{"resourceGroup": "shop-snapshots"}]))]
    pub config: BTreeMap<String, String>,
    /// The Secret with the credential for snapshots. Default: the one that Velero was installed with.
    pub credential: Option<SecretKey>,
}

/// A key of a Secret that exists in Velero's namespace. Its content is never read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretKey {
    /// The name of the Secret.
    #[schemars(example = &"backup-bucket")]
    pub name: String,
    /// The key in the Secret. Default: `cloud`.
    #[schemars(example = &"cloud")]
    pub key: Option<String>,
}
