//! Copies in a region that takes over: backups that it could restore, volumes and databases that
//! follow. When the region that writes is lost, its own alerts are lost with it; these are not.
//!
//! - Velero sets `velero_backup_last_successful_timestamp` every minute from the Backups of its
//!   cluster, those too that it only synced, whose label names the Schedule that made them
//!   (velero `pkg/controller/backup_controller.go`, `getLastSuccessBySchedule`).
//! - VolSync raises `volsync_volume_out_of_sync` when the start after the next has come since the
//!   last copy ended, and counts `volsync_missed_intervals_total` for a copy that ended so late
//!   (volsync `internal/controller/statemachine/machine.go`).
//! - kube-state-metrics has the failed pods of a Job by its name (`internal/store/job.go`). A mover's Job
//!   is deleted after eight of them, and made anew at once (volsync
//!   `internal/controller/mover/restic/mover.go`, `ensureJob`).
//! - CloudNativePG's instances tell what they archive and how far they follow; a `PodMonitor` adds
//!   `namespace` and `pod` (cloudnative-pg `config/manager/default-monitoring.yaml`). The segments that
//!   wait for the archive, and the size of all of them, come from the instance manager
//!   (`pkg/management/postgres/webserver/metricserver/pg_collector.go`, `wal.go`).

use super::backups::{about, kind_of, look, series};
use super::{COPIES, Condition, DATA, Severity, lost, prometheus_time};
use crate::decide::locations::twin_name;
use crate::decide::proof::rto::SYNC;
use crate::decide::replication::{self, COPY, Copying};
use crate::decide::schedules::{self, MaxAge, Scheduled};
use crate::decide::watch::{self, SILENCE};
use crate::decide::{ServiceInRegion, database, wal};
use crate::kube::volsync::{PULLS, PUSHES};
use crate::quantity::Duration;

const LAST: &str = super::backups::LAST;

pub(super) fn conditions(here: &ServiceInRegion<'_>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if here.role.takes_over && here.service.backs_up_data() {
        for writer in writers(here) {
            for scheduled in schedules::of(&writer) {
                conditions.extend(restorable(here, &writer, &scheduled));
            }
        }
    }
    conditions.extend(volumes(here));
    conditions.extend(of_database(here));
    conditions
}

/// The regions from which this one takes over.
fn writers<'a>(here: &ServiceInRegion<'a>) -> impl Iterator<Item = ServiceInRegion<'a>> {
    let own = here.region.name.clone();
    let all = here.everywhere();
    all.filter(move |place| place.role.backs_up && place.region.name != own)
}

/// Whether what another region wrote can be restored here, and how old it is. Nothing where this
/// region does not read that location.
fn restorable(
    here: &ServiceInRegion<'_>,
    writer: &ServiceInRegion<'_>,
    scheduled: &Scheduled<'_>,
) -> Vec<Condition> {
    let location = scheduled.location;
    if location.bucket.is_none() || location.stored_in == writer.region.name.as_str() {
        return Vec::new();
    }
    let service = here.service;
    let series = series(scheduled);
    let MaxAge { promised, age, reason } = scheduled.max_age(writer);
    let (name, severity) = match promised {
        true => ("CopyOlderThanRpo", Severity::Critical),
        false => ("CopyTooOld", Severity::Warning),
    };
    let of = format!("{} of {}", service.name.plain(), writer.region.name);
    let condition = |name, expression, hold, severity, summary, reason| Condition {
        name,
        expression,
        hold,
        severity,
        summary,
        reason,
        about: Some(about(scheduled, &twin_name(writer.region, location))),
        section: lost(writer.region.name.as_str()),
        action: Some(look(here, writer)),
    };
    let first = watch::seen_elsewhere(scheduled, writer);
    vec![
        condition(
            name,
            format!("time() - max({LAST}{series}) > {}", age.as_seconds()),
            SYNC,
            severity,
            format!(
                "The newest {} of {of} that {} could restore completed {{{{ $value | humanizeDuration }}}} ago",
                kind_of(scheduled),
                here.region.name
            ),
            format!("{reason}; Velero here sees a new one within {SYNC}"),
        ),
        condition(
            "CopyNeverSeen",
            format!("absent({LAST}{series})"),
            first,
            if scheduled.is_daily() { Severity::Warning } else { Severity::Critical },
            format!(
                "{} knows of no {} of {of} that it could restore",
                here.region.name,
                kind_of(scheduled)
            ),
            format!(
                "the first one is seen within {first} at worst; or Velero here does not read the location, or is not scraped"
            ),
        ),
    ]
}

