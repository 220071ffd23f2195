//! What leads users to a region, and in it: routes in every region, so that none must be made when
//! another fails; and records, where the fleet has the zone.
//!
//! Where one region serves and a person moves traffic, only that one has a record: another appears
//! when the order of `regions` changes. Where health checks do, every region has its own, with what
//! the zone needs to choose among them (`docs/facts.md`, "Records that follow health").

use super::Planned;
use super::values::{Map, Meta, Values};
use crate::decide::ServiceInRegion;
use crate::decide::traffic::{self, Chosen, Ways};
use crate::kube::Kind;
use crate::kube::engines::traffic::DnsEngine;
use crate::model::{Entry, Traffic};
use serde::Serialize;
use std::collections::BTreeMap;

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
    /// Settings for the provider; often none.
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

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let service = here.service;
    let (Some(written), Some(entry)) = (&service.traffic, &here.region.entry) else { return };
    let routes = routes(here, entry);
    let parts: Vec<String> = routes.iter().map(|(part, _)| part.clone()).collect();
    let kind = if entry.gateway.is_some() { Kind::HttpRoute } else { Kind::Ingress };
    for (part, route) in routes {
        objects.push(here.object(kind.clone(), &part, "traffic", Values::Route(Box::new(route))));
    }
    let zone = written.hosts.first().and_then(|host| here.fleet.zone_of(host));
    let Some((_, zone)) = zone.filter(|_| traffic::leads(here)) else {
        return;
    };
    let engine = zone.engine.row();
    let parts = if engine.each_route { parts } else { vec![String::new()] };
    objects.extend(parts.iter().map(|part| {
        let values = match zone.engine {
            DnsEngine::ExternalDns => Values::Record(Box::new(record(here, written, entry))),
            DnsEngine::K8gb => Values::Balancer(Box::new(balancer(here, written, entry, part))),
        };
        here.object(engine.kind.clone(), part, "traffic", values)
    }));
}

/// An Ingress for all hosts; HTTPRoutes, each for those that share their paths. The first is called
/// like the service, another like its first host.
fn routes(here: &ServiceInRegion<'_>, entry: &Entry) -> Vec<(String, Route)> {
    let shared = match entry.gateway {
        Some(_) => traffic::shared_ways(here).into_iter().map(|ways| vec![ways]).collect(),
        None => vec![traffic::ways(here)],
    };
    let each = shared.into_iter().enumerate().map(|(number, ways)| {
        let part = match number {
            0 => String::new(),
            _ => traffic::part(here.service.name.plain(), &ways[0].hosts[0]),
        };
        let route = route(here, entry, &part, ways);
        (part, route)
    });
    each.collect()
}

fn route(here: &ServiceInRegion<'_>, entry: &Entry, part: &str, ways: Vec<Ways>) -> Route {
    let service = here.service;
    let gateway = here.region.gateway.as_ref();
    let mut certificates: Vec<Certificate> = Vec::new();
    for ways in &ways {
        let Some(secret) = ways.paths.first().and_then(|way| way.route.certificate.as_ref()) else {
            continue;
        };
        match certificates.iter_mut().find(|other| other.secret == *secret) {
            Some(other) => other.hosts.extend(ways.hosts.iter().cloned()),
            None => {
                certificates
                    .push(Certificate { secret: secret.clone(), hosts: ways.hosts.clone() });
            }
        }
    }
    Route {
        meta: here.meta(part),
        ways,
        gateway: entry.gateway.clone(),
        gateway_namespace: gateway.map(ToString::to_string).unwrap_or_default(),
        listener: entry.listener.clone(),
        class: entry.class.clone(),
        certificates,
        service: service.logical(""),
    }
}

fn record(here: &ServiceInRegion<'_>, written: &Traffic, entry: &Entry) -> Record {
    let service = here.service;
    let target = entry.address.clone().expect("the model checked that there is an address");
    let region = here.region.name.as_str();
    let mut properties = Map::new();
    let mut tell =
        |name: &str, value: String| drop(properties.insert(format!("aws/{name}"), value));
    let chosen = traffic::chosen(here);
    let several = service.regions.len() > 1 && chosen != Chosen::First;
    match chosen {
        Chosen::Shared if several => {
            tell("weight", traffic::weight(here, region).value.to_string());
        }
        Chosen::FirstThatIsWell if several => {
            let first = if here.role.serves { "PRIMARY" } else { "SECONDARY" };
            tell("failover", first.to_owned());
        }
        Chosen::Shared | Chosen::FirstThatIsWell | Chosen::First => {}
    }
    if let Some(check) = written.health_checks.get(region).filter(|_| several) {
        tell("health-check-id", check.clone());
    }
    Record {
        meta: here.meta(""),
        hosts: written.hosts.clone(),
        record: crate::model::record_type(&target),
        ttl: traffic::time_to_live(here).value,
        target,
        set_identifier: several.then(|| service.logical(region)),
        properties,
    }
}

fn balancer(here: &ServiceInRegion<'_>, written: &Traffic, entry: &Entry, part: &str) -> Balancer {
    let service = here.service;
    let first = service.regions.first().map(|region| region.name.to_string());
    let regions = service.regions.iter().map(|region| region.name.as_str());
    let weights = regions.map(|region| (region.to_owned(), traffic::weight(here, region).value));
    Balancer {
        meta: here.meta(part),
        routes: entry.gateway.is_some(),
        route: service.logical(part),
        primary: first.filter(|_| traffic::chosen(here) == Chosen::FirstThatIsWell),
        weights: weights.filter(|_| !written.weights.is_empty()).collect(),
        ttl: traffic::time_to_live(here).value,
    }
}
