//! A tree, as a diff sees it: who its objects are, and their manifests as soon as one is needed.

use super::manifests;
use crate::diag::{Code, Diagnostic};
use crate::kube::{Kind, id};
use crate::name::Digest;
use crate::tree::Ledger;
use crate::tree::ledger::{Entry, Origin, Reference, Retained};
use crate::yaml::{Value, read};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Reads the files of one side.
pub trait Files: Sync {
    /// The content of a file; nothing when there is none, or when it is no UTF-8 text.
    fn read(&self, path: &str) -> Option<String>;

    /// The contents of several files, for whoever reads them faster together.
    fn read_all(&self, paths: &[&str]) -> Vec<Option<String>> {
        paths.iter().map(|path| self.read(path)).collect()
    }

    /// Something that two sides have in common exactly where the bytes of a file are the same: a
    /// digest, a blob id of git. Nothing when there is no such file.
    fn id(&self, path: &str) -> Option<String>;
}

/// One side of a diff.
pub struct Tree<'a> {
    /// Its units, by name.
    pub units: BTreeMap<String, Unit<'a>>,
    /// Whether no ledger says who is who: identities were read from the manifests.
    pub without_ledger: bool,
    /// What a reader must know about it.
    pub notes: Vec<String>,
    files: &'a dyn Files,
    /// The units around it, where it is a variant of one.
    around: BTreeMap<&'a str, &'a Unit<'a>>,
    /// What services share once every edit is made, where it is a variant of one of them.
    later: Option<&'a Unit<'a>>,
    /// What stands in each namespace, once somebody asked.
    places: OnceLock<Places>,
}

/// By region and namespace, the unit of each current object and its place there.
type Places = BTreeMap<String, BTreeMap<Option<String>, Vec<(String, usize)>>>;

/// A service, or what services share.
#[derive(Default)]
pub struct Unit<'a> {
    /// Its ledger.
    pub ledger: Option<Ledger>,
    /// Its objects, in the order of their paths.
    pub items: Vec<Item<'a>>,
}

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
    pub own: Option<String>,
    /// The digest of the bytes of its file, as the ledger has it.
    pub digest: Option<String>,
    /// The objects that it refers to.
    pub references: Vec<Reference>,
    /// The former generation that it belongs to.
    pub retained: Option<Retained>,
    /// What asked for it.
    pub origin: Option<Origin>,
    pub(super) files: &'a dyn Files,
    pub(super) read: OnceLock<Read>,
}

/// What there is to know about the text of an object.
#[derive(Default)]
pub(super) struct Read {
    /// Its manifest; none where it cannot be read.
    pub(super) value: Option<Value>,
    /// Whether it is not what its ledger says.
    by_hand: bool,
}

impl Read {
    /// What no ledger speaks of.
    pub(super) fn of(value: Value) -> Read {
        Read { value: Some(value), by_hand: false }
    }
}

/// How many items are read together: enough to wait seldom for whoever has them, and few enough that
/// their texts take no room.
pub(super) const AT_ONCE: usize = 48;

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

impl<'a> Tree<'a> {
    /// The tree that `ledgers` speak of.
    pub fn new(files: &'a dyn Files, ledgers: Vec<Ledger>) -> Tree<'a> {
        let units = ledgers.into_iter().map(|ledger| {
            let unit = ledger.unit().to_owned();
            let items = ledger.objects().iter().map(|entry| Item::of_entry(files, &unit, entry));
            let items = items.collect();
            (unit, Unit { ledger: Some(ledger), items })
        });
        let units = units.collect();
        Tree {
            units,
            without_ledger: false,
            notes: Vec::new(),
            files,
            around: BTreeMap::new(),
            later: None,
            places: OnceLock::new(),
        }
    }

    /// The same before what services share once every edit is made.
    pub(super) fn before(self, later: Option<&'a Unit<'a>>) -> Tree<'a> {
        Tree { later, ..self }
    }

