//! What machines read.

use super::reports;
use crate::fits::misfits;
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
            let wrong = misfits(&parsed(&report, fail_on), &SCHEMA);
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
        assert_eq!(misfits(&bad, &SCHEMA).len(), 1, "{pointer}");
    }
    let mut bad = good;
    bad.as_object_mut().unwrap().remove("counts");
    bad.as_object_mut().unwrap().insert("more".to_owned(), Value::Null);
    assert_eq!(misfits(&bad, &SCHEMA).len(), 2);
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
