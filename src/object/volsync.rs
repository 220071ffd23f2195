//! VolSync's kinds, as far as they are made here; unknown fields are refused.
//!
//! Source: volsync `api/v1alpha1/{replicationsource,replicationdestination}_types.go`, 0.16. Only
//! its restic mover: the two clusters meet in object storage, and neither needs the other's address.

use k8s_openapi::api::core::v1::PodSecurityContext;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `volsync.backube/v1alpha1` ReplicationSource.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ReplicationSource {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: SourceSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SourceSpec {
    #[serde(rename = "sourcePVC")]
    source_pvc: String,
    trigger: Trigger,
    restic: SourceRestic,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Trigger {
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manual: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SourceRestic {
    repository: String,
    copy_method: CopyMethod,
    storage_class_name: String,
    volume_snapshot_class_name: String,
    cache_storage_class_name: String,
    cache_capacity: String,
    prune_interval_days: i32,
    retain: Retain,
    mover_pod_labels: BTreeMap<String, String>,
    mover_security_context: PodSecurityContext,
}

#[derive(Deserialize, Serialize)]
enum CopyMethod {
    Snapshot,
    Clone,
    Direct,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Retain {
    hourly: i32,
    daily: i32,
}

/// `volsync.backube/v1alpha1` ReplicationDestination.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ReplicationDestination {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: DestinationSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct DestinationSpec {
    trigger: Trigger,
    restic: DestinationRestic,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct DestinationRestic {
    repository: String,
    copy_method: CopyMethod,
    capacity: String,
    access_modes: Vec<AccessMode>,
    storage_class_name: String,
    volume_snapshot_class_name: String,
    cache_storage_class_name: String,
    cache_capacity: String,
    // Without it, what was deleted at the source comes back at a failover.
    enable_file_deletion: bool,
    mover_pod_labels: BTreeMap<String, String>,
    mover_security_context: PodSecurityContext,
}

#[derive(Deserialize, Serialize)]
enum AccessMode {
    ReadWriteOnce,
    ReadWriteOncePod,
}
