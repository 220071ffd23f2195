//! Trees in memory, built one after the other: what the command line does, without a disk.

use crate::input::input;
use ninefold::Fleet;
use ninefold::diag::{Sink, Sources, text};
use ninefold::plan::Unit;
use ninefold::tree::{Ledger, Previous, ledger, verify};
use std::collections::{BTreeMap, BTreeSet};

/// Files by their paths.
pub(crate) type Tree = BTreeMap<String, String>;

/// The fleet of these tests: three regions of three zones each, with room for everything.
pub(crate) const FLEET: &str = r#"
inventory = "2026-11-01"
[regions.east]
geography = "us"
provider = "other"
cluster = "east"
kubernetes = "1.34"
zones = [
  { name = "e1", nodes = 50, cpu = "4000", memory = "16000Gi" },
  { name = "e2", nodes = 50, cpu = "4000", memory = "16000Gi" },
  { name = "e3", nodes = 50, cpu = "4000", memory = "16000Gi" },
]
storage = [{ name = "disk", topology = "region", binding = "wait-for-first-consumer", snapshots = "s" }]
backup.locations = [{ name = "vault", stored_in = "west" }]
postgresql = { archive = "archive", stored_in = "west" }
[regions.west]
geography = "us"
provider = "other"
cluster = "west"
kubernetes = "1.34"
zones = [
  { name = "w1", nodes = 50, cpu = "4000", memory = "16000Gi" },
  { name = "w2", nodes = 50, cpu = "4000", memory = "16000Gi" },
  { name = "w3", nodes = 50, cpu = "4000", memory = "16000Gi" },
]
storage = [{ name = "disk", topology = "region", binding = "wait-for-first-consumer", snapshots = "s" }]
backup.locations = [{ name = "vault", stored_in = "east" }]
"#;

/// Compiles `specs` (a service each) on top of `before`.
pub(crate) fn build(specs: &[String], before: &Tree) -> Tree {
    let (tree, findings) = try_build(specs, before);
    tree.unwrap_or_else(|| panic!("{findings}"))
}

/// The same, with what was found; no tree when there was an error.
pub(crate) fn try_build(specs: &[String], before: &Tree) -> (Option<Tree>, String) {
    over(&prepare(specs), before)
}

/// Specs of one fleet, read once and ready to be compiled on top of any tree.
pub(crate) struct Prepared {
    fleet: Result<Fleet, Sources>,
    found: Sink,
}

/// Reads `specs`, a service each.
pub(crate) fn prepare(specs: &[String]) -> Prepared {
    let fleet = [("specs/fleet.toml".to_owned(), FLEET)].into_iter();
    let services = specs.iter().enumerate();
    let services = services.map(|(index, spec)| (format!("specs/{index}.toml"), spec.as_str()));
    let mut found = Sink::default();
    let fleet = ninefold::compile::prepare(&mut found, input(fleet.chain(services)));
    Prepared { fleet, found }
}

/// Compiles what was read on top of `before`; no tree when there was an error.
pub(crate) fn over(specs: &Prepared, before: &Tree) -> (Option<Tree>, String) {
    let mut sink = specs.found.clone();
    let (tree, sources) = match &specs.fleet {
        Ok(fleet) => (compile(&mut sink, fleet, before), fleet.sources()),
        Err(sources) => (None, sources),
    };
    let failed = sink.errors() > 0;
    let findings = text::render(&sink.sorted(sources), sources, false);
    (tree.filter(|_| !failed), findings)
}

