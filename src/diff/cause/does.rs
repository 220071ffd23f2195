//! What an edit does by itself: the effects of a variant of the specs, in which nothing else was edited.

use super::Trees;
use super::apart::Mixed;
use super::texts::Made;
use crate::diag::Code;
use crate::diff::effects::{self, Changed, Service};
use crate::diff::objects;
use crate::diff::pair::{self, Renames};
use crate::diff::report::{Direction, Effect};
use crate::diff::side::{Tree, Unit};
use crate::plan;
use std::collections::{BTreeMap, BTreeSet};

/// An effect in a region, whatever its words and its severity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Does {
    rule: Code,
    direction: Direction,
    /// Empty where the effect names none.
    region: String,
}

impl Does {
    pub(super) fn of(effect: &Effect) -> Vec<Does> {
        let (rule, direction) = (effect.rule, effect.direction);
        let none = effect.regions.is_empty().then(String::new);
        let regions = effect.regions.iter().cloned().chain(none);
        regions.map(|region| Does { rule, direction, region }).collect()
    }
}

/// What is behind the effects on a unit.
#[derive(Default)]
pub(super) struct Behind {
    /// The edits that bring each, by number.
    pub(super) edits: BTreeMap<Does, BTreeSet<usize>>,
    /// Those that come without any edit: by another Ninefold, or by hand.
    pub(super) others: BTreeSet<Does>,
}

/// A unit, what it was called, and the old tree.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    unit: &'a str,
    former: &'a str,
    tree: &'a Tree<'a>,
    /// What services share on the new side.
    later: Option<&'a Unit<'a>>,
    renames: &'a Renames,
}

impl<'a> Place<'a> {
    pub(super) fn of(mixed: &'a Mixed, (old, new, renames): Trees<'a>) -> Place<'a> {
        let later = new.unit(plan::Unit::Fleet.name());
        Place { unit: &mixed.unit, former: &mixed.former, tree: old, later, renames }
    }

    /// The names that the unit has on either side, the new one first.
    fn names(&self) -> [&str; 2] {
        [self.unit, self.former]
    }

    /// What the step from one variant to another does.
    pub(super) fn between(&self, from: &Made, to: &Made) -> BTreeSet<Does> {
        if from.is_same(to) {
            return BTreeSet::new();
        }
        self.of_trees(&self.tree_of(from), &self.tree_of(to).before(self.later))
    }

    /// What the step from the old tree to a variant does.
    pub(super) fn beside_edits(&self, to: &Made) -> BTreeSet<Does> {
        self.of_trees(&self.tree.only(&self.names()), &self.tree_of(to))
    }

    fn tree_of<'m>(&'m self, made: &'m Made) -> Tree<'m> {
        Tree::variant(made, made.ledger(), self.tree, &self.names())
    }

    fn of_trees(&self, old: &Tree<'_>, new: &Tree<'_>) -> BTreeSet<Does> {
        let Ok(pairs) = pair::pairs(old, new, self.renames, &mut Vec::new()) else {
            return BTreeSet::new();
        };
        let (changed, _) = objects::changed(pairs, old, new);
        let here = changed.iter().enumerate().map(|(number, changed)| Changed {
            number,
            object: &changed.object,
            old: changed.pair.old,
            new: changed.pair.new,
            meant: changed.meant.as_ref(),
        });
        let service =
            Service::new(self.unit, (old.first(), new.first()), (old, new), here.collect());
        effects::of(&service, &[]).iter().flat_map(Does::of).collect()
    }
}
