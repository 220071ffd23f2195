//! Every file in `bad/` is a service with a mistake, every file in `bad-fleet/` a fleet with one;
//! beside it stands what Ninefold says about it. A file is named after the code that it must
//! report.

use crate::workbench::{Compiled, Files, compile, files_below, names_in, repository};
use expect_test::expect_file;
use std::path::Path;

/// What the secrets in `bad/` are made of; no report may show a piece of it.
const SECRETS: &[&str] = &["correct", "horse", "CORRECT", "HORSE", "4242424242"];

#[test]
fn every_bad_spec_is_told_what_is_wrong() {
    let folder = repository("tests/bad");
    let fleet = files_below(&folder.join("fleet"));
    each(&folder, |text| {
        let mut specs = fleet.clone();
        specs.insert("service.toml".to_owned(), text);
        compile(&specs, &Files::new())
    });
}

#[test]
fn every_bad_fleet_is_told_what_is_wrong() {
    let folder = repository("tests/bad-fleet");
    each(&folder, |text| compile(&Files::from([("fleet.toml".to_owned(), text)]), &Files::new()));
}

#[test]
fn what_the_bad_specs_stand_among_is_good() {
    let fleet = files_below(&repository("tests/bad/fleet"));
    assert_eq!(compile(&fleet, &Files::new()).report(), "");
}

fn each(folder: &Path, compile: impl Fn(String) -> Compiled) {
    let files = files_below(folder);
    let specs: Vec<&str> = (files.keys())
        .filter(|name| !name.contains('/'))
        .filter_map(|name| name.strip_suffix(".toml"))
        .collect();
    assert!(!specs.is_empty());
    let mut wrong = Vec::new();
    for name in &specs {
        let compiled = compile(files[&format!("{name}.toml")].clone());
        let report = compiled.report();
        expect_file![folder.join(format!("{name}.stderr"))].assert_eq(&report);
        let (code, _) = name.split_once('.').expect("files are called <code>.<what>.toml");
        if !compiled.findings.iter().any(|finding| finding.code.name() == code) {
            wrong.push(format!("{name} reports no {code}:\n{report}"));
        }
        let shown = SECRETS.iter().filter(|secret| report.contains(**secret));
        wrong.extend(shown.map(|secret| format!("{name} shows `{secret}`:\n{report}")));
    }
    for stale in names_in(folder) {
        if stale.strip_suffix(".stderr").is_some_and(|of| !specs.contains(&of)) {
            wrong.push(format!("{stale} belongs to no spec"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
