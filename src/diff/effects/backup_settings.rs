//! How backups and copies are made: what else of it differs.

use super::{Edit, Match, Service};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::value::{Change, FieldOperation, compare};
use crate::kube::read::duration;
use crate::yaml::Value;

/// Kinds that back up or copy, and the fields that other rules speak of: how often, for how long, what,
/// and whereto.
const KINDS: &[(&str, &[&[&str]])] = &[
    (
        "Schedule",
        &[
            &["spec", "schedule"],
            &["spec", "paused"],
            &["spec", "template", "metadata"],
            &["spec", "template", "ttl"],
            &["spec", "template", "storageLocation"],
            &["spec", "template", "volumeSnapshotLocations"],
            &["spec", "template", "labelSelector"],
            &["spec", "template", "orLabelSelectors"],
            &["spec", "template", "resourcePolicy"],
            // In which order pods are backed up follows from how many there are.
            &["spec", "template", "orderedResources"],
        ],
    ),
    ("ScheduledBackup", &[&["spec", "schedule"], &["spec", "suspend"]]),
    (
        "ReplicationSource",
        &[
            &["spec", "trigger"],
            &["spec", "paused"],
            &["spec", "restic", "repository"],
            &["spec", "restic", "retain"],
        ],
    ),
    (
        "ReplicationDestination",
        &[&["spec", "trigger"], &["spec", "paused"], &["spec", "restic", "repository"]],
    ),
    (
        "BackupStorageLocation",
        &[
            &["spec", "objectStorage", "bucket"],
            &["spec", "objectStorage", "prefix"],
            &["spec", "provider"],
            &["spec", "config"],
            &["spec", "credential"],
            &["spec", "accessMode"],
        ],
    ),
    (
        "VolumeSnapshotLocation",
        &[&["spec", "provider"], &["spec", "config"], &["spec", "credential"]],
    ),
    ("ObjectStore", &[&["spec", "configuration"], &["spec", "retentionPolicy"]]),
];

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let of_kind = |(kind, known): &(&'static str, &'static [&'static [&'static str]])| {
        let known = *known;
        service.edits_of(kind).filter_map(move |edit| otherwise(&edit, known)).collect::<Vec<_>>()
    };
    KINDS.iter().flat_map(of_kind).collect()
}

fn otherwise(edit: &Edit<'_>, known: &[&[&str]]) -> Option<Match> {
    let rest = |value: &Value| {
        let mut value = value.clone();
        value.remove("metadata");
        known.iter().for_each(|path| take(&mut value, path));
        super::scope::LISTS.iter().for_each(|key| take(&mut value, &["spec", "template", key]));
        value
    };
    let changes = compare(edit.kind, &rest(edit.old), &rest(edit.new));
    let differ: Vec<&Change> =
        changes.iter().filter(|change| !change.cosmetic && !change.equal).collect();
    if differ.is_empty() {
        return None;
    }
    let longer = differ.iter().all(|change| {
        let seconds = |value: &Option<Value>| duration::parse(value.as_ref()?.as_str()?);
        matches!((seconds(&change.old), seconds(&change.new)), (Some(then), Some(now)) if now > then)
    });
    // A hook more only makes what is in a snapshot fit together better.
    let hooks = differ.iter().all(|change| {
        change.operation == FieldOperation::Add && change.path.starts_with("spec.template.hooks")
    });
    let (severity, title) = match (longer, hooks) {
        (true, _) => (Severity::Low, format!("{} is given more time", edit.kind)),
        (_, true) => (Severity::Info, format!("{} runs more hooks", edit.kind)),
        _ => (Severity::Medium, format!("{} works differently", edit.kind)),
    };
    let line = |change: &&Change| {
        let shown = |value: &Option<Value>| super::amount::shown(value.as_ref());
        format!("{}: {} → {}", change.path, shown(&change.old), shown(&change.new))
    };
    Some(edit.neutral(Code::BACKUP_CHANGES, severity, title).details(differ.iter().map(line)))
}

/// Takes out what is at a path.
fn take(value: &mut Value, path: &[&str]) {
    let Some((last, above)) = path.split_last() else { return };
    let parent = above.iter().try_fold(value, |value, key| value.get_mut(key));
    if let Some(parent) = parent {
        parent.remove(last);
    }
}
