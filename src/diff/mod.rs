//! A stage: two trees → [`Report`].
//!
//! Objects are paired by identity, which the ledgers know, and never by likeness. What differs is
//! found field by field, traced to the edit that causes it, and weighed by what it does.

pub mod report; //  what a diff says
pub mod side; //    a tree, as a diff sees it
mod manifests; //   one that no ledger speaks of
mod pair; //        who is who
mod similar; //     services that were probably renamed
mod logical; //     manifests without hashes in names
pub mod value; //   fields that differ
mod objects; //     pairs with what differs in them
mod cause; //       which edit is behind a change
mod group; //       what changes alike is said once
pub mod effects; // what a change does
pub mod format; //  as text, Markdown, JSON, a patch, annotations

pub use report::Report;
pub use side::{Files, MOST_AT_ONCE, Tree};

use crate::diag::{Diagnostic, Sink};
use crate::kube::id;
use crate::{Fleet, Input};
use objects::Changed;
use rayon::prelude::*;
use report::Object;
use side::Unit;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use value::Masks;

/// What each side was compiled from, where that is known.
#[derive(Debug, Default)]
pub struct Specs {
    /// Of the old side.
    pub old: Option<Input>,
    /// Of the new side.
    pub new: Option<Input>,
    /// What was found when the new side was compiled, where it was compiled just now.
    pub found: Option<Found>,
}

/// What was found when a fleet was compiled.
#[derive(Debug)]
pub struct Found {
    /// The fleet; the findings point into its texts.
    pub fleet: Arc<Fleet>,
    /// Before any unit was compiled.
    pub checks: Sink,
    /// By unit.
    pub units: BTreeMap<String, Sink>,
}

/// The difference between two trees. `specs` tell which edit is behind a change.
///
/// # Errors
///
/// When two objects of one side have the same identity.
pub fn between(
    from: (report::Side, &Tree<'_>),
    to: (report::Side, &Tree<'_>),
    specs: &Specs,
    options: Options,
) -> Result<Report, Vec<Diagnostic>> {
    let (old, new) = (from.1, to.1);
    let mut notes: Vec<String> = old.notes.iter().chain(&new.notes).cloned().collect();
    notes.dedup();
    let texts = cause::Both::of(specs, side::is_all_one(old, new));
    let renames = texts.renames();
    let found = specs.found.as_ref();
    // What changes waits for git, and what was edited does not.
    let (changed, edited) = rayon::join(
        || {
            let pairs = pair::pairs(old, new, &renames, &mut notes)?;
            Ok::<_, Vec<Diagnostic>>(objects::changed(pairs, old, new))
        },
        || cause::Edited::of(&texts, &renames, found),
    );
    let (mut changed, counts) = changed?;
    let causes = {
        let known = (&texts, edited, found);
        cause::find(&mut changed, (old, new), known, &renames, &mut notes)
    };
    let mut effects = effects_of(&changed, (old, new), &renames, &causes);
    effects::accept(&mut effects, &causes.all, specs);
    let objects: Vec<Object> = changed.into_iter().map(|changed| changed.object).collect();
    let groups = group::groups(&objects, |service| regions(service, old, new));
    let causes = causes.all;
    let mut report =
        Report { from: from.0, to: to.0, counts, causes, effects, objects, groups, notes };
    let mut masks = if options.show_secrets { Masks::off() } else { Masks::default() };
    masks.report(&mut report);
    Ok(report)
}

/// What may differ from diff to diff.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether values that look like secrets are shown.
    pub show_secrets: bool,
}

/// What the changes do, service by service, worst first.
fn effects_of<'a>(
    changed: &'a [Changed<'a>],
    (old, new): (&'a Tree<'a>, &'a Tree<'a>),
    renames: &BTreeMap<String, String>,
    causes: &cause::Causes,
) -> Vec<report::Effect> {
    let mut services: BTreeMap<&str, Vec<effects::Changed<'a>>> = BTreeMap::new();
    for (number, changed) in changed.iter().enumerate() {
        services.entry(&changed.object.service).or_default().push(effects::Changed {
            number,
            object: &changed.object,
            old: changed.pair.old,
            new: changed.pair.new,
            meant: changed.meant.as_ref(),
        });
    }
    let unit = |tree: &'a Tree<'a>, name: &str| -> Option<&'a Unit<'a>> {
        tree.units.get(name).map(|unit| &**unit)
    };
    // A promise that no object shows, as that of an RTO, stands in the ledger alone.
    for (name, unit) in new.units.iter().filter(|(name, _)| !side::is_one(old, new, name)) {
        let promises = |unit: &'a Unit<'a>| unit.ledger().map(|ledger| ledger.promises());
        if old.units.get(name).is_some_and(|old| promises(old) != promises(unit)) {
            services.entry(name).or_default();
        }
    }
    for name in taken_over((old, new), renames) {
        services.entry(name).or_default();
    }
    let trees = (old, new);
    let services: Vec<(&str, Vec<effects::Changed<'a>>)> = services.into_iter().collect();
    let mut found: Vec<report::Effect> = (services.into_par_iter())
        .flat_map_iter(|(name, changed)| {
            let before = unit(old, former(name, trees, renames));
            let service = effects::Service::new(name, (before, unit(new, name)), trees, changed);
            effects::of(&service, &causes.all)
        })
        .collect();
    for effect in &mut found {
        let of_objects = effect.objects.iter().flat_map(|at| &changed[*at].object.causes);
        let behind = causes.behind(effect, of_objects.copied().collect());
        effect.causes = behind.into_iter().collect();
    }
    found.extend(causes.warnings.iter().map(effects::warning));
    effects::sort(&mut found);
    found
}

/// What a unit of the new side was called: the name that its spec declares, its own, or that of another
/// environment that is no longer there and was in regions in which this one is now.
fn former<'n>(
    name: &'n str,
    (old, new): (&'n Tree<'_>, &Tree<'_>),
    renames: &'n BTreeMap<String, String>,
) -> &'n str {
    let declared = renames.get(name).map(String::as_str);
    if let Some(known) =
        declared.into_iter().chain([name]).find(|name| old.units.contains_key(*name))
    {
        return known;
    }
    let Some(here) = new.units.get(name).map(|unit| unit.regions()) else { return name };
    let mut others = old.units.iter().filter(|(other, unit)| {
        id::plain(other) == id::plain(name)
            && !new.units.contains_key(*other)
            && !unit.regions().is_disjoint(&here)
    });
    others.next().map_or(name, |(other, _)| other)
}

/// Units that go although none of their objects does: they belong to another environment of the service.
fn taken_over<'t>(
    (old, new): (&'t Tree<'_>, &Tree<'_>),
    renames: &BTreeMap<String, String>,
) -> Vec<&'t str> {
    let stays: BTreeSet<&str> =
        new.units.keys().map(|name| former(name, (old, new), renames)).collect();
    let goes = |(name, unit): &(&'t String, &Arc<Unit<'_>>)| {
        !new.units.contains_key(*name) && !stays.contains(name.as_str()) && unit.ledger().is_some()
    };
    old.units.iter().filter(goes).map(|(name, _)| name.as_str()).collect()
}

/// The regions of a unit, on both sides.
fn regions<'t>(name: &str, old: &'t Tree<'_>, new: &'t Tree<'_>) -> BTreeSet<&'t str> {
    [old, new]
        .into_iter()
        .filter_map(|tree| tree.units.get(name))
        .flat_map(|unit| unit.regions())
        .collect()
}
