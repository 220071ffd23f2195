//! The longest time between two runs of a cron expression.

use crate::quantity::Duration;
use std::collections::BTreeSet;

/// A day of the calendar that is walked.
struct Day {
    month: u64,
    day: u64,
    weekday: u64,
}

/// How far it is walked: more than a year, so that a leap day is seen.
const DAYS: u64 = 400;

/// The longest time between two runs, over 400 days from 1 January of a leap year (a Monday, as in
/// 2024); none when it is no expression, or never runs twice.
///
/// Five fields, or six with the seconds first as CloudNativePG writes them, lists, ranges, steps,
/// names, and the words that begin with `@` (robfig/cron v3, `parser.go` and `spec.go`).
pub(super) fn longest_gap(expression: &str) -> Option<Duration> {
    let expression = match expression.strip_prefix("CRON_TZ=").or(expression.strip_prefix("TZ=")) {
        Some(rest) => rest.split_once(' ')?.1.trim(),
        None => expression.trim(),
    };
    if let Some(every) = expression.strip_prefix("@every ") {
        return super::amount::duration(every.trim());
    }
    let expression = match expression {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        other => other,
    };
    let mut fields: Vec<&str> = expression.split_whitespace().collect();
    // Runs within a minute are nearer to each other than any gap that matters.
    if fields.len() == 6 {
        fields.remove(0);
    }
    let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
    let minutes = set(minutes, 0, 59, &[])?;
    let hours = set(hours, 0, 23, &[])?;
    let months = set(months, 1, 12, &MONTHS)?;
    let any = |field: &str| field.starts_with('*') || field.starts_with('?');
    let (any_day, any_weekday) = (any(days), any(weekdays));
    let days = set(days, 1, 31, &[])?;
    let weekdays: BTreeSet<u64> =
        set(weekdays, 0, 7, &WEEKDAYS)?.into_iter().map(|day| day % 7).collect();
    let runs_on = |day: &Day| {
        let (by_day, by_weekday) = (days.contains(&day.day), weekdays.contains(&day.weekday));
        // A day that fits either of two restrictions fits.
        let fits = if any_day || any_weekday { by_day && by_weekday } else { by_day || by_weekday };
        months.contains(&day.month) && fits
    };
    let (mut last, mut longest) = (None, None);
    for (index, day) in calendar().enumerate() {
        if !runs_on(&day) {
            continue;
        }
        for hour in &hours {
            for minute in &minutes {
                let now = (index as u64 * 24 + hour) * 60 + minute;
                if let Some(before) = last.replace(now) {
                    longest = longest.max(Some(now - before));
                }
            }
        }
    }
    longest.map(Duration::minutes)
}

fn calendar() -> impl Iterator<Item = Day> {
    const LENGTHS: [u64; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (mut month, mut day) = (1, 0);
    (0..DAYS).map(move |index| {
        day += 1;
        // From the 366th day on it is a year like most, of which only January and February are seen.
        let length = match (index > 366, month) {
            (true, 2) => 28,
            _ => LENGTHS[month as usize - 1],
        };
        if day > length {
            day = 1;
            month = month % 12 + 1;
        }
        Day { month, day, weekday: (index + 1) % 7 }
    })
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The values that a field stands for; `names` are those of the first values.
fn set(field: &str, least: u64, most: u64, names: &[&str]) -> Option<BTreeSet<u64>> {
    let value = |text: &str| {
        let named = names.iter().position(|name| text.eq_ignore_ascii_case(name));
        let number = match named {
            Some(at) => Some(at as u64 + least),
            None => text.parse().ok(),
        };
        number.filter(|number| (least..=most).contains(number))
    };
    let mut values = BTreeSet::new();
    for item in field.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => {
                (range, Some(step.parse::<u64>().ok().filter(|step| *step > 0)?))
            }
            None => (item, None),
        };
        let (first, last) = match (range, range.split_once('-')) {
            ("*" | "?", _) => (least, most),
            (_, Some((first, last))) => (value(first)?, value(last)?),
            (_, None) => (value(range)?, if step.is_some() { most } else { value(range)? }),
        };
        values.extend((first..=last).step_by(usize::try_from(step.unwrap_or(1)).ok()?));
    }
    (!values.is_empty()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_gap_is_found() {
        let cases = [
            ("10,25,40,55 * * * *", 15 * 60),
            ("0 */6 * * *", 6 * 3600),
            ("0,10 * * * *", 50 * 60),
            ("30 1 * * *", 86_400),
            ("0 3 * * mon-fri", 3 * 86_400),
            ("0 3 * * 0", 7 * 86_400),
            ("0 0 1 * *", 31 * 86_400),
            ("0 0 1 1 *", 366 * 86_400),
            ("0 0 1,15 * 1", 7 * 86_400),
            ("0 0 2 * * *", 86_400),
            ("@hourly", 3600),
            ("@every 90m", 5400),
            ("CRON_TZ=Europe/Berlin 0 4 * * *", 86_400),
        ];
        for (expression, seconds) in cases {
            let gap = longest_gap(expression).map(Duration::as_seconds);
            assert_eq!(gap, Some(seconds), "{expression}");
        }
        for expression in ["", "* * * *", "61 * * * *", "0 0 30 2 *", "a b c d e", "*/0 * * * *"] {
            assert_eq!(longest_gap(expression), None, "{expression}");
        }
    }
}
