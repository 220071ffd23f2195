//! Manifests that run today become specs: every folder in `import/` gives exactly its `specs/`, and
//! nothing of what was there is lost.

use crate::random::Random;
use crate::workbench::{Files, compile, files_below, names_in, repository, updating};
use expect_test::expect_file;
use ninefold::diag::{Sink, Sources, text};
use ninefold::import::{self, Column, Imported, Leaf, Options, Request};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Specs that came of manifests, and what was said.
pub(crate) struct Outcome {
    pub(crate) imported: Option<Imported>,
    pub(crate) report: String,
    pub(crate) codes: Vec<&'static str>,
}

pub(crate) fn options() -> Options {
    let digest = format!("sha256:{}", "a".repeat(64));
    Options::new("specs", "imported")
        .with_digests(BTreeMap::from([("registry.example.com/api:1".to_owned(), digest)]))
}

pub(crate) fn import(name: &str, manifests: &str, options: Options) -> Outcome {
    let mut sources = Sources::default();
    let file = sources.add(name, manifests);
    let mut sink = Sink::default();
    let (files, fleet, beside) = (vec![file], None, BTreeMap::new());
    let ledgers = Vec::new();
    let request = Request { options, sources: &sources, files, fleet, beside, ledgers };
    let imported = import::run(&mut sink, request);
    let findings = sink.sorted(&sources);
    let codes = findings.iter().map(|finding| finding.code.name()).collect();
    Outcome { imported, report: text::render(&findings, &sources, false), codes }
}

/// The files that were made, those that are no text as how long they are.
pub(crate) fn written(imported: &Imported) -> Files {
    let text = |bytes: &Vec<u8>| match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("{} bytes\n", bytes.len()),
    };
    imported.files.iter().map(|(path, bytes)| (path.clone(), text(bytes))).collect()
}

/// Every object of a text, those of lists among them.
fn objects(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    let read = |document| <Value as serde::Deserialize>::deserialize(document).expect("it is YAML");
    let all = documents.map(read).filter(|document| !document.is_null());
    all.flat_map(|document| match document["items"].as_array() {
        Some(items) => items.clone(),
        None => vec![document],
    })
    .collect()
}

pub(crate) fn leaves<'v>(
    value: &'v Value,
    path: &mut String,
    found: &mut Vec<(String, &'v Value)>,
) {
    let mut below = |step: String, value: &'v Value| {
        let length = path.len();
        path.push_str(&format!("/{}", step.replace('~', "~0").replace('/', "~1")));
        leaves(value, path, found);
        path.truncate(length);
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            map.iter().for_each(|(key, value)| below(key.clone(), value));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(index, item)| below(index.to_string(), item));
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => found.push((path.clone(), value)),
    }
}

/// Holds an account against the source and what its specs compile to, by reading YAML alone: every leaf
/// is there once, and stands in the tree where the account says, as it was, or with a reason.
pub(crate) fn hold(
    source: &str,
    account: &[Leaf],
    tree: &Files,
    lost: &BTreeSet<(String, String)>,
) {
    let mut said: BTreeMap<(String, String), Vec<&Leaf>> = BTreeMap::new();
    for leaf in account {
        said.entry((leaf.object.clone(), leaf.path.clone())).or_default().push(leaf);
    }
    for object in objects(source) {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        let shown = format!("{}/{namespace}/{name}", text("/kind"));
        let mut found = Vec::new();
        leaves(&object, &mut String::new(), &mut found);
        for (path, value) in found {
            let key = (shown.clone(), path.clone());
            let Some(rows) = said.remove(&key) else {
                assert!(lost.contains(&key), "{shown}{path} is in no column");
                continue;
            };
            let [leaf] = rows.as_slice() else {
                panic!("{shown}{path} is in {} columns", rows.len())
            };
            let equal = [Column::Field, Column::Patch, Column::Manifest].contains(&leaf.column);
            assert_eq!(leaf.why.is_some(), !equal, "{shown}{path}");
            let Some(seen) = &leaf.emitted else {
                assert!(!equal, "{shown}{path} is nowhere");
                continue;
            };
            let file = tree.get(&seen.file).unwrap_or_else(|| panic!("no {}", seen.file));
            let there: Value = serde_yaml::from_str(file).expect("it is YAML");
            let there = there
                .pointer(&seen.path)
                .unwrap_or_else(|| panic!("{shown}{path}: no {}", seen.path));
            assert_eq!(*there, seen.value, "{shown}{path}");
            assert!(!equal || there == value, "{shown}{path}: {value} became {there}");
        }
    }
    assert!(said.is_empty(), "in no source: {:?}", said.keys());
}

