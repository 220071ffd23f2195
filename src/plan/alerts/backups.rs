//! Backups that are too old, fail, or were never made.
//!
//! Velero gives each metric the name of its Schedule and nothing else of the service, and sets
//! `velero_backup_last_successful_timestamp` to the end of the newest backup that completed, again
//! after a restart (velero `pkg/metrics/metrics.go`, `pkg/controller/backup_controller.go`).
//! `velero_backup_last_status` keeps the last word of a Schedule that is gone, so failures are
//! counted instead.

use super::super::ServiceInRegion;
use super::super::backup::{Scheduled, schedules};
use super::super::cadence::{Cadence, worst_case};
use super::super::proof::{Scope, Term, promises_rpo};
use super::{Condition, Severity, any_generation, prometheus_time};
use crate::kube::labels;
use crate::quantity::Duration;

pub(super) const LAST: &str = "velero_backup_last_successful_timestamp";
const FAILURES: [&str; 3] = [
    "velero_backup_failure_total",
    "velero_backup_partial_failure_total",
    "velero_backup_validation_failure_total",
];

pub(super) fn conditions(here: &ServiceInRegion<'_>) -> Vec<Condition> {
    if !here.role.backs_up {
        return Vec::new();
    }
    let of = |scheduled: Scheduled<'_>| {
        let series = series(&scheduled);
        let place = format!("{} in {}", here.service.name, here.region.name);
        let location = &scheduled.location.name;
        [
            too_old(here, &scheduled, &series),
            failing(here, &scheduled, &series),
            Condition {
                name: "BackupNeverSeen",
                expression: format!("absent({LAST}{series})"),
                hold: total(here, &scheduled.cadence),
                severity: Severity::Critical,
                summary: format!("No backup of {place} to {location} is known to have completed"),
                reason: format!(
                    "the first one completes within {} at worst; or Velero is not scraped",
                    total(here, &scheduled.cadence)
                ),
                location: Some(location.clone()),
                runbook: page(here),
                action: Some(look(here, here)),
            },
        ]
    };
    schedules(here).into_iter().flat_map(of).collect()
}

/// The metrics of a Schedule, whatever its suffix.
pub(super) fn series(scheduled: &Scheduled<'_>) -> String {
    format!("{{schedule=~\"{}\"}}", any_generation(&scheduled.name))
}

/// Whether an RPO rests on what a Schedule of the region that writes makes; how long ago the last
/// may have completed; and why.
///
/// The promise is about what a restore brings back, which is as old as the start of a backup; the
/// metric is its end. So the alert comes earlier by as long as a backup may take.
pub(super) fn limit(
    writer: &ServiceInRegion<'_>,
    scheduled: &Scheduled<'_>,
) -> (bool, Duration, String) {
    let service = writer.service;
    let takes = scheduled.cadence.duration;
    let promised =
        !scheduled.is_copy() && service.keeps_data() && promises_rpo(writer, Scope::Data);
    if promised {
        let reason = format!(
            "rpo = {}, less the {takes} that a backup may take: what it holds is as old as its start",
            service.rpo
        );
        return (true, service.rpo.saturating_sub(takes), reason);
    }
    let limit = total(writer, &scheduled.cadence);
    let failed = scheduled.cadence.failed_runs;
    let reason = format!(
        "{limit} is the worst case of a backup every {} of which {failed} in a row may fail (tier {}); no RPO rests on it alone",
        scheduled.cadence.interval, service.tier.name
    );
    (false, limit, reason)
}

fn too_old(here: &ServiceInRegion<'_>, scheduled: &Scheduled<'_>, series: &str) -> Condition {
    let service = here.service;
    let (promised, limit, reason) = limit(here, scheduled);
    let (name, severity) = match promised {
        true => ("BackupOlderThanRpo", Severity::Critical),
        false => ("BackupTooOld", Severity::Warning),
    };
    Condition {
        name,
        expression: format!("time() - max({LAST}{series}) > {}", limit.as_seconds()),
        hold: Duration::default(),
        severity,
        summary: format!(
            "The last backup of {} in {} to {} completed {{{{ $value | humanizeDuration }}}} ago",
            service.name, here.region.name, scheduled.location.name
        ),
        reason,
        location: Some(scheduled.location.name.clone()),
        runbook: page(here),
        action: Some(look(here, here)),
    }
}

fn failing(here: &ServiceInRegion<'_>, scheduled: &Scheduled<'_>, series: &str) -> Condition {
    let window = total(here, &Cadence { failed_runs: 0, ..scheduled.cadence });
    let window_words = prometheus_time(window);
    let counted =
        FAILURES.map(|counter| format!("(sum(increase({counter}{series}[{window_words}])) > 0)"));
    Condition {
        name: "BackupFailed",
        expression: counted.join(" or "),
        hold: Duration::default(),
        severity: Severity::Warning,
        summary: format!(
            "A backup of {} in {} to {} failed, or lacks a part",
            here.service.name, here.region.name, scheduled.location.name
        ),
        reason: format!(
            "within {window} another one completes at worst; {} in a row may fail (tier {})",
            scheduled.cadence.failed_runs, here.service.tier.name
        ),
        location: Some(scheduled.location.name.clone()),
        runbook: page(here),
        action: Some(look(here, here)),
    }
}

/// The page for damaged data; who has none is restored from the tree.
fn page(here: &ServiceInRegion<'_>) -> Option<String> {
    let has_data = here.service.keeps_data() || here.service.postgresql.is_some();
    has_data.then(|| "corruption.md".to_owned())
}

/// How one sees here what became of the last backups of the region that writes.
pub(super) fn look(here: &ServiceInRegion<'_>, writer: &ServiceInRegion<'_>) -> String {
    format!(
        "kubectl --namespace {} get backups.velero.io --selector {}={},{}={} --sort-by .metadata.creationTimestamp; then velero backup describe and velero backup logs of the last",
        here.region.backup_namespace,
        labels::SERVICE,
        here.service.name,
        labels::REGION,
        writer.region.name
    )
}

/// The longest time from the data in one backup to the end of the next that completes.
pub(super) fn total(here: &ServiceInRegion<'_>, cadence: &Cadence) -> Duration {
    let terms = worst_case(here, cadence);
    Duration::seconds(terms.iter().map(Term::total).fold(0, u64::saturating_add))
}
