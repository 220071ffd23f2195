//! The fleet file, as written: `specs/fleet.toml`.

mod backup; //        the Velero server of a region
mod control_plane; // the control plane of a region
mod delivery; //      what delivers, and from where
mod descheduler; //   what evens out replicas
mod place; //         where a cluster stands: its cloud, zones and storage
mod tier; //          what is changed of the tiers

pub use self::backup::{BackupLocation, BackupServer, SecretKey, SnapshotLocation};
pub use self::control_plane::{ControlPlane, EtcdSnapshots, Machines, Upload};
pub use self::delivery::{Delivered, DeliveredFrom};
pub use self::descheduler::Descheduler;
pub use self::place::{Pool, StorageClass, Zone};
pub use self::tier::{Tier, TierBackup};
pub use crate::kube::engines::delivery::Delivery;
pub use crate::kube::engines::traffic::{DnsEngine, DnsProvider};
pub use crate::words::{Binding, Challenge, Provider, Spread, Step, Stored, Survives, Topology};

use super::service::{Manifest, Metadata};
use crate::quantity::{Bytes, Cpu, Date, Duration};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// An effect of a change that is accepted for a service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedOf {
    /// The service; `fleet` for what services share.
    pub service: String,
    /// The name of the effect: `service-removed`.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// The last day on which it is accepted, measured against the date of the inventory.
    pub until: Date,
}

/// What the platform team declares: where services run, and what a tier means.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// The day on which the facts in this file were taken.
    pub inventory: Date,
    /// What delivers the tree to the clusters. Default: `kubectl`.
    #[serde(default)]
    pub delivery: Delivered,
    /// The DNS zones in which records are made, by name: `[dns."example.com"]`. Default: none; who
    /// has a zone makes the records.
    #[serde(default)]
    pub dns: BTreeMap<String, DnsZone>,
    /// The registries that images come from, by host: `[registries."registry.example.com"]`.
    /// Default: nobody says where they are, and the pages ask.
    #[serde(default)]
    pub registries: BTreeMap<String, Registry>,
    /// The priority classes that every region gets, and the priority of each: `gold = 100000`. A tier
    /// gives one to its pods by `priority_class`. Under one name the priority never changes: the API
    /// server refuses that. Default: none; those that tiers name exist in the clusters.
    #[serde(default)]
    pub priority_classes: BTreeMap<String, i64>,
    /// The regions, by name.
    pub regions: BTreeMap<String, Region>,
    /// Changes to the built-in tiers, and tiers of one's own, by name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Tier>")]
    pub tiers: BTreeMap<String, toml::Table>,
    /// The fields of custom kinds that hold the name of an object, by group and kind, and the kind of
    /// what they name: `"keda.sh/ScaledObject" = { "spec.scaleTargetRef.name" = "Deployment" }`; `[]`
    /// stands for every item of a list. Those of common kinds are known.
    #[serde(default)]
    pub references: BTreeMap<String, BTreeMap<String, String>>,
    /// Objects of the fleet's own, as they are, in every region or in some.
    #[serde(default)]
    pub manifests: Vec<Manifest>,
    /// Effects of a change that are accepted for a service: one whose spec goes with the change, or
    /// `fleet` for what services share.
    #[serde(default)]
    pub accept: Vec<AcceptedOf>,
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

