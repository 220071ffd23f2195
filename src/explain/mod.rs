//! What is promised of a service, and where every number of its manifests comes from, as a page.
//!
//! It reads proofs and numbers, and adds nothing up. What it prints is the same for the same
//! specs.

mod select; //   the part of a page that was asked for
mod place; //    the part that rests on one place of an input
pub mod number; // every number of the manifests, and why
mod fold; //     what is the same in several regions or claims, once
pub mod text; // for people
pub mod json; // for machines
pub mod foreign; // a workload without a spec
pub mod markdown; // for audits

pub use number::Number;
pub use select::{Choice, Selection};

use crate::Fleet;
use crate::decide::proof::{Claim, Objective, Premise, Source, Verdict};
use crate::decide::queue::held::Held;
use crate::decide::{Proof, order, queue};
use crate::diag::{Reported, Sink, Sources};
use crate::kube::{RegionName, ServiceName};
use crate::model::{Region, Service, WorkloadKind};

/// Everything there is to say about a service.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// Its name.
    pub service: String,
    /// Its tier.
    pub tier: String,
    /// What runs it: `deployment` or `stateful`.
    pub kind: &'static str,
    /// How it gets back after the loss of a region.
    pub recovery: &'static str,
    /// The path of its spec.
    pub spec: &'a str,
    /// The day of the fleet's inventory.
    pub inventory: String,
    /// Whether all of it holds, in a sentence; none where nothing is promised.
    pub summary: Option<String>,
    /// What is promised, region by region in the order of the spec.
    pub proofs: Vec<Proof>,
    /// With whom it moves when its first region is lost, and in which order.
    pub order: Vec<String>,
    /// Every number of the manifests, in the same order of regions.
    pub numbers: Vec<Number>,
    /// How many Backups the Velero server holds that backs it up, region by region.
    pub held: Vec<(RegionName, Held)>,
    /// The texts that sources point into.
    pub sources: &'a Sources,
}

impl<'a> Page<'a> {
    /// The page of a service; nothing when there is no spec of it.
    ///
    /// # Errors
    ///
    /// When its manifests do not compile; it was reported.
    pub fn of(
        sink: &mut Sink,
        fleet: &'a Fleet,
        service: &str,
    ) -> Result<Option<Page<'a>>, Reported> {
        let (Some(spec), Some(proofs)) =
            (fleet.model().service(&ServiceName::read(service)), fleet.proofs(service))
        else {
            return Ok(None);
        };
        let numbers = number::of(sink, fleet, spec, &proofs)?;
        let sources = fleet.sources();
        Ok(Some(Page {
            service: spec.name.to_string(),
            tier: spec.tier.name.clone(),
            kind: match spec.kind {
                WorkloadKind::Deployment => "deployment",
                WorkloadKind::Stateful => "stateful",
            },
            recovery: spec.strategy.word(),
            spec: &sources.get(spec.document.file()).path,
            inventory: fleet.model().fleet().inventory.to_string(),
            summary: summary(&proofs),
            order: order::words(fleet.decided(), spec),
            held: held(fleet, spec),
            proofs,
            numbers,
            sources,
        }))
    }

    /// How many Backups the server of a region holds, where one backs the service up.
    fn held_in(&self, region: &RegionName) -> Option<&Held> {
        self.held.iter().find(|(name, _)| name == region).map(|(_, held)| held)
    }

    /// Whether anything that is claimed is on it.
    fn claims_something(&self) -> bool {
        self.proofs.iter().any(|proof| !proof.claims.is_empty())
    }

    /// The premises of all claims, once each.
    fn premises(&self) -> Vec<Premise> {
        let mut premises: Vec<Premise> = self.proofs.iter().flat_map(Proof::premises).collect();
        premises.sort_unstable();
        premises.dedup();
        premises
    }

    /// `specs/orders.toml:7`, where a source has a place.
    fn place(&self, source: &Source) -> Option<String> {
        let span = source.span()?;
        Some(format!("{}:{}", self.sources.get(span.file).path, self.sources.position(span).line))
    }
}

/// The servers that back a service up, by its regions.
fn held(fleet: &Fleet, service: &Service) -> Vec<(RegionName, Held)> {
    let servers = queue::held::of(fleet.decided());
    let of = |region: &std::sync::Arc<Region>| {
        let server = servers.iter().find(|server| server.region == region.host)?;
        Some((region.name.clone(), server.clone()))
    };
    service.regions.iter().filter(|_| service.backed_up).filter_map(of).collect()
}

