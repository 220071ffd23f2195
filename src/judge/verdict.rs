//! One loss and one service, held against what is promised about it.

use super::World;
use super::blocked::Blocked;
use super::cluster::{HOST, Region, ZONE};
use super::drain::{self, Over};
use super::pods::Workload;
use super::promise::Promise;
use super::report::{How, Loss, Outcome, Promised, Reason, Scope};
use super::schedule::State;
use super::trial::Trial;
use crate::model::Survives;
use crate::quantity::Duration;
use std::collections::BTreeMap;

/// Until an image is pulled, in seconds, where no claim says so: assumed.
pub(super) const PULL: u64 = 60;

/// Until somebody is told, in seconds, and has decided, where no claim says so: assumed.
pub(super) const TOLD: u64 = 300;
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
            let told = self.promise.longest("detection").unwrap_or(TOLD).max(TOLD);
            let decision = self.promise.longest("decision").unwrap_or(DECISION);
            return drained(self.workload, (told, decision), pull);
        }
        terms(self.region, self.workload, self.loss, self.workload.stateful, pull)
    }

    /// Whether its volumes stood in the lost zone, and people bring them back from a backup.
    fn restored(&self) -> Option<u64> {
        let Some((_, _, Blocked::Volume(_))) = &self.trial.pending else { return None };
        let claim = self.promise.rto(self.loss.scope)?;
        let backed_up = self.world.tree.backups.iter().any(|backup| {
            (&backup.service, &backup.region) == (&self.workload.service, &self.region.name)
        });
        claim.worst.filter(|_| claim.restores() && backed_up && !self.survives())
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
            notes.push("its data is replicated, as declared".to_owned());
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

    fn breaks(&self, outcome: &Outcome, pending: usize) -> Vec<Reason> {
        let mut breaks = Breaks { path: self.workload.place.path.clone(), found: Vec::new() };
        if let Some((count, blocked)) = &self.trial.never {
            breaks.add(format!(
                "{count} of {} replicas may never run, before anything is lost: {blocked}",
                self.workload.replicas
            ));
        } else if self.room.never > 0 {
            breaks.add(format!(
                "{} of {} replicas have no room, before anything is lost: {}",
                self.room.never,
                self.workload.replicas,
                if self.room.certain {
                    "the pods of the region ask for more than its nodes have"
                } else {
                    "one packing of the region was tried"
                }
            ));
        } else if self.workload.replicas < self.promise.replicas {
            breaks.add(format!(
                "the tree runs {}, the ledger promises {}",
                count(self.workload.replicas, "replica"),
                self.promise.replicas
            ));
        }
        if self.workload.single_writer && self.workload.replicas > 1 {
            let runs = self.workload.replicas;
            breaks.add(format!("one replica may write, and the tree runs {runs}"));
        }
        match outcome.promised {
            Promised::Peak => self.keeps_peak(outcome, pending, &mut breaks),
            Promised::Rto(rto) => self.keeps_rto(outcome, pending, rto, &mut breaks),
            Promised::Nothing => {}
        }
        if !self.is_cordoned() {
            self.leaves_in_time(&mut breaks);
        }
        self.serves_in_time(outcome, &mut breaks);
        if self.loss.scope == Scope::Node {
            let found = drain::judge(self.budgets, self.workload, self.promise, self.survives());
            breaks.found.extend(found.map(|(text, path)| Reason { text, path }));
        }
        breaks.found
    }

    fn keeps_peak(&self, outcome: &Outcome, pending: usize, breaks: &mut Breaks) {
        let (stay, needed) = (outcome.stay, outcome.needed);
        let runs = self.trial.never.is_none() && self.room.never == 0;
        if stay < needed && runs {
            breaks.add(format!(
                "{} {} the peak, and {} at worst: {}",
                count(needed, "replica"),
                if needed == 1 { "carries" } else { "carry" },
                if stay == 0 {
                    "none stays".to_owned()
                } else {
                    format!("{stay} of {} stay", outcome.replicas)
                },
                self.why_so_many()
            ));
        }
        let claimed = self.promise.survivors_of_zone_loss;
        let other = claimed != needed && runs;
        if self.loss.scope == Scope::Zone && stay < claimed && other {
            breaks.add(format!("the ledger promises that {claimed} stay"));
        }
        let waits = self.trial.pending.as_ref().filter(|_| !self.is_cordoned());
        let Some((_, state, blocked)) = waits else { return };
        if matches!(blocked, Blocked::Volume(_)) {
            if !self.promise.replicates() {
                breaks.add(format!(
                    "{} cannot come back, and its data is out of reach: {blocked}",
                    count(pending, "replica")
                ));
            }
            return;
        }
        let when = match state {
            State::Up => "",
            State::Unreachable => " while the lost nodes are still listed",
            State::Deleted => " once the lost nodes are deleted",
        };
        breaks.add(format!("{} may stay Pending{when}: {blocked}", count(pending, "replica")));
    }

    fn keeps_rto(&self, outcome: &Outcome, pending: usize, rto: u64, breaks: &mut Breaks) {
        if outcome.stay >= outcome.needed {
            return;
        }
        let again = outcome.stay + outcome.back;
        if again < outcome.needed {
            let why = match &self.trial.pending {
                Some((_, _, blocked)) if pending > 0 => format!(": {blocked}"),
                Some(_) | None if self.room.without > 0 => {
                    ": the nodes that are left have no room".to_owned()
                }
                Some(_) | None => String::new(),
            };
            breaks.add(format!(
                "{} {} the peak, and only {again} {} again within the RTO of {}{why}",
                count(outcome.needed, "replica"),
                if outcome.needed == 1 { "carries" } else { "carry" },
                if again == 1 { "runs" } else { "run" },
                Duration::seconds(rto)
            ));
        }
    }

    /// It serves again in time: in that of its RTO, and in that which the ledger claims.
    fn serves_in_time(&self, outcome: &Outcome, breaks: &mut Breaks) {
        let Some(claim) = self.promise.rto(self.loss.scope) else { return };
        let time = match outcome.within {
            // The others serve on as soon as the endpoints have noticed.
            // Whoever takes the endpoints away does it at once.
            _ if outcome.stay >= outcome.needed && self.is_cordoned() => return,
            _ if outcome.stay >= outcome.needed => self.region.detection,
            Some(within) if outcome.stay + outcome.back >= outcome.needed => within,
            Some(_) | None => return,
        };
        let shown = Duration::seconds(time);
        if let Some(rto) = claim.promised.filter(|rto| time > *rto) {
            let rto = Duration::seconds(rto);
            breaks.add(format!("it serves again within {shown}, and its RTO is {rto}"));
        } else if let Some(worst) = claim.worst.filter(|w| time > *w && !self.is_cordoned()) {
            let worst = Duration::seconds(worst);
            breaks.add(format!("it serves again within {shown}, and the ledger claims {worst}"));
        }
    }

    /// The tier says how long a pod stays on a lost node.
    fn leaves_in_time(&self, breaks: &mut Breaks) {
        let Some(tier) = self.world.fleet.tiers.get(&self.workload.tier) else { return };
        let promised = tier.node_loss;
        match self.workload.pod.stays() {
            Some(stays) if stays <= promised.as_seconds() => {}
            Some(stays) => breaks.add(format!(
                "its pods stay on a lost node for {}, and the tier promises {promised}: a toleration of `node.kubernetes.io/unreachable` or `not-ready` is missing or too long",
                Duration::seconds(stays)
            )),
            None => breaks.add(
                "its pods tolerate a lost node without end, so nothing takes their place".to_owned(),
            ),
        }
    }

    /// Why a loss takes so many.
    fn why_so_many(&self) -> String {
        let pod = &self.workload.pod;
        let place = if self.loss.scope == Scope::Node { "node" } else { "zone" };
        let key = if self.loss.scope == Scope::Node { HOST } else { ZONE };
        let kept = pod.spread.iter().any(|spread| spread.key == key)
            || pod.apart.iter().any(|term| term.key == key);
        match (kept, pod.wishes) {
            (false, true) => format!(
                "nothing that is required keeps them apart (the spread over `{key}` is only preferred), so one {place} may hold them all"
            ),
            (false, false) => {
                format!("nothing keeps them apart over `{key}`, so one {place} may hold them all")
            }
            (true, _) => format!(
                "the spread allows {} in one {place}",
                self.workload.replicas
                    - self.trial.never.as_ref().map_or(0, |(count, _)| *count)
                    - self.trial.stay()
            ),
        }
    }
}

/// How long it takes until a pod that stays and serves nobody is ready elsewhere, after somebody drained
/// its node.
pub(super) fn drained(
    workload: &Workload,
    (told, decision): (u64, u64),
    pull: u64,
) -> BTreeMap<&'static str, u64> {
    BTreeMap::from([
        ("told", told),
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

struct Breaks {
    path: String,
    found: Vec<Reason>,
}

impl Breaks {
    fn add(&mut self, text: String) {
        self.found.push(Reason { text, path: self.path.clone() });
    }
}

/// `1 replica`, `2 replicas`.
pub(super) fn count(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
