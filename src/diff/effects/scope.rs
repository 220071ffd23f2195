//! What is in a backup, and under which name it is found.

use super::listed::beyond;
use super::{Dropped, Edit, Match, Service, ways};
use crate::diag::Code;
use crate::diff::report::{Direction, Severity};
use crate::diff::side::Item;
use crate::yaml::Value;
use std::collections::BTreeSet;

/// Lists of what is included; an empty one means everything, or `*` does.
const INCLUDED: &[&str] = &[
    "includedNamespaces",
    "includedResources",
    "includedClusterScopedResources",
    "includedNamespaceScopedResources",
];

/// The one of them of which an empty one means what goes with the rest, and nothing else
/// (velero `pkg/apis/velero/v1/backup_types.go`).
const RELATED: &str = "includedClusterScopedResources";

/// Lists of what is left out.
const EXCLUDED: &[&str] = &[
    "excludedNamespaces",
    "excludedResources",
    "excludedClusterScopedResources",
    "excludedNamespaceScopedResources",
];

/// Switches that put data into a backup.
const SWITCHES: &[&str] = &["snapshotVolumes", "snapshotMoveData", "defaultVolumesToFsBackup"];

/// The fields of a backup that these rules speak of.
pub(super) const LISTS: &[&str] = &[
    "includedNamespaces",
    "includedResources",
    "includedClusterScopedResources",
    "includedNamespaceScopedResources",
    "excludedNamespaces",
    "excludedResources",
    "excludedClusterScopedResources",
    "excludedNamespaceScopedResources",
    "snapshotVolumes",
    "snapshotMoveData",
    "defaultVolumesToFsBackup",
    "includeClusterResources",
];

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    // What services share leaves out namespaces in which none of them is.
    let own = service.edits_of("Schedule").filter(|_| !service.is_fleet());
    let mut matches: Vec<Match> = own.filter_map(|edit| shrinks(&edit)).collect();
    matches.extend(renamed(service));
    matches
}

fn shrinks(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value| value.at(&["spec", "template"]).cloned().unwrap_or(Value::Null);
    let (then, now) = (of(edit.old), of(edit.new));
    let (lines, swapped) = less(&then, &now);
    if lines.is_empty() {
        let told = |rule, direction, title: &str| {
            let matched = Match::new(rule, Severity::Info, direction, title);
            Some(matched.at(edit.region).object(edit.number))
        };
        let other = |key: &&&str| then.get(key) != now.get(key);
        return match (less(&now, &then).0.as_slice(), LISTS.iter().find(other)) {
            ([], None) => None,
            ([], Some(_)) => told(
                Code::BACKUP_CHANGES,
                Direction::Neutral,
                "the same is backed up, in other words",
            ),
            _ => told(Code::PROMISE_TIGHTER, Direction::Tightens, "more is backed up"),
        };
    }
    let rule = Code::BACKUP_SCOPE_SHRINKS;
    let matched = match swapped {
        true => Match::neutral(rule, Severity::High, "something else is backed up"),
        false => Match::loosens(rule, Severity::High, "less is backed up"),
    };
    let matched = matched.at(edit.region).object(edit.number);
    Some(matched.details(lines))
}

/// What is not backed up any more; and whether something else is in its place.
fn less(then: &Value, now: &Value) -> (Vec<String>, bool) {
    let mut lines = Vec::new();
    let mut swapped = false;
    for key in INCLUDED {
        let (before, after) = (words(then, key), words(now, key));
        let all =
            |list: &BTreeSet<String>| list.is_empty() && *key != RELATED || list.contains("*");
        let (gone, come) = (beyond(&before, &after), beyond(&after, &before));
        if all(&before) && !all(&after) {
            let left = match after.is_empty() {
                true => "what goes with the rest".to_owned(),
                false => joined(after.iter()),
            };
            lines.push(format!("{key}: everything → {left}"));
        } else if !all(&after) && !gone.is_empty() {
            lines.push(format!("{key}: − {}", gone.join(", ")));
            swapped |= !come.is_empty();
        }
    }
    for key in EXCLUDED {
        let more = beyond(&words(now, key), &words(then, key));
        if !more.is_empty() {
            lines.push(format!("{key}: + {}", more.join(", ")));
        }
    }
    lines.extend(cluster_resources(then, now));
    for key in SWITCHES {
        let on = |template: &Value| template.get(key) == Some(&Value::Bool(true));
        // Volumes are in a backup unless it says otherwise.
        let absent = |template: &Value| *key == "snapshotVolumes" && template.get(key).is_none();
        if (on(then) || absent(then)) && !on(now) && !absent(now) {
            lines.push(format!("{key}: on → off"));
        }
    }
    lines.extend(fewer_selected(then, now));
    let (before, after) = (hooks(then), hooks(now));
    let times = |hooks: &BTreeSet<String>, time: &str| {
        hooks.iter().filter(|hook| hook.ends_with(time)).count()
    };
    // One under another name is another hook, and none less.
    let fewer = |hook: &&String| {
        let time = hook.rsplit(' ').next().unwrap_or_default();
        times(&after, time) < times(&before, time)
    };
    lines.extend(
        before
            .difference(&after)
            .filter(fewer)
            .map(|name| format!("{name} goes: what is in a snapshot may not fit together")),
    );
    (lines, swapped)
}

