//! A tree, as a diff sees it: who its objects are, and their manifests as soon as one is needed.

use crate::tree::Ledger;
use crate::tree::ledger::{Origin, Reference, Retained};
use crate::yaml::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Reads the files of one side.
pub trait Files: Sync {
    /// The content of a file; nothing when there is none, or when it is no UTF-8 text.
    fn read(&self, path: &str) -> Option<String>;

    /// Something that two sides have in common exactly where the bytes of a file are the same: a
    /// digest, a blob id of git. Nothing when there is no such file.
    fn id(&self, path: &str) -> Option<String>;
}

/// One side of a diff.
pub struct Tree<'a> {
    /// Its files.
    pub files: &'a dyn Files,
    /// Its units, by name.
    pub units: BTreeMap<String, Unit>,
    /// Whether no ledger says who is who: identities were read from the manifests.
    pub without_ledger: bool,
}

/// A service, or what services share.
#[derive(Default)]
pub struct Unit {
    /// Its ledger.
    pub ledger: Option<Ledger>,
    /// Its objects, in the order of their paths.
    pub items: Vec<Item>,
}

/// An object of one side.
pub struct Item {
    /// Who it is.
    pub identity: Identity,
    /// The service, or `fleet`.
    pub unit: String,
    /// What Kubernetes calls it.
    pub name: String,
    /// Its file below the tree.
    pub path: String,
    /// Which document of that file, from 0.
    pub document: usize,
    /// The digest of all that it says, with references as logical names; none where no ledger
    /// knows it.
    pub own: Option<String>,
    /// The digest of the bytes of its file, as the ledger has it.
    pub digest: Option<String>,
    /// The objects that it refers to.
    pub references: Vec<Reference>,
    /// The former generation that it belongs to.
    pub retained: Option<Retained>,
    /// What asked for it.
    pub origin: Option<Origin>,
    pub(super) value: OnceLock<Option<Value>>,
}

/// Who an object is, whatever its name and its version: the order of output.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// Where it is; empty in a tree without regions.
    pub region: String,
    /// `apps`; empty for the core group.
    pub group: String,
    /// `Deployment`
    pub kind: String,
    /// Its namespace; none for an object of the whole cluster.
    pub namespace: Option<String>,
    /// Its name without a hash.
    pub logical_name: String,
}
