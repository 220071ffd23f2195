//! Every file in `bad/` is a service with a mistake, every file in `bad-fleet/` a fleet with one,
//! every file in `bad-evidence/` the record of a drill with one, every folder in `bad-templates/`
//! has templates with one; beside it stands what Ninefold says about it. Each is named after the
//! code that it must report.

use crate::workbench::{
    Compiled, Files, compile, files_below, judge, names_in, prepared, repository,
};
use expect_test::expect_file;
use std::path::Path;

/// What the secrets in `bad/` are made of; no report may show a piece of it.
const SECRETS: &[&str] = &["correct", "horse", "CORRECT", "HORSE", "4242424242"];

#[test]
fn every_bad_spec_is_told_what_is_wrong() {
    let folder = repository("tests/bad");
    let fleet = files_below(&folder.join("fleet"));
    each(&folder, texts(&folder, ".toml"), |text| {
        let mut specs = fleet.clone();
        specs.insert("service.toml".to_owned(), text);
        compile(&specs, &Files::new())
    });
}

#[test]
fn every_bad_fleet_is_told_what_is_wrong() {
    let folder = repository("tests/bad-fleet");
    each(&folder, texts(&folder, ".toml"), |text| {
        compile(&Files::from([("fleet.toml".to_owned(), text)]), &Files::new())
    });
}

#[test]
fn every_bad_record_is_told_what_is_wrong() {
    let folder = repository("tests/bad-evidence");
    let fleet = prepared(&files_below(&repository("tests/bad/fleet")), &Files::new());
    let mut records = texts(&folder, ".json");
    let good = records.iter().position(|(name, _)| *name == "good").expect("one is good");
    let (_, good) = records.remove(good);
    assert_eq!(judge(&fleet, &[("drill.json", &good)], Some("2026-11-22")).0.report(), "");
    each(&folder, records, |text| {
        assert_ne!(text, good);
        judge(&fleet, &[("drill.json", &text)], None).0
    });
}

#[test]
fn what_the_bad_specs_stand_among_is_good() {
    let fleet = files_below(&repository("tests/bad/fleet"));
    assert_eq!(compile(&fleet, &Files::new()).report(), "");
}

#[test]
fn every_bad_template_is_told_what_is_wrong() {
    let folder = repository("tests/bad-templates");
    let fleet = files_below(&repository("tests/bad/fleet"));
    let names = names_in(&folder);
    let cases = names.iter().filter(|name| !name.ends_with(".stderr"));
    let cases = cases.map(|name| (name.as_str(), files_below(&folder.join(name))));
    each(&folder, cases.collect(), |templates| compile(&fleet, &templates));
}

/// The texts of the files `<name><end>` in a folder, by name.
fn texts(folder: &Path, end: &str) -> Vec<(&'static str, String)> {
    let files = files_below(folder).into_iter().filter(|(name, _)| !name.contains('/'));
    let named = files.filter_map(|(name, text)| {
        let name = name.strip_suffix(end)?.to_owned();
        Some((&*name.leak(), text))
    });
    named.collect()
}

/// Compiles every case and holds what is reported against the file `<name>.stderr` beside it.
fn each<T>(folder: &Path, cases: Vec<(&str, T)>, compile: impl Fn(T) -> Compiled) {
    assert!(!cases.is_empty());
    let names: Vec<&str> = cases.iter().map(|(name, _)| *name).collect();
    let mut wrong = Vec::new();
    for (name, case) in cases {
        let compiled = compile(case);
        let report = compiled.report();
        expect_file![folder.join(format!("{name}.stderr"))].assert_eq(&report);
        let (code, _) = name.split_once('.').expect("cases are called <code>.<what>");
        if !compiled.findings.iter().any(|finding| finding.code.name() == code) {
            wrong.push(format!("{name} reports no {code}:\n{report}"));
        }
        let shown = SECRETS.iter().filter(|secret| report.contains(**secret));
        wrong.extend(shown.map(|secret| format!("{name} shows `{secret}`:\n{report}")));
    }
    for stale in names_in(folder) {
        if stale.strip_suffix(".stderr").is_some_and(|of| !names.contains(&of)) {
            wrong.push(format!("{stale} belongs to no case"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
