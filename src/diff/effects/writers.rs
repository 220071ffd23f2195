//! Services of which one replica may write: where it moves, and where more may.

use super::{Match, Service, current};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::{Item, Unit};
use crate::kube::labels;
use crate::yaml::Value;
use std::collections::BTreeSet;

const WORKLOAD: &str = "StatefulSet";

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches: Vec<Match> = moves(service).into_iter().collect();
    for edit in service.edits_of(WORKLOAD) {
        if is_single(edit.old) && !is_single(edit.new) {
            let title = format!("more than one replica of {} may write", edit.new_item.name);
            matches.push(
                Match::loosens(Code::WRITER_MOVES, Severity::Critical, title)
                    .at(edit.region)
                    .detail("nothing keeps it at one any more: each replica writes to volumes of its own, and users get to any of them")
                    .object(edit.number),
            );
        }
    }
    matches
}

/// Another region begins to write, and the one that did goes on until it is delivered.
fn moves(service: &Service<'_>) -> Option<Match> {
    let (then, now) = (writers(service.old), writers(service.new));
    let begins: Vec<&str> = now.difference(&then).copied().collect();
    if then.is_empty() || begins.is_empty() {
        return None;
    }
    let numbers = service.changed_of(WORKLOAD).filter_map(|changed| {
        let region = &changed.new?.identity.region;
        begins.contains(&region.as_str()).then_some(changed.number)
    });
    let joined = |regions: &[&str]| regions.join(", ");
    let stays: Vec<&str> = then.iter().copied().collect();
    let matched = Match::neutral(
        Code::WRITER_MOVES,
        Severity::High,
        format!("{} begins to write, {} did", joined(&begins), joined(&stays)),
    )
    .detail("each region is delivered by itself: until both are, two may write, unless the one that did was fenced before")
    .objects(numbers.collect::<Vec<_>>());
    Some(begins.into_iter().fold(matched, Match::at))
}

/// The regions in which one replica writes.
fn writers<'a>(unit: Option<&'a Unit<'a>>) -> BTreeSet<&'a str> {
    let items = unit.map(Unit::items).unwrap_or_default();
    let regions: BTreeSet<&str> = items.iter().map(|item| item.identity.region.as_str()).collect();
    let writes = |item: &Item<'_>| {
        let runs = |value: &Value| super::amount::count(value.at(&["spec", "replicas"])) != Some(0);
        item.value().is_some_and(|value| is_single(value) && runs(value))
    };
    let in_region = |region: &&str| current(unit, WORKLOAD, region).any(writes);
    regions.into_iter().filter(in_region).collect()
}

fn is_single(value: &Value) -> bool {
    value.at(&["metadata", "annotations", labels::SINGLE_WRITER]).is_some()
}
