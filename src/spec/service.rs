//! A service spec, as written: `specs/**/*.toml`, one service in a file.
//!
//! The doc comments are the field reference: editors show them, through `ninefold schema`.

use super::quantity::{Bytes, Cpu, Date, Duration};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One service: what it is, and what it promises.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The name of the service and of everything that is made for it.
    pub name: String,
    /// The container image, by digest: `registry.example.com/shop/checkout@sha256:…`.
    pub image: String,
    /// The availability tier: `bronze`, `silver`, `gold`, `platinum`, or one that the fleet adds.
    pub tier: String,
    /// The regions it runs in. The first is the primary where the recovery strategy has one.
    #[schemars(length(min = 1))]
    pub regions: Vec<String>,
    /// The most data that may be lost, as time: `1h`.
    pub rpo: Duration,
    /// The longest time until it serves again: `4h`.
    pub rto: Duration,
    /// The namespace. Default: the name of the service. Services may share one.
    pub namespace: Option<String>,
    /// The team that answers for it.
    pub team: Option<String>,
    /// What runs it. Default: `deployment`.
    #[serde(default)]
    pub kind: WorkloadKind,
    /// How it gets back after the loss of a region. Default: from tier and number of regions.
    pub recovery: Option<Strategy>,
    /// How a change of a Deployment ships. Default: `replace`.
    pub rollout: Option<Rollout>,
    /// How many former generations stay in the tree after a change. Default: the tier's.
    #[schemars(range(max = 10))]
    pub retain: Option<u32>,
    /// The name it had before. Its former objects stay until the new ones stand.
    pub previously: Option<String>,
    /// The command to run instead of the image's own.
    #[serde(default)]
    pub command: Vec<String>,
    /// The arguments of the command.
    #[serde(default)]
    pub args: Vec<String>,
    /// How long work in flight may take after traffic has stopped. Default: the tier's.
    pub drain: Option<Duration>,
    /// How large it is.
    #[serde(default)]
    pub capacity: Capacity,
    /// What it listens on. Default: `http` on 8080; `ports = []` for a service that is not called.
    pub ports: Option<Vec<Port>>,
    /// How one sees that it is started, ready and alive. Default: its first port answers.
    #[serde(default)]
    pub probes: Probes,
    /// Environment variables, in a ConfigMap of the region. A value may differ by region:
    /// `LOG_LEVEL = { default = "info", westeurope = "debug" }`.
    #[serde(default)]
    pub config: BTreeMap<String, PerRegion>,
    /// Secrets that exist in the cluster, by name. Their content is never read.
    #[serde(default)]
    pub secrets: Vec<Secret>,
    /// Files, each in a ConfigMap of its own.
    #[serde(default)]
    pub files: Vec<File>,
    /// Writable folders that are empty at every start. Default: `/tmp` with 64Mi.
    pub scratch: Option<Vec<Scratch>>,
    /// Volumes that keep their content. For `kind = "stateful"`.
    #[serde(default)]
    pub volumes: Vec<Volume>,
    /// What it calls. Everything else is closed to it.
    #[serde(default)]
    pub depends_on: Vec<Dependency>,
    /// How users reach it.
    pub traffic: Option<Traffic>,
    /// Where its data may be, and who replicates it.
    #[serde(default)]
    pub data: Data,
    /// How it is backed up. Default: from RPO and tier.
    #[serde(default)]
    pub backup: Backup,
    /// Warnings that are accepted, with the reason and an end.
    #[serde(default)]
    pub accept: Vec<Accept>,
}

/// What runs a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WorkloadKind {
    /// A Deployment: replicas are alike and keep nothing.
    #[default]
    Deployment,
    /// A StatefulSet: replicas have a name and volumes of their own.
    Stateful,
}

/// How a service gets back after the loss of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
pub enum Strategy {
    /// One region runs; the others get the data back from a backup.
    #[serde(rename = "backup and restore")]
    BackupAndRestore,
    /// One region runs; in the others nothing does, and the data stands by where
    /// `[data.replication]` brings it.
    #[serde(rename = "pilot light")]
    PilotLight,
    /// One region runs; the others run with fewer replicas.
    #[serde(rename = "warm standby")]
    WarmStandby,
    /// Every region serves, and the others carry the load of one that is lost.
    #[serde(rename = "active/active")]
    ActiveActive,
}

impl Strategy {
    /// All of them, from the slowest to the one that never goes away.
    pub const ALL: [Strategy; 4] = [
        Strategy::BackupAndRestore,
        Strategy::PilotLight,
        Strategy::WarmStandby,
        Strategy::ActiveActive,
    ];

    /// As it is written in a spec.
    pub fn word(self) -> &'static str {
        match self {
            Strategy::BackupAndRestore => "backup and restore",
            Strategy::PilotLight => "pilot light",
            Strategy::WarmStandby => "warm standby",
            Strategy::ActiveActive => "active/active",
        }
    }
}

