//! The ports of a service, and who may reach what in an otherwise closed network.

use super::proof::Source;
use super::{Number, Reason, ServiceInRegion};
use crate::kube::{Namespace, labels};
use crate::model::service::{Call, Caller};
use crate::model::{Port, Protocol, WorkloadKind};
use serde::Serialize;
use std::collections::BTreeMap;

/// The label by which CloudNativePG tells the instances of a database.
const DATABASE: &str = "cnpg.io/cluster";

/// The ports of an instance of a database: where it is asked for data, by Prometheus, and by the
/// operator for its state.
const POSTGRESQL: PortRule = PortRule { port: 5432, protocol: "TCP" };
const METRICS: PortRule = PortRule { port: 9187, protocol: "TCP" };
const STATUS: PortRule = PortRule { port: 8000, protocol: "TCP" };

/// The ports of the API server: that of its Service, and its own where that is another.
const API_SERVER: [PortRule; 2] =
    [PortRule { port: 443, protocol: "TCP" }, PortRule { port: 6443, protocol: "TCP" }];

/// Object storage, over TLS.
const HTTPS: PortRule = PortRule { port: 443, protocol: "TCP" };

/// The private ranges (RFC 1918, 6598 and 4193): where nodes, pods and Services are, unless the fleet
/// says.
const PRIVATE: &[&str] =
    &["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/// Addresses of the node itself, among them that at which clouds hand out the node's credentials
/// (RFC 3927 and 4291).
const LINK_LOCAL: &[&str] = &["169.254.0.0/16", "fe80::/10"];

/// The namespace of Prometheus, unless the fleet says.
const MONITORING: &str = "monitoring";

/// A rule of a NetworkPolicy: any of these peers, on any of these ports.
#[derive(Clone, Debug, Serialize)]
pub struct Opening {
    /// The peers.
    pub peers: Vec<Peer>,
    /// The ports of pods.
    pub ports: Vec<PortRule>,
    /// Who the peers are, and what asked for them.
    #[serde(skip)]
    pub(crate) whom: Whom,
}

/// A peer: pods, or addresses.
#[derive(Clone, Debug, Serialize)]
pub struct Peer {
    /// The namespace of the pods; none means their own.
    pub namespace: Option<String>,
    /// The labels of the pods; none means all.
    pub pods: BTreeMap<String, String>,
    /// A range of addresses.
    pub cidr: Option<String>,
    /// Ranges within it that are not meant.
    pub except: Vec<String>,
}

/// A port of pods.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PortRule {
    /// Its number.
    pub port: u16,
    /// `TCP` or `UDP`.
    pub protocol: &'static str,
}

