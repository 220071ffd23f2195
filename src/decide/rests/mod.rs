//! What the promise of a service takes from the services that it calls, and from those that they call.
//!
//! A service serves again once everything does that it calls, in the same region. They come back side
//! by side, so the slowest counts; of a year, what each of them is expected to be away.

mod slower; //     what is back too late
mod stands_by; //  what does not serve where its caller does
mod lower_tier; // what promises less

use super::proof::rto::{self, step};
use super::proof::{Amount, Claim, Premise, Scope, Source, Term, Unit, availability};
use super::{Decided, Numbers, ServiceInRegion, in_regions};
use crate::diag::{Diagnostic, Sink, Span};
use crate::kube::{RegionName, ServiceName};
use crate::model::service::Call;
use crate::model::{Model, Service};
use crate::quantity::Duration;
use rayon::prelude::*;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// The losses after which others are waited for. Damaged data is somebody's own.
const SCOPES: [Scope; 4] = [Scope::Pod, Scope::Node, Scope::Zone, Scope::Region];

/// What a promise takes from the services that are called, in one region.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rest {
    pub(crate) region: RegionName,
    /// All of them, those that it calls itself first.
    pub(crate) all: Arc<[ServiceName]>,
    /// The slowest to be back, by what is lost; none where none of them claims anything about it.
    slowest: Vec<(Scope, Slowest)>,
    /// The time of a year for which they are expected to be away, by the largest loss that counts, as
    /// [`SCOPES`] has them.
    away: [Duration; SCOPES.len()],
}

/// The service that is back last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slowest {
    /// When, at the worst; none where nothing bounds it.
    worst: Option<Amount>,
    /// From a service that is called down to it.
    chain: Arc<[ServiceName]>,
}

impl Rest {
    /// Whether the claim about the loss of `scope` waits for one of them.
    pub(crate) fn waits(&self, scope: Scope) -> bool {
        self.slowest(scope).is_some()
    }

    fn slowest(&self, scope: Scope) -> Option<&Slowest> {
        self.slowest.iter().find(|(of, _)| *of == scope).map(|(_, slowest)| slowest)
    }

    /// The time of a year for which they are expected to be away, when everything up to `max` is
    /// counted.
    pub(crate) fn away(&self, max: Scope) -> Duration {
        let at = SCOPES.iter().position(|scope| *scope == max);
        at.map_or(Duration::default(), |at| self.away[at])
    }
}

impl Slowest {
    /// `` `search`, which calls `catalog` ``
    fn words(&self) -> String {
        let names: Vec<String> = self.chain.iter().map(|name| format!("`{name}`")).collect();
        names.join(", which calls ")
    }

    fn name(&self) -> &ServiceName {
        self.chain.last().expect("a chain has a service")
    }
}

/// What is known of a service in one of its regions before anybody who calls it is asked.
struct Alone {
    times: Vec<(Scope, Option<Amount>)>,
    away: [Duration; SCOPES.len()],
}

/// What every service takes from those that it calls, in the order of the model; nothing for one that
/// calls none.
pub(super) fn of(model: &Model, numbers: &[Vec<Numbers>]) -> Vec<Vec<Rest>> {
    let services = model.services();
    let index = |name: &ServiceName| services.binary_search_by(|other| other.name.cmp(name)).ok();
    let called_by =
        |service: &Service| called(service).filter_map(index).collect::<BTreeSet<usize>>();
    let calls: Vec<BTreeSet<usize>> = services.par_iter().map(called_by).collect();
    let wanted: BTreeSet<usize> = calls.iter().flatten().copied().collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let alone = |at: usize| -> Vec<Alone> {
        let places = in_regions(model.fleet(), &services[at], (&numbers[at], &[]));
        if wanted.contains(&at) {
            places.map(|here| self::alone(&here)).collect()
        } else {
            Vec::new()
        }
    };
    let alone: Vec<Vec<Alone>> = (0..services.len()).into_par_iter().map(alone).collect();
    let fleet = Fleet { services, calls, alone };
    let of = |at: usize| {
        let below = fleet.below(at);
        if below.is_empty() {
            return Vec::new();
        }
        let below = Below::of(services, below);
        let serves = numbers[at].iter().map(|numbers| numbers.role.backs_up);
        let rest = |(region, serves): (&Arc<crate::model::Region>, bool)| {
            fleet.rest(&below, &region.name, serves)
        };
        services[at].regions.iter().zip(serves).map(rest).collect()
    };
    (0..services.len()).into_par_iter().map(of).collect()
}

/// The services that a service calls.
pub(super) fn called(service: &Service) -> impl Iterator<Item = &ServiceName> {
    service.calls.iter().filter_map(service_of)
}

/// The same, and where its spec says so: by their names, or by a host under which their users come.
pub(super) fn calls(service: &Service) -> impl Iterator<Item = (&ServiceName, Span)> {
    service.calls.iter().filter_map(|call| {
        let (at, key) = match call {
            Call::Service { at, .. } => (at, "service"),
            Call::Host { at, .. } => (at, "host"),
            Call::Pods { .. } | Call::Addresses { .. } => return None,
        };
        let name = service_of(call)?;
        Some((name, service.at(&["depends_on", &at.to_string(), key])))
    })
}

/// The service that a call leads to, if it leads to one of this fleet.
fn service_of(call: &Call) -> Option<&ServiceName> {
    match call {
        Call::Service { name, .. } => Some(name),
        Call::Host { serves, .. } => serves.as_ref(),
        Call::Pods { .. } | Call::Addresses { .. } => None,
    }
}

