//! The rows of a kind as one tree, so that an object is walked once, and only where a row leads.

use super::form::{Form, cannot_be};
use super::table::{self, Row, What};
use super::{Found, Path, shown};
use crate::kube::schema::{Identity, KNOWN, Type};
use crate::yaml::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What is known of a place, and of those below it.
#[derive(Default)]
pub(super) struct Node {
    fields: BTreeMap<&'static str, Node>,
    /// What each item of a list is.
    items: Option<Box<Node>>,
    /// The form of every key of a map whose keys are names.
    keys: Option<&'static Form>,
    /// What each of its values is.
    values: Option<Box<Node>>,
    forms: Vec<&'static Form>,
    /// The fields by which the items of a list are distinguished; none of a list of plain values.
    apart: Option<Vec<&'static str>>,
}

/// The tree of each kind.
pub(super) struct Trees {
    pub(super) metadata: Node,
    pub(super) pod: Node,
    /// By group, then by kind.
    kinds: BTreeMap<&'static str, BTreeMap<&'static str, Node>>,
}

impl Trees {
    pub(super) fn kind(&self, group: &str, kind: &str) -> Option<&Node> {
        self.kinds.get(group)?.get(kind)
    }
}

pub(super) static TREES: LazyLock<Trees> = LazyLock::new(|| {
    let mut kinds: BTreeMap<&'static str, BTreeMap<&'static str, Node>> = BTreeMap::new();
    for (kinds_of, rows) in table::KINDS {
        for (group, kind) in *kinds_of {
            let node = kinds.entry(*group).or_default().entry(*kind).or_default();
            node.add(rows);
            if let Some(of) =
                KNOWN.called(kind).filter(|of| super::schema::group(&of.api_version) == *group)
            {
                node.add_identity(&of.of, 0);
            }
        }
    }
    let mut pod = Node::default();
    pod.add(table::POD);
    pod.add_identity(KNOWN.named("PodSpec").expect("pods are known"), 0);
    let mut metadata = Node::default();
    metadata.at("metadata").add(table::METADATA);
    Trees { metadata, pod, kinds }
});

/// Deeper than any list of which items are distinguished; types refer to each other.
const DEEPEST: usize = 8;

impl Node {
    fn add(&mut self, rows: &'static [Row]) {
        for (path, what) in rows {
            let node = self.at(path);
            match what {
                What::Is(form) => node.forms.push(form),
                What::Keys(form) => node.keys = Some(form),
                What::Has(rows) => node.add(rows),
            }
        }
    }

    /// The node at a path: `[]` stands for every item of a list, `{}` for every value of a map.
    fn at(&mut self, path: &'static str) -> &mut Node {
        let steps = path.split('.').filter(|step| !step.is_empty());
        steps.fold(self, |node, step| {
            let (key, rest) = match step.find(['[', '{']) {
                Some(at) => step.split_at(at),
                None => (step, ""),
            };
            let node = if key.is_empty() { node } else { node.fields.entry(key).or_default() };
            match rest {
                "[]" => node.items.get_or_insert_default(),
                "{}" => node.values.get_or_insert_default(),
                _ => node,
            }
        })
    }

    /// Adds what identifies the items of lists, as the types of Kubernetes say it. Pods have a
    /// tree of their own.
    fn add_identity(&mut self, of: &'static Type, depth: usize) {
        let is_pod = depth > 0 && Some(of) == KNOWN.named("PodSpec");
        match of {
            Type::Nullable(of) | Type::OneOf(_, of) => self.add_identity(of, depth),
            Type::Object(at) if depth < DEEPEST && !is_pod => {
                for field in &KNOWN.objects().0[*at].fields {
                    let mut node = Node::default();
                    node.add_identity(&field.of, depth + 1);
                    if let std::borrow::Cow::Borrowed(name) = field.name
                        && name != "status"
                        && !node.is_empty()
                    {
                        self.fields.entry(name).or_default().merge(node);
                    }
                }
            }
            Type::List(of, items) => {
                let apart = match &items.server {
                    Identity::By(keys) => {
                        let known = |key: &crate::kube::schema::Text| match key {
                            std::borrow::Cow::Borrowed(key) => Some(*key),
                            std::borrow::Cow::Owned(_) => None,
                        };
                        Some(keys.iter().filter_map(known).collect())
                    }
                    Identity::Set => Some(Vec::new()),
                    Identity::Whole => None,
                };
                self.apart = apart.or(self.apart.take());
                let mut node = Node::default();
                node.add_identity(of, depth + 1);
                if !node.is_empty() {
                    self.items.get_or_insert_default().merge(node);
                }
            }
            Type::Any
            | Type::String
            | Type::Bytes
            | Type::Time
            | Type::Int32
            | Type::Int64
            | Type::Number
            | Type::Boolean
            | Type::IntOrString
            | Type::Quantity
            | Type::Object(_)
            | Type::Map(_) => {}
        }
    }

    fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.items.is_none() && self.apart.is_none()
    }

    fn merge(&mut self, other: Node) {
        self.apart = other.apart.or(self.apart.take());
        for (name, node) in other.fields {
            self.fields.entry(name).or_default().merge(node);
        }
        if let Some(items) = other.items {
            self.items.get_or_insert_default().merge(*items);
        }
    }
}

/// Holds what stands at a place, and everything below it, against the tree. `right` is what stands there
/// in an object of which nothing is refused: fields that are equal in both are not looked at.
pub(super) fn walk(
    node: &Node,
    value: &Value,
    right: Option<&Value>,
    path: &Path<'_>,
    found: &mut Found,
) {
    for form in &node.forms {
        form.check(value, path, found);
    }
    match value {
        Value::Map(entries) => {
            let right = right.map(Value::entries).unwrap_or_default();
            for (index, entry) in entries.iter().enumerate() {
                let ((key, field), right) = (entry, right.get(index));
                if right == Some(entry) {
                    continue;
                }
                let right = right.filter(|(other, _)| other == key).map(|(_, field)| field);
                let below = path.key(key);
                if let Some(node) = node.fields.get(key.as_str()) {
                    walk(node, field, right, &below, found);
                }
                if let Some(form) = node.keys {
                    form_of_key(form, key, &below, found);
                }
                if let Some(node) = &node.values {
                    walk(node, field, right, &below, found);
                }
            }
        }
        Value::List(items) => {
            if let Some(keys) = &node.apart {
                twice(keys, items, path, found);
            }
            if let Some(node) = &node.items {
                for (index, item) in items.iter().enumerate() {
                    walk(node, item, None, &path.item(index), found);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => {}
    }
}

fn form_of_key(form: &Form, key: &str, path: &Path<'_>, found: &mut Found) {
    if let Form::Text(problem, instead) = form
        && let Some(problem) = problem(key)
    {
        found.refuse(path, format!("is not a valid key: {problem}"), instead(key));
    }
}

/// Two items that are one to the API server: server-side apply refuses the list, and client-side apply
/// merges one into the other.
fn twice(keys: &[&str], items: &[Value], path: &Path<'_>, found: &mut Found) {
    if items.len() < 2 {
        return;
    }
    let mut seen: BTreeMap<Vec<Cow<'_, str>>, usize> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let Some(key) = key_of(item, keys) else { continue };
        if let Some(first) = seen.get(&key) {
            let what = match keys {
                [] => cannot_be(&key.concat(), "it is in the list already"),
                keys => {
                    let parts = keys.iter().zip(&key);
                    let parts: Vec<String> =
                        parts.map(|(key, value)| format!("`{key}: {value}`")).collect();
                    format!("is there twice: item {first} has {}, too", parts.join(" and "))
                }
            };
            let instead = Some("keep one of them, or give each its own".to_owned());
            found.refuse(&path.item(index), what, instead);
        }
        seen.insert(key, index);
    }
}

/// What identifies an item; none where it does not say it.
fn key_of<'v>(item: &'v Value, keys: &[&str]) -> Option<Vec<Cow<'v, str>>> {
    let text =
        |part: &'v Value| part.as_str().map_or_else(|| Cow::Owned(shown(part)), Cow::Borrowed);
    if keys.is_empty() {
        return Some(vec![text(item)]);
    }
    let part = |key: &&str| match item.get(key) {
        Some(part) => Some(text(part)),
        None if *key == "protocol" => Some(Cow::Borrowed("TCP")),
        None => None,
    };
    keys.iter().map(part).collect()
}
