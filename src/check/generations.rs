//! What a change leaves beside itself: former generations, and the former name of a service.

use super::names::RESERVED;
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::{ServiceName, id};
use crate::model::{Model, Service};
use crate::spec::service::{Rollout, WorkloadKind};

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    let replaced = service.kind == WorkloadKind::Deployment && service.rollout == Rollout::Replace;
    if service.ports.is_empty() && replaced {
        sink.report(
            Diagnostic::new(
                Code::CONSUMED_TWICE,
                format!("two versions of `{}` would do its work side by side", service.name),
            )
            .at(service.at(&["rollout"]), "keeps the former version until it is retired")
            .note("nothing calls it, so it takes its work from a queue, a clock or a lease: the former version goes on taking its share until a person retires it")
            .help("leave `rollout` out: a service that listens on nothing rolls; or accept this if both versions may work at once"),
        );
    }
    if let Some(before) = &service.previously {
        previously(sink, model, service, before);
    }
}

fn previously(sink: &mut Sink, model: &Model, service: &Service, before: &ServiceName) {
    let (place, name) = (service.at(&["previously"]), before.plain());
    if let Some(problem) = id::label_problem(name) {
        sink.error(
            Diagnostic::new(Code::INVALID_NAME, format!("`{name}` was no name of a service"))
                .at(place, problem),
        );
        return;
    }
    if RESERVED.contains(&name) {
        sink.error(
            Diagnostic::new(Code::RESERVED_NAME, format!("no service was called `{name}`"))
                .at(place, "")
                .note("the tree uses this name itself"),
        );
        return;
    }
    if let Some(other) = model.services().iter().find(|other| other.name == *before) {
        sink.error(
            Diagnostic::new(Code::DUPLICATE_SERVICE, format!("`{before}` is still a service"))
                .at(place, "was renamed to this one?")
                .related(other.at(&["name"]), "described here")
                .help("remove one of the two specs, or this line"),
        );
    }
    let claims = |other: &&Service| other.previously.as_ref() == Some(before);
    if let Some(other) =
        model.services().iter().filter(claims).find(|other| other.name < service.name)
    {
        sink.error(
            Diagnostic::new(
                Code::DUPLICATE_SERVICE,
                format!("two services were called `{before}` before"),
            )
            .at(place, "and this one")
            .related(other.at(&["previously"]), "this one")
            .help("one of them is its successor: remove the line from the other"),
        );
    }
}
