//! The ledger of a unit: every object that Ninefold wrote, under which name, from what, and why.
//!
//! It is the only place where provenance stands; manifests carry none. Only files that a ledger
//! names are ever overwritten or deleted. JSON, sorted, a field a line: made to be read in a diff.

mod text; //  written and read
mod lines; // how it is laid out

use super::promised::Promised;
use crate::name::Digest;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
pub use text::Sealed;

/// The version of the format.
const VERSION: u32 = 1;

/// The folder of ledgers in a tree.
pub const FOLDER: &str = "ledger";

/// The folder of what a person applies, once, and of what a person reads. It stands beside the
/// folders of the regions: an engine that applies one of those never comes here.
pub const RECOVERY: &str = "recovery";

/// The folder in `recovery/` of what is the same for all services; the ledger of the fleet has it.
pub const PROCEDURES: &str = "procedures";

/// The path of a unit's ledger in the tree.
pub fn path(unit: &str) -> String {
    format!("{FOLDER}/{unit}.json")
}

/// What Ninefold wrote for one unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    version: u32,
    /// The name of the service, or `fleet`.
    unit: String,
    /// In a file, the digest of the ledger with this field empty: an edit by hand, or by a merge, shows.
    /// Here it is empty, but in a [`Sealed`] one.
    digest: String,
    /// Its objects, in the order of their paths.
    objects: Vec<Entry>,
    /// Its files below `recovery/`: no engine applies them, so they are no objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    recovery: Vec<File>,
    /// Its scripts below `<region>/delivery/`: what delivers is itself no object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scripts: Vec<File>,
    /// What a person retired, until no delivered tree has it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    retired: BTreeSet<Gone>,
    /// What the service promises, by region.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    promises: BTreeMap<String, Promised>,
}

/// The files of a unit that stand for no object.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Below `recovery/`.
    pub(super) recovery: Vec<File>,
    /// Below `<region>/delivery/`.
    pub(super) scripts: Vec<File>,
}

/// A file that stands for no object of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its path, below the tree.
    pub path: String,
    /// The digest of its bytes.
    pub file: Digest,
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Entry {
    /// Its file, below the tree.
    pub path: String,
    /// Where it is.
    pub region: String,
    /// What it is.
    pub kind: String,
    /// Its namespace; none for an object of the whole cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What the plan calls it.
    pub logical_name: String,
    /// What Kubernetes calls it.
    pub name: String,
    /// The full digest of what its suffix is made from; none for a stable name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Digest>,
    /// The digest of all that it says, with references as logical names.
    pub own: Digest,
    /// The digest of the bytes of its file.
    pub file: Digest,
    /// The objects that it refers to, in its own region and namespace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// The former generation that it belongs to; none for the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retained: Option<Box<Retained>>,
    /// What asked for it.
    pub origin: Origin,
}

/// An object that is referred to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// What it is.
    pub kind: String,
    /// What Kubernetes calls it.
    pub name: String,
}

/// A former generation. Its ledger says of what it is one and where it stands; in which order
/// generations were made, git knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retained {
    /// What the generations are of: `workload`, `Schedule orders-eus2`.
    pub of: String,
    /// The name of its folder: its suffix.
    pub generation: String,
    /// In ledgers that earlier versions wrote: how many generations ago it was the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<u32>,
}

/// An object that a person took out of the tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gone {
    /// Where it was.
    pub region: String,
    /// What it was.
    pub kind: String,
    /// Its namespace; none for an object of the whole cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What Kubernetes called it.
    pub name: String,
}

impl Gone {
    /// The mark of an object.
    pub fn of(entry: &Entry) -> Gone {
        Gone {
            region: entry.region.clone(),
            kind: entry.kind.clone(),
            namespace: entry.namespace.clone(),
            name: entry.name.clone(),
        }
    }
}

/// What asked for an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The file, below the folder of the specs.
    pub file: String,
    /// The key in it.
    pub key: String,
}

impl Ledger {
    /// The name of the service, or `fleet`.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// What the service promises, by region.
    pub fn promises(&self) -> &BTreeMap<String, Promised> {
        &self.promises
    }

    /// The same as JSON.
    pub fn promises_as_json(&self) -> BTreeMap<String, serde_json::Value> {
        let of = |(region, promise): (&String, &Promised)| (region.clone(), promise.value());
        self.promises.iter().map(of).collect()
    }

    /// Its files that stand for no object: its scripts, then what is below `recovery/`.
    pub fn others(&self) -> impl Iterator<Item = &File> {
        self.scripts.iter().chain(&self.recovery)
    }

    /// What a person retired, at least as long as a delivered tree has it.
    pub fn retired(&self) -> &BTreeSet<Gone> {
        &self.retired
    }

    /// Every file that it speaks of, with the digest of its bytes.
    pub fn files(&self) -> impl Iterator<Item = (&str, Digest)> {
        let objects = self.objects.iter().map(|entry| (&*entry.path, entry.file));
        objects.chain(self.others().map(|file| (&*file.path, file.file)))
    }

    pub(super) fn new(
        unit: &str,
        objects: Vec<Entry>,
        files: Files,
        retired: BTreeSet<Gone>,
        promises: BTreeMap<String, Promised>,
    ) -> Ledger {
        let (version, unit, digest) = (VERSION, unit.to_owned(), String::new());
        let Files { recovery, scripts } = files;
        Ledger { version, unit, digest, objects, recovery, scripts, retired, promises }
    }

    /// The same without the objects that `leaves` holds of.
    pub fn without(&self, leaves: impl Fn(&Entry) -> bool) -> Ledger {
        let objects = self.objects.iter().filter(|entry| !leaves(entry)).cloned().collect();
        Ledger { objects, ..self.clone() }
    }

    /// The same with only those marks of what a person took out that `holds` is true of.
    pub(super) fn marking(self, holds: impl Fn(&Gone) -> bool) -> Ledger {
        if self.retired.iter().all(&holds) {
            return self;
        }
        let retired = self.retired.iter().filter(|gone| holds(gone)).cloned().collect();
        Ledger { retired, ..self }
    }

    /// The same with other objects, and more that a person took out.
    pub(super) fn with(&self, objects: Vec<Entry>, gone: impl Iterator<Item = Gone>) -> Ledger {
        let retired = self.retired.iter().cloned().chain(gone).collect();
        Ledger { objects, retired, ..self.clone() }
    }

    /// The same with every object changed.
    pub fn map(&self, change: impl Fn(Entry) -> Entry) -> Ledger {
        let objects = self.objects.iter().cloned().map(change).collect();
        Ledger { objects, ..self.clone() }
    }

    /// The regions and namespaces in which former generations stand.
    pub fn in_use(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let retained = self.objects.iter().filter(|entry| entry.retained.is_some());
        retained.filter_map(|entry| Some((entry.region.clone(), entry.namespace.clone()?)))
    }

    /// Its objects, in the order of their paths.
    pub fn objects(&self) -> &[Entry] {
        &self.objects
    }
}
