//! The JSON Schemas of spec and fleet: one text for editors and for `spec::check`.

use super::environment::{KEY, SAME};
use super::evidence::Evidence;
use super::{Fleet, Service};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// JSON Schema, draft-07, of a service spec.
pub static SERVICE: LazyLock<Value> = LazyLock::new(|| {
    let mut schema = schema::<Service>();
    add_environments(&mut schema);
    schema
});

/// JSON Schema, draft-07, of the fleet file.
pub static FLEET: LazyLock<Value> = LazyLock::new(schema::<Fleet>);

/// JSON Schema, draft-07, of the record of a drill.
pub static EVIDENCE: LazyLock<Value> = LazyLock::new(schema::<Evidence>);

fn schema<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    strip_null(&mut schema);
    schema
}

/// What `[environments.<name>]` is, for whoever writes it.
const ENVIRONMENTS: &str = "What differs in another environment than the default one, by the name \
    that its regions have in fleet.toml: `[environments.staging]`. Any key but `name` and \
    `previously`, and `regions` at least. Tables are merged key by key, lists and values are replaced.";

/// Adds what a spec says of other environments: every key of its own, and none is required.
fn add_environments(schema: &mut Value) {
    let keys = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let differ = keys.filter(|(key, _)| SAME.iter().all(|(same, _)| same != key));
    let differ: Map<String, Value> = differ
        .map(|(key, _)| (key.clone(), json!({ "$ref": format!("#/properties/{key}") })))
        .collect();
    schema["properties"][KEY] = json!({
        "description": ENVIRONMENTS,
        "type": "object",
        "additionalProperties": {
            "type": "object", "additionalProperties": false, "properties": differ,
        },
    });
}

/// TOML has no null: an optional key is left out.
fn strip_null(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(variants)) = map.get_mut("anyOf") {
                variants.retain(|variant| variant.get("type") != Some(&"null".into()));
                if variants.len() == 1 {
                    let only = map.remove("anyOf").expect("it was just there");
                    map.insert("allOf".to_owned(), only);
                }
            }
            if map.get("default") == Some(&Value::Null) {
                map.remove("default");
            }
            map.values_mut().for_each(strip_null);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
