//! Services, and the openings in an otherwise closed network.

use super::values::{Map, Opening, Peer, PortRule, Service as ServiceValues, ServicePort, Values};
use super::{Planned, ServiceInRegion, meta, postgresql};
use crate::kube::Kind;
use crate::model::WorkloadKind;
use crate::model::service::{Call, Caller};

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    services(here, objects);
    let policy = Values::NetworkPolicy {
        meta: here.meta(""),
        selector: here.selector(),
        ingress: ingress(here),
        egress: egress(here),
    };
    objects.push(here.object(Kind::NetworkPolicy, "", "depends_on", policy));
}

/// What pods are called by.
pub(crate) fn services(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let service = here.service;
    let ports: Vec<ServicePort> = (service.ports.iter())
        .map(|port| ServicePort {
            name: port.name.clone(),
            port: port.service.unwrap_or(port.port),
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

/// Who may connect: the gateway, callers in this region, and the replicas of a stateful service
/// among each other. A policy sees the ports of pods, not those of the Service.
fn ingress(here: &ServiceInRegion<'_>) -> Vec<Opening> {
    let service = here.service;
    let mut openings = Vec::new();
    let open: Vec<PortRule> = service.ports.iter().filter(|port| port.gateway).map(rule).collect();
    if let Some(gateway) = here.region.gateway.as_ref().filter(|_| !open.is_empty()) {
        let peer = Peer { namespace: Some(gateway.to_string()), pods: Map::new(), cidr: None };
        openings.push(Opening { peers: vec![peer], ports: open });
    }
    let here_too = |caller: &&Caller| caller.regions.contains(&here.region.name);
    for caller in service.callers.iter().filter(here_too) {
        let called = service.ports.iter().filter(|port| caller.ports.contains(&port.name));
        let peer = Peer {
            namespace: Some(caller.namespace.to_string()),
            pods: meta::of_service(caller.name.as_str()),
            cidr: None,
        };
        openings.push(Opening { peers: vec![peer], ports: called.map(rule).collect() });
    }
    openings.extend(among_replicas(here));
    openings
}

/// Where pods may go: name resolution, what the service depends on, and each other.
fn egress(here: &ServiceInRegion<'_>) -> Vec<Opening> {
    let mut openings = vec![dns(here)];
    for call in &here.service.calls {
        openings.push(match call {
            Call::Service { name, namespace, ports } => Opening {
                peers: vec![Peer {
                    namespace: Some(namespace.to_string()),
                    pods: meta::of_service(name.as_str()),
                    cidr: None,
                }],
                ports: (ports.iter())
                    .map(|(port, protocol)| PortRule { port: *port, protocol: protocol.name() })
                    .collect(),
            },
            Call::Addresses { cidr, tcp } => Opening {
                peers: vec![Peer { namespace: None, pods: Map::new(), cidr: Some(cidr.clone()) }],
                ports: tcp.iter().map(|port| PortRule { port: *port, protocol: "TCP" }).collect(),
            },
        });
    }
    openings.extend(postgresql::way_to_database(here));
    openings.extend(among_replicas(here));
    openings
}

/// The cluster's name servers, and the cache on the node where there is one: it answers on a
/// link-local address, which no selector of pods matches.
pub(crate) fn dns(here: &ServiceInRegion<'_>) -> Opening {
    let servers = Peer {
        namespace: Some("kube-system".to_owned()),
        pods: Map::from([("k8s-app".to_owned(), "kube-dns".to_owned())]),
        cidr: None,
    };
    let cache = here.region.node_local_dns.map(|address| {
        let prefix = if address.is_ipv4() { 32 } else { 128 };
        Peer { namespace: None, pods: Map::new(), cidr: Some(format!("{address}/{prefix}")) }
    });
    let ports = ["UDP", "TCP"].map(|protocol| PortRule { port: 53, protocol });
    Opening { peers: std::iter::once(servers).chain(cache).collect(), ports: ports.to_vec() }
}

/// Object storage of the region, over TLS.
pub(crate) fn object_storage(here: &ServiceInRegion<'_>) -> Opening {
    let ports = vec![PortRule { port: 443, protocol: "TCP" }];
    Opening { peers: ranges(&here.region.object_storage), ports }
}

/// The addresses in these ranges; all where there are none.
pub(crate) fn ranges(declared: &[String]) -> Vec<Peer> {
    let any = ["0.0.0.0/0", "::/0"].map(str::to_owned);
    let ranges = if declared.is_empty() { &any } else { declared };
    let peer = |cidr: &String| Peer { namespace: None, pods: Map::new(), cidr: Some(cidr.clone()) };
    ranges.iter().map(peer).collect()
}

fn among_replicas(here: &ServiceInRegion<'_>) -> Option<Opening> {
    let ports: Vec<PortRule> = here.service.ports.iter().map(rule).collect();
    let talk = here.service.kind == WorkloadKind::Stateful && !ports.is_empty();
    talk.then(|| Opening {
        peers: vec![Peer { namespace: None, pods: here.selector(), cidr: None }],
        ports,
    })
}

fn rule(port: &crate::model::Port) -> PortRule {
    PortRule { port: port.port, protocol: port.protocol.name() }
}
