//! The fleet: regions, and what stands in them.

use super::Accept;
use super::delivery::Installation;
use super::manifests::{self, Manifest};
use super::pool::{self, Pool};
use super::references;
use super::tier::{self, Tier};
use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::kube::pod_security::Level;
use crate::kube::references::Declared;
use crate::kube::version::{self, Version};
use crate::kube::{Namespace, RegionName, descheduler, image, velero, volsync};
use crate::quantity::{Bytes, Cpu, Date, Duration};
use crate::spec::fleet as written;
use crate::spec::fleet::{
    BackupLocation, ControlPlane, Delivery, DnsZone, Entry, EtcdSnapshots, Measured, PodSecurity,
    PostgresqlPlatform, Prometheus, Provider, PullSecret, Registry, SnapshotLocation, StorageClass,
    Zone,
};
use crate::spec::service::Metadata;
use crate::spec::{Document, Doubts, Spec};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

/// What the platform team declared, with every default filled.
#[derive(Debug)]
pub struct Fleet {
    /// The day on which the facts were taken.
    pub inventory: Date,
    /// What delivers the tree.
    pub delivery: Delivery,
    /// What of the tree points it there.
    pub installation: Installation,
    /// The DNS zones.
    pub dns: BTreeMap<String, DnsZone>,
    /// The registries, by host.
    pub registries: BTreeMap<String, Registry>,
    /// The priority classes that every region gets, and the priority of each.
    pub priority_classes: BTreeMap<String, i64>,
    /// The Pod Security level of namespaces whose pods need more than others.
    pub pod_security: BTreeMap<String, Level>,
    /// The regions.
    pub regions: BTreeMap<RegionName, Arc<Region>>,
    /// The pools of each region, by name.
    pub pools: BTreeMap<RegionName, BTreeMap<String, Arc<Region>>>,
    /// The tiers.
    pub tiers: BTreeMap<String, Arc<Tier>>,
    /// CPU of a replica that says nothing.
    pub cpu: Cpu,
    /// Memory of a replica that says nothing.
    pub memory: Bytes,
    /// The user and group that containers run as.
    pub user: u32,
    /// The team of a service that names none.
    pub team: Option<String>,
    /// The namespace of a service that names none.
    pub namespace: Option<String>,
    /// The pool of a service that names none.
    pub pool: Option<String>,
    /// Labels of all nodes of zones and pools.
    pub node_labels: BTreeMap<String, String>,
    /// Labels and annotations of every service.
    pub metadata: Metadata,
    /// What drills have measured.
    pub measured: Vec<Measured>,
    /// The fields of custom kinds that hold names, beside those that are known.
    pub references: Declared,
    /// Objects of its own.
    pub manifests: Vec<Manifest>,
    /// The effects that it accepts for services.
    pub accepts: Vec<Accept>,
    /// Where everything is written.
    pub document: Document,
    /// What of it is not meant as it stands here: regions and tiers that could not be read.
    pub doubts: Doubts,
}

/// What evens out the replicas of a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descheduler {
    /// Its version.
    pub version: descheduler::Version,
    /// How often it looks; none where nobody says.
    pub interval: Option<Duration>,
    /// The namespace in which it runs.
    pub namespace: Namespace,
    /// The ConfigMap that it reads.
    pub policy: String,
}

