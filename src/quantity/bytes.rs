//! Amounts of bytes.

use std::fmt;

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

    pub(super) fn parse(text: &str) -> Result<Bytes, String> {
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

super::adds_up!(Bytes);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_print_with_the_largest_exact_unit() {
        for (text, printed) in [("1024Mi", "1Gi"), ("1500M", "1500M"), ("64Mi", "64Mi")] {
            assert_eq!(Bytes::parse(text).unwrap().to_string(), printed);
        }
        for text in ["", "64", "Mi", "0Mi", "64MB", "64 Mi", "99999999999Pi"] {
            assert!(Bytes::parse(text).is_err(), "{text}");
        }
    }
}
