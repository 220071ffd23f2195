//! What a page says of a claim.

use super::values::{Step, Times, Told};
use crate::decide::proof::rto::step;
use crate::decide::proof::{self, Claim, Objective, Proof, Scope};
use crate::quantity::Duration;

/// What is claimed when `scope` is lost; none where nothing is.
pub(super) fn of(proof: &Proof, scope: Scope) -> Option<Told> {
    let rto = proof.claim(scope, Objective::Rto);
    let rpo = proof.claim(scope, Objective::Rpo);
    (rto.is_some() || rpo.is_some()).then(|| told(rpo, rto))
}

fn told(rpo: Option<&Claim>, rto: Option<&Claim>) -> Told {
    let worst = |claim: Option<&Claim>| claim?.worst.map(|worst| worst.to_string());
    let mut premises: Vec<proof::Premise> =
        rpo.into_iter().chain(rto).flat_map(|claim| claim.premises.iter().copied()).collect();
    premises.sort_unstable();
    premises.dedup();
    let time = |name: &str| {
        let term = rto?.term(name)?;
        Some(proof::Amount { number: term.total(), unit: term.amount.unit }.to_string())
    };
    let terms = rto.map(|claim| claim.terms.as_slice()).unwrap_or_default();
    Told {
        rpo: worst(rpo),
        rto: worst(rto),
        margin: (rto.and_then(Claim::margin))
            .and_then(|left| u64::try_from(left).ok())
            .map(|left| Duration::seconds(left).to_string()),
        verdict: rto.map_or("not promised", |claim| claim.verdict().word()),
        formula: rto.map_or("", |claim| claim.formula),
        steps: (terms.iter())
            .map(|term| Step {
                name: term.name,
                time: proof::Amount { number: term.total(), unit: term.amount.unit }.to_string(),
                source: cell(&term.source.to_string()),
            })
            .collect(),
        times: Times {
            detect: time(step::DETECT),
            decide: time(step::DECIDE),
            evict: time(step::EVICT),
            detach: time(step::DETACH),
            sync: time(step::SYNC),
            objects: time(step::OBJECTS),
            restore: time(step::RESTORE),
            promote: time(step::PROMOTE),
            pull: time(step::PULL),
            start: time(step::START),
            switch: time(step::SWITCH),
        },
        premises: premises.into_iter().map(proof::Premise::text).collect(),
    }
}

/// Free text as it may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
