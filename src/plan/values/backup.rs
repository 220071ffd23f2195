//! What Velero is told.

use super::{Map, Meta};
use serde::Serialize;

/// A Velero Schedule.
#[derive(Clone, Debug, Serialize)]
pub struct Schedule {
    /// Its metadata.
    pub meta: Meta,
    /// Five fields of cron, in UTC.
    pub cron: String,
    /// The labels of the backups that it makes.
    pub backup_labels: Map,
    /// The namespace that is backed up.
    pub namespace: String,
    /// Only what carries these labels; none means all.
    pub selector: Map,
    /// The label that what is backed up does not carry; none where it may.
    pub unmarked: Option<String>,
    /// The namespaces that are left out, where all others are backed up.
    pub apart: Vec<String>,
    /// The backup storage location.
    pub location: String,
    /// Whether there are volumes to back up.
    pub volumes: bool,
    /// The ConfigMap that says which volumes are backed up how.
    pub policy: Option<String>,
    /// Pods in the order in which they are backed up, `namespace/name`, with commas between.
    pub ordered_pods: Option<String>,
    /// Go duration.
    pub snapshot_timeout: String,
    /// Go duration.
    pub operation_timeout: String,
    /// Go duration.
    pub keep: String,
    /// Commands around snapshots.
    pub hooks: Vec<Hook>,
}

/// Commands around the snapshots of a service's volumes.
#[derive(Clone, Debug, Serialize)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// The namespace of the pods.
    pub namespace: String,
    /// The labels of the pods.
    pub selector: Map,
    /// The command before; may be empty.
    pub before: Vec<String>,
    /// The command after; may be empty.
    pub after: Vec<String>,
    /// Go duration.
    pub timeout: String,
}

/// A Velero Restore.
#[derive(Clone, Debug, Serialize)]
pub struct Restore {
    /// Its metadata.
    pub meta: Meta,
    /// The backup.
    pub backup: String,
    /// The namespace in the backup.
    pub namespace: String,
    /// The namespace that it becomes; none where it stays what it is.
    pub into: Option<String>,
    /// Only these kinds.
    pub included: Vec<String>,
    /// Go duration.
    pub operation_timeout: String,
    /// The ConfigMap that says what is changed on the way.
    pub modifier: Option<String>,
}

/// Where Velero stores.
#[derive(Clone, Debug, Serialize)]
pub struct Location {
    /// Its metadata.
    pub meta: Meta,
    /// Velero's plugin.
    pub provider: String,
    /// The bucket; empty for snapshots.
    pub bucket: String,
    /// The folder in it; empty for snapshots.
    pub prefix: String,
    /// Whether it is only read here.
    pub read_only: bool,
    /// What the plugin is told.
    pub config: Map,
    /// The Secret that opens it.
    pub credential: Option<SecretKey>,
    /// How often Velero reads which backups are in it; empty for snapshots.
    pub synced: String,
    /// How often Velero looks whether it answers; empty for snapshots.
    pub validated: String,
}

/// A key of a Secret.
#[derive(Clone, Debug, Serialize)]
pub struct SecretKey {
    /// The Secret.
    pub name: String,
    /// The key.
    pub key: String,
}
