//! Who is who: objects of the two sides, paired by identity and never by likeness of objects.

use super::report::{Operation, Pairing};
use super::side::{Apart, Identity, Item, Tree};
use super::similar;
use crate::diag::{Code, Diagnostic};
use crate::kube::{Kind, id};
use std::collections::{BTreeMap, BTreeSet};

/// An object on one side or on both.
pub(super) struct Pair<'a> {
    /// On the old side.
    pub(super) old: Option<&'a Item<'a>>,
    /// On the new side.
    pub(super) new: Option<&'a Item<'a>>,
    /// How the two were found to be the same.
    pub(super) pairing: Pairing,
    /// What becomes of it, if anything.
    pub(super) operation: Operation,
}

impl<'a> Pair<'a> {
    /// The side that is there, the new one first.
    pub(super) fn item(&self) -> &'a Item<'a> {
        self.new.or(self.old).expect("a pair has a side")
    }
}

/// Who an object is for Kubernetes.
type Name<'a> = (&'a str, &'a str, &'a str, Option<&'a str>, &'a str);

fn name<'a>(item: &'a Item<'_>) -> Name<'a> {
    let Identity { region, group, kind, namespace, .. } = &item.identity;
    (region, group, kind, namespace.as_deref(), &item.name)
}

/// Names of units: the new one, and the one that it had before.
pub(super) type Renames = BTreeMap<String, String>;

/// Every object of the two trees, in the order of identities, but for those of units that are one of both:
/// of these, how many there are.
///
/// # Errors
///
/// When two objects of one side have one identity.
pub(super) fn pairs<'a>(
    old: &'a Tree<'a>,
    new: &'a Tree<'a>,
    declared: &Renames,
    notes: &mut Vec<String>,
) -> Result<(Vec<Pair<'a>>, usize), Vec<Diagnostic>> {
    let apart = Apart::of(old, new);
    let mut sides = (Side::of(apart.in_old())?, Side::of(apart.in_new())?);
    let mut pairs = Vec::new();
    by_identity(&mut sides, &mut pairs);
    by_name(&mut sides, &mut pairs);
    by_unit(&mut sides, declared, Pairing::Declared, &mut pairs);
    by_kind(&mut sides, &mut pairs);
    let guessed = similar::services(&sides.0.current, &sides.1.current, notes);
    by_unit(&mut sides, &guessed, Pairing::Similarity, &mut pairs);
    // What stays under its name as a former generation, or comes back from one, is paired as such.
    for item in sides.0.current.into_values().filter(|item| called(new, item).is_none()) {
        pairs.push(Pair::one_side(Some(item), None, Operation::Delete));
    }
    for item in sides.1.current.into_values().filter(|item| called(old, item).is_none()) {
        pairs.push(Pair::one_side(None, Some(item), Operation::Create));
    }
    former(&apart, (old, new), &mut pairs);
    pairs.sort_by(|a, b| key(a).cmp(&key(b)));
    Ok((pairs, apart.same))
}

fn key<'a>(pair: &Pair<'a>) -> (&'a Identity, bool, &'a str, &'a str) {
    let item = pair.item();
    let is_former = matches!(pair.operation, Operation::Keep | Operation::Retire);
    (&item.identity, is_former || item.retained.is_some(), &item.name, &item.path)
}

/// The current objects of a side that nobody was found for yet.
struct Side<'a> {
    current: BTreeMap<&'a Identity, &'a Item<'a>>,
}

impl<'a> Side<'a> {
    fn of(items: impl Iterator<Item = &'a Item<'a>>) -> Result<Side<'a>, Vec<Diagnostic>> {
        let mut current: BTreeMap<&Identity, &Item<'_>> = BTreeMap::new();
        let mut findings = Vec::new();
        for item in items.filter(|item| item.retained.is_none()) {
            if let Some(other) = current.insert(&item.identity, item) {
                findings.push(
                    Diagnostic::new(
                        Code::OBJECT_TWICE,
                        format!("`{}` and `{}` are one object", other.path, item.path),
                    )
                    .note(format!("both are {}", item.identity))
                    .help("nothing can be said of a change of either: remove one of them"),
                );
            }
        }
        if findings.is_empty() { Ok(Side { current }) } else { Err(findings) }
    }
}

impl<'a> Pair<'a> {
    fn one_side(
        old: Option<&'a Item<'a>>,
        new: Option<&'a Item<'a>>,
        operation: Operation,
    ) -> Pair<'a> {
        Pair { old, new, pairing: Pairing::None, operation }
    }

    fn both(old: &'a Item<'a>, new: &'a Item<'a>, pairing: Pairing) -> Pair<'a> {
        let operation = match pairing {
            Pairing::Declared | Pairing::Similarity => Operation::Move,
            Pairing::Identity if old.name == new.name => Operation::Update,
            Pairing::Identity | Pairing::Kind | Pairing::None => Operation::Replace,
        };
        Pair { old: Some(old), new: Some(new), pairing, operation }
    }
}

