//! What an opening of the network is: from whom, to whom, on which ports.

use crate::decide::proof::Source;
use crate::decide::{Reason, ServiceInRegion};
use crate::model::Port;
use serde::Serialize;
use std::collections::BTreeMap;

/// The private ranges (RFC 1918, 6598 and 4193): where nodes, pods and Services are, unless the fleet
/// says.
pub(super) const PRIVATE: &[&str] =
    &["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/// Addresses of the node itself, among them that at which clouds hand out the node's credentials
/// (RFC 3927 and 4291).
pub(super) const LINK_LOCAL: &[&str] = &["169.254.0.0/16", "fe80::/10"];

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
    pub(super) fn pods(namespace: Option<String>, pods: BTreeMap<String, String>) -> Peer {
        Peer { namespace, pods, cidr: None, except: Vec::new() }
    }

    pub(super) fn addresses_but(cidr: &str, except: Vec<String>) -> Peer {
        Peer { namespace: None, pods: BTreeMap::new(), cidr: Some(cidr.to_owned()), except }
    }

    pub(super) fn addresses(cidr: &str) -> Peer {
        Peer::addresses_but(cidr, Vec::new())
    }
}

pub(super) fn rule(port: &Port) -> PortRule {
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
