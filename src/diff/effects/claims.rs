//! Claims of volumes: what becomes of the data when one is added, leaves, grows, shrinks or changes its
//! class.

use super::{Edit, Match, Service, amount};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;
use std::collections::BTreeMap;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for edit in service.edits_of("StatefulSet") {
        if super::same(edit.old_item, edit.new_item) {
            matches.extend(left(&edit));
        }
    }
    for edit in service.edits_of("PersistentVolumeClaim") {
        matches.extend(resized(&edit));
    }
    matches
}

/// The claim templates of a StatefulSet, by name.
fn templates(set: &Value) -> BTreeMap<&str, &Value> {
    let items = set.at(&["spec", "volumeClaimTemplates"]).map(Value::items).unwrap_or_default();
    let named = |item| Some((Value::at(item, &["metadata", "name"])?.as_str()?, item));
    items.iter().filter_map(named).collect()
}

/// Claims that leave the template: their volumes stay, and no pod has them any more.
fn left(edit: &Edit<'_>) -> Option<Match> {
    let (then, now) = (templates(edit.old), templates(edit.new));
    let gone: Vec<&str> = then.keys().filter(|name| !now.contains_key(*name)).copied().collect();
    let come: Vec<&str> = now.keys().filter(|name| !then.contains_key(*name)).copied().collect();
    if gone.is_empty() {
        return None;
    }
    let set = &edit.new_item.name;
    let title = format!("volumes {} of {set} stay, and no pod has them", gone.join(", "));
    let mut matched = edit
        .loosens(Code::DATA_STRANDED, Severity::Critical, title)
        .details(
            gone.iter()
                .map(|claim| format!("stranded: {claim}-{set}-0 and those of the other pods")),
        )
        .changed("claims", gone.join(", "), come.join(", "));
    if !come.is_empty() {
        matched = matched.detail(format!(
            "{} begins empty: a claim keeps its name, or its data is copied before",
            come.join(", ")
        ));
    }
    Some(matched)
}

/// What is to be done about a claim of a StatefulSet that differs: no field of it can change in place.
pub(super) fn help(edit: &Edit<'_>) -> Vec<String> {
    let (then, now) = (templates(edit.old), templates(edit.new));
    let set = &edit.new_item.name;
    let mut lines = Vec::new();
    for (name, claim) in &now {
        let Some(before) = then.get(name) else {
            lines.push(format!(
                "claim {name} is new: each pod gets an empty volume when it restarts"
            ));
            continue;
        };
        let field = |claim: &Value, path: &[&str]| claim.at(path).cloned();
        let size = ["spec", "resources", "requests", "storage"];
        match (field(before, &size).as_ref().and_then(Quantity::of), field(claim, &size).as_ref().and_then(Quantity::of)) {
            (Some(old), Some(new)) if new > old => lines.push(format!(
                "claim {name} grows: set the size of {name}-{set}-0 and of each other one first, in a class that allows it"
            )),
            (Some(old), Some(new)) if new < old => lines.push(format!(
                "claim {name} shrinks, which no volume does: undo it, or make a claim of another name and copy the data"
            )),
            _ => {}
        }
        for (path, word) in [
            (["spec", "storageClassName"], "class"),
            (["spec", "accessModes"], "access modes"),
            (["spec", "volumeMode"], "mode"),
        ] {
            if field(before, &path) != field(claim, &path) {
                lines.push(format!(
                    "claim {name} has another {word}: volumes that are there keep theirs, and only pods with a new number get the other; to move data, restore a backup into it"
                ));
            }
        }
    }
    lines
}

/// A claim by itself that asks for another size.
fn resized(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value| value.at(&["spec", "resources", "requests", "storage"]).cloned();
    let (then, now) = (of(edit.old)?, of(edit.new)?);
    let name = &edit.new_item.name;
    let shown = format!("{} → {}", amount::shown(Some(&then)), amount::shown(Some(&now)));
    let (old, new) = (Quantity::of(&then)?, Quantity::of(&now)?);
    if new < old {
        let title = format!("PersistentVolumeClaim {name} cannot shrink: {shown}");
        return Some(edit.neutral(Code::APPLY_FAILS, Severity::Critical, title).detail(
            "the API server refuses it: make a claim of that size and copy the data into it",
        ));
    }
    (new > old).then(|| {
        edit.neutral(Code::CLAIM_GROWS, Severity::Low, format!("volume {name} grows: {shown}"))
            .detail("where its class allows it; some drivers do so only when the pod restarts")
            .changed("size", amount::shown(Some(&then)), amount::shown(Some(&now)))
    })
}
