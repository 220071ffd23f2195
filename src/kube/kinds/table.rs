//! The kinds, one literal each. Their order is the order of output.

use super::{CustomKind, Keeping, Naming, Part, Pods, Row};
use crate::kube::needs::Thing;
use std::sync::Arc;

/// Makes [`Kind`] and [`KINDS`] of the literals.
macro_rules! kinds {
    ($($kind:ident = $row:expr),* $(,)?) => {
        /// A kind of object.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $(
                #[doc = concat!("The kind of the row `", stringify!($kind), "`.")]
                $kind,
            )*
            /// A kind that templates of the user's own add, with its CustomResourceDefinition.
            Custom(Arc<CustomKind>),
        }

        /// Every kind but [`Kind::Custom`].
        pub const KINDS: &[Row] = &[$(Row { kind: Kind::$kind, ..$row }),*];
    };
}

/// The name of a built-in template, and its text.
macro_rules! template {
    ($stem:literal) => {
        Some((
            concat!($stem, ".yaml"),
            include_str!(concat!("../../../templates/", $stem, ".yaml")),
        ))
    };
}

const SUBDOMAIN: (usize, &str) = (63, "longer names cannot be values of labels");
const LABEL: (usize, &str) = (63, "it is a DNS label");
// Kubernetes appends `-` and a hash of 8 to 10 characters, and what comes out is a label's value
// or the base of a generated name: kubernetes#64023 for the StatefulSet's revision label,
// pkg/registry/core/pod/strategy.go for the 58 characters of a generated name's base.
const REVISION: (usize, &str) = (52, "the label of its revisions holds 63 characters");
const REPLICA_SET: (usize, &str) = (46, "a pod's name holds 63 characters");
// `MaxDNS952Label` less 11 characters for the minute of a run: pkg/apis/batch/validation.
const RUN: (usize, &str) = (52, "the name of each Job that it makes holds 63 characters");
// Velero copies the name into a label and appends 15 characters for each backup: velero#9162.
const BACKUP: (usize, &str) = (48, "the name of each backup adds 15 characters and is a label");
// `velero.io/restore-name` on everything that it restores; longer ones are cut and hashed.
const RESTORE: (usize, &str) = (63, "it is the value of a label on what it restores");
// `velero.io/storage-location` on every Backup; longer ones are cut and hashed: pkg/label/label.go.
const LOCATION: (usize, &str) = (63, "it is the value of a label on each backup");
// VolSync calls its Job `volsync-src-` or `volsync-dst-` and this: internal/controller/mover/restic.
const MOVER: (usize, &str) = (51, "the name of the Job that copies adds 12 characters");
// KEDA calls its HorizontalPodAutoscaler `keda-hpa-` and this, also in a label: `pkg/scaling` of keda,
// `controllers/keda/hpa.go`.
const SCALED: (usize, &str) = (54, "the name of the autoscaler that KEDA makes adds 9 characters");
// `MaxNameLength` of cloudnative-pg's webhook, as names of Services and Jobs are made from it; a
// backup gets 15 characters more.
const DATABASE: (usize, &str) = (48, "the operator appends to it for Services, Jobs and backups");

/// The content of a workload that makes a generation: its pods. Scaling edits it in place.
const POD_TEMPLATE: &[&str] = &["spec.template"];

/// Each generation of a Deployment owns its pods only.
const GENERATION: &[&[&str]] = &[
    &["metadata", "labels"],
    &["spec", "selector", "matchLabels"],
    &["spec", "template", "metadata", "labels"],
];

/// Annotations of a ServiceAccount by which a cloud gives its pods an identity: Azure Workload
/// Identity, IAM roles for service accounts, Workload Identity of GKE. Each trusts an issuer, and
/// every cluster is another one.
const IDENTITIES: &[&str] = &[
    "azure.workload.identity/client-id",
    "eks.amazonaws.com/role-arn",
    "iam.gke.io/gcp-service-account",
];

/// What a mover of VolSync takes for granted.
const MOVED: &[(&str, Option<Thing>)] = &[
    ("spec.restic.repository", Some(Thing::Secret)),
    ("spec.restic.storageClassName", Some(Thing::StorageClass)),
    ("spec.restic.cacheStorageClassName", Some(Thing::StorageClass)),
    ("spec.restic.volumeSnapshotClassName", Some(Thing::SnapshotClass)),
];

const NO_PODS: Pods = Pods {
    template: None,
    workload: false,
    end: false,
    replicas: None,
    max: None,
    claims: None,
    generation: &[],
};