/// Whom an opening is for.
#[derive(Clone, Debug)]
pub(crate) enum Whom {
    /// The name servers of the cluster, and the cache on each node.
    NameServers,
    /// The gateway, in its namespace.
    Gateway(String),
    /// The same, where it connects from addresses that are not of its pods.
    GatewayRanges,
    /// A service that calls.
    Caller(String),
    /// A service that is called, and the place of it in `depends_on`.
    Called(String, usize),
    /// Addresses outside, and the place of them in `depends_on`.
    Outside(String, usize),
    /// A host outside, and the place of it in `depends_on`.
    Host(String, usize),
    /// Pods that no spec describes, by their namespace, and the place of them in `depends_on`.
    Pods(String, usize),
    /// Pods that no spec describes, by their namespace, and the place of them in `called_by`.
    Admitted(String, usize),
    /// Prometheus, in its namespace.
    Prometheus(String),
    /// The other replicas.
    Replicas,
    /// Its jobs, or the service as its jobs see it.
    Jobs,
    /// Where volumes are copied to.
    Repository,
    /// The instances of the database.
    Instances,
    /// The service, as its database sees it.
    Client,
    /// What works for a database, and its namespace.
    Platform(&'static str, String),
    /// The API server, as a database sees it.
    ApiServer,
    /// The API server, as a pod with a token sees it.
    ApiOfToken,
    /// The archive of a database.
    Archive,
    /// Everything in the namespace of a drill.
    Drill,
}

impl Whom {
    fn words(&self) -> String {
        match self {
            Whom::NameServers => "the name servers of the cluster".to_owned(),
            Whom::Gateway(namespace) => format!("the gateway in `{namespace}`"),
            Whom::GatewayRanges => "the gateway, by its addresses".to_owned(),
            Whom::Caller(name) | Whom::Called(name, _) => format!("the service `{name}`"),
            Whom::Outside(cidr, _) => format!("the addresses {cidr}"),
            Whom::Host(host, _) => format!(
                "`{host}`, which a network policy cannot name, and so to every address outside of the cluster"
            ),
            Whom::Pods(namespace, _) | Whom::Admitted(namespace, _) => {
                format!("pods in `{namespace}`")
            }
            Whom::Prometheus(namespace) => {
                format!("Prometheus in `{namespace}`, which reads metrics")
            }
            Whom::Replicas => "its own replicas".to_owned(),
            Whom::Jobs => "what belongs together: the service and its jobs".to_owned(),
            Whom::Repository => "object storage".to_owned(),
            Whom::Instances => "the instances of its database".to_owned(),
            Whom::Client => "the service".to_owned(),
            Whom::Platform(name, namespace) => format!("{name} in `{namespace}`"),
            Whom::ApiServer | Whom::ApiOfToken => "the API server".to_owned(),
            Whom::Archive => "the archive".to_owned(),
            Whom::Drill => "everything in the namespace".to_owned(),
        }
    }

    /// What asked for a port to be open for them.
    fn asked(&self, here: &ServiceInRegion<'_>, port: u16) -> Option<Source> {
        let dependency = |index: &usize| here.in_spec(&["depends_on", &index.to_string()]);
        match self {
            Whom::NameServers | Whom::Drill => None,
            Whom::Gateway(_)
            | Whom::GatewayRanges
            | Whom::Caller(_)
            | Whom::Replicas
            | Whom::Jobs => {
                let index = here.service.ports.iter().position(|own| own.port == port)?;
                here.in_spec(&["ports", &index.to_string(), "port"])
            }
            Whom::Called(_, index)
            | Whom::Outside(_, index)
            | Whom::Host(_, index)
            | Whom::Pods(_, index) => dependency(index),
            Whom::Prometheus(_) => {
                let index = here.service.ports.iter().position(|own| own.port == port)?;
                here.in_spec(&["ports", &index.to_string(), "scrape"])
            }
            Whom::Admitted(_, index) => here.in_spec(&["called_by", &index.to_string()]),
            Whom::Repository => here.in_spec(&["data", "replication", "engine"]),
            Whom::ApiOfToken => here.in_spec(&["pod", "token"]),
            Whom::Instances
            | Whom::Client
            | Whom::Platform(..)
            | Whom::ApiServer
            | Whom::Archive => here.in_spec(&["data", "postgresql"]),
        }
    }
}

impl Peer {
    fn pods(namespace: Option<String>, pods: BTreeMap<String, String>) -> Peer {
        Peer { namespace, pods, cidr: None, except: Vec::new() }
    }

    fn addresses_but(cidr: &str, except: Vec<String>) -> Peer {
        Peer { namespace: None, pods: BTreeMap::new(), cidr: Some(cidr.to_owned()), except }
    }

    fn addresses(cidr: &str) -> Peer {
        Peer::addresses_but(cidr, Vec::new())
    }
}

/// The labels that select the pods of every generation of the service `name`.
pub(crate) fn pods_of_service(name: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(labels::SERVICE.to_owned(), name.to_owned())])
}

/// The labels that select the pods of the jobs of the service `name`. Its Service and its disruption
/// budget select none of them.
pub(crate) fn pods_of_jobs(name: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(labels::JOB_OF.to_owned(), name.to_owned())])
}