/// How a change of a Deployment ships.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rollout {
    /// A new Deployment comes up beside the old one, under a new name.
    #[default]
    Replace,
    /// The Deployment keeps its name and replaces its pods one by one.
    Rolling,
}

/// How large a service is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Replicas that carry the peak of one region. Default: the tier's. More are added, so that
    /// as many remain after a loss that the tier survives.
    #[schemars(range(min = 1, max = 1000))]
    pub peak: Option<u32>,
    /// CPU that a replica needs. Default: the fleet's.
    pub cpu: Option<Cpu>,
    /// Memory that a replica needs, and may have. Default: the fleet's.
    pub memory: Option<Bytes>,
    /// Scale with the load.
    pub autoscale: Option<Autoscale>,
}

/// The bounds of an autoscaler.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Autoscale {
    /// The most replicas in one region.
    #[schemars(range(min = 1, max = 1000))]
    pub max: u32,
    /// The fewest replicas. Default, and least: what the tier needs for the peak.
    #[schemars(range(min = 0, max = 1000))]
    pub min: Option<u32>,
    /// The share of its requested CPU, in percent, at which replicas are added. Default: 70.
    #[schemars(range(min = 1, max = 100))]
    pub cpu: Option<u32>,
}

/// A port that the service listens on.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// Its name; probes and other services refer to it.
    pub name: String,
    /// The port of the container. Below 1024 needs a privilege that no container gets.
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
    /// The port of the Kubernetes Service. Default: the same.
    #[schemars(range(min = 1, max = 65535))]
    pub service: Option<u16>,
    /// Default: `TCP`.
    #[serde(default)]
    pub protocol: Protocol,
    /// Whether the region's gateway may connect to it.
    #[serde(default)]
    pub gateway: bool,
}

/// A transport protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Protocol {
    /// TCP.
    #[default]
    #[serde(rename = "TCP")]
    Tcp,
    /// UDP.
    #[serde(rename = "UDP")]
    Udp,
}

/// How one sees that a replica is started, ready and alive.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probes {
    /// The port that is asked. Default: the first.
    pub port: Option<String>,
    /// Whether it can serve now: a path such as `/ready`, or a command. May check what it needs.
    pub ready: Option<Check>,
    /// Whether it must be restarted: a path, or a command. Must not check what it depends on.
    pub live: Option<Check>,
    /// How long its start may take at worst. Default: `2m`.
    pub start_within: Option<Duration>,
}

/// A check: a path that answers with success, or a command that exits with 0.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Check {
    /// A path of HTTP, beginning with `/`.
    Path(String),
    /// A command and its arguments; there is no shell.
    Command(Vec<String>),
}

/// A value, or one value for each region.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PerRegion {
    /// The same everywhere.
    Everywhere(Scalar),
    /// By region, with `default` for the regions that are not named.
    ByRegion(BTreeMap<String, Scalar>),
}

/// Text, a whole number or a boolean; the container sees text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Bool(bool),
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Scalar::Text(text) => f.write_str(text),
            Scalar::Number(number) => write!(f, "{number}"),
            Scalar::Bool(bool) => write!(f, "{bool}"),
        }
    }
}

/// A Secret that exists in the cluster.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// The name of the Secret in the namespace of the service.
    pub name: String,
    /// The folder in which its keys appear as files.
    pub mount: String,
    /// A version that you count up when the content changed: it makes a new generation.
    pub version: Option<String>,
}

/// A file in the container.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name; part of the name of its ConfigMap.
    pub name: String,
    /// Where it appears, absolute.
    pub path: String,
    /// What is in it; may differ by region.
    pub content: PerRegion,
}

/// A writable folder that is empty at every start.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scratch {
    /// Where it appears, absolute.
    pub path: String,
    /// The most that fits.
    pub size: Bytes,
}

/// A volume that keeps its content.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Its name; part of the name of each replica's claim.
    pub name: String,
    /// Where it appears, absolute.
    pub path: String,
    /// How large each replica's is.
    pub size: Bytes,
    /// Its storage class. Default: the first of the region's.
    pub class: Option<String>,
    /// Whether it is backed up. Default: yes.
    pub backup: Option<bool>,
}

/// Something that the service calls: another service, or an address outside.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    /// A service of this fleet.
    pub service: Option<String>,
    /// The names of the ports of that service. Default: all.
    #[serde(default)]
    pub ports: Vec<String>,
    /// A range of addresses outside: `10.20.0.0/16`.
    pub cidr: Option<String>,
    /// The TCP ports of that range.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 65535)))]
    pub tcp: Vec<u16>,
}

