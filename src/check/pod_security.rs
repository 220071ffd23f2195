//! Pod Security levels of namespaces that services have.

use crate::diag::{Code, Diagnostic, Sink};
use crate::model::Model;
use std::collections::BTreeSet;

/// A level holds pods where a service makes its namespace, and nowhere else.
pub(super) fn check(sink: &mut Sink, model: &Model) {
    if !model.is_whole() {
        return;
    }
    let fleet = model.fleet();
    let known: BTreeSet<&str> =
        model.services().iter().map(|service| service.namespace.as_str()).collect();
    for name in fleet.pod_security.keys().filter(|name| !known.contains(name.as_str())) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("no service is in namespace `{name}`"))
                .at(fleet.document.key(&["pod_security", name]), "so nothing gives it this level")
                .help("remove it, or name the namespace of a service; others are labelled by whoever makes them"),
        );
    }
}
