//! The loss of a region: which regions stay, and whether they carry what it carried.

mod takeover; // the room of the regions that take over

use super::pods::{Backup, Workload};
use super::promise::{Claim, OfService, Promise};
use super::report::{Loss, Outcome, Promised, Reason, Scope};
use super::{World, chain, databases};
use crate::model::Survives;
use crate::quantity::Duration;
use std::collections::BTreeMap;
use takeover::rooms;

/// A workload that carries the load of a service, by service and region.
type Carrying<'a> = BTreeMap<(&'a str, &'a str), &'a Workload>;

/// What every loss does to every service that runs in the region.
pub(super) fn all(world: &World<'_>, losses: &[Loss]) -> Vec<Outcome> {
    let current = world.tree.workloads.iter().filter(|one| one.carries_now());
    let carrying: Carrying<'_> =
        current.map(|one| ((one.service.as_str(), one.place.region.as_str()), one)).collect();
    losses.iter().flat_map(|loss| one(world, &carrying, loss)).collect()
}

fn one(world: &World<'_>, carrying: &Carrying<'_>, loss: &Loss) -> Vec<Outcome> {
    let no_room = rooms(world, carrying, loss);
    let judged = (world.promises.iter()).filter_map(|(service, promises)| {
        let own = promises.get(&loss.region)?;
        let workload = carrying.get(&(service.as_str(), loss.region.as_str()))?;
        let judge = Judge { world, carrying, service, promises, own, workload, loss };
        let nothing_runs = workload.replicas == 0 && own.replicas == 0;
        (!nothing_runs).then(|| judge.outcome(&no_room))
    });
    judged.chain(world.missing(loss)).collect()
}

struct Judge<'a> {
    world: &'a World<'a>,
    carrying: &'a Carrying<'a>,
    service: &'a str,
    promises: &'a OfService,
    /// Of the region that is lost.
    own: &'a Promise,
    workload: &'a Workload,
    loss: &'a Loss,
}

impl<'a> Judge<'a> {
    /// The regions that stay: not those that the fleet calls lost already.
    fn others(&self) -> impl Iterator<Item = (&'a str, &'a Promise)> {
        let (lost, world) = (&self.loss.region, self.world);
        let others = self.promises.iter().filter(move |(region, _)| *region != lost);
        let others = others.filter(move |(region, _)| !world.is_lost(region));
        others.map(|(region, promise)| (region.as_str(), promise))
    }

    fn runs(&self, region: &str) -> usize {
        self.carrying.get(&(self.service, region)).map_or(0, |workload| workload.replicas)
    }

    fn outcome(&self, no_room: &BTreeMap<(String, String), usize>) -> Outcome {
        let stay: usize = self.others().map(|(region, _)| self.runs(region)).sum();
        let mut outcome = Outcome {
            service: self.service.to_owned(),
            tier: self.workload.tier.clone(),
            lost: self.loss.clone(),
            promised: Promised::Nothing,
            replicas: stay + self.workload.replicas,
            needed: self.own.peak,
            stay,
            back: 0,
            within: self.own.rto(Scope::Region).and_then(|claim| claim.worst),
            terms: BTreeMap::new(),
            notes: Vec::new(),
            breaks: Vec::new(),
            at: String::new(),
            weaknesses: Vec::new(),
        };
        if self.others().next().is_none() {
            self.alone(&mut outcome);
        } else if self.own.role == "primary" {
            self.taken_over(&mut outcome, no_room);
        } else {
            self.carried_on(&mut outcome);
        }
        if outcome.promised != Promised::Nothing {
            self.in_time(&mut outcome);
            let below =
                chain::below(&self.world.promises, (self.service, &self.loss.region), self.own);
            for text in below.slower {
                self.breaks(&mut outcome, text, &format!("ledger/{}.json", self.service));
            }
            outcome.notes.extend(below.lower);
        }
        outcome
    }

