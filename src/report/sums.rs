//! The terms of each claim. Claims with the same terms from the same places share one sum, and sums that
//! differ in what is called alone share the other terms, so that a page of a thousand services stays small.

use super::cell::{self, Shown, short};
use super::place;
use crate::decide::proof::rto::step;
use crate::decide::proof::{Claim, Objective, Premise, Scope, Term, Unit, availability};
use crate::diag::Sources;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Terms, and the sums of them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Chain {
    /// Counted from 1.
    number: usize,
    /// What the sums have in common.
    #[serde(flatten)]
    common: Common,
    /// The sums.
    sums: Vec<Sum>,
}

/// What several sums have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
struct Common {
    /// `RPO`, `RTO`, `left` (replicas) or `up` (a share of the year).
    short: &'static str,
    /// `seconds`, `replicas`, `millionths`; empty where nothing bounds the worst case.
    unit: &'static str,
    /// How the terms make the worst case.
    formula: String,
    /// The terms, in the order in which they are added.
    terms: Vec<OneTerm>,
    /// The codes of what is taken for granted.
    premises: Vec<&'static str>,
    /// Whether it is drawn as a time line.
    #[schemars(skip)]
    drawn: bool,
}

/// What is added up for one claim, or for several that are the same.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Sum {
    /// Counted from 1.
    number: usize,
    /// What it has of its own.
    #[serde(flatten)]
    own: Own,
    /// Whose it is: `orders in eastus2`; the first few.
    owners: Vec<String>,
    /// How many more there are; the claims of each service name their sum.
    more: usize,
}

/// What a sum has of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
struct Own {
    /// `a zone`.
    loss: &'static str,
    /// What those that it calls add.
    called: Option<OneTerm>,
    /// The worst case; none where nothing bounds it.
    worst: Option<Shown>,
}

/// A term of a sum.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
struct OneTerm {
    /// What it is.
    name: &'static str,
    /// How often it counts.
    times: u64,
    /// How much it is each time, as people read it.
    amount: String,
    /// Times × amount.
    total: u64,
    /// The same as people read it.
    total_text: String,
    /// Where its part of the time line begins.
    #[schemars(skip)]
    start: u64,
    /// Which part of a recovery it is: `seen`, `decided`, `freed`, `restored`, `started`, `moved`; else `other`.
    phase: &'static str,
    /// Who says so: a key, the tier, a measurement, or what is assumed.
    source: String,
    /// `specs/orders.toml:7`; empty where it stands in no input.
    place: String,
    /// How it was computed; empty where it was not.
    formula: String,
}

/// Something that is taken for granted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Assumption {
    /// Its code, among the `premises` of a sum.
    code: &'static str,
    /// In a sentence.
    text: &'static str,
}

/// A service in one of its regions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner<'a> {
    pub(super) service: &'a str,
    pub(super) region: &'a str,
}

/// Owners of a sum that are named.
const NAMED: usize = 3;

/// Terms of what is called: the last of a claim, where there is one.
const CALLED: &[&str] = &[step::WAIT, availability::CALLED];

/// Every sum of the page.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// By what they say: their places among the chains, and the number of each sum.
    known: BTreeMap<Common, (usize, BTreeMap<Own, usize>)>,
    owners: Vec<(Vec<String>, usize)>,
    premises: BTreeSet<Premise>,
}

impl Sums {
    /// The number of the sum of a claim.
    pub(super) fn number(&mut self, claim: &Claim, sources: &Sources, owner: Owner<'_>) -> usize {
        self.premises.extend(claim.premises.iter().copied());
        let (common, own) = sum(claim, sources);
        let chain = self.known.len() + 1;
        let (_, sums) = self.known.entry(common).or_insert_with(|| (chain, BTreeMap::new()));
        let number = *sums.entry(own).or_insert(self.owners.len() + 1);
        if number > self.owners.len() {
            self.owners.push((Vec::new(), 0));
        }
        let (named, more) = &mut self.owners[number - 1];
        match named.len() < NAMED {
            true => named.push(format!("{} in {}", owner.service, owner.region)),
            false => *more += 1,
        }
        number
    }

