//! The specs of one side as texts, to compare them and to compile variants of them.

use crate::diag::{FileId, Sink};
use crate::diff::side::Files;
use crate::name::Digest;
use crate::spec::Document;
use crate::spec::attached::{self, Content};
use crate::spec::environment::KEY;
use crate::tree::{Document as File, Ledger};
use crate::{Fleet, Input};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use toml::{Table, Value};

/// One file.
#[derive(Clone, Debug)]
pub(super) struct Text(Arc<Written>);

#[derive(Debug)]
struct Written {
    path: String,
    text: String,
    /// What it says, once somebody asked.
    spec: OnceLock<Table>,
}

impl Text {
    pub(super) fn new(path: String, text: String) -> Text {
        Text(Arc::new(Written { path, text, spec: OnceLock::new() }))
    }

    /// As reports name it.
    pub(super) fn path(&self) -> &str {
        &self.0.path
    }

    pub(super) fn text(&self) -> &str {
        &self.0.text
    }

    /// What it says as a spec; nothing when it is no TOML.
    pub(super) fn spec(&self) -> &Table {
        self.0.spec.get_or_init(|| toml::from_str(self.text()).unwrap_or_default())
    }

    /// The one of two that are the same, or this one: what one of them says is read once.
    fn or_same(self, other: Option<&Text>) -> Text {
        let same = other.filter(|other| (other.path(), other.text()) == (self.path(), self.text()));
        same.cloned().unwrap_or(self)
    }
}

/// The specs of one side.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    root: String,
    pub(super) fleet: Option<Text>,
    /// By the names of the services.
    pub(super) services: BTreeMap<String, Text>,
    /// By name; those of `crds/` too.
    pub(super) templates: BTreeMap<String, Text>,
    /// What specs refer to, by path.
    pub(super) attached: BTreeMap<String, Content>,
    /// Digests of texts in which nothing was found.
    known_sound: Arc<BTreeSet<Digest>>,
}

impl Texts {
    /// `known` are those of the other side, once they are known; in texts that are `known_sound` nothing was
    /// found.
    pub(super) fn of(
        input: &Input,
        known: Option<&Texts>,
        known_sound: &Arc<BTreeSet<Digest>>,
    ) -> Texts {
        let known = known.map(|known| &known.services);
        let known: BTreeMap<&str, &Text> =
            known.into_iter().flatten().map(|(_, text)| (text.path(), text)).collect();
        let text = |file| {
            let source = input.sources.get(file);
            let text = Text::new(source.path.clone(), source.text.clone());
            text.or_same(known.get(source.path.as_str()).copied())
        };
        let named = |file: &FileId| {
            let text = text(*file);
            // One without a name has the name of its file here; it does not compile either way.
            let name = text.spec().get("name").and_then(Value::as_str).map(str::to_owned);
            (name.unwrap_or_else(|| text.path().to_owned()), text)
        };
        let services: Vec<(String, Text)> = input.specs.services.par_iter().map(named).collect();
        let crds = input.templates.crds.iter().map(|file| {
            let text = text(*file);
            (format!("{CRDS}{}", text.path()), text)
        });
        let templates = &input.templates.templates;
        let templates = templates.iter().map(|(name, file)| (name.clone(), text(*file)));
        let attached = input.specs.attached.iter();
        Texts {
            attached: attached.map(|(path, file)| (path.clone(), file.content.clone())).collect(),
            root: input.root.clone(),
            fleet: input.specs.fleet.map(text),
            services: services.into_iter().collect(),
            templates: templates.chain(crds).collect(),
            known_sound: Arc::clone(known_sound),
        }
    }

