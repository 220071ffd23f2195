//! When backups run: five fields of cron, in UTC, with explicit lists of minutes and hours.
//!
//! Never `@every`: its clock starts anew when a Schedule is renamed. Lists of numbers mean the
//! same in every dialect of cron that Kubernetes and its operators have.

use crate::quantity::Duration;

/// Times between runs that divide the hour or the day, so that every gap is the same.
pub const INTERVALS: [Duration; 15] = [
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
    Duration::minutes(1440),
];

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
    let minutes = interval.as_seconds() / 60;
    at(pace, slot(name) % minutes + minutes / 2)
}

/// The expression of what follows `later` on what runs at [`expression`].
pub fn expression_after(interval: Duration, name: &str, later: Duration) -> String {
    let minutes = interval.as_seconds() / 60;
    at(interval, slot(name) % minutes + later.as_seconds() / 60)
}

fn at(interval: Duration, slot: u64) -> String {
    let minutes = interval.as_seconds() / 60;
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
    } else {
        format!("{} {} * * *", slot % 60, list(slot / 60, minutes / 60, 24))
    }
}

/// The minutes of the day at which an expression fires; none when it is not one that fires at the
/// same times each day, written with numbers, lists and stars.
pub fn firings(expression: &str) -> Option<Vec<u16>> {
    let fields: Vec<&str> = expression.split(' ').collect();
    let &[minutes, hours, "*", "*", "*"] = fields.as_slice() else { return None };
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
    let (minutes, hours) = (list(minutes, 60)?, list(hours, 24)?);
    let at = |hour: &u16| minutes.iter().map(|minute| hour * 60 + minute).collect::<Vec<u16>>();
    Some(hours.iter().flat_map(at).collect())
}

/// The largest gap between two firings of an expression, however long one looks: every day is like
/// every other, as UTC has no summer time.
pub fn largest_gap(expression: &str) -> Option<Duration> {
    let firings = firings(expression)?;
    let (first, last) = (firings.first()?, firings.last()?);
    let over_midnight = 1440 - last + first;
    let gaps = firings.windows(2).map(|pair| pair[1] - pair[0]);
    gaps.chain([over_midnight]).max().map(|gap| Duration::minutes(u64::from(gap)))
}

fn slot(name: &str) -> u64 {
    let digest = blake3::hash(name.as_bytes());
    let first: [u8; 8] = digest.as_bytes()[..8].try_into().expect("a digest has 32 bytes");
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every minute of three days at which an expression of lists and stars fires.
    fn firings(expression: &str) -> Vec<u64> {
        let fields: Vec<&str> = expression.split(' ').collect();
        assert_eq!(fields[2..], ["*", "*", "*"]);
        let holds = |field: &str, value: u64| {
            field == "*" || field.split(',').any(|item| item.parse::<u64>().unwrap() == value)
        };
        (0..3 * 1440)
            .filter(|m| holds(fields[0], m % 60) && holds(fields[1], m / 60 % 24))
            .collect()
    }

    #[test]
    fn every_gap_is_the_interval_over_midnight_too() {
        for interval in INTERVALS {
            for name in ["checkout-eus2", "orders-eus2", "a", "b", "c", "d"] {
                let firings = firings(&expression(interval, name));
                let gap = interval.as_seconds() / 60;
                assert!(
                    firings.windows(2).all(|pair| pair[1] - pair[0] == gap),
                    "{interval} {name}"
                );
                assert!(firings[0] < gap && 3 * 1440 - firings[firings.len() - 1] <= gap);
            }
        }
    }

    /// Minute by minute over five years, a leap day among them, with an own reading of cron.
    #[test]
    fn the_largest_gap_is_that_of_five_years() {
        let expressions =
            ["7 * * * *", "5,6,50 0,13 * * *", "0,45 * * * *", "59 23 * * *", "* 3 * * *"];
        for expression in expressions {
            let fields: Vec<&str> = expression.split(' ').collect();
            let table = |field: &str, end: u64| -> Vec<bool> {
                let named = |value: u64| field.split(',').any(|item| item == value.to_string());
                (0..end).map(|value| field == "*" || named(value)).collect()
            };
            let (minutes, hours) = (table(fields[0], 60), table(fields[1], 24));
            let (mut last, mut largest) = (None, 0);
            for minute in 0..(5 * 365 + 2) * 1440usize {
                if minutes[minute % 60] && hours[minute / 60 % 24] {
                    largest = largest.max(last.map_or(0, |last| minute - last));
                    last = Some(minute);
                }
            }
            let found = largest_gap(expression).map(|gap| gap.as_seconds() / 60);
            assert_eq!(found, Some(largest as u64), "{expression}");
        }
        for expression in
            ["", "7 * * *", "60 * * * *", "*/5 * * * *", "0 0 31 2 *", "@every 1h", ", * * * *"]
        {
            assert_eq!(largest_gap(expression), None, "{expression}");
        }
    }

    #[test]
    fn slots_spread_over_the_interval() {
        let slots: std::collections::BTreeSet<String> =
            (0..100).map(|n| expression(Duration::minutes(60), &format!("s{n}"))).collect();
        assert!(slots.len() > 40, "{}", slots.len());
    }
}
