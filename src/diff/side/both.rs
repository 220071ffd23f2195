//! What two sides have in common: of a unit that is the same on both, nothing is looked at.

use super::unit::number;
use super::{Files, Item, Reader, Tree, Unit, at_once};
use crate::diag::Diagnostic;
use crate::tree::Ledger;
use crate::tree::ledger;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A side, and the units of which it has ledgers.
pub type Listed<'u> = (Arc<dyn Files>, &'u [String]);

/// What is wrong with ledgers.
type Findings = Vec<Diagnostic>;

impl Tree<'static> {
    /// The trees of both sides, of which ledgers speak. A ledger that both have is read once, and a unit of
    /// which both have every file is one.
    ///
    /// # Errors
    ///
    /// What is wrong with ledgers of the old side, or else of the new one.
    pub fn both(old: Listed<'_>, new: Listed<'_>) -> Result<(Self, Self), (Findings, Findings)> {
        let on_new: BTreeSet<&str> = new.1.iter().map(String::as_str).collect();
        let before = |unit: &str, ledger: Ledger| {
            let is_same = on_new.contains(unit) && is_same(&ledger, &*old.0, &*new.0);
            Arc::new(match is_same {
                true => Unit::glanced(&old.0, &ledger),
                false => Unit::later(&old.0, ledger, None),
            })
        };
        let names: Vec<&str> = old.1.iter().map(String::as_str).collect();
        let units = read(&*old.0, &names, before).map_err(|findings| (findings, Vec::new()))?;
        let old_tree = Tree::of(Reader::Shared(Arc::clone(&old.0)), units);
        let before = |unit: &str| Some((Arc::clone(&old.0), Arc::clone(old_tree.units.get(unit)?)));
        let known = |unit: &str| {
            let path = ledger::path(unit);
            let ids = old.0.id(&path).zip(new.0.id(&path));
            let known = old_tree.units.get(unit)?;
            let is_same = ids.is_some_and(|(before, after)| before == after);
            is_same.then(|| match known.ledger_if_kept() {
                Some(ledger) => Arc::new(Unit::later(&new.0, ledger.clone(), before(unit))),
                None => Arc::clone(known),
            })
        };
        let mut units: Vec<Arc<Unit<'static>>> = Vec::new();
        let mut others = Vec::new();
        for unit in new.1 {
            match known(unit) {
                Some(known) => units.push(known),
                None => others.push(unit.as_str()),
            }
        }
        let after =
            |unit: &str, ledger: Ledger| Arc::new(Unit::later(&new.0, ledger, before(unit)));
        units.extend(read(&*new.0, &others, after).map_err(|findings| (Vec::new(), findings))?);
        let new_tree = Tree::of(Reader::Shared(Arc::clone(&new.0)), units);
        Ok((old_tree, new_tree))
    }
}

impl<'a> Tree<'a> {
    /// The objects of its own that Kubernetes calls so, in their order.
    pub(in crate::diff) fn called<'t>(
        &'t self,
        (region, kind, namespace): (&'t str, &'t str, Option<&'t str>),
        name: &'t str,
    ) -> impl Iterator<Item = &'t Item<'a>> {
        let wanted = number(region, kind, namespace, name);
        let names = self.names();
        let from = names.partition_point(|(known, _)| *known < wanted);
        let same = names[from..].iter().take_while(move |(known, _)| *known == wanted);
        let mut last: Option<&str> = None;
        let units =
            same.map(|(_, unit)| &**unit).filter(move |unit| last.replace(unit) != Some(unit));
        let units = units.filter_map(|unit| self.units.get(unit));
        let items = units.flat_map(move |unit| unit.items_in(region, namespace));
        items.filter(move |item| item.name == name && *item.identity.kind == *kind)
    }

    fn names(&self) -> &[(u64, Arc<str>)] {
        self.names.get_or_init(|| {
            let of = |unit: &'_ Unit<'a>| -> Vec<(u64, Arc<str>)> {
                unit.seen().names.iter().map(|name| (*name, Arc::clone(unit.name()))).collect()
            };
            let mut names: Vec<_> = self.units.values().flat_map(|unit| of(unit)).collect();
            names.sort_by_key(|(name, _)| *name);
            names
        })
    }

