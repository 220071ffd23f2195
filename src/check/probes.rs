//! Probes that can be asked: a port that is there and speaks TCP, a path, a command, headers.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::model::{Check, Model, Protocol, Service};

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    let probes = &service.probes;
    if let Some(name) = &probes.port {
        port(sink, service, name, &["probes", "port"]);
    }
    for (key, check) in [("ready", &probes.ready), ("live", &probes.live), ("start", &probes.start)]
    {
        if let Some(check) = check {
            one(sink, service, key, check);
        }
    }
    if !has_tcp(service) && probes.ready.is_none() && probes.live.is_none() {
        sink.report(
            Diagnostic::new(
                Code::NO_PROBE,
                format!("nothing tells whether `{}` is ready", service.name),
            )
            .at(service.origin(&["ports"]), "no TCP port, and no `[probes]`")
            .note("a replica that hangs counts as ready, and a rollout goes on over broken ones")
            .help("add `[probes]` with `live = [\"/bin/check\"]`, a command that exits with 0"),
        );
    }
}

fn one(sink: &mut Sink, service: &Service, key: &str, check: &Check) {
    match check {
        Check::Path(path) => self::path(sink, service, path, (key, &["probes", key]), true),
        Check::Command(command) if command.is_empty() => {
            let problem = "a command has at least one word";
            wrong(sink, service, "[]", (key, &["probes", key]), problem);
        }
        Check::Command(_) => {}
        Check::Http { http, headers, port: own, .. } => {
            self::path(sink, service, http, (key, &["probes", key, "http"]), own.is_none());
            if let Some(own) = own {
                port(sink, service, own, &["probes", key, "port"]);
            }
            for name in headers.keys().filter(|name| !is_header(name)) {
                sink.error(
                    Diagnostic::new(Code::WRONG_VALUE, format!("`{name}` cannot name a header"))
                        .at(service.document.key(&["probes", key, "headers", name]), "")
                        .help("use letters, digits and `-`, such as `X-Probe`"),
                );
            }
        }
        Check::Grpc { grpc, .. } => port(sink, service, grpc, &["probes", key, "grpc"]),
        Check::Tcp { tcp } => port(sink, service, tcp, &["probes", key, "tcp"]),
    }
}

/// What the API server takes (`IsHTTPHeaderName` in `k8s.io/apimachinery`).
fn is_header(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn has_tcp(service: &Service) -> bool {
    service.ports.iter().any(|port| port.protocol == Protocol::Tcp)
}

fn path(sink: &mut Sink, service: &Service, path: &str, at: (&str, &[&str]), of_any_port: bool) {
    if !path.starts_with('/') {
        wrong(sink, service, path, at, "a path begins with `/`");
    } else if of_any_port && !has_tcp(service) {
        wrong(sink, service, path, at, "a path is asked over TCP, and there is no TCP port");
    }
}

fn wrong(
    sink: &mut Sink,
    service: &Service,
    value: &str,
    (key, at): (&str, &[&str]),
    problem: &str,
) {
    sink.error(
        Diagnostic::new(Code::WRONG_VALUE, format!("`probes.{key}` cannot be `{value}`"))
            .at(service.at(at), problem)
            .help("write a path such as `/ready`, or a command such as `[\"/bin/check\"]`"),
    );
}

/// A port that a probe names: one of the service's, over TCP.
fn port(sink: &mut Sink, service: &Service, name: &str, at: &[&str]) {
    let known = service.ports.iter().map(|port| port.name.as_str());
    let place = service.at(at);
    match service.ports.iter().find(|port| port.name == name) {
        Some(port) if port.protocol == Protocol::Tcp => {}
        Some(_) => {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("a probe cannot ask port `{name}`"))
                    .at(place, "it is UDP")
                    .note("the kubelet asks over TCP, so the replica would never be ready")
                    .help("name a TCP port, or probe with a command: `ready = [\"/bin/check\"]`"),
            );
        }
        None => {
            let what = format!("`{}` has no port `{name}`", service.name);
            sink.error(
                Diagnostic::new(Code::PORT_UNKNOWN, what)
                    .at(place, "")
                    .help(diag::did_you_mean(name, known)),
            );
        }
    }
}
