//! Who serves the groups of the API that are not built in.

use super::kinds::KINDS;

/// Groups that every API server of Kubernetes has; that of `v1` has no name.
const OWN: &[&str] = &[
    "",
    "apps",
    "autoscaling",
    "batch",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Who serves groups that only fields of an object lead to.
const OTHERS: &[(&str, &str)] = &[
    ("barmancloud.cnpg.io", "the Barman Cloud plugin of CloudNativePG"),
    ("snapshot.storage.k8s.io", "the snapshot controller of CSI"),
];

/// The group of a group and version: `apps` of `apps/v1`, nothing of `v1`.
pub fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Whether Kubernetes itself serves a group.
pub fn is_own(group: &str) -> bool {
    OWN.contains(&group)
}

/// Who serves a group, as a person looks for it; none where nobody here knows.
pub fn of(group: &str) -> Option<&'static str> {
    let row = KINDS.iter().find(|row| self::group(row.api_version) == group);
    let other = || OTHERS.iter().find(|(other, _)| *other == group).map(|(_, name)| *name);
    row.and_then(|row| row.operator).or_else(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_of_kubernetes_or_has_an_operator_that_is_the_same_for_its_group() {
        assert!(OWN.is_sorted() && OTHERS.is_sorted());
        for row in KINDS {
            let group = group(row.api_version);
            assert_ne!(is_own(group), row.operator.is_some(), "{}", row.name);
            assert_eq!(of(group), row.operator, "{}", row.name);
        }
    }
}
