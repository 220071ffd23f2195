//! Who copies data to another region, one literal each (`docs/facts.md`, "Engines that replicate
//! data").

use crate::kube::Kind;

/// What is true of an engine that replicates.
#[derive(Debug)]
pub struct Row {
    /// As it is written in a spec.
    pub word: &'static str,
    /// What it copies.
    pub copies: Copies,
    /// Whether it copies from snapshots, which the class of each volume must then take.
    pub snapshots: bool,
    /// Whether `repository` of the spec says where it keeps the copies.
    pub repository: bool,
    /// The kind of which each volume of each replica has an object.
    pub each: Option<Kind>,
    /// The label of the volumes that it makes for itself in the namespace of a service: caches, and
    /// clones of what is backed up anyway.
    pub scratch: Option<(&'static str, &'static str)>,
    /// How procedures call it.
    pub procedure: &'static str,
}

/// What an engine copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// What is outside this fleet, in a way that nobody here knows.
    Elsewhere,
    /// The volumes of a service, from one region, after the write.
    Volumes,
    /// The database of a service, from one region, after the write.
    Database,
}

super::engines! {
    /// Who replicates.
    Engine: Row {
        /// A database or a store outside this fleet; a premise that Ninefold cannot check.
        External = Row {
            word: "external",
            copies: Copies::Elsewhere,
            snapshots: false,
            repository: false,
            each: None,
            scratch: None,
            procedure: "external",
        },
        /// VolSync, volume by volume, through object storage.
        Volsync = Row {
            word: "volsync",
            copies: Copies::Volumes,
            snapshots: true,
            repository: true,
            each: Some(Kind::ReplicationSource),
            scratch: Some(("app.kubernetes.io/created-by", "volsync")),
            procedure: "volsync",
        },
        /// CloudNativePG, through the archive of the database in `[data.postgresql]`.
        Postgresql = Row {
            word: "postgresql",
            copies: Copies::Database,
            snapshots: false,
            repository: false,
            each: None,
            scratch: None,
            procedure: "database",
        },
    }
}

impl Engine {
    /// What it copies.
    pub fn copies(self) -> Copies {
        self.row().copies
    }
}
