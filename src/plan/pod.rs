//! The pod template.

use super::values::{ContainerPort, Map, Mount, Pod, Probe, Resources, Volume};
use super::{ServiceInRegion, placement};
use crate::kube::labels;
use crate::model::Service;
use crate::model::{Check, Protocol, WorkloadKind};
use crate::quantity::{Bytes, Duration};

/// What is set aside beside scratch space: logs, and the writable layer that a read-only root
/// still has.
pub(crate) const EPHEMERAL: Bytes = Bytes::mebibytes(64);

/// Between the end of draining and the kill: time for the process to leave by itself.
pub(crate) const EXIT: Duration = Duration::seconds(5);

pub(crate) fn plan(here: &ServiceInRegion<'_>) -> Pod {
    let service = here.service;
    let tier = &service.tier;
    let (mounts, volumes) = mounts(service);
    let (startup, live, ready) = probes(service);
    Pod {
        labels: here.pod_labels(),
        annotations: annotations(here),
        service_account: service.logical(""),
        priority_class: tier.priority_class.clone(),
        grace: grace(service),
        settle: tier.settle.as_seconds(),
        user: here.fleet.user,
        image: here.fleet.image_in(&here.region.name, &service.image),
        command: service.command.clone(),
        args: service.args.clone(),
        env_from: vec![service.logical("region")],
        ports: (service.ports.iter())
            .map(|port| ContainerPort {
                name: port.name.clone(),
                port: port.port,
                protocol: port.protocol.name(),
            })
            .collect(),
        startup,
        live,
        ready,
        resources: resources(service),
        mounts,
        volumes,
        node_loss: tier.node_loss.as_seconds(),
        spread: placement::spread(here),
        avoid: here.selector(),
        revision: placement::revision(service),
    }
}

/// How long a pod may take to end, in seconds.
pub(crate) fn grace(service: &Service) -> u64 {
    (service.tier.settle + service.drain + EXIT).as_seconds()
}

/// How long the first start may take.
pub(crate) fn start_within(service: &Service) -> Duration {
    service.probes.start_within.unwrap_or(Duration::minutes(2))
}

/// What makes a new generation although no container sees it: the declared versions of secrets,
/// whose content nobody reads, and whether an autoscaler decides.
fn annotations(here: &ServiceInRegion<'_>) -> Map {
    let service = here.service;
    let scaled = super::disruption::scales(here);
    let scaled = scaled.then(|| (labels::AUTOSCALED.to_owned(), "true".to_owned()));
    let versions = service.secrets.iter().filter_map(|secret| {
        let version = secret.version.clone()?;
        Some((format!("secret.ninefold.dev/{}", secret.name), version))
    });
    versions.chain(scaled).collect()
}

fn resources(service: &Service) -> Resources {
    let scratch = service.scratch.iter().fold(EPHEMERAL, |sum, scratch| sum + scratch.size);
    let burst = u64::from(service.tier.cpu_burst);
    Resources {
        cpu: service.cpu.to_string(),
        cpu_limit: (burst > 0).then(|| (service.cpu * burst).to_string()),
        // Memory cannot be taken back from a process, so a limit above the request is a promise
        // that a full node breaks.
        memory: service.memory.to_string(),
        storage: EPHEMERAL.to_string(),
        storage_limit: scratch.to_string(),
    }
}

/// Startup, liveness, readiness. Detection takes period × failures + timeout.
pub(crate) fn probes(service: &Service) -> (Option<Probe>, Option<Probe>, Option<Probe>) {
    let probes = &service.probes;
    let named = service.ports.iter().find(|port| Some(&port.name) == probes.port.as_ref());
    let first = service.ports.iter().find(|port| port.protocol == Protocol::Tcp);
    let port = named.or(first).map(|port| port.name.clone());
    let check = |check: Option<&Check>, period, failures| {
        let (path, command) = match check {
            Some(Check::Path(path)) => (Some(path.clone()), None),
            Some(Check::Command(command)) => (None, Some(command.clone())),
            None => (None, None),
        };
        let tcp = path.is_none() && command.is_none();
        let port = if command.is_some() { None } else { Some(port.clone()?) };
        Some(Probe { path, command, tcp, port, period, timeout: 2, failures })
    };
    // A service that says one of the two is asked the same way for the other, and more patiently
    // for the one that restarts it.
    let live = probes.live.as_ref().or(probes.ready.as_ref().filter(|_| port.is_none()));
    let ready = probes.ready.as_ref().or(probes.live.as_ref().filter(|_| port.is_none()));
    let start = probes.live.as_ref().or(probes.ready.as_ref());
    let start_failures = start_within(service).as_seconds().div_ceil(5).max(1);
    (check(start, 5, start_failures), check(live, 10, 3), check(ready, 5, 2))
}

fn mounts(service: &Service) -> (Vec<Mount>, Vec<Volume>) {
    let mut mounts = Vec::new();
    let mut volumes = Vec::new();
    let empty =
        |name: &str| Volume { name: name.to_owned(), config_map: None, secret: None, size: None };
    let mount = |name: &str, path: &str| Mount {
        name: name.to_owned(),
        path: path.to_owned(),
        sub_path: None,
        read_only: false,
    };
    for (index, scratch) in service.scratch.iter().enumerate() {
        let name = format!("scratch-{index}");
        mounts.push(mount(&name, &scratch.path));
        volumes.push(Volume { size: Some(scratch.size.to_string()), ..empty(&name) });
    }
    for file in &service.files {
        let name = format!("file-{}", file.name);
        let entry = file.path.rsplit('/').next().unwrap_or_default().to_owned();
        mounts.push(Mount { sub_path: Some(entry), read_only: true, ..mount(&name, &file.path) });
        let config_map = Some(service.logical(&format!("file-{}", file.name)));
        volumes.push(Volume { config_map, ..empty(&name) });
    }
    for secret in &service.secrets {
        let name = format!("secret-{}", secret.name);
        mounts.push(Mount { read_only: true, ..mount(&name, &secret.mount) });
        volumes.push(Volume { secret: Some(secret.name.clone()), ..empty(&name) });
    }
    if service.kind == WorkloadKind::Stateful {
        mounts.extend(service.volumes.iter().map(|volume| mount(&volume.name, &volume.path)));
    }
    (mounts, volumes)
}
