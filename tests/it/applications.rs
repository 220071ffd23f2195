//! Three public applications as specs: each compiles without a finding, and its pods have what those
//! of the original have. `.ci/applications.py` holds every leaf against the originals, where they are.

use crate::workbench::{Files, compile_case, files_below, names_in, repository, updating};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What the pods of the original have, in the order of their names. A port below 1024 is one above,
/// 8000 further; `cpu:` and `memory:` are asked for, `cpu<` and `memory<` are limits.
const ORIGINALS: [(&str, &str); 3] =
    [("online-boutique", ONLINE_BOUTIQUE), ("podinfo", PODINFO), ("sock-shop", SOCK_SHOP)];

const ONLINE_BOUTIQUE: &str = "
adservice: deployment account:adservice port:9555 ready:grpc live:grpc cpu:200m memory:180Mi
    cpu<300m memory<300Mi env:PORT
cartservice: deployment account:cartservice port:7070 ready:grpc live:grpc cpu:200m memory:64Mi
    cpu<300m memory<128Mi env:REDIS_ADDR
checkoutservice: deployment account:checkoutservice port:5050 ready:grpc live:grpc cpu:100m
    memory:64Mi cpu<200m memory<128Mi env:PORT env:PRODUCT_CATALOG_SERVICE_ADDR
    env:SHIPPING_SERVICE_ADDR env:PAYMENT_SERVICE_ADDR env:EMAIL_SERVICE_ADDR
    env:CURRENCY_SERVICE_ADDR env:CART_SERVICE_ADDR
currencyservice: deployment account:currencyservice port:7000 ready:grpc live:grpc cpu:100m
    memory:64Mi cpu<200m memory<128Mi env:PORT env:DISABLE_PROFILER
emailservice: deployment account:emailservice port:8080 ready:grpc live:grpc cpu:100m memory:64Mi
    cpu<200m memory<128Mi env:PORT env:DISABLE_PROFILER
frontend: deployment account:frontend port:8080 ready:httpGet live:httpGet cpu:100m memory:64Mi
    cpu<200m memory<128Mi env:PORT env:PRODUCT_CATALOG_SERVICE_ADDR env:CURRENCY_SERVICE_ADDR
    env:CART_SERVICE_ADDR env:RECOMMENDATION_SERVICE_ADDR env:SHIPPING_SERVICE_ADDR
    env:CHECKOUT_SERVICE_ADDR env:AD_SERVICE_ADDR env:SHOPPING_ASSISTANT_SERVICE_ADDR
    env:ENABLE_PROFILER
loadgenerator: deployment account:loadgenerator cpu:300m memory:256Mi cpu<500m memory<512Mi
    env:FRONTEND_ADDR env:USERS env:RATE init:frontend-check
paymentservice: deployment account:paymentservice port:50051 ready:grpc live:grpc cpu:100m
    memory:64Mi cpu<200m memory<128Mi env:PORT env:DISABLE_PROFILER
productcatalogservice: deployment account:productcatalogservice port:3550 ready:grpc live:grpc
    cpu:100m memory:64Mi cpu<200m memory<128Mi env:PORT env:DISABLE_PROFILER
recommendationservice: deployment account:recommendationservice port:8080 ready:grpc live:grpc
    cpu:100m memory:220Mi cpu<200m memory<450Mi env:PORT env:PRODUCT_CATALOG_SERVICE_ADDR
    env:DISABLE_PROFILER
redis-cart: deployment port:6379 ready:tcpSocket live:tcpSocket cpu:70m memory:200Mi cpu<125m
    memory<256Mi mount:/data
shippingservice: deployment account:shippingservice port:50051 ready:grpc live:grpc cpu:100m
    memory:64Mi cpu<200m memory<128Mi env:PORT env:DISABLE_PROFILER
";

/// Its `frontend` named a port 9999 on which nothing listened, and its two databases shared an account.
const PODINFO: &str = "
backend: deployment port:9898 port:9797 port:9999 ready:exec live:exec cpu:100m memory:32Mi cpu<2
    memory<512Mi env:PODINFO_UI_COLOR
