//! Backups by a Schedule that several services share: who leaves it, who is in another one, and whether
//! anybody is left.

use super::{Dropped, Match, Service, backups, current, promise, regions, selectors};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::{Item, Tree, Unit};
use crate::kube::labels;
use crate::quantity::Duration;
use crate::yaml::Value;
use std::collections::BTreeMap;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    if service.is_fleet() {
        return Vec::new();
    }
    let mut matches = leaves(service);
    matches.extend(enters_another(service));
    matches
}

/// A service whose objects were in the backups of such a Schedule, and now bear a label by which all of
/// them leave it out.
fn leaves(service: &Service<'_>) -> Vec<Match> {
    let mut left: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for changed in &service.changed {
        let (Some(old), Some(new)) = (changed.old, changed.new) else { continue };
        let marked = new.retained.is_none() && mark(old) != mark(new);
        if marked && is_backed_up(service.trees.0, old) && !is_backed_up(service.trees.1, new) {
            left.entry(new.identity.region.as_str()).or_default().push(changed.number);
        }
    }
    let stay = regions::of(service.new);
    let stops = |region: &str| {
        let own = current(service.new, "Schedule", region).next().is_some();
        stay.contains(region) && !stands_by(service.old, region) && !own
    };
    let left = left.into_iter().filter(|(region, _)| stops(region));
    left.map(|(region, numbers)| {
        let title = "leaves the backups that its tier shares";
        Match::loosens(Code::BACKUPS_STOP, Severity::Medium, title)
            .at(region)
            .detail("nothing runs in their place")
            .detail("they held objects, which the tree has, and Secrets, which come from where they were made then")
            .objects(numbers)
    })
    .collect()
}

/// Schedules, by their names.
type Shared<'a> = BTreeMap<&'a str, &'a Item<'a>>;

/// What takes an object into its backups.
fn shared<'a>(tree: &'a Tree<'a>, item: &'a Item<'_>) -> Shared<'a> {
    taking(tree, item).map(|schedule| (schedule.identity.logical_name.as_str(), schedule)).collect()
}

/// The longest that one of their backups is kept, and the shortest time between two.
fn pace(shared: &Shared<'_>) -> (Option<Duration>, Option<Duration>) {
    let values = shared.values().filter_map(|schedule| schedule.value());
    values.map(backups::pace).fold((None, None), |(kept, every), (keeps, comes)| {
        (kept.into_iter().chain(keeps).max(), every.into_iter().chain(comes).min())
    })
}

/// What took the objects of a region into its backups, what takes them now, and these objects: how many
/// causes and changes each has, and its number.
type Entered<'a> = (Shared<'a>, Shared<'a>, Vec<((usize, usize), usize)>);

/// A service whose objects are in the backups of another such Schedule, which runs more rarely or keeps
/// them for less time: that of another tier.
fn enters_another(service: &Service<'_>) -> Vec<Match> {
    let stay = regions::of(service.new);
    let mut found: BTreeMap<&str, Entered<'_>> = BTreeMap::new();
    for changed in &service.changed {
        let (Some(old), Some(new)) = (changed.old, changed.new) else { continue };
        let region = new.identity.region.as_str();
        let here = new.retained.is_none() && stay.contains(region);
        if !here || stands_by(service.old, region) || stands_by(service.new, region) {
            continue;
        }
        let (then, now) = (shared(service.trees.0, old), shared(service.trees.1, new));
        let other = !then.is_empty() && !now.is_empty() && !then.keys().eq(now.keys());
        if other {
            let changes = (changed.object.causes.len(), changed.object.changes.len());
            let (.., there) = found.entry(region).or_insert((then, now, Vec::new()));
            there.push((changes, changed.number));
        }
    }
    let mut matches = Vec::new();
    for (region, (before, after, changed)) in found {
        // In the others something else changes, too.
        let fewest = changed.iter().map(|(changes, _)| *changes).min();
        let least = changed.iter().filter(|(changes, _)| Some(*changes) == fewest);
        let numbers: Vec<usize> = least.map(|(_, number)| *number).collect();
        let matched = |rule, title: String| {
            Match::loosens(rule, Severity::Medium, title)
                .at(region)
                .detail(format!("by Schedule {}", joined(after.keys().copied())))
                .detail("they hold objects, which the tree has, and Secrets")
                .objects(numbers.iter().copied())
        };
        let ((kept, every), (keeps, comes)) = (pace(&before), pace(&after));
        if let Some((then, now)) = every.zip(comes).filter(|(then, now)| now > then) {
            let title = format!("backs up every {now} instead of every {then}");
            matches.push(matched(Code::BACKUP_GAP_GROWS, title).changed(
                "gap_seconds",
                then.as_seconds(),
                now.as_seconds(),
            ));
        }
        if let Some((then, now)) = kept.zip(keeps).filter(|(then, now)| now < then) {
            let title = format!("keeps backups for {now} instead of {then}");
            matches.push(matched(Code::RETENTION_SHORTENED, title).changed(
                "seconds",
                then.as_seconds(),
                now.as_seconds(),
            ));
        }
    }
    matches
}

