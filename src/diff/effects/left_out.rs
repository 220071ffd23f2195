//! Labels and annotations that keep something out of Velero's backups, or say what runs around them.
//!
//! Sources: velero `pkg/apis/velero/v1/labels_annotations.go` (`ExcludeFromBackupLabel`),
//! `pkg/podvolume/util.go`, `internal/hook/item_hook_handler.go`.

use super::{Edit, Match, Service, workload};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::yaml::Value;
use std::collections::BTreeSet;

const EXCLUDED: &str = "velero.io/exclude-from-backup";

/// Lists the volumes of a pod that are left out, and those that are taken in.
const VOLUMES: [(&str, bool); 2] = [
    ("backup.velero.io/backup-volumes-excludes", true),
    ("backup.velero.io/backup-volumes", false),
];

/// Begin the annotations of what runs in a pod before and after its backup.
const HOOKS: [&str; 2] = ["pre.hook.backup.velero.io/", "post.hook.backup.velero.io/"];

/// Kinds that hold data, or the way to it.
const DATA: &[&str] = &["PersistentVolumeClaim", "PersistentVolume", "Namespace"];

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let of = |edit: Edit<'_>| [object(&edit), volumes(&edit), hooks(&edit)];
    service.edits().flat_map(of).flatten().collect()
}

fn object(edit: &Edit<'_>) -> Option<Match> {
    let left_out = |value: &Value| {
        let mark = value.at(&["metadata", "labels", EXCLUDED]);
        mark.and_then(Value::as_str) == Some("true")
    };
    if left_out(edit.old) || !left_out(edit.new) {
        return None;
    }
    let severity = if DATA.contains(&edit.kind) { Severity::High } else { Severity::Medium };
    let title = format!("{} {} is in no backup any more", edit.kind, edit.new_item.name);
    Some(
        edit.loosens(Code::BACKUP_SCOPE_SHRINKS, severity, title)
            .detail(format!("its label {EXCLUDED} keeps it out of all of them")),
    )
}

fn annotations(kind: &str, value: &Value) -> Vec<(String, Value)> {
    let template = workload::template(kind, value);
    let all = template.and_then(|template| template.at(&["metadata", "annotations"]));
    all.map(Value::entries).unwrap_or_default().to_vec()
}

fn volumes(edit: &Edit<'_>) -> Option<Match> {
    let listed = |value: &Value, name: &str| -> BTreeSet<String> {
        let all = annotations(edit.kind, value);
        let own = all.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.as_str());
        let names = own.unwrap_or_default().split(',').map(str::trim);
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let mut gone = BTreeSet::new();
    for (name, excludes) in VOLUMES {
        let (then, now) = (listed(edit.old, name), listed(edit.new, name));
        let (from, to) = if excludes { (&now, &then) } else { (&then, &now) };
        gone.extend(from.difference(to).cloned());
    }
    (!gone.is_empty()).then(|| {
        let title = format!("volumes of {} {} leave the backup", edit.kind, edit.new_item.name);
        edit.loosens(Code::BACKUP_SCOPE_SHRINKS, Severity::High, title).details(gone)
    })
}

fn hooks(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value| -> Vec<(String, Value)> {
        let mut all = annotations(edit.kind, value);
        all.retain(|(key, _)| HOOKS.iter().any(|start| key.starts_with(start)));
        all
    };
    let (then, now) = (of(edit.old), of(edit.new));
    let keys: BTreeSet<&String> = then
        .iter()
        .filter(|entry| !now.contains(entry))
        .chain(now.iter().filter(|entry| !then.contains(entry)))
        .map(|(key, _)| key)
        .collect();
    (!keys.is_empty()).then(|| {
        let title = format!("what runs around a backup of {} {}", edit.kind, edit.new_item.name);
        edit.neutral(Code::BACKUP_CHANGES, Severity::Medium, format!("{title} differs"))
            .details(keys.into_iter().cloned())
    })
}