/// A region and its one cluster; or a pool of it, which is the same with other nodes.
#[derive(Clone, Debug)]
pub struct Region {
    /// Its name.
    pub name: RegionName,
    /// Its name where names must be short.
    pub short: String,
    /// The jurisdiction that data in it is under.
    pub geography: String,
    /// The place that its zones are in: clusters in one place fail together.
    pub location: String,
    /// Who runs it.
    pub provider: Provider,
    /// The name of its cluster.
    pub cluster: String,
    /// The environment that it belongs to; none for the default one.
    pub environment: Option<String>,
    /// The region that stands for its cluster: itself, unless regions of several environments name one
    /// cluster.
    pub host: RegionName,
    /// What its API server runs.
    pub kubernetes: Version,
    /// Its zones; at least one.
    pub zones: Vec<Zone>,
    /// Its pools of other nodes, as they are written.
    pub pools: Vec<written::Pool>,
    /// The pool whose nodes these are; none for those that every service may use.
    pub pool: Option<Arc<Pool>>,
    /// Its storage classes; the first is the default.
    pub storage: Vec<StorageClass>,
    /// Whether Velero runs there.
    pub velero: bool,
    /// Its version, where the fleet says.
    pub velero_version: Option<velero::Version>,
    /// The version of its VolSync, where the fleet says.
    pub volsync_version: Option<volsync::Version>,
    /// What evens out its replicas; none where nothing does.
    pub descheduler: Option<Descheduler>,
    /// Where Velero runs.
    pub backup_namespace: Namespace,
    /// Where Velero stores.
    pub backup_locations: Vec<BackupLocation>,
    /// Where Velero takes snapshots of volumes whose driver is not CSI.
    pub snapshot_locations: Vec<SnapshotLocation>,
    /// What databases need.
    pub postgresql: Option<PostgresqlPlatform>,
    /// Where object storage answers; none means anywhere.
    pub object_storage: Vec<String>,
    /// Where its API server answers; none means anywhere.
    pub api_server: Vec<String>,
    /// The registries from which it pulls with a credential.
    pub registries: Vec<PullSecret>,
    /// The ranges of its nodes, pods and Services; none means every private range.
    pub cluster_ranges: Vec<String>,
    /// How its backups run.
    pub backups: Backups,
    /// The node-local DNS cache.
    pub node_local_dns: Option<IpAddr>,
    /// The namespace of the gateway.
    pub gateway: Option<Namespace>,
    /// From where it connects, beside its pods.
    pub gateway_ranges: Vec<String>,
    /// How users get from it to services.
    pub entry: Option<Entry>,
    /// What takes alerts.
    pub prometheus: Option<Prometheus>,
    /// Whether KEDA runs there.
    pub keda: bool,
    /// Its control plane, where this fleet runs it.
    pub control_plane: Option<ControlPlane>,
    /// The region from which the tree is delivered to it.
    pub delivered_from: RegionName,
    /// Whether it is lost for now: nobody serves there, and nobody can move there.
    pub lost: bool,
}

/// What is declared of the Velero server of a region. What is not has a default in `decide`, and is
/// called assumed there.
#[derive(Clone, Copy, Debug)]
pub struct Backups {
    /// How many backups it runs at a time.
    pub concurrency: Option<u32>,
    /// How many Backups it may hold.
    pub max: Option<u64>,
    /// How fast one data mover copies in a second.
    pub throughput: Option<Bytes>,
    /// How long a backup may wait for those of other services.
    pub queue: Option<Duration>,
    /// How long the objects of one service take to collect.
    pub objects: Option<Duration>,
    /// What the snapshot of one volume is given.
    pub snapshot: Option<Duration>,
}

impl Fleet {
    /// The Pod Security level of a namespace of services, where `root` says whether one of them runs as
    /// root.
    pub fn level(&self, namespace: &Namespace, root: bool) -> Level {
        let declared = self.pod_security.get(namespace.as_str()).copied();
        Level::of(root).max(declared.unwrap_or(Level::Restricted))
    }

    /// The zone that a host name is in: the longest that fits.
    pub fn zone_of(&self, host: &str) -> Option<(&String, &DnsZone)> {
        let within = |zone: &str| {
            let rest = host.strip_suffix(zone);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let zones = self.dns.iter().filter(|(name, _)| within(name));
        zones.max_by_key(|(name, _)| name.len())
    }

    /// The image as `region` pulls it: from its mirror of the registry, where it has one.
    pub fn image_in(&self, region: &RegionName, image: &str) -> String {
        let registry = self.registries.get(image::registry(image));
        let mirror = registry.and_then(|registry| registry.mirrors.get(region.as_str()));
        mirror.map_or_else(|| image.to_owned(), |mirror| image::from(image, mirror))
    }

    /// The clusters: of each the region that stands for it.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &Region> {
        self.regions.values().map(|region| &**region).filter(|region| !region.is_guest())
    }

