//! The lists of objects, and the fields that tell their items apart.

use super::{ANY, Absent, Order, POD, Part, RULE, Row};

pub(super) const fn must(path: &'static str) -> Part<'static> {
    Part { path, absent: Absent::Unkeyed, name: false }
}

pub(super) const fn may(path: &'static str) -> Part<'static> {
    Part { path, absent: Absent::Skipped, name: false }
}

const fn named(path: &'static str) -> Part<'static> {
    Part { path, absent: Absent::Skipped, name: true }
}

pub(super) const fn or(path: &'static str, value: &'static str) -> Part<'static> {
    Part { path, absent: Absent::Means(value), name: false }
}

const fn ours(within: &'static str, path: &'static str, key: &'static [Part<'static>]) -> Row {
    Row { within, path, key, order: Order::Free }
}

/// A list whose key the API has.
const fn keyed(within: &'static str, path: &'static str) -> Row {
    ours(within, path, &[])
}

const fn ordered(row: Row, order: Order) -> Row {
    Row { order, ..row }
}

const NAME: &[Part<'static>] = &[must("name")];
const TYPE: &[Part<'static>] = &[must("type")];
const EXPRESSION: &[Part<'static>] = &[must("key"), must("operator")];
const PARENT: &[Part<'static>] = &[
    or("group", "gateway.networking.k8s.io"),
    or("kind", "Gateway"),
    may("namespace"),
    must("name"),
    may("sectionName"),
    may("port"),
];
const METRIC: &[Part<'static>] = &[
    must("type"),
    may("resource.name"),
    may("containerResource.name"),
    may("containerResource.container"),
    may("pods.metric.name"),
    may("object.metric.name"),
    may("object.describedObject.name"),
    may("external.metric.name"),
];
const SOURCE: &[Part<'static>] = &[
    named("configMap.name"),
    named("secret.name"),
    may("serviceAccountToken.path"),
    may("clusterTrustBundle.path"),
];

/// What a part of a key of the API is when it is not written; all others must be.
pub(super) const DEFAULTS: &[(&str, &str)] = &[("protocol", "TCP")];

/// Every row.
pub const ROWS: &[Row] = &[
    ours(ANY, "metadata.finalizers", &[]),
    ours(ANY, "metadata.ownerReferences", &[must("uid")]),
    ours(ANY, "status.conditions", TYPE),
    ours(ANY, "matchExpressions", EXPRESSION),
    ours(ANY, "matchFields", EXPRESSION),
    ours(ANY, "matchExpressions[].values", &[]),
    ours(ANY, "matchFields[].values", &[]),
    // They run one after the other.
    ordered(keyed(POD, "initContainers"), Order::Matters),
    ours(POD, "hostAliases[].hostnames", &[]),
    ours(POD, "topologySpreadConstraints[].matchLabelKeys", &[]),
    ours(POD, "tolerations", &[may("key"), or("operator", "Equal"), may("value"), may("effect")]),
    ours(POD, "readinessGates", &[must("conditionType")]),
    ours(POD, "securityContext.sysctls", NAME),
    ours(POD, "securityContext.supplementalGroups", &[]),
    ordered(keyed(POD, "containers[].env"), Order::Variables),
    // Of two sources that define a variable, the last one wins.
    ordered(
        ours(
            POD,
            "containers[].envFrom",
            &[named("configMapRef.name"), named("secretRef.name"), may("prefix")],
        ),
        Order::Matters,
    ),
    ours(POD, "containers[].securityContext.capabilities.add", &[]),
    ours(POD, "containers[].securityContext.capabilities.drop", &[]),
    ours(POD, "volumes[].configMap.items", &[must("key"), must("path")]),
    ours(POD, "volumes[].secret.items", &[must("key"), must("path")]),
    ours(POD, "volumes[].downwardAPI.items", &[must("path")]),
    ours(POD, "volumes[].projected.sources", SOURCE),
    ours(POD, "volumes[].projected.sources[].configMap.items", &[must("key"), must("path")]),
    ours(POD, "volumes[].projected.sources[].secret.items", &[must("key"), must("path")]),
    ours(POD, "volumes[].projected.sources[].downwardAPI.items", &[must("path")]),
    ours(ANY, "requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms", &[]),
    ours(ANY, "requiredDuringSchedulingIgnoredDuringExecution", &[]),
    ours(ANY, "preferredDuringSchedulingIgnoredDuringExecution", &[]),
    ours(ANY, "spec.accessModes", &[]),
    // An update that reorders them is refused: all of the spec but a few fields is immutable.
    ordered(
        ours("StatefulSet", "spec.volumeClaimTemplates", &[must("metadata.name")]),
        Order::Matters,
    ),
    ordered(keyed("Service", "spec.ports"), Order::First),
    ours("Service", "spec.loadBalancerSourceRanges", &[]),
    ours("Service", "spec.externalIPs", &[]),
    ours("ServiceAccount", "imagePullSecrets", NAME),
    ours("HorizontalPodAutoscaler", "spec.metrics", METRIC),
    ours(ANY, "behavior.scaleUp.policies", TYPE),
    ours(ANY, "behavior.scaleDown.policies", TYPE),
    ours("Ingress", "spec.rules", &[or("host", "")]),
    ours("Ingress", "spec.rules[].http.paths", &[or("path", ""), must("pathType")]),
    ours("Ingress", "spec.tls", &[must("secretName")]),
    ours("Ingress", "spec.tls[].hosts", &[]),
    ours("NetworkPolicy", "spec.ingress", &[]),
    ours("NetworkPolicy", "spec.ingress[].from", &[]),
    ours("NetworkPolicy", "spec.ingress[].ports", &[]),
    ours("NetworkPolicy", "spec.egress", &[]),
    ours("NetworkPolicy", "spec.egress[].to", &[]),
    ours("NetworkPolicy", "spec.egress[].ports", &[]),
    ours("NetworkPolicy", "spec.policyTypes", &[]),
    ours(ANY, "ipBlock.except", &[]),
    ours("Role", "rules", &[]),
    ours("ClusterRole", "rules", &[]),
    ours(ANY, "rules[].apiGroups", &[]),
    ours(ANY, "rules[].resources", &[]),
    ours(ANY, "rules[].resourceNames", &[]),
    ours(ANY, "rules[].verbs", &[]),
    ours("RoleBinding", "subjects", &[must("kind"), may("namespace"), must("name")]),
    ours("ClusterRoleBinding", "subjects", &[must("kind"), may("namespace"), must("name")]),
    ours(ANY, "matchConditions", NAME),
    // A variable sees those before it.
    ordered(keyed("ValidatingAdmissionPolicy", "spec.variables"), Order::Matters),
    ordered(keyed("MutatingAdmissionPolicy", "spec.variables"), Order::Matters),
    ours("HTTPRoute", "spec.parentRefs", PARENT),
    ours("HTTPRoute", "spec.hostnames", &[]),
    ours("GRPCRoute", "spec.parentRefs", PARENT),
    ours("GRPCRoute", "spec.hostnames", &[]),
    ours("Gateway", "spec.listeners", NAME),
    ours("PodMonitor", "spec.podMetricsEndpoints", &[must("port"), may("path")]),
    ours("PrometheusRule", "spec.groups", NAME),
    // The rules of a group are evaluated one after the other.
    ordered(ours("PrometheusRule", "spec.groups[].rules", RULE), Order::Matters),
    ours("Schedule", "spec.template.includedNamespaces", &[]),
    ours("Schedule", "spec.template.excludedNamespaces", &[]),
    ours("Schedule", "spec.template.includedResources", &[]),
    ours("Schedule", "spec.template.excludedResources", &[]),
    ours("Schedule", "spec.template.orLabelSelectors", &[]),
    ours("Schedule", "spec.template.volumeSnapshotLocations", &[]),
];
