//! Definitions of custom kinds: those of the input, and for kinds without one, a definition that takes
//! anything.

use super::compile::Files;
use super::object::Object;
use crate::kube::schema::{KNOWN, group};
use crate::yaml::{Value, write};
use std::collections::{BTreeMap, BTreeSet};

const DEFINITION: &str = "CustomResourceDefinition";

/// Files below `crds/`.
pub(super) fn definitions(objects: &[Object]) -> Files {
    let mut files = Files::new();
    let mut defined: BTreeSet<(String, String)> = BTreeSet::new();
    for object in objects.iter().filter(|object| object.kind == DEFINITION) {
        let text = |path: &[&str]| object.text(path).unwrap_or_default().to_owned();
        defined.insert((text(&["spec", "group"]), text(&["spec", "names", "kind"])));
        let mut value = object.value.clone();
        value.remove("status");
        files.insert(format!("crds/{}.yaml", object.name), write::document(&value).into_bytes());
    }
    let mut unknown: BTreeMap<(String, String), (BTreeSet<String>, bool)> = BTreeMap::new();
    for object in objects {
        let of = (group(&object.api_version).to_owned(), object.kind.clone());
        let known = KNOWN.kind(&object.api_version, &object.kind).is_some() || KNOWN.is_own(&of.0);
        if known || of.0.is_empty() || defined.contains(&of) {
            continue;
        }
        let version = object.api_version.rsplit('/').next().unwrap_or_default().to_owned();
        let (versions, namespaced) = unknown.entry(of).or_default();
        versions.insert(version);
        *namespaced |= object.namespace.is_some();
    }
    for ((group, kind), (versions, namespaced)) in unknown {
        let plural = format!("{}s", kind.to_lowercase());
        let value = definition((&group, &kind, &plural), &versions, namespaced);
        let comment =
            "# A definition that takes anything: put that of the operator in its place.\n";
        let text = format!("{comment}{}", write::document(&value));
        files.insert(format!("crds/{plural}.{group}.yaml"), text.into_bytes());
    }
    files
}

fn definition(
    (group, kind, plural): (&str, &str, &str),
    versions: &BTreeSet<String>,
    namespaced: bool,
) -> Value {
    let text = |text: &str| Value::String(text.to_owned());
    let map = |entries: Vec<(&str, Value)>| {
        Value::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    };
    let version = |(index, name): (usize, &String)| {
        let anything = map(vec![
            ("type", text("object")),
            ("x-kubernetes-preserve-unknown-fields", Value::Bool(true)),
        ]);
        map(vec![
            ("name", text(name)),
            ("served", Value::Bool(true)),
            ("storage", Value::Bool(index == 0)),
            ("schema", map(vec![("openAPIV3Schema", anything)])),
        ])
    };
    let names = map(vec![
        ("kind", text(kind)),
        ("listKind", text(&format!("{kind}List"))),
        ("plural", text(plural)),
        ("singular", text(&kind.to_lowercase())),
    ]);
    let mut value = map(vec![
        ("apiVersion", text("apiextensions.k8s.io/v1")),
        ("kind", text(DEFINITION)),
        ("metadata", map(vec![("name", text(&format!("{plural}.{group}")))])),
        (
            "spec",
            map(vec![
                ("group", text(group)),
                ("names", names),
                ("scope", text(if namespaced { "Namespaced" } else { "Cluster" })),
                ("versions", Value::List(versions.iter().enumerate().map(version).collect())),
            ]),
        ),
    ]);
    value.sort();
    value
}
