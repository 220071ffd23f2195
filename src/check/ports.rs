//! Ports that a container may open.

use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::model::{Model, Service};
use crate::yaml::Value;

/// From which port on a process of the pod needs no privilege; safe to set in every pod, also at the
/// Pod Security level `restricted` (kubernetes.io, "Using sysctls in a Kubernetes Cluster").
const SYSCTL: &str = "net.ipv4.ip_unprivileged_port_start";

/// The first port that needs a privilege no more, where nothing says another.
const FIRST: u16 = 1024;

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    let first = first(service);
    for (index, port) in service.ports.iter().enumerate() {
        if port.port < first && !service.pod.low_ports {
            let (inner, outer) = (8000 + u32::from(port.port), port.service.unwrap_or(port.port));
            sink.error(
                Diagnostic::new(
                    Code::PRIVILEGED_PORT,
                    format!("port {} needs a privilege that no container gets", port.port),
                )
                .at(service.at(&["ports", &index.to_string(), "port"]), format!("below {first}"))
                .note("containers run as an ordinary user, without capabilities")
                .help(format!(
                    "listen higher up, and keep the port that callers use: `port = {inner}`, `service = {outer}`; where the image cannot, write `low_ports = true` in `[pod]`"
                )),
            );
        }
    }
    low_ports(sink, service);
    headless(sink, service);
}

/// A permission that nothing needs.
fn low_ports(sink: &mut Sink, service: &Service) {
    if service.pod.low_ports && service.ports.iter().all(|port| port.port >= 1024) {
        sink.report(
            Diagnostic::new(Code::WRONG_VALUE, "`low_ports` allows what no port needs")
                .severity(Severity::Warning)
                .at(service.at(&["pod", "low_ports"]), "every port is 1024 or above")
                .help("remove it"),
        );
    }
}

/// Without an address of its own, nothing leads from one port to another.
fn headless(sink: &mut Sink, service: &Service) {
    if !service.headless {
        return;
    }
    let place = service.at(&["headless"]);
    if service.ports.is_empty() {
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("`{}` listens on nothing, and has no Kubernetes Service", service.name),
            )
            .at(place, "")
            .help("remove it, or add `[[ports]]`"),
        );
    }
    for (index, port) in service.ports.iter().enumerate() {
        let Some(outer) = port.service.filter(|outer| *outer != port.port) else { continue };
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("callers cannot use {outer} for the port `{}`", port.name),
            )
            .at(service.at(&["ports", &index.to_string(), "service"]), "")
            .related(place, "callers get the addresses of the replicas")
            .note("nothing stands between callers and replicas that would lead from one port to the other")
            .help(format!("remove it, or listen on it: `port = {outer}`")),
        );
    }
}

/// The first port that its pods may open, as a patch of its workload says.
fn first(service: &Service) -> u16 {
    let workloads = ["deployment", "stateful-set"];
    let patches = service.patches.iter().filter(|patch| workloads.contains(&patch.object.as_str()));
    let path = ["spec", "template", "spec", "securityContext", "sysctls"];
    let sysctls =
        patches.flat_map(|patch| patch.value.at(&path).map(Value::items).unwrap_or_default());
    let named = sysctls.filter(|one| one.get("name").and_then(Value::as_str) == Some(SYSCTL));
    let lowest = named.filter_map(|one| one.get("value")?.as_str()?.parse().ok()).min();
    lowest.unwrap_or(FIRST).min(FIRST)
}