/// `80 of 20000 Backups`, with those that are read for other regions.
fn count(held: &Held) -> String {
    let read = match held.read {
        0 => String::new(),
        read => format!(", {read} of them read for other regions"),
    };
    let assumed = if held.declared { "" } else { " (assumed)" };
    format!(
        "its Velero holds {} Backups at most{read}; {}{assumed} are allowed",
        held.listed(),
        held.most
    )
}

/// What cannot be proven by arithmetic over declared facts, whatever is declared (`docs/facts.md`,
/// "What no compiler proves").
const NOT_PROVABLE: &str = "No sum shows whether the application is consistent with itself after a restore, how long people take, what a provider does, or whether what is counted apart fails together. What is assumed or measured is as good as its day.";

/// The short word for an objective, as tables have it.
pub(crate) fn short(objective: Objective) -> &'static str {
    match objective {
        Objective::Rpo => "RPO",
        Objective::Rto => "RTO",
        Objective::Survivors => "left",
        Objective::Availability => "up",
    }
}

/// What an objective counts.
fn meaning(objective: Objective) -> &'static str {
    match objective {
        Objective::Rpo => "the most data that is lost, as time",
        Objective::Rto => "the longest time until the peak is served again",
        Objective::Survivors => "the fewest replicas that are left",
        Objective::Availability => "the share of a year for which it is expected to serve",
    }
}

/// How many replicas there are, and what for.
fn size(proof: &Proof) -> String {
    let plural =
        |count: u32, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let zones = plural(proof.zones, "zone");
    let carry = if proof.peak == 1 { "carries" } else { "carry" };
    if proof.replicas == 0 {
        return format!(
            "nothing runs here until it takes over; {} {carry} the peak then",
            proof.peak
        );
    }
    let left = match (proof.zones, proof.survivors_of_zone_loss) {
        (1, _) => String::new(),
        (_, 0) if proof.replicas > 1 => "; all of them may stand in one zone".to_owned(),
        (_, left) => format!("; {left} left when a zone is lost"),
    };
    format!(
        "{} in {zones}, {} {carry} the peak{left}",
        plural(proof.replicas, "replica"),
        proof.peak
    )
}

/// Whether everything holds, in a sentence, and what is nearest to its limit.
fn summary(proofs: &[Proof]) -> Option<String> {
    let claims =
        || proofs.iter().flat_map(|proof| proof.claims.iter().map(move |claim| (proof, claim)));
    let in_words = |(proof, claim): (&Proof, &Claim)| {
        let objective = short(claim.objective);
        format!("{objective} at the loss of {} in {}", claim.scope.lost(), proof.region)
    };
    let broken: Vec<String> =
        claims().filter(|(_, claim)| claim.verdict() == Verdict::Broken).map(in_words).collect();
    if !broken.is_empty() {
        return Some(format!("✗ broken: {}", broken.join("; ")));
    }
    let void: Vec<String> =
        claims().filter(|(_, claim)| claim.verdict() == Verdict::Void).map(in_words).collect();
    if !void.is_empty() {
        return Some(format!("∅ void: {}", void.join("; ")));
    }
    let promised = claims().filter(|(_, claim)| claim.verdict() == Verdict::Kept);
    let times = promised.filter(|(_, claim)| !claim.objective.more_is_better());
    let share = |claim: &Claim| {
        let promised = claim.promised.as_ref()?.amount;
        let worst = claim.worst?;
        // In thousandths: to compare, not to show.
        Some((worst.number.saturating_mul(1000) / promised.number.max(1), promised))
    };
    let mut nearest: Option<((&Proof, &Claim), u64)> = None;
    for (proof, claim) in times {
        let Some((used, _)) = share(claim) else { continue };
        if nearest.is_none_or(|(_, max)| used > max) {
            nearest = Some(((proof, claim), used));
        }
    }
    let (place, _) = nearest?;
    let (_, claim) = place;
    let (worst, promised) = (claim.worst?, claim.promised.as_ref()?.amount);
    Some(format!(
        "✓ every promise is kept. Nearest to its limit: {}, {worst} of {promised}",
        in_words(place)
    ))
}

/// Whether a part of the worst case was neither declared nor decided nor measured.
fn assumes(claim: &Claim) -> bool {
    claim.terms.iter().any(|term| term.total() > 0 && term.source.is_assumed())
}

/// Text that holds nothing which moves a cursor, hides or reorders what stands beside it.
fn shown(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}')
    };
    text.chars().map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect()
}
