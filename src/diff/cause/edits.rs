//! The edits between two versions of the specs, each as small as it makes sense by itself.

use super::promotion;
use super::texts::{Lines, Text, Texts};
use crate::diff::pair::Renames;
use crate::diff::report::{CauseKind, Place, Promotion};
use crate::spec::environment::KEY;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// One edit of one file.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub(super) kind: CauseKind,
    /// The service whose spec it is of; none for the fleet and for templates.
    pub(super) service: Option<String>,
    pub(super) place: Place,
    pub(super) old: Option<Value>,
    pub(super) new: Option<Value>,
    /// Where what it writes was tried before.
    pub(super) promotes: Option<Promotion>,
    steps: Vec<Step>,
}

/// A step into a spec.
#[derive(Clone, Debug)]
enum Step {
    /// The entry of a table.
    Key(String),
    /// The item of a list, by what it is known by on the old and on the new side.
    Item(Id, Id),
    /// The item of a list of plain values.
    Element(Value),
}

/// What an item of a list is known by: the value of a key, and how many before it have the same.
type Id = (String, usize);

/// The keys that items are known by; of those that one has, the first.
const KNOWN_BY: &[&str] = &[
    "name",
    "service",
    "cidr",
    "host",
    "namespace",
    "rule",
    "external",
    "pods",
    "object",
    "what",
    "type",
    "of",
    "path",
];

/// Maps whose keys are the user's own.
const ENTRIES: &[&str] = &["config", "labels", "annotations", "parameters"];

/// Every edit, in the order of files and keys. `renames` are services with the names that they had.
pub(super) fn find(old: &Texts, new: &Texts, renames: &Renames) -> Vec<Edit> {
    let mut edits = Vec::new();
    if let (Some(old), Some(new)) = (&old.fleet, &new.fleet) {
        of_file(CauseKind::Fleet, None, old, new, &mut edits);
    }
    let former = |name: &String| {
        let before = renames.get(name).filter(|before| !new.services.contains_key(*before))?;
        old.services.get(before).filter(|_| !old.services.contains_key(name))
    };
    let names: BTreeSet<&String> = old.services.keys().chain(new.services.keys()).collect();
    let renamed: BTreeSet<&String> = renames
        .iter()
        .filter(|(name, _)| former(name).is_some())
        .map(|(_, before)| before)
        .collect();
    for name in names.into_iter().filter(|name| !renamed.contains(name)) {
        match (old.services.get(name).or_else(|| former(name)), new.services.get(name)) {
            (Some(old), Some(new)) => of_file(CauseKind::Spec, Some(name), old, new, &mut edits),
            (old, new) => edits.push(whole(CauseKind::Spec, Some(name), old, new)),
        }
    }
    let names: BTreeSet<&String> = old.templates.keys().chain(new.templates.keys()).collect();
    for name in names {
        let (old, new) = (old.templates.get(name), new.templates.get(name));
        if old.map(Text::text) != new.map(Text::text) {
            edits.push(whole(CauseKind::Template, None, old, new));
        }
    }
    // One that comes or goes does so with the line of the spec that refers to it.
    for (path, was) in &old.attached {
        if new.attached.get(path).is_some_and(|is| is != was) {
            let referring = new.referring_to(path).into_iter();
            edits.extend(referring.map(|service| of_attached(path, service)));
        }
    }
    edits
}

/// Another content of a file that a spec refers to.
fn of_attached(path: &str, service: Option<&String>) -> Edit {
    Edit {
        kind: if service.is_some() { CauseKind::Spec } else { CauseKind::Fleet },
        service: service.cloned(),
        place: Place { file: path.to_owned(), key: String::new(), line: None, old_line: None },
        old: None,
        new: None,
        promotes: None,
        steps: Vec::new(),
    }
}

/// A file that comes, goes, or is no TOML.
fn whole(
    kind: CauseKind,
    service: Option<&String>,
    old: Option<&Text>,
    new: Option<&Text>,
) -> Edit {
    let file = new.or(old).map(|text| text.path().to_owned()).unwrap_or_default();
    let key = if kind == CauseKind::Spec { "name".to_owned() } else { String::new() };
    let line = |text: Option<&Text>| {
        let text = text.filter(|_| kind == CauseKind::Spec)?;
        Texts::lines(text).of(std::slice::from_ref(&key))
    };
    Edit {
        kind,
        service: service.cloned(),
        place: Place { file, key: key.clone(), line: line(new), old_line: line(old) },
        old: None,
        new: None,
        promotes: None,
        steps: Vec::new(),
    }
}

