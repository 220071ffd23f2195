//! Who refers to whom: the fields of pods, and a walk over those of a kind.

use super::kinds::Naming;
use super::schema::{self, KNOWN};
use super::{Kind, custom_references, labels};
use crate::yaml::Value;
use std::collections::BTreeMap;

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

/// The fields of custom kinds that the fleet declares, by group and kind: `keda.sh/ScaledObject`.
pub type Declared = BTreeMap<String, Vec<(String, Kind)>>;

/// The path to the `spec` of the pods that an object makes, or is; none when it has nothing to do
/// with pods.
pub(crate) fn pods(kind: &Kind) -> Option<Vec<&'static str>> {
    if let Kind::Custom(custom) = kind {
        let row = custom_references::find(&custom.api_version, &custom.kind);
        let path = row.and_then(|row| row.pods).map(<[&str]>::to_vec);
        return path.or_else(|| KNOWN.pods(&custom.api_version, &custom.kind));
    }
    Some([kind.row()?.pods.template?, &["spec"]].concat())
}

/// How an object of a kind gets its final name: as its kind does, unless it says that its name
/// stays.
pub(crate) fn naming(kind: &Kind, object: &Value) -> Naming {
    if object.at(&["metadata", "annotations", labels::NAMING]).is_some() {
        return Naming::Stable;
    }
    if let Kind::Custom(custom) = kind {
        let row = custom_references::find(&custom.api_version, &custom.kind);
        if row.is_some_and(|row| row.follows) {
            return Naming::LikeReferent;
        }
    }
    kind.naming()
}

/// Calls `visit` for every reference that an object holds, to read or to change the name.
///
/// A reference that is marked `optional: true` may lead nowhere; `visit` is told so.
pub fn visit(
    kind: &Kind,
    declared: &Declared,
    object: &mut Value,
    visit: &mut impl FnMut(&Kind, &mut String, bool),
) {
    for (path, referent) in kind.facts().references {
        follow(object, path, false, &mut |field, optional| named(field, referent, optional, visit));
    }
    if let Kind::Custom(custom) = kind {
        let row = custom_references::find(&custom.api_version, &custom.kind);
        for (path, referent) in row.map(|row| row.fields).unwrap_or_default() {
            follow(object, path, false, &mut |field, optional| {
                named(field, referent, optional, visit);
            });
        }
        let group = schema::group(&custom.api_version);
        let declared = declared.get(&format!("{group}/{}", custom.kind));
        for (path, referent) in declared.into_iter().flatten() {
            follow(object, path, false, &mut |field, optional| {
                named(field, referent, optional, visit);
            });
        }
    }
    resource_names(kind, object, visit);
    let Some(path) = pods(kind) else { return };
    let spec = path.into_iter().try_fold(object, |value, key| value.get_mut(key));
    let Some(spec) = spec else { return };
    for (path, referent) in IN_PODS {
        follow(spec, path, false, &mut |field, optional| named(field, referent, optional, visit));
    }
}

/// A field that was found, with what stands beside it.
struct Found<'v> {
    name: &'v mut String,
    /// What is named, where the object says it.
    kind: Option<String>,
}

/// The kind of what is named is the one that stands beside the name; of kinds that are not made
/// here, no name follows from a content.
fn named(
    found: Found<'_>,
    referent: &Kind,
    optional: bool,
    visit: &mut impl FnMut(&Kind, &mut String, bool),
) {
    // Velero writes `configmap`.
    match found.kind.as_deref() {
        Some(kind) if !kind.eq_ignore_ascii_case(referent.name()) => {
            if let Some(row) = Kind::named(kind) {
                visit(&row.kind, found.name, optional);
            }
        }
        Some(_) | None => visit(referent, found.name, optional),
    }
}

fn follow(value: &mut Value, path: &str, optional: bool, found: &mut impl FnMut(Found<'_>, bool)) {
    let (segment, rest) = path.split_once('.').unwrap_or((path, ""));
    let optional = optional || value.get("optional") == Some(&Value::Bool(true));
    let (key, every) = segment.strip_suffix("[]").map_or((segment, false), |key| (key, true));
    let beside = |value: &Value| {
        let kind = value.get("kind").and_then(Value::as_str);
        // A provider of certificates calls it so.
        let of_provider = ["ConfigMap", "Secret"];
        let other = value.get("type").and_then(Value::as_str);
        kind.or(other.filter(|other| of_provider.contains(other))).map(str::to_owned)
    };
    let kind = if rest.is_empty() && !every { beside(value) } else { None };
    let Some(child) = value.get_mut(key) else { return };
    if every && rest.is_empty() {
        for item in child.items_mut() {
            if let Value::String(name) = item {
                found(Found { name, kind: None }, optional);
            }
        }
    } else if every {
        child.items_mut().iter_mut().for_each(|item| follow(item, rest, optional, found));
    } else if !rest.is_empty() {
        follow(child, rest, optional, found);
    } else if let Value::String(name) = child {
        found(Found { name, kind }, optional);
    }
}

/// The objects that a rule of a Role is about: its `resources` say of which kinds they are. A name
/// that none of these has is left as it is.
fn resource_names(
    kind: &Kind,
    object: &mut Value,
    visit: &mut impl FnMut(&Kind, &mut String, bool),
) {
    if !["Role", "ClusterRole"].contains(&kind.name()) {
        return;
    }
    let Some(rules) = object.get_mut("rules") else { return };
    for rule in rules.items_mut() {
        let texts = |key: &str| -> Vec<String> {
            let items = rule.get(key).map(Value::items).unwrap_or_default().iter();
            items.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let (groups, resources) = (texts("apiGroups"), texts("resources"));
        let about = |row: &&super::kinds::Row| {
            let group = schema::group(row.api_version);
            let plural = plural(row.name);
            groups.iter().any(|one| one == group || one == "*")
                && resources.iter().any(|one| one == "*" || one.split('/').next() == Some(&plural))
                && matches!(row.naming, Naming::Hashed(_) | Naming::LikeReferent)
        };
        let kinds: Vec<Kind> =
            super::kinds::KINDS.iter().filter(about).map(|row| row.kind.clone()).collect();
        let Some(names) = rule.get_mut("resourceNames") else { continue };
        for name in names.items_mut() {
            let Value::String(name) = name else { continue };
            // Objects of several kinds may have the logical name; every visit meets all of them.
            let before = name.clone();
            for kind in &kinds {
                let mut one = before.clone();
                visit(kind, &mut one, true);
                if one != before {
                    *name = one;
                }
            }
        }
    }
}

/// The name of a kind in the paths of the API.
fn plural(kind: &str) -> String {
    let lower = kind.to_ascii_lowercase();
    match lower.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if lower.ends_with('s') => format!("{lower}es"),
        None => format!("{lower}s"),
    }
}
