//! Every kind that is emitted: adding one begins with a row here.

use std::fmt;
use std::sync::Arc;

/// A kind of object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `v1` Namespace
    Namespace,
    /// `v1` ServiceAccount
    ServiceAccount,
    /// `v1` ConfigMap
    ConfigMap,
    /// `v1` `ResourceQuota`
    ResourceQuota,
    /// `v1` `PersistentVolumeClaim`
    PersistentVolumeClaim,
    /// `v1` Service
    Service,
    /// `apps/v1` Deployment
    Deployment,
    /// `apps/v1` StatefulSet
    StatefulSet,
    /// `batch/v1` Job
    Job,
    /// `batch/v1` CronJob
    CronJob,
    /// `policy/v1` PodDisruptionBudget
    PodDisruptionBudget,
    /// `autoscaling/v2` HorizontalPodAutoscaler
    HorizontalPodAutoscaler,
    /// `networking.k8s.io/v1` NetworkPolicy
    NetworkPolicy,
    /// `networking.k8s.io/v1` Ingress
    Ingress,
    /// `rbac.authorization.k8s.io/v1` Role
    Role,
    /// `rbac.authorization.k8s.io/v1` RoleBinding
    RoleBinding,
    /// `velero.io/v1` Schedule
    Schedule,
    /// `velero.io/v1` Restore
    Restore,
    /// `velero.io/v1` BackupStorageLocation
    BackupStorageLocation,
    /// `velero.io/v1` VolumeSnapshotLocation
    VolumeSnapshotLocation,
    /// `volsync.backube/v1alpha1` ReplicationSource
    ReplicationSource,
    /// `volsync.backube/v1alpha1` ReplicationDestination
    ReplicationDestination,
    /// `postgresql.cnpg.io/v1` Cluster
    PostgresqlCluster,
    /// `postgresql.cnpg.io/v1` ScheduledBackup
    ScheduledBackup,
    /// `gateway.networking.k8s.io/v1` HTTPRoute
    HttpRoute,
    /// `externaldns.k8s.io/v1alpha1` DNSEndpoint
    DnsEndpoint,
    /// `k8gb.io/v1beta1` Gslb
    Gslb,
    /// `monitoring.coreos.com/v1` PrometheusRule
    PrometheusRule,
    /// `cluster.x-k8s.io/v1beta2` MachineHealthCheck
    MachineHealthCheck,
    /// A kind that templates of the user's own add, with its CustomResourceDefinition.
    Custom(Arc<CustomKind>),
}

/// A kind that is none of ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomKind {
    /// `monitoring.coreos.com/v1`
    pub api_version: String,
    /// `ServiceMonitor`
    pub kind: String,
    /// Whether its objects stand in a namespace.
    pub namespaced: bool,
}

/// What is true of every object of a kind.
#[derive(Debug)]
pub struct Row {
    /// The kind.
    pub kind: Kind,
    /// Its name in a manifest.
    pub name: &'static str,
    /// Its group and version in a manifest.
    pub api_version: &'static str,
    /// Whether its objects stand in a namespace.
    pub namespaced: bool,
    /// The most characters that the name of an object may have, and why.
    pub longest_name: (usize, &'static str),
    /// How its objects get their final names.
    pub naming: Naming,
    /// What becomes of an object that an edit drops from the current generation.
    pub keeping: Keeping,
    /// The stem of its template and of its files.
    pub stem: &'static str,
    /// Fields that must be written although the Kubernetes schema has them optional.
    pub needs: &'static [&'static str],
    /// What is true of it because of its pods.
    pub pods: Pods,
    /// The name of an object that every namespace has of itself.
    pub given: Option<&'static str>,
}

/// What is true of a kind because of the pods that it makes or scales.
#[derive(Clone, Copy, Debug)]
pub struct Pods {
    /// Whether they are a workload: they run until they are told to end.
    pub workload: bool,
    /// The field of `spec` that says how many there are, or are at least.
    pub replicas: Option<&'static str>,
    /// The field of `spec` with volumes that belong to its name.
    pub claims: Option<&'static str>,
    /// Where the label of a generation goes when two of them run side by side.
    pub generation: &'static [&'static [&'static str]],
    /// Where the labels of pods are that end by themselves.
    pub ending: Option<&'static [&'static str]>,
}

/// Group and kind of objects that ask for something to be done once. When one has done its work or
/// expired, Velero deletes it (`pkg/controller/{backup_deletion,gc}_controller.go`), and a delivery
/// engine that finds it missing makes it again.
pub const ONE_SHOT: &[(&str, &str)] = &[
    ("velero.io", "Backup"),
    ("velero.io", "DeleteBackupRequest"),
    ("velero.io", "DownloadRequest"),
    ("velero.io", "PodVolumeBackup"),
    ("velero.io", "PodVolumeRestore"),
    ("velero.io", "Restore"),
    ("velero.io", "DataDownload"),
    ("velero.io", "DataUpload"),
];