/// How users reach a service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// The host names that lead to it. In every region, a route leads from the entry of the region
    /// to the service; where the fleet declares the zone of a name, its record is made, too.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Who moves traffic to another region. Default: a person; with `active/active`, health checks.
    pub failover: Option<Failover>,
    /// The port that users reach. Default: the first with `gateway`.
    pub port: Option<String>,
    /// How long a resolver may keep an answer. Default: `60s`, or a quarter of the RTO where that is
    /// shorter; more than a quarter is refused.
    pub ttl: Option<Duration>,
    /// For `active/active`: the share of each region, as whole numbers. Default: equal.
    #[serde(default)]
    pub weights: BTreeMap<String, u32>,
    /// For zones of ExternalDNS: the id of the health check of each region. ExternalDNS makes none.
    #[serde(default)]
    pub health_checks: BTreeMap<String, String>,
    /// For an Ingress: the Secret with the certificate, in the namespace of the service. A Gateway has
    /// its own.
    pub certificate: Option<String>,
}

/// Who moves traffic to another region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Failover {
    /// Health checks do.
    Automatic,
    /// A person does.
    Manual,
}

/// Where data may be, and who replicates it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The geographies that data may be in. Default: anywhere.
    #[serde(default)]
    pub residency: Vec<String>,
    /// Who copies data to another region, all the time.
    pub replication: Option<Replication>,
    /// A database of its own.
    pub postgresql: Option<Postgresql>,
}

/// A PostgreSQL of the service's own, run by CloudNativePG. It answers at `<service>-db-rw` on
/// 5432; the operator puts the credentials into the Secret `<service>-db-app`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Postgresql {
    /// The image of the database, by tag and digest: `ghcr.io/cloudnative-pg/postgresql:17.6@sha256:…`.
    /// The operator reads the version from the tag.
    pub image: String,
    /// How large the volume of each instance is.
    pub size: Bytes,
    /// Its storage class. Default: the first of the region's.
    pub class: Option<String>,
    /// Instances in the region that writes. Default, and least: one more than the tier may lose,
    /// and from three on a commit waits for one of the others.
    #[schemars(range(min = 1, max = 9))]
    pub instances: Option<u32>,
    /// CPU that an instance needs. Default: the fleet's.
    pub cpu: Option<Cpu>,
    /// Memory that an instance needs, and may have. Default: the fleet's.
    pub memory: Option<Bytes>,
}

/// A replication that runs all the time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replication {
    /// Who does it.
    pub engine: Engine,
    /// Whether a write waits for the copy.
    pub mode: Mode,
    /// How far the copy is behind at worst. For `asynchronous`. With `volsync` and `postgresql`
    /// it decides how often they copy; with `external` it is a premise.
    pub lag: Option<Duration>,
    /// For `volsync`: how the names of the Secrets begin that hold the repositories, one for each
    /// volume of each replica: `<repository>-<volume>-<ordinal>`. Default: `<service>-volsync`.
    pub repository: Option<String>,
}

/// Who replicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// A database or a store outside this fleet; a premise that Ninefold cannot check.
    External,
    /// VolSync, volume by volume, through object storage.
    Volsync,
    /// CloudNativePG, through the archive of the database in `[data.postgresql]`.
    Postgresql,
}

impl Engine {
    /// As it is written in a spec.
    pub fn word(self) -> &'static str {
        match self {
            Engine::External => "external",
            Engine::Volsync => "volsync",
            Engine::Postgresql => "postgresql",
        }
    }
}

/// Whether a write waits for its copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It waits.
    Synchronous,
    /// It does not.
    Asynchronous,
}

/// How a service is backed up.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// The time between backups. Default: the longest that keeps the RPO.
    pub every: Option<Duration>,
    /// How long a backup is kept. Default, and least: the tier's.
    pub keep: Option<Duration>,
    /// What is in it. Default: the namespace when the service has it for itself.
    pub scope: Option<Scope>,
    /// Commands around a snapshot, so that what it holds is consistent.
    #[serde(default)]
    pub hooks: Vec<Hook>,
    /// The command in the service's image that judges restored data in a drill: it asks the service,
    /// and ends with 0 when the data is whole. Default: nothing but the probes judges it.
    #[serde(default)]
    pub verify: Vec<String>,
}

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Everything in the namespace.
    Namespace,
    /// What carries the label of the service.
    Service,
}

/// Commands around a snapshot, run in the service's own container.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// The command before the snapshot; there is no shell.
    #[serde(default)]
    pub before: Vec<String>,
    /// The command after it.
    #[serde(default)]
    pub after: Vec<String>,
    /// How long a command may take. Default: `30s`.
    pub timeout: Option<Duration>,
}

/// A warning that is accepted, or an effect of a change.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// The code of the finding.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// The last day on which it is accepted, measured against the date of the inventory.
    pub until: Date,
}