fn of_file(
    kind: CauseKind,
    service: Option<&String>,
    old: &Text,
    new: &Text,
    edits: &mut Vec<Edit>,
) {
    if old.text() == new.text() {
        return;
    }
    let mut walk = Walk {
        kind,
        service,
        file: new.path(),
        lines: (Texts::lines(old), Texts::lines(new)),
        steps: Vec::new(),
        paths: (Vec::new(), Vec::new()),
        edits,
    };
    let (before, from) = (old.spec(), walk.edits.len());
    walk.tables(before, new.spec());
    for edit in edits[from..].iter_mut().filter(|edit| edit.kind == CauseKind::Spec) {
        edit.promotes = promotion::of(edit, before);
    }
}

struct Walk<'a> {
    kind: CauseKind,
    service: Option<&'a String>,
    file: &'a str,
    lines: (Lines, Lines),
    steps: Vec<Step>,
    /// The steps as paths into the old and the new document, with numbers for items.
    paths: (Vec<String>, Vec<String>),
    edits: &'a mut Vec<Edit>,
}

impl Walk<'_> {
    fn below(&mut self, step: Step, old: &str, new: &str, then: impl FnOnce(&mut Self)) {
        self.steps.push(step);
        self.paths.0.push(old.to_owned());
        self.paths.1.push(new.to_owned());
        then(self);
        self.steps.pop();
        self.paths.0.pop();
        self.paths.1.pop();
    }

    fn tables(&mut self, old: &Table, new: &Table) {
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        // A rename says the former name beside the new one: that is one edit.
        let renamed = self.steps.is_empty() && old.get("name") != new.get("name");
        for key in keys.into_iter().filter(|key| !renamed || *key != "previously") {
            self.below(Step::Key(key.clone()), key, key, |walk| {
                walk.values(old.get(key), new.get(key));
            });
        }
    }

    fn values(&mut self, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (Some(old), Some(new)) if old == new => {}
            (Some(Value::Table(old)), Some(Value::Table(new))) => self.tables(old, new),
            (Some(Value::Array(old)), Some(Value::Array(new))) => self.lists(old, new),
            (old, new) => self.edit(old.cloned(), new.cloned()),
        }
    }

    fn lists(&mut self, old: &[Value], new: &[Value]) {
        if let (Some(before), Some(after)) = (ids(old), ids(new)) {
            self.items((old, &before), (new, &after));
        } else if is_plain(old) && is_plain(new) && !same_items(old, new) {
            self.elements(old, new);
        } else {
            self.edit(Some(Value::Array(old.to_vec())), Some(Value::Array(new.to_vec())));
        }
    }

    fn items(&mut self, (old, before): (&[Value], &[Id]), (new, after): (&[Value], &[Id])) {
        let mut gone: Vec<usize> =
            (0..old.len()).filter(|at| !after.contains(&before[*at])).collect();
        let mut pairs: Vec<(Option<usize>, Option<usize>)> = Vec::new();
        for (at, id) in after.iter().enumerate() {
            let same = before.iter().position(|other| other == id);
            // One that is called otherwise now and says mostly the same is the same one.
            let renamed = gone.iter().position(|was| is_alike(&old[*was], &new[at]));
            let was = same.or_else(|| renamed.map(|found| gone.remove(found)));
            pairs.push((was, Some(at)));
        }
        pairs.extend(gone.into_iter().map(|at| (Some(at), None)));
        pairs.sort_by_key(|(was, is)| is.map(|at| &after[at]).or(was.map(|at| &before[at])));
        for (was, is) in pairs {
            let number = |at: Option<usize>| at.map_or("-".to_owned(), |at| at.to_string());
            let known = |at: Option<usize>, ids: &[Id]| at.map(|at| ids[at].clone());
            let (then, now) = (known(was, before), known(is, after));
            let both = (then.clone().or_else(|| now.clone()), now.or(then));
            let (Some(then), Some(now)) = both else { continue };
            self.below(Step::Item(then, now), &number(was), &number(is), |walk| {
                walk.values(was.map(|at| &old[at]), is.map(|at| &new[at]));
            });
        }
    }

    fn elements(&mut self, old: &[Value], new: &[Value]) {
        for (at, element) in old.iter().enumerate().filter(|(_, element)| !new.contains(element)) {
            self.below(Step::Element(element.clone()), &at.to_string(), "-", |walk| {
                walk.edit(Some(element.clone()), None);
            });
        }
        for (at, element) in new.iter().enumerate().filter(|(_, element)| !old.contains(element)) {
            self.below(Step::Element(element.clone()), "-", &at.to_string(), |walk| {
                walk.edit(None, Some(element.clone()));
            });
        }
    }

    fn edit(&mut self, old: Option<Value>, new: Option<Value>) {
        let place = Place {
            file: self.file.to_owned(),
            key: display(&self.steps),
            line: self.lines.1.of(&self.paths.1),
            old_line: self.lines.0.of(&self.paths.0),
        };
        self.edits.push(Edit {
            kind: self.kind,
            service: self.service.cloned(),
            place,
            old,
            new,
            promotes: None,
            steps: self.steps.clone(),
        });
    }
}

