//! A stage: [`Named`] → [`UnitTree`].
//!
//! Where each object stands and in which bytes, which former generations stay beside it, and the
//! ledger that says so.

mod path; //       identity → path, never containing a hash
pub mod ledger; // what Ninefold wrote, and why
mod promised; //   what it promises
mod current; //    what a unit has now
mod retain; //     former generations
mod retire; //     and their end
pub mod delivered; // what the delivery engine sees
mod in_place; //   edits of what keeps its name
mod history; //    what is read once, when an object is created
mod writers; //    former generations beside one that may write alone
mod side_by_side; // what must not run twice
pub mod verify; // judges a tree by itself

use current::Current;
pub use current::Take;
pub use delivered::Delivered;
pub use ledger::Ledger;
pub use promised::Promised;
pub use retain::{Previous, VOLUMES, of_fleet};
pub use retire::{Retired, retire};

use crate::decide::Promise;
use crate::diag::{Code, Diagnostic, Reported, Sink, Sources, Span};
use crate::kube::RegionName;
use crate::name::{Digest, Named, NamedObject};
use crate::object::Object;
use crate::plan::Unit;
use crate::yaml;
use ledger::{Entry, Gone};

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
    /// The digest of its content.
    pub digest: Digest,
}

impl Document {
    fn new(path: String, text: String) -> Document {
        Document { digest: Digest::of(text.as_bytes()), path, text }
    }
}

impl UnitTree {
    /// Whose files these are.
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// The files: former generations first, as they are put into place before what replaces them;
    /// then in the order of their paths, those of `recovery/` last. The ledger is not among them, and
    /// neither are those that a [`Take`] kept.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The files as [`UnitTree::documents`] has them, and the ledger.
    pub fn into_parts(self) -> (Vec<Document>, Ledger) {
        (self.documents, self.ledger)
    }

    /// What the ledger says.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The ledger as a file.
    pub fn ledger_document(&self) -> Document {
        self.ledger.to_document()
    }
}

/// The files of a unit while they are laid out: its objects may come in parts, so that a large
/// unit never stands in memory as objects all at once.
#[derive(Debug)]
pub struct Layout<'a> {
    maker: Maker<'a>,
    current: Current,
    recovery: Vec<Document>,
    scripts: Vec<Document>,
    promises: Vec<Promise>,
    origin: Option<Span>,
}

/// Makes files of objects of a unit; several threads may do so.
#[derive(Clone, Debug)]
pub struct Maker<'a> {
    unit: Unit,
    sources: &'a Sources,
    /// The folder of the specs, as reports name it.
    root: &'a str,
}

/// Some objects of a unit as files.
#[derive(Debug)]
pub struct Part {
    current: Current,
    promises: Vec<Promise>,
    origin: Option<Span>,
}

