//! The versions of Kubernetes that manifests are made for.

use std::fmt;

/// A Kubernetes version, `1.34`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The number after the dot.
    pub minor: u16,
}

/// The oldest that has everything that manifests use: `matchLabelKeys` of pod affinity came on by
/// default with it (KEP-3633), after native `preStop.sleep` (1.30, KEP-3960) and
/// `unhealthyPodEvictionPolicy` (1.31, KEP-3017).
pub const OLDEST: Version = Version { minor: 31 };

/// The newest whose fields are known: [`super::schema`].
pub const NEWEST: Version = Version { minor: 37 };

impl std::str::FromStr for Version {
    type Err = ();

    fn from_str(text: &str) -> Result<Version, ()> {
        let minor = text.strip_prefix("1.").ok_or(())?;
        let plain = !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit());
        if plain { Ok(Version { minor: minor.parse().map_err(drop)? }) } else { Err(()) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}
