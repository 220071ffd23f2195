//! Users who find the service: hosts that are its own, a port that is open to them, and a region that
//! can serve them when they get there (`docs/facts.md`, "Records that follow health").

use super::{records, routes};
use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::kube::engines::replication::Copies;
use crate::kube::id;
use crate::model::{Model, Service, place_of_host};
use crate::quantity::Duration;
use crate::spec::service::{Protocol, Strategy, Traffic, WorkloadKind};
use std::collections::BTreeMap;

/// No two services have one host.
pub(super) fn hosts_apart(sink: &mut Sink, model: &Model) {
    let mut seen: BTreeMap<&str, (&Service, Span)> = BTreeMap::new();
    for service in model.services() {
        for (index, host) in hosts(service).iter().enumerate() {
            let place = at_host(service, index);
            let Some((other, first)) = seen.insert(host, (service, place)) else { continue };
            if first == place {
                sink.error(in_two_environments(host, place, other, service));
            } else {
                sink.error(
                    Diagnostic::new(
                        Code::DUPLICATE_NAME,
                        format!("`{host}` leads to two services"),
                    )
                    .at(place, "here again")
                    .related(first, format!("`{}` has it", other.name))
                    .help("give each host to one service"),
                );
            }
        }
    }
}

/// A host that another environment takes over from the top: the records of both would be one.
fn in_two_environments(host: &str, place: Span, one: &Service, other: &Service) -> Diagnostic {
    let environment = other.name.environment().unwrap_or_default();
    Diagnostic::new(
        Code::DUPLICATE_NAME,
        format!("`{host}` leads to `{}` and to `{}`", one.name, other.name),
    )
    .at(place, "of both environments")
    .related(other.document.key(&["environments", environment]), "does not say another")
    .help(format!(
        "give it hosts of its own, `hosts = [\"…\"]` below `[environments.{environment}.traffic]`; or none, `hosts = []`, where no users reach it"
    ))
}

fn hosts(service: &Service) -> &[String] {
    service.traffic.as_ref().map_or(&[], |traffic| &traffic.hosts)
}

/// The place of a host in its spec.
pub(super) fn at_host(service: &Service, index: usize) -> Span {
    let traffic = service.traffic.as_ref().expect("a service with a host has traffic");
    place_of_host(&service.document, traffic, index)
}

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    let Some(traffic) = &service.traffic else { return };
    let key = |key: &str| service.document.key(&["traffic", key]);
    if traffic.hosts.is_empty() {
        sink.error(
            Diagnostic::new(Code::MISSING_KEY, "`hosts` is missing")
                .at(service.document.key(&["traffic"]), "which names lead to it?")
                .help("add `hosts = [\"shop.example.com\"]`, or `routes` with a `host`; or remove `[traffic]`"),
        );
        return;
    }
    let mut well = true;
    for (index, host) in traffic.hosts.iter().enumerate() {
        if let Some(problem) = id::host_problem(host) {
            well = false;
            sink.error(
                Diagnostic::new(Code::INVALID_NAME, format!("`{host}` is not a host name"))
                    .at(at_host(service, index), problem)
                    .help("write it like `shop.example.com`, without a wildcard"),
            );
        }
    }
    if service.routes.iter().any(|route| route.port.is_none()) || traffic.port.is_some() {
        port(sink, service, traffic);
    }
    routes::check(sink, service);
    times(sink, service);
    for (name, what, regions) in [
        ("weights", "a weight", traffic.weights.keys().collect::<Vec<_>>()),
        ("health_checks", "a health check", traffic.health_checks.keys().collect()),
    ] {
        let known = || service.regions.iter().map(|region| region.name.as_str());
        for region in regions.into_iter().filter(|region| !known().any(|name| name == **region)) {
            sink.error(
                Diagnostic::new(
                    Code::UNKNOWN_REGION,
                    format!("{what} for `{region}`, where `{}` does not run", service.name),
                )
                .at(service.document.key(&["traffic", name, region]), "")
                .help(diag::did_you_mean(region, known())),
            );
        }
    }
    // Route 53 takes up to 255.
    if let Some((region, weight)) = traffic.weights.iter().find(|(_, weight)| **weight > 255) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{weight}` is too large for a weight"))
                .at(service.at(&["traffic", "weights", region]), "")
                .help("write shares of at most 255; only their ratio counts"),
        );
    }
    if !traffic.weights.is_empty() && service.strategy != Strategy::ActiveActive {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "weights have no meaning where one region serves")
                .at(key("weights"), "")
                .related(service.origin(&["recovery"]), format!("`{}`", service.strategy.word()))
                .help("remove them"),
        );
    }
    routes::secret(sink, service, traffic.certificate.as_deref(), &["traffic", "certificate"]);
    if service.moves_by_itself() {
        safe(sink, service);
    }
    if !well || model.fleet().doubts.any(&["dns", "regions"]) {
        return;
    }
    records::check(sink, model, service, traffic);
}

/// A port of the service that is open to the gateway.
fn port(sink: &mut Sink, service: &Service, traffic: &Traffic) {
    let known = service.ports.iter().filter(|port| port.gateway).map(|port| port.name.as_str());
    let place = match &traffic.port {
        Some(_) => service.at(&["traffic", "port"]),
        None => service.document.key(&["traffic"]),
    };
    let finding = match (service.port_of_users(), &traffic.port) {
        (None, Some(name)) => {
            Diagnostic::new(Code::PORT_UNKNOWN, format!("`{}` has no port `{name}`", service.name))
                .at(place, "")
                .help(diag::did_you_mean(name, known))
        }
        (None, None) => Diagnostic::new(
            Code::PORT_UNKNOWN,
            format!("no port of `{}` is open to users", service.name),
        )
        .at(place, "leads to which port?")
        .related(service.origin(&["ports"]), "none has `gateway`")
        .help("add `gateway = true` to the port that users reach"),
        (Some(port), _) if !port.gateway => {
            Diagnostic::new(Code::PORT_UNKNOWN, format!("port `{}` is closed to users", port.name))
                .at(place, "")
                .related(service.document.key(&["ports"]), "without `gateway`")
                .help("add `gateway = true` to it")
        }
        (Some(port), _) if port.protocol == Protocol::Udp => {
            Diagnostic::new(Code::WRONG_VALUE, format!("port `{}` speaks UDP", port.name))
                .at(place, "")
                .note("hosts are a matter of HTTP")
                .help("name a TCP port: `port = \"http\"`")
        }
        (Some(_), _) => return,
    };
    if !service.doubts.any(&["ports"]) {
        sink.error(finding);
    }
}

