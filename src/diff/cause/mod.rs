//! Which edit is behind a change.
//!
//! A unit that one edit concerns changes because of it. Where several edits could be behind a
//! change, they are made apart and the unit compiled with each: what then changes is caused by it, and
//! so is what that does. Two edits of one object are told apart by their effects.
//! Before that, the old specs are compiled by this Ninefold: what already differs from the old
//! tree is none of the edits' doing.

mod texts; // the specs of both sides
mod edits; // what was edited in them
mod promotion; // edits that promote what was tried
mod apart; // which of several edits changes what
mod halves; // in few trials
mod does; //  the effects of an edit by itself
mod name; //  edits in words
mod warnings; // those that a change brings

use super::objects::Changed;
use super::pair::Renames;
use super::report::{CauseKind, Class, Object, Operation};
use super::side::{self, Item, Tree, Unit};
use super::{Found, Specs};
use super::{former, taken_over};
use crate::kube::{ServiceName, id};
use crate::plan;
use apart::Mixed;
use does::Behind;
use edits::Edit;
pub(super) use name::Causes;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use texts::{Key, Links, Objects, Texts};
use warnings::Side;
pub(super) use warnings::Warning;

/// What is behind a change, before edits of many services are folded into one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// An edit, by number.
    Edit(usize),
    Tool,
    HandEdit,
    Generations,
    /// No specs to look at: a group of objects that change alike, by the first of them.
    Alike(usize),
}

/// The specs of both sides, where they are known.
pub(super) struct Both {
    old: Option<Texts>,
    new: Option<Texts>,
}

impl Both {
    /// Where both are the same and no tree changes, nobody asks for them.
    pub(super) fn of(specs: &Specs, is_same_tree: bool) -> Both {
        let sides = specs.old.as_ref().zip(specs.new.as_ref());
        if is_same_tree && sides.is_some_and(|(old, new)| old.is_same(new)) {
            return Both { old: None, new: None };
        }
        let sound = specs.found.as_ref().map(|found| Arc::clone(found.fleet.sound()));
        let sound = sound.unwrap_or_default();
        let old = specs.old.as_ref().map(|old| Texts::of(old, None, &sound));
        let new = specs.new.as_ref().map(|new| Texts::of(new, old.as_ref(), &sound));
        Both { old, new }
    }

    /// The services of the new side that declare the name that they had before.
    pub(super) fn renames(&self) -> Renames {
        self.new.as_ref().map(renames_of).unwrap_or_default()
    }
}

fn renames_of(new: &Texts) -> Renames {
    let mut renames = Renames::new();
    for (name, text) in &new.services {
        let spec = text.spec();
        let Some(before) = spec.get("previously").and_then(toml::Value::as_str) else { continue };
        for environment in texts::environments(spec) {
            let called = |name: &str| ServiceName::of(name, environment).to_string();
            renames.insert(called(name), called(before));
        }
    }
    renames
}

/// What was edited, and what is decided of the specs of both sides where something was.
#[derive(Default)]
pub(super) struct Edited {
    edits: Vec<Edit>,
    old: Option<Side>,
    new: Option<Side>,
}

impl Edited {
    /// `found` is what was found on the new side, where it was compiled already.
    pub(super) fn of(specs: &Both, renames: &Renames, found: Option<&Found>) -> Edited {
        let (Some(old), Some(new)) = (&specs.old, &specs.new) else { return Edited::default() };
        let edits = edits::find(old, new, renames);
        if edits.is_empty() {
            return Edited::default();
        }
        let decided = || match found {
            Some(found) => Some(Side::found(found, new)),
            None => Side::of(new),
        };
        let (old, new) = rayon::join(|| Side::of(old), decided);
        Edited { edits, old, new }
    }
}

