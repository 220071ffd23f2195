//! Who reaches whom, and how users come.

use super::{Map, Meta};
use crate::decide::traffic::Ways;
use serde::Serialize;
use std::collections::BTreeMap;

/// A Kubernetes Service.
#[derive(Clone, Debug, Serialize)]
pub struct Service {
    /// Its metadata.
    pub meta: Meta,
    /// Whether it only names pods, without an address of its own.
    pub headless: bool,
    /// Whether it names pods that are not ready, too.
    pub not_ready: bool,
    /// Whose pods.
    pub selector: Map,
    /// Its ports.
    pub ports: Vec<ServicePort>,
}

/// A port of a Kubernetes Service.
#[derive(Clone, Debug, Serialize)]
pub struct ServicePort {
    /// Its name, and that of the container's port.
    pub name: String,
    /// Its number.
    pub port: u16,
    /// `TCP` or `UDP`.
    pub protocol: &'static str,
}

/// Where a pod has metrics.
#[derive(Clone, Debug, Serialize)]
pub struct Endpoint {
    /// The name of the port.
    pub port: String,
    /// The path.
    pub path: String,
}

/// The way of users from the entry of a region to a service.
#[derive(Clone, Debug, Serialize)]
pub struct Route {
    /// Its metadata.
    pub meta: Meta,
    /// The names under which users come, and the paths that lead on; one for a Gateway.
    pub ways: Vec<Ways>,
    /// The Gateway; none for an Ingress.
    pub gateway: Option<String>,
    /// Its namespace.
    pub gateway_namespace: String,
    /// Its listener.
    pub listener: Option<String>,
    /// The IngressClass; none for a Gateway.
    pub class: Option<String>,
    /// The certificates, for an Ingress.
    pub certificates: Vec<Certificate>,
    /// The Kubernetes Service.
    pub service: String,
}

/// Who a Secret with a certificate is for.
#[derive(Clone, Debug, Serialize)]
pub struct Certificate {
    /// The Secret.
    pub secret: String,
    /// The hosts.
    pub hosts: Vec<String>,
}

/// Records that lead users to a region.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Its metadata.
    pub meta: Meta,
    /// The names.
    pub hosts: Vec<String>,
    /// `A`, `AAAA` or `CNAME`.
    pub record: &'static str,
    /// Seconds.
    pub ttl: u64,
    /// Where the region answers.
    pub target: String,
    /// What tells the record from those of other regions, where there are some.
    pub set_identifier: Option<String>,
    /// What the provider is told; often nothing.
    pub properties: Map,
}

/// A Gslb: k8gb answers for the hosts of a route with the regions that are healthy.
#[derive(Clone, Debug, Serialize)]
pub struct Balancer {
    /// Its metadata.
    pub meta: Meta,
    /// Whether the route is an HTTPRoute; else it is an Ingress.
    pub routes: bool,
    /// The route.
    pub route: String,
    /// The region that serves while it is healthy; none where all of them do.
    pub primary: Option<String>,
    /// The share of each region; none for equal shares.
    pub weights: BTreeMap<String, u32>,
    /// Seconds.
    pub ttl: u64,
}
