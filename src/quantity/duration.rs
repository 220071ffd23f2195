//! Lengths of time.

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

    pub(super) fn parse(text: &str) -> Result<Duration, String> {
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

super::adds_up!(Duration);

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
}