    /// The sums of the ledger: how long it takes, and how much data is lost.
    fn in_time(&self, outcome: &mut Outcome) {
        let shown = |worst: Option<u64>| match worst {
            Some(worst) => Duration::seconds(worst).to_string(),
            None => "nothing bounds it".to_owned(),
        };
        let scope = Scope::Region;
        for (claim, what) in [
            (self.own.rto(scope), "the longest time until it serves again"),
            (self.own.rpo(scope), "the most data that is lost"),
        ] {
            let Some((claim, promised)) = claim.zip(claim.and_then(|claim| claim.promised)) else {
                continue;
            };
            if claim.worst.is_none_or(|worst| worst > promised) {
                let (worst, promised) = (shown(claim.worst), Duration::seconds(promised));
                let text = format!("{what}: {worst} by the ledger, {promised} is promised");
                self.breaks(outcome, text, &format!("ledger/{}.json", self.service));
            }
        }
        if let Some(loses) = self.own.rpo(scope).and_then(|claim| claim.worst).filter(|w| *w > 0) {
            outcome.notes.push(format!("loses at most {} of data", Duration::seconds(loses)));
        }
    }

    fn breaks(&self, outcome: &mut Outcome, text: String, path: &str) {
        outcome.breaks.push(Reason { text, path: path.to_owned() });
    }

    fn alone(&self, outcome: &mut Outcome) {
        let away: Vec<&str> = self
            .promises
            .keys()
            .map(String::as_str)
            .filter(|one| self.world.is_lost(one))
            .collect();
        if away.iter().any(|region| *region != self.loss.region) {
            let are = if away.len() == 1 { "is" } else { "are" };
            let away = away.join(", ");
            outcome.notes.push(format!("until {away} {are} back, there is no other region"));
            return;
        }
        if self.world.survives(&self.workload.tier) == Survives::Region {
            outcome.promised = Promised::Peak;
            let text =
                format!("the tier survives a region, and it runs in {} only", self.loss.region);
            self.breaks(outcome, text, &self.workload.place.path);
            return;
        }
        outcome.notes.push(format!("runs in {} only", self.loss.region));
    }

    /// The others serve already: those that are active, or the primary of a lost standby.
    fn carried_on(&self, outcome: &mut Outcome) {
        outcome.promised = Promised::Peak;
        let serving = |promise: &Promise| promise.role != "standby";
        outcome.needed =
            self.others().filter(|(_, promise)| serving(promise)).map(|(_, p)| p.peak).sum();
        outcome.stay = (self.others())
            .filter(|(_, promise)| serving(promise))
            .map(|(region, _)| self.runs(region))
            .sum();
        outcome.replicas = outcome.stay + self.workload.replicas;
        let shares = self.shares();
        if let Some(shares) = &shares {
            outcome.needed = shares.values().sum();
        }
        for (region, promise) in self.others().filter(|(_, promise)| serving(promise)) {
            let runs = self.runs(region);
            let share = shares.as_ref().and_then(|shares| shares.get(region)).copied();
            if let Some(share) = share.filter(|share| runs < *share && runs >= promise.peak) {
                let at = self.carrying.get(&(self.service, region));
                let path = at.map_or(String::new(), |workload| workload.place.path.clone());
                let text = format!(
                    "{region} runs {runs} of the {share} that carry its share of the users, by the weights that are emitted"
                );
                self.breaks(outcome, text, &path);
            }
            if runs < promise.peak {
                let at = self.carrying.get(&(self.service, region));
                let path = at.map_or(String::new(), |workload| workload.place.path.clone());
                let text = format!(
                    "{region} runs {runs} of the {} that carry its load and the share of a region that is lost",
                    promise.peak
                );
                self.breaks(outcome, text, &path);
            }
        }
    }

