//! What the ledger keeps of a proof: the numbers, in a form that is read in a diff.

use super::{Claim, Proof, Source, Term};
use crate::model::Service;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a service promises in a region, with the numbers that keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The region; its key in the ledger.
    #[serde(skip)]
    pub region: String,
    /// How the service gets back after the loss of a region: `pilot light`. None where it is in one
    /// region only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// What the region does for the service: `primary`, `standby`, `active`.
    pub role: String,
    /// Replicas that run.
    pub replicas: u32,
    /// Replicas that carry what the region must carry.
    pub peak: u32,
    /// The zones of the region.
    pub zones: u32,
    /// Replicas left after the loss of any one zone; 0 where nothing keeps them apart.
    pub survivors_of_zone_loss: u32,
    /// What is claimed, by scope and objective: `region`, `rpo`.
    #[serde(default)]
    pub claims: BTreeMap<String, BTreeMap<String, Kept>>,
    /// The codes of what the claims take for granted.
    #[serde(default)]
    pub premises: Vec<String>,
    /// The geographies that the data of the service may be in; none where it may be anywhere.
    #[serde(default)]
    pub residency: Vec<String>,
    /// The command that judges restored data in a drill; none where nothing does.
    #[serde(default)]
    pub verify: Vec<String>,
}

/// One claim as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What is promised, in the unit of the objective: seconds, replicas, or millionths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<u64>,
    /// The worst case, in the same unit; none where nothing bounds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<u64>,
    /// The terms of the sum by name, each with what it adds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub terms: BTreeMap<String, u64>,
    /// The names of the terms that nobody declared, decided or measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<String>,
    /// The day of each measurement, by the name of its term.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measured: BTreeMap<String, String>,
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
            replicas: proof.replicas,
            peak: proof.peak,
            zones: proof.zones,
            survivors_of_zone_loss: proof.survivors_of_zone_loss,
            claims,
            premises: proof.premises().iter().map(|premise| premise.code().to_owned()).collect(),
            residency: service.residency.clone(),
            verify: service.backup.verify.clone(),
        }
    }
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
            terms: named().map(|term| (term.name.to_owned(), term.total())).collect(),
            assumed,
            measured: named().filter_map(measured).collect(),
        }
    }
}
