//! Laws that hold for any two trees.

use super::{Version, diff, diff_with};
use crate::generate;
use crate::random::Random;
use ninefold::diag::Sink;
use ninefold::diff::format::json;
use ninefold::diff::report::{Class, HashedName, HashedNames, Object, Operation, Report};
use ninefold::diff::value::{Change, FieldOperation, apply};
use ninefold::diff::{Found, Specs};
use ninefold::tree::Previous;
use ninefold::yaml::{Value, read, write};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use toml::Table;

/// A random fleet, and the same after some random edits; with what is to be said of the way there
/// and back.
struct Pair {
    before: Version,
    after: Version,
    there: OnceLock<Report>,
    back: OnceLock<Report>,
}

impl Pair {
    fn there(&self) -> &Report {
        self.there.get_or_init(|| diff(&self.before, &self.after))
    }

    fn back(&self) -> &Report {
        self.back.get_or_init(|| diff(&self.after, &self.before))
    }
}

/// The pair of a seed, made once for all laws.
fn versions(seed: u64) -> &'static Pair {
    static PAIRS: [OnceLock<Pair>; 41] = [const { OnceLock::new() }; 41];
    PAIRS[usize::try_from(seed).expect("a small one")].get_or_init(|| pair(seed))
}

fn pair(seed: u64) -> Pair {
    let mut fleet = generate::fleet(seed, 6);
    let inputs = |fleet: &generate::Fleet| {
        let files = fleet.files().into_iter();
        files.map(|(path, text)| (format!("specs/{path}"), text)).collect()
    };
    let before = Version::new(inputs(&fleet)).built();
    let mut random = Random::new(seed * 31);
    for _ in 0..random.between(1, 5) {
        let mut edited = fleet.clone();
        edit(&mut edited, &mut random);
        if generate::compile(&edited.files()).is_ok() {
            fleet = edited;
        }
    }
    let after = Version { inputs: inputs(&fleet), tree: before.tree.clone() }.built();
    Pair { before, after, there: OnceLock::new(), back: OnceLock::new() }
}

fn edit(fleet: &mut generate::Fleet, random: &mut Random) {
    let at = random.below(fleet.services.len());
    if random.once_in(8) && fleet.services.len() > 2 {
        fleet.services.remove(at);
        return;
    }
    let service: &mut Table = &mut fleet.services[at];
    match random.below(6) {
        0 => {
            let image = service["image"].as_str().unwrap().replace(['0', '7'], "b");
            service.insert("image".to_owned(), image.into());
        }
        1 => {
            let config = service.get_mut("config").unwrap().as_table_mut().unwrap();
            config.insert("NEW".to_owned(), format!("value {}", random.below(100)).into());
        }
        2 => {
            let regions = service.get_mut("regions").unwrap().as_array_mut().unwrap();
            regions.pop();
        }
        3 => drop(service.insert("rpo".to_owned(), "3h".into())),
        4 => {
            let mut capacity = Table::new();
            capacity.insert("peak".to_owned(), random.between(1, 8).into());
            service.insert("capacity".to_owned(), capacity.into());
        }
        _ => drop(service.insert("tier".to_owned(), (*random.pick(&["silver", "gold"])).into())),
    }
}

#[test]
fn a_tree_does_not_differ_from_itself() {
    for seed in 1..=6 {
        let pair = versions(seed);
        for version in [&pair.before, &pair.after] {
            let report = diff(version, version);
            assert!(report.is_empty() && report.causes.is_empty() && report.effects.is_empty());
            assert_eq!(report.counts.compared, report.counts.unchanged);
        }
    }
}

/// What an operation is when the sides are exchanged.
fn reversed(object: &Object) -> Operation {
    match object.operation {
        Operation::Create if object.generation.is_some() => Operation::Retire,
        Operation::Create => Operation::Delete,
        Operation::Delete | Operation::Retire => Operation::Create,
        same @ (Operation::Update | Operation::Replace | Operation::Move | Operation::Keep) => same,
    }
}

#[test]
fn exchanged_sides_give_the_inverse() {
    for seed in 1..=20 {
        let pair = versions(seed);
        let (there, back) = (pair.there(), pair.back());
        let key = |object: &Object, side: bool| {
            let manifest = if side { &object.new } else { &object.old };
            let other = if side { &object.old } else { &object.new };
            let path = |manifest: &Option<_>| {
                manifest.as_ref().map(|it: &ninefold::diff::report::Manifest| it.path.clone())
            };
            (path(manifest), path(other))
        };
        let backs: BTreeMap<_, &Object> =
            back.objects.iter().map(|object| (key(object, true), object)).collect();
        assert_eq!(there.objects.len(), back.objects.len(), "seed {seed}");
        for object in &there.objects {
            let inverse = backs[&key(object, false)];
            assert_eq!(reversed(object), inverse.operation, "seed {seed}: {}", object.id);
            assert_eq!(object.class, inverse.class, "seed {seed}: {}", object.id);
            let mut changes: Vec<Change> = object.changes.iter().map(Change::inverse).collect();
            let mut others = inverse.changes.clone();
            changes.sort_by(|a, b| a.path.cmp(&b.path));
            others.sort_by(|a, b| a.path.cmp(&b.path));
            assert_eq!(changes, others, "seed {seed}: {}", object.id);
        }
    }
}

