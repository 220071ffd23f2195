//! The fleet file, as written: `specs/fleet.toml`.

use super::quantity::{Bytes, Cpu, Date, Duration};
use super::service::Strategy;
pub use crate::kube::delivery::Delivery;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the platform team declares: where services run, and what a tier means.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// The day on which the facts in this file were taken.
    pub inventory: Date,
    /// What delivers the tree to the clusters. Default: `kubectl`.
    #[serde(default)]
    pub delivery: Delivery,
    /// The DNS zones in which records are made, by name: `[dns."example.com"]`. Default: none; who
    /// has a zone makes the records.
    #[serde(default)]
    pub dns: BTreeMap<String, DnsZone>,
    /// The registries that images come from, by host: `[registries."registry.example.com"]`.
    /// Default: nobody says where they are, and the pages ask.
    #[serde(default)]
    pub registries: BTreeMap<String, Registry>,
    /// The regions, by name.
    pub regions: BTreeMap<String, Region>,
    /// Changes to the built-in tiers, and tiers of one's own, by name.
    #[serde(default)]
    pub tiers: BTreeMap<String, Tier>,
    /// What a service has unless it says otherwise.
    #[serde(default)]
    pub defaults: Defaults,
    /// What drills have measured, in place of what is assumed.
    #[serde(default)]
    pub measured: Vec<Measured>,
}

/// A registry of images, and where it keeps them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// The regions of this fleet in which it keeps its images: it answers while one of them stands.
    #[serde(default)]
    pub stored_in: Vec<String>,
    /// Whether it keeps them in a place that is none of these regions, too. Default: no.
    #[serde(default)]
    pub elsewhere: bool,
    /// By region, the host of a registry in that region with the same images: they are pulled from
    /// there, by the same digest. Default: every region pulls from this one.
    #[serde(default)]
    pub mirrors: BTreeMap<String, String>,
}

/// How long something took in a drill.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The service that it holds for. Default: every one.
    pub service: Option<String>,
    /// The region in which it was done: the one that took over, for the loss of another. Default:
    /// every one.
    pub region: Option<String>,
    /// What was measured.
    pub what: Step,
    /// How long it took.
    pub took: Duration,
    /// The day.
    pub on: Date,
    /// In which drill, or by whom; for whoever reads the proof.
    pub source: String,
}

/// A part of a recovery that a drill can measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Until it is seen that a region or the data is lost.
    Detection,
    /// Until a person has decided what to do.
    Decision,
    /// Until the objects of a service are restored.
    Objects,
    /// Until the data of a service is restored.
    Restore,
    /// Until the base backup of a database is copied back.
    Base,
    /// Until the log of a database is replayed up to the moment that it goes back to.
    Replay,
    /// Until the copy of replicated data leads.
    Promotion,
    /// Until an image is on a node that does not have it.
    Pull,
    /// Until traffic goes to another region.
    Switch,
}

impl Step {
    /// Longer than any: what takes longer is no recovery.
    pub const LONGEST: Duration = Duration::minutes(7 * 24 * 60);

    /// All of them.
    pub const ALL: [Step; 9] = [
        Step::Detection,
        Step::Decision,
        Step::Objects,
        Step::Restore,
        Step::Base,
        Step::Replay,
        Step::Promotion,
        Step::Pull,
        Step::Switch,
    ];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Step::Detection => "detection",
            Step::Decision => "decision",
            Step::Objects => "objects",
            Step::Restore => "restore",
            Step::Base => "base",
            Step::Replay => "replay",
            Step::Promotion => "promotion",
            Step::Pull => "pull",
            Step::Switch => "switch",
        }
    }
}

