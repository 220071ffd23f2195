//! What the templates of cards say. As in `plan::values`, every value is decided.

use super::super::calendar;
use super::super::variables::Variables;
use super::Loss;
use crate::kube::RegionName;
use serde::Serialize;

/// A card: what differs between services.
#[derive(Debug, Serialize)]
pub(crate) struct Card {
    /// The service.
    pub(crate) service: String,
    /// Who answers for it; none when nobody is named.
    pub(crate) team: Option<String>,
    /// Its tier.
    pub(crate) tier: String,
    /// `warm standby`
    pub(crate) strategy: &'static str,
    /// The most data that may be lost.
    pub(crate) rpo: String,
    /// The longest time until it serves again.
    pub(crate) rto: String,
    /// Whether anything that it writes is kept.
    pub(crate) writes_data: bool,
    /// What all procedures need, as assignments.
    pub(crate) variables: Vec<String>,
    /// The service in each region.
    pub(crate) places: Vec<Place>,
    /// Whether it is known where users come in, in some region.
    pub(crate) entered: bool,
    /// What each loss means.
    pub(crate) sections: Vec<Section>,
    /// What must stand in regions that take over.
    pub(crate) checks: Vec<Check>,
    /// Its drills.
    pub(crate) drills: Vec<calendar::Drill>,
    /// How those that restore are done.
    pub(crate) drilled: Vec<Section>,
    /// The objects that a person applies once.
    pub(crate) files: Vec<String>,
    /// Whether it is part of a page on which everything is filled in.
    pub(crate) printed: bool,
}

/// A service in a region.
#[derive(Debug, Serialize)]
pub(crate) struct Place {
    /// The region.
    pub(crate) region: String,
    /// Its cluster.
    pub(crate) cluster: String,
    /// Where users come in, where that is known.
    pub(crate) address: Option<String>,
    /// What the region does for the service.
    pub(crate) role: &'static str,
    /// Replicas that run.
    pub(crate) replicas: u32,
    /// Replicas that carry the peak.
    pub(crate) peak: u32,
    /// Replicas left after the loss of any zone.
    pub(crate) survivors: u32,
    /// How long after a zone is back as many are left once more; none where nothing evens them out.
    pub(crate) again: Option<String>,
}

/// What one loss means, and what is done then.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Section {
    /// What is lost.
    #[serde(skip)]
    pub(crate) loss: Loss,
    /// Its heading: "eastus2 is lost".
    pub(crate) title: String,
    /// What a procedure cannot know.
    pub(crate) notes: Vec<String>,
    /// What is claimed.
    pub(crate) claims: Vec<Claimed>,
    /// Whether claims differ from region to region, so that each names its own.
    pub(crate) several: bool,
    /// What the procedures need in each region that it may be about.
    #[serde(skip)]
    pub(crate) regions: Vec<(RegionName, Variables)>,
    /// The same as assignments: of the first region, and of the others as comments.
    pub(crate) block: Vec<String>,
    /// The procedures.
    pub(crate) links: Vec<Link>,
}

/// A procedure that a card leads to.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Link {
    /// For what, where there are several.
    pub(crate) when: &'static str,
    /// Its name.
    pub(crate) name: String,
    /// Its file, from the card.
    pub(crate) path: String,
}

/// What proofs claim about one loss, in the regions where they claim the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Claimed {
    /// The regions.
    pub(crate) regions: String,
    /// The most data lost; none where that is nothing, or nothing bounds it, or nothing is claimed.
    pub(crate) rpo: Option<String>,
    /// The longest time until it serves.
    pub(crate) rto: Option<String>,
    /// What is left of the promised time for what people do; none where they do nothing, or nothing
    /// is promised, or kept.
    pub(crate) margin: Option<String>,
    /// `kept`, `not promised`, `void`
    pub(crate) verdict: &'static str,
    /// How the worst case comes about, in words.
    pub(crate) formula: String,
    /// The steps, with their times.
    pub(crate) steps: Vec<Step>,
    /// What is taken for granted.
    pub(crate) premises: Vec<&'static str>,
}

/// A step of a recovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    /// Its name.
    pub(crate) name: &'static str,
    /// How long it takes at most.
    pub(crate) time: String,
    /// Where the number comes from.
    pub(crate) source: String,
}

/// What must stand in a region that takes over.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    /// The region.
    pub(crate) region: String,
    /// The regions that it takes over from.
    pub(crate) lost: String,
    /// What it does then.
    pub(crate) does: &'static str,
    /// Lines of the shell, in the functions of the page `ready`.
    pub(crate) lines: Vec<String>,
    /// What a person judges.
    pub(crate) judged: Vec<String>,
}
