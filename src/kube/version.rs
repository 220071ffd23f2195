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

/// Minor and patch of a version as releases are tagged, `v1.18.4`, behind `major` (`1.`).
pub(super) fn after(major: &str, text: &str) -> Option<(u16, u16)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (minor, patch) = text.strip_prefix(major)?.split_once('.')?;
    Some((number(minor)?, number(patch)?))
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