/// A region: one cluster, and what is around it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// A short form of its name, where names must be short. Default: the name.
    pub short: Option<String>,
    /// The jurisdiction that data in it is under: `us`, `eu`.
    pub geography: String,
    /// Who runs it.
    pub provider: Provider,
    /// The name of the cluster.
    pub cluster: String,
    /// The Kubernetes version, `1.34`.
    pub kubernetes: String,
    /// Its zones, under the values of the label `topology.kubernetes.io/zone`.
    #[schemars(length(min = 1))]
    pub zones: Vec<Zone>,
    /// Its storage classes; the first is the default.
    #[serde(default)]
    pub storage: Vec<StorageClass>,
    /// Its backup server.
    pub backup: BackupServer,
    /// What databases of CloudNativePG need. Default: no service has one here.
    pub postgresql: Option<PostgresqlPlatform>,
    /// Ranges of addresses at which object storage answers on port 443, for what copies data to it
    /// from the namespaces of services. Default: any.
    #[serde(default)]
    pub object_storage: Vec<String>,
    /// Ranges of addresses at which the API server of the cluster answers, for the databases that
    /// report to it: no selector of a network policy names it. Default: any.
    #[serde(default)]
    pub api_server: Vec<String>,
    /// Its name resolution.
    #[serde(default)]
    pub dns: Dns,
    /// The namespace of the gateway that lets users in. Default: none does.
    pub gateway: Option<String>,
    /// How users get from that gateway to a service. Default: nothing leads to the hosts of services.
    pub entry: Option<Entry>,
    /// The Prometheus operator of its cluster; its Prometheus also reads kube-state-metrics, Velero's
    /// server, and, where they are used, VolSync's and the databases. Default: no alerts are made.
    pub prometheus: Option<Prometheus>,
    /// Its control plane, where this fleet runs it. Default: nothing is made for it.
    pub control_plane: Option<ControlPlane>,
    /// The region from which the tree is delivered to this one: where that Argo CD or Flux runs.
    /// Default: this one.
    pub delivered_from: Option<String>,
}

/// A control plane that this fleet runs itself, as kubeadm sets it up. That of a managed cluster is
/// out of reach.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlPlane {
    /// Whether its etcd can be reached. Default: where the provider is `other`.
    pub self_managed: Option<bool>,
    /// How its etcd is saved. Default: it is not; what the cluster should run is in the tree.
    pub snapshots: Option<EtcdSnapshots>,
    /// Its worker nodes, where Cluster API makes them from within. Default: nobody replaces one.
    pub machines: Option<Machines>,
}

/// Snapshots of the etcd of a cluster.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EtcdSnapshots {
    /// The image of etcd, of the minor version that the servers run; with `etcdctl` and `etcdutl`.
    pub image: String,
    /// How often. Default: `1h`.
    pub every: Option<Duration>,
    /// The region in which they are stored; not this one.
    pub stored_in: String,
    /// The most that a snapshot takes. Default: `16Gi`.
    pub size: Option<Bytes>,
    /// What takes them there.
    pub upload: Upload,
}

/// What uploads a snapshot.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// Its image.
    pub image: String,
    /// Its arguments. The file is `/snapshot/snapshot.db`; `$(SNAPSHOT)` is a name that no other
    /// snapshot has.
    pub args: Vec<String>,
    /// A Secret in `kube-system` whose keys become its environment. Default: none.
    pub secret: Option<String>,
}

/// The Cluster of Cluster API that a cluster is to itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Machines {
    /// The name of the Cluster.
    pub cluster: String,
    /// Its namespace.
    pub namespace: String,
}

/// What takes the alerts of a region. One Prometheus watches one cluster.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prometheus {
    /// The labels by which it selects rules (`ruleSelector`). Default: none; it takes all.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Where the committed tree is read, `https://git.example.com/fleet/out/`: each alert then
    /// leads to its runbook there. Default: an alert tells the path.
    pub runbooks: Option<String>,
    /// The namespace in which it runs: from there, the databases of services answer with their
    /// metrics. Default: `monitoring`.
    pub namespace: Option<String>,
}

/// How users get into a region: a Gateway, or the controller of an IngressClass, in the namespace of
/// `gateway`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The name of the Gateway; services then get an HTTPRoute.
    pub gateway: Option<String>,
    /// The listener of the Gateway. Default: any that fits.
    pub listener: Option<String>,
    /// The name of the IngressClass; services then get an Ingress.
    pub class: Option<String>,
    /// Where it answers: a host name or an address, to which ExternalDNS points names.
    pub address: Option<String>,
    /// How whoever issues its certificates is shown that a host is ours. Default: nobody says, and
    /// the pages ask.
    pub challenge: Option<Challenge>,
}

