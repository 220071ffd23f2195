//! `ninefold retire`: drops former generations, once their successors are healthy.

use super::args::Retire;
use super::build::differences;
use super::compare::{self, files};
use super::disk::{self, Change, Ledger as LedgerChange, Tree, Trouble};
use super::{exit::Exit, print};
use crate::diag::{Sink, did_you_mean};
use crate::kube::Kind;
use crate::tree::ledger::Entry;
use crate::tree::{Ledger, VOLUMES, ledger, of_fleet};
use crate::yaml::{Value, read};
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
    let chosen =
        |unit: &str| arguments.services.is_empty() || arguments.services.iter().any(|s| s == unit);
    retire(arguments, tree, &ledgers, chosen)
}

/// Why nothing should be retired now.
fn refusals(arguments: &Retire, tree: &Tree) -> Result<Vec<String>, Trouble> {
    let mut reasons = Vec::new();
    let out = arguments.out.display();
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &arguments.inputs)?.input;
    match crate::compile::prepare(&mut sink, input) {
        Ok(fleet) if sink.errors() == 0 => {
            let compared = compare::all(tree, &fleet, &mut sink, None, |_| Ok(()))?;
            if sink.errors() > 0 || !differences(tree, &fleet, &compared)?.is_empty() {
                reasons.push(format!("`{out}` is not what the specs compile to"));
            }
        }
        Ok(_) | Err(_) => reasons
            .push("the specs have findings, so nobody knows whether the tree is fresh".to_owned()),
    }
    match disk::uncommitted(&arguments.out) {
        Some(true) => reasons.push(format!("`{out}` has changes that are not committed")),
        Some(false) => {}
        None => reasons
            .push(format!("`{out}` is in no git repository, so nobody knows what was delivered")),
    }
    Ok(reasons)
}

