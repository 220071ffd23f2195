//! The paths of a patch: where a value comes from, and what is removed.

use super::{Merge, Typed};
use crate::yaml::Value;

/// The path in `patch` of what stands at `path` of the object that it was merged into; of what the
/// patch does not say, the path of what is around it.
pub fn origin(of: Typed<'_>, merged: &Value, patch: &Value, path: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let (mut of, mut merged, mut patch) = (of, merged, patch);
    for segment in path {
        let next = if let Value::List(items) = merged {
            let (item, how) = of.items();
            let index = segment.parse::<usize>().ok();
            let Some((index, value)) = index.and_then(|at| Some((at, items.get(at)?))) else {
                break;
            };
            let at = match how {
                Merge::Replace | Merge::Unite => Some(index),
                Merge::By(key) => {
                    patch.items().iter().position(|other| other.get(key) == value.get(key))
                }
            };
            at.and_then(|at| Some((item, value, patch.items().get(at)?, at.to_string())))
        } else {
            // A field that is missing has no value; the patch may still say what is around it.
            let next = patch.get(segment).zip(merged.get(segment));
            next.map(|(patch, value)| (of.key(segment), value, patch, segment.clone()))
        };
        let Some(next) = next else { break };
        (of, merged, patch) = (next.0, next.1, next.2);
        found.push(next.3);
    }
    found
}

/// Takes what stands at the end of a path out of an object; false when nothing does. An item of a
/// list is identified by the value of its merge key, or by its number.
pub fn remove(of: Typed<'_>, value: &mut Value, path: &[String]) -> bool {
    let Some((segment, rest)) = path.split_first() else { return false };
    match value {
        Value::Map(_) if rest.is_empty() => value.remove(segment).is_some(),
        Value::Map(_) => {
            let below = of.key(segment);
            value.get_mut(segment).is_some_and(|value| remove(below, value, rest))
        }
        Value::List(items) => {
            let (of, how) = of.items();
            let is_named = |item: &Value| match &how {
                Merge::By(key) => item.get(key).is_some_and(|name| is_called(name, segment)),
                Merge::Replace | Merge::Unite => is_called(item, segment),
            };
            let at = items.iter().position(is_named);
            let Some(at) = at.or_else(|| segment.parse().ok().filter(|at| *at < items.len()))
            else {
                return false;
            };
            if rest.is_empty() {
                items.remove(at);
                return true;
            }
            remove(of, &mut items[at], rest)
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => false,
    }
}

fn is_called(name: &Value, segment: &str) -> bool {
    match name {
        Value::String(text) => text == segment,
        Value::Int(number) => number.to_string() == segment,
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => false,
    }
}

/// The steps of a path: `spec.template.spec.containers[app].image`. What stands in brackets is an
/// item of a list, or a key with dots in it.
///
/// # Errors
///
/// When a bracket is not closed, or a step is empty.
pub fn steps(path: &str) -> Result<Vec<String>, String> {
    let mut steps = Vec::new();
    let mut rest = path;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        if end > 0 {
            steps.push(rest[..end].to_owned());
        } else if !rest.starts_with('[') {
            return Err("a step of the path is empty".to_owned());
        }
        rest = &rest[end..];
        while let Some(inner) = rest.strip_prefix('[') {
            let Some((step, after)) = inner.split_once(']') else {
                return Err("`[` is not closed".to_owned());
            };
            steps.push(step.trim_matches(['"', '\'']).to_owned());
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(steps),
            None => return Err("a step begins with `.` or `[`".to_owned()),
        }
    }
}
