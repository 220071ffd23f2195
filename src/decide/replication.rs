//! How often VolSync copies volumes to another region.
//!
//! Both ends meet in a repository in object storage. What the destination holds when its region
//! must take over is behind by: the wait for the next push, as many more as may fail, the push, the
//! wait for the next pull, as many more as may fail, the pull (`docs/facts.md`, "Engines that replicate
//! data"). The interval follows from the lag that the spec allows.

use super::{Number, Reason, ServiceInRegion, cron};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::engines::replication::Copies;
use crate::model::{Replication, Service, Volume};
use crate::quantity::Duration;

/// What a push, and what a pull, of the changes since the one before is assumed to take: VolSync
/// bounds neither. An alert on `volsync_missed_intervals_total` tells when it takes longer.
pub const COPY: Duration = Duration::minutes(5);

/// How often VolSync copies, and how far a copy is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Copying {
    /// The lag that the spec allows.
    pub(crate) allowed: Duration,
    /// Between two pushes, and between two pulls.
    pub(crate) interval: Duration,
    /// Runs in a row that may fail at each of the two ends, as of backups.
    pub(crate) failed_runs: u32,
    /// How far a copy is behind at worst.
    pub(crate) behind: Duration,
}

/// How often the volumes of a service are copied; none where VolSync does not copy them, or cannot
/// keep the lag.
pub(super) fn decide(service: &Service) -> Option<Copying> {
    let allowed = by_volsync(service)?.lag?;
    let failed_runs = service.tier.backup.failed_runs;
    let interval = volsync_interval(allowed, failed_runs)?;
    Some(Copying { allowed, interval, failed_runs, behind: volsync_lag(interval, failed_runs) })
}

/// How far a copy of VolSync's is behind at worst, when so many runs in a row may fail at each of its two
/// ends: a push and a pull are Jobs of two clusters, and neither waits for the other.
pub fn volsync_lag(interval: Duration, failed_runs: u32) -> Duration {
    let end = interval * (u64::from(failed_runs) + 1) + COPY;
    end * 2
}

/// The longest interval that keeps the copy within `lag`; none when none does.
pub fn volsync_interval(lag: Duration, failed_runs: u32) -> Option<Duration> {
    cron::INTERVALS.into_iter().rev().find(|interval| volsync_lag(*interval, failed_runs) <= lag)
}

impl Copying {
    /// The worst case in words: `15m until the next push + 1 × 15m for pushes that fail + …`.
    pub(crate) fn words(&self, and: &str) -> String {
        let Copying { interval, failed_runs, .. } = self;
        let end = |run: &str, runs: &str| {
            let failed = match failed_runs {
                0 => String::new(),
                count => format!("{count} × {interval} for {runs} that fail{and}"),
            };
            format!("{interval} until the next {run}{and}{failed}{COPY} to {run}")
        };
        [end("push", "pushes"), end("pull", "pulls")].join(and)
    }
}

/// The volumes that it copies.
pub(crate) fn copied(service: &Service) -> Vec<&Volume> {
    service.volumes.iter().filter(|volume| volume.backup != Some(false)).collect()
}

/// What the spec says of copies that VolSync makes.
pub(crate) fn by_volsync(service: &Service) -> Option<&Replication> {
    service
        .replication
        .as_ref()
        .filter(|replication| replication.engine.copies() == Copies::Volumes)
}

/// When the copy called `name` runs here: a push where data is written, else a pull, which begins
/// when the push may have ended.
pub(crate) fn schedule(
    here: &ServiceInRegion<'_>,
    copying: Copying,
    name: &str,
) -> Number<String, impl FnOnce() -> Reason> {
    let Copying { allowed, interval, behind, .. } = copying;
    let (later, what, begun) = match here.role.backs_up {
        true => (Duration::default(), "push", ""),
        false => (COPY, "pull", ", begun when the push may have ended"),
    };
    Number::new(cron::expression_after(interval, name, later), move || {
        let words = format!(
            "a {what} every {interval}{begun}: the rarest that keeps the copy within {allowed}. At worst it is behind by {} = {behind}; a push and a pull are assumed to take {COPY}. The minutes follow from the name, so that not all begin at once",
            copying.words(" + ")
        );
        Reason::new(words)
            .from(here.in_spec(&["data", "replication", "lag"]))
            .from(here.in_tier("backup.failed_runs"))
            .built_in()
    })
}

