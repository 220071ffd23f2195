//! The region: what stands ready in another one decides.

use super::super::super::load::{self, Climb};
use super::super::super::locations::{SYNCED, VALIDATED};
use super::super::super::{ServiceInRegion, role::Runs};
use super::super::{Claim, Objective, Premise, Scope, Source, Term};
use super::terms::{decision, guessed, kubernetes, monitoring, pull, restore, start};
use super::{Instead, claim, step};
use crate::model::Region;
use crate::model::Step;
use crate::model::Strategy;
use crate::quantity::Duration;

/// Three failed health checks, every 30 s.
const HEALTH_CHECK: Duration = Duration::seconds(90);

/// The time to live of a DNS record.
const TIME_TO_LIVE: Duration = Duration::seconds(60);

/// Until an autoscaler has seen more load, and asked for more replicas.
const REACTION: Duration = Duration::seconds(75);

/// Until the objects of a namespace are restored.
const OBJECTS: Duration = Duration::minutes(1);

/// Until a database's copy leads.
const PROMOTION: Duration = Duration::minutes(5);

/// Until Velero finds a location well, and then knows what is in it.
pub(crate) const SYNC: Duration = Duration::seconds(VALIDATED.as_seconds() + SYNCED.as_seconds());

/// The region. What stands ready in the others decides.
pub(crate) fn region_loss(here: &ServiceInRegion<'_>, instead: Instead) -> Claim {
    if !here.role.backs_up {
        return claim(Scope::Region, Vec::new()).by("users are served from another region");
    }
    let slowest =
        here.elsewhere().map(|other| from(here, &other, instead)).max_by_key(|claim| claim.worst);
    slowest.unwrap_or_else(|| {
        Claim::unbounded(Scope::Region, Objective::Rto, "there is no other region to go to")
    })
}

/// The way from a lost region to one other.
fn from(here: &ServiceInRegion<'_>, other: &ServiceInRegion<'_>, instead: Instead) -> Claim {
    let service = here.service;
    let automatic = instead.automatic || (service.moves_by_itself() && service.traffic.is_some());
    let from_outside = service.ports.iter().any(|port| port.gateway) || service.failover.is_some();
    let restores = service.keeps_data() && service.replication.is_none();
    let serves = service.strategy == Strategy::ActiveActive && !restores;
    let mut terms = Vec::new();
    let mut premises = vec![Premise::Tree, Premise::Capacity];
    if serves && !from_outside {
        let claim = claim(Scope::Region, terms).by("the other regions serve already");
        return claim.given(premises);
    }
    // Traffic moves by itself only to where something serves.
    let people = !(automatic && !restores && other.role.runs != Runs::Nothing);
    // Where all serve, each has its share of what another loses, by its weight.
    let smaller = !other.role.shares && other.size.peak < here.size.peak;
    let grows = other.size.running < other.size.full || smaller;
    let climb = load::climb(other, other.size.running, other.leading_size.full);
    if !people {
        premises.push(Premise::Failover);
    }
    if people || grows && climb.is_none() {
        terms.extend([monitoring(here, other.region), decision(here, other.region)]);
        premises.push(Premise::People);
    } else {
        let detected = guessed(here, other.region, Step::Detection, HEALTH_CHECK);
        terms.push(detected.because("3 failed health checks, every 30s"));
    }
    if restores {
        let reference = "a minute to validate a location, one to sync its backups (pkg/cmd/server/config/config.go)";
        terms.push(Term::seconds(step::SYNC, SYNC, Source::Velero { reference }));
        terms.push(guessed(here, other.region, Step::Objects, OBJECTS));
        terms.push(restore(here, other.region, instead));
        premises.push(Premise::Vault);
    } else if service.replication.is_some() && !serves {
        terms.push(guessed(here, other.region, Step::Promotion, PROMOTION));
        premises.push(Premise::ReplicaPromoted);
    }
    if grows {
        terms.extend(grown(here, other, climb.filter(|_| !people)));
    }
    if from_outside {
        terms.push(switch(here, other.region));
        premises.push(Premise::Clients);
    }
    claim(Scope::Region, terms).given(premises)
}

/// Until as many replicas are there as where it leads, once somebody has decided it. Where nobody does, an
/// autoscaler adds them, by `climb`.
fn grown(
    here: &ServiceInRegion<'_>,
    other: &ServiceInRegion<'_>,
    climb: Option<Climb>,
) -> Vec<Term> {
    let started = [pull(here, other.region), start(here)];
    let Some(Climb { rounds, waits }) = climb else { return started.into() };
    let reference = "--horizontal-pod-autoscaler-sync-period of 15s, and a minute until metrics show the load (pkg/controller/podautoscaler)";
    let pace = match waits.as_seconds() {
        0 => String::new(),
        _ => format!("; {waits} each time, as `autoscale.behavior.up` says"),
    };
    let (running, full) = (other.size.running, other.leading_size.full);
    let reacts = kubernetes(step::SCALE, REACTION + waits, reference).times(rounds);
    let times = if rounds == 1 { "once".to_owned() } else { format!("{rounds} times") };
    let reacts =
        reacts.because(format!("it adds replicas {times}, from {running} to {full}{pace}"));
    std::iter::once(reacts).chain(started.map(|term| term.times(rounds))).collect()
}

/// Resolvers keep an answer for its time to live, unless it was measured.
fn switch(here: &ServiceInRegion<'_>, region: &Region) -> Term {
    let formula = "the time to live of the DNS record";
    let Some(traffic) = &here.service.traffic else {
        return guessed(here, region, Step::Switch, TIME_TO_LIVE).because(formula);
    };
    let mut term = guessed(here, region, Step::Switch, here.service.ttl());
    if !term.source.is_assumed() {
        return term;
    }
    term.source = match traffic.ttl {
        Some(_) => {
            Source::Spec { key: "traffic.ttl".into(), span: here.service.at(&["traffic", "ttl"]) }
        }
        None => Source::Decided { field: "traffic.ttl" },
    };
    term.because(formula)
}