/// What is lost, as the findings of a report name it: nothing that is not told.
pub(crate) fn lost(source: &str, account: &[Leaf], report: &str) -> BTreeSet<(String, String)> {
    let there: BTreeSet<(String, String)> =
        account.iter().map(|leaf| (leaf.object.clone(), leaf.path.clone())).collect();
    let mut lost = BTreeSet::new();
    for object in objects(source) {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let shown =
            format!("{}/{}/{}", text("/kind"), text("/metadata/namespace"), text("/metadata/name"));
        let told = report.contains(&format!("of `{shown}` could not be carried"));
        let mut found = Vec::new();
        leaves(&object, &mut String::new(), &mut found);
        let missing = found.into_iter().map(|(path, _)| (shown.clone(), path));
        lost.extend(missing.filter(|key| told && !there.contains(key)));
    }
    lost
}

#[test]
fn every_folder_becomes_its_specs_and_nothing_is_lost_untold() {
    for name in names_in(&repository("tests/import")) {
        let folder = repository("tests/import").join(&name);
        let source = files_below(&folder)["in.yaml"].clone();
        let asked = if name == "tier" { options().with_tier("silver") } else { options() };
        let outcome = import("in.yaml", &source, asked);
        let imported = outcome.imported.expect(&name);
        let specs = written(&imported);
        for (path, text) in &specs {
            let place = folder.join("specs").join(path);
            if updating() {
                std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            }
            expect_file![std::path::absolute(place).unwrap()].assert_eq(text);
        }
        let stale = files_below(&folder.join("specs"));
        let stale: Vec<&String> = stale.keys().filter(|path| !specs.contains_key(*path)).collect();
        assert!(updating() || stale.is_empty(), "{name}: no longer written: {stale:?}");
        let told = format!("{}\n{}", imported.account.to_table(), outcome.report);
        expect_file![std::path::absolute(folder.join("told.txt")).unwrap()].assert_eq(&told);
        let compiled = compile(&specs, &Files::new());
        let pinned = outcome.report.contains("nobody says the digest") && name == "tier";
        let errors = compiled.report().contains("error[") && !pinned;
        assert!(!errors, "{name}: {}", compiled.report());
        if !pinned {
            let lost = lost(&source, &imported.account.leaves, &outcome.report);
            hold(&source, &imported.account.leaves, &compiled.tree, &lost);
        }
    }
}

/// What the ledgers of a tree promise, by service.
fn promises(tree: &Files) -> BTreeMap<String, Value> {
    let ledger = |(path, text): (&String, &String)| {
        let unit = path.strip_prefix("ledger/")?.strip_suffix(".json")?;
        let read: Value = serde_json::from_str(text).expect("it is a ledger");
        (unit != "fleet").then(|| (unit.to_owned(), read["promises"].clone()))
    };
    tree.iter().filter_map(ledger).collect()
}

/// Where two values differ.
fn differences(path: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                let of = |map: &serde_json::Map<String, Value>| {
                    map.get(key).cloned().unwrap_or(Value::Null)
                };
                differences(&format!("{path}/{key}"), &of(one), &of(other), found);
            }
        }
        _ if one != other => found.push(format!("{path}: {one} became {other}")),
        _ => {}
    }
}

