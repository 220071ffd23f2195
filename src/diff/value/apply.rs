//! The old value and the changes → the new value.

use super::{Change, FieldOperation};
use crate::yaml::{Value, pointer};
use std::collections::BTreeMap;

/// The new value, with its maps in the order of fields: the inverse of [`super::compare()`].
///
/// Null when the changes take the whole object away. Changes that do not fit the value are left
/// out, and masked ones put marks in place of values.
pub fn apply(old: &Value, changes: &[Change]) -> Value {
    let mut patch = Patch::default();
    for change in changes {
        match (change.operation, &change.old_pointer, &change.new_pointer) {
            (FieldOperation::Add, _, Some(pointer)) => {
                let (parent, last) = pointer.rsplit_once('/').unwrap_or(("", ""));
                if let Some(value) = change.new.as_ref() {
                    if pointer.is_empty() {
                        return sorted(value);
                    }
                    patch.added.entry(parent).or_default().push((last, value));
                }
            }
            (FieldOperation::Reorder, Some(pointer), _) => {
                patch.orders.insert(pointer, &change.order);
            }
            (FieldOperation::Remove | FieldOperation::Replace, Some(pointer), _) => {
                patch.replaced.insert(pointer, change.new.as_ref());
            }
            _ => {}
        }
    }
    let new = patch.value(old, &mut String::new(), &mut String::new()).unwrap_or(Value::Null);
    sorted(&new)
}

fn sorted(value: &Value) -> Value {
    let mut value = value.clone();
    value.sort();
    value
}

/// Changes by the places that they concern.
#[derive(Default)]
struct Patch<'a> {
    /// Old pointer → what stands there now, if anything.
    replaced: BTreeMap<&'a str, Option<&'a Value>>,
    /// New pointer of a parent → what is new below it.
    added: BTreeMap<&'a str, Vec<(&'a str, &'a Value)>>,
    /// Old pointer of a list → which old item each new one is.
    orders: BTreeMap<&'a str, &'a [Option<usize>]>,
}

impl Patch<'_> {
    fn value(&self, value: &Value, old: &mut String, new: &mut String) -> Option<Value> {
        if let Some(replaced) = self.replaced.get(old.as_str()) {
            return replaced.cloned();
        }
        Some(match value {
            Value::Map(entries) => Value::Map(self.map(entries, old, new)),
            Value::List(items) => Value::List(self.list(items, old, new)),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => {
                value.clone()
            }
        })
    }

    fn child(
        &self,
        value: &Value,
        (old, old_token): (&mut String, &str),
        (new, new_token): (&mut String, &str),
    ) -> Option<Value> {
        let lengths = (old.len(), new.len());
        old.extend(["/", old_token]);
        new.extend(["/", new_token]);
        let value = self.value(value, old, new);
        old.truncate(lengths.0);
        new.truncate(lengths.1);
        value
    }

    fn map(
        &self,
        entries: &[(String, Value)],
        old: &mut String,
        new: &mut String,
    ) -> Vec<(String, Value)> {
        let mut map = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let token = pointer::token(key);
            let child = self.child(value, (old, &token), (new, &token));
            map.extend(child.map(|value| (key.clone(), value)));
        }
        for (token, value) in self.added.get(new.as_str()).into_iter().flatten() {
            map.push((pointer::key(token), (*value).clone()));
        }
        map
    }

    fn list(&self, items: &[Value], old: &mut String, new: &mut String) -> Vec<Value> {
        let added: BTreeMap<usize, &Value> = (self.added.get(new.as_str()).into_iter().flatten())
            .filter_map(|(token, value)| Some((token.parse().ok()?, *value)))
            .collect();
        let order = match self.orders.get(old.as_str()) {
            Some(order) => order.to_vec(),
            None => {
                let mut kept = (0..items.len())
                    .filter(|at| self.replaced.get(format!("{old}/{at}").as_str()) != Some(&None));
                let mut order: Vec<Option<usize>> = Vec::new();
                loop {
                    match added.contains_key(&order.len()) {
                        true => order.push(None),
                        false => match kept.next() {
                            Some(at) => order.push(Some(at)),
                            None => break order,
                        },
                    }
                }
            }
        };
        let item = |(at, from): (usize, Option<usize>)| match from.and_then(|from| items.get(from))
        {
            Some(value) => {
                let from = from.unwrap_or_default().to_string();
                self.child(value, (old, &from), (new, &at.to_string()))
            }
            None => added.get(&at).map(|value| (*value).clone()),
        };
        order.into_iter().enumerate().filter_map(item).collect()
    }
}
