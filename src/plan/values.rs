//! What templates say: one struct for each template, every value decided.
//!
//! Field names are those that templates use; `ninefold` prints them when a template asks for one
//! that does not exist. A value that is absent is `null`, which `{% if … %}` takes for false.

use serde::Serialize;
use std::collections::BTreeMap;

/// Labels, selectors, annotations.
pub type Map = BTreeMap<String, String>;

/// The metadata of an object.
#[derive(Clone, Debug, Serialize)]
pub struct Meta {
    /// The logical name.
    pub name: String,
    /// None for an object of the whole cluster.
    pub namespace: Option<String>,
    /// The labels.
    pub labels: Map,
    /// The annotations; often none.
    pub annotations: Map,
}

/// The values of one manifest.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Values {
    /// `namespace.yaml`, `service-account.yaml`
    Plain {
        /// Its metadata.
        meta: Meta,
    },
    /// `config-map.yaml`
    ConfigMap {
        /// Its metadata.
        meta: Meta,
        /// Its content.
        data: Map,
    },
    /// `deployment.yaml`, `stateful-set.yaml`
    Workload(Box<Workload>),
    /// `service.yaml`
    Service(Service),
    /// `pod-disruption-budget.yaml`
    DisruptionBudget {
        /// Its metadata.
        meta: Meta,
        /// Whose pods.
        selector: Map,
        /// How many may be evicted at once.
        max_unavailable: u32,
    },
    /// `horizontal-pod-autoscaler.yaml`
    Autoscaler {
        /// Its metadata.
        meta: Meta,
        /// The Deployment, by its logical name.
        target: String,
        /// The fewest replicas.
        min: u32,
        /// The most.
        max: u32,
        /// The share of the requested CPU, in percent.
        cpu: u32,
    },
    /// `network-policy.yaml`
    NetworkPolicy {
        /// Its metadata.
        meta: Meta,
        /// Whose pods; none means all of the namespace.
        selector: Map,
        /// Who may come in.
        ingress: Vec<Opening>,
        /// Where they may go.
        egress: Vec<Opening>,
    },
    /// `schedule.yaml`
    Schedule(Box<Schedule>),
    /// `restore.yaml`
    Restore(Box<Restore>),
    /// `resource-quota.yaml`
    Quota {
        /// Its metadata.
        meta: Meta,
        /// The most of each resource.
        hard: Map,
    },
    /// `drill-job.yaml`
    DrillJob {
        /// Its metadata.
        meta: Meta,
        /// When it is ended, in seconds.
        deadline: u64,
        /// Its pod.
        pod: Box<Pod>,
    },
    /// `backup-storage-location.yaml`, `volume-snapshot-location.yaml`
    Location(Box<Location>),
    /// `replication-source.yaml`, `replication-destination.yaml`
    Copy(Box<VolumeCopy>),
    /// `postgresql-cluster.yaml`
    Database(Box<Database>),
    /// `postgresql-scheduled-backup.yaml`
    DatabaseBackup {
        /// Its metadata.
        meta: Meta,
        /// Six fields of cron, seconds first, in UTC.
        cron: String,
        /// The Cluster.
        cluster: String,
    },
    /// `http-route.yaml`, `ingress.yaml`
    Route(Box<Route>),
    /// `dns-endpoint.yaml`
    Record(Box<Record>),
    /// `gslb.yaml`
    Balancer(Box<Balancer>),
    /// `prometheus-rule.yaml`
    Alerts(Box<Alerts>),
    /// `cron-job.yaml`
    Snapshots(Box<Snapshots>),
    /// `machine-health-check.yaml`
    Machines(Box<Machines>),
    /// A template that the user added.
    Extra(Box<Extra>),
}

impl Values {
    /// The metadata that every variant has.
    pub fn meta(&self) -> &Meta {
        match self {
            Values::Plain { meta }
            | Values::ConfigMap { meta, .. }
            | Values::DisruptionBudget { meta, .. }
            | Values::Autoscaler { meta, .. }
            | Values::NetworkPolicy { meta, .. }
            | Values::DatabaseBackup { meta, .. }
            | Values::Quota { meta, .. }
            | Values::DrillJob { meta, .. } => meta,
            Values::Workload(workload) => &workload.meta,
            Values::Service(service) => &service.meta,
            Values::Schedule(schedule) => &schedule.meta,
            Values::Location(location) => &location.meta,
            Values::Copy(copy) => &copy.meta,
            Values::Database(database) => &database.meta,
            Values::Route(route) => &route.meta,
            Values::Record(record) => &record.meta,
            Values::Balancer(balancer) => &balancer.meta,
            Values::Restore(restore) => &restore.meta,
            Values::Alerts(alerts) => &alerts.meta,
            Values::Snapshots(snapshots) => &snapshots.meta,
            Values::Machines(machines) => &machines.meta,
            Values::Extra(extra) => &extra.meta,
        }
    }

