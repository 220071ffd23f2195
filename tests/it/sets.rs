//! What a person applies once stands where no engine looks, harms nothing that serves, and proves
//! what it must.

use crate::support;
use crate::workbench::{Workbench, files_below, names_in, repository};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Kinds of Velero's that are carried out when they appear.
const ONCE: &[&str] = &["Backup", "Restore", "DeleteBackupRequest", "DownloadRequest"];

/// Every tree that is committed here: the example's, and those of the cases.
fn trees() -> Vec<(String, BTreeMap<String, String>)> {
    let cases = repository("tests/cases");
    let case = |name: String| (name.clone(), files_below(&cases.join(name).join("out")));
    let example = ("example".to_owned(), files_below(&repository("out")));
    names_in(&cases).into_iter().map(case).chain([example]).collect()
}

fn read(path: &str, text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    let at = path.iter().try_fold(value, |value, key| value.get(key));
    at.and_then(Value::as_str).unwrap_or_default()
}

fn labels(value: &Value) -> BTreeMap<String, String> {
    serde_yaml::from_value(value.clone()).unwrap_or_default()
}

#[test]
fn nothing_that_an_engine_applies_is_carried_out_once_or_belongs_to_a_drill() {
    let (mut applied, mut restores) = (0, 0);
    for (tree, files) in trees() {
        let yaml = files.iter().filter(|(path, _)| path.ends_with(".yaml"));
        for (path, text_of) in yaml {
            let object = read(path, text_of);
            let once = ONCE.contains(&text(&object, &["kind"]))
                && text(&object, &["apiVersion"]).starts_with("velero.io/");
            let drill = text_of.contains("ninefold.dev/drill") || text_of.contains("set-id");
            if path.starts_with("recovery/") {
                restores += usize::from(once);
            } else {
                assert!(!once && !drill, "{tree}: {path}");
                applied += 1;
            }
        }
        // An engine is pointed at the folder of a region, and no region is called so.
        for (path, text_of) in files.iter().filter(|(path, _)| path.starts_with("ledger/")) {
            let ledger: serde_json::Value = serde_json::from_str(text_of).expect("JSON");
            for object in ledger["objects"].as_array().expect("a list") {
                let region = object["region"].as_str().expect("a region");
                let file = object["path"].as_str().expect("a path");
                assert!(file.starts_with(&format!("{region}/")) && region != "recovery", "{path}");
            }
        }
    }
    assert!(applied > 500 && restores > 20, "{applied} {restores}");
}

#[test]
fn a_drill_is_closed_before_anything_is_in_it_and_nothing_selects_its_verification() {
    let files = files_below(&repository("out"));
    let mut sets: BTreeMap<&str, Vec<(&str, Value)>> = BTreeMap::new();
    for (path, text) in files.iter().filter(|(path, _)| path.contains("/drill-")) {
        let Some((set, file)) = path.rsplit_once('/').filter(|_| path.ends_with(".yaml")) else {
            continue;
        };
        sets.entry(set).or_default().push((file, read(path, text)));
    }
    assert!(sets.len() >= 6, "{sets:?}");
    let mut verified = 0;
    for (set, objects) in sets {
        let kinds: Vec<&str> = objects.iter().map(|(_, object)| text(object, &["kind"])).collect();
        let order = ["Namespace", "NetworkPolicy", "ResourceQuota", "ConfigMap", "Restore"];
        assert_eq!(kinds[..5], order, "{set}");
        let namespace = text(&objects[0].1, &["metadata", "name"]);
        let policy = &objects[1].1;
        assert_eq!(text(policy, &["metadata", "namespace"]), namespace);
        assert_eq!(policy["spec"]["podSelector"], read("", "{}"), "{set}");
        let open = policy["spec"]["egress"].as_sequence().expect("a list");
        for rule in open {
            let peers = rule["to"].as_sequence().expect("a list");
            let elsewhere =
                |peer: &Value| peer.get("namespaceSelector").or(peer.get("ipBlock")).is_some();
            let ports = rule["ports"].as_sequence().map(Vec::as_slice).unwrap_or_default();
            // Out of the namespace, names only are asked for.
            let names = !ports.is_empty() && ports.iter().all(|port| port["port"] == 53);
            assert!(names || !peers.iter().any(elsewhere), "{set}: {rule:?}");
        }
        let restore = &objects[4].1["spec"];
        let mapping = labels(&restore["namespaceMapping"]);
        assert_eq!(mapping.values().collect::<Vec<_>>(), [namespace], "{set}");
        let modifier = text(&objects[3].1, &["metadata", "name"]);
        assert_eq!(text(restore, &["resourceModifier", "name"]), modifier);
        let excluded: BTreeSet<String> =
            serde_yaml::from_value(restore["excludedResources"].clone()).expect("a list");
        for kind in
            ["ingresses.networking.k8s.io", "networkpolicies.networking.k8s.io", "jobs.batch"]
        {
            assert!(excluded.contains(kind), "{set}: {kind}");
        }
        assert!(restore.get("labelSelector").is_none(), "{set}: nothing would be in the volumes");
        for (file, job) in objects.iter().filter(|(_, object)| text(object, &["kind"]) == "Job") {
            assert_eq!(job["spec"]["suspend"], Value::Bool(true), "{set}/{file}");
            let own = labels(&job["spec"]["template"]["metadata"]["labels"]);
            assert!(!own.contains_key("ninefold.dev/service"), "{set}/{file}");
            verified += 1;
        }
    }
    assert!(verified > 0);
}

