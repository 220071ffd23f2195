//! Which item of the old list is which item of the new one.

use super::path::Step;
use super::script::script;
use crate::kube::list_keys::{Absent, Items, List, Order, Part, find};
use crate::yaml::{Value, write};
use std::collections::{BTreeMap, BTreeSet};

/// The lists of an object.
#[derive(Clone, Copy, Debug)]
pub struct Lists<'a> {
    /// The kind; empty for a document that is no object.
    pub kind: &'a str,
    /// The schema of its CustomResourceDefinition, if there is one.
    pub schema: Option<&'a Value>,
}

/// The items of two lists.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// Every item of either list once: its index in the old and in the new list, and how a path
    /// names it. Those that only one side has do not stand between the sides' own orders.
    pub(super) items: Vec<(Option<usize>, Option<usize>, Step)>,
    /// Whether another order of the items that both lists have means nothing.
    pub(super) cosmetic: bool,
    /// Parts of the key that need not be written, and what they then are.
    pub(super) defaults: Vec<(String, String)>,
}

/// A step as the table of lists spells it.
fn segment(step: &Step) -> &str {
    match step {
        Step::Key(key) => key,
        Step::Item(_) | Step::Element(_) | Step::Index(_) => "[]",
    }
}

impl Lists<'_> {
    pub(super) fn find(&self, steps: &[Step]) -> Option<List<'_>> {
        find(self.kind, self.schema, &steps.iter().map(segment).collect::<Vec<_>>())
    }

    /// The items of the lists at `steps`.
    pub(super) fn matched(&self, steps: &[Step], old: &[Value], new: &[Value]) -> Matched {
        let list = self.find(steps);
        let order = list.as_ref().map_or(Order::Matters, |list| list.order);
        match list.map(|list| list.items) {
            Some(Items::Keyed(parts)) => by_key(&parts, old, new, order)
                .or_else(|| (order == Order::Free).then(|| self.by_content(steps, old, new)))
                .unwrap_or_else(|| by_place(old, new)),
            Some(Items::Whole) => self.by_content(steps, old, new),
            Some(Items::Sequence) => by_place(old, new),
            None => guessed(old, new).unwrap_or_else(|| by_place(old, new)),
        }
    }

    /// Items that say the same are the same. When one map is left on either side, it was edited.
    fn by_content(&self, steps: &[Step], old: &[Value], new: &[Value]) -> Matched {
        let content = |value: &Value| self.content(steps, value);
        let (old_contents, new_contents): (Vec<String>, Vec<String>) =
            (old.iter().map(content).collect(), new.iter().map(content).collect());
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, content) in new_contents.iter().enumerate().rev() {
            places.entry(content).or_default().push(at);
        }
        let mut items: Vec<(Option<usize>, Option<usize>)> = (old_contents.iter().enumerate())
            .map(|(at, content)| (Some(at), places.get_mut(content.as_str()).and_then(Vec::pop)))
            .collect();
        let mut left: Vec<usize> = places.into_values().flatten().collect();
        left.sort_unstable();
        let gone: Vec<usize> = (0..items.len()).filter(|at| items[*at].1.is_none()).collect();
        match (gone.as_slice(), left.as_slice()) {
            (&[gone], &[come]) if is_map(&old[gone]) && is_map(&new[come]) => {
                items[gone].1 = Some(come);
            }
            _ => items.extend(left.into_iter().map(|at| (None, Some(at)))),
        }
        let named = |(before, after): (Option<usize>, Option<usize>)| {
            let value = after.map(|at| &new[at]).or_else(|| before.map(|at| &old[at]));
            let step = match value.and_then(scalar) {
                Some(text) => Step::Element(text),
                None => Step::Index(after.or(before).unwrap_or_default()),
            };
            (before, after, step)
        };
        Matched { items: items.into_iter().map(named).collect(), cosmetic: true, defaults: vec![] }
    }

    /// What an item says, whatever the order of the lists in it whose order means nothing.
    fn content(&self, steps: &[Step], value: &Value) -> String {
        let mut value = value.clone();
        let mut steps = steps.to_vec();
        steps.push(Step::Index(0));
        self.settle(&mut steps, &mut value);
        exactly(&value)
    }

    fn settle(&self, steps: &mut Vec<Step>, value: &mut Value) {
        match value {
            Value::Map(entries) => {
                for (key, value) in entries {
                    steps.push(Step::Key(key.clone()));
                    self.settle(steps, value);
                    steps.pop();
                }
            }
            Value::List(items) => {
                let free = self.find(steps).is_some_and(|list| list.order == Order::Free);
                steps.push(Step::Index(0));
                items.iter_mut().for_each(|item| self.settle(steps, item));
                steps.pop();
                if free {
                    items.sort_by_cached_key(exactly);
                }
            }
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => {}
        }
    }
}

fn is_map(value: &Value) -> bool {
    matches!(value, Value::Map(_))
}

/// A value as text: the same for two of them exactly when nothing tells them apart.
pub(super) fn exactly(value: &Value) -> String {
    let mut value = value.clone();
    value.sort();
    write::document(&value)
}

/// A value that can stand in a key.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Int(int) => Some(int.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        Value::Null | Value::Float(_) | Value::List(_) | Value::Map(_) => None,
    }
}

