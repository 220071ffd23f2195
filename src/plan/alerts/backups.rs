//! Backups that are too old, fail, or were never made.
//!
//! Velero gives each metric the name of its Schedule and nothing else of the service, and sets
//! `velero_backup_last_successful_timestamp` to the end of the newest backup that completed, again
//! after a restart (velero `pkg/metrics/metrics.go`, `pkg/controller/backup_controller.go`).
//! `velero_backup_last_status` keeps the last word of a Schedule that is gone, so failures are
//! counted instead.

use super::{Condition, DATA, Severity, any_generation, prometheus_time};
use crate::decide::ServiceInRegion;
use crate::decide::schedules::{self, MaxAge, Scheduled};
use crate::kube::labels;
use crate::quantity::Duration;

pub(super) const LAST: &str = "velero_backup_last_successful_timestamp";
pub(super) const FAILURES: [&str; 3] = [
    "velero_backup_failure_total",
    "velero_backup_partial_failure_total",
    "velero_backup_validation_failure_total",
];

pub(super) fn conditions(here: &ServiceInRegion<'_>) -> Vec<Condition> {
    let of = |scheduled: Scheduled<'_>| {
        let series = series(&scheduled);
        let place = format!("{} in {}", here.service.name.plain(), here.region.name);
        let (what, location) = (kind_of(&scheduled), &scheduled.location.name);
        [
            too_old(here, &scheduled, &series),
            failing(here, &scheduled, &series),
            Condition {
                name: "BackupNeverSeen",
                expression: format!("absent({LAST}{series})"),
                hold: scheduled.worst_case(here),
                severity: match scheduled.is_daily() {
                    true => Severity::Warning,
                    false => Severity::Critical,
                },
                summary: format!("No {what} of {place} to {location} is known to have completed"),
                reason: format!(
                    "the first one completes within {} at worst; or Velero is not scraped",
                    scheduled.worst_case(here)
                ),
                about: Some(about(&scheduled, location)),
                section: DATA.to_owned(),
                action: Some(look(here, here)),
            },
        ]
    };
    schedules::of(here).into_iter().flat_map(of).collect()
}

/// The metrics of a Schedule, whatever its suffix.
pub(super) fn series(scheduled: &Scheduled<'_>) -> String {
    format!("{{schedule=~\"{}\"}}", any_generation(&scheduled.name))
}

fn too_old(here: &ServiceInRegion<'_>, scheduled: &Scheduled<'_>, series: &str) -> Condition {
    let service = here.service;
    let MaxAge { promised, age, reason } = scheduled.max_age(here);
    let (name, severity) = match promised {
        true => ("BackupOlderThanRpo", Severity::Critical),
        false => ("BackupTooOld", Severity::Warning),
    };
    Condition {
        name,
        expression: format!("time() - max({LAST}{series}) > {}", age.as_seconds()),
        hold: Duration::default(),
        severity,
        summary: format!(
            "The last {} of {} in {} to {} completed {{{{ $value | humanizeDuration }}}} ago",
            kind_of(scheduled),
            service.name.plain(),
            here.region.name,
            scheduled.location.name
        ),
        reason,
        about: Some(about(scheduled, &scheduled.location.name)),
        section: DATA.to_owned(),
        action: Some(look(here, here)),
    }
}

fn failing(here: &ServiceInRegion<'_>, scheduled: &Scheduled<'_>, series: &str) -> Condition {
    let window = scheduled.worst_case_of_one(here);
    let window_words = prometheus_time(window);
    let counted =
        FAILURES.map(|counter| format!("(sum(increase({counter}{series}[{window_words}])) > 0)"));
    Condition {
        name: "BackupFailed",
        expression: counted.join(" or "),
        hold: Duration::default(),
        severity: Severity::Warning,
        summary: format!(
            "A {} of {} in {} to {} failed, or lacks a part",
            kind_of(scheduled),
            here.service.name.plain(),
            here.region.name,
            scheduled.location.name
        ),
        reason: format!(
            "within {window} another one completes at worst; {} in a row may fail (tier {})",
            scheduled.cadence.failed_runs, here.service.tier.name
        ),
        about: Some(about(scheduled, &scheduled.location.name)),
        section: DATA.to_owned(),
        action: Some(look(here, here)),
    }
}

/// What tells the alerts of a Schedule from those of another: where it writes, or which it is of two
/// that write there.
pub(super) fn about(scheduled: &Scheduled<'_>, location: &str) -> (&'static str, String) {
    match scheduled.is_daily() {
        true => ("schedule", scheduled.name.clone()),
        false => ("location", location.to_owned()),
    }
}

/// What a Schedule makes, in words.
pub(super) fn kind_of(scheduled: &Scheduled<'_>) -> &'static str {
    if scheduled.is_daily() { "daily backup" } else { "backup" }
}

/// How one sees here what became of the last backups of the region that writes.
pub(super) fn look(here: &ServiceInRegion<'_>, writer: &ServiceInRegion<'_>) -> String {
    format!(
        "kubectl --namespace {} get backups.velero.io --selector {}={},{}={} --sort-by .metadata.creationTimestamp; then velero backup describe and velero backup logs of the last",
        here.region.backup_namespace,
        labels::SERVICE,
        here.service.name.plain(),
        labels::REGION,
        writer.region.name
    )
}
