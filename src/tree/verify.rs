//! Judges a tree by itself, without its specs.
//!
//! Every file is what its ledger says; every hashed name follows from the content under it, and so
//! from the content of what it refers to; every reference leads to an object of the tree; no two
//! objects share a name.

use super::ledger::{Entry, Ledger};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::kinds::{CustomKind, Naming};
use crate::kube::references::Declared;
use crate::kube::{Kind, labels, references};
use crate::name::{self, Digest};
use crate::yaml::{Value, read};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who an object is for Kubernetes: region, kind, namespace, name.
type Key = (String, String, Option<String>, String);

fn key(entry: &Entry) -> Key {
    (entry.region.clone(), entry.kind.clone(), entry.namespace.clone(), entry.name.clone())
}

/// Reports everything that is wrong with the objects of one unit. `file` reads a file of the tree.
pub fn unit(sink: &mut Sink, ledger: &Ledger, file: impl Fn(&str) -> Option<String>) {
    let mut objects: BTreeMap<Key, Object<'_>> = BTreeMap::new();
    for entry in ledger.objects() {
        let Some(value) = read_object(sink, entry, &file) else { continue };
        let object = Object { entry, value, judged: None };
        if let Some(other) = objects.insert(key(entry), object) {
            let message = format!(
                "`{}` and `{}` are both the {} `{}` of {}",
                other.entry.path, entry.path, entry.kind, entry.name, entry.region
            );
            sink.error(Diagnostic::new(Code::TREE_NAME, message).help(REBUILD));
        }
    }
    for other in ledger.others() {
        let text = found(sink, &other.path, "or build again", &file);
        if text.is_some_and(|text| Digest::of(text.as_bytes()) != other.file) {
            sink.error(edited(&other.path, "or build again"));
        }
    }
    let keys: Vec<Key> = objects.keys().cloned().collect();
    for key in keys {
        judge(sink, &mut objects, &key, 0);
    }
}

const REBUILD: &str = "restore the tree from git, then build again";

struct Object<'a> {
    entry: &'a Entry,
    value: Value,
    /// The digest of its content and its suffix, once it was judged.
    judged: Option<(Option<Digest>, Option<String>)>,
}

fn read_object(
    sink: &mut Sink,
    entry: &Entry,
    file: &impl Fn(&str) -> Option<String>,
) -> Option<Value> {
    let path = &entry.path;
    let otherwise = match entry.retained {
        Some(_) => "or, if that generation is not needed, `ninefold retire --force`",
        None => "or build again",
    };
    let text = found(sink, path, otherwise, file)?;
    let value = read::document(&text).ok().filter(|value| says(entry, value));
    let same = Digest::of(text.as_bytes()) == entry.file;
    if !same || value.is_none() {
        sink.error(edited(path, otherwise));
    }
    value.filter(|_| same)
}

/// The text of a file; it is reported when there is none.
fn found(
    sink: &mut Sink,
    path: &str,
    otherwise: &str,
    file: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let text = file(path);
    if text.is_none() {
        let finding = Diagnostic::new(Code::TREE_INCOMPLETE, format!("`{path}` is missing"));
        sink.error(finding.help(restore(path, otherwise)));
    }
    text
}

fn edited(path: &str, otherwise: &str) -> Diagnostic {
    Diagnostic::new(Code::TREE_EDITED, format!("`{path}` is not what its ledger says"))
        .note("it was edited by hand, or the ledger was")
        .help(restore(path, otherwise))
}

fn restore(path: &str, otherwise: &str) -> String {
    format!("restore it: `git checkout -- <out>/{path}`; {otherwise}")
}

/// Whether a manifest is of the object that an entry speaks of.
fn says(entry: &Entry, value: &Value) -> bool {
    let text = |path: &[&str]| value.at(path).and_then(Value::as_str);
    text(&["kind"]) == Some(&entry.kind)
        && text(&["metadata", "name"]) == Some(&entry.name)
        && text(&["metadata", "namespace"]) == entry.namespace.as_deref()
}

/// More than any chain of references that a tree has; a circle ends here.
const DEEPEST: usize = 32;

