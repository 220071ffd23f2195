//! A service from its spec, with every default filled.

use super::Service;
use super::file::file;
use super::regions::regions;
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::{Namespace, RegionName, ServiceName};
use crate::model::containers;
use crate::model::fleet::Fleet;
use crate::model::jobs;
use crate::model::manifests;
use crate::model::patch;
use crate::model::routes;
use crate::model::tier::Tier;
use crate::quantity::Bytes;
use crate::spec::service::{self as written, Backups, NoBackups};
use crate::spec::service::{Rollout, Strategy};
use crate::spec::{Document, Spec};
use crate::words::Medium;
use std::sync::Arc;

/// A port that a service has unless it says otherwise.
const DEFAULT_PORT: u16 = 8080;

/// Fills the defaults of one spec. For a tier that is unknown `gold` stands in, for regions the
/// ones that are known.
pub(in crate::model) fn resolve(
    sink: &mut Sink,
    fleet: &Fleet,
    spec: Spec<crate::spec::Service>,
) -> Service {
    let Spec { value, document, mut doubts } = spec;
    let tier = tier(sink, fleet, &value, &document).unwrap_or_else(|| {
        doubts.add("tier");
        Arc::clone(&fleet.tiers["gold"])
    });
    let (regions, all) = regions(sink, fleet, &value, &document);
    if !all {
        doubts.add("regions");
    }
    let strategy = value.recovery.unwrap_or_else(|| {
        if regions.len() == 1 { Strategy::BackupAndRestore } else { tier.strategies[0] }
    });
    let mut ports = value.ports.unwrap_or_else(|| {
        vec![written::Port {
            name: "http".to_owned(),
            port: DEFAULT_PORT,
            service: None,
            protocol: written::Protocol::Tcp,
            gateway: false,
            scrape: None,
            of: None,
        }]
    });
    let mut document = document;
    for (port, path) in containers::ports(&value.sidecars) {
        // What is said of a port of a sidecar stands where the sidecar is.
        document.also(["ports".to_owned(), ports.len().to_string()], path);
        ports.push(port);
    }
    let cpu = value.capacity.cpu.unwrap_or(fleet.cpu);
    let memory = value.capacity.memory.unwrap_or(fleet.memory);
    let fleets = (fleet.cpu, fleet.memory);
    let containers = containers::of(value.init, value.sidecars, (cpu, memory), fleets);
    // Two versions must not consume one queue side by side unasked.
    let rollout = if ports.is_empty() { Rollout::Rolling } else { Rollout::Replace };
    let known: Vec<&RegionName> = regions.iter().map(|region| &region.name).collect();
    let manifests = manifests::read(sink, &document, value.manifests, (&known, "the service has"));
    let scratch = value.scratch.unwrap_or_else(|| {
        let (path, size) = ("/tmp".to_owned(), Bytes::mebibytes(64));
        vec![written::Scratch { path, size, medium: Medium::Disk, name: None }]
    });
    let routes = value.traffic.as_ref().map(routes::of).unwrap_or_default();
    let (backed_up, backup) = match value.backup {
        Backups::Said(backup) => (true, backup),
        Backups::No(NoBackups::None) => (false, written::Backup::default()),
    };
    let environment = value.environment.as_deref();
    let mut traffic = value.traffic;
    // Records and pages are about all of them alike.
    traffic.iter_mut().for_each(|traffic| traffic.hosts = routes::hosts(traffic));
    Service {
        namespace: Namespace::new(
            value
                .namespace
                .or_else(|| fleet.namespace.clone())
                .unwrap_or_else(|| value.name.clone()),
        ),
        previously: value.previously.map(|name| ServiceName::of(&name, environment)),
        name: ServiceName::of(&value.name, environment),
        alone: true,
        team: value.team.or_else(|| fleet.team.clone()),
        image: value.image,
        regions,
        strategy,
        rpo: value.rpo,
        rto: value.rto,
        kind: value.kind,
        single_writer: value.single_writer,
        rollout: value.rollout.unwrap_or(rollout),
        command: value.command,
        args: value.args,
        drain: value.drain.unwrap_or(tier.drain),
        peak: value.capacity.peak.unwrap_or(if value.single_writer { 1 } else { tier.peak }),
        cpu,
        memory,
        cpu_limit: value.capacity.cpu_limit,
        memory_limit: value.capacity.memory_limit,
        resources: value.capacity.resources,
        pod: value.pod,
        metadata: value.metadata.over(&fleet.metadata),
        autoscale: value.capacity.autoscale,
        ports,
        headless: value.headless,
        probes: value.probes,
        config: value.config,
        secrets: value.secrets,
        files: value.files.into_iter().map(file).collect(),
        scratch,
        volumes: value.volumes,
        containers,
        jobs: jobs::of(value.jobs, (cpu, memory)),
        calls: Vec::new(),
        callers: Vec::new(),
        admits: value.called_by,
        failover: traffic.as_ref().and_then(|traffic| traffic.failover),
        traffic,
        routes,
        replication: value.data.replication,
        postgresql: value.data.postgresql,
        residency: value.data.residency,
        backed_up,
        backup,
        manifests,
        patches: patch::read(sink, &document, value.patch),
        accepts: value.accept,
        tier,
        document,
        doubts,
    }
}

fn tier(
    sink: &mut Sink,
    fleet: &Fleet,
    value: &crate::spec::Service,
    document: &Document,
) -> Option<Arc<Tier>> {
    if fleet.doubts.has("tiers", &value.tier) {
        return None;
    }
    let tier = fleet.tiers.get(&value.tier).cloned();
    if tier.is_none() {
        let known = fleet.tiers.keys().map(String::as_str);
        sink.error(
            Diagnostic::new(Code::UNKNOWN_TIER, format!("there is no tier `{}`", value.tier))
                .at(document.at(&["tier"]), "")
                .help(diag::did_you_mean(&value.tier, known)),
        );
    }
    tier
}
