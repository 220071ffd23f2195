//! Which promises a loss breaks, and why.

use super::{Judge, count};
use crate::judge::blocked::Blocked;
use crate::judge::cluster::{HOST, ZONE};
use crate::judge::drain;
use crate::judge::report::{Outcome, Promised, Reason, Scope};
use crate::judge::schedule::State;
use crate::quantity::Duration;

struct Breaks {
    path: String,
    found: Vec<Reason>,
}

impl Breaks {
    fn add(&mut self, text: String) {
        self.found.push(Reason { text, path: self.path.clone() });
    }
}

impl Judge<'_> {
    pub(super) fn breaks(&self, outcome: &Outcome, pending: usize) -> Vec<Reason> {
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
            if !self.promise.replicates() && !self.promise.misses_nothing() {
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
