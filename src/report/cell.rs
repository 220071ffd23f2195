//! One claim, as tables show it.

use super::sums::{Owner, Sums};
use crate::decide::proof::{Amount, Claim, Objective, Unit, Verdict};
use crate::diag::Sources;
use schemars::JsonSchema;
use serde::Serialize;

/// A claim about one objective at one loss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Cell {
    /// `rpo`, `rto`, `survivors`, `availability`.
    pub(super) objective: &'static str,
    /// `RPO`, `RTO`, `left`, `up`.
    #[schemars(skip)]
    pub(super) short: &'static str,
    /// The worst case; none where nothing bounds it.
    pub(super) worst: Option<Shown>,
    /// What is promised.
    pub(super) promised: Option<Shown>,
    /// What is left of the promise; what lacks where it is broken.
    pub(super) margin: Option<Shown>,
    /// How it stands.
    pub(super) state: State,
    /// A symbol beside the colour of the state.
    #[schemars(skip)]
    pub(super) symbol: &'static str,
    /// `kept`, `broken`, `not promised`, `void`.
    pub(super) verdict: &'static str,
    /// How the terms make the worst case; why nothing bounds it.
    pub(super) formula: String,
    /// Whether a part of the worst case is assumed.
    pub(super) assumed: bool,
    /// The number of its sum, among `sums`.
    pub(super) sum: usize,
    /// The length of its time line, in percent of the longest beside it: `34.1`.
    #[schemars(skip)]
    pub(super) length: String,
    /// How much of the promise the worst case takes, in thousandths: to compare, not to show.
    #[serde(skip)]
    pub(super) used: Option<u64>,
}

/// How a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// Nothing is promised.
    Open,
    /// The promise is kept.
    Kept,
    /// It is kept, and less than a quarter of it is left.
    Near,
    /// It is broken, or nobody knows.
    Broken,
}

/// A number with its unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub(super) struct Shown {
    /// In seconds, replicas, or millionths.
    pub(super) number: u64,
    /// As people read it.
    pub(super) text: String,
}

impl From<Amount> for Shown {
    fn from(amount: Amount) -> Shown {
        Shown { number: amount.number, text: amount.to_string() }
    }
}

impl Cell {
    /// Draws its time line beside others, of which the longest takes so many seconds.
    pub(super) fn scale(&mut self, longest: u64) {
        let worst = self.worst.as_ref().map_or(0, |worst| worst.number);
        let thousandths = worst.saturating_mul(1000) / longest;
        self.length = format!("{}.{}", thousandths / 10, thousandths % 10);
    }
}

/// From which share of a promise on, in thousandths, little is left.
const NEAR: u64 = 750;

/// How a claim of `owner` is shown.
pub(super) fn of(claim: &Claim, sources: &Sources, owner: Owner<'_>, sums: &mut Sums) -> Cell {
    let used = used(claim);
    let state = match claim.verdict() {
        Verdict::NotPromised => State::Open,
        Verdict::Broken | Verdict::Void => State::Broken,
        Verdict::Kept if used.is_some_and(|used| used > NEAR) => State::Near,
        Verdict::Kept => State::Kept,
    };
    Cell {
        objective: claim.objective.key(),
        short: short(claim.objective),
        worst: claim.worst.map(Shown::from),
        promised: claim.promised.as_ref().map(|promised| promised.amount.into()),
        margin: margin(claim),
        state,
        symbol: match state {
            State::Open => "–",
            State::Kept => "✓",
            State::Near => "△",
            State::Broken => "✗",
        },
        verdict: claim.verdict().word(),
        formula: claim.formula.to_string(),
        assumed: claim.terms.iter().any(|term| term.total() > 0 && term.source.is_assumed()),
        sum: sums.number(claim, sources, owner),
        length: String::new(),
        used,
    }
}

/// Of times: replicas and shares of a year are kept or not, and nothing of them is used up.
fn used(claim: &Claim) -> Option<u64> {
    let promised = claim.promised.as_ref().filter(|_| !claim.objective.more_is_better())?;
    Some(claim.worst?.number.saturating_mul(1000) / promised.amount.number.max(1))
}

fn margin(claim: &Claim) -> Option<Shown> {
    let margin = claim.margin()?;
    let unit = claim.worst?.unit;
    let shown = Amount { number: margin.unsigned_abs(), unit }.to_string();
    let text = if margin < 0 { format!("−{shown}") } else { shown };
    Some(Shown { number: margin.unsigned_abs(), text })
}

/// The short word for an objective.
pub(super) fn short(objective: Objective) -> &'static str {
    match objective {
        Objective::Rpo => "RPO",
        Objective::Rto => "RTO",
        Objective::Survivors => "left",
        Objective::Availability => "up",
    }
}

/// The name of a unit: of what the numbers of a claim are.
pub(super) fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "seconds",
        Unit::Replicas => "replicas",
        Unit::MilliCpu => "millicpu",
        Unit::Bytes => "bytes",
        Unit::Millionths => "millionths",
    }
}
