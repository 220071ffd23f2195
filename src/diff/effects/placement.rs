//! On which nodes pods may run.

use super::{Edit, Match, Service, amount, called};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::yaml::{Value, write};
use std::collections::BTreeSet;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    service.edits().filter_map(|edit| elsewhere(service, &edit)).collect()
}

fn elsewhere(service: &Service<'_>, edit: &Edit<'_>) -> Option<Match> {
    let (old, new) = edit.pods()?;
    let (then, now) = (asks(old), asks(new));
    let mut lines: Vec<String> = now.difference(&then).map(|line| format!("now {line}")).collect();
    lines.extend(then.difference(&now).map(|line| format!("no longer {line}")));
    if lines.is_empty() {
        return None;
    }
    let title = format!("pods of {} run on other nodes", called(service, edit.new_item));
    Some(
        edit.neutral(Code::PLACEMENT_CHANGES, Severity::Medium, title)
            .details(lines)
            .detail("where no such node has room, they wait"),
    )
}

/// What a pod asks of its node: labels, affinity, and the taints that it bears. How long it bears the
/// loss of one is another matter.
fn asks(pod: &Value) -> BTreeSet<String> {
    let mut asks = BTreeSet::new();
    let labels = pod.get("nodeSelector").map(Value::entries).unwrap_or_default();
    asks.extend(
        labels
            .iter()
            .map(|(key, value)| format!("on nodes with {key}={}", amount::shown(Some(value)))),
    );
    for (key, word) in [
        ("requiredDuringSchedulingIgnoredDuringExecution", "only on"),
        ("preferredDuringSchedulingIgnoredDuringExecution", "rather on"),
    ] {
        if let Some(terms) = pod.at(&["affinity", "nodeAffinity", key]) {
            let mut terms = terms.clone();
            terms.sort();
            let text = write::document(&terms).trim().replace('\n', " ");
            asks.insert(format!("{word} nodes that fit {text}"));
        }
    }
    for toleration in pod.get("tolerations").map(Value::items).unwrap_or_default() {
        let field = |key| toleration.get(key).and_then(Value::as_str).unwrap_or_default();
        if !field("key").starts_with("node.kubernetes.io/") {
            let value = if field("value").is_empty() {
                String::new()
            } else {
                format!("={}", field("value"))
            };
            asks.insert(format!(
                "on nodes with the taint {}{value}:{}",
                field("key"),
                field("effect")
            ));
        }
    }
    for (key, word) in [
        ("nodeName", "on the node"),
        ("schedulerName", "by the scheduler"),
        ("runtimeClassName", "in the runtime"),
    ] {
        if let Some(name) = pod.get(key).and_then(Value::as_str) {
            asks.insert(format!("{word} {name}"));
        }
    }
    asks
}
