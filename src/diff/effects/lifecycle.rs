//! How pods end, and how soon they leave a node that is lost.

use super::{Match, Service, amount, workload};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::yaml::Value;

/// What a pod is given to end unless it says otherwise.
const GRACE: u64 = 30;

/// How long a pod stays on a lost node unless it says otherwise (`DefaultTolerationSeconds`).
const TOLERATION: u64 = 300;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for edit in service.edits().filter(|edit| workload::LASTING.contains(&edit.kind)) {
        let Some((old, new)) = edit.pods() else { continue };
        let lines = endings(old, new);
        if !lines.is_empty() {
            let title = "pods have less time to end their work";
            let matched = edit.loosens(Code::GRACE_SHORTENED, Severity::Medium, title);
            matches.push(matched.details(lines));
        }
        let (before, after) = (toleration(old), toleration(new));
        if after > before {
            let title = "pods stay longer on a node that is lost";
            matches.push(
                edit.loosens(Code::NODE_LOSS_SLOWER, Severity::Medium, title)
                    .detail(format!("{} → {}", shown(before), shown(after)))
                    .changed("seconds", seconds(before), seconds(after)),
            );
        }
    }
    matches
}

fn endings(old: &Value, new: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let grace =
        |pod: &Value| amount::count(pod.get("terminationGracePeriodSeconds")).unwrap_or(GRACE);
    if grace(new) < grace(old) {
        lines.push(format!("grace period {}s → {}s", grace(old), grace(new)));
    }
    for (name, before, after) in workload::both(old, new) {
        let hook = |container| Value::at(container, &["lifecycle", "preStop"]);
        let sleep = |hook: &Value| amount::count(hook.at(&["sleep", "seconds"]));
        match (hook(before), hook(after)) {
            (Some(_), None) => lines.push(format!(
                "container {name} stops at once: requests that are still on their way to it fail"
            )),
            (Some(then), Some(now)) => {
                if let (Some(before), Some(after)) = (sleep(then), sleep(now))
                    && after < before
                {
                    lines
                        .push(format!("container {name} goes on serving for {before}s → {after}s"));
                }
            }
            (None, _) => {}
        }
    }
    lines
}

/// How long a pod stays on a node that is not ready or cannot be reached, the longer of the two.
/// [`u64::MAX`] stands for always.
fn toleration(pod: &Value) -> u64 {
    let tolerations = pod.get("tolerations").map(Value::items).unwrap_or_default();
    let field = |toleration: &Value, key| {
        toleration.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let of = |taint: &str| {
        let fits = |toleration: &&Value| {
            let key = field(toleration, "key");
            let effect = field(toleration, "effect");
            (key == taint || key.is_empty() && field(toleration, "operator") == "Exists")
                && (effect.is_empty() || effect == "NoExecute")
        };
        match tolerations.iter().find(fits) {
            Some(found) => amount::count(found.get("tolerationSeconds")).unwrap_or(u64::MAX),
            None => TOLERATION,
        }
    };
    of("node.kubernetes.io/not-ready").max(of("node.kubernetes.io/unreachable"))
}

fn shown(seconds: u64) -> String {
    if seconds == u64::MAX { "always".to_owned() } else { format!("{seconds}s") }
}

/// As evidence: nothing stands for always.
fn seconds(seconds: u64) -> Option<u64> {
    (seconds != u64::MAX).then_some(seconds)
}
