//! Whether a JSON value fits its schema, as far as schemas of this repository go.

use serde_json::Value;

/// Every place of `value` that does not fit `schema`, keys that the schema does not know included.
/// A keyword that is not understood here is a failure, too.
pub(crate) fn misfits(value: &Value, schema: &Value) -> Vec<String> {
    Fitting { root: schema }.misfits(value, schema, "")
}

struct Fitting<'a> {
    root: &'a Value,
}

impl Fitting<'_> {
    fn misfits(&self, value: &Value, schema: &Value, path: &str) -> Vec<String> {
        let wrong = |what: String| vec![format!("{path}: {what}")];
        let Some(schema) = schema.as_object() else { return Vec::new() };
        let mut found = Vec::new();
        for (keyword, rule) in schema {
            match keyword.as_str() {
                "$schema" | "title" | "description" | "$defs" | "definitions" | "format"
                | "required" | "default" | "examples" | "pattern" => {}
                "$ref" => {
                    let name = rule.as_str().unwrap().strip_prefix("#").unwrap();
                    found.extend(self.misfits(value, self.root.pointer(name).unwrap(), path));
                }
                "type" => {
                    let types: Vec<&str> = match rule.as_array() {
                        Some(several) => {
                            several.iter().map(|name| name.as_str().unwrap()).collect()
                        }
                        None => vec![rule.as_str().unwrap()],
                    };
                    if !types.iter().any(|name| is(value, name)) {
                        found.extend(wrong(format!("{value} is no {types:?}")));
                    }
                }
                "const" if value != rule => found.extend(wrong(format!("{value} is not {rule}"))),
                "enum" if !rule.as_array().unwrap().contains(value) => {
                    found.extend(wrong(format!("{value} is none of {rule}")));
                }
                "maximum" if value.as_f64().is_some_and(|n| n > rule.as_f64().unwrap()) => {
                    found.extend(wrong(format!("{value} is above {rule}")));
                }
                "minimum" if value.as_f64().is_some_and(|n| n < rule.as_f64().unwrap()) => {
                    found.extend(wrong(format!("{value} is below {rule}")));
                }
                "minLength" | "maxLength" | "minItems" | "maxItems" => {
                    let long = value
                        .as_str()
                        .map(|s| s.chars().count())
                        .or(value.as_array().map(Vec::len));
                    let (long, rule) = (long.unwrap() as u64, rule.as_u64().unwrap());
                    if if keyword.starts_with("min") { long < rule } else { long > rule } {
                        found.extend(wrong(format!("{value}: {keyword} {rule}")));
                    }
                }
                "const" | "enum" | "minimum" | "maximum" => {}
                "allOf" => {
                    for all in rule.as_array().unwrap() {
                        found.extend(self.misfits(value, all, path));
                    }
                }
                "anyOf" | "oneOf" => {
                    let fits = |variant: &&Value| self.misfits(value, variant, path).is_empty();
                    if rule.as_array().unwrap().iter().filter(fits).count() == 0 {
                        found.extend(wrong(format!("{value} fits no variant")));
                    }
                }
                "properties" => {
                    for (key, item) in value.as_object().into_iter().flatten() {
                        match rule.get(key) {
                            Some(rule) => {
                                found.extend(self.misfits(item, rule, &format!("{path}/{key}")));
                            }
                            None => found.extend(wrong(format!("{key} is not known"))),
                        }
                    }
                    for key in
                        schema.get("required").and_then(Value::as_array).into_iter().flatten()
                    {
                        if value.get(key.as_str().unwrap()).is_none() {
                            found.extend(wrong(format!("{key} is missing")));
                        }
                    }
                }
                "items" => {
                    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                        found.extend(self.misfits(item, rule, &format!("{path}/{at}")));
                    }
                }
                "prefixItems" => {
                    for (at, rule) in rule.as_array().unwrap().iter().enumerate() {
                        found.extend(self.misfits(&value[at], rule, &format!("{path}/{at}")));
                    }
                }
                "additionalProperties" => {
                    for (key, item) in value.as_object().into_iter().flatten() {
                        found.extend(self.misfits(item, rule, &format!("{path}/{key}")));
                    }
                }
                unknown => found.extend(wrong(format!("the schema says `{unknown}`"))),
            }
        }
        found
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other}"),
    }
}
