//! What a card says of a claim.

use super::values::{Claimed, Step};
use crate::decide::proof::{self, Claim, Objective, Proof, Scope, Source};
use crate::quantity::Duration;

/// Steps that take less, in seconds, stand in no list.
const SHOWN: u64 = 10;

/// What is claimed when `scope` is lost, shown once for all regions in which it is the same.
pub(super) fn of(proofs: &[Proof], scope: Scope) -> Vec<Claimed> {
    let mut view: Vec<Claimed> = Vec::new();
    for proof in proofs {
        let Some(one) = in_region(proof, scope).filter(Claimed::says) else { continue };
        let claim =
            |one: &Claimed| Claimed { regions: String::new(), premises: Vec::new(), ..one.clone() };
        match view.iter_mut().find(|other| claim(other) == claim(&one)) {
            Some(other) => {
                other.regions.push_str(&format!(", {}", one.regions));
                let more = one.premises.iter().filter(|one| !other.premises.contains(one));
                let more: Vec<&str> = more.copied().collect();
                other.premises.extend(more);
            }
            None => view.push(one),
        }
    }
    view
}

/// Whether what is claimed when `scope` is lost is not the same in every region.
pub(super) fn several(proofs: &[Proof], scope: Scope) -> bool {
    let claims = of(proofs, scope);
    claims.len() > 1 || claims.iter().any(|one| one.regions.split(", ").count() < proofs.len())
}

impl Claimed {
    /// Whether there is anything to read.
    fn says(&self) -> bool {
        self.rto.is_some() || self.rpo.is_some() || !self.formula.is_empty()
    }
}

/// What is claimed when `scope` is lost in the region of a proof; none where nothing is.
pub(super) fn in_region(proof: &Proof, scope: Scope) -> Option<Claimed> {
    let rto = proof.claim(scope, Objective::Rto);
    let rpo = proof.claim(scope, Objective::Rpo);
    if rto.is_none() && rpo.is_none() {
        return None;
    }
    let worst = |claim: Option<&Claim>| claim?.worst.map(|worst| worst.to_string());
    let mut premises: Vec<proof::Premise> =
        rpo.into_iter().chain(rto).flat_map(|claim| claim.premises.iter().copied()).collect();
    premises.sort_unstable();
    premises.dedup();
    let terms = rto.map(|claim| claim.terms.as_slice()).unwrap_or_default();
    // What takes seconds is in the sum, and no step that anybody watches.
    let steps = terms.iter().filter(|term| term.total() == 0 || term.total() >= SHOWN);
    let steps = steps.map(|term| Step {
        name: term.name,
        time: proof::Amount { number: term.total(), unit: term.amount.unit }.to_string(),
        source: source(&term.source),
    });
    Some(Claimed {
        regions: proof.region.to_string(),
        rpo: worst(rpo).filter(|lost| lost != "0s"),
        rto: worst(rto),
        margin: (rto.filter(|_| matches!(scope, Scope::Region | Scope::Data)))
            .and_then(Claim::margin)
            .and_then(|left| u64::try_from(left).ok())
            .map(|left| Duration::seconds(left).to_string()),
        verdict: rto.map_or("not promised", |claim| claim.verdict().word()),
        formula: rto.map_or(String::new(), |claim| claim.formula.to_string()),
        steps: steps.collect(),
        premises: premises.into_iter().map(proof::Premise::text).collect(),
    })
}

/// In a word where a number comes from: `ninefold explain` has the rest.
fn source(source: &Source) -> String {
    match source {
        Source::Spec { key, .. } => format!("spec {key}"),
        Source::Fleet { key, .. } => format!("fleet {key}"),
        Source::Tier { tier, .. } => format!("tier {tier}"),
        Source::Kubernetes { .. } => "Kubernetes".to_owned(),
        Source::Velero { .. } => "Velero".to_owned(),
        Source::Decided { .. } => "decided".to_owned(),
        Source::BuiltIn => "built in".to_owned(),
        Source::Proven => "proven".to_owned(),
        Source::Claimed { of } => format!("claimed of {of}"),
        Source::Assumed { .. } => "assumed".to_owned(),
        Source::Measured { on, .. } => format!("measured {on}"),
    }
}
