//! CloudNativePG's kinds, as far as they are made here; unknown fields are refused.
//!
//! Source: cloudnative-pg `api/v1/{cluster,scheduledbackup}_types.go`, 1.28. Archives and base
//! backups are the Barman Cloud plugin's: what the operator itself had for them is deprecated since
//! 1.26 (plugin-barman-cloud, `web/docs/migration.md`).

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `postgresql.cnpg.io/v1` Cluster.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Cluster {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: ClusterSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ClusterSpec {
    instances: i32,
    image_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority_class_name: Option<String>,
    // With one instance, a budget would block every drain.
    #[serde(rename = "enablePDB")]
    enable_pdb: bool,
    storage: Storage,
    resources: ResourceRequirements,
    affinity: Affinity,
    postgresql: Configuration,
    bootstrap: Bootstrap,
    // Without one, nothing is archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    plugins: Option<Vec<Plugin>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replica: Option<Replica>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_clusters: Option<Vec<ExternalCluster>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Storage {
    size: String,
    storage_class: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Affinity {
    enable_pod_anti_affinity: bool,
    pod_anti_affinity_type: AntiAffinity,
    topology_key: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum AntiAffinity {
    Required,
    Preferred,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    parameters: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    synchronous: Option<Synchronous>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Synchronous {
    method: Method,
    number: i32,
    data_durability: Durability,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    Any,
    First,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Durability {
    Required,
    Preferred,
}

/// A new database, or one from the archive of another cluster.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Bootstrap {
    #[serde(skip_serializing_if = "Option::is_none")]
    initdb: Option<InitDb>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery: Option<Recovery>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct InitDb {
    database: String,
    owner: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Recovery {
    source: String,
    database: String,
    owner: String,
    #[serde(rename = "recoveryTarget", skip_serializing_if = "Option::is_none")]
    target: Option<RecoveryTarget>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RecoveryTarget {
    target_time: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Plugin {
    name: String,
    #[serde(rename = "isWALArchiver", skip_serializing_if = "Option::is_none")]
    is_wal_archiver: Option<bool>,
    parameters: Archive,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Archive {
    barman_object_name: String,
    server_name: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Replica {
    #[serde(rename = "self")]
    this: String,
    primary: String,
    source: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ExternalCluster {
    name: String,
    plugin: Plugin,
}

/// `postgresql.cnpg.io/v1` ScheduledBackup.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ScheduledBackup {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: ScheduledBackupSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ScheduledBackupSpec {
    schedule: String,
    // The first one at once: a replica begins with it.
    immediate: bool,
    // `self` or `cluster` delete the record of backups that are still in the archive.
    backup_owner_reference: OwnerReference,
    method: BackupMethod,
    target: Target,
    cluster: Named,
    plugin_configuration: Named,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum OwnerReference {
    None,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum BackupMethod {
    Plugin,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Target {
    Primary,
    PreferStandby,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}
