//! One service, with every default filled.

use super::containers::{self, Container};
use super::fleet::{Fleet, Region};
use super::jobs::{self, Job};
use super::manifests::{self, Manifest};
use super::patch::{self, Patch};
use super::pool;
use super::routes::{self, Route};
use super::tier::Tier;
use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::kube::{Namespace, RegionName, ServiceName};
use crate::quantity::{Bytes, Cpu, Duration, Permissions};
use crate::spec::fleet::Survives;
use crate::spec::service::{self as written, Backups, NoBackups};
use crate::spec::service::{
    Given, Held, PerRegion, Rollout, Scalar, Setting, Strategy, ValueSource, WorkloadKind,
};
use crate::spec::{Document, Doubts, Spec};
use crate::words::Medium;
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
    pub metadata: written::Metadata,
    /// The bounds of its autoscaler.
    pub autoscale: Option<written::Autoscale>,
    /// What it listens on.
    pub ports: Vec<written::Port>,
    /// Whether its Kubernetes Service has no address of its own.
    pub headless: bool,
    /// How one sees that it works.
    pub probes: written::Probes,
    /// Environment variables.
    pub config: BTreeMap<String, Setting>,
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
    pub traffic: Option<written::Traffic>,
    /// The paths by which they do.
    pub routes: Vec<Route>,
    /// Who replicates its data.
    pub replication: Option<written::Replication>,
    /// Its own database.
    pub postgresql: Option<written::Postgresql>,
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

/// A file in the container.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Its name, which tells its ConfigMap from others.
    pub name: String,
    /// Where it appears.
    pub path: String,
    /// What is in it.
    pub content: Content,
    /// The key of the spec that says so.
    pub key: &'static str,
    /// Who may read it and run it, where the spec says.
    pub mode: Option<Permissions>,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Text, which may differ by region.
    Text(PerRegion),
    /// Bytes that are no text, or none that manifests can hold as it is.
    Bytes(Arc<[u8]>),
}

impl Content {
    /// The regions that it speaks of, `default` among them; none when it is the same everywhere.
    pub fn regions(&self) -> Option<Vec<&str>> {
        if let Content::Text(text) = self { text.regions() } else { None }
    }

    /// The bytes of the longest that it is anywhere.
    pub fn size(&self) -> usize {
        match self {
            Content::Text(text) => text.texts().map(|text| text.len()).max().unwrap_or(0),
            Content::Bytes(bytes) => bytes.len(),
        }
    }
}

/// Something that a service calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// A service, on these ports of its containers.
    Service {
        /// Its name.
        name: ServiceName,
        /// Which of `depends_on` names it.
        at: usize,
        /// Its namespace.
        namespace: Namespace,
        /// The container ports, with their protocols.
        ports: Vec<(u16, written::Protocol)>,
    },
    /// Pods that no spec describes, on these of their ports.
    Pods {
        /// Their namespace.
        namespace: Namespace,
        /// Their labels; none means all of the namespace.
        labels: BTreeMap<String, String>,
        /// The ports.
        ports: Vec<(u16, written::Protocol)>,
    },
    /// A host outside, on these ports.
    Host {
        /// `api.stripe.com`
        host: String,
        /// The ports.
        ports: Vec<(u16, written::Protocol)>,
    },
    /// Addresses outside, on these ports.
    Addresses {
        /// `10.20.0.0/16`
        cidr: String,
        /// The ports.
        ports: Vec<(u16, written::Protocol)>,
    },
}

impl Call {
    /// Who is called, as text of a page: `` the service `orders` ``, `` `10.20.0.0/16` ``.
    pub(crate) fn whom(&self) -> String {
        match self {
            Call::Service { name, .. } => format!("the service `{name}`"),
            Call::Pods { namespace, labels, .. } if labels.is_empty() => {
                format!("the pods of the namespace `{namespace}`")
            }
            Call::Pods { labels, .. } => {
                let labels: Vec<String> =
                    labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
                format!("the pods `{}`", labels.join(","))
            }
            Call::Host { host, .. } => format!("`{host}`"),
            Call::Addresses { cidr, .. } => format!("`{cidr}`"),
        }
    }
}

/// A service that calls this one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller {
    /// Its name.
    pub name: ServiceName,
    /// Its namespace.
    pub namespace: Namespace,
    /// The names of the ports that it calls.
    pub ports: Vec<String>,
    /// The regions it runs in.
    pub regions: Vec<RegionName>,
    /// Whether it has jobs, which call, too.
    pub jobs: bool,
}

