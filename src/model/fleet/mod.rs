//! The fleet: regions, and what stands in them.

mod read; // from the spec

use super::Accept;
use super::delivery::Installation;
use super::manifests::Manifest;
use super::pool::Pool;
use super::tier::Tier;
use crate::kube::pod_security::Level;
use crate::kube::references::Declared;
use crate::kube::version::Version;
use crate::kube::{Namespace, RegionName, descheduler, image, velero, volsync};
use crate::quantity::{Bytes, Cpu, Date, Duration};
use crate::spec::fleet::{
    BackupLocation, ControlPlane, Delivery, DnsZone, Entry, EtcdSnapshots, Measured, PodSecurity,
    PostgresqlPlatform, Prometheus, Provider, PullSecret, Registry, SnapshotLocation, StorageClass,
    Zone,
};
use crate::spec::service::Metadata;
use crate::spec::{Document, Doubts, fleet as written};
use read::region_names;
pub(super) use read::resolve;
pub(crate) use read::{known_region, record_type};
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
    pub metadata: Arc<Metadata>,
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
    /// The regions that are lost for now.
    pub fn lost(&self) -> impl Iterator<Item = &RegionName> + Clone {
        self.regions.values().filter(|region| region.lost).map(|region| &region.name)
    }

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
