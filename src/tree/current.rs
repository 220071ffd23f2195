//! What a unit has now, while it is laid out.

use super::ledger::Entry;
use super::{Document, in_place};
use crate::kube::Kind;

/// The current objects of a unit, and those of their files that nobody took.
#[derive(Debug, Default)]
pub(super) struct Current {
    /// In the order of their paths, once they are [sorted](Current::sort).
    pub(super) entries: Vec<Entry>,
    /// Their files, in the same order, but for those that were taken.
    pub(super) documents: Vec<Document>,
}

/// Takes a file as soon as it is made, so that it need not stay in memory, or gives it back.
pub type Take<'a> = dyn Fn(Document) -> Option<Document> + Sync + 'a;

impl Current {
    /// Adds an object; `take` gets its file unless that is read again.
    pub(super) fn push(&mut self, entry: Entry, document: Document, take: &Take<'_>) {
        let stays = if is_read_again(&entry.kind) { Some(document) } else { take(document) };
        if let Some(mut document) = stays {
            // It stays in memory until all of the unit is made.
            document.text.shrink_to_fit();
            self.documents.push(document);
        }
        self.entries.push(entry);
    }

    /// Adds other objects of the unit.
    pub(super) fn append(&mut self, mut other: Current) {
        self.entries.append(&mut other.entries);
        self.documents.append(&mut other.documents);
    }

    /// Puts everything into the order of paths.
    pub(super) fn sort(&mut self) {
        // A stable sort would need a buffer, and no two are to be at one path.
        self.entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self.documents.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// The text of an object; always there of one that is read again.
    pub(super) fn text(&self, entry: &Entry) -> Option<&str> {
        let found = self.documents.binary_search_by(|document| document.path.cmp(&entry.path));
        Some(&self.documents[found.ok()?].text)
    }
}

/// Whether a file is read again when the whole unit stands.
fn is_read_again(kind: &str) -> bool {
    let is_kept = Kind::named(kind).is_some_and(|row| !row.once.is_empty());
    is_kept || in_place::is_judged(kind) || Kind::is_workload(kind)
}
