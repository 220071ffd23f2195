//! What changes alike is said once: objects of one kind, over regions and services.

use super::report::{Class, Group, Object, Operation};
use super::value::Change;
use crate::diag;
use crate::kube::id;
use crate::yaml::Value;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Groups of objects that change alike. Former generations and what only follows are in none: they
/// go with their cause. `regions` tells those of a service, on both sides.
pub(super) fn groups<'t>(
    objects: &[Object],
    regions: impl Fn(&str) -> BTreeSet<&'t str>,
) -> Vec<Group> {
    let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, object) in objects.iter().enumerate() {
        let former = matches!(object.operation, Operation::Keep | Operation::Retire);
        if !former && object.class != Class::Follows {
            alike.entry(signature(object)).or_default().push(at);
        }
    }
    let mut groups: Vec<Group> = alike
        .into_values()
        .map(|members| {
            let of = |field: fn(&Object) -> &String| -> Vec<String> {
                let set: BTreeSet<&String> =
                    members.iter().map(|at| field(&objects[*at])).collect();
                set.into_iter().cloned().collect()
            };
            let mut services = of(|object| &object.service);
            services.sort_by(|a, b| diag::natural(a, b));
            let all: BTreeSet<&str> =
                services.iter().flat_map(|service| regions(service)).collect();
            Group {
                regions: of(|object| &object.region),
                of_regions: all.len(),
                kind: objects[members[0]].kind.clone(),
                services,
                objects: members,
            }
        })
        .collect();
    groups.sort_by(|a, b| {
        let names = a.services.iter().zip(&b.services).map(|(a, b)| diag::natural(a, b));
        (names.fold(Ordering::Equal, Ordering::then))
            .then_with(|| a.services.len().cmp(&b.services.len()))
            .then_with(|| a.objects.cmp(&b.objects))
    });
    groups
}

/// What an object changes to, without the names of its service and its region.
pub(super) fn signature(object: &Object) -> String {
    let part = object.logical_name.replacen(id::plain(&object.service), "‹service›", 1);
    let mut text = format!("{} {part} {:?} {:?}", object.kind, object.operation, object.class);
    let root = object.changes.iter().any(|change| change.path.is_empty());
    // What comes or goes as a whole is alike when it is the same thing, whatever it says.
    if !root {
        object.changes.iter().for_each(|change| write(&mut text, change));
    }
    let text = text.replace(id::plain(&object.service), "‹service›");
    if object.region.is_empty() { text } else { text.replace(&object.region, "‹region›") }
}

fn write(text: &mut String, change: &Change) {
    let Change { path, operation, old, new, .. } = change;
    match (old, new) {
        (Some(Value::String(old)), Some(Value::String(new))) => {
            let (old, new) = (without_digest(old), without_digest(new));
            text.push_str(&format!("\n{path} {operation:?} {old:?} {new:?}"));
        }
        (old, new) => text.push_str(&format!("\n{path} {operation:?} {old:?} {new:?}")),
    }
}

/// An image by its tag, where it has one: the digest follows from it, and every service has
/// another.
fn without_digest(text: &str) -> &str {
    let (rest, _) = text.split_once("@sha256:").unwrap_or((text, ""));
    let tagged = rest.rsplit('/').next().is_some_and(|last| last.contains(':'));
    if tagged { rest } else { text }
}
