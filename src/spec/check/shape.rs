//! A JSON Schema as the check asks for it: a document has many values, so references are followed and
//! keywords are looked up once for all of them.

use crate::quantity::{FORMATS, Format};
use serde_json::Value as Schema;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a schema asks of a value.
#[derive(Default)]
pub(in crate::spec) struct Shape {
    /// Whether it may be anything.
    pub(super) is_anything: bool,
    /// The forms that it may have, where it has several.
    pub(super) variants: Vec<Arc<Shape>>,
    /// The words of an enumeration.
    pub(super) words: Option<Vec<String>>,
    /// Its type, as JSON Schema calls it; empty where it names none.
    pub(super) type_name: &'static str,
    /// The keys of a table; none where they are names that somebody chose.
    pub(super) properties: Option<BTreeMap<String, Arc<Shape>>>,
    /// What stands below any other key; none where there may be no other.
    pub(super) additional: Option<Arc<Shape>>,
    /// The keys that a table must have.
    pub(super) required: Vec<String>,
    /// What stands in a list.
    pub(super) items: Option<Arc<Shape>>,
    /// The fewest items.
    pub(super) min_items: usize,
    /// The least number and the largest.
    pub(super) range: (Option<f64>, Option<f64>),
    /// The format of a text, where Ninefold knows it.
    pub(super) format: Option<&'static Format>,
    /// What a value of a format looks like.
    pub(super) example: Option<String>,
}

/// The types of JSON Schema that a document can have.
const TYPES: [&str; 6] = ["object", "array", "string", "boolean", "integer", "number"];

impl Shape {
    /// Reads a schema, in which nothing may contain itself.
    pub(in crate::spec) fn of(root: &Schema) -> Shape {
        Reader { root, known: BTreeMap::new() }.read(root)
    }

    /// Any value of a type.
    pub(super) fn of_type(type_name: &'static str) -> Shape {
        Shape { type_name, ..Shape::default() }
    }

    /// The keys of a table that are known.
    pub(in crate::spec) fn keys(&self) -> impl Iterator<Item = &str> {
        self.properties.iter().flat_map(BTreeMap::keys).map(String::as_str)
    }

    /// What stands below a key that is known.
    pub(super) fn property(&self, key: &str) -> Option<&Shape> {
        self.properties.as_ref()?.get(key).map(|shape| &**shape)
    }

    /// The type that it asks for. An enumeration of words may name none.
    pub(super) fn asks_for(&self) -> &'static str {
        if self.type_name.is_empty() { "string" } else { self.type_name }
    }
}

struct Reader<'s> {
    root: &'s Schema,
    /// What was referred to before.
    known: BTreeMap<&'s str, Arc<Shape>>,
}

impl<'s> Reader<'s> {
    fn read(&mut self, schema: &'s Schema) -> Shape {
        let text = |key: &str| schema.get(key).and_then(Schema::as_str);
        let list = |key: &str| schema.get(key).and_then(Schema::as_array).into_iter().flatten();
        let number = |key: &str| schema.get(key).and_then(Schema::as_f64);
        let below = |key: &str| schema.get(key).filter(|below| **below != Schema::Bool(false));
        let format = text("format");
        let properties = schema.get("properties").and_then(Schema::as_object);
        let min_items = schema.get("minItems").and_then(Schema::as_u64).unwrap_or(0);
        Shape {
            is_anything: *schema == Schema::Bool(true),
            variants: list("anyOf").map(|variant| self.below(variant)).collect(),
            words: words(schema),
            type_name: text("type")
                .and_then(|name| TYPES.into_iter().find(|known| *known == name))
                .unwrap_or_default(),
            properties: properties.map(|properties| {
                properties.iter().map(|(key, below)| (key.clone(), self.below(below))).collect()
            }),
            additional: below("additionalProperties").map(|one| self.below(one)),
            required: list("required").filter_map(Schema::as_str).map(str::to_owned).collect(),
            items: schema.get("items").map(|items| self.below(items)),
            min_items: usize::try_from(min_items).unwrap_or(usize::MAX),
            range: (number("minimum"), number("maximum")),
            format: FORMATS.iter().find(|known| Some(known.name) == format),
            example: format
                .and_then(|_| schema.pointer("/examples/0")?.as_str().map(str::to_owned)),
        }
    }

    /// The same of what stands below, with references followed.
    fn below(&mut self, schema: &'s Schema) -> Arc<Shape> {
        if let Some(reference) = schema.get("$ref").and_then(Schema::as_str) {
            if let Some(known) = self.known.get(reference) {
                return Arc::clone(known);
            }
            let target = self.root.pointer(reference.trim_start_matches('#'));
            let shape = self.below(target.expect("a generated schema refers to itself"));
            self.known.insert(reference, Arc::clone(&shape));
            return shape;
        }
        match schema.get("allOf").and_then(Schema::as_array).map(Vec::as_slice) {
            Some([only]) => self.below(only),
            _ => Arc::new(self.read(schema)),
        }
    }
}

/// The words of an enumeration.
fn words(schema: &Schema) -> Option<Vec<String>> {
    let texts = |list: &Schema| -> Vec<String> {
        let list = list.as_array().into_iter().flatten();
        list.filter_map(Schema::as_str).map(str::to_owned).collect()
    };
    if let Some(words) = schema.get("enum").filter(|words| words.is_array()) {
        return Some(texts(words));
    }
    let variants = schema.get("oneOf").and_then(Schema::as_array)?;
    let of = |variant: &Schema| match (variant.get("const"), variant.get("enum")) {
        (None, None) => None,
        (constant, listed) => {
            let constant = constant.and_then(Schema::as_str).map(str::to_owned);
            Some(constant.into_iter().chain(listed.map(texts).into_iter().flatten()).collect())
        }
    };
    let words: Option<Vec<Vec<String>>> = variants.iter().map(of).collect();
    words.map(|words| words.concat())
}
