//! The specs of one side as texts, to compare them and to compile variants of them.

use crate::diag::Sink;
use crate::spec::Document;
use crate::tree::Previous;
use crate::{Fleet, Input};
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// One file.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// As reports name it.
    pub(super) path: String,
    pub(super) text: String,
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
}

impl Texts {
    pub(super) fn of(input: &Input) -> Texts {
        let text = |file| {
            let source = input.sources.get(file);
            Text { path: source.path.clone(), text: source.text.clone() }
        };
        let services = input.specs.services.iter().map(|file| {
            let text = text(*file);
            // One without a name has the name of its file here; it does not compile either way.
            let name = parse(&text.text).get("name").and_then(Value::as_str).map(str::to_owned);
            (name.unwrap_or_else(|| text.path.clone()), text)
        });
        let crds = input.templates.crds.iter().map(|file| {
            let text = text(*file);
            (format!("{CRDS}{}", text.path), text)
        });
        let templates = &input.templates.templates;
        let templates = templates.iter().map(|(name, file)| (name.clone(), text(*file)));
        Texts {
            root: input.root.clone(),
            fleet: input.specs.fleet.map(text),
            services: services.collect(),
            templates: templates.chain(crds).collect(),
        }
    }

    fn input(&self, services: &BTreeSet<&str>) -> Input {
        let mut input = Input { root: self.root.clone(), ..Input::default() };
        let sources = &mut input.sources;
        let mut add = |text: &Text| sources.add(text.path.clone(), text.text.clone());
        input.specs.fleet = self.fleet.as_ref().map(&mut add);
        let wanted = self.services.iter().filter(|(name, _)| services.contains(name.as_str()));
        input.specs.services = wanted.map(|(_, text)| add(text)).collect();
        for (name, text) in &self.templates {
            let file = add(text);
            if name.starts_with(CRDS) {
                input.templates.crds.push(file);
            } else {
                input.templates.templates.insert(name.clone(), file);
            }
        }
        input
    }

    /// Everything, ready to be compiled; nothing when it is wrong.
    pub(super) fn prepare(&self) -> Option<Fleet> {
        let all = self.services.keys().map(String::as_str).collect();
        crate::prepare(&mut Sink::default(), self.input(&all)).ok()
    }

    /// The current objects of one service, compiled with those that it is linked to and no others;
    /// nothing when the specs are wrong.
    pub(super) fn compile(&self, unit: &str) -> Option<Compiled> {
        let fleet = crate::prepare(&mut Sink::default(), self.input(&self.linked(unit))).ok()?;
        let units = fleet.units();
        let Some(unit) = units.iter().find(|other| other.name() == unit) else {
            return Some(Compiled::new());
        };
        let tree = fleet.compile(&mut Sink::default(), unit, &Previous::nothing()).ok()?;
        Some(compiled(tree.ledger()))
    }

    /// A service, those that call it or share its namespace, and all that any of them calls.
    pub(super) fn linked(&self, unit: &str) -> BTreeSet<&str> {
        let specs: BTreeMap<&str, Table> =
            self.services.iter().map(|(name, text)| (name.as_str(), parse(&text.text))).collect();
        let namespace = |name: &str| {
            let written = specs.get(name).and_then(|spec| spec.get("namespace")?.as_str());
            written.unwrap_or(name).to_owned()
        };
        let near = |name: &&str| {
            *name == unit
                || namespace(name) == namespace(unit)
                || calls(&specs[name]).contains(unit)
        };
        let mut waiting: Vec<&str> = specs.keys().copied().filter(near).collect();
        let mut found = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if let Some((known, spec)) = specs.get_key_value(name)
                && found.insert(*known)
            {
                let called = calls(spec);
                waiting.extend(specs.keys().copied().filter(|name| called.contains(*name)));
            }
        }
        found
    }

    /// Where everything stands in a file.
    pub(super) fn lines(text: &Text) -> Lines {
        let mut sources = crate::diag::Sources::default();
        let file = sources.add(text.path.clone(), text.text.clone());
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
    /// The line of the key at `path`, from 1.
    pub(super) fn of(&self, path: &[String]) -> Option<usize> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let known = self.document.has(&path);
        known.then(|| self.sources.position(self.document.key(&path)).line)
    }
}

/// A spec; empty when it is no TOML.
pub(super) fn parse(text: &str) -> Table {
    toml::from_str(text).unwrap_or_default()
}

/// The services that a spec calls.
fn calls(spec: &Table) -> BTreeSet<String> {
    let dependencies = spec.get("depends_on").and_then(Value::as_array);
    let called =
        dependencies.into_iter().flatten().filter_map(|call| call.get("service")?.as_str());
    called.map(str::to_owned).collect()
}

/// The current objects of a unit: by region, kind, namespace and logical name, what each says and
/// what it is called.
pub(super) type Compiled = BTreeMap<Key, Digests>;
pub(super) type Key = (String, String, Option<String>, String);

/// What tells two compilations of an object apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digests {
    /// Of all that it says.
    pub(super) own: String,
    /// Of its file.
    pub(super) file: String,
}

pub(super) fn compiled(ledger: &crate::tree::Ledger) -> Compiled {
    let current = ledger.objects().iter().filter(|entry| entry.retained.is_none());
    let entries = current.map(|entry| {
        let name = entry.logical_name.clone();
        let key = (entry.region.clone(), entry.kind.clone(), entry.namespace.clone(), name);
        (key, Digests { own: entry.own.clone(), file: entry.file.clone() })
    });
    entries.collect()
}
