//! The repository's own rules.

use crate::workbench::{assert_tree, compile, files_below, names_in, repository};
use ninefold::diag::CODES;
use ninefold::kube::kinds::KINDS;
use ninefold::spec::schema;
use std::collections::BTreeSet;

/// The most packages in `Cargo.lock`. A new one is a decision: raise this in its commit.
const PACKAGES: usize = 108;

#[test]
fn the_example_fleet_is_fresh() {
    let compiled = compile(&files_below(&repository("specs")), &Default::default());
    assert_eq!(compiled.report(), "");
    assert_tree(&repository("out"), &compiled.tree);
}

#[test]
fn every_template_is_built_in_and_used() {
    let templates = files_below(&repository("templates"));
    let library = &files_below(&repository("src/manifest"))["library/built_in.rs"];
    let mut planned = files_below(&repository("src/plan"));
    planned.extend(files_below(&repository("src/pages")));
    // Those of the report and of pages about a move are no manifests, and nobody overrides them.
    let report = &files_below(&repository("src/report"))["page.rs"];
    planned.insert("report/page.rs".to_owned(), report.clone());
    let cutover = &files_below(&repository("src/import/cutover"))["page.rs"];
    planned.insert("import/cutover/page.rs".to_owned(), cutover.clone());
    for name in templates.keys() {
        let of_a_kind = KINDS.iter().filter_map(|row| row.template).any(|(of, _)| of == *name);
        let lists = |file: &String| file.contains(&format!("\"{name}\""));
        let built_in = of_a_kind || lists(library) || lists(report) || lists(cutover);
        assert!(built_in, "templates/{name} is not built in");
        let include = format!("{{% include \"{name}\" %}}");
        let included = templates.values().any(|text| text.contains(&include));
        // What is no kind's own is named where it is planned.
        let named = planned.values().any(|text| text.contains(&format!("\"{name}\"")));
        assert!(of_a_kind || included || named, "templates/{name} is not used");
    }
}

#[test]
fn the_reference_has_every_field_of_a_service() {
    let reference = std::fs::read_to_string(repository("specs/reference.toml")).unwrap();
    let mut keys = BTreeSet::new();
    properties(&schema::SERVICE, &mut keys);
    assert!(keys.contains("depends_on") && keys.contains("metrics") && keys.contains("stabilize"));
    // `key =`, `[key]`, `[key.…]` or `….key]`, in a comment or not.
    let written = |key: &str| {
        reference.match_indices(key).any(|(at, _)| {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let (before, after) = (&reference[..at], &reference[at + key.len()..]);
            let whole = !before.ends_with(word) && !after.starts_with(word);
            let is_key = after.trim_start_matches(' ').starts_with('=');
            whole && (is_key || after.starts_with(']') || after.starts_with('.'))
        })
    };
    let missing: Vec<&String> = keys.iter().filter(|key| !written(key)).collect();
    assert!(missing.is_empty(), "specs/reference.toml lacks {missing:?}");
}

/// The names of all fields, at any depth.
fn properties(schema: &serde_json::Value, keys: &mut BTreeSet<String>) {
    if let Some(found) = schema.get("properties").and_then(serde_json::Value::as_object) {
        keys.extend(found.keys().cloned());
    }
    match schema {
        serde_json::Value::Object(entries) => {
            entries.values().for_each(|value| properties(value, keys));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| properties(item, keys)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

#[test]
fn every_finding_is_shown_by_a_file_or_named_here() {
    // These need a former tree, a disk, or what no spec can cause; the tests named beside them
    // see them.
    const ELSEWHERE: &[&str] = &[
        "arguments-too-long",     // explain
        "backup-queue",           // explain, promises
        "client-side-apply",      // explain
        "data-left-behind",       // generations
        "delivery-unknown",       // explain, deliveries
        "file-too-large",         // hostile
        "foreign-file",           // cli
        "generation-lost",        // generations
        "generation-unknown",     // explain, deliveries
        "immutable-field",        // generations
        "import-decide",          // explain, import
        "import-exists",          // explain
        "import-lost",            // explain, import
        "import-refused",         // explain
        "import-unread",          // explain, import
        "judge-disagrees",        // explain, compile
        "ledger-unreadable",      // cli
        "link-astray",            // cli
        "manifest",               // explain, manifests
        "many-generations",       // explain, deliveries
        "no-fleet",               // cli
        "no-service",             // explain
        "no-snapshots",           // explain
        "nothing-to-restore",     // explain
        "not-utf8",               // cli
        "object-too-large",       // explain
        "port-renamed",           // generations
        "reference-cycle",        // explain
        "reference-not-followed", // explain
        "region-lost",            // explain, failed_over
        "replicas-reset",         // generations
        "replicas-twice",         // explain, manifests
        "restores-together",      // explain, order
        "tree-edited",            // explain
        "tree-incomplete",        // explain
        "tree-name",              // explain
        "writer-kept",            // single_writer
    ];
    let shown: Vec<String> =
        ["tests/bad", "tests/bad-fleet", "tests/bad-evidence", "tests/bad-templates"]
            .iter()
            .flat_map(|folder| names_in(&repository(folder)))
            .filter_map(|name| name.split_once('.').map(|(code, _)| code.to_owned()))
            .collect();
    // What a change does is shown on the pages of effects: `diff/effects.rs`.
    for row in CODES.iter().filter(|row| !row.effect) {
        let covered = shown.iter().any(|code| code == row.name);
        assert!(covered != ELSEWHERE.contains(&row.name), "`{}` is shown: {covered}", row.name);
    }
}

#[test]
fn there_are_few_dependencies() {
    let lock = include_str!("../../Cargo.lock");
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!(packages <= PACKAGES, "Cargo.lock has {packages} packages, {PACKAGES} are agreed on");
}

#[test]
fn every_fact_that_is_cited_stands_in_the_docs() {
    let facts = std::fs::read_to_string(repository("docs/facts.md")).unwrap();
    let sections: BTreeSet<&str> = facts.lines().filter_map(|l| l.strip_prefix("## ")).collect();
    let mut cited = BTreeSet::new();
    for (path, text) in files_below(&repository("src")) {
        if !path.ends_with(".rs") {
            continue;
        }
        // A citation may go on in the next line of a comment.
        let lines = text.lines().map(|line| line.trim_start().trim_start_matches(['/', '!']));
        let text = lines.collect::<Vec<&str>>().join("").replace("  ", " ");
        for citation in text.split("`docs/facts.md`, ").skip(1) {
            let names = citation.split('"').skip(1).step_by(2);
            let name = names.take(1).next().unwrap_or_default();
            assert!(sections.contains(name), "src/{path} cites \"{name}\", which is not there");
            cited.insert(name.to_owned());
        }
    }
    let idle: Vec<&&str> = sections.iter().filter(|name| !cited.contains(**name)).collect();
    assert!(idle.is_empty(), "docs/facts.md has what nobody cites: {idle:?}");
}