fn retire(
    arguments: &Retire,
    tree: Tree,
    ledgers: &BTreeMap<String, Ledger>,
    chosen: impl Fn(&str) -> bool,
) -> Result<Exit, Trouble> {
    let mut lines = Vec::new();
    let mut changes = Vec::new();
    let mut pods = 0;
    let mut in_use: BTreeSet<(String, String)> = BTreeSet::new();
    let mut volumes: BTreeSet<(String, String)> = BTreeSet::new();
    let services = ledgers.iter().filter(|(unit, _)| *unit != "fleet");
    for (unit, old) in services {
        if !chosen(unit) {
            in_use.extend(old.in_use());
            continue;
        }
        // With a database, its data is deleted.
        let stays = |entry: &Entry| is_database(entry) && !arguments.force;
        let leaves = |entry: &Entry| entry.retained.is_some() && !stays(entry);
        let kept = old.objects().iter().filter(|entry| entry.retained.is_some() && stays(entry));
        for entry in kept {
            let namespace = entry.namespace.clone().unwrap_or_default();
            in_use.insert((entry.region.clone(), namespace));
            lines.push(format!(
                "{unit}: database {} stays in {}, as its data would go with it; `--force` removes it\n",
                entry.name, entry.region
            ));
        }
        let leaving: Vec<&Entry> = old.objects().iter().filter(|entry| leaves(entry)).collect();
        if leaving.is_empty() {
            continue;
        }
        volumes.extend(places_of_volumes(&tree, &leaving)?);
        let freed = replicas(&tree, &leaving)?;
        pods += freed;
        let generations: BTreeSet<&str> = leaving
            .iter()
            .filter_map(|entry| Some(entry.retained.as_ref()?.generation.as_str()))
            .collect();
        let generations: Vec<&str> = generations.into_iter().collect();
        lines.push(format!(
            "{unit}: {} {} with {}, {freed} pods\n",
            generations.join(", "),
            if generations.len() == 1 { "leaves" } else { "leave" },
            files(leaving.len())
        ));
        changes.push(change(&tree, old, leaves)?);
    }
    if let Some(fleet) = ledgers.get("fleet") {
        lines.extend(namespaces(arguments, &tree, fleet, &in_use, &volumes, &mut changes)?);
    }
    print::data(&lines.concat());
    let removed: usize = changes.iter().map(|change| change.removed.len()).sum();
    if changes.is_empty() {
        tree.abandon()?;
        print::data("There is no former generation to retire.\n");
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
    Ok(Exit::Done)
}

/// Namespaces stay while a generation that is kept stands in them, and while the volumes of one
/// that leaves do, unless that is forced.
fn namespaces(
    arguments: &Retire,
    tree: &Tree,
    fleet: &Ledger,
    in_use: &BTreeSet<(String, String)>,
    volumes: &BTreeSet<(String, String)>,
    changes: &mut Vec<Change>,
) -> Result<Vec<String>, Trouble> {
    let mut lines = Vec::new();
    let place = |entry: &Entry| {
        let namespace = entry.namespace.clone().unwrap_or_else(|| entry.name.clone());
        (entry.region.clone(), namespace)
    };
    let holds = |entry: &Entry| {
        let kept = entry.retained.as_ref().is_some_and(|kept| kept.of == VOLUMES);
        !arguments.force && (kept || volumes.contains(&place(entry)))
    };
    let leaves = |entry: &Entry| {
        entry.retained.is_some() && !in_use.contains(&place(entry)) && !holds(entry)
    };
    let retained = || fleet.objects().iter().filter(|entry| entry.retained.is_some());
    for entry in
        retained().filter(|entry| entry.kind == "Namespace" && !in_use.contains(&place(entry)))
    {
        lines.push(match holds(entry) {
            true => format!(
                "fleet: namespace {} stays in {}, as volumes stand in it; `--force` removes it\n",
                entry.name, entry.region
            ),
            false => format!(
                "fleet: namespace {} leaves {}, with all that is in it\n",
                entry.name, entry.region
            ),
        });
    }
    let marked = fleet.map(|entry| {
        let marks = entry.retained.is_some() && holds(&entry);
        if marks { Entry { retained: Some(of_fleet(VOLUMES)), ..entry } } else { entry }
    });
    if fleet.objects().iter().any(leaves) || marked != *fleet {
        changes.push(change(tree, &marked, leaves)?);
    }
    Ok(lines)
}

fn change(tree: &Tree, old: &Ledger, leaves: impl Fn(&Entry) -> bool) -> Result<Change, Trouble> {
    let removed = old.objects().iter().filter(|entry| leaves(entry));
    let removed = removed.map(|entry| (entry.path.clone(), entry.file.clone()));
    tree.stage(&old.without(&leaves).to_document())?;
    Ok(Change {
        files: Vec::new(),
        removed: removed.collect(),
        ledger: LedgerChange::New(ledger::path(old.unit())),
    })
}

fn is_database(entry: &Entry) -> bool {
    entry.kind == Kind::PostgresqlCluster.name()
}

/// The regions and namespaces in which volumes of StatefulSets and databases stand.
fn places_of_volumes(tree: &Tree, entries: &[&Entry]) -> Result<Vec<(String, String)>, Trouble> {
    let mut places = Vec::new();
    for entry in entries {
        let Some(claims) = Kind::claims(&entry.kind) else { continue };
        let bytes = tree.read(&entry.path)?.unwrap_or_default();
        let value = read::document(&String::from_utf8_lossy(&bytes)).ok();
        if value.is_some_and(|value| value.at(&["spec", claims]).is_some()) {
            places.push((entry.region.clone(), entry.namespace.clone().unwrap_or_default()));
        }
    }
    Ok(places)
}

/// The replicas of workloads: their own number, or the least of their autoscaler.
fn replicas(tree: &Tree, entries: &[&Entry]) -> Result<i64, Trouble> {
    let mut sum = 0;
    for entry in entries {
        let field = Kind::named(&entry.kind).and_then(|row| row.pods.replicas);
        let Some(field) = field else { continue };
        let bytes = tree.read(&entry.path)?.unwrap_or_default();
        let value = read::document(&String::from_utf8_lossy(&bytes)).ok();
        if let Some(Value::Int(number)) =
            value.as_ref().and_then(|value| value.at(&["spec", field]))
        {
            sum += number;
        }
    }
    Ok(sum)
}
