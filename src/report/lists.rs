//! What is due, what is kept and what is accepted.

use super::place;
use crate::Fleet;
use crate::diag::{Diagnostic, Severity, natural};
use crate::pages::calendar;
use crate::quantity::Date;
use crate::tree::Ledger;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A drill of a service.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Drill {
    /// The service.
    service: String,
    /// What is done.
    what: &'static str,
    /// Days between two.
    every: u64,
    /// The day of the last; empty when it was never measured.
    last: String,
    /// The day until which the next is due; empty when it is due at once.
    due: String,
    /// Whether it was never done.
    pub(super) never: bool,
    /// Whether it should have been done before the day named by `--today`.
    pub(super) overdue: bool,
}

/// Every drill: what was never done first, then by the day on which it is due.
pub(super) fn drills(fleet: &Fleet, today: Option<Date>) -> Vec<Drill> {
    let services = fleet.model().services().iter();
    let mut drills: Vec<calendar::Drill> =
        services.flat_map(|service| calendar::of(fleet.decided(), service)).collect();
    drills.sort_by(calendar::Drill::in_order);
    let one = |drill: calendar::Drill| Drill {
        overdue: today.is_some_and(|today| drill.overdue(today)),
        never: drill.last.is_none(),
        service: drill.service,
        what: drill.what,
        every: drill.every,
        last: drill.last.unwrap_or_default(),
        due: drill.due.unwrap_or_default(),
    };
    drills.into_iter().map(one).collect()
}

/// A former generation that the tree keeps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Generation {
    /// The service.
    pub service: String,
    /// What it is a generation of: `workload`.
    pub of: String,
    /// Its suffix.
    pub generation: String,
    /// The regions in which it is.
    pub regions: Vec<String>,
    /// How many objects it has.
    pub objects: usize,
}

impl Generation {
    /// Those that a ledger speaks of.
    pub fn in_ledger(ledger: &Ledger) -> Vec<Generation> {
        let mut found: BTreeMap<(&str, &str), (BTreeSet<&str>, usize)> = BTreeMap::new();
        for entry in ledger.objects() {
            let Some(retained) = &entry.retained else { continue };
            let of = found.entry((&retained.of, &retained.generation)).or_default();
            of.0.insert(&entry.region);
            of.1 += 1;
        }
        let one =
            |((of, generation), (regions, objects)): ((&str, &str), (BTreeSet<&str>, usize))| {
                Generation {
                    service: ledger.unit().to_owned(),
                    of: of.to_owned(),
                    generation: generation.to_owned(),
                    regions: regions.into_iter().map(str::to_owned).collect(),
                    objects,
                }
            };
        found.into_iter().map(one).collect()
    }
}

/// A finding that a service accepts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Accepted {
    /// The service.
    pub(super) service: String,
    /// The code of the finding.
    pub(super) rule: String,
    /// Why it is accepted.
    reason: String,
    /// The last day on which it is.
    pub(super) until: String,
    /// Where that is written.
    place: String,
}

/// All of them, the one that ends first at the top.
pub(super) fn accepted(fleet: &Fleet) -> Vec<Accepted> {
    let mut accepted = Vec::new();
    for service in fleet.model().services() {
        for (index, accept) in service.accepts.iter().enumerate() {
            let span = service.at(&["accept", &index.to_string(), "rule"]);
            accepted.push(Accepted {
                service: service.name.to_string(),
                rule: accept.rule.clone(),
                reason: accept.reason.clone(),
                until: accept.until.to_string(),
                place: place::of_span(fleet.sources(), span),
            });
        }
    }
    accepted.sort_by(|a, b| {
        let by_day = a.until.cmp(&b.until);
        by_day.then_with(|| natural(&a.service, &b.service)).then_with(|| a.rule.cmp(&b.rule))
    });
    accepted
}

/// A finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Finding {
    /// `error` or `warning`.
    pub(super) severity: &'static str,
    /// Its code: `ninefold explain CODE` prints its page.
    code: &'static str,
    /// What is wrong, in a phrase.
    message: String,
    /// Where: `specs/orders.toml:7`; empty where no input is to blame.
    place: String,
    /// What to write instead; may be empty.
    help: String,
    /// How many more of its kind are not shown.
    pub(super) more: usize,
}

/// Findings of one kind that are shown.
const SHOWN: usize = 20;

/// What was found, errors first; of a warning that there is again and again, the first ones.
pub(super) fn findings(fleet: &Fleet, found: &[Diagnostic]) -> Vec<Finding> {
    let mut found: Vec<&Diagnostic> = found.iter().collect();
    found.sort_by_key(|finding| finding.severity);
    let one = |finding: &Diagnostic| Finding {
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        code: finding.code.name(),
        message: finding.message.clone(),
        place: (finding.primary.as_ref())
            .map(|label| place::of_span(fleet.sources(), label.span))
            .unwrap_or_default(),
        help: finding.help.clone().unwrap_or_default(),
        more: 0,
    };
    let mut shown: Vec<Finding> = Vec::new();
    let mut of_kind: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for finding in found {
        let (count, last) = of_kind.entry(finding.code.name()).or_default();
        *count += 1;
        if *count > SHOWN && finding.severity == Severity::Warning {
            shown[*last].more += 1;
            continue;
        }
        *last = shown.len();
        shown.push(one(finding));
    }
    shown
}
