//! Services, the openings in an otherwise closed network, and where metrics are.

use super::values::{Map, Meta, Values};
use super::{Planned, alerts};
use crate::decide::{ServiceInRegion, network};
use crate::kube::Kind;
use crate::model::{Port, WorkloadKind};
use serde::Serialize;

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

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    services(here, objects);
    let policy = Values::NetworkPolicy {
        meta: here.meta(""),
        selector: here.selector(),
        ingress: network::ingress(here),
        egress: network::egress(here),
    };
    objects.push(here.object(Kind::NetworkPolicy, "", "depends_on", policy));
    let metrics =
        |port: &Port| Some(Endpoint { port: port.name.clone(), path: port.metrics()?.to_owned() });
    let endpoints: Vec<Endpoint> = network::scraped(here).into_iter().filter_map(metrics).collect();
    if !endpoints.is_empty() {
        let mut meta = here.meta("");
        alerts::select(here.region, &mut meta.labels);
        let monitor = Values::Monitor { meta, selector: here.selector(), endpoints };
        objects.push(here.object(Kind::PodMonitor, "", "ports", monitor));
    }
}

/// What pods are called by.
pub(crate) fn services(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let service = here.service;
    let ports: Vec<ServicePort> = (service.ports.iter())
        .map(|port| ServicePort {
            name: port.name.clone(),
            port: network::service_port(here, port).value,
            protocol: port.protocol.name(),
        })
        .collect();
    let values = |part: &str, (headless, not_ready)| {
        Values::Service(Service {
            meta: here.meta(part),
            headless,
            not_ready,
            selector: here.selector(),
            ports: ports.clone(),
        })
    };
    if !ports.is_empty() {
        objects.push(here.object(
            Kind::Service,
            "",
            "ports",
            values("", (service.headless, false)),
        ));
    }
    if service.kind == WorkloadKind::Stateful {
        objects.push(here.object(
            Kind::Service,
            "headless",
            "kind",
            values("headless", (true, true)),
        ));
    }
}
