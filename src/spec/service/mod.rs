//! A service spec, as written: `specs/**/*.toml`, one service in a file.
//!
//! The doc comments are the field reference: editors show them, through `ninefold schema`.

mod pods; //    what runs
mod given; //   what it is given
mod scaling; // how it follows its load
mod traffic; // what it calls, and who calls it
mod data; //    what it keeps
mod jobs; //    what ends by itself
mod containers; // what is beside it in its pods

pub use containers::{Init, Mounted, Sidecar};
pub use data::{Backup, Data, Engine, Hook, Mode, Postgresql, Replication, Scope, Volume};
pub use given::{
    File, Given, Held, OneSetting, PerRegion, Scalar, Scratch, Secret, Setting, ValueSource,
};
pub use jobs::{Job, Overlap, Place, Run};
pub use pods::{Capacity, Check, Placement, Pod, Port, Probes, Protocol, Scheme, Scrape};
pub use scaling::{Autoscale, Behavior, Described, Metric, Pace, Trigger};
pub use traffic::{Admitted, Dependency, Failover, Route, Traffic};

use crate::diag::FileId;
use crate::quantity::{Date, Duration};
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
    /// How a change of a Deployment ships. Default: `replace`, and `rolling` for a service that
    /// listens on nothing.
    pub rollout: Option<Rollout>,
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
    /// On which nodes it runs.
    #[serde(default)]
    pub placement: Placement,
    /// What it listens on. Default: `http` on 8080; `ports = []` for a service that is not called.
    pub ports: Option<Vec<Port>>,
    /// Who its processes are, and what they may do.
    #[serde(default)]
    pub pod: Pod,
    /// How one sees that it is started, ready and alive. Default: its first port answers.
    #[serde(default)]
    pub probes: Probes,
    /// Environment variables, in a ConfigMap of the region. A value may differ by region:
    /// `LOG_LEVEL = { default = "info", westeurope = "debug" }`, or come from where the cluster has
    /// it: `{ secret = "db", key = "password" }`, `{ field = "status.podIP" }`,
    /// `{ resource = "limits.memory" }`.
    #[serde(default)]
    pub config: BTreeMap<String, Setting>,
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
    /// What ends before it starts, in each pod, one after the other.
    #[serde(default)]
    pub init: Vec<Init>,
    /// What runs beside it, in each pod.
    #[serde(default)]
    pub sidecars: Vec<Sidecar>,
    /// Work that ends by itself: on a schedule, before a release, or once.
    #[serde(default)]
    pub jobs: Vec<Job>,
    /// What it calls. Everything else is closed to it.
    #[serde(default)]
    pub depends_on: Vec<Dependency>,
    /// Who may connect to it, beside the services that depend on it.
    #[serde(default)]
    pub called_by: Vec<Admitted>,
    /// How users reach it.
    pub traffic: Option<Traffic>,
    /// Where its data may be, and who replicates it.
    #[serde(default)]
    pub data: Data,
    /// How it is backed up. Default: from RPO and tier.
    #[serde(default)]
    pub backup: Backup,
    /// Objects of its own, as they are: YAML files of any built-in kind, and of custom kinds whose
    /// definition stands in `crds/` beside the specs.
    #[serde(default)]
    pub manifests: Vec<Manifest>,
    /// What no field says, merged into an object as Kubernetes' strategic merge does it. An object is
    /// named by the stem of its file in the tree: `[patch.deployment.spec.template.spec]`. Paths in
    /// `remove`, right below its name, are taken out before: `spec.template.spec.containers[app].tty`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, BTreeMap<String, serde_json::Value>>")]
    pub patch: BTreeMap<String, toml::Table>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rollout {
    /// A new Deployment comes up beside the old one, under a new name.
    Replace,
    /// The Deployment keeps its name and replaces its pods one by one.
    Rolling,
}

/// A file with objects, as they are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The file, from the folder of this one: `manifests/keda.yaml`. It stays inside the folder of
    /// the specs.
    pub path: String,
    /// The regions that get its objects. Default: all.
    #[schemars(length(min = 1))]
    pub regions: Option<Vec<String>>,
    /// The text of that file.
    #[serde(skip)]
    #[schemars(skip)]
    pub held: Option<FileId>,
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
