//! Containers that come into pods, and containers that go.

use super::{Edit, Match, Service, called, workload};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::yaml::Value;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    service.edits().flat_map(|edit| of_pods(service, &edit)).collect()
}

fn of_pods(service: &Service<'_>, edit: &Edit<'_>) -> Vec<Match> {
    let Some((old, new)) = edit.pods() else { return Vec::new() };
    let (then, now) = (workload::containers(old), workload::containers(new));
    let missing =
        |from: &[(&str, &Value)], name: &str| from.iter().all(|(other, _)| *other != name);
    let whose = called(service, edit.new_item);
    let mut matches = Vec::new();
    for (name, container) in now.iter().filter(|(name, _)| missing(&then, name)) {
        let sort = sort(new, name, container);
        let title = format!("{} {name} comes into the pods of {whose}", sort.word());
        let matched = edit.neutral(Code::CONTAINER_ADDED, Severity::Low, title);
        let image = container.get("image").and_then(Value::as_str).unwrap_or("no image");
        matches.push(matched.detail(format!("it runs {image}")).detail(sort.then()));
    }
    for (name, container) in then.iter().filter(|(name, _)| missing(&now, name)) {
        let sort = sort(old, name, container);
        let severity = if sort == Sort::Init { Severity::Low } else { Severity::Medium };
        let title = format!("{} {name} goes from the pods of {whose}", sort.word());
        matches.push(edit.loosens(Code::CONTAINER_GOES, severity, title));
    }
    matches
}

/// What a container is to its pod.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// It ends before the others start.
    Init,
    /// It runs beside them.
    Beside,
}

impl Sort {
    fn word(self) -> &'static str {
        if self == Sort::Init { "the init container" } else { "the container" }
    }

    fn then(self) -> &'static str {
        match self {
            Sort::Init => "each start of a pod waits until it has ended",
            Sort::Beside => "a pod is ready when it is, too, where it has a probe",
        }
    }
}

fn sort(pod: &Value, name: &str, container: &Value) -> Sort {
    let before = pod.get("initContainers").map(Value::items).unwrap_or_default().iter();
    let is = |one: &Value| one.get("name").and_then(Value::as_str) == Some(name);
    let stays = container.get("restartPolicy").and_then(Value::as_str) == Some("Always");
    if before.into_iter().any(is) && !stays { Sort::Init } else { Sort::Beside }
}