    /// What each of the others carries once the users of the lost region go there by their weights, and
    /// no less than an equal share: resolvers hold weights over many answers, not over each. None where no weights are emitted, or the ledger does not say what all regions carry.
    fn shares(&self) -> Option<BTreeMap<&'a str, usize>> {
        let folder = self.workload.place.path.split('/').nth(1)?;
        let weights = self.world.tree.weights.get(folder)?;
        let all = self.own.of_all_regions()?;
        let weight = |region: &str| weights.get(region).copied().unwrap_or(0);
        let left: u64 = self.others().map(|(region, _)| weight(region)).sum();
        let share = |region: &str| match left {
            0 => all,
            left => all.saturating_mul(weight(region)).div_ceil(left),
        };
        let equal = all.div_ceil(u64::try_from(self.others().count()).unwrap_or(1).max(1));
        let carried = |region: &str| share(region).max(equal);
        let shares = self
            .others()
            .map(|(region, _)| (region, usize::try_from(carried(region)).unwrap_or(usize::MAX)));
        Some(shares.collect())
    }

    /// A standby takes over.
    fn taken_over(&self, outcome: &mut Outcome, no_room: &BTreeMap<(String, String), usize>) {
        let mut able = Vec::new();
        let mut unable = Vec::new();
        for (region, promise) in self.others() {
            let runs = self.runs(region);
            if !self.carrying.contains_key(&(self.service, region)) {
                unable.push(format!("the tree has no workload for {region}"));
            } else if runs < promise.replicas {
                let promised = promise.replicas;
                unable.push(format!("{region} runs {runs}, and the ledger promises {promised}"));
            } else if let Some(without) = no_room.get(&(self.service.to_owned(), region.to_owned()))
            {
                let all = self.workload.replicas;
                unable.push(format!("{region} has no room for {without} of {all} that take over"));
            } else {
                able.push(region);
            }
        }
        if able.is_empty() {
            for text in unable {
                self.breaks(outcome, text, &self.workload.place.path);
            }
        }
        // One of them takes over, whichever it is.
        outcome.replicas = self.workload.replicas;
        outcome.stay = able.iter().map(|region| self.runs(region)).min().unwrap_or(0);
        outcome.stay = outcome.stay.min(outcome.replicas);
        outcome.back = if able.is_empty() { 0 } else { outcome.replicas - outcome.stay };
        if !able.is_empty() {
            outcome.notes.push(format!("{} takes over", able.join(" or ")));
        }
        let database = databases::lost_with(self.world, self.service, self.loss, &able);
        outcome.breaks.extend(database);
        let claim = self.own.rto(Scope::Region);
        if let Some(rto) = claim.and_then(|claim| claim.promised) {
            outcome.promised = Promised::Rto(rto);
        }
        if claim.is_some_and(Claim::restores) {
            self.restored(outcome);
        } else if self.own.replicates() {
            outcome.notes.push("its data is replicated, as declared".to_owned());
        }
    }

    /// Whether a backup of the volumes is out of the region, and one so young as is promised.
    fn restored(&self, outcome: &mut Outcome) {
        let lost = &self.loss.region;
        let Some(region) = self.world.region(lost) else { return };
        let backups = self.world.backups(self.service, lost).iter().copied();
        let backups: Vec<&Backup> = backups.filter(|backup| !backup.former).collect();
        let promised = self.own.rpo(Scope::Region).and_then(|claim| claim.promised);
        let promised = promised.map(Duration::seconds);
        let in_time = |backup: &&&Backup| {
            backup.every.is_some_and(|every| promised.is_none_or(|promised| every <= promised))
        };
        let outside = |backup: &&Backup| {
            backup.moves_data
                && region.stored_in(&backup.location).is_some_and(|stored| stored != lost)
        };
        let timely: Vec<_> = backups.iter().filter(in_time).copied().collect();
        if timely.iter().any(outside) {
            return;
        }
        let first = timely.first().or(backups.first()).copied();
        let text = match (first, promised) {
            (None, _) => format!("no Schedule backs its volumes up in {lost}"),
            (Some(Backup { every: None, .. }), _) => {
                "the Schedule of its backups is paused, or never runs twice".to_owned()
            }
            (Some(Backup { every: Some(every), .. }), Some(promised)) if *every > promised => {
                format!("it is backed up every {every}, and promises an RPO of {promised}")
            }
            (Some(backup), _) if !backup.moves_data => {
                "its backups are snapshots only, which are gone with the region".to_owned()
            }
            (Some(backup), _) => {
                format!("its backups are in `{}`, which is gone with the region", backup.location)
            }
        };
        let path = first.map_or(&self.workload.place.path, |backup| &backup.path);
        self.breaks(outcome, text, path);
    }
}
