//! Definitions of custom kinds: those of the input, and for kinds without one, a definition that takes
//! anything.

use super::compile::Files;
use super::object::{self, Object};
use crate::kube::id;
use crate::kube::schema::{self, KNOWN, group};
use crate::kube::version::NEWEST;
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
        // What is no name is no path; the object is refused as it is.
        if id::subdomain_problem(&object.name).is_none() {
            let path = format!("crds/{}.yaml", object.name);
            files.insert(path, write::document(&value).into_bytes());
        }
    }
    let mut unknown: BTreeMap<(String, String), (BTreeSet<String>, bool)> = BTreeMap::new();
    for object in objects.iter().filter(|object| object.region.is_none()) {
        let of = (group(&object.api_version).to_owned(), object.kind.clone());
        let (group, kind) = (&of.0, &of.1);
        let named = id::subdomain_problem(group).is_none()
            && kind.chars().all(|c| c.is_ascii_alphanumeric());
        if !named || KNOWN.is_own(group) || is_known(object) || defined.contains(&of) {
            continue;
        }
        let version = object.api_version.rsplit('/').next().unwrap_or_default().to_owned();
        let (versions, namespaced) = unknown.entry(of).or_default();
        versions.insert(version);
        *namespaced |= object::is_namespaced(object);
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

/// Whether what is known of a kind that is made here says all of an object of it.
fn is_known(object: &Object) -> bool {
    let kind = KNOWN.kind(&object.api_version, &object.kind);
    kind.is_some_and(|kind| {
        let mut faults =
            schema::check(KNOWN.objects(), &kind.of, &object.value, NEWEST).into_iter();
        faults.all(|fault| fault.path.first().is_some_and(|key| key == "status"))
    })
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
