//! Velero's kinds, field by field; unknown fields are refused.
//!
//! Source: velero `pkg/apis/velero/v1/{schedule,backup,restore,backupstoragelocation}_types.go` and
//! `volume_snapshot_location_type.go`, 1.18. Durations are Go's, as the server reads them.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `velero.io/v1` Schedule.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Schedule {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: ScheduleSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ScheduleSpec {
    schedule: String,
    template: BackupSpec,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused: Option<bool>,
    // Left out, the controller adds the field, and a delivery engine sees a difference.
    skip_immediately: bool,
    // `true` deletes the backups of a Schedule that is pruned.
    use_owner_references_in_backup: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct BackupSpec {
    // Left out, the labels of the Schedule are copied, among them those by which Argo CD prunes.
    metadata: BackupMetadata,
    included_namespaces: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_namespaces: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    included_cluster_scoped_resources: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_cluster_scoped_resources: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    included_namespace_scoped_resources: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_namespace_scoped_resources: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_selector: Option<LabelSelector>,
    #[serde(skip_serializing_if = "Option::is_none")]
    or_label_selectors: Option<Vec<LabelSelector>>,
    snapshot_volumes: bool,
    snapshot_move_data: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    datamover: Option<String>,
    default_volumes_to_fs_backup: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_snapshot_locations: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_group_snapshot_label_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_policy: Option<LocalReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uploader_config: Option<UploaderConfig>,
    storage_location: String,
    ttl: String,
    csi_snapshot_timeout: String,
    item_operation_timeout: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ordered_resources: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hooks: Option<Hooks>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct BackupMetadata {
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct LocalReference {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_group: Option<String>,
    kind: String,
    name: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct UploaderConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_files_upload: Option<i64>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Hooks {
    resources: Vec<HookResource>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct HookResource {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    included_namespaces: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_namespaces: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    included_resources: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_resources: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_selector: Option<LabelSelector>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pre: Option<Vec<Hook>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<Vec<Hook>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Hook {
    exec: Exec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Exec {
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    command: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<String>,
}

/// `velero.io/v1` Restore.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Restore {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: RestoreSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RestoreSpec {
    // Never `scheduleName`: it finds no backup that a Schedule made under a former name.
    backup_name: String,
    included_namespaces: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    included_resources: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_resources: Option<Vec<String>>,
    // No `labelSelector`: what tells where moved data lies carries no label of a service's, so
    // nothing would be in the volumes (velero#7535).
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace_mapping: Option<BTreeMap<String, String>>,
    #[serde(rename = "restorePVs")]
    restore_pvs: bool,
    // Left out, what stands there already could be changed by a later default.
    existing_resource_policy: ExistingResourcePolicy,
    item_operation_timeout: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_modifier: Option<LocalReference>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum ExistingResourcePolicy {
    None,
}

/// `velero.io/v1` BackupStorageLocation.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct BackupStorageLocation {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: BackupStorageLocationSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct BackupStorageLocationSpec {
    provider: String,
    object_storage: ObjectStorage,
    // Left out, a location that is only to be read could be written to.
    access_mode: AccessMode,
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<SecretKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_sync_period: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_frequency: Option<String>,
}

#[derive(Deserialize, Serialize)]
enum AccessMode {
    ReadOnly,
    ReadWrite,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ObjectStorage {
    bucket: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_cert_ref: Option<SecretKey>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SecretKey {
    name: String,
    key: String,
}

/// `velero.io/v1` VolumeSnapshotLocation.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct VolumeSnapshotLocation {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: VolumeSnapshotLocationSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct VolumeSnapshotLocationSpec {
    provider: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<SecretKey>,
}