/// The credential of a registry, as a cluster has it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PullSecret {
    /// The host of the registry: `registry.example.com`.
    pub host: String,
    /// The name of a Secret of type `kubernetes.io/dockerconfigjson`, in the namespace of every
    /// service whose image comes from there.
    pub pull_secret: String,
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
    /// How much was moved, for what moves data: a restore, or the base backup of a database. What is
    /// promised is scaled to what the volumes hold. Default: unknown, and then it counts for no less
    /// than a data mover of the declared throughput takes.
    pub bytes: Option<Bytes>,
    /// The day.
    pub on: Date,
    /// In which drill, or by whom; for whoever reads the proof.
    pub source: String,
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
    /// The environment that it belongs to: `staging`. Services run here as their specs say in
    /// `[environments.staging]`. Default: the default environment, of which a spec speaks at its top.
    pub environment: Option<String>,
    /// The Kubernetes version, `1.34`.
    pub kubernetes: String,
    /// The version of its Velero, `1.18.4`. Default: unknown, and taken for one that does what is asked of
    /// it.
    pub velero: Option<String>,
    /// Its zones, under the values of the label `topology.kubernetes.io/zone`.
    #[schemars(length(min = 1))]
    pub zones: Vec<Zone>,
    /// Nodes beside those of `zones`, for services that name them: `placement.pool`.
    #[serde(default)]
    pub pools: Vec<Pool>,
    /// Its storage classes; the first is the default.
    #[serde(default)]
    pub storage: Vec<StorageClass>,
    /// Its Velero. Default: none, and nothing that rests on backups is promised there.
    pub backup: Option<BackupServer>,
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
    /// The registries from which its cluster pulls with a credential. Default: none.
    #[serde(default)]
    pub registries: Vec<PullSecret>,
    /// Ranges of addresses of the nodes, pods and Services of the cluster: a service that calls a host
    /// outside cannot reach them that way. Default: every private range.
    #[serde(default)]
    pub cluster_ranges: Vec<String>,
    /// Its name resolution.
    #[serde(default)]
    pub dns: Dns,
    /// The namespace of the gateway that lets users in. Default: none does.
    pub gateway: Option<String>,
    /// How users get from that gateway to a service. Default: nothing leads to the hosts of services.
    pub entry: Option<Entry>,
    /// The Prometheus operator of its cluster; its Prometheus also reads kube-state-metrics, Velero's
    /// server, and, where it is used, VolSync. Databases get a PodMonitor. Default: no alerts are made.
    pub prometheus: Option<Prometheus>,
    /// Whether KEDA runs in its cluster, for services with `triggers`. Default: no.
    #[serde(default)]
    pub keda: bool,
    /// Its descheduler, which evens out replicas after a lost zone is back. Default: none, and what is
    /// claimed of a zone is claimed of the first loss.
    pub descheduler: Option<Descheduler>,
    /// Its control plane, where this fleet runs it. Default: nothing is made for it.
    pub control_plane: Option<ControlPlane>,
    /// The region from which the tree is delivered to this one: where that Argo CD or Flux runs.
    /// Default: this one.
    pub delivered_from: Option<String>,
}

/// What takes the alerts of a region, and the metrics of services. One Prometheus watches one cluster.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prometheus {
    /// The labels by which it selects rules and monitors (`ruleSelector`, `podMonitorSelector`).
    /// Default: none; it takes all.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Where the committed tree is read, `https://git.example.com/fleet/out/`: each alert then
    /// leads to its runbook there. Default: an alert tells the path.
    pub runbooks: Option<String>,
    /// The namespace in which it runs: from there, services and their databases answer with their
    /// metrics. Default: `monitoring`.
    pub namespace: Option<String>,
}

/// How users get into a region: a Gateway, or the controller of an IngressClass, in the namespace of
/// `gateway`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The name of the Gateway; services then get an HTTPRoute. Default: none.
    pub gateway: Option<String>,
    /// The listener of the Gateway. Default: any that fits.
    pub listener: Option<String>,
    /// The name of the IngressClass; services then get an Ingress. Default: none.
    pub class: Option<String>,
    /// Where it answers: a host name or an address, to which ExternalDNS points names. Default:
    /// none.
    pub address: Option<String>,
    /// How whoever issues its certificates is shown that a host is ours. Default: nobody says, and
    /// the pages ask.
    pub challenge: Option<Challenge>,
}

/// A DNS zone, and who makes the records in it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DnsZone {
    /// Who makes them.
    pub engine: DnsEngine,
    /// Who serves the zone. For `external-dns`; only `aws` can send users to a region by its
    /// health. Default: none.
    pub provider: Option<DnsProvider>,
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
    /// The geography of that region; for a region that is none of this fleet's. Default: none.
    pub geography: Option<String>,
    /// The namespace of the operator. Default: `cnpg-system`.
    pub operator: Option<String>,
}

/// Name resolution in a cluster.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// The address of the node-local cache, where there is one. Default: none.
    pub node_local: Option<String>,
}

/// On which nodes a service runs unless it says otherwise.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DefaultPlacement {
    /// The pool of nodes, which every region has: `pool = "none"` in a spec is for the nodes of `zones`.
    /// Default: those.
    pub pool: Option<String>,
    /// Labels of all nodes in `zones` and `pools`, by which pods tell them from others of the cluster:
    /// `{ "kubernetes.io/os" = "linux" }`. Default: none.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// What a service has unless it says otherwise.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// CPU that a replica needs. Default: `250m`.
    pub cpu: Option<Cpu>,
    /// Memory that a replica needs. Default: `256Mi`.
    pub memory: Option<Bytes>,
    /// The user that containers run as. Default: 10001.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub user: Option<u32>,
    /// The team that answers for a service that names none. Default: none.
    pub team: Option<String>,
    /// The namespace of a service that names none. Default: the name of the service.
    pub namespace: Option<String>,
    /// On which nodes a service runs.
    #[serde(default)]
    pub placement: DefaultPlacement,
    /// Labels and annotations of every service, which may say others under the same keys.
    #[serde(default)]
    pub metadata: Metadata,
}
