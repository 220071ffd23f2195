//! Patches: what comes out is what an independent implementation of Kubernetes' strategic merge,
//! kubectl's, makes of the object and the patch.

use crate::generate::{self, Files};
use crate::random::Random;
use crate::workbench::compile;
use ninefold::kube::schema::{Identity, KNOWN, Type};
use ninefold::kube::version::Version;
use ninefold::yaml::{Value, read};
use std::io::Write;
use std::process::{Command, Stdio};

/// Every field that is made up must be in all of these: kubectl 1.32 merges what it knows.
const VERSIONS: [u16; 5] = [32, 33, 34, 35, 36];

/// Values that are decided, and who an object is: `patch-proven` and `patch-identity` refuse them.
/// `metadata` below pods has labels by which they are found.
const LEFT_ALONE: &[&str] = &[
    "name",
    "namespace",
    "generateName",
    "status",
    "selector",
    "replicas",
    "strategy",
    "updateStrategy",
    "minReadySeconds",
    "topologySpreadConstraints",
    "priorityClassName",
    "terminationGracePeriodSeconds",
    "image",
    "resources",
    "readinessProbe",
    "livenessProbe",
    "lifecycle",
    "maxUnavailable",
    "minAvailable",
    "minReplicas",
    "maxReplicas",
    "serviceAccountName",
    // A ConfigMap must be there, and what a name refers to has another name in the end.
    "envFrom",
    "configMap",
    "projected",
    "serviceName",
    "scaleTargetRef",
    // The table has `{any}`, kubectl has less.
    "managedFields",
    "ownerReferences",
    "volumeClaimTemplates",
];

/// Kinds that kubectl merges strategically.
const KINDS: &[&str] =
    &["deployment", "stateful-set", "service", "service-account", "network-policy", "ingress"];

struct Maker<'a> {
    random: &'a mut Random,
}