    fn input(&self) -> Input {
        let mut input = Input { root: self.root.clone(), ..Input::default() };
        let sources = &mut input.sources;
        let mut add = |text: &Text| sources.add(text.path(), text.text());
        input.specs.fleet = self.fleet.as_ref().map(&mut add);
        input.specs.services = self.services.values().map(&mut add).collect();
        for (name, text) in &self.templates {
            let file = add(text);
            if name.starts_with(CRDS) {
                input.templates.crds.push(file);
            } else {
                input.templates.templates.insert(name.clone(), file);
            }
        }
        input.attach(|path| self.attached.get(path).cloned());
        input.known_sound.clone_from(&self.known_sound);
        input
    }

    /// The services whose specs refer to a file, and none for the fleet where that does.
    pub(super) fn referring_to(&self, path: &str) -> Vec<Option<&String>> {
        let refers = |text: &Text| attached::of(text.path(), text.text()).any(|own| own == path);
        let services = self.services.iter().filter(|(_, text)| refers(text));
        let fleet = self.fleet.iter().filter(|text| refers(text)).map(|_| None);
        services.map(|(name, _)| Some(name)).chain(fleet).collect()
    }

    /// Everything, ready to be compiled; nothing when it is wrong.
    pub(super) fn prepare(&self, sink: &mut Sink) -> Option<Fleet> {
        crate::compile::prepare(sink, self.input()).ok()
    }

    /// The services of which the fleet says something: what was measured of them, what it accepts.
    pub(super) fn named_by_fleet(&self) -> impl Iterator<Item = String> {
        let lists = ["measured", "accept"].into_iter();
        let lists = lists.filter_map(|key| self.fleet.as_ref()?.spec().get(key)?.as_array());
        let named = lists.flatten().filter_map(|item| item.get("service")?.as_str());
        let plain = named.map(|name| crate::kube::id::plain(name).to_owned());
        plain.collect::<Vec<_>>().into_iter()
    }

    /// The same with these services only.
    pub(super) fn only(&self, services: &BTreeSet<String>) -> Texts {
        let wanted = services.iter().filter_map(|name| self.services.get_key_value(name));
        Texts {
            services: wanted.map(|(name, text)| (name.clone(), text.clone())).collect(),
            root: self.root.clone(),
            fleet: self.fleet.clone(),
            templates: self.templates.clone(),
            attached: self.attached.clone(),
            known_sound: Arc::clone(&self.known_sound),
        }
    }

    /// Where everything stands in a file.
    pub(super) fn lines(text: &Text) -> Lines {
        let mut sources = crate::diag::Sources::default();
        let file = sources.add(text.path(), text.text());
        let document = Document::read(&sources, file);
        Lines { sources, document }
    }
}

/// Before the path of a CustomResourceDefinition, to tell it from a template.
const CRDS: &str = "crds/ ";

/// The lines of a spec.
pub(super) struct Lines {
    sources: crate::diag::Sources,
    document: Document,
}

impl Lines {
    /// The line of the key at `path`, or of the nearest above it that is there, from 1.
    pub(super) fn of(&self, path: &[String]) -> Option<usize> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let there = (1..=path.len()).rev().find(|length| self.document.has(&path[..*length]))?;
        Some(self.sources.position(self.document.key(&path[..there])).line)
    }
}

/// The environments of a spec, the default one first.
pub(super) fn environments(spec: &Table) -> impl Iterator<Item = Option<&str>> {
    let others = spec.get(KEY).and_then(Value::as_table).into_iter().flatten();
    std::iter::once(None).chain(others.map(|(name, _)| Some(name.as_str())))
}

/// Which services see each other, in whatever environment.
#[derive(Default)]
pub(super) struct Links {
    namespaces: BTreeMap<String, BTreeSet<String>>,
    members: BTreeMap<String, BTreeSet<String>>,
    calls: BTreeMap<String, BTreeSet<String>>,
    callers: BTreeMap<String, BTreeSet<String>>,
}

