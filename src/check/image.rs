//! Images by digest: a tag can mean another image tomorrow, in one region and not in the other.

use crate::diag::{Code, Diagnostic, Severity, Sink, Span};
use crate::kube::image;
use crate::model::Survives;
use crate::model::{Model, Service};

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    if let Some(problem) = image::problem(&service.image) {
        wrong(sink, &service.image, problem, service.at(&["image"]));
    } else if !service.image.contains('@') {
        without(sink, service, &service.image);
    }
}

/// Says what to write instead of what is no image.
pub(super) fn wrong(sink: &mut Sink, image: &str, problem: image::Problem, place: Span) {
    sink.error(
        Diagnostic::new(Code::WRONG_VALUE, format!("`{image}` is no image"))
            .at(place, problem.what)
            .note("no registry has an image of such a name, so no pod would start")
            .help(match problem.instead {
                Some(instead) => format!("write `{instead}`"),
                None => {
                    "it is written like `registry.example.com/shop/checkout@sha256:…`".to_owned()
                }
            }),
    );
}

fn without(sink: &mut Sink, service: &Service, name: &str) {
    let tolerated = service.tier.survives == Survives::Pod;
    let severity = if tolerated { Severity::Warning } else { Severity::Error };
    sink.report(
        Diagnostic::new(
            Code::IMAGE_WITHOUT_DIGEST,
            format!("the image of `{}` has no digest", service.name),
        )
        .severity(severity)
        .at(service.at(&["image"]), "can mean another image tomorrow")
        .note("two replicas, two regions or a revert may then run different code under one name")
        .help(format!("write `{name}@sha256:…`, as your registry shows it")),
    );
}
