//! The ports of a service, and who may reach what in an otherwise closed network.

mod openings; // what an opening is
mod database; // a database
mod pods; //     pods and their ports

use super::ServiceInRegion;
use crate::model::service::{Call, Caller};
use crate::model::{Port, Protocol, WorkloadKind};
pub(crate) use database::{database_egress, database_ingress, to_database};
use openings::{LINK_LOCAL, PRIVATE, rule};
pub use openings::{Opening, Peer, PortRule};
pub(crate) use openings::{Way, Whom};
use pods::pods_of;
pub(crate) use pods::{
    container_port, pods_of_database, pods_of_jobs, pods_of_service, service_port,
};
use std::collections::BTreeMap;

/// The ports of the API server: that of its Service, and its own where that is another.
const API_SERVER: [PortRule; 2] =
    [PortRule { port: 443, protocol: "TCP" }, PortRule { port: 6443, protocol: "TCP" }];

/// Object storage, over TLS.
const HTTPS: PortRule = PortRule { port: 443, protocol: "TCP" };

/// The namespace of Prometheus, unless the fleet says.
const MONITORING: &str = "monitoring";

/// Who may connect: the gateway, callers in this region, and the replicas of a stateful service
/// among each other. A policy sees the ports of pods, not those of the Service.
pub(crate) fn ingress(here: &ServiceInRegion<'_>) -> Vec<Opening> {
    let service = here.service;
    let mut openings = Vec::new();
    let open: Vec<PortRule> = service.ports.iter().filter(|port| port.gateway).map(rule).collect();
    if let Some(gateway) = here.region.gateway.as_ref().filter(|_| !open.is_empty()) {
        openings.push(Opening {
            peers: vec![Peer::pods(Some(gateway.to_string()), BTreeMap::new())],
            ports: open.clone(),
            whom: Whom::Gateway(gateway.to_string()),
        });
    }
    let from = &here.region.gateway_ranges;
    if !from.is_empty() && !open.is_empty() {
        let peers = from.iter().map(|range| Peer::addresses(range)).collect();
        openings.push(Opening { peers, ports: open, whom: Whom::GatewayRanges });
    }
    let here_too = |caller: &&Caller| caller.regions.contains(&here.region.name);
    for caller in service.callers.iter().filter(here_too) {
        let called = service.ports.iter().filter(|port| caller.ports.contains(&port.name));
        openings.push(Opening {
            peers: pods_of(caller.name.plain(), caller.jobs, Some(&caller.namespace)),
            ports: called.map(rule).collect(),
            whom: Whom::Caller(caller.name.to_string()),
        });
    }
    openings.extend(service.admits.iter().enumerate().map(|(index, admitted)| {
        let named = |port: &&Port| admitted.ports.is_empty() || admitted.ports.contains(&port.name);
        Opening {
            peers: vec![Peer::pods(Some(admitted.namespace.clone()), admitted.labels.clone())],
            ports: service.ports.iter().filter(named).map(rule).collect(),
            whom: Whom::Admitted(admitted.namespace.clone(), index),
        }
    }));
    openings.extend(from_prometheus(here));
    openings.extend(among_replicas(here));
    openings.extend(between_jobs_and_service(here, pods_of_jobs(service.name.plain())));
    openings
}

/// The ports from which the Prometheus of the region reads metrics; none where it has none.
pub(crate) fn scraped<'a>(here: &ServiceInRegion<'a>) -> Vec<&'a Port> {
    let ports = here.service.ports.iter().filter(|port| port.metrics().is_some());
    ports.filter(|_| here.region.prometheus.is_some()).collect()
}

fn from_prometheus(here: &ServiceInRegion<'_>) -> Option<Opening> {
    let namespace = monitoring(here)?;
    let ports: Vec<PortRule> = scraped(here).into_iter().map(rule).collect();
    (!ports.is_empty()).then(|| Opening {
        peers: vec![Peer::pods(Some(namespace.to_owned()), BTreeMap::new())],
        ports,
        whom: Whom::Prometheus(namespace.to_owned()),
    })
}

/// The namespace of the Prometheus of the region, where it has one.
fn monitoring<'a>(here: &ServiceInRegion<'a>) -> Option<&'a str> {
    let prometheus = here.region.prometheus.as_ref()?;
    Some(prometheus.namespace.as_deref().unwrap_or(MONITORING))
}

/// Where pods may go: name resolution, what the service depends on, and each other.
pub(crate) fn egress(here: &ServiceInRegion<'_>) -> Vec<Opening> {
    let mut openings = calls(here);
    openings.extend(among_replicas(here));
    openings
}

/// Where the pods of jobs may go: where the service may go, and to the service.
pub(crate) fn egress_of_jobs(here: &ServiceInRegion<'_>) -> Vec<Opening> {
    let mut openings = calls(here);
    let service = pods_of_service(here.service.name.plain());
    openings.extend(between_jobs_and_service(here, service));
    openings
}

