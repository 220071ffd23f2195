//! One loss and one service, held against what is promised about it.

mod breaks; // which promises break

use super::World;
use super::blocked::Blocked;
use super::cluster::Region;
use super::drain::Over;
use super::pods::Workload;
use super::promise::Promise;
use super::report::{How, Loss, Outcome, Promised, Scope};
use super::trial::Trial;
use crate::model::Survives;
use std::collections::BTreeMap;

/// Until an image is pulled, in seconds, where no claim says so: assumed.
pub(super) const PULL: u64 = 60;

/// Until somebody is notified, in seconds, and has decided, where no claim says so: assumed.
pub(super) const NOTIFIED: u64 = 300;
pub(super) const DECISION: u64 = 1800;

/// The term of volumes that are taken off a lost node.
pub(super) const DETACH: &str = "volumes detach";

/// Whether it fits.
pub(super) struct Room {
    /// Pods that stay, and never had room.
    pub(super) never: usize,
    /// Pods that come back, and have none.
    pub(super) without: usize,
    pub(super) certain: bool,
}

/// Everything about one loss and one service.
pub(super) struct Judge<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) region: &'a Region,
    pub(super) workload: &'a Workload,
    pub(super) promise: &'a Promise,
    /// The disruption budgets over its pods.
    pub(super) budgets: &'a [Over<'a>],
    pub(super) loss: &'a Loss,
    pub(super) trial: &'a Trial,
    pub(super) room: Room,
}

impl Judge<'_> {
    pub(super) fn outcome(&self) -> Outcome {
        let stay = self.trial.stay() - self.room.never;
        let pending = self.trial.pending.as_ref().map_or(0, |(count, ..)| *count);
        let never = self.trial.never.as_ref().map_or(0, |(count, _)| *count);
        let lost = self.workload.replicas - never - self.trial.stay();
        let back = lost.saturating_sub(pending).saturating_sub(self.room.without);
        let terms = if lost > 0 { self.terms() } else { BTreeMap::new() };
        let stays = !self.is_cordoned() && self.workload.pod.stays().is_none();
        let leaves = self.workload.stateful || !stays;
        let within = leaves.then(|| terms.values().sum());
        let (back, within) = match self.restored() {
            Some(time) => (lost, Some(time)),
            None => (back, within),
        };
        let mut outcome = Outcome {
            service: self.workload.service.clone(),
            tier: self.workload.tier.clone(),
            lost: self.loss.clone(),
            promised: self.promised(),
            replicas: self.workload.replicas - never - self.room.never,
            needed: self.promise.peak,
            stay,
            back,
            within: within.filter(|_| back > 0),
            terms,
            notes: self.notes(lost, pending),
            breaks: Vec::new(),
            at: String::new(),
            weaknesses: Vec::new(),
        };
        if outcome.promised != Promised::Nothing {
            outcome.breaks = self.breaks(&outcome, pending);
        }
        outcome
    }

    /// Whether what is lost runs on, and serves nobody.
    fn is_cordoned(&self) -> bool {
        self.loss.how == How::Cordoned
    }

    fn survives(&self) -> bool {
        let survives = match self.workload.single_writer {
            true => Survives::Pod,
            false => self.world.survives(&self.workload.tier),
        };
        match self.loss.scope {
            Scope::Node => survives >= Survives::Node,
            Scope::Zone | Scope::Region => survives >= Survives::Zone,
        }
    }

    fn promised(&self) -> Promised {
        match self.promise.rto(self.loss.scope).and_then(|claim| claim.promised) {
            _ if self.survives() => Promised::Peak,
            Some(rto) => Promised::Rto(rto),
            // Where nothing is left that could take a pod, this is the loss of the region.
            None => Promised::Nothing,
        }
    }

    /// How long it takes until a lost replica is ready elsewhere.
    fn terms(&self) -> BTreeMap<&'static str, u64> {
        let pull = self.promise.pull().unwrap_or(PULL);
        if self.is_cordoned() {
            // Nothing but a person moves pods that are ready.
            let notified = self.promise.longest("detection").unwrap_or(NOTIFIED).max(NOTIFIED);
            let decision = self.promise.longest("decision").unwrap_or(DECISION);
            return drained(self.workload, (notified, decision), pull);
        }
        terms(self.region, self.workload, self.loss, self.workload.stateful, pull)
    }

    /// Whether its volumes stood in the lost zone, and people bring them back from a backup.
    fn restored(&self) -> Option<u64> {
        let Some((_, _, Blocked::Volume(_))) = &self.trial.pending else { return None };
        let claim = self.promise.rto(self.loss.scope)?;
        let backups = self.world.backups(&self.workload.service, &self.region.name);
        claim.worst.filter(|_| claim.restores() && !backups.is_empty() && !self.survives())
    }

    fn notes(&self, lost: usize, pending: usize) -> Vec<String> {
        let mut notes = Vec::new();
        if self.restored().is_some() {
            notes.push("restored from a backup".to_owned());
        } else if self.workload.stateful && lost > pending && !self.is_cordoned() {
            notes.push("if its node is fenced".to_owned());
        }
        if self.is_cordoned() && lost > pending {
            notes.push("once somebody drains its nodes".to_owned());
            let monitored = self.world.is_monitored(&self.region.name);
            if monitored && self.workload.serves && !self.world.sees_endpoints(self.workload) {
                notes.push("no alert counts its endpoints".to_owned());
            }
        }
        if self.promised() == Promised::Nothing {
            notes.push(format!("{} is all that {} has", self.loss.name, self.region.name));
        }
        if matches!(&self.trial.pending, Some((_, _, Blocked::Volume(_)))) && self.survives() {
            notes.push(match self.promise.misses_nothing() {
                true => "its volume goes with its zone, and nothing on it is missed, as is taken for granted"
                    .to_owned(),
                false => "its data is replicated, as declared".to_owned(),
            });
        }
        if self.room.without > 0 && self.trial.stay() - self.room.never >= self.promise.peak {
            let until = match self.loss.scope {
                Scope::Node => "the node",
                Scope::Zone | Scope::Region => "the zone",
            };
            notes.push(format!(
                "{} without room until {until} is back{}",
                self.room.without,
                if self.room.certain { "" } else { " (a packing was tried)" }
            ));
        }
        notes
    }
}