/// The pods of a service, and those of its jobs where it has some.
fn pods_of(name: &str, jobs: bool, namespace: Option<&Namespace>) -> Vec<Peer> {
    let jobs = jobs.then(|| pods_of_jobs(name));
    let pods = std::iter::once(pods_of_service(name)).chain(jobs);
    pods.map(|pods| Peer::pods(namespace.map(ToString::to_string), pods)).collect()
}

/// The labels that select the instances of a database.
pub(crate) fn pods_of_database(cluster: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(DATABASE.to_owned(), cluster.to_owned())])
}

/// The port of a Service for a port of the container.
pub(crate) fn service_port<'a>(
    here: &'a ServiceInRegion<'_>,
    port: &'a Port,
) -> Number<u16, impl FnOnce() -> Reason> {
    Number::new(port.service.unwrap_or(port.port), move || {
        let index = index_of(here, port);
        let own = here.in_spec(&["ports", &index, "service"]);
        let words = match own {
            Some(_) => "the port that callers use; it is led to that of the container",
            None => "the same as the port of the container",
        };
        Reason::new(words).or_built_in(own.or_else(|| here.in_spec(&["ports", &index, "port"])))
    })
}

/// A port of the container.
pub(crate) fn container_port<'a>(
    here: &'a ServiceInRegion<'_>,
    port: &'a Port,
) -> Number<u16, impl FnOnce() -> Reason> {
    Number::new(port.port, move || {
        let written = here.in_spec(&["ports", &index_of(here, port), "port"]);
        let words = match written {
            Some(_) => "what it listens on",
            None => "what a service listens on unless its spec has `[[ports]]`",
        };
        Reason::new(words).or_built_in(written)
    })
}

fn index_of(here: &ServiceInRegion<'_>, port: &Port) -> String {
    let index = here.service.ports.iter().position(|written| written.name == port.name);
    index.unwrap_or_default().to_string()
}

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

/// The instances of a database, in the same namespace.
pub(crate) fn to_database(cluster: &str) -> Opening {
    Opening {
        peers: vec![Peer::pods(None, pods_of_database(cluster))],
        ports: vec![POSTGRESQL],
        whom: Whom::Instances,
    }
}

/// Who may connect to the instances of a database: the service, the other instances, the operator,
/// and Prometheus where there is one.
pub(crate) fn database_ingress(here: &ServiceInRegion<'_>, cluster: &str) -> Vec<Opening> {
    let in_namespace = |namespace: &str, name, ports: &[PortRule]| Opening {
        peers: vec![Peer::pods(Some(namespace.to_owned()), BTreeMap::new())],
        ports: ports.to_vec(),
        whom: Whom::Platform(name, namespace.to_owned()),
    };
    let from_service = Opening {
        peers: pods_of(here.service.name.plain(), !here.service.jobs.is_empty(), None),
        ports: vec![POSTGRESQL],
        whom: Whom::Client,
    };
    let operator = super::database::operator(here.region);
    let from_prometheus =
        monitoring(here).map(|namespace| in_namespace(namespace, "Prometheus", &[METRICS]));
    let fixed = [
        from_service,
        among_instances(cluster),
        in_namespace(operator, "the operator", &[STATUS, POSTGRESQL]),
    ];
    fixed.into_iter().chain(from_prometheus).collect()
}

/// Where the instances of a database may go: name resolution, the other instances, the API server,
/// as each instance reports its own state, and the archive (cloudnative-pg
/// `docs/src/networking.md`).
pub(crate) fn database_egress(here: &ServiceInRegion<'_>, cluster: &str) -> Vec<Opening> {
    let api_server = to_api_server(here, Whom::ApiServer);
    // Where the API server may be anywhere, the archive is reached by the same rule.
    let archive = (!here.region.api_server.is_empty()).then(|| Opening {
        peers: ranges(&here.region.object_storage),
        ports: vec![HTTPS],
        whom: Whom::Archive,
    });
    let fixed = [dns(here), among_instances(cluster), api_server];
    fixed.into_iter().chain(archive).collect()
}

