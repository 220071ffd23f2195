//! When backups run: five fields of cron, in UTC, with explicit lists of minutes and hours.
//!
//! A weekly slot names a day of the week as well.
//!
//! Never `@every`: its clock starts anew when a Schedule is renamed. Lists of numbers mean the
//! same in every dialect of cron that Kubernetes and its operators have.

use crate::quantity::Duration;

/// Times between runs that divide the hour or the day, and the week, so that every gap is the same.
pub const INTERVALS: [Duration; 16] = [
    Duration::minutes(5),
    Duration::minutes(6),
    Duration::minutes(10),
    Duration::minutes(12),
    Duration::minutes(15),
    Duration::minutes(20),
    Duration::minutes(30),
    Duration::minutes(60),
    Duration::minutes(120),
    Duration::minutes(180),
    Duration::minutes(240),
    Duration::minutes(360),
    Duration::minutes(480),
    Duration::minutes(720),
    Duration::minutes(DAY),
    Duration::minutes(WEEK),
];

/// The minutes of a day and of a week.
const DAY: u64 = 1440;
const WEEK: u64 = 7 * DAY;

/// The longest interval that cron can say and that is no longer than `every`; the shortest where
/// none is.
pub fn nearest(every: Duration) -> Duration {
    let mut shorter = INTERVALS.iter().rev().copied().filter(|interval| *interval <= every);
    shorter.next().unwrap_or(INTERVALS[0])
}

/// The expression that runs every `interval`, which is one of [`INTERVALS`].
///
/// The slot follows from the logical `name`, so that the services of a fleet do not all begin at
/// the full hour, and that a new name of the same object moves nothing.
pub fn expression(interval: Duration, name: &str) -> String {
    expression_after(interval, name, Duration::default())
}

/// The expression of what runs every `pace`, half an `interval` after one of the runs that
/// [`expression`] gives to the same `name`.
pub fn between(interval: Duration, pace: Duration, name: &str) -> String {
    let minutes = minutes(interval);
    at(pace, slot(name) % minutes + minutes / 2)
}

/// The expression of what follows `later` on what runs at [`expression`].
pub fn expression_after(interval: Duration, name: &str, later: Duration) -> String {
    at(interval, slot(name) % minutes(interval) + later.as_seconds() / 60)
}

/// The minutes of an interval; those of the nearest that cron can say.
fn minutes(interval: Duration) -> u64 {
    nearest(interval).as_seconds() / 60
}

fn at(interval: Duration, slot: u64) -> String {
    let minutes = minutes(interval);
    let slot = slot % minutes;
    let list = |first: u64, step: u64, end: u64| {
        let all: Vec<String> =
            (0..end / step).map(|index| (first + index * step).to_string()).collect();
        all.join(",")
    };
    if minutes < 60 {
        format!("{} * * * *", list(slot, minutes, 60))
    } else if minutes == 60 {
        format!("{slot} * * * *")
    } else if minutes < WEEK {
        format!("{} {} * * *", slot % 60, list(slot / 60, minutes / 60, 24))
    } else {
        format!("{} {} * * {}", slot % 60, slot / 60 % 24, slot / DAY)
    }
}

/// When an expression fires: the same in every week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firings {
    /// The minutes of the days on which it fires; never empty.
    pub minutes: Vec<u16>,
    /// The days of the week, 0 for Sunday; never empty.
    pub days: Vec<u16>,
}

impl Firings {
    /// Reads an expression; none when it is not one of numbers, lists and stars that fires at the
    /// same times on each of its days of the week.
    pub fn read(expression: &str) -> Option<Firings> {
        let fields: Vec<&str> = expression.split(' ').collect();
        let &[minutes, hours, "*", "*", days] = fields.as_slice() else { return None };
        let list = |field: &str, end: u16| -> Option<Vec<u16>> {
            if field == "*" {
                return Some((0..end).collect());
            }
            let mut all: Vec<u16> =
                field.split(',').map(|item| item.parse().ok()).collect::<Option<_>>()?;
            all.sort_unstable();
            all.dedup();
            all.last().is_some_and(|last| *last < end).then_some(all)
        };
        let (minutes, hours, days) = (list(minutes, 60)?, list(hours, 24)?, list(days, 7)?);
        let at = |hour: &u16| minutes.iter().map(|minute| hour * 60 + minute).collect::<Vec<u16>>();
        Some(Firings { minutes: hours.iter().flat_map(at).collect(), days })
    }
}

