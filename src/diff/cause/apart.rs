//! Which of several edits changes what: each is made alone, and the unit compiled with it.

use super::edits::Edit;
use super::texts::{Compiled, Texts};
use super::{Why, key};
use crate::diff::objects::Changed;
use crate::diff::report::Class;
use crate::kube::id;
use std::collections::BTreeSet;

/// Makes every candidate alone and sees which objects it changes; where that tells nothing, takes
/// every candidate alone back.
pub(super) fn tell(
    unit: &str,
    changed: &[Changed<'_>],
    objects: &[usize],
    edits: &[Edit],
    candidates: &[usize],
    (before, after): (&Texts, &Texts),
) -> Vec<(usize, BTreeSet<Why>)> {
    let variants = |from: &Texts, to: &Texts| -> Vec<(usize, Option<Compiled>)> {
        let made = |at: &usize| (*at, edits[*at].made(from, to).compile(unit));
        candidates.iter().map(made).collect()
    };
    let base = before.compile(unit);
    let forward = variants(before, after);
    let mut found: Vec<(usize, BTreeSet<Why>)> =
        (objects.iter()).map(|at| (*at, moved(&changed[*at], base.as_ref(), &forward))).collect();
    // Of an edit that does not compile by itself, nothing is known: it is taken back alone, too.
    let unknown: BTreeSet<usize> =
        forward.iter().filter(|(_, made)| made.is_none()).map(|(at, _)| *at).collect();
    if !unknown.is_empty() || found.iter().any(|(_, whys)| whys.is_empty()) {
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
    }
    found
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
            let (a, b) = (base.and_then(|base| base.get(key)), variant.get(key));
            match (a, b) {
                (Some(a), Some(b)) if edited => a.own != b.own,
                (a, b) => a != b,
            }
        })
    };
    let moved = variants.iter().filter(|(_, made)| made.as_ref().is_some_and(differs));
    moved.map(|(at, _)| Why::Edit(*at)).collect()
}
