//! Expressions of cron, in every dialect that Kubernetes and its operators read.

use super::duration;
use crate::quantity::Duration;

/// A day of the calendar that is walked.
struct Day {
    month: u64,
    day: u64,
    weekday: u64,
}

/// How far it is walked: more than a year, so that a leap day is seen.
const DAYS: u64 = 400;

/// An expression: five fields, or six with the seconds first as CloudNativePG writes them, lists,
/// ranges, steps, names, and the words that begin with `@` (robfig/cron v3, `parser.go` and
/// `spec.go`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cron {
    /// Runs again so long after it began.
    Every(Duration),
    /// Runs at these times.
    At(Times),
}

/// The times at which an expression runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    minutes: Values,
    hours: Values,
    days: Values,
    months: Values,
    weekdays: Values,
    /// Whether the days of the month, or those of the week, restrict nothing.
    any_day: bool,
}

/// The values of a field, which are all below 64: a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Values(u64);

impl Values {
    fn contains(self, value: u64) -> bool {
        self.0 >> value & 1 == 1
    }

    /// From the least.
    fn iter(self) -> impl Iterator<Item = u64> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let next = (left != 0).then(|| u64::from(left.trailing_zeros()));
            left &= left.wrapping_sub(1);
            next
        })
    }
}

impl FromIterator<u64> for Values {
    fn from_iter<I: IntoIterator<Item = u64>>(values: I) -> Values {
        Values(values.into_iter().fold(0, |all, value| all | 1 << value))
    }
}

impl Cron {
    /// Reads an expression; none when it is none.
    pub fn read(expression: &str) -> Option<Cron> {
        let zone = expression.strip_prefix("CRON_TZ=").or(expression.strip_prefix("TZ="));
        let expression = match zone {
            Some(rest) => rest.split_once(' ')?.1.trim(),
            None => expression.trim(),
        };
        if let Some(every) = expression.strip_prefix("@every ") {
            return duration::parse(every.trim()).map(Cron::Every);
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
        // Every second day restricts (robfig/cron v3 `parser.go`, `getRange`).
        let any =
            |field: &str| field.split(',').any(|item| matches!(item, "*" | "?" | "*/1" | "?/1"));
        let mut times = Times {
            minutes: set(minutes, 0, 59, &[])?,
            hours: set(hours, 0, 23, &[])?,
            days: set(days, 1, 31, &[])?,
            months: set(months, 1, 12, &MONTHS)?,
            weekdays: set(weekdays, 0, 6, &WEEKDAYS)?,
            any_day: any(days) || any(weekdays),
        };
        times.settle();
        Some(Cron::At(times))
    }

    /// Why nothing can read an expression.
    pub fn unread(expression: &str) -> &'static str {
        match expression.split_whitespace().next_back() {
            Some(days) if days.contains('7') => {
                "cron cannot read it: Sunday is 0, and there is no day 7"
            }
            _ => "cron cannot read it",
        }
    }

    /// The longest time between two runs, over 400 days from 1 January of a leap year (a Monday, as
    /// in 2024); none when it never runs twice.
    pub fn longest_gap(&self) -> Option<Duration> {
        match self {
            Cron::Every(every) => Some(*every),
            Cron::At(times) => times.longest_gap(),
        }
    }

    /// Whether it ever runs.
    pub fn runs(&self) -> bool {
        match self {
            Cron::Every(_) => true,
            Cron::At(times) => calendar().any(|day| times.runs_on(&day)),
        }
    }

    /// The shortest time between two runs, over the same days; none when it never runs twice.
    pub fn shortest_gap(&self) -> Option<Duration> {
        match self {
            Cron::Every(every) => Some(*every),
            Cron::At(times) => times.gaps().min().map(Duration::minutes),
        }
    }

    /// The minutes of the days on which it runs, sorted; none where its runs follow no clock.
    pub fn minutes_of_day(&self) -> Vec<u16> {
        let Cron::At(times) = self else { return Vec::new() };
        let minutes = times.runs_of_a_day().into_iter();
        minutes.map(|minute| u16::try_from(minute).expect("a day has 1440")).collect()
    }

    /// The days of the week on which it may run, 0 for Monday; none where its runs follow no clock.
    pub fn days_of_week(&self) -> Vec<u16> {
        let Cron::At(times) = self else { return Vec::new() };
        (0..7).filter(|day| times.weekdays.contains(u64::from(*day + 1) % 7)).collect()
    }
}

impl Times {
    /// Says every day in one way, so that equal times are equal values.
    fn settle(&mut self) {
        let (days, weekdays) = ((1..=31).collect(), (0..7).collect());
        if !self.any_day && (self.days == days || self.weekdays == weekdays) {
            *self = Times { days, weekdays, any_day: true, ..*self };
        }
    }

    fn runs_on(&self, day: &Day) -> bool {
        let by_day = self.days.contains(day.day);
        let by_weekday = self.weekdays.contains(day.weekday);
        // A day that fits either of two restrictions fits.
        let fits = if self.any_day { by_day && by_weekday } else { by_day || by_weekday };
        self.months.contains(day.month) && fits
    }

    fn longest_gap(&self) -> Option<Duration> {
        self.gaps().max().map(Duration::minutes)
    }

