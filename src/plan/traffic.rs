//! What leads users to a region, and in it: a route in every region, so that none must be made when
//! another fails; and records, where the fleet has the zone.
//!
//! Where one region serves and a person moves traffic, only that one has a record: another appears
//! when the order of `regions` changes. Where health checks do, every region has its own, with what
//! the zone needs to choose among them (`ha-dr` 3.3).

use super::values::{Balancer, Map, Record, Route, Values};
use super::{Planned, ServiceInRegion};
use crate::kube::Kind;
use crate::model::{DnsEngine, Entry};
use crate::model::{Strategy, Traffic};

/// The share of a region whose spec says none; Route 53 takes up to 255.
const EQUAL: u32 = 100;

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let service = here.service;
    let (Some(traffic), Some(entry)) = (&service.traffic, &here.region.entry) else { return };
    let (kind, route) = route(here, traffic, entry);
    objects.push(here.object(kind, "", "traffic", route));
    let zone = traffic.hosts.first().and_then(|host| here.fleet.zone_of(host));
    let Some((_, zone)) = zone.filter(|_| here.role.serves || service.moves_by_itself()) else {
        return;
    };
    let (kind, values) = match zone.engine {
        DnsEngine::ExternalDns => {
            (Kind::DnsEndpoint, Values::Record(Box::new(record(here, traffic, entry))))
        }
        DnsEngine::K8gb => (Kind::Gslb, Values::Balancer(Box::new(balancer(here, traffic, entry)))),
    };
    objects.push(here.object(kind, "", "traffic", values));
}

fn route(here: &ServiceInRegion<'_>, traffic: &Traffic, entry: &Entry) -> (Kind, Values) {
    let service = here.service;
    let port = service.port_of_users().expect("the model checked that there is a port");
    let route = Route {
        meta: here.meta(""),
        hosts: traffic.hosts.clone(),
        gateway: entry.gateway.clone(),
        gateway_namespace: here
            .region
            .gateway
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        listener: entry.listener.clone(),
        class: entry.class.clone(),
        certificate: traffic.certificate.clone(),
        service: service.logical(""),
        port: port.service.unwrap_or(port.port),
    };
    let kind = if entry.gateway.is_some() { Kind::HttpRoute } else { Kind::Ingress };
    (kind, Values::Route(Box::new(route)))
}

fn record(here: &ServiceInRegion<'_>, traffic: &Traffic, entry: &Entry) -> Record {
    let service = here.service;
    let target = entry.address.clone().expect("the model checked that there is an address");
    let region = here.region.name.as_str();
    let mut properties = Map::new();
    let mut tell =
        |name: &str, value: String| drop(properties.insert(format!("aws/{name}"), value));
    let several = service.regions.len() > 1 && (is_active(here) || service.moves_by_itself());
    if several && is_active(here) {
        tell("weight", weight(traffic, region).to_string());
    } else if several {
        let first = if here.role.serves { "PRIMARY" } else { "SECONDARY" };
        tell("failover", first.to_owned());
    }
    if let Some(check) = traffic.health_checks.get(region).filter(|_| several) {
        tell("health-check-id", check.clone());
    }
    Record {
        meta: here.meta(""),
        hosts: traffic.hosts.clone(),
        record: crate::model::record_type(&target),
        ttl: service.ttl().as_seconds(),
        target,
        set_identifier: several.then(|| service.logical(region)),
        properties,
    }
}

fn balancer(here: &ServiceInRegion<'_>, traffic: &Traffic, entry: &Entry) -> Balancer {
    let service = here.service;
    let first = service.regions.first().map(|region| region.name.to_string());
    let regions = service.regions.iter().map(|region| region.name.to_string());
    let weights = regions.map(|region| (region.clone(), weight(traffic, &region)));
    Balancer {
        meta: here.meta(""),
        routes: entry.gateway.is_some(),
        route: service.logical(""),
        primary: first.filter(|_| !is_active(here) && service.moves_by_itself()),
        weights: weights.filter(|_| !traffic.weights.is_empty()).collect(),
        ttl: service.ttl().as_seconds(),
    }
}

fn is_active(here: &ServiceInRegion<'_>) -> bool {
    here.service.strategy == Strategy::ActiveActive
}

fn weight(traffic: &Traffic, region: &str) -> u32 {
    traffic.weights.get(region).copied().unwrap_or(EQUAL)
}
