//! Laws that hold for any fleet.

use crate::generate::{self, Files, Fleet};
use crate::random::Random;
use ninefold::yaml;
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Seeds, fleets, and what they compile to.
static FLEETS: LazyLock<Vec<(u64, Fleet, Files)>> = LazyLock::new(|| {
    let fleet = |seed| {
        let fleet = generate::fleet(seed, 7);
        let tree = fleet.compile();
        (seed, fleet, tree)
    };
    (100..110).map(fleet).collect()
});

fn fleets() -> impl Iterator<Item = (u64, &'static Fleet, &'static Files)> {
    FLEETS.iter().map(|(seed, fleet, tree)| (*seed, fleet, tree))
}

fn parse(text: &str) -> Value {
    serde_yaml::from_str(text).expect("YAML")
}

/// Path → kind, namespace, name.
type Names = BTreeMap<String, (String, String, String)>;

fn names(tree: &Files) -> Names {
    generate::manifests(tree)
        .map(|(path, text)| {
            let value = parse(text);
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let metadata = &value["metadata"];
            let id = (text(&value["kind"]), text(&metadata["namespace"]), text(&metadata["name"]));
            (path.clone(), id)
        })
        .collect()
}

/// The paths whose texts differ, or that stand in one tree only.
fn changed(before: &Files, after: &Files) -> BTreeSet<String> {
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differs = |path: &&&String| before.get(**path) != after.get(**path);
    paths.iter().filter(differs).map(|path| (*path).clone()).collect()
}

#[test]
fn the_same_specs_give_the_same_bytes() {
    for (seed, fleet, tree) in fleets() {
        assert_eq!(changed(tree, &fleet.compile()), BTreeSet::new(), "seed {seed}");
    }
}

/// The engine renders what is built in once for all values that differ in strings only, and what the user
/// wrote once for each object.
#[test]
fn built_in_templates_as_files_of_the_user_change_nothing() {
    let templates = generate::folder("templates");
    let is_manifest = |path: &String| {
        path.ends_with(".yaml") && (!path.contains('/') || path.starts_with("parts/"))
    };
    let templates: Files = templates.into_iter().filter(|(path, _)| is_manifest(path)).collect();
    assert!(templates.len() > 40, "{}", templates.len());
    for (seed, fleet, tree) in fleets() {
        let other = generate::compile_with(&fleet.files(), &templates).expect("it compiles");
        assert_eq!(changed(tree, &other), BTreeSet::new(), "seed {seed}");
    }
    let specs = generate::folder("specs");
    let example = generate::compile(&specs).expect("it compiles");
    let other = generate::compile_with(&specs, &templates).expect("it compiles");
    assert_eq!(changed(&example, &other), BTreeSet::new());
}

#[test]
fn spelling_changes_nothing() {
    for (seed, fleet, before) in fleets() {
        let mut random = Random::new(seed);
        let mut respelled = Files::new();
        for service in &fleet.services {
            let path = format!("{}.toml", generate::name(service));
            respelled.insert(path, generate::respell(service, &mut random));
        }
        respelled.insert("fleet.toml".to_owned(), generate::respell(&fleet.fleet, &mut random));
        for (path, text) in &respelled {
            let read: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(generate::text(&read), fleet.files()[path], "{text}");
        }
        let tree = generate::compile(&respelled).expect("it is as valid as before");
        assert_eq!(changed(before, &tree), BTreeSet::new(), "seed {seed}");
    }
}