/// How an issuer of certificates is shown that a host is ours (RFC 8555, section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Challenge {
    /// By a record of its zone: anywhere.
    #[serde(rename = "dns-01")]
    Dns01,
    /// By an answer under the host: only where the host leads to.
    #[serde(rename = "http-01")]
    Http01,
}

/// A DNS zone, and who makes the records in it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DnsZone {
    /// Who makes them.
    pub engine: DnsEngine,
    /// Who serves the zone. For `external-dns`; only `aws` can send users to a region by its health.
    pub provider: Option<DnsProvider>,
}

/// Who makes records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DnsEngine {
    /// ExternalDNS, which reads objects of the kind DNSEndpoint (`--source=crd`).
    ExternalDns,
    /// k8gb, whose clusters answer for the zone themselves. The geo tag of a cluster is the name of
    /// its region.
    K8gb,
}

/// Who serves a DNS zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DnsProvider {
    /// Amazon Route 53.
    Aws,
    /// Azure DNS.
    Azure,
    /// Google Cloud DNS.
    Google,
    /// Cloudflare.
    Cloudflare,
    /// Anything else.
    Other,
}

impl DnsProvider {
    /// Whether ExternalDNS can give it several records of one name and say who gets which: no other
    /// provider of its tree reads `setIdentifier` (external-dns `provider/*`, 0.22).
    pub fn routes(self) -> bool {
        self == DnsProvider::Aws
    }
}

/// A cloud, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// Microsoft Azure.
    Azure,
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Google,
    /// Anything else.
    Other,
}

impl Provider {
    /// The place that a zone is in, by its name: `eastus2` for `eastus2-1` on Azure, `us-east-1`
    /// for `us-east-1a` on AWS, `us-east1` for `us-east1-b` on Google. None where the name is not
    /// of that form, and where names say nothing.
    pub fn place_of(self, zone: &str) -> Option<&str> {
        let letter = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_lowercase());
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match self {
            Provider::Azure => {
                zone.rsplit_once('-').filter(|(_, number)| digits(number)).map(|(place, _)| place)
            }
            Provider::Google => {
                zone.rsplit_once('-').filter(|(_, rest)| letter(rest)).map(|(place, _)| place)
            }
            Provider::Aws => zone
                .split_at_checked(zone.len().saturating_sub(1))
                .filter(|(place, rest)| {
                    letter(rest) && place.ends_with(|c: char| c.is_ascii_digit())
                })
                .map(|(place, _)| place),
            Provider::Other => None,
        }
    }
}

/// A zone, and the nodes that services may use in it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// The value of the label: `eastus2-1`.
    pub name: String,
    /// How many nodes.
    #[schemars(range(min = 1, max = 5000))]
    pub nodes: u32,
    /// CPU that pods may request on all of them together.
    pub cpu: Cpu,
    /// Memory that pods may request on all of them together.
    pub memory: Bytes,
}

/// A storage class.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StorageClass {
    /// Its name.
    pub name: String,
    /// What a volume survives.
    pub topology: Topology,
    /// When a volume is made.
    pub binding: Binding,
    /// The VolumeSnapshotClass for its driver. Default: it takes no snapshots.
    pub snapshots: Option<String>,
    /// How the storage keeps copies, in the provider's words: `ZRS`. Words that are known are held
    /// against `topology`.
    pub redundancy: Option<String>,
}

/// What a volume survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Topology {
    /// It stands in one zone and goes with it.
    Zone,
    /// It survives the loss of a zone.
    Region,
}

/// When a volume is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Binding {
    /// Where and when its pod is scheduled.
    WaitForFirstConsumer,
    /// At once, in any zone.
    Immediate,
}

