//! Whether somebody may connect to what a service listens on.

use super::ServiceInRegion;
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::model::{Port, WorkloadKind};

/// Ports that nobody may connect to. The port that a service has by default says nothing about who
/// calls it, so only those that its spec writes are held against this; and the kubelet may always
/// ask a probe.
pub(super) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let service = here.service;
    let among_replicas = service.kind == WorkloadKind::Stateful;
    // The containers of a pod reach each other's ports, whatever a policy says.
    let in_the_pod = service.containers.iter().any(|container| container.stays);
    // Its jobs may connect to it; and whom policies of its own admit, nobody knows here.
    let by_jobs = !service.jobs.is_empty();
    let own = service.manifests.iter().filter(|one| one.is_for(&here.region.name));
    let by_policies =
        own.flat_map(|one| &one.objects).any(|one| one.kind.ends_with("NetworkPolicy"))
            || service.patches.iter().any(|patch| patch.value.at(&["spec", "ingress"]).is_some());
    if !service.document.has(&["ports"]) || among_replicas || in_the_pod || by_jobs || by_policies {
        return;
    }
    let admits = |port: &Port| {
        service.admits.iter().any(|one| one.ports.is_empty() || one.ports.contains(&port.name))
    };
    let called = |port: &Port| service.callers.iter().any(|one| one.ports.contains(&port.name));
    let probed =
        |port: &Port| service.ports.len() > 1 && service.probes.port.as_ref() == Some(&port.name);
    let scraped = |port: &Port| port.metrics().is_some();
    let reached =
        |port: &Port| port.gateway || admits(port) || called(port) || probed(port) || scraped(port);
    let closed = service.ports.iter().enumerate().filter(|(_, port)| !reached(port));
    let closed: Vec<(usize, &Port)> = closed.collect();
    let Some((first, _)) = closed.first() else { return };
    let names = diag::list(closed.iter().map(|(_, port)| port.name.as_str()));
    let all = closed.len() == service.ports.len();
    let what = if all {
        format!("nobody may call `{}`", service.name)
    } else {
        format!("nobody may connect to {names} of `{}`", service.name)
    };
    sink.report(
        Diagnostic::new(Code::UNREACHABLE_PORT, what)
            .at(service.at(&["ports", &first.to_string(), "name"]), "closed to everything")
            .note("no service depends on it, and neither the gateway nor anything else is admitted")
            .help("name who calls: `[[called_by]]` with `namespace`; or `gateway = true` for users; or `[[depends_on]]` in the spec of a service that calls it"),
    );
}

/// A service that is not called, and may call nobody: whatever it works on, it does not get there. What
/// its own manifests and patches open is not seen here.
pub(super) fn reaches(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let service = here.service;
    let opened = service.patches.iter().any(|patch| patch.object == "network-policy");
    let way = !service.calls.is_empty() || here.database.is_some() || service.pod.token;
    let own = !service.volumes.is_empty() || !service.manifests.is_empty() || opened;
    if !service.ports.is_empty() || way || own {
        return;
    }
    sink.report(
        Diagnostic::new(
            Code::REACHES_NOTHING,
            format!("`{}` can neither be called nor call anybody", service.name),
        )
        .at(service.at(&["ports"]), "listens on nothing")
        .note("its network lets it ask name servers, and nothing else")
        .help("name where its work comes from: `[[depends_on]]` with `service`, `namespace` and `labels`, `host`, or `cidr`"),
    );
}