/// Finds the causes of everything that changed, and names them in the objects.
pub(super) fn find(
    changed: &mut [Changed<'_>],
    (old, new): (&Tree<'_>, &Tree<'_>),
    (specs, edited, found): (&Both, Edited, Option<&Found>),
    renames: &Renames,
    notes: &mut Vec<String>,
) -> Causes {
    let mut whys: Vec<BTreeSet<Why>> = vec![BTreeSet::new(); changed.len()];
    let Edited { edits, old: mut then, new: now } = edited;
    // Nothing is said to be new beside specs that do not compile.
    let now = now.filter(|_| then.is_some());
    let mut brought = Vec::new();
    let mut effects = OfUnits::default();
    if let (Some(before), Some(after)) = (&specs.old, &specs.new) {
        // Nobody edited anything, and something changed all the same.
        if edits.is_empty() && !changed.is_empty() {
            then = Side::of(before);
        }
        let known = beside_edits(changed, old, then.as_ref(), &mut whys, notes);
        let trees = (old, new, renames);
        effects = of_edits(changed, &edits, (before, after), (&known, trees), &mut whys, notes);
        if let Some((then, now)) = then.as_mut().zip(now) {
            let units = changed.iter().map(|changed| changed.object.service.as_str());
            let concerned = warnings::concerned(units, &edits, [before, after]);
            let (decided, texts) = ((then, now, found), (before, after));
            brought = warnings::brought(decided, texts, (&edits, renames), &concerned);
        }
    } else if !changed.is_empty() {
        notes.push(
            "the specs of one side are not known: causes are named by what changed".to_owned(),
        );
        alike(changed, &mut whys);
    }
    of_followers(changed, &mut whys);
    of_generations(changed, &mut whys);
    name::causes(changed, &whys, &edits, (brought, effects))
}

/// What is behind the effects on each unit.
#[derive(Default)]
struct OfUnits {
    /// Where several edits may be.
    apart: BTreeMap<String, Behind>,
    /// The edits that may be, by number.
    candidates: BTreeMap<String, Vec<usize>>,
}

fn key(item: &Item<'_>) -> Key {
    let id = &item.identity;
    (id.region.clone(), id.kind.clone(), id.namespace.clone(), id.logical_name.clone())
}

/// What the specs of the old side compile to now, unit by unit, where that is known. Objects of the
/// old tree that differ from it were edited by hand, made by another Ninefold, or not built.
fn beside_edits(
    changed: &[Changed<'_>],
    old: &Tree<'_>,
    before: Option<&Side>,
    whys: &mut [BTreeSet<Why>],
    notes: &mut Vec<String>,
) -> BTreeMap<String, Objects> {
    if changed.is_empty() || old.without_ledger {
        return BTreeMap::new();
    }
    let Some(before) = before else {
        notes.push("the old specs do not compile with this Ninefold: what another version changes is not told apart, and no warning is said to be new".to_owned());
        return BTreeMap::new();
    };
    let concerned: BTreeSet<&str> = (changed.iter())
        .map(|changed| changed.pair.old.unwrap_or_else(|| changed.pair.item()).unit.as_str())
        .collect();
    let mut again = before.compile(&concerned);
    // Of a unit that this Ninefold refuses nobody knows what it would be.
    let other = changed.iter().filter_map(|changed| made_otherwise(changed, &again));
    let refused = before.refused(&other.collect());
    again.retain(|unit, _| !refused.contains(unit));
    let (was, of_old): (Vec<&Item<'_>>, Vec<_>) = (changed.iter().zip(whys.iter_mut()))
        .filter_map(|(changed, whys)| {
            Some((changed.pair.old.filter(|item| item.retained.is_none())?, whys))
        })
        .unzip();
    let by_hand: Vec<bool> =
        was.par_chunks(side::at_once(was.len())).flat_map_iter(Item::by_hand).collect();
    for ((item, whys), by_hand) in was.iter().zip(of_old).zip(by_hand) {
        let made = again.get(&item.unit);
        let now = made.and_then(|made| made.get(&key(item))).map(|again| &again.file);
        if by_hand {
            whys.insert(Why::HandEdit);
        } else if (made.is_some() || !before.has(&item.unit)) && now != item.digest.as_ref() {
            whys.insert(Why::Tool);
        }
    }
    // What the old tree lacks although the old specs have it.
    for (changed, whys) in changed.iter().zip(whys) {
        if let (None, Some(new)) = (changed.pair.old, changed.pair.new)
            && new.retained.is_none()
            && again.get(&new.unit).is_some_and(|made| made.contains_key(&key(new)))
        {
            whys.insert(Why::Tool);
        }
    }
    again
}

/// The unit of an object that the old specs make otherwise than the old tree has it.
fn made_otherwise<'c>(
    changed: &'c Changed<'_>,
    again: &BTreeMap<String, Objects>,
) -> Option<&'c str> {
    let current = |item: &&Item<'_>| item.retained.is_none();
    let (item, there) = match (changed.pair.old, changed.pair.new) {
        (Some(old), _) => (old, old.digest.as_ref()),
        (None, new) => (new?, None),
    };
    let item = Some(item).filter(current)?;
    let made = again.get(&item.unit)?.get(&key(item)).map(|made| &made.file);
    (made != there).then_some(item.unit.as_str())
}

/// The edits by the service that they are made of; nothing for the fleet and for templates.
type ByService<'e> = BTreeMap<&'e str, Vec<usize>>;

/// The edits that can concern a unit, in their order. Of other services, it sees only who they
/// are, where they are, what they listen on and whom they call.
fn candidates(
    edits: &[Edit],
    by_service: &ByService<'_>,
    unit: &str,
    linked: &BTreeSet<String>,
) -> Vec<usize> {
    const SEEN: &[&str] = &["name", "namespace", "regions", "ports", "depends_on"];
    let seen = |at: &usize| SEEN.contains(&edits[*at].subject());
    let own = ServiceName::read(unit);
    // What an environment says changes nothing in another.
    let there =
        |at: &usize| edits[*at].environment().is_none_or(|name| Some(name) == own.environment());
    if unit == plan::Unit::Fleet.name() {
        let all: Vec<usize> = (0..edits.len()).collect();
        let seen = |at: &usize| !UNSHARED.contains(&edits[*at].subject());
        let shared: Vec<usize> = all.iter().copied().filter(seen).collect();
        return if shared.is_empty() { all } else { shared };
    }
    let of = |service: &str| by_service.get(service).cloned().unwrap_or_default();
    let others = linked.iter().filter(|service| *service != own.plain());
    let others = others.flat_map(|service| of(service)).filter(seen);
    let found = of("").into_iter().chain(of(own.plain())).chain(others);
    let found: BTreeSet<usize> = found.filter(there).collect();
    found.into_iter().collect()
}

/// The objects of each unit that the edits change, by number, and the units that promise otherwise.
fn to_explain<'t>(
    changed: &[Changed<'_>],
    (known, (old, new, renames)): (&BTreeMap<String, Objects>, Trees<'t>),
    whys: &[BTreeSet<Why>],
) -> BTreeMap<String, Vec<usize>> {
    let mut units: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, changed) in changed.iter().enumerate() {
        // What another version made, and the edits leave as that version made it.
        let same = |made: &Objects, new: &Item<'_>| {
            made.get(&key(new)).map(|made| &made.file) == new.digest.as_ref()
        };
        let unit = &changed.object.service;
        let by_tool = whys[at].contains(&Why::Tool) || whys[at].contains(&Why::HandEdit);
        let settled = by_tool
            && changed
                .pair
                .new
                .is_none_or(|new| known.get(unit).is_some_and(|made| same(made, new)));
        if !settled {
            units.entry(unit.clone()).or_default().push(at);
        }
    }
    for name in taken_over((old, new), renames) {
        units.entry(name.to_owned()).or_default();
    }
    for (name, unit) in new.units.iter().filter(|(name, _)| !side::is_one(old, new, name)) {
        let then = old.units.get(former(name, (old, new), renames));
        let promises = |unit: &'t Unit<'t>| unit.ledger().map(|ledger| ledger.promises());
        if then.is_some_and(|then| promises(then) != promises(unit)) {
            units.entry(name.clone()).or_default();
        }
    }
    units
}

