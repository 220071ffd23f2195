//! What stays in a cluster when generations go: namespaces, volumes, databases.

use super::change;
use crate::cli::args::Retire;
use crate::cli::disk::{Change, Tree, Trouble};
use crate::kube::Kind;
use crate::tree::ledger::Entry;
use crate::tree::{Ledger, VOLUMES, of_fleet};
use crate::yaml::{Value, read};
use std::collections::BTreeSet;

/// Namespaces stay while a generation that is kept stands in them, and while the volumes of one
/// that leaves do, unless that is forced.
pub(super) fn namespaces(
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
        if marks { Entry { retained: Some(Box::new(of_fleet(VOLUMES))), ..entry } } else { entry }
    });
    if fleet.objects().iter().any(leaves) || marked != *fleet {
        let leaving: Vec<&Entry> = marked.objects().iter().filter(|entry| leaves(entry)).collect();
        changes.push(change(tree, &marked.without(leaves), &leaving, &[])?);
    }
    Ok(lines)
}

pub(super) fn is_database(entry: &Entry) -> bool {
    entry.kind == Kind::PostgresqlCluster.name()
}

/// The regions and namespaces in which volumes of StatefulSets and databases stand.
pub(super) fn places_of_volumes(
    tree: &Tree,
    entries: &[&Entry],
) -> Result<Vec<(String, String)>, Trouble> {
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
pub(super) fn replicas(tree: &Tree, entries: &[&Entry]) -> Result<i64, Trouble> {
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
