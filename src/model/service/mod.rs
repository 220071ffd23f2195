//! One service: what is known of it, and how a spec with every default filled becomes it.

mod call; //    whom it calls, and who calls it
mod derived; // what follows from its fields
mod file; //    files of its container
mod regions; // where it runs

pub use call::{Call, Caller};
pub use file::{Content, File};

use crate::by_name::ByName;
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::{Namespace, RegionName, ServiceName};
use crate::model::containers::{self, Container};
use crate::model::fleet::{Fleet, Region};
use crate::model::jobs::{self, Job};
use crate::model::manifests::{self, Manifest};
use crate::model::patch::{self, Patch};
use crate::model::routes::{self, Route};
use crate::model::tier::Tier;
use crate::quantity::{Bytes, Cpu, Duration};
use crate::spec::service::{self as written, Backups, NoBackups, Setting};
use crate::spec::service::{Rollout, Strategy, WorkloadKind};
use crate::spec::{Document, Doubts, Spec};
use crate::words::Medium;
use file::file;
use regions::regions;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: ServiceName,
    /// The namespace it shares or has for itself.
    pub namespace: Namespace,
    /// Whether no other service is in that namespace.
    pub alone: bool,
    /// Who answers for it.
    pub team: Option<String>,
    /// The container image.
    pub image: String,
    /// What it promises.
    pub tier: Arc<Tier>,
    /// The regions in the order of the spec; the first is the primary where there is one.
    pub regions: Vec<Arc<Region>>,
    /// How it gets back after the loss of a region; the tier's first until one is chosen, where the
    /// spec names none.
    pub strategy: Strategy,
    /// The most data that may be lost.
    pub rpo: Duration,
    /// The longest time until it serves again.
    pub rto: Duration,
    /// What runs it.
    pub kind: WorkloadKind,
    /// Whether one replica may write.
    pub single_writer: bool,
    /// How a change ships.
    pub rollout: Rollout,
    /// The name it had before.
    pub previously: Option<ServiceName>,
    /// The command in place of the image's.
    pub command: Vec<String>,
    /// The arguments.
    pub args: Vec<String>,
    /// How long work in flight may take.
    pub drain: Duration,
    /// Replicas that carry the peak of one region.
    pub peak: u32,
    /// CPU of a replica.
    pub cpu: Cpu,
    /// Memory of a replica.
    pub memory: Bytes,
    /// CPU that a replica may use, where the spec says.
    pub cpu_limit: Option<Cpu>,
    /// Memory that a replica may use, where the spec says.
    pub memory_limit: Option<Bytes>,
    /// Extended resources of a replica.
    pub resources: BTreeMap<String, u32>,
    /// Who its processes are, and what they may do.
    pub pod: written::Pod,
    /// Labels and annotations that are added to its objects, those of the fleet among them.
    pub metadata: Arc<written::Metadata>,
    /// The bounds of its autoscaler.
    pub autoscale: Option<Box<written::Autoscale>>,
    /// What it listens on.
    pub ports: Vec<written::Port>,
    /// Whether its Kubernetes Service has no address of its own.
    pub headless: bool,
    /// How one sees that it works.
    pub probes: written::Probes,
    /// Environment variables.
    pub config: ByName<Setting>,
    /// Secrets by reference.
    pub secrets: Vec<written::Secret>,
    /// Files.
    pub files: Vec<File>,
    /// Writable folders.
    pub scratch: Vec<written::Scratch>,
    /// Volumes.
    pub volumes: Vec<written::Volume>,
    /// What is beside it in its pods, in the order in which they start.
    pub containers: Vec<Container>,
    /// Work that ends by itself.
    pub jobs: Vec<Job>,
    /// What it calls.
    pub calls: Vec<Call>,
    /// The services that call it.
    pub callers: Vec<Caller>,
    /// Pods that no spec describes, and that may call it.
    pub admits: Vec<written::Admitted>,
    /// Who moves its traffic to another region; none when it does not say.
    pub failover: Option<written::Failover>,
    /// How users reach it.
    pub traffic: Option<Box<written::Traffic>>,
    /// The paths by which they do.
    pub routes: Vec<Route>,
    /// Who replicates its data.
    pub replication: Option<written::Replication>,
    /// Its own database.
    pub postgresql: Option<Box<written::Postgresql>>,
    /// The geographies that its data may be in; none means anywhere.
    pub residency: Vec<String>,
    /// Whether it is backed up at all.
    pub backed_up: bool,
    /// How it is backed up, as far as the spec says.
    pub backup: written::Backup,
    /// Objects of its own.
    pub manifests: Vec<Manifest>,
    /// What is merged into its objects.
    pub patches: Vec<Patch>,
    /// Findings that it accepts, as written.
    pub accepts: Vec<written::Accept>,
    /// Where everything is written.
    pub document: Document,
    /// Keys that something else stands in for: no rule that reads one of them says anything.
    pub doubts: Doubts,
}

/// A port that a service has unless it says otherwise.
const DEFAULT_PORT: u16 = 8080;

/// Fills the defaults of one spec. For a tier that is unknown `gold` stands in, for regions the
/// ones that are known.
pub(super) fn resolve(sink: &mut Sink, fleet: &Fleet, spec: Spec<written::Service>) -> Service {
    let Spec { value, document, mut doubts } = spec;
    let value = *value;
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
        // Findings about a port of a sidecar point to where the sidecar is.
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
    let routes = value.traffic.as_deref().map(routes::of).unwrap_or_default();
    let (backed_up, backup) = match value.backup {
        Backups::Table(backup) => (true, backup),
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
        metadata: match value.metadata == written::Metadata::default() {
            true => Arc::clone(&fleet.metadata),
            false => Arc::new(value.metadata.over(&fleet.metadata)),
        },
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
    value: &written::Service,
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
