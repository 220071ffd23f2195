//! Which of several edits changes what: they are made apart, and the units compiled with them.

use super::does::{Behind, Does, Place};
use super::edits::Edit;
use super::halves::{self, Variant};
use super::texts::{Key, Made, Objects, Texts};
use super::{Trees, Why, key};
use crate::Fleet;
use crate::diag::Sink;
use crate::diff::objects::Changed;
use crate::diff::report::Class;
use crate::kube::id;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A unit, and the edits that may be behind what changes in it.
pub(super) struct Mixed {
    pub(super) unit: String,
    /// What it was called.
    pub(super) former: String,
    /// What differs in it, by number.
    pub(super) objects: Vec<usize>,
    /// The edits, by number.
    pub(super) candidates: Vec<usize>,
    /// The services whose specs it compiles with.
    pub(super) services: BTreeSet<String>,
    /// Whether something in it changes without any edit.
    pub(super) beside_edits: bool,
}

/// What is behind everything that changes in a unit.
pub(super) struct Apart {
    pub(super) objects: Vec<(usize, BTreeSet<Why>)>,
    pub(super) effects: Behind,
}

/// What some edits make of a unit.
pub(super) struct Tried {
    objects: Objects,
    /// What that does where nothing was edited.
    does: BTreeSet<Does>,
    /// The objects that are not what they were before these edits.
    differ: BTreeSet<Key>,
    /// Whether nothing of it is.
    pub(super) same: bool,
}

impl Tried {
    /// Whether two do the same to the same objects.
    pub(super) fn is_alike(&self, other: &Tried) -> bool {
        self.does == other.does && self.differ == other.differ
    }
}

/// Makes the candidates apart and sees which objects of each unit they change and what they do there; where
/// that shows nothing, takes them apart back. Says whether there were too many of them.
pub(super) fn tell(
    units: &[Mixed],
    changed: &[Changed<'_>],
    edits: &[Edit],
    (before, after): (&Texts, &Texts),
    trees: Trees<'_>,
) -> (Vec<Apart>, bool) {
    let all: Vec<usize> = (0..units.len()).collect();
    let (old, new) = (Ready::of(before, units, &all), Ready::of(after, units, &all));
    let mut trials: Vec<Trial<'_>> = (units.par_iter())
        .map(|mixed| {
            let place = Place::of(mixed, trees);
            let (base, all) = (old.compile(mixed), new.compile(mixed));
            Trial { mixed, place, base, all, forward: Vec::new(), backward: Vec::new() }
        })
        .collect();
    let make = |some: &[usize]| {
        some.iter().fold(before.clone(), |texts, at| edits[*at].made(&texts, after))
    };
    let from_base = |trial: &Trial<'_>, ready: &Ready| trial.tried(trial.base.as_ref(), ready);
    let forward = halves::search(&trials, &all, edits, make, from_base);
    let mut cut = forward.iter().any(|search| search.cut);
    trials.iter_mut().zip(forward).for_each(|(trial, search)| trial.forward = search.variants);
    trials.par_iter_mut().for_each(|trial| trial.together(&make));
    let unclear: Vec<usize> =
        all.into_iter().filter(|at| trials[*at].is_unclear(changed)).collect();
    let take_back = |some: &[usize]| {
        some.iter().fold(after.clone(), |texts, at| edits[*at].reversed().made(&texts, before))
    };
    let from_all = |trial: &Trial<'_>, ready: &Ready| trial.tried(trial.all.as_ref(), ready);
    let backward = halves::search(&trials, &unclear, edits, take_back, from_all);
    cut |= backward.iter().any(|search| search.cut);
    trials.iter_mut().zip(backward).for_each(|(trial, search)| trial.backward = search.variants);
    (trials.par_iter().map(|trial| trial.apart(changed, edits)).collect(), cut)
}

/// Specs that are ready to be compiled.
pub(super) struct Ready {
    texts: Texts,
    fleet: Option<Fleet>,
}

impl Ready {
    /// With all that some of the units look at.
    pub(super) fn of<'m>(
        texts: &Texts,
        units: impl IntoIterator<Item = &'m Mixed>,
        some: &[usize],
    ) -> Ready {
        let units: Vec<&Mixed> = units.into_iter().collect();
        let services = some.iter().flat_map(|at| &units[*at].services).cloned().collect();
        let texts = texts.only(&services);
        Ready { fleet: texts.prepare(&mut Sink::default()), texts }
    }

    fn compile(&self, mixed: &Mixed) -> Option<Made> {
        let names = [mixed.unit.as_str(), mixed.former.as_str()];
        if let Some(fleet) = &self.fleet {
            return Made::of(fleet, &names);
        }
        // What is wrong with it may be wrong with others alone.
        let own = self.texts.only(&mixed.services);
        let fewer = own.services.len() < self.texts.services.len();
        let fleet = fewer.then(|| own.prepare(&mut Sink::default())).flatten()?;
        Made::of(&fleet, &names)
    }
}

/// A unit with what is known of its variants.
pub(super) struct Trial<'a> {
    pub(super) mixed: &'a Mixed,
    place: Place<'a>,
    /// With none of the edits.
    base: Option<Made>,
    /// With all of them.
    all: Option<Made>,
    /// With some.
    forward: Vec<Variant>,
    /// With all but some.
    backward: Vec<Variant>,
}

