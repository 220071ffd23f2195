//! The queue of each region's Velero server: whether every backup of the fleet gets its turn
//! within the time that every RPO counts on.
//!
//! Cadences are chosen against a budget that follows from the cadence alone, or from
//! `[regions.X.backup] queue`, and the budgets are proven here for all of them together. So a new
//! service never moves the Schedules of another: it is refused when there is no room for it.

pub mod wait; // the longest wait on one server

use super::{Here, backup, cadence, cron, places};
use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::kube::{RegionName, labels};
use crate::model::{Fleet, Model, Region, Service};
use crate::spec::quantity::Duration;
use crate::yaml::{Value, read};
use rayon::prelude::*;
use std::collections::BTreeMap;
use wait::Load;

/// How many backups a server runs at a time, unless the fleet says (`--concurrent-backups`,
/// velero `pkg/cmd/server/config/config.go`).
const CONCURRENCY: u32 = 1;

/// The most that a fleet may say.
const MOST: u32 = 100;

/// How long a former Schedule may wait, in seconds: nobody counts on it any more.
const PATIENCE: u64 = 12 * 3600;

/// A former Schedule, which runs on until it is retired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// Its region.
    pub region: String,
    /// The service that it is of.
    pub service: String,
    /// The namespace that it backs up.
    pub namespace: String,
    /// When it is due.
    pub cron: String,
    /// How long one backup may hold a slot, in seconds.
    pub slot: u64,
}

impl Former {
    /// Reads the manifest of a Schedule; nothing when it is none that Ninefold wrote.
    pub fn read(region: &str, service: &str, text: &str) -> Option<Former> {
        let schedule = read::document(text).ok()?;
        let string = |path: &[&str]| match schedule.at(path)? {
            Value::String(text) => Some(text.clone()),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::List(_)
            | Value::Map(_) => None,
        };
        let Value::List(namespaces) = schedule.at(&["spec", "template", "includedNamespaces"])?
        else {
            return None;
        };
        let Some(Value::String(namespace)) = namespaces.first() else { return None };
        let slot: Duration = string(&["metadata", "annotations", labels::SLOT])?.parse().ok()?;
        Some(Former {
            region: region.to_owned(),
            service: service.to_owned(),
            namespace: namespace.clone(),
            cron: string(&["spec", "schedule"])?,
            slot: slot.as_seconds(),
        })
    }
}

/// The queue of one region, proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// The region.
    pub region: RegionName,
    /// How many backups run at a time.
    pub slots: u32,
    /// The share of the slots' time in which backups may run, in millionths.
    pub utilisation: u64,
    /// The longest wait of each Schedule, by its logical name, and how long it may wait.
    pub waits: BTreeMap<String, (Duration, Duration)>,
}

/// The Schedules that share a server.
struct Server<'a> {
    region: &'a Region,
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    /// None for a former one.
    of: Option<Here<'a>>,
    name: String,
    namespace: String,
    interval: Duration,
    load: Load,
}

fn servers<'a>(fleet: &'a Fleet, services: &'a [Service], former: &[Former]) -> Vec<Server<'a>> {
    let mut servers: BTreeMap<&RegionName, Server<'a>> = BTreeMap::new();
    let of = |service| {
        let here = places(fleet, service).filter(|here| here.role.backs_up);
        here.map(|here| (here.region, entries(&here))).collect::<Vec<_>>()
    };
    let queued: Vec<Vec<(&Region, Vec<Entry<'a>>)>> = services.par_iter().map(of).collect();
    for (region, entries) in queued.into_iter().flatten() {
        let server = servers.entry(&region.name);
        let server = server.or_insert_with(|| Server { region, entries: Vec::new() });
        server.entries.extend(entries);
    }
    for former in former {
        let region = RegionName::new(former.region.as_str());
        if let Some(server) = servers.get_mut(&region) {
            let minutes = cron::firings(&former.cron).unwrap_or_default();
            server.entries.push(Entry {
                of: None,
                name: former.service.clone(),
                namespace: former.namespace.clone(),
                interval: cron::largest_gap(&former.cron).unwrap_or_default(),
                // Its successor keeps the promise.
                load: Load { namespace: 0, minutes, slot: former.slot, budget: PATIENCE },
            });
        }
    }
    let mut servers: Vec<Server<'a>> = servers.into_values().collect();
    servers.iter_mut().for_each(Server::number_namespaces);
    servers
}

fn entries<'a>(here: &Here<'a>) -> Vec<Entry<'a>> {
    let of = |scheduled: backup::Scheduled<'_>| Entry {
        of: Some(*here),
        namespace: here.service.namespace.to_string(),
        interval: scheduled.cadence.interval,
        load: load(here, &scheduled.cron, &scheduled.cadence),
        name: scheduled.name,
    };
    backup::schedules(here).into_iter().map(of).collect()
}

