//! Laws of environments: what a spec says of another one takes nothing from the default one, and gives
//! it what a fleet of its own would have.

use crate::support::compile;
use std::collections::BTreeMap;
use toml::{Table, Value};

const FLEET: &str = r#"
inventory = "2026-11-01"
dns."example.com".engine = "k8gb"

[regions.north]
geography = "eu"
provider = "other"
cluster = "north"
kubernetes = "1.34"
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

[[depends_on]]
service = "store"

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
