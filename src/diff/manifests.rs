//! Manifests that no ledger speaks of: who they are follows from what they say.

use super::side::{Files, Identity, Item, group};
use crate::kube::labels;
use crate::yaml::{Value, read};
use std::sync::OnceLock;

/// Labels that name what an object belongs to, the best first.
const OWNERS: &[&str] = &[labels::SERVICE, "app.kubernetes.io/instance", "app.kubernetes.io/name"];

/// The objects of a file: every document that has a kind, and every item of a `List`.
///
/// # Errors
///
/// Where it is not understood: ` in line 3`, or nothing when nobody knows.
pub(super) fn read<'a>(
    files: &'a dyn Files,
    path: &str,
    text: &str,
) -> Result<Vec<Item<'a>>, String> {
    let values = read::documents(text).map_err(|error| match error.line {
        Some(line) => format!(" in line {line}"),
        None => String::new(),
    })?;
    let mut items = Vec::new();
    for value in values {
        if value.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List")) {
            for item in value.get("items").map(Value::items).unwrap_or_default() {
                items.extend(of_value(files, path, items.len(), item));
            }
        } else {
            items.extend(of_value(files, path, items.len(), &value));
        }
    }
    Ok(items)
}

fn of_value<'a>(
    files: &'a dyn Files,
    path: &str,
    document: usize,
    value: &Value,
) -> Option<Item<'a>> {
    let text = |keys: &[&str]| value.at(keys).and_then(Value::as_str);
    let (api_version, kind) = (text(&["apiVersion"])?, text(&["kind"])?);
    let name = text(&["metadata", "name"])?;
    // The folder at the top is the cluster; a tree without folders is one.
    let region = path.split_once('/').map_or("", |(folder, _)| folder);
    let owner = OWNERS.iter().find_map(|label| text(&["metadata", "labels", label]));
    let namespace = text(&["metadata", "namespace"]);
    let unit = owner.or(namespace).unwrap_or(name);
    Some(Item {
        identity: Identity {
            region: region.to_owned(),
            group: group(api_version).to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            logical_name: logical_name(value, name),
        },
        unit: unit.to_owned(),
        name: name.to_owned(),
        path: path.to_owned(),
        document,
        own: None,
        digest: None,
        references: Vec::new(),
        retained: None,
        origin: None,
        files,
        value: OnceLock::from(Some(value.clone())),
    })
}

/// The name without a hash, where the manifest says what its generation is; else the whole name:
/// an ending that looks like a hash may be none.
fn logical_name(value: &Value, name: &str) -> String {
    let generation = value.at(&["metadata", "labels", labels::GENERATION]).and_then(Value::as_str);
    let suffix = generation.and_then(|generation| name.strip_suffix(generation));
    suffix.and_then(|rest| rest.strip_suffix('-')).unwrap_or(name).to_owned()
}
