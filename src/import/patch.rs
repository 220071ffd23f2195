//! What no field says: patches of the objects that are emitted.

use super::compile::Emitted;
use super::path::{Find, item};
use super::toml::{Document, fits, of_yaml};
use crate::kube::schema::{KNOWN, KindType, Type};
use crate::yaml::Value;

/// A value, and where it belongs in an object.
pub(super) type Wanted = (Vec<Find>, Value);

/// The patch that puts all of them into an object.
pub(super) fn build(emitted: &Emitted, wanted: &[Wanted]) -> Value {
    let api_version = emitted.value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    let kind = KNOWN.kind(api_version, &emitted.kind);
    let mut patch = Value::Map(Vec::new());
    for (path, value) in wanted {
        let mut at = Vec::new();
        put(&mut patch, Some(&emitted.value), kind, &mut at, path, value);
    }
    let replaced = replaced(&patch, &emitted.value);
    if let (false, Value::Map(entries)) = (replaced.is_empty(), &mut patch) {
        let paths = replaced.into_iter().map(Value::String).collect();
        entries.insert(0, ("remove".to_owned(), Value::List(paths)));
    }
    patch
}

/// What has to go before the patch: a container waits, or runs a command before it ends, and not both.
fn replaced(patch: &Value, emitted: &Value) -> Vec<String> {
    const HANDLER: [&str; 2] = ["lifecycle", "preStop"];
    let containers = |value: &Value| -> Vec<Value> {
        let pod = value.at(&["spec", "template", "spec", "containers"]);
        pod.map(Value::items).unwrap_or_default().to_vec()
    };
    let there = containers(emitted);
    let waits = |name: &Value| {
        let mut same = there.iter().filter(|one| one.get("name") == Some(name));
        same.any(|one| one.at(&HANDLER).is_some_and(|handler| handler.get("sleep").is_some()))
    };
    containers(patch)
        .iter()
        .filter(|one| one.at(&HANDLER).is_some_and(|handler| handler.get("sleep").is_none()))
        .filter_map(|one| one.get("name").filter(|name| waits(name))?.as_str())
        .map(|name| format!("spec.template.spec.containers[{name}].lifecycle.preStop.sleep"))
        .collect()
}

/// Puts a value at a path; `there` is what is emitted at the same place, and `at` the path to it.
fn put(
    here: &mut Value,
    there: Option<&Value>,
    kind: Option<&KindType>,
    at: &mut Vec<String>,
    path: &[Find],
    value: &Value,
) {
    let Some((step, rest)) = path.split_first() else {
        *here = value.clone();
        return;
    };
    if let Find::Key(key) = step {
        if !matches!(here, Value::Map(_)) {
            *here = Value::Map(Vec::new());
        }
        if here.get(key).is_none() {
            let list = matches!(rest.first(), Some(Find::By(_) | Find::Is(_) | Find::Index(_)));
            here.insert(key, if list { Value::List(Vec::new()) } else { Value::Map(Vec::new()) });
        }
        let below = here.get_mut(key).expect("it was just put there");
        at.push(key.clone());
        put(below, there.and_then(|there| there.get(key)), kind, at, rest, value);
        at.pop();
        return;
    }
    let known = there.map(Value::items).unwrap_or_default();
    let merged = merge_key(kind, at);
    at.push("[]".to_owned());
    let Value::List(items) = here else { return };
    let by = |keys: &[(String, Value)]| {
        let key = merged.as_deref()?;
        let (_, value) = keys.iter().find(|(path, _)| path == key)?;
        Some((key.to_owned(), value.clone()))
    };
    let merges = if let Find::By(keys) = step { by(keys) } else { None };
    if merges.is_none() && items.is_empty() {
        // A list that does not merge is replaced, so it begins as it is.
        items.extend(known.iter().cloned());
    }
    let found = match &merges {
        Some((key, value)) => items.iter().position(|item| item.get(key) == Some(value)),
        None => item(items, step),
    };
    let index = found.unwrap_or_else(|| {
        items.push(match (&merges, step) {
            (Some((key, value)), _) => Value::Map(vec![(key.clone(), value.clone())]),
            (None, Find::Is(value)) => value.clone(),
            (None, Find::By(keys)) => with(keys),
            (None, Find::Key(_) | Find::Index(_)) => Value::Map(Vec::new()),
        });
        items.len() - 1
    });
    let there = item(known, step).and_then(|index| known.get(index));
    if !(rest.is_empty() && matches!(step, Find::Is(_))) {
        put(&mut items[index], there, kind, at, rest, value);
    }
    at.pop();
}

/// An item with what identifies it.
fn with(keys: &[(String, Value)]) -> Value {
    let mut item = Value::Map(Vec::new());
    for (path, value) in keys {
        let mut here = &mut item;
        let (above, last) = path.rsplit_once('.').unwrap_or(("", path));
        for step in above.split('.').filter(|step| !step.is_empty()) {
            if here.get(step).is_none() {
                here.insert(step, Value::Map(Vec::new()));
            }
            here = here.get_mut(step).expect("it was just put there");
        }
        here.insert(last, value.clone());
    }
    item
}

/// The field by which a strategic merge tells the items of a list apart.
fn merge_key(kind: Option<&KindType>, at: &[String]) -> Option<String> {
    let path: Vec<&str> = at.iter().map(String::as_str).collect();
    let of = KNOWN.at(kind?, &path)?;
    if let Type::List(_, items) = of { items.merge.as_ref().map(ToString::to_string) } else { None }
}

/// Writes a patch into a spec: a table for each part of the object that has something, and for what is too
/// long for a line.
pub(super) fn write(document: &mut Document, object: &str, patch: &Value) {
    section(document, &mut vec!["patch".to_owned(), object.to_owned()], patch);
}

/// Keys whose values have a table of their own.
const APART: &[&str] = &["spec", "template", "metadata"];

fn section(document: &mut Document, path: &mut Vec<String>, value: &Value) {
    let root = path.len() == 2;
    let apart = |key: &str, below: &Value| {
        let map = !below.entries().is_empty();
        map && (root || APART.contains(&key) || of_yaml(below).is_some_and(|one| !fits(key, &one)))
    };
    let entries = value.entries().iter();
    for (key, below) in entries.clone().filter(|(key, below)| !apart(key, below)) {
        if let Some(value) = of_yaml(below) {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            document.table(&path).set(key, value);
        }
    }
    for (key, below) in entries.filter(|(key, below)| apart(key, below)) {
        path.push(key.clone());
        section(document, path, below);
        path.pop();
    }
}