    /// All nodes, as they are apart: those of each region that every service may use, and its pools.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Region> {
        self.hosts().flat_map(|region| {
            let pools = self.pools.get(&region.name).into_iter().flat_map(BTreeMap::values);
            std::iter::once(region).chain(pools.map(|pool| &**pool))
        })
    }

    /// The names of its environments but the default one, sorted.
    pub(crate) fn environments(&self) -> BTreeSet<&str> {
        self.regions.values().filter_map(|region| region.environment.as_deref()).collect()
    }

    /// The regions of an environment, or of the default one.
    pub(crate) fn regions_of(
        &self,
        environment: Option<&str>,
    ) -> impl Iterator<Item = &Arc<Region>> {
        self.regions.values().filter(move |region| region.environment.as_deref() == environment)
    }

    /// The names of all regions that it writes, also of those that could not be read.
    pub(crate) fn region_names(&self) -> Vec<String> {
        region_names(self.regions.keys().map(RegionName::as_str), &self.doubts)
    }

    /// The place that a region is in, by the region's name; that of one outside the fleet is its name.
    pub fn place<'a>(&'a self, region: &'a str) -> &'a str {
        self.regions.get(&RegionName::new(region)).map_or(region, |region| &region.location)
    }
}

impl Region {
    /// The Secret with which it pulls an image, where it needs one.
    pub fn pull_secret(&self, image: &str) -> Option<&str> {
        let host = image::registry(image);
        let found = self.registries.iter().find(|registry| registry.host == host);
        found.map(|registry| registry.pull_secret.as_str())
    }

    /// The place in which what `location` holds is stored; that of a region outside the fleet is
    /// its name.
    pub fn place_of<'a>(&self, fleet: &'a Fleet, location: &'a BackupLocation) -> &'a str {
        let own = fleet.regions.get(&RegionName::new(location.stored_in.as_str()));
        own.map_or(location.stored_in.as_str(), |region| &region.location)
    }

    /// The geography in which what `location` holds is stored, as far as the fleet says.
    pub fn geography_of<'a>(
        &self,
        fleet: &'a Fleet,
        location: &'a BackupLocation,
    ) -> Option<&'a str> {
        let own = fleet.regions.get(&RegionName::new(location.stored_in.as_str()));
        own.map(|region| region.geography.as_str()).or(location.geography.as_deref())
    }

    /// The storage class called `name`, or the first where nobody says.
    pub fn class(&self, name: Option<&String>) -> Option<&StorageClass> {
        match name {
            Some(name) => self.storage.iter().find(|class| class.name == *name),
            None => self.storage.first(),
        }
    }

    /// The geography in which databases of this region archive, as far as the fleet says.
    pub fn geography_of_archive<'a>(&'a self, fleet: &'a Fleet) -> Option<&'a str> {
        let archive = self.postgresql.as_ref()?;
        let own = fleet.regions.get(&RegionName::new(archive.stored_in.as_str()));
        own.map(|region| region.geography.as_str()).or(archive.geography.as_deref())
    }

    /// How its etcd is saved.
    pub fn snapshots(&self) -> Option<&EtcdSnapshots> {
        self.control_plane.as_ref()?.snapshots.as_ref()
    }

    /// The geography in which snapshots of its etcd are stored, as far as the fleet says.
    pub fn geography_of_snapshots<'a>(&'a self, fleet: &'a Fleet) -> Option<&'a str> {
        let snapshots = self.snapshots()?;
        let own = fleet.regions.get(&RegionName::new(snapshots.stored_in.as_str()));
        own.map(|region| region.geography.as_str()).or(snapshots.geography.as_deref())
    }

    /// The folder of the bucket that `location`, one of this region's, writes to.
    pub fn prefix<'a>(&'a self, location: &'a BackupLocation) -> &'a str {
        location.prefix.as_deref().unwrap_or(&self.cluster)
    }

    /// The name of Velero's plugin, unless one is `written` (velero-plugin-for-{aws,gcp,
    /// microsoft-azure}); the model checked that there is one where the cloud is none of these.
    pub fn plugin<'a>(&self, written: Option<&'a String>) -> &'a str {
        match (written, self.provider) {
            (Some(plugin), _) => plugin,
            (None, Provider::Azure) => "azure",
            (None, Provider::Aws) => "aws",
            (None, Provider::Google) => "gcp",
            (None, Provider::Other) => "",
        }
    }
}

/// The level that a word of the fleet says.
fn level(word: PodSecurity) -> Level {
    match word {
        PodSecurity::Baseline => Level::Baseline,
        PodSecurity::Privileged => Level::Privileged,
    }
}