/// The section for the loss of the region that this one copies, or that is copied from here.
fn of_copy(here: &ServiceInRegion<'_>) -> String {
    let writer = if here.role.backs_up { None } else { writers(here).next() };
    lost(writer.map_or(here.region, |writer| writer.region).name.as_str())
}

/// The section for an archive that is not written: mostly that of the region in which it is stored.
fn of_archive(here: &ServiceInRegion<'_>) -> String {
    let stored_in = here.region.postgresql.as_ref().map(|platform| platform.stored_in.as_str());
    let known = here.service.regions.iter().find(|region| Some(region.name.as_str()) == stored_in);
    known.map_or_else(|| DATA.to_owned(), |region| lost(region.name.as_str()))
}

/// Volumes that VolSync copies, at the end that is here.
fn volumes(here: &ServiceInRegion<'_>) -> Vec<Condition> {
    let service = here.service;
    let Some(copying) = here.copying else { return Vec::new() };
    let Copying { allowed: lag, interval, behind, .. } = copying;
    let (role, object, what, jobs) = match here.role.backs_up {
        true => ("source", "replicationsource", "from", PUSHES),
        false => ("destination", "replicationdestination", "to", PULLS),
    };
    let copied = replication::copied(service);
    let names: Vec<&str> = copied.iter().map(|volume| volume.name.as_str()).collect();
    let each = format!("{}-[0-9]+", service.logical(&format!("({})", names.join("|"))));
    let of =
        format!("{{obj_namespace=\"{}\",obj_name=~\"{each}\",role=\"{role}\"}}", service.namespace);
    let movers = format!("{{namespace=\"{}\",job_name=~\"{jobs}{each}\"}}", service.namespace);
    let count = replication::count(here);
    let place = format!("{} {what} {}", service.name.plain(), here.region.name);
    let act = format!(
        "kubectl --namespace {} get {object}s.volsync.backube; then kubectl --namespace {} describe {object} of the volume, and the log of its mover's pod",
        service.namespace, service.namespace
    );
    let condition = |name, expression, hold, severity, summary, reason| Condition {
        name,
        expression,
        hold,
        severity,
        summary,
        reason,
        about: None,
        section: COPIES.to_owned(),
        action: Some(act.clone()),
    };
    let sum = format!("{}: {behind}", copying.words(", "));
    let window = prometheus_time(behind);
    vec![
        condition(
            "VolumeOutOfSync",
            format!("max by (obj_name) (volsync_volume_out_of_sync{of}) == 1"),
            COPY,
            Severity::Critical,
            format!("The copy {{{{ $labels.obj_name }}}} of {place} is out of step"),
            format!("a whole interval of {interval} went by without a copy; {lag} are promised: {sum}"),
        ),
        condition(
            "VolumeCopySlow",
            format!("sum by (obj_name) (increase(volsync_missed_intervals_total{of}[{window}])) > 0"),
            Duration::default(),
            Severity::Warning,
            format!("The copy {{{{ $labels.obj_name }}}} of {place} ended after the next was due"),
            format!("each is assumed to take {COPY}; {lag} are promised: {sum}"),
        ),
        condition(
            "VolumeCopyFails",
            format!(
                "max by (job_name) (max_over_time(kube_job_status_failed{movers}[{}])) > 0",
                prometheus_time(COPY)
            ),
            COPY * 2,
            Severity::Warning,
            format!("The mover {{{{ $labels.job_name }}}} of {place} fails again and again"),
            format!(
                "{} in a row may fail; a mover that was killed leaves a lock, at which each after it fails",
                copying.failed_runs
            ),
        ),
        condition(
            "VolumeCopyNotSeen",
            format!(
                "(count(max by (obj_name) (volsync_volume_out_of_sync{of})) or vector(0)) < {count}"
            ),
            SILENCE,
            Severity::Critical,
            format!("{{{{ $value }}}} of {count} copies of {place} are known"),
            "nobody would be told that one is out of step: it does not exist, or VolSync is not scraped".to_owned(),
        ),
    ]
}

