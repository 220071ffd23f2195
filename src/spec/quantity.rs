//! Durations, sizes, shares of a CPU, dates: text to a typed value, once.
//!
//! Each type has one parser; reading, the JSON Schema's `pattern` and messages all follow it.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// A length of time in whole seconds. Written `1h30m`: units `w d h m s`, largest first, each once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

const UNITS: [(char, u64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Longer than any promise: keeps every sum of durations within 64 bits.
const LONGEST: u64 = 100 * 366 * 86_400;

impl Duration {
    /// So many seconds.
    pub const fn seconds(seconds: u64) -> Duration {
        Duration(seconds)
    }

    /// So many minutes.
    pub const fn minutes(minutes: u64) -> Duration {
        Duration(minutes * 60)
    }

    /// In whole seconds.
    pub const fn as_seconds(self) -> u64 {
        self.0
    }

    /// What is left after `other`, at least nothing.
    pub const fn saturating_sub(self, other: Duration) -> Duration {
        Duration(self.0.saturating_sub(other.0))
    }

    /// In one word, as a spec writes it: `1h30m`.
    pub fn compact(self) -> String {
        self.to_string().replace(' ', "")
    }

    /// In the form of Go's `time.Duration.String`, which Velero's API server requires: it knows
    /// neither days nor weeks (velero#6552).
    pub fn go(self) -> String {
        let (hours, minutes, seconds) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        match (hours, minutes) {
            (0, 0) => format!("{seconds}s"),
            (0, _) => format!("{minutes}m{seconds}s"),
            _ => format!("{hours}h{minutes}m{seconds}s"),
        }
    }

    fn parse(text: &str) -> Result<Duration, String> {
        let example = "a duration is written like `15m`, `1h30m` or `7d`, with the units w d h m s";
        let mut rest = text;
        let mut total = 0u64;
        let mut units = UNITS.iter();
        if rest.is_empty() {
            return Err(example.to_owned());
        }
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, tail) = rest.split_at(digits);
            let Some(unit) = tail.chars().next() else { return Err(example.to_owned()) };
            let number: u64 = number.parse().map_err(|_| example.to_owned())?;
            let Some((_, seconds)) = units.find(|(name, _)| *name == unit) else {
                return Err(match UNITS.iter().any(|(name, _)| *name == unit) {
                    true => "units go from large to small, each once: `1h30m`".to_owned(),
                    false => example.to_owned(),
                });
            };
            total = (number.checked_mul(*seconds))
                .and_then(|part| total.checked_add(part))
                .filter(|total| *total <= LONGEST)
                .ok_or_else(|| "longer than 100 years".to_owned())?;
            rest = &tail[unit.len_utf8()..];
        }
        Ok(Duration(total))
    }
}

impl std::ops::Add for Duration {
    type Output = Duration;
    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

impl std::ops::Mul<u64> for Duration {
    type Output = Duration;
    fn mul(self, times: u64) -> Duration {
        Duration(self.0.saturating_mul(times))
    }
}

/// As people write it: `1h 27m`, `2d`, `0s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut parts = Vec::new();
        for (unit, seconds) in UNITS.iter().skip(1) {
            if rest >= *seconds {
                parts.push(format!("{}{unit}", rest / seconds));
                rest %= seconds;
            }
        }
        if parts.is_empty() { f.write_str("0s") } else { f.write_str(&parts.join(" ")) }
    }
}

/// An amount of bytes. Written as Kubernetes does: `64Mi`, `20Gi`, `1500M`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(u64);

const BYTE_UNITS: [(&str, u64); 10] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
];

impl Bytes {
    /// So many bytes.
    pub const fn new(bytes: u64) -> Bytes {
        Bytes(bytes)
    }

    /// So many MiB.
    pub const fn mebibytes(mebibytes: u64) -> Bytes {
        Bytes(mebibytes << 20)
    }

    /// In bytes.
    pub const fn get(self) -> u64 {
        self.0
    }

    fn parse(text: &str) -> Result<Bytes, String> {
        let example = "a size is written like `256Mi`, `20Gi` or `1500M`";
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| example.to_owned())?;
        let (_, factor) =
            BYTE_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(|| example.to_owned())?;
        let total = number.checked_mul(*factor).filter(|total| *total <= 1 << 60);
        match total {
            Some(0) => Err("a size is more than nothing".to_owned()),
            Some(total) => Ok(Bytes(total)),
            None => Err("more than 1024Pi".to_owned()),
        }
    }
}

impl std::ops::Add for Bytes {
    type Output = Bytes;
    fn add(self, other: Bytes) -> Bytes {
        Bytes(self.0.saturating_add(other.0))
    }
}

impl std::ops::Mul<u64> for Bytes {
    type Output = Bytes;
    fn mul(self, times: u64) -> Bytes {
        Bytes(self.0.saturating_mul(times))
    }
}

/// With the largest unit that leaves no rest.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact =
            BYTE_UNITS.iter().filter(|(_, factor)| self.0 != 0 && self.0.is_multiple_of(*factor));
        match exact.max_by_key(|(_, factor)| factor) {
            Some((unit, factor)) => write!(f, "{}{unit}", self.0 / factor),
            None => write!(f, "{}", self.0),
        }
    }
}

/// A share of CPU time in thousandths of a core. Written `250m`, `2` or `1.5`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpu(u64);