/// The Velero server of a region.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupServer {
    /// Its namespace. Default: `velero`.
    pub namespace: Option<String>,
    /// Its backup storage locations; the first that satisfies the tier is used.
    #[schemars(length(min = 1))]
    pub locations: Vec<BackupLocation>,
    /// Where it takes snapshots of volumes whose driver is not CSI. Default: nowhere.
    #[serde(default)]
    pub snapshot_locations: Vec<SnapshotLocation>,
    /// How many backups it runs at a time (`--concurrent-backups`). Default: 1.
    #[schemars(range(min = 1, max = 100))]
    pub concurrency: Option<u32>,
    /// How fast one data mover copies in a second. Default: `50Mi`.
    pub throughput: Option<Bytes>,
    /// How long a backup may wait for those of other services: it counts in every RPO, and is
    /// proven for all of them together. Default: a third of the time between two backups of the
    /// service, `1h` at most.
    pub queue: Option<Duration>,
    /// How long the objects of one service take to collect at worst. Default: `1m`.
    pub objects: Option<Duration>,
    /// What the snapshot of one volume is given; less where backups must be frequent, but never
    /// below `1m` or what is written here. Default: `2m`.
    pub snapshot: Option<Duration>,
}

/// A BackupStorageLocation.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupLocation {
    /// Its name.
    pub name: String,
    /// The region in which what it holds is stored.
    pub stored_in: String,
    /// The geography of that region; for a region that is none of this fleet's.
    pub geography: Option<String>,
    /// The bucket that it writes to; on Azure, the container. With it, Ninefold makes the
    /// BackupStorageLocation, and one to read it in every region that restores from it. Default:
    /// somebody else makes them, under the name above.
    pub bucket: Option<String>,
    /// The folder in the bucket. Default: the name of the cluster, as no two may share one.
    pub prefix: Option<String>,
    /// The name of Velero's plugin. Default: that of the region's cloud.
    pub provider: Option<String>,
    /// What the plugin is told, as text: `resourceGroup`, `storageAccount`, `region`, …
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// The Secret that opens the bucket. Default: what Velero is installed with.
    pub credential: Option<SecretKey>,
}

/// A VolumeSnapshotLocation: for volumes whose driver is not CSI. Those of CSI drivers need none.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotLocation {
    /// Its name.
    pub name: String,
    /// The name of Velero's plugin. Default: that of the region's cloud.
    pub provider: Option<String>,
    /// What the plugin is told, as text: `resourceGroup`, `region`, …
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// The Secret that lets it take snapshots. Default: what Velero is installed with.
    pub credential: Option<SecretKey>,
}

/// A key of a Secret that exists in Velero's namespace. Its content is never read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretKey {
    /// The name of the Secret.
    pub name: String,
    /// The key in it. Default: `cloud`.
    pub key: Option<String>,
}

/// What databases of CloudNativePG need in a region.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostgresqlPlatform {
    /// Where they archive: the name of an ObjectStore of the Barman Cloud plugin, which the platform
    /// makes in the namespace of each database, with the credential and how long it keeps.
    pub archive: String,
    /// The region in which the archive is stored.
    pub stored_in: String,
    /// The geography of that region; for a region that is none of this fleet's.
    pub geography: Option<String>,
    /// The namespace of the operator. Default: `cnpg-system`.
    pub operator: Option<String>,
}

/// Name resolution in a cluster.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// The address of the node-local cache, where there is one.
    pub node_local: Option<String>,
}

