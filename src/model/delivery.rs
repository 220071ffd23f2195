//! What delivers the tree, and from where, with every default.

use crate::kube::Namespace;
use crate::kube::engines::delivery::{Delivery, Installed};
use crate::spec::fleet::Delivered;

/// What of the tree makes the engine deliver it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Installation {
    /// Nothing: the fleet says the engine alone, and somebody points it at the tree by hand.
    ByHand,
    /// A script for each region (`kubectl`).
    Script,
    /// Objects that the engine reads, from there.
    Objects(Source),
}

/// Where an engine finds the tree, and where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The git repository.
    pub repository: String,
    /// The branch, commit or reference.
    pub revision: String,
    /// The folder of the tree, without `/` at an end: `out`, `fleet/out`.
    pub path: String,
    /// The namespace of the engine.
    pub namespace: Namespace,
    /// The project of Argo CD.
    pub project: String,
    /// The Secret with which Flux opens the repository.
    pub secret: Option<String>,
}

/// The folder of the tree in its repository, and the revision, where nobody says.
const PATH: &str = "out";
const REVISION: &str = "main";

pub(super) fn resolve(written: Delivered) -> (Delivery, Installation) {
    let from = match written {
        Delivered::Engine(engine) => return (engine, Installation::ByHand),
        Delivered::From(from) => from,
    };
    let row = from.engine.row();
    if row.installed == Installed::Script {
        return (from.engine, Installation::Script);
    }
    let path = from.path.unwrap_or_else(|| PATH.to_owned());
    let namespace = from.namespace.unwrap_or_else(|| row.namespace.to_owned());
    let source = Source {
        repository: from.repository.unwrap_or_default(),
        revision: from.revision.unwrap_or_else(|| REVISION.to_owned()),
        path: path.strip_prefix("./").unwrap_or(&path).trim_end_matches('/').to_owned(),
        namespace: Namespace::new(namespace),
        project: from.project.unwrap_or_else(|| "default".to_owned()),
        secret: from.secret,
    };
    (from.engine, Installation::Objects(source))
}