impl Service {
    /// The place of the value at `path` in its spec.
    pub fn at(&self, path: &[&str]) -> Span {
        self.document.at(path)
    }

    /// The place of the key at the end of `path`, or that of the service's name.
    pub fn origin(&self, path: &[&str]) -> Span {
        if self.document.has(path) { self.document.key(path) } else { self.document.key(&["name"]) }
    }

    /// Whether it accepts a finding.
    pub fn accepts(&self, code: Code) -> bool {
        self.accepts.iter().any(|accept| Code::find(&accept.rule) == Some(code))
    }

    /// Every container beside that of the service, and before those of its jobs.
    pub fn all_containers(&self) -> impl Iterator<Item = &Container> {
        self.containers.iter().chain(self.jobs.iter().flat_map(|job| &job.init))
    }

    /// Every `config` of the spec, with its path: of the service, of what is beside it, and of its jobs.
    pub fn configs(&self) -> impl Iterator<Item = (Vec<String>, &BTreeMap<String, Setting>)> {
        let path =
            |index: usize| ["jobs", &index.to_string(), "config"].map(str::to_owned).to_vec();
        let jobs = self.jobs.iter().enumerate().map(move |(at, job)| (path(at), &job.config));
        let beside = self.all_containers().map(|container| {
            let path = container.key("config").into_iter().map(str::to_owned);
            (path.collect(), &container.config)
        });
        std::iter::once((vec!["config".to_owned()], &self.config)).chain(beside).chain(jobs)
    }

    /// Every image that its pods and jobs name, with its path in the spec, and whose it is.
    pub fn images(&self) -> impl Iterator<Item = (Vec<String>, &str, String)> {
        let own = (vec!["image".to_owned()], self.image.as_str(), format!("`{}`", self.name));
        let beside = self.all_containers().filter_map(|container| {
            let path = container.key("image").into_iter().map(str::to_owned).collect();
            let what = if container.stays { "sidecar" } else { "init container" };
            Some((path, container.image.as_deref()?, format!("the {what} `{}`", container.name)))
        });
        let jobs = self.jobs.iter().enumerate().filter_map(|(index, job)| {
            let path = ["jobs", &index.to_string(), "image"].map(str::to_owned).to_vec();
            Some((path, job.image.as_deref()?, format!("the job `{}`", job.name)))
        });
        std::iter::once(own).chain(beside).chain(jobs)
    }

    /// Whether it keeps data of its own that must not be lost.
    pub fn keeps_data(&self) -> bool {
        self.volumes.iter().any(|volume| volume.backup != Some(false))
    }

    /// The largest loss of which its replicas leave enough to carry the peak: one that writes alone
    /// leaves nothing.
    pub fn survives(&self) -> Survives {
        if self.single_writer { Survives::Pod } else { self.tier.survives }
    }

    /// Whether its volumes are backed up.
    pub fn backs_up_data(&self) -> bool {
        self.backed_up && self.keeps_data()
    }

    /// Whether a Schedule that all services of its tier share backs it up: it has no volume, and asks
    /// for nothing that such a one could not give.
    pub fn shares_backups(&self) -> bool {
        let written = &self.backup;
        let asks = written.every.is_some()
            || written.keep.is_some()
            || written.scope == Some(written::Scope::Namespace)
            || self.patches.iter().any(|patch| patch.object == "schedule");
        self.backed_up && !self.keeps_data() && !asks
    }

    /// What its backups hold: where it shares its namespace, what bears its label.
    pub fn backup_scope(&self) -> written::Scope {
        let shared = if self.alone { written::Scope::Namespace } else { written::Scope::Service };
        self.backup.scope.unwrap_or(shared)
    }

    /// The Secrets that its pods wait for in any region, in the order of the spec: what it lists,
    /// and what its variables come from.
    pub fn secret_names(&self) -> Vec<&str> {
        let listed = self.secrets.iter().filter(|secret| !secret.optional);
        let mut names: Vec<&str> = listed.map(|secret| secret.name.as_str()).collect();
        let settings = self.configs().flat_map(|(_, config)| config.values());
        for (_, given) in settings.flat_map(Setting::all) {
            if let Given::From(ValueSource::Secret { secret, optional, .. }) = given
                && *optional != Some(true)
                && !names.contains(&secret.as_str())
            {
                names.push(secret);
            }
        }
        names
    }

