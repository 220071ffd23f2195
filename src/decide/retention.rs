//! How long backups are kept, in two steps, and whether one is still there when the next one fails.
//!
//! An RPO needs backups so often that keeping each of them for a month fills the server with objects,
//! all of which it lists every minute. So every one is kept for days, in which damage is mostly
//! noticed, and one of each day for as long as the tier says.

use super::cadence::{self, Backups, Cadence};
use super::schedules::{self, Scheduled};
use super::{Number, Numbers, Reason, ServiceInRegion, queue};
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::quantity::Duration;

/// Velero deletes once an hour (`--garbage-collection-frequency`), and counts a backup's life from
/// its start.
pub(crate) const COLLECTION: Duration = Duration::minutes(60);

/// The least that a backup lives: until the runs that may fail have failed, the one after them is
/// durable, and the server has looked (`docs/facts.md`, "Retention"). Two runs at least: a schedule
/// that stops is noticed after one.
fn needed(cadence: &Cadence) -> Duration {
    cadence.interval * runs(cadence) + cadence.duration + COLLECTION
}

fn runs(cadence: &Cadence) -> u64 {
    (u64::from(cadence.failed_runs) + 1).max(2)
}

/// How long the last backups are kept, however often they are made.
fn kept(here: &ServiceInRegion<'_>) -> Duration {
    here.service.backup.keep.unwrap_or(here.service.tier.backup.keep)
}

/// How long every backup of the Schedule that keeps the RPO is kept, where one of each day is kept
/// for longer: what is written, and never less than the next one needs.
fn recent(here: &ServiceInRegion<'_>, first: &Cadence) -> Duration {
    here.service.backup.recent.unwrap_or(here.service.tier.backup.recent).max(needed(first))
}

/// Whether one backup of each `daily` is kept for longer than every one: where there are volumes,
/// more than one backup a day, days after the first step, and room for one more between two backups.
pub(super) fn in_two_steps(here: &ServiceInRegion<'_>, backups: &Backups, daily: &Cadence) -> bool {
    let first = &backups.first;
    let thinned = here.service.keeps_data()
        && backups.trouble.is_none()
        && first.interval < daily.interval
        && kept(here) > recent(here, first).max(needed(daily));
    // All of one namespace run one after the other, however many slots there are.
    let backups = Some(Box::new(Backups { daily: Some(*daily), ..*backups }));
    let numbers = Numbers { backups, ..here.numbers.clone() };
    thinned && queue::holds_alone(&schedules::of(&ServiceInRegion { numbers: &numbers, ..*here }))
}

/// How long the backups of a Schedule are kept.
pub(crate) fn of(
    here: &ServiceInRegion<'_>,
    scheduled: &Scheduled<'_>,
) -> Number<Duration, impl FnOnce() -> Reason> {
    let first =
        here.backups.as_deref().map(|backups| backups.first).filter(|_| scheduled.thins_out());
    let keep = first.map_or_else(|| kept(here), |first| recent(here, &first));
    let daily = scheduled.is_daily();
    Number::new(keep, move || {
        let Some(first) = first else {
            let words = match daily {
                true => "how long one backup of each day is kept",
                false => "how long backups are kept",
            };
            let source = here.in_spec_or_tier(&["backup", "keep"], "backup.keep");
            return Reason::new(words).from(source);
        };
        let written = here.service.backup.recent.unwrap_or(here.service.tier.backup.recent);
        let words = match keep > written {
            true => format!(
                "how long every backup is kept, before one of each day is left: {} × {}, as so many runs may fail, {} until durable and {COLLECTION} until old ones are deleted",
                runs(&first), first.interval, first.duration
            ),
            false => "how long every backup is kept, before one of each day is left: damage is mostly noticed by then".to_owned(),
        };
        let source = here.in_spec_or_tier(&["backup", "recent"], "backup.recent");
        Reason::new(words).from(source)
    })
}

/// A backup lives until the next one is there.
pub(crate) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let Some(&Backups { first, .. }) = here.backups.as_deref() else { return };
    // Findings then follow from what is refused.
    if cadence::is_refused(here.service) {
        return;
    }
    let scheduled = schedules::of(here).into_iter().find(Scheduled::keeps_rpo);
    let key = if scheduled.is_some_and(|one| one.thins_out()) { "recent" } else { "keep" };
    // Where nothing is written, what every backup is kept for follows from what is needed.
    let Some((place, keep)) = written(here, key) else { return };
    if keep >= needed(&first) {
        return;
    }
    let needed = needed(&first);
    sink.error(
        Diagnostic::new(
            Code::RETENTION_TOO_SHORT,
            format!("backups of `{}` may be gone before the next is there", here.service.name),
        )
        .at(place, format!("kept for {keep}"))
        .note(format!(
            "{} × {} between backups + {} until durable + {COLLECTION} until old ones are deleted = {needed}",
            runs(&first), first.interval, first.duration
        ))
        .help(format!("write `{key} = \"{}\"`", needed.to_string().replace(' ', ""))),
    );
}

/// What the spec or the fleet says under a key of `[backup]`, and where; of how long backups are kept
/// in all, what the tier says as well.
fn written(here: &ServiceInRegion<'_>, key: &'static str) -> Option<(Span, Duration)> {
    let (service, fleet) = (here.service, here.fleet);
    let (own, tier) = match key {
        "recent" => (service.backup.recent, service.tier.backup.recent),
        _ => (service.backup.keep, service.tier.backup.keep),
    };
    let path = ["tiers", &service.tier.name, "backup", key];
    match own {
        Some(own) => Some((service.at(&["backup", key]), own)),
        None if fleet.document.has(&path) => Some((fleet.document.at(&path), tier)),
        None => (key == "keep").then(|| (service.at(&["tier"]), tier)),
    }
}
