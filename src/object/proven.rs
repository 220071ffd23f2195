//! What a patch says although a field of the spec would, and what no patch may say: the numbers that
//! the promise was proven with.
//!
//! A promise is derived from what is decided, so the emitted object must say what was decided. What
//! a field says instead is decided with it, and proven again.

use super::Object;
use super::patch::Findings;
use crate::diag::{Code, Diagnostic};
use crate::kube::Kind;
use crate::kube::read::quantity::Quantity;
use crate::kube::references;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// A field of an object that is decided here.
struct Row {
    /// The kinds that have it.
    kinds: &'static [&'static str],
    /// The path to it; `[]` stands for each item of a list, identified by its name.
    path: &'static str,
    /// What of the spec, or of the fleet, says it.
    field: &'static str,
    /// Whether the promise rests on it.
    proven: bool,
}

const WORKLOADS: &[&str] = &["Deployment", "StatefulSet"];

const fn proven(kinds: &'static [&'static str], path: &'static str, field: &'static str) -> Row {
    Row { kinds, path, field, proven: true }
}

const fn by_field(kinds: &'static [&'static str], path: &'static str, field: &'static str) -> Row {
    Row { kinds, path, field, proven: false }
}

const TIER: &str = "the tier decides it: `tier`, or `[tiers.NAME]` of the fleet";

const ROWS: &[Row] = &[
    proven(WORKLOADS, "spec.replicas", "`[capacity] peak` says how many carry the peak"),
    proven(WORKLOADS, "spec.strategy", TIER),
    proven(WORKLOADS, "spec.updateStrategy", TIER),
    proven(WORKLOADS, "spec.minReadySeconds", TIER),
    proven(WORKLOADS, "spec.template.spec.topologySpreadConstraints", TIER),
    proven(WORKLOADS, "spec.template.spec.priorityClassName", TIER),
    proven(
        WORKLOADS,
        "spec.template.spec.terminationGracePeriodSeconds",
        "`drain` says how long work in flight may take",
    ),
    proven(WORKLOADS, "spec.template.spec.containers[].image", "`image` says it"),
    proven(
        WORKLOADS,
        "spec.template.spec.containers[].resources",
        "`[capacity] cpu` and `memory` say it",
    ),
    proven(WORKLOADS, "spec.template.spec.containers[].readinessProbe", "`[probes] ready` says it"),
    proven(WORKLOADS, "spec.template.spec.containers[].livenessProbe", "`[probes] live` says it"),
    by_field(
        WORKLOADS,
        "spec.template.spec.containers[].lifecycle.preStop",
        "the tier's `settle` says how long a pod waits until nobody sends it requests; a command in its place must wait as long itself",
    ),
    proven(
        WORKLOADS,
        "spec.template.spec.initContainers[].image",
        "`image` of `[[init]]` or `[[sidecars]]` says it",
    ),
    proven(
        WORKLOADS,
        "spec.template.spec.initContainers[].resources",
        "`cpu` and `memory` of `[[init]]` or `[[sidecars]]` say it",
    ),
    proven(
        WORKLOADS,
        "spec.template.spec.initContainers[].restartPolicy",
        "what ends is in `[[init]]`, what stays in `[[sidecars]]`",
    ),
    by_field(WORKLOADS, "spec.template.spec.containers[].command", "`command` says it"),
    by_field(WORKLOADS, "spec.template.spec.containers[].args", "`args` says it"),
    by_field(WORKLOADS, "spec.template.spec.containers[].ports", "`[[ports]]` says it"),
    by_field(
        WORKLOADS,
        "spec.template.spec.containers[].startupProbe",
        "`[probes] start_within` says how long a start may take",
    ),
    by_field(WORKLOADS, "spec.volumeClaimTemplates", "`[[volumes]]` says it"),
    by_field(&["Service"], "spec.ports", "`[[ports]]` says it"),
    proven(&["PodDisruptionBudget"], "spec.maxUnavailable", TIER),
    proven(&["PodDisruptionBudget"], "spec.minAvailable", TIER),
    proven(
        &["HorizontalPodAutoscaler"],
        "spec.minReplicas",
        "`[capacity] autoscale` has `min` and `max`",
    ),
    proven(
        &["HorizontalPodAutoscaler"],
        "spec.maxReplicas",
        "`[capacity] autoscale` has `min` and `max`",
    ),
    proven(&["Schedule"], "spec.schedule", "`[backup] every` says how often"),
    proven(&["Schedule"], "spec.paused", "leave it out: nobody takes backups that are paused"),
    proven(&["Schedule"], "spec.skipImmediately", "leave it out: the first backup would be late"),
    proven(&["Schedule"], "spec.template.ttl", "`[backup] keep` says how long"),
    proven(
        &["Schedule"],
        "spec.template.includedNamespaces",
        "`[backup] scope` says what it holds",
    ),
    proven(
        &["Schedule"],
        "spec.template.storageLocation",
        "`backup.locations` of the region says it",
    ),
    proven(&["Cluster"], "spec.instances", "`[data.postgresql] instances` says it"),
    proven(&["Cluster"], "spec.storage", "`[data.postgresql] size` and `class` say it"),
    proven(&["Cluster"], "spec.walStorage", "`[data.postgresql] wal_size` and `class` say it"),
    proven(&["Cluster"], "spec.resources", "`[data.postgresql] cpu` and `memory` say it"),
    proven(&["Cluster"], "spec.imageName", "`[data.postgresql] image` says it"),
    proven(&["ScheduledBackup"], "spec.schedule", "`[backup] every` says how often"),
    by_field(&["NetworkPolicy"], "spec.egress", "`[[depends_on]]` says whom the service calls"),
];

