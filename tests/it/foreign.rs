//! What a loss does to manifests that run today, of which nobody promises anything.

use crate::fits::misfits;
use crate::generate;
use crate::input::{below, input};
use crate::workbench::{Run, Workbench, repository};
use expect_test::expect_file;
use ninefold::diag::{FileId, Sink, Sources};
use ninefold::import::foreign;
use ninefold::judge::foreign::{Assumed, Beside, Foreign, Weak};
use ninefold::judge::{self, How, Promises, Question, Report, Scope};
use ninefold::tree::Ledger;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;

const SHOP: &str = "tests/foreign/shop";

/// A command in the repository's folder.
fn ninefold(arguments: &[&str]) -> Run {
    let mut command = Workbench::empty().command(arguments);
    command.current_dir(repository(""));
    Run::of(command)
}

fn ask(text: &str, assumed: Assumed, scope: Scope) -> Report {
    let mut sources = Sources::default();
    let file: FileId = sources.add("in.yaml", text);
    let read = foreign::read(&sources, &[file], "");
    let judged = Foreign::read(&read.seen, read.unread.clone(), Beside::Assumed(assumed));
    judged.lose(&Question { scope, name: None, how: How::Gone }).expect("an answer")
}

const THREE: Assumed = Assumed { zones: 3, nodes: 2, size: None };