#[test]
fn the_names_and_the_order_of_spec_files_change_no_manifest() {
    for (seed, fleet, before) in fleets() {
        let mut random = Random::new(seed);
        let mut renamed = Files::new();
        let mut new_names = BTreeMap::new();
        for (path, text) in fleet.files() {
            let new = match path.as_str() {
                "fleet.toml" => path.clone(),
                _ => format!("team-{}/{:04}-{path}", random.below(3), random.below(10_000)),
            };
            new_names.insert(path, new.clone());
            renamed.insert(new, text);
        }
        let mut after = generate::compile(&renamed).expect("it is as valid as before");
        // Only the ledgers say where a spec stands.
        for (_, text) in after.iter_mut().filter(|(path, _)| path.starts_with("ledger/")) {
            for (old, new) in &new_names {
                *text = text.replace(&format!("\"{new}\""), &format!("\"{old}\""));
            }
            *text = crate::history::sealed(text);
        }
        assert_eq!(changed(before, &after), BTreeSet::new(), "seed {seed}");
    }
}

#[test]
fn emitting_what_was_read_changes_nothing() {
    for (_, _, tree) in fleets() {
        for (path, text) in generate::manifests(tree) {
            let value = yaml::read::document(text).expect(path);
            let again = yaml::write::document(&value);
            assert_eq!(&again, text, "{path}");
            assert_eq!(yaml::read::document(&again).as_ref(), Ok(&value), "{path}");
            // And the values are what a reader that is not ours finds.
            let ours: serde_json::Value = (&value).into();
            let theirs: serde_json::Value = serde_yaml::from_str(text).expect(path);
            assert_eq!(ours, theirs, "{path}");
        }
    }
}

/// Every leaf that differs, by its path; lists of different lengths differ as a whole.
fn differences(before: &Value, after: &Value, path: &str, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Mapping(a), Value::Mapping(b)) => {
            let keys: BTreeSet<&str> =
                a.keys().chain(b.keys()).filter_map(|key| key.as_str()).collect();
            for key in keys {
                let null = Value::Null;
                let (a, b) = (a.get(key).unwrap_or(&null), b.get(key).unwrap_or(&null));
                differences(a, b, &format!("{path}/{key}"), found);
            }
        }
        (Value::Sequence(a), Value::Sequence(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, &format!("{path}/{index}"), found);
            }
        }
        (a, b) if a == b => {}
        _ => found.push(path.to_owned()),
    }
}

fn set(table: &mut toml::Table, path: &[&str], value: impl Into<toml::Value>) {
    let (last, above) = path.split_last().expect("a path");
    let mut table = table;
    for key in above {
        let entry = table.entry((*key).to_owned()).or_insert_with(|| toml::Table::new().into());
        table = entry.as_table_mut().expect("a table");
    }
    table.insert((*last).to_owned(), value.into());
}

#[test]
fn a_config_value_of_one_region_renames_its_config_map_and_its_referrers_and_nothing_else() {
    for (seed, fleet, before) in fleets() {
        for index in 0..fleet.services.len() {
            let mut edited = fleet.clone();
            let service = &mut edited.services[index];
            let name = generate::name(service).to_owned();
            let region = generate::regions(service)[0].to_owned();
            set(service, &["config", "BY_REGION", &region], "another");
            let after = edited.compile();
            let folder = format!("{region}/{name}");
            let workload = ["deployment", "stateful-set"]
                .map(|kind| format!("{folder}/{kind}.yaml"))
                .into_iter()
                .find(|path| before.contains_key(path))
                .expect("every service has a workload");
            let spec = &fleet.services[index];
            let unheard =
                spec.get("ports").and_then(|ports| ports.as_array()).is_some_and(Vec::is_empty);
            let rolling = spec.contains_key("rollout") || unheard;
            let renamed = workload.ends_with("deployment.yaml") && !rolling;
            let scaler = format!("{folder}/horizontal-pod-autoscaler.yaml");
            let config_map = format!("{folder}/config-map-region.yaml");
            let ledger = format!("ledger/{name}.json");
            let mut expected = BTreeSet::from([config_map.clone(), workload.clone(), ledger]);
            if renamed && before.contains_key(&scaler) {
                expected.insert(scaler.clone());
            }
            assert_eq!(changed(before, &after), expected, "seed {seed}");
            let check = |path: &str, expected: &[&str]| {
                let mut found = Vec::new();
                differences(&parse(&before[path]), &parse(&after[path]), "", &mut found);
                assert_eq!(found, expected, "seed {seed}, {path}");
            };
            check(&config_map, &["/data/BY_REGION", "/metadata/name"]);
            let reference = "/spec/template/spec/containers/0/envFrom/0/configMapRef/name";
            let generation = "ninefold.dev/generation";
            let label = format!("/metadata/labels/{generation}");
            let selector = format!("/spec/selector/matchLabels/{generation}");
            let pods = format!("/spec/template/metadata/labels/{generation}");
            if renamed {
                check(&workload, &[&label, "/metadata/name", &selector, &pods, reference]);
            } else {
                check(&workload, &[reference]);
            }
            if expected.contains(&scaler) {
                check(&scaler, &["/metadata/name", "/spec/scaleTargetRef/name"]);
            }
        }
    }
}

