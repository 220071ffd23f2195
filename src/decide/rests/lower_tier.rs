//! What a service calls, and promises less by its tier.

use super::calls;
use crate::decide::Decided;
use crate::decide::proof::availability::survived;
use crate::diag::{Code, Diagnostic, Sink};
use crate::model::{Service, Tier};

pub(super) fn check(sink: &mut Sink, decided: &Decided, service: &Service) {
    for (name, place) in calls(service) {
        let Some(called) = decided.service(name) else { continue };
        let (own, theirs) = (&service.tier, &called.tier);
        if !is_lower(theirs, own) {
            continue;
        }
        sink.report(
            Diagnostic::new(
                Code::DEPENDENCY_LOWER_TIER,
                format!(
                    "`{}` is `{}`, and rests on `{}`, which is `{}`",
                    service.name, own.name, called.name, theirs.name
                ),
            )
            .at(place, "")
            .related(service.at(&["tier"]), less(own))
            .related(called.at(&["tier"]), less(theirs))
            .note(format!(
                "what takes `{}` down takes `{}` down as well",
                called.name, service.name
            ))
            .help(format!(
                "write `tier = \"{}\"` for `{}`, or a lower tier for `{}`; or accept it, where `{}` serves without it",
                own.name, called.name, service.name, service.name
            )),
        );
    }
}

/// Whether a tier survives less than another, or serves for less of a year.
fn is_lower(tier: &Tier, other: &Tier) -> bool {
    tier.survives < other.survives || tier.availability < other.availability
}

/// What a tier is good for.
fn less(tier: &Tier) -> String {
    format!(
        "survives {}, and serves for {} % of a year",
        survived(tier.survives).words(),
        tier.availability
    )
}