#[test]
fn no_template_makes_what_is_carried_out_once() {
    let spec = "name = \"shop\"\nimage = \"registry.example.com/shop@sha256:0000000000000000000000000000000000000000000000000000000000000000\"\ntier = \"bronze\"\nregions = [\"eastus2\"]\nrpo = \"3d\"\nrto = \"48h\"\n";
    for kind in ONCE {
        let template = format!(
            "apiVersion: velero.io/v1\nkind: {kind}\nmetadata:\n  name: {{{{ meta.name }}}}\n  namespace: velero\nspec: {{}}\n"
        );
        let files = [("shop.toml", spec), ("templates/once.yaml", template.as_str())];
        let outcome = support::compile(&files);
        assert_eq!(outcome.codes(), ["runs-again"], "{}", outcome.report());
        assert!(outcome.report().contains("would run again"), "{}", outcome.report());
    }
}

#[test]
fn every_page_has_what_it_needs_and_names_nothing_by_its_hash() {
    let files = files_below(&repository("out"));
    let hashed: BTreeSet<String> = (files.iter())
        .filter(|(path, _)| path.starts_with("ledger/"))
        .flat_map(|(_, text)| {
            let ledger: serde_json::Value = serde_json::from_str(text).expect("JSON");
            let objects = ledger["objects"].as_array().expect("a list").clone();
            let named = objects.into_iter().filter(|object| object.get("content").is_some());
            named.map(|object| object["name"].as_str().unwrap_or_default().to_owned())
        })
        .collect();
    let pages = files.iter().filter(|(path, _)| path.ends_with(".md"));
    let mut count = 0;
    for (path, text) in pages {
        assert!(path.starts_with("recovery/"), "{path}");
        assert!(!text.contains("{{") && !text.contains("{%") && !text.contains("\n\n\n"), "{path}");
        assert_eq!(text.matches("```").count() % 2, 0, "{path}");
        for name in &hashed {
            assert!(!text.contains(name.as_str()), "{path} names `{name}`, which an edit renames");
        }
        // What is read by day has nobody who decides, and nothing to abort.
        if !path.ends_with("/drills.md") && !path.contains("/ready-") {
            for part in ["**Who decides:**", "## Abort", "## Evidence to keep"] {
                assert!(text.contains(part), "{path} has no {part}");
            }
        }
        count += 1;
    }
    assert!(count > 40, "{count}");
}

#[test]
fn a_promise_that_changes_shows_in_the_pages() {
    let files = files_below(&repository("specs"));
    let mut edited = files.clone();
    let orders = edited.get_mut("orders.toml").expect("orders");
    *orders = orders.replace("rto      = \"1h\"", "rto      = \"2h\"");
    let page = |files: &BTreeMap<String, String>| {
        let files: Vec<(&str, &str)> = (files.iter())
            .filter(|(path, _)| path.ends_with(".toml"))
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        support::compile(&files).files["recovery/orders/region-eastus2.md"].clone()
    };
    let (before, after) = (page(&files), page(&edited));
    assert!(before.contains("serve again within 1h") && after.contains("serve again within 2h"));
}

#[test]
fn a_drill_has_its_id_in_every_name_but_that_of_what_drills_share() {
    let bench = Workbench::empty();
    for (path, text) in files_below(&repository("specs")) {
        bench.write(&format!("specs/{path}"), &text);
    }
    let arguments = ["drill", "orders", "--region", "centralus", "--id", "q4", "--backup", "one-1"];
    let stdout = bench.run(&arguments).code(0).stdout;
    let objects: Vec<Value> = (stdout.split("---\n").skip(1)).map(|one| read("", one)).collect();
    assert_eq!(objects.len(), 6);
    assert_eq!(text(&objects[4], &["spec", "backupName"]), "one-1");
    for object in &objects {
        let metadata = &object["metadata"];
        let named = |key| text(metadata, &[key]).ends_with("-q4");
        let shared = text(object, &["kind"]) == "ConfigMap";
        assert!(named("name") || named("namespace") || shared, "{object:?}");
    }
    let wrong = bench.run(&["drill", "orders", "--region", "centralus", "--id", "Q 4"]).code(2);
    assert!(wrong.stderr.contains("cannot be the id"), "{}", wrong.stderr);
    let wrong = bench.run(&["drill", "checkout", "--region", "centralus"]).code(2);
    assert!(wrong.stderr.contains("nothing to restore"), "{}", wrong.stderr);
}

