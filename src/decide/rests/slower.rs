//! What a service calls, and is back only when the caller should have been.

use super::{Rest, Slowest, calls, join, rank};
use crate::decide::proof::rto::{self, Instead};
use crate::decide::proof::{Amount, Claim, Scope, Verdict};
use crate::decide::{Decided, ServiceInRegion, in_regions, numbers, strategy};
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::model::{Failover, Service, Strategy};
use crate::quantity::Duration;

/// A promise that the service would keep by itself, and does not with those that it calls.
struct Late<'a> {
    here: ServiceInRegion<'a>,
    scope: Scope,
    slowest: &'a Slowest,
}

/// The latest of all regions and losses says it for the others.
pub(super) fn check(sink: &mut Sink, decided: &Decided, service: &Service) {
    // Most are back in time for any promise, and nothing is derived for them.
    let rto = service.rto.as_seconds();
    let late = |rest: &Rest| rest.slowest.iter().any(|(_, slowest)| rank(slowest.worst) > rto);
    let places = decided.places(service).filter(|here| here.rest().is_some_and(late));
    let late = places.flat_map(|here| {
        let rest: Option<&Rest> = here.rest();
        let broken = move |claim: Claim| {
            let slowest = rest?.slowest(claim.scope)?;
            let scope = claim.scope;
            let alone = claim.verdict() == Verdict::Broken;
            let together = join(&here, claim).verdict() == Verdict::Broken;
            (together && !alone).then_some(Late { here, scope, slowest })
        };
        rto::alone(&here).into_iter().filter_map(broken)
    });
    // The first of those that are equally late.
    let latest = late.reduce(|first, next| {
        if rank(next.slowest.worst) > rank(first.slowest.worst) { next } else { first }
    });
    if let Some(latest) = latest {
        sink.error(finding(decided, service, &latest));
    }
}

fn finding(decided: &Decided, service: &Service, late: &Late<'_>) -> Diagnostic {
    let Late { scope, slowest, .. } = late;
    let takes = slowest.worst.map_or("an unknown time".to_owned(), |worst| worst.to_string());
    let place = place(service, slowest);
    let mut finding = Diagnostic::new(
        Code::DEPENDENCY_SLOWER,
        format!(
            "`{}` may take {takes} to be back after {}, and `{}` rests on it with an RTO of {}",
            slowest.name(),
            scope.words(),
            service.name,
            service.rto
        ),
    )
    .at(place, "")
    .related(service.at(&["rto"]), "promised here");
    if slowest.chain.len() > 1 {
        finding = finding.note(format!("`{}` calls {}", service.name, slowest.words()));
    }
    let mut ways = Vec::new();
    if let Some(there) = there(decided, late) {
        finding = finding.related(there.service.at(&["rto"]), "and this is what it promises");
        let claim = rto::alone(&there).into_iter().find(|claim| claim.scope == *scope);
        if let Some(claim) = claim {
            finding = finding.note(format!(
                "worst case of `{}`: {}",
                there.service.name,
                claim.sum_words()
            ));
        }
        ways.extend(faster(&there, service.rto));
    }
    if let Some(rto) = rto_that_is_kept(decided, service) {
        ways.push(format!("promise `rto = \"{}\"` for `{}`", rto.compact(), service.name));
    }
    finding.help(ways.join("; or "))
}

/// Where the spec names the first service of the chain.
fn place(service: &Service, slowest: &Slowest) -> Span {
    let first = calls(service).find(|(name, _)| slowest.chain.first() == Some(*name));
    first.map_or(service.at(&["rto"]), |(_, place)| place)
}

/// The slowest, in the region that is looked at.
fn there<'a>(decided: &'a Decided, late: &Late<'_>) -> Option<ServiceInRegion<'a>> {
    let service = decided.service(late.slowest.name())?;
    decided.places(service).find(|there| there.region.name == late.here.region.name)
}

/// What could be said of the slowest, so that it is back within `rto` whatever is lost.
fn faster(there: &ServiceInRegion<'_>, rto: Duration) -> Vec<String> {
    let service = there.service;
    let in_time = |claims: &[Claim]| {
        let counted = claims.iter().filter(|claim| claim.scope != Scope::Data);
        counted.into_iter().all(|claim| rank(claim.worst) <= rto.as_seconds())
    };
    let mut ways = Vec::new();
    let instead = Instead { automatic: true, ..Instead::default() };
    if service.traffic.is_some()
        && service.failover == Some(Failover::Manual)
        && in_time(&rto::alone_if(there, instead))
    {
        ways.push(format!("write `failover = \"automatic\"` for `{}`", service.name));
    }
    if strategy::suits(service, Strategy::ActiveActive)
        && service.tier.strategies.contains(&Strategy::ActiveActive)
        && service.strategy != Strategy::ActiveActive
        && service.regions.len() > 1
    {
        let other = Service { strategy: Strategy::ActiveActive, ..service.clone() };
        let numbers = numbers(there.fleet, &other);
        let mut everywhere = in_regions(there.fleet, &other, (&numbers, &[]));
        if everywhere.all(|here| in_time(&rto::alone(&here))) {
            ways.push(format!("write `recovery = \"active/active\"` for `{}`", service.name));
        }
    }
    ways
}

/// The least RTO that the service keeps with all that it calls; none where nothing bounds it.
fn rto_that_is_kept(decided: &Decided, service: &Service) -> Option<Duration> {
    let promised = decided.places(service).flat_map(|here| {
        let claims = rto::alone(&here).into_iter().filter(|claim| claim.promised.is_some());
        claims.map(move |claim| join(&here, claim).worst)
    });
    let worst = promised.max_by_key(|worst| rank(*worst))??;
    let Amount { number, .. } = worst;
    Some(Duration::seconds(number))
}
