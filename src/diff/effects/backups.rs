//! Backups that stop, become rarer or are kept for less time.

use super::{
    Dropped, Edit, Match, Service, amount, current, jobs, promise, regions, scope, shared_backups,
    workload,
};
use crate::diag::Code;
use crate::diff::report::{Direction, Severity};
use crate::diff::side::Unit;
use crate::kube::labels;
use crate::kube::read::cron::Cron;
use crate::kube::read::duration;
use crate::quantity::Duration;
use crate::yaml::Value;

/// A kind that backs up or copies data on a schedule.
struct Row {
    kind: &'static str,
    /// Where its cron expression is.
    schedule: &'static [&'static str],
    /// The field that holds it.
    paused: &'static [&'static str],
    /// How much it matters that it stops.
    severity: Severity,
}

/// Velero `pkg/apis/velero/v1/schedule_types.go`; CloudNativePG `ScheduledBackup`; VolSync
/// `ReplicationSource`; Kubernetes `CronJob`, of which nobody knows what it does.
const ROWS: &[Row] = &[
    Row {
        kind: "Schedule",
        schedule: &["spec", "schedule"],
        paused: &["spec", "paused"],
        severity: Severity::Critical,
    },
    Row {
        kind: "ScheduledBackup",
        schedule: &["spec", "schedule"],
        paused: &["spec", "suspend"],
        severity: Severity::Critical,
    },
    Row {
        kind: "ReplicationSource",
        schedule: &["spec", "trigger", "schedule"],
        paused: &["spec", "paused"],
        severity: Severity::Critical,
    },
    Row {
        kind: "ReplicationDestination",
        schedule: &["spec", "trigger", "schedule"],
        paused: &["spec", "paused"],
        severity: Severity::Critical,
    },
    Row {
        kind: "CronJob",
        schedule: &["spec", "schedule"],
        paused: &["spec", "suspend"],
        severity: Severity::High,
    },
];

/// How long Velero keeps a backup unless told otherwise (`defaultBackupTTL`).
const TTL: Duration = Duration::minutes(30 * 24 * 60);

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for row in ROWS {
        matches
            .extend(service.dropped(row.kind).filter_map(|dropped| gone(service, row, &dropped)));
        for edit in service.edits_of(row.kind) {
            matches.extend(paused(row, &edit));
            matches.extend(rarer(service, row, &edit));
        }
    }
    matches.extend(service.edits_of("Schedule").filter_map(|edit| shorter(service, &edit)));
    matches.extend(service.edits_of("ReplicationSource").filter_map(|edit| fewer(&edit)));
    matches.extend(service.edits_of("Cluster").filter_map(|edit| archive_shorter(&edit)));
    matches.extend(service.edits_of("ObjectStore").filter_map(|edit| archive_shorter(&edit)));
    matches
}

/// An archive of a database that is kept for less time (CloudNativePG `retentionPolicy`: `30d`, `4w`, `1m`).
fn archive_shorter(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value| -> Option<Duration> {
        let own = value.at(&["spec", "backup", "retentionPolicy"]);
        let text = own.or_else(|| value.at(&["spec", "retentionPolicy"]))?.as_str()?;
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let days = match unit {
            "d" => 1,
            "w" => 7,
            "m" => 30,
            _ => return None,
        };
        Some(Duration::minutes(number.parse::<u64>().ok()?.checked_mul(days * 24 * 60)?))
    };
    // What says nothing keeps everything.
    let (then, now) = (of(edit.old), of(edit.new)?);
    if then.is_some_and(|then| then <= now) {
        return None;
    }
    let before = then.map_or_else(|| "for ever".to_owned(), |then| then.to_string());
    let title = format!("keeps the archive for {now} instead of {before}");
    Some(
        edit.loosens(Code::RETENTION_SHORTENED, Severity::High, title)
            .detail("a mistake that is noticed later than that cannot be undone")
            .changed("seconds", then.map(Duration::as_seconds), now.as_seconds()),
    )
}

/// Fewer versions of a copy that are kept (VolSync `ResticRetainPolicy`).
fn fewer(edit: &Edit<'_>) -> Option<Match> {
    let of =
        |value: &Value| value.at(&["spec", "restic", "retain"]).cloned().unwrap_or(Value::Null);
    let (then, now) = (of(edit.old), of(edit.new));
    let count = |value: &Value, key: &str| amount::count(value.get(key)).unwrap_or(0);
    let less = then.entries().iter().filter(|(key, _)| count(&now, key) < count(&then, key));
    let lines: Vec<String> = less
        .map(|(key, _)| format!("{key} {} → {}", count(&then, key), count(&now, key)))
        .collect();
    if lines.is_empty() {
        return None;
    }
    let title = "fewer versions of the copy are kept";
    Some(edit.loosens(Code::RETENTION_SHORTENED, Severity::High, title).details(lines))
}

