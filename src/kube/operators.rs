//! Who serves the kinds that Kubernetes has not of itself.

/// What serves the kinds of a group of the API.
#[derive(Debug)]
pub struct Operator {
    /// The group: `postgresql.cnpg.io`.
    pub group: &'static str,
    /// What is installed, as a person looks for it.
    pub name: &'static str,
}

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

/// Operators, by the alphabet of their groups.
pub const OPERATORS: &[Operator] = &[
    Operator { group: "barmancloud.cnpg.io", name: "the Barman Cloud plugin of CloudNativePG" },
    Operator { group: "cluster.x-k8s.io", name: "Cluster API" },
    Operator { group: "externaldns.k8s.io", name: "ExternalDNS, with `--source=crd`" },
    Operator { group: "gateway.networking.k8s.io", name: "a controller of the Gateway API" },
    Operator { group: "k8gb.io", name: "k8gb" },
    Operator { group: "monitoring.coreos.com", name: "the Prometheus operator" },
    Operator { group: "postgresql.cnpg.io", name: "CloudNativePG" },
    Operator { group: "snapshot.storage.k8s.io", name: "the snapshot controller of CSI" },
    Operator { group: "velero.io", name: "Velero" },
    Operator { group: "volsync.backube", name: "VolSync" },
];

/// The group of a group and version: `apps` of `apps/v1`, nothing of `v1`.
pub fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Whether Kubernetes itself serves a group.
pub fn is_own(group: &str) -> bool {
    OWN.contains(&group)
}

/// What serves a group; none where nobody here knows.
pub fn of(group: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|operator| operator.group == group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::kinds::KINDS;

    #[test]
    fn every_kind_is_of_kubernetes_or_has_an_operator() {
        assert!(OWN.is_sorted() && OPERATORS.is_sorted_by(|a, b| a.group < b.group));
        for row in KINDS {
            let group = group(row.api_version);
            assert_ne!(is_own(group), of(group).is_some(), "{}", row.name);
        }
    }
}