/// Resources of the cluster: with the rest go those that belong to it, unless all are asked for, or none.
fn cluster_resources(then: &Value, now: &Value) -> Option<String> {
    let of = |template: &Value| match template.get("includeClusterResources") {
        Some(Value::Bool(true)) => (2, "all"),
        Some(Value::Bool(false)) => (0, "none"),
        _ => (1, "those that go with the rest"),
    };
    let ((before, then), (after, now)) = (of(then), of(now));
    (after < before).then(|| format!("includeClusterResources: {then} → {now}"))
}

/// What labels select, as sets: of what was selected, something is not any more.
fn fewer_selected(then: &Value, now: &Value) -> Option<String> {
    let selected = |template: &Value| -> Vec<BTreeSet<String>> {
        let any = template.get("orLabelSelectors").map(Value::items).unwrap_or_default();
        let selectors = template.get("labelSelector").into_iter().chain(any);
        let found: Vec<BTreeSet<String>> = selectors.flat_map(ways::terms).collect();
        if found.is_empty() { vec![BTreeSet::new()] } else { found }
    };
    let (before, after) = (selected(then), selected(now));
    let covered = |set: &BTreeSet<String>| after.iter().any(|wider| wider.is_subset(set));
    if before.iter().all(covered) {
        return None;
    }
    let shown = |sets: &[BTreeSet<String>]| -> String {
        let one = |set: &BTreeSet<String>| match set.is_empty() {
            true => "everything".to_owned(),
            false => joined(set.iter()),
        };
        sets.iter().map(one).collect::<Vec<_>>().join("; or ")
    };
    Some(format!("labels: {} → {}", shown(&before), shown(&after)))
}

pub(super) fn words(template: &Value, key: &str) -> BTreeSet<String> {
    let items = template.get(key).map(Value::items).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

pub(super) fn joined<'a>(words: impl Iterator<Item = &'a String>) -> String {
    words.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The hooks that run before and after: `hook flush before`. One that says nothing of when it runs is
/// there all the same.
fn hooks(template: &Value) -> BTreeSet<String> {
    let hooks = template.at(&["hooks", "resources"]).map(Value::items).unwrap_or_default();
    let named = |hook: &Value| -> Vec<String> {
        let name = super::amount::shown(hook.get("name"));
        let runs = |key: &str| hook.get(key).is_some_and(|list| !list.items().is_empty());
        let times = [("pre", "before"), ("post", "after")];
        let times = times.iter().filter(|(key, _)| runs(key));
        let mut all: Vec<String> = times.map(|(_, word)| format!("hook {name} {word}")).collect();
        if all.is_empty() {
            all.push(format!("hook {name}"));
        }
        all
    };
    hooks.iter().flat_map(named).collect()
}

/// A Schedule that does under another name what one did that goes.
pub(super) fn successor<'a>(
    service: &Service<'a>,
    dropped: &Dropped<'a>,
) -> Option<(usize, &'a Item<'a>, &'a Value)> {
    let scope = |value: &Value| {
        let template = value.at(&["spec", "template"]).cloned().unwrap_or(Value::Null);
        ["includedNamespaces", "labelSelector"].map(|key| template.get(key).cloned())
    };
    let added =
        service.added("Schedule").filter_map(|(number, item)| Some((number, item, item.value()?)));
    added
        .filter(|(_, item, _)| item.identity.region == dropped.item.identity.region)
        .find(|(.., value)| scope(value) == scope(dropped.value))
}

/// A Schedule under another name: Velero labels each backup with the name of its Schedule, and
/// finds by it what a restore `from schedule` means (velero `pkg/cmd/cli/restore/create.go`). The
/// names of Ninefold follow content, and labels of their own join the backups: that is no news.
fn renamed(service: &Service<'_>) -> Vec<Match> {
    let mut pairs = Vec::new();
    for edit in service.edits_of("Schedule") {
        if edit.old_item.name != edit.new_item.name {
            pairs.push((
                edit.region,
                vec![edit.number],
                (edit.old_item, edit.old),
                (edit.new_item, edit.new),
            ));
        }
    }
    for dropped in service.dropped("Schedule") {
        if let Some((number, item, value)) = successor(service, &dropped) {
            let region = dropped.item.identity.region.as_str();
            let numbers = vec![dropped.number, number];
            pairs.push((region, numbers, (dropped.item, dropped.value), (item, value)));
        }
    }
    let labels = |value: &Value| {
        let labels = value.at(&["spec", "template", "metadata", "labels"]);
        labels.map(Value::entries).unwrap_or_default().to_vec()
    };
    let lost = pairs.into_iter().filter(|(_, _, (_, old), (_, new))| {
        let after = labels(new);
        !labels(old).iter().any(|label| after.contains(label))
    });
    let told = lost.map(|(region, numbers, (then, _), (now, _))| {
        let (then, now) = (then.name.as_str(), now.name.as_str());
        Match::neutral(Code::SCHEDULE_RENAMED, Severity::High, "the Schedule has another name")
            .at(region)
            .detail(format!(
                "backups of {then} are not found under {now}: no label of their own joins them"
            ))
            .changed("name", then, now)
            .objects(numbers)
    });
    told.collect()
}
