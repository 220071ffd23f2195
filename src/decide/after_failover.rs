//! The fleet as it is once a region is lost, and its services have moved as their cards say.
//!
//! The last step of a failover is a build: the region that took over stands first in `regions`. What
//! that build would refuse is found in every build before, while nobody waits for it.
//!
//! That build looks ahead, too, at the next failover, which none before it could know. Promises are for
//! one loss at a time: while the fleet says of a region that it is `lost`, what is found is a warning.

use super::order::{self, moves};
use super::{Decided, Numbers, Rest, checks, numbers, rests, strategy};
use crate::check;
use crate::diag::{self, Code, Diagnostic, Label, Severity, Sink, Span};
use crate::kube::RegionName;
use crate::model::{Region, Service, Strategy};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Moves the services of each region that leads some, one region after the other, and says what is
/// refused then. Of a fleet in which something is refused already, nothing is reported.
pub(super) fn check(sink: &mut Sink, decided: &mut Decided) {
    if !decided.is_whole() || sink.errors() > 0 {
        return;
    }
    let away = decided.lost.clone();
    let leading = decided.services().iter().filter(|service| moves(service));
    let leading: BTreeSet<RegionName> =
        leading.map(|service| service.regions[0].name.clone()).collect();
    let mut seen: BTreeSet<(Code, String)> = BTreeSet::new();
    for lost in leading {
        let stayed = turn(decided, &lost);
        decided.lost.insert(lost.clone());
        let names: Vec<&str> = (stayed.moved.iter())
            .map(|before| decided.model.services()[before.at].name.address())
            .collect();
        let found = findings(decided, &stayed.moved);
        let note = note(&lost, &names);
        for finding in found {
            if seen.insert((finding.code, finding.message.clone())) {
                let finding = reported_now(decided, finding, &lost, &note);
                sink.report(match (finding.severity, away.is_empty()) {
                    (Severity::Error, true) => finding.note(LOST),
                    (Severity::Warning, true) => finding.note(UPGRADES),
                    (_, false) => until_back(finding, &away),
                });
            }
        }
        turn_back(decided, stayed);
        decided.lost.clone_from(&away);
    }
}

/// What whoever reads a finding in the middle of a failover is to know.
const LOST: &str = "promises are for one loss at a time: where a region is lost now, `lost = true` in its table of the fleet makes this a warning until it is back";

/// Why a standby that is newer than its primary is a warning.
const UPGRADES: &str =
    "a warning: every upgrade passes through this, as the region that stands by is upgraded first";

/// A finding about another failover, while a region is lost.
fn until_back(finding: Diagnostic, away: &BTreeSet<RegionName>) -> Diagnostic {
    let finding = Diagnostic { refused: false, ..finding }.severity(Severity::Warning);
    match check::until_back(away) {
        Some(why) => finding.note(why),
        None => finding,
    }
}

/// A service as it was before it moved.
struct Before {
    /// Its place in the model.
    at: usize,
    regions: Vec<Arc<Region>>,
    strategy: Strategy,
    numbers: Vec<Numbers>,
}

/// What was decided of all services before some of them moved.
struct Stayed {
    moved: Vec<Before>,
    rests: Vec<Vec<Rest>>,
    depths: Vec<usize>,
}

/// Moves what `lost` leads: the first of the others that is not lost leads, and it stands by as the
/// last one. What has no other region stays.
fn turn(decided: &mut Decided, lost: &RegionName) -> Stayed {
    let (fleet, services) = decided.model.parts_mut();
    let one = |(at, (service, decided)): (usize, (&mut Service, &mut Vec<Numbers>))| {
        if !moves(service) || service.regions[0].name != *lost {
            return None;
        }
        let next = service.regions.iter().skip(1).position(|region| !region.lost)?;
        let (regions, strategy) = (service.regions.clone(), service.strategy);
        service.regions.rotate_left(1);
        service.regions[..=next].rotate_right(1);
        let chosen = match service.document.has(&["recovery"]) {
            true => None,
            false => strategy::choose_one(fleet, service),
        };
        let numbers = chosen.unwrap_or_else(|| numbers(fleet, service));
        let numbers = std::mem::replace(decided, numbers);
        Some(Before { at, regions, strategy, numbers })
    };
    let all = services.par_iter_mut().zip(&mut decided.numbers).enumerate();
    let moved = all.filter_map(one).collect();
    let rests = rests::of(&decided.model, &decided.numbers);
    let depths = order::depths(decided.model.services());
    Stayed {
        moved,
        rests: std::mem::replace(&mut decided.rests, rests),
        depths: std::mem::replace(&mut decided.depths, depths),
    }
}

fn turn_back(decided: &mut Decided, stayed: Stayed) {
    let (_, services) = decided.model.parts_mut();
    for before in stayed.moved {
        services[before.at].regions = before.regions;
        services[before.at].strategy = before.strategy;
        decided.numbers[before.at] = before.numbers;
    }
    decided.rests = stayed.rests;
    decided.depths = stayed.depths;
}

/// What a build would refuse now: of the services that moved, and of all together.
fn findings(decided: &Decided, moved: &[Before]) -> Vec<Diagnostic> {
    let of_service = |before: &Before| {
        let mut sink = Sink::default();
        let service = &decided.model.services()[before.at];
        check::of_moved(&mut sink, &decided.model, service);
        decided.check_service(&mut sink, service);
        sink.accept(|finding| service.accepts(finding.code));
        sink.refuse();
        sink
    };
    let mut all = Sink::default();
    let found: Vec<Sink> = moved.par_iter().map(of_service).collect();
    found.into_iter().for_each(|found| all.absorb(found));
    checks::of_fleet(&mut all, decided);
    let errors = all.all().into_iter().filter(|finding| finding.severity == Severity::Error);
    errors.cloned().collect()
}

/// A finding of the fleet as it is then, reported now.
fn reported_now(
    decided: &Decided,
    mut finding: Diagnostic,
    lost: &RegionName,
    note: &str,
) -> Diagnostic {
    finding.message = format!("after a failover from `{lost}`, {}", finding.message);
    if finding.code == Code::OLDER_CLUSTER {
        finding.severity = Severity::Warning;
    }
    let labels = finding.primary.iter_mut().chain(&mut finding.related);
    labels.for_each(|label| widen(decided, label));
    finding.note(note)
}

/// The list of regions is written in another order than it was read in: it is pointed at as a whole.
fn widen(decided: &Decided, label: &mut Label) {
    let lists = decided.services().iter().map(|service| service.at(&["regions"]));
    let within = |list: &Span| {
        let span = &label.span;
        list.file == span.file && list.start <= span.start && span.end <= list.end
    };
    if let Some(list) = lists.into_iter().find(within) {
        label.span = list;
    }
}

fn note(lost: &RegionName, names: &[&str]) -> String {
    let shown = diag::list(names.iter().take(4).copied());
    let more = match names.len().saturating_sub(4) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "once `{lost}` is lost, the cards of {shown}{more} have `{lost}` written last in `regions`: this build would then be refused"
    )
}
