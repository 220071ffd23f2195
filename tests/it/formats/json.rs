//! What machines read.

use super::reports;
use crate::workbench::repository;
use expect_test::expect_file;
use ninefold::diff::format::json::{Options, SCHEMA, render};
use ninefold::diff::report::Severity;
use serde_json::Value;
use std::collections::BTreeSet;

fn parsed(report: &ninefold::diff::Report, fail_on: Option<Severity>) -> Value {
    serde_json::from_str(&render(report, &Options { fail_on })).unwrap()
}

#[test]
fn the_schema_is_current() {
    let path = repository("specs/schema/diff.schema.json");
    expect_file![path].assert_eq(&format!("{:#}\n", *SCHEMA));
}

#[test]
fn every_report_fits_the_schema() {
    for (name, report) in reports::all() {
        for fail_on in [None, Some(Severity::High)] {
            let wrong = misfits(&parsed(&report, fail_on), &SCHEMA, "");
            assert!(wrong.is_empty(), "{name}: {wrong:#?}");
        }
    }
}

#[test]
fn what_does_not_fit_the_schema_is_noticed() {
    let good = parsed(&reports::region_lost(), None);
    let spoil: [(&str, Value); 6] = [
        ("/format_version", 1.into()),
        ("/status", "different".into()),
        ("/counts/compared", (-1).into()),
        ("/effects/0/severity", "bad".into()),
        ("/objects/0/old/path", Value::Null),
        ("/objects/5/changes/0/operation", "edit".into()),
    ];
    for (pointer, value) in spoil {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert_eq!(misfits(&bad, &SCHEMA, "").len(), 1, "{pointer}");
    }
    let mut bad = good;
    bad.as_object_mut().unwrap().remove("counts");
    bad.as_object_mut().unwrap().insert("more".to_owned(), Value::Null);
    assert_eq!(misfits(&bad, &SCHEMA, "").len(), 2);
}

#[test]
fn ids_are_unique_and_what_they_name_is_there() {
    for (name, report) in reports::all() {
        let json = parsed(&report, Some(Severity::High));
        let ids = |part: &str| -> BTreeSet<String> {
            let items = json[part].as_array().unwrap();
            let ids = items.iter().map(|item| item["id"].as_str().unwrap().to_owned());
            let ids: BTreeSet<String> = ids.collect();
            assert_eq!(ids.len(), items.len(), "{name}: {part}");
            ids
        };
        let (causes, effects, objects) = (ids("causes"), ids("effects"), ids("objects"));
        let all = |pointer: &str, field: &str, known: &BTreeSet<String>| {
            for item in json[pointer].as_array().unwrap() {
                for id in item[field].as_array().unwrap() {
                    assert!(known.contains(id.as_str().unwrap()), "{name}: {pointer} {id}");
                }
            }
        };
        all("causes", "objects", &objects);
        all("causes", "followers", &objects);
        all("effects", "causes", &causes);
        all("effects", "objects", &objects);
        all("objects", "causes", &causes);
        all("groups", "objects", &objects);
        for id in json["gate"]["effects"].as_array().unwrap() {
            assert!(effects.contains(id.as_str().unwrap()));
        }
    }
}

#[test]
fn the_gate_names_what_fails_and_not_what_is_accepted() {
    let json = parsed(&reports::region_lost(), Some(Severity::High));
    assert_eq!(json["gate"]["failed"], true);
    assert_eq!(
        json["gate"]["effects"],
        serde_json::json!([
            "residency/orders/westeurope",
            "residency/web/eastus2+centralus+westeurope"
        ])
    );
    assert_eq!(json["max_severity"], "critical");
    assert_eq!(parsed(&reports::one_key(), Some(Severity::High))["gate"]["failed"], false);
    assert_eq!(parsed(&reports::nothing(), None)["gate"], Value::Null);
}

#[test]
fn nothing_is_shortened() {
    let report = reports::hostile();
    let json = parsed(&report, None);
    assert_eq!(json["to"]["name"], "`".repeat(10_000).as_str());
    for (at, object) in report.objects.iter().enumerate() {
        let changes = serde_json::to_value(&object.changes).unwrap();
        assert_eq!(json["objects"][at]["changes"], changes);
    }
}

/// Every place of `value` that does not fit `schema`, keys that the schema does not know included.
/// A keyword that is not understood here is a failure, too.
pub(super) fn misfits(value: &Value, schema: &Value, path: &str) -> Vec<String> {
    let wrong = |what: String| vec![format!("{path}: {what}")];
    let Some(schema) = schema.as_object() else { return Vec::new() };
    let mut found = Vec::new();
    for (keyword, rule) in schema {
        match keyword.as_str() {
            "$schema" | "title" | "description" | "$defs" | "format" | "required" => {}
            "$ref" => {
                let name = rule.as_str().unwrap().strip_prefix("#").unwrap();
                found.extend(misfits(value, SCHEMA.pointer(name).unwrap(), path));
            }
            "type" => {
                let types: Vec<&str> = match rule.as_array() {
                    Some(several) => several.iter().map(|name| name.as_str().unwrap()).collect(),
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
            "minimum" if value.as_f64().is_some_and(|n| n < rule.as_f64().unwrap()) => {
                found.extend(wrong(format!("{value} is below {rule}")));
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" => {
                let long =
                    value.as_str().map(|s| s.chars().count()).or(value.as_array().map(Vec::len));
                let (long, rule) = (long.unwrap() as u64, rule.as_u64().unwrap());
                if if keyword.starts_with("min") { long < rule } else { long > rule } {
                    found.extend(wrong(format!("{value}: {keyword} {rule}")));
                }
            }
            "const" | "enum" | "minimum" => {}
            "anyOf" | "oneOf" => {
                let fits = |variant: &&Value| misfits(value, variant, path).is_empty();
                if rule.as_array().unwrap().iter().filter(fits).count() == 0 {
                    found.extend(wrong(format!("{value} fits no variant")));
                }
            }
            "properties" => {
                for (key, item) in value.as_object().into_iter().flatten() {
                    match rule.get(key) {
                        Some(rule) => found.extend(misfits(item, rule, &format!("{path}/{key}"))),
                        None => found.extend(wrong(format!("{key} is not known"))),
                    }
                }
                for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
                    if value.get(key.as_str().unwrap()).is_none() {
                        found.extend(wrong(format!("{key} is missing")));
                    }
                }
            }
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(misfits(item, rule, &format!("{path}/{at}")));
                }
            }
            "prefixItems" => {
                for (at, rule) in rule.as_array().unwrap().iter().enumerate() {
                    found.extend(misfits(&value[at], rule, &format!("{path}/{at}")));
                }
            }
            "additionalProperties" => {
                for (key, item) in value.as_object().into_iter().flatten() {
                    found.extend(misfits(item, rule, &format!("{path}/{key}")));
                }
            }
            unknown => found.extend(wrong(format!("the schema says `{unknown}`"))),
        }
    }
    found
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
