//! Whether a backup is still there when the next one fails.

use super::{ServiceInRegion, cadence, schedules};
use crate::diag::{Code, Diagnostic, Sink};
use crate::quantity::Duration;

/// Velero deletes once an hour (`--garbage-collection-frequency`), and counts a backup's life from
/// its start.
const COLLECTION: Duration = Duration::minutes(60);

/// A backup lives until the runs that may fail have failed, the one after them is durable, and the
/// server has looked (`docs/facts.md`, "Retention"). Two runs at least: a schedule that stops is
/// noticed after one.
pub(crate) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let Some(cadence::Backups { first: cadence, .. }) = here.backups else { return };
    // What is said then follows from what is refused.
    if cadence::is_refused(here.service) {
        return;
    }
    let service = here.service;
    let keep = schedules::keep(here).value;
    let runs = (u64::from(cadence.failed_runs) + 1).max(2);
    let needed = cadence.interval * runs + cadence.duration + COLLECTION;
    if keep >= needed {
        return;
    }
    let own = service.document.has(&["backup", "keep"]);
    let path = ["tiers", &service.tier.name, "backup", "keep"];
    let place = match own {
        true => service.at(&["backup", "keep"]),
        false if here.fleet.document.has(&path) => here.fleet.document.at(&path),
        false => service.at(&["tier"]),
    };
    sink.error(
        Diagnostic::new(
            Code::RETENTION_TOO_SHORT,
            format!("backups of `{}` may be gone before the next is there", service.name),
        )
        .at(place, format!("kept for {keep}"))
        .note(format!(
            "{runs} × {} between backups + {} until durable + {COLLECTION} until old ones are deleted = {needed}",
            cadence.interval, cadence.duration
        ))
        .help(format!("write `keep = \"{}\"`", needed.to_string().replace(' ', ""))),
    );
}