/// The largest gap between two firings of an expression, however long one looks: every week is like
/// every other, as UTC has no summer time.
pub fn largest_gap(expression: &str) -> Option<Duration> {
    let Firings { minutes, days } = Firings::read(expression)?;
    let on = |day: &u16| {
        let day = u64::from(*day) * DAY;
        minutes.iter().map(|minute| day + u64::from(*minute)).collect::<Vec<u64>>()
    };
    let firings: Vec<u64> = days.iter().flat_map(on).collect();
    let (first, last) = (firings.first()?, firings.last()?);
    let over_sunday = WEEK - last + first;
    let gaps = firings.windows(2).map(|pair| pair[1] - pair[0]);
    gaps.chain([over_sunday]).max().map(Duration::minutes)
}

fn slot(name: &str) -> u64 {
    let digest = blake3::hash(name.as_bytes());
    let first: [u8; 8] = digest.as_bytes()[..8].try_into().expect("a digest has 32 bytes");
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every minute of three weeks at which an expression of lists and stars fires.
    fn firings(expression: &str) -> Vec<u64> {
        let fields: Vec<&str> = expression.split(' ').collect();
        assert_eq!(fields[2..4], ["*", "*"]);
        let holds = |field: &str, value: u64| {
            field == "*" || field.split(',').any(|item| item.parse::<u64>().unwrap() == value)
        };
        (0..3 * WEEK)
            .filter(|m| holds(fields[0], m % 60) && holds(fields[1], m / 60 % 24))
            .filter(|m| holds(fields[4], m / DAY % 7))
            .collect()
    }

    #[test]
    fn every_gap_is_the_interval_over_midnight_and_sunday_too() {
        for interval in INTERVALS {
            for name in ["checkout-eus2", "orders-eus2", "a", "b", "c", "d"] {
                let firings = firings(&expression(interval, name));
                let gap = interval.as_seconds() / 60;
                assert!(
                    firings.windows(2).all(|pair| pair[1] - pair[0] == gap),
                    "{interval} {name}"
                );
                assert!(firings[0] < gap && 3 * WEEK - firings[firings.len() - 1] <= gap);
                assert_eq!(largest_gap(&expression(interval, name)), Some(interval));
                let pace = Duration::minutes(WEEK);
                assert_eq!(largest_gap(&between(interval, pace, name)), Some(pace));
            }
        }
    }

    /// Minute by minute over five years, a leap day among them, with an own reading of cron.
    #[test]
    fn the_largest_gap_is_that_of_five_years() {
        let expressions = [
            "7 * * * *",
            "5,6,50 0,13 * * *",
            "0,45 * * * *",
            "59 23 * * *",
            "* 3 * * *",
            "0 3 * * 0",
            "9 1,7 * * 2,6",
        ];
        for expression in expressions {
            let fields: Vec<&str> = expression.split(' ').collect();
            let table = |field: &str, end: u64| -> Vec<bool> {
                let named = |value: u64| field.split(',').any(|item| item == value.to_string());
                (0..end).map(|value| field == "*" || named(value)).collect()
            };
            let (minutes, hours, days) =
                (table(fields[0], 60), table(fields[1], 24), table(fields[4], 7));
            let (mut last, mut largest) = (None, 0);
            for minute in 0..(5 * 365 + 2) * 1440usize {
                if minutes[minute % 60] && hours[minute / 60 % 24] && days[minute / 1440 % 7] {
                    largest = largest.max(last.map_or(0, |last| minute - last));
                    last = Some(minute);
                }
            }
            let found = largest_gap(expression).map(|gap| gap.as_seconds() / 60);
            assert_eq!(found, Some(largest as u64), "{expression}");
        }
        for expression in [
            "",
            "7 * * *",
            "60 * * * *",
            "*/5 * * * *",
            "0 0 31 2 *",
            "@every 1h",
            ", * * * *",
            "0 0 * * 7",
        ] {
            assert_eq!(largest_gap(expression), None, "{expression}");
        }
    }

    #[test]
    fn slots_spread_over_the_interval() {
        let slots: std::collections::BTreeSet<String> =
            (0..100).map(|n| expression(Duration::minutes(60), &format!("s{n}"))).collect();
        assert!(slots.len() > 40, "{}", slots.len());
    }

    #[test]
    fn what_cron_cannot_say_is_what_it_can_say_next_to_it() {
        let (hour, day) = (Duration::minutes(60), Duration::minutes(DAY));
        let week = Duration::minutes(WEEK);
        let said = [
            (0, INTERVALS[0]),
            (90, hour),
            (36 * 60, day),
            (WEEK, week),
            (2 * WEEK, week),
            (52 * WEEK, week),
        ];
        for (asked, said) in said {
            let asked = Duration::minutes(asked);
            assert_eq!(nearest(asked), said);
            assert_eq!(expression(asked, "a"), expression(said, "a"), "{asked}");
        }
    }
}