/// A database where it archives, or where it follows an archive.
fn of_database(here: &ServiceInRegion<'_>) -> Vec<Condition> {
    let service = here.service;
    let Some(decided) = here.database.as_deref() else { return Vec::new() };
    let (Some(timeout), Some(behind)) = (decided.archive_timeout, decided.lag()) else {
        return Vec::new();
    };
    let cluster = service.logical(database::PART);
    let of = format!("{{namespace=\"{}\",pod=~\"{cluster}-[0-9]+\"}}", service.namespace);
    let sum = format!(
        "a segment is closed after {timeout} at the latest and archived within {}: {behind}",
        database::UPLOAD
    );
    let condition = |name, expression, hold, severity, summary, reason| Condition {
        name,
        expression,
        hold,
        severity,
        summary,
        reason,
        about: None,
        section: if here.role.backs_up { of_archive(here) } else { of_copy(here) },
        action: Some(format!(
            "kubectl --namespace {} describe clusters.postgresql.cnpg.io {cluster}, and the logs of its pods; if it is well, look for the PodMonitor that selects cnpg.io/cluster={cluster}",
            service.namespace
        )),
    };
    let unheard = |metric: &str| format!("absent({metric}{of})");
    let silent =
        "nobody would be told that it falls behind: it is gone, or its pods are not scraped";
    let region = &here.region.name;
    if here.role.backs_up {
        const FAILED: &str = "cnpg_pg_stat_archiver_last_failed_time";
        const ARCHIVED: &str = "cnpg_pg_stat_archiver_last_archived_time";
        let collected = |metric: &str, value: &str| {
            format!(
                "max({metric}{{value=\"{value}\",namespace=\"{}\",pod=~\"{cluster}-[0-9]+\"}})",
                service.namespace
            )
        };
        let waits = collected("cnpg_collector_pg_wal_archive_status", "ready");
        let half = decided.half_full();
        return vec![
            condition(
                "ArchiveFailing",
                format!("max({FAILED}{of}) > max({ARCHIVED}{of})"),
                behind,
                Severity::Critical,
                format!("The database {cluster} in {region} cannot archive what it writes"),
                format!(
                    "{sum}; what is not archived is lost with the region, and its volume holds {} of it, {}",
                    decided.holds(),
                    wal::rate(here, decided)
                ),
            ),
            condition(
                "ArchiveSilent",
                format!(
                    "({waits} > 0) and on () (time() - max({ARCHIVED}{of}) > {})",
                    behind.as_seconds()
                ),
                behind,
                Severity::Critical,
                format!(
                    "{{{{ $value }}}} segments of the log of {cluster} in {region} wait for an archive that takes none"
                ),
                format!("{sum}; an archiver that hangs fails at nothing"),
            ),
            condition(
                "LogFillsVolume",
                format!("{} > {}", collected("cnpg_collector_pg_wal", "size"), half.get()),
                Duration::default(),
                Severity::Critical,
                format!(
                    "The log of {cluster} in {region} is {{{{ $value | humanize1024 }}}}B: when its volume of {} is full, PostgreSQL stops",
                    decided.wal_size
                ),
                format!(
                    "half of the {} that it holds while nothing is archived is over, {}",
                    decided.holds(),
                    wal::rate(here, decided)
                ),
            ),
            condition(
                "ArchiveNotSeen",
                unheard(ARCHIVED),
                SILENCE,
                Severity::Critical,
                format!("Nothing tells whether the database {cluster} in {region} archives"),
                silent.to_owned(),
            ),
        ];
    }
    let allowed = decided.allowed_lag;
    // A database in which nobody commits looks like a copy that is behind.
    let often = service.postgresql.as_ref().and_then(|database| database.commits_every);
    let falls_behind = often.map(|often| {
        condition(
            "DatabaseCopyBehind",
            format!("max(cnpg_pg_replication_lag{of}) > {}", (allowed + often).as_seconds()),
            database::UPLOAD,
            Severity::Warning,
            format!(
                "The newest commit that the copy {cluster} in {region} has is {{{{ $value | humanizeDuration }}}} old"
            ),
            format!("{allowed} are promised, {sum}; something commits every {often}"),
        )
    });
    falls_behind
        .into_iter()
        .chain([condition(
            "DatabaseCopyNotSeen",
            unheard("cnpg_pg_replication_lag"),
            SILENCE,
            Severity::Critical,
            format!("Nothing tells how far the copy {cluster} in {region} is behind"),
            silent.to_owned(),
        )])
        .collect()
}