/// Whether objects of a kind ask for something to be done once.
pub fn is_one_shot(api_version: &str, kind: &str) -> bool {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    ONE_SHOT.contains(&(group, kind))
}

/// How an object gets its final name (design, section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// The logical name: here the identity is the data, or the address.
    Stable,
    /// The logical name and a hash of the content at these paths.
    Hashed(&'static [&'static str]),
    /// The logical name and the suffix of the object that it refers to, if that has one.
    LikeReferent,
}

/// What becomes of an object that an edit drops, while its service stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// It makes a generation that stays, with everything that it refers to.
    Generation,
    /// It stays with the generation of the workload that is dropped with it, if any.
    WithWorkload,
    /// It leaves at once: kept, it would run again.
    Never,
}

/// The content of a workload that makes a generation: its pods. Scaling edits it in place.
const POD_TEMPLATE: &[&str] = &["spec.template"];

/// Each generation of a Deployment owns its pods only.
const GENERATION: &[&[&str]] = &[
    &["metadata", "labels"],
    &["spec", "selector", "matchLabels"],
    &["spec", "template", "metadata", "labels"],
];

const SUBDOMAIN: (usize, &str) = (63, "longer names cannot be values of labels");
const LABEL: (usize, &str) = (63, "it is a DNS label");
// Kubernetes appends `-` and a hash of 8 to 10 characters, and what comes out is a label's value
// or the base of a generated name: kubernetes#64023 for the StatefulSet's revision label,
// pkg/registry/core/pod/strategy.go for the 58 characters of a generated name's base.
const REVISION: (usize, &str) = (52, "the label of its revisions holds 63 characters");
// `MaxDNS952Label` less 11 characters for the minute of a run: pkg/apis/batch/validation.
const RUN: (usize, &str) = (52, "the name of each Job that it makes holds 63 characters");
const REPLICA_SET: (usize, &str) = (46, "a pod's name holds 63 characters");
// Velero copies the name into a label and appends 15 characters for each backup: velero#9162.
// `MaxNameLength` of cloudnative-pg's webhook, as names of Services and Jobs are made from it; a
// backup gets 15 characters more.
const DATABASE: (usize, &str) = (48, "the operator appends to it for Services, Jobs and backups");
// VolSync calls its Job `volsync-src-` or `volsync-dst-` and this: internal/controller/mover/restic.
const MOVER: (usize, &str) = (51, "the name of the Job that copies adds 12 characters");
// `velero.io/storage-location` on every Backup; longer ones are cut and hashed: pkg/label/label.go.
const LOCATION: (usize, &str) = (63, "it is the value of a label on each backup");
// `velero.io/restore-name` on everything that it restores; longer ones are cut and hashed.
const RESTORE: (usize, &str) = (63, "it is the value of a label on what it restores");
const BACKUP: (usize, &str) = (48, "the name of each backup adds 15 characters and is a label");

