//! What shares a Velero server: the Schedules of a region, and whether it holds them.

use super::super::cron;
use super::super::schedules::{self, Scheduled};
use super::super::shared::{self, EVERY_NAMESPACE, Shared};
use super::super::{Decided, ServiceInRegion, cadence};
use super::Former;
use super::wait::{self, Load};
use crate::kube::RegionName;
use crate::kube::read::cron::Cron;
use crate::model::Region;
use crate::quantity::Duration;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The most that a fleet may say.
const MAX: u32 = 100;

/// How long a former Schedule may wait, in seconds: nobody counts on it any more.
const PATIENCE: u64 = 12 * 3600;

/// The Schedules that share a server.
pub(super) struct Server<'a> {
    pub(super) region: &'a Region,
    pub(super) entries: Vec<Entry<'a>>,
    /// The namespaces that no Schedule of many touches; none where there is no such Schedule.
    apart: Option<BTreeSet<String>>,
}

/// A Schedule.
pub(super) struct Entry<'a> {
    /// The service that has it for itself; none of a former one, and of what several share.
    pub(super) of: Option<ServiceInRegion<'a>>,
    /// Whether it runs on until it is retired.
    pub(super) former: bool,
    pub(super) name: String,
    namespace: String,
    pub(super) interval: Duration,
    /// Five fields of cron.
    pub(super) cron: String,
    /// The days of the week on which it runs, 0 for Monday.
    pub(super) days: Vec<u16>,
    pub(super) load: Load,
}

/// The servers of the fleet, with what each has to do.
pub(super) fn servers<'a>(decided: &'a Decided, former: &[Former]) -> Vec<Server<'a>> {
    let mut servers: BTreeMap<&RegionName, Server<'a>> = BTreeMap::new();
    let of = |service| {
        let here = decided.places(service).filter(|here| here.backups.is_some());
        here.map(|here| (here.region, entries(&here))).collect::<Vec<_>>()
    };
    let queued: Vec<Vec<(&Region, Vec<Entry<'a>>)>> =
        decided.services().par_iter().map(of).collect();
    for (region, entries) in queued.into_iter().flatten() {
        let server = servers.entry(&region.host);
        let host = &*decided.fleet().regions[&region.host];
        let server =
            server.or_insert_with(|| Server { region: host, entries: Vec::new(), apart: None });
        server.entries.extend(entries);
    }
    for shared in shared::of(decided) {
        let host = &*decided.fleet().regions[&shared.region.host];
        let server = servers.entry(&shared.region.host);
        let server =
            server.or_insert_with(|| Server { region: host, entries: Vec::new(), apart: None });
        let apart = server.apart.take();
        server.apart = Some(match apart {
            None => shared.apart.clone(),
            Some(apart) => apart.intersection(&shared.apart).cloned().collect(),
        });
        server.entries.push(of_several(shared));
    }
    for former in former {
        let region = RegionName::new(former.region.as_str());
        let host = decided.fleet().regions.get(&region).map(|region| &region.host);
        if let Some(server) = host.and_then(|host| servers.get_mut(host)) {
            let cron = Cron::read(&former.cron);
            let gap = cron.as_ref().and_then(Cron::longest_gap);
            server.entries.push(Entry {
                of: None,
                former: true,
                name: former.service.clone(),
                namespace: former.namespace.clone(),
                interval: gap.unwrap_or_default(),
                cron: former.cron.clone(),
                days: cron.as_ref().map(Cron::days_of_week).unwrap_or_default(),
                // Its successor keeps the promise.
                load: Load {
                    namespace: 0,
                    minutes: cron.map(|cron| cron.minutes_of_day()).unwrap_or_default(),
                    slot: former.slot,
                    budget: PATIENCE,
                },
            });
        }
    }
    let mut servers: Vec<Server<'a>> = servers.into_values().collect();
    servers.iter_mut().for_each(Server::number_namespaces);
    servers
}

fn entries<'a>(here: &ServiceInRegion<'a>) -> Vec<Entry<'a>> {
    let of = |scheduled: Scheduled<'_>| {
        let cron = made(&scheduled.cron);
        Entry {
            of: Some(*here),
            former: false,
            namespace: here.service.namespace.to_string(),
            interval: scheduled.cadence.interval,
            load: load(&cron, &scheduled.cadence),
            days: cron.days_of_week(),
            cron: scheduled.cron,
            name: scheduled.name,
        }
    };
    schedules::of(here).into_iter().map(of).collect()
}

