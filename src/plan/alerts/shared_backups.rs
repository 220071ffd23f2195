//! Backups that services without volumes share: too old, failing, or never made. Nothing is lost with
//! them but what the tree has, so nobody is woken.

use super::backups::{FAILURES, LAST};
use super::{Condition, Severity, prometheus_time};
use crate::decide::shared::Shared;
use crate::kube::labels;
use crate::quantity::Duration;

pub(super) fn conditions(shared: &Shared<'_>, section: &str) -> Vec<Condition> {
    // Its name stays, so no other has to match.
    let series = format!("{{schedule=\"{}\"}}", shared.name);
    let (region, tier) = (&shared.region.name, &shared.tier.name);
    let of = format!("what services of {tier} share in {region}");
    let failed_runs = shared.cadence.failed_runs;
    let (worst, one) = (shared.worst_case(failed_runs), shared.worst_case(0));
    let look = format!(
        "kubectl --namespace {} get backups.velero.io --selector {}={} --sort-by .metadata.creationTimestamp; then velero backup describe and velero backup logs of the last",
        shared.region.backup_namespace,
        labels::BACKUP,
        shared.name,
    );
    let condition = |name, expression, hold, summary, reason| Condition {
        name,
        expression,
        hold,
        severity: Severity::Warning,
        summary,
        reason,
        about: Some(("location", shared.location.name.clone())),
        section: section.to_owned(),
        action: Some(look.clone()),
    };
    let window = prometheus_time(one);
    let counted =
        FAILURES.map(|counter| format!("(sum(increase({counter}{series}[{window}])) > 0)"));
    vec![
        condition(
            "BackupTooOld",
            format!("time() - max({LAST}{series}) > {}", worst.as_seconds()),
            Duration::default(),
            format!("The last backup of {of} completed {{{{ $value | humanizeDuration }}}} ago"),
            format!(
                "{worst} is the worst case of one every {} of which {failed_runs} in a row may fail; no RPO rests on it",
                shared.cadence.interval
            ),
        ),
        condition(
            "BackupFailed",
            counted.join(" or "),
            Duration::default(),
            format!("A backup of {of} failed, or lacks a part"),
            format!("within {one} another one completes at worst"),
        ),
        condition(
            "BackupNeverSeen",
            format!("absent({LAST}{series})"),
            worst,
            format!("No backup of {of} is known to have completed"),
            format!("the first one completes within {worst} at worst; or Velero is not scraped"),
        ),
    ]
}
