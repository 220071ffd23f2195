//! How often delivery engines look and try again, and how long they wait.

use serde::Serialize;

/// How often Flux asks for commits.
pub(crate) const COMMITS: &str = "1m";

/// How long git may take to answer Flux.
pub(crate) const GIT: &str = "1m";

/// How often Flux puts back what somebody changed by hand.
pub(crate) const DRIFT: &str = "10m";

/// How soon Flux tries again what failed.
pub(crate) const RETRY: &str = "1m";

/// How long Flux waits for health. While it does it applies no newer commit
/// (`CancelHealthCheckOnNewRevision` is off by default), so a revert waits so long at worst.
pub(crate) const HEALTH: &str = "3m";

/// How Argo CD tries again what failed.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Retries {
    /// How often, until the next commit.
    pub limit: u32,
    /// How soon at first.
    pub first: &'static str,
    /// How many times later each is than the one before.
    pub factor: u32,
    /// How long it waits at most.
    pub longest: &'static str,
}

/// Half an hour: an API server or a webhook that restarts is back by then, and a custom kind that
/// something else brings is known.
pub(crate) const RETRIES: Retries = Retries { limit: 10, first: "10s", factor: 2, longest: "3m" };
