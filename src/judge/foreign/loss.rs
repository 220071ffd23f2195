//! One loss, and what it does to everything that runs.

use super::super::blocked::Blocked;
use super::super::cluster::{Region, Storage};
use super::super::databases;
use super::super::drain::{self, Over};
use super::super::groups;
use super::super::lose::OnNodes;
use super::super::pods::Workload;
use super::super::report::{How, Loss, Outcome, Promised, Scope};
use super::super::room::Packed;
use super::super::trial::Trial;
use super::super::verdict::{DECISION, NOTIFIED, PULL, drained, terms};
use super::read::{Claim, Running};
use super::{Foreign, weak};
use std::collections::BTreeMap;

/// What the loss of nodes does, one loss after the other.
pub(super) fn of_nodes(foreign: &Foreign, losses: &[Loss]) -> Vec<Outcome> {
    let named = foreign.by_name();
    let mut outcomes = Vec::new();
    for (at, region) in foreign.regions.iter().enumerate() {
        let workloads: Vec<&Workload> = (foreign.running.iter())
            .map(|one| &one.workload)
            .filter(|workload| workload.place.region == region.name)
            .collect();
        let groups = groups::of(&workloads);
        let budgets = drain::over(&foreign.budgets, &workloads);
        let apart = OnNodes::apart(region, &groups, &budgets);
        for loss in losses.iter().filter(|loss| loss.region_at == at) {
            for on in &apart {
                let (trials, packed) = on.lose(loss);
                for (index, trial) in trials.iter().enumerate() {
                    let workload = groups::own(&on.groups[index]);
                    let key = (region.name.as_str(), workload.service.as_str());
                    let serves = !workload.ends && workload.replicas > 0;
                    let Some(running) = named.get(&key).filter(|_| serves) else { continue };
                    let over = on.budgets[index];
                    let one = One { region, on: on.nodes, running, over, loss, trial };
                    outcomes.push(one.outcome(&packed, index));
                }
            }
        }
    }
    outcomes
}

struct One<'a> {
    region: &'a Region,
    /// The nodes that it runs on.
    on: &'a Region,
    running: &'a Running,
    over: &'a [Over<'a>],
    loss: &'a Loss,
    trial: &'a Trial,
}