    /// What the claims take for granted, once each.
    pub(super) fn premises(&self) -> Vec<Assumption> {
        let one = |premise: &Premise| Assumption { code: premise.code(), text: premise.text() };
        self.premises.iter().map(one).collect()
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.owners.len()
    }

    /// All of them, in the order of their numbers.
    pub(super) fn into_chains(self) -> Vec<Chain> {
        let owners = self.owners;
        let sum = |(own, number): (Own, usize)| {
            let (owners, more) = owners[number - 1].clone();
            Sum { number, own, owners, more }
        };
        let mut chains: Vec<Chain> = (self.known.into_iter())
            .map(|(common, (number, sums))| {
                let mut sums: Vec<Sum> = sums.into_iter().map(sum).collect();
                sums.sort_by_key(|sum| sum.number);
                Chain { number, common, sums }
            })
            .collect();
        chains.sort_by_key(|chain| chain.number);
        chains
    }
}

fn sum(claim: &Claim, sources: &Sources) -> (Common, Own) {
    let mut start = 0;
    let terms = claim.terms.iter().map(|term| {
        let of = one_term(term, start, sources);
        start = start.saturating_add(term.total());
        of
    });
    let mut terms: Vec<OneTerm> = terms.collect();
    let drawn = claim.objective == Objective::Rto && terms.iter().any(|term| term.total > 0);
    let called = terms.pop_if(|term| CALLED.contains(&term.name));
    let common = Common {
        short: short(claim.objective),
        unit: claim.worst.map(|worst| cell::unit(worst.unit)).unwrap_or_default(),
        formula: claim.formula.to_string(),
        drawn,
        terms,
        premises: claim.premises.iter().map(|premise| premise.code()).collect(),
    };
    let worst = claim.worst.map(Shown::from);
    (common, Own { loss: claim.scope.lost(), called, worst })
}

fn one_term(term: &Term, start: u64, sources: &Sources) -> OneTerm {
    let total = crate::decide::proof::Amount { number: term.total(), unit: term.amount.unit };
    OneTerm {
        name: term.name,
        times: term.times,
        amount: term.amount.to_string(),
        total: total.number,
        total_text: Shown::from(total).text,
        start: if term.amount.unit == Unit::Seconds { start } else { 0 },
        phase: phase(term.name),
        source: term.source.to_string(),
        place: place::of(sources, &term.source).unwrap_or_default(),
        formula: term.formula.to_string(),
    }
}

/// The parts of a recovery, with the terms that each consists of.
const PHASES: &[(&str, &[&str])] = &[
    ("seen", &[step::DETECT]),
    ("decided", &[step::DECIDE]),
    ("freed", &[step::END, step::TAINT, step::EVICT, step::EVICT_DATABASE, step::DETACH]),
    (
        "restored",
        &[step::SYNC, step::OBJECTS, step::RESTORE, step::BASE, step::REPLAY, step::PROMOTE],
    ),
    (
        "started",
        &[
            step::RESTART,
            step::PULL,
            step::START,
            step::ELECT,
            step::INSTANCE,
            step::SCALE,
            step::WAIT,
        ],
    ),
    ("moved", &[step::ENDPOINTS, step::SWITCH]),
];

fn phase(name: &str) -> &'static str {
    let found = PHASES.iter().find(|(_, terms)| terms.contains(&name));
    found.map_or("other", |(phase, _)| phase)
}

/// Every loss, from the smallest.
pub(super) fn scopes() -> impl Iterator<Item = Scope> {
    Scope::ALL.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_a_recovery_has_its_phase() {
        let source = include_str!("../decide/proof/rto/mod.rs");
        let names = source.lines().filter_map(|line| {
            let line = line.trim().strip_prefix("pub const ")?;
            line.split('"').nth(1)
        });
        let names: Vec<&str> = names.collect();
        assert!(names.len() > 10);
        assert!(names.iter().all(|name| phase(name) != "other"), "{names:?}");
    }
}