/// Fills the defaults of the fleet. What is wrong with it stops nothing here: its services are
/// still held against the rest.
pub(super) fn resolve(sink: &mut Sink, spec: Spec<crate::spec::Fleet>) -> Fleet {
    let mut spec = spec;
    let tiers = tier::resolve(sink, &mut spec);
    let Spec { value, document, doubts } = spec;
    let names = region_names(value.regions.keys().map(String::as_str), &doubts);
    let mut resolved = Vec::new();
    for (name, region) in value.regions {
        let mut reader = Reader { sink, document: &document, name: &name, names: &names };
        resolved.push(reader.read(region));
    }
    super::cluster::share(&mut resolved);
    let mut regions = BTreeMap::new();
    let mut pools = BTreeMap::new();
    for region in resolved {
        pools.insert(region.name.clone(), pool::views(&region));
        regions.insert(region.name.clone(), Arc::new(region));
    }
    let (delivery, installation) = super::delivery::resolve(value.delivery);
    let defaults = value.defaults;
    let known: Vec<&RegionName> = regions.keys().collect();
    let manifests = manifests::read(sink, &document, value.manifests, (&known, "the fleet has"));
    Fleet {
        inventory: value.inventory,
        delivery,
        installation,
        dns: value.dns,
        priority_classes: value.priority_classes,
        pod_security: value
            .pod_security
            .into_iter()
            .map(|(name, word)| (name, level(word)))
            .collect(),
        registries: value.registries,
        regions,
        pools,
        tiers,
        cpu: defaults.cpu.unwrap_or(Cpu::millis(250)),
        memory: defaults.memory.unwrap_or(Bytes::mebibytes(256)),
        user: defaults.user.unwrap_or(10_001),
        team: defaults.team,
        namespace: defaults.namespace,
        pool: defaults.placement.pool,
        node_labels: defaults.placement.labels,
        metadata: defaults.metadata,
        measured: value.measured,
        manifests,
        accepts: accepts(value.accept),
        references: references::read(sink, &document, value.references),
        document,
        doubts,
    }
}

fn accepts(written: Vec<written::AcceptedOf>) -> Vec<Accept> {
    let of =
        |one: written::AcceptedOf| Accept { rule: one.rule, reason: one.reason, until: one.until };
    written.into_iter().map(of).collect()
}

/// The names of all regions that a fleet writes: those that could be read, then the others.
fn region_names<'a>(read: impl Iterator<Item = &'a str>, doubts: &'a Doubts) -> Vec<String> {
    read.chain(doubts.names("regions")).map(str::to_owned).collect()
}

/// The place of a cluster, as the names of its zones tell it; else its own name.
fn location(provider: Provider, name: &str, zones: &[Zone]) -> String {
    let of_zone = zones.first().and_then(|zone| provider.place_of(&zone.name));
    of_zone.unwrap_or(name).to_owned()
}

struct Reader<'a> {
    sink: &'a mut Sink,
    document: &'a Document,
    name: &'a str,
    names: &'a [String],
}