fn compile(sink: &mut Sink, fleet: &Fleet, before: &Tree) -> Option<Tree> {
    let mut tree = Tree::new();
    let mut in_use = BTreeSet::new();
    let mut units = fleet.units();
    // What services share comes last.
    units.sort_by_key(|unit| *unit == Unit::Fleet);
    for unit in units {
        let names = std::iter::once(unit.name()).chain(fleet.previously(&unit));
        let previous = Previous {
            ledgers: names.filter_map(|name| ledger_of(before, name)).collect(),
            read: &|path| before.get(path).cloned(),
            delivered: &ninefold::tree::delivered::Unknown,
            in_use: if unit == Unit::Fleet { in_use.clone() } else { BTreeSet::new() },
        };
        let compiled = fleet.compile(sink, &unit, &previous).ok()?;
        in_use.extend(compiled.ledger().in_use());
        let ledger = compiled.ledger_document();
        for document in compiled.documents().iter().chain([&ledger]) {
            let twice = tree.insert(document.path.clone(), document.text.clone());
            assert!(twice.is_none(), "{} was written twice", document.path);
        }
    }
    Some(tree)
}

/// The ledger of a unit.
pub(crate) fn ledger_of(tree: &Tree, unit: &str) -> Option<Ledger> {
    let text = tree.get(&ledger::path(unit))?;
    Some(Ledger::read(unit, text).unwrap_or_else(|finding| panic!("{}", finding.message)))
}

/// The ledgers of a tree.
pub(crate) fn ledgers(tree: &Tree) -> Vec<Ledger> {
    let names = tree.keys().filter_map(|path| path.strip_prefix("ledger/")?.strip_suffix(".json"));
    names.filter_map(|unit| ledger_of(tree, unit)).collect()
}

/// The tree without the former generations of `service`, as `ninefold retire` leaves it.
pub(crate) fn retire(tree: &Tree, service: &str) -> Tree {
    let mut after = tree.clone();
    let in_use: BTreeSet<(String, String)> = ledgers(tree)
        .iter()
        .filter(|ledger| ledger.unit() != service && ledger.unit() != "fleet")
        .flat_map(|ledger| ledger.in_use().collect::<Vec<_>>())
        .collect();
    for old in ledgers(tree) {
        let leaves = |entry: &ledger::Entry| match old.unit() {
            unit if unit == service => entry.retained.is_some(),
            "fleet" => {
                let namespace = entry.namespace.clone().unwrap_or_else(|| entry.name.clone());
                entry.retained.is_some() && !in_use.contains(&(entry.region.clone(), namespace))
            }
            _ => false,
        };
        for entry in old.objects().iter().filter(|entry| leaves(entry)) {
            after.remove(&entry.path);
        }
        let ledger = old.without(leaves).to_document();
        after.insert(ledger.path, ledger.text);
    }
    after
}

/// What `ninefold verify` finds.
pub(crate) fn verify(tree: &Tree) -> Vec<String> {
    let mut sink = Sink::default();
    let ledgers = ledgers(tree);
    for ledger in &ledgers {
        verify::unit(&mut sink, ledger, |path| tree.get(path).cloned());
    }
    let named: BTreeSet<String> =
        ledgers.iter().flat_map(|ledger| ledger.files().map(|(path, _)| path.to_owned())).collect();
    let found = sink.sorted(&ninefold::diag::Sources::default()).into_iter();
    let strangers =
        tree.keys().filter(|path| !path.starts_with("ledger/") && !named.contains(*path));
    found.map(|finding| finding.message).chain(strangers.cloned()).collect()
}

/// Fails with the paths that differ.
pub(crate) fn assert_same(left: &Tree, right: &Tree, what: &str) {
    let paths: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let differ: Vec<&&String> =
        paths.iter().filter(|path| left.get(**path) != right.get(**path)).collect();
    assert!(differ.is_empty(), "{what}: {differ:?}");
}

/// The text of a ledger with the digest of what it says now.
pub(crate) fn sealed(text: &str) -> String {
    let digest = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("  \"digest\": ")).expect("a digest");
        line.split('"').nth(3).expect("a value").to_owned()
    };
    let empty = text.replace(&format!("\"digest\": \"{}\"", digest(text)), "\"digest\": \"\"");
    let new = ninefold::name::Digest::of(empty.as_bytes());
    empty.replacen("\"digest\": \"\"", &format!("\"digest\": \"{new}\""), 1)
}