/// A drill of `orders` that passed.
const RECORD: &str = r#"{
  "drill_id": "q4", "on": "2026-10-30", "service": "orders", "tier": "gold",
  "spec_sha256": "0000000000000000000000000000000000000000000000000000000000000000",
  "tree_commit": "0123abc", "compiler_version": "0.1.0",
  "clusters": { "source": "aks-shop-eus2", "target": "aks-shop-cus" },
  "scenario": "region",
  "backup": { "name": "b", "started": "t", "completed": "t", "phase": "Completed", "storage_location": "v" },
  "restore": { "name": "r", "started": "t", "completed": "t", "phase": "Completed", "errors": 0, "warnings": 1, "bytes": 9 },
  "measured": { "rpo_s": 900, "rto_s": 1500, "terms": { "steps": { "restore": 660, "decision": 300 }, "start": 60 } },
  "targets": { "rpo_s": 3600, "rto_s": 3600 },
  "checks": [ { "name": "count", "result": "passed" } ],
  "participants": ["ada"], "approver": "grace", "result": "passed"
}"#;

#[test]
fn a_record_is_held_against_the_promise_and_gives_what_the_fleet_takes() {
    let bench = Workbench::empty();
    for (path, text) in files_below(&repository("specs")) {
        bench.write(&format!("specs/{path}"), &text);
    }
    bench.write("one.json", RECORD);
    let passed = bench.run(&["evidence", "one.json"]).code(0);
    assert_eq!(passed.stderr, "");
    // What it prints goes into the fleet as it is.
    let fleet = files_below(&repository("specs"))["fleet.toml"].clone();
    let (head, rest) = fleet.split_once("[[measured]]").expect("a measurement");
    bench.write("specs/fleet.toml", &format!("{head}{}[[measured]]{rest}", passed.stdout));
    let calendar = bench.run(&["calendar", "--specs", "specs"]).code(0).stdout;
    let restore = |line: &&str| line.contains("orders") && line.contains("restore into");
    let line = calendar.lines().find(restore).expect("orders");
    assert!(line.starts_with("2026-11-29"), "{line}");

    for (from, to, what) in [
        ("\"rto_s\": 1500", "\"rto_s\": 4000", "`orders` promises 1h"),
        ("\"rpo_s\": 900", "\"rpo_s\": 9000", "`orders` promises 1h"),
        ("\"rto_s\": 3600 }", "\"rto_s\": 7200 }", "drill again"),
        ("\"Completed\", \"errors\": 0", "\"PartiallyFailed\", \"errors\": 2", "with 2 errors"),
        ("\"result\": \"passed\" }", "\"result\": \"failed\" }", "`count` failed"),
        ("aks-shop-cus", "aks-shop-weu", "is not in `aks-shop-weu`"),
        ("\"approver\": \"grace\"", "\"approver\": \"ada\"", "`approver`"),
        ("\"restore\": 660", "\"restore\": 6600", "the whole took"),
        ("\"on\": \"2026-10-30\"", "\"on\": \"2026-02-30\"", "`on`: no such day"),
        ("\"service\": \"orders\"", "\"service\": \"order\"", "did you mean `orders`?"),
        ("\"drill_id\"", "\"drill_ids\"", "unknown field"),
    ] {
        assert!(RECORD.contains(from), "{from}");
        bench.write("one.json", &RECORD.replace(from, to));
        let refused = bench.run(&["evidence", "one.json"]).code(1);
        assert!(refused.stderr.contains(what), "{what}: {}", refused.stderr);
    }
}

#[test]
fn every_alert_leads_to_a_page_that_is_there() {
    let files = files_below(&repository("out"));
    let rules = files.iter().filter(|(path, _)| path.ends_with("/prometheus-rule.yaml"));
    let links = rules.flat_map(|(path, text)| {
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix("runbook_url: "));
        lines.map(move |link| (path, link))
    });
    let mut found = 0;
    for (path, link) in links {
        let (_, page) = link.split_once("/out/").expect("the fleet says where the tree is shown");
        assert!(files.contains_key(page), "{path} leads to {page}");
        found += 1;
    }
    assert!(found > 50, "{found}");
}
