//! The kind of Cluster API, as far as it is made here; unknown fields are refused.
//!
//! Source: cluster-api `api/core/v1beta2/machinehealthcheck_types.go`.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use serde::{Deserialize, Serialize};

/// `cluster.x-k8s.io/v1beta2` MachineHealthCheck.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct MachineHealthCheck {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: MachineHealthCheckSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct MachineHealthCheckSpec {
    cluster_name: String,
    selector: LabelSelector,
    checks: Checks,
    remediation: Remediation,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Checks {
    node_startup_timeout_seconds: u32,
    unhealthy_node_conditions: Vec<Condition>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Condition {
    #[serde(rename = "type")]
    condition: String,
    status: String,
    timeout_seconds: u32,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Remediation {
    trigger_if: TriggerIf,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct TriggerIf {
    unhealthy_less_than_or_equal_to: u32,
}
