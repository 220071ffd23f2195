//! What a person applies once stands where no engine looks, harms nothing that serves, and proves
//! what it must.

use crate::support;
use crate::workbench::{self, Files, TREES, Workbench, files_below, names_in, repository};
use ninefold::diag::Sink;
use ninefold::plan::recovery::{Ids, Store};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Kinds of Velero's that are carried out when they appear.
const ONCE: &[&str] = &["Backup", "Restore", "DeleteBackupRequest", "DownloadRequest"];

/// The files of every drill, as `ninefold drill` writes them, of the example and of every case.
pub(crate) static DRILLS: LazyLock<Vec<(String, Files)>> = LazyLock::new(|| {
    let cases = repository("tests/cases");
    let case = |name: String| {
        let folder = cases.join(&name);
        let files = |part: &str| files_below(&folder.join(part));
        (name, drills_of(&files("specs"), &files("templates")))
    };
    let specs = files_below(&repository("specs"));
    let example = ("the example".to_owned(), drills_of(&specs, &Files::new()));
    names_in(&cases).into_iter().map(case).chain([example]).collect()
});

fn drills_of(specs: &Files, templates: &Files) -> Files {
    let fleet = workbench::prepared(specs, templates);
    let mut files = Files::new();
    for service in fleet.model().services() {
        for region in &service.regions {
            for store in Store::ALL {
                let mut sink = Sink::default();
                let set = fleet.drill(&mut sink, service, &region.name, store, Ids::TEMPLATE);
                let set = set.expect("a drill compiles");
                files.extend(set.into_iter().map(|document| (document.path, document.text)));
            }
        }
    }
    files
}

pub(crate) fn read(path: &str, text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    let at = path.iter().try_fold(value, |value, key| value.get(key));
    at.and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn labels(value: &Value) -> BTreeMap<String, String> {
    serde_yaml::from_value(value.clone()).unwrap_or_default()
}

/// Why no engine may see an object: applied again, it would do its work again, or it is of a drill.
fn for_a_person_only(object: &Value) -> Option<&'static str> {
    let kind = text(object, &["kind"]);
    let of = |group: &str| text(object, &["apiVersion"]).starts_with(group);
    let spec = &object["spec"];
    let recovery = &spec["bootstrap"]["recovery"];
    // A replica begins with a recovery as well, and then it follows.
    let recovered = recovery.is_mapping() && !spec["replica"].is_mapping();
    let drill = object["metadata"]["labels"]["ninefold.dev/drill"].is_string();
    match kind {
        _ if of("velero.io/") && ONCE.contains(&kind) => Some("carried out once"),
        "Cluster" if of("postgresql.cnpg.io/") && recovered => Some("of another day"),
        "Cluster" if recovery["recoveryTarget"].is_mapping() => Some("of another day"),
        "ObjectStore" if of("barmancloud.cnpg.io/") => Some("the platform's"),
        "PersistentVolumeClaim" if spec["dataSourceRef"].is_mapping() => Some("filled once"),
        "ReplicationDestination" if spec["trigger"]["manual"].is_string() => Some("copies once"),
        _ if drill => Some("of a drill"),
        _ => None,
    }
}

