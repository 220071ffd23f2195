//! What a ledger promises for a region: the one place that knows how it is written there.

use super::Unit;
use crate::decide::proof::NEXT_LOSS;
use crate::model::Strategy;
use crate::quantity::Duration;
use crate::tree::Ledger;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// What a service promises in one region. Whatever the ledger does not say is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::diff) struct Promise {
    /// How the service gets back after the loss of a region; none where it is in one only, and in
    /// ledgers that were written before they had it.
    pub(in crate::diff) strategy: Option<Strategy>,
    /// `primary`, `active`, `standby`
    pub(in crate::diff) role: String,
    /// Replicas that run.
    pub(in crate::diff) replicas: u64,
    /// Replicas that carry what the region must carry.
    pub(in crate::diff) peak: u64,
    /// The zones of the region.
    pub(in crate::diff) zones: u64,
    /// Replicas left after the loss of any one zone.
    pub(in crate::diff) survivors: u64,
    /// What is promised about time, in the order of scopes and objectives.
    pub(in crate::diff) times: Vec<Time>,
    /// The geographies that data may be in, an empty set where it may be anywhere; none in ledgers that
    /// were written before they had it.
    pub(in crate::diff) residency: Option<BTreeSet<String>>,
    /// The command that judges restored data, an empty one where nothing does; none as above.
    pub(in crate::diff) verify: Option<Vec<String>>,
    /// How long after a lost zone is back the next may be lost; none where nothing evens out the replicas.
    pub(in crate::diff) next_loss: Option<Duration>,
    /// The share of the year for which it serves, in millionths, by what is lost.
    pub(in crate::diff) availability: BTreeMap<String, Share>,
}

/// A share that is promised, and the least that is to be expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::diff) struct Share {
    pub(in crate::diff) promised: Option<u64>,
    pub(in crate::diff) worst: Option<u64>,
}

/// What is promised about time, in one case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::diff) struct Time {
    /// What is lost: `pod`, `node`, `zone`, `region`, `data`.
    pub(in crate::diff) scope: String,
    /// What is promised about it.
    pub(in crate::diff) objective: Objective,
    /// What is proven; none where nothing bounds it.
    pub(in crate::diff) worst: Option<Duration>,
    /// What the spec says.
    pub(in crate::diff) promised: Option<Duration>,
    /// What the worst case is made of, in seconds, by name.
    pub(in crate::diff) terms: Vec<(String, u64)>,
}

/// What is promised about time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::diff) enum Objective {
    /// The most data that is lost.
    #[default]
    Rpo,
    /// The longest until it serves again.
    Rto,
}

impl Objective {
    pub(in crate::diff) const ALL: [Objective; 2] = [Objective::Rpo, Objective::Rto];

    pub(in crate::diff) fn word(self) -> &'static str {
        match self {
            Objective::Rpo => "RPO",
            Objective::Rto => "RTO",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Objective::Rpo => "rpo",
            Objective::Rto => "rto",
        }
    }
}

impl Promise {
    /// Whether something bounds how much data a loss costs: what keeps no data has nothing to lose.
    pub(in crate::diff) fn rpo(&self) -> Option<&Time> {
        let rpo = self.times.iter().filter(|time| time.objective == Objective::Rpo);
        rpo.max_by_key(|time| time.worst)
    }
}

/// What the ledger of a unit promises for a region.
pub(in crate::diff) fn of(unit: Option<&Unit<'_>>, region: &str) -> Option<Promise> {
    unit?.promises().get(region).cloned()
}

/// What a ledger promises for each region.
pub(super) fn all(ledger: &Ledger) -> BTreeMap<String, Promise> {
    let promises = ledger.promises().iter();
    promises.map(|(region, promised)| (region.clone(), read(&promised.value()))).collect()
}

