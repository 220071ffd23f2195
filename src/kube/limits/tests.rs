//! One object of each kind in which nothing is wrong, and what is found after one change of it.

use super::{Refusal, refused, refused_beside};
use crate::kube::Kind;
use crate::kube::kinds::CustomKind;
use crate::kube::version::Version;
use crate::yaml::{Value, read};
use std::sync::Arc;

/// The object of a kind in which nothing is wrong.
fn good(kind: &str) -> &'static str {
    let objects = include_str!("good.yaml").split("---\n");
    let is = |text: &&str| text.contains(&format!("kind: {kind}\nmetadata"));
    objects.clone().find(is).unwrap_or_else(|| panic!("there is no {kind}"))
}

fn kind(value: &Value) -> Kind {
    let text = |key: &str| value.get(key).and_then(Value::as_str).expect("it says what it is");
    let (api_version, name) = (text("apiVersion"), text("kind"));
    Kind::find(api_version, name).map_or_else(
        || {
            Kind::Custom(Arc::new(CustomKind {
                api_version: api_version.to_owned(),
                kind: name.to_owned(),
                namespaced: true,
            }))
        },
        |row| row.kind.clone(),
    )
}

/// The places of what is found on 1.34, with the message there.
fn found(text: &str) -> Vec<(String, String)> {
    let value = read::document(text).unwrap_or_else(|error| panic!("{text}\n{error:?}"));
    let refused = refused(&kind(&value), &value, Version { minor: 34 });
    refused.into_iter().map(|one| (crate::kube::schema::shown(&one.path), one.what)).collect()
}

#[test]
fn what_is_right_is_not_refused() {
    for text in include_str!("good.yaml").split("---\n") {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn every_change_for_the_worse_is_found_at_its_place() {
    let rows = include_str!("cases.txt").lines();
    for row in rows.filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let cells: Vec<&str> = row.split(" | ").collect();
        let &[kind, from, to, place] = cells.as_slice() else { panic!("{row}: four cells") };
        let (good, to) = (good(kind), to.replace("\\n", "\n"));
        assert_eq!(good.matches(from).count(), 1, "{row}: `{from}` is there once");
        let found = found(&good.replace(from, &to));
        let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, [place], "{row}: {found:?}");
    }
}

#[test]
fn beside_an_object_that_is_right_as_much_is_refused() {
    let rows = include_str!("cases.txt").lines();
    for row in rows.filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let cells: Vec<&str> = row.split(" | ").collect();
        let &[of, from, to, _] = cells.as_slice() else { panic!("{row}: four cells") };
        let right = read::document(good(of)).unwrap();
        let wrong = read::document(&good(of).replace(from, &to.replace("\\n", "\n"))).unwrap();
        let (kind, version) = (kind(&wrong), Version { minor: 34 });
        let alone = refused(&kind, &wrong, version);
        assert_ne!(alone, [], "{row}");
        assert_eq!(refused_beside(&kind, &wrong, &right, version), alone, "{row}");
        // An entry more, and what comes behind it stands elsewhere.
        let mut shifted = right.clone();
        let marks = Value::Map(vec![("a".to_owned(), Value::String("b".to_owned()))]);
        shifted.get_mut("metadata").unwrap().insert("annotations", marks);
        assert_eq!(refused_beside(&kind, &wrong, &shifted, version), alone, "{row}");
    }
}

#[test]
fn the_name_of_a_service_and_of_a_variable_follow_the_version() {
    let of = |text: &str, minor| {
        let value = read::document(text).unwrap();
        refused(&kind(&value), &value, Version { minor }).len()
    };
    let service = good("Service").replace("{name: web}", "{name: 3web}");
    assert_eq!([of(&service, 35), of(&service, 36)], [1, 0]);
    let variable = good("Deployment").replace("{name: A, value: b}", "{name: 3A, value: b}");
    assert_eq!([of(&variable, 31), of(&variable, 32)], [1, 0]);
}

#[test]
fn each_size_is_held_where_its_limit_is() {
    let by = |text: &str| -> Vec<Refusal> {
        let value = read::document(text).unwrap();
        refused(&kind(&value), &value, Version { minor: 34 }).iter().map(|one| one.by).collect()
    };
    let x = |count: usize| "x".repeat(count);
    let data = |count| good("ConfigMap").replace("a.toml: x", &format!("a.toml: {}", x(count)));
    assert_eq!(by(&data(1024 * 1024 - 3)), []);
    assert_eq!(by(&data(1024 * 1024)), [Refusal::Size]);
    let note = |count| {
        good("PodDisruptionBudget")
            .replace("{name: web}", &format!("{{name: web, annotations: {{a: {}}}}}", x(count)))
    };
    assert_eq!(by(&note(256 * 1024 - 1)), []);
    assert_eq!(by(&note(256 * 1024)), [Refusal::Size]);
    let whole = |count| good("PrometheusRule").replace("up == 0", &x(count));
    assert_eq!(by(&whole(1_570_000)), []);
    assert_eq!(by(&whole(1_572_864)), [Refusal::Size]);
    let word = |count| good("Deployment").replace("[wait]", &format!("[{}]", x(count)));
    assert_eq!(by(&word(131_071)), []);
    assert_eq!(by(&word(131_072)), [Refusal::Kernel]);
    let variable = good("Deployment").replace("value: b}", &format!("value: {}}}", x(131_072)));
    assert_eq!(by(&variable), [Refusal::Kernel]);
}

#[test]
fn what_client_side_apply_notes_down_is_counted() {
    let map = |count: usize| {
        read::document(
            &good("ConfigMap").replace("a.toml: x", &format!("a.toml: {}", "x".repeat(count))),
        )
        .unwrap()
    };
    assert_eq!(super::applied(&map(262_144 - 300)), None);
    assert!(super::applied(&map(262_144)).is_some());
}

#[test]
fn a_kind_of_another_group_is_another_kind() {
    let knative = good("Service")
        .replace("v1\n", "serving.knative.dev/v1\n")
        .replace("port: 80,", "port: 0,");
    assert_eq!(found(&knative), []);
}
