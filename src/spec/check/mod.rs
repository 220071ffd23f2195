//! Holds a document against its JSON Schema: every unknown key, missing key, wrong type and wrong
//! value becomes a finding, all in one run.
//!
//! Two syntaxes have the same tree; they differ in what a finding says to write instead.

mod shape; //   the schema, once for all values
mod words; //   how it is said
mod foreign; // what other tools call it
mod tables; // keys of tables
mod values; // types and ranges of values

use super::characters;
use super::document::Node;
use crate::diag::{FileId, Sink, Span};
pub(super) use foreign::Subject;
pub(super) use shape::Shape;
use tables::meant;
use toml::de::DeValue;
pub(super) use words::Syntax;
use words::one_of;

/// Reports everything below `root` that `shape` does not allow. What stands in `secrets` is
/// reported already, and must not be shown.
pub(super) fn check(
    sink: &mut Sink,
    file: FileId,
    root: &Node<'_>,
    (shape, syntax, subject): (&Shape, Syntax, Subject),
    secrets: &[Span],
) {
    Checker { root: shape, syntax, subject, file, secrets }.node(sink, root, shape, None);
}

struct Checker<'a> {
    root: &'a Shape,
    syntax: Syntax,
    subject: Subject,
    file: FileId,
    secrets: &'a [Span],
}

impl Checker<'_> {
    fn span(&self, node: &Node<'_>) -> Span {
        Span::new(self.file, node.span())
    }

    /// Checks one value; `key` is what it stands under.
    fn node(&self, sink: &mut Sink, node: &Node<'_>, shape: &Shape, key: Option<&str>) {
        if self.secrets.contains(&self.span(node)) {
            return;
        }
        if shape.is_anything {
            return self.anything(sink, node, key);
        }
        let Some(shape) = variant(shape, node) else {
            let mut expected = Vec::new();
            self.expected(shape, &mut expected);
            self.wrong_type(sink, node, key, &one_of(&expected), None);
            return;
        };
        if let Some(words) = &shape.words {
            return self.word(sink, node, key, words);
        }
        let expected = shape.type_name;
        match (node.get_ref(), expected) {
            (DeValue::Table(table), "object" | "") => self.table(sink, node, table, shape, key),
            (DeValue::Array(items), "array" | "") => {
                if items.len() < shape.min_items {
                    self.wrong_value(sink, node, key, "at least one is needed".to_owned());
                }
                if let Some(shape) = &shape.items {
                    items.iter().for_each(|item| self.node(sink, item, shape, key));
                }
            }
            (DeValue::String(text), "string" | "") => self.text(sink, node, text, shape, key),
            (DeValue::Boolean(_), "boolean" | "") => {}
            (DeValue::Integer(number), "integer" | "number" | "") => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    #[expect(clippy::cast_precision_loss, reason = "bounds are small")]
                    Ok(number) => self.range(sink, node, number as f64, shape, key),
                    Err(_) => {
                        self.wrong_value(sink, node, key, "it does not fit 64 bits".to_owned());
                    }
                }
            }
            (DeValue::Float(number), "number" | "") => {
                match number.as_str().replace('_', "").parse::<f64>() {
                    Ok(number) if number.is_finite() => {
                        self.range(sink, node, number, shape, key);
                    }
                    Ok(_) | Err(_) => {
                        self.wrong_value(sink, node, key, "a finite number is needed".to_owned());
                    }
                }
            }
            _ => self.wrong_type(sink, node, key, self.syntax.named(expected), shape.format),
        }
    }

    /// Checks a value that may have any type: what it holds must still be what YAML can say.
    fn anything(&self, sink: &mut Sink, node: &Node<'_>, key: Option<&str>) {
        if self.secrets.contains(&self.span(node)) {
            return;
        }
        match node.get_ref() {
            DeValue::Table(table) => {
                for (key, value) in table {
                    let name: &str = key.get_ref();
                    if let Err(finding) = characters::check(name, Span::new(self.file, key.span()))
                    {
                        sink.error(*finding);
                    }
                    self.anything(sink, value, Some(name));
                }
            }
            DeValue::Array(items) => items.iter().for_each(|item| self.anything(sink, item, key)),
            DeValue::String(_) => self.typed(sink, node, "string", key),
            DeValue::Integer(_) => self.typed(sink, node, "integer", key),
            DeValue::Float(_) => self.typed(sink, node, "number", key),
            DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    fn typed(&self, sink: &mut Sink, node: &Node<'_>, name: &'static str, key: Option<&str>) {
        self.node(sink, node, &Shape::of_type(name), key);
    }

    /// What the variants of a schema take, in words; none twice.
    fn expected(&self, shape: &Shape, named: &mut Vec<String>) {
        if !shape.variants.is_empty() {
            return shape.variants.iter().for_each(|variant| self.expected(variant, named));
        }
        let names = match &shape.words {
            Some(words) => words.iter().map(|word| format!("`\"{word}\"`")).collect(),
            None => vec![self.syntax.named(shape.asks_for()).to_owned()],
        };
        for name in names {
            if !named.contains(&name) {
                named.push(name);
            }
        }
    }
}

/// The variant that fits the type of `node`.
fn variant<'s>(shape: &'s Shape, node: &Node<'_>) -> Option<&'s Shape> {
    if shape.variants.is_empty() {
        return Some(shape);
    }
    let variants = shape.variants.iter().filter_map(|shape| variant(shape, node));
    let mut fitting = variants.filter(|found| fits(node.get_ref(), found.asks_for()));
    match node.get_ref() {
        DeValue::Table(table) => meant(table, &fitting.collect::<Vec<_>>()),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_) => fitting.next(),
    }
}

fn fits(value: &DeValue<'_>, schema_type: &str) -> bool {
    match value {
        DeValue::String(_) | DeValue::Datetime(_) => schema_type == "string",
        DeValue::Integer(_) => matches!(schema_type, "integer" | "number"),
        DeValue::Float(_) => schema_type == "number",
        DeValue::Boolean(_) => schema_type == "boolean",
        DeValue::Array(_) => schema_type == "array",
        DeValue::Table(_) => schema_type == "object",
    }
}
