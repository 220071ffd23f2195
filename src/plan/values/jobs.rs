//! Work that ends by itself.

use super::{Meta, Pod};
use serde::Serialize;

/// A CronJob, or a Job.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// Its metadata.
    pub meta: Meta,
    /// What it is called in the spec.
    #[serde(skip)]
    pub(crate) name: String,
    /// How often it is tried again.
    pub retries: u32,
    /// The longest that it may take, in seconds.
    pub deadline: u64,
    /// When it runs; none for a Job, which runs once.
    pub schedule: Option<Recurrence>,
    /// Its pod.
    pub pod: Pod,
}

/// When a job runs, again and again.
#[derive(Clone, Debug, Serialize)]
pub struct Recurrence {
    /// Five fields of cron.
    pub cron: String,
    /// The time zone that they are meant in.
    pub timezone: String,
    /// Whether it waits for this region to lead.
    pub suspended: bool,
    /// What becomes of a run when the one before has not ended: `Forbid`, `Allow` or `Replace`.
    pub overlap: &'static str,
    /// How late a run may begin, in seconds.
    pub late: u64,
    /// How many runs that have ended stay.
    pub history: u32,
    /// How long a run that has ended stays, in seconds; none where `history` alone counts.
    pub keep: Option<u64>,
}
