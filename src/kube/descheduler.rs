//! Versions of the descheduler (kubernetes-sigs/descheduler), and what is true of each.

use super::version::Release;

/// A version of the descheduler, `0.34.0`.
pub type Version = Release<0>;

/// The first that counts replicas as the scheduler does, by `matchLabelKeys` and `nodeTaintsPolicy`
/// (`pkg/framework/plugins/removepodsviolatingtopologyspreadconstraint`): an older one counts those of
/// former generations with the current ones.
pub const OLDEST: Version = Version { minor: 29, patch: 0 };

/// The first whose evictor reads from `podProtections` what it may evict; older ones read it from
/// `evictLocalStoragePods` (`pkg/framework/plugins/defaultevictor/types.go`).
pub const PROTECTIONS: Version = Version { minor: 34, patch: 0 };

/// The namespace of its manifests (`kubernetes/base`).
pub const NAMESPACE: &str = "kube-system";

/// The ConfigMap that it reads its policy from, in the same.
pub const POLICY: &str = "descheduler-policy-configmap";

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