fn by_key(parts: &[Part<'_>], old: &[Value], new: &[Value], order: Order) -> Option<Matched> {
    let keys = |items: &[Value]| {
        let keys: Option<Vec<_>> = items.iter().map(|item| key(parts, item)).collect();
        keys.filter(|keys| keys.iter().collect::<BTreeSet<_>>().len() == keys.len())
    };
    let (old_keys, new_keys) = (keys(old)?, keys(new)?);
    let places: BTreeMap<_, usize> = new_keys.iter().zip(0..).collect();
    let mut items: Vec<_> = (old_keys.iter().enumerate())
        .map(|(at, key)| {
            let there = places.get(key).copied();
            // The name that is there now, when it ends in another hash.
            let step = match there {
                Some(there) => step(parts, &new[there]),
                None => step(parts, &old[at]),
            };
            (Some(at), there, step)
        })
        .collect();
    let known: BTreeSet<_> = old_keys.iter().collect();
    let come = (new_keys.iter().enumerate()).filter(|(_, key)| !known.contains(key));
    items.extend(come.map(|(at, _)| (None, Some(at), step(parts, &new[at]))));
    let default = |part: &Part<'_>| match part.absent {
        Absent::Means(value) => Some((part.path.to_owned(), value.to_owned())),
        Absent::Unkeyed | Absent::Skipped => None,
    };
    let refers = |value: &Value| {
        value.get("value").and_then(Value::as_str).is_some_and(|text| text.contains("$("))
    };
    let cosmetic = match order {
        Order::Free => true,
        Order::Matters => false,
        Order::Variables => !old.iter().chain(new).any(refers),
        Order::First => old_keys.first() == new_keys.first(),
    };
    Some(Matched { items, cosmetic, defaults: parts.iter().filter_map(default).collect() })
}

/// The values of the parts; none when one is missing, or all are.
fn key(parts: &[Part<'_>], item: &Value) -> Option<Vec<Option<String>>> {
    let value = |part: &Part<'_>| match (at(item, part.path), part.absent) {
        (Some(value), _) => {
            let text = scalar(value)?;
            Some(Some(if part.name { without_hash(&text).to_owned() } else { text }))
        }
        (None, Absent::Means(value)) => Some(Some(value.to_owned())),
        (None, Absent::Skipped) => Some(None),
        (None, Absent::Unkeyed) => None,
    };
    let values: Vec<Option<String>> = parts.iter().map(value).collect::<Option<_>>()?;
    let keyed = is_map(item) && values.iter().any(Option::is_some);
    keyed.then_some(values)
}

fn step(parts: &[Part<'_>], item: &Value) -> Step {
    let value = |part: &Part<'_>| {
        let value = at(item, part.path).and_then(scalar).or(match part.absent {
            Absent::Means(value) if !value.is_empty() => Some(value.to_owned()),
            Absent::Means(_) | Absent::Unkeyed | Absent::Skipped => None,
        })?;
        Some((part.path.to_owned(), value))
    };
    Step::Item(parts.iter().filter_map(value).collect())
}

fn at<'a>(item: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(item, |value, key| value.get(key))
}

/// A name less the hash that it may end in: ten of the characters that Kubernetes makes names of
/// (`SafeEncodeString`). To pair the items of one list, a guess is enough.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((stem, hash))
            if hash.len() == 10
                && hash.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte)) =>
        {
            stem
        }
        _ => name,
    }
}

/// Fields that often name an item, where nothing else is known.
const OFTEN: &[&str] = &["name", "key", "id", "type"];

fn guessed(old: &[Value], new: &[Value]) -> Option<Matched> {
    OFTEN.iter().find_map(|field| {
        let part = Part { path: field, absent: Absent::Unkeyed, name: false };
        by_key(&[part], old, new, Order::Matters)
    })
}

/// Only the place tells items apart: the least that turns one list into the other.
fn by_place(old: &[Value], new: &[Value]) -> Matched {
    let contents = |items: &[Value]| items.iter().map(exactly).collect::<Vec<_>>();
    let (old, new) = (contents(old), contents(new));
    let mut sorted = [old.iter().collect::<Vec<_>>(), new.iter().collect()];
    sorted.iter_mut().for_each(|side| side.sort_unstable());
    let mut items = Vec::new();
    if sorted[0] == sorted[1] {
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, content) in new.iter().enumerate().rev() {
            places.entry(content).or_default().push(at);
        }
        items.extend(
            old.iter().enumerate().map(|(at, content)| {
                (Some(at), places.get_mut(content.as_str()).and_then(Vec::pop))
            }),
        );
    } else {
        for part in script(&old, &new) {
            if part.old.len() == part.new.len() {
                items.extend(part.old.map(Some).zip(part.new.map(Some)));
            } else {
                items.extend(part.old.map(|at| (Some(at), None)));
                items.extend(part.new.map(|at| (None, Some(at))));
            }
        }
    }
    let named = |(old, new): (Option<usize>, Option<usize>)| {
        (old, new, Step::Index(new.or(old).unwrap_or_default()))
    };
    let items = items.into_iter().map(named).collect();
    Matched { items, cosmetic: false, defaults: Vec::new() }
}
