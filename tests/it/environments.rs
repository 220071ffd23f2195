//! Laws of environments: what a spec says of another one takes nothing from the default one, and gives
//! it what a fleet of its own would have.

use crate::support::compile;
use crate::workbench::Workbench;
use std::collections::BTreeMap;
use toml::{Table, Value};

const FLEET: &str = r#"
inventory = "2026-11-01"
dns."example.com".engine = "k8gb"

[regions.north]
geography = "eu"
provider = "other"
cluster = "north"
kubernetes = "1.35"
gateway = "gateways"
entry = { class = "nginx", address = "north.example" }
prometheus = {}
zones = [
  { name = "north-1", nodes = 3, cpu = "48", memory = "192Gi" },
  { name = "north-2", nodes = 3, cpu = "48", memory = "192Gi" },
  { name = "north-3", nodes = 3, cpu = "48", memory = "192Gi" },
]
storage = [{ name = "ssd", topology = "region", binding = "wait-for-first-consumer", snapshots = "csi" }]
backup.locations = [{ name = "south-vault", stored_in = "south" }]

[regions.south]
geography = "eu"
provider = "other"
cluster = "south"
kubernetes = "1.35"
gateway = "gateways"
entry = { class = "nginx", address = "south.example" }
prometheus = {}
zones = [
  { name = "south-1", nodes = 3, cpu = "48", memory = "192Gi" },
  { name = "south-2", nodes = 3, cpu = "48", memory = "192Gi" },
  { name = "south-3", nodes = 3, cpu = "48", memory = "192Gi" },
]
storage = [{ name = "ssd", topology = "region", binding = "wait-for-first-consumer", snapshots = "csi" }]
backup.locations = [{ name = "north-vault", stored_in = "north" }]

[regions.test]
environment = "staging"
geography = "eu"
provider = "other"
cluster = "test"
kubernetes = "1.36"
gateway = "gateways"
entry = { class = "nginx", address = "test.example" }
prometheus = {}
zones = [
  { name = "test-1", nodes = 2, cpu = "48", memory = "192Gi" },
  { name = "test-2", nodes = 2, cpu = "48", memory = "192Gi" },
]
storage = [{ name = "ssd", topology = "region", binding = "wait-for-first-consumer", snapshots = "csi" }]
backup.locations = [{ name = "away-vault", stored_in = "away", geography = "eu" }]
"#;

const STORE: &str = r#"
name = "store"
image = "registry.example.com/shop/store@sha256:0000000000000000000000000000000000000000000000000000000000000000"
kind = "stateful"
tier = "silver"
regions = ["north", "south"]
recovery = "pilot light"
rpo = "4h"
rto = "4h"
namespace = "shop"

[[volumes]]
name = "data"
path = "/data"
size = "10Gi"

[[depends_on]]
service = "web"

[[accept]]
rule = "standby-without-data"
reason = "the data is brought back"
until = "2027-06-30"

[environments.staging]
tier = "bronze"
regions = ["test"]
recovery = "backup and restore"
rpo = "1d"
rto = "1d"
"#;

const WEB: &str = r#"
name = "web"
image = "registry.example.com/shop/web@sha256:0000000000000000000000000000000000000000000000000000000000000000"
tier = "gold"
regions = ["north", "south"]
recovery = "active/active"
rpo = "4h"
rto = "4h"
namespace = "shop"

[capacity]
peak = 4
cpu = "500m"
autoscale = { min = 12, max = 18, cpu = 70 }

[[ports]]
name = "http"
port = 8080
gateway = true

[config]
GREETING = { default = "hello", south = "ciao", test = "moin" }
LEVEL = { secret = "levels", key = "web" }

[traffic]
hosts = ["web.example.com"]
weights = { north = 60, south = 40 }

[[files]]
path = "/etc/web/colours"
content = { default = "blue", test = "green" }

[environments.staging]
image = "registry.example.com/shop/web@sha256:1111111111111111111111111111111111111111111111111111111111111111"
tier = "silver"
regions = ["test"]
recovery = "backup and restore"

[environments.staging.capacity]
peak = 1
autoscale = { min = 2, max = 5, cpu = 70 }

[environments.staging.config]
LEVEL = "debug"

[environments.staging.traffic]
hosts = ["web.test.example.com"]
"#;

type Files = BTreeMap<String, String>;

fn tree(fleet: &str, specs: &[&str]) -> Files {
    let names = ["a.toml", "b.toml"];
    let specs = names.into_iter().zip(specs.iter().copied());
    let files: Vec<(&str, &str)> = specs.chain([("fleet.toml", fleet)]).collect();
    let compiled = compile(&files);
    assert!(compiled.findings.is_empty(), "{}", compiled.report());
    compiled.files
}

