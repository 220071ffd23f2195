//! Objects that stay as they are: without what the cluster filled in, and with what the namespace asks
//! of pods.

use super::Options;
use super::guess::{Context, is_credential};
use super::made;
use super::object::{self, Object};
use super::rules;
use crate::kube::labels::NAMING;
use crate::yaml::{Value, write};
use std::collections::BTreeSet;

/// Where objects of this kind say pods, and the level of their namespace asks something of them.
const RESTRICTED: &[(&str, Value)] = &[("allowPrivilegeEscalation", Value::Bool(false))];

/// Names that what Ninefold makes has taken, as kind, namespace and name.
pub(super) type Taken = BTreeSet<(String, String, String)>;

/// The name of an object among manifests: another one where what Ninefold makes has it.
pub(super) fn name(object: &Object, options: &Options, taken: &Taken) -> String {
    let own = (object.kind.clone(), options.namespace_of(object), made::name(object).to_owned());
    let name = made::name(object);
    if taken.contains(&own) { format!("{name}-own") } else { name.to_owned() }
}

/// An object as it is written. `strict` says whether its namespace holds its pods to the Pod Security level
/// `restricted`.
pub(super) fn written(context: Context<'_>, object: &Object, taken: &Taken, strict: bool) -> Value {
    let options = context.options;
    let mut value = object.value.clone();
    strip(&object.kind, &mut value, "");
    without_nulls(&mut value);
    prune(&mut value);
    let metadata = value.get_mut("metadata");
    if let Some(metadata) = metadata {
        metadata.insert("name", Value::String(name(object, options, taken)));
        if object::is_namespaced(object) {
            metadata.insert("namespace", Value::String(options.namespace_of(object)));
        }
    }
    if let Some(Value::List(subjects)) = value.get_mut("subjects") {
        for subject in subjects {
            let namespace =
                object::text(subject, &["namespace"]).map(|name| options.namespace(Some(name)));
            let of_account = object::text(subject, &["kind"]) == Some("ServiceAccount");
            let namespace = namespace.or_else(|| of_account.then(|| options.namespace_of(object)));
            if let Some(namespace) = namespace {
                subject.insert("namespace", Value::String(namespace));
            }
        }
    }
    if let Some(path) = object::pod_path(object) {
        let mut pod = Some(&mut value);
        for step in path {
            pod = pod.and_then(|value| value.get_mut(step));
        }
        if let Some(pod) = pod {
            images(pod, options);
            let namespace = options.namespace_of(object);
            let of_map = |name: &str| context.config_map(&namespace, name).map(credentials_of);
            credentials(pod, &object.name, &|name| of_map(name).unwrap_or_default());
            if strict {
                secure(pod);
            }
        }
    }
    for key in credentials_of(object) {
        if let Some(data) = value.get_mut("data") {
            data.remove(&key);
        }
    }
    value.sort();
    value
}

/// The keys of a ConfigMap that hold a credential, which no file of a tree may show.
pub(super) fn credentials_of(object: &Object) -> Vec<String> {
    let entries = object.at(&["data"]).map(Value::entries).unwrap_or_default().iter();
    entries.filter(|(key, _)| holds_credential(object, key)).map(|(key, _)| key.clone()).collect()
}

/// Whether a key of a ConfigMap holds a credential.
pub(super) fn holds_credential(object: &Object, key: &str) -> bool {
    let value = object.text(&["data", key]);
    object.kind == "ConfigMap" && value.is_some_and(|text| is_credential(key, text))
}

/// Says that others know an object by its name, so that nothing is added to it.
pub(super) fn keep_name(value: &mut Value) {
    let Some(metadata) = value.get_mut("metadata") else { return };
    if metadata.get("annotations").is_none_or(|marks| marks.entries().is_empty()) {
        metadata.insert("annotations", Value::Map(Vec::new()));
    }
    if let Some(marks) = metadata.get_mut("annotations") {
        marks.insert(NAMING, Value::String("stable".to_owned()));
    }
    value.sort();
}

/// Several objects as one file.
pub(super) fn file<'a>(values: impl Iterator<Item = &'a Value>) -> String {
    let mut out = "# Objects that stay as they are.\n".to_owned();
    for (index, value) in values.enumerate() {
        if index > 0 {
            out.push_str("---\n");
        }
        out.push_str(&write::document(value));
    }
    out
}

/// Takes out what a cluster filled in, with whole maps and lists of it.
fn strip(kind: &str, value: &mut Value, path: &str) {
    if let Value::Map(entries) = value {
        let below =
            |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        entries.retain(|(key, value)| rules::filled_in(kind, &below(key), value).is_none());
        entries.iter_mut().for_each(|(key, value)| strip(kind, value, &below(key)));
    } else {
        value.items_mut().iter_mut().for_each(|item| strip(kind, item, &format!("{path}[]")));
    }
}

/// Takes out what is null, which the API server takes for what is not written.
fn without_nulls(value: &mut Value) {
    if let Value::Map(entries) = value {
        entries.retain(|(_, value)| *value != Value::Null);
        entries.iter_mut().for_each(|(_, value)| without_nulls(value));
    } else {
        value.items_mut().iter_mut().for_each(without_nulls);
    }
}

/// Takes out what is filled in by the cluster as a whole, and maps of metadata that are left empty.
fn prune(value: &mut Value) {
    value.remove("status");
    if let Some(metadata) = value.get_mut("metadata") {
        for key in ["managedFields", "ownerReferences", "finalizers"] {
            metadata.remove(key);
        }
        for key in ["annotations", "labels"] {
            if metadata.get(key).is_some_and(|marks| marks.entries().is_empty()) {
                metadata.remove(key);
            }
        }
    }
}

