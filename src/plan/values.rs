//! What templates say: one struct for each template, every value decided. Each stands beside the
//! function that fills it.
//!
//! Field names are those that templates use; `ninefold` prints them when a template asks for one
//! that does not exist. A value that is absent is `null`, which `{% if … %}` takes for false.

pub use super::alerts::{Alert, Alerts};
pub use super::backup::{Hook, Schedule};
pub use super::control_plane::{Machines, Snapshots};
pub use super::delivery::{Application, ApplicationSet, Kustomization, Repository};
pub use super::disruption::DisruptionBudget;
pub use super::extra::Extra;
pub use super::jobs::{Job, Recurrence};
pub use super::locations::{Location, SecretKey};
pub use super::network::{Endpoint, Service, ServicePort};
pub use super::own::Own;
pub use super::pod::{
    Container, ContainerPort, EnvSecret, Mount, Pod, Spread, Toleration, Variable, Volume,
};
pub use super::postgresql::{Archive, Database, Roles};
pub use super::recovery::Restore;
pub use super::replication::{FilledClaim, VolumeCopy};
pub use super::scaling::{Autoscaler, Described, Metric, Pace, Policy, Trigger};
pub use super::traffic::{Balancer, Certificate, Record, Route};
pub use super::workload::{Account, Claim, Workload};
pub use crate::decide::lifecycle::{Probe, Termination, UpdateStrategy};
pub use crate::decide::network::{Opening, Peer, PortRule};
pub use crate::decide::resources::{Resources, RunsAs};
pub use crate::decide::traffic::{Way, Ways};
use serde::Serialize;
use std::collections::BTreeMap;

/// Labels, selectors, annotations.
pub type Map = BTreeMap<String, String>;

/// The metadata of an object.
#[derive(Clone, Debug, Default, Serialize)]
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
    /// `namespace.yaml`
    Plain {
        /// Its metadata.
        meta: Meta,
    },
    /// `service-account.yaml`
    Account(Account),
    /// `config-map.yaml`
    ConfigMap {
        /// Its metadata.
        meta: Meta,
        /// Its content.
        data: Map,
        /// What of it is no text, in base64.
        binary: Map,
    },
    /// `priority-class.yaml`
    PriorityClass {
        /// Its metadata.
        meta: Meta,
        /// The priority of its pods.
        priority: i64,
    },
    /// `descheduler-policy.yaml`
    DeschedulerPolicy {
        /// Its metadata.
        meta: Meta,
        /// Whether `podProtections` says what is evicted; else `evictLocalStoragePods` does.
        protections: bool,
        /// The label of the pods that it may evict.
        evicts: &'static str,
    },
    /// `deployment.yaml`, `stateful-set.yaml`
    Workload(Box<Workload>),
    /// `service.yaml`
    Service(Service),
    /// `pod-disruption-budget.yaml`
    DisruptionBudget(DisruptionBudget),
    /// `horizontal-pod-autoscaler.yaml`, `scaled-object.yaml`
    Autoscaler(Box<Autoscaler>),
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
    /// `pod-monitor.yaml`
    Monitor {
        /// Its metadata.
        meta: Meta,
        /// Whose pods.
        selector: Map,
        /// Where their metrics are.
        endpoints: Vec<Endpoint>,
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
    /// `persistent-volume-claim.yaml`
    FilledClaim(FilledClaim),
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
    /// `cron-job.yaml`, `job.yaml`
    Job(Box<Job>),
    /// `etcd-snapshots.yaml`
    Snapshots(Box<Snapshots>),
    /// `machine-health-check.yaml`
    Machines(Box<Machines>),
    /// `application.yaml`
    Application(Box<Application>),
    /// `application-set.yaml`
    ApplicationSet(Box<ApplicationSet>),
    /// `git-repository.yaml`
    Repository(Box<Repository>),
    /// `kustomization.yaml`
    Kustomization(Box<Kustomization>),
    /// A template that the user added.
    Extra(Box<Extra>),
    /// A file with objects of the user's own, which is no template.
    Own(Box<Own>),
}

/// The metadata of any variant, to read or to change it.
macro_rules! meta {
    ($values:expr $(, $mutable:tt)?) => {
        match $values {
            Values::Plain { meta }
            | Values::ConfigMap { meta, .. }
            | Values::PriorityClass { meta, .. }
            | Values::DeschedulerPolicy { meta, .. }
            | Values::NetworkPolicy { meta, .. }
            | Values::Monitor { meta, .. }
            | Values::DatabaseBackup { meta, .. }
            | Values::Quota { meta, .. }
            | Values::DrillJob { meta, .. } => meta,
            Values::Workload(workload) => &$($mutable)? workload.meta,
            Values::Account(account) => &$($mutable)? account.meta,
            Values::DisruptionBudget(budget) => &$($mutable)? budget.meta,
            Values::Service(service) => &$($mutable)? service.meta,
            Values::Autoscaler(autoscaler) => &$($mutable)? autoscaler.meta,
            Values::Schedule(schedule) => &$($mutable)? schedule.meta,
            Values::Location(location) => &$($mutable)? location.meta,
            Values::Copy(copy) => &$($mutable)? copy.meta,
            Values::FilledClaim(claim) => &$($mutable)? claim.meta,
            Values::Database(database) => &$($mutable)? database.meta,
            Values::Route(route) => &$($mutable)? route.meta,
            Values::Record(record) => &$($mutable)? record.meta,
            Values::Balancer(balancer) => &$($mutable)? balancer.meta,
            Values::Restore(restore) => &$($mutable)? restore.meta,
            Values::Alerts(alerts) => &$($mutable)? alerts.meta,
            Values::Job(job) => &$($mutable)? job.meta,
            Values::Snapshots(snapshots) => &$($mutable)? snapshots.meta,
            Values::Machines(machines) => &$($mutable)? machines.meta,
            Values::Application(application) => &$($mutable)? application.meta,
            Values::ApplicationSet(set) => &$($mutable)? set.each.meta,
            Values::Repository(repository) => &$($mutable)? repository.meta,
            Values::Kustomization(kustomization) => &$($mutable)? kustomization.meta,
            Values::Extra(extra) => &$($mutable)? extra.meta,
            Values::Own(own) => &$($mutable)? own.meta,
        }
    };
}

impl Values {
    /// The metadata that every variant has.
    pub fn meta(&self) -> &Meta {
        meta!(self)
    }

    /// The same, to change it.
    pub fn meta_mut(&mut self) -> &mut Meta {
        meta!(self, mut)
    }
}
