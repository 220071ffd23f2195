//! Former generations of what must not run twice.

use super::ledger::Entry;
use super::{Current, Document, retain};
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::{Kind, id};
use crate::yaml::{Value, read};

/// A service that nothing calls takes its work from a queue, a clock or a lease. One that rolls has one
/// workload, so that two versions do not do so at once; but when its name, its namespace, its kind or
/// its rollout changes, the former workload stays beside it, as it may be all that works. One that
/// listened was called.
pub(super) fn check(
    sink: &mut Sink,
    unit: &str,
    current: &Current,
    retained: &[(Entry, Document)],
    origin: Option<Span>,
) {
    for entry in &current.entries {
        // A hashed name is that of `rollout = "replace"`, which asks for both.
        let rolls = Kind::is_workload(&entry.kind) && entry.content.is_none();
        if !rolls || entry.logical_name != id::plain(unit) || is_called(current, &entry.region) {
            continue;
        }
        let mut workers = retained.iter().filter(|(kept, document)| {
            let home = kept.retained.as_ref().map(|home| home.of.as_str());
            let of_service = home == Some(retain::WORKLOAD) && Kind::is_workload(&kept.kind);
            of_service && kept.region == entry.region && !listens(&document.text)
        });
        let Some((former, _)) = workers.next() else { continue };
        let generation = former.retained.as_ref().map_or("", |home| &home.generation);
        let namespace = former.namespace.as_deref().unwrap_or_default();
        let finding = Diagnostic::new(
            Code::CONSUMED_TWICE,
            format!("two versions of `{unit}` do its work side by side in {}", entry.region),
        )
        .note(format!(
            "{} {} in namespace {namespace} stays until it is retired, and nothing calls the service: both take its work from a queue, a clock or a lease",
            former.kind, former.name
        ))
        .help(format!(
            "accept this where both may work at once; where they may not, accept it, build, and take the former one out of the same commit: `ninefold retire {unit} --generation {generation} --force`; then nothing works until the new pods are up"
        ))
        .unless_accepted();
        sink.report(match origin {
            Some(span) => finding.at(span, "of this service"),
            None => finding,
        });
    }
}

/// Whether the containers of a workload have ports.
fn listens(workload: &str) -> bool {
    let workload = read::document(workload).unwrap_or(Value::Null);
    let containers = workload.at(&["spec", "template", "spec", "containers"]);
    let containers = containers.map(Value::items).unwrap_or_default();
    containers.iter().any(|container| container.get("ports").is_some())
}

/// Whether anything may call the service in a region.
pub(super) fn is_called(current: &Current, region: &str) -> bool {
    let here = |entry: &Entry| entry.region == region && entry.kind == Kind::Service.name();
    let headless = |entry: &Entry| entry.logical_name.ends_with("-headless");
    current.entries.iter().any(|entry| here(entry) && !headless(entry))
}
