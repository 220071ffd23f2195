//! The share of a year for which a service is expected to serve (`docs/facts.md`, "Availability").
//!
//! A ledger of events: how often something is lost, times how long that takes. How often is
//! assumed; how long is the RTO of the same proof. The arithmetic has no probabilities in it, and
//! no square of a small number: what fails together is counted as what it is, the loss of more.

use super::super::{Rest, ServiceInRegion};
use super::{Amount, Claim, Formula, Objective, Premise, Scope, Source, Term, Unit};
use crate::diag;
use crate::kube::ServiceName;
use crate::model::Survives;
use crate::quantity::Duration;

/// 365.25 days.
const YEAR: u64 = 31_557_600;

/// How often each is lost in a hundred years, and what that is called.
const RATES: [(Scope, u64, &str); 4] = [
    (Scope::Pod, 1200, "lost pods"),
    (Scope::Node, 100, "lost nodes"),
    (Scope::Zone, 30, "lost zones"),
    (Scope::Region, 5, "lost regions"),
];

/// Of a hundred zones that are lost, so many take another one with them.
const TOGETHER: u64 = 10;

/// Until the provider has mended what no other region stands in for.
const MENDED: Duration = Duration::minutes(240);

/// What is expected up to the loss that the tier survives, held against its availability; and up
/// to the loss of a region, where another one stands in. `times` are the claims about the RTO.
pub(super) fn claims(here: &ServiceInRegion<'_>, times: &[Claim]) -> Vec<Claim> {
    if !here.role.backs_up {
        return Vec::new();
    }
    let tier = &here.service.tier;
    let survived = survived(tier.survives);
    let time = |scope: Scope| times.iter().find(|claim| claim.scope == scope)?.worst;
    let source = || here.in_tier("availability");
    let promised = Amount { number: millionths(tier.availability), unit: Unit::Millionths };
    let mut claims = vec![expected(here, survived, &time).promised(promised, source())];
    if survived != Scope::Region && time(Scope::Region).is_some() {
        claims.push(expected(here, Scope::Region, &time));
    }
    claims
}

/// The largest loss that a tier survives.
pub(crate) fn survived(survives: Survives) -> Scope {
    match survives {
        Survives::Pod => Scope::Pod,
        Survives::Node => Scope::Node,
        Survives::Zone => Scope::Zone,
        Survives::Region => Scope::Region,
    }
}

/// A share in percent, as it is promised: never more than it says.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is between 0 and a million"
)]
fn millionths(percent: f64) -> u64 {
    (percent * 10_000.0 - 1e-6).ceil().max(0.0) as u64
}

/// What is expected when everything up to `max` is counted, with all that it calls.
fn expected(
    here: &ServiceInRegion<'_>,
    max: Scope,
    time: &dyn Fn(Scope) -> Option<Amount>,
) -> Claim {
    let mut terms: Vec<Term> = events(here, max, time).iter().map(Event::term).collect();
    terms.extend(here.rest().and_then(|rest| called(rest, max)));
    let down = terms.iter().fold(0u64, |sum, term| sum.saturating_add(term.total())).min(YEAR);
    let worst = Amount { number: (YEAR - down) * 1_000_000 / YEAR, unit: Unit::Millionths };
    Claim {
        scope: max,
        objective: Objective::Availability,
        terms,
        formula: "1 − what is expected to be lost of a year".into(),
        worst: Some(worst),
        promised: None,
        premises: Vec::new(),
        void: false,
    }
    .given([
        Premise::Inventory,
        Premise::Load,
        Premise::Bugs,
        Premise::Rates,
        Premise::CommonCause,
        Premise::Changes,
    ])
}

/// The time of a year for which a service is expected to be away, when everything up to `max` is
/// counted. `times` are its claims about the RTO; those that it calls are not counted.
pub(crate) fn away(here: &ServiceInRegion<'_>, max: Scope, times: &[Claim]) -> Duration {
    let time = |scope: Scope| times.iter().find(|claim| claim.scope == scope)?.worst;
    let total = |event: &Event| event.seconds().as_seconds().saturating_mul(event.times);
    let events = events(here, max, &time);
    Duration::seconds(events.iter().map(total).fold(0, u64::saturating_add))
}

/// The term of those that a service calls.
pub(crate) const CALLED: &str = "what it calls";

/// What each that it calls is expected to be away, one after the other: what is lost at once is
/// counted for each.
fn called(rest: &Rest, max: Scope) -> Option<Term> {
    let away = rest.away(max);
    let all: Vec<&str> = rest.all.iter().map(ServiceName::address).collect();
    let formula = format!("each for itself: {}", named(&all));
    (!all.is_empty()).then(|| Term::seconds(CALLED, away, Source::GUESS).because(formula))
}

/// The names in backticks, or how many there are.
fn named(all: &[&str]) -> String {
    if all.len() > 3 { format!("{} services", all.len()) } else { diag::list(all.iter().copied()) }
}

/// Something that is lost so often, and takes so long each time.
struct Event {
    name: &'static str,
    /// How often in a hundred years.
    rate: u64,
    /// How many there are.
    times: u64,
    each: Amount,
}

/// What is expected to be lost of a year, up to `max`.
fn events(
    here: &ServiceInRegion<'_>,
    max: Scope,
    time: &dyn Fn(Scope) -> Option<Amount>,
) -> Vec<Event> {
    let mut events = Vec::new();
    for (scope, rate, name) in RATES.into_iter().filter(|(scope, ..)| *scope <= max) {
        // A region of one zone is lost with it.
        let Some(each) = time(scope) else { continue };
        events.push(Event { name, rate, times: times(here, scope), each });
    }
    if max >= Scope::Zone && here.size.zones > 1 {
        let each = time(Scope::Region).unwrap_or(Amount::seconds(MENDED));
        let (rate, times) = (30 * TOGETHER / 100, u64::from(here.size.zones));
        events.push(Event { name: "zones lost together", rate, times, each });
    }
    events
}

/// How many times the rate of one counts. Where the rest carry the peak, a loss takes its share of
/// the requests, and all shares make one; else each takes everything.
fn times(here: &ServiceInRegion<'_>, scope: Scope) -> u64 {
    let (running, peak) = (here.size.running, here.size.peak);
    let lost = match scope {
        Scope::Pod => 1,
        Scope::Node => here.placement.max_on_a_node,
        Scope::Zone => running - here.placement.survivors_of_zone_loss,
        Scope::Region | Scope::Data => return 1,
    };
    if running.saturating_sub(lost) >= peak {
        return 1;
    }
    match scope {
        Scope::Pod | Scope::Node => u64::from(running.max(1)),
        // No more zones than replicas have any.
        Scope::Zone => u64::from(here.size.zones.min(running.max(1))),
        Scope::Region | Scope::Data => 1,
    }
}

impl Event {
    /// The expected downtime of one in a year, rounded up to a second.
    fn seconds(&self) -> Duration {
        Duration::seconds(self.each.number.saturating_mul(self.rate).div_ceil(100))
    }

    fn term(&self) -> Term {
        let formula = Formula::Expected { rate: self.rate, each: self.each };
        let term = Term::seconds(self.name, self.seconds(), Source::GUESS).times(self.times);
        Term { formula, ..term }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_in_percent_is_exact() {
        assert_eq!(millionths(99.95), 999_500);
        assert_eq!(millionths(99.99), 999_900);
        assert_eq!(millionths(99.999), 999_990);
        assert_eq!(millionths(0.0), 0);
        assert_eq!(millionths(100.0), 1_000_000);
    }
}
