//! Edits that reach only some of the regions that do the same for a service.

use super::{Changed, Match, Service, promise, regions, rest};
use crate::diag::Code;
use crate::diff::report::{Cause, Class, Operation, Place, Severity};
use crate::kube::id;
use std::collections::{BTreeMap, BTreeSet};

/// What tells an object from the others of its service, in any region.
type Name<'a> = (&'a str, &'a str);

/// Regions that an edit reaches, and those that it does not.
type Places<'a> = (Vec<&'a str>, Vec<&'a str>);

pub(super) fn check(service: &Service<'_>, causes: &[Cause], told: &BTreeSet<usize>) -> Vec<Match> {
    if service.is_fleet() {
        return Vec::new();
    }
    let (old, new) = (regions::of(service.old), regions::of(service.new));
    let stay: BTreeSet<&str> = old.intersection(&new).copied().collect();
    let mut edited: BTreeMap<Name<'_>, BTreeMap<&str, usize>> = BTreeMap::new();
    for changed in &service.changed {
        let (Some(_), Some(new)) = (changed.old, changed.new) else { continue };
        let former = matches!(changed.object.operation, Operation::Keep | Operation::Retire);
        // What is written otherwise and means the same reaches nothing.
        let same = rest::is_understood(&new.identity.kind) && !told.contains(&changed.number);
        if former || same || changed.object.class != Class::Edited || on_purpose(changed, causes) {
            continue;
        }
        let name = (new.identity.kind.as_str(), new.identity.logical_name.as_str());
        edited.entry(name).or_default().insert(&new.identity.region, changed.number);
    }
    // The same regions for several objects are one thing to look at.
    let mut found: BTreeMap<Places<'_>, (Vec<Name<'_>>, Vec<usize>)> = BTreeMap::new();
    for (name, places) in &edited {
        let rest = unchanged(service, *name, places, &stay);
        if !rest.is_empty() {
            let places_of = (places.keys().copied().collect(), rest);
            let (names, numbers) = found.entry(places_of).or_default();
            names.push(*name);
            numbers.extend(places.values());
        }
    }
    let told = found.into_iter().map(|((places, rest), (names, numbers))| {
        let total = places.len() + rest.len();
        let title = format!("reaches {} of {total} regions", places.len());
        let names: Vec<String> = names
            .iter()
            .map(|(kind, name)| {
                if *name == id::plain(service.name) {
                    (*kind).to_owned()
                } else {
                    format!("{kind} {name}")
                }
            })
            .collect();
        let matched = Match::neutral(Code::ONLY_SOME_REGIONS, Severity::Medium, title)
            .detail(format!("{} stays as it was in {}", names.join(", "), rest.join(", ")))
            .fact("reached", places.len())
            .fact("of", total)
            .objects(numbers);
        places.iter().fold(matched, |matched, region| matched.at(region))
    });
    told.collect()
}

/// Whether what was edited speaks of this region alone: `regions.eastus2.gateway`, `config.LEVEL.eastus2`.
fn on_purpose(changed: &Changed<'_>, causes: &[Cause]) -> bool {
    let object = changed.object;
    let names = |place: &Place| place.key.split(['.', '[', ']']).any(|part| part == object.region);
    let mut behind = object.causes.iter().map(|at| &causes[*at]).peekable();
    behind.peek().is_some()
        && behind.all(|cause| !cause.places.is_empty() && cause.places.iter().all(names))
}

/// The regions in which the object stands on both sides, does the same for the service as where it
/// was edited, and was not edited.
fn unchanged<'a>(
    service: &Service<'a>,
    (kind, name): Name<'_>,
    edited: &BTreeMap<&str, usize>,
    stay: &BTreeSet<&'a str>,
) -> Vec<&'a str> {
    let role = |region: &str| promise::of(service.new, region).map(|promise| promise.role);
    let roles: BTreeSet<Option<String>> = edited.keys().map(|region| role(region)).collect();
    let stands = |region: &str| {
        let items = service.new.map(|unit| unit.items()).unwrap_or_default();
        let here = items.iter().filter(|item| item.retained.is_none());
        here.filter(|item| item.identity.region == region)
            .any(|item| item.identity.kind == kind && item.identity.logical_name == name)
    };
    let came = |region: &str| {
        service
            .added(kind)
            .any(|(_, item)| item.identity.region == region && item.identity.logical_name == name)
    };
    let rest = stay.iter().copied().filter(|region| !edited.contains_key(region));
    rest.filter(|region| stands(region) && !came(region) && roles.contains(&role(region))).collect()
}
