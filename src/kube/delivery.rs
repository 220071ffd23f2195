//! What the delivery engines are told on each object: in which order to apply it, and what never
//! to delete without a person.

use super::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

/// What delivers the tree to the clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// `kubectl apply`.
    #[default]
    Kubectl,
    /// Argo CD.
    ArgoCd,
    /// Flux.
    Flux,
}

/// The order in which Argo CD applies kinds (`argocd.argoproj.io/sync-wave`): what pods need
/// before the pods, what protects and closes them before them too, what scales or exposes them
/// after them. Flux and `kubectl` need no such annotation: README, "How a change ships".
fn wave(kind: &Kind) -> &'static str {
    match kind {
        Kind::Namespace | Kind::ResourceQuota => "-3",
        Kind::ServiceAccount
        | Kind::ConfigMap
        | Kind::NetworkPolicy
        | Kind::Role
        | Kind::RoleBinding => "-2",
        Kind::Service
        | Kind::PodDisruptionBudget
        | Kind::BackupStorageLocation
        | Kind::VolumeSnapshotLocation
        | Kind::PostgresqlCluster => "-1",
        // A class that binds late fills a claim when a pod waits for it: before the pods, Argo CD
        // would wait for it in vain.
        Kind::Deployment | Kind::StatefulSet | Kind::PersistentVolumeClaim => "0",
        Kind::HorizontalPodAutoscaler | Kind::Job | Kind::CronJob => "1",
        Kind::Ingress
        | Kind::HttpRoute
        | Kind::DnsEndpoint
        | Kind::Gslb
        | Kind::PrometheusRule
        | Kind::MachineHealthCheck
        | Kind::ScheduledBackup
        | Kind::ReplicationSource
        | Kind::ReplicationDestination
        | Kind::Custom(_) => "2",
        // A Restore runs once: no engine may ever see one (`object`).
        Kind::Schedule | Kind::Restore => "3",
    }
}

/// The pods that deliver, where an engine is set up as its own manifests and its Helm chart do it:
/// their namespace, and the label of each. Sources: Argo CD `manifests/install.yaml`, Flux
/// `manifests/install/kustomization.yaml`.
pub fn agents(delivery: Delivery) -> &'static [(&'static str, &'static str)] {
    match delivery {
        Delivery::Kubectl => &[],
        Delivery::ArgoCd => &[
            ("argocd", "app.kubernetes.io/name=argocd-application-controller"),
            ("argocd", "app.kubernetes.io/name=argocd-repo-server"),
        ],
        Delivery::Flux => {
            &[("flux-system", "app=kustomize-controller"), ("flux-system", "app=source-controller")]
        }
    }
}

/// The annotations that `delivery` reads on an object of `kind`.
///
/// Sources: Argo CD `docs/user-guide/{sync-waves,sync-options}.md` (`confirm` since 2.14);
/// Flux `kustomize-controller` `docs/spec/v1/kustomizations.md`.
pub fn annotations(delivery: Delivery, kind: &Kind) -> Vec<(&'static str, &'static str)> {
    // With a namespace goes everything in it, with a StatefulSet what writes to its volumes, and
    // with a Cluster its volumes, too.
    let precious = matches!(
        kind,
        Kind::Namespace | Kind::StatefulSet | Kind::PostgresqlCluster | Kind::PersistentVolumeClaim
    );
    match delivery {
        Delivery::Kubectl => Vec::new(),
        Delivery::ArgoCd => {
            let options = if precious { "Prune=confirm,Delete=confirm" } else { "PruneLast=true" };
            vec![
                ("argocd.argoproj.io/sync-wave", wave(kind)),
                ("argocd.argoproj.io/sync-options", options),
            ]
        }
        Delivery::Flux if precious => vec![("kustomize.toolkit.fluxcd.io/prune", "disabled")],
        Delivery::Flux => Vec::new(),
    }
}
