//! Containers beside that of the service.

use super::given::Setting;
use super::pods::{Port, Probes};
use crate::by_name::ByName;
use crate::quantity::{Bytes, Cpu, Duration};
use schemars::JsonSchema;
use serde::Deserialize;

/// What ends before the service starts, one after the other.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Init {
    /// The name of the container.
    #[schemars(example = &"prepare")]
    pub name: String,
    /// The image. Default: the service's, or before a job the job's; then command, environment and mounts
    /// are the same, too, unless set here.
    #[schemars(
        example = "registry.example.com/shop/prepare@sha256:4bb1f8f4d1f3d7e0c9a2b5f6e7d8091a2b3c4d5e6f708192a3b4c5d6e7f80912"
    )]
    pub image: Option<String>,
    /// The command to run instead of the image's own. Default: the service's, if the image is the
    /// service's.
    #[schemars(example = ["/app/prepare"])]
    pub command: Option<Vec<String>>,
    /// The arguments of the command. Default: the service's, if image and command are the service's.
    #[schemars(example = ["--wait"])]
    pub args: Option<Vec<String>>,
    /// Environment variables. With the service's image, they are added to the service's, and replace those
    /// of the same name.
    #[serde(default)]
    #[schemars(extend("examples" = [{"LOG_LEVEL": "info"}]))]
    pub config: ByName<Setting>,
    /// Which of the service's folders, files and Secrets are mounted. Default: all with the service's
    /// image, none with another image.
    pub mounts: Option<Vec<Mounted>>,
    /// CPU that it needs. Default: that of a replica, or of the job: neither uses it before it starts.
    pub cpu: Option<Cpu>,
    /// Memory that it needs, and its limit. Default: that of a replica, or of the job.
    pub memory: Option<Bytes>,
    /// The longest that it may take. Default: `1m`. Before a job, the `deadline` of the job counts.
    pub takes: Option<Duration>,
}

/// What runs beside the service: it starts before it, is restarted by itself, and ends after it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sidecar {
    /// The name of the container.
    #[schemars(example = &"proxy")]
    pub name: String,
    /// The image. Default: the service's; then command, environment and mounts are the service's, too,
    /// unless set here.
    #[schemars(
        example = "registry.example.com/tools/proxy@sha256:4bb1f8f4d1f3d7e0c9a2b5f6e7d8091a2b3c4d5e6f708192a3b4c5d6e7f80912"
    )]
    pub image: Option<String>,
    /// The command to run instead of the image's own. Default: the service's, if the image is the
    /// service's.
    #[schemars(example = ["/bin/proxy"])]
    pub command: Option<Vec<String>>,
    /// The arguments of the command. Default: the service's, if image and command are the service's.
    #[schemars(example = ["--port=9090"])]
    pub args: Option<Vec<String>>,
    /// Environment variables. With the service's image, they are added to the service's, and replace those
    /// of the same name.
    #[serde(default)]
    #[schemars(extend("examples" = [{"LOG_LEVEL": "info"}]))]
    pub config: ByName<Setting>,
    /// Which of the service's folders, files and Secrets are mounted. Default: all with the service's
    /// image, none with another image.
    pub mounts: Option<Vec<Mounted>>,
    /// The ports on which it listens, in addition to those of the service.
    #[serde(default)]
    pub ports: Vec<Port>,
    /// How Kubernetes checks that it has started, is ready and is alive. Default: no checks.
    pub probes: Option<Probes>,
    /// CPU that it needs, in each replica. Default: the fleet's.
    pub cpu: Option<Cpu>,
    /// Memory that it needs in each replica, and its limit. Default: the fleet's.
    pub memory: Option<Bytes>,
    /// Whether it starts after the containers of `[[init]]`. Default: no, it starts before them, so that
    /// they can use it.
    #[serde(default)]
    pub after_init: bool,
}

/// What appears in a container beside that of the service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Mounted {
    /// What the service has at this path, at the same path.
    Same(String),
    /// What the service has at one path, at another.
    At {
        /// The path in the service's container.
        #[schemars(example = &"/var/lib/checkout")]
        of: String,
        /// The path in this container.
        #[schemars(example = &"/data")]
        path: String,
        /// Whether it is mounted read-only. Default: as in the service.
        #[serde(default)]
        read_only: bool,
    },
}

impl Mounted {
    /// The path in the service's container.
    pub fn of(&self) -> &str {
        match self {
            Mounted::Same(path) | Mounted::At { of: path, .. } => path,
        }
    }

    /// The path in this container.
    pub fn path(&self) -> &str {
        match self {
            Mounted::Same(path) | Mounted::At { path, .. } => path,
        }
    }
}
