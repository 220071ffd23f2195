//! One replica may write: whatever would let a second one is refused.

use crate::diag::{Code, Diagnostic, Sink};
use crate::model::{Model, Service, Strategy, WorkloadKind};

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    if !service.single_writer {
        return;
    }
    if service.kind != WorkloadKind::Stateful {
        let message = format!("two replicas of `{}` could write at once", service.name);
        let mut finding = two(message).at(service.at(&["single_writer"]), "one may write");
        if service.document.has(&["kind"]) {
            finding =
                finding.related(service.at(&["kind"]), "starts the next before this one ends");
        }
        sink.error(
            finding
                .note("a Deployment starts a pod while the former one ends, and beside one on a node that does not answer; a StatefulSet never has two of one name")
                .help("write `kind = \"stateful\"`; it needs no volumes"),
        );
    }
    if service.document.has(&["capacity", "peak"]) && service.peak > 1 {
        sink.error(
            two(format!("{} replicas of `{}` would write", service.peak, service.name))
                .at(service.at(&["capacity", "peak"]), "carry the peak")
                .related(service.at(&["single_writer"]), "one may write")
                .help("remove `peak`, and give the one what it needs: `cpu`, `memory`; or remove `single_writer`, if they agree among themselves who writes"),
        );
    }
    if service.previously.is_some() {
        sink.error(
            two(format!("`{}` would write beside what it was called before", service.name))
                .at(service.at(&["previously"]), "stays until the new one stands")
                .related(service.at(&["single_writer"]), "one may write")
                .help("keep the name; or stop it and bring its data over by hand, and leave `previously` out"),
        );
    }
}

/// In regions that all serve, each writes.
pub(super) fn regions(sink: &mut Sink, _: &Model, service: &Service) {
    let all = service.regions.len() > 1 && service.strategy == Strategy::ActiveActive;
    if service.single_writer && all {
        sink.error(
            two(format!("each region of `{}` would write", service.name))
                .at(service.origin(&["recovery"]), "every region serves")
                .related(service.at(&["single_writer"]), "one may write")
                .help("write `recovery = \"pilot light\"`, or `\"warm standby\"`: one region runs it, and another takes over"),
        );
    }
}

fn two(message: String) -> Diagnostic {
    Diagnostic::new(Code::TWO_WRITERS, message)
}
