//! What leads users to a region, and in it: a route in every region, so that none must be made when
//! another fails; and records, where the fleet has the zone.
//!
//! Where one region serves and a person moves traffic, only that one has a record: another appears
//! when the order of `regions` changes. Where health checks do, every region has its own, with what
//! the zone needs to choose among them (`docs/facts.md`, "Records that follow health").

use super::Planned;
use super::values::{Balancer, Map, Record, Route, Values};
use crate::decide::{ServiceInRegion, traffic};
use crate::kube::Kind;
use crate::model::{DnsEngine, Entry};
use crate::model::{Strategy, Traffic};

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let service = here.service;
    let (Some(written), Some(entry)) = (&service.traffic, &here.region.entry) else { return };
    let (kind, route) = route(here, written, entry);
    objects.push(here.object(kind, "", "traffic", route));
    let zone = written.hosts.first().and_then(|host| here.fleet.zone_of(host));
    let Some((_, zone)) = zone.filter(|_| here.role.serves || service.moves_by_itself()) else {
        return;
    };
    let (kind, values) = match zone.engine {
        DnsEngine::ExternalDns => {
            (Kind::DnsEndpoint, Values::Record(Box::new(record(here, written, entry))))
        }
        DnsEngine::K8gb => (Kind::Gslb, Values::Balancer(Box::new(balancer(here, written, entry)))),
    };
    objects.push(here.object(kind, "", "traffic", values));
}

fn route(here: &ServiceInRegion<'_>, written: &Traffic, entry: &Entry) -> (Kind, Values) {
    let service = here.service;
    let port = traffic::port(here).expect("it was checked that there is a port");
    let route = Route {
        meta: here.meta(""),
        hosts: written.hosts.clone(),
        gateway: entry.gateway.clone(),
        gateway_namespace: here
            .region
            .gateway
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        listener: entry.listener.clone(),
        class: entry.class.clone(),
        certificate: written.certificate.clone(),
        service: service.logical(""),
        port: port.value,
    };
    let kind = if entry.gateway.is_some() { Kind::HttpRoute } else { Kind::Ingress };
    (kind, Values::Route(Box::new(route)))
}

fn record(here: &ServiceInRegion<'_>, written: &Traffic, entry: &Entry) -> Record {
    let service = here.service;
    let target = entry.address.clone().expect("the model checked that there is an address");
    let region = here.region.name.as_str();
    let mut properties = Map::new();
    let mut tell =
        |name: &str, value: String| drop(properties.insert(format!("aws/{name}"), value));
    let several = service.regions.len() > 1 && (is_active(here) || service.moves_by_itself());
    if several && is_active(here) {
        tell("weight", traffic::weight(here, region).value.to_string());
    } else if several {
        let first = if here.role.serves { "PRIMARY" } else { "SECONDARY" };
        tell("failover", first.to_owned());
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

fn balancer(here: &ServiceInRegion<'_>, written: &Traffic, entry: &Entry) -> Balancer {
    let service = here.service;
    let first = service.regions.first().map(|region| region.name.to_string());
    let regions = service.regions.iter().map(|region| region.name.as_str());
    let weights = regions.map(|region| (region.to_owned(), traffic::weight(here, region).value));
    Balancer {
        meta: here.meta(""),
        routes: entry.gateway.is_some(),
        route: service.logical(""),
        primary: first.filter(|_| !is_active(here) && service.moves_by_itself()),
        weights: weights.filter(|_| !written.weights.is_empty()).collect(),
        ttl: traffic::time_to_live(here).value,
    }
}

fn is_active(here: &ServiceInRegion<'_>) -> bool {
    here.service.strategy == Strategy::ActiveActive
}
