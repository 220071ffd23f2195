//! What it costs that one replica may write: nobody writes while it moves, or while a release ships.

use super::ServiceInRegion;
use super::proof::availability::survived;
use super::proof::{Amount, Objective, Proof, Scope, rto};
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::quantity::Duration;

/// How long nobody writes while a release ships: a StatefulSet makes the next pod once the former
/// one has ended (`pkg/controller/statefulset`).
pub(crate) fn gap(here: &ServiceInRegion<'_>) -> Duration {
    rto::release(here)
}

/// A loss that the tier survives leaves nothing of a service of which one replica writes.
pub(super) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>, proof: &Proof) {
    let (service, tier) = (here.service, &here.service.tier);
    let largest = survived(tier.survives);
    if !service.single_writer || here.size.running == 0 || largest == Scope::Pod {
        return;
    }
    let within = [Scope::Node, Scope::Zone].into_iter().filter(|scope| *scope <= largest);
    let times = within.filter_map(|scope| {
        let worst: Amount = proof.claim(scope, Objective::Rto)?.worst?;
        Some(format!("{worst} after {}", scope.words()))
    });
    let times: Vec<String> = times.collect();
    sink.report(
        Diagnostic::new(
            Code::WRITER_ALONE,
            format!("nobody writes to `{}` in `{}` until its one replica is back", service.name, here.region.name),
        )
        .at(service.at(&["single_writer"]), "one replica may write, so one runs")
        .related(service.at(&["tier"]), format!("leaves what carries the peak after {}", largest.words()))
        .note(format!("that takes up to {}, and up to {} at each release", times.join(", "), gap(here)))
        .help(format!(
            "accept this, as its RTO is kept; or choose a database that elects who writes, such as `[data.postgresql]`{}",
            lesser(here)
        )),
    );
}

/// The best tier that promises nothing about the loss of a node, as an alternative.
fn lesser(here: &ServiceInRegion<'_>) -> String {
    let tiers = here.fleet.tiers.values().filter(|tier| survived(tier.survives) == Scope::Pod);
    let names: Vec<&str> = tiers.map(|tier| tier.name.as_str()).collect();
    match names.as_slice() {
        [] => String::new(),
        [..] => format!("; or a tier that promises no more: {}", diag::list(names)),
    }
}
