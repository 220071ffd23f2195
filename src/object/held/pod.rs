//! What a template or a patch says of where the pods that serve may run, and of what they wait for, where
//! nothing of it was decided.

use super::emitted::Emitted;
use super::{Departure, KEPT, PLACED, ROOM, RUNS, STARTED, Touched, departure, more, path};
use crate::decide::Taken;
use crate::judge::facts;
use crate::model::Region;
use crate::plan::values::{Pod, Workload};
use crate::yaml::Value;

const TEMPLATE: [&str; 3] = ["spec", "template", "spec"];

/// What keeps a pod from nodes, or from all of them, that the promise counts on. Nothing of it is in a
/// template of Ninefold's (`docs/facts.md`, "New in what the tree runs on").
const WHERE: &[&str] = &[
    "nodeName",
    "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
    "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution",
    "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution",
    "schedulerName",
    "schedulingGates",
    "schedulingGroup",
    "workloadRef",
    "resourceClaims",
    "hostNetwork",
    "runtimeClassName",
];

/// Labels that every node of a region has, and that no part of it lacks, unless a pool says otherwise.
const EVERYWHERE: &[&str] =
    &["kubernetes.io/os", "kubernetes.io/arch", "topology.kubernetes.io/region"];

const TIER: &str =
    "leave it as it is: the tier decides it; or accept it, and nothing is promised of that";
const PLACE: &str = "`[placement] pool` says on which nodes it runs, and the room there is proven; the tier says how its replicas are kept apart";
const BEFORE: &str =
    "write it as one of `[[init]]` or `[[sidecars]]`, and how long it may take counts";
const WHOLE: &str = "write it in `[capacity]`, and as `[[sidecars]]`, and the room is proven";

/// What nothing was decided of, in the pods of a workload of which `planned` was.
pub(super) fn of(
    workload: &Value,
    planned: &Pod,
    (taken, region): (&Taken, &Region),
) -> Vec<Departure> {
    let Some(pod) = workload.at(&TEMPLATE) else { return Vec::new() };
    let mut found: Vec<Departure> = nodes(pod, planned, region).into_iter().collect();
    for field in WHERE {
        let steps: Vec<&str> = field.split('.').collect();
        if pod.at(&steps).is_some_and(is_said) {
            let message = format!(
                "`{field}` says where its pods may run, and the promise was proven with every node of the region"
            );
            found.push(beside(&steps, message, PLACED, PLACE));
        }
    }
    if pod.get("readinessGates").is_some_and(is_said) {
        let message = "somebody else says when a pod is ready (`readinessGates`), and nothing bounds when that is".to_owned();
        let help = "leave it out; or accept that nothing is promised of how soon it is back";
        found.push(beside(&["readinessGates"], message, STARTED, help));
    }
    let asks = facts::asks(pod).and_then(|asks| more(asks, (taken.cpu, taken.memory)));
    for field in ["resources", "overhead"] {
        if let Some(what) = asks.as_ref().filter(|_| pod.get(field).is_some_and(is_said)) {
            let message = format!(
                "with `{field}` of its own, a pod asks for {what}, which the capacity was not proven with"
            );
            found.push(beside(&[field], message, ROOM, WHOLE));
        }
    }
    found.extend(waited_for(pod, planned));
    found
}

/// How a release replaces the pods, and what becomes of their volumes.
pub(super) fn replaced(emitted: &mut Emitted<'_>, planned: &Workload, stateful: bool) {
    emitted.be("spec.minReadySeconds", Some(&planned.update.min_ready.to_string()), (RUNS, TIER));
    let class = planned.pod.priority_class.as_deref();
    emitted.be("spec.template.spec.priorityClassName", class, (ROOM, TIER));
    if stateful {
        emitted.be("spec.updateStrategy.type", Some("RollingUpdate"), (RUNS, TIER));
        for when in ["whenDeleted", "whenScaled"] {
            let at = format!("spec.persistentVolumeClaimRetentionPolicy.{when}");
            emitted.be(&at, Some("Retain"), (KEPT, TIER));
        }
        return;
    }
    emitted.be("spec.strategy.type", Some("RollingUpdate"), (RUNS, TIER));
    let update = &planned.update;
    for (field, number) in [("maxUnavailable", update.unavailable), ("maxSurge", update.surge)] {
        let at = format!("spec.strategy.rollingUpdate.{field}");
        emitted.be(&at, Some(&number.to_string()), (RUNS, TIER));
    }
}

/// Whether a field says more than what stands there unsaid.
fn is_said(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => text != "default-scheduler" && !text.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Map(entries) => !entries.is_empty(),
        Value::Bool(true) | Value::Int(_) | Value::Float(_) => true,
    }
}

/// Labels of nodes beside those of the pool.
fn nodes(pod: &Value, planned: &Pod, region: &Region) -> Option<Departure> {
    let declared = |key: &str| region.pools.iter().any(|pool| pool.labels.contains_key(key));
    let anywhere = |key: &str| EVERYWHERE.contains(&key) && !declared(key);
    let entries = pod.get("nodeSelector").map(Value::entries).unwrap_or_default();
    let (key, value) = entries.iter().find(|(key, value)| {
        !anywhere(key) && planned.nodes.get(key).map(String::as_str) != value.as_str()
    })?;
    let value = value.as_str().unwrap_or_default();
    let message = format!(
        "its pods run on nodes with `{key}: {value}` only, and the promise was proven with others, too"
    );
    Some(beside(&["nodeSelector", key.as_str()], message, PLACED, PLACE))
}

/// Containers that nothing was decided of, and that a pod waits for without a bound.
fn waited_for<'a>(pod: &'a Value, planned: &'a Pod) -> impl Iterator<Item = Departure> + 'a {
    let lists = [("initContainers", &planned.init), ("containers", &planned.containers)];
    lists.into_iter().flat_map(move |(list, known)| {
        let items = pod.get(list).map(Value::items).unwrap_or_default();
        items.iter().enumerate().filter_map(move |(at, container)| {
            let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
            let stays = container.get("restartPolicy").and_then(Value::as_str) == Some("Always");
            let is = |field| container.get(field).is_some_and(is_said);
            // No probe looks before it has ended, and nothing ends it (Kubernetes, container lifecycle hooks).
            if container.at(&["lifecycle", "postStart"]).is_some_and(is_said) {
                let message = format!(
                    "`{name}` starts only after `postStart`, and nothing bounds how long that takes"
                );
                let at = at.to_string();
                let steps = [list, at.as_str(), "lifecycle", "postStart"];
                return Some(beside(&steps, message, STARTED, BEFORE));
            }
            let unbounded = match list {
                "initContainers" if !stays => true,
                _ => is("readinessProbe") && !is("startupProbe"),
            };
            if !unbounded || known.iter().any(|known| known.name == name) {
                return None;
            }
            let message = format!("a pod waits for `{name}`, and nothing bounds how long");
            let at = at.to_string();
            Some(beside(&[list, at.as_str()], message, STARTED, BEFORE))
        })
    })
}

fn beside(steps: &[&str], message: String, touched: Touched, help: &'static str) -> Departure {
    let at = path(&TEMPLATE).into_iter().chain(path(steps)).collect();
    Departure { beside: true, ..departure(at, message, touched, help) }
}