fn among_instances(cluster: &str) -> Opening {
    Opening {
        peers: vec![Peer::pods(None, pods_of_database(cluster))],
        ports: vec![POSTGRESQL, STATUS],
        whom: Whom::Instances,
    }
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

fn rule(port: &Port) -> PortRule {
    PortRule { port: port.port, protocol: port.protocol.name() }
}

/// Which way an opening leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Into the pods.
    In,
    /// Out of them.
    Out,
}

impl Opening {
    /// Why a port of it is open.
    pub(crate) fn why_port(&self, here: &ServiceInRegion<'_>, way: Way, port: u16) -> Reason {
        let way = match way {
            Way::In => "from",
            Way::Out => "to",
        };
        let words = format!("open {way} {}; what is not listed here is closed", self.whom.words());
        Reason::new(words).or_built_in(self.whom.asked(here, port))
    }

    /// Why a range is not meant.
    pub(crate) fn why_not(&self, here: &ServiceInRegion<'_>, range: &str) -> Reason {
        let ranges = &here.region.cluster_ranges;
        let Some(index) = ranges.iter().position(|declared| declared == range) else {
            let words = if LINK_LOCAL.contains(&range) {
                "addresses of the node itself, where clouds hand out its credentials"
            } else {
                "a private range: nodes, pods and Services are there, unless the region declares `cluster_ranges`"
            };
            return Reason::new(words).from(Source::BuiltIn);
        };
        let region = here.region.name.as_str();
        let written = here.in_fleet(&["regions", region, "cluster_ranges", &index.to_string()]);
        Reason::new("nodes, pods or Services of the cluster").or_built_in(written)
    }

    /// Why the addresses of the peer at `index` are those.
    pub(crate) fn why_addresses(&self, here: &ServiceInRegion<'_>, index: usize) -> Reason {
        let declared = |key, words: &str, anywhere: &str| {
            let written =
                here.in_fleet(&["regions", here.region.name.as_str(), key, &index.to_string()]);
            let words = if written.is_some() { words } else { anywhere };
            Reason::new(words).or_built_in(written)
        };
        match &self.whom {
            Whom::NameServers => Reason::new("the cache for name resolution on each node")
                .from(here.in_region(&["dns", "node_local"])),
            Whom::Repository | Whom::Archive => declared(
                "object_storage",
                "where object storage answers",
                "object storage: anywhere, unless the region declares `object_storage`",
            ),
            Whom::GatewayRanges => {
                declared("gateway_ranges", "from where the gateway connects", "")
            }
            Whom::ApiServer => declared(
                "api_server",
                "the API server, to which each instance reports its state",
                "the API server, to which each instance reports its state, and the archive: anywhere, unless the region declares `api_server`",
            ),
            Whom::ApiOfToken => declared(
                "api_server",
                "the API server, for which the pods have a token",
                "the API server, for which the pods have a token: anywhere, unless the region declares `api_server`",
            ),
            Whom::Host(host, _) => {
                let port = self.ports.first().map_or(0, |rule| rule.port);
                Reason::new(format!(
                    "`{host}` may be at any address: a network policy cannot name a host"
                ))
                .or_built_in(self.whom.asked(here, port))
            }
            Whom::Gateway(_)
            | Whom::Caller(_)
            | Whom::Called(..)
            | Whom::Pods(..)
            | Whom::Admitted(..)
            | Whom::Outside(..)
            | Whom::Prometheus(_)
            | Whom::Replicas
            | Whom::Jobs
            | Whom::Instances
            | Whom::Client
            | Whom::Platform(..)
            | Whom::Drill => {
                let port = self.ports.first().map_or(0, |rule| rule.port);
                Reason::new("addresses outside of the cluster that it may call")
                    .or_built_in(self.whom.asked(here, port))
            }
        }
    }
}
