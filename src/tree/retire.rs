//! The end of former generations: what leaves with them, and what others still need.

use super::ledger::{Entry, Gone, Ledger};
use super::path;
use super::retain::{self, Region};
use crate::kube::{Kind, id};
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of a unit when some of its former generations leave.
#[derive(Debug)]
pub struct Retired {
    /// Its ledger then.
    pub ledger: Ledger,
    /// What leaves.
    pub left: Vec<Entry>,
    /// What moves into the folder of another generation, which needs it: from where, to where.
    pub moved: Vec<(String, String)>,
}

/// Takes out the former generations that `leaves` holds of. What another generation refers to
/// stays, in the folder of that one. Of what leaves, the ledger says that a person took it out, so
/// that no build brings it back while it is still delivered.
pub fn retire(old: &Ledger, leaves: impl Fn(&Entry) -> bool) -> Retired {
    let leaves = |entry: &Entry| entry.retained.is_some() && leaves(entry);
    let unit = id::plain(old.unit());
    let units = BTreeSet::from([unit]);
    let regions: BTreeSet<&str> =
        (old.objects().iter().filter(|entry| leaves(entry))).map(|entry| &*entry.region).collect();
    let (mut kept, mut moved, mut left) = (Vec::new(), Vec::new(), Vec::new());
    kept.extend(old.objects().iter().filter(|entry| !regions.contains(&*entry.region)).cloned());
    for region in regions {
        let here = || old.objects().iter().filter(|entry| entry.region == region);
        let current: BTreeMap<_, _> = here()
            .filter(|entry| entry.retained.is_none())
            .map(|entry| (retain::name(entry), entry))
            .collect();
        kept.extend(current.values().map(|entry| (*entry).clone()));
        let ends = |entry: &Entry| leaves(entry) && !is_needed_by_reference(entry);
        let former = here().filter(|entry| entry.retained.is_some() && !ends(entry)).collect();
        let stays: BTreeMap<&str, _> = (Region::of(unit, &units, current, former, Vec::new()))
            .keep()
            .into_iter()
            .map(|(entry, home)| (&*entry.path, home))
            .collect();
        for entry in here().filter(|entry| entry.retained.is_some()) {
            let Some(home) = stays.get(&*entry.path) else {
                left.push(entry.clone());
                continue;
            };
            let path = path::retained(unit, region, &home.generation, &entry.path);
            if path != entry.path {
                moved.push((entry.path.clone(), path.clone()));
            }
            kept.push(Entry { path, retained: Some(Box::new(home.clone())), ..entry.clone() });
        }
    }
    kept.sort_by(|a, b| a.path.cmp(&b.path));
    let gone = left.iter().map(Gone::of);
    Retired { ledger: old.with(kept, gone), left, moved }
}

/// Whether an object makes no generation, and was kept only because another refers to it.
fn is_needed_by_reference(entry: &Entry) -> bool {
    let root = entry.retained.as_ref().is_some_and(|kept| {
        kept.of == format!("{} {}", entry.kind, entry.logical_name)
            || Kind::is_workload(&entry.kind)
    });
    !root
}