fn deployment(name: &str, replicas: usize, more: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: {name} }}\nspec:\n  replicas: {replicas}\n  selector: {{ matchLabels: {{ app: {name} }} }}\n  template:\n    metadata: {{ labels: {{ app: {name} }} }}\n    spec:\n      containers: [{{ name: main, image: \"a:1\" }}]\n{more}---\n"
    )
}

fn stays(report: &Report) -> Vec<(String, usize, usize)> {
    let of = |one: &judge::Outcome| (one.service.clone(), one.stay, one.back);
    report.services.iter().map(of).collect()
}

fn weak(report: &Report, service: &str) -> Vec<Weak> {
    let found = report.services.iter().find(|one| one.service == service).expect(service);
    found.weaknesses.iter().map(|one| one.kind).collect()
}

/// The screens, with the nodes that are among the files.
#[test]
fn what_is_said_of_a_folder() {
    for (lose, file) in [("node", "node"), ("zone", "zone"), ("region", "region")] {
        let run = ninefold(&["simulate", "--lose", lose, "--out", SHOP]).code(0);
        let path = repository("tests/foreign").join(format!("{file}.txt"));
        expect_file![path].assert_eq(&run.stdout);
        assert_eq!(run.stderr, "");
    }
}

/// Where no node is among the files, it says what is assumed, and is told otherwise.
#[test]
fn what_is_assumed_is_said() {
    let data = format!("{SHOP}/base/data.yaml");
    let run = |more: &[&str]| {
        let arguments = ["simulate", "--lose", "zone", "--out", &data];
        ninefold(&[&arguments[..], more].concat())
    };
    let plain = run(&[]).code(0).stdout;
    assert!(plain.contains("one cluster of 3 zones with 2 nodes each"), "{plain}");
    assert!(plain.contains("Every pod has room"), "{plain}");
    let told = run(&["--zones", "2", "--nodes", "5"]).code(0).stdout;
    assert!(told.contains("one cluster of 2 zones with 5 nodes each"), "{told}");
    let small = run(&["--node-cpu", "100m", "--node-memory", "64Mi"]).code(0).stdout;
    assert!(small.contains("before anything is lost"), "{small}");
    assert!(!small.contains("Every pod has room"), "{small}");
    let fleet = run(&["--fleet", "specs/fleet.toml"]).code(0).stdout;
    assert!(fleet.contains("the clusters are those that the fleet declared on"), "{fleet}");
    assert!(fleet.contains("are taken to run in `centralus`"), "{fleet}");
    for (arguments, expected) in [
        (&["nowhere"][..], "there is no zone called `nowhere`"),
        (&["--fleet", "nothing.toml"], "a fleet is in a file called `fleet.toml`"),
        (&["--node-cpu", "1"], "--node-memory"),
        (&["--zones", "0"], "0 is not in 1..=100"),
    ] {
        let run = run(arguments).code(2);
        assert!(run.stderr.contains(expected), "{arguments:?}: {}", run.stderr);
    }
}

/// A zone that is cordoned keeps its pods, which serve nobody until somebody drains its nodes.
#[test]
fn a_zone_that_is_cordoned_is_lost_to_those_who_ask() {
    let cordoned = ["simulate", "--lose", "zone", "--how", "cordoned", "--out", SHOP];
    let answer = |arguments: &[&str]| -> Value {
        let run = ninefold(&[arguments, &["--format", "json"]].concat()).code(0);
        serde_json::from_str(&run.stdout).unwrap()
    };
    let (cordoned_answer, gone) =
        (answer(&cordoned), answer(&["simulate", "--lose", "zone", "--out", SHOP]));
    let services = |answer: &Value| answer["services"].as_array().unwrap().clone();
    let mut lost = 0;
    for (one, other) in services(&cordoned_answer).iter().zip(&services(&gone)) {
        assert_eq!((&one["service"], &one["stay"]), (&other["service"], &other["stay"]));
        let drains = one["notes"].to_string().contains("once somebody drains its nodes");
        lost += usize::from(drains);
        assert!(!one["notes"].to_string().contains("fenced"), "{one}");
        assert!(one["terms"]["decision"].is_u64() || one["stay"] == one["replicas"], "{one}");
    }
    assert!(lost > 0, "{cordoned_answer}");
    let text = ninefold(&cordoned).code(0).stdout;
    assert!(text.contains("any one zone that is cordoned"), "{text}");
    assert!(text.contains("Cordoned: the nodes of the zone take no new pods"), "{text}");
    let run = ninefold(&["simulate", "--lose", "node", "--how", "cordoned", "--out", SHOP]).code(2);
    assert!(run.stderr.contains("only a zone is cordoned"), "{}", run.stderr);
}

/// Where nothing is read, that is what is said, and not that a loss does no harm.
#[test]
fn what_holds_no_object_is_an_error_and_what_runs_no_pod_is_said() {
    let bench = Workbench::empty();
    for (name, text) in
        [("empty.yaml", ""), ("comment.yaml", "# nothing\n"), ("broken.yaml", "a: [")]
    {
        bench.write(name, text);
        for lose in ["node", "zone", "region"] {
            let run = bench.run(&["simulate", "--lose", lose, "--out", name]).code(2);
            assert!(
                run.stderr.contains(&format!("there is no object in `{name}`")),
                "{}",
                run.stderr
            );
            assert_eq!(run.stdout, "");
        }
    }
    bench.write("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n");
    let run = bench.run(&["simulate", "--lose", "zone", "--out", "map.yaml"]).code(0);
    let said = "No Deployment, StatefulSet, ReplicaSet or Pod was read";
    assert!(run.stdout.contains(said), "{}", run.stdout);
}

/// What comes by standard input is answered as what is in a file.
#[test]
fn standard_input_is_a_tree_of_its_own() {
    let text = std::fs::read_to_string(repository(SHOP).join("base/web.yaml")).unwrap();
    let bench = Workbench::empty();
    bench.write("web.yaml", &text);
    let by_file = bench.run(&["simulate", "--lose", "zone", "--out", "web.yaml"]).code(0).stdout;
    let mut command = bench.command(&["simulate", "--lose", "zone", "--out", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let by_input = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(by_input.replace("-:", "web.yaml:"), by_file);
}

/// Standard input is a tree, too; the same comes of a list of JSON.
#[test]
fn a_list_of_json_is_the_same_tree() {
    let text = std::fs::read_to_string(repository(SHOP).join("base/web.yaml")).unwrap();
    let documents = serde_yaml::Deserializer::from_str(&text);
    let items: Vec<Value> = documents
        .map(|document| <Value as serde::Deserialize>::deserialize(document).unwrap())
        .collect();
    let list = serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": items });
    let plain = ask(&text, THREE, Scope::Zone);
    assert_eq!(stays(&plain), stays(&ask(&list.to_string(), THREE, Scope::Zone)));
    assert_eq!(plain.services.len(), 2);
}

#[test]
fn the_answer_has_a_schema() {
    let schema = repository("specs/schema/simulate.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    for lose in ["node", "zone", "region"] {
        let arguments = ["simulate", "--lose", lose, "--out", SHOP, "--format", "json"];
        let answer: Value = serde_json::from_str(&ninefold(&arguments).code(0).stdout).unwrap();
        assert_eq!(misfits(&answer, &schema), Vec::<String>::new());
        assert_eq!((&answer["foreign"], &answer["holds"]), (&true.into(), &true.into()));
        assert_eq!(answer["unread"].as_array().unwrap().len(), 3, "{}", answer["unread"]);
    }
}

/// A tree of Ninefold's that has lost its ledger is none of a stranger's.
#[test]
fn an_own_tree_without_its_ledger_is_refused() {
    let bench = Workbench::committed();
    std::fs::remove_dir_all(bench.path("out/ledger")).unwrap();
    let run = bench.run(&["simulate", "--lose", "zone"]).code(2);
    assert!(run.stderr.contains("there is no ledger below it"), "{}", run.stderr);
}

/// With the nodes of the fleet, the example's objects are left with as much as `simulate` says, which
/// knows its ledgers.
#[test]
fn the_example_is_left_with_as_much() {
    let (tree, specs) = (generate::folder("out"), generate::folder("specs"));
    let fleet = ninefold::compile::fleet(&mut Sink::default(), input(below("specs", specs.iter())))
        .expect("the fleet is valid");
    let (mut promises, mut found) = (Promises::new(), Vec::new());
    let (mut sources, mut files) = (Sources::default(), Vec::new());
    for (path, text) in &tree {
        let unit = path.strip_prefix("ledger/").and_then(|path| path.strip_suffix(".json"));
        if let Some(unit) = unit {
            let ledger = Ledger::read(unit, text).expect("a ledger");
            promises.insert(unit.to_owned(), ledger.promises_as_json());
        } else if path.ends_with(".yaml") && !path.starts_with("recovery/") {
            found.extend(judge::look(path, text).expect("it can be read"));
            files.push(sources.add(path.clone(), text.clone()));
        }
    }
    let own = judge::Tree::gather(found).in_environments(&fleet);
    let read = foreign::read(&sources, &files, "");
    let judged = Foreign::read(&read.seen, Vec::new(), Beside::Fleet(&fleet));
    let mut compared = 0;
    for (scope, name) in [(Scope::Zone, "eastus2-1"), (Scope::Node, "centralus-2")] {
        let question = Question { scope, name: Some(name.to_owned()), how: How::Gone };
        let own = judge::run(&fleet, &own, &promises, &question).expect("an answer");
        let theirs = judged.lose(&question).expect("an answer");
        // `eastus2/checkout/deployment.yaml:3` is of `checkout`.
        let by_service: BTreeMap<&str, (usize, usize)> = (theirs.services.iter())
            .filter(|one| !one.at.contains("/retained/"))
            .map(|one| (one.at.split('/').nth(1).unwrap(), (one.stay, one.back)))
            .collect();
        for one in &own.services {
            if let Some(found) = by_service.get(one.service.as_str()) {
                assert_eq!(*found, (one.stay, one.back), "{} without {name}", one.service);
                compared += 1;
            }
        }
    }
    assert!(compared > 12, "{compared}");
}

#[test]
fn a_spread_that_is_required_keeps_replicas_and_a_wish_does_not() {
    let spread = |when: &str| {
        format!(
            "      topologySpreadConstraints: [{{ maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: {when}, nodeTaintsPolicy: Honor, labelSelector: {{ matchLabels: {{ app: web }} }} }}]\n"
        )
    };
    let of = |when| ask(&deployment("web", 3, &spread(when)), THREE, Scope::Zone);
    assert_eq!(stays(&of("DoNotSchedule")), [("Deployment/default/web".to_owned(), 2, 1)]);
    let wished = of("ScheduleAnyway");
    assert_eq!(stays(&wished), [("Deployment/default/web".to_owned(), 0, 3)]);
    assert!(weak(&wished, "Deployment/default/web").contains(&Weak::NoSpread));
}

/// A volume that cannot leave its zone keeps its pod down; one for all replicas keeps them together.
#[test]
fn volumes_hold_pods() {
    let volume = "      volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]\n";
    let claim = |mode: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{ name: data }}\nspec: {{ accessModes: [{mode}], storageClassName: c }}\n---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{ name: c }}\n"
        )
    };
    let zonal = "provisioner: disk.csi.azure.com\nvolumeBindingMode: WaitForFirstConsumer\n";
    let local = "provisioner: rancher.io/local-path\nvolumeBindingMode: WaitForFirstConsumer\n";
    let free = "provisioner: file.csi.azure.com\n";
    let of = |mode: &str, class: &str, scope| {
        let text = deployment("web", 2, volume) + &claim(mode) + class;
        let report = ask(&text, THREE, scope);
        let weak = weak(&report, "Deployment/default/web");
        (report.services[0].stay, report.services[0].back, weak.contains(&Weak::BoundVolume))
    };
    assert_eq!(of("ReadWriteOnce", zonal, Scope::Zone), (0, 0, true));
    assert_eq!(of("ReadWriteOnce", zonal, Scope::Node), (0, 2, true));
    assert_eq!(of("ReadWriteOnce", local, Scope::Node), (0, 0, true));
    assert_eq!(of("ReadWriteOnce", free, Scope::Zone), (0, 2, false));
    assert_eq!(of("ReadWriteMany", free, Scope::Zone), (0, 2, false));
}