impl Trial<'_> {
    /// What a unit becomes of what it was `before` some edits.
    fn tried(&self, before: Option<&Made>, ready: &Ready) -> Option<Tried> {
        let made = ready.compile(self.mixed)?;
        let same = before.is_some_and(|before| before.is_same(&made));
        let (then, now) = (before.map(|before| &before.objects), &made.objects);
        let keys = then.into_iter().chain([now]).flat_map(BTreeMap::keys);
        let differs = |key: &&Key| then.and_then(|then| then.get(*key)) != now.get(*key);
        let differ = keys.filter(differs).cloned().collect();
        let does = if same { BTreeSet::new() } else { self.does(&made) };
        Some(Tried { does, differ, same, objects: made.objects })
    }

    /// What a variant does where nothing was edited.
    fn does(&self, made: &Made) -> BTreeSet<Does> {
        self.base.as_ref().map(|base| self.place.between(base, made)).unwrap_or_default()
    }

    /// The edits of which nothing is known, as they do not compile by themselves.
    fn unknown(&self) -> BTreeSet<usize> {
        let unknown = self.forward.iter().filter(|variant| variant.made.is_none());
        unknown.flat_map(|variant| variant.edits.iter().copied()).collect()
    }

    /// Edits that compile with each other alone count as one: a name, and where it is used.
    fn together(&mut self, make: &impl Fn(&[usize]) -> Texts) {
        if self.unknown().is_empty() {
            return;
        }
        let known = self.forward.iter().filter(|variant| variant.made.is_some());
        let known: BTreeSet<usize> = known.flat_map(|variant| variant.edits.clone()).collect();
        let left = self.mixed.candidates.iter().copied().filter(|edit| !known.contains(edit));
        let edits: Vec<usize> = left.collect();
        let ready = Ready::of(&make(&edits), [self.mixed], &[0]);
        if let Some(made) = self.tried(self.base.as_ref(), &ready) {
            self.forward.retain(|variant| variant.made.is_some());
            self.forward.push(Variant { edits, made: Some(made) });
        }
    }

    /// The edits that change each object by themselves.
    fn objects(&self, changed: &[Changed<'_>]) -> Vec<(usize, BTreeSet<Why>)> {
        let base = self.base.as_ref().map(|made| &made.objects);
        let of = |at: &usize| (*at, moved(&changed[*at], base, &self.forward));
        self.mixed.objects.iter().map(of).collect()
    }

    /// The edits that have each effect by themselves.
    fn effects(&self) -> BTreeMap<Does, BTreeSet<usize>> {
        let all = self.all.as_ref().map(|made| self.does(made)).unwrap_or_default();
        let of = |what: Does| {
            let by = doing(&what, &self.forward, true);
            (what, by)
        };
        all.into_iter().map(of).collect()
    }

    /// Whether some edit has to be taken back to tell what is behind something.
    fn is_unclear(&self, changed: &[Changed<'_>]) -> bool {
        !self.unknown().is_empty()
            || self.objects(changed).iter().any(|(_, whys)| whys.is_empty())
            || self.effects().values().any(BTreeSet::is_empty)
    }

    fn apart(&self, changed: &[Changed<'_>], edits: &[Edit]) -> Apart {
        let unknown = self.unknown();
        let (mut objects, mut effects) = (self.objects(changed), self.effects());
        let all = self.all.as_ref().map(|made| &made.objects);
        for (at, whys) in &mut objects {
            let every = whys.is_empty();
            let is_unknown = |why: &Why| matches!(why, Why::Edit(edit) if unknown.contains(edit));
            let more = moved(&changed[*at], all, &self.backward);
            whys.extend(more.into_iter().filter(|why| every || is_unknown(why)));
            if whys.is_empty() {
                whys.extend(own(self.mixed, edits).into_iter().map(Why::Edit));
            }
        }
        for (what, by) in &mut effects {
            let every = by.is_empty();
            let without = doing(what, &self.backward, false);
            by.extend(without.into_iter().filter(|at| every || unknown.contains(at)));
        }
        let base = self.base.as_ref().filter(|_| self.mixed.beside_edits);
        let others = base.map(|base| self.place.beside_edits(base)).unwrap_or_default();
        Apart { objects, effects: Behind { edits: effects, others } }
    }
}

/// The edits of the unit's own spec, and all where there is none.
fn own(mixed: &Mixed, edits: &[Edit]) -> Vec<usize> {
    let own = |at: &usize| edits[*at].service.as_deref() == Some(id::plain(&mixed.unit));
    let found: Vec<usize> = mixed.candidates.iter().copied().filter(own).collect();
    if found.is_empty() { mixed.candidates.clone() } else { found }
}

/// The variants that have an effect, or those that have it not.
fn doing(what: &Does, variants: &[Variant], has: bool) -> BTreeSet<usize> {
    let fits = |variant: &&Variant| {
        variant.made.as_ref().is_some_and(|made| made.does.contains(what) == has)
    };
    let found = variants.iter().filter(fits);
    found.flat_map(|variant| variant.edits.iter().copied()).collect()
}

/// The variants in which an object is not what it is in `base`.
fn moved(changed: &Changed<'_>, base: Option<&Objects>, variants: &[Variant]) -> BTreeSet<Why> {
    let keys = [changed.pair.old.map(key), changed.pair.new.map(key)];
    let edited = changed.object.class == Class::Edited;
    let differs = |objects: &Objects| {
        keys.iter().flatten().any(|key| {
            let (a, b) = (base.and_then(|base| base.get(key)), objects.get(key));
            match (a, b) {
                (Some(a), Some(b)) if edited => a.own != b.own,
                (a, b) => a != b,
            }
        })
    };
    let moves =
        |variant: &&Variant| variant.made.as_ref().is_some_and(|made| differs(&made.objects));
    let found = variants.iter().filter(moves);
    found.flat_map(|variant| variant.edits.iter().copied().map(Why::Edit)).collect()
}
