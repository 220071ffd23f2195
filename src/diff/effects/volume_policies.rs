//! Which volumes a backup holds: the policies that Velero reads from a ConfigMap
//! (`internal/resourcepolicies/resource_policies.go`). The first policy whose conditions fit a volume
//! says what becomes of it.

use super::{Edit, Match, Service, current};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::{Item, Unit};
use crate::yaml::{Value, read, write};
use std::collections::BTreeSet;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for edit in service.edits_of("ConfigMap") {
        let (then, now) = (of_map(edit.old), of_map(edit.new));
        if then.is_some() || now.is_some() {
            told.insert(edit.region);
            matches.extend(otherwise(&edit, &then.unwrap_or_default(), &now.unwrap_or_default()));
        }
    }
    // One that a Schedule refers to from now on, or no more.
    for edit in service.edits_of("Schedule").filter(|edit| !told.contains(edit.region)) {
        let then = policies(service.old, edit.old_item, edit.old);
        let now = policies(service.new, edit.new_item, edit.new);
        matches.extend(otherwise(&edit, &then, &now));
    }
    matches
}

fn otherwise(edit: &Edit<'_>, then: &[Policy], now: &[Policy]) -> Option<Match> {
    if then == now {
        return None;
    }
    let skips = |policies: &[Policy]| -> BTreeSet<String> {
        policies.iter().filter(|policy| policy.skips).map(|policy| policy.whom.clone()).collect()
    };
    let (before, after) = (skips(then), skips(now));
    let gained: Vec<&String> = after.difference(&before).collect();
    if !gained.is_empty() {
        let title = "the volumes of a backup are fewer";
        let matched = edit.loosens(Code::BACKUP_SCOPE_SHRINKS, Severity::High, title);
        return Some(matched.details(gained.iter().map(|whom| format!("left out: {whom}"))));
    }
    let lost: Vec<&String> = before.difference(&after).collect();
    let severity = if lost.is_empty() { Severity::Medium } else { Severity::Low };
    let matched = edit.neutral(Code::BACKUP_CHANGES, severity, "volumes are backed up differently");
    Some(matched.details(lost.iter().map(|whom| format!("no longer left out: {whom}"))))
}

/// What becomes of some volumes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Policy {
    /// The conditions, in one line.
    whom: String,
    skips: bool,
}

/// The policies that a Schedule refers to.
fn policies(unit: Option<&Unit<'_>>, item: &Item<'_>, schedule: &Value) -> Vec<Policy> {
    let name = schedule.at(&["spec", "template", "resourcePolicy", "name"]).and_then(Value::as_str);
    let Some(name) = name else { return Vec::new() };
    let mut maps = current(unit, "ConfigMap", &item.identity.region);
    let map =
        maps.find(|map| map.name == name && map.identity.namespace == item.identity.namespace);
    map.and_then(Item::value).and_then(of_map).unwrap_or_default()
}

/// The policies that a ConfigMap holds; none when it holds something else.
fn of_map(map: &Value) -> Option<Vec<Policy>> {
    // Only an escape hides the name of a field.
    let may_hold = |text: &&str| text.contains("volumePolicies") || text.contains('\\');
    let texts = map.get("data")?.entries().iter().filter_map(|(_, text)| text.as_str());
    let texts = texts.filter(may_hold);
    let mut documents = texts.filter_map(|text| read::document(text).ok());
    let policies =
        documents.find_map(|document| Some(document.get("volumePolicies")?.items().to_vec()))?;
    let read = |policy: &Value| {
        let mut conditions = policy.get("conditions").cloned().unwrap_or(Value::Map(Vec::new()));
        conditions.sort();
        let whom = match conditions.entries() {
            [] => "every other volume".to_owned(),
            _ => {
                let text = write::document(&conditions);
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            }
        };
        let action = policy.at(&["action", "type"]).and_then(Value::as_str);
        Policy { whom, skips: action == Some("skip") }
    };
    Some(policies.iter().map(read).collect())
}
