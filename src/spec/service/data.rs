//! What a service keeps: volumes, copies in other regions, backups.

use crate::kube::engines::replication::Engine;
use crate::quantity::{Bytes, Cpu, Duration};
use crate::words::{Mode, Scope};
use schemars::JsonSchema;
use serde::Deserialize;

/// A volume that keeps its content.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Its name; part of the name of each replica's claim.
    pub name: String,
    /// Where it appears, absolute.
    pub path: String,
    /// How large each replica's is.
    pub size: Bytes,
    /// Its storage class. Default: the first of the region's.
    pub class: Option<String>,
    /// Whether it is backed up. Default: yes.
    pub backup: Option<bool>,
}

/// Where data may be, and who replicates it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The geographies that data may be in. Default: anywhere.
    #[serde(default)]
    pub residency: Vec<String>,
    /// Who copies data to another region, all the time. Default: nobody.
    pub replication: Option<Replication>,
    /// A database of its own. Default: none.
    pub postgresql: Option<Postgresql>,
}

/// A PostgreSQL of the service's own, run by CloudNativePG. It answers at `<service>-db-rw` on
/// 5432; the credentials are in the Secret `<service>-db-app`. In one region the operator makes it; in
/// several, somebody else makes the same one in each, of the type `kubernetes.io/basic-auth`: the
/// operator makes none for a database that follows.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Postgresql {
    /// The image of the database, by tag and digest: `ghcr.io/cloudnative-pg/postgresql:17.6@sha256:…`.
    /// The operator reads the version from the tag.
    pub image: String,
    /// How large the volume of each instance is.
    pub size: Bytes,
    /// Its storage class. Default: the first of the region's.
    pub class: Option<String>,
    /// Instances in the region that writes. Default, and least: one more than the tier may lose,
    /// and from three on a commit waits for one of the others.
    #[schemars(range(min = 1, max = 9))]
    pub instances: Option<u32>,
    /// CPU that an instance needs. Default: the fleet's.
    pub cpu: Option<Cpu>,
    /// Memory that an instance needs, and may have; a quarter of it is for `shared_buffers`. Default:
    /// the fleet's.
    pub memory: Option<Bytes>,
    /// How much log (WAL) it writes in an hour, at its busiest. Default: assumed, as much between two
    /// base backups as `size`.
    pub wal_per_hour: Option<Bytes>,
    /// How large the volume of the log of each instance is: it holds what is written while the archive
    /// is away, at least 4h of it. Default: that, and 2Gi. It cannot shrink.
    pub wal_size: Option<Bytes>,
    /// Something commits at least this often, so that a copy that is behind can be told from a database
    /// in which nobody writes. Default: nothing does, and no alert says that a copy is behind.
    pub commits_every: Option<Duration>,
    /// Regions whose Cluster somebody deletes, and the delivery makes anew: what it begins with, which is
    /// kept as committed otherwise, is written for what the region does now. Default: none.
    #[serde(default)]
    pub made_anew: Vec<String>,
}

/// A replication that runs all the time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replication {
    /// Who does it.
    pub engine: Engine,
    /// Whether a write waits for the copy.
    pub mode: Mode,
    /// How far the copy is behind at worst. For `asynchronous`. With `volsync` and `postgresql` it
    /// decides how often they copy; with `external` it is a premise. Default: none.
    pub lag: Option<Duration>,
    /// For `volsync`: how the names of the Secrets begin that hold the repositories, one for each
    /// volume of each replica: `<repository>-<volume>-<ordinal>`. Default: `<service>-volsync`.
    pub repository: Option<String>,
}

/// Whether a service is backed up, and how.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Backups {
    /// Not at all.
    No(NoBackups),
    /// As this says.
    Said(Backup),
}

/// The word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoBackups {
    /// It has nothing to lose, or somebody else keeps it.
    None,
}

impl Default for Backups {
    fn default() -> Self {
        Backups::Said(Backup::default())
    }
}

/// How a service is backed up.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// The time between backups. Default: the longest that keeps the RPO.
    pub every: Option<Duration>,
    /// How long every backup of volumes is kept; after that, one of each day. Default, and least: the
    /// tier's.
    pub recent: Option<Duration>,
    /// How long a backup is kept. Default, and least: the tier's.
    pub keep: Option<Duration>,
    /// What is in it. Default: the namespace when the service has it for itself.
    pub scope: Option<Scope>,
    /// Commands around a snapshot, so that what it holds is consistent.
    #[serde(default)]
    pub hooks: Vec<Hook>,
    /// The command in the service's image that judges restored data in a drill: it asks the service,
    /// and ends with 0 when the data is whole. Default: nothing but the probes judges it.
    #[serde(default)]
    pub verify: Vec<String>,
}

/// Commands around a snapshot, run in the service's own container.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// The command before the snapshot; there is no shell.
    #[serde(default)]
    pub before: Vec<String>,
    /// The command after it.
    #[serde(default)]
    pub after: Vec<String>,
    /// How long a command may take. Default: `30s`.
    pub timeout: Option<Duration>,
}
