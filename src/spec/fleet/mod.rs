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
pub use crate::words::{
    Binding, Challenge, PodSecurity, Provider, Spread, Step, Stored, Survives, Topology,
};

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
    #[schemars(extend("examples" = ["checkout", "fleet"]))]
    pub service: String,
    /// The name of the effect: `service-removed`.
    #[schemars(example = &"service-removed")]
    pub rule: String,
    /// Why it is accepted.
    #[schemars(example = &"nobody has called it since June")]
    pub reason: String,
    /// The last day on which it is accepted, measured against the date of the inventory.
    pub until: Date,
}

/// What the platform team declares: where services run, and what a tier means.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// The day on which the facts in this file were checked.
    pub inventory: Date,
    /// What delivers the tree to the clusters. Default: `kubectl`.
    #[serde(default)]
    pub delivery: Delivered,
    /// The DNS zones in which records are created, by name: `[dns."example.com"]`. Default: none; whoever
    /// owns a zone creates the records.
    #[serde(default)]
    pub dns: BTreeMap<String, DnsZone>,
    /// The registries that images come from, by host: `[registries."registry.example.com"]`. Default:
    /// unknown; the recovery pages then ask you to check that they can be reached.
    #[serde(default)]
    pub registries: BTreeMap<String, Registry>,
    /// The priority classes that every region gets, each with its value: `gold = 100000`. A tier assigns one
    /// by `priority_class`. The value of a class is immutable. Default: none; those that tiers name must
    /// exist in the clusters.
    #[serde(default)]
    #[schemars(extend("examples" = [{"gold": 100000}]))]
    pub priority_classes: BTreeMap<String, i64>,
    /// The Pod Security level of namespaces in which pods need more than others get, by name:
    /// `storage = "privileged"`. Default: `restricted`, and `baseline` where a service runs as root.
    #[serde(default)]
    #[schemars(extend("examples" = [{"storage": "privileged"}]))]
    pub pod_security: BTreeMap<String, PodSecurity>,
    /// The regions, by name.
    pub regions: BTreeMap<String, Region>,
    /// Changes to the built-in tiers, and tiers of your own, by name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Tier>")]
    pub tiers: BTreeMap<String, toml::Table>,
    /// The fields of custom kinds that hold the name of an object, by group and kind, each with the kind of
    /// that object: `"keda.sh/ScaledObject" = { "spec.scaleTargetRef.name" = "Deployment" }`; `[]` stands
    /// for every item of a list. Common kinds are built in.
    #[serde(default)]
    #[schemars(extend("examples" = [{"keda.sh/ScaledObject": {"spec.scaleTargetRef.name": "Deployment"}}]))]
    pub references: BTreeMap<String, BTreeMap<String, String>>,
    /// Objects of the fleet's own, taken as they are, in every region or in some.
    #[serde(default)]
    pub manifests: Vec<Manifest>,
    /// Effects of a change that you accept for a service whose spec the change deletes, or, with `fleet`,
    /// for what services share.
    #[serde(default)]
    pub accept: Vec<AcceptedOf>,
    /// What a service gets, unless its spec sets something else.
    #[serde(default)]
    pub defaults: Defaults,
    /// What drills have measured; it replaces what is assumed.
    #[serde(default)]
    pub measured: Vec<Measured>,
}

/// A registry of images, and where it keeps them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// The regions of this fleet in which it stores its images: it can be reached while one of them is up.
    #[serde(default)]
    #[schemars(example = ["eastus2", "centralus"])]
    pub stored_in: Vec<String>,
    /// Whether it also stores them outside these regions. Default: no.
    #[serde(default)]
    pub elsewhere: bool,
    /// By region, the host of a registry in that region with the same images, from which they are pulled by
    /// the same digest. Default: every region pulls from this one.
    #[serde(default)]
    #[schemars(extend("examples" = [{"centralus": "centralus.registry.example.com"}]))]
    pub mirrors: BTreeMap<String, String>,
}

/// The credential of a registry, as a cluster has it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PullSecret {
    /// The host of the registry: `registry.example.com`.
    #[schemars(example = &"registry.example.com")]
    pub host: String,
    /// The name of a Secret of type `kubernetes.io/dockerconfigjson`, in the namespace of every
    /// service whose image comes from there, and in `kube-system` where snapshots of etcd do.
    #[schemars(example = &"registry")]
    pub pull_secret: String,
}

