//! The types of the built-in kinds.

use super::machines;
use super::monitoring;
use super::postgresql;
use super::strict::{self, Fault};
use super::traffic;
use super::velero;
use super::volsync;
use crate::kube::Kind;
use crate::yaml::Value;
use k8s_openapi::api::{apps, autoscaling, batch, core, networking, policy, rbac};

type Check = fn(&serde_json::Value) -> Vec<Fault>;

const TYPES: &[(Kind, Check)] = &[
    (Kind::Namespace, strict::check::<core::v1::Namespace>),
    (Kind::ServiceAccount, strict::check::<core::v1::ServiceAccount>),
    (Kind::ConfigMap, strict::check::<core::v1::ConfigMap>),
    (Kind::ResourceQuota, strict::check::<core::v1::ResourceQuota>),
    (Kind::PersistentVolumeClaim, strict::check::<core::v1::PersistentVolumeClaim>),
    (Kind::Service, strict::check::<core::v1::Service>),
    (Kind::Deployment, strict::check::<apps::v1::Deployment>),
    (Kind::StatefulSet, strict::check::<apps::v1::StatefulSet>),
    (Kind::Job, strict::check::<batch::v1::Job>),
    (Kind::CronJob, strict::check::<batch::v1::CronJob>),
    (Kind::PodDisruptionBudget, strict::check::<policy::v1::PodDisruptionBudget>),
    (Kind::HorizontalPodAutoscaler, strict::check::<autoscaling::v2::HorizontalPodAutoscaler>),
    (Kind::NetworkPolicy, strict::check::<networking::v1::NetworkPolicy>),
    (Kind::Ingress, strict::check::<networking::v1::Ingress>),
    (Kind::Role, strict::check::<rbac::v1::Role>),
    (Kind::RoleBinding, strict::check::<rbac::v1::RoleBinding>),
    (Kind::Schedule, strict::check::<velero::Schedule>),
    (Kind::Restore, strict::check::<velero::Restore>),
    (Kind::BackupStorageLocation, strict::check::<velero::BackupStorageLocation>),
    (Kind::VolumeSnapshotLocation, strict::check::<velero::VolumeSnapshotLocation>),
    (Kind::ReplicationSource, strict::check::<volsync::ReplicationSource>),
    (Kind::ReplicationDestination, strict::check::<volsync::ReplicationDestination>),
    (Kind::PostgresqlCluster, strict::check::<postgresql::Cluster>),
    (Kind::ScheduledBackup, strict::check::<postgresql::ScheduledBackup>),
    (Kind::HttpRoute, strict::check::<traffic::HttpRoute>),
    (Kind::DnsEndpoint, strict::check::<traffic::DnsEndpoint>),
    (Kind::Gslb, strict::check::<traffic::Gslb>),
    (Kind::PrometheusRule, strict::check::<monitoring::PrometheusRule>),
    (Kind::MachineHealthCheck, strict::check::<machines::MachineHealthCheck>),
];

/// Every fault of an object as its kind.
pub(super) fn check(kind: &Kind, value: &Value) -> Vec<Fault> {
    let (_, check) =
        TYPES.iter().find(|(typed, _)| typed == kind).expect("every built-in kind has a type");
    check(&value.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::kinds::KINDS;

    #[test]
    fn every_row_has_a_type() {
        let kinds: Vec<&Kind> = KINDS.iter().map(|row| &row.kind).collect();
        assert_eq!(kinds, TYPES.iter().map(|(kind, _)| kind).collect::<Vec<_>>());
    }
}