/// Bytes that are no manifests, and fields that are none, stop nothing.
/// A database of CloudNativePG, whose pods its operator makes.
#[test]
fn the_instances_of_a_database_are_pods() {
    let database = |more: &str| {
        format!(
            "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {{ name: db }}\nspec:\n  instances: 3\n  storage: {{ size: 1Gi }}\n  resources: {{ requests: {{ cpu: 100m, memory: 1Gi }} }}\n{more}---\n"
        )
    };
    let own = "Cluster/default/db";
    // Only wished for, unless it is required.
    let wished = ask(&database(""), THREE, Scope::Zone);
    assert_eq!(stays(&wished), [(own.to_owned(), 0, 0)]);
    assert_eq!(weak(&wished, own), [Weak::NoSpread, Weak::BoundVolume, Weak::NoBackup]);
    let apart = "  affinity: { podAntiAffinityType: required, topologyKey: topology.kubernetes.io/zone }\n  plugins: [{ name: barman-cloud.cloudnative-pg.io, isWALArchiver: true }]\n";
    let kept = ask(&database(apart), THREE, Scope::Zone);
    assert_eq!(stays(&kept), [(own.to_owned(), 2, 0)]);
    assert_eq!(weak(&kept, own), [Weak::BoundVolume]);
    let notes = |report: &Report| report.services[0].notes.join("; ");
    assert!(notes(&kept).starts_with("another instance leads within"), "{}", notes(&kept));
    let waits = format!("{apart}  postgresql: {{ synchronous: {{ method: any, number: 2 }} }}\n");
    let waits = notes(&ask(&database(&waits), THREE, Scope::Zone));
    assert!(waits.starts_with("nothing is written until 1 instance more is back"), "{waits}");
    // A copy that follows leads nothing, and Cluster API has a kind of that name, too.
    let follows = notes(&ask(&database("  replica: { enabled: true }\n"), THREE, Scope::Node));
    assert!(!follows.contains("leads"), "{follows}");
    let machines = "apiVersion: cluster.x-k8s.io/v1beta2\nkind: Cluster\nmetadata: { name: db }\n";
    assert_eq!(stays(&ask(machines, THREE, Scope::Zone)), []);
}

