//! Manifests that no ledger speaks of: who they are follows from what they say.

use super::side::{Files, Identity, Item, Read, group};
use crate::kube::{id, labels, schema};
use crate::yaml::{Value, written};
use std::sync::OnceLock;

/// Labels that name what an object belongs to, the best first.
const OWNERS: &[&str] = &[labels::SERVICE, "app.kubernetes.io/instance", "app.kubernetes.io/name"];

/// The objects of a file: every document that has a kind, and every item of a `List`.
///
/// # Errors
///
/// Where it is not understood: ` in line 3`.
pub(super) fn read<'a>(
    files: &'a dyn Files,
    path: &str,
    text: &str,
) -> Result<Vec<Item<'a>>, String> {
    // As Kubernetes reads it, whoever wrote it: YAML 1.1, with a byte order mark or without.
    let values = written::documents(text).map_err(|error| {
        format!(" in line {}", text[..error.at.start].matches('\n').count() + 1)
    })?;
    let mut items = Vec::new();
    for value in values.into_iter().map(|document| document.value) {
        match listed(&value) {
            Some(listed) => {
                for item in listed {
                    items.extend(of_value(files, path, items.len(), &item));
                }
            }
            None => items.extend(of_value(files, path, items.len(), &value)),
        }
    }
    Ok(items)
}

/// The items of a list; none where it is an object of its own, whatever its kind is called. Those of a
/// `ConfigMapList` are of that kind and version without saying so.
fn listed(value: &Value) -> Option<Vec<Value>> {
    let kind = value.get("kind")?.as_str()?.strip_suffix("List")?;
    let is_object = value.at(&["metadata", "name"]).is_some();
    let Some(Value::List(items)) = value.get("items").filter(|_| !is_object) else { return None };
    let complete = |item: &Value| {
        let mut item = item.clone();
        let of_list = value.get("apiVersion").cloned().zip((!kind.is_empty()).then_some(kind));
        if let Some((version, kind)) = of_list.filter(|_| item.get("kind").is_none()) {
            item.insert("apiVersion", version);
            item.insert("kind", Value::String(kind.to_owned()));
        }
        item
    };
    Some(items.iter().map(complete).collect())
}

fn of_value<'a>(
    files: &'a dyn Files,
    path: &str,
    document: usize,
    value: &Value,
) -> Option<Item<'a>> {
    let text = |keys: &[&str]| value.at(keys).and_then(Value::as_str);
    let (api_version, kind) = (text(&["apiVersion"])?, text(&["kind"])?);
    // One that the API server names has what it begins with.
    let generated = || Some(format!("{}…", text(&["metadata", "generateName"])?));
    let name = text(&["metadata", "name"]).map(str::to_owned).or_else(generated)?;
    let name = name.as_str();
    // The folder at the top is the cluster; a tree without folders is one.
    let region = path.split_once('/').map_or("", |(folder, _)| folder);
    let owner = OWNERS.iter().find_map(|label| text(&["metadata", "labels", label]));
    let namespace = text(&["metadata", "namespace"]);
    // Whether that one is written or not makes no difference.
    let apart = namespace.filter(|namespace| *namespace != id::DEFAULT_NAMESPACE);
    let unit = owner.or(apart).unwrap_or(name);
    Some(Item {
        identity: Identity {
            region: region.to_owned(),
            group: lasting_group(api_version, kind).to_owned(),
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
        read: OnceLock::from(Read::of(value.clone())),
    })
}

/// The group that a kind has for good: what was in `extensions` is one object with what it is where it went,
/// and the core group is sometimes written.
fn lasting_group<'v>(api_version: &'v str, kind: &str) -> &'v str {
    match group(api_version) {
        "core" => "",
        "extensions" => {
            let now = schema::KNOWN.called(kind);
            now.map_or("extensions", |known| schema::group(&known.api_version))
        }
        named => named,
    }
}

/// The name without a hash, where the manifest says what its generation is; else the whole name:
/// an ending that looks like a hash may be none.
fn logical_name(value: &Value, name: &str) -> String {
    let generation = value.at(&["metadata", "labels", labels::GENERATION]).and_then(Value::as_str);
    let suffix = generation.and_then(|generation| name.strip_suffix(generation));
    suffix.and_then(|rest| rest.strip_suffix('-')).unwrap_or(name).to_owned()
}