/// What an item is known by; none when it has none of the keys.
fn known_by(item: &Value) -> Option<&str> {
    KNOWN_BY.iter().find_map(|key| item.get(key)?.as_str())
}

/// What each item is known by; none when one has none of the keys.
fn ids(items: &[Value]) -> Option<Vec<Id>> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let id = |item| {
        let name = known_by(item)?;
        let count = counts.entry(name).or_default();
        *count += 1;
        Some((name.to_owned(), *count - 1))
    };
    let ids: Option<Vec<Id>> = items.iter().map(id).collect();
    ids.filter(|ids| !ids.is_empty())
}

/// Where the item is that is known by either of two.
fn position(items: &[Value], (then, now): (&Id, &Id)) -> Option<usize> {
    let ids = ids(items)?;
    ids.iter().position(|id| id == then).or_else(|| ids.iter().position(|id| id == now))
}

/// Whether two items have the same keys and differ in few of them: one was renamed.
fn is_alike(old: &Value, new: &Value) -> bool {
    let (Some(old), Some(new)) = (old.as_table(), new.as_table()) else { return false };
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differ = keys.iter().filter(|key| old.get(**key) != new.get(**key)).count();
    differ <= 1 || differ * 2 < keys.len()
}

fn is_plain(items: &[Value]) -> bool {
    items.iter().all(|item| !item.is_table() && !item.is_array())
}

fn same_items(old: &[Value], new: &[Value]) -> bool {
    old.iter().all(|item| new.contains(item)) && new.iter().all(|item| old.contains(item))
}

/// `ports[http].port`
fn display(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => text.push_str(&format!(".{key}")),
            Step::Item(_, (name, _)) => text.push_str(&format!("[{name}]")),
            Step::Element(_) => {}
        }
    }
    text
}

impl Edit {
    /// The first key, in whatever environment: what the edit is about.
    pub(super) fn subject(&self) -> &str {
        match self.within() {
            [Step::Key(key), ..] => key,
            _ => "",
        }
    }

    /// The environment that it is about; none for the top, which all of them take from.
    pub(super) fn environment(&self) -> Option<&str> {
        match self.steps.as_slice() {
            [Step::Key(key), Step::Key(name), ..] if self.service.is_some() && key == KEY => {
                Some(name)
            }
            _ => None,
        }
    }

    /// Whether it is the image of the service in an environment.
    pub(super) fn is_image_of_environment(&self) -> bool {
        self.environment().is_some() && matches!(self.within(), [Step::Key(key)] if key == "image")
    }

    /// The steps to it, from the top or from the table of its environment.
    fn within(&self) -> &[Step] {
        if self.environment().is_some() { &self.steps[2..] } else { &self.steps }
    }

    /// Whether it is another content of a file that a spec refers to.
    pub(super) fn is_of_attached(&self) -> bool {
        matches!(self.kind, CauseKind::Spec | CauseKind::Fleet) && self.place.key.is_empty()
    }

