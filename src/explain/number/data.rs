//! Schedules, copies of volumes, and databases.

use super::row::{At, Row, Shown, rows, show, show_as};
use crate::decide::schedules::{self, Scheduled};
use crate::decide::{database, replication, resources, wal};
use crate::model::Volume;
use crate::plan::values::{Hook, Values};
use crate::quantity::Duration;

const SCHEDULE: &[&str] = &["schedule"];
const SOURCE: &[&str] = &["replication-source"];
const DESTINATION: &[&str] = &["replication-destination"];
const BOTH: &[&str] = &["replication-source", "replication-destination"];
const CLUSTER: &[&str] = &["postgresql-cluster"];

pub(super) const BACKUPS: &[Row] = rows! {
    SCHEDULE, "spec.schedule" => |at| show(scheduled(at)?.schedule(at.here));
    SCHEDULE, "spec.template.csiSnapshotTimeout" => |at| show_as(scheduled(at)?.snapshot_timeout(at.here), go);
    SCHEDULE, "spec.template.itemOperationTimeout" => |at| show_as(scheduled(at)?.operation_timeout(at.here), go);
    SCHEDULE, "spec.template.ttl" => |at| show_as(scheduled(at)?.keep(at.here), go);
    SCHEDULE, "spec.template.hooks.resources[*].pre[0].exec.timeout" => |at| show_as(schedules::hook_timeout(at.here, hook(at)?.0)?, go);
    SCHEDULE, "spec.template.hooks.resources[*].post[0].exec.timeout" => |at| show_as(schedules::hook_timeout(at.here, hook(at)?.0)?, go);
    SCHEDULE, "spec.template.hooks.resources[*].pre[0].exec.command[*]" => |at| hook_word(at, "before", |hook| &hook.before);
    SCHEDULE, "spec.template.hooks.resources[*].post[0].exec.command[*]" => |at| hook_word(at, "after", |hook| &hook.after);
    SCHEDULE, "metadata.annotations[ninefold.dev/slot]" => |at| show_as(scheduled(at)?.slot(), go);
};

pub(super) const COPIES: &[Row] = rows! {
    BOTH, "spec.trigger.schedule" => |at| show(replication::schedule(at.here, at.here.copying?, &at.values.meta().name));
    DESTINATION, "spec.restic.capacity" => |at| show(replication::capacity(at.here, copied(at)?));
    BOTH, "spec.restic.cacheCapacity" => |_| show(replication::cache());
    SOURCE, "spec.restic.pruneIntervalDays" => |_| show(replication::prune_days());
    SOURCE, "spec.restic.retain.hourly" => |_| show(replication::kept_hourly());
    SOURCE, "spec.restic.retain.daily" => |_| show(replication::kept_daily());
    BOTH, "spec.restic.moverSecurityContext.runAsUser" => |at| show(resources::user(at.here));
    BOTH, "spec.restic.moverSecurityContext.runAsGroup" => |at| show(resources::group(at.here));
    BOTH, "spec.restic.moverSecurityContext.fsGroup" => |at| show(resources::fs_group(at.here));
};

pub(super) const DATABASES: &[Row] = rows! {
    CLUSTER, "spec.instances" => |at| show(database::instances(at.here, at.here.database.as_deref()?));
    CLUSTER, "spec.storage.size" => |at| show(database::volume(at.here)?);
    CLUSTER, "spec.walStorage.size" => |at| show(wal::volume(at.here, at.here.database.as_deref()?));
    CLUSTER, "spec.postgresql.parameters.shared_buffers" => |at| show(database::shared_buffers(at.here, at.here.database.as_deref()?));
    CLUSTER, "spec.resources.requests.cpu" => |at| show(database::cpu(at.here, at.here.database.as_deref()?));
    CLUSTER, "spec.resources.requests.memory" => |at| show(database::memory(at.here, at.here.database.as_deref()?));
    CLUSTER, "spec.resources.limits.memory" => |at| show(database::memory_limit(at.here, at.here.database.as_deref()?));
    CLUSTER, "spec.postgresql.parameters.archive_timeout" => archive_timeout;
    CLUSTER, "spec.postgresql.synchronous.number" => |at| show(database::synchronous(at.here.database.as_deref()?.instances)?);
    &["postgresql-scheduled-backup"], "spec.schedule" => base_schedule;
};

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
    let is_of = |volume: &&Volume| {
        copy.claim.starts_with(&format!("{}-{}-", volume.name, service.name.plain()))
    };
    service.volumes.iter().find(is_of)
}

fn archive_timeout(at: &At<'_>) -> Option<Shown> {
    let database = at.here.database.as_deref()?;
    show(database::timeout(at.here, database.archive_timeout?, database.allowed_lag))
}

fn base_schedule(at: &At<'_>) -> Option<Shown> {
    let Values::DatabaseBackup { cluster, .. } = at.values else { return None };
    show(database::base_schedule(at.here, at.here.database.as_deref()?, cluster))
}
