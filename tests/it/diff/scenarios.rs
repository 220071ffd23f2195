//! Edits of a fleet of thirty services in three regions: how many causes each has, and that every
//! object is paired with the one that it was.

use super::{Version, diff};
use ninefold::diff::report::{CauseKind, Class, Operation, Pairing, Report};
use std::collections::{BTreeMap, BTreeSet};

/// Thirty services in three regions, each with a configuration and an autoscaler.
pub(crate) fn fleet() -> Version {
    let mut inputs = BTreeMap::new();
    let regions = ["us-east-1", "eu-west-1", "ap-south-1", "eu-north-1"];
    let mut text = "inventory = \"2026-11-01\"\n".to_owned();
    for region in regions {
        text.push_str(&region_of(region));
    }
    inputs.insert("specs/fleet.toml".to_owned(), text);
    for number in 0..30 {
        let name = format!("svc{number:02}");
        inputs.insert(format!("specs/{name}.toml"), service(&name));
    }
    Version::new(inputs)
}

fn region_of(name: &str) -> String {
    let zones: Vec<String> = ["a", "b", "c"]
        .iter()
        .map(|zone| {
            format!(
                "{{ name = \"{name}{zone}\", nodes = 40, cpu = \"4000\", memory = \"16000Gi\" }}"
            )
        })
        .collect();
    format!(
        "[regions.{name}]\ngeography = \"any\"\nprovider = \"other\"\ncluster = \"{name}\"\nkubernetes = \"1.34\"\nzones = [{}]\nstorage = [{{ name = \"disk\", topology = \"region\", binding = \"wait-for-first-consumer\", snapshots = \"s\" }}]\nbackup.locations = [{{ name = \"vault\", stored_in = \"elsewhere\", geography = \"any\" }}]\n",
        zones.join(", ")
    )
}

fn service(name: &str) -> String {
    let mut text = format!(
        "name = \"{name}\"\nimage = \"{}\"\ntier = \"gold\"\nregions = [\"us-east-1\", \"eu-west-1\", \"ap-south-1\"]\nrpo = \"1d\"\nrto = \"4h\"\nrecovery = \"active/active\"\n\n[capacity]\nautoscale = {{ max = 12 }}\n\n[config]\n",
        image(name, "1.0.0")
    );
    for key in 0..10 {
        text.push_str(&format!("KEY_{key} = \"value {key} of {name}\"\n"));
    }
    text
}

/// An image of a service, with the digest that this tag has there.
pub(crate) fn image(name: &str, tag: &str) -> String {
    let digest = ninefold::name::Digest::of(format!("{name} {tag}").as_bytes());
    format!("registry.example.com/{name}:{tag}@sha256:{digest}")
}

/// The fleet after `edit`, built over the tree before.
fn after(before: &Version, edit: impl Fn(&str, &str) -> String) -> Version {
    before.edit(edit).built()
}

/// Every pair is of one region and kind, and of the same service unless it was renamed.
fn is_right(report: &Report) {
    for object in &report.objects {
        let (Some(old), Some(new)) = (&object.old, &object.new) else { continue };
        let folder = |path: &str| path.split('/').next().map(str::to_owned);
        assert_eq!(folder(&old.path), folder(&new.path), "{}", object.id);
        if !matches!(object.operation, Operation::Move | Operation::Keep) {
            let service = |path: &str| path.split('/').nth(1).map(str::to_owned);
            assert_eq!(service(&old.path), service(&new.path), "{}", object.id);
        }
        assert!(!object.causes.is_empty(), "{} has no cause", object.id);
    }
}

fn edited<'a>(report: &'a Report, kind: &str) -> Vec<&'a ninefold::diff::report::Object> {
    let of_kind = report.objects.iter().filter(|object| object.kind == kind);
    let current = of_kind.filter(|object| object.generation.is_none());
    current.filter(|object| object.class == Class::Edited).collect()
}