/// The specs that come of a tree, beside its fleet.
fn read_back(tree: &Files, fleet: &str) -> Files {
    let mut sources = Sources::default();
    let is_object = |path: &str| {
        path.ends_with(".yaml") && !path.starts_with("recovery/") && !path.starts_with("ledger/")
    };
    let files = tree.iter().filter(|(path, _)| is_object(path));
    let files = files.map(|(path, text)| sources.add(path, text.clone())).collect();
    let ledger = |(path, text): (&String, &String)| {
        let unit = path.strip_prefix("ledger/")?.strip_suffix(".json")?;
        ninefold::tree::Ledger::read(unit, text).ok()
    };
    let request = Request {
        options: Options::new("specs", "imported"),
        sources: &sources,
        files,
        fleet: Some(fleet.to_owned()),
        beside: BTreeMap::new(),
        ledgers: tree.iter().filter_map(ledger).collect(),
    };
    let mut sink = Sink::default();
    let imported = import::run(&mut sink, request).expect("there is a tree");
    let report = text::render(&sink.sorted(&sources), &sources, false);
    assert!(!report.contains("error["), "{report}");
    assert!(!report.contains("stays as it is"), "{report}");
    let mut specs = written(&imported);
    specs.insert("fleet.toml".to_owned(), format!("{fleet}\n{}", imported.to_add));
    specs
}

/// The example fleet, read back from its own tree, promises what it did: every claim of every service,
/// with its terms, how large it is, and in which order its regions take over.
#[test]
fn a_tree_read_back_promises_the_same() {
    let tree = files_below(&repository("out"));
    let fleet = files_below(&repository("specs"))["fleet.toml"].clone();
    let compiled = compile(&read_back(&tree, &fleet), &Files::new());
    assert!(!compiled.report().contains("error["), "{}", compiled.report());
    let (before, after) = (promises(&tree), promises(&compiled.tree));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let mut differ = Vec::new();
    for (service, before) in &before {
        differences(service, before, &after[service], &mut differ);
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[test]
fn no_credential_reaches_a_spec_a_report_or_the_account() {
    let source = files_below(&repository("tests/import/shop"))["in.yaml"].clone();
    let outcome = import("in.yaml", &source, options());
    let imported = outcome.imported.unwrap();
    let everything =
        format!("{:?}{}{}", written(&imported), outcome.report, imported.account.to_json());
    for secret in ["correct-horse", "c2VjcmV0"] {
        assert!(source.contains(secret) && !everything.contains(secret), "{secret}");
    }
}

/// What comes from anywhere gives findings, whatever it is, and the rest goes on.
#[test]
fn hostile_input_gives_findings_and_the_rest_goes_on() {
    let good = files_below(&repository("tests/import/tier"))["in.yaml"].clone();
    let bomb: String = (0..12).fold("a0: &a0 [x, x]\n".to_owned(), |text, at| {
        format!("{text}a{}: &a{} [*a{at}, *a{at}, *a{at}, *a{at}]\n", at + 1, at + 1)
    });
    let deep = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: a }}\nx: {}",
        "[".repeat(100_000)
    );
    let many = format!("apiVersion: v1\nkind: List\nitems: [{}]", "{a: 1},".repeat(1000));
    for hostile in [
        "a: [",
        "kind: Deployment",
        "\u{0}",
        "a: &a [*a]",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: 7 }",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: [a]\n",
        "{{- if .Values.web }}\nkind: Service\n{{- end }}",
        &bomb,
        &deep,
        &many,
    ] {
        let outcome = import("in.yaml", &format!("{good}\n---\n{hostile}\n"), options());
        assert!(outcome.codes.contains(&"import-unread"), "{}\n{hostile:.80}", outcome.report);
        assert_eq!(outcome.imported.expect("the rest goes on").services, 2, "{hostile:.80}");
        let alone = import("in.yaml", hostile, options());
        assert!(alone.codes.contains(&"import-unread"), "{hostile:.80}");
        assert!(alone.imported.is_none());
    }
}

#[test]
fn a_broken_document_is_told_with_its_place() {
    let good = files_below(&repository("tests/import/tier"))["in.yaml"].clone();
    let line = good.lines().count() + 2;
    let source = format!(
        "{good}---\nkind: a\nkind: b\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: last }}\n"
    );
    let outcome = import("in.yaml", &source, options());
    assert!(
        outcome.report.contains(&format!("in.yaml:{}:", line + 1)),
        "{line}: {}",
        outcome.report
    );
    let leaves = outcome.imported.expect("the rest goes on").account.leaves;
    assert!(leaves.iter().any(|leaf| leaf.object == "ConfigMap//last"));
}