/// Resolvers keep an answer for its time to live, after everything else is done.
fn times(sink: &mut Sink, service: &Service) {
    let (ttl, longest) = (service.ttl(), service.longest_ttl());
    let place = service.at(&["traffic", "ttl"]);
    if ttl > longest {
        sink.error(
            Diagnostic::new(
                Code::TTL_TOO_LONG,
                format!(
                    "resolvers keep the records of `{}` for {ttl}, its RTO is {}",
                    service.name, service.rto
                ),
            )
            .at(place, format!("a quarter of the RTO is {longest}"))
            .related(service.at(&["rto"]), "promised here")
            .note("until an answer has expired, users go on to the region that is lost")
            .help(format!("write `ttl = \"{}\"` or less, or leave it out", longest.compact())),
        );
    } else if ttl < Duration::seconds(1) {
        sink.error(
            Diagnostic::new(
                Code::TTL_TOO_LONG,
                format!("no record can move within an RTO of {}", service.rto),
            )
            .at(service.at(&["rto"]), "promised here")
            .related(service.document.key(&["traffic"]), "users find it by name")
            .note("a record lives for a second at least, and resolvers keep it as long")
            .help(
                "promise more, or reach users without DNS: an address that every region announces",
            ),
        );
    }
}

/// Health checks move users at once, and back at once. Where they get to must be able to serve them.
fn safe(sink: &mut Sink, service: &Service) {
    let cold = matches!(service.strategy, Strategy::BackupAndRestore | Strategy::PilotLight)
        || (service.strategy == Strategy::WarmStandby && service.kind == WorkloadKind::Stateful);
    let replication = service.replication.as_ref();
    let promoted = replication.is_some_and(|one| one.engine.copies() != Copies::Elsewhere);
    let (label, note) = match (cold, promoted) {
        (true, _) => (
            "nothing runs in the other region",
            "users would be sent to a region without a pod of it, while somebody is still deciding",
        ),
        (false, true) => (
            "its data must be promoted first",
            "users would be sent to a copy that nobody may write yet, and back to the old data as soon as the lost region answers again",
        ),
        (false, false) => return,
    };
    let place = match service.failover {
        Some(_) => service.at(&["traffic", "failover"]),
        None => service.origin(&["recovery"]),
    };
    sink.error(
        Diagnostic::new(
            Code::FAILOVER_UNSAFE,
            format!(
                "health checks would move the users of `{}` to where nobody serves them",
                service.name
            ),
        )
        .at(place, label)
        .related(service.origin(&["recovery"]), format!("`{}`", service.strategy.word()))
        .note(note)
        .help(
            "write `failover = \"manual\"`: a person brings the region up, and then moves traffic",
        ),
    );
}