#[test]
fn what_cannot_be_read_is_said_and_stops_nothing() {
    let web = deployment("web", 1, "");
    for (bad, why) in [
        ("kind: [\n", "did not find"),
        ("apiVersion: v1\nkind: Pod\n", "this object has no name"),
        ("- 1\n", "not a Kubernetes object"),
        (
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: b }\nspec: {}\n",
            "one of minAvailable",
        ),
        (
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: s }\nspec: { replicas: -1 }\n",
            "Stateful",
        ),
        ("apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: n }\nspec: 7\n", ""),
    ] {
        let report = ask(&format!("{web}{bad}"), THREE, Scope::Zone);
        assert!(stays(&report).iter().any(|(name, ..)| name.ends_with("/web")), "{bad}");
        let said = report.unread.iter().any(|one| one.why.contains(why));
        assert!(why.is_empty() || said, "{bad}: {:?}", report.unread);
    }
}

/// A terminal acts on nothing that somebody wrote into a manifest.
#[test]
fn names_that_a_terminal_would_act_on_are_spelled() {
    let bad = r#"
apiVersion: apps/v1
kind: Deployment
metadata: { name: "a\e[31m\nb", namespace: "c\td" }
spec: { template: { spec: { containers: [{ name: a, image: b }] } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: "e\e[31m" }
spec: { replicas: -1 }
"#;
    let report = ask(bad, THREE, Scope::Zone);
    let text = report.to_text("in.yaml", false);
    assert!(text.contains(r"Deployment/c\td/a\u{1b}[31m\nb"), "{text}");
    assert!(text.contains(r"e\u{1b}[31m"), "{text}");
    assert!(!text.contains(['\u{1b}', '\t']), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.yaml");
    let named = deployment("web", 1, "").replace("name: main", r#"name: "a\e[31m""#);
    assert!(named.contains(r"\e"), "{named}");
    std::fs::write(&file, named).unwrap();
    let text = ninefold(&["explain", "web", "--out", file.to_str().unwrap()]).code(0).stdout;
    assert!(text.contains(r"a\u{1b}[31m: CPU"), "{text}");
}

#[test]
fn a_workload_is_explained_by_its_lines() {
    let run = ninefold(&["explain", "shop/api", "--out", SHOP]).code(0);
    expect_file![repository("tests/foreign/explain.txt")].assert_eq(&run.stdout);
    // Every place that is told holds the key that it is told of.
    let text = std::fs::read_to_string(repository(SHOP).join("base/web.yaml")).unwrap();
    let at = text.lines().position(|line| line.contains("startupProbe: {")).unwrap() + 1;
    assert!(run.stdout.contains(&format!(": 12 (base/web.yaml:{at})")), "{}", run.stdout);
    let at = text.lines().position(|line| line.contains("minReplicas: 3")).unwrap() + 1;
    let least = format!("fewest replicas of the autoscaler: 3 (base/web.yaml:{at})");
    assert!(run.stdout.contains(&least), "{}", run.stdout);
    let schema = repository("specs/schema/explain.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let arguments = ["explain", "db", "--out", SHOP, "--format", "json"];
    let answer: Value = serde_json::from_str(&ninefold(&arguments).code(0).stdout).unwrap();
    assert_eq!(misfits(&answer, &schema), Vec::<String>::new());
    assert_eq!(answer[0]["workload"], "StatefulSet/shop/db");
    let markdown = ["explain", "web", "--out", SHOP, "--format", "markdown"];
    assert!(ninefold(&markdown).code(0).stdout.starts_with("# `Deployment/shop/web`"));
    let wrong = ninefold(&["explain", "wep", "--out", SHOP]).code(2);
    assert!(wrong.stderr.contains("has no workload called `wep`"), "{}", wrong.stderr);
    let own = ninefold(&["explain", "checkout", "--out", "out"]).code(2);
    assert!(own.stderr.contains("no manifests of a stranger"), "{}", own.stderr);
}

#[test]
fn the_report_shows_every_workload_and_every_loss() {
    let page = ninefold(&["report", "--out", SHOP]).code(0).stdout;
    let arguments = ["simulate", "--lose", "zone", "--out", SHOP, "--format", "json"];
    let answer: Value = serde_json::from_str(&ninefold(&arguments).code(0).stdout).unwrap();
    for one in answer["services"].as_array().unwrap() {
        let (name, at) = (one["service"].as_str().unwrap(), one["at"].as_str().unwrap());
        let row = page.lines().find(|line| line.contains(&format!(">{name}<small>{at}<")));
        let row = row.unwrap_or_else(|| panic!("no row of {name}"));
        let stay = format!("<data value=\"{0}\">{0}</data> of {1}<", one["stay"], one["replicas"]);
        assert!(row.replace(" <small", "<small").contains(&stay[..stay.len() - 1]), "{row}");
        assert_eq!(row.matches("<td class=").count(), 3, "{row}");
    }
    for part in ["id=\"map\"", "id=\"losses\"", "id=\"weak\"", "id=\"unread\"", "id=\"premises\""] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("http://") && !page.contains("https://"), "it asks for something");
    let markdown = ninefold(&["report", "--out", SHOP, "--markdown"]).code(0).stdout;
    expect_file![repository("tests/foreign/report.md")].assert_eq(&markdown);
}
