//! What the templates of the page of a cluster say. As in `plan::values`, every value is decided.

use serde::Serialize;

/// A cluster whose control plane is lost, and what the fleet says of it.
#[derive(Clone, Debug, Serialize)]
pub struct Cluster {
    /// The region.
    pub region: String,
    /// Whether a service is in it.
    pub used: bool,
    /// The context of `kubectl`: it has the name of the region.
    pub context: String,
    /// The name of the cluster.
    pub cluster: String,
    /// What its API server runs.
    pub kubernetes: String,
    /// `Azure`; none where the fleet names no cloud.
    pub cloud: Option<&'static str>,
    /// Who runs its control plane, if not this fleet: `AKS`.
    pub managed: Option<&'static str>,
    /// Whether the fleet says that it runs it itself.
    pub ours: bool,
    /// The command that asks the cloud for the state of a managed cluster.
    pub state: Option<String>,
    /// Its zones.
    pub zones: Vec<Zone>,
    /// What delivers the tree: `argo-cd`, `flux`, `kubectl`.
    pub delivery: &'static str,
    /// The other regions of the fleet.
    pub others: Vec<String>,
    /// The namespace of Velero.
    pub velero: String,
    /// How many backups Velero runs at a time, where the fleet says.
    pub concurrency: Option<u32>,
    /// Whether backups are in a folder of the name of the cluster.
    pub folder: bool,
    /// Where Velero stores.
    pub locations: Vec<Location>,
    /// Its storage classes.
    pub classes: Vec<Class>,
    /// What lets users in.
    pub entry: Option<Entry>,
    /// The namespace of the gateway.
    pub gateway: Option<String>,
    /// Who makes records, by zone.
    pub records: Vec<Records>,
    /// Whether the Prometheus operator is there.
    pub prometheus: bool,
    /// What its databases need.
    pub databases: Option<Databases>,
    /// The address of the node-local DNS cache.
    pub node_local_dns: Option<String>,
    /// How its etcd is saved.
    pub etcd: Option<Etcd>,
    /// What replaces its workers.
    pub machines: Option<Workers>,
}

/// A zone.
#[derive(Clone, Debug, Serialize)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// Nodes that services may use.
    pub nodes: u32,
}

/// A backup location.
#[derive(Clone, Debug, Serialize)]
pub struct Location {
    /// Its name.
    pub name: String,
    /// The region in which it stores.
    pub stored_in: String,
    /// Velero's plugin.
    pub plugin: String,
    /// Its bucket; none where somebody else makes the location.
    pub bucket: Option<String>,
    /// The folder in the bucket.
    pub prefix: String,
    /// The Secret that opens it.
    pub credential: Option<String>,
}

/// A storage class.
#[derive(Clone, Debug, Serialize)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// `StandardSSD_ZRS`
    pub redundancy: Option<String>,
    /// The VolumeSnapshotClass.
    pub snapshots: Option<String>,
}

/// What lets users in.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// `Gateway` or `IngressClass`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Where it answers.
    pub address: Option<String>,
}

/// Who makes the records of a zone.
#[derive(Clone, Debug, Serialize)]
pub struct Records {
    /// The zone.
    pub zone: String,
    /// `k8gb` or `ExternalDNS`.
    pub engine: &'static str,
}

/// What databases need.
#[derive(Clone, Debug, Serialize)]
pub struct Databases {
    /// The ObjectStore.
    pub archive: String,
    /// The region in which it stores.
    pub stored_in: String,
    /// The namespace of the operator.
    pub operator: String,
}

/// How an etcd is saved.
#[derive(Clone, Debug, Serialize)]
pub struct Etcd {
    /// The namespace of the CronJob.
    pub namespace: &'static str,
    /// The CronJob.
    pub cronjob: &'static str,
    /// The file of the CronJob in the tree.
    pub file: String,
    /// The image of etcd.
    pub image: String,
    /// When it runs, in five fields of cron.
    pub cron: String,
    /// How often.
    pub every: String,
    /// What a run is given.
    pub takes: String,
    /// The same, as `kubectl wait` reads it.
    pub timeout: String,
    /// How old the newest is at worst.
    pub oldest: String,
    /// The same when the last run failed.
    pub oldest_after_failure: String,
    /// The region in which they are stored.
    pub stored_in: String,
    /// The image that uploads.
    pub uploader: String,
    /// Its arguments, in one line.
    pub arguments: String,
    /// The Secret that it gets.
    pub secret: Option<String>,
}

/// What replaces workers.
#[derive(Clone, Debug, Serialize)]
pub struct Workers {
    /// The Cluster of Cluster API.
    pub cluster: String,
    /// Its namespace.
    pub namespace: String,
    /// The MachineHealthCheck.
    pub check: String,
    /// How long a node may be silent.
    pub silent: String,
}
