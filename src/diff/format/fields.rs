//! A field that differs, in lines: what was, after `-`, and what is, after `+`.

use super::escape::plain;
use crate::diff::report::Object;
use crate::diff::value::{Change, FieldOperation};
use crate::yaml::{self, Value};

/// A value up to this many bytes stands behind its field, a longer one below it.
const BESIDE: usize = 100;

/// A line about a field. Nothing in it acts on a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) mark: Mark,
    pub(super) text: String,
    /// The parts of it that differ from its counterpart: byte ranges.
    pub(super) emphasis: Vec<(usize, usize)>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Was there.
    Old,
    /// Is there.
    New,
    /// Stands beside what differs.
    Context,
    /// Names the field that the lines below it are about.
    Field,
}

impl Mark {
    /// The sign at the beginning of the line.
    pub(super) fn sign(self) -> char {
        match self {
            Mark::Old => '-',
            Mark::New => '+',
            Mark::Context => ' ',
            Mark::Field => '~',
        }
    }
}

impl Line {
    fn new(mark: Mark, text: impl Into<String>) -> Line {
        Line { mark, text: text.into(), emphasis: Vec::new() }
    }
}

/// A field with a short old and a short new value: its name and both.
pub(super) fn short(change: &Change) -> Option<(String, String, String)> {
    if !change.inside.is_empty() || !change.lines.is_empty() {
        return None;
    }
    let (old, new) = (beside(change.old.as_ref()?)?, beside(change.new.as_ref()?)?);
    Some((name(change), old, new))
}

/// What there is to read about an object, field by field. An order that means nothing is not.
pub(super) fn read(object: &Object) -> impl Iterator<Item = &Change> {
    object.changes.iter().filter(|change| !change.cosmetic)
}

/// Two long values without most of what they have in common, and of what differs the beginning.
pub(super) fn shortened(old: &str, new: &str) -> (String, String) {
    const KEPT: usize = 24;
    if old.len().max(new.len()) <= 2 * KEPT {
        return (old.to_owned(), new.to_owned());
    }
    let common = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).count();
    let cut = |text: &str| {
        let skipped = common.saturating_sub(KEPT);
        let start = if skipped > 0 { "…" } else { "" };
        let rest: String = text.chars().skip(skipped).take(2 * KEPT).collect();
        let end = if text.chars().count() > skipped + 2 * KEPT { "…" } else { "" };
        format!("{start}{rest}{end}")
    };
    (cut(old), cut(new))
}

/// All that differs in a field; of texts, up to `context` lines beside what differs.
pub(super) fn lines(change: &Change, context: usize) -> Vec<Line> {
    let mut out = Vec::new();
    let name = name(change);
    if !change.inside.is_empty() {
        out.push(Line::new(Mark::Field, format!("{name}:")));
        let inside = change.inside.iter().filter(|change| !change.cosmetic);
        let inside = inside.flat_map(|change| lines(change, context));
        out.extend(inside.map(|line| Line {
            text: format!("  {}", line.text),
            emphasis: line.emphasis.iter().map(|(from, to)| (from + 2, to + 2)).collect(),
            ..line
        }));
    } else if !change.lines.is_empty() {
        out.push(Line::new(Mark::Field, format!("{name}:")));
        out.extend(text(change, context));
    } else {
        let sides = [(Mark::Old, &change.old), (Mark::New, &change.new)];
        for (mark, value) in sides {
            let Some(value) = value else { continue };
            match beside(value) {
                Some(value) => out.push(Line::new(mark, format!("{name}: {value}"))),
                None => {
                    out.push(Line::new(mark, format!("{name}:")));
                    out.extend(below(value).map(|line| Line::new(mark, format!("  {line}"))));
                }
            }
        }
    }
    out
}

/// The field, for people.
fn name(change: &Change) -> String {
    let name = match change.path.as_str() {
        "" => "the whole object".to_owned(),
        path => plain(path),
    };
    let note = match change.operation {
        FieldOperation::Reorder => " (order)",
        FieldOperation::Add | FieldOperation::Remove | FieldOperation::Replace if change.equal => {
            " (spelling)"
        }
        FieldOperation::Add | FieldOperation::Remove | FieldOperation::Replace => "",
    };
    format!("{name}{note}")
}

/// A value that fits behind its field.
fn beside(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) if text.contains('\n') => return None,
        Value::String(text) => plain(&string(text)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            serde_json::Value::from(value).to_string()
        }
        Value::List(_) | Value::Map(_) => plain(&serde_json::Value::from(value).to_string()),
    };
    let simple = !matches!(value, Value::List(_) | Value::Map(_));
    (simple || text.len() <= BESIDE).then_some(text)
}

/// A string without quotes, unless it would look like another value, or like none.
fn string(text: &str) -> String {
    let scalar = text.parse::<f64>().is_ok() || ["true", "false", "null", ""].contains(&text);
    if scalar || text.trim() != text { format!("\"{text}\"") } else { text.to_owned() }
}

/// The lines of a value that stands below its field.
fn below(value: &Value) -> impl Iterator<Item = String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::List(_)
        | Value::Map(_) => yaml::write::document(value),
    };
    text.lines().map(plain).collect::<Vec<_>>().into_iter()
}

/// The lines of a text that differ, with up to `context` lines before and behind each.
fn text(change: &Change, context: usize) -> Vec<Line> {
    let near = |at: usize| {
        let (from, to) = (at.saturating_sub(context), (at + context + 1).min(change.lines.len()));
        change.lines[from..to].iter().any(|line| matches!(line.mark, '-' | '+'))
    };
    let mut out = Vec::new();
    let mut skipped = false;
    for (at, line) in change.lines.iter().enumerate() {
        if !near(at) || (line.mark == '…' && context == 0) {
            skipped = true;
            continue;
        }
        if std::mem::take(&mut skipped) && !out.is_empty() {
            out.push(Line::new(Mark::Context, "  …"));
        }
        let mark = match line.mark {
            '-' => Mark::Old,
            '+' => Mark::New,
            _ => Mark::Context,
        };
        let shown = match line.mark {
            '…' => format!("… {}", plain(&line.text)),
            _ => plain(&line.text),
        };
        // What was written out is longer than it was, so that the ranges do not hold any more.
        let emphasis = if shown == line.text { line.emphasis.as_slice() } else { &[] };
        out.push(Line {
            mark,
            text: format!("  {shown}"),
            emphasis: emphasis.iter().map(|(from, to)| (from + 2, to + 2)).collect(),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_long_values_have_in_common_is_cut() {
        let image =
            |digest: &str| format!("registry.example.com/shop/web@sha256:{}", digest.repeat(16));
        let (old, new) = shortened(&image("1a2b"), &image("1a3c"));
        assert_eq!(old, "…e.com/shop/web@sha256:1a2b1a2b1a2b1a2b1a2b1a2b1a…");
        assert_eq!(new, "…e.com/shop/web@sha256:1a3c1a3c1a3c1a3c1a3c1a3c1a…");
        assert_eq!(shortened("30s", "45s"), ("30s".to_owned(), "45s".to_owned()));
    }
}
