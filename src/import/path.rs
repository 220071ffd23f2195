//! Leaves of objects, and paths that find them again in another object: by what tells the items of a
//! list apart, and not by their place.

use crate::kube::id::{SUFFIX_ALPHABET, SUFFIX_LENGTH};
use crate::kube::list_keys::{self, Absent, Items};
use crate::yaml::Value;

/// A step from a value to one that stands in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The entry of a map.
    Key(String),
    /// The item of a list.
    Index(usize),
}

/// A step that finds its item by what it says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Find {
    /// The entry of a map.
    Key(String),
    /// The item of a list with these values at these paths.
    By(Vec<(String, Value)>),
    /// The item of a list that is this.
    Is(Value),
    /// The item of a list at this place.
    Index(usize),
}

impl Find {
    /// What is found at a step, wherever it stands.
    pub(super) fn exactly(step: &Step) -> Find {
        match step {
            Step::Key(key) => Find::Key(key.clone()),
            Step::Index(index) => Find::Index(*index),
        }
    }
}

/// Every leaf of a value, with the path to it: what is no map and no list, or is an empty one.
pub(super) fn leaves(value: &Value) -> Vec<(Vec<Step>, &Value)> {
    let mut found = Vec::new();
    walk(value, &mut Vec::new(), &mut found);
    found
}

fn walk<'v>(value: &'v Value, path: &mut Vec<Step>, found: &mut Vec<(Vec<Step>, &'v Value)>) {
    if value.entries().is_empty() && value.items().is_empty() {
        found.push((path.clone(), value));
    }
    for (key, field) in value.entries() {
        path.push(Step::Key(key.clone()));
        walk(field, path, found);
        path.pop();
    }
    for (index, item) in value.items().iter().enumerate() {
        path.push(Step::Index(index));
        walk(item, path, found);
        path.pop();
    }
}

/// A path as a JSON pointer (RFC 6901).
pub(super) fn pointer(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        out.push('/');
        match step {
            Step::Key(key) => out.push_str(&crate::yaml::pointer::token(key)),
            Step::Index(index) => out.push_str(&index.to_string()),
        }
    }
    out
}

/// A path with `[]` for each item: `spec.ports.[].name`, to be held against tables.
pub(super) fn general(path: &[Step]) -> String {
    let steps: Vec<&str> = path
        .iter()
        .map(|step| match step {
            Step::Key(key) => key.as_str(),
            Step::Index(_) => "[]",
        })
        .collect();
    steps.join(".").replace(".[]", "[]")
}

/// The same path, with items identified by their keys.
pub(super) fn keyed(kind: &str, value: &Value, path: &[Step]) -> Vec<Find> {
    let mut general: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    let mut here = Some(value);
    for step in path {
        match step {
            Step::Key(key) => {
                found.push(Find::Key(key.clone()));
                general.push(key);
                here = here.and_then(|value| value.get(key));
            }
            Step::Index(index) => {
                let item = here.and_then(|value| value.items().get(*index));
                found.push(
                    item.map_or(Find::Index(*index), |item| {
                        item_step(kind, &general, item, *index)
                    }),
                );
                general.push("[]");
                here = item;
            }
        }
    }
    found
}

/// How an item of the list at a path is found.
fn item_step(kind: &str, path: &[&str], item: &Value, index: usize) -> Find {
    let Some(list) = list_keys::find(kind, None, path) else { return Find::Index(index) };
    match list.items {
        Items::Sequence => Find::Index(index),
        Items::Whole => Find::Is(item.clone()),
        Items::Keyed(parts) => {
            let mut keys = Vec::new();
            for part in parts {
                let steps: Vec<&str> = part.path.split('.').collect();
                match (item.at(&steps), part.absent) {
                    (Some(value), _) => keys.push((part.path.to_owned(), value.clone())),
                    (None, Absent::Skipped) => {}
                    (None, Absent::Means(value)) => {
                        keys.push((part.path.to_owned(), Value::String(value.to_owned())));
                    }
                    (None, Absent::Unkeyed) => return Find::Index(index),
                }
            }
            if keys.is_empty() { Find::Index(index) } else { Find::By(keys) }
        }
    }
}

/// What stands at a path, and where that is.
pub(super) fn resolve<'v>(value: &'v Value, path: &[Find]) -> Option<(&'v Value, Vec<Step>)> {
    let mut here = value;
    let mut place = Vec::new();
    for find in path {
        if let Find::Key(key) = find {
            here = here.get(key)?;
            place.push(Step::Key(key.clone()));
        } else {
            let at = item(here.items(), find)?;
            here = &here.items()[at];
            place.push(Step::Index(at));
        }
    }
    Some((here, place))
}

/// Which item it is.
pub(super) fn item(items: &[Value], find: &Find) -> Option<usize> {
    match find {
        Find::Key(_) => None,
        Find::Index(at) => (*at < items.len()).then_some(*at),
        Find::Is(value) => items.iter().position(|item| item == value),
        Find::By(keys) => items.iter().position(|item| keys.iter().all(|key| has(item, key))),
    }
}

/// Whether an item says what is asked; what it does not say is what the API takes it for.
fn has(item: &Value, (path, wanted): &(String, Value)) -> bool {
    let steps: Vec<&str> = path.split('.').collect();
    match item.at(&steps) {
        // A reference follows the name of what it names, which may end in a hash.
        Some(value) => value == wanted || path.ends_with("Ref.name") && is_hashed(value, wanted),
        None => path == "protocol" && wanted.as_str() == Some("TCP"),
    }
}

/// Whether a name is that of the other with the hash of its content.
pub(super) fn is_hashed(name: &Value, plain: &Value) -> bool {
    let (Some(name), Some(plain)) = (name.as_str(), plain.as_str()) else { return false };
    let hash = name.strip_prefix(plain).and_then(|rest| rest.strip_prefix('-'));
    hash.is_some_and(|hash| {
        hash.len() == SUFFIX_LENGTH && hash.chars().all(|c| SUFFIX_ALPHABET.contains(c))
    })
}

/// The key of an entry.
pub(super) fn key(key: &str) -> Find {
    Find::Key(key.to_owned())
}

/// The item with this name.
pub(super) fn named(name: &str) -> Find {
    Find::By(vec![("name".to_owned(), Value::String(name.to_owned()))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read::document;

    #[test]
    fn an_item_is_found_by_what_tells_it_apart() {
        let text = "spec: {template: {spec: {containers: [{name: a}, {name: b, args: [x], ports: [{containerPort: 80}]}]}}}";
        let other = "spec: {template: {spec: {containers: [{name: b, ports: [{containerPort: 80, protocol: TCP}]}]}}}";
        let (value, other) = (document(text).unwrap(), document(other).unwrap());
        let found: Vec<String> = leaves(&value)
            .iter()
            .map(|(path, _)| {
                let there = resolve(&other, &keyed("Deployment", &value, path));
                format!(
                    "{} {}",
                    pointer(path),
                    there.map_or("-".to_owned(), |(_, path)| pointer(&path))
                )
            })
            .collect();
        let below = "/spec/template/spec/containers";
        assert_eq!(
            found,
            [
                format!("{below}/0/name -"),
                format!("{below}/1/name {below}/0/name"),
                format!("{below}/1/args/0 -"),
                format!("{below}/1/ports/0/containerPort {below}/0/ports/0/containerPort"),
            ]
        );
    }
}
