//! When alerts are raised: how long what is wrong must have held, how many of something are to be
//! seen, and how fast the time for which a tier may not serve may pass.

use super::locations::VALIDATED;
use super::proof::rto::SYNC;
use super::proof::{Objective, Proof, Scope};
use super::schedules::Scheduled;
use super::{Number, Reason, ServiceInRegion, lifecycle};
use crate::model::{Rollout, Survives};
use crate::quantity::Duration;

/// What a rollout that has failed may take to turn out well all the same.
const FAILED: Duration = Duration::minutes(2);

/// What a rollout and a rescheduled pod may take before an alert.
pub(crate) const SETTLED: Duration = Duration::minutes(15);

/// How long nothing may be heard of what is watched: a scraper that restarts is back by then.
pub(crate) const SILENCE: Duration = Duration::minutes(10);

/// What a run of a job that is over may take to be seen, with the start of its pod.
pub(crate) const RUN_SEEN: Duration = Duration::minutes(5);

/// How long a backup location may not answer: once is an accident, five times in a row are none.
pub(crate) const UNREACHED: Duration = Duration::seconds(VALIDATED.as_seconds() * 5);

/// How long fewer replicas than carry the peak may be ready where a tier survives more than the loss
/// of a pod: none of these losses leaves so few.
const SHORT: Duration = Duration::minutes(1);

/// How often the error budget is looked at: as often as Prometheus scrapes by default, at least.
pub(crate) const STEP: Duration = Duration::seconds(30);

/// The days for which an error budget is.
const DAYS: u64 = 30;

/// How long an alert waits, for the reason that it tells.
pub(crate) fn hold<'a>(
    written: &'a str,
    alert: &'a str,
    reason: &'a str,
) -> Number<&'a str, impl FnOnce() -> Reason> {
    Number::new(written, move || {
        let words = format!("how long it must hold before `{alert}` is raised; {reason}");
        Reason::new(words).built_in()
    })
}

/// How long fewer replicas than carry the peak may be ready.
pub(crate) fn short(here: &ServiceInRegion<'_>, proof: &Proof) -> Duration {
    match here.service.survives() {
        Survives::Pod => worst(proof, Scope::Pod).unwrap_or(SETTLED),
        Survives::Node | Survives::Zone | Survives::Region => SHORT,
    }
}

/// How long a replica that was lost with its node, or evicted, may take to be back.
pub(crate) fn back(proof: &Proof) -> Duration {
    worst(proof, Scope::Node).unwrap_or_default().max(SETTLED)
}

/// The worst time to recover from a loss, if something bounds it.
fn worst(proof: &Proof, scope: Scope) -> Option<Duration> {
    let amount = proof.claim(scope, Objective::Rto)?.worst?;
    Some(Duration::seconds(amount.number))
}

/// How long a release may not come up. Where a Deployment keeps its name, it says itself that its
/// rollout has failed.
pub(crate) fn not_ready(here: &ServiceInRegion<'_>) -> Duration {
    match here.service.rollout {
        Rollout::Replace => deadline(here).max(SETTLED),
        Rollout::Rolling => FAILED,
    }
}

/// When a pod is ready, or its rollout has failed.
pub(crate) fn deadline(here: &ServiceInRegion<'_>) -> Duration {
    Duration::seconds(lifecycle::progress_deadline(here).value)
}

/// When the first backup that `writer` makes is seen in another region, at worst.
pub(crate) fn seen_elsewhere(scheduled: &Scheduled<'_>, writer: &ServiceInRegion<'_>) -> Duration {
    scheduled.worst_case(writer) + SYNC
}

/// How fast an error budget may burn, over a long window and a short one that ends the alert.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Burn {
    /// Whether it is gone soon.
    pub(crate) fast: bool,
    /// How many times as fast as it may, in tenths.
    pub(crate) tenths: u64,
    /// The window that shows it.
    pub(crate) long: Duration,
    /// The window that shows that it goes on.
    pub(crate) short: Duration,
    /// The share of either in which too few replicas are ready, in millionths.
    pub(crate) limit: u64,
    /// What the budget is.
    pub(crate) budget: Duration,
    /// The days for which it is.
    pub(crate) days: u64,
}

/// 2 % of the budget in an hour, 5 % in six (the SRE workbook, "Alerting on SLOs", 6).
const BURNS: [(bool, u64, Duration, Duration); 2] = [
    (true, 144, Duration::minutes(60), Duration::minutes(5)),
    (false, 60, Duration::minutes(360), Duration::minutes(30)),
];

/// How fast the time for which a tier may not serve may pass. Of a tier that serves so rarely that not
/// even a standstill burns that fast, nothing.
pub(crate) fn burns(availability: f64) -> impl Iterator<Item = Burn> {
    let share = millionths(100.0 - availability);
    let budget = Duration::seconds(share * DAYS * 86_400 / 1_000_000);
    let of = move |(fast, tenths, long, short)| {
        let limit = share * tenths / 10;
        Burn { fast, tenths, long, short, limit, budget, days: DAYS }
    };
    BURNS.into_iter().map(of).filter(|burn| burn.limit < 1_000_000)
}

/// A share in percent as millionths of a whole.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share in percent is from 0 to 100"
)]
fn millionths(percent: f64) -> u64 {
    (percent * 10_000.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_burns_as_many_times_too_fast_as_its_share_is_larger() {
        let limits = |availability| burns(availability).map(|burn| burn.limit).collect::<Vec<_>>();
        assert_eq!(limits(99.0), [144_000, 60_000]);
        assert_eq!(limits(99.95), [7_200, 3_000]);
        assert_eq!(limits(99.99), [1_440, 600]);
        assert_eq!(limits(90.0), [600_000]);
    }
}
