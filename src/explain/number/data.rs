//! Schedules, copies of volumes, and databases.

use super::row::{At, Row, Shown, fixed, show, show_as};
use crate::decide::schedules::{self, Scheduled};
use crate::decide::{database, replication};
use crate::model::Volume;
use crate::plan::values::{Hook, Values};
use crate::quantity::Duration;

const SCHEDULE: &[&str] = &["schedule"];
const SOURCE: &[&str] = &["replication-source"];
const DESTINATION: &[&str] = &["replication-destination"];
const BOTH: &[&str] = &["replication-source", "replication-destination"];
const CLUSTER: &[&str] = &["postgresql-cluster"];

pub(super) const BACKUPS: &[Row] = &[
    Row {
        objects: SCHEDULE,
        field: "spec.schedule",
        shows: |at| show(scheduled(at)?.schedule(at.here)),
    },
    Row {
        objects: SCHEDULE,
        field: "spec.template.csiSnapshotTimeout",
        shows: |at| show_as(scheduled(at)?.snapshot_timeout(at.here), go),
    },
    Row {
        objects: SCHEDULE,
        field: "spec.template.itemOperationTimeout",
        shows: |at| show_as(scheduled(at)?.operation_timeout(at.here), go),
    },
    Row {
        objects: SCHEDULE,
        field: "spec.template.ttl",
        shows: |at| show_as(schedules::keep(at.here), go),
    },
    Row {
        objects: SCHEDULE,
        field: "spec.template.hooks.resources[*].pre[0].exec.timeout",
        shows: |at| show_as(schedules::hook_timeout(at.here, hook(at)?.0)?, go),
    },
    Row {
        objects: SCHEDULE,
        field: "spec.template.hooks.resources[*].post[0].exec.timeout",
        shows: |at| show_as(schedules::hook_timeout(at.here, hook(at)?.0)?, go),
    },
    Row {
        objects: SCHEDULE,
        field: "spec.template.hooks.resources[*].pre[0].exec.command[*]",
        shows: |at| hook_word(at, "before", |hook| &hook.before),
    },
    Row {
        objects: SCHEDULE,
        field: "spec.template.hooks.resources[*].post[0].exec.command[*]",
        shows: |at| hook_word(at, "after", |hook| &hook.after),
    },
    Row {
        objects: SCHEDULE,
        field: "metadata.annotations[ninefold.dev/slot]",
        shows: |at| show_as(scheduled(at)?.slot(), go),
    },
];

pub(super) const COPIES: &[Row] = &[
    Row {
        objects: BOTH,
        field: "spec.trigger.schedule",
        shows: |at| {
            let name = &at.values.meta().name;
            show(replication::schedule(at.here, at.here.copying?, name))
        },
    },
    Row {
        objects: DESTINATION,
        field: "spec.restic.capacity",
        shows: |at| show(replication::capacity(at.here, copied(at)?)),
    },
    Row {
        objects: BOTH,
        field: "spec.restic.cacheCapacity",
        shows: |_| {
            fixed("1Gi", "what restic keeps of the index of its repository; the default of VolSync")
        },
    },
    Row {
        objects: SOURCE,
        field: "spec.restic.pruneIntervalDays",
        shows: |_| {
            let words =
                "days between two removals of what no kept copy needs; the default of VolSync";
            fixed(7, words)
        },
    },
    Row {
        objects: SOURCE,
        field: "spec.restic.retain.hourly",
        shows: |_| fixed(24, "hours of which one copy is kept; a pull takes the latest"),
    },
    Row {
        objects: SOURCE,
        field: "spec.restic.retain.daily",
        shows: |_| fixed(7, "days of which one copy is kept"),
    },
    Row { objects: BOTH, field: "spec.restic.moverSecurityContext.runAsUser", shows: user },
    Row { objects: BOTH, field: "spec.restic.moverSecurityContext.runAsGroup", shows: user },
    Row { objects: BOTH, field: "spec.restic.moverSecurityContext.fsGroup", shows: user },
];

pub(super) const DATABASES: &[Row] = &[
    Row {
        objects: CLUSTER,
        field: "spec.instances",
        shows: |at| show(database::instances(at.here, at.here.database.as_ref()?)),
    },
    Row {
        objects: CLUSTER,
        field: "spec.storage.size",
        shows: |at| show(database::volume(at.here)?),
    },
    Row {
        objects: CLUSTER,
        field: "spec.resources.requests.cpu",
        shows: |at| show(database::cpu(at.here, at.here.database.as_ref()?)),
    },
    Row {
        objects: CLUSTER,
        field: "spec.resources.requests.memory",
        shows: |at| show(database::memory(at.here, at.here.database.as_ref()?)),
    },
    Row {
        objects: CLUSTER,
        field: "spec.resources.limits.memory",
        shows: |at| show(database::memory_limit(at.here, at.here.database.as_ref()?)),
    },
    Row {
        objects: CLUSTER,
        field: "spec.postgresql.parameters.archive_timeout",
        shows: |at| {
            let database = at.here.database?;
            show(database::timeout(at.here, database.archive_timeout?, database.allowed_lag))
        },
    },
    Row {
        objects: CLUSTER,
        field: "spec.postgresql.synchronous.number",
        shows: |at| show(database::synchronous(at.here.database?.instances)?),
    },
    Row {
        objects: &["postgresql-scheduled-backup"],
        field: "spec.schedule",
        shows: |at| {
            let Values::DatabaseBackup { cluster, .. } = at.values else { return None };
            show(database::base_schedule(at.here, at.here.database.as_ref()?, cluster))
        },
    },
];

fn go(time: &Duration) -> String {
    time.go()
}

/// The Schedule of the service here that this is.
fn scheduled<'a>(at: &At<'a>) -> Option<Scheduled<'a>> {
    let name = &at.values.meta().name;
    schedules::of(at.here).into_iter().find(|scheduled| scheduled.name == *name)
}

fn hook<'a>(at: &At<'a>) -> Option<(usize, &'a Hook)> {
    let Values::Schedule(schedule) = at.values else { return None };
    let index = schedule.hooks.iter().position(|hook| hook.name == at.captured[0]);
    let index = index.or_else(|| at.item(0))?;
    Some((index, schedule.hooks.get(index)?))
}

fn hook_word(at: &At<'_>, key: &str, words: fn(&Hook) -> &Vec<String>) -> Option<Shown> {
    let (index, hook) = hook(at)?;
    let index = index.to_string();
    at.word(words(hook), &[&["backup", "hooks", &index, key]], "a word of the command")
}

/// The volume that this is a copy of.
fn copied<'a>(at: &At<'a>) -> Option<&'a Volume> {
    let Values::Copy(copy) = at.values else { return None };
    let service = at.here.service;
    let is_of =
        |volume: &&Volume| copy.claim.starts_with(&format!("{}-{}-", volume.name, service.name));
    service.volumes.iter().find(is_of)
}

fn user(at: &At<'_>) -> Option<Shown> {
    show(replication::user(at.here))
}
