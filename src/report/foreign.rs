//! The page about manifests that run today, of which there is no spec: where they run, what each loss
//! does to each workload, and what makes it weak.

use super::page;
use crate::judge::foreign::{Foreign, Unread, Weak};
use crate::judge::{How, Outcome, Problem, Question, Scope};
use crate::quantity::Duration;
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything on the page, as templates read it.
#[derive(Clone, Debug, Serialize)]
pub struct Page {
    version: &'static str,
    folder: String,
    regions: Vec<Region>,
    losses: [&'static str; 3],
    workloads: Vec<Workload>,
    /// How many workloads each loss takes down at worst.
    down: [usize; 3],
    weaknesses: Vec<Shared>,
    unread: Vec<Unread>,
    premises: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Region {
    name: String,
    zones: Vec<Zone>,
}

#[derive(Clone, Debug, Serialize)]
struct Zone {
    name: String,
    nodes: usize,
}

#[derive(Clone, Debug, Serialize)]
struct Workload {
    name: String,
    at: String,
    replicas: usize,
    /// Of a node, a zone, a region.
    cells: Vec<Cell>,
    /// Why it comes back late, or not at all.
    reasons: Vec<Reason>,
}

/// Why a workload comes back late, or not at all.
#[derive(Clone, Debug, Serialize)]
struct Reason {
    /// The losses for which it is the same: `a node or a zone`.
    losses: String,
    text: String,
}

/// What the worst loss of a scope does to a workload.
#[derive(Clone, Debug, Serialize)]
struct Cell {
    /// The class of its colour: `kept`, `near` or `broken`.
    state: &'static str,
    symbol: &'static str,
    stay: usize,
    replicas: usize,
    then: String,
    notes: String,
}

/// A weakness, and who has it.
#[derive(Clone, Debug, Serialize)]
struct Shared {
    title: &'static str,
    of: Vec<(String, String)>,
}

const SCOPES: [Scope; 3] = [Scope::Node, Scope::Zone, Scope::Region];

/// The same in a sentence.
const LOSSES: [&str; 3] = ["a node", "a zone", "a region"];

impl Page {
    /// The page about what stands in `folder`.
    ///
    /// # Errors
    ///
    /// When a loss has no answer.
    pub fn of(folder: &str, foreign: &Foreign) -> Result<Page, Problem> {
        let mut workloads: BTreeMap<String, Workload> = BTreeMap::new();
        let mut weaknesses: BTreeMap<Weak, Vec<(String, String)>> = BTreeMap::new();
        let mut premises: Vec<String> = Vec::new();
        let mut unread = Vec::new();
        let mut down = [0; 3];
        for (at, scope) in SCOPES.into_iter().enumerate() {
            let report = foreign.lose(&Question { scope, name: None, how: How::Gone })?;
            for premise in report.premises {
                if !premises.contains(&premise) {
                    premises.push(premise);
                }
            }
            unread = report.unread;
            for outcome in &report.services {
                down[at] += usize::from(outcome.stay == 0);
                let workload =
                    workloads.entry(outcome.service.clone()).or_insert_with(|| Workload {
                        name: outcome.service.clone(),
                        at: outcome.at.clone(),
                        replicas: outcome.replicas,
                        cells: Vec::new(),
                        reasons: Vec::new(),
                    });
                workload.cells.push(Cell::of(outcome));
                if at == 0 {
                    for weakness in &outcome.weaknesses {
                        let own = (outcome.service.clone(), weakness.text.clone());
                        weaknesses.entry(weakness.kind).or_default().push(own);
                    }
                }
            }
        }
        for workload in workloads.values_mut() {
            workload.reasons = reasons(&workload.cells);
        }
        let places = foreign.places().into_iter();
        let zone = |(name, nodes)| Zone { name, nodes };
        Ok(Page {
            version: env!("CARGO_PKG_VERSION"),
            folder: folder.to_owned(),
            regions: places
                .map(|(name, zones)| Region { name, zones: zones.into_iter().map(zone).collect() })
                .collect(),
            losses: ["A node", "A zone", "A region"],
            workloads: workloads.into_values().collect(),
            down,
            weaknesses: (weaknesses.into_iter())
                .map(|(kind, of)| Shared { title: kind.title(), of })
                .collect(),
            unread,
            premises,
        })
    }

    /// As one HTML file.
    pub fn html(&self) -> String {
        page::foreign_html(self)
    }

    /// As Markdown, for wikis.
    pub fn markdown(&self) -> String {
        page::foreign_markdown(self)
    }
}

/// The notes of the cells of a workload, each with the losses that have it.
fn reasons(cells: &[Cell]) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for (loss, cell) in LOSSES.iter().zip(cells).filter(|(_, cell)| !cell.notes.is_empty()) {
        match reasons.iter_mut().find(|reason| reason.text == cell.notes) {
            Some(reason) => reason.losses.push_str(&format!(" or {loss}")),
            None => reasons.push(Reason { losses: (*loss).to_owned(), text: cell.notes.clone() }),
        }
    }
    reasons
}

impl Cell {
    fn of(outcome: &Outcome) -> Cell {
        let within = outcome.within.map(|within| Duration::seconds(within).to_string());
        let (state, symbol) = match (outcome.stay, outcome.back) {
            (0, 0) => ("broken", "✗"),
            (0, _) => ("near", "△"),
            _ => ("kept", "✓"),
        };
        let then = match (outcome.stay, within) {
            (0, Some(within)) => format!("down {within}"),
            (0, None) => "down".to_owned(),
            (_, Some(within)) => format!("{} back in {within}", outcome.back),
            (_, None) => String::new(),
        };
        Cell {
            state,
            symbol,
            stay: outcome.stay,
            replicas: outcome.replicas,
            then,
            notes: outcome.notes.join("; "),
        }
    }
}
