//! Routes: paths that a route can have, ports that users may reach, one certificate for each host.

use super::names::named;
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::{id, route};
use crate::model::{Protocol, Route, Service};

pub(super) fn check(sink: &mut Sink, service: &Service) {
    let Some(traffic) = &service.traffic else { return };
    for (index, written) in traffic.routes.iter().enumerate() {
        let index = index.to_string();
        let key = |key| ["traffic", "routes", index.as_str(), key];
        if let Some((path, problem)) =
            written.path.as_ref().and_then(|path| Some((path, route::path_problem(path)?)))
        {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{path}` is not a path of a route"))
                    .at(service.at(&key("path")), problem)
                    .help("write it like `/api`: it leads here with everything below it"),
            );
        }
        if let Some(name) = &written.port {
            port(sink, service, name, &key("port"));
        }
        secret(sink, service, written.certificate.as_deref(), &key("certificate"));
        if !service.document.has(&["traffic", "hosts"]) && written.host.is_none() {
            sink.error(
                Diagnostic::new(Code::MISSING_KEY, "`host` is missing")
                    .at(service.at(&["traffic", "routes", &index]), "a path of which host?")
                    .help("add `host = \"shop.example.com\"`, or `hosts` to `[traffic]`, for all of them"),
            );
        }
    }
    twice(sink, service);
    certificates(sink, service);
    many(sink, service);
}

/// A port that is there, for users, and speaks TCP.
fn port(sink: &mut Sink, service: &Service, name: &str, path: &[&str]) {
    if service.doubts.any(&["ports"]) {
        return;
    }
    let place = service.at(path);
    let finding = match service.ports.iter().find(|port| port.name == name) {
        None => {
            let known = service.ports.iter().filter(|port| port.gateway);
            Diagnostic::new(Code::PORT_UNKNOWN, format!("`{}` has no port `{name}`", service.name))
                .at(place, "")
                .help(diag::did_you_mean(name, known.map(|port| port.name.as_str())))
        }
        Some(port) if !port.gateway => {
            Diagnostic::new(Code::PORT_UNKNOWN, format!("port `{name}` is closed to users"))
                .at(place, "")
                .related(service.document.key(&["ports"]), "without `gateway`")
                .help("add `gateway = true` to it")
        }
        Some(port) if port.protocol == Protocol::Udp => {
            Diagnostic::new(Code::WRONG_VALUE, format!("port `{name}` speaks UDP"))
                .at(place, "")
                .note("hosts are a matter of HTTP")
                .help("name a TCP port: `port = \"http\"`")
        }
        Some(_) => return,
    };
    sink.error(finding);
}

/// The name of a Secret with a certificate.
pub(super) fn secret(sink: &mut Sink, service: &Service, name: Option<&str>, path: &[&str]) {
    let Some(name) = name else { return };
    let help = "name a Secret in the namespace of the service";
    named(sink, id::subdomain_problem, ("a Secret", name), || service.at(path), help);
}

/// One path of a host leads to one port.
fn twice(sink: &mut Sink, service: &Service) {
    for (at, route) in service.routes.iter().enumerate() {
        let same =
            |other: &&Route| other.host == route.host && route::same_path(&other.path, &route.path);
        let (Some(first), Some(number)) = (service.routes[..at].iter().find(same), route.written)
        else {
            continue;
        };
        let place = |number: usize| service.at(&["traffic", "routes", &number.to_string()]);
        let mut finding = Diagnostic::new(
            Code::DUPLICATE_NAME,
            format!("`{}{}` leads here twice", route.host, route.path),
        )
        .at(place(number), "here again");
        if let Some(first) = first.written.filter(|first| *first != number) {
            finding = finding.related(place(first), "first here");
        }
        sink.error(finding.help("give each path of a host to one port"));
    }
}

/// One host is shown by one certificate.
fn certificates(sink: &mut Sink, service: &Service) {
    for (at, route) in service.routes.iter().enumerate() {
        let other =
            |other: &&Route| other.host == route.host && other.certificate != route.certificate;
        let (Some(first), Some(number)) = (service.routes[..at].iter().find(other), route.written)
        else {
            continue;
        };
        let has = |route: &Route| match &route.certificate {
            Some(name) => format!("`{name}`"),
            None => "none".to_owned(),
        };
        let index = number.to_string();
        let mut finding = Diagnostic::new(
            Code::WRONG_VALUE,
            format!("`{}` would have two certificates", route.host),
        )
        .at(service.at(&["traffic", "routes", &index]), has(route));
        let place = match first.written {
            Some(first) => service.at(&["traffic", "routes", &first.to_string()]),
            None => service.at(&["traffic", "hosts"]),
        };
        if first.written != Some(number) {
            finding = finding.related(place, has(first));
        }
        sink.error(
            finding
                .note("a controller takes either of them, and users may be shown the wrong one")
                .help("write the same `certificate` at each route of the host, or once in `[traffic]`"),
        );
        return;
    }
}

/// As many paths as a route of the Gateway API holds.
fn many(sink: &mut Sink, service: &Service) {
    let gateway = |region: &std::sync::Arc<crate::model::Region>| {
        region.entry.as_ref().is_some_and(|entry| entry.gateway.is_some())
    };
    if !service.regions.iter().any(gateway) {
        return;
    }
    let traffic = service.traffic.as_ref();
    for (index, host) in traffic.iter().flat_map(|traffic| traffic.hosts.iter().enumerate()) {
        let paths = service.routes.iter().filter(|route| route.host == *host).count();
        if paths > route::MAX_RULES {
            sink.error(
                Diagnostic::new(
                    Code::WRONG_VALUE,
                    format!("`{host}` has {paths} paths, an HTTPRoute holds {}", route::MAX_RULES),
                )
                .at(super::traffic::at_host(service, index), "")
                .help("lead a common beginning of theirs to one port"),
            );
        }
    }
}
