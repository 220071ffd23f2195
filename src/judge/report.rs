//! What came of it.

use super::cluster::Region;
use super::foreign::{Unread, Weakness};
use super::promise::Promise;
use super::verdict::count;
use super::{Question, World};
use crate::diag::json::schema_of;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// JSON Schema, draft 2020-12, of a report.
pub static SCHEMA: LazyLock<serde_json::Value> = LazyLock::new(schema_of::<Report>);

/// What can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// A node.
    Node,
    /// A zone.
    Zone,
    /// A region.
    Region,
}

/// How a zone is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Its nodes are gone, with every pod on them.
    #[default]
    Gone,
    /// Its nodes take no new pods, and its endpoints get no requests; pods stay, and are ready. A zonal
    /// shift of EKS does that, and whoever cordons a zone.
    Cordoned,
}

impl Scope {
    /// Its key in the ledger.
    pub(super) fn key(self) -> &'static str {
        match self {
            Scope::Node => "node",
            Scope::Zone => "zone",
            Scope::Region => "region",
        }
    }
}

/// One thing that is lost.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Loss {
    /// What it is.
    pub scope: Scope,
    /// The region that it is in, or is.
    pub region: String,
    /// The zone of the node, the zone, or the region.
    pub name: String,
    /// How it is lost.
    pub how: How,
    #[serde(skip)]
    pub(super) region_at: usize,
    #[serde(skip)]
    pub(super) zone: usize,
}

impl Loss {
    pub(super) fn zone(
        (scope, how): (Scope, How),
        region_at: usize,
        region: &Region,
        zone: usize,
    ) -> Loss {
        let name = region.zones[zone].name.clone();
        Loss { scope, region: region.name.clone(), name, how, region_at, zone }
    }

    pub(super) fn region(region_at: usize, region: &Region) -> Loss {
        let name = region.name.clone();
        let how = How::Gone;
        Loss { scope: Scope::Region, region: name.clone(), name, how, region_at, zone: 0 }
    }

    /// Whether somebody means it with this name: zones of two regions may share theirs.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name || format!("{}/{}", self.region, self.name) == name
    }

    /// `a node of eastus2-1`, `zone eastus2-1`, `region eastus2`.
    pub fn shown(&self) -> String {
        match self.scope {
            Scope::Node => format!("a node of {}", self.name),
            Scope::Zone if self.how == How::Cordoned => format!("zone {}, cordoned", self.name),
            Scope::Zone => format!("zone {}", self.name),
            Scope::Region => format!("region {}", self.name),
        }
    }
}

/// What is promised about a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Promised {
    /// What carries the peak stays.
    Peak,
    /// It serves again within its RTO, in seconds.
    Rto(u64),
    /// Nothing.
    Nothing,
}

/// Why a promise breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Reason {
    /// What is wrong, and what follows from it.
    pub text: String,
    /// The file that makes it so, below the tree; empty when none does.
    pub path: String,
}

/// What one loss does to one service, in the region that is hit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Outcome {
    /// The service.
    pub service: String,
    /// Its tier.
    pub tier: String,
    /// The loss.
    pub lost: Loss,
    /// What is promised about it.
    pub promised: Promised,
    /// Replicas that run before.
    pub replicas: usize,
    /// Replicas that must stay, or come back, to carry what must be carried.
    pub needed: usize,
    /// Replicas that stay, at worst.
    pub stay: usize,
    /// Replicas that come back elsewhere.
    pub back: usize,
    /// Seconds until those are ready, where that is known.
    pub within: Option<u64>,
    /// The terms of that sum, in seconds.
    pub terms: BTreeMap<&'static str, u64>,
    /// What else happens, in words.
    pub notes: Vec<String>,
    /// Why the promise breaks; empty when it holds.
    pub breaks: Vec<Reason>,
    /// Where a workload of which nobody promises anything stands: file and line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// What makes such a workload weak, whatever is lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weaknesses: Vec<Weakness>,
}

impl Outcome {
    /// What is promised, and has no workload.
    pub(super) fn missing(service: &str, promise: &Promise, loss: &Loss) -> Outcome {
        let text = format!(
            "the ledger promises {} in {}, and the tree has no workload for them",
            count(promise.replicas, "replica"),
            loss.region
        );
        Outcome {
            service: service.to_owned(),
            tier: String::new(),
            lost: loss.clone(),
            promised: Promised::Peak,
            replicas: 0,
            needed: promise.peak,
            stay: 0,
            back: 0,
            within: None,
            terms: BTreeMap::new(),
            notes: Vec::new(),
            breaks: vec![Reason { text, path: format!("ledger/{service}.json") }],
            at: String::new(),
            weaknesses: Vec::new(),
        }
    }

    /// The worst comes first.
    fn rank(&self) -> (bool, u8, i64, std::cmp::Reverse<u64>, usize, &Loss) {
        let margin = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        (
            self.breaks.is_empty(),
            match self.promised {
                Promised::Rto(_) => 0,
                Promised::Peak => 1,
                Promised::Nothing => 2,
            },
            margin(self.stay) - margin(self.needed),
            std::cmp::Reverse(self.within.unwrap_or(u64::MAX)),
            self.stay,
            &self.lost,
        )
    }
}

/// The worst outcome of each service, in the order of their names.
pub(super) fn worst(outcomes: Vec<Outcome>) -> Vec<Outcome> {
    let mut worst: BTreeMap<String, Outcome> = BTreeMap::new();
    for outcome in outcomes {
        match worst.get(&outcome.service) {
            Some(known) if known.rank() <= outcome.rank() => {}
            Some(_) | None => drop(worst.insert(outcome.service.clone(), outcome)),
        }
    }
    worst.into_values().collect()
}

/// The answer to a question.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "ninefold simulate")]
pub struct Report {
    /// What is lost.
    pub scope: Scope,
    /// Which one, when the question said so.
    pub name: Option<String>,
    /// How it is lost.
    pub how: How,
    /// Whether every promise holds.
    pub holds: bool,
    /// How many losses were tried.
    pub tried: usize,
    /// The worst of each service, in the order of their names.
    pub services: Vec<Outcome>,
    /// What every line rests on.
    pub premises: Vec<String>,
    /// Whether the tree has no ledger: its services are workloads then, of which nobody promises anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub foreign: bool,
    /// What of such a tree could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

impl Report {
    pub(super) fn new(
        question: &Question,
        losses: &[Loss],
        outcomes: Vec<Outcome>,
        world: &World<'_>,
    ) -> Report {
        let services = worst(outcomes);
        Report {
            scope: question.scope,
            name: question.name.clone(),
            how: question.how,
            holds: services.iter().all(|outcome| outcome.breaks.is_empty()),
            tried: losses.len(),
            premises: super::premises::of(question, losses, &services, world),
            services,
            foreign: false,
            unread: Vec::new(),
        }
    }

    /// For machines.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        format!("{}\n", text.expect("a report holds numbers and words"))
    }
}
