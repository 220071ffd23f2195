//! Services and network policies.

use super::super::values::{Opening, Peer, Values};
use super::Source;
use super::row::{At, Row, Why, says};
use crate::kube::labels;

const POLICY: &[&str] = &["network-policy"];

/// The label by which the operator tells the instances of a database.
const DATABASE: &str = "cnpg.io/cluster";

pub(super) const ROWS: &[Row] = &[
    Row { objects: &["service"], field: "spec.ports[*].port", why: service_port },
    Row {
        objects: POLICY,
        field: "spec.ingress[*].ports[*].port",
        why: |at| port(at, "from", ingress(at)?),
    },
    Row {
        objects: POLICY,
        field: "spec.egress[*].ports[*].port",
        why: |at| port(at, "to", egress(at)?),
    },
    Row { objects: POLICY, field: "spec.egress[*].to[*].ipBlock.cidr", why: addresses },
];

fn service_port(at: &At<'_>) -> Option<Why> {
    let Values::Service(values) = at.values else { return None };
    let port = values.ports.iter().find(|port| port.name == at.captured[0])?;
    let index = at.here.service.ports.iter().position(|written| written.name == port.name)?;
    let index = index.to_string();
    let own = at.spec(&["ports", &index, "service"]);
    let words = match own {
        Some(_) => "the port that callers use; it is led to that of the container",
        None => "the same as the port of the container",
    };
    let source = own.or_else(|| at.spec(&["ports", &index, "port"]));
    Some(says(port.port, words).from(source.unwrap_or_else(|| at.decided())))
}

fn ingress<'a>(at: &At<'a>) -> Option<&'a Opening> {
    let Values::NetworkPolicy { ingress, .. } = at.values else { return None };
    ingress.get(at.item(0)?)
}

fn egress<'a>(at: &At<'a>) -> Option<&'a Opening> {
    let Values::NetworkPolicy { egress, .. } = at.values else { return None };
    egress.get(at.item(0)?)
}

fn port(at: &At<'_>, way: &str, opening: &Opening) -> Option<Why> {
    let rule = opening.ports.get(at.item(1)?)?;
    let peer = opening.peers.first()?;
    let words = format!("open {way} {}; what is not listed here is closed", who(at, peer));
    Some(says(rule.port, words).from(asked_for(at, way, peer, rule.port)))
}

/// Whose network a policy closes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// The replicas of the service.
    Service,
    /// The pods that copy its volumes.
    Copies,
    /// The instances of its database.
    Database,
}

fn of(at: &At<'_>) -> Of {
    let Values::NetworkPolicy { selector, .. } = at.values else { return Of::Service };
    match (selector.contains_key(labels::MOVER), selector.contains_key(DATABASE)) {
        (true, _) => Of::Copies,
        (false, true) => Of::Database,
        (false, false) => Of::Service,
    }
}

/// Who a peer is, in words.
fn who(at: &At<'_>, peer: &Peer) -> String {
    let own = at.here.service.name.as_str();
    if peer.pods.contains_key(DATABASE) {
        return "the instances of its database".to_owned();
    }
    let of = of(at);
    match (peer.cidr.as_ref(), peer.pods.get(labels::SERVICE), &peer.namespace) {
        (Some(_), ..) if of == Of::Copies => "object storage".to_owned(),
        (Some(_), ..) if of == Of::Database && to_archive(at) => "the archive".to_owned(),
        (Some(_), ..) if of == Of::Database => "the API server".to_owned(),
        (Some(cidr), ..) => format!("the addresses {cidr}"),
        (None, Some(name), _) if name == own && of == Of::Database => "the service".to_owned(),
        (None, Some(name), _) if name == own => "its own replicas".to_owned(),
        (None, Some(name), _) => format!("the service `{name}`"),
        (None, None, Some(namespace)) if of == Of::Database && peer.pods.is_empty() => {
            format!("the operator in `{namespace}`")
        }
        (None, None, Some(namespace)) if peer.pods.is_empty() => {
            format!("the gateway in `{namespace}`")
        }
        (None, None, _) => "the name servers of the cluster".to_owned(),
    }
}

/// Whether the way of a database leads to its archive alone: to the API server, there are two ports.
fn to_archive(at: &At<'_>) -> bool {
    let opening = egress(at);
    opening.is_some_and(|opening| opening.ports.iter().all(|rule| rule.port == 443))
}

/// What asked for an opening: what it depends on, its own port, or Ninefold for name resolution.
fn asked_for(at: &At<'_>, way: &str, peer: &Peer, port: u16) -> Source {
    let dependency = || {
        let (called, cidr) = (peer.pods.get(labels::SERVICE), peer.cidr.as_ref());
        let calls = &at.here.service.calls;
        let index = calls.iter().position(|call| match call {
            crate::model::service::Call::Service { name, .. } => {
                called.is_some_and(|called| called == name.as_str())
            }
            crate::model::service::Call::Addresses { cidr: range, tcp } => {
                cidr.is_some_and(|cidr| cidr == range) && tcp.contains(&port)
            }
        })?;
        at.spec(&["depends_on", &index.to_string()])
    };
    let own = || {
        let index = at.here.service.ports.iter().position(|own| own.port == port)?;
        at.spec(&["ports", &index.to_string(), "port"])
    };
    let dns = peer.pods.contains_key("k8s-app");
    let source = match of(at) {
        Of::Copies => at.spec(&["data", "replication", "engine"]),
        Of::Database => at.spec(&["data", "postgresql"]),
        Of::Service if peer.pods.contains_key(DATABASE) => at.spec(&["data", "postgresql"]),
        Of::Service if way == "to" => dependency().or_else(own),
        Of::Service => own(),
    };
    source.filter(|_| !dns).unwrap_or_else(|| at.decided())
}

fn addresses(at: &At<'_>) -> Option<Why> {
    let peer = egress(at)?.peers.get(at.item(1)?)?;
    let cidr = peer.cidr.as_ref()?;
    if at.item(0) == Some(0) {
        let words = "the cache for name resolution on each node";
        return Some(says(cidr, words).from(at.region(&["dns", "node_local"])));
    }
    let declared = |key, here, anywhere| {
        let index = at.item(1)?.to_string();
        let written = at.fleet(&["regions", at.here.region.name.as_str(), key, &index]);
        let words = if written.is_some() { here } else { anywhere };
        Some(says(cidr, words).from(written.unwrap_or_else(|| at.decided())))
    };
    if of(at) == Of::Copies || of(at) == Of::Database && to_archive(at) {
        let anywhere = "object storage: anywhere, unless the region declares `object_storage`";
        return declared("object_storage", "where object storage answers", anywhere);
    }
    if of(at) == Of::Database {
        let here = "the API server, to which each instance reports its state";
        let anywhere = "the API server, to which each instance reports its state, and the archive: anywhere, unless the region declares `api_server`";
        return declared("api_server", here, anywhere);
    }
    let port = egress(at)?.ports.first().map_or(0, |rule| rule.port);
    let words = "addresses outside of the cluster that it may call";
    Some(says(cidr, words).from(asked_for(at, "to", peer, port)))
}
