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
    /// The name.
    #[serde(skip)]
    pub name: String,
    /// For a tier of your own: the tier from which it takes everything it does not set.
    #[schemars(example = &"gold")]
    pub like: Option<String>,
    /// The largest loss after which the peak is still carried.
    pub survives: Survives,
    /// The promised availability, in percent of the year.
    #[schemars(range(min = 0, max = 100), extend("examples" = [99.95]))]
    pub availability: f64,
    /// The fewest regions of a service.
    #[schemars(range(min = 1, max = 10), example = 2)]
    pub regions: u32,
    /// The fewest zones in each region of a service.
    #[schemars(range(min = 1, max = 10), example = 3)]
    pub zones: u32,
    /// How many replicas carry the peak, unless the spec sets `capacity.peak`.
    #[schemars(range(min = 1, max = 100), example = 2)]
    pub peak: u32,
    /// The fewest replicas.
    #[schemars(range(min = 1, max = 100), example = 3)]
    pub replicas: u32,
    /// How replicas spread over zones.
    pub zone_spread: Spread,
    /// How replicas spread over nodes.
    pub host_spread: Spread,
    /// How many replicas a rollout may add (`maxSurge`).
    #[schemars(range(min = 0, max = 100), example = 1)]
    pub surge: u32,
    /// How many replicas may be missing during a rollout (`maxUnavailable`).
    #[schemars(range(min = 0, max = 100), example = 0)]
    pub unavailable: u32,
    /// How long a new pod must be ready before it counts.
    pub min_ready: Duration,
    /// How long a pod stays bound to a lost node before it is replaced.
    pub node_loss: Duration,
    /// How long a terminating pod goes on serving, until it has left all endpoints.
    pub settle: Duration,
    /// How long requests in flight may take after that.
    pub drain: Duration,
    /// The CPU limit, as a multiple of the request; 0 means no limit.
    #[schemars(range(min = 0, max = 100), example = 4)]
    pub cpu_burst: u32,
    /// The PriorityClass, which must exist in the cluster, or be one of `priority_classes`.
    #[schemars(example = &"gold")]
    pub priority_class: Option<String>,
    /// The recovery strategies that it allows; the first is the default of a service in several regions.
    #[schemars(length(min = 1), example = ["warm standby", "pilot light"])]
    pub strategies: Vec<Strategy>,
    /// How much of the peak a warm standby carries, in percent.
    #[schemars(range(min = 1, max = 100), example = 50)]
    pub standby: u32,
    /// How old a measurement that a promise rests on may be, on the day of the inventory. Default: any age.
    pub evidence: Option<Duration>,
    /// Its backups. A shorter RPO shortens `every`.
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
    /// How long every backup of volumes is kept; after that, one a day is kept.
    pub recent: Duration,
    /// How long backups are kept.
    pub keep: Duration,
    /// Where they are stored.
    pub stored: Stored,
    /// The number of locations that hold the backups of a service with volumes; the first is where `stored`
    /// says.
    #[schemars(range(min = 1, max = 2), example = 2)]
    pub copies: u32,
    /// How many runs in a row may fail before the RPO breaks.
    #[schemars(range(max = 10), example = 1)]
    pub failed_runs: u32,
    /// The shortest time that is reserved for a backup.
    pub duration: Duration,
}
