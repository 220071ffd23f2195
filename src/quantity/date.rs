//! Days and moments of the calendar.

use super::Duration;
use std::fmt;

/// A day of the calendar, `2026-11-22`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The time from `earlier` until this day; nothing when it is not earlier.
    pub fn since(self, earlier: Date) -> Duration {
        let days = self.days().saturating_sub(earlier.days());
        Duration::seconds(days * 86_400)
    }

    /// The day that is `days` later.
    pub fn after(self, days: u64) -> Date {
        let later = self.days() + days;
        // The first guess is no later than that day, as no year is longer than 366 days.
        let mut date =
            Date { year: u16::try_from(later / 366).unwrap_or(u16::MAX), month: 1, day: 1 };
        let next = |date: Date| {
            let text =
                |year, month, day| Date::parse(&format!("{year:04}-{month:02}-{day:02}")).ok();
            text(date.year, date.month, date.day + 1)
                .or_else(|| text(date.year, date.month + 1, 1))
                .or_else(|| text(date.year + 1, 1, 1))
        };
        while let Some(year) = date.year.checked_add(1).map(|year| Date { year, ..date })
            && year.days() <= later
        {
            date = year;
        }
        while date.days() < later
            && let Some(following) = next(date)
        {
            date = following;
        }
        date
    }

    /// The days since the first of March of the year 0: in years that end with February, the leap
    /// day comes last.
    fn days(self) -> u64 {
        let (year, month, day) = (u64::from(self.year), u64::from(self.month), u64::from(self.day));
        let (year, month) = match month {
            1 | 2 => (year.saturating_sub(1), month + 9),
            _ => (year, month - 3),
        };
        365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1
    }

    pub(super) fn parse(text: &str) -> Result<Date, String> {
        let wrong = || "a date is written like `2026-11-22`".to_owned();
        let parts: Vec<&str> = text.split('-').collect();
        let &[year, month, day] = parts.as_slice() else { return Err(wrong()) };
        let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !digits || [year.len(), month.len(), day.len()] != [4, 2, 2] {
            return Err(wrong());
        }
        let date = Date {
            year: year.parse().map_err(|_| wrong())?,
            month: month.parse().map_err(|_| wrong())?,
            day: day.parse().map_err(|_| wrong())?,
        };
        let days = match date.month {
            4 | 6 | 9 | 11 => 30,
            2 if date.year.is_multiple_of(4)
                && (!date.year.is_multiple_of(100) || date.year.is_multiple_of(400)) =>
            {
                29
            }
            2 => 28,
            1..=12 => 31,
            _ => return Err(wrong()),
        };
        if (1..=days).contains(&date.day) { Ok(date) } else { Err("no such day".to_owned()) }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A second of the calendar in UTC, as Kubernetes writes it: `2026-11-22T09:30:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    day: Date,
    /// Since midnight.
    second: u32,
}

impl Moment {
    pub(super) fn parse(text: &str) -> Result<Moment, String> {
        let wrong = || "a moment is written like `2026-11-22T09:30:00Z`".to_owned();
        let (day, time) =
            text.strip_suffix('Z').and_then(|text| text.split_once('T')).ok_or_else(wrong)?;
        let day = Date::parse(day).map_err(|_| wrong())?;
        let number = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse::<u32>().ok()).flatten()
        };
        let parts: Option<Vec<u32>> = time.split(':').map(number).collect();
        match parts.as_deref() {
            Some(&[hour @ ..24, minute @ ..60, second @ ..60]) => {
                Ok(Moment { day, second: hour * 3600 + minute * 60 + second })
            }
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_leap_years_and_centuries() {
        let since = |later: &str, earlier: &str| {
            let (later, earlier) = (Date::parse(later).unwrap(), Date::parse(earlier).unwrap());
            later.since(earlier).as_seconds() / 86_400
        };
        assert_eq!(since("2026-11-01", "2026-10-14"), 18);
        assert_eq!(since("2028-03-01", "2028-02-28"), 2);
        assert_eq!(since("2026-03-01", "2026-02-28"), 1);
        assert_eq!(since("2100-03-01", "2000-03-01"), 36_524);
        assert_eq!(since("2026-01-01", "2025-01-01"), 365);
        assert_eq!(since("2025-01-01", "2026-01-01"), 0);
    }

    #[test]
    fn a_later_day_is_so_many_days_later() {
        for from in ["2026-10-14", "2028-02-28", "1999-12-31", "2000-02-29", "2100-02-28"] {
            let from = Date::parse(from).unwrap();
            for days in [0, 1, 7, 30, 91, 182, 365, 366, 1461] {
                let later = from.after(days);
                assert_eq!(later.since(from), Duration::seconds(days * 86_400), "{from} {days}");
                assert!(Date::parse(&later.to_string()).is_ok());
            }
        }
    }

    #[test]
    fn moments_exist_and_have_an_order() {
        let read = |text: &str| Moment::parse(text).unwrap();
        assert!(read("2026-10-30T23:59:59Z") < read("2026-10-31T00:00:00Z"));
        assert!(read("2026-10-30T09:00:00Z") < read("2026-10-30T09:00:01Z"));
        for text in [
            "",
            "2026-10-30",
            "2026-02-30T09:00:00Z",
            "2026-10-30T24:00:00Z",
            "2026-10-30T09:60:00Z",
            "2026-10-30T09:00Z",
            "2026-10-30T9:00:00Z",
            "2026-10-30T09:00:00",
            "2026-10-30T09:00:00+01:00",
        ] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn dates_exist() {
        assert!(Date::parse("2028-02-29").is_ok());
        for text in ["2026-02-29", "2026-13-01", "2026-1-1", "22.11.2026", "+026-01-01"] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
    }
}