    /// The name of its ServiceAccount.
    pub fn account(&self) -> String {
        self.pod.service_account.clone().unwrap_or_else(|| self.name.plain().to_owned())
    }

    /// Whether its containers run as root.
    pub fn is_root(&self) -> bool {
        self.pod.user == Some(0)
    }

    /// Whether its containers have a limit of CPU.
    pub fn limits_cpu(&self) -> bool {
        self.cpu_limit.is_some() || self.tier.cpu_burst > 0
    }

    /// The storage class of a volume in a region; none when the region has none of that name.
    pub fn class_of<'a>(
        &self,
        volume: &written::Volume,
        region: &'a Region,
    ) -> Option<&'a crate::spec::fleet::StorageClass> {
        region.class(volume.class.as_ref())
    }

    /// The port that users reach: the one that the spec names, or the first that is open to the
    /// gateway.
    pub fn port_of_users(&self) -> Option<&written::Port> {
        let named = self.traffic.as_ref().and_then(|traffic| traffic.port.as_ref());
        match named {
            Some(name) => self.ports.iter().find(|port| port.name == *name),
            None => self.ports.iter().find(|port| port.gateway),
        }
    }

    /// The port that a route leads to.
    pub fn port_of(&self, route: &Route) -> Option<&written::Port> {
        match &route.port {
            Some(name) => self.ports.iter().find(|port| port.name == *name),
            None => self.port_of_users(),
        }
    }

    /// The longest time to live of its records: a quarter of its RTO.
    pub fn longest_ttl(&self) -> Duration {
        Duration::seconds(self.rto.as_seconds() / 4)
    }

    /// How long a resolver may keep an answer.
    pub fn ttl(&self) -> Duration {
        let written = self.traffic.as_ref().and_then(|traffic| traffic.ttl);
        written.unwrap_or_else(|| Duration::seconds(60).min(self.longest_ttl()))
    }

    /// Whether health checks move its traffic.
    pub fn moves_by_itself(&self) -> bool {
        let default = match self.strategy {
            Strategy::ActiveActive => written::Failover::Automatic,
            Strategy::BackupAndRestore | Strategy::PilotLight | Strategy::WarmStandby => {
                written::Failover::Manual
            }
        };
        self.regions.len() > 1 && self.failover.unwrap_or(default) == written::Failover::Automatic
    }

    /// The fewest instances of a database, so that one is left after a loss that the tier
    /// survives; of three, two are, and one of them has every commit.
    pub fn min_instances(&self) -> u32 {
        match self.tier.survives {
            Survives::Pod => 1,
            Survives::Node => 2,
            Survives::Zone | Survives::Region => 3,
        }
    }

    /// The logical name of an object of the service: its name, and what tells the object apart.
    pub fn logical(&self, part: &str) -> String {
        match part {
            "" => self.name.plain().to_owned(),
            part => format!("{}-{part}", self.name.plain()),
        }
    }
}

fn file(file: written::File) -> File {
    let name = file.called();
    let text = |text: &str| PerRegion::Everywhere(Scalar::Text(text.to_owned()));
    let (content, key) = match (file.held, file.content) {
        (Some(Held::Text(held)), _) => (Content::Text(text(&held)), "source"),
        (Some(Held::Bytes(bytes)), _) => (Content::Bytes(bytes), "source"),
        (None, Some(content)) => (Content::Text(content), "content"),
        // It was reported, and no rule looks at it.
        (None, None) => (Content::Text(text("")), "source"),
    };
    File { name, path: file.path, content, key, mode: file.mode }
}

/// A port that a service has unless it says otherwise.
const DEFAULT_PORT: u16 = 8080;

