//! Autoscalers, and changes that restart nothing.

use super::workload::{self, LASTING};
use super::{Hit, Service, amount, replace};
use crate::diag::Code;
use crate::diff::report::{Class, Operation, Severity};
use crate::yaml::Value;

const KIND: &str = "HorizontalPodAutoscaler";

pub(super) fn check(service: &Service<'_>) -> Vec<Hit> {
    let mut hits = bounds(service);
    hits.extend(removed(service));
    hits.extend(calm(service));
    hits
}

fn bounds(service: &Service<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for edit in service.edits_of(KIND) {
        for (key, word, otherwise) in
            [("maxReplicas", "at most", 1), ("minReplicas", "at least", 1)]
        {
            let of = |value: &Value| amount::count(value.at(&["spec", key])).unwrap_or(otherwise);
            let (then, now) = (of(edit.old), of(edit.new));
            if now < then {
                let title = format!("the autoscaler keeps {word} {}", amount::pods(now));
                hits.push(
                    Hit::loosens(Code::AUTOSCALER_LOOSENED, Severity::Medium, title)
                        .at(edit.region)
                        .detail(format!("{key} {then} → {now}"))
                        .changed(key, then, now)
                        .object(edit.number),
                );
            }
        }
    }
    hits
}

/// An autoscaler whose workload stays.
fn removed<'a>(service: &'a Service<'_>) -> impl Iterator<Item = Hit> + 'a {
    service.dropped(KIND).filter_map(|dropped| {
        let region = &dropped.item.identity.region;
        let pods = workload::running(service.new, region);
        if pods == 0 {
            return None;
        }
        let most = amount::count(dropped.value.at(&["spec", "maxReplicas"])).unwrap_or(1);
        Some(
            Hit::loosens(Code::AUTOSCALER_LOOSENED, Severity::Medium, "no autoscaler any more")
                .at(region)
                .detail(format!("up to {} → always {pods}", amount::pods(most)))
                .changed("maxReplicas", most, pods)
                .object(dropped.number),
        )
    })
}

/// What one wants to know of a change that reaches a workload: that its pods run on.
fn calm(service: &Service<'_>) -> Vec<Hit> {
    let counts = |operation: Operation| operation != Operation::Keep;
    let differs = service.changed.iter().filter(|changed| {
        changed.object.class != Class::Cosmetic && counts(changed.object.operation)
    });
    let numbers: Vec<usize> = differs.clone().map(|changed| changed.number).collect();
    if numbers.is_empty() || replace::restarts(service) {
        return Vec::new();
    }
    let mut hits = Vec::new();
    for edit in service.edits().filter(|edit| LASTING.contains(&edit.kind)) {
        let of = |value: &Value| amount::count(value.at(&["spec", "replicas"]));
        let (then, now) = (of(edit.old).unwrap_or(1), of(edit.new).unwrap_or(1));
        if then != now && without(edit.old, "replicas") == without(edit.new, "replicas") {
            let title = format!("scales {then} → {now}: no pod restarts");
            hits.push(
                Hit::neutral(Code::NOTHING_RESTARTS, Severity::Info, title)
                    .at(edit.region)
                    .changed("replicas", then, now)
                    .object(edit.number),
            );
        }
    }
    let labels = service.edits().all(|edit| {
        let bare = |value: &Value| {
            let mut value = value.clone();
            value.remove("metadata");
            value
        };
        bare(edit.old) == bare(edit.new)
    });
    // Of what comes and goes other rules speak.
    if labels && differs.clone().all(|changed| changed.old.is_some() && changed.new.is_some()) {
        let regions = differs.filter_map(|changed| Some(&changed.new?.identity.region));
        let title = "only labels and annotations: no pod restarts";
        let hit = Hit::neutral(Code::NOTHING_RESTARTS, Severity::Info, title).objects(numbers);
        let mut regions: Vec<&String> = regions.filter(|region| !region.is_empty()).collect();
        regions.sort();
        regions.dedup();
        hits.push(regions.into_iter().fold(hit, |hit, region| hit.at(region)));
    }
    hits
}

/// The `spec` of an object without one of its fields; nothing else of the object.
fn without(value: &Value, key: &str) -> Option<Value> {
    let mut spec = value.get("spec")?.clone();
    spec.remove(key);
    Some(spec)
}
