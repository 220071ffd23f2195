//! Stores whose replicas, or generations, know nothing of each other.

use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::stores;
use crate::model::{Model, Rollout, Service, Survives, WorkloadKind};

/// A Kubernetes Service leads to any of its pods. What keeps what it is told must be one, or one that its
/// replicas make together: else callers find, by chance, one or the other.
pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    let Some(store) = stores::of_image(&service.image) else { return };
    let called = |what: &str| format!("`{}` looks like {}, {what}", service.name, store.name);
    let finding = match (service.kind, service.rollout) {
        // Of one that writes alone, `two-writers` speaks.
        (WorkloadKind::Deployment, Rollout::Replace) if !service.single_writer => {
            let what = called("and each release begins with an empty one beside the former");
            Diagnostic::new(Code::STORES_APART, what)
                .note("a Deployment keeps nothing; and until the former generation is retired, callers are led to the one or the other")
                .help("write `kind = \"stateful\"` with `[[volumes]]`, and `single_writer = true` where one replica is meant; where what it holds may be lost, `rollout = \"rolling\"`: the former ends when the new one is ready")
        }
        (WorkloadKind::Stateful, _) if !store.joins && is_several(service) => {
            let what = called("and its replicas know nothing of each other");
            Diagnostic::new(Code::STORES_APART, what)
                .note("each writes to volumes of its own, and callers are led to any of them")
                .help("write `single_writer = true`, for one replica; where they copy to each other by themselves, accept this")
        }
        (WorkloadKind::Deployment | WorkloadKind::Stateful, _) => return,
    };
    sink.report(finding.at(service.at(&["image"]), ""));
}

/// Whether there is more than one replica: for the load, or for what the tier survives.
fn is_several(service: &Service) -> bool {
    !service.single_writer && (service.peak > 1 || service.survives() != Survives::Pod)
}