    /// The minutes of a day on which it runs, sorted.
    fn runs_of_a_day(&self) -> Vec<u64> {
        let of = |hour: u64| self.minutes.iter().map(move |minute| hour * 60 + minute);
        self.hours.iter().flat_map(of).collect()
    }

    /// The minutes between each run and the next: within a day, and over night.
    fn gaps(&self) -> impl Iterator<Item = u64> {
        let runs = self.runs_of_a_day();
        let days = calendar().enumerate().filter(|(_, day)| self.runs_on(day));
        let days: Vec<u64> = days.map(|(index, _)| index as u64).collect();
        let within = runs.windows(2).map(|two| two[1] - two[0]);
        let within: Vec<u64> = within.filter(|_| !days.is_empty()).collect();
        let ends = runs.first().copied().zip(runs.last().copied());
        let nights = ends.into_iter().flat_map(|(first, last)| {
            days.windows(2).map(move |two| (two[1] - two[0]) * 24 * 60 + first - last)
        });
        within.into_iter().chain(nights.collect::<Vec<_>>())
    }
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
fn set(field: &str, min: u64, max: u64, names: &[&str]) -> Option<Values> {
    let value = |text: &str| {
        let named = names.iter().position(|name| text.eq_ignore_ascii_case(name));
        let number = match named {
            Some(at) => Some(at as u64 + min),
            None => text.parse().ok(),
        };
        number.filter(|number| (min..=max).contains(number))
    };
    let mut values = Values::default();
    for item in field.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => {
                (range, Some(step.parse::<u64>().ok().filter(|step| *step > 0)?))
            }
            None => (item, None),
        };
        let (first, last) = match (range, range.split_once('-')) {
            ("*" | "?", _) => (min, max),
            (_, Some((first, last))) => (value(first)?, value(last)?),
            (_, None) => (value(range)?, if step.is_some() { max } else { value(range)? }),
        };
        // `sat-sun` is 6 to 0.
        if first > last {
            return None;
        }
        let step = usize::try_from(step.unwrap_or(1)).ok()?;
        values.0 |= (first..=last).step_by(step).collect::<Values>().0;
    }
    (values != Values::default()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(expression: &str) -> Option<Duration> {
        Cron::read(expression)?.longest_gap()
    }

    #[test]
    fn equal_times_are_equal() {
        for (one, other) in [
            ("0 0 * * 0", "@weekly"),
            ("0 0 1 * 0-6", "@daily"),
            ("0 0 1-31 * *", "0 0 * * *"),
            ("00 03 * JAN-DEC 0", "0 3 ? */1 sun"),
            ("*/15 * * * *", "0,15,30,45 0-23 * * *"),
        ] {
            assert_eq!(Cron::read(one), Cron::read(other), "{one}, {other}");
        }
        for (one, other) in [("0 0 1 * *", "0 0 1 * 1"), ("0 0 */2 * 1", "0 0 * * 1")] {
            assert_ne!(Cron::read(one), Cron::read(other), "{one}, {other}");
        }
    }

    #[test]
    fn a_week_begins_on_monday() {
        let of = |expression| Cron::read(expression).map(|cron| cron.days_of_week());
        assert_eq!(of("0 3 * * 1"), Some(vec![0]));
        assert_eq!(of("0 3 * * sun,sat"), Some(vec![5, 6]));
        assert_eq!(of("0 3 * * 1/2"), Some(vec![0, 2, 4]));
        assert_eq!(of("0 3 * * *"), Some((0..7).collect()));
        assert_eq!(of("@every 1h"), Some(Vec::new()));
    }

    #[test]
    fn the_minutes_of_a_day_are_those_of_each_hour() {
        let of = |expression| Cron::read(expression).map(|cron| cron.minutes_of_day());
        assert_eq!(of("5,6 0,13 * * 2"), Some(vec![5, 6, 785, 786]));
        assert_eq!(of("*/30 */12 * * *"), Some(vec![0, 30, 720, 750]));
        assert_eq!(of("@every 1h"), Some(Vec::new()));
    }

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
            ("0 0 */2 * 1", 2 * 86_400),
            ("0 0 2 * * *", 86_400),
            ("@hourly", 3600),
            ("@every 90m", 5400),
            ("CRON_TZ=Europe/Berlin 0 4 * * *", 86_400),
        ];
        for (expression, seconds) in cases {
            let found = gap(expression).map(Duration::as_seconds);
            assert_eq!(found, Some(seconds), "{expression}");
        }
        for expression in ["", "* * * *", "61 * * * *", "0 0 30 2 *", "a b c d e", "*/0 * * * *"] {
            assert_eq!(gap(expression), None, "{expression}");
        }
    }

    #[test]
    fn what_robfig_refuses_is_not_read() {
        for expression in [
            "0 0 * * 7",
            "0 0 * * 1-7",
            "0 0 * * sat-sun",
            "0 0 * * 1,5-1",
            "5-1 * * * *",
            "* 24 * * *",
        ] {
            assert_eq!(Cron::read(expression), None, "{expression}");
        }
        assert!(Cron::unread("0 0 * * 6,7").contains("Sunday is 0"));
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
            let found = gap(expression).map(|gap| gap.as_seconds() / 60);
            assert_eq!(found, Some(largest as u64), "{expression}");
        }
    }
}
