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
    /// The name of the volume, and part of the name of each replica's claim.
    #[schemars(example = &"data")]
    pub name: String,
    /// The absolute path at which it is mounted.
    #[schemars(example = &"/var/lib/checkout")]
    pub path: String,
    /// The size of each replica's volume.
    pub size: Bytes,
    /// The storage class. Default: the region's first.
    #[schemars(example = &"managed-premium")]
    pub class: Option<String>,
    /// Whether it is backed up. Default: yes.
    pub backup: Option<bool>,
}

/// Where data may be, and who replicates it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The geographies in which data may be stored, backups included. Default: anywhere.
    #[serde(default)]
    #[schemars(example = ["eu"])]
    pub residency: Vec<String>,
    /// What copies data to another region continuously. Default: nothing.
    pub replication: Option<Replication>,
    /// A PostgreSQL database of its own. Default: none.
    pub postgresql: Option<Box<Postgresql>>,
}

/// A PostgreSQL of the service's own, run by CloudNativePG. It answers at `<service>-db-rw` on
/// 5432; the credentials are in the Secret `<service>-db-app`. In one region the operator makes it; in
/// several, somebody else makes the same one in each, of the type `kubernetes.io/basic-auth`: the
/// operator makes none for a database that follows.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Postgresql {
    /// The image of the database, by tag and digest: `ghcr.io/cloudnative-pg/postgresql:17.6@sha256:…`. The
    /// operator reads the version of PostgreSQL from the tag.
    #[schemars(
        example = "ghcr.io/cloudnative-pg/postgresql:17.6@sha256:4bb1f8f4d1f3d7e0c9a2b5f6e7d8091a2b3c4d5e6f708192a3b4c5d6e7f80912"
    )]
    pub image: String,
    /// The size of each instance's volume.
    pub size: Bytes,
    /// The storage class. Default: the region's first.
    #[schemars(example = &"managed-premium")]
    pub class: Option<String>,
    /// The number of instances in the primary region. Default, and minimum: one more than the tier must
    /// survive losing. From three on, a commit waits for one of the others.
    #[schemars(range(min = 1, max = 9), example = 3)]
    pub instances: Option<u32>,
    /// CPU that an instance needs. Default: the fleet's.
    pub cpu: Option<Cpu>,
    /// Memory that an instance needs, and its limit; a quarter of it is for `shared_buffers`. Default: the
    /// fleet's.
    pub memory: Option<Bytes>,
    /// How much WAL it writes in its busiest hour. Default: unknown; it is assumed to write `size` between
    /// two base backups.
    pub wal_per_hour: Option<Bytes>,
    /// The size of each instance's WAL volume, which holds what is written while the archive cannot be
    /// reached: at least 4h of WAL. Default: that and 2Gi. It cannot shrink.
    pub wal_size: Option<Bytes>,
    /// How often something is certain to commit, so that an alert can tell a copy that lags from a database
    /// that is idle. Default: unknown, and then no alert fires when a copy lags.
    pub commits_every: Option<Duration>,
    /// Regions in which somebody deletes the Cluster and the delivery engine creates it again. Its
    /// `bootstrap`, which otherwise stays as committed, is then written for the region's present role.
    /// Default: none.
    #[serde(default)]
    #[schemars(example = ["centralus"])]
    pub made_anew: Vec<String>,
}

/// A replication that runs all the time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replication {
    /// What copies the data.
    pub engine: Engine,
    /// Whether a write waits until it is copied.
    pub mode: Mode,
    /// The most that the copy may lag. For `asynchronous`. It sets how often `volsync` and `postgresql`
    /// copy; with `external` it is a premise. Default: none.
    pub lag: Option<Duration>,
    /// For `volsync`: the prefix of the Secrets that open the repositories, one for each volume of each
    /// replica: `<repository>-<volume>-<ordinal>`. Default: `<service>-volsync`.
    #[schemars(example = &"orders-restic")]
    pub repository: Option<String>,
}

/// Whether a service is backed up, and how.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Backups {
    /// Not at all.
    No(NoBackups),
    /// As this says.
    Table(Backup),
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
        Backups::Table(Backup::default())
    }
}

/// How a service is backed up.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// The time between backups. Default: the longest that keeps the RPO.
    pub every: Option<Duration>,
    /// How long every backup of volumes is kept; after that, one a day is kept. Default, and minimum: the
    /// tier's.
    pub recent: Option<Duration>,
    /// How long backups are kept. Default, and minimum: the tier's.
    pub keep: Option<Duration>,
    /// What a backup holds. Default: the namespace, if no other service is in it.
    pub scope: Option<Scope>,
    /// Commands to run before and after a snapshot, so that its data is consistent.
    #[serde(default)]
    pub hooks: Vec<Hook>,
    /// A command in the service's image that checks restored data in a drill: it queries the service, and
    /// exits with 0 when the data is complete. Default: only the probes are checked.
    #[serde(default)]
    #[schemars(example = ["/app/verify", "--all"])]
    pub verify: Vec<String>,
}

/// Commands around a snapshot, run in the service's own container.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    /// The name.
    #[schemars(example = &"quiesce")]
    pub name: String,
    /// The command to run before the snapshot; no shell is involved.
    #[serde(default)]
    #[schemars(example = ["/app/freeze"])]
    pub before: Vec<String>,
    /// The command to run after it.
    #[serde(default)]
    #[schemars(example = ["/app/thaw"])]
    pub after: Vec<String>,
    /// The longest that a command may take. Default: `30s`.
    pub timeout: Option<Duration>,
}