    /// What services share once every edit is made, in a variant.
    pub(super) fn later(&self) -> Option<&'a Unit<'a>> {
        self.later
    }

    /// One unit as a variant of the specs has it, in place of those of `tree` that have these names.
    pub(super) fn variant(
        files: &'a dyn Files,
        ledger: Option<Ledger>,
        tree: &'a Tree<'a>,
        names: &[&str],
    ) -> Tree<'a> {
        let others = tree.units.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        let around = others.map(|(name, unit)| (name.as_str(), unit)).collect();
        Tree { around, ..Tree::new(files, ledger.into_iter().collect()) }
    }

    /// The tree of all manifests in `paths`, which no ledger speaks of: written by hand, or by
    /// another tool.
    ///
    /// # Errors
    ///
    /// Every file that is YAML and not understood.
    pub fn without_ledger(
        files: &'a dyn Files,
        paths: &[String],
    ) -> Result<Tree<'a>, Vec<Diagnostic>> {
        let mut units: BTreeMap<String, Unit<'a>> = BTreeMap::new();
        let mut findings = Vec::new();
        for path in paths {
            let Some(text) = files.read(path) else { continue };
            match manifests::read(files, path, &text) {
                Ok(items) => {
                    for item in items {
                        units.entry(item.unit.clone()).or_default().items.push(item);
                    }
                }
                // What the file says is not quoted: it may hold a secret.
                Err(line) => findings.push(
                    Diagnostic::new(
                        Code::TREE_EDITED,
                        format!("`{path}` cannot be read as YAML{line}"),
                    )
                    .help("mend it, or compare folders without it"),
                ),
            }
        }
        number_generated(&mut units);
        leave_out_default(&mut units);
        let note =
            "a side has no ledger: its objects are paired by region, kind, namespace and full name";
        let notes = vec![note.to_owned()];
        match findings.is_empty() {
            true => {
                let tree = Tree::new(files, Vec::new());
                Ok(Tree { units, without_ledger: true, notes, ..tree })
            }
            false => Err(findings),
        }
    }

    /// Every object, by unit and path.
    pub fn items(&self) -> impl Iterator<Item = &Item<'a>> {
        self.units.values().flat_map(|unit| &unit.items)
    }

    /// Of its units one that has one of these names, in the tree that stands around it.
    pub(super) fn only(&'a self, names: &[&str]) -> Tree<'a> {
        let ledger = names.iter().find_map(|name| self.units.get(*name)?.ledger.clone());
        Tree::variant(self.files, ledger, self, names)
    }

    /// The only unit of a variant; none where the variant has it not.
    pub(super) fn first(&self) -> Option<&Unit<'a>> {
        self.units.values().next()
    }

    /// A unit, also one around a variant.
    pub(super) fn unit(&self, name: &str) -> Option<&Unit<'a>> {
        self.units.get(name).or_else(|| self.around.get(name).copied())
    }

    /// Every unit, also those around a variant.
    pub(super) fn all_units(&self) -> impl Iterator<Item = &Unit<'a>> {
        self.units.values().chain(self.around.values().copied())
    }

    /// Every object of these.
    pub(super) fn all_items(&self) -> impl Iterator<Item = &Item<'a>> {
        self.all_units().flat_map(|unit| &unit.items)
    }

    /// The current objects of a namespace of a region, of whatever unit.
    pub(super) fn current_in(
        &self,
        region: &str,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = &Item<'a>> {
        let places = self.places.get_or_init(|| self.places());
        let here = places.get(region).and_then(|there| there.get(&namespace.map(str::to_owned)));
        here.into_iter().flatten().filter_map(|(unit, at)| self.unit(unit)?.items.get(*at))
    }

    fn places(&self) -> Places {
        let own = self.units.iter().map(|(name, unit)| (name.as_str(), unit));
        let all = own.chain(self.around.iter().map(|(name, unit)| (*name, *unit)));
        let mut places = Places::new();
        for (name, unit) in all {
            for (at, item) in unit.items.iter().enumerate() {
                if item.retained.is_none() {
                    let region = places.entry(item.identity.region.clone()).or_default();
                    let here = region.entry(item.identity.namespace.clone()).or_default();
                    here.push((name.to_owned(), at));
                }
            }
        }
        places
    }

    /// See [`Files::id`].
    pub(super) fn id(&self, path: &str) -> Option<String> {
        self.files.id(path)
    }
}