    /// The same, to change it.
    pub fn meta_mut(&mut self) -> &mut Meta {
        match self {
            Values::Plain { meta }
            | Values::ConfigMap { meta, .. }
            | Values::DisruptionBudget { meta, .. }
            | Values::Autoscaler { meta, .. }
            | Values::NetworkPolicy { meta, .. }
            | Values::DatabaseBackup { meta, .. }
            | Values::Quota { meta, .. }
            | Values::DrillJob { meta, .. } => meta,
            Values::Workload(workload) => &mut workload.meta,
            Values::Service(service) => &mut service.meta,
            Values::Schedule(schedule) => &mut schedule.meta,
            Values::Restore(restore) => &mut restore.meta,
            Values::Location(location) => &mut location.meta,
            Values::Copy(copy) => &mut copy.meta,
            Values::Database(database) => &mut database.meta,
            Values::Route(route) => &mut route.meta,
            Values::Record(record) => &mut record.meta,
            Values::Balancer(balancer) => &mut balancer.meta,
            Values::Alerts(alerts) => &mut alerts.meta,
            Values::Snapshots(snapshots) => &mut snapshots.meta,
            Values::Machines(machines) => &mut machines.meta,
            Values::Extra(extra) => &mut extra.meta,
        }
    }
}

/// A Deployment or a StatefulSet.
#[derive(Clone, Debug, Serialize)]
pub struct Workload {
    /// Its metadata.
    pub meta: Meta,
    /// None where an autoscaler decides.
    pub replicas: Option<u32>,
    /// Whose pods it owns. Of a Deployment with a hashed name, the generation is added later.
    pub selector: Map,
    /// How long a new pod must be ready before it counts, in seconds.
    pub min_ready: u64,
    /// When a rollout that does not move is called failed, in seconds.
    pub progress_deadline: u64,
    /// Replicas above the wanted number during a rollout.
    pub surge: u32,
    /// Replicas below the wanted number during a rollout.
    pub unavailable: u32,
    /// The headless Service of a StatefulSet.
    pub headless: Option<String>,
    /// The claims of a StatefulSet.
    pub claims: Vec<Claim>,
    /// Its pods.
    pub pod: Pod,
}

/// A claim template.
#[derive(Clone, Debug, Serialize)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: Map,
    /// Its storage class.
    pub class: String,
    /// Its size.
    pub size: String,
}

/// A pod template with one container, `app`.
#[derive(Clone, Debug, Serialize)]
pub struct Pod {
    /// Its labels.
    pub labels: Map,
    /// Its annotations; often none.
    pub annotations: Map,
    /// Its ServiceAccount.
    pub service_account: String,
    /// Its PriorityClass.
    pub priority_class: Option<String>,
    /// How long it may take to end, in seconds.
    pub grace: u64,
    /// How long it goes on serving before it is told to end, in seconds.
    pub settle: u64,
    /// The user and group that it runs as.
    pub user: u32,
    /// The container image.
    pub image: String,
    /// The command in place of the image's.
    pub command: Vec<String>,
    /// The arguments.
    pub args: Vec<String>,
    /// The ConfigMaps whose entries are environment variables.
    pub env_from: Vec<String>,
    /// What it listens on.
    pub ports: Vec<ContainerPort>,
    /// Whether it has started.
    pub startup: Option<Probe>,
    /// Whether it must be restarted.
    pub live: Option<Probe>,
    /// Whether it can serve.
    pub ready: Option<Probe>,
    /// What it needs, and may use.
    pub resources: Resources,
    /// What appears where.
    pub mounts: Vec<Mount>,
    /// What can be mounted.
    pub volumes: Vec<Volume>,
    /// How long it stays on a lost node, in seconds.
    pub node_loss: u64,
    /// How replicas spread.
    pub spread: Vec<Spread>,
    /// Whom it avoids on the same node, where it can.
    pub avoid: Map,
    /// What tells its generation from others, for spread and avoidance.
    pub revision: Vec<String>,
}

/// A port of the container.
#[derive(Clone, Debug, Serialize)]
pub struct ContainerPort {
    /// Its name.
    pub name: String,
    /// Its number.
    pub port: u16,
    /// `TCP` or `UDP`.
    pub protocol: &'static str,
}

/// A probe: exactly one of `path`, `command` and `tcp` is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Probe {
    /// A path of HTTP on `port`.
    pub path: Option<String>,
    /// A command.
    pub command: Option<Vec<String>>,
    /// A connection to `port`.
    pub tcp: bool,
    /// The name of the port.
    pub port: Option<String>,
    /// Seconds between two.
    pub period: u64,
    /// Seconds until one has failed.
    pub timeout: u64,
    /// Failures in a row that count.
    pub failures: u64,
}