/// Those that it calls in its own region: a host leads to wherever its service serves.
fn calls_here(service: &Service) -> impl Iterator<Item = (&ServiceName, Span)> {
    let by_host = |name: &ServiceName| {
        let is = |call: &Call| matches!(call, Call::Service { name: other, .. } if other == name);
        !service.calls.iter().any(is)
    };
    calls(service).filter(move |(name, _)| !by_host(name))
}

fn alone(here: &ServiceInRegion<'_>) -> Alone {
    let claims = rto::alone(here);
    let away = SCOPES.map(|scope| availability::away(here, scope, &claims));
    let times = claims.iter().map(|claim| (claim.scope, claim.worst));
    Alone { times: times.collect(), away }
}

/// What is below a service.
struct Below {
    /// Each by its place in the model, with the place in this list of the one that calls it.
    places: Vec<(usize, Option<usize>)>,
    /// Their names.
    all: Arc<[ServiceName]>,
    /// The names on the way down to each, once somebody asked: many losses have the same.
    chains: Vec<OnceCell<Arc<[ServiceName]>>>,
}

impl Below {
    fn of(services: &[Service], places: Vec<(usize, Option<usize>)>) -> Below {
        let all = places.iter().map(|(at, _)| services[*at].name.clone()).collect();
        let chains = places.iter().map(|_| OnceCell::new()).collect();
        Below { places, all, chains }
    }

    fn chain(&self, place: usize) -> Arc<[ServiceName]> {
        let chain = || {
            let up = std::iter::successors(Some(place), |place| self.places[*place].1);
            let mut chain: Vec<ServiceName> = up.map(|place| self.all[place].clone()).collect();
            chain.reverse();
            chain.into()
        };
        Arc::clone(self.chains[place].get_or_init(chain))
    }
}

/// Who calls whom, by their places in the model.
struct Fleet<'a> {
    services: &'a [Service],
    calls: Vec<BTreeSet<usize>>,
    /// By service and region; of services that somebody calls.
    alone: Vec<Vec<Alone>>,
}

impl Fleet<'_> {
    /// Everything below a service, each once and the nearest first, with the place in this list of
    /// the one that calls it. Circles end where they were begun.
    fn below(&self, at: usize) -> Vec<(usize, Option<usize>)> {
        let mut seen = BTreeSet::from([at]);
        let mut found = Vec::new();
        let mut open = VecDeque::from([(at, None)]);
        while let Some((service, place)) = open.pop_front() {
            for called in &self.calls[service] {
                if seen.insert(*called) {
                    open.push_back((*called, Some(found.len())));
                    found.push((*called, place));
                }
            }
        }
        found
    }

    /// What is taken from those `below` in a region. Where the caller does not serve, the loss of the
    /// region moves nobody.
    fn rest(&self, below: &Below, region: &RegionName, serves: bool) -> Rest {
        let mut slowest: BTreeMap<Scope, (Option<Amount>, usize)> = BTreeMap::new();
        let mut away = [Duration::default(); SCOPES.len()];
        for (place, (service, _)) in below.places.iter().enumerate() {
            let regions = &self.services[*service].regions;
            let Some(here) = regions.iter().position(|other| other.name == *region) else {
                continue;
            };
            let Some(alone) = self.alone[*service].get(here) else { continue };
            for (scope, worst) in &alone.times {
                let counts = SCOPES.contains(scope) && (serves || *scope != Scope::Region);
                let known = slowest.get(scope).map(|(known, _)| rank(*known));
                if counts && known.is_none_or(|known| rank(*worst) > known) {
                    slowest.insert(*scope, (*worst, place));
                }
            }
            away.iter_mut().zip(alone.away).for_each(|(sum, time)| *sum = *sum + time);
        }
        let slowest = slowest.into_iter();
        let slowest = slowest
            .map(|(scope, (worst, place))| (scope, Slowest { worst, chain: below.chain(place) }))
            .collect();
        Rest { region: region.clone(), all: Arc::clone(&below.all), slowest, away }
    }
}

/// What nothing bounds is the latest.
fn rank(worst: Option<Amount>) -> u64 {
    worst.map_or(u64::MAX, |worst| worst.number)
}

/// A claim about the RTO of a service alone, with the wait for those that it calls.
pub(super) fn join(here: &ServiceInRegion<'_>, mut claim: Claim) -> Claim {
    let slowest = here.rest().and_then(|rest| rest.slowest(claim.scope));
    let Some(slowest) = slowest else { return claim };
    let source = Source::Claimed { of: slowest.name().to_string() };
    match (claim.worst, slowest.worst) {
        (Some(own), Some(worst)) if worst.number > own.number => {
            let wait = Duration::seconds(worst.number - own.number);
            let formula = format!("{} is back after {worst}", slowest.words());
            claim.terms.push(Term::seconds(step::WAIT, wait, source).because(formula));
            claim.worst = Some(Amount { number: worst.number, unit: Unit::Seconds });
            claim.formula = "once what it calls is back".into();
        }
        (Some(_), None) => {
            claim.worst = None;
            claim.terms.clear();
            claim.formula = "nothing bounds when what it calls is back".into();
        }
        (Some(_) | None, _) => {}
    }
    claim.given([Premise::Callees])
}

/// Says of every service what is wrong with those that it calls.
pub(super) fn check(sink: &mut Sink, decided: &Decided) {
    let of_service = |service: &Service| {
        let mut sink = Sink::default();
        if called(service).next().is_some() {
            slower::check(&mut sink, decided, service);
            stands_by::check(&mut sink, decided, service);
            lower_tier::check(&mut sink, decided, service);
        }
        sink.accept(|finding: &Diagnostic| service.accepts(finding.code));
        sink.refuse();
        sink
    };
    let found: Vec<Sink> = decided.services().par_iter().map(of_service).collect();
    found.into_iter().for_each(|found| sink.absorb(found));
}
