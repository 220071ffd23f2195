//! Objects of every built-in kind, with fields that chance picks from the table of types, are given back
//! by what their import compiles to.

use crate::import::{hold, import, lost, options, written};
use crate::random::Random;
use crate::workbench::{Files, compile, repository};
use expect_test::expect;
use ninefold::import::Column;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The version that a fleet has that is begun without nodes.
const MINOR: u32 = 34;

/// What every object is called, so that what refers to another finds one.
const NAME: &str = "a1";

/// Fields of which an object has one.
const ONE_OF: &[&str] = &["Volume", "VolumeProjection", "LifecycleHandler", "EnvVarSource"];

/// Texts that mean something, by their fields; all others are a name.
const TEXTS: &[(&str, &str)] = &[
    ("operator", "Exists"),
    ("protocol", "TCP"),
    (
        "image",
        "registry.example.com/a1@sha256:8970c121d2d50b2fb3f88a68e2d86a2c2f51183c9395b1ee1ad7e999f56334b2",
    ),
    ("schedule", "0 3 * * *"),
    ("path", "/a1"),
    ("mountPath", "/a1"),
    ("pathType", "Prefix"),
    ("restartPolicy", "Always"),
    ("concurrencyPolicy", "Forbid"),
    ("topologyKey", "kubernetes.io/hostname"),
    ("whenUnsatisfiable", "ScheduleAnyway"),
    ("fieldPath", "metadata.name"),
    ("apiGroup", "rbac.authorization.k8s.io"),
    ("volumeBindingMode", "WaitForFirstConsumer"),
    ("reclaimPolicy", "Retain"),
    ("accessModes", "ReadWriteOnce"),
    ("policyTypes", "Ingress"),
    ("cidr", "10.0.0.0/8"),
    ("addressType", "IPv4"),
    ("host", "a1.example.com"),
    ("hosts", "a1.example.com"),
    ("kind", "ClusterRole"),
    ("sideEffects", "None"),
    ("admissionReviewVersions", "v1"),
    ("scope", "Namespaced"),
];

/// Texts that another reader could take for something else.
const ODD: &[&str] =
    &["on", "007", "1e3", "~", "0x1F", "12:30", "true", "2026-01-01", "a", "1_000"];

/// One of so many fields is there and says nothing.
const NOTHING: usize = 12;

/// Nothing, as somebody may write it in a field of a type.
fn nothing(random: &mut Random, of: &str) -> Value {
    let empty = match of {
        of if of.starts_with('[') => json!([]),
        of if of.starts_with('{') => json!({}),
        _ => Value::Null,
    };
    if random.once_in(2) { Value::Null } else { empty }
}

/// The table of types: fields of a kind or an object, by what stands at the margin.
struct Table<'t> {
    fields: BTreeMap<&'t str, Vec<(&'t str, bool, &'t str)>>,
    /// `apps/v1`, `Deployment`, whether it stands in a namespace, and its line.
    kinds: Vec<(&'t str, &'t str, bool, &'t str)>,
}

/// Whether a version has what ends with `span`: `1.33..`, `..1.36`; without one all have it.
fn has(span: Option<&str>) -> bool {
    let Some((first, last)) = span.and_then(|span| span.split_once("..")) else { return true };
    let minor = |text: &str| text.strip_prefix("1.").and_then(|text| text.parse::<u32>().ok());
    minor(first).is_none_or(|first| first <= MINOR) && minor(last).is_none_or(|last| MINOR <= last)
}

impl<'t> Table<'t> {
    fn read(text: &'t str) -> Table<'t> {
        let mut table = Table { fields: BTreeMap::new(), kinds: Vec::new() };
        let mut head = "";
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let span = words.last().copied().filter(|word| word.contains(".."));
            if let Some(field) = line.strip_prefix("  ") {
                let name = field.split(' ').next().unwrap_or_default();
                let of = words[1];
                if has(span) {
                    let row = (name.trim_end_matches('!'), name.ends_with('!'), of);
                    table.fields.entry(head).or_default().push(row);
                }
                continue;
            }
            head = line;
            table.fields.entry(head).or_default();
            if let [group, kind, scope, ..] = words.as_slice()
                && has(span)
            {
                table.kinds.push((group, kind, *scope == "namespaced", line));
            }
        }
        table
    }

    /// An object with all that it must have, and each other field as chance has it, in `percent`.
    fn object(&self, random: &mut Random, head: &str, percent: usize, depth: usize) -> Value {
        let mut object = Map::new();
        let rows = &self.fields[head];
        let only = ONE_OF.contains(&head).then(|| random.below(rows.len()));
        for (at, (name, required, of)) in rows.iter().enumerate() {
            let chosen = match only {
                Some(only) => at == only,
                None => depth < 9 && random.below(100) < percent,
            };
            if *name != "status" && (*required || chosen || *name == "image") {
                let value = match !*required && *name != "image" && random.once_in(NOTHING) {
                    true => nothing(random, of),
                    false => self.value(random, (name, of), percent, depth),
                };
                object.insert((*name).to_owned(), value);
            }
        }
        Value::Object(object)
    }

