//! Shares of CPU time.

use std::fmt;

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

    pub(super) fn parse(text: &str) -> Result<Cpu, String> {
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

super::adds_up!(Cpu);

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) {
            write!(f, "{}", self.0 / 1000)
        } else {
            write!(f, "{}m", self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_reads_as_kubernetes_does() {
        for (text, printed) in [("250m", "250m"), ("1.5", "1500m"), ("2000m", "2"), ("2", "2")] {
            assert_eq!(Cpu::parse(text).unwrap().to_string(), printed);
        }
        for text in ["", "0", "m", "+1", "1.2345", "1e3", "ä"] {
            assert!(Cpu::parse(text).is_err(), "{text}");
        }
    }
}
