//! Proofs: what is promised of a service in a region, and the numbers that keep it.
//!
//! One derivation, many readers: findings refuse what it shows to be broken, the ledger keeps its
//! [`Promise`], explanations and runbooks print its terms. Nobody else adds these numbers up.

mod claim; //     what is claimed: a scope, an objective, a sum, a verdict
mod term; //      one number, and where it comes from
mod premise; //   what is taken for granted
mod promise; //   what of it the ledger keeps
mod rpo; //       the most data that a loss costs
pub mod rto; //   how long it takes until it serves again
mod survivors; //    how many replicas are left
mod next_loss; //    and when as many are, once more
pub(crate) mod availability; // the share of a year

pub use claim::{Claim, Objective, Promised, Scope, Verdict};
pub use next_loss::NEXT_LOSS;
pub use premise::Premise;
pub use promise::{Kept, Promise};
pub(crate) use rpo::promises_rpo;
pub use term::{Amount, Formula, Source, Term, Unit, Unless};

use super::{ServiceInRegion, Void, region_lost, rests};
use crate::kube::RegionName;
use crate::quantity::Duration;

/// Everything that is claimed of a service in one region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The region.
    pub region: RegionName,
    /// How the service gets back after the loss of a region; none where it is in one only.
    pub strategy: Option<&'static str>,
    /// What the region does for the service.
    pub role: &'static str,
    /// Replicas that run.
    pub replicas: u32,
    /// Replicas that carry what the region must carry.
    pub peak: u32,
    /// The zones of the region.
    pub zones: u32,
    /// Replicas left after the loss of any one zone; 0 where nothing keeps them apart.
    pub survivors_of_zone_loss: u32,
    /// The claims, in the order of scope and objective; at most one of each pair.
    pub claims: Vec<Claim>,
}

impl Proof {
    /// The claim about `objective` when `scope` is lost.
    pub fn claim(&self, scope: Scope, objective: Objective) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.scope == scope && claim.objective == objective)
    }

    /// How long after a lost zone is back the next one may be lost; none where nothing says.
    pub fn next_loss(&self) -> Option<Duration> {
        let term = self.claim(Scope::Zone, Objective::Survivors)?.term(NEXT_LOSS)?;
        Some(Duration::seconds(term.total()))
    }

    /// The claims that do not hold.
    pub fn broken(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|claim| claim.verdict() == Verdict::Broken)
    }

    /// Takes back what rests on an object that is not as it was decided.
    pub fn void(&mut self, void: &Void) {
        if void.region == self.region && void.is_of(Scope::Zone, Objective::Survivors) {
            self.survivors_of_zone_loss = 0;
        }
        for claim in self.claims.iter_mut().filter(|_| void.region == self.region) {
            if void.claims.contains(&(claim.scope, claim.objective)) {
                claim.voided(&void.by);
            }
        }
    }

    /// Everything that the claims take for granted, once each.
    pub fn premises(&self) -> Vec<Premise> {
        let mut premises: Vec<Premise> =
            self.claims.iter().flat_map(|claim| claim.premises.iter().copied()).collect();
        premises.sort_unstable();
        premises.dedup();
        premises
    }
}

/// What is claimed of a service here.
pub(crate) fn of(here: &ServiceInRegion<'_>) -> Proof {
    joined(here, survivors::claims(here))
}

/// The same without how many replicas are left, which no check asks for.
pub(super) fn of_times(here: &ServiceInRegion<'_>) -> Proof {
    joined(here, Vec::new())
}

fn joined(here: &ServiceInRegion<'_>, mut claims: Vec<Claim>) -> Proof {
    let times = rto::alone(here);
    claims.extend(availability::claims(here, &times));
    claims.extend(times.into_iter().map(|claim| rests::join(here, claim)));
    claims.extend(rpo::claims(here));
    claims.sort_by_key(|claim| (claim.scope, claim.objective));
    let returned = region_lost::rests_on_it(here).then_some(Premise::Returned);
    let claims = claims.into_iter().map(|claim| {
        let of_region = claim.scope == Scope::Region;
        claim.given(returned.filter(|_| of_region))
    });
    Proof {
        region: here.region.name.clone(),
        strategy: (here.service.regions.len() > 1).then(|| here.service.strategy.word()),
        role: here.role.word,
        replicas: here.size.running,
        peak: here.size.peak,
        zones: here.size.zones,
        survivors_of_zone_loss: here.placement.survivors_of_zone_loss,
        claims: claims.collect(),
    }
}