fn load(here: &Here<'_>, cron: &str, cadence: &cadence::Cadence) -> Load {
    let minutes = cron::firings(cron);
    Load {
        namespace: 0,
        minutes: minutes.expect("what `expression` makes is read"),
        slot: cadence::slot(here, cadence).as_seconds(),
        budget: cadence.queue.as_seconds(),
    }
}

impl Server<'_> {
    fn number_namespaces(&mut self) {
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        for entry in &mut self.entries {
            let next = numbers.len();
            entry.load.namespace = *numbers.entry(entry.namespace.clone()).or_insert(next);
        }
    }

    fn loads(&self) -> Vec<Load> {
        self.entries.iter().map(|entry| entry.load.clone()).collect()
    }

    fn slots(&self) -> u32 {
        self.region.backups.concurrency.unwrap_or(CONCURRENCY)
    }

    fn holds(&self, loads: &[Load], slots: u32) -> bool {
        wait::worst_waits(loads, slots as usize).is_some()
    }

    /// The fewest slots with which every backup gets its turn.
    fn slots_needed(&self, loads: &[Load]) -> Option<u32> {
        let (mut fewer, mut enough) = (self.slots(), MOST);
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
    fn rarer(&self, loads: &[Load]) -> Option<(&Entry<'_>, Duration)> {
        let rarer = |index: &usize| {
            let entry = &self.entries[*index];
            // Elsewhere the spec, or the tier, says how often.
            let bound = |here: &&Here<'_>| {
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
                    ..load(here, &cron::expression(cadence.interval, &entry.name), &cadence)
                };
                self.holds(&loads, self.slots())
            };
            Some((entry, *later.find(holds)?))
        };
        self.by_use().iter().take(3).find_map(rarer)
    }

    /// The entries that use the most first.
    fn by_use(&self) -> Vec<usize> {
        let used = |index: &usize| {
            let load = &self.entries[*index].load;
            std::cmp::Reverse(load.slot * load.minutes.len() as u64)
        };
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(used);
        order
    }
}

/// Refuses regions in which some backup may wait for longer than its RPO counts on.
pub(super) fn check(sink: &mut Sink, model: &Model) {
    // The sum over some services says too little.
    if !model.is_whole() {
        return;
    }
    let servers = servers(model.fleet(), model.services(), &[]);
    let overloaded = |server: &Server<'_>| {
        let loads = server.loads();
        (!server.holds(&loads, server.slots())).then(|| refusal(model, server, &loads))
    };
    let found: Vec<Diagnostic> = servers.par_iter().filter_map(overloaded).collect();
    for finding in found {
        sink.error(finding);
    }
}

