//! Former generations of what must not run twice.

use super::Document;
use super::ledger::Entry;
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::Kind;

/// A service that nothing calls takes its work from a queue, a clock or a lease. One that rolls has one
/// workload, so that two versions do not do so at once; but when its name, its namespace, its kind or
/// its rollout changes, the former workload stays beside it, as it may be all that works.
pub(super) fn check(
    sink: &mut Sink,
    unit: &str,
    current: &[(Entry, Document)],
    retained: &[(Entry, Document)],
    origin: Option<Span>,
) {
    for (entry, _) in current {
        // A hashed name is that of `rollout = "replace"`, which asks for both.
        let rolls = Kind::is_workload(&entry.kind) && entry.content.is_none();
        if !rolls || entry.logical_name != unit || is_called(current, &entry.region) {
            continue;
        }
        let Some((former, _)) = (retained.iter()).find(|(kept, _)| {
            let of_service =
                kept.retained.as_ref().is_some_and(|home| home.of == super::retain::WORKLOAD);
            of_service && kept.region == entry.region && Kind::is_workload(&kept.kind)
        }) else {
            continue;
        };
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
            Some(span) => finding.at(span, "this service"),
            None => finding,
        });
    }
}

/// Whether anything may call the service in a region.
pub(super) fn is_called(current: &[(Entry, Document)], region: &str) -> bool {
    let here = |entry: &Entry| entry.region == region && entry.kind == Kind::Service.name();
    current.iter().any(|(entry, _)| here(entry) && !entry.logical_name.ends_with("-headless"))
}