/// What a replica needs, and may use.
#[derive(Clone, Debug, Serialize)]
pub struct Resources {
    /// CPU that is set aside.
    pub cpu: String,
    /// CPU that it may use; none means what is there.
    pub cpu_limit: Option<String>,
    /// Memory that is set aside, and the most it may use.
    pub memory: String,
    /// Disk of the node that is set aside.
    pub storage: String,
    /// Disk of the node that it may use.
    pub storage_limit: String,
}

/// Where a volume appears.
#[derive(Clone, Debug, Serialize)]
pub struct Mount {
    /// The volume.
    pub name: String,
    /// The path.
    pub path: String,
    /// The one entry of the volume that appears there.
    pub sub_path: Option<String>,
    /// Whether it cannot be written.
    pub read_only: bool,
}

/// A volume: exactly one of `config_map`, `secret` and `size` is there.
#[derive(Clone, Debug, Serialize)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// The ConfigMap.
    pub config_map: Option<String>,
    /// The Secret.
    pub secret: Option<String>,
    /// The most that fits into an empty folder.
    pub size: Option<String>,
}

/// A spread over failure domains, with a skew of 1.
#[derive(Clone, Debug, Serialize)]
pub struct Spread {
    /// The label of nodes that names the domain.
    pub key: &'static str,
    /// `DoNotSchedule` or `ScheduleAnyway`.
    pub when: &'static str,
    /// Domains that must be there, or the missing ones count as empty.
    pub min_domains: Option<u32>,
    /// Whose pods are counted.
    pub selector: Map,
}

/// A Kubernetes Service.
#[derive(Clone, Debug, Serialize)]
pub struct Service {
    /// Its metadata.
    pub meta: Meta,
    /// Whether it only names pods, without an address of its own.
    pub headless: bool,
    /// Whose pods.
    pub selector: Map,
    /// Its ports.
    pub ports: Vec<ServicePort>,
}

/// A port of a Kubernetes Service.
#[derive(Clone, Debug, Serialize)]
pub struct ServicePort {
    /// Its name, and that of the container's port.
    pub name: String,
    /// Its number.
    pub port: u16,
    /// `TCP` or `UDP`.
    pub protocol: &'static str,
}

/// A rule of a NetworkPolicy: any of these peers, on any of these ports.
#[derive(Clone, Debug, Serialize)]
pub struct Opening {
    /// The peers.
    pub peers: Vec<Peer>,
    /// The ports of pods.
    pub ports: Vec<PortRule>,
}

/// A peer: pods, or addresses.
#[derive(Clone, Debug, Serialize)]
pub struct Peer {
    /// The namespace of the pods; none means their own.
    pub namespace: Option<String>,
    /// The labels of the pods; none means all.
    pub pods: Map,
    /// A range of addresses.
    pub cidr: Option<String>,
}

/// A port of pods.
#[derive(Clone, Debug, Serialize)]
pub struct PortRule {
    /// Its number.
    pub port: u16,
    /// `TCP` or `UDP`.
    pub protocol: &'static str,
}

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
    /// Only these kinds; none means all.
    pub included: Vec<String>,
    /// None of these kinds.
    pub excluded: Vec<String>,
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
}

/// One end of the copy of one volume of one replica.
#[derive(Clone, Debug, Serialize)]
pub struct VolumeCopy {
    /// Its metadata.
    pub meta: Meta,
    /// Five fields of cron, in UTC.
    pub cron: String,
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
    /// The labels of the pods that copy.
    pub mover: Map,
    /// The user and group that they run as.
    pub user: u32,
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
    /// The PriorityClass.
    pub priority_class: Option<String>,
    /// The size of each volume.
    pub size: String,
    /// Its storage class.
    pub class: String,
    /// CPU that is set aside.
    pub cpu: String,
    /// Memory that is set aside, and the most it may use.
    pub memory: String,
    /// Whether instances must be apart, or only should.
    pub apart: bool,
    /// The label of nodes that they are apart by.
    pub apart_by: &'static str,
    /// When what was written is archived at the latest: `240s`.
    pub archive_timeout: String,
    /// Whether a commit waits for another instance.
    pub synchronous: bool,
    /// The database, and its owner.
    pub database: String,
    /// The server that it begins as a copy of, and follows; none where it is written.
    pub follows: Option<String>,
    /// Where it archives.
    pub archive: Archive,
    /// The archives of the other regions; none for a database of one region.
    pub others: Vec<Archive>,
    /// The server that is written.
    pub primary: String,
    /// The server that this one follows, or would.
    pub source: Option<String>,
}

/// The archive of a database in one region.
#[derive(Clone, Debug, Serialize)]
pub struct Archive {
    /// The ObjectStore.
    pub store: String,
    /// The name under which it archives.
    pub server: String,
}

