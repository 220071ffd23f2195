//! An object of one side: who it is, and its manifest as soon as one is needed.

use super::Files;
use crate::kube::Kind;
use crate::name::Digest;
use crate::tree::ledger::{Entry, Origin, Reference, Retained};
use crate::yaml::{Value, read};
use std::sync::{Arc, OnceLock};

/// An object of one side.
pub struct Item<'a> {
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
    pub own: Option<Digest>,
    /// The digest of the bytes of its file, as the ledger has it.
    pub digest: Option<Digest>,
    /// The objects that it refers to.
    pub references: Vec<Reference>,
    /// The former generation that it belongs to.
    pub retained: Option<Retained>,
    /// What asked for it.
    pub origin: Option<Origin>,
    pub(in crate::diff) files: Reader<'a>,
    pub(in crate::diff) read: Arc<OnceLock<Read>>,
}

/// Where manifests are read from.
#[derive(Clone)]
pub(in crate::diff) enum Reader<'a> {
    Borrowed(&'a dyn Files),
    Shared(Arc<dyn Files>),
}

impl Reader<'_> {
    pub(super) fn files(&self) -> &dyn Files {
        match self {
            Reader::Borrowed(files) => *files,
            Reader::Shared(files) => &**files,
        }
    }
}

/// What there is to know about the text of an object.
#[derive(Default)]
pub(in crate::diff) struct Read {
    /// Its manifest; none where it cannot be read.
    pub(in crate::diff) value: Option<Value>,
    /// Whether it is not what its ledger says.
    by_hand: bool,
}

impl Read {
    /// What no ledger speaks of.
    pub(in crate::diff) fn of(value: Value) -> Read {
        Read { value: Some(value), by_hand: false }
    }
}

/// How many of so many files are read together: enough to wait seldom for whoever has them, few enough that
/// their texts take no room, and of a few files not all, so that no thread is idle.
pub(in crate::diff) fn at_once(files: usize) -> usize {
    files.div_ceil(2 * rayon::current_num_threads()).clamp(1, MOST_AT_ONCE)
}

/// No more files are read together.
pub const MOST_AT_ONCE: usize = 48;

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

impl<'a> Item<'a> {
    pub(super) fn of_entry(files: &Reader<'a>, unit: &str, entry: &Entry) -> Item<'a> {
        let mut item = Item {
            identity: Identity {
                region: entry.region.clone(),
                group: String::new(),
                kind: entry.kind.clone(),
                namespace: entry.namespace.clone(),
                logical_name: entry.logical_name.clone(),
            },
            unit: unit.to_owned(),
            name: entry.name.clone(),
            path: entry.path.clone(),
            document: 0,
            own: Some(entry.own),
            digest: Some(entry.file),
            references: entry.references.clone(),
            retained: entry.retained.as_deref().cloned(),
            origin: Some(entry.origin.clone()),
            files: files.clone(),
            read: Arc::default(),
        };
        let api_version = item.api_version();
        group(&api_version).clone_into(&mut item.identity.group);
        item
    }

    /// Its manifest; nothing when it cannot be read.
    pub fn value(&self) -> Option<&Value> {
        self.read.get_or_init(|| self.of_text(self.files.files().read(&self.path))).value.as_ref()
    }

    fn of_text(&self, text: Option<String>) -> Read {
        let value = text.as_ref().and_then(|text| read::document(text).ok());
        Read { value, by_hand: text.is_some_and(|text| self.differs(&text)) }
    }

    fn differs(&self, text: &str) -> bool {
        self.digest.is_some_and(|known| known != Digest::of(text.as_bytes()))
    }

    /// Reads the manifests of items of one side, together.
    pub(in crate::diff) fn read_all(items: &[&Item<'_>]) {
        let unread: Vec<_> = items.iter().filter(|item| item.read.get().is_none()).collect();
        for (item, text) in unread.iter().zip(Item::texts(&unread)) {
            item.read.get_or_init(|| item.of_text(text));
        }
    }

    /// Which items of one side are not what their ledgers say.
    pub(in crate::diff) fn by_hand(items: &[&Item<'_>]) -> Vec<bool> {
        let known: Vec<Option<bool>> =
            items.iter().map(|item| Some(item.read.get()?.by_hand)).collect();
        let unread = items.iter().zip(&known).filter(|(_, known)| known.is_none());
        let unread: Vec<_> = unread.map(|(item, _)| item).collect();
        let differs = |(item, text): (&&&Item<'_>, Option<String>)| {
            text.is_some_and(|text| item.differs(&text))
        };
        let mut found = unread.iter().zip(Item::texts(&unread)).map(differs);
        let by_hand = |known: Option<bool>| known.or_else(|| found.next()).unwrap_or_default();
        known.into_iter().map(by_hand).collect()
    }

    /// What stands in the files of items of one side; none for what cannot be read.
    pub(in crate::diff) fn written(items: &[&Item<'_>]) -> Vec<Option<String>> {
        Item::texts(&items.iter().collect::<Vec<_>>())
    }

    fn texts(items: &[&&Item<'_>]) -> Vec<Option<String>> {
        let paths: Vec<&str> = items.iter().map(|item| item.path.as_str()).collect();
        items.first().map(|first| first.files.files().read_all(&paths)).unwrap_or_default()
    }

    /// Its group and version: `apps/v1`.
    pub fn api_version(&self) -> String {
        let known = self.read.get().and_then(|read| read.value.as_ref()).is_none();
        if let Some(row) = Kind::named(&self.identity.kind).filter(|_| known) {
            return row.api_version.to_owned();
        }
        let value = self.value().and_then(|value| value.get("apiVersion"));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// The group of `apps/v1`; empty for that of `v1`.
pub(in crate::diff) fn group(api_version: &str) -> &str {
    api_version.rsplit_once('/').map_or("", |(group, _)| group)
}

impl std::fmt::Display for Identity {
    /// `region/group/kind/namespace/logical name`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let namespace = self.namespace.as_deref().unwrap_or_default();
        let Identity { region, group, kind, logical_name, .. } = self;
        write!(f, "{region}/{group}/{kind}/{namespace}/{logical_name}")
    }
}
