//! Labels and annotations that a team adds: keys and values that the API server takes, and that say
//! nothing that is reported already.

use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::limits::ANNOTATIONS;
use crate::kube::{id, labels};
use crate::model::{Fleet, Metadata, Model, Service};
use crate::spec::Document;
use std::collections::BTreeMap;

/// Those of all services.
pub(super) fn defaults(sink: &mut Sink, fleet: &Fleet) {
    every(sink, &fleet.document, &["defaults", "metadata"], &fleet.metadata);
}

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    every(sink, &service.document, &["metadata"], &service.metadata);
}

/// The key of a mark: the environment, the namespace, the list and the key.
type Key<'a> = (Option<&'a str>, &'a str, &'a str, &'a str);

/// Two services of a namespace that say different things of it.
pub(super) fn namespaces(sink: &mut Sink, model: &Model) {
    let mut seen: BTreeMap<Key<'_>, (&Service, &str)> = BTreeMap::new();
    for service in model.services() {
        let of_it = &service.metadata.namespace;
        for (list, entries) in [("labels", &of_it.labels), ("annotations", &of_it.annotations)] {
            for (key, value) in entries {
                let at = |service: &Service| service.origin(&["metadata", "namespace", list, key]);
                let namespace = service.namespace.as_str();
                let place = (service.name.environment(), namespace, list, key.as_str());
                let (first, other) = seen.entry(place).or_insert((service, value));
                if *other != value {
                    let what = format!(
                        "`{}` and `{}` say different things of namespace `{namespace}`",
                        first.name, service.name
                    );
                    sink.error(
                        Diagnostic::new(Code::DUPLICATE_NAME, what)
                            .at(at(service), format!("`{value}` here"))
                            .related(at(first), format!("`{other}` here"))
                            .help("say it in one of them, or the same in both"),
                    );
                }
            }
        }
    }
}

/// What stands in this document; what the fleet says is checked there.
fn every(sink: &mut Sink, document: &Document, above: &[&str], metadata: &Metadata) {
    for (part, marks) in metadata.parts() {
        for (key, value) in &marks.labels {
            let path = [above, &[part, "labels", key]].concat();
            if !document.has(&path) {
                continue;
            }
            self::key(sink, document, &path, (part, key));
            if let Some(problem) = id::label_value_problem(value) {
                sink.error(
                    Diagnostic::new(
                        Code::WRONG_VALUE,
                        format!("`{value}` cannot be the value of a label"),
                    )
                    .at(document.at(&path), problem)
                    .help("an annotation takes any text"),
                );
            }
        }
        let mut size = 0;
        for (key, value) in &marks.annotations {
            let path = [above, &[part, "annotations", key]].concat();
            if !document.has(&path) {
                continue;
            }
            self::key(sink, document, &path, (part, key));
            size += key.len() + value.len();
        }
        if size > ANNOTATIONS {
            sink.error(
                Diagnostic::new(
                    Code::WRONG_VALUE,
                    format!("annotations of {size} bytes, {ANNOTATIONS} are the most"),
                )
                .at(document.key(&[above, &[part, "annotations"]].concat()), "")
                .note("the API server refuses an object with more")
                .help("put it into a file: `[[files]]`"),
            );
        }
    }
}

fn key(sink: &mut Sink, document: &Document, path: &[&str], (part, key): (&str, &str)) {
    let is_taken = match part {
        "namespace" => labels::is_taken_of_namespace,
        _ => labels::is_taken,
    };
    let (problem, help) = if is_taken(key) {
        let problem = "Ninefold, Kubernetes, Velero or what delivers goes by it".to_owned();
        (problem, "choose a key of your own, such as `example.com/team`")
    } else if let Some(problem) = id::qualified_problem(key) {
        (problem, "write a name, with the domain of whoever reads it before: `example.com/team`")
    } else {
        return;
    };
    sink.error(
        Diagnostic::new(Code::WRONG_VALUE, format!("`{key}` cannot be a key of yours"))
            .at(document.key(path), problem)
            .help(help),
    );
}