impl Cpu {
    /// So many thousandths of a core.
    pub const fn millis(millis: u64) -> Cpu {
        Cpu(millis)
    }

    /// In thousandths of a core.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    fn parse(text: &str) -> Result<Cpu, String> {
        let example = "a share of CPU is written like `250m`, `2` or `1.5`";
        let wrong = || example.to_owned();
        let whole = |text: &str| text.parse::<u64>().map_err(|_| wrong());
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let millis = match (text.strip_suffix('m'), text.split_once('.')) {
            (Some(millis), _) if plain(millis) => whole(millis)?,
            (None, None) if plain(text) => whole(text)?.saturating_mul(1000),
            (None, Some((cores, part))) if plain(cores) && plain(part) && part.len() <= 3 => {
                whole(cores)?.saturating_mul(1000) + whole(&format!("{part:0<3}"))?
            }
            _ => return Err(wrong()),
        };
        match millis {
            0 => Err("a share of CPU is more than nothing".to_owned()),
            1..=1_000_000_000 => Ok(Cpu(millis)),
            _ => Err("more than a million cores".to_owned()),
        }
    }
}

impl std::ops::Add for Cpu {
    type Output = Cpu;
    fn add(self, other: Cpu) -> Cpu {
        Cpu(self.0.saturating_add(other.0))
    }
}

impl std::ops::Mul<u64> for Cpu {
    type Output = Cpu;
    fn mul(self, times: u64) -> Cpu {
        Cpu(self.0.saturating_mul(times))
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) {
            write!(f, "{}", self.0 / 1000)
        } else {
            write!(f, "{}m", self.0)
        }
    }
}

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

    fn parse(text: &str) -> Result<Date, String> {
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
    fn parse(text: &str) -> Result<Moment, String> {
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

/// A text format: its name in the JSON Schema, its pattern, and the check behind both.
pub(super) struct Format {
    /// The value of `format` in the schema.
    pub(super) name: &'static str,
    /// A regular expression that every accepted text matches.
    pub(super) pattern: &'static str,
    /// What an editor offers.
    pub(super) example: &'static str,
    /// Says what is wrong with a text, if anything.
    pub(super) check: fn(&str) -> Result<(), String>,
}

/// All text formats.
pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "duration",
        pattern: "^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$",
        example: "1h30m",
        check: |text| Duration::parse(text).map(drop),
    },
    Format {
        name: "size",
        pattern: "^[0-9]+(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)$",
        example: "256Mi",
        check: |text| Bytes::parse(text).map(drop),
    },
    Format {
        name: "cpu",
        pattern: "^([0-9]+m|[0-9]+(\\.[0-9]{1,3})?)$",
        example: "250m",
        check: |text| Cpu::parse(text).map(drop),
    },
    Format {
        name: "date",
        pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        example: "2026-11-22",
        check: |text| Date::parse(text).map(drop),
    },
    Format {
        name: "moment",
        pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        example: "2026-11-22T09:30:00Z",
        check: |text| Moment::parse(text).map(drop),
    },
];

macro_rules! read_as_text {
    ($($type:ident as $format:literal),*) => {$(
        impl std::str::FromStr for $type {
            type Err = String;
            fn from_str(text: &str) -> Result<$type, String> {
                $type::parse(text)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                let text = String::deserialize(deserializer)?;
                $type::parse(&text).map_err(serde::de::Error::custom)
            }
        }
        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let format = FORMATS.iter().find(|format| format.name == $format)
                    .expect("every quantity has a format");
                json_schema!({
                    "type": "string",
                    "format": format.name,
                    "pattern": format.pattern,
                    "examples": [format.example],
                })
            }
        }
    )*};
}

read_as_text!(
    Duration as "duration",
    Bytes as "size",
    Cpu as "cpu",
    Date as "date",
    Moment as "moment"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_print() {
        let cases = [
            ("15m", "15m", "15m0s"),
            ("1h30m", "1h 30m", "1h30m0s"),
            ("30d", "30d", "720h0m0s"),
            ("0s", "0s", "0s"),
            ("1w1s", "7d 1s", "168h0m1s"),
        ];
        for (text, people, go) in cases {
            let duration = Duration::parse(text).unwrap();
            assert_eq!((duration.to_string().as_str(), duration.go().as_str()), (people, go));
        }
        for text in [
            "",
            "15",
            "m",
            "15 m",
            "1m1h",
            "1m1m",
            "1.5h",
            "-1m",
            "99999999999999999999w",
            "1ä",
            "101w9999999w",
        ] {
            assert!(Duration::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_print_with_the_largest_exact_unit() {
        for (text, printed) in [("1024Mi", "1Gi"), ("1500M", "1500M"), ("64Mi", "64Mi")] {
            assert_eq!(Bytes::parse(text).unwrap().to_string(), printed);
        }
        for text in ["", "64", "Mi", "0Mi", "64MB", "64 Mi", "99999999999Pi"] {
            assert!(Bytes::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn cpu_reads_as_kubernetes_does() {
        for (text, printed) in [("250m", "250m"), ("1.5", "1500m"), ("2000m", "2"), ("2", "2")] {
            assert_eq!(Cpu::parse(text).unwrap().to_string(), printed);
        }
        for text in ["", "0", "m", "+1", "1.2345", "1e3", "ä"] {
            assert!(Cpu::parse(text).is_err(), "{text}");
        }
    }

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