impl<'a> Layout<'a> {
    /// No files yet.
    pub fn new(unit: Unit, sources: &'a Sources, root: &'a str) -> Layout<'a> {
        let (recovery, scripts, promises) = (Vec::new(), Vec::new(), Vec::new());
        let (maker, current, origin) = (Maker { unit, sources, root }, Current::default(), None);
        Layout { maker, current, recovery, scripts, promises, origin }
    }

    /// Lays out some objects of the unit.
    pub fn add(&mut self, named: Named) {
        self.join(self.maker.part(named, &Some));
    }

    /// What makes files of objects, which are then to be [joined](Layout::join).
    pub fn maker(&self) -> &Maker<'a> {
        &self.maker
    }

    /// Adds the files of some objects.
    pub fn join(&mut self, part: Part) {
        self.current.append(part.current);
        self.promises.extend(part.promises);
        self.origin = self.origin.into_iter().chain(part.origin).min();
    }

    /// Lays out the objects of recovery sets, which are objects of no cluster until somebody applies
    /// them.
    pub fn add_sets(&mut self, sets: Named) {
        self.recovery.extend(Layout::sets(&self.maker.unit, sets));
    }

    /// The files of recovery sets by themselves, in the order in which they are applied.
    pub fn sets(unit: &Unit, sets: Named) -> Vec<Document> {
        let (_, objects, _) = sets.into_parts();
        let mut documents: Vec<Document> = (objects.into_iter())
            .map(|object| {
                let path = path::of_recovery(unit, &format!("{}.yaml", object.file));
                Document::new(path, yaml::write::document(&object.value))
            })
            .collect();
        documents.sort_by(|a, b| a.path.cmp(&b.path));
        documents
    }

    /// Lays out a page; `file` is its path below `recovery/`.
    pub fn add_page(&mut self, file: &str, text: String) {
        self.recovery.push(Document::new(path::of_page(file), text));
    }

    /// Lays out a script that delivers `region`.
    pub fn add_script(&mut self, region: &RegionName, file: &str, text: String) {
        self.scripts.push(Document::new(path::of_script(region.as_str(), file), text));
    }

    /// Adds the former generations that stay, and writes the ledger.
    ///
    /// # Errors
    ///
    /// When a generation that must be kept is not what its ledger says.
    pub fn finish(
        mut self,
        sink: &mut Sink,
        previous: &Previous<'_>,
    ) -> Result<UnitTree, Reported> {
        self.current.sort();
        apart(sink, self.current.entries.iter().map(|entry| entry.path.as_str()))?;
        history::keep(&mut self.current, previous);
        in_place::check(sink, &self.current, previous, self.origin);
        let current = &self.current.entries;
        let unit = self.maker.unit;
        let retained = match &unit {
            Unit::Service(name) => retain::generations(sink, name, current, previous, self.origin)?,
            Unit::Fleet => retain::namespaces(sink, current, previous)?,
        };
        writers::check(sink, &self.current, &retained, self.origin);
        side_by_side::check(sink, unit.name(), &self.current, &retained, self.origin);
        let (kept, mut documents): (Vec<Entry>, Vec<Document>) = retained.into_iter().unzip();
        let mut entries = self.current.entries;
        entries.extend(kept);
        documents.append(&mut self.current.documents);
        self.recovery.sort_by(|a, b| a.path.cmp(&b.path));
        self.scripts.sort_by(|a, b| a.path.cmp(&b.path));
        let file = |document: &Document| ledger::File {
            path: document.path.clone(),
            file: document.digest,
        };
        let recovery = self.recovery.iter().map(file).collect();
        let scripts = self.scripts.iter().map(file).collect();
        documents.append(&mut self.scripts);
        documents.append(&mut self.recovery);
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let promises = self.promises.into_iter();
        let promises =
            promises.map(|promise| (promise.region.clone(), Promised::Made(Box::new(promise))));
        let mut retired = retain::retired(previous);
        retired.retain(|gone| !entries.iter().any(|entry| Gone::of(entry) == *gone));
        let files = ledger::Files { recovery, scripts };
        let mut ledger = Ledger::new(unit.name(), entries, files, retired, promises.collect());
        // That a mark is over makes no other ledger: it goes with the next change.
        if !ledger.retired().is_empty() && !previous.ledgers.contains(&ledger) {
            ledger = ledger.marking(|gone| previous.delivered.had(gone));
        }
        Ok(UnitTree { unit, documents, ledger })
    }
}

impl Maker<'_> {
    /// The files of some objects of the unit. What `take` keeps of them is none of the
    /// [`UnitTree::documents`].
    pub fn part(&self, named: Named, take: &Take<'_>) -> Part {
        let (_, objects, promises) = named.into_parts();
        let origin = objects.iter().map(|object| object.origin.span).min();
        let mut current = Current::default();
        for object in objects {
            let path = path::of(&self.unit, &object.id, &object.file);
            let document = Document::new(path, yaml::write::document(&object.value));
            let entry = entry(object, &document, self.sources, self.root);
            current.push(entry, document, take);
        }
        Part { current, promises, origin }
    }
}

/// The file of an object of a unit, below the tree.
pub fn path(unit: &Unit, object: &Object) -> String {
    path::of(unit, &object.id, &object.file)
}

/// Refuses objects of a unit of which the [`path()`]s are equal: all that is found in the layout of a unit
/// where nothing was before.
///
/// # Errors
///
/// When there are such.
pub fn check(sink: &mut Sink, mut paths: Vec<String>) -> Result<(), Reported> {
    paths.sort();
    apart(sink, paths.iter().map(String::as_str))
}

/// Refuses the first path that stands twice in a sorted list.
fn apart<'p>(sink: &mut Sink, paths: impl Iterator<Item = &'p str>) -> Result<(), Reported> {
    let mut last = None;
    for path in paths {
        if last.replace(path) == Some(path) {
            let message = format!("two manifests would be the file `{path}`");
            let finding = Diagnostic::new(Code::OBJECT_TWICE, message);
            return Err(sink.error(finding.help("give the template that you added another name")));
        }
    }
    Ok(())
}

fn entry(object: NamedObject, document: &Document, sources: &Sources, root: &str) -> Entry {
    let spec = &sources.get(object.origin.span.file).path;
    let spec = spec.strip_prefix(root).unwrap_or(spec).trim_start_matches('/');
    Entry {
        path: document.path.clone(),
        region: object.id.region.to_string(),
        kind: object.id.kind.name().to_owned(),
        namespace: object.id.namespace.map(|namespace| namespace.to_string()),
        logical_name: object.id.name.to_string(),
        name: object.name.to_string(),
        content: object.content,
        own: object.own,
        file: document.digest,
        references: (object.references.into_iter())
            .map(|(kind, name)| ledger::Reference {
                kind: kind.name().to_owned(),
                name: name.to_string(),
            })
            .collect(),
        retained: None,
        origin: ledger::Origin { file: spec.to_owned(), key: object.origin.key.to_owned() },
    }
}
