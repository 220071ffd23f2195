//! Images by digest: a tag can mean another image tomorrow, in one region and not in the other.

use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::model::{Model, Service};
use crate::spec::fleet::Survives;

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    let place = service.at(&["image"]);
    let (name, digest) = match service.image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (service.image.as_str(), None),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if name.is_empty()
        || !name.chars().all(plain)
        || !name.starts_with(|c: char| c.is_ascii_alphanumeric())
    {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{}` is no image", service.image))
                .at(place, "")
                .help("it is written like `registry.example.com/shop/checkout@sha256:…`"),
        );
        return;
    }
    match digest {
        Some(digest) if is_sha256(digest) => {}
        Some(_) => {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, "the digest of the image is none")
                    .at(place, "")
                    .help("a digest is `sha256:` and 64 of 0-9 and a-f"),
            );
        }
        None => without(sink, service, name),
    }
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

/// Whether a digest is one.
pub(super) fn is_sha256(digest: &str) -> bool {
    digest.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}
