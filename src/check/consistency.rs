//! Whether there is something to get back, and whether its parts fit each other.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::model::{Model, Service};
use crate::spec::fleet::Survives;

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    if service.replication.is_some() || service.volumes.is_empty() {
        return;
    }
    if !service.keeps_data() {
        nothing(sink, service);
    } else if service.backed_up
        && service.tier.survives >= Survives::Zone
        && service.backup.hooks.is_empty()
    {
        out_of_step(sink, service);
    }
}

fn nothing(sink: &mut Sink, service: &Service) {
    sink.report(
        Diagnostic::new(
            Code::NOTHING_BACKED_UP,
            format!("nothing keeps what is on the volumes of `{}`", service.name),
        )
        .at(service.origin(&["volumes"]), "none is backed up, nothing replicates")
        .related(service.at(&["rpo"]), "holds for nothing")
        .note("a volume that is lost is lost with everything on it")
        .help("back up one of them, declare `[data.replication]`, or accept this with the reason"),
    );
}

/// Snapshots of one replica's volumes are taken one after the other (velero
/// `item-block-worker-count` is 1), unless something holds writes meanwhile.
fn out_of_step(sink: &mut Sink, service: &Service) {
    let copied: Vec<&str> = (service.volumes.iter())
        .filter(|volume| volume.backup != Some(false))
        .map(|volume| volume.name.as_str())
        .collect();
    if copied.len() < 2 {
        return;
    }
    sink.report(
        Diagnostic::new(
            Code::VOLUMES_OUT_OF_STEP,
            format!(
                "{} are copied one after the other",
                diag::list(copied.iter().copied())
            ),
        )
        .at(service.origin(&["volumes"]), "writes go on meanwhile")
        .related(service.at(&["tier"]), "what is restored must fit together")
        .note("what is restored may hold an entry in one that is not in the other yet")
        .help("hold writes with `[[backup.hooks]]`, keep the data in one volume, or accept this where the volumes do not depend on each other"),
    );
}
