//! Who refers to whom: the fields of pods, and a walk over those of a kind.

use super::Kind;
use super::schema::KNOWN;
use crate::yaml::Value;

/// Fields below a pod's `spec`.
const IN_PODS: &[(&str, Kind)] = &[
    ("containers[].envFrom[].configMapRef.name", Kind::ConfigMap),
    ("containers[].env[].valueFrom.configMapKeyRef.name", Kind::ConfigMap),
    ("initContainers[].envFrom[].configMapRef.name", Kind::ConfigMap),
    ("initContainers[].env[].valueFrom.configMapKeyRef.name", Kind::ConfigMap),
    ("volumes[].configMap.name", Kind::ConfigMap),
    ("volumes[].projected.sources[].configMap.name", Kind::ConfigMap),
    ("serviceAccountName", Kind::ServiceAccount),
];

/// The path to the `spec` of the pods that an object makes, or is; none when it has nothing to do
/// with pods.
pub(crate) fn pods(kind: &Kind) -> Option<Vec<&'static str>> {
    if let Kind::Custom(custom) = kind {
        return KNOWN.pods(&custom.api_version, &custom.kind);
    }
    Some([kind.row()?.pods.template?, &["spec"]].concat())
}

/// Calls `visit` for every reference that an object holds, to read or to change the name.
///
/// A reference that is marked `optional: true` may lead nowhere; `visit` is told so.
pub fn visit(kind: &Kind, object: &mut Value, visit: &mut impl FnMut(&Kind, &mut String, bool)) {
    for (path, referent) in kind.facts().references {
        follow(object, path, false, &mut |name, optional| visit(referent, name, optional));
    }
    let Some(path) = pods(kind) else { return };
    let spec = path.into_iter().try_fold(object, |value, key| value.get_mut(key));
    let Some(spec) = spec else { return };
    for (path, referent) in IN_PODS {
        follow(spec, path, false, &mut |name, optional| visit(referent, name, optional));
    }
}

fn follow(
    value: &mut Value,
    path: &str,
    optional: bool,
    found: &mut impl FnMut(&mut String, bool),
) {
    let (segment, rest) = path.split_once('.').unwrap_or((path, ""));
    let optional = optional || value.get("optional") == Some(&Value::Bool(true));
    let (key, every) = segment.strip_suffix("[]").map_or((segment, false), |key| (key, true));
    let Some(child) = value.get_mut(key) else { return };
    if every {
        child.items_mut().iter_mut().for_each(|item| follow(item, rest, optional, found));
    } else if !rest.is_empty() {
        follow(child, rest, optional, found);
    } else if let Value::String(name) = child {
        found(name, optional);
    }
}
