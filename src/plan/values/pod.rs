//! Workloads and their pods.

use super::{Map, Meta};
use crate::decide::lifecycle::Probe;
use serde::Serialize;
use std::collections::BTreeMap;

/// A Deployment or a StatefulSet.
#[derive(Clone, Debug, Serialize)]
pub struct Workload {
    /// Its metadata.
    pub meta: Meta,
    /// None where an autoscaler decides.
    pub replicas: Option<u32>,
    /// Whose pods it owns. Of a Deployment with a hashed name, the generation is added later.
    pub selector: Map,
    /// Former revisions that stay.
    pub revisions: u32,
    /// How long a new pod must be ready before it counts, in seconds.
    pub min_ready: u64,
    /// When a rollout that does not move is called failed, in seconds.
    pub progress_deadline: u64,
    /// Replicas above the wanted number during a rollout.
    pub surge: u32,
    /// Replicas below the wanted number during a rollout.
    pub unavailable: u32,
    /// The headless Service of a StatefulSet.
    pub headless: Option<String>,
    /// The claims of a StatefulSet.
    pub claims: Vec<Claim>,
    /// Its pods.
    pub pod: Pod,
}

/// A claim template.
#[derive(Clone, Debug, Serialize)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: Map,
    /// Its storage class.
    pub class: String,
    /// Its size.
    pub size: String,
}

/// A pod template.
#[derive(Clone, Debug, Serialize)]
pub struct Pod {
    /// Its labels.
    pub labels: Map,
    /// Its annotations; often none.
    pub annotations: Map,
    /// Its ServiceAccount.
    pub service_account: String,
    /// The Secrets with which its images are pulled, where its ServiceAccount does not say so.
    pub pull_secrets: Vec<String>,
    /// Its PriorityClass.
    pub priority_class: Option<String>,
    /// `Never` or `OnFailure` for one that ends by itself; none for one that is always there.
    pub restart: Option<&'static str>,
    /// How long it may take to end, in seconds.
    pub grace: u64,
    /// Whether it gets a token for the API server.
    pub token: bool,
    /// The user that it runs as.
    pub user: u32,
    /// Its group.
    pub group: u32,
    /// The group that volumes belong to.
    pub fs_group: u32,
    /// The first port that needs no privilege, where that is not the kernel's own; as text.
    pub low_ports: Option<String>,
    /// Whether root is refused.
    pub non_root: bool,
    /// Whether its containers can write to no file of their images.
    pub read_only_root: bool,
    /// What starts before, one after the other: it ends, or runs on beside.
    pub init: Vec<Container>,
    /// What runs in it; `app` is the first.
    pub containers: Vec<Container>,
    /// What can be mounted.
    pub volumes: Vec<Volume>,
    /// How long it stays on a lost node, in seconds.
    pub node_loss: u64,
    /// The labels of the nodes that it may run on; none for any.
    pub nodes: Map,
    /// The taints that it bears.
    pub tolerations: Vec<Toleration>,
    /// How replicas spread.
    pub spread: Vec<Spread>,
    /// Whom it avoids on the same node, where it can; often its own replicas.
    pub avoid: Map,
    /// How much, from 1 to 100.
    pub avoidance: u32,
    /// What tells its generation from others, for spread and avoidance.
    pub revision: Vec<String>,
}

/// A container of a pod.
#[derive(Clone, Debug, Serialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// `Always` for one that starts before the others, and runs beside them.
    pub restart: Option<&'static str>,
    /// Its image.
    pub image: String,
    /// The command in place of the image's.
    pub command: Vec<String>,
    /// The arguments.
    pub args: Vec<String>,
    /// The ConfigMaps whose entries are environment variables; of two that say the same, the later.
    pub env_from: Vec<String>,
    /// The Secrets whose entries are environment variables, less those of a ConfigMap.
    pub env_secrets: Vec<EnvSecret>,
    /// The environment variables that come from somewhere else.
    pub env: Vec<Variable>,
    /// What it listens on.
    pub ports: Vec<ContainerPort>,
    /// Whether it has started.
    pub startup: Option<Probe>,
    /// Whether it must be restarted.
    pub live: Option<Probe>,
    /// Whether it can serve.
    pub ready: Option<Probe>,
    /// How long it goes on serving before it is told to end, in seconds.
    pub settle: Option<u64>,
    /// What it needs, and may use.
    pub resources: Resources,
    /// What appears where.
    pub mounts: Vec<Mount>,
}

