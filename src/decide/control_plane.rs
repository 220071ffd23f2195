//! Snapshots of etcd, and the replacement of lost nodes, for clusters that the fleet runs itself
//! (`docs/facts.md`, "Control planes").
//!
//! What a cluster should run is in the tree; a snapshot is for what is nowhere else: generated
//! Secrets, which claim has which volume, the state of operators.

use super::cron;
use crate::model::{EtcdSnapshots, Region};
use crate::quantity::{Bytes, Cpu, Duration};

/// The name of the CronJob.
pub(crate) const SNAPSHOTS: &str = "etcd-snapshot";

/// What a run is given.
pub(crate) const TAKES: Duration = Duration::minutes(15);

/// How late a run may begin.
pub(crate) const LATE: Duration = Duration::minutes(5);

/// Between two snapshots, unless the fleet says.
const EVERY: Duration = Duration::minutes(60);

/// The most that a snapshot takes, unless the fleet says.
const SIZE: Bytes = Bytes::mebibytes(16 * 1024);

/// The CPU that each step of a snapshot is given: it reads and writes a file, and shares its node with
/// etcd and the API server.
pub(crate) const CPU: Cpu = Cpu::millis(100);

/// The memory that it is given, and may have: what it reads of a file is given back under pressure.
pub(crate) const MEMORY: Bytes = Bytes::mebibytes(512);

/// How long a node may be silent before its machine is replaced: longer than a reboot, and than
/// the controller takes to call it lost.
pub(crate) const SILENT: Duration = Duration::minutes(5);

/// How long a new machine may take to become a node (cluster-api's default).
pub(crate) const STARTUP: Duration = Duration::minutes(10);

/// How the etcd of a region is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Saved {
    /// Between two snapshots.
    pub(crate) every: Duration,
    /// Five fields of cron, in UTC.
    pub(crate) cron: String,
    /// The most that a snapshot takes.
    pub(crate) size: Bytes,
    /// How old the last may be when one has failed.
    pub(crate) max_age: Duration,
}

/// How the etcd of a region is saved.
pub(crate) fn saved(region: &Region, written: &EtcdSnapshots) -> Saved {
    let every = cron::nearest(written.every.unwrap_or(EVERY));
    Saved {
        every,
        cron: cron::expression(every, &format!("{SNAPSHOTS}-{}", region.short)),
        size: written.size.unwrap_or(SIZE),
        max_age: every * 2 + TAKES,
    }
}

/// The most machines of a region that are replaced at once. When as many are lost as the smallest
/// zone has, a zone is, and new machines in it would be lost as well.
pub(crate) fn max_replaced(region: &Region) -> u32 {
    let smallest = region.zones.iter().map(|zone| zone.nodes).min().unwrap_or(1);
    smallest.saturating_sub(1).max(1)
}
