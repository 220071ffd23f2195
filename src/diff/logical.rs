//! A manifest with logical names in place of final ones: what an object says by itself.
//!
//! A new name in a reference is no edit of the object that refers: it follows from an edit
//! elsewhere. So fields are compared with logical names, and the names are listed apart.

use super::report::HashedName;
use super::side::{Item, Tree};
use crate::kube::references::Declared;
use crate::kube::{Kind, labels, references};
use crate::yaml::Value;
use std::collections::BTreeMap;

/// The manifest with logical names, and where the final ones were.
pub(super) fn logical(tree: &Tree<'_>, item: &Item<'_>, value: &Value) -> (Value, Vec<HashedName>) {
    let mut logical = value.clone();
    let id = &item.identity;
    if let Some(name) = at(&mut logical, &["metadata", "name"]) {
        id.logical_name.clone_into(name);
    }
    if let Some(row) = Kind::named(&id.kind) {
        references::visit(&row.kind, &Declared::new(), &mut logical, &mut |kind, name, _| {
            let place = (id.region.as_str(), kind.name(), id.namespace.as_deref());
            let known = tree.called(place, name).filter(is_hashed).last();
            if let Some(known) = known.map(|known| known.identity.logical_name.clone()) {
                *name = known;
            }
        });
        for path in row.pods.generation {
            let labels = path.iter().try_fold(&mut logical, |value, key| value.get_mut(key));
            if let Some(Value::String(generation)) =
                labels.and_then(|labels| labels.get_mut(labels::GENERATION))
            {
                GENERATION.clone_into(generation);
            }
        }
    } else {
        custom(tree, item, &mut logical);
    }
    let mut names = Vec::new();
    differences(value, &logical, &mut String::new(), &mut names);
    (logical, names)
}

/// In custom kinds, any text that is the final name of an object beside it: no other text ends in the same
/// hash.
fn custom(tree: &Tree<'_>, item: &Item<'_>, value: &mut Value) {
    let id = &item.identity;
    let (region, namespace) = (id.region.as_str(), id.namespace.as_deref());
    let units = tree.units_in(region, namespace);
    let beside = units.flat_map(|unit| unit.items_in(region, namespace)).filter(is_hashed);
    let beside: BTreeMap<&str, &str> =
        beside.map(|item| (item.name.as_str(), item.identity.logical_name.as_str())).collect();
    texts(value, &mut |text| {
        if let Some(logical) = beside.get(text.as_str()) {
            (*logical).clone_into(text);
        }
    });
}

fn is_hashed(item: &&Item<'_>) -> bool {
    item.name != item.identity.logical_name
}

/// Calls `visit` for every text in a value.
fn texts(value: &mut Value, visit: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => visit(text),
        Value::List(items) => items.iter_mut().for_each(|item| texts(item, visit)),
        Value::Map(entries) => entries.iter_mut().for_each(|(_, field)| texts(field, visit)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
    }
}

/// Stands for the generation in a label.
const GENERATION: &str = "‹generation›";

fn at<'v>(value: &'v mut Value, path: &[&str]) -> Option<&'v mut String> {
    match path.iter().try_fold(value, |value, key| value.get_mut(key)) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// Where two values of one shape have other texts.
fn differences(value: &Value, other: &Value, pointer: &mut String, found: &mut Vec<HashedName>) {
    if value == other {
        return;
    }
    let length = pointer.len();
    match (value, other) {
        (Value::Map(entries), Value::Map(others)) => {
            for ((key, value), (_, other)) in entries.iter().zip(others) {
                pointer.push('/');
                pointer.push_str(&crate::yaml::pointer::token(key));
                differences(value, other, pointer, found);
                pointer.truncate(length);
            }
        }
        (Value::List(items), Value::List(others)) => {
            for (index, (value, other)) in items.iter().zip(others).enumerate() {
                pointer.push_str(&format!("/{index}"));
                differences(value, other, pointer, found);
                pointer.truncate(length);
            }
        }
        (Value::String(text), Value::String(other)) if text != other => {
            found.push(HashedName {
                pointer: pointer.clone(),
                logical: other.clone(),
                name: text.clone(),
            });
        }
        _ => {}
    }
}