impl<'a> Item<'a> {
    fn of_entry(files: &'a dyn Files, unit: &str, entry: &Entry) -> Item<'a> {
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
            own: Some(entry.own.clone()),
            digest: Some(entry.file.clone()),
            references: entry.references.clone(),
            retained: entry.retained.clone(),
            origin: Some(entry.origin.clone()),
            files,
            read: OnceLock::new(),
        };
        let api_version = item.api_version();
        group(&api_version).clone_into(&mut item.identity.group);
        item
    }

    /// Its manifest; nothing when it cannot be read.
    pub fn value(&self) -> Option<&Value> {
        self.read.get_or_init(|| self.of_text(self.files.read(&self.path))).value.as_ref()
    }

    fn of_text(&self, text: Option<String>) -> Read {
        let value = text.as_ref().and_then(|text| read::document(text).ok());
        Read { value, by_hand: text.is_some_and(|text| self.differs(&text)) }
    }

    fn differs(&self, text: &str) -> bool {
        let digest = Digest::of(text.as_bytes()).to_string();
        self.digest.as_ref().is_some_and(|known| *known != digest)
    }

    /// Reads the manifests of items of one side, together.
    pub(super) fn read_all(items: &[&Item<'_>]) {
        let unread: Vec<_> = items.iter().filter(|item| item.read.get().is_none()).collect();
        for (item, text) in unread.iter().zip(Item::texts(&unread)) {
            item.read.get_or_init(|| item.of_text(text));
        }
    }

    /// Which items of one side are not what their ledgers say.
    pub(super) fn by_hand(items: &[&Item<'_>]) -> Vec<bool> {
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

    fn texts(items: &[&&Item<'_>]) -> Vec<Option<String>> {
        let paths: Vec<&str> = items.iter().map(|item| item.path.as_str()).collect();
        items.first().map(|first| first.files.read_all(&paths)).unwrap_or_default()
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

/// What is in the namespace `default` says so or not, and is one object; only where both are there do they
/// stay two, as whoever applies them may name another namespace.
fn leave_out_default(units: &mut BTreeMap<String, Unit<'_>>) {
    let items = || units.values().flat_map(|unit| &unit.items);
    let without: BTreeSet<Identity> =
        items().map(|item| &item.identity).filter(|id| id.namespace.is_none()).cloned().collect();
    for item in units.values_mut().flat_map(|unit| &mut unit.items) {
        if item.identity.namespace.as_deref() == Some(id::DEFAULT_NAMESPACE) {
            let bare = Identity { namespace: None, ..item.identity.clone() };
            if !without.contains(&bare) {
                item.identity = bare;
            }
        }
    }
}

/// Objects whose names the API server makes, and that begin alike, are told apart by what they say: their
/// order means nothing.
fn number_generated(units: &mut BTreeMap<String, Unit<'_>>) {
    let mut counts: BTreeMap<Identity, usize> = BTreeMap::new();
    let items = units.values_mut().flat_map(|unit| &mut unit.items);
    let mut generated: Vec<&mut Item<'_>> = items.filter(|item| item.name.ends_with('…')).collect();
    generated.sort_by_cached_key(|item| item.value().map(crate::yaml::write::document));
    for item in generated {
        let count = counts.entry(item.identity.clone()).or_default();
        *count += 1;
        if *count > 1 {
            item.name = format!("{} ({count})", item.name);
            item.identity.logical_name.clone_from(&item.name);
        }
    }
}

/// The group of `apps/v1`; empty for that of `v1`.
pub(super) fn group(api_version: &str) -> &str {
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
