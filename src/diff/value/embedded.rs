//! Documents inside a text: JSON, YAML, TOML.

use super::Change;
use super::fields::compare_within;
use super::items::Lists;
use crate::yaml::{Value, read};
use std::str::FromStr;

/// Bytes of a text that is looked into.
const LONGEST: usize = 256 * 1024;

/// How many documents may stand one inside the other.
const DEEPEST: usize = 3;

/// What differs inside two texts; nothing unless both are documents, and the difference is one of
/// their values and not of spelling or comments alone.
pub(super) fn inside(old: &str, new: &str, depth: usize) -> Vec<Change> {
    if depth >= DEEPEST {
        return Vec::new();
    }
    let (Some(old), Some(new)) = (document(old), document(new)) else { return Vec::new() };
    let lists = Lists { kind: "", schema: None };
    let changes = compare_within(lists, &old, &new, depth + 1);
    match changes.iter().all(|change| change.cosmetic) {
        true => Vec::new(),
        false => changes,
    }
}

/// Whether two texts are documents that differ in spelling and comments alone.
pub(in crate::diff) fn mean_the_same(old: &str, new: &str) -> bool {
    let (Some(old), Some(new)) = (document(old), document(new)) else { return false };
    let lists = Lists { kind: "", schema: None };
    let changes = compare_within(lists, &old, &new, DEEPEST);
    changes.iter().all(|change| change.cosmetic || change.equal)
}

/// The map or the list that a text holds. A single line is prose, unless it begins like JSON.
pub(super) fn document(text: &str) -> Option<Value> {
    let begins = text.trim_start().starts_with(['{', '[']);
    if text.len() > LONGEST || !(begins || text.trim_end().contains('\n')) {
        return None;
    }
    let value = read::document(text).ok().filter(is_document).or_else(|| toml(text))?;
    Some(value).filter(is_document)
}

fn is_document(value: &Value) -> bool {
    !value.entries().is_empty() || !value.items().is_empty()
}

fn toml(text: &str) -> Option<Value> {
    let mut value = from_toml(toml::Value::Table(toml::Table::from_str(text).ok()?));
    value.sort();
    Some(value)
}

fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(int) => Value::Int(int),
        toml::Value::Float(float) => Value::Float(float),
        toml::Value::Boolean(bool) => Value::Bool(bool),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(items) => Value::List(items.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => {
            Value::Map(table.into_iter().map(|(key, value)| (key, from_toml(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(old: &str, new: &str) -> Vec<String> {
        inside(old, new, 0).into_iter().map(|change| change.path).collect()
    }

    #[test]
    fn documents_are_compared_inside() {
        assert_eq!(paths("{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 2}}"), ["a.b"]);
        assert_eq!(paths("server:\n  port: 80\n", "server:\n  port: 81\n"), ["server.port"]);
        assert_eq!(paths("[server]\nport = 80\n", "[server]\nport = 81\n"), ["server.port"]);
        assert_eq!(
            paths("a:\n- {name: v, v: 1}\n", "a:\n- {name: w, v: 1}\n- {name: v, v: 2}\n"),
            ["a[name=v].v", "a[name=w]"]
        );
    }

    #[test]
    fn prose_spelling_and_comments_are_not() {
        for (old, new) in [
            ("Note: one", "Note: two"),
            ("{broken", "{broken too"),
            ("# why\na: 1\n", "# why not\na: 1\n"),
            ("a: 1\nb: 2\n", "a: 1\n---\nb: 2\n"),
            ("a line\nanother\n", "a line\nmore\n"),
            ("{}", "{\"a\": 1}"),
        ] {
            assert_eq!(paths(old, new), [""; 0], "{old}");
        }
    }

    #[test]
    fn documents_are_told_by_what_they_say() {
        assert!(mean_the_same("{\"a\": 1, \"b\": 2}", "{\"b\":2,\"a\":1}"));
        assert!(mean_the_same("# why\na: 1\nb: 2\n", "b: 2\na: 1\n"));
        for (old, new) in [("a: 1\nb: 2\n", "a: 1\nb: 3\n"), ("a: [1, 2]\n\n", "a: [2, 1]\n\n")] {
            assert!(!mean_the_same(old, new), "{old}");
        }
        assert!(!mean_the_same("one line", "another line"));
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for level in 0..12 {
            let (from, to) = (char::from(b'a' + level), char::from(b'b' + level));
            bomb.push_str(&format!("{to}: &{to} [{}*{from}]\n", format!("*{from}, ").repeat(8)));
        }
        assert_eq!(document(&bomb), None);
        assert_eq!(document(&"[".repeat(100_000)), None);
    }
}
