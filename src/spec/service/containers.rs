//! Containers beside that of the service.

use super::given::Setting;
use super::pods::{Port, Probes};
use crate::quantity::{Bytes, Cpu, Duration};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What ends before the service starts, one after the other.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Init {
    /// Its name, that of its container.
    pub name: String,
    /// Its image. Default: the service's, and then it has the service's command, environment and mounts,
    /// unless it says otherwise; of a job, the job's.
    pub image: Option<String>,
    /// The command to run instead of the image's own. Default: the service's, where it has its image.
    pub command: Option<Vec<String>>,
    /// The arguments of the command. Default: the service's, where it has its image and command.
    pub args: Option<Vec<String>>,
    /// Environment variables beside those of the service, where it has its image, or in place of them.
    #[serde(default)]
    pub config: BTreeMap<String, Setting>,
    /// What of the service's folders, files and Secrets it sees. Default: all, where it has its image, and
    /// nothing with an image of its own.
    pub mounts: Option<Vec<Mounted>>,
    /// CPU that it needs. Default: that of a replica, which has it for itself until then, or of the job.
    pub cpu: Option<Cpu>,
    /// Memory that it needs, and may have. Default: that of a replica, or of the job.
    pub memory: Option<Bytes>,
    /// How long it may take at worst. Default: `1m`. Before a job, the `deadline` of the job counts.
    pub takes: Option<Duration>,
}

/// What runs beside the service: it starts before it, is restarted by itself, and ends after it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sidecar {
    /// Its name, that of its container.
    pub name: String,
    /// Its image. Default: the service's, and then it has the service's command, environment and mounts,
    /// unless it says otherwise.
    pub image: Option<String>,
    /// The command to run instead of the image's own. Default: the service's, where it has its image.
    pub command: Option<Vec<String>>,
    /// The arguments of the command. Default: the service's, where it has its image and command.
    pub args: Option<Vec<String>>,
    /// Environment variables beside those of the service, where it has its image, or in place of them.
    #[serde(default)]
    pub config: BTreeMap<String, Setting>,
    /// What of the service's folders, files and Secrets it sees. Default: all, where it has its image, and
    /// nothing with an image of its own.
    pub mounts: Option<Vec<Mounted>>,
    /// What it listens on, beside the ports of the service.
    #[serde(default)]
    pub ports: Vec<Port>,
    /// How one sees that it is started, ready and alive. Default: it is not asked.
    pub probes: Option<Probes>,
    /// CPU that it needs, in each replica. Default: the fleet's.
    pub cpu: Option<Cpu>,
    /// Memory that it needs, and may have, in each replica. Default: the fleet's.
    pub memory: Option<Bytes>,
    /// Whether it starts after what is in `[[init]]`. Default: before, so that this can use it.
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
        /// The path in the service.
        of: String,
        /// The path in this container.
        path: String,
        /// Whether it can only be read. Default: as in the service.
        #[serde(default)]
        read_only: bool,
    },
}

impl Mounted {
    /// The path in the service.
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