impl Reader<'_> {
    fn read(&mut self, region: written::Region) -> Region {
        let name = self.name;
        let delivered_from = region.delivered_from.unwrap_or_else(|| name.to_owned());
        let place = self.document.at(&["regions", name, "delivered_from"]);
        known_region(self.sink, place, &delivered_from, self.names);
        let velero = region.backup.is_some();
        let backup = region.backup.unwrap_or_default();
        let namespace = backup.namespace.unwrap_or_else(|| "velero".to_owned());
        Region {
            name: RegionName::new(name),
            short: region.short.unwrap_or_else(|| name.to_owned()),
            geography: region.geography,
            location: location(region.provider, name, &region.zones),
            provider: region.provider,
            cluster: region.cluster,
            environment: region.environment,
            host: RegionName::new(name),
            kubernetes: self.version(&region.kubernetes),
            zones: region.zones,
            pools: region.pools,
            pool: None,
            storage: region.storage,
            velero,
            velero_version: region.velero.and_then(|text| self.velero_version(&text)),
            volsync_version: region.volsync.and_then(|text| self.volsync_version(&text)),
            descheduler: region.descheduler.and_then(|written| self.descheduler(written)),
            backup_namespace: Namespace::new(namespace),
            backup_locations: backup.locations,
            snapshot_locations: backup.snapshot_locations,
            postgresql: region.postgresql,
            object_storage: region.object_storage,
            api_server: region.api_server,
            registries: region.registries,
            cluster_ranges: region.cluster_ranges,
            keda: region.keda,
            backups: Backups {
                concurrency: backup.concurrency,
                max: backup.max_backups,
                throughput: backup.throughput,
                queue: backup.queue,
                objects: backup.objects,
                snapshot: backup.snapshot,
            },
            node_local_dns: region.dns.node_local.and_then(|text| self.address(&text)),
            gateway: region.gateway.map(Namespace::new),
            gateway_ranges: region.gateway_ranges,
            entry: region.entry,
            prometheus: region.prometheus,
            control_plane: region.control_plane,
            delivered_from: RegionName::new(delivered_from),
            lost: region.lost,
        }
    }

    fn version(&mut self, text: &str) -> Version {
        let place = self.document.at(&["regions", self.name, "kubernetes"]);
        let known = (version::OLDEST, version::NEWEST);
        let finding = match text.parse::<Version>() {
            Ok(version) if version >= known.0 && version <= known.1 => return version,
            Ok(version) if version < known.0 => Diagnostic::new(
                Code::KUBERNETES_VERSION,
                format!(
                    "`{}` runs Kubernetes {version}, the oldest that will do is {}",
                    self.name, known.0
                ),
            )
            .note("older ones lack fields that keep pods spread and drains moving")
            .help("upgrade the cluster, then write its version here"),
            Ok(version) => Diagnostic::new(
                Code::KUBERNETES_VERSION,
                format!("Kubernetes {version} is newer than this version of Ninefold knows"),
            )
            .help(format!("up to {} is known; use a newer Ninefold", known.1)),
            Err(()) => {
                Diagnostic::new(Code::WRONG_VALUE, format!("`{text}` is no Kubernetes version"))
                    .help("it is written like `1.34`")
            }
        };
        self.sink.error(finding.at(place, ""));
        version::OLDEST
    }

    fn velero_version(&mut self, text: &str) -> Option<velero::Version> {
        let version = text.parse().ok();
        if version.is_none() {
            self.sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{text}` is not a version of Velero"))
                    .at(self.document.at(&["regions", self.name, "velero"]), "")
                    .help("it is written like `1.18.4`, as `velero version` prints of the server"),
            );
        }
        version
    }

    fn volsync_version(&mut self, text: &str) -> Option<volsync::Version> {
        let version = text.parse().ok();
        if version.is_none() {
            self.sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{text}` is not a version of VolSync"))
                    .at(self.document.at(&["regions", self.name, "volsync"]), "")
                    .help("it is written like `0.16.0`, as its image is tagged"),
            );
        }
        version
    }

    fn descheduler(&mut self, written: written::Descheduler) -> Option<Descheduler> {
        let Ok(version) = written.version.parse() else {
            let message = format!("`{}` is no version of the descheduler", written.version);
            let at = self.document.at(&["regions", self.name, "descheduler", "version"]);
            self.sink.error(
                Diagnostic::new(Code::WRONG_VALUE, message)
                    .at(at, "")
                    .help("it is written like `0.34.0`, as its image is tagged"),
            );
            return None;
        };
        let namespace = written.namespace.unwrap_or_else(|| descheduler::NAMESPACE.to_owned());
        Some(Descheduler {
            version,
            interval: written.interval,
            namespace: Namespace::new(namespace),
            policy: written.policy.unwrap_or_else(|| descheduler::POLICY.to_owned()),
        })
    }

    fn address(&mut self, text: &str) -> Option<IpAddr> {
        let address = text.parse().ok();
        if address.is_none() {
            self.sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{text}` is not an address"))
                    .at(self.document.at(&["regions", self.name, "dns", "node_local"]), "")
                    .help("it is written like `169.254.20.10`"),
            );
        }
        address
    }
}

/// Reports that `region`, which stands at `place`, is not one of the fleet's, unless it is.
pub(crate) fn known_region(sink: &mut Sink, place: Span, region: &str, known: &[String]) {
    if known.iter().any(|name| name == region) {
        return;
    }
    sink.error(
        Diagnostic::new(Code::UNKNOWN_REGION, format!("the fleet has no region `{region}`"))
            .at(place, "")
            .help(diag::did_you_mean(region, known.iter().map(String::as_str))),
    );
}

/// The type of a record that points at an address.
pub(crate) fn record_type(address: &str) -> &'static str {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => "A",
        Ok(IpAddr::V6(_)) => "AAAA",
        Err(_) => "CNAME",
    }
}