backup-daily: schedule:0_0_*_*_* account:database cpu:10m memory:16Mi cpu<100m memory<32Mi
    env:BACKUP_EXIT mount:/scripts
cache: deployment port:6379 ready:exec live:tcpSocket cpu:100m memory:32Mi cpu<1 memory<128Mi
    mount:/var/lib/redis mount:/redis-master/redis.conf
database-primary: statefulset account:database port:3306 port:9797 ready:exec live:exec cpu:100m
    memory:32Mi cpu<2 memory<512Mi mount:/data
database-replica: deployment account:database-replica port:3306 port:9797 ready:exec live:exec
    cpu:100m memory:32Mi cpu<2 memory<512Mi
frontend: deployment account:frontend port:9898 port:9797 ready:exec live:exec cpu:100m memory:32Mi
    cpu<1 memory<128Mi env:PODINFO_UI_COLOR
rollup-daily: schedule:*/10_*_*_*_* account:database cpu:10m memory:16Mi cpu<100m memory<32Mi
    env:ROLLUP_STEPS mount:/scripts
rollup-weekly: schedule:*/30_*_*_*_* account:database cpu:10m memory:16Mi cpu<100m memory<32Mi
    env:ROLLUP_STEPS mount:/scripts
warm-cache: schedule:*/5_*_*_*_* account:frontend cpu:10m memory:16Mi cpu<100m memory<32Mi
    env:FRONTEND_URL mount:/scripts init:warm-cache-init
";

const SOCK_SHOP: &str = "
carts: deployment port:8080 cpu:100m memory:200Mi cpu<300m memory<500Mi env:JAVA_OPTS mount:/tmp
carts-db: deployment port:27017 mount:/tmp
catalogue: deployment port:8080 ready:httpGet live:httpGet cpu:100m memory:100Mi cpu<200m
    memory<200Mi
catalogue-db: deployment port:3306 env:MYSQL_ROOT_PASSWORD env:MYSQL_DATABASE
front-end: deployment port:8079 ready:httpGet live:httpGet cpu:100m memory:300Mi cpu<300m
    memory<1000Mi env:SESSION_REDIS
orders: deployment port:8080 cpu:100m memory:300Mi cpu<500m memory<500Mi env:JAVA_OPTS mount:/tmp
orders-db: deployment port:27017 mount:/tmp
payment: deployment port:8080 ready:httpGet live:httpGet cpu:99m memory:100Mi cpu<200m memory<200Mi
queue-master: deployment port:8080 cpu:100m memory:300Mi cpu<300m memory<500Mi env:JAVA_OPTS
rabbitmq: deployment port:15672 port:5672 port:9090
session-db: deployment port:6379
shipping: deployment port:8080 cpu:100m memory:300Mi cpu<300m memory<500Mi env:ZIPKIN env:JAVA_OPTS
    mount:/tmp
user: deployment port:8080 ready:httpGet live:httpGet cpu:100m memory:100Mi cpu<300m memory<200Mi
    env:mongo
user-db: deployment port:27017 mount:/tmp
";

/// The keys that every spec has.
const REQUIRED: [&str; 7] = ["name", "image", "tier", "regions", "rpo", "rto", "namespace"];

#[test]
fn every_application_compiles_without_a_finding() {
    for (name, _) in ORIGINALS {
        let compiled = compile_case(&folder(name));
        assert_eq!(compiled.report(), "", "{name}");
        assert!(!folder(name).join("templates").exists(), "{name} has a template");
    }
    let known: Vec<&str> = ORIGINALS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names_in(&repository("tests/applications")), known);
}

#[test]
fn their_pods_have_what_those_of_the_originals_have() {
    for (application, table) in ORIGINALS {
        let emitted = workloads(&compile_case(&folder(application)).tree);
        let rows = rows(table);
        let names = |of: &BTreeMap<String, BTreeSet<String>>| -> Vec<String> {
            of.keys().cloned().collect()
        };
        assert_eq!(names(&emitted), names(&rows), "{application}");
        for (name, wanted) in &rows {
            let missing: Vec<&String> = wanted.difference(&emitted[name]).collect();
            assert!(missing.is_empty(), "{application}, {name}: no {missing:?}");
        }
    }
}