    fn value(
        &self,
        random: &mut Random,
        (name, of): (&str, &str),
        percent: usize,
        depth: usize,
    ) -> Value {
        if let Some(of) = of.strip_prefix('[').and_then(|of| of.strip_suffix(']')) {
            return json!([self.value(random, (name, of), percent, depth + 1)]);
        }
        if let Some(of) = of.strip_prefix('{').and_then(|of| of.strip_suffix('}')) {
            let key = if of == "quantity" { "memory" } else { NAME };
            let odd = of == "string" && random.once_in(2);
            let value = match odd {
                true => (*random.pick(ODD)).into(),
                false => self.value(random, (NAME, of), percent, depth + 1),
            };
            return json!({ key: value });
        }
        let text = TEXTS.iter().find(|(field, _)| *field == name).map_or(NAME, |(_, text)| *text);
        match of {
            "string" => text.into(),
            "boolean" => random.once_in(2).into(),
            "int32" | "int64" | "number" => random.between(1, 4).into(),
            "int-or-string" => match random.below(3) {
                0 => (*random.pick(&["25%", "a1"])).into(),
                _ => random.between(1, 4).into(),
            },
            "quantity" => match random.below(3) {
                0 => 67_108_864.into(),
                _ => (*random.pick(&["64Mi", "65536Ki", "67108864", "1e8", "0.5Gi"])).into(),
            },
            "bytes" => "YTE=".into(),
            "any" => json!({ NAME: NAME }),
            "time" => "2026-01-01T00:00:00Z".into(),
            other if self.fields.contains_key(other) => {
                self.object(random, other, percent, depth + 1)
            }
            other => panic!("`{other}` is no type of the table"),
        }
    }

    /// An object of a kind, with the name and the namespace that all have.
    fn of_kind(&self, random: &mut Random, at: usize, percent: usize) -> Value {
        let (api_version, kind, namespaced, head) = self.kinds[at];
        let mut object = self.object(random, head, percent, 0);
        object["apiVersion"] = api_version.into();
        object["kind"] = kind.into();
        object["metadata"] = json!({ "name": NAME, "labels": { "team": "a" } });
        if namespaced {
            object["metadata"]["namespace"] = "lone".into();
        }
        object
    }
}

/// A service, without which nothing is a fleet.
fn service() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "web", "namespace": "shop" },
        "spec": {
            "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" } },
                "spec": { "containers": [{ "name": "web", "image": "registry.example.com/web:1" }] },
            },
        },
    })
}

fn shown(object: &Value) -> String {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
    format!("{}/{}/{}", text("/kind"), text("/metadata/namespace"), text("/metadata/name"))
}

/// Imports objects with a service, holds the account against what it compiles to, and says which of them
/// were refused as a whole. None of them is lost in part.
fn refused(objects: &[Value]) -> BTreeSet<String> {
    let items: Vec<Value> = objects.iter().cloned().chain([service()]).collect();
    let source = json!({ "apiVersion": "v1", "kind": "List", "items": items }).to_string();
    let outcome = import("in.json", &source, options());
    let imported = outcome.imported.as_ref().expect("there is a service");
    assert!(imported.refused.is_none(), "{}", outcome.report);
    let compiled = compile(&written(imported), &Files::new());
    assert!(!compiled.report().contains("error["), "{}", compiled.report());
    let lost = lost(&source, &imported.account.leaves, &outcome.report);
    hold(&source, &imported.account.leaves, &compiled.tree, &lost);
    let names: BTreeSet<String> = lost.iter().map(|(object, _)| object.clone()).collect();
    // What says nothing is in the account of a refused object, too.
    let carried = imported.account.leaves.iter().filter(|leaf| leaf.column != Column::Dropped);
    for leaf in carried {
        assert!(!names.contains(&leaf.object), "a part of {}: {}", leaf.object, outcome.report);
    }
    names
}

/// A kind in several groups or versions would be the same object to a cluster, so the newest stands for all.
fn newest(table: &Table<'_>) -> Vec<usize> {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, (group, kind, ..)) in table.kinds.iter().enumerate() {
        let rank = |group: &str| (group.contains("alpha"), group.contains("beta"));
        let better = found.get(kind).is_none_or(|other| rank(group) < rank(table.kinds[*other].0));
        if better {
            found.insert(kind, at);
        }
    }
    found.into_values().collect()
}

#[test]
fn objects_of_every_built_in_kind_give_themselves_back() {
    let text = std::fs::read_to_string(repository("src/kube/schema/builtin.txt")).unwrap();
    let table = Table::read(&text);
    let mut random = Random::new(20);
    let mut left = newest(&table);
    assert!(left.len() > 60, "{} kinds", left.len());
    let mut given = 0;
    // What the API refuses is tried again with less in it.
    for percent in [40, 25, 15, 8, 4, 2, 0, 0] {
        let objects: Vec<Value> =
            left.iter().map(|at| table.of_kind(&mut random, *at, percent)).collect();
        let names = refused(&objects);
        given += objects.len() - names.len();
        let again = left.iter().zip(&objects).filter(|(_, one)| names.contains(&shown(one)));
        left = again.map(|(at, _)| *at).collect();
    }
    let kinds: Vec<&str> = left.iter().map(|at| table.kinds[*at].1).collect();
    assert!(given > 50, "{given} of them");
    // Its name is made of its plural and its group, and no other object's is.
    expect!["CustomResourceDefinition"].assert_eq(&kinds.join(" "));
}
