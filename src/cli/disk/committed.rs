//! The ledgers of a tree as git's HEAD has them.

use super::blobs::{Batch, blobs};
use super::git;
use crate::tree::{Ledger, ledger};
use std::collections::BTreeMap;
use std::path::Path;

/// What HEAD has of a tree.
#[derive(Debug)]
pub(super) struct Committed {
    batch: Batch,
    /// The ids of ledgers, by path.
    ledgers: BTreeMap<String, String>,
}

impl Committed {
    /// Nothing when HEAD has no tree there.
    pub(super) fn of(root: &Path) -> Option<Committed> {
        let folder = format!("./{}/", ledger::FOLDER);
        let listed = git::prints(root, &["ls-tree", "-z", "HEAD", &folder])?;
        let (ledgers, _) = blobs(listed.as_bytes());
        (!ledgers.is_empty()).then(|| Committed { batch: Batch::new(root.to_owned()), ledgers })
    }

    /// The ledger of a unit: empty when HEAD has none of it; nothing when it cannot be read.
    pub(super) fn ledger(&self, now: &Ledger) -> Option<Ledger> {
        let Some(id) = self.ledgers.get(&ledger::path(now.unit())) else {
            return Some(now.without(|_| true));
        };
        let text = String::from_utf8(self.batch.read(id).ok()?).ok()?;
        Ledger::read(now.unit(), &text).ok()
    }
}
