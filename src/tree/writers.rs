//! A service of which one replica may write, and a former generation of it that runs on.

use super::ledger::Entry;
use super::{Current, Document};
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::{Kind, labels};
use crate::yaml::{Value, read};

/// What was delivered stays until a person retires it; beside one that may write alone that is one
/// too many.
pub(super) fn check(
    sink: &mut Sink,
    current: &Current,
    kept: &[(Entry, Document)],
    origin: Option<Span>,
) {
    let text = |entry: &Entry| current.text(entry).unwrap_or_default();
    let single = |entry: &&Entry| {
        Kind::is_workload(&entry.kind) && text(entry).contains(labels::SINGLE_WRITER)
    };
    let Some(now) = current.entries.iter().find(single) else { return };
    let writes = |(entry, document): &&(Entry, Document)| {
        Kind::is_workload(&entry.kind) && runs(&document.text)
    };
    for (entry, _) in kept.iter().filter(writes) {
        let namespace = entry.namespace.as_deref().unwrap_or_default();
        let finding = Diagnostic::new(
            Code::WRITER_KEPT,
            format!("{} `{}` would write beside `{}` in {}", entry.kind, entry.name, now.name, entry.region),
        )
        .note("it was delivered, so it stays beside its successor until a person retires it")
        .help(format!(
            "keep kind, namespace and name; or hold its delivery, stop it (`kubectl --context {} -n {namespace} scale {} {} --replicas=0`), accept this, build, commit, and `ninefold retire {}` in the same pull request, so that it is not delivered again",
            entry.region,
            entry.kind.to_ascii_lowercase(),
            entry.name,
            now.logical_name,
        ));
        let finding = match origin {
            Some(span) => finding.at(span, "this service"),
            None => finding,
        };
        sink.report(finding.unless_accepted());
    }
}

fn runs(text: &str) -> bool {
    let value = read::document(text).ok();
    let replicas = value.as_ref().and_then(|value| value.at(&["spec", "replicas"]));
    replicas != Some(&Value::Int(0))
}
