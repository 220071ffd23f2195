//! The terms of each claim. Claims with the same terms from the same places share one sum, so that a
//! page of a thousand services stays small.

use super::cell::{self, Shown, loss, short};
use super::place;
use crate::decide::proof::rto::step;
use crate::decide::proof::{Claim, Objective, Premise, Scope, Term, Unit};
use crate::diag::Sources;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is added up for one claim, or for several that are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Sum {
    /// Counted from 1.
    number: usize,
    /// `RTO`.
    short: &'static str,
    /// `a zone`.
    loss: &'static str,
    /// `seconds`, `replicas`, `millionths`; empty where nothing bounds the worst case.
    unit: &'static str,
    /// The worst case.
    worst: Option<Shown>,
    /// How the terms make the worst case.
    formula: String,
    /// The terms, in the order in which they are added.
    terms: Vec<OneTerm>,
    /// The codes of what is taken for granted.
    premises: Vec<&'static str>,
    /// Whether it is drawn as a time line.
    drawn: bool,
    /// Whose it is: `orders in eastus2`.
    owners: Vec<String>,
    /// How many more there are.
    more: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct OneTerm {
    name: &'static str,
    times: u64,
    amount: String,
    /// Times × amount.
    total: u64,
    total_text: String,
    /// Where its part of the time line begins.
    start: u64,
    /// Which part of a recovery it is: a class of the style sheet.
    phase: &'static str,
    source: String,
    /// `specs/orders.toml:7`; empty where it stands in no input.
    place: String,
    formula: String,
}

/// Something that is taken for granted.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Assumption {
    code: &'static str,
    text: &'static str,
}

/// A service in one of its regions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner<'a> {
    pub(super) service: &'a str,
    pub(super) region: &'a str,
}

/// Owners of a sum that are named.
const NAMED: usize = 6;

/// Every sum of the page.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// By what they say, with their numbers.
    known: BTreeMap<Sum, usize>,
    owners: Vec<(Vec<String>, usize)>,
    premises: BTreeSet<Premise>,
}

impl Sums {
    /// The number of the sum of a claim.
    pub(super) fn number(&mut self, claim: &Claim, sources: &Sources, owner: Owner<'_>) -> usize {
        self.premises.extend(claim.premises.iter().copied());
        let next = self.known.len() + 1;
        let number = *self.known.entry(sum(claim, sources)).or_insert(next);
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

    /// All of them, in the order of their numbers.
    pub(super) fn into_sums(self) -> Vec<Sum> {
        let owners = self.owners;
        let mut sums: Vec<Sum> = (self.known.into_iter())
            .map(|(sum, number)| {
                let (named, more) = owners[number - 1].clone();
                Sum { number, owners: named, more, ..sum }
            })
            .collect();
        sums.sort_by_key(|sum| sum.number);
        sums
    }
}

fn sum(claim: &Claim, sources: &Sources) -> Sum {
    let mut start = 0;
    let terms = claim.terms.iter().map(|term| {
        let of = one_term(term, start, sources);
        start = start.saturating_add(term.total());
        of
    });
    let terms: Vec<OneTerm> = terms.collect();
    Sum {
        number: 0,
        short: short(claim.objective),
        loss: loss(claim.scope),
        unit: claim.worst.map(|worst| cell::unit(worst.unit)).unwrap_or_default(),
        worst: claim.worst.map(Shown::from),
        formula: claim.formula.to_string(),
        drawn: claim.objective == Objective::Rto && terms.iter().any(|term| term.total > 0),
        terms,
        premises: claim.premises.iter().map(|premise| premise.code()).collect(),
        owners: Vec::new(),
        more: 0,
    }
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
        formula: term.formula.clone(),
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
