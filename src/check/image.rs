//! Images by digest: a tag can mean another image tomorrow, in one region and not in the other.

use crate::diag::{Code, Diagnostic, Severity, Sink, Span};
use crate::kube::image;
use crate::model::Survives;
use crate::model::{Model, Service};

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    for (path, image, whose) in service.images() {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        one(sink, service, image, (&path, &whose));
    }
}

/// One image of a service, at a place of its spec, and of whom it is.
fn one(sink: &mut Sink, service: &Service, image: &str, (path, whose): (&[&str], &str)) {
    if let Some(problem) = image::problem(image) {
        wrong(sink, image, problem, service.at(path));
    } else if !image.contains('@') {
        without(sink, service, image, (path, whose));
    }
}

/// Says what to write instead of what is no image.
pub(super) fn wrong(sink: &mut Sink, image: &str, problem: image::Problem, place: Span) {
    sink.error(
        Diagnostic::new(Code::WRONG_VALUE, format!("`{image}` is not an image"))
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

fn without(sink: &mut Sink, service: &Service, name: &str, (path, whose): (&[&str], &str)) {
    let tolerated = service.tier.survives == Survives::Pod;
    let severity = if tolerated { Severity::Warning } else { Severity::Error };
    sink.report(
        Diagnostic::new(Code::IMAGE_WITHOUT_DIGEST, format!("the image of {whose} has no digest"))
            .severity(severity)
            .at(service.at(path), "can mean another image tomorrow")
            .note(
                "two replicas, two regions or a revert may then run different code under one name",
            )
            .help(format!("write `{name}@sha256:…`, as your registry shows it")),
    );
}
