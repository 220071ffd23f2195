//! Manifests that no ledger speaks of: who they are follows from what they say.

use super::side::{Files, Identity, Item, Read, Reader, Tree, Unit, group};
use crate::diag::{Code, Diagnostic};
use crate::kube::{id, labels, schema};
use crate::yaml::{Value, written};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// Labels that name what an object belongs to, the best first.
const OWNERS: &[&str] = &[labels::SERVICE, "app.kubernetes.io/instance", "app.kubernetes.io/name"];

impl<'a> Tree<'a> {
    /// The tree of all manifests in `paths`, which no ledger speaks of: written by hand, or by
    /// another tool.
    ///
    /// # Errors
    ///
    /// Every file that is YAML and not understood.
    pub fn without_ledger(
        files: &'a dyn Files,
        paths: &[String],
    ) -> Result<Tree<'a>, Vec<Diagnostic>> {
        let mut units: BTreeMap<String, Vec<Item<'a>>> = BTreeMap::new();
        let mut findings = Vec::new();
        for path in paths {
            let Some(text) = files.read(path) else { continue };
            match read(files, path, &text) {
                Ok(items) => {
                    for item in items {
                        units.entry(item.unit.clone()).or_default().push(item);
                    }
                }
                // What the file says is not quoted: it may hold a secret.
                Err(line) => findings.push(
                    Diagnostic::new(
                        Code::TREE_EDITED,
                        format!("`{path}` cannot be read as YAML{line}"),
                    )
                    .help("mend it, or compare folders without it"),
                ),
            }
        }
        number_generated(&mut units);
        leave_out_default(&mut units);
        let note =
            "a side has no ledger: its objects are paired by region, kind, namespace and full name";
        let notes = vec![note.to_owned()];
        match findings.is_empty() {
            true => {
                let unit =
                    |(name, items): (String, _)| Arc::new(Unit::without_ledger(&name, items));
                let mut tree = Tree::of(Reader::Borrowed(files), units.into_iter().map(unit));
                (tree.without_ledger, tree.notes) = (true, notes);
                Ok(tree)
            }
            false => Err(findings),
        }
    }
}

/// What is in the namespace `default` says so or not, and is one object; only where both are there do they
/// stay two, as whoever applies them may name another namespace.
fn leave_out_default(units: &mut BTreeMap<String, Vec<Item<'_>>>) {
    let items = || units.values().flatten();
    let without: BTreeSet<Identity> =
        items().map(|item| &item.identity).filter(|id| id.namespace.is_none()).cloned().collect();
    for item in units.values_mut().flatten() {
        if item.identity.namespace.as_deref() == Some(id::DEFAULT_NAMESPACE) {
            let bare = Identity { namespace: None, ..item.identity.clone() };
            if !without.contains(&bare) {
                item.identity = bare;
            }
        }
    }
}

/// Objects whose names the API server makes, and that begin alike, are told apart by what they say: their
/// order means nothing.
fn number_generated(units: &mut BTreeMap<String, Vec<Item<'_>>>) {
    let mut counts: BTreeMap<Identity, usize> = BTreeMap::new();
    let items = units.values_mut().flatten();
    let mut generated: Vec<&mut Item<'_>> = items.filter(|item| item.name.ends_with('…')).collect();
    generated.sort_by_cached_key(|item| item.value().map(crate::yaml::write::document));
    for item in generated {
        let count = counts.entry(item.identity.clone()).or_default();
        *count += 1;
        if *count > 1 {
            item.name = format!("{} ({count})", item.name);
            item.identity.logical_name.clone_from(&item.name);
        }
    }
}

/// The objects of a file: every document that has a kind, and every item of a `List`.
///
/// # Errors
///
/// Where it is not understood: ` in line 3`.
fn read<'a>(files: &'a dyn Files, path: &str, text: &str) -> Result<Vec<Item<'a>>, String> {
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
        files: Reader::Borrowed(files),
        read: Arc::new(OnceLock::from(Read::of(value.clone()))),
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
