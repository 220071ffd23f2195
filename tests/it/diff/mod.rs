//! What a diff says of trees whose difference is known.

mod causes; //    which edit is behind an effect
mod effects; //   every effect fires where its page says so, and not where it says not
mod fields; //    every field of spec and fleet has its effect, or a reason to have none
mod faults; //    what was found missing or false once
mod foreign; //   trees without a ledger
mod laws; //      what holds for any two trees
mod quiet; //     edits that cannot matter
mod leaves; //    what guards a cluster, field by field
mod regions; //   a region that is gained
mod same; //      manifests that are written otherwise and mean the same
pub(crate) mod scenarios; // edits of a fleet of thirty services, and what is to be said of each

use crate::input::input;
use ninefold::Input;
use ninefold::diag::{Sink, text};
use ninefold::diff::report::{Report, Side, SideKind};
use ninefold::diff::{Files, Options, Specs, Tree, between};
use ninefold::name::Digest;
use ninefold::plan::Unit;
use ninefold::tree::{Ledger, Previous, ledger};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// Specs and templates by their paths, and the tree that they were built into.
#[derive(Clone, Default)]
pub(crate) struct Version {
    /// `specs/web.toml`, `templates/deployment.yaml`.
    pub(crate) inputs: BTreeMap<String, String>,
    /// `out` without its name.
    pub(crate) tree: BTreeMap<String, String>,
}

/// The files of units that were built: by the digest of what they are made of, and that of the tree in
/// which they are.
type Built = BTreeMap<(Digest, Digest), Arc<Vec<String>>>;

static BUILT: Mutex<Built> = Mutex::new(Built::new());

fn paths_of(fingerprint: Digest, tree: Digest) -> Option<Arc<Vec<String>>> {
    let built = BUILT.lock().expect("nothing panics that holds it");
    built.get(&(fingerprint, tree)).map(Arc::clone)
}

impl Files for Version {
    fn read(&self, path: &str) -> Option<String> {
        self.tree.get(path).cloned()
    }

    fn id(&self, path: &str) -> Option<Cow<'_, str>> {
        self.tree.get(path).map(|text| Digest::of(text.as_bytes()).to_string().into())
    }
}

impl Version {
    /// These inputs, not built yet.
    pub(crate) fn new(inputs: BTreeMap<String, String>) -> Version {
        Version { inputs, tree: BTreeMap::new() }
    }

    /// The same tree with other inputs.
    pub(crate) fn edit(&self, edit: impl Fn(&str, &str) -> String) -> Version {
        let edited = self.inputs.iter().map(|(path, text)| (path.clone(), edit(path, text)));
        Version { inputs: edited.collect(), tree: self.tree.clone() }
    }

    /// Everything that comes in.
    pub(crate) fn input(&self) -> Input {
        input(&self.inputs)
    }

    /// The tree that `ninefold build` would make of the inputs, over the tree that is there.
    pub(crate) fn built(self) -> Version {
        self.try_built().unwrap_or_else(|findings| panic!("{findings}"))
    }

    /// The same, or the findings as they are printed.
    pub(crate) fn try_built(mut self) -> Result<Version, String> {
        let mut sink = Sink::default();
        let fleet = match ninefold::compile::prepare(&mut sink, self.input()) {
            Ok(fleet) => fleet,
            Err(sources) => return Err(text::render(&sink.sorted(&sources), &sources, false)),
        };
        let mut tree = BTreeMap::new();
        let mut in_use = BTreeSet::new();
        let mut units = fleet.units();
        units.sort_by_key(|unit| *unit == Unit::Fleet);
        let before = self.digest();
        let mut made = Vec::new();
        for unit in units {
            let names = std::iter::once(unit.name()).chain(fleet.previously(&unit));
            let read = |path: &str| self.tree.get(path).cloned();
            let previous = Previous {
                ledgers: names.filter_map(|name| self.ledger(name)).collect(),
                read: &read,
                delivered: &ninefold::tree::delivered::Unknown,
                in_use: if unit == Unit::Fleet { in_use.clone() } else { BTreeSet::new() },
            };
            let fingerprint = fleet.fingerprint(&unit, &previous.in_use);
            // As `ninefold build` does, a unit is not made again of what it was made of.
            if let Some(paths) = paths_of(fingerprint, before) {
                let ledger = self.ledger(unit.name()).expect("it was built");
                in_use.extend(ledger.in_use());
                tree.extend(paths.iter().map(|path| (path.clone(), self.tree[path].clone())));
                made.push((fingerprint, paths));
                continue;
            }
            let Ok(compiled) = fleet.compile(&mut sink, &unit, &previous) else {
                let sources = fleet.sources();
                return Err(text::render(&sink.sorted(sources), sources, false));
            };
            in_use.extend(compiled.ledger().in_use());
            let ledger = compiled.ledger_document();
            let documents = compiled.documents().iter().cloned().chain([ledger]);
            let documents: Vec<_> = documents.collect();
            let paths = documents.iter().map(|document| document.path.clone()).collect();
            made.push((fingerprint, Arc::new(paths)));
            tree.extend(documents.into_iter().map(|document| (document.path, document.text)));
        }
        self.tree = tree;
        let after = self.digest();
        let mut built = BUILT.lock().expect("nothing panics that holds it");
        built.extend(made.into_iter().map(|(fingerprint, paths)| ((fingerprint, after), paths)));
        drop(built);
        Ok(self)
    }

    /// The digest of the tree.
    fn digest(&self) -> Digest {
        let lines = self.tree.iter();
        let lines = lines.map(|(path, text)| format!("{path} {}\n", Digest::of(text.as_bytes())));
        Digest::of(lines.collect::<String>().as_bytes())
    }

    fn ledger(&self, unit: &str) -> Option<Ledger> {
        let text = self.tree.get(&ledger::path(unit))?;
        Some(Ledger::read(unit, text).expect("a build writes ledgers that can be read"))
    }

    /// The units that have a ledger.
    fn units(&self) -> Vec<String> {
        let unit = |path: &String| {
            let name = path.strip_prefix("ledger/").and_then(|name| name.strip_suffix(".json"));
            name.map(str::to_owned)
        };
        self.tree.keys().filter_map(unit).collect()
    }
}

/// Two versions, as a diff sees them.
pub(crate) fn sides(old: &Version, new: &Version) -> (Tree<'static>, Tree<'static>) {
    let files = |version: &Version| -> Arc<dyn Files> { Arc::new(version.clone()) };
    let both = Tree::both((files(old), &old.units()), (files(new), &new.units()));
    both.unwrap_or_else(|findings| panic!("{findings:?}"))
}

/// What is to be said of the way from one version to another.
pub(crate) fn diff(old: &Version, new: &Version) -> Report {
    let specs = Specs { old: Some(old.input()), new: Some(new.input()), found: None };
    diff_with(old, new, &specs)
}

/// The same with other knowledge of the specs.
pub(crate) fn diff_with(old: &Version, new: &Version, specs: &Specs) -> Report {
    let side = |name: &str| Side { kind: SideKind::Folder, name: name.to_owned(), commit: None };
    let (from, to) = sides(old, new);
    between((side("old"), &from), (side("new"), &to), specs, Options::default())
        .unwrap_or_else(|findings| panic!("{findings:?}"))
}
