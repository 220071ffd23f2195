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
    pub service: Option<String>,
    /// The names of the ports of that service. Default: all.
    #[serde(default)]
    pub ports: Vec<String>,
    /// The namespace of pods that no spec of this fleet describes: `monitoring`. Default: none.
    pub namespace: Option<String>,
    /// The labels of those pods. Default: all pods of the namespace.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// A host outside of the cluster: `api.stripe.com`. A network policy cannot name one, so its
    /// ports are open to every address outside of the cluster. Default: none.
    pub host: Option<String>,
    /// A range of addresses outside: `10.20.0.0/16`. Default: none.
    pub cidr: Option<String>,
    /// The TCP ports of those pods, that host or that range.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 65535)))]
    pub tcp: Vec<u16>,
    /// The UDP ports of those pods, that host or that range.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 65535)))]
    pub udp: Vec<u16>,
}

/// Pods that no spec describes, and that may connect to the service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Admitted {
    /// Their namespace.
    pub namespace: String,
    /// Their labels. Default: all pods of the namespace.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The names of the ports that they may connect to. Default: all.
    #[serde(default)]
    pub ports: Vec<String>,
}

/// How users reach a service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// The host names that lead to it. In every region, a route leads from the entry of the region
    /// to the service; where the fleet declares the zone of a name, its record is made, too.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Who moves traffic to another region. Default: a person; with `active/active`, health checks.
    pub failover: Option<Failover>,
    /// The port that users reach. Default: the first with `gateway`.
    pub port: Option<String>,
    /// How long a resolver may keep an answer. Default: `60s`, or a quarter of the RTO where that is
    /// shorter; more than a quarter is refused.
    pub ttl: Option<Duration>,
    /// For `active/active`: the share of each region, as whole numbers. Default: equal.
    #[serde(default)]
    pub weights: BTreeMap<String, u32>,
    /// For zones of ExternalDNS: the id of the health check of each region. ExternalDNS makes none.
    #[serde(default)]
    pub health_checks: BTreeMap<String, String>,
    /// For an Ingress: the Secret with the certificate, in the namespace of the service. A Gateway
    /// has its own. Default: none.
    pub certificate: Option<String>,
    /// Paths that lead to another port, and hosts of which only some paths lead here. Default: every
    /// path of each of `hosts` leads to `port`.
    #[serde(default)]
    pub routes: Vec<Route>,
}

/// A path by which users reach a service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The host. Default: each of `hosts`. One that is not among them leads here by its routes only.
    pub host: Option<String>,
    /// The path: it and everything below it leads here. Default: `/`.
    pub path: Option<String>,
    /// The name of the port. Default: `port` of `[traffic]`.
    pub port: Option<String>,
    /// For an Ingress: the Secret with the certificate of that host. Default: `certificate` of
    /// `[traffic]`.
    pub certificate: Option<String>,
}
