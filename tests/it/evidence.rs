//! What records of drills are worth, and when drills are due.

use crate::workbench::{Files, Workbench, compile, files_below, judge, prepared, repository};
use ninefold::spec::fleet::Step;

/// A drill of the service in `tests/bad/fleet`, of its spec as it is.
fn good() -> String {
    files_below(&repository("tests/bad-evidence"))["good.json"].clone()
}

fn fleet() -> Files {
    files_below(&repository("tests/bad/fleet"))
}

/// A drill of `orders` of the example, which moved to its other region.
fn moved() -> String {
    let edits = [
        ("\"target\": \"aks-eus2\"", "\"target\": \"aks-shop-cus\""),
        ("\"source\": \"aks-eus2\"", "\"source\": \"aks-shop-eus2\""),
        ("\"corruption\"", "\"region\""),
        ("\"rpo_s\": 14400, \"rto_s\": 14400", "\"rpo_s\": 3600, \"rto_s\": 3600"),
    ];
    edits.into_iter().fold(good(), |record, (from, to)| {
        assert!(record.contains(from), "{from}");
        record.replace(from, to)
    })
}

fn bench() -> Workbench {
    let bench = Workbench::empty();
    for (path, text) in files_below(&repository("specs")) {
        bench.write(&format!("specs/{path}"), &text);
    }
    bench
}

/// Runs `sha256sum` itself, so that it is what a reader would do.
fn sha256sum(bench: &Workbench, path: &str) -> String {
    let mut command = std::process::Command::new("sha256sum");
    let run = command.arg(bench.path(path)).output().expect("coreutils are there");
    let text = String::from_utf8(run.stdout).unwrap();
    text.split(' ').next().expect("a digest").to_owned()
}

#[test]
fn a_record_is_held_against_the_promise_and_gives_what_the_fleet_takes() {
    let bench = bench();
    bench.write("one.json", &moved());
    let of_another = bench.run(&["evidence", "one.json"]).code(0);
    assert!(
        of_another.stderr.contains("warning[evidence-of-another-spec]"),
        "{}",
        of_another.stderr
    );
    let digest = sha256sum(&bench, "specs/orders.toml");
    let here = "5e3f40f3d1a765ce4fd15821bed7dc39d9579b7f207f79909971a37e9e2edc1b";
    bench.write("one.json", &moved().replace(here, &digest));
    let passed = bench.run(&["evidence", "one.json"]).code(0);
    let note =
        "note: `one.json` counts until 2027-02-07: `gold` bears what was measured for 100d\n";
    assert_eq!(passed.stderr, note);
    assert_eq!(passed.stdout, of_another.stdout);
    // On the last day it counts, and on the next it does not.
    bench.run(&["evidence", "one.json", "--today", "2027-02-07"]).code(0);
    let lapsed = bench.run(&["evidence", "one.json", "--today", "2027-02-08"]).code(1);
    assert!(lapsed.stderr.contains("lapsed after 2027-02-07"), "{}", lapsed.stderr);
    assert_eq!(lapsed.stdout, "");
    let early = bench.run(&["evidence", "one.json", "--today", "2026-10-29"]).code(1);
    assert!(early.stderr.contains("this drill is yet to come"), "{}", early.stderr);

    // What it prints goes into the fleet as it is, and the proof rests on it.
    let fleet = bench.read("specs/fleet.toml");
    bench.write("specs/fleet.toml", &format!("{fleet}\n{}", passed.stdout));
    bench.run(&["check"]).code(0);
    let again = bench.run(&["evidence", "one.json"]).code(0);
    assert_eq!((again.stdout.as_str(), again.stderr.contains("the fleet has what")), ("", true));
    let explained = bench.run(&["explain", "orders", "eastus2", "rto"]).code(0).stdout;
    assert!(explained.contains("drill q4"), "{explained}");
    let calendar = bench.run(&["calendar"]).code(0).stdout;
    let restore = |line: &&str| line.contains("orders") && line.contains("restore into");
    let line = calendar.lines().find(restore).expect("orders");
    assert!(line.starts_with("2026-11-29"), "{line}");
}