fn gone<'a>(service: &Service<'a>, row: &Row, dropped: &Dropped<'a>) -> Option<Match> {
    let region = &dropped.item.identity.region;
    let stays = regions::of(service.new).contains(region.as_str());
    // A region that becomes a standby is restored to, not from.
    let role = |unit| promise::of(unit, region).map(|promise| promise.role);
    let stands_by =
        role(service.old) != role(service.new) && role(service.new).as_deref() == Some("standby");
    let goes_on = row.kind == "Schedule"
        && (scope::successor(service, dropped).is_some() || longer_kept(service, dropped));
    if !stays || stands_by || goes_on || jobs::is_of_a_service(dropped.value) {
        return None;
    }
    if row.kind == "Schedule"
        && let Some(matched) = shared_backups::nobody_left(service, dropped)
    {
        return Some(matched);
    }
    let name = format!("{} {}", row.kind, dropped.item.identity.logical_name);
    if row.kind == "Schedule" && nothing_to_lose(service.old, region) && joins(service, region) {
        let title = format!("{name} goes: one that its tier shares takes over");
        return Some(
            Match::new(Code::BACKUP_CHANGES, Severity::Low, Direction::Neutral, title)
                .at(region)
                .detail("it holds what bears the labels, in any namespace; Secrets that others made are in none of its backups")
                .object(dropped.number),
        );
    }
    let left = current(service.new, row.kind, region).count();
    let (severity, line) = if dropped.kept {
        (Severity::High, "the former one runs on until it is retired, and then nothing does")
    } else {
        (row.severity, "nothing runs in its place")
    };
    let objects_only = row.kind == "Schedule" && nothing_to_lose(service.old, region);
    let severity = if objects_only { Severity::Medium } else { severity };
    let mut matched = Match::loosens(Code::BACKUPS_STOP, severity, format!("{name} goes"))
        .at(region)
        .detail(line)
        .changed(
            "runs_every_seconds",
            gap(row, dropped.value).map(Duration::as_seconds),
            None::<u64>,
        )
        .object(dropped.number);
    if left > 0 {
        matched = matched.detail(format!("{left} more of its kind stay"));
    }
    if objects_only {
        matched = matched.detail("it held objects, which the tree has, and Secrets, which come from where they were made then");
    }
    if workload::of_region(service.new, region).any(|(item, _)| workload::keeps_data(item)) {
        matched = matched.detail("what the service writes from now on is lost with its volumes");
    }
    Some(matched)
}

/// Whether what services of a tier share backs up the objects of this one: none of them is marked as
/// something that has Schedules of its own, or none.
fn joins(service: &Service<'_>, region: &str) -> bool {
    let own = |kind: &'static str| {
        let items = current(service.new, kind, region).filter_map(|item| item.value());
        items.filter_map(|value| value.at(&["metadata", "labels"]))
    };
    let mut labels =
        own("Deployment").chain(own("StatefulSet")).chain(own("ServiceAccount")).peekable();
    let marked = |labels: &Value| labels.get(labels::BACKUP).is_some();
    labels.peek().is_some()
        && labels.all(|labels| labels.get(labels::TIER).is_some() && !marked(labels))
        && current(service.new, "Schedule", region).next().is_none()
}

/// Whether the promise says that a loss costs no data: the committed tree is all there is.
fn nothing_to_lose(unit: Option<&Unit<'_>>, region: &str) -> bool {
    let promise = promise::of(unit, region);
    let worst = promise.and_then(|promise| promise.rpo()?.worst);
    worst == Some(Duration::default())
}

fn paused(row: &Row, edit: &Edit<'_>) -> Option<Match> {
    if jobs::is_of_a_service(edit.new) {
        return None;
    }
    let holds = |value: &Value| value.at(row.paused) == Some(&Value::Bool(true));
    let name = format!("{} {}", row.kind, edit.new_item.identity.logical_name);
    (!holds(edit.old) && holds(edit.new)).then(|| {
        edit.loosens(Code::BACKUPS_STOP, row.severity, format!("{name} is paused"))
            .detail("it stays, and no longer runs")
            .changed("paused", false, true)
    })
}

fn gap(row: &Row, value: &Value) -> Option<Duration> {
    Cron::read(value.at(row.schedule)?.as_str()?)?.longest_gap()
}

/// An expression that names no day that there is: `30 2 *` is the 30th of February.
fn never(row: &Row, edit: &Edit<'_>) -> Option<Match> {
    let written = edit.new.at(row.schedule).and_then(Value::as_str)?;
    let never = Cron::read(written).is_some_and(|cron| !cron.runs());
    never.then(|| {
        let title = format!("{} {} never runs", row.kind, edit.new_item.name);
        edit.loosens(Code::BACKUPS_STOP, row.severity, title)
            .detail(format!("`{written}` names no moment that there is"))
    })
}

