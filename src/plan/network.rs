//! Services, and the openings in an otherwise closed network.

use super::Planned;
use super::values::{Service as ServiceValues, ServicePort, Values};
use crate::decide::{ServiceInRegion, network};
use crate::kube::Kind;
use crate::model::WorkloadKind;

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    services(here, objects);
    let policy = Values::NetworkPolicy {
        meta: here.meta(""),
        selector: here.selector(),
        ingress: network::ingress(here),
        egress: network::egress(here),
    };
    objects.push(here.object(Kind::NetworkPolicy, "", "depends_on", policy));
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
    let values = |part: &str, headless| {
        Values::Service(ServiceValues {
            meta: here.meta(part),
            headless,
            selector: here.selector(),
            ports: ports.clone(),
        })
    };
    if !ports.is_empty() {
        objects.push(here.object(Kind::Service, "", "ports", values("", false)));
    }
    if service.kind == WorkloadKind::Stateful {
        objects.push(here.object(Kind::Service, "headless", "kind", values("headless", true)));
    }
}