fn by_identity<'a>(sides: &mut (Side<'a>, Side<'a>), pairs: &mut Vec<Pair<'a>>) {
    sides.0.current.retain(|identity, old| match sides.1.current.remove(identity) {
        Some(new) => {
            pairs.push(Pair::both(old, new, Pairing::Identity));
            false
        }
        None => true,
    });
}

/// What one side calls by its whole name, as no ledger knows a shorter one.
fn by_name<'a>(sides: &mut (Side<'a>, Side<'a>), pairs: &mut Vec<Pair<'a>>) {
    let mut names: BTreeMap<Name<'a>, &'a Identity> =
        sides.1.current.values().map(|item| (name(item), &item.identity)).collect();
    sides.0.current.retain(|_, old| {
        let found = names.remove(&name(old)).and_then(|new| sides.1.current.remove(new));
        match found {
            Some(new) => {
                pairs.push(Pair::both(old, new, Pairing::Identity));
                false
            }
            None => true,
        }
    });
}

/// The objects of units that have another name now: each has the place in its unit that its
/// counterpart had.
fn by_unit<'a>(
    sides: &mut (Side<'a>, Side<'a>),
    renames: &Renames,
    pairing: Pairing,
    pairs: &mut Vec<Pair<'a>>,
) {
    let before: BTreeSet<&str> = renames.values().map(String::as_str).collect();
    let mut places: BTreeMap<(String, Place<'a>), &'a Identity> = (sides.0.current.values())
        .filter(|item| before.contains(item.unit.as_str()))
        .map(|item| ((item.unit.clone(), place(item)), &item.identity))
        .collect();
    sides.1.current.retain(|_, new| {
        let Some(unit) = renames.get(&new.unit) else { return true };
        let found = places.remove(&(unit.clone(), place(new)));
        match found.and_then(|old| sides.0.current.remove(old)) {
            Some(old) => {
                pairs.push(Pair::both(old, new, pairing));
                false
            }
            None => true,
        }
    });
}

/// What an object is in its unit, whatever the unit is called.
pub(super) type Place<'a> = (&'a str, &'a str, &'a str, String);

pub(super) fn place<'a>(item: &'a Item<'_>) -> Place<'a> {
    let Identity { region, group, kind, logical_name, .. } = &item.identity;
    let part = logical_name.strip_prefix(id::plain(&item.unit)).unwrap_or(logical_name);
    (region, group, kind, part.to_owned())
}

/// Workloads that became another kind of workload.
fn by_kind<'a>(sides: &mut (Side<'a>, Side<'a>), pairs: &mut Vec<Pair<'a>>) {
    let workload = |identity: &Identity| Kind::runs_pods(&identity.kind);
    let who = |item: &'a Item<'a>| {
        let Identity { region, namespace, logical_name, .. } = &item.identity;
        (region.as_str(), namespace.as_deref(), logical_name.as_str(), item.unit.as_str())
    };
    let mut olds: BTreeMap<_, &'a Identity> = (sides.0.current.values())
        .filter(|item| workload(&item.identity))
        .map(|item| (who(item), &item.identity))
        .collect();
    sides.1.current.retain(|identity, new| {
        if !workload(identity) {
            return true;
        }
        match olds.remove(&who(new)).and_then(|old| sides.0.current.remove(old)) {
            Some(old) => {
                pairs.push(Pair::both(old, new, Pairing::Kind));
                false
            }
            None => true,
        }
    });
}

/// The object of a side that has the name of an item.
fn called<'a>(tree: &'a Tree<'a>, item: &'a Item<'a>) -> Option<&'a Item<'a>> {
    let id = &item.identity;
    let place = (id.region.as_str(), id.kind.as_str(), id.namespace.as_deref());
    tree.called(place, &item.name).filter(|other| other.identity.group == id.group).last()
}

/// Former generations: what stays, under its name, and what leaves.
fn former<'a>(
    apart: &Apart<'a>,
    (old, new): (&'a Tree<'a>, &'a Tree<'a>),
    pairs: &mut Vec<Pair<'a>>,
) {
    for item in apart.in_new().filter(|item| item.retained.is_some()) {
        pairs.push(match called(old, item) {
            Some(before) => Pair {
                old: Some(before),
                new: Some(item),
                pairing: Pairing::Identity,
                operation: Operation::Keep,
            },
            None => Pair::one_side(None, Some(item), Operation::Create),
        });
    }
    for item in apart.in_old().filter(|item| item.retained.is_some()) {
        match called(new, item) {
            // Paired above, from its new place.
            Some(now) if now.retained.is_some() => {}
            // It becomes the current one again.
            Some(now) => pairs.push(Pair {
                old: Some(item),
                new: Some(now),
                pairing: Pairing::Identity,
                operation: Operation::Keep,
            }),
            None => pairs.push(Pair::one_side(Some(item), None, Operation::Retire)),
        }
    }
}
