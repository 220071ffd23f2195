//! What pods ask of their nodes, and who gives way when a node is full.

use super::{Match, Service, amount, workload};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for edit in service.edits().filter(|edit| workload::has_pods(edit.kind)) {
        let Some((old, new)) = edit.pods() else { continue };
        let mut found = of_pod(old, new);
        for (name, before, after) in workload::both(old, new) {
            found.extend(of_container(name, before, after));
        }
        let Some(severity) = found.iter().map(|(severity, _)| *severity).max() else { continue };
        let title = "pods are less sure of what they need";
        let matched = edit.loosens(Code::RESOURCES_LOOSENED, severity, title);
        matches.push(found.into_iter().fold(matched, |matched, (_, line)| matched.detail(line)));
    }
    matches
}

fn of_pod(old: &Value, new: &Value) -> Vec<(Severity, String)> {
    let mut found = Vec::new();
    let (then, now) = (quality(old), quality(new));
    if now < then {
        let line =
            format!("quality of service {then:?} → {now:?}: killed earlier when memory is short");
        found.push((Severity::Medium, line));
    }
    let priority =
        |pod: &Value| pod.get("priorityClassName").and_then(Value::as_str).map(str::to_owned);
    if let (Some(then), None) = (priority(old), priority(new)) {
        found.push((Severity::Medium, format!("priority class {then} → none")));
    }
    for volume in old.get("volumes").map(Value::items).unwrap_or_default() {
        let size = |volume: &Value| volume.at(&["emptyDir", "sizeLimit"]).cloned();
        let name = volume.get("name");
        let volumes = new.get("volumes").map(Value::items).unwrap_or_default();
        let Some(other) = volumes.iter().find(|other| other.get("name") == name) else { continue };
        let (then, now) = (size(volume), size(other));
        if let (Some(before), Some(after)) = (amounts(then.as_ref()), amounts(now.as_ref()))
            && after < before
        {
            let line = format!(
                "scratch {} holds {} → {}: a pod that writes more is evicted",
                amount::shown(name),
                amount::shown(then.as_ref()),
                amount::shown(now.as_ref())
            );
            found.push((Severity::Medium, line));
        }
    }
    found
}

fn amounts(value: Option<&Value>) -> Option<Quantity> {
    value.and_then(Quantity::of)
}

fn of_container(name: &str, old: &Value, new: &Value) -> Vec<(Severity, String)> {
    let mut found = Vec::new();
    for (list, key, severity) in [
        ("requests", "cpu", Severity::Low),
        ("requests", "memory", Severity::Medium),
        ("limits", "memory", Severity::Medium),
        ("limits", "cpu", Severity::Low),
    ] {
        let of = |container| Value::at(container, &["resources", list, key]);
        let (Some(then), now) = (of(old), of(new)) else { continue };
        let shown = format!(
            "{list}.{key} of container {name} {} → {}",
            amount::shown(Some(then)),
            amount::shown(now)
        );
        match now {
            None if list == "requests" => found.push((Severity::Medium, shown)),
            None => {}
            Some(now) => {
                if let (Some(before), Some(after)) = (Quantity::of(then), Quantity::of(now))
                    && after < before
                {
                    found.push((severity, shown));
                }
            }
        }
    }
    found
}

/// The class that Kubernetes derives from requests and limits
/// (`pkg/apis/core/v1/helper/qos/qos.go`), the first to be killed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Quality {
    BestEffort,
    Burstable,
    Guaranteed,
}

fn quality(pod: &Value) -> Quality {
    let containers = workload::containers(pod);
    let of = |container: &Value, list: &str, key: &str| {
        container.at(&["resources", list, key]).and_then(Quantity::of)
    };
    let each = |holds: &dyn Fn(&Value, &str) -> bool| {
        containers
            .iter()
            .all(|(_, container)| ["cpu", "memory"].iter().all(|key| holds(container, key)))
    };
    // A request that is not written is the limit.
    let guaranteed = each(&|container, key| {
        let limit = of(container, "limits", key);
        limit.is_some() && of(container, "requests", key).or(limit) == limit
    });
    let nothing = each(&|container, key| {
        of(container, "limits", key).is_none() && of(container, "requests", key).is_none()
    });
    match (nothing, guaranteed) {
        (true, _) => Quality::BestEffort,
        (false, true) => Quality::Guaranteed,
        (false, false) => Quality::Burstable,
    }
}