/// Says of regions whose queue holds only once `former` Schedules are retired.
pub fn check_with_former(sink: &mut Sink, model: &Model, former: &[Former]) {
    if former.is_empty() {
        return;
    }
    for server in servers(model.fleet(), model.services(), former) {
        let loads = server.loads();
        if server.entries.iter().all(|entry| entry.of.is_some())
            || server.holds(&loads, server.slots())
        {
            continue;
        }
        let mut names: Vec<&str> = (server.entries.iter())
            .filter(|entry| entry.of.is_none())
            .map(|entry| entry.name.as_str())
            .collect();
        names.dedup();
        let path = ["regions", server.region.name.as_str(), "backup"];
        sink.report(
            Diagnostic::new(
                Code::BACKUP_QUEUE,
                format!(
                    "until they are retired, former Schedules keep the backups of `{}` waiting for longer than their RPOs count on",
                    server.region.name
                ),
            )
            .severity(Severity::Warning)
            .at(model.fleet().document.key(&path), "")
            .note("a former Schedule runs beside its successor, and both are counted")
            .help(format!("`ninefold retire {}` once the new ones have run", names.join(" "))),
        );
    }
}

fn refusal(model: &Model, server: &Server<'_>, loads: &[Load]) -> Diagnostic {
    let region = server.region;
    let slots = server.slots();
    let document = &model.fleet().document;
    let path = |key| ["regions", region.name.as_str(), "backup", key];
    let place = match region.backups.concurrency {
        Some(_) => document.at(&path("concurrency")),
        None => document.key(&path("concurrency")[..3]),
    };
    let use_of_all = wait::utilisation(loads, slots as usize);
    let mut finding = Diagnostic::new(
        Code::BACKUP_QUEUE,
        format!("backups of `{}` may wait for longer than their RPOs count on", region.name),
    )
    .at(
        place,
        format!(
            "{slots} at a time{}",
            if region.backups.concurrency.is_some() { "" } else { " (Velero's default)" }
        ),
    );
    if region.backups.queue.is_some() {
        finding = finding.related(document.at(&path("queue")), "every RPO counts on this");
    }
    let share = |index: &usize| {
        let entry = &server.entries[*index];
        let slot = Duration::seconds(entry.load.slot);
        format!("`{}` {slot} every {}", entry.name, entry.interval)
    };
    let order = server.by_use();
    let shown: Vec<String> = order.iter().take(4).map(share).collect();
    let more = match order.len().saturating_sub(4) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    finding = finding
        .note(format!("what holds a slot the longest: {}{more}", shown.join(", ")))
        .note(format!(
            "together they may take {} of the time that {slots} at a time have",
            percent(use_of_all)
        ));
    let mut ways = Vec::new();
    if let Some(needed) = server.slots_needed(loads) {
        ways.push(format!(
            "`concurrency = {needed}`, which Velero is told by `--concurrent-backups`"
        ));
    }
    if let Some((entry, every)) = server.rarer(loads) {
        let here = entry.of.as_ref().expect("only current ones are asked");
        let rpo = cadence::least_rpo(here, every).to_string().replace(' ', "");
        ways.push(format!(
            "promise `rpo = \"{rpo}\"` for `{}`, so that a backup every {every} is enough",
            here.service.name
        ));
    }
    if ways.is_empty() {
        ways.push(
            "no number of slots is enough: give services that share a namespace one of their own, or allow a longer `queue`"
                .to_owned(),
        );
    }
    finding.help(ways.join("; or "))
}

fn percent(millionths: u64) -> String {
    format!("{}%", millionths.div_ceil(10_000))
}

/// The queues of the fleet, as they are proven.
pub fn of(model: &Model) -> Vec<Queue> {
    let servers = servers(model.fleet(), model.services(), &[]);
    let queue = |server: &Server<'_>| {
        let loads = server.loads();
        let slots = server.slots();
        let waits = wait::worst_waits(&loads, slots as usize)?;
        let waits = waits.into_iter().zip(loads.iter().map(|load| load.budget));
        let named = server.entries.iter().zip(waits);
        Some(Queue {
            region: server.region.name.clone(),
            slots,
            utilisation: wait::utilisation(&loads, slots as usize),
            waits: named
                .map(|(entry, (wait, budget))| {
                    let times = (Duration::seconds(wait), Duration::seconds(budget));
                    (entry.name.clone(), times)
                })
                .collect(),
        })
    };
    servers.iter().filter_map(queue).collect()
}
