//! What differs in one field and is the same by what another field says.

use super::items::exactly;
use super::{Change, FieldOperation};
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::{BTreeMap, BTreeSet};

/// Marks changes of an object of `kind` that mean nothing by what stands beside them, on both sides.
pub(super) fn mark(kind: &str, (old, new): (&Value, &Value), changes: &mut [Change]) {
    if kind == "Secret" && content(old).is_some_and(|before| content(new) == Some(before)) {
        let held = ["data", "stringData"];
        let of_content = |change: &&mut Change| {
            held.iter().any(|key| match change.path.strip_prefix(key) {
                Some(rest) => rest.is_empty() || rest.starts_with(['.', '[']),
                None => false,
            })
        };
        changes.iter_mut().filter(of_content).for_each(|change| change.equal = true);
    }
    if kind.ends_with("Route") {
        of_routes((old, new), changes);
    }
    for change in changes.iter_mut().filter(|change| !change.equal) {
        let written = match change.operation {
            FieldOperation::Add => change.new_pointer.as_deref().map(|pointer| (new, pointer)),
            FieldOperation::Remove => change.old_pointer.as_deref().map(|pointer| (old, pointer)),
            FieldOperation::Replace | FieldOperation::Reorder => None,
        };
        if let Some((side, pointer)) = written {
            change.equal = is_by_limits(side, pointer);
        }
    }
}

/// What a route refers to is in its own namespace unless it says otherwise (Gateway API,
/// `apis/v1/shared_types.go`, `ParentReference`; `apis/v1/object_reference_types.go`).
fn of_routes((old, new): (&Value, &Value), changes: &mut [Change]) {
    let own = |side: &Value| side.at(&["metadata", "namespace"]).cloned();
    let parents = |side: &Value| -> BTreeSet<String> {
        let refs = side.at(&["spec", "parentRefs"]).map(Value::items).unwrap_or_default();
        let filled = |parent: &Value| {
            let mut parent = parent.clone();
            let usual = |text: &str| Some(Value::String(text.to_owned()));
            let defaults = [
                ("namespace", own(side)),
                ("group", usual("gateway.networking.k8s.io")),
                ("kind", usual("Gateway")),
            ];
            for (key, value) in defaults {
                if let Some(value) = value.filter(|_| parent.get(key).is_none()) {
                    parent.insert(key, value);
                }
            }
            exactly(&parent)
        };
        refs.iter().map(filled).collect()
    };
    let same_parents = parents(old) == parents(new);
    for change in changes.iter_mut() {
        let side = if change.operation == FieldOperation::Add { new } else { old };
        let written = change.old.as_ref().xor(change.new.as_ref());
        let own_namespace = change.path.starts_with("spec.")
            && change.path.ends_with(".namespace")
            && written.is_some_and(|written| own(side).as_ref() == Some(written));
        let of_parents = same_parents && change.path.starts_with("spec.parentRefs");
        change.equal |= own_namespace || of_parents;
    }
}

/// What a Secret holds, in whichever of its two maps; none where that cannot be read.
/// Source: `core/v1/types.go`, `Secret.StringData`: it is written into `data`, over what is there.
fn content(secret: &Value) -> Option<BTreeMap<String, Vec<u8>>> {
    let entries = |key: &str| secret.get(key).map(Value::entries).unwrap_or_default();
    let mut content = BTreeMap::new();
    for (key, value) in entries("data") {
        content.insert(key.clone(), STANDARD.decode(value.as_str()?.trim()).ok()?);
    }
    for (key, value) in entries("stringData") {
        content.insert(key.clone(), value.as_str()?.as_bytes().to_vec());
    }
    Some(content)
}

/// Whether what is requested is what the limit beside it says: the API server takes a limit for the request
/// that is not written (Kubernetes `pkg/apis/core/v1/defaults.go`, `SetDefaults_Pod`).
fn is_by_limits(side: &Value, pointer: &str) -> bool {
    const REQUESTS: &str = "/resources/requests";
    let Some((above, rest)) = pointer.rsplit_once(REQUESTS) else { return false };
    let container = above.split('/').skip(1).try_fold(side, |value, token| {
        if let Value::List(items) = value {
            return items.get(token.parse::<usize>().ok()?);
        }
        value.get(token)
    });
    let Some(resources) = container.and_then(|container| container.get("resources")) else {
        return false;
    };
    let limit = |key: &str| resources.at(&["limits", key]).and_then(Quantity::of);
    let same = |(key, value): &(String, Value)| {
        let asked = Quantity::of(value);
        asked.is_some() && limit(key) == asked
    };
    let requests = resources.get("requests").map(Value::entries).unwrap_or_default();
    match rest.strip_prefix('/') {
        None => rest.is_empty() && !requests.is_empty() && requests.iter().all(same),
        Some(key) => requests.iter().filter(|(name, _)| name == key).any(same),
    }
}

#[cfg(test)]
mod tests {
    use crate::diff::value::compare;
    use crate::yaml::read::document;

    fn is_equal(kind: &str, old: &str, new: &str) -> bool {
        let (old, new) = (document(old).unwrap(), document(new).unwrap());
        let changes = compare(kind, &old, &new);
        assert!(!changes.is_empty());
        changes.iter().all(|change| change.equal)
    }

    #[test]
    fn a_secret_holds_the_same_in_either_map() {
        let coded = "data: {a: aGVsbG8=}";
        assert!(is_equal("Secret", coded, "stringData: {a: hello}"));
        assert!(is_equal("Secret", coded, "{data: {a: eA==}, stringData: {a: hello}}"));
        assert!(!is_equal("Secret", coded, "stringData: {a: hallo}"));
        assert!(!is_equal("Secret", coded, "{data: {a: aGVsbG8=}, stringData: {b: x}}"));
        assert!(!is_equal("ConfigMap", coded, "stringData: {a: hello}"));
    }

    #[test]
    fn a_limit_is_a_request() {
        let of = |resources: &str| {
            format!(
                "spec: {{template: {{spec: {{containers: [{{name: a, resources: {resources}}}]}}}}}}"
            )
        };
        let limits = of("{limits: {cpu: 1, memory: 1Gi}}");
        let equal = |resources: &str| is_equal("Deployment", &limits, &of(resources));
        assert!(equal("{limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1000m, memory: 1Gi}}"));
        assert!(!equal("{limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}"));
    }
}