    /// Whether each object is another one, and has another name.
    fn is_plain(&self) -> bool {
        let all = self.units.values().flat_map(|unit| &unit.seen().identities);
        let mut identities: Vec<u64> = all.copied().collect();
        identities.sort_unstable();
        let names = self.names();
        identities.windows(2).all(|two| two[0] != two[1])
            && names.windows(2).all(|two| two[0].0 != two[1].0)
    }
}

/// Whether two sides have the same ledger, and the same bytes in every object that it speaks of.
fn is_same(ledger: &Ledger, old: &dyn Files, new: &dyn Files) -> bool {
    let same = |path: &str| old.id(path).is_some_and(|id| new.id(path) == Some(id));
    same(&ledger::path(ledger.unit())) && ledger.objects().iter().all(|entry| same(&entry.path))
}

/// What is made of the ledgers of some units.
fn read<T: Send>(
    files: &dyn Files,
    units: &[&str],
    make: impl Fn(&str, Ledger) -> T + Sync,
) -> Result<Vec<T>, Findings> {
    let read: Vec<Result<T, Box<Diagnostic>>> = (units.par_chunks(at_once(units.len())))
        .flat_map_iter(|units| {
            let paths: Vec<String> = units.iter().map(|unit| ledger::path(unit)).collect();
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            let texts = files.read_all(&paths);
            let one = |(unit, text): (&&str, Option<String>)| {
                let ledger = Ledger::read(unit, &text.unwrap_or_default())?;
                Ok(make(unit, ledger))
            };
            units.iter().zip(texts).map(one).collect::<Vec<_>>()
        })
        .collect();
    let (mut made, mut findings) = (Vec::with_capacity(read.len()), Vec::new());
    for read in read {
        match read {
            Ok(one) => made.push(one),
            Err(finding) => findings.push(*finding),
        }
    }
    if findings.is_empty() { Ok(made) } else { Err(findings) }
}

/// The units of two trees that are not one unit of both.
pub(in crate::diff) struct Apart<'a> {
    old: Vec<&'a Unit<'a>>,
    new: Vec<&'a Unit<'a>>,
    /// How many objects are in the others.
    pub(in crate::diff) same: usize,
}

impl<'a> Apart<'a> {
    pub(in crate::diff) fn of(old: &'a Tree<'a>, new: &'a Tree<'a>) -> Apart<'a> {
        let is_one = |unit: &&Arc<Unit<'a>>| is_one(old, new, unit.name());
        // Who is who is seen at once only where nothing else could be it.
        let any = old.units.values().any(|unit| is_one(&unit)) && old.is_plain() && new.is_plain();
        let apart = |tree: &'a Tree<'a>| -> Vec<&'a Unit<'a>> {
            let apart = tree.units.values().filter(|unit| !any || !is_one(unit));
            apart.map(|unit| &**unit).collect()
        };
        let same = old.units.values().filter(|unit| any && is_one(unit));
        let same = same.map(|unit| unit.seen().objects).sum();
        Apart { old: apart(old), new: apart(new), same }
    }

    /// The objects of the old side.
    pub(in crate::diff) fn in_old(&self) -> impl Iterator<Item = &'a Item<'a>> {
        self.old.iter().flat_map(|unit| unit.items())
    }

    /// The objects of the new side.
    pub(in crate::diff) fn in_new(&self) -> impl Iterator<Item = &'a Item<'a>> {
        self.new.iter().flat_map(|unit| unit.items())
    }
}

/// Whether each unit is one of both sides, and each object itself on both.
pub(in crate::diff) fn is_all_one(old: &Tree<'_>, new: &Tree<'_>) -> bool {
    old.units.len() == new.units.len()
        && old.units.keys().all(|name| is_one(old, new, name))
        && old.is_plain()
        && new.is_plain()
}

/// Whether a unit is one of both sides.
pub(in crate::diff) fn is_one(old: &Tree<'_>, new: &Tree<'_>, name: &str) -> bool {
    let both = old.units.get(name).zip(new.units.get(name));
    both.is_some_and(|(old, new)| std::ptr::addr_eq(Arc::as_ptr(old), Arc::as_ptr(new)))
}
