//! The table of types, held against the schemas that are published.

use crate::support::{FLEET, compile};
use crate::workbench::repository;
use ninefold::kube::schema::{KNOWN, check};
use ninefold::kube::version::Version;
use ninefold::yaml::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const ORDERS: &str = "\
name = \"orders\"
image = \"registry.example.com/orders@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"
tier = \"gold\"
regions = [\"eastus2\", \"centralus\"]
rpo = \"4h\"
rto = \"4h\"
";

/// Kinds that no manifest can have: the API has them below other objects, or to be read only.
const NO_MANIFEST: &[&str] = &[
    "authentication.k8s.io/v1 TokenRequest",
    "autoscaling/v1 Scale",
    "policy/v1 Eviction",
    "v1 ComponentStatus",
];

fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(bool) => Value::Bool(*bool),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Float(number.as_f64().unwrap()),
        },
        serde_json::Value::String(text) => Value::String(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(value).collect()),
        serde_json::Value::Object(map) => {
            Value::Map(map.iter().map(|(key, field)| (key.clone(), value(field))).collect())
        }
    }
}

/// A DaemonSet whose pods have `field` and a ConfigMap of the service's.
fn daemon_set(field: &str) -> String {
    DAEMON_SET.replace("      #\n", field)
}

const DAEMON_SET: &str = "\
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: {{ service }}-cache
  namespace: {{ meta.namespace }}
spec:
  selector:
    matchLabels: { app: cache }
  template:
    metadata:
      labels: { app: cache }
    spec:
      #
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      containers:
      - name: cache
        image: registry.example.com/cache:3
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
        resources:
          limits: { nvidia.com/gpu: 1 }
        envFrom:
        - configMapRef:
            name: orders-contacts
";

const CONTACTS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: orders-contacts
  namespace: {{ meta.namespace }}
immutable: true
data: { team: shop }
";

#[test]
fn each_region_is_judged_by_its_own_version_whoever_comes_first() {
    let template = daemon_set("      hostnameOverride: cache\n");
    for (old, at) in [("eastus2", 1), ("centralus", 2)] {
        let mut regions: Vec<String> = FLEET.split("\n[regions.").map(str::to_owned).collect();
        regions[at] = regions[at].replace("\"1.34\"", "\"1.33\"");
        let fleet = regions.join("\n[regions.");
        let files = [
            ("fleet.toml", fleet.as_str()),
            ("orders.toml", ORDERS),
            ("templates/cache.yaml", &template),
            ("templates/contacts.yaml", CONTACTS),
        ];
        let outcome = compile(&files);
        assert_eq!(outcome.codes(), ["field-too-new"], "{}", outcome.report());
        let finding = &outcome.findings[0];
        assert!(finding.message.ends_with("of DaemonSet from 1.34 on"), "{}", finding.message);
        assert_eq!(finding.notes, [format!("`{old}` runs Kubernetes 1.33")]);
    }
}

#[test]
fn a_daemon_set_follows_the_name_of_its_config_map() {
    let template = daemon_set("");
    let files = [
        ("orders.toml", ORDERS),
        ("templates/cache.yaml", &*template),
        ("templates/contacts.yaml", CONTACTS),
    ];
    let outcome = compile(&files);
    assert_eq!(outcome.report(), "");
    let after = |path: &str, before: &str| {
        let (_, rest) = outcome.files[path].split_once(before).expect(path);
        rest.split_whitespace().next().unwrap().to_owned()
    };
    let name = after("eastus2/orders/contacts.yaml", "name: ");
    assert!(name.starts_with("orders-contacts-"), "{name}");
    let cache = "eastus2/orders/cache.yaml";
    assert_eq!(after(cache, "configMapRef:\n            name: "), name);
    assert_eq!(after(cache, "nvidia.com/gpu: "), "1");
}

#[test]
fn a_template_means_what_kubernetes_makes_of_it() {
    let volume = "      volumes:\n      - name: contacts\n        configMap: { name: orders-contacts, defaultMode: 0644, optional: yes }\n";
    let template = format!("\u{feff}{}", daemon_set(volume));
    let files = [
        ("orders.toml", ORDERS),
        ("templates/cache.yaml", &*template),
        ("templates/contacts.yaml", CONTACTS),
    ];
    let outcome = compile(&files);
    assert_eq!(outcome.report(), "");
    let cache = &outcome.files["eastus2/orders/cache.yaml"];
    assert!(cache.contains("defaultMode: 420") && cache.contains("optional: true"), "{cache}");
}

#[test]
#[ignore = "needs Python with the published schemas; .ci/run says whether it ran"]
fn the_table_judges_as_the_published_schemas_do() {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let script = repository(".ci/schema/judge.py");
    let mut judge = Command::new(python).arg(script).stdout(Stdio::piped()).spawn().unwrap();
    let (mut wrong, mut kinds) = (Vec::new(), BTreeMap::<String, [usize; 2]>::new());
    for line in BufReader::new(judge.stdout.take().unwrap()).lines() {
        let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = |key: &str| line["object"][key].as_str().unwrap();
        let name = format!("{} {}", text("apiVersion"), text("kind"));
        let minor = u16::try_from(line["version"].as_u64().unwrap()).unwrap();
        let version = Version { minor };
        let Some(kind) = KNOWN.kind(text("apiVersion"), text("kind")) else {
            assert!(NO_MANIFEST.contains(&name.as_str()), "{name} is not in the table");
            continue;
        };
        assert!(kind.span.has(version), "{name} is in {version}");
        let valid = line["valid"].as_bool().unwrap();
        kinds.entry(name).or_default()[usize::from(valid)] += 1;
        let faults = check(KNOWN.objects(), &kind.of, &value(&line["object"]), version);
        if faults.is_empty() != valid {
            wrong.push(format!("valid: {valid}\n{line}\n{faults:#?}"));
        }
    }
    assert!(judge.wait().unwrap().success());
    let count = wrong.len();
    wrong.truncate(5);
    assert!(wrong.is_empty(), "{count} verdicts differ:\n{}", wrong.join("\n"));
    assert!(kinds.len() > 100, "{} kinds were judged", kinds.len());
    for (name, [invalid, valid]) in kinds {
        assert!(invalid > 300 && valid > 300, "{name}: {invalid} wrong and {valid} right objects");
    }
}