/// How long something took in a drill.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The service for which it holds. Default: all.
    #[schemars(example = &"orders")]
    pub service: Option<String>,
    /// The region in which it was measured: for the loss of a region, the one that took over. Default: all.
    #[schemars(example = &"centralus")]
    pub region: Option<String>,
    /// What was measured.
    pub what: Step,
    /// How long it took.
    pub took: Duration,
    /// How much data was moved, by a restore or the base backup of a database. The time is scaled to the
    /// size of the volumes. Default: unknown, and then it counts for no less than a data mover takes at the
    /// declared throughput.
    pub bytes: Option<Bytes>,
    /// The day on which it was measured.
    pub on: Date,
    /// The drill, or who measured it; for whoever reads the proof.
    #[schemars(example = &"drill of 2026-09-14, team payments")]
    pub source: String,
}

/// A region: one cluster, and what is around it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// A short form of the region's name, for names that must be short. Default: the name.
    #[schemars(example = &"eus2")]
    pub short: Option<String>,
    /// The jurisdiction that applies to data in it: `us`, `eu`.
    #[schemars(extend("examples" = ["us", "eu"]))]
    pub geography: String,
    /// The cloud provider.
    pub provider: Provider,
    /// The name of the cluster.
    #[schemars(example = &"shop-eastus2")]
    pub cluster: String,
    /// The environment that it belongs to: `staging`. Services run here as `[environments.staging]` of
    /// their specs says. Default: the default environment, which the top of a spec describes.
    pub environment: Option<String>,
    /// The Kubernetes version: `1.34`.
    #[schemars(extend("examples" = ["1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37"]))]
    pub kubernetes: String,
    /// The version of its Velero: `1.18.4`. Default: unknown, and assumed to support what is used.
    #[schemars(example = &"1.18.4")]
    pub velero: Option<String>,
    /// The version of its VolSync: `0.16.0`. Default: unknown, and assumed to support what is used.
    #[schemars(example = &"0.16.0")]
    pub volsync: Option<String>,
    /// The zones, named as in the label `topology.kubernetes.io/zone`.
    #[schemars(length(min = 1))]
    pub zones: Vec<Zone>,
    /// Nodes beside those of `zones`, for services that ask for them by `placement.pool`.
    #[serde(default)]
    pub pools: Vec<Pool>,
    /// The storage classes; the first is the default.
    #[serde(default)]
    pub storage: Vec<StorageClass>,
    /// The Velero server. Default: none, and then no promise can rest on backups there.
    pub backup: Option<BackupServer>,
    /// What databases run by CloudNativePG need. Default: none; no service can have a database here.
    pub postgresql: Option<PostgresqlPlatform>,
    /// The address ranges of object storage, on port 443, for pods in the namespaces of services that copy
    /// data to it. Default: any address.
    #[serde(default)]
    #[schemars(example = ["203.0.113.0/24"])]
    pub object_storage: Vec<String>,
    /// The address ranges of the cluster's API server, for the databases that report to it: a network
    /// policy cannot select it. Default: any address.
    #[serde(default)]
    #[schemars(example = ["10.0.0.1/32"])]
    pub api_server: Vec<String>,
    /// The registries that need a credential. Default: none.
    #[serde(default)]
    pub registries: Vec<PullSecret>,
    /// The address ranges of the cluster's nodes, pods and Services, which stay closed to a service that
    /// calls a host outside. Default: every private range.
    #[serde(default)]
    #[schemars(example = ["10.0.0.0/8"])]
    pub cluster_ranges: Vec<String>,
    /// Name resolution in the cluster.
    #[serde(default)]
    pub dns: Dns,
    /// The namespace of the gateway that lets users in. Default: none.
    #[schemars(example = &"gateway-system")]
    pub gateway: Option<String>,
    /// The address ranges from which that gateway connects, where it does not connect from its pods: those of
    /// the nodes, where it uses their network (`hostNetwork`: Cilium matches these only with
    /// `policy-cidr-match-mode: nodes`); or some outside of the cluster. Default: none.
    #[serde(default)]
    #[schemars(example = ["10.20.0.0/16"])]
    pub gateway_ranges: Vec<String>,
    /// How that gateway routes users to services. Default: none; a service with `hosts` gets no route.
    pub entry: Option<Entry>,
    /// The Prometheus operator of the cluster. Its Prometheus must also scrape kube-state-metrics, Velero's
    /// server and, where it is used, VolSync. Databases get a PodMonitor. Default: none, and then there are
    /// no alerts.
    pub prometheus: Option<Prometheus>,
    /// Whether KEDA runs in the cluster, for services with `triggers`. Default: no.
    #[serde(default)]
    pub keda: bool,
    /// The descheduler, which evens out replicas once a lost zone is back. Default: none, and then promises
    /// about the loss of a zone hold for the first loss only.
    pub descheduler: Option<Descheduler>,
    /// The control plane, if you run it yourself. Default: nothing is created for it.
    pub control_plane: Option<ControlPlane>,
    /// The region whose Argo CD or Flux delivers the tree to this one. Default: this one.
    #[schemars(example = &"centralus")]
    pub delivered_from: Option<String>,
    /// Whether it is lost for now, and others lead what it led. Promises are for one loss at a time: until
    /// this is removed, what one more failover would break is a warning. Default: no.
    #[serde(default)]
    pub lost: bool,
}

