//! The page for machines: the same data, less what is only drawn.

use super::Report;
use crate::diag::json::schema_of;
use serde_json::Value;
use std::sync::LazyLock;

/// JSON Schema, draft 2020-12, of it. Keys are only ever added.
pub static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<Report>);

/// A report as one JSON object, in lines.
pub(super) fn json(report: &Report) -> String {
    let mut value = serde_json::to_value(report).expect("a report holds texts and numbers");
    keep(&mut value, &SCHEMA);
    format!("{value:#}\n")
}

/// Drops every key of which the schema does not speak: types say there what JSON has.
fn keep(value: &mut Value, schema: &Value) {
    let name = schema.get("$ref").and_then(Value::as_str);
    let referred = name.and_then(|name| SCHEMA.pointer(name.trim_start_matches('#')));
    let forms = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    for form in referred.into_iter().chain(forms) {
        keep(value, form);
    }
    match (value, schema.get("properties"), schema.get("items")) {
        (Value::Object(map), Some(Value::Object(known)), _) => {
            map.retain(|key, _| known.contains_key(key));
            map.iter_mut().for_each(|(key, below)| keep(below, &known[key]));
        }
        (Value::Array(items), _, Some(of)) => items.iter_mut().for_each(|item| keep(item, of)),
        _ => {}
    }
}
