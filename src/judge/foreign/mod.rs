//! What a loss does to what runs today: manifests of which nobody promises anything.
//!
//! The objects are read as those of a tree are, and scheduled onto the nodes that are among them, onto
//! those of a fleet, or onto nodes that are assumed. No promise can break; what can be said is what is
//! left, what comes back and when, and what makes a workload weak.

mod claims; //   volumes, and whether a backup has them
mod nodes; //    the cluster, as far as somebody knows it
mod read; //     objects → what runs
mod loss; //     one loss
mod weak; //     what makes a workload weak
mod premises; // what the answer rests on
pub(super) mod text; // for people

pub use read::Claim;
pub use weak::{Weak, Weakness};

use super::cluster::{Region, Zone};
use super::fields::Problem;
use super::pods::Budget;
use super::report::{self, Loss, Report, Scope};
use super::{Outcome, Question};
use crate::diag::did_you_mean;
use crate::model::Fleet;
use crate::quantity::{Bytes, Cpu};
use crate::yaml::Value;
use read::Running;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// An object as it was found.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its file.
    pub file: String,
    /// The line at which it says its kind, from 1.
    pub line: usize,
    /// `apps/v1`
    pub api_version: String,
    /// `Deployment`
    pub kind: String,
    /// Its namespace; `default` where it says none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// All that it says.
    pub value: Value,
}

impl Seen {
    /// Its file and line.
    pub fn at(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// `Deployment/shop/web`
    pub fn shown(&self) -> String {
        spelled(&format!("{}/{}/{}", self.kind, self.namespace, self.name))
    }

    fn group(&self) -> &str {
        crate::kube::schema::group(&self.api_version)
    }
}

/// The text with what a terminal would act on written out: nobody has judged these names.
pub(crate) fn spelled(text: &str) -> String {
    let spell = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(spell).collect()
}

/// Something that could not be read, so that the answer knows nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Unread {
    /// Its file and line, or its file.
    pub at: String,
    /// Why.
    pub why: String,
}

/// What is known of the cluster beside the objects.
#[derive(Clone, Copy, Debug)]
pub enum Beside<'a> {
    /// What a fleet declares.
    Fleet(&'a Fleet),
    /// Nothing: what is assumed.
    Assumed(Assumed),
}

/// A cluster of which nobody says anything.
#[derive(Clone, Copy, Debug)]
pub struct Assumed {
    /// How many zones it has.
    pub zones: usize,
    /// How many nodes each of them has.
    pub nodes: usize,
    /// What pods may ask for on a node; none where nobody says, and everything has room.
    pub size: Option<(Cpu, Bytes)>,
}

/// Where the cluster is known from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    /// From nodes among the objects: so many, and so many that take no pods.
    Nodes {
        taken: usize,
        closed: usize,
        unequal: bool,
        unzoned: bool,
    },
    /// From a fleet, of that day.
    Fleet(String),
    Assumed {
        sized: bool,
    },
}

/// Manifests that run today, and the cluster that they run in.
#[derive(Debug)]
pub struct Foreign {
    regions: Vec<Region>,
    origin: Origin,
    running: Vec<Running>,
    budgets: Vec<Budget>,
    /// Pods on every node: their names.
    daemons: Vec<String>,
    /// Kinds whose pods nobody knows.
    unknown: BTreeSet<String>,
    /// Storage classes that nobody describes.
    guessed: BTreeSet<String>,
    /// Where files say no region, and there are several: the one that is taken.
    region_is_guessed: Option<String>,
    unread: Vec<Unread>,
}

/// A region, its zones, and how many nodes each of them has.
pub type Place = (String, Vec<(String, usize)>);

impl Foreign {
    /// Reads what runs.
    pub fn read(seen: &[Seen], unread: Vec<Unread>, beside: Beside<'_>) -> Foreign {
        read::read(seen, unread, beside)
    }

    /// How many workloads there are.
    pub fn workloads(&self) -> usize {
        self.running.iter().filter(|one| !one.workload.ends).count()
    }

    /// What they are called, in order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = (self.running.iter())
            .filter(|one| !one.workload.ends)
            .map(|one| one.workload.service.as_str())
            .collect();
        names.dedup();
        names
    }

    /// Its regions.
    pub fn places(&self) -> Vec<Place> {
        let zone = |zone: &Zone| (zone.name.clone(), zone.nodes);
        let place =
            |region: &Region| (region.name.clone(), region.zones.iter().map(zone).collect());
        self.regions.iter().map(place).collect()
    }

    /// The claims of a workload, as [`Outcome::service`] calls it.
    pub fn claims(&self, service: &str) -> &[Claim] {
        let found = self.running.iter().find(|one| one.workload.service == service);
        found.map_or(&[], |one| &one.claims)
    }

    /// Loses what is asked for, and says what comes of it.
    ///
    /// # Errors
    ///
    /// When nothing has the name that is asked for.
    pub fn lose(&self, question: &Question) -> Result<Report, Problem> {
        let losses = self.losses(question)?;
        let outcomes = match question.scope {
            Scope::Node | Scope::Zone => loss::of_nodes(self, &losses),
            Scope::Region => loss::of_regions(self, &losses),
        };
        let services: Vec<Outcome> = report::worst(outcomes);
        Ok(Report {
            scope: question.scope,
            name: question.name.clone(),
            how: question.how,
            holds: true,
            tried: losses.len(),
            premises: premises::of(self, question.scope, &losses),
            services,
            foreign: true,
            unread: self.unread.clone(),
        })
    }

    fn losses(&self, question: &Question) -> Result<Vec<Loss>, Problem> {
        let regions = self.regions.iter().enumerate();
        let all: Vec<Loss> = match question.scope {
            Scope::Region => regions.map(|(at, region)| Loss::region(at, region)).collect(),
            Scope::Node | Scope::Zone => regions
                .flat_map(|(at, region)| {
                    let zones = 0..region.zones.len();
                    zones.map(move |zone| {
                        Loss::zone((question.scope, question.how), at, region, zone)
                    })
                })
                .collect(),
        };
        let Some(name) = &question.name else { return Ok(all) };
        let found: Vec<Loss> = all.iter().filter(|loss| loss.is_called(name)).cloned().collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let what = if question.scope == Scope::Region { "region" } else { "zone" };
        let names: Vec<&str> = all.iter().map(|loss| loss.name.as_str()).collect();
        Err(Problem {
            path: String::new(),
            message: format!("there is no {what} called `{name}`"),
            help: did_you_mean(name, names.iter().copied()),
        })
    }

    /// What runs, by its region and by what it is called.
    fn by_name(&self) -> BTreeMap<(&str, &str), &Running> {
        let named = self.running.iter();
        named
            .map(|one| {
                let workload = &one.workload;
                ((workload.place.region.as_str(), workload.service.as_str()), one)
            })
            .collect()
    }
}