#[test]
fn the_page_says_what_became_a_field_a_patch_and_a_manifest() {
    let path = repository("docs/applications.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- said: UPDATE_EXPECT=1 cargo test -->\n", "<!-- end -->");
    let (before, rest) = page.split_once(begin).expect("the table has its mark");
    let (old, after) = rest.split_once(end).expect("the table ends");
    let said: String = ORIGINALS.iter().map(|(name, _)| said(name)).collect();
    if updating() {
        std::fs::write(&path, format!("{before}{begin}{said}{end}{after}")).unwrap();
    } else {
        assert_eq!(old, said, "run UPDATE_EXPECT=1 cargo test");
    }
}

/// Each row of `docs/needs.md` names what holds it: a test, a file of `tests/bad`, a folder of
/// `tests/cases`, or says why there is none yet.
#[test]
fn every_need_has_a_test_that_is_there() {
    let page = std::fs::read_to_string(repository("docs/needs.md")).unwrap();
    let sources = files_below(&repository("src"));
    let tests = files_below(&repository("tests/it"));
    let text: Vec<&String> = sources.values().chain(tests.values()).collect();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Need"));
    let mut named = 0;
    for row in rows {
        let held = row.trim_end_matches([' ', '|']).rsplit(" | ").next().expect("a last column");
        if let Some(why) = held.strip_prefix("not yet: ") {
            assert!(!why.is_empty(), "{row}");
            continue;
        }
        let names: Vec<&str> = held.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test: {row}");
        for name in names {
            let there = match name.strip_prefix("tests/") {
                Some(_) => repository(name).exists(),
                None => {
                    let function = format!("fn {}()", name.rsplit("::").next().expect("a name"));
                    text.iter().any(|text| text.contains(&function))
                }
            };
            assert!(there, "`{name}` is not there: {row}");
            named += 1;
        }
    }
    assert!(named > 50, "{named} tests are named");
}

fn folder(application: &str) -> std::path::PathBuf {
    repository("tests/applications").join(application)
}

/// A table, by the names of the workloads.
fn rows(table: &str) -> BTreeMap<String, BTreeSet<String>> {
    let table = table.replace("\n    ", " ");
    let rows = table.lines().filter_map(|line| line.split_once(": "));
    rows.map(|(name, facts)| {
        (name.to_owned(), facts.split_whitespace().map(str::to_owned).collect())
    })
    .collect()
}

/// What the pods of each workload have, and those of each job, in the words of the tables.
fn workloads(tree: &Files) -> BTreeMap<String, BTreeSet<String>> {
    let manifests =
        tree.iter().filter(|(path, _)| path.ends_with(".yaml") && !path.starts_with("recovery/"));
    let documents: Vec<Value> =
        manifests.map(|(path, text)| serde_yaml::from_str(text).expect(path)).collect();
    let mut found = BTreeMap::new();
    for document in &documents {
        let (kind, meta) = (text(&document["kind"]), &document["metadata"]);
        let mut facts = BTreeSet::new();
        let (name, spec) = match kind.as_str() {
            "Deployment" | "StatefulSet" => {
                facts.insert(kind.to_lowercase());
                (text(&meta["labels"]["ninefold.dev/service"]), &document["spec"])
            }
            "CronJob" => {
                let schedule = text(&document["spec"]["schedule"]).replace(' ', "_");
                facts.insert(format!("schedule:{schedule}"));
                (text(&meta["name"]), &document["spec"]["jobTemplate"]["spec"])
            }
            _ => continue,
        };
        let pod = &spec["template"]["spec"];
        facts.insert(format!("account:{}", text(&pod["serviceAccountName"])));
        for init in items(&pod["initContainers"]) {
            facts.insert(format!("init:{}", text(&init["name"])));
        }
        for container in items(&pod["containers"]).iter().chain(items(&pod["initContainers"])) {
            facts.extend(of_container(container, &documents));
        }
        assert!(found.insert(name.clone(), facts).is_none(), "{name} is there twice");
    }
    found
}