#[test]
fn findings_of_all_records_and_of_the_specs_come_in_one_run() {
    let bench = bench();
    bench.write("one.json", "{");
    bench.write("two.json", &moved().replace("\"errors\": 0", "\"errors\": 2"));
    bench.write("three.json", &moved());
    bench.write("four.json", &moved());
    let records = ["evidence", "one.json", "two.json", "three.json", "four.json"];
    let found = bench.run(&records).code(1);
    for words in [
        "error[json-syntax]: ",
        " --> one.json:1:",
        "error[drill-failed]: ",
        " --> two.json:23:",
        "two records are of the drill `q4` of `orders`",
        " --> four.json:2:",
    ] {
        assert!(found.stderr.contains(words), "{words}: {}", found.stderr);
    }
    bench.edit("specs/orders.toml", "\"gold\"", "\"golden\"");
    let found = bench.run(&records).code(1);
    for words in ["error[json-syntax]: ", "error[unknown-tier]: "] {
        assert!(found.stderr.contains(words), "{words}: {}", found.stderr);
    }
    bench.run(&["evidence", "five.json"]).code(2);
}

#[test]
fn whatever_was_measured_compiles_in_the_fleet() {
    let fleet = fleet();
    let read = prepared(&fleet, &Files::new());
    for step in Step::ALL {
        for seconds in [0, 1, 59, 60, 61, 3_600, 5_025] {
            for id in ["q4", "a \\\"b\\\"", "# ü \\\\ ]"] {
                let steps = format!("\"{}\": {seconds}", step.word());
                let record = good()
                    .replace("\"decision\": 300, \"restore\": 660", &steps)
                    .replace("\"rto_s\": 1500", "\"rto_s\": 5100")
                    .replace("\"q4\"", &format!("\"{id}\""));
                let (found, measured) = judge(&read, &[("drill.json", &record)], None);
                assert_eq!(found.report(), "");
                let mut pasted = fleet.clone();
                let text = pasted.get_mut("fleet.toml").expect("a fleet");
                text.push_str(&measured);
                let table: toml::Table = text.parse().expect("TOML");
                let rows = table["measured"].as_array().expect("rows");
                assert_eq!(rows.len(), 1);
                assert_eq!(rows[0]["what"].as_str(), Some(step.word()));
                let compiled = compile(&pasted, &Files::new());
                assert_eq!(compiled.report(), "", "{measured}");
            }
        }
    }
}

#[test]
fn only_what_counts_goes_into_the_fleet() {
    let fleet = fleet();
    let read = prepared(&fleet, &Files::new());
    for (name, text) in files_below(&repository("tests/bad-evidence")) {
        let Some(name) = name.strip_suffix(".json") else { continue };
        let (found, measured) = judge(&read, &[("drill.json", &text)], None);
        let missed = |one: &ninefold::diag::Diagnostic| {
            ["promise-missed", "evidence-of-another-spec"].contains(&one.code.name())
        };
        assert_eq!(!measured.is_empty(), found.findings.iter().all(missed), "{name}");
        if !measured.is_empty() {
            let mut pasted = fleet.clone();
            pasted.get_mut("fleet.toml").expect("a fleet").push_str(&measured);
            compile(&pasted, &Files::new());
        }
    }
}

#[test]
fn a_fleet_in_which_no_drill_is_ever_due_is_told_so() {
    let bench = Workbench::initialised();
    let calendar = bench.run(&["calendar"]).code(0);
    assert_eq!(calendar.stdout, "");
    assert!(calendar.stderr.starts_with("note: no drill is due, ever: "), "{}", calendar.stderr);
    bench.edit("specs/hello.toml", "rpo ", "rpos");
    let wrong = bench.run(&["calendar"]).code(1);
    assert!(wrong.stderr.contains("error[unknown-key]"), "{}", wrong.stderr);
}