/// A spec without its environments, and what it says of staging.
fn taken_apart(spec: &str) -> (Table, Table) {
    let mut spec: Table = spec.parse().expect("TOML");
    let environments = spec.remove("environments").expect("the specs here have one");
    (spec, environments["staging"].as_table().expect("a table").clone())
}

/// The top of a spec with what differs, as somebody would write it by hand for a fleet of its own.
fn by_hand(mut top: Table, differs: Table) -> Table {
    for (key, value) in differs {
        match (top.get_mut(&key), value) {
            (Some(Value::Table(old)), Value::Table(new)) => old.extend(new),
            (_, value) => drop(top.insert(key, value)),
        }
    }
    // What is said of regions that the other fleet does not have.
    if let Some(traffic) = top.get_mut("traffic").and_then(Value::as_table_mut) {
        traffic.remove("weights");
    }
    if let Some(config) = top.get_mut("config").and_then(Value::as_table_mut) {
        config["GREETING"].as_table_mut().expect("by region").remove("south");
    }
    top.retain(|key, _| key != "accept");
    top
}

#[test]
fn the_default_environment_is_what_it_is_without_others() {
    let (web, store) = (taken_apart(WEB).0, taken_apart(STORE).0);
    let mut web = web;
    web["config"]["GREETING"].as_table_mut().expect("by region").remove("test");
    web["files"][0]["content"].as_table_mut().expect("by region").remove("test");
    let without = tree(FLEET, &[&store.to_string(), &web.to_string()]);
    let with = tree(FLEET, &[STORE, WEB]);
    let of_default = |path: &str| {
        ["north/", "south/"].iter().any(|region| path.starts_with(region))
            || ["store", "web"].iter().any(|service| {
                path == format!("ledger/{service}.json") || path == format!("recovery/{service}.md")
            })
            || path.starts_with("recovery/")
                && (path.contains("-north/") || path.contains("-south/"))
    };
    let own = |files: &Files| -> Files {
        files
            .iter()
            .filter(|(path, _)| of_default(path))
            .map(|(a, b)| (a.clone(), b.clone()))
            .collect()
    };
    assert_same(&own(&with), &own(&without));
    assert!(with.len() > own(&with).len() + 12);
}

#[test]
fn an_environment_is_what_a_fleet_of_its_own_would_have() {
    let mut fleet: Table = FLEET.parse().expect("TOML");
    let regions = fleet["regions"].as_table_mut().expect("regions");
    regions.retain(|name, _| name == "test");
    regions["test"].as_table_mut().expect("a region").remove("environment");
    let [store, web] = [STORE, WEB].map(|spec| {
        let (top, differs) = taken_apart(spec);
        by_hand(top, differs).to_string()
    });
    let apart = tree(&fleet.to_string(), &[&store, &web]);
    let with = tree(FLEET, &[STORE, WEB]);
    let here = |path: &str| path.starts_with("test/") || path.contains("-test/");
    // Its cards are called after the environment, and alerts lead to them.
    let own = |files: &Files| -> Files {
        let files = files.iter().filter(|(path, _)| here(path));
        files.map(|(path, text)| (path.clone(), text.replace("@staging.md", ".md"))).collect()
    };
    assert!(own(&with).len() > 20);
    assert_same(&own(&with), &own(&apart));
    let promises = |files: &Files, ledger: &str| -> serde_json::Value {
        let ledger: serde_json::Value = serde_json::from_str(&files[ledger]).expect("JSON");
        ledger["promises"].clone()
    };
    for service in ["store", "web"] {
        let (ledger, own) =
            (format!("ledger/{service}.json"), format!("ledger/{service}@staging.json"));
        let (apart, own) = (promises(&apart, &ledger), promises(&with, &own));
        let terms =
            |promises: &serde_json::Value| promises["test"]["claims"].as_array().map(Vec::len);
        assert_eq!(terms(&apart), terms(&own));
        assert_eq!(apart["test"]["replicas"], own["test"]["replicas"]);
    }
}

/// With both environments, built and committed on `main`.
fn committed() -> Workbench {
    let bench = Workbench::empty();
    for (path, text) in [("fleet", FLEET), ("store", STORE), ("web", WEB)] {
        bench.write(&format!("specs/{path}.toml"), text);
    }
    bench.run(&["build"]).code(0);
    bench.git(&["init", "-q", "-b", "main"]);
    bench.commit("one");
    bench
}