/// It backs up what bears its labels in any namespace but those that are apart.
fn of_several<'a>(shared: Shared<'_>) -> Entry<'a> {
    let cron = made(&shared.cron);
    Entry {
        of: None,
        former: false,
        namespace: EVERY_NAMESPACE.to_owned(),
        interval: shared.cadence.interval,
        load: load(&cron, &shared.cadence),
        days: cron.days_of_week(),
        cron: shared.cron,
        name: shared.name,
    }
}

/// When a Schedule of our own runs.
pub(super) fn made(cron: &str) -> Cron {
    Cron::read(cron).expect("what `expression` makes is read")
}

/// What a Schedule asks of the server. One that runs on some days of the week counts on all of
/// them.
pub(super) fn load(cron: &Cron, cadence: &cadence::Cadence) -> Load {
    Load {
        namespace: 0,
        minutes: cron.minutes_of_day(),
        slot: cadence.slot().as_seconds(),
        budget: cadence.queue.as_seconds(),
    }
}

impl Server<'_> {
    fn number_namespaces(&mut self) {
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        // What many share is a namespace of its own, unless something else is in one of them.
        let among = |entry: &Entry<'_>| {
            entry.namespace != EVERY_NAMESPACE
                && self.apart.as_ref().is_some_and(|apart| !apart.contains(&entry.namespace))
        };
        let mixed = self.entries.iter().any(among);
        let shared: Vec<bool> = (self.entries.iter())
            .map(|entry| mixed && (entry.namespace == EVERY_NAMESPACE || among(entry)))
            .collect();
        for (entry, shared) in self.entries.iter_mut().zip(shared) {
            let next = numbers.len();
            entry.load.namespace = match shared {
                true => wait::SHARED,
                false => *numbers.entry(entry.namespace.clone()).or_insert(next),
            };
        }
    }

    pub(super) fn loads(&self) -> Vec<Load> {
        self.entries.iter().map(|entry| entry.load.clone()).collect()
    }

    pub(super) fn slots(&self) -> u32 {
        super::concurrency(self.region)
    }

    pub(super) fn holds(&self, loads: &[Load], slots: u32) -> bool {
        wait::worst_waits(loads, slots as usize).is_some()
    }

    /// The fewest slots with which every backup gets its turn.
    pub(super) fn slots_needed(&self, loads: &[Load]) -> Option<u32> {
        let (mut fewer, mut enough) = (self.slots(), MAX);
        if !self.holds(loads, enough) {
            return None;
        }
        while enough - fewer > 1 {
            let middle = u32::midpoint(fewer, enough);
            if self.holds(loads, middle) { enough = middle } else { fewer = middle }
        }
        Some(enough)
    }

    /// The service whose backups, if they were only so rare, would leave room for all: one of those
    /// that use the most, at the next interval that does.
    pub(super) fn rarer(&self, loads: &[Load]) -> Option<(&Entry<'_>, Duration)> {
        let rarer = |index: &usize| {
            let entry = &self.entries[*index];
            // Elsewhere the spec, or the tier, says how often.
            let bound = |here: &&ServiceInRegion<'_>| {
                cadence::bound_by_rpo(here) && here.service.backup.every.is_none()
            };
            let here = entry.of.as_ref().filter(bound)?;
            let longest = here.service.tier.backup.every;
            let later = cron::INTERVALS.iter().filter(|every| **every > entry.interval);
            let mut later = later.take_while(|every| **every <= longest);
            let holds = |every: &&Duration| {
                let mut loads = loads.to_vec();
                let cadence = cadence::at(here, **every);
                loads[*index] = Load {
                    namespace: loads[*index].namespace,
                    ..load(&made(&cron::expression(cadence.interval, &entry.name)), &cadence)
                };
                self.holds(&loads, self.slots())
            };
            Some((entry, *later.find(holds)?))
        };
        self.by_use().iter().take(3).find_map(rarer)
    }

    /// The entries that use the most first.
    pub(super) fn by_use(&self) -> Vec<usize> {
        let used = |index: &usize| {
            let load = &self.entries[*index].load;
            std::cmp::Reverse(load.slot * load.minutes.len() as u64)
        };
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(used);
        order
    }
}
