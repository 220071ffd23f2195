//! How one sees that a pod works, and how soon.

use super::{Edit, Match, Service, amount, workload};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::yaml::Value;

/// The probes, what each is for, and how much its loss matters.
const PROBES: &[(&str, &str, Severity, &str)] = &[
    (
        "readinessProbe",
        "readiness",
        Severity::High,
        "traffic goes to pods that cannot serve, and a rollout takes a broken one for ready",
    ),
    ("livenessProbe", "liveness", Severity::Medium, "a container that hangs is never restarted"),
    (
        "startupProbe",
        "startup",
        Severity::Medium,
        "a slow start counts as a failure of the other probes",
    ),
];

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for edit in service.edits().filter(|edit| workload::LASTING.contains(&edit.kind)) {
        let Some((old, new)) = edit.pods() else { continue };
        for (name, before, after) in workload::both(old, new) {
            matches.extend(
                PROBES.iter().filter_map(|probe| looser(&edit, name, before, after, probe)),
            );
        }
    }
    matches
}

fn looser(
    edit: &Edit<'_>,
    container: &str,
    old: &Value,
    new: &Value,
    (key, word, severity, follows): &(&str, &str, Severity, &str),
) -> Option<Match> {
    let then = old.get(key)?;
    let Some(now) = new.get(key) else {
        let title = format!("no {word} probe for container {container} any more");
        return Some(edit.loosens(Code::PROBE_LOOSENED, *severity, title).detail(*follows));
    };
    if answers(then) && now.get("tcpSocket").is_some() {
        let title = format!("the {word} probe of container {container} only connects now");
        return Some(
            edit.loosens(Code::PROBE_LOOSENED, Severity::Medium, title)
                .detail("a process that hangs still takes connections, and is not seen"),
        );
    }
    let (before, after) = (patience(then), patience(now));
    if *key == "startupProbe" && after < before {
        let title = format!("container {container} has less time to start");
        return Some(
            edit.loosens(Code::PROBE_LOOSENED, Severity::Medium, title)
                .detail(format!("it is restarted after {before}s → {after}s, and never gets there if it needs longer"))
                .changed("seconds", before, after),
        );
    }
    // A longer start is given, not lost.
    if after <= before || *key == "startupProbe" {
        return None;
    }
    let title = format!("the {word} probe of container {container} notices later");
    Some(
        edit.loosens(Code::PROBE_LOOSENED, Severity::Medium, title)
            .detail(format!("a failure counts after {before}s → {after}s"))
            .changed("seconds", before, after),
    )
}

/// Whether a probe wants an answer of the process, and not only a connection to it.
fn answers(probe: &Value) -> bool {
    ["httpGet", "grpc", "exec"].iter().any(|key| probe.get(key).is_some())
}

/// The seconds until a probe that fails counts: period × failures, and the last time-out. The
/// defaults are those of `pkg/apis/core/v1/defaults.go`.
fn patience(probe: &Value) -> u64 {
    let of = |key, otherwise| amount::count(probe.get(key)).unwrap_or(otherwise);
    of("periodSeconds", 10) * of("failureThreshold", 3) + of("timeoutSeconds", 1)
}