impl Links {
    pub(super) fn of(texts: &Texts) -> Links {
        let mut links = Links::default();
        for (name, text) in &texts.services {
            let spec = text.spec();
            let environments = spec.get(KEY).and_then(Value::as_table).into_iter().flatten();
            let differs = environments.filter_map(|(_, differs)| differs.as_table());
            for spec in std::iter::once(spec).chain(differs) {
                links.add(name, spec);
            }
        }
        links
    }

    fn add(&mut self, name: &str, spec: &Table) {
        let written = spec.get("namespace").and_then(Value::as_str);
        let namespace = written.unwrap_or(name).to_owned();
        self.members.entry(namespace.clone()).or_default().insert(name.to_owned());
        self.namespaces.entry(name.to_owned()).or_default().insert(namespace);
        let called = spec.get("depends_on").and_then(Value::as_array).into_iter().flatten();
        for called in called.filter_map(|call| call.get("service")?.as_str()) {
            self.callers.entry(called.to_owned()).or_default().insert(name.to_owned());
            self.calls.entry(name.to_owned()).or_default().insert(called.to_owned());
        }
    }

    /// A service, those that call it or share its namespace, and all that any of them calls.
    pub(super) fn around(&self, unit: &str) -> BTreeSet<String> {
        let namespaces = self.namespaces.get(unit).into_iter().flatten();
        let members = namespaces.filter_map(|namespace| self.members.get(namespace));
        let near = members.chain(self.callers.get(unit)).flatten();
        let mut waiting: Vec<&str> = near.map(String::as_str).chain([unit]).collect();
        let mut found = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if found.insert(name.to_owned()) {
                waiting.extend(self.calls.get(name).into_iter().flatten().map(String::as_str));
            }
        }
        found
    }
}

/// What a unit compiles to.
#[derive(Default)]
pub(super) struct Made {
    /// Its current objects, what each says and what it is called.
    pub(super) objects: Objects,
    /// None where the unit is not there.
    ledger: Option<Ledger>,
    files: BTreeMap<String, File>,
}

impl Made {
    /// What the unit compiles to that has the first of these names that there is.
    pub(super) fn of(fleet: &Fleet, names: &[&str]) -> Option<Made> {
        let units = fleet.units();
        let named = |name: &&str| units.iter().find(|unit| unit.name() == *name);
        let Some(unit) = names.iter().find_map(named) else { return Some(Made::default()) };
        let tree = fleet.objects(&mut Sink::default(), unit).ok()?;
        let (files, ledger) = tree.into_parts();
        let files = files.into_iter().map(|file| (file.path.clone(), file)).collect();
        Some(Made { objects: objects(&ledger), ledger: Some(ledger), files })
    }

    pub(super) fn ledger(&self) -> Option<Ledger> {
        self.ledger.clone()
    }

    /// Whether all that is made and promised is the same.
    pub(super) fn is_same(&self, other: &Made) -> bool {
        self.ledger == other.ledger
    }
}

impl Files for Made {
    fn read(&self, path: &str) -> Option<String> {
        self.files.get(path).map(|file| file.text.clone())
    }

    fn id(&self, path: &str) -> Option<Cow<'_, str>> {
        self.files.get(path).map(|file| file.digest.to_string().into())
    }
}

/// The current objects of a unit.
pub(super) type Objects = BTreeMap<Key, Digests>;

/// An object by region, kind, namespace and logical name.
pub(super) type Key = (String, String, Option<String>, String);

/// What tells two compilations of an object apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digests {
    /// Of all that it says.
    pub(super) own: Digest,
    /// Of its file.
    pub(super) file: Digest,
}

pub(super) fn objects(ledger: &Ledger) -> Objects {
    let current = ledger.objects().iter().filter(|entry| entry.retained.is_none());
    let entries = current.map(|entry| {
        let name = entry.logical_name.clone();
        let key = (entry.region.clone(), entry.kind.clone(), entry.namespace.clone(), name);
        (key, Digests { own: entry.own, file: entry.file })
    });
    entries.collect()
}
