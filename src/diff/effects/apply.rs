//! What an API server refuses: fields that cannot change under a name that stays.

use super::{Edit, Match, Service, amount, claims};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::value::compare;
use crate::kube::immutable::{self, Fixed, Row};
use crate::yaml::Value;
use std::collections::BTreeSet;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    service.edits().filter_map(|edit| refused(&edit)).collect()
}

fn refused(edit: &Edit<'_>) -> Option<Match> {
    // One that the API server names is another object each time.
    let named = edit.new.at(&["metadata", "name"]).is_some();
    if !named || !super::same(edit.old_item, edit.new_item) {
        return None;
    }
    let fields: BTreeSet<String> =
        immutable::of(edit.kind).flat_map(|row| differing(row, edit.old, edit.new)).collect();
    if fields.is_empty() {
        return None;
    }
    let name = &edit.new_item.name;
    let title = format!("{} {name} cannot be applied", edit.kind);
    let mut matched = edit
        .neutral(Code::APPLY_FAILS, Severity::Critical, title)
        .fact("fields", fields.iter().cloned().collect::<Vec<_>>());
    for field in &fields {
        matched =
            matched.detail(format!("`{field}` cannot change: the API server refuses the object"));
    }
    let namespace = edit.new_item.identity.namespace.as_deref().unwrap_or("default");
    Some(match edit.kind {
        "StatefulSet" => matched.details(claims::help(edit)).detail(format!(
            "`kubectl -n {namespace} delete statefulset {name} --cascade=orphan` leaves pods and volumes; resize the claims, then deliver"
        )),
        "PersistentVolumeClaim" | "PersistentVolume" => matched,
        _ => matched.detail("give it another name, or delete it before it is delivered"),
    })
}

/// The fields of a row that differ.
fn differing(row: &Row, old: &Value, new: &Value) -> Vec<String> {
    if let Some((path, value)) = row.when {
        let holds = match old.at(path) {
            Some(found) => amount::shown(Some(found)) == value,
            // Of a job, that is what is meant where nothing is written.
            None => value == "NonIndexed",
        };
        if !holds {
            return Vec::new();
        }
    }
    match &row.fixed {
        Fixed::Field(path, otherwise) => {
            let otherwise = otherwise.map(|text| Value::String(text.to_owned()));
            let of = |value: &Value| value.at(path).cloned().or_else(|| otherwise.clone());
            if same(row.kind, path, of(old), of(new)) { Vec::new() } else { vec![path.join(".")] }
        }
        Fixed::AllBut(path, free) => {
            let of = |value: &Value| value.at(path).cloned().unwrap_or(Value::Null);
            let (then, now) = (of(old), of(new));
            let keys: BTreeSet<&String> =
                then.entries().iter().chain(now.entries()).map(|(key, _)| key).collect();
            let fixed = keys.into_iter().filter(|key| !free.contains(&key.as_str()));
            let is_same = |key: &str| {
                let below: Vec<&str> = path.iter().copied().chain([key]).collect();
                same(row.kind, &below, then.get(key).cloned(), now.get(key).cloned())
            };
            fixed
                .filter(|key| !is_same(key))
                .map(|key| format!("{}.{key}", path.join(".")))
                .collect()
        }
    }
}

/// Whether the API server takes two values of a field for the same: amounts and what it fills in are;
/// another order is not, nor is what a Secret or a ConfigMap holds in another spelling.
fn same(kind: &str, path: &[&str], old: Option<Value>, new: Option<Value>) -> bool {
    if old == new || ["Secret", "ConfigMap"].contains(&kind) {
        return old == new;
    }
    let Some((last, above)) = path.split_last() else { return false };
    let map = |key: &str, value: Value| Value::Map(vec![(key.to_owned(), value)]);
    let around = |value: Option<Value>| {
        let field = value.map_or(Value::Map(Vec::new()), |value| map(last, value));
        above.iter().rev().fold(field, |value, key| map(key, value))
    };
    compare(kind, &around(old), &around(new)).iter().all(|change| change.equal)
}
