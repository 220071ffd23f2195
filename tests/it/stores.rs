//! What comes back from the archive of a database, and from what VolSync has copied.

use crate::sets::{DRILLS, labels, read, sets, text};
use crate::support;
use crate::workbench::{TREES, Workbench, files_below, repository};
use serde_yaml::Value;
use std::collections::BTreeMap;

#[test]
fn a_recovered_database_never_writes_to_the_archive_that_it_came_from() {
    let (mut replicas, mut recovered) = (0, 0);
    for (tree, files) in TREES.iter().chain(DRILLS.iter()) {
        let clusters = files.iter().filter(|(path, _)| path.contains("postgresql-cluster"));
        for (path, text_of) in clusters {
            let spec = &read(path, text_of)["spec"];
            let source = text(spec, &["bootstrap", "recovery", "source"]);
            if source.is_empty() {
                continue;
            }
            let known = spec["externalClusters"].as_sequence().expect("a list");
            let from = known.iter().find(|one| text(one, &["name"]) == source);
            let from = &from.unwrap_or_else(|| panic!("{tree}: {path}"))["plugin"]["parameters"];
            let plugins = spec["plugins"].as_sequence().map(Vec::as_slice).unwrap_or_default();
            for plugin in plugins {
                let to = &plugin["parameters"];
                assert_ne!(
                    text(to, &["serverName"]),
                    text(from, &["serverName"]),
                    "{tree}: {path}"
                );
            }
            let drill = path.contains("/drill-");
            assert_eq!(plugins.is_empty(), drill, "{tree}: {path}");
            assert!(!drill || spec["instances"] == 1, "{tree}: {path}");
            replicas += usize::from(spec["replica"].is_mapping());
            recovered += usize::from(path.starts_with("recovery/"));
        }
    }
    assert!(replicas >= 2 && recovered >= 6, "{replicas} {recovered}");
}

#[test]
fn a_drill_of_a_database_or_of_copies_is_closed_and_writes_nowhere() {
    let databases = sets("/drill-database-");
    let copies = sets("/drill-copies-");
    assert!(databases.len() >= 2 && !copies.is_empty());
    for (set, objects) in databases.iter().chain(&copies) {
        let namespace = text(&objects[0].1, &["metadata", "name"]);
        assert_eq!(text(&objects[0].1, &["kind"]), "Namespace", "{set}");
        assert_eq!(text(&objects[1].1, &["metadata", "name"]), "default-deny", "{set}");
        for (file, object) in &objects[1..] {
            assert_eq!(text(object, &["metadata", "namespace"]), namespace, "{set}/{file}");
            let kind = text(object, &["kind"]);
            for writer in ["ReplicationSource", "ScheduledBackup", "Schedule", "Backup"] {
                assert_ne!(kind, writer, "{set}/{file}");
            }
            // What runs for users is neither pushed aside nor put back by an engine.
            let template = &object["spec"]["template"]["spec"];
            assert!(template.get("priorityClassName").is_none(), "{set}/{file}");
            let annotations = labels(&object["metadata"]["annotations"]);
            assert!(!annotations.keys().any(|key| key.contains("argoproj")), "{set}/{file}");
        }
        // Out of the namespace go those alone that read: the instances, and the pods that copy.
        let kind = |wanted: &str| {
            let of_kind = objects.iter().filter(|(_, object)| text(object, &["kind"]) == wanted);
            of_kind.map(|(_, object)| object).collect::<Vec<_>>()
        };
        let policies = kind("NetworkPolicy");
        assert_eq!(policies.len(), 2, "{set}");
        let selected = labels(&policies[1]["spec"]["podSelector"]["matchLabels"]);
        let reads = ["cnpg.io/cluster", "ninefold.dev/copies"];
        assert!(selected.keys().all(|key| reads.contains(&key.as_str())), "{set}: {selected:?}");
        assert_eq!(selected.len(), 1, "{set}");
        // The claims are those that the pods of the service look for, and each has its copy.
        for claim in kind("PersistentVolumeClaim") {
            let from = text(claim, &["spec", "dataSourceRef", "name"]);
            let copied = kind("ReplicationDestination");
            let copied = copied.iter().find(|copy| text(copy, &["metadata", "name"]) == from);
            assert!(copied.is_some(), "{set}: {from}");
        }
    }
}