/// Puts other texts at pointers.
fn with_names<'n>(value: &mut Value, names: impl Iterator<Item = (&'n str, &'n str)>) {
    for (pointer, text) in names {
        let mut at = &mut *value;
        for segment in pointer.split('/').skip(1) {
            let key = segment.replace("~1", "/").replace("~0", "~");
            at = match at {
                Value::Map(entries) => {
                    &mut entries.iter_mut().find(|(name, _)| *name == key).unwrap().1
                }
                Value::List(items) => &mut items[key.parse::<usize>().unwrap()],
                Value::Null
                | Value::Bool(_)
                | Value::Int(_)
                | Value::Float(_)
                | Value::String(_) => {
                    panic!("{pointer} leads nowhere")
                }
            };
        }
        *at = Value::String(text.to_owned());
    }
}

/// The new tree, from the old one and what a report says.
pub(crate) fn applied(old: &Version, report: &Report) -> BTreeMap<String, String> {
    let mut tree = old.tree.clone();
    for object in &report.objects {
        if let Some(old) = &object.old {
            tree.remove(&old.path);
        }
    }
    for object in &report.objects {
        let Some(new) = &object.new else { continue };
        let logical = |name: &HashedName| (name.pointer.clone(), name.logical.clone());
        let before: Vec<(String, String)> = object.names.old.iter().map(logical).collect();
        let mut value = match &object.old {
            Some(manifest) => read::document(&old.tree[&manifest.path]).unwrap(),
            None => Value::Null,
        };
        with_names(&mut value, before.iter().map(|(pointer, text)| (&**pointer, &**text)));
        let mut value = apply(&value, &object.changes);
        let names = object.names.new.iter().map(|name| (&*name.pointer, &*name.name));
        with_names(&mut value, names);
        value.sort();
        tree.insert(new.path.clone(), write::document(&value));
    }
    tree
}

/// What a reader of the JSON has of a report: its objects, as far as applying them needs.
fn from_json(report: &Report) -> Report {
    let text = json::render(report, &json::Options::default());
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let names = |value: &serde_json::Value| -> Vec<HashedName> {
        let names = value.as_array().unwrap().iter();
        let field = |name: &serde_json::Value, key: &str| text(&name[key]).unwrap();
        let name = |name: &serde_json::Value| HashedName {
            pointer: field(name, "pointer"),
            logical: field(name, "logical"),
            name: field(name, "name"),
        };
        names.map(name).collect()
    };
    let change = |change: &serde_json::Value| Change {
        path: String::new(),
        steps: Vec::new(),
        equal: false,
        cosmetic: false,
        masked: false,
        lines: Vec::new(),
        inside: Vec::new(),
        old_pointer: text(&change["old_pointer"]),
        new_pointer: text(&change["new_pointer"]),
        operation: match change["operation"].as_str().unwrap() {
            "add" => FieldOperation::Add,
            "remove" => FieldOperation::Remove,
            "replace" => FieldOperation::Replace,
            _ => FieldOperation::Reorder,
        },
        old: change.get("old").map(value),
        new: change.get("new").map(value),
        order: change.get("order").map_or_else(Vec::new, |order| {
            let order = order.as_array().unwrap().iter();
            order.map(|at| at.as_u64().and_then(|at| usize::try_from(at).ok())).collect()
        }),
    };
    let objects = read["objects"].as_array().unwrap().iter().zip(&report.objects);
    let objects = objects.map(|(read, object)| Object {
        changes: read["changes"].as_array().unwrap().iter().map(change).collect(),
        names: HashedNames { old: names(&read["names"]["old"]), new: names(&read["names"]["new"]) },
        ..object.clone()
    });
    Report { objects: objects.collect(), ..report.clone() }
}

/// JSON as the value that it is.
fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(bool) => Value::Bool(*bool),
        serde_json::Value::Number(number) => {
            number.as_i64().map_or_else(|| Value::Float(number.as_f64().unwrap()), Value::Int)
        }
        serde_json::Value::String(text) => Value::String(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(value).collect()),
        serde_json::Value::Object(entries) => {
            Value::Map(entries.iter().map(|(key, json)| (key.clone(), value(json))).collect())
        }
    }
}