/// Services are found by the hundred in a time that grows with them, whoever calls whom.
#[test]
fn many_services_take_no_longer_than_they_are_many() {
    let one = |at: usize, of: usize| {
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: w{at}, namespace: shop }}\nspec: {{ selector: {{ matchLabels: {{ app: w{at} }} }}, template: {{ metadata: {{ labels: {{ app: w{at} }} }}, spec: {{ containers: [{{ name: a, image: \"registry.example.com/api:1\", ports: [{{ containerPort: 8080 }}], env: [{{ name: PEER, value: \"http://w{}:80\" }}] }}] }} }} }}\n---\napiVersion: v1\nkind: Service\nmetadata: {{ name: w{at}, namespace: shop }}\nspec: {{ selector: {{ app: w{at} }}, ports: [{{ port: 80, targetPort: 8080 }}] }}\n",
            (at + 1) % of
        )
    };
    let taken = |count: usize| {
        let source: String = (0..count).map(|at| one(at, count)).collect();
        let start = std::time::Instant::now();
        let outcome = import("in.yaml", &source, options());
        assert_eq!(outcome.imported.expect("there are workloads").services, count);
        start.elapsed()
    };
    taken(2);
    let (few, many) = (taken(10), taken(80));
    assert!(
        many < few * 8 * 4 + std::time::Duration::from_secs(1),
        "{few:?} for 10, {many:?} for 80"
    );
}

/// Thousands of documents are read in a time that grows with them, and each is carried.
#[test]
fn many_documents_take_no_longer_than_they_are_many() {
    let good = files_below(&repository("tests/import/tier"))["in.yaml"].clone();
    let one = |at: usize| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: c{at}, namespace: lone }}\ndata: {{ A: b }}\n"
        )
    };
    let taken = |count: usize| {
        let source: String = std::iter::once(good.clone()).chain((0..count).map(one)).collect();
        let start = std::time::Instant::now();
        let outcome = import("in.yaml", &source, options());
        let imported = outcome.imported.expect("there are workloads");
        let carried = imported.account.leaves.iter().filter(|leaf| leaf.object.contains("/lone/c"));
        assert_eq!(carried.count(), 5 * count, "{}", outcome.report);
        start.elapsed()
    };
    taken(10);
    let (few, many) = (taken(50), taken(400));
    assert!(
        many < few * 8 * 4 + std::time::Duration::from_secs(1),
        "{few:?} for 50, {many:?} for 400"
    );
}

/// Names that lead out of the folder name no file there.
#[test]
fn names_that_are_paths_write_nothing_outside_of_the_specs() {
    let good = files_below(&repository("tests/import/tier"))["in.yaml"].clone();
    let up = "../../../up";
    let hostile = format!(
        "{good}\n---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{ name: \"{up}\" }}\nspec: {{ group: a.example.com, names: {{ kind: Up }} }}\n---\napiVersion: a.example.com/v1\nkind: \"{up}\"\nmetadata: {{ name: a }}\n---\napiVersion: \"{up}/v1\"\nkind: Up\nmetadata: {{ name: a }}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: \"{up}\", namespace: \"{up}\" }}\nspec:\n  selector: {{ matchLabels: {{ app: up }} }}\n  template:\n    metadata: {{ labels: {{ app: up }} }}\n    spec:\n      containers: [{{ name: up, image: \"up:1\", volumeMounts: [{{ name: up, mountPath: /up }}] }}]\n      volumes: [{{ name: up, configMap: {{ name: \"{up}\" }} }}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: \"{up}\", namespace: \"{up}\" }}\ndata: {{ \"{up}\": up, plain: up }}\n"
    );
    let outcome = import("in.yaml", &hostile, options());
    let imported = outcome.imported.expect("the rest goes on");
    for path in imported.files.keys().chain(imported.cutover.keys()) {
        assert!(!path.contains("..") && !path.starts_with('/'), "{path}");
    }
    assert!(imported.files.contains_key("api.toml"), "{:?}", imported.files.keys());
    assert!(outcome.codes.contains(&"import-lost"), "{}", outcome.report);
}

/// A definition that defines nothing is refused, and what is of its kind.
#[test]
fn a_definition_that_is_none_stops_nothing_else() {
    let good = files_below(&repository("tests/import/tier"))["in.yaml"].clone();
    let source = format!(
        "{good}\n---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{ name: ups.a.example.com }}\nspec: {{ versions: nothing }}\n---\napiVersion: a.example.com/v1\nkind: Up\nmetadata: {{ name: a }}\n"
    );
    let outcome = import("in.yaml", &source, options());
    let imported = outcome.imported.expect("the rest goes on");
    assert_eq!((imported.services, imported.refused.is_some()), (2, false), "{}", outcome.report);
    assert!(outcome.codes.contains(&"import-lost"), "{}", outcome.report);
}

/// A text beyond what is read is a finding, and so is one that refers to itself in a circle.
#[test]
fn a_text_that_is_too_large_is_a_finding() {
    let good = files_below(&repository("tests/import/tier"))["in.yaml"].clone();
    let huge = format!("{good}\n# {}\n", "x".repeat(64 << 20));
    let outcome = import("in.yaml", &huge, options());
    assert!(outcome.report.contains("this is more than 64 MiB"), "{:.300}", outcome.report);
    assert!(outcome.imported.is_none());
}

/// One workload with what chance gives it, and the Kubernetes Service that leads to it.
fn random_workload(random: &mut Random, name: &str) -> String {
    let mut pick = |of: &[&str]| (*random.pick(of)).to_owned();
    let kind = pick(&["Deployment", "Deployment", "StatefulSet"]);
    let spec = [
        pick(&["", "replicas: 1", "replicas: 3"]),
        pick(&["", "revisionHistoryLimit: 4"]),
        pick(&["", "minReadySeconds: 5"]),
    ];
    let set = if kind == "StatefulSet" { format!("serviceName: {name}") } else { String::new() };
    let pod = [
        pick(&["", "hostAliases: [{ ip: 10.0.0.9, hostnames: [a.example.com, b.example.com] }]"]),
        pick(&["", "nodeSelector: { disk: ssd, \"kubernetes.io/os\": linux }"]),
        pick(&["", "tolerations: [{ key: spot, operator: Exists, effect: NoSchedule }]"]),
        pick(&[
            "",
            "dnsConfig: { options: [{ name: ndots, value: \"2\" }] }",
            "dnsPolicy: Default",
        ]),
        pick(&["", "terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds: 90"]),
        pick(&[
            "",
            "securityContext: { runAsUser: 1234, runAsGroup: 77, fsGroup: 99 }",
            "securityContext: { supplementalGroups: [7] }",
        ]),
        pick(&["", "runtimeClassName: gvisor", "imagePullSecrets: [{ name: pull }]"]),
        pick(&[
            "",
            "volumes: [{ name: tmp, emptyDir: { sizeLimit: 32Mi } }]",
            "volumes: [{ name: tmp, emptyDir: { medium: Memory } }]",
            "volumes: [{ name: tmp, secret: { secretName: keys, defaultMode: 256 } }]",
            "volumes: [{ name: tmp, projected: { sources: [{ secret: { name: keys } }] } }]",
        ]),
    ];
    let mount =
        if pod[7].is_empty() { "" } else { "volumeMounts: [{ name: tmp, mountPath: /var/tmp/a }]" };
    let container = [
        mount.to_owned(),
        pick(&["", "command: [/run, \"a b\"]"]),
        pick(&["", "args: [--x=1, \"on\", \"\"]"]),
        pick(&[
            "",
            "env: [{ name: A, value: \"yes\" }, { name: B, value: \"$(A)-b\" }]",
            "env: [{ name: NUM, value: \"007\" }, { name: EMPTY }]",
            "env: [{ name: IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }]",
        ]),
        pick(&["", "workingDir: /srv", "tty: true", "stdin: true"]),
        pick(&[
            "",
            "resources: { requests: { cpu: 0.2, memory: 100M }, limits: { memory: 1e9 } }",
            "resources: { limits: { cpu: 2, memory: 1Gi } }",
        ]),
        pick(&[
            "",
            "readinessProbe: { httpGet: { path: /r, port: web }, periodSeconds: 3 }",
            "readinessProbe: { tcpSocket: { port: 9000 }, initialDelaySeconds: 200 }",
        ]),
        pick(&[
            "",
            "livenessProbe: { exec: { command: [alive] }, failureThreshold: 9 }",
            "livenessProbe: { grpc: { port: 9000 } }",
        ]),
        pick(&[
            "",
            "securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: [NET_RAW] } }",
        ]),
    ];
    let said = |lines: &[String], indent: &str| -> String {
        lines
            .iter()
            .filter(|line| !line.is_empty())
            .map(|line| format!("{indent}{line}\n"))
            .collect()
    };
    format!(
        "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{ name: {name}, namespace: shop, labels: {{ app: {name} }} }}\nspec:\n{}{}  selector: {{ matchLabels: {{ app: {name} }} }}\n  template:\n    metadata: {{ labels: {{ app: {name} }}, annotations: {{ a.example.com/b: c }} }}\n    spec:\n{}      containers:\n      - name: {name}\n        image: registry.example.com/{name}@sha256:8970c121d2d50b2fb3f88a68e2d86a2c2f51183c9395b1ee1ad7e999f56334b2\n        ports: [{{ name: web, containerPort: 9000 }}]\n{}---\napiVersion: v1\nkind: Service\nmetadata: {{ name: {name}, namespace: shop }}\nspec: {{ selector: {{ app: {name} }}, ports: [{{ port: 80, targetPort: web }}] }}\n---\n",
        said(&spec, "  "),
        said(&[set], "  "),
        said(&pod, "      "),
        said(&container, "        "),
    )
}

#[test]
fn what_chance_makes_gives_itself_back() {
    let mut random = Random::new(7);
    let source: String = (0..8).map(|at| random_workload(&mut random, &format!("w{at}"))).collect();
    let outcome = import("in.yaml", &source, options());
    let imported = outcome.imported.expect("there are workloads");
    assert_eq!(imported.services, 8, "{}\n{source}", outcome.report);
    let compiled = compile(&written(&imported), &Files::new());
    assert!(!compiled.report().contains("error["), "{}", compiled.report());
    hold(&source, &imported.account.leaves, &compiled.tree, &BTreeSet::new());
}

/// Objects of odd forms are carried or told, and never a panic.
#[test]
fn objects_of_odd_forms_are_carried_or_told() {
    let web = |spec: &str, container: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: web, namespace: shop }}\nspec:\n  {spec}\n  selector: {{ matchLabels: {{ app: web }} }}\n  template:\n    metadata: {{ labels: {{ app: web }} }}\n    spec: {{ containers: [{{ name: web, image: \"web:1\", {container} }}] }}\n"
        )
    };
    let other = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: other, namespace: other }\nspec: { selector: { matchLabels: { app: other } }, template: { metadata: { labels: { app: other } }, spec: { containers: [{ name: other, image: \"other:1\" }] } } }\n";
    for (spec, container) in [
        ("replicas: 0", "ports: []"),
        ("replicas: -3", "ports: [{ containerPort: 70000 }]"),
        ("paused: true", "ports: [{ containerPort: 53, protocol: UDP }]"),
        ("minReadySeconds: 7", "resources: { requests: { cpu: nonsense } }"),
        ("progressDeadlineSeconds: 1", "resources: { limits: { memory: 100 } }"),
        ("revisionHistoryLimit: 0", "env: [{ name: \"1 x\", value: a }]"),
        ("strategy: {}", "env: [{ name: A, value: \"$(B)\" }, { name: B, value: \"$(A)\" }]"),
        ("replicas: 1", "lifecycle: { preStop: { exec: { command: [sh, -c, stop] } } }"),
        ("replicas: 1", "livenessProbe: { httpGet: { port: nowhere } }"),
        ("replicas: 1", "volumeMounts: [{ name: gone, mountPath: /x }]"),
        ("replicas: 1", "securityContext: { privileged: true }"),
        ("replicas: 1", "image: \"\""),
        ("replicas: 1", "securityContext: { capabilities: { add: [SYS_ADMIN] } }"),
    ] {
        let source =
            format!("{}{other}", web(spec, container).replace("image: \"web:1\", image", "image"));
        let outcome = import("in.yaml", &source, options());
        let Some(imported) = outcome.imported else { panic!("{container}: {}", outcome.report) };
        if imported.refused.is_some() {
            panic!("{container}: {}", outcome.report);
        }
        let compiled = compile(&written(&imported), &Files::new());
        assert!(!compiled.report().contains("error["), "{container}: {}", compiled.report());
        let lost = lost(&source, &imported.account.leaves, &outcome.report);
        hold(&source, &imported.account.leaves, &compiled.tree, &lost);
    }
}
