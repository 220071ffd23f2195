//! `ninefold retire`: drops former generations, once their successors are healthy.

mod choose; // which generations may go
mod left; //   what stays in a cluster

use super::args::Retire;
use super::compare::{self, files};
use super::disk::{Change, Ledger as LedgerChange, Tree, Trouble, UnitFiles};
use super::exit::Exit;
use super::observed::Observed;
use super::print;
use crate::diag::{Sink, did_you_mean};
use crate::kube::Kind;
use crate::name::Digest;
use crate::tree::ledger::Entry;
use crate::tree::{Document, Ledger, ledger};
use choose::{choose, chosen, refusals, unknown_generations};
use left::{is_database, namespaces, places_of_volumes, replicas};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn run(arguments: &Retire) -> Result<Exit, Trouble> {
    let tree = Tree::lock(&arguments.out)?;
    let mut sink = Sink::default();
    let mut ledgers = BTreeMap::new();
    for unit in tree.units()? {
        if let Some(ledger) = compare::read_ledger(&tree, &unit, &mut sink)? {
            ledgers.insert(unit, ledger);
        }
    }
    let sources = crate::diag::Sources::default();
    if sink.errors() > 0 {
        print::findings(&sink.sorted(&sources), &sources);
        return Ok(Exit::Findings);
    }
    for service in &arguments.services {
        if !ledgers.contains_key(service) {
            let known = ledgers.keys().map(String::as_str);
            return Err(Trouble::new(
                "retiring",
                service.as_ref(),
                format!("no ledger is called so; {}", did_you_mean(service, known)),
            ));
        }
    }
    let unknown = unknown_generations(arguments, &ledgers);
    if !unknown.is_empty() {
        print::findings(&unknown, &sources);
        tree.abandon()?;
        return Ok(Exit::Findings);
    }
    let refused = refusals(arguments, &tree)?;
    if !refused.is_empty() {
        let ignored = if arguments.force { "ignored" } else { "error" };
        refused.iter().for_each(|reason| print::error(&format!("{ignored}: {reason}\n")));
        if !arguments.force {
            print::error(
                "help: what is retired is deleted from the clusters: build and commit first, or say `--force`\n",
            );
            tree.abandon()?;
            return Ok(Exit::Findings);
        }
    }
    let regions = ledgers.values().flat_map(Ledger::objects).map(|entry| entry.region.clone());
    let observed = match arguments.observed.is_empty() {
        true => None,
        false => Some(Observed::read(&arguments.observed, &regions.collect())?),
    };
    retire(arguments, tree, &ledgers, observed.as_ref())
}

fn retire(
    arguments: &Retire,
    tree: Tree,
    ledgers: &BTreeMap<String, Ledger>,
    observed: Option<&Observed>,
) -> Result<Exit, Trouble> {
    let mut lines = Vec::new();
    let mut stays = Vec::new();
    let mut changes = Vec::new();
    let mut pods = 0;
    let mut in_use: BTreeSet<(String, String)> = BTreeSet::new();
    let mut volumes: BTreeSet<(String, String)> = BTreeSet::new();
    let wanted: BTreeSet<&str> = chosen(arguments, ledgers).map(Ledger::unit).collect();
    for (unit, old) in ledgers.iter().filter(|(unit, _)| *unit != "fleet") {
        if !wanted.contains(unit.as_str()) {
            in_use.extend(old.in_use());
            continue;
        }
        // What was renamed ran under the names that its workloads have.
        let former = old.objects().iter().filter(|entry| Kind::is_workload(&entry.kind));
        let names: BTreeSet<&str> =
            former.map(|entry| &*entry.logical_name).chain([unit.as_str()]).collect();
        let names = names.into_iter().collect();
        let delivered = tree.history().unit(names, BTreeMap::new());
        let known = tree.history().unknown.is_none();
        let commit = |entry: &Entry| delivered.commit(entry).map(str::to_owned);
        let runs = |entry: &Entry| commit(entry).filter(|_| known);
        let choice = choose(arguments, &tree, old, runs, observed)?;
        stays.extend(choice.stays);
        let of_choice = |entry: &Entry| {
            let home = entry.retained.as_ref().map(|kept| kept.generation.clone());
            home.is_some_and(|home| choice.leave.contains(&(entry.region.clone(), home)))
        };
        // With a database, its data is deleted.
        let holds_data = |entry: &Entry| is_database(entry) && !arguments.force;
        for entry in old.objects().iter().filter(|entry| of_choice(entry) && holds_data(entry)) {
            lines.push(format!(
                "{unit}: database {} stays in {}, as its data would go with it; `--force` removes it\n",
                entry.name, entry.region
            ));
        }
        let retired = crate::tree::retire(old, |entry| of_choice(entry) && !holds_data(entry));
        in_use.extend(retired.ledger.in_use());
        if retired.left.is_empty() {
            continue;
        }
        let leaving: Vec<&Entry> = retired.left.iter().collect();
        volumes.extend(places_of_volumes(&tree, &leaving)?);
        let freed = replicas(&tree, &leaving)?;
        pods += freed;
        let generations: BTreeSet<&str> =
            choice.leave.iter().map(|(_, generation)| generation.as_str()).collect();
        let generations: Vec<&str> = generations.into_iter().collect();
        lines.push(format!(
            "{unit}: {} {} with {}, {freed} pods\n",
            generations.join(", "),
            if generations.len() == 1 { "leaves" } else { "leave" },
            files(leaving.len())
        ));
        changes.push(change(&tree, &retired.ledger, &leaving, &retired.moved)?);
    }
    if let Some(fleet) = ledgers.get("fleet") {
        lines.extend(namespaces(arguments, &tree, fleet, &in_use, &volumes, &mut changes)?);
    }
    print::data(&lines.concat());
    print::error(&stays.concat());
    let removed: usize = changes.iter().map(|change| change.removed.len()).sum();
    if observed.is_none() && !changes.is_empty() {
        print::error(
            "note: nobody looked whether what is current serves; `--observed FILE` makes sure of it\n",
        );
    }
    if changes.is_empty() {
        tree.abandon()?;
        if stays.is_empty() {
            print::data("There is no former generation to retire.\n");
        }
    } else if arguments.dry_run {
        tree.abandon()?;
        print::data(&format!("Would remove {}, and free {pods} pods.\n", files(removed)));
    } else {
        tree.commit(&changes)?;
        print::data(&format!(
            "Removed {}; {pods} pods are freed when this is delivered.\n",
            files(removed)
        ));
    }
    Ok(if stays.is_empty() { Exit::Done } else { Exit::Findings })
}

/// What a commit does so that a unit has this ledger: some files leave, and some move.
fn change(
    tree: &Tree,
    ledger: &Ledger,
    leaving: &[&Entry],
    moved: &[(String, String)],
) -> Result<Change, Trouble> {
    let mut removed: Vec<(String, String)> =
        leaving.iter().map(|entry| (entry.path.clone(), entry.file.to_string())).collect();
    let mut put = UnitFiles::default();
    for (from, to) in moved {
        let bytes = tree.read(from)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let digest = Digest::of(text.as_bytes());
        let document = Document { path: to.clone(), text, digest };
        put.add(to, Some(tree.stage(&document)?));
        removed.push((from.clone(), digest.to_string()));
    }
    tree.stage_ledger(&ledger.clone().seal())?;
    let ledger = LedgerChange::New(ledger::path(ledger.unit()));
    Ok(Change { files: put, removed, ledger })
}