#[test]
fn the_old_tree_and_the_json_give_the_new_tree() {
    let without_ledgers = |tree: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let files = crate::generate::manifests(tree);
        files.map(|(path, text)| (path.clone(), text.clone())).collect()
    };
    for seed in 1..=25 {
        let pair = versions(seed);
        let (before, after) = (&pair.before, &pair.after);
        for (old, new, report) in [(before, after, pair.there()), (after, before, pair.back())] {
            let made = without_ledgers(&applied(old, &from_json(report)));
            let expected = without_ledgers(&new.tree);
            let differ = expected.iter().find(|(path, text)| made.get(*path) != Some(text));
            if let Some((path, text)) = differ {
                panic!("seed {seed}: {path} is\n{:?}\nnot\n{text}", made.get(path));
            }
            assert_eq!(made.len(), expected.len(), "seed {seed}");
        }
    }
}

#[test]
fn threads_and_the_order_of_files_do_not_matter() {
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    for seed in 1..=6 {
        let Pair { before, after, .. } = versions(seed);
        let one = pool(1).install(|| diff(before, after));
        let two = pool(2).install(|| diff(before, after));
        assert_eq!(one, two);
        let renamed = |version: &Version| {
            let paths = version.inputs.iter().map(|(path, text)| {
                let name = path.trim_start_matches("specs/").trim_end_matches(".toml");
                let other = if name == "fleet" {
                    name.to_owned()
                } else {
                    format!("z/{}", name.chars().rev().collect::<String>())
                };
                (format!("specs/{other}.toml"), text.clone())
            });
            Version { inputs: paths.collect(), tree: version.tree.clone() }
        };
        let (before, after) = (renamed(before), renamed(after));
        let other = diff(&before, &after);
        assert_eq!(one.objects, other.objects);
        assert_eq!(one.counts, other.counts);
        assert_eq!(one.causes.len(), other.causes.len());
    }
}

#[test]
fn every_change_has_a_cause_and_every_count_adds_up() {
    for seed in 1..=40 {
        let report = versions(seed).there();
        let counts = report.counts;
        let all = counts.created + counts.deleted + counts.updated + counts.replaced;
        let all = all + counts.moved + counts.kept + counts.retired;
        assert_eq!(all, report.objects.len());
        assert_eq!(counts.compared, counts.unchanged + all);
        for (at, object) in report.objects.iter().enumerate() {
            assert!(!object.causes.is_empty(), "seed {seed}: {} has no cause", object.id);
            for cause in &object.causes {
                let cause = &report.causes[*cause];
                assert!(cause.objects.contains(&at) || cause.followers.contains(&at));
            }
            let says = object.changes.iter().any(|change| !change.cosmetic);
            let moved = object.operation == Operation::Keep;
            assert!(
                moved || says == (object.class == Class::Edited),
                "seed {seed}: {} {:#?}",
                object.id,
                object.changes
            );
        }
    }
}

#[test]
fn without_specs_causes_are_what_changed() {
    let Pair { before, after, .. } = versions(3);
    let report = diff_with(before, after, &Specs::default());
    assert!(report.objects.iter().all(|object| !object.causes.is_empty()));
    assert!(report.notes.iter().any(|note| note.contains("specs")), "{:?}", report.notes);
}

#[test]
fn a_side_that_was_compiled_just_now_is_not_looked_at_otherwise() {
    for seed in 1..=8 {
        let Pair { before, after, .. } = versions(seed);
        let mut checks = Sink::default();
        let fleet = ninefold::compile::prepare(&mut checks, after.input()).expect("it compiles");
        let mut units = BTreeMap::new();
        for unit in fleet.units() {
            let (mut found, mut step) = (Sink::default(), Sink::default());
            let sinks = (&mut found, &mut step);
            let _ = fleet.compile_apart(sinks, &unit, &Previous::nothing());
            units.insert(unit.name().to_owned(), found);
        }
        let found = Found { fleet: fleet.into(), checks, units };
        let (old, new) = (Some(before.input()), Some(after.input()));
        let specs = Specs { old, new, found: Some(found) };
        assert_eq!(diff_with(before, after, &specs), diff(before, after), "seed {seed}");
    }
}

#[test]
fn objects_are_those_of_a_whole_compile() {
    for seed in 1..=4 {
        let Pair { before, .. } = versions(seed);
        let fleet = ninefold::compile::prepare(&mut Sink::default(), before.input());
        let fleet = fleet.expect("it compiles");
        for unit in fleet.units() {
            let objects = fleet.objects(&mut Sink::default(), &unit).expect("it compiles");
            let whole = fleet.compile(&mut Sink::default(), &unit, &Previous::nothing());
            let whole = whole.expect("it compiles");
            assert_eq!(objects.ledger().objects(), whole.ledger().objects(), "seed {seed}");
            assert_eq!(objects.ledger().promises(), whole.ledger().promises(), "seed {seed}");
        }
    }
}
