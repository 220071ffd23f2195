//! What importing asks of an object.

pub(super) use super::source::Object;
use crate::kube::read::selector::Labels;
use crate::kube::schema::KNOWN;
use crate::yaml::Value;
use std::collections::BTreeSet;

/// Whether it is one of those that a spec describes.
pub(super) fn is_workload(object: &Object) -> bool {
    object.api_version == "apps/v1" && ["Deployment", "StatefulSet"].contains(&object.kind.as_str())
}

/// The `spec` of the pods that an object makes, or is.
pub(super) fn pod(object: &Object) -> Option<&Value> {
    object.at(&KNOWN.pods(&object.api_version, &object.kind)?)
}

/// The path to it.
pub(super) fn pod_path(object: &Object) -> Option<Vec<&'static str>> {
    KNOWN.pods(&object.api_version, &object.kind)
}

/// The labels of the pods that an object makes.
pub(super) fn pod_labels(object: &Object) -> Labels {
    let Some(mut path) = pod_path(object) else { return Labels::new() };
    path.pop();
    path.extend(["metadata", "labels"]);
    object.at(&path).map(labels).unwrap_or_default()
}

/// A map of texts.
pub(super) fn labels(value: &Value) -> Labels {
    let entries = value.entries().iter();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// The labels of an object.
pub(super) fn labels_of(object: &Object) -> Labels {
    object.at(&["metadata", "labels"]).map(labels).unwrap_or_default()
}

/// The annotations of an object.
pub(super) fn annotations_of(object: &Object) -> Labels {
    object.at(&["metadata", "annotations"]).map(labels).unwrap_or_default()
}

/// Every container of a pod, with the list that it stands in: those that end first come first.
pub(super) fn containers(pod: &Value) -> impl Iterator<Item = (&'static str, &Value)> {
    ["initContainers", "containers"].into_iter().flat_map(|list| {
        let items = pod.get(list).map(Value::items).unwrap_or_default();
        items.iter().map(move |container| (list, container))
    })
}

/// The text under a key.
pub(super) fn text<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    value.at(path)?.as_str()
}

/// The items of the list under a key.
pub(super) fn items<'v>(value: &'v Value, list: &str) -> &'v [Value] {
    value.get(list).map(Value::items).unwrap_or_default()
}

/// The texts of the list under a key.
pub(super) fn words(value: &Value, list: &str) -> Vec<String> {
    items(value, list).iter().filter_map(scalar).collect()
}

/// A scalar as the API server would print it; none for a list or a map.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Null => Some(String::new()),
        Value::List(_) | Value::Map(_) => None,
    }
}

/// A whole number.
pub(super) fn number(value: Option<&Value>) -> Option<i64> {
    if let Some(Value::Int(number)) = value { Some(*number) } else { None }
}

/// Whether it is `true`, or `false`.
pub(super) fn is(value: Option<&Value>, wanted: bool) -> bool {
    value == Some(&Value::Bool(wanted))
}

/// The account that the pods of an object name.
pub(super) fn account(object: &Object) -> Option<&str> {
    let pod = pod(object)?;
    text(pod, &["serviceAccountName"]).or_else(|| text(pod, &["serviceAccount"]))
}

/// The images of its pods.
pub(super) fn images(object: &Object) -> BTreeSet<&str> {
    let containers = pod(object).into_iter().flat_map(containers);
    containers.filter_map(|(_, container)| text(container, &["image"])).collect()
}

/// The ConfigMaps and claims that the pods of an object name.
pub(super) fn named(object: &Object) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let Some(pod) = pod(object) else { return found };
    let mut add = |kind: &'static str, value: &Value, path: &[&str]| {
        found.extend(text(value, path).map(|name| (kind, name.to_owned())));
    };
    for volume in items(pod, "volumes") {
        add("ConfigMap", volume, &["configMap", "name"]);
        add("PersistentVolumeClaim", volume, &["persistentVolumeClaim", "claimName"]);
        for source in volume.at(&["projected", "sources"]).map(Value::items).unwrap_or_default() {
            add("ConfigMap", source, &["configMap", "name"]);
        }
    }
    for (_, container) in containers(pod) {
        for source in items(container, "envFrom") {
            add("ConfigMap", source, &["configMapRef", "name"]);
        }
        for variable in items(container, "env") {
            add("ConfigMap", variable, &["valueFrom", "configMapKeyRef", "name"]);
        }
    }
    found
}

/// Whether one node at a time mounts the volume of a claim.
pub(super) fn one_writes(claim: &Object) -> bool {
    let modes = claim.items(&["spec", "accessModes"]);
    modes.iter().all(|mode| matches!(mode.as_str(), Some("ReadWriteOnce" | "ReadWriteOncePod")))
}

/// The Kubernetes Services that a route leads to.
pub(super) fn backends(object: &Object) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |value: Option<&Value>| {
        found.extend(value.and_then(Value::as_str).map(str::to_owned));
    };
    add(object.at(&["spec", "defaultBackend", "service", "name"]));
    for rule in object.items(&["spec", "rules"]) {
        for path in rule.at(&["http", "paths"]).map(Value::items).unwrap_or_default() {
            add(path.at(&["backend", "service", "name"]));
        }
        for backend in items(rule, "backendRefs") {
            add(backend.get("name"));
        }
    }
    found
}

/// Whether it stands in a namespace: one of a kind that is not known does where it says one.
pub(super) fn is_namespaced(object: &Object) -> bool {
    let known = KNOWN.kind(&object.api_version, &object.kind);
    known.map_or(object.namespace.is_some(), |kind| kind.namespaced)
}

/// What a workload names beside what its pods are given: its account, and the Service of a set.
pub(super) fn refers_to(object: &Object) -> Vec<(&'static str, String)> {
    let account = account(object).map(|name| ("ServiceAccount", name.to_owned()));
    let service = object.text(&["spec", "serviceName"]).map(|name| ("Service", name.to_owned()));
    account.into_iter().chain(service.filter(|_| object.kind == "StatefulSet")).collect()
}
