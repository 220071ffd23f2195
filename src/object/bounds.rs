//! How much of something there may be, as a structural schema says it: lengths, numbers of items and
//! ranges (`OpenAPI` 3.0, "Schema Object").
//!
//! What `pattern` and the rules of `x-kubernetes-validations` say is left to the API server.

use crate::kube::schema::{Fault, What, has_token};
use crate::yaml::Value;

/// Adds a fault for everything that is out of bounds, at `path` and below.
pub(super) fn check(
    schema: &Value,
    value: &Value,
    path: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) {
    if let Some(wrong) = wrong(schema, value) {
        faults.push(Fault { path: path.clone(), what: What::Wrong(wrong) });
    }
    let mut below = |step: String, schema: &Value, value: &Value| {
        path.push(step);
        check(schema, value, path, faults);
        path.pop();
    };
    for (key, field) in value.entries() {
        let rest = schema.get("additionalProperties");
        let of = schema.at(&["properties", key]).or(rest);
        if let Some(of) = of {
            below(key.clone(), of, field);
        }
    }
    if let Some(of) = schema.get("items") {
        for (index, item) in value.items().iter().enumerate() {
            below(index.to_string(), of, item);
        }
    }
}

/// What is wrong with the amount of a value, and what the schema takes.
fn wrong(schema: &Value, value: &Value) -> Option<String> {
    let count = |keys: [&str; 2], amount: usize, what: &str| {
        let [least, most] = keys.map(|key| number(schema.get(key)));
        #[expect(clippy::cast_precision_loss, reason = "no value has so many of anything")]
        let has = amount as f64;
        if least.is_some_and(|least| has < least) {
            return Some(format!("it has {amount} {what}, {} are the fewest", shown(least)));
        }
        let many = most.is_some_and(|most| has > most);
        many.then(|| format!("it has {amount} {what}, {} are the most", shown(most)))
    };
    match value {
        Value::String(_) if has_token(value) => None,
        Value::String(text) => {
            count(["minLength", "maxLength"], text.chars().count(), "characters")
        }
        Value::List(items) => count(["minItems", "maxItems"], items.len(), "items"),
        Value::Map(entries) => count(["minProperties", "maxProperties"], entries.len(), "entries"),
        Value::Int(_) | Value::Float(_) => {
            let found = number(Some(value))?;
            let excludes = |key: &str| schema.get(key) == Some(&Value::Bool(true));
            let (least, most) = (number(schema.get("minimum")), number(schema.get("maximum")));
            let below =
                |least: f64| found < least || found <= least && excludes("exclusiveMinimum");
            let above = |most: f64| found > most || found >= most && excludes("exclusiveMaximum");
            if least.is_some_and(below) {
                return Some(format!(
                    "{} is too little, from {} on",
                    shown(Some(found)),
                    shown(least)
                ));
            }
            most.is_some_and(above)
                .then(|| format!("{} is too much, up to {}", shown(Some(found)), shown(most)))
        }
        Value::Null | Value::Bool(_) => None,
    }
}

fn number(value: Option<&Value>) -> Option<f64> {
    match value? {
        #[expect(clippy::cast_precision_loss, reason = "limits are small")]
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::List(_) | Value::Map(_) => None,
    }
}

fn shown(number: Option<f64>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::kube::schema::What;
    use crate::yaml::read::document;

    #[test]
    fn what_is_out_of_bounds_is_found_at_its_place() {
        let schema = document(
            "{properties: {spec: {properties: {
                name: {type: string, minLength: 1, maxLength: 3},
                steps: {type: array, minItems: 1, maxItems: 2, items: {type: integer, minimum: 1, maximum: 5}},
                half: {type: number, minimum: 0, exclusiveMinimum: true},
                labels: {type: object, maxProperties: 1, additionalProperties: {maxLength: 2}}
            }}}}",
        )
        .unwrap();
        for (spec, expected) in [
            ("{name: abc, steps: [1, 5], half: 0.5, labels: {a: bb}}", None),
            ("{name: ''}", Some(("spec.name", "it has 0 characters, 1 are the fewest"))),
            ("{name: äöüß}", Some(("spec.name", "it has 4 characters, 3 are the most"))),
            ("{steps: []}", Some(("spec.steps", "it has 0 items, 1 are the fewest"))),
            ("{steps: [1, 6]}", Some(("spec.steps[1]", "6 is too much, up to 5"))),
            ("{half: 0}", Some(("spec.half", "0 is too little, from 0 on"))),
            ("{labels: {a: bbb}}", Some(("spec.labels.a", "it has 3 characters, 2 are the most"))),
            ("{labels: {a: b, c: d}}", Some(("spec.labels", "it has 2 entries, 1 are the most"))),
        ] {
            let value = document(&format!("spec: {spec}")).unwrap();
            let mut faults = Vec::new();
            check(&schema, &value, &mut Vec::new(), &mut faults);
            let found = faults.iter().map(|fault| (fault.shown_path(), &fault.what));
            let found: Vec<(String, &What)> = found.collect();
            let wrong =
                expected.map(|(path, what)| (path.to_owned(), What::Wrong(what.to_owned())));
            let wrong: Vec<(String, &What)> =
                wrong.iter().map(|(path, what)| (path.clone(), what)).collect();
            assert_eq!(found, wrong, "{spec}");
        }
    }
}
