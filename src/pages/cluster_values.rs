//! What the template of the card of a cluster says. As in `plan::values`, every value is decided.

use serde::Serialize;

/// A cluster whose control plane is lost, and what the fleet says of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Cluster {
    /// The region.
    pub(crate) region: String,
    /// Whether a service is in it.
    pub(crate) used: bool,
    /// The name of the cluster.
    pub(crate) cluster: String,
    /// What its API server runs.
    pub(crate) kubernetes: String,
    /// `Azure`; none where the fleet names no cloud.
    pub(crate) cloud: Option<&'static str>,
    /// The procedure for the loss of its control plane.
    pub(crate) procedure: String,
    /// What procedures need, as assignments.
    pub(crate) variables: Vec<String>,
    /// Lines of the shell that ask whether it is ready.
    pub(crate) checks: Vec<String>,
    /// What a person judges then.
    pub(crate) judged: Vec<String>,
    /// Whether alerts lead here.
    pub(crate) alerts: bool,
    /// Who runs its control plane, if not this fleet: `AKS`.
    pub(crate) managed: Option<&'static str>,
    /// Whether the fleet says that it runs it itself.
    pub(crate) ours: bool,
    /// The command that asks the cloud for the state of a managed cluster.
    pub(crate) state: Option<String>,
    /// How many zones it has.
    pub(crate) zones: usize,
    /// The namespace of Velero; none where it does not run.
    pub(crate) velero: Option<String>,
    /// Whether services share backups of what is there.
    pub(crate) shared_backups: bool,
    /// How many backups Velero runs at a time, where the fleet says.
    pub(crate) concurrency: Option<u32>,
    /// Whether backups are in a folder of the name of the cluster.
    pub(crate) folder: bool,
    /// Where Velero stores.
    pub(crate) locations: Vec<Location>,
    /// Its storage classes.
    pub(crate) classes: Vec<Class>,
    /// What lets users in.
    pub(crate) entry: Option<Entry>,
    /// The namespace of the gateway.
    pub(crate) gateway: Option<String>,
    /// Who makes records, by zone.
    pub(crate) records: Vec<Records>,
    /// Whether the Prometheus operator is there.
    pub(crate) prometheus: bool,
    /// What its databases need.
    pub(crate) databases: Option<Databases>,
    /// The address of the node-local DNS cache.
    pub(crate) node_local_dns: Option<String>,
    /// How its etcd is saved.
    pub(crate) etcd: Option<Etcd>,
    /// What replaces its workers.
    pub(crate) machines: Option<Workers>,
}

/// A backup location.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Location {
    /// Its name.
    pub(crate) name: String,
    /// The region in which it stores.
    pub(crate) stored_in: String,
    /// Velero's plugin.
    pub(crate) plugin: String,
    /// Its bucket; none where somebody else makes the location.
    pub(crate) bucket: Option<String>,
    /// The folder in the bucket.
    pub(crate) prefix: String,
    /// The Secret that opens it.
    pub(crate) credential: Option<String>,
}

/// A storage class.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Class {
    /// Its name.
    pub(crate) name: String,
    /// `StandardSSD_ZRS`
    pub(crate) redundancy: Option<String>,
}

/// What lets users in.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    /// `Gateway` or `IngressClass`.
    pub(crate) kind: &'static str,
    /// Its name.
    pub(crate) name: String,
    /// Where it answers.
    pub(crate) address: Option<String>,
}

/// Who makes the records of a zone.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Records {
    /// The zone.
    pub(crate) zone: String,
    /// `k8gb` or `ExternalDNS`.
    pub(crate) engine: &'static str,
    /// What of it is called like the region: `geo tag`.
    pub(crate) tag: Option<&'static str>,
}

/// What databases need.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Databases {
    /// The ObjectStore.
    pub(crate) archive: String,
    /// The region in which it stores.
    pub(crate) stored_in: String,
    /// The namespace of the operator.
    pub(crate) operator: String,
}

/// How an etcd is saved.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Etcd {
    /// The namespace of the CronJob.
    pub(crate) namespace: &'static str,
    /// The CronJob.
    pub(crate) cronjob: &'static str,
    /// The file of the CronJob in the tree.
    pub(crate) file: String,
    /// When it runs, in five fields of cron.
    pub(crate) cron: String,
    /// How often.
    pub(crate) every: String,
    /// What a run is given.
    pub(crate) takes: String,
    /// How old the newest is at worst.
    pub(crate) oldest: String,
    /// The same when the last run failed.
    pub(crate) oldest_after_failure: String,
    /// The region in which they are stored.
    pub(crate) stored_in: String,
    /// The image that uploads.
    pub(crate) uploader: String,
    /// Its arguments, in one line.
    pub(crate) arguments: String,
    /// The Secret that it gets.
    pub(crate) secret: Option<String>,
    /// Every Secret that must be in that namespace.
    pub(crate) secrets: Vec<String>,
}

/// What replaces workers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Workers {
    /// The Cluster of Cluster API.
    pub(crate) cluster: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// The MachineHealthCheck.
    pub(crate) check: String,
    /// How long a node may be silent.
    pub(crate) silent: String,
}
