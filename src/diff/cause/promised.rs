//! Which edits are behind another promise. No object need show it, and other edits may change the
//! objects of its service.

use crate::decide::proof::NEXT_LOSS;
use crate::diag::Code;
use crate::diff::report::Effect;
use crate::diff::side::Tree;
use crate::tree::Ledger;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// What a ledger promises that effects speak of, each with the code of the effect.
const SPOKEN_OF: &[(&str, Code)] = &[
    ("availability", Code::AVAILABILITY_LOOSENED),
    (NEXT_LOSS, Code::NEXT_LOSS_LATER),
    ("residency", Code::RESIDENCY_LOOSENED),
    ("rpo", Code::RPO_LOOSENED),
    ("rto", Code::RTO_LOOSENED),
    ("strategy", Code::STRATEGY_CHANGES),
    ("verify", Code::VERIFY_CHANGES),
];

/// What is promised, by region and what it is about.
pub(super) type Promises = BTreeMap<(String, &'static str), String>;

/// What is promised otherwise, with the edits that are behind it, by number.
pub(super) type Promised = BTreeMap<(String, &'static str), BTreeSet<usize>>;

/// What a ledger promises.
pub(super) fn of(ledger: &Ledger) -> Promises {
    let said = ledger.promises().iter().flat_map(|(region, promise)| {
        SPOKEN_OF.iter().map(|(about, _)| ((region.clone(), *about), said(promise, about)))
    });
    said.collect()
}

/// What a promise says about one thing: at its top, and in the claim of each loss.
fn said(promise: &Json, about: &str) -> String {
    let claims = promise.get("claims").and_then(Json::as_object).into_iter().flatten();
    let claimed = claims.filter_map(|(scope, claims)| {
        if about == NEXT_LOSS {
            let term = claims.get("survivors")?.get("terms")?.get(NEXT_LOSS)?;
            return Some(format!("{scope} {term}"));
        }
        let claim = claims.get(about)?;
        Some(format!("{scope} {:?} {:?}", claim.get("worst"), claim.get("promised")))
    });
    let top = promise.get(about).into_iter().map(Json::to_string);
    top.chain(claimed).collect::<Vec<_>>().join("\n")
}

/// What both sides promise of a unit, each in its own way.
pub(super) fn differing(old: &Promises, new: &Promises) -> BTreeSet<(String, &'static str)> {
    let differ = old.iter().filter(|(about, then)| new.get(*about).is_some_and(|now| now != *then));
    differ.map(|(about, _)| about.clone()).collect()
}

/// What each unit promises otherwise than before.
pub(super) fn units<'a>(
    old: &Tree<'_>,
    new: &'a Tree<'_>,
    renames: &BTreeMap<String, String>,
) -> BTreeMap<&'a str, BTreeSet<(String, &'static str)>> {
    let ledger = |name: &str| old.units.get(name)?.ledger.as_ref();
    let told = new.units.iter().filter_map(|(name, unit)| {
        let before = renames.get(name).and_then(|before| ledger(before));
        let (then, now) = (before.or_else(|| ledger(name))?, unit.ledger.as_ref()?);
        if then.promises() == now.promises() {
            return None;
        }
        let differ = differing(&of(then), &of(now));
        (!differ.is_empty()).then_some((name.as_str(), differ))
    });
    told.collect()
}

/// The edits that an effect follows from, where it speaks of a promise and it was told which these
/// are. One that speaks of a promise among other things has all of them.
pub(super) fn behind(effect: &Effect, promised: &Promised) -> BTreeSet<usize> {
    let about = SPOKEN_OF.iter().find(|(_, code)| *code == effect.rule).map(|(about, _)| *about);
    let here = promised.iter().filter(|((region, what), _)| {
        effect.regions.contains(region) && about.is_none_or(|about| about == *what)
    });
    here.flat_map(|(_, edits)| edits.iter().copied()).collect()
}

/// Whether an effect speaks of a promise alone.
pub(super) fn is_spoken_of(effect: &Effect) -> bool {
    SPOKEN_OF.iter().any(|(_, code)| *code == effect.rule)
}
