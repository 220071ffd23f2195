//! The fields of a schema, and which of them an edit changes.

use crate::workbench::repository;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use toml::Value;

/// What may be written in one kind of file.
pub(super) struct Schema {
    root: Json,
    /// Every field, as `ports[].port` and `config.*`.
    pub(super) fields: BTreeSet<String>,
}

/// A value before and after.
pub(super) type Values = (Option<String>, Option<String>);

/// The fields that an edit changes, with the values before and after.
pub(super) struct Changes {
    pub(super) fields: BTreeMap<String, Vec<Values>>,
    /// Whether all of them come or go together.
    together: bool,
}

impl Changes {
    /// The fields that the edit is about, where that can be told.
    pub(super) fn about(&self) -> BTreeSet<String> {
        match self.together || self.fields.len() == 1 {
            true => self.fields.keys().cloned().collect(),
            false => BTreeSet::new(),
        }
    }
}

/// A step to a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    /// An item of a list, and what it is known by.
    Item(String),
}

type Leaves = BTreeMap<Vec<Step>, String>;

impl Schema {
    pub(super) fn read(kind: &str) -> Schema {
        let path = repository(&format!("specs/schema/{kind}.schema.json"));
        let root: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut schema = Schema { fields: BTreeSet::new(), root: root.clone() };
        let mut fields = BTreeSet::new();
        schema.walk(&root, "", &mut fields);
        schema.fields = fields;
        schema
    }

    /// Every way to read a node: itself, what it refers to, its alternatives.
    fn ways<'a>(&'a self, node: &'a Json) -> Vec<&'a Json> {
        let mut ways = vec![node];
        if let Some(name) = node["$ref"].as_str() {
            let to = name.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            ways.extend(to.into_iter().flat_map(|node| self.ways(node)));
        }
        for list in ["anyOf", "oneOf", "allOf"] {
            let nodes = node[list].as_array().into_iter().flatten();
            ways.extend(nodes.flat_map(|node| self.ways(node)));
        }
        ways
    }

    fn walk(&self, node: &Json, path: &str, fields: &mut BTreeSet<String>) {
        for node in self.ways(node) {
            let of =
                |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            let properties = node["properties"].as_object();
            for (key, node) in properties.into_iter().flatten() {
                self.walk(node, &of(key), fields);
            }
            let any = &node["additionalProperties"];
            if any.is_object() {
                self.walk(any, &of("*"), fields);
            }
            let items = &node["items"];
            if items.is_object() {
                self.walk(items, &format!("{path}[]"), fields);
            }
            let scalar =
                node["type"].is_string() || node["enum"].is_array() || node["const"].is_string();
            let is_leaf = scalar && properties.is_none() && !any.is_object() && !items.is_object();
            if is_leaf && node["type"] != "null" {
                fields.insert(path.to_owned());
            }
        }
    }

    /// A path as the schema has it.
    fn field(&self, node: &Json, path: &[Step]) -> Option<String> {
        let Some((step, rest)) = path.split_first() else { return Some(String::new()) };
        let join = |first: &str, rest: String| match rest.as_str() {
            "" => first.to_owned(),
            rest if rest.starts_with('[') => format!("{first}{rest}"),
            rest => format!("{first}.{rest}"),
        };
        // An object of anybody's own.
        let open = |node: &&Json| {
            node["type"] == "object"
                && node["properties"].is_null()
                && !node["additionalProperties"].is_object()
        };
        if self.ways(node).iter().any(open) {
            return Some(String::new());
        }
        self.ways(node).into_iter().find_map(|node| match step {
            Step::Key(key) => match node["properties"].get(key) {
                None => {
                    let any = &node["additionalProperties"];
                    let below = any.is_object().then(|| self.field(any, rest)).flatten();
                    below.map(|below| join("*", below))
                }
                Some(below) => Some(join(key, self.field(below, rest)?)),
            },
            Step::Item(_) => {
                let items = &node["items"];
                let below = items.is_object().then(|| self.field(items, rest)).flatten()?;
                Some(join("[]", below))
            }
        })
    }

    /// The fields in which two files differ.
    pub(super) fn changes(&self, before: &str, after: &str) -> Result<Changes, String> {
        let parse =
            |text: &str| toml::from_str::<toml::Table>(text).map_err(|wrong| wrong.to_string());
        let (before, after) = (Value::Table(parse(before)?), Value::Table(parse(after)?));
        let (old, new) = (leaves(&before), leaves(&after));
        let paths: BTreeSet<&Vec<Step>> = old.keys().chain(new.keys()).collect();
        let differ: Vec<&Vec<Step>> =
            paths.into_iter().filter(|path| old.get(*path) != new.get(*path)).collect();
        let mut changes =
            Changes { fields: BTreeMap::new(), together: together(&differ, &old, &new) };
        for path in differ {
            let field =
                self.field(&self.root, path).ok_or(format!("the schema has no {path:?}"))?;
            let values = (old.get(path).cloned(), new.get(path).cloned());
            changes.fields.entry(field).or_default().push(values);
        }
        Ok(changes)
    }
}

/// Whether all that differs stands below something that only one side has.
fn together(differ: &[&Vec<Step>], old: &Leaves, new: &Leaves) -> bool {
    let Some(first) = differ.first() else { return false };
    let common = (1..=first.len())
        .rev()
        .find(|length| differ.iter().all(|path| path.starts_with(&first[..*length])));
    let Some(common) = common.map(|length| &first[..length]) else { return false };
    let there = |side: &Leaves| side.keys().any(|path| path.starts_with(common));
    there(old) != there(new)
}

/// What an item of a list is known by.
const KNOWN_BY: &[&str] = &[
    "name",
    "service",
    "cidr",
    "host",
    "namespace",
    "rule",
    "what",
    "type",
    "external",
    "pods",
    "object",
    "of",
    "path",
];

fn leaves(root: &Value) -> Leaves {
    let mut leaves = Leaves::new();
    walk(root, &mut Vec::new(), &mut leaves);
    leaves
}

fn walk(value: &Value, path: &mut Vec<Step>, leaves: &mut Leaves) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                path.push(Step::Key(key.clone()));
                walk(value, path, leaves);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                let name = KNOWN_BY.iter().find_map(|key| item.get(key)?.as_str());
                path.push(Step::Item(name.map_or_else(|| format!("{at:03}"), str::to_owned)));
                walk(item, path, leaves);
                path.pop();
            }
            if items.is_empty() {
                path.push(Step::Item(String::new()));
                leaves.insert(path.clone(), "nothing".to_owned());
                path.pop();
            }
        }
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => {
            leaves.insert(path.clone(), value.to_string());
        }
    }
}
