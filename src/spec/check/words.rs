//! How values are spoken of, and what is suggested, in the syntax of the document.

use crate::quantity::Format;
use crate::spec::document::Node;
use toml::de::DeValue;

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::spec) enum Syntax {
    /// Specs, and the fleet.
    Toml,
    /// Records of drills.
    Json,
}

impl Syntax {
    /// A key with its value.
    pub(super) fn entry(self, key: &str, value: &str) -> String {
        match self {
            Syntax::Toml => format!("{key} = {value}"),
            Syntax::Json => format!("\"{key}\": {value}"),
        }
    }

    /// What the types of JSON Schema are called.
    pub(super) fn named(self, schema_type: &str) -> &'static str {
        match (schema_type, self) {
            ("object", Syntax::Json) => "an object",
            ("object", Syntax::Toml) => "a table",
            ("string", _) => "text",
            ("integer", _) => "a whole number",
            ("number", _) => "a number",
            ("boolean", _) => "`true` or `false`",
            ("array", _) => "a list",
            _ => "something else",
        }
    }
}

/// What to write instead of a value of another type.
pub(super) fn instead(
    value: &DeValue<'_>,
    expected: &str,
    format: Option<&Format>,
    syntax: Syntax,
) -> Option<String> {
    let number = match value {
        DeValue::Integer(number) => Some(number.as_str()),
        DeValue::Float(number) => Some(number.as_str()),
        DeValue::String(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    };
    match (value, expected) {
        (DeValue::Integer(_) | DeValue::Float(_), text) if text.starts_with("text") => {
            let number = number.unwrap_or_default();
            match format.map(|format| (format.check)(number)) {
                Some(Err(problem)) => Some(problem),
                Some(Ok(())) | None => Some(format!("write it in quotes: `\"{number}\"`")),
            }
        }
        (DeValue::Boolean(false), words) if words.starts_with("`\"none\"`") => {
            Some("write `\"none\"`".to_owned())
        }
        (DeValue::Boolean(bool), text) if text.starts_with("text") => {
            Some(format!("write it in quotes: `\"{bool}\"`"))
        }
        (DeValue::String(text), "a list") => Some(format!("write `[\"{}\"]`", shown(text))),
        (DeValue::String(text), "a whole number") if text.parse::<i64>().is_ok() => {
            Some(format!("write it without quotes: `{text}`"))
        }
        (DeValue::String(text), "`true` or `false`") if matches!(&**text, "true" | "false") => {
            Some(format!("write it without quotes: `{text}`"))
        }
        (DeValue::Array(items), "text") => match items.iter().map(Node::get_ref).next() {
            Some(DeValue::String(text)) if items.len() == 1 => {
                Some(format!("write `\"{}\"`", shown(text)))
            }
            _ => None,
        },
        (DeValue::Table(_), "a list") => Some(match syntax {
            Syntax::Toml => {
                "for one item, write its table with two brackets: `[[…]]`; or `[{ … }]`".to_owned()
            }
            Syntax::Json => "for one item, write `[{ … }]`".to_owned(),
        }),
        _ => None,
    }
}

/// "text, a whole number or a list"
pub(super) fn one_of(expected: &[String]) -> String {
    let expected: Vec<&str> = (expected.iter().map(String::as_str))
        .map(|name| if name == Syntax::Toml.named("boolean") { "a boolean" } else { name })
        .collect();
    match expected.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// "be `5 hours`", or what is said of a value that is too long to repeat.
pub(super) fn be(value: &DeValue<'_>) -> String {
    let text = match value {
        DeValue::String(text) if text.is_empty() => "\"\"",
        DeValue::String(text) => text,
        DeValue::Integer(number) => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        DeValue::Array(items) if items.is_empty() => "[]",
        DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => "",
    };
    match text.chars().count() {
        1..=SHORT => format!("be `{}`", shown(text)),
        _ => "have this value".to_owned(),
    }
}

/// The most characters of a value that a message repeats.
const SHORT: usize = 40;

/// A text from a spec as a message can show it: short, in one line.
pub(super) fn shown(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    match clean.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &clean[..at]),
        None => clean,
    }
}