/// Changes one value of every service.
fn edited(fleet: &Fleet, path: &[&str], value: impl Fn(&toml::Table) -> toml::Value) -> Files {
    let mut edited = fleet.clone();
    // Of which one replica may write has one, whatever carries the peak.
    let alone = |service: &toml::Table| {
        path == ["capacity", "peak"] && service.contains_key("single_writer")
    };
    for service in edited.services.iter_mut().filter(|service| !alone(service)) {
        let value = value(service);
        set(service, path, value);
    }
    assert_ne!(edited.files(), fleet.files(), "the edit changes something");
    edited.compile()
}

/// The paths of what has another name afterwards.
fn renamed(before: &Files, after: &Files) -> Vec<String> {
    let (before, after) = (names(before), names(after));
    let renamed = before.iter().filter(|(path, id)| after.get(*path) != Some(id));
    renamed.map(|(path, _)| path.clone()).collect()
}

#[test]
fn a_new_team_and_another_rto_rename_nothing() {
    for (seed, fleet, before) in fleets() {
        let team = edited(fleet, &["team"], |_| "another".into());
        assert_eq!(renamed(before, &team), [""; 0], "seed {seed}");
        let rto = edited(fleet, &["rto"], |_| "3h".into());
        assert_eq!(renamed(before, &rto), [""; 0], "seed {seed}");
    }
}

/// Two things are renamed by scaling, and known:
///
/// - the timeouts of a Schedule follow from the number of volumes, and so from that of replicas,
///   and the whole of its `spec` is hashed;
/// - whether the spread over nodes is a demand or a wish follows from the number of replicas, and
///   is part of the pods.
///
/// What copies a volume goes with its replica.
#[test]
fn scaling_renames_nothing_but_what_follows_from_the_number_of_replicas() {
    let peak = |service: &toml::Table| {
        let peak = service.get("capacity").and_then(|capacity| capacity.get("peak"));
        peak.map_or(2, |peak| peak.as_integer().expect("a number"))
    };
    let spec = |text: &str| {
        let spec = parse(text)["spec"].clone();
        let timeouts = spec["template"]["itemOperationTimeout"].clone();
        (timeouts, spec["template"]["spec"]["topologySpreadConstraints"].clone())
    };
    let mut kept = 0;
    for (seed, fleet, before) in fleets() {
        let scaled = |service: &toml::Table| (if peak(service) == 3 { 2 } else { 3 }).into();
        let after = edited(fleet, &["capacity", "peak"], scaled);
        for path in renamed(before, &after) {
            // An autoscaler has the name of its Deployment.
            let of = path.replace("horizontal-pod-autoscaler", "deployment");
            if !after.contains_key(&of) {
                assert!(of.contains("/replication-"), "seed {seed}, {path}");
                continue;
            }
            assert_ne!(spec(&before[&of]), spec(&after[&of]), "seed {seed}, {path}");
        }
        kept += generate::manifests(before).count() - renamed(before, &after).len();
    }
    assert!(kept > 1000, "{kept}");
}

