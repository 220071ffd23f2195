//! How long after a lost zone is back the next one may be lost, with as much left.
//!
//! Replicas stay where they went, unless a descheduler evens them out (`docs/facts.md`, "Evening out
//! replicas").

use super::super::{ServiceInRegion, lifecycle, placement, scaling};
use super::rto;
use super::{Amount, Premise, Source, Term, Unless};
use crate::decide::placement::Spread;
use crate::model::{Topology, WorkloadKind};
use crate::quantity::Duration;

/// The name of the term.
pub const NEXT_LOSS: &str = "until the next zone may be lost";

/// How often a descheduler looks that nobody speaks of (`kubernetes/deployment` of the descheduler, and
/// `deschedulingInterval` of its chart).
const INTERVAL: Duration = Duration::minutes(5);

/// The rounds of the descheduler until the replicas are even, and the time between two; none where
/// nothing evens them out.
pub(super) fn term(here: &ServiceInRegion<'_>) -> Option<Term> {
    let descheduler = here.region.descheduler.as_ref()?;
    let spread = here.placement.zones == Some(Spread::Required);
    if !spread || here.size.running < 2 || stays_with_its_volume(here) {
        return None;
    }
    // The zone that is back gets its share, each replica of it by an eviction.
    let most = match scaling::scales(here) {
        true => placement::max_replicas(here.service, &here.size),
        false => here.size.running,
    };
    let moved = most.div_ceil(here.size.zones);
    let admitted = scaling::max_unavailable(here).map_or(moved, |number| number.value);
    let rounds = moved.div_ceil(admitted.max(1));
    // A replica that is not ready yet takes what the budget admits: the round finds nothing to evict.
    let interval = descheduler.interval.unwrap_or(INTERVAL);
    let ready = Duration::seconds(
        lifecycle::grace(here).value
            + rto::pull(here, here.region).total()
            + lifecycle::start(here.service).as_seconds(),
    );
    let looks = ready.as_seconds().div_ceil(interval.as_seconds().max(1)).max(1);
    let key = ["descheduler", "interval"];
    let source = match descheduler.interval {
        Some(_) => here.in_region(&key),
        None => Source::Assumed {
            unless: Unless::Said("the fleet says it (`descheduler.interval`)".into()),
        },
    };
    let waits = match looks {
        1 => String::new(),
        looks => format!("; each takes {looks} × {interval}, as a replica is ready after {ready}"),
    };
    let formula = format!(
        "at most {moved} of {most} replicas move, the budget admits {admitted} at a time: {rounds}, and one until the descheduler looks{waits}"
    );
    let times = u64::from(rounds) + 1;
    let amount = Amount::seconds(interval * looks);
    Some(Term { name: NEXT_LOSS, times, amount, source, formula: formula.into() })
}

/// What is taken for granted of the next loss of a zone.
pub(super) fn premise(here: &ServiceInRegion<'_>) -> Premise {
    if term(here).is_some() { Premise::NextLoss } else { Premise::FirstLoss }
}

/// Its replicas wait for their zone, and are in it again once it is back: nothing moves them.
fn stays_with_its_volume(here: &ServiceInRegion<'_>) -> bool {
    here.service.kind == WorkloadKind::Stateful
        && here.service.volumes.iter().any(|volume| {
            let class = here.service.class_of(volume, here.region);
            class.is_none_or(|class| class.topology == Topology::Zone)
        })
}
