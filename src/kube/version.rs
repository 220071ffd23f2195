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
        let minor = text.strip_prefix("1.").and_then(number).ok_or(())?;
        Ok(Version { minor })
    }
}

/// A version as releases of what runs in clusters are tagged, `v1.18.4`, of the major version `MAJOR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release<const MAJOR: u16> {
    /// The number after the first dot.
    pub minor: u16,
    /// The number after the second.
    pub patch: u16,
}

impl<const MAJOR: u16> std::str::FromStr for Release<MAJOR> {
    type Err = ();

    fn from_str(text: &str) -> Result<Release<MAJOR>, ()> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (major, rest) = text.split_once('.').ok_or(())?;
        let (minor, patch) = rest.split_once('.').ok_or(())?;
        let is_ours = number(major) == Some(MAJOR);
        let numbers = number(minor).zip(number(patch)).filter(|_| is_ours);
        numbers.map(|(minor, patch)| Release { minor, patch }).ok_or(())
    }
}

impl<const MAJOR: u16> fmt::Display for Release<MAJOR> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MAJOR}.{}.{}", self.minor, self.patch)
    }
}

/// Digits alone: no sign, no suffix.
fn number(digits: &str) -> Option<u16> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}
