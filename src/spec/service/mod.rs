//! A service spec, as written: `specs/**/*.toml`, one service in a file.
//!
//! The doc comments are the field reference: editors show them, through `ninefold schema`.

mod pods; //    what runs
mod given; //   what it is given
mod scaling; // how it follows its load
mod metadata; // what is added to its objects
mod traffic; // what it calls, and who calls it
mod data; //    what it keeps
mod jobs; //    what ends by itself
mod containers; // what is beside it in its pods

pub use crate::words::{Failover, Mode, Protocol, Rollout, Scheme, Scope, Strategy, WorkloadKind};
pub use containers::{Init, Mounted, Sidecar};
pub use data::{Backup, Backups, Data, Hook, NoBackups, Postgresql, Replication, Volume};
pub use given::{
    File, Given, Held, OneSetting, PerRegion, Scalar, Scratch, Secret, Setting, ValueSource,
};
pub use jobs::Job;
pub use metadata::{Marks, Metadata};
pub use pods::{Capacity, Check, Placement, Pod, Port, Probes, Scrape};
pub use scaling::{Autoscale, Behavior, Described, Metric, Pace, Trigger};
pub use traffic::{Admitted, Dependency, Route, Traffic};

use crate::by_name::ByName;
use crate::diag::FileId;
use crate::kube::read::pods::Pods;
use crate::quantity::{Date, Duration};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One service: what it is, and what it promises.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The name of the service and of everything that is made for it.
    #[schemars(example = &"checkout")]
    pub name: String,
    /// The environment that all of this is of; none for the default one. What `[environments.<name>]`
    /// says is merged before this is read.
    #[serde(skip)]
    pub environment: Option<String>,
    /// The container image, by digest: `registry.example.com/shop/checkout@sha256:…`.
    #[schemars(
        example = "registry.example.com/shop/checkout@sha256:4bb1f8f4d1f3d7e0c9a2b5f6e7d8091a2b3c4d5e6f708192a3b4c5d6e7f80912"
    )]
    pub image: String,
    /// The availability tier: `bronze`, `silver`, `gold`, `platinum`, or one that the fleet adds.
    #[schemars(extend("examples" = ["bronze", "silver", "gold", "platinum"]))]
    pub tier: String,
    /// The regions in which it runs. The first is the primary, where the recovery strategy has one.
    #[schemars(length(min = 1), example = ["eastus2", "centralus"])]
    pub regions: Vec<String>,
    /// The most data that may be lost, as time: `1h`.
    pub rpo: Duration,
    /// The longest time until it serves again: `4h`.
    pub rto: Duration,
    /// The namespace. Default: the fleet's, or the name of the service. Services may share one.
    #[schemars(example = &"shop")]
    pub namespace: Option<String>,
    /// The team that owns it. Default: the fleet's.
    #[schemars(example = &"payments")]
    pub team: Option<String>,
    /// What runs it. Default: `deployment`.
    #[serde(default)]
    pub kind: WorkloadKind,
    /// Whether only one replica may write: one runs, in one region, and never two, not even during a
    /// rollout. For `kind = "stateful"`. Default: no, each replica works on its own.
    #[serde(default)]
    pub single_writer: bool,
    /// How it recovers from the loss of a region. Default: from the tier and the number of regions.
    pub recovery: Option<Strategy>,
    /// How a change of a Deployment ships. Default: `replace`, and `rolling` for a service that
    /// listens on nothing.
    pub rollout: Option<Rollout>,
    /// The name it had before. The objects under that name stay until the new ones are up. Default: none.
    #[schemars(example = &"cart")]
    pub previously: Option<String>,
    /// The command to run instead of the image's own.
    #[serde(default)]
    #[schemars(example = ["/app/server"])]
    pub command: Vec<String>,
    /// The arguments of the command.
    #[serde(default)]
    #[schemars(example = ["--port=8080"])]
    pub args: Vec<String>,
    /// How long requests in flight may take once traffic has stopped. Default: the tier's.
    pub drain: Option<Duration>,
    /// The size of a replica, and how many replicas run.
    #[serde(default)]
    pub capacity: Capacity,
    /// The nodes on which it runs.
    #[serde(default)]
    pub placement: Placement,
    /// The ports on which it listens. Default: `http` on 8080; `ports = []` for a service that nobody
    /// calls.
    pub ports: Option<Vec<Port>>,
    /// Whether its Kubernetes Service has no address of its own: a caller that looks up its name gets the
    /// addresses of all ready replicas, and chooses one. Default: no.
    #[serde(default)]
    pub headless: bool,
    /// The user that its processes run as, and what they may do.
    #[serde(default)]
    pub pod: Pod,
    /// Labels and annotations to add to its objects.
    #[serde(default)]
    pub metadata: Metadata,
    /// How Kubernetes checks that it has started, is ready and is alive. Default: its first port accepts
    /// connections.
    #[serde(default)]
    pub probes: Probes,
    /// Environment variables, in one ConfigMap for each region. A value may differ by region:
    /// `LOG_LEVEL = { default = "info", westeurope = "debug" }`. It may come from the cluster:
    /// `{ secret = "db", key = "password" }`, `{ field = "status.podIP" }`,
    /// `{ resource = "limits.memory" }`.
    #[serde(default)]
    #[schemars(extend("examples" = [{"LOG_LEVEL": "info", "REGION": {"eastus2": "east", "default": "west"}}]))]
    pub config: ByName<Setting>,
    /// Secrets that exist in the cluster, by name. Their content is never read.
    #[serde(default)]
    pub secrets: Vec<Secret>,
    /// Files, each in a ConfigMap of its own.
    #[serde(default)]
    pub files: Vec<File>,
    /// Writable folders that are empty at every start. Default: `/tmp` of 64Mi.
    pub scratch: Option<Vec<Scratch>>,
    /// Volumes that keep their content. For `kind = "stateful"`.
    #[serde(default)]
    pub volumes: Vec<Volume>,
    /// Containers that run to their end before it starts, in each pod, one after the other.
    #[serde(default)]
    pub init: Vec<Init>,
    /// Containers that run beside it, in each pod.
    #[serde(default)]
    pub sidecars: Vec<Sidecar>,
    /// Work that runs to its end: on a schedule, before a release, or once.
    #[serde(default)]
    pub jobs: Vec<Job>,
    /// What it calls. Network policies close everything else.
    #[serde(default)]
    pub depends_on: Vec<Dependency>,
    /// Other callers that may connect to it, beside the services that depend on it.
    #[serde(default)]
    pub called_by: Vec<Admitted>,
    /// How users reach it. Default: nothing is exposed to them.
    pub traffic: Option<Box<Traffic>>,
    /// Where its data may be stored, and what replicates it.
    #[serde(default)]
    pub data: Data,
    /// How the Velero of each region backs it up: a table, or `"none"` where there is nothing to lose, or
    /// something else backs it up. Default: from the RPO and the tier.
    #[serde(default)]
    pub backup: Backups,
    /// Objects of your own, taken as they are: YAML files of any built-in kind, and of custom kinds whose
    /// definition is in `crds/` beside the specs.
    #[serde(default)]
    pub manifests: Vec<Manifest>,
    /// What no field of a spec can express, merged into an object as Kubernetes' strategic merge does it.
    /// The object is named by the stem of its file in the tree: `[patch.deployment.spec.template.spec]`.
    /// Paths listed in `remove`, directly below that name, are deleted first:
    /// `spec.template.spec.containers[app].tty`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, BTreeMap<String, serde_json::Value>>", extend("examples" = [{"deployment": {"spec": {"template": {"spec": {"hostAliases": [{"ip": "10.0.0.9", "hostnames": ["legacy"]}]}}}}}]))]
    pub patch: BTreeMap<String, toml::Table>,
    /// Warnings that you accept, each with a reason and a last day.
    #[serde(default)]
    pub accept: Vec<Accept>,
}

/// A file with objects, as they are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The path of the file, relative to this file: `manifests/keda.yaml`. It must lie inside the folder of
    /// the specs.
    #[schemars(example = &"manifests/keda.yaml")]
    pub path: String,
    /// The regions that get these objects. Default: all.
    #[schemars(length(min = 1), example = ["eastus2"])]
    pub regions: Option<Vec<String>>,
    /// The text of that file.
    #[serde(skip)]
    #[schemars(skip)]
    pub held: Option<FileId>,
    /// The objects in it, as far as it can be read.
    #[serde(skip)]
    #[schemars(skip)]
    pub objects: Vec<ManifestObject>,
}

/// An object in a file of manifests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ManifestObject {
    /// Its group and version.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace, where the file says one.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
    /// Whether its name stays as it is; else a hash of its content follows.
    pub stable: bool,
    /// Its pods, where it makes some.
    pub pods: Option<Pods>,
}

/// A warning that is accepted, or an effect of a change.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// The code of the finding.
    #[schemars(example = &"no-probe")]
    pub rule: String,
    /// Why it is accepted.
    #[schemars(example = &"the cluster has one zone until March")]
    pub reason: String,
    /// The last day on which it is accepted, measured against the date of the inventory.
    pub until: Date,
}
