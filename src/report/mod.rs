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
mod page; //     the templates

pub use lists::Generation;

use crate::Fleet;
use crate::diag::Diagnostic;
use crate::quantity::Date;
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

/// Everything on the page, as templates read it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    version: &'static str,
    overview: overview::Overview,
    regions: Vec<map::Region>,
    losses: Vec<promises::Loss>,
    services: Vec<promises::Service>,
    panels: Vec<promises::Panel>,
    chains: Vec<sums::Chain>,
    sums: usize,
    premises: Vec<sums::Assumption>,
    graph: graph::Graph,
    weeks: Vec<week::Week>,
    drills: Vec<lists::Drill>,
    generations: Vec<Generation>,
    accepted: Vec<lists::Accepted>,
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

    /// As Markdown, for wikis.
    pub fn markdown(&self) -> String {
        page::markdown(self)
    }
}