impl Maker<'_> {
    /// Something to merge into `value`.
    fn patch(&mut self, of: &Type, value: Option<&Value>, depth: usize) -> Option<Value> {
        match of {
            Type::Object(at) => self.object(*at, value, depth),
            Type::Map(of) => {
                let key = format!("example.com/{}", self.random.pick(&["a", "b", "c"]));
                Some(Value::Map(vec![(key, self.patch(of, None, depth)?)]))
            }
            Type::List(of, items) => {
                let count = self.random.between(1, 2);
                let mut made: Vec<Value> = Vec::new();
                for _ in 0..count {
                    let item = match &items.merge {
                        None => self.patch(of, None, depth + 1)?,
                        Some(key) => self.item(of, key, value, depth)?,
                    };
                    let key = items.merge.as_ref();
                    let same = |other: &Value| {
                        key.is_some_and(|key| other.get(key) == item.get(key)) || *other == item
                    };
                    // The server refuses a list in which two items have the same key.
                    let keys = match &items.server {
                        Identity::By(keys) => keys.as_slice(),
                        Identity::Whole | Identity::Set => &[],
                    };
                    if !made.iter().any(same) && keys.iter().all(|key| item.get(key).is_some()) {
                        made.push(item);
                    }
                }
                (!made.is_empty()).then_some(Value::List(made))
            }
            Type::Nullable(of) => self.patch(of, value, depth),
            Type::OneOf(values, _) => Some(self.random.pick(values).clone()),
            Type::String => Some(Value::String((*self.random.pick(&["x", "y", "z"])).to_owned())),
            Type::Int32 | Type::Int64 | Type::IntOrString => {
                Some(Value::Int(self.random.between(1, 9)))
            }
            Type::Boolean => Some(Value::Bool(self.random.once_in(2))),
            Type::Quantity => Some(Value::String("5Mi".to_owned())),
            Type::Any | Type::Bytes | Type::Time | Type::Number => None,
        }
    }

    /// An item of a list that merges: one that is there, or another.
    fn item(&mut self, of: &Type, key: &str, list: Option<&Value>, depth: usize) -> Option<Value> {
        let there = list.map(Value::items).unwrap_or_default();
        let chosen =
            (!there.is_empty() && !self.random.once_in(3)).then(|| self.random.pick(there).clone());
        let mut item = self.patch(of, chosen.as_ref(), depth + 1)?;
        match chosen.as_ref().and_then(|chosen| chosen.get(key)) {
            Some(name) => item.insert(key, name.clone()),
            None if key == "name" => {
                let name = *self.random.pick(&["extra", "more"]);
                item.insert(key, Value::String(name.to_owned()));
            }
            None => {
                item.get(key)?;
            }
        }
        Some(item)
    }

    fn object(&mut self, at: usize, value: Option<&Value>, depth: usize) -> Option<Value> {
        if depth > 9 {
            return None;
        }
        let fields = &KNOWN.objects().0[at].fields;
        let everywhere = |field: &&ninefold::kube::schema::Field| {
            VERSIONS.into_iter().all(|minor| field.span.has(Version { minor }))
        };
        let known: Vec<_> = fields.iter().filter(everywhere).collect();
        let mut chosen: Vec<usize> = (0..known.len()).collect();
        self.random.shuffle(&mut chosen);
        let wanted = usize::try_from(self.random.between(1, 3)).unwrap();
        let there = |field: &str| value.is_some_and(|value| value.get(field).is_some());
        let mut made = Value::Map(Vec::new());
        for (number, index) in chosen.into_iter().enumerate() {
            let field = known[index];
            let needed = field.required && value.is_none();
            // What is there already is more interesting than what is not.
            let likely = there(&field.name) && self.random.once_in(2);
            let left_alone = LEFT_ALONE.contains(&&*field.name) && !(needed && depth > 4);
            if (number >= wanted && !needed && !likely) || left_alone {
                continue;
            }
            let below = value.and_then(|value| value.get(&field.name));
            match self.patch(&field.of, below, depth + 1) {
                Some(field_value) => made.insert(&field.name, field_value),
                None if needed => return None,
                None => {}
            }
        }
        (!made.entries().is_empty()).then_some(made)
    }

    /// A field that is there and can be spared, as a path for `remove` and as kubectl has it.
    fn spared(&mut self, value: &Value) -> Option<(String, Value)> {
        let annotations = value.at(&["metadata", "labels"])?.entries();
        let free: Vec<&String> = (annotations.iter().map(|(key, _)| key))
            .filter(|key| !key.starts_with("ninefold.dev/") && !key.ends_with("managed-by"))
            .collect();
        let key = (*self.random.pick(&free)).clone();
        let labels = Value::Map(vec![(key.clone(), Value::Null)]);
        let metadata = Value::Map(vec![("labels".to_owned(), labels)]);
        let patch = Value::Map(vec![("metadata".to_owned(), metadata)]);
        Some((format!("metadata.labels[{key}]"), patch))
    }
}

/// The same value as TOML has it.
fn toml_of(value: &Value) -> toml::Value {
    match value {
        Value::Null => panic!("TOML has no null"),
        Value::Bool(bool) => (*bool).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::String(text) => text.as_str().into(),
        Value::List(items) => toml::Value::Array(items.iter().map(toml_of).collect()),
        Value::Map(entries) => toml::Value::Table(
            entries.iter().map(|(key, one)| (key.clone(), toml_of(one))).collect(),
        ),
    }
}

