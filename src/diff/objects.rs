//! Pairs → [`Object`]s: what differs in each, and what becomes of it.

use super::logical::logical;
use super::pair::Pair;
use super::report::{Class, Counts, HashedNames, Manifest, Object, Operation};
use super::side::{self, Item, Tree};
use super::value::{Change, aligned, compare, whole};
use crate::yaml::Value;
use rayon::prelude::*;

/// An object that differs, with both sides of it.
pub(super) struct Changed<'a> {
    pub(super) pair: Pair<'a>,
    pub(super) object: Object,
    /// Both sides without what differs in spelling alone, where something does.
    pub(super) meant: Option<(Value, Value)>,
}

impl<'a> Changed<'a> {
    fn of(pair: Pair<'a>, object: Object) -> Changed<'a> {
        let spelt = object.changes.iter().any(|change| change.equal);
        let sides = || pair.old?.value().zip(pair.new?.value());
        let values = if spelt { sides() } else { None };
        let meant = values.map(|(old, new)| aligned(old, new, &object.changes));
        Changed { pair, object, meant }
    }
}

/// The pairs that differ, in their order; and the counts, with those of objects that are the `same` anyway.
pub(super) fn changed<'a>(
    (pairs, same): (Vec<Pair<'a>>, usize),
    old: &'a Tree<'a>,
    new: &'a Tree<'a>,
) -> (Vec<Changed<'a>>, Counts) {
    let mut counts = Counts { compared: pairs.len() + same, ..Counts::default() };
    let differ = |pair: &Pair<'_>| !is_same(pair, old, new);
    let pairs: Vec<Pair<'a>> = pairs.into_par_iter().filter(differ).collect();
    let objects: Vec<Object> = (pairs.par_chunks(side::at_once(pairs.len())))
        .flat_map_iter(|pairs| {
            let moved: Vec<bool> = pairs.iter().map(|pair| moved(pair, (old, new))).collect();
            let read = || pairs.iter().zip(&moved).filter(|(_, moved)| !*moved);
            Item::read_all(&read().filter_map(|(pair, _)| pair.old).collect::<Vec<_>>());
            Item::read_all(&read().filter_map(|(pair, _)| pair.new).collect::<Vec<_>>());
            pairs.iter().zip(moved).map(|(pair, moved)| object(pair, (old, new), moved))
        })
        .collect();
    let changed: Vec<Changed<'a>> =
        pairs.into_iter().zip(objects).map(|(pair, object)| Changed::of(pair, object)).collect();
    counts.unchanged = counts.compared - changed.len();
    for changed in &changed {
        count(&mut counts, &changed.object);
    }
    (changed, counts)
}

fn count(counts: &mut Counts, object: &Object) {
    *match object.operation {
        Operation::Create => &mut counts.created,
        Operation::Delete => &mut counts.deleted,
        Operation::Update => &mut counts.updated,
        Operation::Replace => &mut counts.replaced,
        Operation::Move => &mut counts.moved,
        Operation::Keep => &mut counts.kept,
        Operation::Retire => &mut counts.retired,
    } += 1;
    match object.class {
        Class::Follows => counts.followed += 1,
        Class::Cosmetic => counts.cosmetic += 1,
        Class::Edited => {}
    }
}

/// Whether a pair is the same bytes in the same place.
fn is_same(pair: &Pair<'_>, old: &Tree<'_>, new: &Tree<'_>) -> bool {
    let (Some(before), Some(after)) = (pair.old, pair.new) else { return false };
    if before.path != after.path || before.document != after.document {
        return false;
    }
    if before.digest.is_none() && after.digest.is_none() && before.document > 0 {
        return before.value() == after.value();
    }
    match (old.id(&before.path), new.id(&after.path)) {
        (Some(a), Some(b)) if a == b => true,
        // Files of several documents differ when any of these does.
        _ if before.digest.is_none() || after.digest.is_none() => before.value() == after.value(),
        _ => false,
    }
}

/// Whether a pair is the same file in another folder, as of a former generation: nothing in it is looked
/// at.
fn moved(pair: &Pair<'_>, (old, new): (&Tree<'_>, &Tree<'_>)) -> bool {
    pair.old.zip(pair.new).is_some_and(|(before, after)| {
        let ids = old.id(&before.path).zip(new.id(&after.path));
        ids.is_some_and(|(before, after)| before == after) && before.document == after.document
    })
}

fn object(pair: &Pair<'_>, (old, new): (&Tree<'_>, &Tree<'_>), moved: bool) -> Object {
    let item = pair.item();
    let side = |item: Option<&Item<'_>>, tree: &Tree<'_>| {
        let item = item.filter(|_| !moved)?;
        item.value().map(|value| logical(tree, item, value))
    };
    let (old, new) = (side(pair.old, old), side(pair.new, new));
    let changes = changes(pair, old.as_ref().map(|old| &old.0), new.as_ref().map(|new| &new.0));
    let class = class(pair, &changes);
    let generation = |item: Option<&Item<'_>>| Some(item?.retained.as_ref()?.generation.clone());
    Object {
        id: item.identity.to_string(),
        service: item.unit.clone(),
        region: item.identity.region.clone(),
        kind: item.identity.kind.clone(),
        logical_name: item.identity.logical_name.clone(),
        generation: generation(pair.new).or_else(|| generation(pair.old)),
        operation: pair.operation,
        class,
        pairing: pair.pairing,
        old: pair.old.map(manifest),
        new: pair.new.map(manifest),
        changes,
        names: HashedNames {
            old: old.map(|(_, names)| names).unwrap_or_default(),
            new: new.map(|(_, names)| names).unwrap_or_default(),
        },
        causes: Vec::new(),
    }
}

fn changes(pair: &Pair<'_>, old: Option<&Value>, new: Option<&Value>) -> Vec<Change> {
    match (old, new) {
        (Some(old), Some(new)) => compare(&pair.item().identity.kind, old, new),
        (old, new) => whole(old, new),
    }
}

/// What differs: what the object says by itself, what its names follow from, or its bytes.
fn class(pair: &Pair<'_>, changes: &[Change]) -> Class {
    let (Some(old), Some(new)) = (pair.old, pair.new) else { return Class::Edited };
    if pair.operation == Operation::Keep && changes.is_empty() {
        return Class::Cosmetic;
    }
    let says = match (&old.own, &new.own) {
        (Some(old), Some(new)) if pair.operation != Operation::Move => old != new,
        _ => changes.iter().any(|change| !change.cosmetic),
    };
    let hand_edited = changes.iter().any(|change| !change.cosmetic);
    if says || hand_edited {
        Class::Edited
    } else if old.name != new.name || old.value() != new.value() {
        Class::Follows
    } else {
        Class::Cosmetic
    }
}

fn manifest(item: &Item<'_>) -> Manifest {
    Manifest {
        api_version: item.api_version(),
        name: item.name.clone(),
        path: item.path.clone(),
        document: item.document,
    }
}
