//! The keys that other tools have for a fleet.

use super::Ours::{self, Field};

/// The keys of the fleet.
pub(super) const FLEET: &[(&[&str], Ours)] = &[
    (
        &["env", "stage"],
        Field("write `environment = \"staging\"` in `[regions.…]`; specs say the rest"),
    ),
    (&["clusters", "locations"], Field("write `[regions.…]`, one for each cluster")),
    (
        &["k8sversion", "kubernetesversion", "clusterversion", "version"],
        Field("write `kubernetes = \"1.34\"`"),
    ),
    (
        &["cloud", "cloudprovider", "platform"],
        Field("write `provider`: azure, aws, google or other"),
    ),
    (
        &["nodepools", "nodegroups", "nodepool"],
        Field(
            "write `pools = [{ name = \"gpu\", nodes = 2, cpu = \"60\", memory = \"240Gi\", labels = { pool = \"gpu\" }, taints = [\"gpu:NoSchedule\"] }]`; and `zones` for the nodes that every service may use",
        ),
    ),
    (
        &["availabilityzones", "azs", "nodes"],
        Field("write `zones = [{ name = \"…\", nodes = 3, cpu = \"24\", memory = \"96Gi\" }]`"),
    ),
    (
        &["storageclasses", "storageclass", "volumes"],
        Field(
            "write `storage = [{ name = \"…\", topology = \"zone\", binding = \"wait-for-first-consumer\" }]`",
        ),
    ),
    (
        &["velero", "backups", "backuplocations", "backupstoragelocation"],
        Field("write `[regions.….backup]` with `locations`"),
    ),
    (
        &["ingress", "ingressclass", "ingressclassname", "gatewayclass", "loadbalancer"],
        Field(
            "write `entry = { gateway = \"…\" }`, or `entry = { class = \"…\" }` for an IngressClass",
        ),
    ),
    (&["jurisdiction", "country", "continent"], Field("write `geography`")),
    (&["gitops", "engine", "argocd", "flux"], Field("write `delivery`: argo-cd, flux or kubectl")),
];
