//! Stage 7 of 8: [`Named`] → [`UnitTree`].
//!
//! Where each object stands and in which bytes, and the ledger that says so.

mod path; //       identity → path, never containing a hash
pub mod ledger; // what Ninefold wrote, and why

pub use ledger::Ledger;

use crate::diag::Sources;
use crate::name::{Digest, Named};
use crate::plan::Unit;
use crate::yaml;

/// The files of one unit.
#[derive(Debug)]
pub struct UnitTree {
    unit: Unit,
    documents: Vec<Document>,
    ledger: Ledger,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its path below the tree, with `/` on every system.
    pub path: String,
    /// Its content.
    pub text: String,
}

impl UnitTree {
    /// Whose files these are.
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// The files, in the order of their paths; the ledger is not among them.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// What the ledger says.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The ledger as a file.
    pub fn ledger_document(&self) -> Document {
        Document { path: ledger::path(self.unit.name()), text: self.ledger.to_text() }
    }
}

/// Lays out the files of a unit. `root` is the folder of the specs, as reports name it.
pub fn lay_out(named: Named, sources: &Sources, root: &str) -> UnitTree {
    let (unit, objects, promises) = named.into_parts();
    let mut documents = Vec::with_capacity(objects.len());
    let mut entries = Vec::with_capacity(objects.len());
    for object in objects {
        let path = path::of(&unit, &object.id.region, &object.file);
        let text = yaml::write::document(&object.value);
        let spec = &sources.get(object.origin.span.file).path;
        let spec = spec.strip_prefix(root).unwrap_or(spec).trim_start_matches('/');
        entries.push(ledger::Entry {
            path: path.clone(),
            region: object.id.region.to_string(),
            kind: object.id.kind.name().to_owned(),
            namespace: object.id.namespace.map(|namespace| namespace.to_string()),
            logical_name: object.id.name.to_string(),
            name: object.name.to_string(),
            content: object.content.map(|digest| digest.to_string()),
            own: object.own.to_string(),
            file: Digest::of(text.as_bytes()).to_string(),
            references: (object.references.iter())
                .map(|id| format!("{} {}", id.kind, id.name))
                .collect(),
            origin: ledger::Origin { file: spec.to_owned(), key: object.origin.key.to_owned() },
        });
        documents.push(Document { path, text });
    }
    documents.sort_by(|a, b| a.path.cmp(&b.path));
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let promises = promises.into_iter().map(|promise| {
        let value = serde_json::to_value(&promise).expect("a promise holds numbers and words");
        (promise.region.to_string(), value)
    });
    let ledger = Ledger::new(unit.name(), entries, promises.collect());
    UnitTree { unit, documents, ledger }
}
