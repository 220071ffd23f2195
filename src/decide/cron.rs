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

/// The expression of what runs every `pace`, a quarter of an `interval` after one of the runs that
/// [`expression`] gives to the same `name`. What has another `turn` runs half a pace later.
pub fn now_and_then(interval: Duration, pace: Duration, turn: u64, name: &str) -> String {
    let turn = minutes(pace) / 2 * (turn % 2);
    at(pace, slot(name) % minutes(pace) + turn + minutes(interval) / 4)
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

fn slot(name: &str) -> u64 {
    let digest = blake3::hash(name.as_bytes());
    let first: [u8; 8] = digest.as_bytes()[..8].try_into().expect("a digest has 32 bytes");
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::read::cron::Cron;

    fn longest(expression: &str) -> Option<Duration> {
        Cron::read(expression)?.longest_gap()
    }

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
                assert_eq!(longest(&expression(interval, name)), Some(interval));
                let pace = Duration::minutes(WEEK);
                assert_eq!(longest(&between(interval, pace, name)), Some(pace));
            }
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
        let expected = [
            (0, INTERVALS[0]),
            (90, hour),
            (36 * 60, day),
            (WEEK, week),
            (2 * WEEK, week),
            (52 * WEEK, week),
        ];
        for (asked, expected) in expected {
            let asked = Duration::minutes(asked);
            assert_eq!(nearest(asked), expected);
            assert_eq!(expression(asked, "a"), expression(expected, "a"), "{asked}");
        }
    }
}
