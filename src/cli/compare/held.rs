//! Files of a unit, held against those of the tree.

use super::ledgers::{by_hand, foreign};
use crate::cli::disk::{Tree, Trouble, UnitFiles};
use crate::diag::Sink;
use crate::name::Digest;
use crate::tree::Document;
use crate::tree::ledger::Sealed;
use std::collections::BTreeMap;

/// What of a unit is new or differs from the tree.
pub(in crate::cli) enum Made<'a> {
    /// One of an object, a page, or a script.
    File(&'a Document),
    /// Its ledger.
    Ledger(&'a Sealed),
}

/// Files that were held against the tree as soon as they were made, in whatever order.
pub(super) struct Early<T> {
    files: UnitFiles<T>,
    /// Of those that something is to be said about.
    found: Vec<(String, Sink)>,
    /// What cannot be read or written, by its path.
    trouble: BTreeMap<String, Trouble>,
}

impl<T> Default for Early<T> {
    fn default() -> Early<T> {
        Early { files: UnitFiles::default(), found: Vec::new(), trouble: BTreeMap::new() }
    }
}

impl<T> Early<T> {
    /// Adds a file.
    pub(super) fn add(&mut self, path: String, held: Result<Held<T>, Trouble>) {
        match held {
            Ok(Held { kept, found }) => {
                self.files.add(&path, kept);
                if !found.is_empty() {
                    self.found.push((path, found));
                }
            }
            Err(trouble) => drop(self.trouble.insert(path, trouble)),
        }
    }

    /// The files in the order of their paths; what there is to say about them goes to `sink`.
    pub(super) fn end(mut self, sink: &mut Sink) -> Result<UnitFiles<T>, Trouble> {
        self.found.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.found.into_iter().for_each(|(_, found)| sink.absorb(found));
        let first = self.trouble.into_values().next();
        first.map_or(Ok(self.files.sorted()), Err)
    }
}

/// What the tree has of a unit.
pub(super) struct OnDisk<'a, K> {
    pub(super) tree: &'a Tree,
    /// The files that ledgers of the unit name, with their digests.
    pub(super) owned: BTreeMap<&'a str, Digest>,
    /// Called with every file that is new or differs, and the ledger when it is.
    pub(super) keep: K,
}

/// A file that was held against the tree: what is kept of it when it is new or differs, and what
/// there is to say.
pub(super) struct Held<T> {
    pub(super) kept: Option<T>,
    pub(super) found: Sink,
}

impl<T, K: Fn(Made<'_>) -> Result<T, Trouble>> OnDisk<'_, K> {
    /// Holds a file against the one that is there.
    pub(super) fn hold(&self, document: &Document) -> Result<Held<T>, Trouble> {
        let Document { path, text, .. } = document;
        let mut held = Held { kept: None, found: Sink::default() };
        match self.tree.read(path)? {
            Some(bytes) if bytes == text.as_bytes() => {}
            Some(bytes)
                if !self.owned.contains_key(path.as_str()) && !self.tree.made(path, &bytes) =>
            {
                foreign(&mut held.found, path);
            }
            there => {
                by_hand(&mut held.found, &self.owned, path, there.as_deref());
                held.kept = Some((self.keep)(Made::File(document))?);
            }
        }
        Ok(held)
    }
}