impl One<'_> {
    fn outcome(&self, packed: &Packed, index: usize) -> Outcome {
        let workload = &self.running.workload;
        let (homeless, without) = (packed.stayed[index], packed.returned[index]);
        let never = self.trial.never.as_ref().map_or(0, |(count, _)| *count);
        let pending = self.trial.pending.as_ref().map_or(0, |(count, ..)| *count);
        let lost = workload.replicas - never - self.trial.stay();
        let stuck = self.loss.scope == Scope::Node && self.running.claims.iter().any(|c| c.local);
        let cordoned = self.loss.how == How::Cordoned;
        let taken = cordoned || workload.stateful || workload.pod.stays().is_some();
        let leaves = self.running.returns && !stuck && taken;
        let back = lost.saturating_sub(pending).saturating_sub(without);
        let back = if leaves { back } else { 0 };
        let detaches = workload.stateful || !self.running.claims.is_empty();
        let terms = match lost {
            0 => BTreeMap::new(),
            _ if cordoned => drained(workload, (NOTIFIED, DECISION), PULL),
            _ => terms(self.on, workload, self.loss, detaches, PULL),
        };
        let mut notes = Vec::new();
        if let Some((count, blocked)) = &self.trial.never {
            notes.push(format!("{count} may never run, before anything is lost: {blocked}"));
        }
        if homeless > 0 {
            let sure = if packed.certain { "" } else { " (one packing was tried)" };
            notes.push(format!("{homeless} have no room, before anything is lost{sure}"));
        }
        if lost > 0 {
            notes.extend(self.notes(pending, without, stuck, packed.certain));
        }
        Outcome {
            service: workload.service.clone(),
            tier: String::new(),
            lost: self.loss.clone(),
            promised: Promised::Nothing,
            replicas: workload.replicas - never - homeless,
            needed: 1,
            stay: self.trial.stay() - homeless,
            back,
            within: (back > 0).then(|| terms.values().sum()),
            terms,
            notes,
            breaks: Vec::new(),
            at: workload.place.path.clone(),
            weaknesses: weak::of(self.running, self.over, &|claim| free(self.region, claim)),
        }
    }

    fn notes(&self, pending: usize, without: usize, stuck: bool, certain: bool) -> Vec<String> {
        let workload = &self.running.workload;
        let until = match self.loss.scope {
            Scope::Node => "the node",
            Scope::Zone | Scope::Region => "the zone",
        };
        let mut notes = Vec::from_iter(databases::leads(self.on, workload, self.trial.stay()));
        if !self.running.returns {
            notes.push("nothing recreates it".to_owned());
        } else if stuck {
            notes.push("its volume is on the node".to_owned());
        } else if self.loss.how == How::Gone && workload.pod.stays().is_none() && !workload.stateful
        {
            notes.push(
                "its pods tolerate a lost node without end, so nothing takes their place"
                    .to_owned(),
            );
        } else {
            if let Some((_, _, blocked)) = &self.trial.pending {
                let verb = if matches!(blocked, Blocked::Volume(_)) { "stays" } else { "may stay" };
                let verb =
                    if pending == 1 { verb.to_owned() } else { verb.replace("stays", "stay") };
                notes.push(format!("{pending} {verb} Pending: {blocked}"));
            }
            if without > 0 {
                let sure = if certain { "" } else { " (one packing was tried)" };
                notes.push(format!("{without} without room until {until} is back{sure}"));
            }
            match self.loss.how {
                How::Cordoned => notes.push("once somebody drains its nodes".to_owned()),
                How::Gone if workload.stateful && pending == 0 => {
                    notes.push("if its node is fenced".to_owned());
                }
                How::Gone => {}
            }
        }
        notes
    }
}

/// Whether the volume of a claim may be used in every zone.
pub(super) fn free(region: &Region, claim: &Claim) -> bool {
    let class = claim.class.as_deref().unwrap_or("default");
    !claim.local && region.storage(class) == Some(Storage::Free)
}

/// What the loss of regions does: what runs in others goes on, and nothing comes back by itself.
pub(super) fn of_regions(foreign: &Foreign, losses: &[Loss]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for loss in losses {
        let Some(region) = foreign.regions.get(loss.region_at) else { continue };
        let here: Vec<&Running> = (foreign.running.iter())
            .filter(|one| one.workload.place.region == region.name && !one.workload.ends)
            .collect();
        let workloads: Vec<&Workload> = here.iter().map(|one| &one.workload).collect();
        let budgets = drain::over(&foreign.budgets, &workloads);
        for (running, over) in here.iter().zip(&budgets) {
            let workload = &running.workload;
            if workload.replicas == 0 {
                continue;
            }
            let others = foreign.running.iter().filter(|other| {
                other.workload.service == workload.service
                    && other.workload.place.region != region.name
            });
            let stay: usize = others.map(|other| other.workload.replicas).sum();
            let kept = running.claims.iter().map(|claim| match &claim.kept {
                Some(kept) => format!("`{}`: {kept}", claim.name),
                None => format!("`{}` is gone: nothing here makes copies of it", claim.name),
            });
            outcomes.push(Outcome {
                service: workload.service.clone(),
                tier: String::new(),
                lost: loss.clone(),
                promised: Promised::Nothing,
                replicas: stay + workload.replicas,
                needed: 1,
                stay,
                back: 0,
                within: None,
                terms: BTreeMap::new(),
                notes: kept.collect(),
                breaks: Vec::new(),
                at: workload.place.path.clone(),
                weaknesses: weak::of(running, over, &|claim| free(region, claim)),
            });
        }
    }
    outcomes
}