fn read(promise: &Json) -> Promise {
    let number = |key: &str| promise.get(key).and_then(Json::as_u64).unwrap_or(0);
    let strategy = promise.get("strategy").and_then(Json::as_str);
    let words = |key: &str| -> Option<Vec<String>> {
        let words = promise.get(key).and_then(Json::as_array)?.iter();
        Some(words.filter_map(|word| word.as_str().map(str::to_owned)).collect())
    };
    Promise {
        residency: words("residency").map(|words| words.into_iter().collect()),
        verify: words("verify"),
        availability: availability(promise),
        next_loss: promise
            .pointer("/claims/zone/survivors/terms")
            .and_then(|terms| terms.get(NEXT_LOSS)?.as_u64())
            .map(Duration::seconds),
        strategy: Strategy::ALL.into_iter().find(|one| Some(one.word()) == strategy),
        role: promise.get("role").and_then(Json::as_str).unwrap_or_default().to_owned(),
        replicas: number("replicas"),
        peak: number("peak"),
        zones: number("zones"),
        survivors: number("survivors_of_zone_loss"),
        times: Objective::ALL.iter().flat_map(|objective| times(promise, *objective)).collect(),
    }
}

fn availability(promise: &Json) -> BTreeMap<String, Share> {
    let claims = promise.get("claims").and_then(Json::as_object).into_iter().flatten();
    let of_scope = claims.filter_map(|(scope, claims)| {
        let claim = claims.get("availability")?;
        let number = |key: &str| claim.get(key).and_then(Json::as_u64);
        Some((scope.clone(), Share { promised: number("promised"), worst: number("worst") }))
    });
    of_scope.collect()
}

fn times(promise: &Json, objective: Objective) -> Vec<Time> {
    let seconds = |value: Option<&Json>| value.and_then(Json::as_u64).map(Duration::seconds);
    let terms = |claim: &Json, key: &str| -> Vec<(String, u64)> {
        let terms = claim.get(key).and_then(Json::as_object).into_iter().flatten();
        terms.filter_map(|(name, value)| Some((name.clone(), value.as_u64()?))).collect()
    };
    let key = objective.key();
    if let Some(claims) = promise.get("claims").and_then(Json::as_object) {
        let found = claims.iter().filter_map(|(scope, claims)| {
            let claim = claims.get(key)?;
            Some(Time {
                scope: scope.clone(),
                objective,
                worst: seconds(claim.get("worst")),
                promised: seconds(claim.get("promised")),
                terms: terms(claim, "terms"),
            })
        });
        return found.collect();
    }
    // As ledgers were written before they had claims: one sum for all that may be lost, and none
    // where there is nothing to lose. It is no claim's counterpart.
    let sum = promise.get(key).unwrap_or(&Json::Null);
    let mut terms = terms(promise, key);
    terms.retain(|(name, _)| name != "total" && name != "gaps");
    vec![Time {
        scope: String::new(),
        objective,
        worst: seconds(sum.get("total")).or(Some(Duration::default())),
        promised: seconds(promise.get(format!("{key}_promised"))),
        terms,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_read_with_its_terms() {
        let promise = read(&serde_json::json!({
            "role": "primary", "replicas": 3, "peak": 2, "zones": 3, "survivors_of_zone_loss": 2,
            "rpo": { "gap": 900, "total": 3420 }, "rpo_promised": 3600, "rto_promised": 7200,
        }));
        assert_eq!((promise.replicas, promise.survivors), (3, 2));
        let rpo = promise.rpo().unwrap();
        assert_eq!(rpo.worst, Some(Duration::seconds(3420)));
        assert_eq!(rpo.terms, [("gap".to_owned(), 900)]);
        assert_eq!(promise.times[1].promised, Some(Duration::seconds(7200)));
    }

    #[test]
    fn claims_are_read_by_scope() {
        let promise = read(&serde_json::json!({ "claims": {
            "region": { "rto": { "promised": 7200, "worst": 3280, "terms": { "decision": 1800 } } },
            "data": { "rpo": { "promised": 3600 } },
        }}));
        let [rpo, rto] = promise.times.as_slice() else { panic!("two claims") };
        assert_eq!((rpo.scope.as_str(), rpo.worst), ("data", None));
        assert_eq!((rto.scope.as_str(), rto.worst), ("region", Some(Duration::seconds(3280))));
        assert_eq!(rto.terms, [("decision".to_owned(), 1800)]);
    }
}