/// Judges an object after everything that it refers to; returns its digest and its suffix.
fn judge(
    sink: &mut Sink,
    objects: &mut BTreeMap<Key, Object<'_>>,
    key: &Key,
    depth: usize,
) -> (Option<Digest>, Option<String>) {
    let Some(object) = objects.get_mut(key) else { return (None, None) };
    if let Some(judged) = &object.judged {
        return judged.clone();
    }
    let entry = object.entry;
    let mut value = std::mem::replace(&mut object.value, Value::Null);
    let of = kind(entry, &value);
    let mut targets = Vec::new();
    // What an object of the user's own refers to may be of somebody else: its build said so.
    let own = entry.origin.key == "manifests";
    let shared = value.at(&["metadata", "annotations", labels::SHARED_ACCOUNT]).is_some();
    // What the fleet declares of custom kinds is not known here; the ledger has what it names.
    references::visit(&of, &Declared::new(), &mut value, &mut |kind, name, optional| {
        let given = kind.is_given(name);
        let key =
            (entry.region.clone(), kind.name().to_owned(), entry.namespace.clone(), name.clone());
        let elsewhere = own || shared && *kind == Kind::ServiceAccount;
        targets.push((key, optional || given || elsewhere));
    });
    for reference in entry.references.iter().filter(|_| matches!(of, Kind::Custom(_))) {
        let (kind, name) = (reference.kind.clone(), reference.name.clone());
        let target = (entry.region.clone(), kind, entry.namespace.clone(), name);
        if !targets.iter().any(|(known, _)| *known == target) {
            targets.push((target, false));
        }
    }
    let mut digests = Vec::new();
    let mut suffix = None;
    for (target, may_miss) in targets {
        if !objects.contains_key(&target) && !may_miss {
            let message = format!(
                "`{}` refers to the {} `{}`, which is not in the tree",
                entry.path, target.1, target.3
            );
            sink.error(
                Diagnostic::new(Code::TREE_INCOMPLETE, message)
                    .note("its pods would not start")
                    .help(REBUILD),
            );
        }
        let judged =
            if depth < DEEPEST { judge(sink, objects, &target, depth + 1) } else { (None, None) };
        digests.push(judged.0);
        suffix = suffix.or(judged.1);
    }
    let judged = match (references::naming(&of, &value), &entry.content) {
        (Naming::Hashed(paths), Some(_)) => {
            without_generation(&mut value);
            let digest = name::content(&of, &mut value, paths, &digests);
            (Some(digest), Some(name::suffix(&digest)))
        }
        (Naming::LikeReferent, _) => (None, suffix),
        (Naming::Hashed(_) | Naming::Stable, _) => (None, None),
    };
    let right = match &judged.1 {
        Some(suffix) => format!("{}-{suffix}", entry.logical_name),
        None => entry.logical_name.clone(),
    };
    if entry.name != right || judged.0 != entry.content {
        let message = format!(
            "`{}` is called `{}`, its content is that of `{right}`",
            entry.path, entry.name
        );
        sink.error(
            Diagnostic::new(Code::TREE_NAME, message)
                .note("a name that stands for other content changes what runs in place")
                .help(REBUILD),
        );
    }
    if let Some(object) = objects.get_mut(key) {
        object.judged = Some(judged.clone());
        object.value = value;
    }
    judged
}

/// The kind of an object, by its name and by what its manifest says.
fn kind(entry: &Entry, value: &Value) -> Kind {
    let api_version = value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    match Kind::find(api_version, &entry.kind) {
        Some(row) => row.kind.clone(),
        None => Kind::Custom(Arc::new(CustomKind {
            api_version: api_version.to_owned(),
            kind: entry.kind.clone(),
            namespaced: entry.namespace.is_some(),
        })),
    }
}

/// The label that a Deployment's pods got with their name is not part of what was hashed.
fn without_generation(value: &mut Value) {
    let path = ["spec", "template", "metadata", "labels"];
    if let Some(labels) = path.iter().try_fold(value, |value, key| value.get_mut(key)) {
        labels.remove(labels::GENERATION);
    }
}