fn images(pod: &mut Value, options: &Options) {
    for list in ["initContainers", "containers"] {
        for container in pod.get_mut(list).map(Value::items_mut).unwrap_or_default() {
            if let Some(Value::String(image)) = container.get_mut("image") {
                *image = options.image(image);
            }
        }
    }
}

/// The Secret that is to hold the credentials of an object.
pub(super) fn secret(name: &str) -> String {
    format!("{name}-credentials")
}

/// Reads from a Secret what would be committed; `of_map` has the keys of a ConfigMap that are left out.
fn credentials(pod: &mut Value, name: &str, of_map: &dyn Fn(&str) -> Vec<String>) {
    for list in ["initContainers", "containers"] {
        for container in pod.get_mut(list).map(Value::items_mut).unwrap_or_default() {
            let added = of_whole_maps(container, of_map);
            for variable in container.get_mut("env").map(Value::items_mut).unwrap_or_default() {
                let text = |path: &[&str]| object::text(variable, path).unwrap_or_default();
                let (map, key) = (
                    text(&["valueFrom", "configMapKeyRef", "name"]).to_owned(),
                    text(&["valueFrom", "configMapKeyRef", "key"]).to_owned(),
                );
                let own = text(&["name"]).to_owned();
                if is_credential(&own, text(&["value"])) {
                    variable.remove("value");
                    variable.insert("valueFrom", from_secret(name, &own));
                } else if of_map(&map).contains(&key) {
                    variable.insert("valueFrom", from_secret(&map, &key));
                }
            }
            if added.is_empty() {
                continue;
            }
            if container.get("env").is_none() {
                container.insert("env", Value::List(Vec::new()));
            }
            if let Some(Value::List(variables)) = container.get_mut("env") {
                variables.extend(added);
            }
        }
    }
}

/// Variables in place of those that a container has of the whole of a ConfigMap.
fn of_whole_maps(container: &Value, of_map: &dyn Fn(&str) -> Vec<String>) -> Vec<Value> {
    let known: Vec<&str> = object::items(container, "env")
        .iter()
        .filter_map(|variable| object::text(variable, &["name"]))
        .collect();
    let mut added = Vec::new();
    for source in object::items(container, "envFrom") {
        let Some(map) = object::text(source, &["configMapRef", "name"]) else { continue };
        let prefix = object::text(source, &["prefix"]).unwrap_or_default();
        for key in of_map(map) {
            let name = format!("{prefix}{key}");
            if !known.contains(&name.as_str()) {
                let fields = [("name", Value::String(name)), ("valueFrom", from_secret(map, &key))];
                added.push(Value::Map(fields.map(|(key, value)| (key.to_owned(), value)).to_vec()));
            }
        }
    }
    added
}

/// Where a value is read that was in a manifest of this name.
fn from_secret(of: &str, key: &str) -> Value {
    let from = [("name", secret(of)), ("key", key.to_owned())];
    let from = from.map(|(field, text)| (field.to_owned(), Value::String(text)));
    Value::Map(vec![("secretKeyRef".to_owned(), Value::Map(from.to_vec()))])
}

/// The variables of an object that are read from a Secret in its stead, and the keys of a ConfigMap.
pub(super) fn kept_out(object: &Object) -> Vec<String> {
    if object.kind == "ConfigMap" {
        return credentials_of(object);
    }
    let containers = object::pod(object).into_iter().flat_map(object::containers);
    let variables = containers.flat_map(|(_, container)| object::items(container, "env"));
    let text =
        |variable: &Value, key: &str| object::text(variable, &[key]).unwrap_or_default().to_owned();
    let all = variables.map(|variable| (text(variable, "name"), text(variable, "value")));
    all.filter(|(name, value)| is_credential(name, value)).map(|(name, _)| name).collect()
}

/// Adds what the level `restricted` asks for, where the object does not say it.
fn secure(pod: &mut Value) {
    let seccomp = Value::Map(vec![("type".to_owned(), Value::String("RuntimeDefault".to_owned()))]);
    let root = object::number(pod.at(&["securityContext", "runAsUser"])) == Some(0);
    add(pod, &[("runAsNonRoot", Value::Bool(!root)), ("seccompProfile", seccomp)]);
    for list in ["initContainers", "containers"] {
        for container in pod.get_mut(list).map(Value::items_mut).unwrap_or_default() {
            // The API server takes one of the two.
            let privileged = object::is(container.at(&["securityContext", "privileged"]), true);
            if !privileged {
                add(container, RESTRICTED);
            }
            let drop = Value::List(vec![Value::String("ALL".to_owned())]);
            if container.at(&["securityContext", "capabilities"]).is_none() {
                add(container, &[("capabilities", Value::Map(Vec::new()))]);
            }
            let capabilities = container
                .get_mut("securityContext")
                .and_then(|context| context.get_mut("capabilities"));
            if let Some(capabilities) = capabilities {
                let drops_all =
                    object::words(capabilities, "drop").iter().any(|name| name == "ALL");
                if !drops_all {
                    capabilities.insert("drop", drop);
                }
            }
        }
    }
}

/// Adds fields of a security context that are not there.
fn add(value: &mut Value, fields: &[(&str, Value)]) {
    if value.get("securityContext").is_none_or(|context| context.entries().is_empty()) {
        value.insert("securityContext", Value::Map(Vec::new()));
    }
    let Some(context) = value.get_mut("securityContext") else { return };
    for (field, wanted) in fields {
        if context.get(field).is_none() {
            context.insert(field, wanted.clone());
        }
    }
}
