//! `ninefold build`, and `ninefold build --check`.

use super::args::Build;
use super::disk::{self, Change, Ledger as LedgerChange, Tree, Trouble};
use super::{exit::Exit, print};
use crate::Fleet;
use crate::diag::{Code, Diagnostic, Sink, Sources};
use crate::plan::Unit;
use crate::tree::{Document, Ledger, UnitTree, ledger};
use rayon::prelude::*;
use std::collections::BTreeSet;

pub(super) fn run(arguments: &Build) -> Result<Exit, Trouble> {
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &arguments.inputs)?;
    let fleet = match crate::prepare(&mut sink, input) {
        Ok(fleet) if sink.errors() == 0 => fleet,
        Ok(fleet) => return Ok(report(sink, fleet.sources())),
        Err(sources) => return Ok(report(sink, &sources)),
    };
    if arguments.check { check(arguments, sink, &fleet) } else { build(arguments, sink, &fleet) }
}

/// Prints findings; the exit of a command that did nothing else.
fn report(sink: Sink, sources: &Sources) -> Exit {
    print::findings(&sink.sorted(sources), sources);
    Exit::Findings
}

fn build(arguments: &Build, mut sink: Sink, fleet: &Fleet) -> Result<Exit, Trouble> {
    let tree = Tree::lock(&arguments.out)?;
    let gone = gone(&tree, fleet)?;
    let compared = compare_all(&tree, fleet, &mut sink, |document| {
        tree.stage(&document.path, &document.text)
    })?;
    let mut lines = Vec::new();
    let mut changes = Vec::new();
    let mut total = Totals::default();
    for compared in compared {
        total.add(&compared);
        lines.extend(compared.line());
        changes.push(compared.into_change());
    }
    for unit in gone {
        let Some(old) = read_ledger(&tree, &unit, &mut sink)? else { continue };
        let removed: Vec<String> = old.objects().iter().map(|entry| entry.path.clone()).collect();
        lines.push(format!("{unit}: left the specs, {} removed\n", files(removed.len())));
        total.removed += removed.len();
        changes.push(Change {
            files: Vec::new(),
            removed,
            ledger: LedgerChange::Gone(ledger::path(&unit)),
        });
    }
    if sink.errors() > 0 {
        tree.abandon()?;
        return Ok(report(sink, fleet.sources()));
    }
    if total.written + total.removed == 0
        && changes.iter().all(|change| matches!(change.ledger, LedgerChange::Same))
    {
        tree.abandon()?;
    } else {
        tree.commit(&changes)?;
    }
    print::findings(&sink.sorted(fleet.sources()), fleet.sources());
    lines.push(format!(
        "Wrote {}, removed {}, left {} unchanged.\n",
        files(total.written),
        total.removed,
        total.unchanged
    ));
    print::data(&lines.concat());
    Ok(Exit::Done)
}

fn check(arguments: &Build, mut sink: Sink, fleet: &Fleet) -> Result<Exit, Trouble> {
    let tree = Tree::look_at(&arguments.out)?;
    let gone = gone(&tree, fleet)?;
    let compared = compare_all(&tree, fleet, &mut sink, |_| Ok(()))?;
    if sink.errors() > 0 {
        return Ok(report(sink, fleet.sources()));
    }
    print::findings(&sink.sorted(fleet.sources()), fleet.sources());
    let mut lines: Vec<String> = compared.iter().filter_map(Compared::line_of_check).collect();
    lines.extend(gone.iter().map(|unit| format!("{unit}: no spec describes it any more\n")));
    let known: BTreeSet<&String> = compared.iter().flat_map(|compared| &compared.paths).collect();
    let foreign = tree.files()?.into_iter().filter(|path| !known.contains(path));
    let of_gone = |path: &String| {
        gone.iter().any(|unit| path.split('/').nth(1) == Some(unit) || *path == ledger::path(unit))
    };
    let removed: BTreeSet<String> =
        compared.iter().flat_map(|compared| compared.removed.clone()).collect();
    lines.extend(
        foreign
            .filter(|path| !of_gone(path) && !removed.contains(path))
            .map(|path| format!("{path}: Ninefold did not write it\n")),
    );
    if lines.is_empty() {
        return Ok(Exit::Done);
    }
    print::error(&lines.concat());
    print::error(&format!(
        "error: `{}` is not what the specs compile to\nhelp: run `ninefold build`, and commit what it writes\n",
        arguments.out.display()
    ));
    Ok(Exit::Findings)
}

/// Units that have a ledger and no spec.
fn gone(tree: &Tree, fleet: &Fleet) -> Result<Vec<String>, Trouble> {
    let units = fleet.units();
    let here: BTreeSet<&str> = units.iter().map(Unit::name).collect();
    Ok(tree.units()?.into_iter().filter(|unit| !here.contains(unit.as_str())).collect())
}

