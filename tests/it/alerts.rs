//! Alerts: each is raised when it should be, and else is silent, as Prometheus itself judges.

use crate::workbench::{Files, compile, files_below, names_in, repository, tree_of};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Trees with alerts; no two of the cases have a region of one name.
const TREES: [&str; 3] = ["the example", "alerts", "self-managed-control-plane"];

/// Every PrometheusRule of a tree as a file of rules: its spec, which is JSON, and so YAML. Named by
/// region and unit.
fn rules(tree: &str) -> Files {
    let rules = tree_of(tree).iter().filter(|(path, _)| path.contains("/prometheus-rule"));
    let rules = rules.map(|(path, text)| {
        let document: serde_json::Value = serde_yaml::from_str(text).unwrap();
        let [region, unit, _] = path.split('/').collect::<Vec<_>>()[..] else { panic!("{path}") };
        (format!("{region}-{unit}.yaml"), document["spec"].to_string())
    });
    rules.collect()
}

fn alerts(rules: &Files) -> Vec<(String, serde_json::Value)> {
    let documents = rules.values().map(|text| serde_json::from_str::<serde_json::Value>(text));
    let mut alerts = Vec::new();
    for document in documents {
        for group in document.unwrap()["groups"].as_array().unwrap() {
            for alert in group["rules"].as_array().unwrap() {
                alerts.push((alert["alert"].as_str().unwrap().to_owned(), alert.clone()));
            }
        }
    }
    alerts
}

#[test]
fn every_alert_has_a_case_in_which_it_is_raised_and_one_in_which_it_is_silent() {
    let tested: BTreeSet<String> = (names_in(&repository("tests/alerts")).into_iter())
        .map(|name| name.strip_suffix(".yaml").unwrap().to_owned())
        .collect();
    let mut made = BTreeSet::new();
    for tree in TREES {
        made.extend(alerts(&rules(tree)).into_iter().map(|(name, _)| name));
    }
    assert_eq!(made, tested);
    for (name, text) in files_below(&repository("tests/alerts")) {
        let test: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let tests = test["tests"].as_array().unwrap();
        let alert = name.strip_suffix(".yaml").unwrap();
        let count = format!("count(ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"}})");
        let asked = |raised: bool| {
            tests.iter().flat_map(|test| test["promql_expr_test"].as_array().unwrap()).any(
                |asked| {
                    asked["expr"] == count.as_str()
                        && asked["exp_samples"]
                            .as_array()
                            .is_some_and(|found| found.is_empty() != raised)
                },
            )
        };
        assert!(asked(true) && asked(false), "{name}");
    }
}

#[test]
fn every_alert_says_how_much_it_matters_why_and_what_to_read() {
    for tree in TREES {
        for (name, alert) in alerts(&rules(tree)) {
            let severity = alert["labels"]["severity"].as_str();
            assert!(matches!(severity, Some("critical" | "warning")), "{name}");
            let notes = &alert["annotations"];
            assert!(notes["summary"].is_string() && notes["reason"].is_string(), "{name}");
            let runbook = notes["runbook"].as_str().or(notes["runbook_url"].as_str());
            assert!(runbook.is_some_and(|path| path.contains("recovery/")), "{name}");
        }
    }
}

/// What an alert matches must be what the tree holds: the Schedules of its service, of every
/// generation, and of no other. In a region that takes over, those of the one that writes.
#[test]
fn an_alert_matches_the_schedules_of_its_service_and_no_others() {
    let compiled = compile(&files_below(&repository("specs")), &Files::new());
    let mut schedules = Vec::new();
    for (path, text) in &compiled.tree {
        if path.contains("/schedule") {
            let document: serde_json::Value = serde_yaml::from_str(text).unwrap();
            let unit = path.split('/').nth(1).unwrap().to_owned();
            let region = path.split('/').next().unwrap().to_owned();
            let name = document["metadata"]["name"].as_str().unwrap().to_owned();
            schedules.push((region, unit, name));
        }
    }
    let (mut matched, mut of_others) = (0, 0);
    for (file, text) in rules("the example") {
        let mut patterns = BTreeSet::new();
        for part in text.split("schedule=~\\\"").skip(1) {
            patterns.insert(part.split("\\\"").next().unwrap().to_owned());
        }
        // What services share keeps its name.
        let mut names = BTreeSet::new();
        for part in text.split("schedule=\\\"").skip(1) {
            names.insert(part.split("\\\"").next().unwrap().to_owned());
        }
        for (region, unit, name) in &schedules {
            let own = file == format!("{region}-{unit}.yaml");
            let matches = patterns.iter().filter(|pattern| matches(pattern, name)).count()
                + usize::from(names.contains(name));
            let regions = ["eastus2", "centralus", "westeurope"];
            if !own
                && unit != "fleet"
                && regions.iter().any(|other| file == format!("{other}-{unit}.yaml"))
            {
                of_others += matches;
                assert!(matches <= 1, "{file}: {name}: {patterns:?}");
                continue;
            }
            // One pattern for each Schedule, and none for those of others.
            assert_eq!(matches, usize::from(own), "{file}: {name}: {patterns:?}");
            matched += matches;
        }
    }
    assert!(matched > 0 && of_others > 1);
}

/// Whether `<logical>-[<symbols>]{<count>}` matches the whole of `name`.
fn matches(pattern: &str, name: &str) -> bool {
    let (logical, class) = pattern.split_once('[').unwrap();
    let (symbols, count) = class.split_once("]{").unwrap();
    let count: usize = count.strip_suffix('}').unwrap().parse().unwrap();
    let Some(rest) = name.strip_prefix(logical) else { return false };
    rest.len() == count && rest.chars().all(|symbol| symbols.contains(symbol))
}

/// Runs `promtool`, which Debian has in its package `prometheus`.
fn promtool(folder: &Path, arguments: &[&str], files: &[String]) {
    let program = std::env::var_os("PROMTOOL").unwrap_or_else(|| "promtool".into());
    let run = Command::new(program).current_dir(folder).args(arguments).args(files).output();
    let run = run.expect("promtool is on the PATH, or PROMTOOL says where it is");
    let said = [run.stdout, run.stderr].concat();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[test]
#[ignore = "needs promtool; .ci/run says whether it ran"]
fn prometheus_reads_every_rule() {
    for tree in TREES {
        let folder = crate::workbench::folder();
        let rules = rules(tree);
        assert!(!rules.is_empty());
        crate::workbench::write(folder.path(), &rules);
        promtool(folder.path(), &["check", "rules"], &rules.into_keys().collect::<Vec<_>>());
    }
}

#[test]
#[ignore = "needs promtool; .ci/run says whether it ran"]
fn prometheus_raises_each_alert_when_it_should_and_only_then() {
    let folder = crate::workbench::folder();
    for tree in &TREES[1..] {
        crate::workbench::write(folder.path(), &rules(tree));
    }
    let tests = files_below(&repository("tests/alerts"));
    crate::workbench::write(folder.path(), &tests);
    promtool(folder.path(), &["test", "rules"], &tests.into_keys().collect::<Vec<_>>());
}
