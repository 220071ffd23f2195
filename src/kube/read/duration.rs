//! Durations as Go writes them: `720h0m0s`, `1h30m`, `1.5h` (Go `time.ParseDuration`).

use crate::quantity::Duration;

/// The units, and how many nanoseconds each has. `ms` stands before `m`, which begins it.
const UNITS: [(&str, u128); 6] = [
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
];

/// The nanoseconds of the longest duration of Go, which ends with the 292nd year.
const LONGEST: u128 = i64::MAX as u128;

/// A duration in whole seconds; parts of a second are left out. None when it is no duration.
pub fn parse(text: &str) -> Option<Duration> {
    let seconds = nanoseconds(text)? / 1_000_000_000;
    u64::try_from(seconds).ok().map(Duration::seconds)
}

/// A duration in nanoseconds; none when it is no duration.
pub fn nanoseconds(text: &str) -> Option<u128> {
    if text.is_empty() {
        return None;
    }
    let (mut rest, mut total) = (text, 0u128);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (unit, factor) = UNITS.iter().find(|(unit, _)| rest[end..].starts_with(unit))?;
        total = total.checked_add(of_unit(&rest[..end], *factor)?)?;
        rest = &rest[end + unit.len()..];
    }
    (total <= LONGEST).then_some(total)
}

/// A decimal number of a unit.
fn of_unit(number: &str, factor: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u128>().ok() };
    // No unit has a part below the 13th digit.
    let fraction = &fraction[..fraction.len().min(13)];
    let parts = digits(fraction)? * factor / 10u128.pow(u32::try_from(fraction.len()).ok()?);
    digits(whole)?.checked_mul(factor)?.checked_add(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_go_read() {
        let read = [
            ("720h0m0s", 2_592_000),
            ("1h30m", 5400),
            ("1.5h", 5400),
            (".5m", 30),
            ("1500ms", 1),
            ("0s", 0),
        ];
        for (text, seconds) in read {
            assert_eq!(parse(text), Some(Duration::seconds(seconds)), "{text}");
        }
        for text in ["", "5", "h", ".h", "1d", "1.2.3s", "99999999999h"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