/// What takes the alerts of a region, and the metrics of services. One Prometheus watches one cluster.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prometheus {
    /// The labels by which it selects rules and monitors (`ruleSelector`, `podMonitorSelector`).
    /// Default: none; it takes all.
    #[serde(default)]
    #[schemars(extend("examples" = [{"prometheus": "main"}]))]
    pub labels: BTreeMap<String, String>,
    /// The address at which people read the committed tree, `https://git.example.com/fleet/out/`: each
    /// alert then links to its runbook there. Default: none; an alert has the path of its runbook.
    #[schemars(example = &"https://git.example.com/fleet/out/")]
    pub runbooks: Option<String>,
    /// The namespace in which it runs, and from which it may scrape services and their databases. Default:
    /// `monitoring`.
    #[schemars(example = &"monitoring")]
    pub namespace: Option<String>,
}

/// How users get into a region: a Gateway, or the controller of an IngressClass, in the namespace of
/// `gateway`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The name of the Gateway; services get an HTTPRoute. Default: none.
    #[schemars(example = &"public")]
    pub gateway: Option<String>,
    /// The listener of the Gateway. Default: any that matches.
    #[schemars(example = &"https")]
    pub listener: Option<String>,
    /// The name of the IngressClass; services get an Ingress. Default: none.
    #[schemars(example = &"nginx")]
    pub class: Option<String>,
    /// The host name or address at which it can be reached, to which ExternalDNS points names. Default:
    /// none.
    #[schemars(example = &"gateway.eastus2.example.com")]
    pub address: Option<String>,
    /// The ACME challenge by which its certificates are issued. Default: unknown; the recovery pages then
    /// ask you to check.
    pub challenge: Option<Challenge>,
}

/// A DNS zone, and who makes the records in it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DnsZone {
    /// What creates the records.
    pub engine: DnsEngine,
    /// The provider of the zone. For `external-dns`; only `aws` can route users by the health of a region.
    /// Default: none.
    pub provider: Option<DnsProvider>,
}

/// What databases of CloudNativePG need in a region.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostgresqlPlatform {
    /// The name of the ObjectStore of the Barman Cloud plugin to which databases archive. The platform
    /// creates it in the namespace of each database, with credential and retention.
    #[schemars(example = &"archive")]
    pub archive: String,
    /// The region in which the archive is stored.
    #[schemars(example = &"centralus")]
    pub stored_in: String,
    /// The geography of that region, if it is not one of this fleet's. Default: none.
    #[schemars(example = &"us")]
    pub geography: Option<String>,
    /// The namespace of the operator. Default: `cnpg-system`.
    #[schemars(example = &"cnpg-system")]
    pub operator: Option<String>,
}

/// Name resolution in a cluster.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// The address of the node-local DNS cache, if the cluster has it. Default: none.
    #[schemars(example = &"169.254.20.10")]
    pub node_local: Option<String>,
}

/// On which nodes a service runs unless it says otherwise.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DefaultPlacement {
    /// The node pool, which every region must have. A spec with `pool = "none"` gets the nodes of `zones`.
    /// Default: the nodes of `zones`.
    #[schemars(example = &"apps")]
    pub pool: Option<String>,
    /// Labels that all nodes of `zones` and `pools` have, and other nodes of the cluster do not:
    /// `{ "kubernetes.io/os" = "linux" }`. Default: none.
    #[serde(default)]
    #[schemars(extend("examples" = [{"kubernetes.io/os": "linux"}]))]
    pub labels: BTreeMap<String, String>,
}

/// What a service gets, unless its spec sets something else.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// CPU that a replica needs. Default: `250m`.
    pub cpu: Option<Cpu>,
    /// Memory that a replica needs. Default: `256Mi`.
    pub memory: Option<Bytes>,
    /// The user that containers run as. Default: 10001.
    #[schemars(range(min = 1, max = 2_147_483_647), example = 10001)]
    pub user: Option<u32>,
    /// The team that owns a service whose spec names none. Default: none.
    #[schemars(example = &"platform")]
    pub team: Option<String>,
    /// The namespace of a service whose spec names none. Default: the name of the service.
    #[schemars(example = &"shop")]
    pub namespace: Option<String>,
    /// The nodes on which a service runs.
    #[serde(default)]
    pub placement: DefaultPlacement,
    /// Labels and annotations for every service, whose spec may set other values for the same keys.
    #[serde(default)]
    pub metadata: Metadata,
}