fn titles(report: &Report) -> Vec<(CauseKind, &str)> {
    report.causes.iter().map(|cause| (cause.kind, cause.title.as_str())).collect()
}

#[test]
fn one_config_key_of_one_service_is_one_cause() {
    let before = fleet().built();
    let new = after(&before, |path, text| match path {
        "specs/svc07.toml" => text.replace("value 3 of svc07", "another"),
        _ => text.to_owned(),
    });
    let report = diff(&before, &new);
    is_right(&report);
    let expected = "config.KEY_3: \"value 3 of svc07\" → \"another\"";
    assert_eq!(titles(&report), [(CauseKind::Spec, expected)]);
    assert_eq!(report.causes[0].places[0].line, Some(16));
    assert_eq!(edited(&report, "ConfigMap").len(), 3);
    assert_eq!(report.groups.len(), 1, "{:#?}", report.groups);
    assert_eq!(report.groups[0].regions.len(), 3);
    assert_eq!(report.counts.created + report.counts.deleted, 0);
}

#[test]
fn a_new_image_of_thirty_services_is_one_cause() {
    let before = fleet().built();
    let new = after(&before, |path, text| {
        let name = path.trim_start_matches("specs/").trim_end_matches(".toml");
        text.replace(&image(name, "1.0.0"), &image(name, "1.1.0"))
    });
    let report = diff(&before, &new);
    is_right(&report);
    let causes = titles(&report);
    assert_eq!(causes.len(), 1, "{causes:?}");
    assert_eq!(report.causes[0].places.len(), 30);
    assert_eq!(edited(&report, "Deployment").len(), 90);
    assert_eq!(report.groups.len(), 1);
}

#[test]
fn what_another_version_of_ninefold_changes_is_one_cause() {
    let mut other = fleet();
    let template = include_str!("../../../templates/parts/metadata.yaml");
    let changed = template.replacen("  labels:", "  labels:\n    example.com/made-by: other", 1);
    other.inputs.insert("templates/parts/metadata.yaml".to_owned(), changed);
    let mut before = other.built();
    before.inputs.remove("templates/parts/metadata.yaml");
    let new = after(&before, |_, text| text.to_owned());
    let report = diff(&before, &new);
    is_right(&report);
    assert_eq!(report.causes.len(), 1, "{:?}", titles(&report));
    assert_eq!(report.causes[0].kind, CauseKind::Tool);
    let all = crate::generate::manifests(&before.tree).count();
    assert!(
        report.effects.iter().all(|effect| effect.rule.name() == "another-version"
            || effect.rule.name() == "nothing-restarts"),
        "{:?}",
        report.effects
    );
    let cause = &report.causes[0];
    assert_eq!(cause.objects.len() + cause.followers.len(), all);
}

#[test]
fn files_that_were_edited_by_hand_are_called_that() {
    let new = fleet().built();
    let path = "eu-west-1/svc03/deployment.yaml";
    let mut before = new.clone();
    let edited = new.tree[path].replacen("minReadySeconds: 20", "minReadySeconds: 7", 1);
    before.tree.insert(path.to_owned(), edited);
    let report = diff(&before, &new);
    let kinds: Vec<CauseKind> = report.causes.iter().map(|cause| cause.kind).collect();
    assert_eq!(kinds, [CauseKind::HandEdit]);
    assert!(report.effects.iter().any(|effect| effect.rule.name() == "hand-edited"));
    assert_eq!(report.objects[0].changes[0].path, "spec.minReadySeconds");
}