#[test]
fn nothing_that_an_engine_applies_is_carried_out_once_or_belongs_to_a_drill() {
    let (mut applied, mut sets) = (0, BTreeMap::new());
    for ((tree, files), (_, drills)) in TREES.iter().zip(DRILLS.iter()) {
        let yaml = files.iter().chain(drills).filter(|(path, _)| path.ends_with(".yaml"));
        for (path, text_of) in yaml {
            let object = read(path, text_of);
            let person = for_a_person_only(&object);
            if path.starts_with("recovery/") {
                // What a Restore changes on the way does nothing by itself.
                let inert = text(&object, &["kind"]) == "ConfigMap" || path.contains("/fleet/");
                assert!(person.is_some() || inert, "{tree}: {path}");
                *sets.entry(text(&object, &["kind"]).to_owned()).or_insert(0) += 1;
            } else {
                assert_eq!(person, None, "{tree}: {path}");
                let word = ["set-id", "set-backup", "set-moment"];
                assert!(!word.iter().any(|word| text_of.contains(word)), "{tree}: {path}");
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
    assert!(applied > 500, "{applied}");
    for (kind, min) in [
        ("Restore", 20),
        ("Cluster", 5),
        ("PersistentVolumeClaim", 5),
        ("ReplicationDestination", 3),
    ] {
        assert!(sets.get(kind).is_some_and(|count| *count >= min), "{kind}: {sets:?}");
    }
}

#[test]
fn what_is_for_a_person_only_is_known_without_the_label_of_a_drill() {
    let (_, drills) = DRILLS.last().expect("the example comes last");
    let example: Files =
        files_below(&repository("out")).into_iter().chain(drills.clone()).collect();
    let known = |path: &str| {
        let text_of = &example[path];
        let mut object = read(path, text_of);
        if let Some(labels) = object["metadata"]["labels"].as_mapping_mut() {
            labels.remove("ninefold.dev/drill");
        }
        for_a_person_only(&object)
    };
    let accounts = "recovery/accounts";
    for (path, why) in [
        (
            format!("{accounts}/drill-database-centralus/5-postgresql-cluster.yaml"),
            "of another day",
        ),
        (
            format!("{accounts}/restore-database-eastus2/3-postgresql-cluster.yaml"),
            "of another day",
        ),
        ("recovery/carts/restore-eastus2/1-restore.yaml".to_owned(), "carried out once"),
        (
            "recovery/carts/failover-centralus/1-persistent-volume-claim-data-0.yaml".to_owned(),
            "filled once",
        ),
        (
            "recovery/carts/drill-copies-centralus/05-replication-destination-data-0.yaml"
                .to_owned(),
            "copies once",
        ),
    ] {
        assert_eq!(known(&path), Some(why), "{path}");
    }
    let store = "apiVersion: barmancloud.cnpg.io/v1\nkind: ObjectStore\nmetadata: {name: a}\n";
    assert_eq!(for_a_person_only(&read("", store)), Some("the platform's"));
    // What follows, and what is copied at every interval, is delivered.
    for path in [
        "centralus/accounts/postgresql-cluster-db.yaml",
        "centralus/carts/replication-destination-data-0.yaml",
    ] {
        assert_eq!(known(path), None, "{path}");
    }
}

/// The objects of each set of the example, by its folder, in the order of their files.
pub(crate) fn sets(part: &str) -> BTreeMap<String, Vec<(String, Value)>> {
    let mut sets: BTreeMap<String, Vec<(String, Value)>> = BTreeMap::new();
    let (_, drills) = DRILLS.last().expect("the example comes last");
    for (path, text) in files_below(&repository("out")).into_iter().chain(drills.clone()) {
        let (Some((set, file)), true) = (path.rsplit_once('/'), path.ends_with(".yaml")) else {
            continue;
        };
        if path.starts_with("recovery/") && set.contains(part) {
            sets.entry(set.to_owned()).or_default().push((file.to_owned(), read(&path, &text)));
        }
    }
    sets
}

#[test]
fn a_drill_is_closed_before_anything_is_in_it_and_nothing_selects_its_verification() {
    let mut sets = sets("/drill-");
    sets.retain(|set, _| !set.contains("/drill-database-") && !set.contains("/drill-copies-"));
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
        // What is not named stays in the backup, kinds that nobody thought of among it.
        let included: BTreeSet<String> =
            serde_yaml::from_value(restore["includedResources"].clone()).expect("a list");
        let runs = ["statefulsets.apps", "deployments.apps", "services", "serviceaccounts"];
        let mounted = ["configmaps", "secrets", "persistentvolumeclaims", "persistentvolumes"];
        let known = runs.iter().chain(&mounted).chain(&["datauploads.velero.io"]);
        assert_eq!(included, known.map(|kind| (*kind).to_owned()).collect(), "{set}");
        assert!(restore.get("excludedResources").is_none(), "{set}");
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
fn no_page_names_anything_by_its_hash() {
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
    let mut count = 0;
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".md")) {
        for name in &hashed {
            assert!(!text.contains(name.as_str()), "{path} names `{name}`, which an edit renames");
        }
        count += 1;
    }
    assert!(count > 40 && !hashed.is_empty(), "{count}");
}

#[test]
fn a_promise_that_changes_shows_on_the_card() {
    let files = files_below(&repository("specs"));
    let mut edited = files.clone();
    let orders = edited.get_mut("orders.toml").expect("orders");
    *orders = orders.replace("rto      = \"1h\"", "rto      = \"2h\"");
    let card = |files: &BTreeMap<String, String>| {
        let files: Vec<(&str, &str)> =
            (files.iter()).map(|(path, text)| (path.as_str(), text.as_str())).collect();
        support::compile(&files).files["recovery/orders.md"].clone()
    };
    let (before, after) = (card(&files), card(&edited));
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
    // All that is wrong with the arguments is said at once, and it is wrong usage.
    let arguments = ["drill", "checkout", "--region", "central", "--id", "Q 4", "--backup", "A"];
    let wrong = bench.run(&arguments).code(2);
    assert_eq!(wrong.stdout, "");
    for code in ["unknown-region", "nothing-to-restore", "invalid-name"] {
        assert!(wrong.stderr.contains(&format!("error[{code}]: ")), "{code}: {}", wrong.stderr);
    }
    assert!(wrong.stderr.contains(" --> specs/checkout.toml:"), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("4 errors"), "{}", wrong.stderr);
    let long = "a-long-id-for-a-drill";
    let wrong = bench.run(&["drill", "order", "--region", "centralus", "--id", long]).code(2);
    for words in ["error[unknown-service]: ", "did you mean `orders`?", "error[name-too-long]: "] {
        assert!(wrong.stderr.contains(words), "{words}: {}", wrong.stderr);
    }
}

#[test]
fn every_alert_leads_to_a_section_that_is_there() {
    let (mut found, mut shared) = (0, 0);
    for (tree, files) in TREES.iter() {
        let rules = files.iter().filter(|(path, _)| path.contains("/prometheus-rule"));
        for (path, text) in rules {
            let alerts = text.lines().filter(|line| line.trim().starts_with("- alert: ")).count();
            let fleet = path.contains("/fleet/");
            let mut led = 0;
            for line in text.lines().map(str::trim) {
                let page = match line.strip_prefix("runbook_url: ") {
                    Some(link) => link.split_once("/out/").map(|(_, page)| page),
                    None => line.strip_prefix("runbook: "),
                };
                let Some(page) = page.map(|page| page.trim_matches('"')) else { continue };
                let (file, anchor) = page.split_once('#').expect("a section");
                let card = files.get(file).unwrap_or_else(|| panic!("{tree}: {path}: {file}"));
                let sections = card.lines().filter_map(|line| line.strip_prefix("## "));
                let mut anchors = sections.map(|title| title.to_lowercase().replace(' ', "-"));
                assert!(anchors.any(|one| one == anchor), "{tree}: {path} leads to {page}");
                assert_eq!(file.starts_with("recovery/fleet/"), fleet, "{tree}: {path}");
                led += 1;
                shared += usize::from(fleet);
            }
            assert_eq!(led, alerts, "{tree}: {path}: an alert leads nowhere");
            found += led;
        }
    }
    assert!(found > 50 && shared >= 4, "{found} {shared}");
}

/// What a drill writes goes outside of the tree: a file there that no ledger names makes `verify` err.
#[test]
fn a_page_of_a_drill_writes_nothing_into_the_tree() {
    let pages = files_below(&repository("out/recovery/procedures"));
    let mut drills = 0;
    for (page, text) in &pages {
        let mut fenced = false;
        for line in text.lines() {
            fenced ^= line.trim_start().starts_with("```");
            let made = line.split("mkdir ").nth(1).filter(|_| fenced).map(str::trim_start);
            let made = made.map(|rest| rest.trim_start_matches("-p ").trim_start_matches('"'));
            // On a node, of its own file system; in `stopped`, below the folder that was changed to.
            let on_a_node = |place: &str| place.starts_with('/') || page.starts_with("cluster-");
            assert!(made.is_none_or(on_a_node), "{page}: {line}");
        }
        if text.contains("ninefold drill") {
            drills += 1;
            let (before, _) = text.split_once("--write \"$SET\"").expect("where it writes");
            assert!(before.contains("SET=$(mktemp -d)"), "{page}");
        }
    }
    assert_eq!(drills, 3);
}