/// The fields that hold names of other objects; a list of our own, so that it can disagree.
fn references(value: &Value) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut add = |kind, name: &Value| {
        if let Some(name) = name.as_str() {
            found.push((kind, name.to_owned()));
        }
    };
    let spec = &value["spec"];
    let pod = &spec["template"]["spec"];
    add("ServiceAccount", &pod["serviceAccountName"]);
    for container in pod["containers"].as_sequence().into_iter().flatten() {
        for source in container["envFrom"].as_sequence().into_iter().flatten() {
            add("ConfigMap", &source["configMapRef"]["name"]);
        }
    }
    for volume in pod["volumes"].as_sequence().into_iter().flatten() {
        add("ConfigMap", &volume["configMap"]["name"]);
    }
    add("Deployment", &spec["scaleTargetRef"]["name"]);
    add("ConfigMap", &spec["template"]["resourcePolicy"]["name"]);
    add("Service", &spec["serviceName"]);
    found
}

#[test]
fn every_reference_leads_to_exactly_one_object_of_its_region() {
    let mut followed = 0;
    for (seed, _, tree) in fleets() {
        let names = names(tree);
        for (path, text) in generate::manifests(tree) {
            let region = path.split('/').next().expect("a region");
            let namespace = &names[path].1;
            for (kind, name) in references(&parse(text)) {
                let targets = names.iter().filter(|(path, id)| {
                    path.split('/').next() == Some(region)
                        && (id.0.as_str(), &id.1, &id.2) == (kind, namespace, &name)
                });
                assert_eq!(targets.count(), 1, "seed {seed}, {path}: {kind} {name}");
                followed += 1;
            }
        }
    }
    assert!(followed > 300, "{followed}");
}

#[test]
fn nothing_is_there_twice_and_every_namespace_is_made() {
    for (seed, _, tree) in fleets() {
        let names = names(tree);
        let mut seen = BTreeSet::new();
        for (path, id) in &names {
            let region = path.split('/').next().expect("a region");
            assert!(seen.insert((region, id)), "seed {seed}, {path}: {id:?}");
        }
        for (region, (_, namespace, _)) in &seen {
            let made = ("Namespace".to_owned(), String::new(), namespace.clone());
            // Of the cluster, and of what the platform installs.
            let given = ["", "velero", "kube-system", "capi"].contains(&namespace.as_str());
            assert!(given || seen.contains(&(*region, &made)), "seed {seed}: {namespace}");
        }
    }
}

#[test]
fn equal_content_has_equal_names_in_every_region_and_other_content_others() {
    let mut shared = 0;
    for (seed, _, tree) in fleets() {
        let mut by_file: BTreeMap<String, Vec<(String, Value)>> = BTreeMap::new();
        for (path, text) in
            generate::manifests(tree).filter(|(path, _)| path.contains("config-map"))
        {
            let file = path.split_once('/').expect("a region").1.to_owned();
            let value = parse(text);
            assert_eq!(value["immutable"].as_bool(), Some(true), "{path}");
            let name = value["metadata"]["name"].as_str().expect("a name").to_owned();
            by_file.entry(file).or_default().push((name, value["data"].clone()));
        }
        for (file, objects) in by_file {
            for (a, b) in objects.iter().flat_map(|a| objects.iter().map(move |b| (a, b))) {
                assert_eq!(a.0 == b.0, a.1 == b.1, "seed {seed}, {file}");
            }
            let distinct: BTreeSet<&String> = objects.iter().map(|(name, _)| name).collect();
            shared += objects.len() - distinct.len();
        }
    }
    assert!(shared > 20, "some content was the same in two regions: {shared}");
}

