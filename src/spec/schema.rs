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
    let definitions = schema.get("definitions").cloned().unwrap_or_default();
    complete(&mut schema, &definitions);
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
        "default": {},
        "type": "object",
        "additionalProperties": {
            "type": "object", "additionalProperties": false, "properties": differ,
        },
    });
}

/// Adds what editors show and the descriptions say in words: the default of a key that may be left
/// out, and an example.
fn complete(schema: &mut Value, definitions: &Value) {
    if let Some(keys) = schema.get("properties").and_then(Value::as_object) {
        let needed = |key: &String| {
            let needed = schema.get("required").and_then(Value::as_array);
            needed.is_some_and(|needed| needed.iter().any(|one| one == key))
        };
        let all: Vec<(String, bool)> = keys.keys().map(|key| (key.clone(), needed(key))).collect();
        for (key, needed) in all {
            let key = &mut schema["properties"][key];
            let has_default = needed || key.get("default").is_some();
            if let Some(default) = default(key, definitions).filter(|_| !has_default) {
                key["default"] = default;
            }
            let types = key.get("type");
            let is_text = |name: &Value| name == "string" || name[0] == "string";
            let is_plain = types.is_some_and(is_text)
                && ["enum", "const", "examples", "format"]
                    .iter()
                    .all(|word| key.get(word).is_none());
            if let Some(example) = example(key).filter(|_| is_plain) {
                key["examples"] = vec![example].into();
            }
        }
    }
    match schema {
        Value::Object(map) => map.values_mut().for_each(|below| complete(below, definitions)),
        Value::Array(items) => items.iter_mut().for_each(|item| complete(item, definitions)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The default of a key, as its description has it: "Default: `60s`." Where it depends on something,
/// more is said there, and no value is the default. A list or a table of which nothing is said, and
/// which is there in any case, is empty.
fn default(key: &Value, definitions: &Value) -> Option<Value> {
    let description = key.get("description")?.as_str()?.replace('\n', " ");
    let Some((_, said)) = description.split_once("Default: ") else {
        let reference = key.get("$ref").or_else(|| key.pointer("/allOf/0/$ref"));
        let target = reference.and_then(|name| definitions.get(name.as_str()?.rsplit('/').next()?));
        return match key.get("type").or_else(|| target?.get("type"))?.as_str()? {
            "array" => Some(Value::Array(Vec::new())),
            "object" => Some(Value::Object(serde_json::Map::new())),
            _ => None,
        };
    };
    let (word, rest) = match said.strip_prefix('`') {
        Some(quoted) => quoted.split_once('`')?,
        None => said.split_once('.')?,
    };
    if !matches!(rest, "" | ".") && !rest.starts_with(". ") && said.starts_with('`') {
        return None;
    }
    let is = |name: &str| {
        let types = key.get("type");
        types.is_some_and(|types| {
            types == name || types.as_array().is_some_and(|all| all.contains(&name.into()))
        })
    };
    match word {
        "no" | "false" if is("boolean") => Some(false.into()),
        "yes" | "true" if is("boolean") => Some(true.into()),
        number if is("integer") => number.parse::<u64>().ok().map(Value::from),
        word if said.starts_with('`') && !word.contains('<') && !is("array") && !is("object") => {
            Some(word.into())
        }
        _ => None,
    }
}

/// An example of a key, as its description has it behind a colon: "by host: `registry.example.com`".
fn example(key: &Value) -> Option<Value> {
    let description = key.get("description")?.as_str()?.replace('\n', " ");
    let before = description.split("Default: ").next()?;
    let (_, rest) = before.split_once(": `").or_else(|| before.split_once("such as `"))?;
    let (example, _) = rest.split_once('`')?;
    (!example.contains(['…', '<'])).then(|| example.into())
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
