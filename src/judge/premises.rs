//! What every line of an answer rests on, and what it cannot know.

use super::databases;
use super::report::{How, Loss, Outcome, Scope};
use super::verdict::DETACH;
use super::{Question, World};

/// What a zone is that is cordoned.
pub(super) const CORDONED: &str = "Cordoned: the nodes of the zone take no new pods, and whoever cordons it takes its endpoints out of use, as a zonal shift of EKS does. Its pods stay and are ready, so nothing replaces them, an alert that counts ready replicas sees nothing, and only `kubectl drain` brings them back elsewhere.";

pub(super) fn of(
    question: &Question,
    losses: &[Loss],
    services: &[Outcome],
    world: &World<'_>,
) -> Vec<String> {
    let scope = question.scope;
    let inventory = world.fleet.inventory;
    let mut premises = vec![format!(
        "The fleet is as it was declared on {inventory}; nodes of a zone are equal. Services, volumes and users outside it are not seen."
    )];
    match scope {
        Scope::Node | Scope::Zone => of_nodes(question, losses, services, world, &mut premises),
        Scope::Region => {
            premises.push("Regions are lost one at a time, and share no cause: one commit that reaches all of them at once is one.".to_owned());
            premises.push("Whether traffic moves, and when, depends on DNS and on people: how long it takes is what the ledger claims, and it was not seen here.".to_owned());
            if !world.tree.weights.is_empty() {
                premises.push("Users of a lost region go to the others by the weights that are emitted; resolvers hold them over many answers, not over each, so no region counts for less than an equal share.".to_owned());
            }
            premises.push("Standbys have room: one packing was tried, with as many replicas as the lost region ran. That there is one does not prove that the scheduler finds it.".to_owned());
        }
    }
    if world.tree.workloads.iter().any(|workload| workload.ends) {
        premises.push("Jobs take room as if all of them ran at once, those of a region that takes over included; they serve nobody.".to_owned());
    }
    let kinds: Vec<&str> = world.tree.unknown.iter().map(String::as_str).collect();
    if !kinds.is_empty() {
        premises.push(format!("Not simulated: {} in the tree.", kinds.join(", ")));
    }
    let ignored: std::collections::BTreeSet<&str> = (world.tree.workloads.iter())
        .flat_map(|workload| workload.pod.not_simulated.iter().copied())
        .collect();
    if !ignored.is_empty() {
        let ignored: Vec<&str> = ignored.into_iter().collect();
        premises.push(format!("Not simulated: {} of some pods.", ignored.join(", ")));
    }
    premises
}

fn of_nodes(
    question: &Question,
    losses: &[Loss],
    services: &[Outcome],
    world: &World<'_>,
    premises: &mut Vec<String>,
) {
    let scope = question.scope;
    premises.push("Before the loss, the replicas of each service stand as badly as the scheduler may place them. It keeps their spread when it places them, and moves nothing that runs.".to_owned());
    if scope == Scope::Node {
        premises.push(
            "A drain is judged with it: it must not wait for ever, nor take the peak.".to_owned(),
        );
    }
    if scope == Scope::Zone {
        premises.push("After a zone came back, replicas stay where they went until a rollout evens them out, or a descheduler that may evict pods with local storage: until then the next loss may take more.".to_owned());
    }
    premises.push("Only the current generation counts as carrying; former ones take room. Where there is an autoscaler, its minimum runs; one that shrank may have left the zones uneven.".to_owned());
    premises.push("Room: one packing of the region is tried, largest pods first. That there is one does not prove that the scheduler finds it; priorities and preemption are not looked at.".to_owned());
    if question.how == How::Cordoned {
        premises.push(CORDONED.to_owned());
        premises.push("Times: an alert and a decision as the ledger assumes them (else 5m and 30m), the end of a pod, an image pull, and the longest start that its probes allow.".to_owned());
        return;
    }
    let detection: Vec<u64> =
        losses.iter().map(|loss| world.regions[loss.region_at].detection).collect();
    let seen = detection.iter().max().copied().unwrap_or(0);
    let rate = if scope == Scope::Zone { ", its nodes one every 10s" } else { "" };
    premises.push(format!(
        "Times: a node counts as lost after {seen}s (Kubernetes' default, assumed){rate}; then the pods' own `tolerationSeconds`; then an image pull as the ledger assumes it (else 1m), and the longest start that their probes allow. Requests to lost pods fail until {seen}s are over."
    ));
    if world.tree.workloads.iter().any(|workload| workload.database.is_some()) {
        premises.push(databases::premise());
    }
    if services.iter().any(|outcome| outcome.terms.contains_key(DETACH)) {
        premises.push("Fenced: a StatefulSet brings a pod back only once its node is deleted or tainted `node.kubernetes.io/out-of-service`, by a person or by the cloud's controller. Times hold if that is done while its pods stay; a volume is taken off a lost node after 6m at most (Kubernetes' default, assumed).".to_owned());
    }
}