/// What most kinds share, and what is taken of a kind that nobody here knows.
pub(super) const COMMON: Row = Row {
    // Each row has its own.
    kind: Kind::Namespace,
    name: "",
    api_version: "",
    stem: "",
    operator: None,
    template: None,
    namespaced: true,
    longest_name: SUBDOMAIN,
    naming: Naming::Stable,
    keeping: Keeping::WithWorkload,
    required: &["spec"],
    references: &[],
    needs: &[],
    always: &[],
    identities: &[],
    done: None,
    given: None,
    metadata: None,
    once: &[],
    pods: NO_PODS,
    // After the pods comes what scales, exposes, watches or copies them.
    wave: 0,
    precious: false,
    delivers: false,
    address: false,
};

const VELERO: Row = Row { api_version: "velero.io/v1", operator: Some("Velero"), ..COMMON };

const VOLSYNC: Row = Row {
    api_version: "volsync.backube/v1alpha1",
    operator: Some("VolSync"),
    longest_name: MOVER,
    needs: MOVED,
    ..COMMON
};

const POSTGRESQL: Row = Row {
    api_version: "postgresql.cnpg.io/v1",
    operator: Some("CloudNativePG"),
    longest_name: DATABASE,
    ..COMMON
};

kinds![
    Namespace = Row {
        name: "Namespace",
        api_version: "v1",
        stem: "namespace",
        template: template!("namespace"),
        namespaced: false,
        longest_name: LABEL,
        keeping: Keeping::Never,
        required: &[],
        // With a namespace goes everything in it.
        precious: true,
        wave: -2,
        ..COMMON
    },
    ServiceAccount = Row {
        name: "ServiceAccount",
        api_version: "v1",
        stem: "service-account",
        metadata: Some(Part::ServiceAccount),
        template: template!("service-account"),
        required: &[],
        needs: &[("imagePullSecrets[].name", Some(Thing::Secret))],
        identities: IDENTITIES,
        given: Some("default"),
        wave: -1,
        ..COMMON
    },
    ConfigMap = Row {
        name: "ConfigMap",
        api_version: "v1",
        stem: "config-map",
        template: template!("config-map"),
        naming: Naming::Hashed(&["data", "binaryData"]),
        keeping: Keeping::Generation,
        required: &["immutable"],
        wave: -1,
        ..COMMON
    },
    ResourceQuota = Row {
        name: "ResourceQuota",
        api_version: "v1",
        stem: "resource-quota",
        template: template!("resource-quota"),
        wave: -2,
        ..COMMON
    },
    PriorityClass = Row {
        name: "PriorityClass",
        api_version: "scheduling.k8s.io/v1",
        stem: "priority-class",
        template: template!("priority-class"),
        namespaced: false,
        keeping: Keeping::Never,
        required: &[],
        wave: -2,
        // No pod starts without the class that it names, and those of former generations name it.
        precious: true,
        ..COMMON
    },
    PersistentVolumeClaim = Row {
        name: "PersistentVolumeClaim",
        api_version: "v1",
        stem: "persistent-volume-claim",
        template: template!("persistent-volume-claim"),
        // A class that binds late fills a claim when a pod waits for it: before the pods, Argo CD
        // would wait for it in vain.
        precious: true,
        ..COMMON
    },
    Service = Row {
        name: "Service",
        api_version: "v1",
        stem: "service",
        metadata: Some(Part::Service),
        template: template!("service"),
        longest_name: LABEL,
        address: true,
        ..COMMON
    },
    Deployment = Row {
        name: "Deployment",
        api_version: "apps/v1",
        stem: "deployment",
        metadata: Some(Part::Deployment),
        template: template!("deployment"),
        longest_name: REPLICA_SET,
        naming: Naming::Hashed(POD_TEMPLATE),
        keeping: Keeping::Generation,
        pods: Pods {
            template: Some(&["spec", "template"]),
            workload: true,
            replicas: Some("replicas"),
            generation: GENERATION,
            ..NO_PODS
        },
        ..COMMON
    },
    StatefulSet = Row {
        name: "StatefulSet",
        api_version: "apps/v1",
        stem: "stateful-set",
        metadata: Some(Part::Deployment),
        template: template!("stateful-set"),
        longest_name: REVISION,
        keeping: Keeping::Generation,
        references: &[("spec.serviceName", Kind::Service)],
        needs: &[("spec.volumeClaimTemplates[].spec.storageClassName", Some(Thing::StorageClass),)],
        pods: Pods {
            template: Some(&["spec", "template"]),
            workload: true,
            replicas: Some("replicas"),
            claims: Some("volumeClaimTemplates"),
            ..NO_PODS
        },
        // With it goes what writes to its volumes.
        precious: true,
        ..COMMON
    },
    Job = Row {
        name: "Job",
        api_version: "batch/v1",
        stem: "job",
        template: template!("job"),
        longest_name: LABEL,
        naming: Naming::Hashed(POD_TEMPLATE),
        keeping: Keeping::Never,
        metadata: Some(Part::Job),
        pods: Pods { template: Some(&["spec", "template"]), end: true, ..NO_PODS },
        ..COMMON
    },
    CronJob = Row {
        name: "CronJob",
        api_version: "batch/v1",
        stem: "cron-job",
        template: template!("cron-job"),
        longest_name: RUN,
        keeping: Keeping::Never,
        metadata: Some(Part::Job),
        pods: Pods {
            template: Some(&["spec", "jobTemplate", "spec", "template"]),
            end: true,
            ..NO_PODS
        },
        ..COMMON
    },
    PodDisruptionBudget = Row {
        name: "PodDisruptionBudget",
        api_version: "policy/v1",
        stem: "pod-disruption-budget",
        template: template!("pod-disruption-budget"),
        ..COMMON
    },
    HorizontalPodAutoscaler = Row {
        name: "HorizontalPodAutoscaler",
        api_version: "autoscaling/v2",
        stem: "horizontal-pod-autoscaler",
        template: template!("horizontal-pod-autoscaler"),
        naming: Naming::LikeReferent,
        references: &[("spec.scaleTargetRef.name", Kind::Deployment)],
        // It reads the load from the metrics server.
        always: &[(Thing::Api, "v1beta1.metrics.k8s.io")],
        pods: Pods { replicas: Some("minReplicas"), max: Some("maxReplicas"), ..NO_PODS },
        ..COMMON
    },
    ScaledObject = Row {
        name: "ScaledObject",
        api_version: "keda.sh/v1alpha1",
        operator: Some("KEDA"),
        stem: "scaled-object",
        template: template!("scaled-object"),
        longest_name: SCALED,
        naming: Naming::LikeReferent,
        references: &[("spec.scaleTargetRef.name", Kind::Deployment)],
        pods: Pods { replicas: Some("minReplicaCount"), max: Some("maxReplicaCount"), ..NO_PODS },
        ..COMMON
    },
    NetworkPolicy = Row {
        name: "NetworkPolicy",
        api_version: "networking.k8s.io/v1",
        stem: "network-policy",
        template: template!("network-policy"),
        // Policies add up. Changed in place, one would close the ports and the ways of the former
        // generation before its successor stands.
        naming: Naming::Hashed(&["spec"]),
        keeping: Keeping::Generation,
        wave: -1,
        ..COMMON
    },
    Ingress = Row {
        name: "Ingress",
        api_version: "networking.k8s.io/v1",
        stem: "ingress",
        metadata: Some(Part::Route),
        template: template!("ingress"),
        references: &[("spec.rules[].http.paths[].backend.service.name", Kind::Service)],
        needs: &[
            ("spec.ingressClassName", Some(Thing::IngressClass)),
            ("spec.tls[].secretName", Some(Thing::Certificate)),
        ],
        wave: 1,
        address: true,
        ..COMMON
    },
    Role = Row {
        name: "Role",
        api_version: "rbac.authorization.k8s.io/v1",
        stem: "role",
        required: &[],
        wave: -1,
        ..COMMON
    },
    RoleBinding = Row {
        name: "RoleBinding",
        api_version: "rbac.authorization.k8s.io/v1",
        stem: "role-binding",
        required: &[],
        references: &[("roleRef.name", Kind::Role)],
        wave: -1,
        ..COMMON
    },
    Schedule = Row {
        name: "Schedule",
        stem: "schedule",
        template: template!("schedule"),
        longest_name: BACKUP,
        naming: Naming::Hashed(&["spec"]),
        keeping: Keeping::Generation,
        references: &[("spec.template.resourcePolicy.name", Kind::ConfigMap)],
        ..VELERO
    },
    Restore = Row {
        name: "Restore",
        stem: "restore",
        template: template!("restore"),
        longest_name: RESTORE,
        keeping: Keeping::Never,
        references: &[("spec.resourceModifier.name", Kind::ConfigMap)],
        // It runs once: no engine may ever see one (`object`).
        ..VELERO
    },
    BackupStorageLocation = Row {
        name: "BackupStorageLocation",
        stem: "backup-storage-location",
        template: template!("backup-storage-location"),
        longest_name: LOCATION,
        ..VELERO
    },
    VolumeSnapshotLocation = Row {
        name: "VolumeSnapshotLocation",
        stem: "volume-snapshot-location",
        template: template!("volume-snapshot-location"),
        longest_name: LOCATION,
        ..VELERO
    },
    ReplicationSource = Row {
        name: "ReplicationSource",
        stem: "replication-source",
        template: template!("replication-source"),
        ..VOLSYNC
    },
    ReplicationDestination = Row {
        name: "ReplicationDestination",
        stem: "replication-destination",
        template: template!("replication-destination"),
        // `status.latestImage` of VolSync's `ReplicationDestination`.
        done: Some(("jsonpath={.status.latestImage.kind}=VolumeSnapshot", "holds a copy")),
        ..VOLSYNC
    },
    PostgresqlCluster = Row {
        name: "Cluster",
        stem: "postgresql-cluster",
        template: template!("postgresql-cluster"),
        keeping: Keeping::Generation,
        needs: &[
            ("spec.imageName", None),
            ("spec.imagePullSecrets[].name", Some(Thing::Secret)),
            ("spec.superuserSecret.name", Some(Thing::Secret)),
            ("spec.bootstrap.initdb.secret.name", Some(Thing::Secret)),
            ("spec.bootstrap.recovery.secret.name", Some(Thing::Secret)),
            ("spec.priorityClassName", Some(Thing::PriorityClass)),
            ("spec.storage.storageClass", Some(Thing::StorageClass)),
            ("spec.walStorage.storageClass", Some(Thing::StorageClass)),
            ("spec.plugins[].parameters.barmanObjectName", Some(Thing::Archive)),
            ("spec.externalClusters[].plugin.parameters.barmanObjectName", Some(Thing::Archive),),
        ],
        // `api/v1/cluster_types.go` of cloudnative-pg.
        done: Some(("condition=Ready", "runs")),
        // `docs/src/bootstrap.md`
        once: &["spec", "bootstrap"],
        pods: Pods { claims: Some("storage"), ..NO_PODS },
        // With it go its volumes.
        precious: true,
        ..POSTGRESQL
    },
    ScheduledBackup = Row {
        name: "ScheduledBackup",
        stem: "postgresql-scheduled-backup",
        template: template!("postgresql-scheduled-backup"),
        references: &[("spec.cluster.name", Kind::PostgresqlCluster)],
        ..POSTGRESQL
    },
    HttpRoute = Row {
        name: "HTTPRoute",
        api_version: "gateway.networking.k8s.io/v1",
        operator: Some("a controller of the Gateway API"),
        stem: "http-route",
        metadata: Some(Part::Route),
        template: template!("http-route"),
        references: &[("spec.rules[].backendRefs[].name", Kind::Service)],
        needs: &[("spec.parentRefs[].name", Some(Thing::Gateway))],
        wave: 1,
        address: true,
        ..COMMON
    },
    DnsEndpoint = Row {
        name: "DNSEndpoint",
        api_version: "externaldns.k8s.io/v1alpha1",
        operator: Some("ExternalDNS, with `--source=crd`"),
        stem: "dns-endpoint",
        template: template!("dns-endpoint"),
        wave: 1,
        address: true,
        ..COMMON
    },
    Gslb = Row {
        name: "Gslb",
        api_version: "k8gb.io/v1beta1",
        operator: Some("k8gb"),
        stem: "gslb",
        template: template!("gslb"),
        wave: 1,
        address: true,
        ..COMMON
    },
    PrometheusRule = Row {
        name: "PrometheusRule",
        api_version: "monitoring.coreos.com/v1",
        operator: Some("the Prometheus operator"),
        stem: "prometheus-rule",
        template: template!("prometheus-rule"),
        wave: -1,
        ..COMMON
    },
    PodMonitor = Row {
        name: "PodMonitor",
        api_version: "monitoring.coreos.com/v1",
        operator: Some("the Prometheus operator"),
        stem: "pod-monitor",
        template: template!("pod-monitor"),
        ..COMMON
    },
    MachineHealthCheck = Row {
        name: "MachineHealthCheck",
        api_version: "cluster.x-k8s.io/v1beta2",
        operator: Some("Cluster API"),
        stem: "machine-health-check",
        template: template!("machine-health-check"),
        ..COMMON
    },
    Application = Row {
        name: "Application",
        api_version: "argoproj.io/v1alpha1",
        operator: Some("Argo CD"),
        stem: "application",
        template: template!("application"),
        precious: true,
        // It delivers what services share, which comes before services.
        wave: -1,
        delivers: true,
        ..COMMON
    },
    ApplicationSet = Row {
        name: "ApplicationSet",
        api_version: "argoproj.io/v1alpha1",
        operator: Some("Argo CD"),
        stem: "application-set",
        template: template!("application-set"),
        precious: true,
        delivers: true,
        ..COMMON
    },
    GitRepository = Row {
        name: "GitRepository",
        api_version: "source.toolkit.fluxcd.io/v1",
        operator: Some("Flux"),
        stem: "git-repository",
        template: template!("git-repository"),
        precious: true,
        delivers: true,
        ..COMMON
    },
    Kustomization = Row {
        name: "Kustomization",
        api_version: "kustomize.toolkit.fluxcd.io/v1",
        operator: Some("Flux"),
        stem: "kustomization",
        template: template!("kustomization"),
        precious: true,
        delivers: true,
        ..COMMON
    },
];