/// Every kind but [`Kind::Custom`].
pub const KINDS: &[Row] = &[
    row(Kind::Namespace, "Namespace", "v1", "namespace", LABEL, Naming::Stable, &[]),
    row(
        Kind::ServiceAccount,
        "ServiceAccount",
        "v1",
        "service-account",
        SUBDOMAIN,
        Naming::Stable,
        &[],
    ),
    row(
        Kind::ConfigMap,
        "ConfigMap",
        "v1",
        "config-map",
        SUBDOMAIN,
        Naming::Hashed(&["data", "binaryData"]),
        &["immutable"],
    ),
    row(
        Kind::ResourceQuota,
        "ResourceQuota",
        "v1",
        "resource-quota",
        SUBDOMAIN,
        Naming::Stable,
        &["spec"],
    ),
    row(
        Kind::PersistentVolumeClaim,
        "PersistentVolumeClaim",
        "v1",
        "persistent-volume-claim",
        SUBDOMAIN,
        Naming::Stable,
        &["spec"],
    ),
    row(Kind::Service, "Service", "v1", "service", LABEL, Naming::Stable, &["spec"]),
    row(
        Kind::Deployment,
        "Deployment",
        "apps/v1",
        "deployment",
        REPLICA_SET,
        Naming::Hashed(POD_TEMPLATE),
        &["spec"],
    ),
    row(
        Kind::StatefulSet,
        "StatefulSet",
        "apps/v1",
        "stateful-set",
        REVISION,
        Naming::Stable,
        &["spec"],
    ),
    row(Kind::Job, "Job", "batch/v1", "job", LABEL, Naming::Hashed(POD_TEMPLATE), &["spec"]),
    row(Kind::CronJob, "CronJob", "batch/v1", "cron-job", RUN, Naming::Stable, &["spec"]),
    row(
        Kind::PodDisruptionBudget,
        "PodDisruptionBudget",
        "policy/v1",
        "pod-disruption-budget",
        SUBDOMAIN,
        Naming::Stable,
        &["spec"],
    ),
    row(
        Kind::HorizontalPodAutoscaler,
        "HorizontalPodAutoscaler",
        "autoscaling/v2",
        "horizontal-pod-autoscaler",
        SUBDOMAIN,
        Naming::LikeReferent,
        &["spec"],
    ),
    row(
        Kind::NetworkPolicy,
        "NetworkPolicy",
        "networking.k8s.io/v1",
        "network-policy",
        SUBDOMAIN,
        // Policies add up. Changed in place, one would close the ports and the ways of the former
        // generation before its successor stands.
        Naming::Hashed(&["spec"]),
        &["spec"],
    ),
    row(
        Kind::Ingress,
        "Ingress",
        "networking.k8s.io/v1",
        "ingress",
        SUBDOMAIN,
        Naming::Stable,
        &["spec"],
    ),
    row(Kind::Role, "Role", "rbac.authorization.k8s.io/v1", "role", SUBDOMAIN, Naming::Stable, &[]),
    row(
        Kind::RoleBinding,
        "RoleBinding",
        "rbac.authorization.k8s.io/v1",
        "role-binding",
        SUBDOMAIN,
        Naming::Stable,
        &[],
    ),
    row(
        Kind::Schedule,
        "Schedule",
        "velero.io/v1",
        "schedule",
        BACKUP,
        Naming::Hashed(&["spec"]),
        &["spec"],
    ),
    row(Kind::Restore, "Restore", "velero.io/v1", "restore", RESTORE, Naming::Stable, &["spec"]),
    row(
        Kind::BackupStorageLocation,
        "BackupStorageLocation",
        "velero.io/v1",
        "backup-storage-location",
        LOCATION,
        Naming::Stable,
        &["spec"],
    ),
    row(
        Kind::VolumeSnapshotLocation,
        "VolumeSnapshotLocation",
        "velero.io/v1",
        "volume-snapshot-location",
        LOCATION,
        Naming::Stable,
        &["spec"],
    ),
    row(
        Kind::ReplicationSource,
        "ReplicationSource",
        "volsync.backube/v1alpha1",
        "replication-source",
        MOVER,
        Naming::Stable,
        &["spec"],
    ),
    row(
        Kind::ReplicationDestination,
        "ReplicationDestination",
        "volsync.backube/v1alpha1",
        "replication-destination",
        MOVER,
        Naming::Stable,
        &["spec"],
    ),
    row(
        Kind::PostgresqlCluster,
        "Cluster",
        "postgresql.cnpg.io/v1",
        "postgresql-cluster",
        DATABASE,
        Naming::Stable,
        &["spec"],
    ),
    row(
        Kind::ScheduledBackup,
        "ScheduledBackup",
        "postgresql.cnpg.io/v1",
        "postgresql-scheduled-backup",
        DATABASE,
        Naming::Stable,
        &["spec"],
    ),
    row(
        Kind::HttpRoute,
        "HTTPRoute",
        "gateway.networking.k8s.io/v1",
        "http-route",
        SUBDOMAIN,
        Naming::Stable,
        &["spec"],
    ),
    row(
        Kind::DnsEndpoint,
        "DNSEndpoint",
        "externaldns.k8s.io/v1alpha1",
        "dns-endpoint",
        SUBDOMAIN,
        Naming::Stable,
        &["spec"],
    ),
    row(Kind::Gslb, "Gslb", "k8gb.io/v1beta1", "gslb", SUBDOMAIN, Naming::Stable, &["spec"]),
    row(
        Kind::PrometheusRule,
        "PrometheusRule",
        "monitoring.coreos.com/v1",
        "prometheus-rule",
        SUBDOMAIN,
        Naming::Stable,
        &["spec"],
    ),
    row(
        Kind::MachineHealthCheck,
        "MachineHealthCheck",
        "cluster.x-k8s.io/v1beta2",
        "machine-health-check",
        SUBDOMAIN,
        Naming::Stable,
        &["spec"],
    ),
];