/// How many copies of volumes there are here: one of each volume of each replica.
pub(crate) fn count(here: &ServiceInRegion<'_>) -> u64 {
    copied(here.service).len() as u64 * u64::from(here.size.full)
}

/// The size of the cache of what copies a volume.
pub(crate) fn cache() -> Number<&'static str, impl FnOnce() -> Reason> {
    Number::new("1Gi", || {
        let words = "what restic keeps of the index of its repository; the default of VolSync";
        Reason::new(words).built_in()
    })
}

/// Days between two removals of what no kept copy needs.
pub(crate) fn prune_days() -> Number<u32, impl FnOnce() -> Reason> {
    Number::new(7, || {
        let words = "days between two removals of what no kept copy needs; the default of VolSync";
        Reason::new(words).built_in()
    })
}

/// Hours of which a copy is kept.
pub(crate) fn kept_hourly() -> Number<u32, impl FnOnce() -> Reason> {
    Number::new(24, || {
        Reason::new("hours of which one copy is kept; a pull takes the latest").built_in()
    })
}

/// Days of which a copy is kept.
pub(crate) fn kept_daily() -> Number<u32, impl FnOnce() -> Reason> {
    Number::new(7, || Reason::new("days of which one copy is kept").built_in())
}

/// The size of the volume that a copy is of.
pub(crate) fn capacity<'a>(
    here: &'a ServiceInRegion<'_>,
    volume: &'a Volume,
) -> Number<crate::quantity::Bytes, impl FnOnce() -> Reason> {
    Number::new(volume.size, move || {
        let index = here.service.volumes.iter().position(|other| other.name == volume.name);
        let index = index.unwrap_or_default().to_string();
        Reason::new(format!("as large as the volume `{}` that it is a copy of", volume.name))
            .from(here.in_spec(&["volumes", &index, "size"]))
    })
}

/// Whether VolSync can keep the lag that the spec allows.
pub(super) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let lag = by_volsync(here.service).and_then(|replication| replication.lag);
    let failed_runs = here.service.tier.backup.failed_runs;
    let too_short = |lag: &Duration| volsync_interval(*lag, failed_runs).is_none();
    let Some(lag) = lag.filter(too_short) else { return };
    let interval = cron::INTERVALS[0];
    let min = volsync_lag(interval, failed_runs);
    let shortest = Copying { allowed: lag, interval, failed_runs, behind: min };
    sink.error(
        Diagnostic::new(
            Code::REPLICATION_LAG,
            format!("VolSync cannot keep the copy of `{}` within {lag}", here.service.name),
        )
        .at(here.service.at(&["data", "replication", "lag"]), "")
        .note(format!(
            "worst case: {} (assumed) = {min}",
            shortest.words(" + ")
        ))
        .help(format!("write `lag = \"{}\"` or more, or use a store that replicates by itself: `engine = \"external\"`", min.compact())),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_fail_count_at_both_ends() {
        let lag = |failed| volsync_lag(Duration::minutes(15), failed);
        assert_eq!(lag(0), Duration::minutes(2 * 15 + 2 * 5));
        assert_eq!(lag(1), lag(0) + Duration::minutes(2 * 15));
        let (allowed, interval) = (Duration::minutes(70), Duration::minutes(15));
        let copying = Copying { allowed, interval, failed_runs: 1, behind: lag(1) };
        let words = copying.words(" + ");
        assert_eq!(
            words,
            "15m until the next push + 1 × 15m for pushes that fail + 5m to push + 15m until the next pull + 1 × 15m for pulls that fail + 5m to pull"
        );
    }

    #[test]
    fn the_interval_is_the_longest_that_keeps_the_lag() {
        for (minutes, failed) in (1..3000).map(|minutes| (minutes, u32::from(minutes % 2 == 0))) {
            let lag = Duration::minutes(minutes);
            match volsync_interval(lag, failed) {
                Some(interval) => {
                    assert!(volsync_lag(interval, failed) <= lag);
                    let longer = cron::INTERVALS.into_iter().find(|other| *other > interval);
                    let too_long = |longer| volsync_lag(longer, failed) > lag;
                    assert!(longer.is_none_or(too_long), "{lag}");
                }
                None => assert!(minutes < 20 + 10 * u64::from(failed), "{lag}"),
            }
        }
    }
}
