//! Work of a service that ends by itself.

use super::containers::Init;
use super::given::Setting;
use crate::quantity::{Bytes, Cpu, Duration};
use crate::words::{Overlap, Place, Restart, Run};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Work that ends by itself. It is given what the service is given, and may connect to what the
/// service may connect to; nothing connects to it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Its name; that of its object is the service's, `-` and this.
    pub name: String,
    /// When it runs: the five fields of cron, `0 3 * * *`. Default: none.
    pub schedule: Option<String>,
    /// In place of a schedule: once for each content, and when. Default: none.
    pub run: Option<Run>,
    /// The time zone of the schedule, `Europe/Berlin`. Default: `Etc/UTC`.
    pub timezone: Option<String>,
    /// What becomes of a run when the one before has not ended. Default: `forbid`.
    pub overlap: Option<Overlap>,
    /// The longest that it may take, with all that is tried again. Default: `1h`, and `10m` where a
    /// release waits for it.
    pub deadline: Option<Duration>,
    /// How often it is tried again after it failed. Default: 2.
    #[schemars(range(min = 0, max = 100))]
    pub retries: Option<u32>,
    /// Where it is tried again: in another pod (`never`), or in the same one (`on-failure`), which keeps
    /// its node and its scratch folders, and no logs. Default: `never`.
    pub restart: Option<Restart>,
    /// How long a run that has ended stays, with its logs. Default: until `history` others have.
    pub keep: Option<Duration>,
    /// How many runs that have ended stay, of those that failed and of the others. Default: 3.
    #[schemars(range(min = 0, max = 100))]
    pub history: Option<u32>,
    /// Where it runs. Default: `primary`.
    #[serde(rename = "where")]
    pub place: Option<Place>,
    /// Its image. Default: the service's.
    pub image: Option<String>,
    /// The command to run instead of the image's own. Default: the service's, unless `args` are given.
    pub command: Option<Vec<String>>,
    /// The arguments of the command. Default: the service's, unless a `command` is given.
    pub args: Option<Vec<String>>,
    /// Environment variables beside those of the service, or in place of them.
    #[serde(default)]
    pub config: BTreeMap<String, Setting>,
    /// CPU that it needs. Default: that of a replica.
    pub cpu: Option<Cpu>,
    /// Memory that it needs. Default: that of a replica.
    pub memory: Option<Bytes>,
    /// CPU that it may use. Default: what it needs, times `cpu_burst` of the tier.
    pub cpu_limit: Option<Cpu>,
    /// Memory that it may use. Default: what it needs.
    pub memory_limit: Option<Bytes>,
    /// What ends before it starts, one after the other. With the image of the job it has the job's
    /// command, environment and mounts, unless it says otherwise.
    #[serde(default)]
    pub init: Vec<Init>,
}
