//! What a tier means, and what a fleet may change of it.

use crate::quantity::Duration;
use crate::words::{Spread, Stored, Strategy, Survives};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;

/// What a tier means. Default of each field: that of the built-in tier of this name, or of `like`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = changes)]
pub struct Tier {
    /// Its name.
    #[serde(skip)]
    pub name: String,
    /// The tier that one's own tier is made from.
    pub like: Option<String>,
    /// What it survives without losing the peak.
    pub survives: Survives,
    /// The share of the year, in percent, for which it serves.
    #[schemars(range(min = 0, max = 100))]
    pub availability: f64,
    /// The fewest regions.
    #[schemars(range(min = 1, max = 10))]
    pub regions: u32,
    /// The fewest zones in each region in which it runs.
    #[schemars(range(min = 1, max = 10))]
    pub zones: u32,
    /// Replicas that carry the peak unless the service says.
    #[schemars(range(min = 1, max = 100))]
    pub peak: u32,
    /// The fewest replicas.
    #[schemars(range(min = 1, max = 100))]
    pub replicas: u32,
    /// How replicas spread over zones.
    pub zone_spread: Spread,
    /// How replicas spread over nodes.
    pub host_spread: Spread,
    /// Replicas above the wanted number during a rollout.
    #[schemars(range(min = 0, max = 100))]
    pub surge: u32,
    /// Replicas below the wanted number during a rollout.
    #[schemars(range(min = 0, max = 100))]
    pub unavailable: u32,
    /// How long a new pod must be ready before it counts.
    pub min_ready: Duration,
    /// How long a pod stays on a node that is lost, before another takes its place.
    pub node_loss: Duration,
    /// How long a pod goes on serving while it is taken out of the endpoints.
    pub settle: Duration,
    /// How long work in flight may take after that.
    pub drain: Duration,
    /// The limit of CPU as a multiple of the request; 0 means no limit.
    #[schemars(range(min = 0, max = 100))]
    pub cpu_burst: u32,
    /// The PriorityClass, by name. It must exist in the cluster.
    pub priority_class: Option<String>,
    /// The recovery strategies that it allows, the default for several regions first.
    #[schemars(length(min = 1))]
    pub strategies: Vec<Strategy>,
    /// The share of the peak, in percent, that a warm standby runs.
    #[schemars(range(min = 1, max = 100))]
    pub standby: u32,
    /// How old a measurement may be that its promises rest on, on the day of the inventory.
    /// Default: any age.
    pub evidence: Option<Duration>,
    /// How it backs up; `every` is the longest time between backups, where no RPO asks for a shorter.
    pub backup: TierBackup,
}

/// A fleet may leave out every field.
fn changes(schema: &mut Schema) {
    schema.remove("required");
}

/// How a tier backs up. Default of each field: that of the built-in tier of this name, or of `like`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = changes)]
pub struct TierBackup {
    /// The longest time between backups.
    pub every: Duration,
    /// How long every backup of volumes is kept; after that, one of each day.
    pub recent: Duration,
    /// How long backups are kept.
    pub keep: Duration,
    /// Where they are stored.
    pub stored: Stored,
    /// In how many locations the backups of a service with volumes are, the first of them where
    /// `stored` says.
    #[schemars(range(min = 1, max = 2))]
    pub copies: u32,
    /// How many runs in a row may fail.
    #[schemars(range(max = 10))]
    pub failed_runs: u32,
    /// The least time that a backup is given.
    pub duration: Duration,
}
