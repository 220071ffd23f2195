//! The kinds that lead users to a region, and in it, as far as they are made here; unknown fields are
//! refused. A template of the user's own that needs more of one brings its CustomResourceDefinition.
//!
//! Sources: gateway-api `apis/v1/httproute_types.go`; external-dns `endpoint/endpoint.go` and
//! `apis/v1alpha1/dnsendpoint.go`, 0.22; k8gb `api/v1beta1io/gslb_types.go`.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `gateway.networking.k8s.io/v1` HTTPRoute.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct HttpRoute {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: HttpRouteSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct HttpRouteSpec {
    parent_refs: Vec<ParentRef>,
    hostnames: Vec<String>,
    rules: Vec<HttpRule>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ParentRef {
    name: String,
    namespace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    section_name: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct HttpRule {
    backend_refs: Vec<BackendRef>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct BackendRef {
    name: String,
    port: u16,
}

/// `externaldns.k8s.io/v1alpha1` DNSEndpoint.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DnsEndpoint {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: DnsEndpointSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct DnsEndpointSpec {
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Endpoint {
    dns_name: String,
    record_type: String,
    #[serde(rename = "recordTTL")]
    record_ttl: i64,
    targets: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    set_identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_specific: Option<Vec<Property>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Property {
    name: String,
    value: String,
}

/// `k8gb.io/v1beta1` Gslb.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Gslb {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: GslbSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GslbSpec {
    resource_ref: ResourceRef,
    strategy: GslbStrategy,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ResourceRef {
    api_version: String,
    kind: String,
    name: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GslbStrategy {
    #[serde(rename = "type")]
    strategy: GslbStrategyType,
    dns_ttl_seconds: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_geo_tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<BTreeMap<String, i64>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum GslbStrategyType {
    RoundRobin,
    Failover,
}