fn between_jobs_and_service(
    here: &ServiceInRegion<'_>,
    pods: BTreeMap<String, String>,
) -> Option<Opening> {
    let service = here.service;
    let talk = !service.jobs.is_empty() && !service.ports.is_empty();
    talk.then(|| Opening {
        peers: vec![Peer::pods(None, pods)],
        ports: service.ports.iter().map(rule).collect(),
        whom: Whom::Jobs,
    })
}

/// Name resolution, and what the service depends on.
fn calls(here: &ServiceInRegion<'_>) -> Vec<Opening> {
    let mut openings = vec![dns(here)];
    let calls = here.service.calls.iter().enumerate();
    openings.extend(calls.map(|(index, call)| {
        let (peers, ports, whom) = match call {
            Call::Service { name, namespace, ports, .. } => {
                let pods = pods_of_service(name.plain());
                let peers = vec![Peer::pods(Some(namespace.to_string()), pods)];
                (peers, ports, Whom::Called(name.to_string(), index))
            }
            Call::Pods { namespace, labels, ports } => {
                let peers = vec![Peer::pods(Some(namespace.to_string()), labels.clone())];
                (peers, ports, Whom::Pods(namespace.to_string(), index))
            }
            Call::Host { host, ports, .. } => {
                (outside(here), ports, Whom::Host(host.clone(), index))
            }
            Call::Addresses { cidr, ports } => {
                (vec![Peer::addresses(cidr)], ports, Whom::Outside(cidr.clone(), index))
            }
        };
        let rule = |(port, protocol): &(u16, Protocol)| PortRule {
            port: *port,
            protocol: protocol.name(),
        };
        Opening { peers, ports: ports.iter().map(rule).collect(), whom }
    }));
    if here.database.is_some() {
        openings.push(to_database(&here.service.logical(super::database::PART)));
    }
    if here.service.pod.token {
        openings.push(to_api_server(here, Whom::ApiOfToken));
    }
    openings
}

/// Every address that is not the cluster's: where a host may be.
fn outside(here: &ServiceInRegion<'_>) -> Vec<Peer> {
    let declared = here.region.cluster_ranges.iter().map(String::as_str);
    let private = PRIVATE.iter().copied().filter(|_| here.region.cluster_ranges.is_empty());
    let inside: Vec<&str> = declared.chain(private).chain(LINK_LOCAL.iter().copied()).collect();
    let but = |all: &str, six: bool| {
        let except = inside.iter().filter(|range| range.contains(':') == six);
        Peer::addresses_but(all, except.map(|range| (*range).to_owned()).collect())
    };
    vec![but("0.0.0.0/0", false), but("::/0", true)]
}

/// The cluster's name servers, and the cache on the node where there is one: it answers on a
/// link-local address, which no selector of pods matches.
pub(crate) fn dns(here: &ServiceInRegion<'_>) -> Opening {
    let servers = BTreeMap::from([("k8s-app".to_owned(), "kube-dns".to_owned())]);
    let servers = Peer::pods(Some("kube-system".to_owned()), servers);
    let cache = here.region.node_local_dns.map(|address| {
        let prefix = if address.is_ipv4() { 32 } else { 128 };
        Peer::addresses(&format!("{address}/{prefix}"))
    });
    let ports = ["UDP", "TCP"].map(|protocol| PortRule { port: 53, protocol });
    Opening {
        peers: std::iter::once(servers).chain(cache).collect(),
        ports: ports.to_vec(),
        whom: Whom::NameServers,
    }
}

/// Object storage of the region, over TLS, for the pods that copy volumes.
pub(crate) fn to_repository(here: &ServiceInRegion<'_>) -> Opening {
    let peers = ranges(&here.region.object_storage);
    Opening { peers, ports: vec![HTTPS], whom: Whom::Repository }
}

/// The API server of the region, where it is declared.
fn to_api_server(here: &ServiceInRegion<'_>, whom: Whom) -> Opening {
    Opening { peers: ranges(&here.region.api_server), ports: API_SERVER.to_vec(), whom }
}

/// Everything that is in the same namespace.
pub(crate) fn among_all() -> Opening {
    Opening { peers: vec![Peer::pods(None, BTreeMap::new())], ports: Vec::new(), whom: Whom::Drill }
}

/// The addresses in these ranges; all where there are none.
fn ranges(declared: &[String]) -> Vec<Peer> {
    match declared {
        [] => ["0.0.0.0/0", "::/0"].map(Peer::addresses).to_vec(),
        [..] => declared.iter().map(|cidr| Peer::addresses(cidr)).collect(),
    }
}

fn among_replicas(here: &ServiceInRegion<'_>) -> Option<Opening> {
    let service = here.service;
    let ports: Vec<PortRule> = service.ports.iter().map(rule).collect();
    let talk = service.kind == WorkloadKind::Stateful && !ports.is_empty();
    talk.then(|| Opening {
        peers: vec![Peer::pods(None, pods_of_service(service.name.plain()))],
        ports,
        whom: Whom::Replicas,
    })
}
