//! Schedules.

use super::super::backup::{Scheduled, schedules};
use super::super::cadence;
use super::super::values::{Hook, Schedule, Values};
use super::Source;
use super::row::{At, Row, Why, says};
use crate::kube::labels;

const SCHEDULE: &[&str] = &["schedule"];

pub(super) const ROWS: &[Row] = &[
    Row { objects: SCHEDULE, field: "spec.schedule", why: cron },
    Row { objects: SCHEDULE, field: "spec.template.csiSnapshotTimeout", why: snapshot_timeout },
    Row { objects: SCHEDULE, field: "spec.template.itemOperationTimeout", why: operation_timeout },
    Row {
        objects: SCHEDULE,
        field: "spec.template.ttl",
        why: |at| {
            let words = "how long backups are kept";
            Some(
                says(&of(at)?.keep, words)
                    .from(at.spec_or_tier(&["backup", "keep"], "backup.keep")),
            )
        },
    },
    Row {
        objects: SCHEDULE,
        field: "spec.template.hooks.resources[*].pre[0].exec.timeout",
        why: hook_timeout,
    },
    Row {
        objects: SCHEDULE,
        field: "spec.template.hooks.resources[*].post[0].exec.timeout",
        why: hook_timeout,
    },
    Row {
        objects: SCHEDULE,
        field: "spec.template.hooks.resources[*].pre[0].exec.command[*]",
        why: |at| hook_word(at, "before", |hook| &hook.before),
    },
    Row {
        objects: SCHEDULE,
        field: "spec.template.hooks.resources[*].post[0].exec.command[*]",
        why: |at| hook_word(at, "after", |hook| &hook.after),
    },
    Row { objects: SCHEDULE, field: "metadata.annotations[ninefold.dev/slot]", why: slot },
];

fn of<'a>(at: &At<'a>) -> Option<&'a Schedule> {
    if let Values::Schedule(schedule) = at.values { Some(schedule) } else { None }
}

/// The Schedule of the service here that this is.
fn scheduled<'a>(at: &At<'a>) -> Option<Scheduled<'a>> {
    let name = &of(at)?.meta.name;
    schedules(at.here).into_iter().find(|scheduled| scheduled.name == *name)
}

fn cron(at: &At<'_>) -> Option<Why> {
    let service = at.here.service;
    let scheduled = scheduled(at)?;
    let cadence = scheduled.cadence;
    if scheduled.is_copy() {
        let pace = match cadence.interval > cadence::nearest(service.tier.backup.every) {
            true => "the pace of the first copy, which is rarer than the tier's",
            false => "the pace of the tier",
        };
        let words = format!(
            "every {}: {pace}, as this copy is for the loss of what the first Schedule writes, for which no RPO is promised. It begins between two backups of the first",
            cadence.interval
        );
        let why = says(&of(at)?.cron, words).from(at.tier("backup.every"));
        return Some(why.from(at.decided()));
    }
    let every = cadence.interval;
    let failed = match cadence.failed_runs {
        0 => String::new(),
        failed => format!(" although {failed} in a row may fail"),
    };
    let (words, source) = match at.spec(&["backup", "every"]) {
        Some(source) => (format!("every {every}, as the spec says"), source),
        None if cadence::bound_by_rpo(at.here) => (
            format!(
                "every {every}: the rarest that keeps an RPO of {}{failed}; the tier asks for one every {} at least",
                service.rpo, service.tier.backup.every
            ),
            Source::Spec { key: "rpo".to_owned(), span: service.at(&["rpo"]) },
        ),
        None => (
            format!(
                "every {every}: the pace of the tier, as the RPO does not hang on these backups"
            ),
            at.tier("backup.every"),
        ),
    };
    let words = format!("{words}. The minutes follow from the name, so that not all begin at once");
    let why = says(&of(at)?.cron, words).from(source);
    Some(why.from(at.tier("backup.failed_runs")).from(at.decided()))
}

fn snapshot_timeout(at: &At<'_>) -> Option<Why> {
    let words = match cadence::snapshots(at.here) {
        0 => "what a snapshot may take; there is no volume to take one of".to_owned(),
        1 => "what the snapshot of the volume may take, so that the backup is durable in time"
            .to_owned(),
        count => format!(
            "what one snapshot may take; {count} are taken one after the other, so that the backup is durable in time"
        ),
    };
    let declared = at.region(&["backup", "snapshot"]);
    let written = at.here.region.backups.snapshot.map(|_| declared);
    Some(says(&of(at)?.snapshot_timeout, words).from(written.unwrap_or_else(|| at.decided())))
}

fn operation_timeout(at: &At<'_>) -> Option<Why> {
    let cadence = scheduled(at)?.cadence;
    let words = format!(
        "what copying may take: a backup is durable after {}, of which hooks, objects and snapshots may take {}",
        cadence.duration,
        cadence::slot(at.here, &cadence)
    );
    let why = says(&of(at)?.operation_timeout, words).from(at.tier("backup.duration"));
    Some(why.from(at.decided()))
}

fn slot(at: &At<'_>) -> Option<Why> {
    let said = at.values.meta().annotations.get(labels::SLOT)?;
    let words = "how long a backup holds one of the server's slots at worst: hooks, objects and snapshots. The queue of the region is proven with it";
    Some(says(said, words).from(at.decided()))
}

fn hook<'a>(at: &At<'a>) -> Option<(usize, &'a Hook)> {
    let hooks = &of(at)?.hooks;
    let index = hooks.iter().position(|hook| hook.name == at.captured[0]);
    let index = index.or_else(|| at.item(0))?;
    Some((index, hooks.get(index)?))
}

fn hook_timeout(at: &At<'_>) -> Option<Why> {
    let (index, hook) = hook(at)?;
    let written = at.spec(&["backup", "hooks", &index.to_string(), "timeout"]);
    let words = match written {
        Some(_) => "what the command may take, in each pod",
        None => "what the command may take, in each pod, unless the spec says",
    };
    Some(says(&hook.timeout, words).from(written.unwrap_or_else(|| at.decided())))
}

fn hook_word(at: &At<'_>, key: &'static str, words: fn(&Hook) -> &Vec<String>) -> Option<Why> {
    let (index, hook) = hook(at)?;
    let word = at.item(1)?;
    let said = words(hook).get(word)?;
    let path = ["backup", "hooks", &index.to_string(), key, &word.to_string()].map(str::to_owned);
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let source = at.spec(&path).unwrap_or_else(|| at.decided());
    Some(says(said, "a word of the command").from(source))
}
