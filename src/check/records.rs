//! Records and routes: a zone that can move users as the service wants, and an entry in every region
//! that records can point at (`docs/facts.md`, "Records that follow health").

use super::traffic::at_host;
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::engines::traffic::{DnsEngine, Health};
use crate::model::{Fleet, Model, Service, record_type};
use crate::spec::fleet::DnsZone;
use crate::spec::service::{Strategy, Traffic};

/// The hosts of a service, all well-formed.
pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service, traffic: &Traffic) {
    let engine = zone(sink, model.fleet(), service, traffic);
    entries(sink, model, service, traffic, engine);
}

/// The engine of the zones of the hosts; none where nobody makes records.
fn zone(sink: &mut Sink, fleet: &Fleet, service: &Service, traffic: &Traffic) -> Option<DnsEngine> {
    let zones: Vec<Option<(&String, &DnsZone)>> =
        traffic.hosts.iter().map(|host| fleet.zone_of(host)).collect();
    let engine = |zone: &Option<(&String, &DnsZone)>| zone.map(|(_, zone)| zone.engine);
    if let Some(other) = zones.iter().position(|zone| engine(zone) != engine(&zones[0])) {
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("the hosts of `{}` are in zones of two kinds", service.name),
            )
            .at(at_host(service, other), zone_in_words(zones[other]))
            .related(at_host(service, 0), zone_in_words(zones[0]))
            .note("what moves one host would leave the other")
            .help("make them two services, or move the hosts into one zone"),
        );
        return None;
    }
    for (index, zone) in zones.iter().enumerate() {
        routing(sink, fleet, service, traffic, (index, *zone));
    }
    engine(zones.first()?)
}

fn zone_in_words(zone: Option<(&String, &DnsZone)>) -> String {
    match zone {
        Some((name, zone)) => format!("in `{name}`, of {}", zone.engine.row().name),
        None => "in no zone of the fleet".to_owned(),
    }
}

/// Whether the zone of one host can move its users as the service wants.
fn routing(
    sink: &mut Sink,
    fleet: &Fleet,
    service: &Service,
    traffic: &Traffic,
    (index, zone): (usize, Option<(&String, &DnsZone)>),
) {
    let several = service.regions.len() > 1;
    let active = service.strategy == Strategy::ActiveActive && several;
    if !active && !service.moves_by_itself() {
        return;
    }
    let host = &traffic.hosts[index];
    let refuse = |why: String, note: &str, help: &str| {
        Diagnostic::new(Code::DNS_ROUTING, format!("nothing can move the users of `{host}`"))
            .at(at_host(service, index), why)
            .related(service.origin(&["recovery"]), format!("`{}`", service.strategy.word()))
            .note(note)
            .help(help)
    };
    let Some((name, zone)) = zone else {
        sink.error(refuse(
            "in no zone of the fleet".to_owned(),
            "several regions serve the name, or health checks choose one, and nobody makes such records",
            "declare the zone in the fleet: `[dns.\"example.com\"]`, `engine = \"k8gb\"`; or write `failover = \"manual\"` where one region serves",
        ));
        return;
    };
    let engine = zone.engine.row();
    if matches!(engine.health, Health::Own { .. }) {
        return;
    }
    let engine = engine.name;
    let declared = fleet.document.key(&["dns", name]);
    if zone.provider.is_some_and(|provider| !provider.row().routes) {
        sink.error(
            refuse(
                format!("in `{name}`"),
                &format!("{engine} keeps one record of a name there: of its providers, only Route 53 takes failover and weights"),
                "use a zone of k8gb or of Route 53; in front of a global load balancer, leave `[traffic]` out; or write `failover = \"manual\"` where one region serves",
            )
            .related(declared, "its provider"),
        );
        return;
    }
    if !active && service.regions.len() > 2 {
        sink.error(
            refuse(
                format!("in `{name}`"),
                "Route 53 fails over from one record to one other",
                "name two regions, or use a zone of k8gb, which goes through all of them",
            )
            .related(service.at(&["regions"]), "one and two others"),
        );
    }
    let unchecked = service.regions.iter().find(|region| {
        !traffic.health_checks.contains_key(region.name.as_str())
            // The second record of a failover is given out when the first is not healthy.
            && (active || region.name == service.regions[0].name)
    });
    if let Some(region) = unchecked.filter(|_| service.moves_by_itself()) {
        sink.error(
            Diagnostic::new(Code::HEALTH_CHECK, format!("the record of `{}` is never found unhealthy", region.name))
                .at(at_host(service, index), "")
                .related(declared, format!("Route 53, through {engine}"))
                .note(format!("{engine} makes no health checks, and a record without one counts as healthy for ever"))
                .help(format!("make one, and name it: `[traffic.health_checks]`, `{} = \"…\"`; or write `failover = \"manual\"`", region.name)),
        );
    }
}

