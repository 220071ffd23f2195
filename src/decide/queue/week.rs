//! How busy a Velero server is in each hour of a week, when every backup takes as long as it may.

use super::super::Decided;
use super::server::{Entry, Server, servers};
use super::{held, wait};
use crate::kube::RegionName;
use crate::quantity::Duration;

/// The hours of a week, from Monday, in UTC.
pub const HOURS: usize = 7 * 24;

const HOUR: u64 = 3600;

/// The week of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its region.
    pub region: RegionName,
    /// How many backups run at a time.
    pub slots: u32,
    /// The share of its slots' time in which backups may run, in millionths.
    pub utilisation: u64,
    /// The same of each hour, from the first of Monday.
    pub hours: Vec<u64>,
    /// How many Backups it holds at most, with those that it reads, and how many it may.
    pub held: (u64, u64),
    /// Its Schedules, in the order of their services.
    pub schedules: Vec<Queued>,
}

/// A Schedule in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Its logical name.
    pub name: String,
    /// Its service.
    pub service: String,
    /// Five fields of cron, in UTC.
    pub cron: String,
    /// Between two backups.
    pub every: Duration,
    /// How long one may hold a slot.
    pub slot: Duration,
    /// How long one waits at worst; none where nothing bounds it.
    pub wait: Option<Duration>,
    /// How long one may wait.
    pub budget: Duration,
}

/// The weeks of all servers, in the order of their regions.
pub fn of(decided: &Decided) -> Vec<Week> {
    let held = held::of(decided);
    let with = |server: &Server<'_>| {
        let held = held.iter().find(|held| held.region == server.region.name);
        week(server, held.map_or((0, 0), |held| (held.listed(), held.most)))
    };
    servers(decided, &[]).iter().map(with).collect()
}

fn week(server: &Server<'_>, held: (u64, u64)) -> Week {
    let loads = server.loads();
    let slots = server.slots();
    let waits = wait::worst_waits(&loads, slots as usize);
    let wait = |index: usize| waits.as_ref().map(|waits| Duration::seconds(waits[index]));
    let queued = |(index, entry): (usize, &Entry<'_>)| Queued {
        name: entry.name.clone(),
        service: entry.of.map(|here| here.service.name.to_string()).unwrap_or_default(),
        cron: entry.cron.clone(),
        every: entry.interval,
        slot: Duration::seconds(entry.load.slot),
        wait: wait(index),
        budget: Duration::seconds(entry.load.budget),
    };
    Week {
        region: server.region.name.clone(),
        slots,
        utilisation: wait::utilisation(&loads, slots as usize),
        hours: hours(server, u64::from(slots)),
        held,
        schedules: server.entries.iter().enumerate().map(queued).collect(),
    }
}

/// The share of each hour, where every backup begins when it is due. One that lasts beyond the hour
/// counts in the next, and one of Sunday night on Monday.
fn hours(server: &Server<'_>, slots: u64) -> Vec<u64> {
    let mut busy = vec![0u64; HOURS];
    for entry in &server.entries {
        for day in &entry.days {
            for minute in &entry.load.minutes {
                let mut from = u64::from(*day) * 24 * HOUR + u64::from(*minute) * 60;
                let mut rest = entry.load.slot;
                while rest > 0 {
                    let in_hour = (HOUR - from % HOUR).min(rest);
                    busy[(from / HOUR) as usize % HOURS] += in_hour;
                    from += in_hour;
                    rest -= in_hour;
                }
            }
        }
    }
    busy.into_iter().map(|busy| busy * 1_000_000 / (HOUR * slots.max(1))).collect()
}