    /// The map that it is an entry of, and whether the entry was and is there: where keys are the user's own,
    /// each entry with another value does what the others do. None for every other edit.
    pub(super) fn entry_of(&self) -> Option<(Option<String>, String, [bool; 2])> {
        let [above @ .., Step::Key(_)] = self.steps.as_slice() else { return None };
        let Some(Step::Key(map)) = above.last() else { return None };
        let plain = |value: &Option<Value>| {
            value.as_ref().is_none_or(|value| !value.is_table() && !value.is_array())
        };
        // `80` and `"80"` are one text.
        let text = |value: &Option<Value>| {
            let value = value.as_ref()?;
            Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let other = plain(&self.old) && plain(&self.new) && text(&self.old) != text(&self.new);
        let fits = ENTRIES.contains(&map.as_str()) && other && self.promotes.is_none();
        let there = [self.old.is_some(), self.new.is_some()];
        fits.then(|| (self.service.clone(), display(above), there))
    }

    /// The edit that takes this one back.
    pub(super) fn reversed(&self) -> Edit {
        Edit { old: self.new.clone(), new: self.old.clone(), ..self.clone() }
    }

    /// The same specs with this edit made, and no other: `from` is the side before it, `to` the
    /// one after it.
    pub(super) fn made(&self, from: &Texts, to: &Texts) -> Texts {
        let mut texts = from.clone();
        for (path, content) in &to.attached {
            if *path == self.place.file || !texts.attached.contains_key(path) {
                texts.attached.insert(path.clone(), content.clone());
            }
        }
        if self.is_of_attached() {
            return texts;
        }
        if self.steps.is_empty() {
            let file = |texts: &Texts| match &self.service {
                Some(name) => texts.services.get(name).cloned(),
                None => {
                    texts.templates.values().find(|text| text.path() == self.place.file).cloned()
                }
            };
            let (files, key) = match &self.service {
                Some(name) => (&mut texts.services, name.clone()),
                None => {
                    let named = |(_, text): &(&String, &Text)| text.path() == self.place.file;
                    let all = to.templates.iter().chain(&from.templates);
                    let name = all.clone().find(named).map(|(name, _)| name.clone());
                    (&mut texts.templates, name.unwrap_or_default())
                }
            };
            match file(to) {
                Some(text) => files.insert(key, text),
                None => files.remove(&key),
            };
            return texts;
        }
        let text = match &self.service {
            Some(name) => texts.services.get_mut(name),
            None => texts.fleet.as_mut(),
        };
        if let Some(text) = text {
            let mut root = Value::Table(text.spec().clone());
            put(&mut root, &self.steps, self.new.as_ref());
            let written = toml::to_string(&root).unwrap_or_default();
            *text = Text::new(text.path().to_owned(), written);
        }
        texts
    }
}

impl Edit {
    /// What stands in `spec`, or in the table of an environment, where this edit is made in its own.
    pub(super) fn same_place_in<'v>(&self, spec: &'v Table) -> Option<&'v Value> {
        let mut steps = self.within().iter();
        let Some(Step::Key(first)) = steps.next() else { return None };
        steps.try_fold(spec.get(first)?, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Item(then, now) => {
                let items = value.as_array()?;
                items.get(position(items, (then, now))?)
            }
            Step::Element(element) => value.as_array()?.iter().find(|item| *item == element),
        })
    }
}

/// Puts `value` at the end of `steps`, or takes away what is there.
fn put(at: &mut Value, steps: &[Step], value: Option<&Value>) {
    let Some((step, rest)) = steps.split_first() else { return };
    match (step, at) {
        (Step::Key(key), Value::Table(table)) => match (rest.is_empty(), value) {
            (true, Some(value)) => drop(table.insert(key.clone(), value.clone())),
            (true, None) => drop(table.remove(key)),
            (false, _) => {
                let list = matches!(rest[0], Step::Item(..) | Step::Element(_));
                let empty = || if list { Value::Array(Vec::new()) } else { Table::new().into() };
                put(table.entry(key.clone()).or_insert_with(empty), rest, value);
            }
        },
        (Step::Item(then, now), Value::Array(items)) => {
            match (position(items, (then, now)), rest.is_empty(), value) {
                (Some(at), true, Some(value)) => items[at] = value.clone(),
                (Some(at), true, None) => drop(items.remove(at)),
                (None, true, Some(value)) => items.push(value.clone()),
                (Some(at), false, _) => put(&mut items[at], rest, value),
                (None, ..) => {}
            }
        }
        (Step::Element(element), Value::Array(items)) => match value {
            Some(value) => items.push(value.clone()),
            None => items.retain(|item| item != element),
        },
        (Step::Key(_) | Step::Item(..) | Step::Element(_), _) => {}
    }
}
