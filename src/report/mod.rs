//! The fleet as one page: what is promised, how near it is to its limits, and what each number rests
//! on.
//!
//! It reads proofs, queues and rooms as `decide` has them, and derives nothing of its own: what it
//! computes are lengths and positions of a drawing. The page needs nothing beside itself: no network,
//! no font, no script from elsewhere.

mod place; //    where a number is written, as text
mod overview; // the first screen
mod map; //      regions, zones, pools and their room
mod promises; // every service, every loss
mod cell; //     one claim, as tables show it
mod sums; //     the terms of each claim, once
mod graph; //    who depends on whom
mod layout; //   where a drawing of that has its boxes
mod week; //     backups, hour by hour
mod lists; //    drills, generations, accepted findings
pub mod foreign; // manifests without a ledger
mod page; //     the templates
mod json; //     what machines read of it

pub use json::SCHEMA;
pub use lists::Generation;

use crate::Fleet;
use crate::diag::Diagnostic;
use crate::quantity::Date;
use schemars::JsonSchema;
use serde::Serialize;

/// What is shown beside the fleet itself.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The former generations that the tree keeps.
    pub generations: Vec<Generation>,
    /// What was found, in the order in which it is shown.
    pub findings: Vec<Diagnostic>,
    /// The day on which what is due before is overdue; without it, nothing is.
    pub today: Option<Date>,
}

/// The fleet as one page: its promises, its room, its backups, and what is due.
// Templates read all of it; what `schemars` skips is only drawn, and no machine is told of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "ninefold report")]
pub struct Report {
    /// The version of Ninefold.
    version: &'static str,
    /// The fleet in a line, and what is at risk.
    overview: overview::Overview,
    /// Every region, with its zones, its pools and their room.
    regions: Vec<map::Region>,
    /// The losses that promises are about, from the smallest.
    losses: Vec<promises::Loss>,
    /// Every service, with what is promised of it.
    services: Vec<promises::Service>,
    #[schemars(skip)]
    panels: Vec<promises::Panel>,
    /// The terms of every claim: claims with the same terms share one, and sums that differ in what is
    /// called alone stand together.
    chains: Vec<sums::Chain>,
    /// How many sums there are.
    #[schemars(skip)]
    sums: usize,
    /// What the claims take for granted.
    premises: Vec<sums::Assumption>,
    /// Which tiers depend on which.
    graph: graph::Graph,
    /// The week of every Velero server.
    weeks: Vec<week::Week>,
    /// Every drill, what was never done first.
    drills: Vec<lists::Drill>,
    /// The former generations that the tree keeps.
    generations: Vec<Generation>,
    /// The findings that services accept, the one that ends first at the top.
    accepted: Vec<lists::Accepted>,
    /// What was found, errors first.
    findings: Vec<lists::Finding>,
}

impl Report {
    /// The report about a fleet. A promise that does not hold is shown as such.
    pub fn of(fleet: &Fleet, beside: Beside) -> Report {
        let mut all = sums::Sums::default();
        let services = promises::services(fleet, &mut all);
        let drills = lists::drills(fleet, beside.today);
        let accepted = lists::accepted(fleet);
        let findings = lists::findings(fleet, &beside.findings);
        let regions = map::regions(fleet);
        let mut generations = beside.generations;
        generations.sort();
        let shown = overview::Shown {
            services: &services,
            regions: &regions,
            drills: &drills,
            generations: &generations,
            accepted: &accepted,
            findings: &findings,
        };
        Report {
            version: env!("CARGO_PKG_VERSION"),
            overview: overview::of(fleet, &shown),
            losses: promises::losses(),
            graph: graph::of(fleet),
            weeks: week::all(fleet),
            premises: all.premises(),
            sums: all.count(),
            chains: all.into_chains(),
            regions,
            panels: promises::panels(&services),
            services,
            drills,
            generations,
            accepted,
            findings,
        }
    }

    /// As one HTML file.
    pub fn html(&self) -> String {
        page::html(self)
    }

    /// As JSON, for machines.
    pub fn json(&self) -> String {
        json::json(self)
    }

    /// As Markdown, for wikis.
    pub fn markdown(&self) -> String {
        page::markdown(self)
    }
}
