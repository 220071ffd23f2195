//! What must be as before, beside the pods of a service: the endpoints that lead to them, the instance
//! of its database that leads.

use super::super::super::ServiceInRegion;
use super::super::super::database;
use super::super::{Amount, Claim, Scope, Source, Term};
use super::lost::FORCE_DETACH;
use super::step;
use super::terms::{kubernetes, pull, tainted};
use crate::model::{Postgresql, Topology};
use crate::quantity::Duration;

/// Until the EndpointSlice controller, every kube-proxy and the gateway have followed. Each takes a
/// second or so (`--iptables-min-sync-period` is 1s), and nothing bounds any of them.
const FOLLOW: Duration = Duration::seconds(5);

/// Until CloudNativePG has seen that the instance that leads is not ready, and another one leads
/// (`docs/src/failover.md`).
const ELECTION: Duration = Duration::minutes(1);

/// Until PostgreSQL has replayed its log after a crash, and answers.
const RECOVERY: Duration = Duration::minutes(1);

/// How long a pod without tolerations of its own stays on a lost node: CloudNativePG gives its
/// instances none.
const TOLERATION: Duration = Duration::minutes(5);

/// The claim, until everything is as before that the loss took beside the pods.
pub(super) fn joined(here: &ServiceInRegion<'_>, mut claim: Claim) -> Claim {
    if claim.worst.is_none() || claim.terms.is_empty() {
        return claim;
    }
    if let Some(of_database) = &here.service.postgresql
        && here.role.backs_up
    {
        let leads = leads_again(here, claim.scope, of_database);
        add(&mut claim, leads);
    }
    let starts = claim.scope <= Scope::Zone || claim.term(step::START).is_some();
    if starts && !here.service.ports.is_empty() {
        let follow = Term::seconds(step::ENDPOINTS, FOLLOW, Source::GUESS)
            .because("EndpointSlices, kube-proxy and the gateway, one after the other");
        add(&mut claim, vec![follow]);
    }
    claim
}

/// What happens anyway, such as that a volume leaves its node, happens once, at the same time.
fn add(claim: &mut Claim, mut terms: Vec<Term>) {
    terms.retain(|term| claim.term(term.name).is_none());
    let more: u64 = terms.iter().map(Term::total).sum();
    claim.worst = claim.worst.map(|worst| Amount { number: worst.number + more, ..worst });
    // Traffic goes where it goes once there is somebody to answer.
    let last = claim.terms.iter().position(|term| term.name == step::SWITCH);
    let at = last.unwrap_or(claim.terms.len());
    claim.terms.splice(at..at, terms);
}

/// A database that has lost the instance that leads, while the region lives.
fn leads_again(here: &ServiceInRegion<'_>, scope: Scope, written: &Postgresql) -> Vec<Term> {
    if scope > Scope::Zone {
        return Vec::new();
    }
    let instances = here.database.as_deref().map_or(0, |database| database.instances);
    // One zone may hold all of them, where nothing keeps them apart over zones.
    let left = scope != Scope::Zone || database::zones_apart(here, instances);
    if instances > 1 && left {
        let elected = Term::seconds(step::ELECT, ELECTION, Source::GUESS);
        return vec![elected.because("CloudNativePG promotes one that has every commit")];
    }
    let back = Term::seconds(step::INSTANCE, RECOVERY, Source::GUESS)
        .because("an instance starts, and replays its log");
    let class = here.region.class(written.class.as_ref());
    let stays = class.is_some_and(|class| class.topology == Topology::Region);
    match scope {
        Scope::Pod => vec![back],
        Scope::Node | Scope::Zone if scope == Scope::Node || stays => {
            let mut terms = Vec::from_iter((scope == Scope::Zone).then(|| tainted(here.region)));
            terms.extend([
                kubernetes(step::EVICT_DATABASE, TOLERATION, database::TOLERATION_REFERENCE),
                kubernetes(step::DETACH, FORCE_DETACH, super::lost::DETACH_REFERENCE),
                pull(here, here.region),
                back,
            ]);
            terms
        }
        // Its volume went with the zone.
        Scope::Node | Scope::Zone | Scope::Region | Scope::Data => {
            let mut terms = super::data::from_archive(here, written);
            terms.extend([pull(here, here.region), back]);
            terms
        }
    }
}
