//! What a service calls, and how users reach it.

use crate::quantity::Duration;
use crate::words::Failover;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Something that the service calls: another service, pods that no spec describes, a host, or a
/// range of addresses.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    /// A service of this fleet. Default: none.
    #[schemars(example = &"orders")]
    pub service: Option<String>,
    /// The names of that service's ports. Default: all.
    #[serde(default)]
    #[schemars(example = ["grpc"])]
    pub ports: Vec<String>,
    /// The namespace of pods that no spec of this fleet describes: `monitoring`. Default: none.
    pub namespace: Option<String>,
    /// The labels of these pods. Default: all pods of the namespace.
    #[serde(default)]
    #[schemars(extend("examples" = [{"app": "otel-collector"}]))]
    pub labels: BTreeMap<String, String>,
    /// A host outside the cluster: `api.stripe.com`. A network policy cannot name a host, so the ports are
    /// opened to every address outside the cluster. Default: none.
    pub host: Option<String>,
    /// A range of addresses outside the cluster: `10.20.0.0/16`. Default: none.
    pub cidr: Option<String>,
    /// The TCP ports of these pods, this host or this range.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 65535)), example = [443])]
    pub tcp: Vec<u16>,
    /// The UDP ports of these pods, this host or this range.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 65535)), example = [53])]
    pub udp: Vec<u16>,
}

/// Pods that no spec describes, and that may connect to the service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Admitted {
    /// The namespace of the callers.
    #[schemars(example = &"monitoring")]
    pub namespace: String,
    /// The labels of the callers. Default: all pods of the namespace.
    #[serde(default)]
    #[schemars(extend("examples" = [{"app.kubernetes.io/name": "prometheus"}]))]
    pub labels: BTreeMap<String, String>,
    /// The names of the ports to which they may connect. Default: all.
    #[serde(default)]
    #[schemars(example = ["metrics"])]
    pub ports: Vec<String>,
}

/// How users reach a service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// The host names that lead to it. Each region gets a route from its entry to the service, and each
    /// name a DNS record, if the fleet declares its zone.
    #[serde(default)]
    #[schemars(example = ["shop.example.com"])]
    pub hosts: Vec<String>,
    /// Who moves traffic to another region. Default: a person; with `active/active`, health checks.
    pub failover: Option<Failover>,
    /// The name of the port that users reach. Default: the first with `gateway`.
    #[schemars(example = &"http")]
    pub port: Option<String>,
    /// The TTL of DNS records. Default: `60s`, or a quarter of the RTO where that is shorter; more than a
    /// quarter is refused.
    pub ttl: Option<Duration>,
    /// For `active/active`: the weight of each region, as whole numbers. Default: equal shares.
    #[serde(default)]
    #[schemars(extend("examples" = [{"eastus2": 3, "centralus": 1}]))]
    pub weights: BTreeMap<String, u32>,
    /// For zones of ExternalDNS: the id of each region's health check, which ExternalDNS does not create.
    #[serde(default)]
    #[schemars(extend("examples" = [{"eastus2": "3b1f8f4d-1f3d-7e0c-9a2b-5f6e7d8091a2"}]))]
    pub health_checks: BTreeMap<String, String>,
    /// For an Ingress: the Secret with the certificate, in the service's namespace. A Gateway has its own.
    /// Default: none.
    #[schemars(example = &"shop-tls")]
    pub certificate: Option<String>,
    /// Routes for paths that lead to another port, and for hosts of which only some paths lead here.
    /// Default: every path of each of `hosts` leads to `port`.
    #[serde(default)]
    pub routes: Vec<Route>,
}

/// A path by which users reach a service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The host. Default: each of `hosts`. Of a host that is not in `hosts`, only these routes lead here.
    #[schemars(example = &"shop.example.com")]
    pub host: Option<String>,
    /// The path, which leads here with everything below it. Default: `/`.
    #[schemars(example = &"/api")]
    pub path: Option<String>,
    /// The name of the port. Default: `port` of `[traffic]`.
    #[schemars(example = &"http")]
    pub port: Option<String>,
    /// For an Ingress: the Secret with the certificate of that host. Default: `certificate` of
    /// `[traffic]`.
    #[schemars(example = &"shop-tls")]
    pub certificate: Option<String>,
}