/// The way of users from the entry of a region to a service.
#[derive(Clone, Debug, Serialize)]
pub struct Route {
    /// Its metadata.
    pub meta: Meta,
    /// The names under which users come.
    pub hosts: Vec<String>,
    /// The Gateway; none for an Ingress.
    pub gateway: Option<String>,
    /// Its namespace.
    pub gateway_namespace: String,
    /// Its listener.
    pub listener: Option<String>,
    /// The IngressClass; none for a Gateway.
    pub class: Option<String>,
    /// The Secret with the certificate, for an Ingress.
    pub certificate: Option<String>,
    /// The Kubernetes Service.
    pub service: String,
    /// Its port.
    pub port: u16,
}

/// Records that lead users to a region.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Its metadata.
    pub meta: Meta,
    /// The names.
    pub hosts: Vec<String>,
    /// `A`, `AAAA` or `CNAME`.
    pub record: &'static str,
    /// Seconds.
    pub ttl: u64,
    /// Where the region answers.
    pub target: String,
    /// What tells the record from those of other regions, where there are some.
    pub set_identifier: Option<String>,
    /// What the provider is told; often nothing.
    pub properties: Map,
}

/// A Gslb: k8gb answers for the hosts of a route with the regions that are healthy.
#[derive(Clone, Debug, Serialize)]
pub struct Balancer {
    /// Its metadata.
    pub meta: Meta,
    /// Whether the route is an HTTPRoute; else it is an Ingress.
    pub routes: bool,
    /// The route.
    pub route: String,
    /// The region that serves while it is healthy; none where all of them do.
    pub primary: Option<String>,
    /// The share of each region; none for equal shares.
    pub weights: BTreeMap<String, u32>,
    /// Seconds.
    pub ttl: u64,
}

/// Alerts that Prometheus raises.
#[derive(Clone, Debug, Serialize)]
pub struct Alerts {
    /// Its metadata.
    pub meta: Meta,
    /// The name of the group, unique in a Prometheus.
    pub group: String,
    /// The alerts; at least one.
    pub alerts: Vec<Alert>,
}

/// One alert.
#[derive(Clone, Debug, Serialize)]
pub struct Alert {
    /// Its name.
    pub name: &'static str,
    /// What must hold, in PromQL.
    pub expression: String,
    /// For how long before it is raised, in PromQL; none for at once.
    pub hold: Option<String>,
    /// The labels; `severity` and `region` are among them.
    pub labels: Map,
    /// What whoever is called reads; `reason` says where the threshold comes from.
    pub annotations: Map,
}

/// A CronJob that saves the etcd of a cluster, checks what it saved, and uploads it.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshots {
    /// Its metadata.
    pub meta: Meta,
    /// Five fields of cron, in UTC.
    pub cron: String,
    /// How late a run may begin, in seconds.
    pub late: u64,
    /// How long a run may take, in seconds.
    pub deadline: u64,
    /// The image of etcd.
    pub etcd: String,
    /// The image that uploads.
    pub uploader: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// The Secret that it gets as its environment.
    pub secret: Option<String>,
    /// The most that a snapshot takes.
    pub size: String,
}

/// A MachineHealthCheck over the worker nodes of a cluster.
#[derive(Clone, Debug, Serialize)]
pub struct Machines {
    /// Its metadata.
    pub meta: Meta,
    /// The Cluster.
    pub cluster: String,
    /// How long a node may be lost or not ready, in seconds.
    pub unhealthy: u64,
    /// How long a machine may take to become a node, in seconds.
    pub startup: u64,
    /// The most machines that may be unhealthy at once and still be replaced.
    pub at_once: u32,
}

/// A key of a Secret.
#[derive(Clone, Debug, Serialize)]
pub struct SecretKey {
    /// The Secret.
    pub name: String,
    /// The key.
    pub key: String,
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

/// What a template that the user added can say about a service in a region.
#[derive(Clone, Debug, Serialize)]
pub struct Extra {
    /// Metadata with the name and the labels of the service.
    pub meta: Meta,
    /// The service.
    pub service: String,
    /// Its tier.
    pub tier: String,
    /// Who answers for it.
    pub team: Option<String>,
    /// The region.
    pub region: String,
    /// What the region does for it.
    pub role: &'static str,
    /// Replicas that run.
    pub replicas: u32,
    /// The labels that select its pods, of every generation.
    pub selector: Map,
    /// Its ports.
    pub ports: Vec<ContainerPort>,
    /// The ConfigMap of the region, by its logical name.
    pub config_map: String,
    /// Its ServiceAccount.
    pub service_account: String,
    /// The namespace of the region's gateway.
    pub gateway: Option<String>,
}
