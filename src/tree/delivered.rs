//! What the delivery engine sees, as far as somebody can tell.

use super::ledger::{Entry, Gone};

/// What was delivered of one unit, under the names that it has and had.
///
/// The delivered tree is the one at the merge base with the default branch; on that branch, the
/// one at `HEAD`. Who asks git is the command line's business.
pub trait Delivered: Sync {
    /// The objects that a delivered tree calls current or keeps: any of them may be what serves, so
    /// each is current or kept in the next tree, too, unless a person retired it.
    fn objects(&self) -> Vec<Entry>;

    /// What the tree before the newest commit had, when that commit is delivered as it is: nobody may
    /// have built it.
    fn before(&self) -> Vec<Entry>;

    /// Whether a delivered tree has an object; true as well when nobody can tell.
    fn has(&self, entry: &Entry) -> bool;

    /// The same of an object that a person took out.
    fn had(&self, object: &Gone) -> bool;

    /// The content of an object's file, from any tree that can be read.
    fn file(&self, entry: &Entry) -> Option<String>;
}

/// Nobody can tell what was delivered, so nothing may leave.
#[derive(Clone, Copy, Debug)]
pub struct Unknown;

impl Delivered for Unknown {
    fn objects(&self) -> Vec<Entry> {
        Vec::new()
    }

    fn before(&self) -> Vec<Entry> {
        Vec::new()
    }

    fn has(&self, _: &Entry) -> bool {
        true
    }

    fn had(&self, _: &Gone) -> bool {
        true
    }

    fn file(&self, _: &Entry) -> Option<String> {
        None
    }
}
