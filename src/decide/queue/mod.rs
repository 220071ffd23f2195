//! The queue of each region's Velero server: whether every backup of the fleet gets its turn
//! within the time that every RPO counts on.
//!
//! Cadences are chosen against a budget that follows from the cadence alone, or from
//! `[regions.X.backup] queue`, and the budgets are proven here for all of them together. So a new
//! service never moves the Schedules of another: it is refused when there is no room for it.

pub mod wait; // the longest wait on one server
mod former; //   Schedules that run on until they are retired
mod server; //   what shares a server
mod check; //    findings where it is too much
pub mod held; //    how many Backups a server holds
pub mod week; //    how busy a server is, hour by hour

pub(crate) use check::check;
pub use check::check_with_former;
pub use former::Former;

use super::Decided;
use super::schedules::Scheduled;
use crate::kube::RegionName;
use crate::model::Region;
use crate::quantity::Duration;
use server::{Server, servers};
use std::collections::BTreeMap;

/// The queue of one region, proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// The region.
    pub region: RegionName,
    /// How many backups run at a time.
    pub slots: u32,
    /// The share of the slots' time in which backups may run, in millionths.
    pub utilisation: u64,
    /// The longest wait of each Schedule, by its logical name, and how long it may wait.
    pub waits: BTreeMap<String, (Duration, Duration)>,
}

/// How many backups a server runs at a time, unless the fleet says (`--concurrent-backups`,
/// velero `pkg/cmd/server/config/config.go`).
const CONCURRENCY: u32 = 1;

/// How many backups the server of a region runs at a time.
pub(crate) fn concurrency(region: &Region) -> u32 {
    region.backups.concurrency.unwrap_or(CONCURRENCY)
}

/// Whether the Schedules of one service keep their waits on a server of their own.
pub(super) fn holds_alone(scheduled: &[Scheduled<'_>]) -> bool {
    let loads: Vec<wait::Load> =
        scheduled.iter().map(|one| server::load(&server::made(&one.cron), &one.cadence)).collect();
    wait::worst_waits(&loads, 1).is_some()
}

/// The queues of the fleet, as they are proven.
pub fn of(decided: &Decided) -> Vec<Queue> {
    let servers = servers(decided, &[]);
    let queue = |server: &Server<'_>| {
        let loads = server.loads();
        let slots = server.slots();
        let waits = wait::worst_waits(&loads, slots as usize)?;
        let waits = waits.into_iter().zip(loads.iter().map(|load| load.budget));
        let named = server.entries.iter().zip(waits);
        Some(Queue {
            region: server.region.name.clone(),
            slots,
            utilisation: wait::utilisation(&loads, slots as usize),
            waits: named
                .map(|(entry, (wait, budget))| {
                    let times = (Duration::seconds(wait), Duration::seconds(budget));
                    (entry.name.clone(), times)
                })
                .collect(),
        })
    };
    servers.iter().filter_map(queue).collect()
}
