//! What the ledger keeps of a proof: the numbers, in a form that is read in a diff.

use super::super::Void;
use super::{Claim, Objective, Proof, Scope, Source, Term};
use crate::model::Service;
use crate::model::service::Call;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a service promises in a region, with the numbers that keep it; in the order in which a ledger has
/// them, which is that of their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The region; its key in the ledger.
    #[serde(skip)]
    pub region: String,
    /// What is claimed, by scope and objective: `region`, `rpo`.
    #[serde(default)]
    pub claims: BTreeMap<String, BTreeMap<String, Kept>>,
    /// Replicas that carry what the region must carry.
    pub peak: u32,
    /// Its place among the regions of the service, from 1: the order in which they take over. None where
    /// there are no more than two, which their roles tell apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<usize>,
    /// The codes of what the claims take for granted.
    #[serde(default)]
    pub premises: Vec<String>,
    /// Replicas that run.
    pub replicas: u32,
    /// The geographies that the data of the service may be in; none where it may be anywhere.
    #[serde(default)]
    pub residency: Vec<String>,
    /// The services that it calls itself: its promise is no better than theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rests_on: Vec<String>,
    /// What the region does for the service: `primary`, `standby`, `active`.
    pub role: String,
    /// How the service gets back after the loss of a region: `pilot light`. None where it is in one
    /// region only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// Replicas left after the loss of any one zone; 0 where nothing keeps them apart.
    pub survivors_of_zone_loss: u32,
    /// The command that judges restored data in a drill; none where nothing does.
    #[serde(default)]
    pub verify: Vec<String>,
    /// The zones of the region.
    pub zones: u32,
}

/// One claim as the ledger keeps it, in the same order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The names of the terms that nobody declared, decided or measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<String>,
    /// The day of each measurement, by the name of its term.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measured: BTreeMap<String, String>,
    /// What is promised, in the unit of the objective: seconds, replicas, or millionths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<u64>,
    /// The terms of the sum by name, each with what it adds; times in seconds, whatever the objective.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub terms: BTreeMap<String, u64>,
    /// What is not as it was decided; then nothing bounds the worst case. None where all is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void: Option<String>,
    /// The worst case, in the same unit; none where nothing bounds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<u64>,
}

impl Promise {
    /// What a proof promises, with what `service` is pledged to beside it.
    pub(crate) fn of(service: &Service, proof: &Proof) -> Promise {
        let mut claims: BTreeMap<String, BTreeMap<String, Kept>> = BTreeMap::new();
        for claim in &proof.claims {
            let of_scope = claims.entry(claim.scope.key().to_owned()).or_default();
            of_scope.insert(claim.objective.key().to_owned(), Kept::from(claim));
        }
        Promise {
            region: proof.region.to_string(),
            strategy: proof.strategy.map(str::to_owned),
            role: proof.role.to_owned(),
            place: place(service, proof),
            replicas: proof.replicas,
            peak: proof.peak,
            zones: proof.zones,
            survivors_of_zone_loss: proof.survivors_of_zone_loss,
            claims,
            premises: proof.premises().iter().map(|premise| premise.code().to_owned()).collect(),
            residency: service.residency.clone(),
            rests_on: rests_on(service),
            verify: service.backup.verify.clone(),
        }
    }
}

impl Promise {
    /// Those of the claims about `scopes` and `objectives` that it has.
    pub fn among(&self, scopes: &[Scope], objectives: &[Objective]) -> Vec<(Scope, Objective)> {
        // Of what nothing bounds, nothing is taken back.
        let has = |scope: Scope, objective: Objective| {
            let kept = self.claims.get(scope.key()).and_then(|of| of.get(objective.key()));
            kept.is_some_and(|kept| kept.worst.is_some() || kept.void.is_some())
        };
        // A share of a year rests on every loss up to its own.
        let least = scopes.iter().min().copied().unwrap_or(Scope::Data);
        let wanted = |scope: Scope, objective: Objective| match objective {
            Objective::Availability => scope >= least,
            Objective::Rpo | Objective::Rto | Objective::Survivors => scopes.contains(&scope),
        };
        let pairs = Scope::ALL
            .into_iter()
            .flat_map(|scope| objectives.iter().map(move |objective| (scope, *objective)));
        pairs
            .filter(|(scope, objective)| wanted(*scope, *objective) && has(*scope, *objective))
            .collect()
    }