fn joined<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// A Schedule that goes because no service is left whose objects it would back up; none where there
/// is one, or where it is not one that services share.
pub(super) fn nobody_left(service: &Service<'_>, dropped: &Dropped<'_>) -> Option<Match> {
    let item = dropped.item;
    let region = item.identity.region.as_str();
    let writes = |unit: &&Unit<'_>| !stands_by(Some(*unit), region);
    let takes = |other: &Item<'_>| other.retained.is_none() && takes(item, other);
    let mut units = service.trees.1.all_units().filter(writes);
    if !service.is_fleet() || units.any(|unit| unit.items().iter().any(takes)) {
        return None;
    }
    let title = format!("Schedule {} goes", item.identity.logical_name);
    Some(
        Match::neutral(Code::BACKUP_CHANGES, Severity::Low, title)
            .at(region)
            .detail("no service is left that it would back up")
            .object(dropped.number),
    )
}

fn stands_by(unit: Option<&Unit<'_>>, region: &str) -> bool {
    promise::of(unit, region).is_some_and(|promise| promise.role == "standby")
}

fn labels_of<'a>(item: &'a Item<'_>) -> Option<&'a Value> {
    item.value()?.at(&["metadata", "labels"])
}

fn mark<'a>(item: &'a Item<'_>) -> Option<&'a Value> {
    labels_of(item)?.get(labels::BACKUP)
}

/// Whether a Schedule that services share takes an object into its backups.
fn is_backed_up<'a>(tree: &'a Tree<'a>, item: &'a Item<'_>) -> bool {
    taking(tree, item).next().is_some()
}

/// The Schedules that services share, and that take an object into their backups.
fn taking<'a>(tree: &'a Tree<'a>, item: &'a Item<'_>) -> impl Iterator<Item = &'a Item<'a>> {
    let fleet = tree.unit(crate::plan::Unit::Fleet.name());
    let of = move |unit| {
        let schedules = current(unit, "Schedule", &item.identity.region);
        schedules.filter(move |schedule| takes(schedule, item))
    };
    // One that comes with the first service of a tier.
    let unknown = of(fleet).next().is_none();
    of(fleet).chain(of(tree.later().filter(|_| unknown)))
}

/// Whether a Schedule selects an object of its region by labels; one without a selector takes all.
fn takes(schedule: &Item<'_>, item: &Item<'_>) -> bool {
    let template = schedule.value().and_then(|value| value.at(&["spec", "template"]));
    let Some(template) = template else { return false };
    let excluded = template.get("excludedNamespaces").map(Value::items).unwrap_or_default();
    let apart = excluded.iter().any(|one| one.as_str() == item.identity.namespace.as_deref());
    let selected = match (template.get("labelSelector"), labels_of(item)) {
        (Some(selector), Some(labels)) => selectors::selects(selector, labels),
        (Some(_), None) => false,
        (None, _) => true,
    };
    schedule.identity.region == item.identity.region && !apart && selected
}