#[test]
fn commands_call_a_service_of_an_environment() {
    let bench = committed();
    let page = bench.run(&["explain", "web@staging"]).code(0).stdout;
    assert!(page.starts_with("web@staging · silver"), "{page}");
    // A region says which one is meant.
    assert_eq!(bench.run(&["explain", "web", "test"]).code(0).stdout, page);
    assert!(bench.run(&["explain", "web"]).code(0).stdout.starts_with("web · gold"));
    let wrong = bench.run(&["explain", "wb@staging"]).code(2).stderr;
    assert!(wrong.contains("did you mean `web@staging`?"), "{wrong}");
    let due = bench.run(&["calendar"]).code(0).stdout;
    assert!(due.contains(" store@staging  restore into a namespace"), "{due}");
    let drill = bench.run(&["drill", "store", "--region", "test", "--id", "one"]).code(0).stdout;
    assert_eq!(
        bench.run(&["drill", "store@staging", "--region", "test", "--id", "one"]).code(0).stdout,
        drill
    );
    assert!(drill.contains("# recovery/store/drill-test/"), "{drill}");
    let book = bench.run(&["runbook", "web@staging", "--loss", "node"]).code(0).stdout;
    assert!(book.starts_with("# web@staging: "), "{book}");
    // Of the environment, what is kept apart; of the clusters, what they know.
    assert!(
        bench
            .run(&["runbook", "store", "--loss", "data", "test"])
            .code(0)
            .stdout
            .contains("recovery/store/restore-test/")
    );
    let lost = bench.run(&["simulate", "--lose", "zone", "test-1"]).code(0).stdout;
    assert!(lost.contains("web@staging ") && lost.contains("store@staging"), "{lost}");
    let unknown = bench.run(&["retire", "web@stagin"]).code(2).stderr;
    assert!(unknown.contains("did you mean `web@staging`?"), "{unknown}");
    bench.run(&["verify"]).code(0);
    // Procedures are for all environments; cards say whose ledger and card they speak of.
    for (path, says) in [
        ("web@staging.md", "SERVICE=web LEDGER=web@staging NAMESPACE=shop"),
        ("web.md", "SERVICE=web LEDGER=web NAMESPACE=shop"),
        ("fleet/test.md", "REGION=test ENVIRONMENT=staging"),
        ("procedures/bad-release.md", r#""ledger/${LEDGER:?}.json""#),
        ("procedures/bad-release.md", r#"ninefold retire "${LEDGER:?}""#),
        ("procedures/new-cluster.md", r#""recovery/$SERVICE${ENVIRONMENT:+@$ENVIRONMENT}.md""#),
    ] {
        let text = bench.read(&format!("out/recovery/{path}"));
        assert!(text.contains(says), "{path} does not say {says}");
    }
}

#[test]
fn a_promotion_is_named_as_one() {
    let bench = committed();
    bench.git(&["checkout", "-q", "-b", "work"]);
    let title = "promotes web: staging → default (image: sha256:00000000… → sha256:11111111…)";
    bench.edit("specs/web.toml", &"0".repeat(64), &"1".repeat(64));
    // What is tried next is no promotion, nor is a promise.
    bench.edit("specs/web.toml", "LEVEL = \"debug\"", "LEVEL = \"trace\"");
    bench.edit("specs/store.toml", "tier = \"silver\"", "tier = \"bronze\"");
    let text = bench.run(&["diff"]).code(0).stdout;
    assert!(text.contains(&format!("specs/web.toml:3  {title}")), "{text}");
    assert_eq!(text.matches("promotes").count(), text.matches(title).count(), "{text}");
    let markdown = bench.run(&["diff", "--format", "markdown"]).code(0).stdout;
    assert!(markdown.contains(title), "{markdown}");
    let json = bench.run(&["diff", "--format", "json"]).code(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let causes = json["causes"].as_array().expect("causes");
    let tried = r#"environments.staging.config.LEVEL: "debug" → "trace""#;
    assert!(causes.iter().any(|cause| cause["title"] == tried), "{causes:?}");
    let promotions: Vec<_> = causes.iter().filter(|cause| !cause["promotes"].is_null()).collect();
    let [promotion] = promotions.as_slice() else { panic!("{promotions:?}") };
    assert_eq!(promotion["title"], title);
    let told = serde_json::json!({ "service": "web", "from": "staging", "to": "default" });
    assert_eq!(promotion["promotes"], told);
    assert_eq!(promotion["places"][0]["key"], "image");
    // Each of the objects that it concerns is of the environment that takes it.
    let objects = promotion["objects"].as_array().expect("objects");
    let elsewhere = |id: &serde_json::Value| id.as_str().is_some_and(|id| id.starts_with("test/"));
    assert!(!objects.is_empty() && !objects.iter().any(elsewhere), "{objects:?}");
}

/// An environment that is called otherwise, and a region that another takes over, leave what runs alone.
#[test]
fn a_region_that_changes_its_environment_loses_nothing() {
    let bench = committed();
    let before = bench.tree();
    bench.edit("specs/fleet.toml", "environment = \"staging\"", "environment = \"qa\"");
    bench.edit("specs/web.toml", "environments.staging", "environments.qa");
    bench.edit("specs/store.toml", "environments.staging", "environments.qa");
    let told = bench.run(&["build"]).code(0).stdout;
    assert!(told.contains("web@staging: is `web@qa` now"), "{told}");
    bench.run(&["build", "--check"]).code(0);
    bench.run(&["verify"]).code(0);
    let after = bench.tree();
    let here = |files: &Files| -> Files {
        let here = files.iter().filter(|(path, _)| path.starts_with("test/"));
        here.map(|(path, text)| (path.clone(), text.replace("@staging.md", "@qa.md"))).collect()
    };
    assert_same(&here(&before), &here(&after));
    // With a change, what runs is kept.
    bench.edit("specs/web.toml", "LEVEL = \"debug\"", "LEVEL = \"trace\"");
    bench.run(&["build"]).code(0);
    let kept = bench.tree();
    let deployment = |files: &Files, folder: &str| {
        let find = |path: &&String| path.starts_with(folder) && path.ends_with("deployment.yaml");
        files.keys().find(find).map(|path| files[path].clone())
    };
    let runs = deployment(&before, "test/web/deployment").expect("it runs");
    assert_eq!(deployment(&kept, "test/web/retained/").as_ref(), Some(&runs));
    bench.run(&["verify"]).code(0);
    // With another one as well, when what was written down says who was delivered.
    let written = bench.path(".ninefold-cache/out.delivered");
    let looks = || std::fs::metadata(&written).unwrap().modified().unwrap();
    let before = looks();
    bench.edit("specs/web.toml", "LEVEL = \"trace\"", "LEVEL = \"warn\"");
    bench.run(&["build"]).code(0);
    assert_eq!(looks(), before);
    assert_eq!(deployment(&bench.tree(), "test/web/retained/"), Some(runs));
}

/// Regions of two environments may be one cluster: then they share its nodes, its Velero and its names.
#[test]
fn environments_that_share_a_cluster_share_what_it_has() {
    let with = |nodes: u32, differs: &str| {
        let cpu = 8 * nodes;
        let region = |name: &str, more: &str| {
            format!(
                "[regions.{name}]\n{more}geography = 'eu'\nprovider = 'other'\ncluster = 'one'\n\
                 kubernetes = '1.34'\nzones = [{{ name = 'one-1', nodes = {nodes}, cpu = '{cpu}', memory = '{cpu}Gi' }}]\n\
                 prometheus = {{}}\n"
            )
        };
        let fleet = format!(
            "inventory = '2026-11-01'\n[priority_classes]\nbronze = 10\n{}{}",
            region("live", ""),
            region("test", "environment = 'staging'\n")
        );
        let spec = format!(
            "name = 'web'\nimage = 'registry.example.com/web@sha256:{:064}'\ntier = 'bronze'\n\
             regions = ['live']\nrpo = '1d'\nrto = '1d'\n[capacity]\npeak = 3\ncpu = '1'\n\
             [environments.staging]\nregions = ['test']\n{differs}",
            0
        );
        compile(&[("fleet.toml", &fleet), ("web.toml", &spec)])
    };
    // One namespace cannot be in both folders.
    let met = with(9, "");
    assert_eq!(met.codes(), ["cluster-shared"], "{}", met.report());
    let apart = "namespace = 'web-staging'\n";
    let roomy = with(9, apart);
    assert!(roomy.findings.is_empty(), "{}", roomy.report());
    // What the cluster has once is made once, and all names in it are apart.
    let classes = roomy.files.keys().filter(|path| path.contains("priority-class"));
    assert_eq!(classes.collect::<Vec<_>>(), ["live/fleet/priority-class-bronze.yaml"]);
    let mut names = std::collections::BTreeSet::new();
    for (path, text) in roomy.files.iter().filter(|(path, _)| path.ends_with(".yaml")) {
        let value: serde_json::Value = serde_yaml::from_str(text).expect("YAML");
        let name = |key: &str| value["metadata"][key].as_str().unwrap_or_default().to_owned();
        let who = (value["kind"].to_string(), name("namespace"), name("name"));
        assert!(names.insert(who.clone()), "{path}: {who:?}");
    }
    // Each of them alone has room on these nodes; both have not.
    let alone = with(1, "namespace = 'web-staging'\ncapacity = { peak = 0 }\n");
    let full = with(1, apart);
    let codes = (alone.codes(), full.codes());
    assert!(!codes.0.contains(&"zone-too-small"), "{}", alone.report());
    assert!(codes.1.contains(&"zone-too-small"), "{}", full.report());
}

fn assert_same(left: &Files, right: &Files) {
    assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
    for (path, text) in left {
        assert_eq!(text, &right[path], "{path}");
    }
}
