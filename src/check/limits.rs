//! What the kernel can start, client-side apply can note down, and a checkout can hold of what a spec
//! says.

use super::config;
use crate::diag::{Code, Diagnostic, Severity, Sink, Span};
use crate::kube::limits::{ANNOTATIONS, LONGEST_STRING, STRINGS, files};
use crate::model::{Content, Model, Service};

/// What an object has beside its data: names, labels, annotations.
const METADATA: usize = 2048;

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    started(sink, service);
    if model.fleet().delivery.row().last_applied {
        applied(sink, service);
    }
    if files::DEVICES.contains(&service.name.plain()) {
        sink.report(
            on_windows("service", service.name.plain(), service.at(&["name"]))
                .severity(Severity::Warning),
        );
    }
}

/// What the kernel starts.
fn started(sink: &mut Sink, service: &Service) {
    let mut all = 0;
    let mut long = false;
    let mut string = |sink: &mut Sink, what: String, bytes: usize, place: Span| {
        // The byte that ends it, and the pointer to it.
        all += bytes + 1 + 8;
        if bytes + 1 > LONGEST_STRING {
            long = true;
            sink.error(too_large(&format!("{what} has {bytes} bytes"), LONGEST_STRING - 1, place));
        }
    };
    // What no ConfigMap holds was reported.
    let stored = config::size(service) <= config::LARGEST;
    for (key, value) in service.config.iter().filter(|_| stored) {
        let bytes = key.len() + 1 + config::largest(value.texts());
        string(
            sink,
            format!("`{key}` with its value"),
            bytes,
            service.document.key(&["config", key]),
        );
    }
    for (list, words) in [("command", &service.command), ("args", &service.args)] {
        for (index, word) in words.iter().enumerate() {
            let place = service.at(&[list, &index.to_string()]);
            string(sink, format!("an argument in `{list}`"), word.len(), place);
        }
    }
    if all > STRINGS && !long {
        let place = service.origin(&[if service.args.is_empty() { "config" } else { "args" }]);
        let what = format!("arguments and environment have {all} bytes together");
        sink.error(too_large(&what, STRINGS, place));
    }
}

fn too_large(what: &str, max: usize, place: Span) -> Diagnostic {
    Diagnostic::new(Code::ARGUMENTS_TOO_LONG, format!("{what}, {max} are the most"))
        .at(place, "")
        .note("the kernel starts no process with more: the container ends with `argument list too long`")
        .help("write it into a file: `[[files]]` with `name`, `path` and `content`")
}

/// What client-side apply notes down in an annotation.
fn applied(sink: &mut Sink, service: &Service) {
    let note = |sink: &mut Sink, stored: usize, bytes: usize, place: Span| {
        let bytes = bytes + METADATA;
        // What no ConfigMap holds was reported.
        if bytes > ANNOTATIONS && stored <= config::LARGEST {
            sink.report(
                Diagnostic::new(
                    Code::CLIENT_SIDE_APPLY,
                    format!("a ConfigMap of about {bytes} bytes is too large for client-side apply"),
                )
                .at(place, "")
                .note(format!(
                    "that notes the whole object down in an annotation, and all annotations have {ANNOTATIONS} bytes at most"
                ))
                .help(
                    "apply on the server's side: `kubectl apply --server-side`, or \
                     `ServerSideApply=true` among the sync options of Argo CD; then accept this",
                ),
            );
        }
    };
    let config =
        (service.config.iter()).map(|(key, value)| key.len() + 6 + escaped(value.texts())).sum();
    note(sink, config::size(service), config, service.at(&["config"]));
    for (index, file) in service.files.iter().enumerate() {
        let place = service.at(&["files", &index.to_string(), file.key]);
        let bytes = match &file.content {
            Content::Text(text) => escaped(text.texts()),
            Content::Bytes(bytes) => bytes.len().div_ceil(3) * 4,
        };
        note(sink, file.content.size(), bytes, place);
    }
}

/// As a string of JSON.
fn escaped(texts: impl Iterator<Item = String>) -> usize {
    texts.map(|text| serde_json::Value::from(text).to_string().len()).max().unwrap_or(0)
}

/// A name that no folder and no file has on Windows.
pub(super) fn on_windows(what: &str, name: &str, place: Span) -> Diagnostic {
    Diagnostic::new(Code::RESERVED_NAME, format!("a {what} cannot be called `{name}` on Windows"))
        .at(place, "")
        .note("Windows keeps the name for a device: the folders of the tree cannot be checked out there")
        .help(format!("write `{name}-{what}`, or what it is for"))
}