#[test]
fn a_swapped_region_is_a_loss_and_a_gain() {
    let before = fleet().built();
    let new = after(&before, |_, text| text.replace("\"ap-south-1\"]", "\"eu-north-1\"]"));
    let report = diff(&before, &new);
    is_right(&report);
    let causes = titles(&report);
    let expected = [
        (CauseKind::Spec, "regions: + \"eu-north-1\""),
        (CauseKind::Spec, "regions: − \"ap-south-1\""),
    ];
    assert_eq!(causes, expected);
    let count = |region: &str, operation| {
        report
            .objects
            .iter()
            .filter(|object| object.region == region && object.operation == operation)
            .count()
    };
    let of_region = |version: &Version, region: &str| {
        version.tree.keys().filter(|path| path.starts_with(&format!("{region}/"))).count()
    };
    assert_eq!(count("ap-south-1", Operation::Delete), of_region(&before, "ap-south-1"));
    assert_eq!(count("eu-north-1", Operation::Create), of_region(&new, "eu-north-1"));
    assert_eq!(count("ap-south-1", Operation::Create) + count("eu-north-1", Operation::Delete), 0);
}

#[test]
fn a_declared_rename_is_one_rename() {
    let before = fleet().built();
    let mut new = before.clone();
    let text = new.inputs.remove("specs/svc05.toml").unwrap();
    let text = text.replacen("name = \"svc05\"", "name = \"basket\"\npreviously = \"svc05\"", 1);
    new.inputs.insert("specs/basket.toml".to_owned(), text);
    let report = diff(&before, &new.built());
    is_right(&report);
    let expected = [(CauseKind::Spec, "name: \"svc05\" → \"basket\"")];
    assert_eq!(titles(&report), expected);
    let moved: Vec<_> =
        report.objects.iter().filter(|object| object.operation == Operation::Move).collect();
    assert!(moved.iter().all(|object| object.pairing == Pairing::Declared));
    let kinds: BTreeSet<&str> = moved.iter().map(|object| object.kind.as_str()).collect();
    assert!(kinds.contains("Deployment") && kinds.contains("Service"), "{kinds:?}");
    assert_eq!(moved.iter().filter(|object| object.kind == "Deployment").count(), 3);
}

#[test]
fn a_rename_that_nobody_declared_is_called_probable() {
    let before = fleet().built();
    let mut new = before.clone();
    let text = new.inputs.remove("specs/svc05.toml").unwrap();
    new.inputs.insert("specs/basket.toml".to_owned(), text.replace("svc05", "basket"));
    let report = diff(&before, &new.built());
    let moved = report.objects.iter().filter(|object| object.operation == Operation::Move);
    assert!(moved.clone().all(|object| object.pairing == Pairing::Similarity));
    assert_eq!(moved.filter(|object| object.kind == "Deployment").count(), 3);
    assert!(
        report.notes.iter().any(|note| note.contains("probably renamed")),
        "{:?}",
        report.notes
    );
}

/// Eight of ten values of a configuration.
fn rewritten(text: &str) -> String {
    (0..8).fold(text.to_owned(), |text, key| {
        text.replace(&format!("\"value {key} of"), &format!("\"entirely other {}", key * 31))
    })
}

#[test]
fn most_of_one_configuration_rewritten_is_still_paired() {
    let before = fleet().built();
    let new = after(&before, |path, text| match path {
        "specs/svc11.toml" => rewritten(text),
        _ => text.to_owned(),
    });
    let report = diff(&before, &new);
    is_right(&report);
    let maps = edited(&report, "ConfigMap");
    assert_eq!(maps.len(), 3);
    assert!(
        maps.iter()
            .all(|map| map.pairing == Pairing::Identity && map.operation == Operation::Replace)
    );
}

#[test]
fn most_of_every_configuration_rewritten_is_still_paired() {
    let before = fleet().built();
    let new = after(&before, |_, text| rewritten(text));
    let report = diff(&before, &new);
    is_right(&report);
    let maps = edited(&report, "ConfigMap");
    assert_eq!(maps.len(), 90);
    assert!(
        maps.iter()
            .all(|map| map.pairing == Pairing::Identity && map.operation == Operation::Replace)
    );
    assert_eq!(report.counts.created + report.counts.deleted, 0);
}
