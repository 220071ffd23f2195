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
    /// How many replicas carry the peak of one region. Default: the tier's. More are added, so that as many
    /// remain after any loss that the tier survives.
    #[schemars(range(min = 1, max = 1000), example = 6)]
    pub peak: Option<u32>,
    /// CPU that a replica needs. Default: the fleet's.
    pub cpu: Option<Cpu>,
    /// Memory that a replica needs. Default: the fleet's.
    pub memory: Option<Bytes>,
    /// The CPU limit of a replica. Default: what it needs times the tier's `cpu_burst`.
    pub cpu_limit: Option<Cpu>,
    /// The memory limit of a replica. Default: what it needs. A replica that uses more than it needs may be
    /// killed when its node runs out of memory.
    pub memory_limit: Option<Bytes>,
    /// Extended resources that a replica gets from its node: `{ "nvidia.com/gpu" = 1 }`.
    #[serde(default)]
    #[schemars(extend("examples" = [{"nvidia.com/gpu": 1}]))]
    pub resources: BTreeMap<String, u32>,
    /// Scale with the load. Default: the number of replicas is fixed.
    pub autoscale: Option<Box<Autoscale>>,
}

/// The user that its processes run as, and what they may do.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pod {
    /// The user that containers run as. Default: the fleet's. 0 is root; the namespace then has the Pod
    /// Security level `baseline`.
    #[schemars(range(min = 0, max = 2_147_483_647), example = 10001)]
    pub user: Option<u32>,
    /// The group that containers run as. Default: the number of the user.
    #[schemars(range(min = 0, max = 2_147_483_647), example = 10001)]
    pub group: Option<u32>,
    /// The group that owns volumes. Default: the group of the containers.
    #[schemars(range(min = 0, max = 2_147_483_647), example = 10001)]
    pub fs_group: Option<u32>,
    /// Whether the root file system of containers is read-only. Default: yes.
    pub read_only_root: Option<bool>,
    /// The name of its ServiceAccount, which Ninefold creates. Default: the name of the service.
    #[schemars(example = &"checkout")]
    pub service_account: Option<String>,
    /// Whether the ServiceAccount comes from elsewhere: from another service of the namespace, from a
    /// manifest, or from somebody else. Whoever shares it has the same permissions. Default: no.
    #[serde(default)]
    pub shared_account: bool,
    /// Whether it gets a token for the API server, and may connect to it. Default: no.
    #[serde(default)]
    pub token: bool,
    /// Whether its containers may listen on ports below 1024: a sysctl of the pod allows it, without a
    /// capability. Default: no.
    #[serde(default)]
    pub low_ports: bool,
}

/// The nodes on which a service runs.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The node pool, which each of its regions must have, or `none` for the nodes of `zones`. Default: the
    /// fleet's, or else the nodes of `zones`.
    #[schemars(example = &"gpu")]
    pub pool: Option<String>,
}

/// A port that the service listens on.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// The name, to which probes and other services refer.
    #[schemars(example = &"http")]
    pub name: String,
    /// The port of the container. Below 1024, it needs `low_ports` in `[pod]`.
    #[schemars(range(min = 1, max = 65535), example = 8080)]
    pub port: u16,
    /// The port of the Kubernetes Service. Default: the port of the container.
    #[schemars(range(min = 1, max = 65535), example = 80)]
    pub service: Option<u16>,
    /// The transport protocol. Default: `TCP`.
    #[serde(default)]
    pub protocol: Protocol,
    /// Whether the region's gateway may connect to it. Default: no.
    #[serde(default)]
    pub gateway: bool,
    /// Whether Prometheus scrapes it: `true` for `/metrics`, or another path. In a region with a Prometheus
    /// operator, it gets a PodMonitor, and a network policy lets Prometheus in. Default: it is not scraped.
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
    /// The port that is checked. Default: the first.
    #[schemars(example = &"http")]
    pub port: Option<String>,
    /// Whether it can serve now: a path such as `/ready`, a command, or a table. It may check dependencies.
    /// Default: a connection to the port.
    pub ready: Option<Check>,
    /// Whether it still works, or must be restarted: a path, a command, or a table. It must not check
    /// dependencies. Default: a connection to the port.
    pub live: Option<Check>,
    /// Whether it has started: a path, a command, or a table. Default: the check of `live`, or else of
    /// `ready`.
    pub start: Option<Check>,
    /// The longest that a start may take. Default: `2m`.
    pub start_within: Option<Duration>,
    /// The time between two checks. Default: `10s` for `live`, `5s` for the others.
    pub every: Option<Duration>,
    /// The time after which an unanswered check has failed. Default: `2s`.
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
        #[schemars(example = &"/ready")]
        http: String,
        /// Headers to send.
        #[serde(default)]
        #[schemars(extend("examples" = [{"Host": "shop.example.com"}]))]
        headers: BTreeMap<String, String>,
        /// The name of the port. Default: `port` of `[probes]`.
        #[schemars(example = &"http")]
        port: Option<String>,
        /// The scheme. Default: `HTTP`. With `HTTPS`, the certificate is not verified.
        scheme: Option<Scheme>,
    },
    /// The health service of gRPC.
    Grpc {
        /// The name of the port.
        #[schemars(example = &"grpc")]
        grpc: String,
        /// The name of the gRPC service to check. Default: the server as a whole.
        #[schemars(example = &"shop.Checkout")]
        service: Option<String>,
    },
    /// A connection. What hangs still takes connections.
    Tcp {
        /// The name of the port.
        #[schemars(example = &"http")]
        tcp: String,
    },
}
