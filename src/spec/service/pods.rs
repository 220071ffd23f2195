//! What runs: how large it is, what it may do, what it listens on.

use super::scaling::Autoscale;
use crate::quantity::{Bytes, Cpu, Duration};
use crate::words::{Protocol, Scheme};
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
    /// Memory that a replica needs. Default: the fleet's.
    pub memory: Option<Bytes>,
    /// CPU that a replica may use. Default: what it needs, times `cpu_burst` of the tier.
    pub cpu_limit: Option<Cpu>,
    /// Memory that a replica may use. Default: what it needs. Of what is above that, a node that
    /// is full takes the process.
    pub memory_limit: Option<Bytes>,
    /// Extended resources of its node that a replica has for itself: `{ "nvidia.com/gpu" = 1 }`.
    #[serde(default)]
    pub resources: BTreeMap<String, u32>,
    /// Scale with the load. Default: it does not.
    pub autoscale: Option<Autoscale>,
}

/// Who its processes are, and what they may do.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pod {
    /// The user that containers run as. Default: the fleet's. 0 is root: its namespace is then held
    /// to the Pod Security level `baseline`.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub user: Option<u32>,
    /// Their group. Default: the number of the user.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub group: Option<u32>,
    /// The group that volumes belong to. Default: their group.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub fs_group: Option<u32>,
    /// Whether containers can write to no file of their image. Default: yes.
    pub read_only_root: Option<bool>,
    /// The name of its ServiceAccount, which is made. Default: the service's.
    pub service_account: Option<String>,
    /// Whether that ServiceAccount is not made for it: another service of the namespace has it, a manifest,
    /// or somebody else makes it. What one of them may do, all may. Default: no.
    #[serde(default)]
    pub shared_account: bool,
    /// Whether it gets a token for the API server, and a way to it. Default: no.
    #[serde(default)]
    pub token: bool,
    /// Whether its containers may listen below 1024, without a privilege: its own network lets them.
    /// Default: no.
    #[serde(default)]
    pub low_ports: bool,
}

/// On which nodes a service runs.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The pool of nodes, of each of its regions, or `none`. Default: the fleet's, or the nodes of their
    /// zones.
    pub pool: Option<String>,
}

/// A port that the service listens on.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// Its name; probes and other services refer to it.
    pub name: String,
    /// The port of the container. Below 1024 only with `low_ports` of `[pod]`.
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
    /// Whether Prometheus reads metrics from it: `true` for those at `/metrics`, or their path.
    /// Where the region has a Prometheus operator, a PodMonitor says so, and Prometheus may
    /// connect. Default: it does not.
    pub scrape: Option<Scrape>,
    /// The sidecar that listens on it; none for the service itself.
    #[serde(skip)]
    pub of: Option<String>,
}

/// Where the metrics of a port are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Scrape {
    /// `true`: at `/metrics`; `false`: nowhere.
    Usual(bool),
    /// At this path, beginning with `/`.
    Path(String),
}

impl Port {
    /// The path of its metrics; none where it has none.
    pub fn metrics(&self) -> Option<&str> {
        match self.scrape.as_ref()? {
            Scrape::Usual(true) => Some("/metrics"),
            Scrape::Usual(false) => None,
            Scrape::Path(path) => Some(path),
        }
    }
}

/// How one sees that a replica is started, ready and alive.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probes {
    /// The port that is asked. Default: the first.
    pub port: Option<String>,
    /// Whether it can serve now: a path such as `/ready`, a command, or a table. May check what it
    /// needs. Default: a connection to the port.
    pub ready: Option<Check>,
    /// Whether it must be restarted: a path, a command, or a table. Must not check what it depends
    /// on. Default: a connection to the port.
    pub live: Option<Check>,
    /// Whether it has started: a path, a command, or a table. Default: as `live` or `ready` says.
    pub start: Option<Check>,
    /// How long its start may take at worst. Default: `2m`.
    pub start_within: Option<Duration>,
    /// The time between two checks of a kind. Default: `10s` for `live`, `5s` for the others.
    pub every: Option<Duration>,
    /// After which a check that has not ended has failed. Default: `2s`.
    pub timeout: Option<Duration>,
}

impl Probes {
    /// How long a start may take, unless the spec says.
    pub const START: Duration = Duration::minutes(2);
}

/// A check: a path that answers with success, a command that exits with 0, a port that answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Check {
    /// A path of HTTP, beginning with `/`.
    Path(String),
    /// A command and its arguments; there is no shell.
    Command(Vec<String>),
    /// A path of HTTP, with more to say.
    Http {
        /// The path, beginning with `/`.
        http: String,
        /// Headers that are sent.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// The name of the port. Default: that of `[probes]`.
        port: Option<String>,
        /// Default: `HTTP`. With `HTTPS`, no certificate is verified.
        scheme: Option<Scheme>,
    },
    /// The health service of gRPC.
    Grpc {
        /// The name of the port.
        grpc: String,
        /// What is asked for. Default: the server as a whole.
        service: Option<String>,
    },
    /// A connection. What hangs still takes connections.
    Tcp {
        /// The name of the port.
        tcp: String,
    },
}