/// What a tier means. In a fleet, a field that is left out keeps its built-in value.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The tier that one's own tier is made from.
    pub like: Option<String>,
    /// What it survives without losing the peak.
    pub survives: Option<Survives>,
    /// The share of the year, in percent, for which it serves.
    #[schemars(range(min = 0, max = 100))]
    pub availability: Option<f64>,
    /// The fewest regions.
    #[schemars(range(min = 1, max = 10))]
    pub regions: Option<u32>,
    /// The fewest zones in each region in which it runs.
    #[schemars(range(min = 1, max = 10))]
    pub zones: Option<u32>,
    /// Replicas that carry the peak unless the service says.
    #[schemars(range(min = 1, max = 100))]
    pub peak: Option<u32>,
    /// The fewest replicas.
    #[schemars(range(min = 1, max = 100))]
    pub replicas: Option<u32>,
    /// How replicas spread over zones.
    pub zone_spread: Option<Spread>,
    /// How replicas spread over nodes.
    pub host_spread: Option<Spread>,
    /// Replicas above the wanted number during a rollout.
    #[schemars(range(min = 0, max = 100))]
    pub surge: Option<u32>,
    /// Replicas below the wanted number during a rollout.
    #[schemars(range(min = 0, max = 100))]
    pub unavailable: Option<u32>,
    /// How long a new pod must be ready before it counts.
    pub min_ready: Option<Duration>,
    /// How long a pod stays on a node that is lost, before another takes its place.
    pub node_loss: Option<Duration>,
    /// How long a pod goes on serving while it is taken out of the endpoints.
    pub settle: Option<Duration>,
    /// How long work in flight may take after that.
    pub drain: Option<Duration>,
    /// The limit of CPU as a multiple of the request; 0 means no limit.
    #[schemars(range(min = 0, max = 100))]
    pub cpu_burst: Option<u32>,
    /// The PriorityClass, by name. It must exist in the cluster.
    pub priority_class: Option<String>,
    /// Former generations that stay in the tree.
    #[schemars(range(max = 10))]
    pub retain: Option<u32>,
    /// The recovery strategies that it allows, the default for several regions first.
    #[schemars(length(min = 1))]
    pub strategies: Option<Vec<Strategy>>,
    /// The share of the peak, in percent, that a warm standby runs.
    #[schemars(range(min = 1, max = 100))]
    pub standby: Option<u32>,
    /// How old a measurement may be that its promises rest on, on the day of the inventory.
    /// Default: any age.
    pub evidence: Option<Duration>,
    /// How it backs up; `every` is the longest time between backups, where no RPO asks for a shorter.
    pub backup: Option<TierBackup>,
}

/// How a tier backs up.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierBackup {
    /// The longest time between backups.
    pub every: Option<Duration>,
    /// How long backups are kept.
    pub keep: Option<Duration>,
    /// Where they are stored.
    pub stored: Option<Stored>,
    /// In how many locations the backups of a service with volumes are, the first of them where
    /// `stored` says.
    #[schemars(range(min = 1, max = 2))]
    pub copies: Option<u32>,
    /// How many runs in a row may fail.
    #[schemars(range(max = 10))]
    pub failed_runs: Option<u32>,
    /// The least time that a backup is given.
    pub duration: Option<Duration>,
}

/// What a tier survives without losing the peak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Survives {
    /// The loss of a pod, after its restart.
    Pod,
    /// The loss of a node.
    Node,
    /// The loss of a zone.
    Zone,
    /// The loss of a region.
    Region,
}

/// How replicas spread over failure domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// Not asked for.
    None,
    /// Wished for.
    Preferred,
    /// A pod that would break it is not scheduled.
    Required,
    /// Required where every replica and the surge have a node of their own, else preferred.
    RequiredWhereItFits,
}

/// Where backups are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stored {
    /// In any location of the region.
    Anywhere,
    /// In another region.
    OtherRegion,
}

/// What a service has unless it says otherwise.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// CPU that a replica needs. Built in: `250m`.
    pub cpu: Option<Cpu>,
    /// Memory that a replica needs. Built in: `256Mi`.
    pub memory: Option<Bytes>,
    /// The user that containers run as. Built in: 10001.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub user: Option<u32>,
    /// The team that answers for a service that names none.
    pub team: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_tells_its_place_where_the_provider_names_it_so() {
        assert_eq!(Provider::Azure.place_of("eastus2-1"), Some("eastus2"));
        assert_eq!(Provider::Azure.place_of("0"), None);
        assert_eq!(Provider::Google.place_of("us-east1-b"), Some("us-east1"));
        assert_eq!(Provider::Google.place_of("us-east1"), None);
        assert_eq!(Provider::Aws.place_of("us-east-1a"), Some("us-east-1"));
        assert_eq!(Provider::Aws.place_of("use1-az1"), None);
        assert_eq!(Provider::Aws.place_of(""), None);
        assert_eq!(Provider::Other.place_of("rack-1"), None);
    }
}
