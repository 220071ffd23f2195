//! Who serves the groups of the API that are not built in.

use super::kinds::KINDS;
use super::schema::KNOWN;
pub use super::schema::group;

/// Who serves groups that only fields of an object lead to.
const OTHERS: &[(&str, &str)] = &[
    ("barmancloud.cnpg.io", "the Barman Cloud plugin of CloudNativePG"),
    ("snapshot.storage.k8s.io", "the snapshot controller of CSI"),
];

/// Whether Kubernetes itself serves a group.
pub fn is_own(group: &str) -> bool {
    KNOWN.is_own(group)
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
        assert!(OTHERS.is_sorted());
        for row in KINDS {
            let group = group(row.api_version);
            assert_ne!(is_own(group), row.operator.is_some(), "{}", row.name);
            assert_eq!(of(group), row.operator, "{}", row.name);
        }
    }
}
