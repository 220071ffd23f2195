//! What runs: how large it is, what it listens on, what it is given.

use crate::quantity::{Bytes, Cpu, Duration};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

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