fn kubectl(object: &str, patch: &serde_json::Value) -> Result<Value, String> {
    let mut kubectl = Command::new("kubectl");
    kubectl.args(["patch", "--local", "-f", "-", "--type", "strategic", "-o", "yaml", "-p"]);
    kubectl.arg(patch.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = kubectl.stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(object.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(read::document(&String::from_utf8(output.stdout).unwrap()).unwrap())
}

/// An object without the suffix of its content, which is another one once it is patched.
fn without_suffix(text: &str, value: &Value) -> Value {
    let name = value.at(&["metadata", "name"]).and_then(Value::as_str).unwrap();
    let suffix = name.rsplit('-').next().unwrap();
    match suffix.len() {
        10 => read::document(&text.replace(suffix, "SUFFIX")).unwrap(),
        _ => value.clone(),
    }
}

/// What kubectl drops or adds when it reads a type in Go: empty maps, and a timestamp of null.
fn plain(value: &Value) -> Value {
    let empty = |value: &Value| match value {
        Value::Map(entries) => entries.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Null => true,
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => false,
    };
    match value {
        Value::List(items) => Value::List(items.iter().map(plain).collect()),
        Value::Map(entries) => Value::Map(
            (entries.iter().map(|(key, value)| (key.clone(), plain(value))))
                .filter(|(_, value)| !empty(value))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => {
            value.clone()
        }
    }
}

/// `[[accept]]` of one rule.
fn accepted(rule: &str) -> toml::Value {
    let table = [("rule", rule), ("reason", "a patch of chance"), ("until", "2099-12-31")];
    let table = table.map(|(key, value)| (key.to_owned(), toml::Value::from(value)));
    toml::Value::Array(vec![toml::Value::Table(table.into_iter().collect())])
}

#[test]
#[ignore = "needs kubectl; .ci/run says whether it ran"]
fn a_random_patch_does_what_kubectl_does() {
    let (mut compared, mut refused, mut wrong) = (0, Vec::new(), Vec::new());
    for seed in 0..240 {
        let fleet = generate::fleet(seed, 3);
        let plain_tree = fleet.compile();
        let mut random = Random::new(seed);
        for _ in 0..6 {
            let mut fleet = fleet.clone();
            let service = random.below(fleet.services.len());
            let name = generate::name(&fleet.services[service]).to_owned();
            let folder = format!("/{name}/");
            let stem = *random.pick(KINDS);
            let file = format!("{folder}{stem}.yaml");
            let Some((path, text)) = plain_tree.iter().find(|(path, _)| path.ends_with(&file))
            else {
                continue;
            };
            let value = read::document(text).unwrap();
            let field = |key: &str| value.get(key).and_then(Value::as_str).unwrap();
            let kind = KNOWN.kind(field("apiVersion"), field("kind")).unwrap();
            let mut maker = Maker { random: &mut random };
            let Some(patch) = maker.patch(&kind.of, Some(&value), 0) else { continue };
            let mut written = toml_of(&patch).as_table().unwrap().clone();
            let mut json = serde_json::Value::from(&patch);
            if maker.random.once_in(3)
                && let Some((removed, null)) = maker.spared(&value)
            {
                written.insert("remove".to_owned(), toml::Value::Array(vec![removed.into()]));
                json["metadata"] = serde_json::Value::from(&null)["metadata"].clone();
            }
            let table = toml::Table::from_iter([(stem.to_owned(), toml::Value::Table(written))]);
            fleet.services[service].insert("patch".to_owned(), toml::Value::Table(table));
            // What it loosens of a promise says nothing about how it is merged.
            fleet.services[service].insert("accept".to_owned(), accepted("object-unproven"));
            let files: Files = fleet.files();
            let tree = match generate::compile(&files) {
                Ok(tree) => tree,
                // A value that no API server takes says nothing about how patches are merged.
                Err(findings) if findings[0].code == "object-refused" => continue,
                Err(findings) => {
                    refused.push(findings[0].clone());
                    continue;
                }
            };
            let expected = match kubectl(text, &json) {
                Ok(expected) => expected,
                Err(error) => {
                    wrong.push(format!("seed {seed}, {path}: {json}\nkubectl: {error}"));
                    continue;
                }
            };
            let emitted = read::document(&tree[path]).unwrap();
            let emitted = plain(&without_suffix(&tree[path], &emitted));
            let expected =
                plain(&without_suffix(&ninefold::yaml::write::document(&expected), &expected));
            compared += 1;
            if emitted != expected {
                let text = ninefold::yaml::write::document;
                let (emitted, expected) = (text(&emitted), text(&expected));
                let differs = similar::TextDiff::from_lines(&expected, &emitted);
                let differs = differs.unified_diff().context_radius(3).to_string();
                wrong.push(format!("seed {seed}, {path}: {json}\n{differs}"));
            }
        }
    }
    let (count, others) = (wrong.len(), refused.len());
    wrong.truncate(6);
    assert!(wrong.is_empty(), "{count} of {compared} differ:\n{}", wrong.join("\n"));
    let max: Vec<String> =
        refused.iter().take(12).map(|one| format!("{}: {}", one.code, one.message)).collect();
    assert!(
        compared > 150 && others < compared / 4,
        "{compared} compared, {others} refused: {max:#?}"
    );
}

/// The first service with lines behind its spec; what is reported.
fn hello(more: &str) -> String {
    let spec = format!("{}\n{more}", include_str!("first/hello.toml"));
    let fleet = include_str!("first/fleet.toml").to_owned();
    let files = [("fleet.toml".to_owned(), fleet), ("hello.toml".to_owned(), spec)];
    compile(&Files::from(files), &Files::new()).report()
}

/// A pod may look for those of another service, which is nobody's identity.
#[test]
fn a_patch_may_keep_pods_away_from_those_of_a_service() {
    let away = "[[patch.deployment.spec.template.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution]]\nweight = 5\npodAffinityTerm = { topologyKey = \"kubernetes.io/hostname\", labelSelector = { matchLabels = { \"ninefold.dev/service\" = \"other\" } } }\n";
    assert!(!hello(away).contains("error["), "{}", hello(away));
    let labels =
        "[patch.deployment.spec.template.metadata.labels]\n\"ninefold.dev/service\" = \"other\"\n";
    assert!(hello(labels).contains("error[patch-identity]"), "{}", hello(labels));
}

/// No promise rests on the disk of a node, as long as there is as much as was decided.
#[test]
fn a_patch_may_ask_for_more_disk_of_a_node_and_not_for_less() {
    let disk = |limit: &str| {
        hello(&format!(
            "[patch.deployment.spec.template.spec]\ncontainers = [{{ name = \"app\", resources = {{ limits = {{ \"ephemeral-storage\" = \"{limit}\" }} }} }}]\n"
        ))
    };
    assert!(!disk("8Gi").contains("error["), "{}", disk("8Gi"));
    assert!(disk("1Mi").contains("error[patch-proven]"), "{}", disk("1Mi"));
}

/// A command may stand in the place of the wait before the end; it is told what rests on that.
#[test]
fn a_patch_may_end_a_container_by_a_command_of_its_own() {
    let report = hello(
        "[patch.deployment]\nremove = [\"spec.template.spec.containers[app].lifecycle.preStop.sleep\"]\n[patch.deployment.spec.template.spec]\ncontainers = [{ name = \"app\", lifecycle = { preStop = { exec = { command = [\"/stop\"] } } } }]\n",
    );
    assert!(!report.contains("error["), "{report}");
    assert!(report.contains("warning[patch-has-field]"), "{report}");
    assert!(report.contains("a command in its place must wait as long itself"), "{report}");
}

/// A namespace has no label of a service's name, so a team may give it one.
#[test]
fn a_namespace_may_have_a_name_among_its_labels() {
    let label = |part: &str| {
        hello(&format!("[metadata.{part}.labels]\n\"app.kubernetes.io/name\" = \"greetings\"\n"))
    };
    assert!(!label("namespace").contains("error["), "{}", label("namespace"));
    assert!(label("deployment").contains("error[wrong-value]"), "{}", label("deployment"));
}
