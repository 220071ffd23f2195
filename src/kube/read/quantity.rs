//! Quantities, exactly: `250m`, `1.5`, `64Mi`, `1e3` (apimachinery `pkg/api/resource/quantity.go`).

use crate::yaml::Value;
use std::cmp::Ordering;

/// An amount; two spellings of the same amount are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// Billionths, to be divided by ten to the power of `places`.
    number: i128,
    /// The fewest that hold the number.
    places: u32,
}

/// Suffixes with their factors in billionths (apimachinery `pkg/api/resource/suffix.go`).
const SUFFIXES: [(&str, i128); 16] = [
    ("Ki", 1_000_000_000 << 10),
    ("Mi", 1_000_000_000 << 20),
    ("Gi", 1_000_000_000 << 30),
    ("Ti", 1_000_000_000 << 40),
    ("Pi", 1_000_000_000 << 50),
    ("Ei", 1_000_000_000 << 60),
    ("n", 1),
    ("u", 1_000),
    ("m", 1_000_000),
    ("k", 1_000_000_000_000),
    ("M", 1_000_000_000_000_000),
    ("G", 1_000_000_000_000_000_000),
    ("T", 1_000_000_000_000_000_000_000),
    ("P", 1_000_000_000_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000_000_000_000),
    ("", 1_000_000_000),
];

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity { number: 0, places: 0 };

    /// Reads a text or a number; none for what is no quantity, or for one that does not fit.
    pub fn of(value: &Value) -> Option<Quantity> {
        match value {
            Value::String(text) => Quantity::parse(text),
            Value::Int(number) => Quantity::parse(&number.to_string()),
            Value::Float(number) if number.is_finite() => Quantity::parse(&number.to_string()),
            Value::Null | Value::Bool(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Reads a text.
    pub fn parse(text: &str) -> Option<Quantity> {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let mut number: i128 = format!("{whole}{fraction}").parse().ok()?;
        let mut places = u32::try_from(fraction.len()).ok()?;
        let factor = match suffix.strip_prefix(['e', 'E']).filter(|exponent| !exponent.is_empty()) {
            Some("i") if suffix == "Ei" => 1_000_000_000 << 60,
            Some(exponent) => match exponent.parse::<i32>().ok()? {
                exponent @ 0.. => {
                    10i128.checked_pow(exponent.unsigned_abs())?.checked_mul(1_000_000_000)?
                }
                exponent => {
                    places = places.checked_add(exponent.unsigned_abs())?;
                    1_000_000_000
                }
            },
            None => SUFFIXES.iter().find(|(name, _)| *name == suffix)?.1,
        };
        number = number.checked_mul(factor)?.checked_mul(sign)?;
        while places > 0 && number % 10 == 0 {
            (number, places) = (number / 10, places - 1);
        }
        Some(Quantity { number, places: if number == 0 { 0 } else { places } })
    }

    /// In thousandths, and never less than it is; none for one below 0.
    pub fn thousandths(self) -> Option<u128> {
        let number = u128::try_from(self.number).ok()?;
        let Some(scale) = 10u128.checked_pow(self.places.saturating_add(6)) else {
            // So many places leave less than one.
            return Some(u128::from(number > 0));
        };
        Some(number.div_ceil(scale))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Quantity) -> Ordering {
        let scaled = |number: i128, places: u32| {
            10i128.checked_pow(places).and_then(|factor| number.checked_mul(factor))
        };
        let more = self.places.abs_diff(other.places);
        // A number that overflows when it is brought to the places of the other has the larger
        // amount of the two, on its side of 0.
        if self.places < other.places {
            scaled(self.number, more)
                .map_or(self.number.cmp(&0), |number| number.cmp(&other.number))
        } else {
            scaled(other.number, more)
                .map_or(0.cmp(&other.number), |number| self.number.cmp(&number))
        }
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Quantity) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_an_amount_are_equal() {
        let read = Quantity::parse;
        for (a, b) in [
            ("1", "1000m"),
            ("0.5", "500m"),
            ("1Gi", "1024Mi"),
            ("1.5Gi", "1536Mi"),
            ("1e3", "1k"),
            ("1E-3", "1m"),
            ("1Ei", "1024Pi"),
            ("2E", "2000P"),
            ("+1.0", "1"),
            ("0", "0Ki"),
            ("-1", "-1000m"),
        ] {
            assert!(read(a).is_some() && read(a) == read(b), "{a} {b}");
        }
        assert_ne!(read("1G"), read("1Gi"));
        assert_ne!(read("1m"), read("1M"));
        for wrong in ["", "m", "1.2.3", "1 Gi", "1e", "1e99", "٣", "--1", "+-1", "1ei", "1Eii"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(Quantity::of(&Value::Int(2)), read("2"));
        assert_eq!(Quantity::of(&Value::Float(0.5)), read("500m"));
        assert_eq!(Quantity::of(&Value::Bool(true)), None);
    }

    #[test]
    fn amounts_are_in_order() {
        let ordered =
            ["-1Ei", "-1", "-1n", "0", "1e-40", "1n", "1m", "0.5", "999m", "1", "1Ki", "10Ei"];
        for pair in ordered.windows(2) {
            let read = |text| Quantity::parse(text).expect("a quantity");
            assert_eq!(read(pair[0]).cmp(&read(pair[1])), Ordering::Less, "{pair:?}");
            assert_eq!(read(pair[1]).cmp(&read(pair[0])), Ordering::Greater, "{pair:?}");
        }
    }

    #[test]
    fn thousandths_are_never_less() {
        for (text, expected) in [
            ("250m", Some(250)),
            ("2", Some(2000)),
            ("1.5", Some(1500)),
            ("0.0001", Some(1)),
            ("1e-40", Some(1)),
            ("0", Some(0)),
            ("64Mi", Some(64_000 << 20)),
            ("1.5Gi", Some(1_500 << 30)),
            ("1e3", Some(1_000_000)),
            (".5", Some(500)),
            ("-1", None),
        ] {
            let read = Quantity::parse(text).expect("a quantity");
            assert_eq!(read.thousandths(), expected, "{text}");
        }
    }
}
