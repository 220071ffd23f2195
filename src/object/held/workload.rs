//! The pods that serve, held against what was decided of them.

use super::{
    Departure, KEPT, PLACED, PROBED, RESOURCES, ROOM, RUNS, STARTED, departure, more, path,
};
use crate::decide::{Seen, Taken};
use crate::judge::facts::{Facts, Probed};
use crate::quantity::Duration;
use crate::yaml::Value;

const TEMPLATE: [&str; 3] = ["spec", "template", "spec"];
const TIER: &str =
    "leave it as it is: the tier decides it; or accept it, and nothing is promised of that";
const PROBES: &str =
    "write it in `[probes]`, and it is proven; or accept it, and nothing is promised of that";

pub(super) fn of(facts: &Facts, value: &Value, taken: &Taken) -> Vec<Departure> {
    let mut found = Vec::new();
    let mut add = |path, message, touched, help| {
        found.push(departure(path, message, touched, help));
    };
    // Without a number, Kubernetes runs one.
    let runs = facts.replicas.or((!taken.scaled).then_some(1));
    if let Some(runs) = runs.filter(|runs| *runs < u64::from(taken.replicas)) {
        let message = format!(
            "`spec.replicas` is {runs}, and the promise rests on {} replicas",
            taken.replicas
        );
        let help = "`[capacity] peak` says how many carry the peak; or accept it, and nothing is promised of that";
        add(path(&["spec", "replicas"]), message, RUNS, help);
    }
    if value.at(&["spec", "paused"]) == Some(&Value::Bool(true)) {
        let message = "it is paused: a release of it starts no pod".to_owned();
        let help = "leave it out: whoever holds a release up does so on the cluster";
        add(path(&["spec", "paused"]), message, RUNS, help);
    }
    let stays = facts.stays.map(Duration::seconds);
    if stays.is_none_or(|stays| stays > taken.stays) {
        let stays = stays.map_or("for ever".to_owned(), |stays| format!("for {stays}"));
        let message =
            format!("a pod stays on a lost node {stays}, and the promise rests on {}", taken.stays);
        add(in_pod(&["tolerations"]), message, PLACED, TIER);
    }
    for (apart, rests, over) in [
        (facts.zones_apart, taken.zones_apart, "zones"),
        (facts.nodes_apart, taken.nodes_apart, "nodes"),
    ] {
        if rests && !apart {
            let message = format!(
                "nothing keeps the pods apart over {over}, and the promise rests on a required spread"
            );
            add(in_pod(&["topologySpreadConstraints"]), message, PLACED, TIER);
        }
    }
    let start = Duration::seconds(facts.start);
    if let Some(rests) = taken.start.filter(|rests| start > *rests || !facts.starts_in_time) {
        let (field, takes) = match facts.starts_in_time {
            true => ("startupProbe", format!("a pod may take {start} to be ready")),
            false => ("name", "no startup probe ends what does not start".to_owned()),
        };
        let message = format!("{takes}, and the promise rests on {rests}");
        add(in_app(value, field), message, STARTED, PROBES);
    }
    let grace = Duration::seconds(facts.grace);
    if grace > taken.grace {
        let message =
            format!("a pod may take {grace} to end, and the promise rests on {}", taken.grace);
        let help = "`drain` says how long work in flight may take";
        add(in_pod(&["terminationGracePeriodSeconds"]), message, PROBED, help);
    }
    for (probe, rests, name, what) in [
        (facts.live, taken.live, "livenessProbe", "hangs"),
        (facts.ready, taken.ready, "readinessProbe", "cannot serve"),
    ] {
        let Some(why) = rests.and_then(|rests| worse(probe, rests, what)) else { continue };
        let field = if probe.is_some() { name } else { "name" };
        add(in_app(value, field), why, PROBED, PROBES);
    }
    found.extend(more(facts.asks, (taken.cpu, taken.memory)).map(|what| {
        let message = format!("a pod asks for {what}, which the capacity was not proven with");
        departure(in_pod(&["containers"]), message, ROOM, RESOURCES)
    }));
    let unknown = |name: &&String| !taken.volumes.contains(*name);
    found.extend(facts.keeps.iter().filter(unknown).map(|name| {
        let message = format!("volume `{name}` keeps data that no backup was proven with");
        let claims = value.at(&["spec", "volumeClaimTemplates"]).map(Value::items);
        let is = |claim: &Value| claim.at(&["metadata", "name"]).and_then(Value::as_str) == Some(name);
        let at = match claims.unwrap_or_default().iter().position(is) {
            Some(at) => path(&["spec", "volumeClaimTemplates", &at.to_string()]),
            None => volume(value, name),
        };
        let help = "write it as one of `[[volumes]]`, and it is backed up as the RPO asks; or accept it, and nothing is promised of its data";
        departure(at, message, KEPT, help)
    }));
    found
}

/// The path to a volume of the pods.
fn volume(value: &Value, name: &str) -> Vec<String> {
    let volumes = value.at(&TEMPLATE).and_then(|pod| pod.get("volumes")).map(Value::items);
    let is = |volume: &Value| volume.get("name").and_then(Value::as_str) == Some(name);
    let at = volumes.unwrap_or_default().iter().position(is).unwrap_or(0);
    in_pod(&["volumes", &at.to_string()])
}

/// Why a probe is worse than the one that the promise rests on.
fn worse(probe: Option<Probed>, rests: Seen, what: &str) -> Option<String> {
    let Some(probe) = probe else {
        return Some(format!(
            "no probe sees a pod that {what}, and the promise rests on {}",
            rests.after
        ));
    };
    if probe.connects && !rests.connects {
        return Some(format!(
            "the probe only connects, and the promise rests on one that sees a process which {what}"
        ));
    }
    let after = Duration::seconds(probe.seconds);
    (after > rests.after).then(|| {
        format!("a pod that {what} is seen after {after}, and the promise rests on {}", rests.after)
    })
}

/// The path to a field of the pods.
fn in_pod(steps: &[&str]) -> Vec<String> {
    path(&TEMPLATE).into_iter().chain(path(steps)).collect()
}

/// The path to a field of the container that is the service.
fn in_app(value: &Value, field: &str) -> Vec<String> {
    let containers = value.at(&TEMPLATE).and_then(|pod| pod.get("containers"));
    let items = containers.map(Value::items).unwrap_or_default();
    let is = |item: &Value| item.get("name").and_then(Value::as_str) == Some("app");
    let at = items.iter().position(is).unwrap_or(0).to_string();
    in_pod(&["containers", &at, field])
}
