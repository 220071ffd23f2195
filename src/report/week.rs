//! Backups of a week, and how busy the servers are that make them.

use crate::Fleet;
use crate::decide::proof::{Amount, Unit};
use crate::decide::queue::week;
use crate::diag::natural;
use serde::Serialize;

/// The week of the Velero server of one region.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Week {
    region: String,
    slots: u32,
    utilisation: Share,
    /// Monday first; each with its hours in UTC.
    days: Vec<Day>,
    /// The hour in which it is busiest: `Monday 02:00`.
    busiest: String,
    busiest_share: Share,
    schedules: Vec<Schedule>,
}

#[derive(Clone, Debug, Serialize)]
struct Day {
    name: &'static str,
    hours: Vec<Hour>,
}

#[derive(Clone, Debug, Serialize)]
struct Hour {
    share: Share,
    /// A class of the style sheet: 0 for nothing, 9 for all of the slots' time and more.
    level: u64,
}

/// A share of the slots' time.
#[derive(Clone, Debug, Serialize)]
struct Share {
    millionths: u64,
    text: String,
}

#[derive(Clone, Debug, Serialize)]
struct Schedule {
    name: String,
    service: String,
    cron: String,
    every: Time,
    slot: Time,
    wait: Option<Time>,
    budget: Time,
}

/// A time.
#[derive(Clone, Debug, Serialize)]
struct Time {
    seconds: u64,
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