/// Every region has an entry that a route can lead from, and an address where records need one.
fn entries(
    sink: &mut Sink,
    model: &Model,
    service: &Service,
    traffic: &Traffic,
    engine: Option<DnsEngine>,
) {
    let engine = engine.map(DnsEngine::row);
    let addresses = engine.filter(|engine| engine.addresses);
    for (index, region) in service.regions.iter().enumerate() {
        let place = service.at(&["regions", &index.to_string()]);
        let declared = model.fleet().document.key(&["regions", region.name.as_str()]);
        let Some(entry) = &region.entry else {
            sink.error(
                Diagnostic::new(Code::NO_ENTRY, format!("nothing leads users into `{}`", region.name))
                    .at(place, "")
                    .related(service.document.key(&["traffic"]), "users are to reach it")
                    .related(declared, "without `entry`")
                    .help(format!("declare it in the fleet: `[regions.{}.entry]`, with `gateway` or `class`; or remove `[traffic]`", region.name)),
            );
            continue;
        };
        if let Some(engine) = addresses {
            let apex = traffic.hosts.iter().position(|host| {
                let zone = model.fleet().zone_of(host);
                zone.is_some_and(|(name, _)| name == host)
            });
            match (&entry.address, apex) {
                (None, _) => {
                    sink.error(
                        Diagnostic::new(
                            Code::NO_ENTRY,
                            format!("the entry of `{}` has no address", region.name),
                        )
                        .at(place, "")
                        .related(
                            model.fleet().document.key(&["regions", region.name.as_str(), "entry"]),
                            "declared here",
                        )
                        .note(format!("{} points names at it", engine.name))
                        .help("add `address = \"…\"`, a host name or an IP address"),
                    );
                }
                (Some(address), Some(apex)) if record_type(address) == "CNAME" => {
                    sink.error(
                        Diagnostic::new(Code::DNS_ROUTING, format!("`{}` cannot point at another name", traffic.hosts[apex]))
                            .at(at_host(service, apex), "the name of its zone itself")
                            .note("that takes a CNAME, and the name of a zone has other records beside it")
                            .help("use a name below it, such as `www`, or give the entries IP addresses"),
                    );
                    return;
                }
                (Some(_), _) => {}
            }
        }
    }
    if addresses.is_some() {
        one_type(sink, model, service, traffic);
    }
    if let Some(engine) = engine
        && let Health::Own { how } = &engine.health
        && !traffic.health_checks.is_empty()
    {
        let message = format!("{} takes no health checks", engine.name);
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, message)
                .at(service.document.key(&["traffic", "health_checks"]), "")
                .note(*how)
                .help("remove them"),
        );
    }
    let entries = || service.regions.iter().filter_map(|region| region.entry.as_ref());
    let gateways = entries().all(|entry| entry.gateway.is_some()) && entries().next().is_some();
    let of_routes = traffic.routes.iter().enumerate();
    let of_routes = of_routes.filter(|(_, route)| route.certificate.is_some());
    let of_routes = of_routes
        .map(|(index, _)| service.at(&["traffic", "routes", &index.to_string(), "certificate"]));
    let own = traffic.certificate.iter().map(|_| service.at(&["traffic", "certificate"]));
    for place in own.chain(of_routes).filter(|_| gateways) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "a Gateway has certificates of its own")
                .at(place, "")
                .note("every region of the service is entered through one")
                .help("remove it; the certificate belongs to the listener of the Gateway"),
        );
    }
}

/// The records of one name: beside a CNAME there can be no other type, and a resolver asks for one.
fn one_type(sink: &mut Sink, model: &Model, service: &Service, traffic: &Traffic) {
    if service.strategy != Strategy::ActiveActive && !service.moves_by_itself() {
        return;
    }
    let addressed = service.regions.iter().enumerate().filter_map(|(index, region)| {
        let address = region.entry.as_ref().and_then(|entry| entry.address.as_ref())?;
        Some((index, region, record_type(address)))
    });
    let addressed: Vec<_> = addressed.collect();
    let Some(((_, first, kind), others)) = addressed.split_first() else { return };
    let Some((index, other, another)) = others.iter().find(|(.., other)| other != kind) else {
        return;
    };
    let declared = |name: &str| model.fleet().document.at(&["regions", name, "entry", "address"]);
    sink.error(
        Diagnostic::new(
            Code::DNS_ROUTING,
            format!("the records of `{}` would be of two types", traffic.hosts[0]),
        )
        .at(service.at(&["regions", &index.to_string()]), format!("{another} in `{}`", other.name))
        .related(declared(first.name.as_str()), format!("{kind} in `{}`", first.name))
        .related(declared(other.name.as_str()), "")
        .note("nobody can choose between records of different types")
        .help("give the entries addresses of one kind: all host names, or all IP addresses of one family"),
    );
}