fn rarer(service: &Service<'_>, row: &Row, edit: &Edit<'_>) -> Option<Match> {
    // How often a job runs that is no backup is the business of who wrote it. Of what services share,
    // it saves a control plane.
    if row.kind == "CronJob" && !service.is_fleet() {
        return None;
    }
    let (then, now) = (gap(row, edit.old)?, gap(row, edit.new));
    let Some(now) = now else { return never(row, edit) };
    if now <= then {
        return None;
    }
    let promise = promise::of(service.new, edit.region);
    let bound = promise.as_ref().is_none_or(|promise| {
        promise.rpo().is_some_and(|rpo| rpo.worst.is_some_and(|worst| worst > Duration::default()))
    });
    let promised = promise.as_ref().and_then(|promise| promise.rpo()?.promised).filter(|_| bound);
    let severity = match promised {
        Some(promised) if now > promised => Severity::Critical,
        _ if bound => Severity::High,
        // The service keeps no data: its backups hold objects, and the committed tree has them.
        _ => Severity::Medium,
    };
    let title = format!("backs up every {now} instead of every {then}");
    let mut matched = edit
        .loosens(Code::BACKUP_GAP_GROWS, severity, title)
        .detail(format!("longest time between two runs {then} → {now}"))
        .changed("gap_seconds", then.as_seconds(), now.as_seconds());
    if let Some(promised) = promised {
        matched = matched.detail(format!("RPO promised {promised}"));
    }
    Some(matched)
}

/// How long a Schedule keeps its backups.
fn ttl(value: &Value) -> Option<Duration> {
    match value.at(&["spec", "template", "ttl"]) {
        Some(ttl) => duration::parse(ttl.as_str()?),
        None => Some(TTL),
    }
}

/// How long a Schedule keeps its backups, and the longest time between two of them.
pub(super) fn pace(value: &Value) -> (Option<Duration>, Option<Duration>) {
    (ttl(value), gap(&ROWS[0], value))
}

/// The Schedules of the new side that write where another one does, by how long they keep.
fn beside<'a>(
    service: &Service<'a>,
    region: &'a str,
    value: &'a Value,
) -> impl Iterator<Item = (Option<Duration>, Option<Duration>)> + use<'a> {
    let location = |value: &Value| value.at(&["spec", "template", "storageLocation"]).cloned();
    let own = location(value);
    current(service.new, "Schedule", region)
        .filter_map(|item| item.value())
        .filter(move |other| location(other) == own)
        .map(pace)
}

/// Whether what kept one backup of each day goes because every one is kept for as long.
fn longer_kept<'a>(service: &Service<'a>, dropped: &Dropped<'a>) -> bool {
    let then = pace(dropped.value);
    beside(service, &dropped.item.identity.region, dropped.value)
        .any(|(keeps, every)| keeps >= then.0 && every <= then.1)
}

/// What keeps one backup of each while beside a Schedule, for as long as that one kept every one.
fn thinned_out<'a>(service: &Service<'a>, edit: &Edit<'a>, then: Duration) -> Option<Match> {
    let (keeps, every) = beside(service, edit.region, edit.new)
        .filter_map(|(keeps, every)| Some((keeps?, every?)))
        .filter(|(keeps, _)| *keeps >= then)
        .min_by_key(|(_, every)| *every)?;
    let now = ttl(edit.new)?;
    let title = format!("keeps every backup for {now} instead of {then}");
    let matched = edit.loosens(Code::RETENTION_SHORTENED, Severity::Medium, title);
    Some(matched.detail(format!("one every {every} is kept for {keeps}")).changed(
        "seconds",
        then.as_seconds(),
        now.as_seconds(),
    ))
}

fn shorter<'a>(service: &Service<'a>, edit: &Edit<'a>) -> Option<Match> {
    let (then, now) = (ttl(edit.old)?, ttl(edit.new)?);
    if now < then
        && let Some(matched) = thinned_out(service, edit, then)
    {
        return Some(matched);
    }
    if now > then {
        let title = format!("keeps backups for {now} instead of {then}");
        return Some(
            Match::new(Code::PROMISE_TIGHTER, Severity::Info, Direction::Tightens, title)
                .at(edit.region)
                .changed("seconds", then.as_seconds(), now.as_seconds())
                .object(edit.number),
        );
    }
    if now == then {
        return None;
    }
    let gap = gap(&ROWS[0], edit.new);
    let nothing_left = gap.is_some_and(|gap| now < gap);
    let severity = if nothing_left { Severity::Critical } else { Severity::High };
    let title = format!("keeps backups for {now} instead of {then}");
    let mut matched = edit
        .loosens(Code::RETENTION_SHORTENED, severity, title)
        .detail("a mistake that is noticed later than that cannot be undone")
        .changed("seconds", then.as_seconds(), now.as_seconds());
    if let Some(gap) = gap.filter(|_| nothing_left) {
        matched =
            matched.detail(format!("the next one comes after {gap}: between them there is none"));
    }
    Some(matched)
}
