//! Which of several edits changes what: each is made alone, and the unit compiled with it.

use super::edits::Edit;
use super::promised::Promised;
use super::texts::{Compiled, Texts};
use super::{Why, key};
use crate::diff::objects::Changed;
use crate::diff::report::Class;
use crate::kube::id;
use std::collections::BTreeSet;

/// What differs in a unit: objects by number, and what is promised otherwise.
pub(super) struct Differs {
    pub(super) objects: Vec<usize>,
    pub(super) promises: BTreeSet<(String, &'static str)>,
}

/// What is behind everything that differs in a unit.
pub(super) struct Told {
    pub(super) objects: Vec<(usize, BTreeSet<Why>)>,
    pub(super) promised: Promised,
}

/// Makes every candidate alone and sees which objects and promises it changes; where that tells
/// nothing, takes every candidate alone back.
pub(super) fn tell(
    unit: &str,
    changed: &[Changed<'_>],
    differs: &Differs,
    edits: &[Edit],
    candidates: &[usize],
    (before, after): (&Texts, &Texts),
) -> Told {
    let variants = |from: &Texts, to: &Texts| -> Vec<(usize, Option<Compiled>)> {
        let made = |at: &usize| (*at, edits[*at].made(from, to).compile(unit));
        candidates.iter().map(made).collect()
    };
    let base = before.compile(unit);
    let forward = variants(before, after);
    let mut found: Vec<(usize, BTreeSet<Why>)> = (differs.objects.iter())
        .map(|at| (*at, moved(&changed[*at], base.as_ref(), &forward)))
        .collect();
    let mut promised: Promised = (differs.promises.iter())
        .map(|about| (about.clone(), broken(about, base.as_ref(), &forward)))
        .collect();
    // Of an edit that does not compile by itself, nothing is known: it is taken back alone, too.
    let unknown: BTreeSet<usize> =
        forward.iter().filter(|(_, made)| made.is_none()).map(|(at, _)| *at).collect();
    let nobody = found.iter().any(|(_, whys)| whys.is_empty());
    if !unknown.is_empty() || nobody || promised.values().any(BTreeSet::is_empty) {
        let base = after.compile(unit);
        let back: Vec<Edit> = edits.iter().map(Edit::reversed).collect();
        let made = |at: &usize| (*at, back[*at].made(after, before).compile(unit));
        let backward: Vec<_> = candidates.iter().map(made).collect();
        for (at, whys) in &mut found {
            let told = moved(&changed[*at], base.as_ref(), &backward);
            let more = |why: &Why| matches!(why, Why::Edit(edit) if unknown.contains(edit));
            match whys.is_empty() {
                true => *whys = told,
                false => whys.extend(told.into_iter().filter(more)),
            }
            if whys.is_empty() {
                let own = |at: &&usize| edits[**at].service.as_deref() == Some(id::plain(unit));
                let own: Vec<usize> = candidates.iter().filter(own).copied().collect();
                let all = if own.is_empty() { candidates } else { &own };
                whys.extend(all.iter().map(|at| Why::Edit(*at)));
            }
        }
        for (about, found) in &mut promised {
            let told = broken(about, base.as_ref(), &backward);
            let all = found.is_empty();
            found.extend(told.into_iter().filter(|at| all || unknown.contains(at)));
        }
    }
    Told { objects: found, promised }
}

/// The variants in which something is promised otherwise than in `base`.
fn broken(
    about: &(String, &'static str),
    base: Option<&Compiled>,
    variants: &[(usize, Option<Compiled>)],
) -> BTreeSet<usize> {
    let Some(base) = base.and_then(|base| base.promises.get(about)) else { return BTreeSet::new() };
    let differs = |made: &Option<Compiled>| {
        let promises = made.as_ref().map(|made| &made.promises);
        promises.and_then(|promises| promises.get(about)).is_some_and(|said| said != base)
    };
    variants.iter().filter(|(_, made)| differs(made)).map(|(at, _)| *at).collect()
}

/// The variants in which an object is not what it is in `base`.
fn moved(
    changed: &Changed<'_>,
    base: Option<&Compiled>,
    variants: &[(usize, Option<Compiled>)],
) -> BTreeSet<Why> {
    let keys = [changed.pair.old.map(key), changed.pair.new.map(key)];
    let edited = changed.object.class == Class::Edited;
    let differs = |variant: &Compiled| {
        keys.iter().flatten().any(|key| {
            let (a, b) = (base.and_then(|base| base.objects.get(key)), variant.objects.get(key));
            match (a, b) {
                (Some(a), Some(b)) if edited => a.own != b.own,
                (a, b) => a != b,
            }
        })
    };
    let moved = variants.iter().filter(|(_, made)| made.as_ref().is_some_and(differs));
    moved.map(|(at, _)| Why::Edit(*at)).collect()
}
