//! A tree, as a diff sees it: who its objects are, and their manifests as soon as one is needed.

mod item; // an object
mod unit; // those of a service
mod both; // what two sides have in common
pub(super) mod promise; // what a ledger promises for a region

pub use both::Listed;
pub(super) use both::{Apart, is_all_one, is_one};
pub use item::{Identity, Item, MOST_AT_ONCE};
pub(super) use item::{Read, Reader, at_once, group};
pub use unit::Unit;

use crate::tree::Ledger;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Reads the files of one side.
pub trait Files: Send + Sync {
    /// The content of a file; nothing when there is none, or when it is no UTF-8 text.
    fn read(&self, path: &str) -> Option<String>;

    /// The contents of several files, for whoever reads them faster together.
    fn read_all(&self, paths: &[&str]) -> Vec<Option<String>> {
        paths.iter().map(|path| self.read(path)).collect()
    }

    /// Something that two sides have in common exactly where the bytes of a file are the same: a
    /// digest, a blob id of git. Nothing when there is no such file.
    fn id(&self, path: &str) -> Option<Cow<'_, str>>;
}

/// One side of a diff.
pub struct Tree<'a> {
    /// Its units, by name. What both sides have alike is one.
    pub units: BTreeMap<String, Arc<Unit<'a>>>,
    /// Whether no ledger says who is who: identities were read from the manifests.
    pub without_ledger: bool,
    /// What a reader must know about it.
    pub notes: Vec<String>,
    files: Reader<'a>,
    /// The tree around it, where it is a variant of one.
    around: Option<Around<'a>>,
    /// What services share once every edit is made, where it is a variant of one of them.
    later: Option<&'a Unit<'a>>,
    /// What stands in each namespace, once somebody asked.
    places: OnceLock<Places>,
    /// What Kubernetes calls its objects, as numbers in their order, once somebody asked.
    names: OnceLock<Vec<(u64, Arc<str>)>>,
}

/// The units of a tree but for some, by their names.
struct Around<'a> {
    tree: &'a Tree<'a>,
    but: Vec<String>,
}

/// The units in each region and namespace.
type Places = BTreeMap<String, BTreeMap<Option<String>, Vec<String>>>;

impl<'a> Tree<'a> {
    /// The tree that `ledgers` speak of.
    pub fn new(files: &'a dyn Files, ledgers: Vec<Ledger>) -> Tree<'a> {
        let units = ledgers.into_iter().map(|ledger| Arc::new(Unit::of(files, ledger)));
        Tree::of(Reader::Borrowed(files), units)
    }

    pub(super) fn of(
        files: Reader<'a>,
        units: impl IntoIterator<Item = Arc<Unit<'a>>>,
    ) -> Tree<'a> {
        Tree {
            units: units.into_iter().map(|unit| (unit.name().to_string(), unit)).collect(),
            without_ledger: false,
            notes: Vec::new(),
            files,
            around: None,
            later: None,
            places: OnceLock::new(),
            names: OnceLock::new(),
        }
    }

    /// The same before what services share once every edit is made.
    pub(super) fn before(self, later: Option<&'a Unit<'a>>) -> Tree<'a> {
        Tree { later, ..self }
    }

    /// What services share once every edit is made, in a variant.
    pub(super) fn later(&self) -> Option<&'a Unit<'a>> {
        self.later
    }

    /// One unit as a variant of the specs has it, in place of those of `tree` that have these names.
    pub(super) fn variant(
        files: &'a dyn Files,
        ledger: Option<Ledger>,
        tree: &'a Tree<'a>,
        names: &[&str],
    ) -> Tree<'a> {
        let but = names.iter().map(|name| (*name).to_owned()).collect();
        let around = Some(Around { tree, but });
        Tree { around, ..Tree::new(files, ledger.into_iter().collect()) }
    }

    /// Of its units one that has one of these names, in the tree that stands around it.
    pub(super) fn only(&'a self, names: &[&str]) -> Tree<'a> {
        let unit = names.iter().find_map(|name| self.units.get(*name));
        let but = names.iter().map(|name| (*name).to_owned()).collect();
        let around = Some(Around { tree: self, but });
        Tree { around, ..Tree::of(self.files.clone(), unit.cloned()) }
    }

    /// Every object, by unit and path.
    pub fn items(&self) -> impl Iterator<Item = &Item<'a>> {
        self.units.values().flat_map(|unit| unit.items())
    }

    /// The only unit of a variant; none where the variant has it not.
    pub(super) fn first(&self) -> Option<&Unit<'a>> {
        self.units.values().next().map(|unit| &**unit)
    }

    /// A unit, also one around a variant.
    pub(super) fn unit(&self, name: &str) -> Option<&Unit<'a>> {
        let own = self.units.get(name).map(|unit| &**unit);
        own.or_else(|| self.around.as_ref()?.unit(name))
    }

    /// Every unit, also those around a variant.
    pub(super) fn all_units(&self) -> impl Iterator<Item = &Unit<'a>> {
        let around = self.around.iter().flat_map(|around| {
            around
                .tree
                .units
                .values()
                .filter(|unit| !around.but.iter().any(|name| **name == **unit.name()))
        });
        self.units.values().chain(around).map(|unit| &**unit)
    }

    /// Every object of these.
    pub(super) fn all_items(&self) -> impl Iterator<Item = &Item<'a>> {
        self.all_units().flat_map(Unit::items)
    }

    /// The current objects of a namespace of a region, of whatever unit.
    pub(super) fn current_in(
        &self,
        region: &str,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = &Item<'a>> {
        let own = self.units_in(region, namespace);
        let around = self.around.iter().flat_map(move |around| {
            let near = around.tree.units_in(region, namespace);
            near.filter(|unit| !around.but.iter().any(|name| **name == **unit.name()))
        });
        let items = own.chain(around).flat_map(move |unit| unit.items_in(region, namespace));
        items.filter(|item| item.retained.is_none())
    }

    /// Its own units that have objects in a namespace of a region.
    pub(super) fn units_in(
        &self,
        region: &str,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = &Unit<'a>> {
        let places = self.places.get_or_init(|| self.places());
        let here = places.get(region).and_then(|there| there.get(&namespace.map(str::to_owned)));
        here.into_iter().flatten().filter_map(|name| Some(&**self.units.get(name)?))
    }

    fn places(&self) -> Places {
        let mut places = Places::new();
        for (name, unit) in &self.units {
            for (region, namespace) in unit.places() {
                let region = places.entry(region.clone()).or_default();
                region.entry(namespace.clone()).or_default().push(name.clone());
            }
        }
        places
    }

    /// See [`Files::id`].
    pub(super) fn id(&self, path: &str) -> Option<Cow<'_, str>> {
        self.files.files().id(path)
    }
}

impl<'a> Around<'a> {
    fn unit(&self, name: &str) -> Option<&'a Unit<'a>> {
        let unit = self.tree.units.get(name).map(|unit| &**unit);
        unit.filter(|unit| !self.but.iter().any(|name| **name == **unit.name()))
    }
}
