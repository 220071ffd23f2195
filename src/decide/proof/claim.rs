//! One claim: what holds of a service when something is lost.

use super::{Amount, Premise, Source, Term};
use std::borrow::Cow;

/// What may be lost at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// A pod: it crashes, or it hangs.
    Pod,
    /// A node, with every pod on it.
    Node,
    /// A zone, with every node in it.
    Zone,
    /// The region, with its cluster.
    Region,
    /// The data: deleted or damaged, while everything runs.
    Data,
}

impl Scope {
    /// All of them, from the smallest loss.
    pub const ALL: [Scope; 5] = [Scope::Pod, Scope::Node, Scope::Zone, Scope::Region, Scope::Data];

    /// The key in the ledger.
    pub fn key(self) -> &'static str {
        match self {
            Scope::Pod => "pod",
            Scope::Node => "node",
            Scope::Zone => "zone",
            Scope::Region => "region",
            Scope::Data => "data",
        }
    }

    /// What is lost: `a zone`.
    pub fn lost(self) -> &'static str {
        match self {
            Scope::Pod => "a pod",
            Scope::Node => "a node",
            Scope::Zone => "a zone",
            Scope::Region => "the region",
            Scope::Data => "data",
        }
    }

    /// In a sentence: `the loss of a zone`.
    pub fn words(self) -> &'static str {
        match self {
            Scope::Pod => "the loss of a pod",
            Scope::Node => "the loss of a node",
            Scope::Zone => "the loss of a zone",
            Scope::Region => "the loss of the region",
            Scope::Data => "the loss or corruption of data",
        }
    }
}

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Objective {
    /// The most data that is lost, as time.
    Rpo,
    /// The longest time until the peak is served again.
    Rto,
    /// The fewest replicas that are left.
    Survivors,
    /// The share of a year for which it serves.
    Availability,
}

impl Objective {
    /// The key in the ledger.
    pub fn key(self) -> &'static str {
        match self {
            Objective::Rpo => "rpo",
            Objective::Rto => "rto",
            Objective::Survivors => "survivors",
            Objective::Availability => "availability",
        }
    }

    /// Whether more is better: the promise is then the least that is kept.
    pub fn more_is_better(self) -> bool {
        match self {
            Objective::Rpo | Objective::Rto => false,
            Objective::Survivors | Objective::Availability => true,
        }
    }
}

/// What was promised, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// How much.
    pub amount: Amount,
    /// Where it is written.
    pub source: Source,
}

/// One claim about one loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What is lost.
    pub scope: Scope,
    /// What is claimed.
    pub objective: Objective,
    /// The numbers, in the order in which they are added.
    pub terms: Vec<Term>,
    /// How they make the worst case, in words.
    pub formula: Cow<'static, str>,
    /// The worst case; none where nothing bounds it.
    pub worst: Option<Amount>,
    /// What was promised; none where the spec promises nothing about this loss.
    pub promised: Option<Promised>,
    /// What is taken for granted, in their order.
    pub premises: Vec<Premise>,
    /// Whether an object of the user's own is not what it was derived from: then nothing is claimed.
    pub void: bool,
}

/// Whether a claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The worst case is within the promise.
    Kept,
    /// It is not.
    Broken,
    /// Nothing was promised about this loss; the worst case is shown all the same.
    NotPromised,
    /// Nobody knows: an object of the user's own is not what it was derived from.
    Void,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Kept => "kept",
            Verdict::Broken => "broken",
            Verdict::NotPromised => "not promised",
            Verdict::Void => "void",
        }
    }
}

impl Claim {
    /// A claim whose worst case is the sum of its terms, which are times.
    pub fn sum(scope: Scope, objective: Objective, terms: Vec<Term>) -> Claim {
        let seconds = terms.iter().fold(0u64, |sum, term| sum.saturating_add(term.total()));
        let time = crate::quantity::Duration::seconds(seconds);
        let worst = Some(Amount::seconds(time));
        let formula = Cow::Borrowed("the sum");
        let (promised, premises, void) = (None, Vec::new(), false);
        Claim { scope, objective, terms, formula, worst, promised, premises, void }
    }

    /// A claim that nothing bounds.
    pub fn unbounded(scope: Scope, objective: Objective, why: &'static str) -> Claim {
        let claim = Claim::sum(scope, objective, Vec::new());
        Claim { formula: Cow::Borrowed(why), worst: None, ..claim }
    }

    /// The same once `by` is not what it was derived from: nothing bounds the worst case.
    pub fn voided(&mut self, by: &str) {
        self.terms.clear();
        self.worst = None;
        self.formula = match self.void {
            true => format!("{}; {by}", self.formula).into(),
            false => format!("void by {by}").into(),
        };
        self.void = true;
    }

    /// The same, held against a promise.
    pub fn promised(mut self, amount: Amount, source: Source) -> Claim {
        self.promised = Some(Promised { amount, source });
        self
    }

    /// The same, with how its terms make the worst case.
    pub fn by(mut self, formula: &'static str) -> Claim {
        self.formula = Cow::Borrowed(formula);
        self
    }

    /// The same, with something that is taken for granted.
    pub fn given(mut self, premises: impl IntoIterator<Item = Premise>) -> Claim {
        debug_assert!(self.premises.is_sorted(), "{:?}", self.premises);
        for premise in premises {
            if let Err(at) = self.premises.binary_search(&premise) {
                self.premises.insert(at, premise);
            }
        }
        self
    }

    /// Whether it holds.
    pub fn verdict(&self) -> Verdict {
        if self.void {
            return Verdict::Void;
        }
        let Some(promised) = &self.promised else { return Verdict::NotPromised };
        let kept = self.worst.is_some_and(|worst| match self.objective.more_is_better() {
            true => worst.number >= promised.amount.number,
            false => worst.number <= promised.amount.number,
        });
        if kept { Verdict::Kept } else { Verdict::Broken }
    }

    /// How much more could be lost before the promise breaks; none where there is no promise or
    /// no bound, negative where it is broken.
    pub fn margin(&self) -> Option<i64> {
        let promised = i64::try_from(self.promised.as_ref()?.amount.number).ok()?;
        let worst = i64::try_from(self.worst?.number).ok()?;
        Some(if self.objective.more_is_better() { worst - promised } else { promised - worst })
    }

    /// The term of that name.
    pub fn term(&self, name: &str) -> Option<&Term> {
        self.terms.iter().find(|term| term.name == name)
    }

    /// The sum in words: `2 × 15m between two backups + 2m ticks + …`.
    pub fn sum_words(&self) -> String {
        let terms: Vec<String> =
            self.terms.iter().filter(|term| term.total() > 0).map(Term::words).collect();
        if terms.is_empty() { self.formula.to_string() } else { terms.join(" + ") }
    }
}
