//! What an answer about a foreign tree rests on, and what it cannot know.

use super::super::databases;
use super::super::premises::CORDONED;
use super::super::report::{How, Loss, Scope};
use super::{Foreign, Origin};
use crate::diag;
use std::collections::BTreeSet;

pub(super) fn of(foreign: &Foreign, scope: Scope, losses: &[Loss]) -> Vec<String> {
    let mut premises = vec![cluster(foreign)];
    if let Some(region) = &foreign.region_is_guessed {
        premises.push(format!("Files in no folder that is called after a region are taken to run in `{region}`, the first of them."));
    }
    premises.push("What is in the files runs, and nothing else: pods of an operator, of another folder, or made by hand are not seen, and take no room.".to_owned());
    match scope {
        Scope::Node | Scope::Zone => of_nodes(foreign, scope, losses, &mut premises),
        Scope::Region => premises.push("A region is lost with everything in it. What has the same name in another region is assumed to serve the same; whether users get there is not seen. Only a drill shows how long it takes to recreate it from the files.".to_owned()),
    }
    if foreign.running.iter().any(|one| !one.claims.is_empty()) {
        premises.push("Backups are Velero's Schedules and VolSync's sources among the files. Whether one of them was ever restored is not seen.".to_owned());
    }
    if !foreign.guessed.is_empty() {
        premises.push(format!("No file describes the storage class {}: its volumes are taken to stay in one zone, which is chosen with the pod.", ticked(&foreign.guessed)));
    }
    let idle: Vec<&str> = (foreign.running.iter())
        .filter(|one| one.workload.replicas == 0 && !one.workload.ends)
        .map(|one| one.workload.service.as_str())
        .collect();
    if !idle.is_empty() {
        premises.push(format!("Left out, as it may run without a pod: {}.", some(&idle)));
    }
    if !foreign.daemons.is_empty() {
        let daemons: Vec<&str> = foreign.daemons.iter().map(String::as_str).collect();
        premises.push(format!(
            "Not simulated: a pod on every node, which goes and comes with it, and its room ({}).",
            some(&daemons)
        ));
    }
    if !foreign.unknown.is_empty() {
        let kinds: Vec<&str> = foreign.unknown.iter().map(String::as_str).collect();
        premises.push(format!("Not read: kinds whose operators may run pods ({}).", some(&kinds)));
    }
    let ignored: BTreeSet<&str> = (foreign.running.iter())
        .flat_map(|one| one.workload.pod.not_simulated.iter().copied())
        .collect();
    if !ignored.is_empty() {
        let ignored: Vec<&str> = ignored.into_iter().collect();
        premises.push(format!("Not simulated: {} of some pods.", ignored.join(", ")));
    }
    premises
}

fn cluster(foreign: &Foreign) -> String {
    let zones: usize = foreign.regions.iter().map(|region| region.zones.len()).sum();
    match &foreign.origin {
        Origin::Nodes { taken, closed, unequal, unzoned } => {
            let mut text = format!(
                "The cluster is that of the {} among the files, in {}.",
                super::super::verdict::count(*taken, "node"),
                super::super::verdict::count(zones, "zone")
            );
            if *unequal {
                text.push_str(" Nodes of a zone are counted as equal: each has its share of all.");
            }
            if *unzoned {
                text.push_str(" Some have no label `topology.kubernetes.io/zone`, and count as one zone, `no-zone`.");
            }
            if *closed > 0 {
                text.push_str(&format!(" Left out, as not ready or cordoned: {closed}."));
            }
            text
        }
        Origin::Fleet(day) => format!(
            "No node is among the files: the clusters are those that the fleet declared on {day}; nodes of a zone are equal."
        ),
        Origin::Assumed { sized } => {
            let nodes = foreign.regions.first().and_then(|region| region.zones.first());
            let nodes = nodes.map_or(0, |zone| zone.nodes);
            let room = match sized {
                true => "",
                false => {
                    " Every pod has room, as nobody says how large nodes are: `--node-cpu` and `--node-memory` say it."
                }
            };
            format!(
                "Assumed, as no node is among the files: one cluster of {zones} zones with {nodes} nodes each, with the labels that pods ask for. `--zones` and `--nodes` say otherwise, or `--fleet FILE`, or `kubectl get nodes -o yaml` in the folder.{room}"
            )
        }
    }
}

fn of_nodes(foreign: &Foreign, scope: Scope, losses: &[Loss], premises: &mut Vec<String>) {
    premises.push("Before the loss, replicas stand as badly as the scheduler may place them: it keeps what is required when it places them, and moves nothing that runs. Where there is an autoscaler, its minimum runs.".to_owned());
    premises.push("Room: one packing is tried, largest pods first; priorities and preemption are not looked at, and jobs take room as if all of them ran at once.".to_owned());
    if losses.iter().any(|loss| loss.how == How::Cordoned) {
        premises.push(CORDONED.to_owned());
        premises.push("Times: 5m until somebody is told and 30m for a decision (assumed), the end of a pod, 1m for the image (assumed), and the longest start that probes allow.".to_owned());
        return;
    }
    let seen = losses.iter().map(|loss| foreign.regions[loss.region_at].detection).max();
    let seen = seen.unwrap_or(0);
    let rate = if scope == Scope::Zone { ", its nodes one every 10s" } else { "" };
    premises.push(format!("Times: a node counts as lost after {seen}s (Kubernetes' default, assumed){rate}; then the pods' own `tolerationSeconds` (5m where they say nothing), 1m for the image (assumed), and the longest start that probes allow. Requests to lost pods fail until {seen}s are over."));
    if foreign.running.iter().any(|one| one.workload.database.is_some()) {
        premises.push(databases::premise());
    }
    if foreign.running.iter().any(|one| !one.claims.is_empty() || one.workload.stateful) {
        premises.push("Fenced: a StatefulSet brings a pod back only once its node is deleted or tainted `node.kubernetes.io/out-of-service`, by a person or by the cloud. A volume is taken off a lost node after 6m at most (Kubernetes' default, assumed).".to_owned());
    }
}

fn ticked(names: &BTreeSet<String>) -> String {
    diag::list(names.iter().map(String::as_str))
}

/// How many names a line has.
const SHOWN: usize = 8;

/// The first of many names.
fn some(names: &[&str]) -> String {
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<&str>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
