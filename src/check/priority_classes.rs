//! Priority classes that the API server accepts.

use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::id;
use crate::model::Fleet;

const PRIORITIES: std::ops::RangeInclusive<i64> = i32::MIN as i64..=1_000_000_000;

/// What the API server takes as a PriorityClass (`pkg/apis/scheduling/validation`,
/// `HighestUserDefinablePriority`).
pub(super) fn check(sink: &mut Sink, fleet: &Fleet) {
    let document = &fleet.document;
    for (name, priority) in &fleet.priority_classes {
        let problem = match name.starts_with("system-") {
            true => Some("Kubernetes keeps names with `system-` for itself".to_owned()),
            false => id::subdomain_problem(name),
        };
        if let Some(problem) = problem {
            let message = format!("`{name}` cannot name a PriorityClass");
            sink.error(
                Diagnostic::new(Code::INVALID_NAME, message)
                    .at(document.key(&["priority_classes", name]), problem)
                    .help("choose another name"),
            );
        }
        if !PRIORITIES.contains(priority) {
            let message = format!("{priority} is not a priority that pods can have");
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, message)
                    .at(document.at(&["priority_classes", name]), "")
                    .note("higher ones are those of Kubernetes itself")
                    .help(format!("write one from {} to {}", PRIORITIES.start(), PRIORITIES.end())),
            );
        }
    }
}