/// `text` without the hashes in the names of `tree`.
fn logical(tree: &Files) -> Files {
    let mut names: Vec<(String, String)> = Vec::new();
    for (_, text) in tree.iter().filter(|(path, _)| path.starts_with("ledger/")) {
        let ledger: serde_json::Value = serde_json::from_str(text).expect("JSON");
        for object in ledger["objects"].as_array().expect("a list") {
            let text = |key: &str| object[key].as_str().expect("text").to_owned();
            let (name, logical) = (text("name"), text("logicalName"));
            if let Some(suffix) = name.strip_prefix(&format!("{logical}-")) {
                names.push((suffix.to_owned(), "HASH".to_owned()));
            }
        }
    }
    generate::manifests(tree)
        .map(|(path, text)| {
            let text = names.iter().fold(text.clone(), |text, (hash, to)| text.replace(hash, to));
            // Some hashes begin with a digit, and are quoted where they stand alone.
            (path.clone(), text.replace("\"HASH\"", "HASH"))
        })
        .collect()
}

#[test]
fn a_new_name_of_a_service_is_a_new_name_everywhere() {
    for (seed, fleet, tree) in fleets() {
        let index = 2;
        let old = generate::name(&fleet.services[index]).to_owned();
        let mut renamed = fleet.clone();
        renamed.services[index].insert("name".to_owned(), "zebra".into());
        let image = fleet.services[index]["image"].clone();
        renamed.services[index].insert("image".to_owned(), image);
        for service in &mut renamed.services {
            let calls = service.get_mut("depends_on").and_then(toml::Value::as_array_mut);
            for call in calls.into_iter().flatten() {
                let call = call.as_table_mut().expect("a table");
                if call.get("service").and_then(toml::Value::as_str) == Some(&old) {
                    call.insert("service".to_owned(), "zebra".into());
                }
            }
        }
        // Slots of backups follow from names, and lists of peers are sorted by them: compared
        // without either.
        let comparable = |tree: &Files, name: &str| -> BTreeMap<String, Vec<String>> {
            let replaced = |text: &str| text.replace(name, "NAME");
            logical(tree)
                .into_iter()
                .map(|(path, text)| {
                    let text = replaced(&text).replace("registry.example.com/shop/NAME", "IMAGE");
                    let text = text.replace(&format!("registry.example.com/shop/{old}"), "IMAGE");
                    let lines = text.lines().filter(|line| !line.starts_with("  schedule: "));
                    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
                    lines.sort();
                    (replaced(&path), lines)
                })
                .collect()
        };
        let before = comparable(tree, &old);
        let after = comparable(&renamed.compile(), "zebra");
        assert!(before.keys().eq(after.keys()), "seed {seed}");
        for (path, lines) in before {
            assert_eq!(lines, after[&path], "seed {seed}, {path}");
        }
    }
}

/// What Kubernetes, its controllers and Velero take, from their sources.
fn longest(kind: &str) -> usize {
    match kind {
        "Schedule" => 48,    // a backup's name adds 15 and is a label of 63
        "StatefulSet" => 52, // the label of a revision adds 11
        "Deployment" => 46,  // a ReplicaSet adds 11, a pod 6
        _ => 63,
    }
}

#[test]
fn names_are_dns_labels_within_the_limit_of_their_kind() {
    for (seed, fleet, _) in fleets() {
        let mut fleet = fleet.clone();
        let long = "s".repeat(48 - "-westeurope-copy-".len() - 10);
        let service = &mut fleet.services[6];
        service.insert("name".to_owned(), long.into());
        for (path, (kind, namespace, name)) in names(&fleet.compile()) {
            let symbol = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            let label = |text: &str| {
                text.bytes().all(symbol) && !text.starts_with('-') && !text.ends_with('-')
            };
            assert!(label(&name) && !name.is_empty(), "seed {seed}, {path}: {name}");
            assert!(label(&namespace), "seed {seed}, {path}: {namespace}");
            assert!(name.len() <= longest(&kind), "seed {seed}, {path}: {name}");
        }
    }
}
