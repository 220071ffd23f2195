//! Ports that a container may open, and probes that ask one.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::model::{Model, Service};
use crate::spec::service::{Check, Protocol};

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    for (index, port) in service.ports.iter().enumerate() {
        if port.port < 1024 {
            let (inner, outer) = (8000 + u32::from(port.port), port.service.unwrap_or(port.port));
            sink.error(
                Diagnostic::new(
                    Code::PRIVILEGED_PORT,
                    format!("port {} needs a privilege that no container gets", port.port),
                )
                .at(service.at(&["ports", &index.to_string(), "port"]), "below 1024")
                .note("containers run as an ordinary user, without capabilities")
                .help(format!(
                    "listen higher up, and keep the port that callers use: `port = {inner}`, `service = {outer}`"
                )),
            );
        }
    }
    let probes = &service.probes;
    if let Some(name) = &probes.port
        && !service.ports.iter().any(|port| port.name == *name)
    {
        let known = service.ports.iter().map(|port| port.name.as_str());
        sink.error(
            Diagnostic::new(Code::PORT_UNKNOWN, format!("`{}` has no port `{name}`", service.name))
                .at(service.at(&["probes", "port"]), "")
                .help(diag::did_you_mean(name, known)),
        );
    }
    let asked = service.ports.iter().find(|port| Some(&port.name) == probes.port.as_ref());
    if let Some(port) = asked.filter(|port| port.protocol == Protocol::Udp) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("a probe cannot ask port `{}`", port.name))
                .at(service.at(&["probes", "port"]), "it is UDP")
                .note("the kubelet asks over TCP, so the replica would never be ready")
                .help("name a TCP port, or probe with a command: `ready = [\"/bin/check\"]`"),
        );
    }
    let tcp = service.ports.iter().any(|port| port.protocol == Protocol::Tcp);
    for (key, check) in [("ready", &probes.ready), ("live", &probes.live)] {
        let problem = match check {
            Some(Check::Path(path)) if !path.starts_with('/') => "a path begins with `/`",
            Some(Check::Path(_)) if !tcp => "a path is asked over TCP, and there is no TCP port",
            Some(Check::Command(command)) if command.is_empty() => {
                "a command has at least one word"
            }
            Some(Check::Path(_) | Check::Command(_)) | None => continue,
        };
        let value = match check {
            Some(Check::Path(path)) => format!("`{path}`"),
            Some(Check::Command(_)) | None => "`[]`".to_owned(),
        };
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`probes.{key}` cannot be {value}"))
                .at(service.at(&["probes", key]), problem)
                .help("write a path such as `/ready`, or a command such as `[\"/bin/check\"]`"),
        );
    }
    if !tcp && probes.ready.is_none() && probes.live.is_none() {
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
