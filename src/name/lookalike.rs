//! Fields of custom kinds that hold the logical name of an object whose final name is another one,
//! and that nobody follows: they would name nothing.

use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::kinds::Naming;
use crate::kube::references::{self, Declared};
use crate::kube::schema::group;
use crate::kube::{Kind, Namespace, RegionName};
use crate::object::Object;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

type Place<'a> = (&'a RegionName, Option<&'a Namespace>);

/// Reports every such field.
pub(super) fn check(sink: &mut Sink, objects: &[Object], declared: &Declared) {
    if !objects.iter().any(|object| matches!(object.id.kind, Kind::Custom(_))) {
        return;
    }
    let mut hashed: BTreeMap<Place<'_>, Vec<&Object>> = BTreeMap::new();
    let mut stable: BTreeSet<(Place<'_>, &str)> = BTreeSet::new();
    for object in objects {
        let place = (&object.id.region, object.id.namespace.as_ref());
        match object.naming {
            Naming::Stable => drop(stable.insert((place, object.id.name.as_str()))),
            Naming::Hashed(_) | Naming::LikeReferent => {
                hashed.entry(place).or_default().push(object);
            }
        }
    }
    let mut seen = BTreeSet::new();
    for object in objects {
        let Kind::Custom(custom) = &object.id.kind else { continue };
        let place = (&object.id.region, object.id.namespace.as_ref());
        let Some(hashed) = hashed.get(&place) else { continue };
        let mut rest = object.value.clone();
        references::visit(&object.id.kind, declared, &mut rest, &mut |_, name, _| name.clear());
        rest.remove("metadata");
        let mut found = Vec::new();
        walk(&rest, &mut Vec::new(), &mut |path, beside, text| {
            // The same name may be that of an object whose name stays.
            let taken = stable.contains(&(place, text))
                || object.id.namespace.as_ref().is_some_and(|one| one.as_str() == text);
            let meant = |other: &&&Object| {
                other.id.name.as_str() == text
                    && other.id != object.id
                    && is_meant(&other.id.kind, path, beside, taken)
            };
            if let Some(other) = hashed.iter().find(meant) {
                found.push((path.join(".").replace(".[]", "[]"), other.id.kind.clone()));
            }
        });
        for (path, kind) in found {
            let message =
                format!("`{path}` of {} is the name of a {kind}, and is not followed", object.id);
            // It is the same in every region.
            if !seen.insert((custom.clone(), object.id.name.clone(), path.clone())) {
                continue;
            }
            let group = group(&custom.api_version);
            sink.report(
                Diagnostic::new(Code::REFERENCE_NOT_FOLLOWED, message)
                    .at(object.origin.span, "asked for here")
                    .note(format!("the {kind} has a hash behind its name, so this would name nothing"))
                    .help(format!(
                        "declare it in `fleet.toml`: `[references]`, `\"{group}/{}\" = {{ \"{path}\" = \"{kind}\" }}`; if it is not a name, `[[accept]]` takes this finding",
                        custom.kind
                    ))
                    .unless_accepted(),
            );
        }
    }
}

/// Whether the text at a path may well be the name of an object of a kind.
fn is_meant(kind: &Kind, path: &[String], beside: Option<&str>, taken: bool) -> bool {
    if let Some(beside) = beside {
        return beside == kind.name();
    }
    let word = kind.name().to_ascii_lowercase();
    let says = |step: &String| step.to_ascii_lowercase().contains(&word);
    let (last, above) =
        path.split_last().map_or((None, &[][..]), |(last, above)| (Some(last), above));
    let parent = above.iter().rev().find(|step| *step != "[]");
    if last.is_some_and(says) || parent.is_some_and(says) {
        return true;
    }
    // Where pods are selected, and what is shown to people, are words like any other.
    let free = ["matchLabels", "labels", "annotations", "matchExpressions", "matchNames"];
    let is_free = path.iter().any(|step| free.contains(&step.as_str()));
    !taken && !is_free
}

/// Calls `found` with every text, its path and the `kind` beside it.
fn walk(
    value: &Value,
    path: &mut Vec<String>,
    found: &mut impl FnMut(&[String], Option<&str>, &str),
) {
    let beside = value.get("kind").and_then(Value::as_str);
    for (key, field) in value.entries() {
        path.push(key.clone());
        if let Value::String(text) = field {
            found(path, beside, text);
        }
        walk(field, path, found);
        path.pop();
    }
    for item in value.items() {
        path.push("[]".to_owned());
        if let Value::String(text) = item {
            found(path, None, text);
        }
        walk(item, path, found);
        path.pop();
    }
}