/// Compiles every unit and holds it against the tree. `keep` is called with every file that is
/// new or differs, and nothing else of a unit stays in memory.
fn compare_all(
    tree: &Tree,
    fleet: &Fleet,
    sink: &mut Sink,
    keep: impl Fn(&Document) -> Result<(), Trouble> + Sync,
) -> Result<Vec<Compared>, Trouble> {
    let results: Vec<(Sink, Result<_, Trouble>)> = (fleet.units().par_iter())
        .map(|unit| {
            let mut sink = Sink::default();
            let compared = match fleet.compile(&mut sink, unit) {
                Ok(compiled) => compare(tree, &mut sink, &compiled, &keep).map(Some),
                Err(_) => Ok(None),
            };
            (sink, compared)
        })
        .collect();
    let mut compared = Vec::new();
    for (found, result) in results {
        sink.absorb(found);
        compared.extend(result?);
    }
    Ok(compared)
}

/// A unit held against the tree.
struct Compared {
    unit: String,
    /// Files that are new or differ.
    written: Vec<String>,
    /// Files that are no longer made.
    removed: Vec<String>,
    unchanged: usize,
    /// Where the ledger is, when it is new or differs.
    ledger: Option<String>,
    /// Every file that belongs to the unit.
    paths: Vec<String>,
}

fn compare(
    tree: &Tree,
    sink: &mut Sink,
    compiled: &UnitTree,
    keep: impl Fn(&Document) -> Result<(), Trouble>,
) -> Result<Compared, Trouble> {
    let unit = compiled.unit().name().to_owned();
    let old = read_ledger(tree, &unit, sink)?;
    let owned: BTreeSet<&str> =
        old.iter().flat_map(Ledger::objects).map(|entry| entry.path.as_str()).collect();
    let mut written = Vec::new();
    let mut unchanged = 0;
    for document in compiled.documents() {
        match tree.read(&document.path)? {
            Some(bytes) if bytes == document.text.as_bytes() => unchanged += 1,
            Some(_)
                if !owned.contains(document.path.as_str())
                    && !tree.was_interrupted_at(&document.path) =>
            {
                foreign(sink, &document.path);
            }
            Some(_) | None => {
                keep(document)?;
                written.push(document.path.clone());
            }
        }
    }
    let made: BTreeSet<&str> =
        compiled.documents().iter().map(|document| document.path.as_str()).collect();
    let removed = owned.iter().filter(|path| !made.contains(*path)).map(|path| (*path).to_owned());
    let new = compiled.ledger_document();
    let same = tree.read(&new.path)?.is_some_and(|bytes| bytes == new.text.as_bytes());
    if !same {
        keep(&new)?;
    }
    let ledger = (!same).then(|| new.path.clone());
    let paths = made.iter().map(|path| (*path).to_owned()).chain([new.path]).collect();
    Ok(Compared { unit, written, removed: removed.collect(), unchanged, ledger, paths })
}

fn foreign(sink: &mut Sink, path: &str) {
    sink.error(
        Diagnostic::new(
            Code::FOREIGN_FILE,
            format!("`{path}` is in the way, and Ninefold did not write it"),
        )
        .note("no ledger names it, so it is not overwritten")
        .help("move it out of the tree, or remove it if it is not needed"),
    );
}

fn read_ledger(tree: &Tree, unit: &str, sink: &mut Sink) -> Result<Option<Ledger>, Trouble> {
    let Some(bytes) = tree.read(&ledger::path(unit))? else { return Ok(None) };
    match Ledger::read(unit, &String::from_utf8_lossy(&bytes)) {
        Ok(ledger) => Ok(Some(ledger)),
        Err(finding) => {
            sink.error(*finding);
            Ok(None)
        }
    }
}

impl Compared {
    /// One line for a unit that changed.
    fn line(&self) -> Option<String> {
        if self.written.is_empty() && self.removed.is_empty() {
            return None;
        }
        let mut parts = Vec::new();
        if !self.written.is_empty() {
            parts.push(format!("{} written", files(self.written.len())));
        }
        if !self.removed.is_empty() {
            parts.push(format!("{} removed", files(self.removed.len())));
        }
        Some(format!("{}: {} in {}\n", self.unit, parts.join(", "), self.regions()))
    }

    fn line_of_check(&self) -> Option<String> {
        let changed: Vec<&str> = (self.written.iter().chain(&self.ledger))
            .chain(&self.removed)
            .map(String::as_str)
            .collect();
        let first = changed.first()?;
        let more = match changed.len() - 1 {
            0 => String::new(),
            more => format!(" and {}", files(more)),
        };
        Some(format!("{}: {first}{more} would change\n", self.unit))
    }

    fn regions(&self) -> String {
        let paths = self.written.iter().chain(&self.removed);
        let regions: BTreeSet<&str> = paths.filter_map(|path| path.split('/').next()).collect();
        regions.into_iter().collect::<Vec<_>>().join(", ")
    }

    fn into_change(self) -> Change {
        let ledger = self.ledger.map_or(LedgerChange::Same, LedgerChange::New);
        Change { files: self.written, removed: self.removed, ledger }
    }
}

#[derive(Default)]
struct Totals {
    written: usize,
    removed: usize,
    unchanged: usize,
}

impl Totals {
    fn add(&mut self, compared: &Compared) {
        self.written += compared.written.len();
        self.removed += compared.removed.len();
        self.unchanged += compared.unchanged;
    }
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}
