//! The ledgers of the tree that is there, and what they say of its files.

use crate::Fleet;
use crate::cli::disk::{Tree, Trouble};
use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::kube::id;
use crate::name::Digest;
use crate::plan::Unit;
use crate::tree::ledger::Entry;
use crate::tree::{Ledger, Previous, ledger};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Says that what somebody wrote into a file of the tree is about to go.
pub(super) fn by_hand(
    sink: &mut Sink,
    owned: &BTreeMap<&str, Digest>,
    path: &str,
    found: Option<&[u8]>,
) {
    let Some((digest, found)) = owned.get(path).zip(found) else { return };
    if Digest::of(found) == *digest {
        return;
    }
    sink.report(
        Diagnostic::new(Code::TREE_EDITED, format!("`{path}` was edited by hand, which a build takes back"))
            .severity(Severity::Warning)
            .note("a tree says what specs, templates, patches and manifests say")
            .help("write it there: a field of the spec, or `[patch.…]`; git has what the file said, if it was committed"),
    );
}

pub(super) fn foreign(sink: &mut Sink, path: &str) {
    let message = format!("`{path}` is in the way, and Ninefold did not write it");
    sink.error(
        Diagnostic::new(Code::FOREIGN_FILE, message)
            .note("no ledger names it, so it is not overwritten")
            .help("move it out of the tree, or remove it if it is not needed"),
    );
}

pub(super) fn lost_ledger(sink: &mut Sink, region: &str, unit: &str) {
    let message = format!(
        "`{}` is missing, and `{region}/{}/retained` is there",
        ledger::path(unit),
        id::plain(unit)
    );
    sink.error(
        Diagnostic::new(Code::LEDGER_UNREADABLE, message)
            .note("without it nobody knows which former generations these are, and what runs from them")
            .help("restore it from git: `git checkout -- <out>/ledger`; or delete the folder of the service, if nothing runs from it"),
    );
}

/// The ledger of a unit; nothing when there is none, or when it cannot be read, which is reported.
pub(in crate::cli) fn read_ledger(
    tree: &Tree,
    unit: &str,
    sink: &mut Sink,
) -> Result<Option<Ledger>, Trouble> {
    Ok(read_with_file(tree, unit, sink)?.map(|(ledger, _)| ledger))
}

/// The same, with what its file holds.
pub(super) fn read_with_file(
    tree: &Tree,
    unit: &str,
    sink: &mut Sink,
) -> Result<Option<(Ledger, Vec<u8>)>, Trouble> {
    let Some(bytes) = tree.read(&ledger::path(unit))? else { return Ok(None) };
    match Ledger::read(unit, &String::from_utf8_lossy(&bytes)) {
        Ok(ledger) => Ok(Some((ledger, bytes))),
        Err(finding) => {
            sink.error(*finding);
            Ok(None)
        }
    }
}

/// The ledgers of several units, in their order.
pub(in crate::cli) fn read_ledgers(
    tree: &Tree,
    units: &[String],
    sink: &mut Sink,
) -> Result<Vec<Option<Ledger>>, Trouble> {
    let read: Vec<(Sink, Result<Option<Ledger>, Trouble>)> = (units.par_iter())
        .map(|unit| {
            let mut sink = Sink::default();
            let ledger = read_ledger(tree, unit, &mut sink);
            (sink, ledger)
        })
        .collect();
    let mut ledgers = Vec::with_capacity(read.len());
    for (found, ledger) in read {
        sink.absorb(found);
        ledgers.push(ledger?);
    }
    Ok(ledgers)
}

/// Units that have a ledger and no spec.
pub(in crate::cli) fn gone(tree: &Tree, fleet: &Fleet) -> Result<Vec<String>, Trouble> {
    let units = fleet.units();
    let here: BTreeSet<&str> = units.iter().map(Unit::name).collect();
    Ok(tree.units()?.into_iter().filter(|unit| !here.contains(unit.as_str())).collect())
}

/// Regions, and namespaces in them.
pub(super) type Places = BTreeSet<(String, String)>;

/// Where something of what services share was that is not made any more: whether it stays, the
/// generations say that stand beside it (`tree::retain::namespaces`). Everywhere else they change nothing,
/// also in the next build: it finds no more in this ledger, nor in what was delivered.
pub(super) fn no_longer_made(now: &Ledger, previous: &Previous<'_>) -> Places {
    let delivered = previous.delivered.objects();
    let mut before = previous.ledgers.iter().flat_map(Ledger::objects).chain(&delivered).peekable();
    // A first build of a large tree needs no list of all that it made.
    if before.peek().is_none() {
        return Places::new();
    }
    let made = now.objects().iter().filter(|entry| entry.retained.is_none());
    let made: BTreeSet<&str> = made.map(|entry| &*entry.path).collect();
    let gone = before.filter(|entry| !made.contains(&*entry.path));
    let place = |entry: &Entry| {
        (entry.region.clone(), entry.namespace.as_ref().unwrap_or(&entry.name).clone())
    };
    gone.map(place).collect()
}
