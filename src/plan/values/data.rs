//! Data that replicates.

use super::{Map, Meta, Toleration};
use serde::Serialize;

/// One end of the copy of one volume of one replica.
#[derive(Clone, Debug, Serialize)]
pub struct VolumeCopy {
    /// Its metadata.
    pub meta: Meta,
    /// Five fields of cron, in UTC; none for a copy that is made once.
    pub cron: Option<String>,
    /// The word that asks for the one copy.
    pub once: Option<String>,
    /// The claim that is copied.
    pub claim: String,
    /// The Secret with the repository in between.
    pub repository: String,
    /// The size of the volume.
    pub size: String,
    /// Its storage class.
    pub class: String,
    /// The VolumeSnapshotClass.
    pub snapshots: String,
    /// The size of the cache of what copies.
    pub cache: &'static str,
    /// Days between two removals of what no kept copy needs.
    pub prune_days: u32,
    /// Hours of which a copy is kept.
    pub kept_hourly: u32,
    /// Days of which a copy is kept.
    pub kept_daily: u32,
    /// The labels of the pods that copy.
    pub mover: Map,
    /// The user that they run as: that of the service, or they could not read what it wrote.
    pub user: u32,
    /// Their group.
    pub group: u32,
    /// The group that volumes belong to.
    pub fs_group: u32,
    /// Whether root is refused.
    pub non_root: bool,
}

/// A Cluster of CloudNativePG.
#[derive(Clone, Debug, Serialize)]
pub struct Database {
    /// Its metadata.
    pub meta: Meta,
    /// How many instances.
    pub instances: u32,
    /// The image.
    pub image: String,
    /// The Secrets with which it is pulled.
    pub pull_secrets: Vec<String>,
    /// The PriorityClass.
    pub priority_class: Option<String>,
    /// The size of each volume.
    pub size: String,
    /// Its storage class.
    pub class: String,
    /// The size of the volume of the log of each.
    pub wal_size: String,
    /// What is kept of the data in memory: `1024MB`.
    pub shared_buffers: String,
    /// CPU that is set aside.
    pub cpu: String,
    /// Memory that is set aside, and the most it may use.
    pub memory: String,
    /// Whether instances must be apart, or only should.
    pub apart: bool,
    /// The label of nodes that they are apart by.
    pub apart_by: &'static str,
    /// The labels of the nodes that it may run on; none for any.
    pub nodes: Map,
    /// The taints that it bears.
    pub tolerations: Vec<Toleration>,
    /// When what was written is archived at the latest: `240s`.
    pub archive_timeout: String,
    /// How many other instances a commit waits for; none where it waits for none.
    pub synchronous: Option<u32>,
    /// The database, and its owner.
    pub database: String,
    /// The Secret with the credentials of the owner, which somebody else makes; none where the operator
    /// makes it.
    pub secret: Option<String>,
    /// The server that it begins as a copy of; none where it begins empty.
    pub begins_as: Option<String>,
    /// The moment of that server that it begins with; none for the latest.
    pub until: Option<String>,
    /// Where it archives; none where it must not.
    pub archive: Option<Archive>,
    /// Who leads, and who follows; none for a database of one region.
    pub roles: Option<Roles>,
    /// The archives that it knows.
    pub archives: Vec<Archive>,
}

/// Which copy of a database leads.
#[derive(Clone, Debug, Serialize)]
pub struct Roles {
    /// Its own server.
    pub this: String,
    /// The server that is written.
    pub primary: String,
    /// The server that this one follows, or would.
    pub source: String,
}

/// A claim that begins with what VolSync has copied.
#[derive(Clone, Debug, Serialize)]
pub struct FilledClaim {
    /// Its metadata.
    pub meta: Meta,
    /// Its storage class.
    pub class: String,
    /// Its size.
    pub size: String,
    /// The ReplicationDestination.
    pub destination: String,
}

/// The archive of a database in one region.
#[derive(Clone, Debug, Serialize)]
pub struct Archive {
    /// The ObjectStore.
    pub store: String,
    /// The name under which it archives.
    pub server: String,
}
