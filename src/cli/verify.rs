//! `ninefold verify`: judges a tree by itself.

use super::args::Verify;
use super::compare::{files, read_ledgers};
use super::disk::{Tree, Trouble};
use super::{exit::Exit, print};
use crate::diag::{Code, Diagnostic, Sink, Sources};
use crate::kube::id;
use crate::tree::{Ledger, ledger, verify};
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::mem::ManuallyDrop;

pub(super) fn run(arguments: &Verify) -> Result<Exit, Trouble> {
    let tree = Tree::look_at(&arguments.out)?;
    let mut sink = Sink::default();
    let units = tree.units()?;
    if units.is_empty() {
        return Err(Trouble::new("verifying", &arguments.out, "there is no ledger below it"));
    }
    // The process ends with this, as with a build.
    let mut ledgers: ManuallyDrop<Vec<Ledger>> = ManuallyDrop::default();
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut unreadable: BTreeSet<&str> = BTreeSet::new();
    for (unit, read) in units.iter().zip(read_ledgers(&tree, &units, &mut sink)?) {
        known.insert(ledger::path(unit));
        match read {
            Some(ledger) => ledgers.push(ledger),
            None => drop(unreadable.insert(id::plain(unit))),
        }
    }
    let found: Vec<Result<Sink, Trouble>> = (ledgers.par_iter())
        .map(|ledger| {
            let mut sink = Sink::default();
            let trouble = RefCell::new(None);
            verify::unit(&mut sink, ledger, |path| match tree.read(path) {
                Ok(bytes) => String::from_utf8(bytes?).ok(),
                Err(error) => {
                    trouble.borrow_mut().get_or_insert(error);
                    None
                }
            });
            trouble.into_inner().map_or(Ok(sink), Err)
        })
        .collect();
    for found in found {
        sink.absorb(found?);
    }
    let owned = || ledgers.iter().flat_map(Ledger::files);
    known.extend(owned().map(|(path, _)| path.to_owned()));
    // Its folder in each region, and its card.
    let of_unreadable = |path: &str| {
        let unit = path.split('/').nth(1).map(|part| part.strip_suffix(".md").unwrap_or(part));
        unit.is_some_and(|unit| unreadable.contains(id::plain(unit)))
    };
    let strangers = tree.files()?.into_iter().filter(|path| !known.contains(path));
    for path in strangers.filter(|path| !of_unreadable(path)) {
        let finding = Diagnostic::new(Code::FOREIGN_FILE, format!("no ledger names `{path}`"))
            .help("move it out of the tree");
        // What people apply, or read, is in no folder of a region.
        sink.error(match path.starts_with("recovery/") {
            true => finding,
            false => finding.note("a delivery engine would apply it"),
        });
    }
    if tree.has_interrupted() {
        sink.error(
            Diagnostic::new(Code::TREE_INCOMPLETE, "a build was interrupted here")
                .help("run `ninefold build`: it ends what was begun"),
        );
    }
    let sources = Sources::default();
    let findings = sink.sorted(&sources);
    if findings.is_empty() {
        print::data(&format!(
            "{} of {} units: nothing is wrong.\n",
            files(owned().count()),
            units.len()
        ));
        return Ok(Exit::Done);
    }
    print::findings(&findings, &sources);
    Ok(Exit::Findings)
}