/// Fills the defaults of one spec. For a tier that is unknown `gold` stands in, for regions the
/// ones that are known.
pub(super) fn resolve(sink: &mut Sink, fleet: &Fleet, spec: Spec<crate::spec::Service>) -> Service {
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

/// The region with the nodes that a service runs on there.
fn on_nodes(
    sink: &mut Sink,
    fleet: &Fleet,
    region: &Arc<Region>,
    (value, document): (&crate::spec::Service, &Document),
) -> Arc<Region> {
    match (&value.placement.pool, &fleet.pool) {
        (Some(pool), _) if pool == pool::NONE => Arc::clone(region),
        (Some(pool), _) => self::pool(sink, fleet, region, pool, document),
        // That a region has no such pool is said of the fleet.
        (None, Some(pool)) => {
            let pools = fleet.pools.get(&region.name);
            Arc::clone(pools.and_then(|pools| pools.get(pool)).unwrap_or(region))
        }
        (None, None) => Arc::clone(region),
    }
}

/// The region with the nodes of a pool; where it has none of that name, with its own.
fn pool(
    sink: &mut Sink,
    fleet: &Fleet,
    region: &Arc<Region>,
    name: &str,
    document: &Document,
) -> Arc<Region> {
    let pools = fleet.pools.get(&region.name);
    if let Some(pool) = pools.and_then(|pools| pools.get(name)) {
        return Arc::clone(pool);
    }
    // What is wrong with one that is written was said.
    if !region.pools.iter().any(|pool| pool.name == name) {
        let known: Vec<&str> = pools.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let help = match known.as_slice() {
            [] => format!(
                "add it to `pools` of `[regions.{}]` in fleet.toml, or remove `placement`",
                region.name
            ),
            known => diag::did_you_mean(name, known.iter().copied()),
        };
        sink.error(
            Diagnostic::new(
                Code::UNKNOWN_POOL,
                format!("`{}` has no pool of nodes `{name}`", region.name),
            )
            .at(document.at(&["placement", "pool"]), "")
            .related(fleet.document.key(&["regions", region.name.as_str()]), "declared here")
            .help(help),
        );
    }
    Arc::clone(region)
}

/// Says of a region that it belongs to another environment than the service; without its place.
fn of_another(fleet: &Fleet, region: &Region, value: &crate::spec::Service) -> Diagnostic {
    let (name, own) = (&region.name, value.environment.as_deref());
    let called = |environment: Option<&str>| {
        let name = environment.unwrap_or(crate::spec::environment::DEFAULT);
        format!("the environment `{name}`")
    };
    let ours: Vec<&str> = fleet.regions_of(own).map(|region| region.name.as_str()).collect();
    let ours = match ours.as_slice() {
        [] => String::new(),
        ours => format!(
            "write regions of {}, such as {}; or ",
            called(own),
            diag::list(ours.iter().copied().take(3))
        ),
    };
    let (message, help) = match (region.environment.as_deref(), own) {
        (Some(theirs), None) => (
            format!("`{name}` is a region of {}, and this is the top", called(Some(theirs))),
            format!("{ours}name it below `[environments.{theirs}]`"),
        ),
        (theirs, Some(own)) => (
            format!("`{name}` is a region of {}, and this is `{own}`", called(theirs)),
            format!("{ours}add `environment = \"{own}\"` to `[regions.{name}]` in fleet.toml"),
        ),
        (None, None) => unreachable!("both are of the default environment"),
    };
    let said = ["regions", name.as_str(), "environment"];
    Diagnostic::new(Code::WRONG_ENVIRONMENT, message)
        .related(fleet.document.key(&said), "declared here")
        .note("what is at the top runs in the regions that name no environment, and what another says in its own")
        .help(help)
}

/// The regions that are known, and whether that is all of them.
fn regions(
    sink: &mut Sink,
    fleet: &Fleet,
    value: &crate::spec::Service,
    document: &Document,
) -> (Vec<Arc<Region>>, bool) {
    let mut regions = Vec::new();
    for (index, name) in value.regions.iter().enumerate() {
        let place = |index: usize| document.at(&["regions", &index.to_string()]);
        if let Some(first) = value.regions[..index].iter().position(|other| other == name) {
            sink.error(
                Diagnostic::new(Code::DUPLICATE_NAME, format!("region `{name}` is named twice"))
                    .at(place(index), "here again")
                    .related(place(first), "first here"),
            );
            continue;
        }
        match fleet.regions.get(&RegionName::new(name.as_str())) {
            Some(region) if region.environment != value.environment => {
                sink.error(of_another(fleet, region, value).at(place(index), "runs there?"));
            }
            Some(region) => regions.push(on_nodes(sink, fleet, region, (value, document))),
            None if fleet.doubts.has("regions", name) => {}
            None => {
                let known = fleet.regions.keys().map(RegionName::as_str);
                sink.error(
                    Diagnostic::new(
                        Code::UNKNOWN_REGION,
                        format!("the fleet has no region `{name}`"),
                    )
                    .at(place(index), "")
                    .help(diag::did_you_mean(name, known)),
                );
            }
        }
    }
    let all = regions.len() == value.regions.len();
    (regions, all)
}