/// Reports what a patch changed of what is decided: `before` is the object without it.
pub(super) fn check(findings: &mut Findings<'_>, object: &Object, before: &Value) {
    let kind = object.id.kind.name();
    for row in ROWS.iter().filter(|row| row.kinds.contains(&kind)) {
        let steps: Vec<&str> = row.path.split('.').collect();
        let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
        gather(before, &steps, &mut Vec::new(), &mut old);
        gather(&object.value, &steps, &mut Vec::new(), &mut new);
        let names: Vec<Vec<String>> = old.keys().chain(new.keys()).cloned().collect();
        for path in names {
            // A container that the patch adds is none that was decided.
            let added = path.contains(&ITEM.to_owned()) && !stands_in(before, &path);
            let same = match (old.get(&path), new.get(&path)) {
                (Some(old), Some(new)) => old == new || is_more_disk(old, new),
                (old, new) => old == new,
            };
            if !same && !added {
                report(findings, object, row, &path);
            }
        }
    }
    room(findings, object, before);
}

/// Whether a patch of that field of a kind is reported here already: a promise rests on it.
pub(super) fn tells(kind: &Kind, path: &[String]) -> bool {
    let rows = ROWS.iter().filter(|row| row.proven && row.kinds.contains(&kind.name()));
    let path = path.join(".");
    let mut rows = rows.filter(|row| !row.path.contains("[]"));
    rows.any(|row| {
        path.strip_prefix(row.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// Whether the resources of a container are the same but for more disk of its node, on which no promise
/// rests.
fn is_more_disk(old: &Value, new: &Value) -> bool {
    const DISK: &str = "ephemeral-storage";
    let without = |resources: &Value| {
        let mut resources = resources.clone();
        for part in ["requests", "limits"] {
            if let Some(part) = resources.get_mut(part) {
                part.remove(DISK);
            }
        }
        resources
    };
    let amount = |resources: &Value, part| {
        resources.at(&[part, DISK]).and_then(Quantity::of).and_then(Quantity::thousandths)
    };
    without(old) == without(new)
        && ["requests", "limits"].iter().all(|part| amount(new, part) >= amount(old, part))
}

/// Stands before the name of an item in a path.
const ITEM: &str = "[]";

fn gather<'v>(
    value: &'v Value,
    steps: &[&str],
    path: &mut Vec<String>,
    found: &mut BTreeMap<Vec<String>, &'v Value>,
) {
    let Some((step, rest)) = steps.split_first() else {
        found.insert(path.clone(), value);
        return;
    };
    let length = path.len();
    if let Some(list) = step.strip_suffix(ITEM) {
        path.push(list.to_owned());
        for item in value.get(list).map(Value::items).unwrap_or_default() {
            let Some(name) = item.get("name").and_then(Value::as_str) else { continue };
            path.extend([ITEM.to_owned(), name.to_owned()]);
            gather(item, rest, path, found);
            path.truncate(length + 1);
        }
    } else if let Some(value) = value.get(step) {
        path.push((*step).to_owned());
        gather(value, rest, path, found);
    }
    path.truncate(length);
}

/// Whether the item that a path goes through is there.
fn stands_in(value: &Value, path: &[String]) -> bool {
    let Some(at) = path.iter().position(|step| step == ITEM) else { return true };
    let list: Vec<&str> = path[..at].iter().map(String::as_str).collect();
    let items = value.at(&list).map(Value::items).unwrap_or_default();
    items.iter().any(|item| item.get("name").and_then(Value::as_str) == Some(&path[at + 1]))
}

fn report(findings: &mut Findings<'_>, object: &Object, row: &Row, path: &[String]) {
    let mut shown = String::new();
    let mut in_patch = Vec::new();
    let mut patch = Some(findings.value());
    let mut steps = path.iter();
    while let Some(step) = steps.next() {
        if step == ITEM {
            let name = steps.next().map(String::as_str).unwrap_or_default();
            shown.push_str(&format!("[{name}]"));
            let is = |item: &Value| item.get("name").and_then(Value::as_str) == Some(name);
            let at = patch.and_then(|patch| patch.items().iter().position(is));
            in_patch.extend(at.map(|at| at.to_string()));
            patch = at.and_then(|at| patch?.items().get(at));
        } else {
            shown.push_str(if shown.is_empty() { "" } else { "." });
            shown.push_str(step);
            in_patch.push(step.clone());
            patch = patch.and_then(|patch| patch.get(step));
        }
    }
    let plain: Vec<String> = path.iter().filter(|step| *step != ITEM).cloned().collect();
    let place = match (patch, findings.removed(&plain)) {
        (None, Some(removed)) => removed,
        _ => findings.place(&in_patch),
    };
    let kind = &object.id.kind;
    let finding = if row.proven {
        let message =
            format!("the promise rests on `{shown}` of the {kind}, which a patch changes");
        Diagnostic::new(Code::PATCH_PROVEN, message)
            .note("it was proven with what was decided, and the object would say something else")
    } else {
        let message = format!("a field of the spec says `{shown}` of the {kind}");
        Diagnostic::new(Code::PATCH_HAS_FIELD, message)
            .note("rules and explanations see what a field says, and not what a patch does")
    };
    findings.report(finding.at(place, "").help(row.field));
}

/// Reports what the pods ask for beside what the capacity was proven with.
fn room(findings: &mut Findings<'_>, object: &Object, before: &Value) {
    let Some(path) = references::pods(&object.id.kind) else { return };
    let (Some(old), Some(new)) = (before.at(&path), object.value.at(&path)) else { return };
    for (list, beside) in [("containers", false), ("initContainers", true)] {
        let names = |pod: &Value| -> Vec<String> {
            let items = pod.get(list).map(Value::items).unwrap_or_default().iter();
            items.filter_map(|item| Some(item.get("name")?.as_str()?.to_owned())).collect()
        };
        let known = names(old);
        for item in new.get(list).map(Value::items).unwrap_or_default() {
            let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
            let stays = item.get("restartPolicy").and_then(Value::as_str) == Some("Always");
            if known.iter().any(|known| known == name) || (beside && !stays) {
                continue;
            }
            let asked = |what: &str| {
                let amount = item.at(&["resources", "requests", what]);
                let amount = amount.or_else(|| item.at(&["resources", "limits", what]))?;
                Quantity::of(amount).filter(|amount| amount.thousandths() != Some(0))?;
                let amount = serde_json::Value::from(amount);
                Some(format!(
                    "{} of {what}",
                    amount.as_str().map_or(amount.to_string(), str::to_owned)
                ))
            };
            let asked: Vec<String> = ["cpu", "memory"].into_iter().filter_map(asked).collect();
            if asked.is_empty() {
                continue;
            }
            let message = format!(
                "`{name}` asks for {} in each pod, which the capacity was not proven with",
                asked.join(" and ")
            );
            let mut steps: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
            steps.push(list.to_owned());
            let listed = findings.value().at(&path).and_then(|pod| pod.get(list));
            let is = |item: &Value| item.get("name").and_then(Value::as_str) == Some(name);
            let at = listed.and_then(|listed| listed.items().iter().position(is));
            steps.extend(at.map(|at| at.to_string()));
            let place = findings.place(&steps);
            let help = "write it as one of `[[sidecars]]`, and its room is proven; or leave room for it, which `ninefold simulate` counts, and take this finding with `[[accept]]`: `rule = \"patch-takes-room\"`";
            findings.report(
                Diagnostic::new(Code::PATCH_TAKES_ROOM, message)
                    .at(place, "")
                    .note("where a loss leaves no more room than was proven, its pods wait")
                    .help(help)
                    .unless_accepted(),
            );
        }
    }
}