/// Both trees, and the names that units had before.
type Trees<'t> = (&'t Tree<'t>, &'t Tree<'t>, &'t Renames);

fn of_edits(
    changed: &[Changed<'_>],
    edits: &[Edit],
    (before, after): (&Texts, &Texts),
    (known, trees): (&BTreeMap<String, Objects>, Trees<'_>),
    whys: &mut [BTreeSet<Why>],
    notes: &mut Vec<String>,
) -> OfUnits {
    let to_explain = to_explain(changed, (known, trees), whys);
    if to_explain.is_empty() {
        return OfUnits::default();
    }
    let links = (Links::of(before), Links::of(after));
    let around = |name: &str| links.0.around(name).into_iter().chain(links.1.around(name));
    // Without these, no variant of the specs compiles.
    let named: BTreeSet<String> = before.named_by_fleet().chain(after.named_by_fleet()).collect();
    let named: BTreeSet<String> = named.iter().flat_map(|name| around(name)).collect();
    let mut by_service = ByService::new();
    for (at, edit) in edits.iter().enumerate() {
        by_service.entry(edit.service.as_deref().unwrap_or_default()).or_default().push(at);
    }
    let mut several = Vec::new();
    let mut effects = OfUnits::default();
    for (unit, objects) in to_explain {
        let shared = unit == plan::Unit::Fleet.name();
        let mut linked: BTreeSet<String> = around(id::plain(&unit)).collect();
        let candidates = candidates(edits, &by_service, &unit, &linked);
        effects.candidates.insert(unit.clone(), candidates.clone());
        let several_edits = candidates.len() > 1;
        let without =
            |at: &usize| whys[*at].contains(&Why::Tool) || whys[*at].contains(&Why::HandEdit);
        let beside_edits = objects.iter().any(without);
        if shared {
            linked = before.services.keys().chain(after.services.keys()).cloned().collect();
        }
        if several_edits || beside_edits && !candidates.is_empty() {
            linked.extend(named.iter().cloned());
            let former = former(&unit, (trees.0, trees.1), trees.2).to_owned();
            let services = linked;
            several.push(Mixed { unit, former, objects, candidates, services, beside_edits });
        } else {
            for at in objects {
                whys[at].extend(candidates.iter().map(|edit| Why::Edit(*edit)));
            }
        }
    }
    let (apart, cut) = apart::tell(&several, changed, edits, (before, after), trees);
    if cut {
        notes.push("too many edits to tell all of them apart: some count together as a cause of what any of them changes".to_owned());
    }
    for (mixed, found) in several.into_iter().zip(apart) {
        for (at, found) in found.objects {
            whys[at].extend(found);
        }
        effects.apart.insert(mixed.unit, found.effects);
    }
    effects
}

/// What of a spec never reaches what services share.
const UNSHARED: &[&str] =
    &["accept", "args", "capacity", "command", "config", "drain", "image", "probes", "rollout"];

/// Without specs, objects that change alike have one cause.
fn alike(changed: &[Changed<'_>], whys: &mut [BTreeSet<Why>]) {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for (at, changed) in changed.iter().enumerate() {
        if changed.object.class == Class::Follows || is_former(&changed.object) {
            continue;
        }
        let signature = super::group::signature(&changed.object);
        whys[at].insert(Why::Alike(*first.entry(signature).or_insert(at)));
    }
}

fn is_former(object: &Object) -> bool {
    matches!(object.operation, Operation::Keep | Operation::Retire)
}

/// What only follows has the causes of what it refers to.
fn of_followers(changed: &[Changed<'_>], whys: &mut [BTreeSet<Why>]) {
    let mut names: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for (at, changed) in changed.iter().enumerate() {
        for item in [changed.pair.old, changed.pair.new].into_iter().flatten() {
            names.insert((&item.identity.region, &item.identity.kind, &item.name), at);
        }
    }
    // A chain of references is short: a ConfigMap, a Deployment, an autoscaler.
    for _ in 0..4 {
        for (at, changed) in changed.iter().enumerate() {
            if changed.object.class != Class::Follows || !whys[at].is_empty() {
                continue;
            }
            let items = [changed.pair.old, changed.pair.new];
            let references = items.iter().flatten().flat_map(|item| {
                let region = item.identity.region.as_str();
                item.references.iter().map(move |to| (region, to.kind.as_str(), to.name.as_str()))
            });
            let targets: BTreeSet<usize> =
                references.filter_map(|name| names.get(&name).copied()).collect();
            let found = targets.into_iter().flat_map(|target| whys[target].clone()).collect();
            whys[at] = found;
        }
    }
}

/// A former generation stays because of what replaces it; what leaves does so by itself.
fn of_generations(changed: &[Changed<'_>], whys: &mut [BTreeSet<Why>]) {
    let who = |item: &Item<'_>| {
        let id = &item.identity;
        (id.region.clone(), id.kind.clone(), id.namespace.clone(), item.name.clone())
    };
    let replaced: BTreeMap<_, usize> = (changed.iter().enumerate())
        .filter(|(_, changed)| !is_former(&changed.object))
        .filter_map(|(at, changed)| Some((who(changed.pair.old?), at)))
        .collect();
    for (at, changed) in changed.iter().enumerate() {
        let object = &changed.object;
        if let Some(old) = changed.pair.old.filter(|_| object.operation == Operation::Keep) {
            // What has no successor under its identity, as in another namespace, has its own.
            if let Some(by) = replaced.get(&who(old)) {
                whys[at] = whys[*by].clone();
            } else if old.retained.is_some() {
                whys[at].clear();
            }
        }
        // One that the old tree has not was kept by a build.
        let back = |new: &Item<'_>| changed.pair.old.is_none() && new.retained.is_some();
        let left = object.operation == Operation::Retire || changed.pair.new.is_some_and(back);
        let former = left || object.generation.is_some();
        if left || (whys[at].is_empty() && former) {
            whys[at] = BTreeSet::from([Why::Generations]);
        }
    }
}