    /// Takes back what rests on an object that is not as it was decided.
    pub fn void(&mut self, void: &Void) {
        let here = self.region == void.region.as_str();
        if here && void.is_of(Scope::Zone, Objective::Survivors) {
            self.survivors_of_zone_loss = 0;
        }
        for (scope, objective) in void.claims.iter().filter(|_| here) {
            let of_scope = self.claims.get_mut(scope.key());
            let Some(kept) = of_scope.and_then(|of| of.get_mut(objective.key())) else { continue };
            let by = match &kept.void {
                Some(known) if known.ends_with(&void.by) => continue,
                Some(known) => format!("{known}; {}", void.by),
                None => format!("void by {}", void.by),
            };
            *kept = Kept { promised: kept.promised, void: Some(by), ..Kept::default() };
        }
    }
}

/// The place of a region where roles do not say it.
fn place(service: &Service, proof: &Proof) -> Option<usize> {
    let mut regions = service.regions.iter();
    let found = regions.position(|region| region.name == proof.region);
    found.map(|at| at + 1).filter(|_| service.regions.len() > 2)
}

fn rests_on(service: &Service) -> Vec<String> {
    let called = service.calls.iter().filter_map(|call| match call {
        Call::Service { name, .. } => Some(name.address().to_owned()),
        Call::Pods { .. } | Call::Host { .. } | Call::Addresses { .. } => None,
    });
    let mut called: Vec<String> = called.collect();
    called.sort_unstable();
    called.dedup();
    called
}

impl From<&Claim> for Kept {
    fn from(claim: &Claim) -> Kept {
        let named = || claim.terms.iter().filter(|term| term.amount.number > 0);
        let measured = |term: &Term| {
            let Source::Measured { on, .. } = &term.source else { return None };
            Some((term.name.to_owned(), on.to_string()))
        };
        let mut assumed: Vec<String> = (named().filter(|term| term.source.is_assumed()))
            .map(|term| term.name.to_owned())
            .collect();
        assumed.sort_unstable();
        Kept {
            promised: claim.promised.as_ref().map(|promised| promised.amount.number),
            worst: claim.worst.map(|worst| worst.number),
            void: claim.void.then(|| claim.formula.to_string()),
            terms: named().map(|term| (term.name.to_owned(), term.total())).collect(),
            assumed,
            measured: named().filter_map(measured).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_ledger_keeps_is_in_the_order_of_its_names() {
        let measured = BTreeMap::from([("start".to_owned(), "2026-01-31".to_owned())]);
        let kept = Kept {
            assumed: vec!["start".to_owned()],
            measured,
            promised: Some(1),
            terms: BTreeMap::from([("start".to_owned(), 1)]),
            void: Some("void by a patch".to_owned()),
            worst: Some(1),
        };
        let promise = Promise {
            region: "eastus2".to_owned(),
            claims: BTreeMap::from([(
                "pod".to_owned(),
                BTreeMap::from([("rto".to_owned(), kept)]),
            )]),
            peak: 3,
            place: Some(1),
            premises: vec!["load".to_owned()],
            replicas: 3,
            residency: vec!["eu".to_owned()],
            rests_on: vec!["stock".to_owned()],
            role: "primary".to_owned(),
            strategy: Some("warm standby".to_owned()),
            survivors_of_zone_loss: 2,
            verify: vec!["true".to_owned()],
            zones: 3,
        };
        // Maps of a value are sorted.
        let sorted = serde_json::to_value(&promise).unwrap();
        assert_eq!(serde_json::to_string(&promise).unwrap(), sorted.to_string());
    }
}
