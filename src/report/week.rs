//! Backups of a week, and how busy the servers are that make them.

use crate::Fleet;
use crate::decide::proof::{Amount, Unit};
use crate::decide::queue::week;
use crate::diag::natural;
use schemars::JsonSchema;
use serde::Serialize;

/// The week of the Velero server of one region.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Week {
    /// The region.
    region: String,
    /// How many backups it makes at once.
    slots: u32,
    /// The share of the slots' time that backups take.
    utilisation: Share,
    /// Monday first; each with its hours in UTC.
    days: Vec<Day>,
    /// The hour in which it is busiest: `Monday 02:00`.
    busiest: String,
    /// How busy it is then.
    busiest_share: Share,
    /// How many Backups its server holds at most.
    held: u64,
    /// How many it may hold.
    most: u64,
    /// Its Schedules.
    schedules: Vec<Schedule>,
}

/// A day.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Day {
    /// Its name.
    name: &'static str,
    /// Its 24 hours.
    hours: Vec<Hour>,
}

/// An hour.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Hour {
    /// How busy the server is.
    share: Share,
    /// A class of the style sheet: 0 for nothing, 9 for all of the slots' time and more.
    #[schemars(skip)]
    level: u64,
}

/// A share of the slots' time.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Share {
    /// In millionths.
    millionths: u64,
    /// As people read it.
    text: String,
}

/// A Schedule of Velero.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Schedule {
    /// Its logical name.
    name: String,
    /// The service that it is for; empty for one that services without volumes share.
    service: String,
    /// When it is due.
    cron: String,
    /// The longest time between two of its backups.
    every: Time,
    /// How long a backup may take a slot.
    slot: Time,
    /// How long one waits for a slot at worst; null where nothing bounds it.
    wait: Option<Time>,
    /// How long it may wait.
    budget: Time,
}

/// A time.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Time {
    /// In seconds.
    seconds: u64,
    /// As people read it.
    text: String,
}

impl From<crate::quantity::Duration> for Time {
    fn from(time: crate::quantity::Duration) -> Time {
        Time { seconds: time.as_seconds(), text: time.to_string() }
    }
}

const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The weeks of all servers that have something to do.
pub(super) fn all(fleet: &Fleet) -> Vec<Week> {
    week::of(fleet.decided()).into_iter().map(one).collect()
}

fn one(week: week::Week) -> Week {
    let hour = |millionths: &u64| Hour {
        share: share(*millionths),
        level: millionths.div_ceil(111_112).min(9),
    };
    let (busiest, most) = (week.hours.iter().enumerate())
        .max_by_key(|(at, share)| (**share, std::cmp::Reverse(*at)))
        .map_or((0, 0), |(at, share)| (at, *share));
    let mut schedules: Vec<Schedule> = week.schedules.into_iter().map(schedule).collect();
    schedules.sort_by(|a, b| natural(&a.name, &b.name));
    let days = week.hours.chunks(24).zip(DAYS);
    Week {
        region: week.region.to_string(),
        slots: week.slots,
        utilisation: share(week.utilisation),
        days: days
            .map(|(hours, name)| Day { name, hours: hours.iter().map(hour).collect() })
            .collect(),
        busiest: format!("{} {:02}:00", DAYS[busiest / 24], busiest % 24),
        busiest_share: share(most),
        held: week.held.0,
        most: week.held.1,
        schedules,
    }
}

fn share(millionths: u64) -> Share {
    // In whole hundredths, never less than it is.
    let number = millionths.div_ceil(10_000) * 10_000;
    Share { millionths, text: Amount { number, unit: Unit::Millionths }.to_string() }
}

fn schedule(queued: week::Queued) -> Schedule {
    Schedule {
        name: queued.name,
        service: queued.service,
        cron: queued.cron,
        every: queued.every.into(),
        slot: queued.slot.into(),
        wait: queued.wait.map(Time::from),
        budget: queued.budget.into(),
    }
}