/// A Secret whose every entry is an environment variable.
#[derive(Clone, Debug, Serialize)]
pub struct EnvSecret {
    /// Its name.
    pub name: String,
    /// What the names of the variables begin with.
    pub prefix: Option<String>,
    /// Whether a pod starts without it.
    pub optional: bool,
}

/// An environment variable: exactly one of `value`, `secret`, `field` and `resource` is there.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What is written.
    pub value: Option<String>,
    /// The Secret that has its value.
    pub secret: Option<String>,
    /// The key in the Secret.
    pub key: Option<String>,
    /// Whether a pod starts without it.
    pub optional: bool,
    /// The field of the pod that is its value.
    pub field: Option<String>,
    /// The resource of the container that is its value.
    pub resource: Option<String>,
    /// The unit in which the resource is counted.
    pub divisor: Option<String>,
}

/// A taint of nodes that pods bear.
#[derive(Clone, Debug, Serialize)]
pub struct Toleration {
    /// Its key.
    pub key: String,
    /// Its value; none for any.
    pub value: Option<String>,
    /// Its effect.
    pub effect: String,
}

/// A port of the container.
#[derive(Clone, Debug, Serialize)]
pub struct ContainerPort {
    /// Its name.
    pub name: String,
    /// Its number.
    pub port: u16,
    /// `TCP` or `UDP`.
    pub protocol: &'static str,
}

/// What a replica needs, and may use.
#[derive(Clone, Debug, Serialize)]
pub struct Resources {
    /// CPU that is set aside.
    pub cpu: String,
    /// CPU that it may use; none means what is there.
    pub cpu_limit: Option<String>,
    /// Memory that is set aside.
    pub memory: String,
    /// Memory that it may use.
    pub memory_limit: String,
    /// Extended resources, which are both.
    pub extended: BTreeMap<String, u32>,
    /// Disk of the node that is set aside.
    pub storage: String,
    /// Disk of the node that it may use.
    pub storage_limit: String,
}

/// Where a volume appears.
#[derive(Clone, Debug, Serialize)]
pub struct Mount {
    /// The volume.
    pub name: String,
    /// The path.
    pub path: String,
    /// The one entry of the volume that appears there.
    pub sub_path: Option<String>,
    /// Whether it cannot be written.
    pub read_only: bool,
}

/// A volume: exactly one of `config_map`, `secret` and `size` is there.
#[derive(Clone, Debug, Serialize)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// The ConfigMap.
    pub config_map: Option<String>,
    /// The Secret.
    pub secret: Option<String>,
    /// Whether a pod starts without the Secret.
    pub optional: bool,
    /// The permissions of the files of a ConfigMap or a Secret, where they are said.
    pub mode: Option<u32>,
    /// The most that fits into an empty folder.
    pub size: Option<String>,
    /// Where an empty folder is, if not on the disk of the node.
    pub medium: Option<&'static str>,
}

/// A spread over failure domains, with a skew of 1.
#[derive(Clone, Debug, Serialize)]
pub struct Spread {
    /// The label of nodes that names the domain.
    pub key: &'static str,
    /// By how many pods domains may differ.
    pub max_skew: u32,
    /// `DoNotSchedule` or `ScheduleAnyway`.
    pub when: &'static str,
    /// Domains that must be there, or the missing ones count as empty.
    pub min_domains: Option<u32>,
    /// Whose pods are counted.
    pub selector: Map,
}
