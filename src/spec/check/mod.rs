//! Holds a document against its JSON Schema: every unknown key, missing key, wrong type and wrong
//! value becomes a finding, all in one run.
//!
//! Two syntaxes have the same tree; they differ in what a finding says to write instead.

mod words; //   how it is said
mod foreign; // what other tools call it
mod tables; // keys of tables
mod values; // types and ranges of values

use super::characters;
use super::document::Node;
use crate::diag::{FileId, Sink, Span};
pub(super) use foreign::Subject;
use serde_json::Value as Schema;
use tables::meant;
use toml::de::DeValue;
pub(super) use words::Syntax;
use words::one_of;

/// Reports everything below `root` that `schema` does not allow. What stands in `secrets` is
/// reported already, and must not be shown.
pub(super) fn check(
    sink: &mut Sink,
    file: FileId,
    root: &Node<'_>,
    (schema, syntax, subject): (&Schema, Syntax, Subject),
    secrets: &[Span],
) {
    Checker { root: schema, syntax, subject, file, secrets }.node(sink, root, schema, None);
}

struct Checker<'a> {
    root: &'a Schema,
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
    fn node(&self, sink: &mut Sink, node: &Node<'_>, schema: &Schema, key: Option<&str>) {
        if self.secrets.contains(&self.span(node)) {
            return;
        }
        if *schema == Schema::Bool(true) {
            return self.anything(sink, node, key);
        }
        let Some(schema) = self.resolve(schema, node) else {
            let mut expected = Vec::new();
            self.expected(schema, &mut expected);
            self.wrong_type(sink, node, key, &one_of(&expected), None);
            return;
        };
        if let Some(words) = words(schema) {
            return self.word(sink, node, key, &words);
        }
        let expected = schema.get("type").and_then(Schema::as_str).unwrap_or_default();
        match (node.get_ref(), expected) {
            (DeValue::Table(table), "object" | "") => self.table(sink, node, table, schema, key),
            (DeValue::Array(items), "array" | "") => {
                let min = schema.get("minItems").and_then(Schema::as_u64).unwrap_or(0);
                if (items.len() as u64) < min {
                    self.wrong_value(sink, node, key, "at least one is needed".to_owned());
                }
                if let Some(schema) = schema.get("items") {
                    items.iter().for_each(|item| self.node(sink, item, schema, key));
                }
            }
            (DeValue::String(text), "string" | "") => self.text(sink, node, text, schema, key),
            (DeValue::Boolean(_), "boolean" | "") => {}
            (DeValue::Integer(number), "integer" | "number" | "") => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    #[expect(clippy::cast_precision_loss, reason = "bounds are small")]
                    Ok(number) => self.range(sink, node, number as f64, schema, key),
                    Err(_) => {
                        self.wrong_value(sink, node, key, "it does not fit 64 bits".to_owned());
                    }
                }
            }
            (DeValue::Float(number), "number" | "") => {
                match number.as_str().replace('_', "").parse::<f64>() {
                    Ok(number) if number.is_finite() => {
                        self.range(sink, node, number, schema, key);
                    }
                    Ok(_) | Err(_) => {
                        self.wrong_value(sink, node, key, "a finite number is needed".to_owned());
                    }
                }
            }
            _ => self.wrong_type(sink, node, key, self.syntax.named(expected), Some(schema)),
        }
    }

    /// Checks a value that may have any type: what it holds must still be what YAML can say.
    fn anything(&self, sink: &mut Sink, node: &Node<'_>, key: Option<&str>) {
        const ANY: Schema = Schema::Bool(true);
        match node.get_ref() {
            DeValue::Table(table) => {
                for (key, value) in table {
                    let name: &str = key.get_ref();
                    if let Err(finding) = characters::check(name, Span::new(self.file, key.span()))
                    {
                        sink.error(*finding);
                    }
                    self.node(sink, value, &ANY, Some(name));
                }
            }
            DeValue::Array(items) => items.iter().for_each(|item| self.node(sink, item, &ANY, key)),
            DeValue::String(_) => self.typed(sink, node, "string", key),
            DeValue::Integer(_) => self.typed(sink, node, "integer", key),
            DeValue::Float(_) => self.typed(sink, node, "number", key),
            DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    fn typed(&self, sink: &mut Sink, node: &Node<'_>, name: &str, key: Option<&str>) {
        self.node(sink, node, &serde_json::json!({ "type": name }), key);
    }

    /// What a schema refers to.
    fn target<'s>(&'s self, schema: &'s Schema) -> &'s Schema {
        if let Some(reference) = schema.get("$ref").and_then(Schema::as_str) {
            let mut keys = reference.trim_start_matches("#/").split('/');
            let target = keys.try_fold(self.root, |schema, key| schema.get(key));
            return self.target(target.expect("a generated schema refers to itself"));
        }
        match schema.get("allOf").and_then(Schema::as_array).map(Vec::as_slice) {
            Some([only]) => self.target(only),
            _ => schema,
        }
    }

    /// Follows references and picks the variant that fits the type of `node`.
    fn resolve<'s>(&'s self, schema: &'s Schema, node: &Node<'_>) -> Option<&'s Schema> {
        let schema = self.target(schema);
        let Some(variants) = schema.get("anyOf").and_then(Schema::as_array) else {
            return Some(schema);
        };
        let variants = variants.iter().filter_map(|variant| self.resolve(variant, node));
        let mut fitting = variants.filter(|found| fits(node.get_ref(), type_of(found)));
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

    /// What the variants of a schema take, in words; none twice.
    fn expected(&self, schema: &Schema, named: &mut Vec<String>) {
        let schema = self.target(schema);
        if let Some(variants) = schema.get("anyOf").and_then(Schema::as_array) {
            return variants.iter().for_each(|variant| self.expected(variant, named));
        }
        let names = match words(schema) {
            Some(words) => words.iter().map(|word| format!("`\"{word}\"`")).collect(),
            None => vec![self.syntax.named(type_of(schema)).to_owned()],
        };
        for name in names {
            if !named.contains(&name) {
                named.push(name);
            }
        }
    }
}

/// The type that a schema asks for. An enumeration of words may name none.
fn type_of(schema: &Schema) -> &str {
    schema.get("type").and_then(Schema::as_str).unwrap_or("string")
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

/// The words of an enumeration.
fn words(schema: &Schema) -> Option<Vec<&str>> {
    if let Some(words) = schema.get("enum").and_then(Schema::as_array) {
        return Some(words.iter().filter_map(Schema::as_str).collect());
    }
    let variants = schema.get("oneOf").and_then(Schema::as_array)?;
    let word =
        |variant: &'_ Schema| variant.get("const").is_some() || variant.get("enum").is_some();
    variants.iter().all(word).then(|| {
        let of = |variant| {
            let constant = Schema::get(variant, "const").into_iter();
            let listed = Schema::get(variant, "enum").and_then(Schema::as_array).into_iter();
            constant.chain(listed.flatten()).filter_map(Schema::as_str)
        };
        variants.iter().flat_map(of).collect()
    })
}