fn of_container(container: &Value, documents: &[Value]) -> Vec<String> {
    let mut facts = Vec::new();
    for port in items(&container["ports"]) {
        facts.push(format!("port:{}", text(&port["containerPort"])));
    }
    for (word, probe) in [("ready", "readinessProbe"), ("live", "livenessProbe")] {
        for form in ["grpc", "httpGet", "tcpSocket", "exec"] {
            if container[probe].get(form).is_some() {
                facts.push(format!("{word}:{form}"));
            }
        }
    }
    for (side, mark) in [("requests", ':'), ("limits", '<')] {
        for what in ["cpu", "memory"] {
            facts.push(format!("{what}{mark}{}", text(&container["resources"][side][what])));
        }
    }
    for variable in items(&container["env"]) {
        facts.push(format!("env:{}", text(&variable["name"])));
    }
    for source in items(&container["envFrom"]) {
        let name = &source["configMapRef"]["name"];
        let is = |document: &&Value| {
            document["kind"] == "ConfigMap" && document["metadata"]["name"] == *name
        };
        let map = documents.iter().find(is).expect("the ConfigMap is there");
        let data = map["data"].as_mapping().expect("it has data");
        facts.extend(data.keys().map(|key| format!("env:{}", text(key))));
    }
    for mount in items(&container["volumeMounts"]) {
        facts.push(format!("mount:{}", text(&mount["mountPath"])));
    }
    facts
}

fn items(value: &Value) -> &[Value] {
    value.as_sequence().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null
        | Value::Bool(_)
        | Value::Sequence(_)
        | Value::Mapping(_)
        | Value::Tagged(_) => String::new(),
    }
}

/// The part of the page about one application.
fn said(application: &str) -> String {
    let specs = files_below(&folder(application).join("specs"));
    let mut page = format!(
        "\n## {application}\n\n| Service | Fields | Patch | Manifest |\n|---|---|---|---|\n"
    );
    for (path, text) in &specs {
        let Some(service) = path.strip_suffix(".toml").filter(|name| *name != "fleet") else {
            continue;
        };
        let spec: toml::Table = text.parse().expect("it compiles");
        let fields = spec.keys().map(String::as_str);
        let fields = fields.filter(|key| !REQUIRED.contains(key));
        let fields = fields.filter(|key| !["patch", "manifests", "accept"].contains(key));
        let fields: BTreeSet<String> = fields.map(|key| format!("`{key}`")).collect();
        let mut patches = BTreeSet::new();
        if let Some(patch) = spec.get("patch") {
            patched(patch, &mut Vec::new(), &mut patches);
        }
        let manifests = spec.get("manifests").and_then(toml::Value::as_array);
        let files = manifests.into_iter().flatten().filter_map(|one| one["path"].as_str());
        let objects: BTreeSet<String> = files.flat_map(|file| objects(&specs[file])).collect();
        let cell = |of: BTreeSet<String>| of.into_iter().collect::<Vec<_>>().join(", ");
        page.push_str(&format!(
            "| {service} | {} | {} | {} |\n",
            cell(fields),
            cell(patches),
            cell(objects)
        ));
    }
    page
}

/// The paths that a patch says something at, as a spec writes them.
fn patched(value: &toml::Value, path: &mut Vec<String>, found: &mut BTreeSet<String>) {
    if let Some(table) = value.as_table() {
        for (key, value) in table {
            let dotted = key.contains(['.', '/']);
            path.push(if dotted { format!("[{key}]") } else { key.clone() });
            patched(value, path, found);
            path.pop();
        }
        return;
    }
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> =
        items.iter().filter_map(|item| item.get("name").and_then(toml::Value::as_str)).collect();
    found.extend(names.iter().map(|name| format!("`{}[{name}]`", shown(path))));
    if names.is_empty() {
        found.insert(format!("`{}`", shown(path)));
    }
}

fn shown(path: &[String]) -> String {
    path.join(".").replace(".[", "[")
}

/// The objects of a file.
fn objects(text: &str) -> Vec<String> {
    let documents = text.split("\n---\n").map(|one| serde_yaml::from_str::<Value>(one).unwrap());
    documents
        .map(|one| {
            format!("{} `{}`", self::text(&one["kind"]), self::text(&one["metadata"]["name"]))
        })
        .collect()
}
