//! Versions of the descheduler (kubernetes-sigs/descheduler), and what is true of each.

use std::fmt;

/// A version of the descheduler, `0.34.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The number after the first dot: that of the Kubernetes it is made for.
    pub minor: u16,
    /// The number after the second.
    pub patch: u16,
}

/// The first that counts replicas as the scheduler does, by `matchLabelKeys` and `nodeTaintsPolicy`
/// (`pkg/framework/plugins/removepodsviolatingtopologyspreadconstraint`): an older one counts those of
/// former generations with the current ones.
pub const OLDEST: Version = Version { minor: 29, patch: 0 };

/// The first whose evictor is told by `podProtections` what it may evict; older ones are told by
/// `evictLocalStoragePods` (`pkg/framework/plugins/defaultevictor/types.go`).
pub const PROTECTIONS: Version = Version { minor: 34, patch: 0 };

/// The namespace of its manifests (`kubernetes/base`).
pub const NAMESPACE: &str = "kube-system";

/// The ConfigMap that it reads its policy from, in the same.
pub const POLICY: &str = "descheduler-policy-configmap";

impl std::str::FromStr for Version {
    type Err = ();

    fn from_str(text: &str) -> Result<Version, ()> {
        let (minor, patch) = super::version::after("0.", text).ok_or(())?;
        Ok(Version { minor, patch })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0.{}.{}", self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_images_are_tagged() {
        assert_eq!("v0.34.0".parse(), Ok(PROTECTIONS));
        assert_eq!("0.29.1".parse::<Version>().unwrap().to_string(), "0.29.1");
        for text in ["0.34", "1.34.0", "", "0.34.x", "0.34.0-rc.1"] {
            assert_eq!(text.parse::<Version>(), Err(()), "{text}");
        }
    }
}
