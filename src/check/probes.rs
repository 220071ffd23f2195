//! Probes that can be asked: a port that is there and speaks TCP, a path, a command, headers.

use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::model::{Check, Container, Model, Port, Probes, Protocol, Service};

/// What is asked: the service itself, or one of its sidecars.
struct Asked<'a> {
    service: &'a Service,
    /// The ports that it listens on.
    ports: Vec<&'a Port>,
    /// Where its probes stand in the spec.
    path: Vec<&'a str>,
}

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    let probes = &service.probes;
    let ports: Vec<&Port> = service.ports_of(None).collect();
    let asked = Asked { service, ports, path: vec!["probes"] };
    all(sink, &asked, probes);
    if !asked.has_tcp() && probes.ready.is_none() && probes.live.is_none() {
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

/// The probes of what runs beside a service.
pub(super) fn of_sidecar(sink: &mut Sink, service: &Service, container: &Container) {
    let Some(probes) = &container.probes else { return };
    let ports = service.ports_of(Some(&container.name)).collect();
    let asked = Asked { service, ports, path: container.key("probes") };
    all(sink, &asked, probes);
    if !asked.has_tcp() && probes.ready.is_none() && probes.live.is_none() {
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("nothing is asked of the sidecar `{}`", container.name),
            )
            .at(service.at(&container.key("probes")), "no TCP port of its own, and no check")
            .help("write `live = [\"/bin/check\"]` in it, a command that exits with 0, or leave `probes` out"),
        );
    }
}

fn all(sink: &mut Sink, asked: &Asked<'_>, probes: &Probes) {
    if let Some(name) = &probes.port {
        port(sink, asked, name, &["port"]);
    }
    for (key, check) in [("ready", &probes.ready), ("live", &probes.live), ("start", &probes.start)]
    {
        if let Some(check) = check {
            one(sink, asked, key, check);
        }
    }
}

fn one(sink: &mut Sink, asked: &Asked<'_>, key: &str, check: &Check) {
    match check {
        Check::Path(path) => self::path(sink, asked, path, (key, &[key]), true),
        Check::Command(command) if command.is_empty() => {
            let problem = "a command has at least one word";
            wrong(sink, asked, "[]", (key, &[key]), problem);
        }
        Check::Command(_) => {}
        Check::Http { http, headers, port: own, .. } => {
            self::path(sink, asked, http, (key, &[key, "http"]), own.is_none());
            if let Some(own) = own {
                port(sink, asked, own, &[key, "port"]);
            }
            for name in headers.keys().filter(|name| !is_header(name)) {
                let place = asked.service.document.key(&asked.below(&[key, "headers", name]));
                sink.error(
                    Diagnostic::new(Code::WRONG_VALUE, format!("`{name}` cannot name a header"))
                        .at(place, "")
                        .help("use letters, digits and `-`, such as `X-Probe`"),
                );
            }
        }
        Check::Grpc { grpc, .. } => port(sink, asked, grpc, &[key, "grpc"]),
        Check::Tcp { tcp } => port(sink, asked, tcp, &[key, "tcp"]),
    }
}

/// What the API server takes (`IsHTTPHeaderName` in `k8s.io/apimachinery`).
fn is_header(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl<'a> Asked<'a> {
    fn has_tcp(&self) -> bool {
        self.ports.iter().any(|port| port.protocol == Protocol::Tcp)
    }

    /// A path below its probes.
    fn below(&self, path: &[&'a str]) -> Vec<&'a str> {
        self.path.iter().chain(path).copied().collect()
    }

    fn at(&self, path: &[&str]) -> Span {
        let path: Vec<&str> = self.path.iter().chain(path).copied().collect();
        self.service.at(&path)
    }
}

fn path(sink: &mut Sink, asked: &Asked<'_>, path: &str, at: (&str, &[&str]), of_any_port: bool) {
    if !path.starts_with('/') {
        wrong(sink, asked, path, at, "a path begins with `/`");
    } else if of_any_port && !asked.has_tcp() {
        wrong(sink, asked, path, at, "a path is asked over TCP, and there is no TCP port");
    }
}

fn wrong(
    sink: &mut Sink,
    asked: &Asked<'_>,
    value: &str,
    (key, at): (&str, &[&str]),
    problem: &str,
) {
    sink.error(
        Diagnostic::new(Code::WRONG_VALUE, format!("`probes.{key}` cannot be `{value}`"))
            .at(asked.at(at), problem)
            .help("write a path such as `/ready`, or a command such as `[\"/bin/check\"]`"),
    );
}

/// A port that a probe names: one of the container's own, over TCP.
fn port(sink: &mut Sink, asked: &Asked<'_>, name: &str, at: &[&str]) {
    let known = asked.ports.iter().map(|port| port.name.as_str());
    let place = asked.at(at);
    match asked.ports.iter().find(|port| port.name == name) {
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
            let what = format!("`{}` has no port `{name}`", asked.service.name);
            let elsewhere = asked.service.ports.iter().any(|port| port.name == name);
            let finding = Diagnostic::new(Code::PORT_UNKNOWN, what).at(place, "");
            sink.error(match elsewhere {
                true => finding
                    .note("another container of its pods listens on it, and a probe asks its own")
                    .help(diag::did_you_mean(name, known)),
                false => finding.help(diag::did_you_mean(name, known)),
            });
        }
    }
}