#[test]
fn a_failover_makes_every_claim_that_the_pods_look_for() {
    let files = files_below(&repository("out"));
    let all = sets("/failover-");
    assert!(!all.is_empty());
    for (set, objects) in all {
        let (service, region) = set
            .strip_prefix("recovery/")
            .and_then(|set| set.split_once("/failover-"))
            .expect("a folder of a service");
        // Here nothing runs; where it does, there are as many replicas as there will be here.
        let stateful = files.iter().find(|(path, _)| {
            path.ends_with(&format!("/{service}/stateful-set.yaml")) && !path.starts_with(region)
        });
        let spec = &read("", stateful.expect("a StatefulSet").1)["spec"];
        let templates = spec["volumeClaimTemplates"].as_sequence().expect("a list");
        let replicas = spec["replicas"].as_u64().expect("a number");
        let mut wanted = BTreeMap::new();
        for template in templates {
            for ordinal in 0..replicas {
                let name = format!("{}-{service}-{ordinal}", text(template, &["metadata", "name"]));
                let of = (template["metadata"]["labels"].clone(), template["spec"].clone());
                wanted.insert(name, of);
            }
        }
        for (file, claim) in &objects {
            let name = text(claim, &["metadata", "name"]);
            let (labels, spec) = wanted.remove(name).unwrap_or_else(|| panic!("{set}/{file}"));
            assert_eq!(claim["metadata"]["labels"], labels, "{set}/{file}");
            for field in ["accessModes", "storageClassName", "resources"] {
                assert_eq!(claim["spec"][field], spec[field], "{set}/{file}");
            }
            let copy = text(claim, &["spec", "dataSourceRef", "name"]);
            let part = copy.strip_prefix(&format!("{service}-")).expect("its own");
            let delivered = format!("{region}/{service}/replication-destination-{part}.yaml");
            assert_eq!(text(&read("", &files[&delivered]), &["metadata", "name"]), copy);
        }
        assert!(wanted.is_empty(), "{set}: {wanted:?}");
    }
}

#[test]
fn what_a_drill_of_a_database_measured_takes_the_place_of_what_is_assumed() {
    let files = files_below(&repository("specs"));
    let measured = |what: &str, took: &str| {
        format!(
            "[[measured]]\nservice = \"accounts\"\nregion = \"eastus2\"\nwhat = \"{what}\"\ntook = \"{took}\"\nbytes = \"40Gi\"\non = \"2026-10-20\"\nsource = \"a drill\"\n\n"
        )
    };
    let tree = |added: &str| {
        let mut files = files.clone();
        let fleet = files.get_mut("fleet.toml").expect("the fleet");
        *fleet = fleet.replacen("[[measured]]", &format!("{added}[[measured]]"), 1);
        let files: Vec<(&str, &str)> =
            (files.iter()).map(|(path, text)| (path.as_str(), text.as_str())).collect();
        support::compile(&files).files
    };
    let claim = |tree: &BTreeMap<String, String>| {
        let ledger: serde_json::Value =
            serde_json::from_str(&tree["ledger/accounts.json"]).expect("JSON");
        ledger["promises"]["eastus2"]["claims"]["data"]["rto"].clone()
    };
    let [base, replay] = ["base backup copied back", "log replayed"];
    let assumed = claim(&tree(""));
    // 40Gi at 50Mi a second, and 6h of the log, at 1Gi an hour.
    for (term, gibibytes) in [(base, 40), (replay, 6)] {
        assert_eq!(assumed["terms"][term], (gibibytes * 1024_u64).div_ceil(50), "{assumed}");
        assert!(assumed["assumed"].as_array().expect("a list").contains(&term.into()));
    }
    let tree = tree(&(measured("base", "6m") + &measured("replay", "90s")));
    let known = claim(&tree);
    assert_eq!(
        (known["terms"][base].as_u64(), known["terms"][replay].as_u64()),
        (Some(360), Some(90))
    );
    assert_eq!(known["assumed"], serde_json::json!(["detection", "endpoints follow"]));
    let card = &tree["recovery/accounts.md"];
    assert!(card.contains("6m for the base backup, and 1m 30s for the log"), "{card}");
}

#[test]
fn a_drill_from_an_archive_or_from_copies_is_printed_under_its_id() {
    let bench = Workbench::empty();
    for (path, text) in files_below(&repository("specs")) {
        bench.write(&format!("specs/{path}"), &text);
    }
    for (service, more, kind) in [
        ("accounts", ["--moment", "2026-11-22T21:00:00Z"], "Cluster"),
        ("carts", ["--from", "copies"], "ReplicationDestination"),
    ] {
        let drill = ["drill", service, "--region", "centralus", "--id", "q4"];
        let stdout = bench.run(&[&drill[..], &more].concat()).code(0).stdout;
        let objects: Vec<Value> =
            (stdout.split("---\n").skip(1)).map(|one| read("", one)).collect();
        assert!(objects.iter().any(|object| text(object, &["kind"]) == kind), "{stdout}");
        assert!(!stdout.contains("set-id") && !stdout.contains("set-moment"), "{stdout}");
        assert!(objects.iter().all(|object| {
            let at = |key| text(object, &["metadata", key]).ends_with("-q4");
            at("name") || at("namespace")
        }));
    }
    for (wrong, what) in [
        (["orders", "--from", "copies"], "write `--from backup`"),
        (["accounts", "--moment", "yesterday"], "write it in UTC"),
    ] {
        let wrong = bench.run(&[&["drill", "--region", "centralus"][..], &wrong].concat()).code(2);
        assert!(wrong.stderr.contains(what), "{}", wrong.stderr);
    }
    let unsaid = bench.run(&["drill", "accounts", "--region", "centralus"]).code(0);
    assert!(unsaid.stderr.contains("which the operator refuses"), "{}", unsaid.stderr);
}