const fn row(
    kind: Kind,
    name: &'static str,
    api_version: &'static str,
    stem: &'static str,
    longest_name: (usize, &'static str),
    naming: Naming,
    needs: &'static [&'static str],
) -> Row {
    let namespaced = !matches!(kind, Kind::Namespace);
    let keeping = match kind {
        Kind::Deployment
        | Kind::StatefulSet
        | Kind::ConfigMap
        | Kind::NetworkPolicy
        | Kind::PostgresqlCluster
        | Kind::Schedule => Keeping::Generation,
        Kind::Job | Kind::CronJob | Kind::Namespace | Kind::Restore => Keeping::Never,
        Kind::ServiceAccount
        | Kind::ResourceQuota
        | Kind::PersistentVolumeClaim
        | Kind::Service
        | Kind::PodDisruptionBudget
        | Kind::HorizontalPodAutoscaler
        | Kind::Ingress
        | Kind::Role
        | Kind::RoleBinding
        | Kind::BackupStorageLocation
        | Kind::VolumeSnapshotLocation
        | Kind::ReplicationSource
        | Kind::ReplicationDestination
        | Kind::ScheduledBackup
        | Kind::HttpRoute
        | Kind::DnsEndpoint
        | Kind::Gslb
        | Kind::PrometheusRule
        | Kind::MachineHealthCheck
        | Kind::Custom(_) => Keeping::WithWorkload,
    };
    let given = if matches!(kind, Kind::ServiceAccount) { Some("default") } else { None };
    let pods = pods(&kind);
    Row {
        kind,
        name,
        api_version,
        namespaced,
        longest_name,
        naming,
        keeping,
        stem,
        needs,
        pods,
        given,
    }
}

const fn pods(kind: &Kind) -> Pods {
    let none =
        Pods { workload: false, replicas: None, claims: None, generation: &[], ending: None };
    if matches!(kind, Kind::Deployment) {
        Pods { workload: true, replicas: Some("replicas"), generation: GENERATION, ..none }
    } else if matches!(kind, Kind::StatefulSet) {
        let claims = Some("volumeClaimTemplates");
        Pods { workload: true, replicas: Some("replicas"), claims, ..none }
    } else if matches!(kind, Kind::PostgresqlCluster) {
        Pods { claims: Some("storage"), ..none }
    } else if matches!(kind, Kind::HorizontalPodAutoscaler) {
        Pods { replicas: Some("minReplicas"), ..none }
    } else if matches!(kind, Kind::Job) {
        Pods { ending: Some(&["spec", "template", "metadata", "labels"]), ..none }
    } else if matches!(kind, Kind::CronJob) {
        let labels = &["spec", "jobTemplate", "spec", "template", "metadata", "labels"];
        Pods { ending: Some(labels), ..none }
    } else {
        none
    }
}

impl Kind {
    /// Its row; none for a kind of the user's own.
    pub fn row(&self) -> Option<&'static Row> {
        KINDS.iter().find(|row| row.kind == *self)
    }

    /// The row of that group, version and kind.
    pub fn find(api_version: &str, name: &str) -> Option<&'static Row> {
        KINDS.iter().find(|row| row.api_version == api_version && row.name == name)
    }

    /// The row of the built-in kind of that name.
    pub fn named(name: &str) -> Option<&'static Row> {
        KINDS.iter().find(|row| row.name == name)
    }

    /// Whether objects of the kind called `name` are workloads.
    pub fn is_workload(name: &str) -> bool {
        Kind::named(name).is_some_and(|row| row.pods.workload)
    }

    /// The field of `spec` in which objects of the kind called `name` have volumes of their own.
    pub fn claims(name: &str) -> Option<&'static str> {
        Kind::named(name)?.pods.claims
    }

    /// Whether every namespace has an object of this kind and name of itself.
    pub fn is_given(&self, name: &str) -> bool {
        self.row().is_some_and(|row| row.given == Some(name))
    }

    /// What becomes of an object of the kind called `name` that an edit drops.
    pub fn keeping(name: &str) -> Keeping {
        Kind::named(name).map_or(Keeping::WithWorkload, |row| row.keeping)
    }

    /// Its name in a manifest.
    pub fn name(&self) -> &str {
        if let Kind::Custom(custom) = self {
            return &custom.kind;
        }
        self.row().expect("every built-in kind has a row").name
    }

    /// Whether its objects stand in a namespace.
    pub fn namespaced(&self) -> bool {
        if let Kind::Custom(custom) = self {
            return custom.namespaced;
        }
        self.row().expect("every built-in kind has a row").namespaced
    }

    /// How its objects get their final names, unless the plan says otherwise.
    pub fn naming(&self) -> Naming {
        self.row().map_or(Naming::Stable, |row| row.naming)
    }

    /// The most characters of a name, and why.
    pub fn longest_name(&self) -> (usize, &'static str) {
        self.row().map_or(SUBDOMAIN, |row| row.longest_name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_unique_and_in_the_order_of_the_kinds() {
        assert!(KINDS.windows(2).all(|pair| pair[0].kind < pair[1].kind));
        for row in KINDS {
            let same = |other: &&Row| other.stem == row.stem || other.name == row.name;
            assert_eq!(KINDS.iter().filter(same).count(), 1, "{}", row.name);
        }
    }
}
