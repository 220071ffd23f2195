//! Trees that no ledger speaks of: written by hand, or by another tool.

use super::Version;
use ninefold::diff::report::{Class, Operation, Pairing, Report, Side, SideKind};
use ninefold::diff::{Options, Specs, Tree, between};
use std::collections::BTreeMap;

fn version(files: &[(&str, &str)]) -> Version {
    let tree = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    Version { inputs: BTreeMap::new(), tree: tree.collect() }
}

fn tree(version: &Version) -> Tree<'_> {
    let paths: Vec<String> = version.tree.keys().cloned().collect();
    Tree::without_ledger(version, &paths).unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn diff(old: &[(&str, &str)], new: &[(&str, &str)]) -> Report {
    let side = |name: &str| Side { kind: SideKind::Folder, name: name.to_owned(), commit: None };
    let (old, new) = (version(old), version(new));
    let (from, to) = (tree(&old), tree(&new));
    between((side("old"), &from), (side("new"), &to), &Specs::default(), Options::default())
        .unwrap_or_else(|findings| panic!("{findings:?}"))
}

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{port: 80}]}\n";
const ACCOUNT: &str =
    "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n";

#[test]
fn the_same_name_in_two_clusters_is_two_objects() {
    let other = SERVICE.replace("80", "81");
    let report = diff(
        &[("east/all.yaml", SERVICE), ("west/all.yaml", SERVICE)],
        &[("east/all.yaml", &other), ("west/all.yaml", SERVICE)],
    );
    assert_eq!(report.counts.compared, 2);
    assert_eq!(report.objects.len(), 1);
    assert_eq!(report.objects[0].region, "east");
    assert_eq!(report.objects[0].pairing, Pairing::Identity);
    assert!(report.notes.iter().any(|note| note.contains("no ledger")), "{:?}", report.notes);
}

#[test]
fn every_document_of_a_file_and_every_item_of_a_list_is_an_object() {
    let both = format!("---\n{SERVICE}---\n# nothing\n---\n{ACCOUNT}");
    let list = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {ports: [{port: 80}]}}\n- {apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}}\n";
    let report = diff(&[("all.yaml", &both)], &[("list.yaml", list)]);
    assert_eq!(report.counts.compared, 2);
    assert!(report.objects.iter().all(|object| object.class != Class::Edited), "{report:#?}");
    let report = diff(&[("all.yaml", &both)], &[("all.yaml", SERVICE)]);
    let gone: Vec<&str> = report.objects.iter().map(|object| object.kind.as_str()).collect();
    assert_eq!(gone, ["ServiceAccount"]);
    assert_eq!(report.objects[0].operation, Operation::Delete);
}

#[test]
fn an_ending_that_looks_like_a_hash_stays_part_of_the_name() {
    let one = ACCOUNT.replace("web", "web-deadbeef");
    let other = ACCOUNT.replace("web", "web-cafebabe");
    let report = diff(&[("a.yaml", &one)], &[("a.yaml", &other)]);
    assert_eq!((report.counts.created, report.counts.deleted), (1, 1));
}

#[test]
fn one_object_twice_on_a_side_is_no_comparison() {
    let old = version(&[("a.yaml", SERVICE), ("b.yaml", SERVICE)]);
    let from = tree(&old);
    let side = || Side { kind: SideKind::Folder, name: "x".to_owned(), commit: None };
    let result = between((side(), &from), (side(), &from), &Specs::default(), Options::default());
    let findings = result.unwrap_err();
    assert!(findings[0].message.contains("a.yaml") && findings[0].message.contains("b.yaml"));
}

#[test]
fn what_cannot_be_read_is_said_without_what_is_in_it() {
    let broken = version(&[("a.yaml", "kind: [Secret\npassword: hunter2\n")]);
    let paths = ["a.yaml".to_owned()];
    let Err(findings) = Tree::without_ledger(&broken, &paths) else { panic!("it was read") };
    assert!(findings[0].message.contains("a.yaml"));
    assert!(!format!("{findings:?}").contains("hunter2"));
}

const JOB: &str = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: nightly-, namespace: shop}\nspec: {template: {spec: {containers: [{name: app, image: 'job:1'}]}}}\n";

#[test]
fn objects_that_the_server_names_are_compared_too() {
    let report = diff(&[("a.yaml", JOB)], &[("a.yaml", &JOB.replace("job:1", "job:2"))]);
    let rules: Vec<&str> = report.effects.iter().map(|effect| effect.rule.name()).collect();
    assert_eq!(rules, ["image-changes"], "{:?}", report.effects);
    // Several that begin alike are several.
    let two = format!("{JOB}---\n{JOB}");
    let report = diff(&[("a.yaml", JOB)], &[("a.yaml", &two)]);
    assert_eq!((report.counts.created, report.counts.deleted), (1, 0));
}

#[test]
fn a_tree_means_what_kubernetes_makes_of_it() {
    let of = |value: &str| {
        format!(
            "apiVersion: example.com/v1\nkind: Cache\nmetadata: {{name: a, namespace: shop}}\nspec: {{on: {value}}}\n"
        )
    };
    let differs =
        |old: &str, new: &str| !diff(&[("a.yaml", old)], &[("a.yaml", new)]).objects.is_empty();
    // YAML 1.1: `yes` is a boolean, `0644` a number in octal.
    assert!(differs(&of("yes"), &of("'yes'")));
    assert!(!differs(&of("yes"), &of("true")));
    assert!(!differs(&of("0644"), &of("420")));
    assert!(differs(&of("0644"), &of("'0644'")));
    let marked = format!("\u{feff}{}", of("true"));
    assert!(!differs(&of("true"), &marked));
}