/// How long it takes until a pod that stays and serves nobody is ready elsewhere, after somebody drained
/// its node.
pub(super) fn drained(
    workload: &Workload,
    (notified, decision): (u64, u64),
    pull: u64,
) -> BTreeMap<&'static str, u64> {
    BTreeMap::from([
        ("told", notified),
        ("decision", decision),
        ("end of the old pod", workload.pod.grace),
        ("image pulled", pull),
        ("start", workload.pod.start),
    ])
}

/// How long it takes until a lost replica of a workload is ready elsewhere; `detaches` where its volume
/// is to be taken off the lost node first.
pub(super) fn terms(
    region: &Region,
    workload: &Workload,
    loss: &Loss,
    detaches: bool,
    pull: u64,
) -> BTreeMap<&'static str, u64> {
    let mut terms = BTreeMap::from([("seen as lost", region.detection)]);
    let nodes = region.zones[loss.zone].nodes as u64;
    if loss.scope == Scope::Zone && nodes > 1 {
        // `--node-eviction-rate`: 0.1 nodes a second in a zone. (When all of its nodes are
        // lost and another zone lives, the rate is the same; `docs/facts.md`, "Time until the
        // peak is served".)
        terms.insert("nodes tainted one by one", (nodes - 1) * 10);
    }
    terms.insert("pods stay", workload.pod.stays().unwrap_or(0));
    if detaches {
        // `maxWaitForUnmountDuration` of the attach-detach controller.
        terms.insert(DETACH, 360);
    }
    terms.insert("image pulled", pull);
    terms.insert("start", workload.pod.start);
    terms
}

/// `1 replica`, `2 replicas`.
pub(super) fn count(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
