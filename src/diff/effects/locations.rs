//! Where backups, copies and archives lie: places that change, or that are written to no more.

use super::scope::{joined, words};
use super::{Edit, Match, Service};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::yaml::Value;
use std::collections::BTreeSet;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for edit in service.edits_of("Schedule") {
        matches.extend(moves(&edit, &["spec", "template", "storageLocation"], "backups go to"));
        matches.extend(snapshots_move(&edit));
    }
    for (kind, path, words) in PLACES {
        matches.extend(service.edits_of(kind).filter_map(|edit| moves(&edit, path, words)));
    }
    for kind in ["BackupStorageLocation", "VolumeSnapshotLocation"] {
        matches.extend(service.edits_of(kind).filter_map(|edit| told_otherwise(&edit)));
    }
    matches.extend(service.edits_of("BackupStorageLocation").filter_map(|edit| read_only(&edit)));
    matches.extend(service.edits_of("Cluster").filter_map(|edit| archive(&edit)));
    matches
}

/// Fields that say where backups and copies lie. Sources: Velero
/// `pkg/apis/velero/v1/backup_storage_location_types.go`; VolSync `api/v1alpha1`.
const PLACES: &[(&str, &[&str], &str)] = &[
    (
        "BackupStorageLocation",
        &["spec", "objectStorage", "bucket"],
        "the bucket of the location is",
    ),
    (
        "BackupStorageLocation",
        &["spec", "objectStorage", "prefix"],
        "the folder of the location is",
    ),
    ("BackupStorageLocation", &["spec", "provider"], "the provider of the location is"),
    ("VolumeSnapshotLocation", &["spec", "provider"], "the provider of snapshots is"),
    (
        "ReplicationSource",
        &["spec", "restic", "repository"],
        "copies go to the repository in Secret",
    ),
    (
        "ReplicationDestination",
        &["spec", "restic", "repository"],
        "copies come from the repository in Secret",
    ),
];

/// What the plugin of a provider is told: each key of it may lead to another place.
fn told_otherwise(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value| value.at(&["spec", "config"]).cloned().unwrap_or(Value::Null);
    let (then, now) = (of(edit.old), of(edit.new));
    let keys: BTreeSet<&String> =
        then.entries().iter().chain(now.entries()).map(|(key, _)| key).collect();
    let shown = |value: &Value, key: &str| super::amount::shown(value.get(key));
    let differ = keys.into_iter().filter(|key| then.get(key) != now.get(key));
    let lines: Vec<String> =
        differ.map(|key| format!("{key} {} → {}", shown(&then, key), shown(&now, key))).collect();
    if lines.is_empty() {
        return None;
    }
    let title = format!("{} {} leads elsewhere", edit.kind, edit.new_item.name);
    Some(
        edit.neutral(Code::BACKUP_LOCATION_MOVES, Severity::High, title)
            .details(lines)
            .detail("what lies at the former place stays there: a restore of it needs that place"),
    )
}

fn read_only(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value| {
        let mode = value.at(&["spec", "accessMode"]).and_then(Value::as_str);
        mode.unwrap_or("ReadWrite").to_owned()
    };
    let (then, now) = (of(edit.old), of(edit.new));
    (then != now && now == "ReadOnly").then(|| {
        let title = format!("nothing is written to {} any more", edit.new_item.name);
        edit.loosens(Code::BACKUPS_STOP, Severity::Critical, title)
            .detail("every backup that goes there fails until it may be written to again")
            .changed("access", then, now)
    })
}

/// Where a database archives (a CloudNativePG `Cluster`: its plugins, and `spec.backup`).
fn archive(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value| -> BTreeSet<String> {
        let plugins = value.at(&["spec", "plugins"]).map(Value::items).unwrap_or_default();
        let on = |plugin: &&Value| plugin.get("enabled") != Some(&Value::Bool(false));
        let stores = |plugin: &&Value| plugin.at(&["parameters", "barmanObjectName"]).is_some();
        let read = |plugin: &Value| {
            let at = |key: &str| super::amount::shown(plugin.at(&["parameters", key]));
            format!("{} as {}", at("barmanObjectName"), at("serverName"))
        };
        let store = value.at(&["spec", "backup", "barmanObjectStore"]);
        let own = store.map(|store| {
            let at = |key: &str| super::amount::shown(store.get(key));
            format!("{} as {}", at("destinationPath"), at("serverName"))
        });
        let told = plugins.iter().filter(on).filter(stores).map(read).collect::<Vec<_>>();
        told.into_iter().chain(own).collect()
    };
    let (then, now) = (of(edit.old), of(edit.new));
    let logs = |value: &Value| {
        let plugins = value.at(&["spec", "plugins"]).map(Value::items).unwrap_or_default();
        plugins.iter().any(|plugin| plugin.get("isWALArchiver") == Some(&Value::Bool(true)))
    };
    if then == now && logs(edit.old) && !logs(edit.new) {
        let title = "the log of the database is no longer archived";
        return Some(edit.loosens(Code::BACKUPS_STOP, Severity::Critical, title).detail(
            "its plugin makes base backups only: no moment between two of them can be restored",
        ));
    }
    let gone: Vec<&String> = then.difference(&now).collect();
    let come: Vec<&String> = now.difference(&then).collect();
    match (gone.as_slice(), come.as_slice()) {
        ([], _) => None,
        (_, []) => Some(
            edit.loosens(Code::BACKUPS_STOP, Severity::Critical, "the database no longer archives")
                .detail("no moment after this can be restored, and what follows the archive stands still"),
        ),
        (gone, come) => {
            let (then, now) = (joined(gone.iter().copied()), joined(come.iter().copied()));
            Some(
                edit.neutral(
                    Code::BACKUP_LOCATION_MOVES,
                    Severity::High,
                    format!("the archive of the database is {now} instead of {then}"),
                )
                .detail("a base backup must be there before a moment after this can be restored")
                .changed("location", then, now),
            )
        }
    }
}

/// A field that says where backups lie.
fn moves(edit: &Edit<'_>, path: &[&str], what: &str) -> Option<Match> {
    let of = |value: &Value| value.at(path).and_then(Value::as_str).unwrap_or("default").to_owned();
    let (then, now) = (of(edit.old), of(edit.new));
    (then != now).then(|| {
        edit.neutral(
            Code::BACKUP_LOCATION_MOVES,
            Severity::High,
            format!("{what} {now} instead of {then}"),
        )
        .detail(format!(
            "what lies in {then} stays there until it expires: a restore of it needs that location"
        ))
        .changed("location", then, now)
    })
}

/// Locations of snapshots: each provider has one (velero `pkg/apis/velero/v1/backup_types.go`).
fn snapshots_move(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value| {
        let template = value.at(&["spec", "template"]);
        template.map(|template| words(template, "volumeSnapshotLocations")).unwrap_or_default()
    };
    let (then, now) = (of(edit.old), of(edit.new));
    let (before, after) = (joined(then.iter()), joined(now.iter()));
    (!then.is_empty() && !now.is_empty() && then != now).then(|| {
        let title = format!("snapshots go to {after} instead of {before}");
        edit.neutral(Code::BACKUP_LOCATION_MOVES, Severity::High, title)
            .detail(format!("those in {before} stay there until they expire"))
            .changed("location", before, after)
    })
}
