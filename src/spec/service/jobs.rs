//! Work of a service that ends by itself.

use super::containers::Init;
use super::given::Setting;
use crate::by_name::ByName;
use crate::quantity::{Bytes, Cpu, Duration};
use crate::words::{Overlap, Place, Restart, Run};
use schemars::JsonSchema;
use serde::Deserialize;

/// Work that ends by itself. It is given what the service is given, and may connect to what the
/// service may connect to; nothing connects to it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The name of the job. Its object is called after the service, `-` and this name.
    #[schemars(example = &"nightly-report")]
    pub name: String,
    /// When it runs: five fields as cron takes them, `0 3 * * *`. Default: none.
    #[schemars(example = &"0 3 * * *")]
    pub schedule: Option<String>,
    /// Instead of a schedule: when to run it, once for each change of its content. Default: none.
    pub run: Option<Run>,
    /// The time zone of the schedule, `Europe/Berlin`. Default: `Etc/UTC`.
    #[schemars(example = &"Europe/Berlin")]
    pub timezone: Option<String>,
    /// What happens when a run is due while the last one is still running. Default: `forbid`.
    pub overlap: Option<Overlap>,
    /// The longest that it may take, retries included. Default: `1h`, or `10m` where a release waits for
    /// it.
    pub deadline: Option<Duration>,
    /// How many times it is retried after a failure. Default: 2.
    #[schemars(range(min = 0, max = 100), example = 2)]
    pub retries: Option<u32>,
    /// Where it is retried: in another pod (`never`), or in the same pod (`on-failure`), which keeps its
    /// node and its scratch folders, but not its logs. Default: `never`.
    pub restart: Option<Restart>,
    /// How long a finished run stays, with its logs. Default: until `history` newer ones have finished.
    pub keep: Option<Duration>,
    /// How many finished runs stay, of failed ones and of successful ones. Default: 3.
    #[schemars(range(min = 0, max = 100), example = 3)]
    pub history: Option<u32>,
    /// In which regions it runs. Default: `primary`.
    #[serde(rename = "where")]
    pub place: Option<Place>,
    /// The image. Default: the service's.
    #[schemars(
        example = "registry.example.com/shop/report@sha256:4bb1f8f4d1f3d7e0c9a2b5f6e7d8091a2b3c4d5e6f708192a3b4c5d6e7f80912"
    )]
    pub image: Option<String>,
    /// The command to run instead of the image's own. Default: the service's, unless `args` are given.
    #[schemars(example = ["/app/report"])]
    pub command: Option<Vec<String>>,
    /// The arguments of the command. Default: the service's, unless a `command` is given.
    #[schemars(example = ["--since=yesterday"])]
    pub args: Option<Vec<String>>,
    /// Environment variables that are added to the service's, and replace those of the same name.
    #[serde(default)]
    #[schemars(extend("examples" = [{"LOG_LEVEL": "info"}]))]
    pub config: ByName<Setting>,
    /// CPU that it needs. Default: that of a replica.
    pub cpu: Option<Cpu>,
    /// Memory that it needs. Default: that of a replica.
    pub memory: Option<Bytes>,
    /// The CPU limit. Default: what it needs times the tier's `cpu_burst`.
    pub cpu_limit: Option<Cpu>,
    /// The memory limit. Default: what it needs.
    pub memory_limit: Option<Bytes>,
    /// Containers that run to their end before it starts, one after the other. With the job's image,
    /// command, environment and mounts are the job's, too, unless set there.
    #[serde(default)]
    pub init: Vec<Init>,
}
