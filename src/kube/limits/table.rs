//! Which field has which form: what the API server holds an object against beside its type.
//!
//! Sources: Kubernetes `pkg/apis/{core,apps,batch,networking,policy,autoscaling,rbac,storage,scheduling,
//! admissionregistration}/validation`, `apimachinery/pkg/apis/meta/v1/validation`; the definitions of
//! Gateway API 1.4, KEDA 2.18, prometheus-operator 0.86, external-dns 0.22 and Velero 1.17.

use super::form::{
    ADDRESS, ANNOTATION, COUNT, DATA_KEY, Form, GO_DURATION, ID, KEY, LABEL, MODE, PART, PORT_NAME,
    PORT_NUMBER, PROMETHEUS_DURATION, RANGE, SOMETHING, SUBDOMAIN, SURGE, VALUE, cron_problem,
    host_problem, image, inner_path_problem, name_problem, nothing, record_problem, variable,
};
use super::{amounts, objects, pod, routes, runtime, service, size};
use crate::kube::time_zone;
use Form::{Amount, Between, Choice, Least, Most, Port, Rule, Text};
use What::{Has, Is, Keys};

/// A path, and what stands there.
pub(super) type Row = (&'static str, What);

/// What stands at a path.
pub(super) enum What {
    /// Something of this form.
    Is(Form),
    /// A map whose keys have this form.
    Keys(Form),
    /// What these rows say.
    Has(&'static [Row]),
}

/// Group and name of kinds that share their rows.
type Kinds = &'static [(&'static str, &'static str)];

pub(super) const METADATA: &[Row] = &[
    ("labels", Keys(KEY)),
    ("labels{}", Is(VALUE)),
    ("annotations", Keys(ANNOTATION)),
    ("annotations", Is(Rule(size::annotations))),
    ("finalizers[]", Is(KEY)),
];

const LABELS: &[Row] = &[("", Keys(KEY)), ("{}", Is(VALUE))];

const SELECTOR: &[Row] = &[
    ("matchLabels", Has(LABELS)),
    ("matchExpressions[].key", Is(KEY)),
    ("matchExpressions[].values[]", Is(VALUE)),
    ("matchExpressions[]", Is(Rule(objects::expression))),
];

const NODE_TERM: &[Row] = &[
    ("matchExpressions[].key", Is(KEY)),
    ("matchExpressions[].values[]", Is(VALUE)),
    ("matchExpressions[]", Is(Rule(objects::node_expression))),
];

const POD_TERM: &[Row] = &[
    ("topologyKey", Is(KEY)),
    ("labelSelector", Has(SELECTOR)),
    ("namespaceSelector", Has(SELECTOR)),
    ("namespaces[]", Is(LABEL)),
];

const POD_AFFINITY: &[Row] = &[
    ("requiredDuringSchedulingIgnoredDuringExecution[]", Has(POD_TERM)),
    ("preferredDuringSchedulingIgnoredDuringExecution[].weight", Is(Between(1, 100))),
    ("preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm", Has(POD_TERM)),
];

const SECURITY: &[Row] = &[
    ("runAsUser", Is(ID)),
    ("runAsGroup", Is(ID)),
    ("fsGroup", Is(ID)),
    ("supplementalGroups[]", Is(ID)),
    ("fsGroupChangePolicy", Is(Choice(&["Always", "OnRootMismatch"]))),
    ("supplementalGroupsPolicy", Is(Choice(&["Merge", "Strict"]))),
    ("seccompProfile.type", Is(Choice(&["Localhost", "RuntimeDefault", "Unconfined"]))),
    ("appArmorProfile.type", Is(Choice(&["Localhost", "RuntimeDefault", "Unconfined"]))),
    ("procMount", Is(Choice(&["Default", "Unmasked"]))),
    ("seccompProfile", Is(Rule(runtime::profile))),
    ("appArmorProfile", Is(Rule(runtime::profile))),
];

const ACTION: &[Row] = &[
    ("httpGet.port", Is(Port)),
    ("httpGet.scheme", Is(Choice(&["HTTP", "HTTPS"]))),
    ("httpGet.httpHeaders[].name", Is(Text(runtime::header_problem, nothing))),
    ("tcpSocket.port", Is(Port)),
    ("exec.command", Is(Least(1))),
];

const PROBE: &[Row] = &[
    ("", Has(ACTION)),
    ("grpc.port", Is(PORT_NUMBER)),
    ("initialDelaySeconds", Is(COUNT)),
    ("periodSeconds", Is(COUNT)),
    ("timeoutSeconds", Is(COUNT)),
    ("successThreshold", Is(COUNT)),
    ("failureThreshold", Is(COUNT)),
    ("terminationGracePeriodSeconds", Is(Between(1, i64::MAX))),
    ("", Is(Rule(pod::probe))),
];

const HANDLER: &[Row] =
    &[("", Has(ACTION)), ("sleep.seconds", Is(COUNT)), ("", Is(Rule(pod::handler)))];

const AMOUNTS: &[Row] = &[("", Keys(KEY)), ("{}", Is(Amount))];

const CONTAINER: &[Row] = &[
    ("name", Is(LABEL)),
    ("image", Is(Rule(image))),
    ("imagePullPolicy", Is(Choice(&["Always", "IfNotPresent", "Never"]))),
    ("restartPolicy", Is(Choice(&["Always", "Never", "OnFailure"]))),
    ("terminationMessagePolicy", Is(Choice(&["FallbackToLogsOnError", "File"]))),
    ("ports[].name", Is(PORT_NAME)),
    ("ports[].containerPort", Is(PORT_NUMBER)),
    ("ports[].hostPort", Is(Between(0, 65535))),
    ("ports[].protocol", Is(Choice(&["SCTP", "TCP", "UDP"]))),
    ("ports[].hostIP", Is(ADDRESS)),
    ("ports", Is(Rule(pod::ports))),
    ("env[].name", Is(Rule(variable))),
    ("env[].valueFrom.configMapKeyRef.key", Is(DATA_KEY)),
    ("env[].valueFrom.secretKeyRef.key", Is(DATA_KEY)),
    ("env[]", Is(Rule(pod::variable))),
    ("envFrom[]", Is(Rule(pod::variables))),
    ("envFrom[].prefix", Is(Rule(runtime::prefix))),
    ("resources.limits", Has(AMOUNTS)),
    ("resources.requests", Has(AMOUNTS)),
    ("resources", Is(Rule(pod::resources))),
    ("resources", Is(Rule(amounts::of_container))),
    ("volumeMounts[].mountPropagation", Is(Choice(&["Bidirectional", "HostToContainer", "None"]))),
    ("volumeMounts[]", Is(Rule(pod::mount))),
    ("livenessProbe", Has(PROBE)),
    ("readinessProbe", Has(PROBE)),
    ("startupProbe", Has(PROBE)),
    ("lifecycle.postStart", Has(HANDLER)),
    ("lifecycle.preStop", Has(HANDLER)),
    ("securityContext", Has(SECURITY)),
    ("securityContext", Is(Rule(pod::privileges))),
];

const ITEMS: &[Row] = &[
    ("items[].key", Is(DATA_KEY)),
    ("items[].path", Is(Text(inner_path_problem, nothing))),
    ("items[].mode", Is(MODE)),
    ("defaultMode", Is(MODE)),
];

const DOWNWARD: &[Row] = &[
    ("items[]", Is(Rule(runtime::item))),
    ("items[].path", Is(Text(inner_path_problem, nothing))),
    ("items[].mode", Is(MODE)),
    ("defaultMode", Is(MODE)),
];

const VOLUME: &[Row] = &[
    ("name", Is(LABEL)),
    ("configMap", Has(ITEMS)),
    ("secret", Has(ITEMS)),
    ("downwardAPI", Has(DOWNWARD)),
    ("projected.defaultMode", Is(MODE)),
    ("projected.sources[].configMap", Has(ITEMS)),
    ("projected.sources[].secret", Has(ITEMS)),
    ("projected.sources[].downwardAPI", Has(DOWNWARD)),
    ("projected.sources[].serviceAccountToken.expirationSeconds", Is(Between(600, 1 << 32))),
    ("emptyDir.medium", Is(Rule(pod::medium))),
    ("emptyDir.sizeLimit", Is(Amount)),
    (
        "hostPath.type",
        Is(Choice(&[
            "",
            "BlockDevice",
            "CharDevice",
            "Directory",
            "DirectoryOrCreate",
            "File",
            "FileOrCreate",
            "Socket",
        ])),
    ),
    ("persistentVolumeClaim.claimName", Is(SOMETHING)),
    ("ephemeral.volumeClaimTemplate.spec", Has(CLAIM)),
    ("", Is(Rule(pod::volume))),
];

/// Below the `spec` of a pod.
pub(super) const POD: &[Row] = &[
    ("containers", Is(Least(1))),
    ("containers[]", Has(CONTAINER)),
    ("initContainers[]", Has(CONTAINER)),
    ("volumes[]", Has(VOLUME)),
    ("restartPolicy", Is(Choice(&["Always", "Never", "OnFailure"]))),
    ("dnsPolicy", Is(Choice(&["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]))),
    ("dnsConfig.nameservers", Is(Most(3))),
    ("dnsConfig.nameservers[]", Is(ADDRESS)),
    ("dnsConfig.searches", Is(Most(32))),
    ("dnsConfig.searches[]", Is(Text(search_problem, nothing))),
    ("hostAliases[].ip", Is(ADDRESS)),
    ("hostAliases[].hostnames[]", Is(SUBDOMAIN)),
    ("hostname", Is(Form::Maybe(crate::kube::id::label_problem, nothing))),
    ("subdomain", Is(Form::Maybe(crate::kube::id::label_problem, nothing))),
    ("nodeSelector", Has(LABELS)),
    ("serviceAccountName", Is(SUBDOMAIN)),
    ("priorityClassName", Is(SUBDOMAIN)),
    ("runtimeClassName", Is(SUBDOMAIN)),
    ("schedulerName", Is(SUBDOMAIN)),
    ("terminationGracePeriodSeconds", Is(COUNT)),
    ("activeDeadlineSeconds", Is(Between(1, i32::MAX as i64))),
    ("preemptionPolicy", Is(Choice(&["Never", "PreemptLowerPriority"]))),
    ("os.name", Is(Choice(&["linux", "windows"]))),
    ("overhead", Has(AMOUNTS)),
    ("readinessGates[].conditionType", Is(KEY)),
    ("schedulingGates[].name", Is(KEY)),
    ("tolerations[].operator", Is(Choice(&["", "Equal", "Exists", "Gt", "Lt"]))),
    ("tolerations[].effect", Is(Choice(&["", "NoExecute", "NoSchedule", "PreferNoSchedule"]))),
    ("tolerations[].key", Is(Form::Maybe(crate::kube::id::qualified_problem, nothing))),
    ("tolerations[]", Is(Rule(pod::toleration))),
    ("topologySpreadConstraints[].topologyKey", Is(KEY)),
    ("topologySpreadConstraints[].maxSkew", Is(Between(1, i64::MAX))),
    ("topologySpreadConstraints[].minDomains", Is(Between(1, i64::MAX))),
    (
        "topologySpreadConstraints[].whenUnsatisfiable",
        Is(Choice(&["DoNotSchedule", "ScheduleAnyway"])),
    ),
    ("topologySpreadConstraints[].nodeAffinityPolicy", Is(Choice(&["Honor", "Ignore"]))),
    ("topologySpreadConstraints[].nodeTaintsPolicy", Is(Choice(&["Honor", "Ignore"]))),
    ("topologySpreadConstraints[].labelSelector", Has(SELECTOR)),
    ("topologySpreadConstraints[]", Is(Rule(pod::spread))),
    (
        "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms",
        Is(Least(1)),
    ),
    (
        "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[]",
        Has(NODE_TERM),
    ),
    (
        "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[].weight",
        Is(Between(1, 100)),
    ),
    (
        "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[].preference",
        Has(NODE_TERM),
    ),
    ("affinity.podAffinity", Has(POD_AFFINITY)),
    ("affinity.podAntiAffinity", Has(POD_AFFINITY)),
    ("securityContext", Has(SECURITY)),
];

/// A domain to look names up in: a subdomain, perhaps with a dot at its end.
fn search_problem(text: &str) -> Option<String> {
    crate::kube::id::subdomain_problem(text.strip_suffix('.').unwrap_or(text))
}

const CLAIM: &[Row] = &[
    ("accessModes", Is(Least(1))),
    (
        "accessModes[]",
        Is(Choice(&["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"])),
    ),
    ("volumeMode", Is(Choice(&["Block", "Filesystem"]))),
    ("storageClassName", Is(SUBDOMAIN)),
    ("resources.requests", Has(AMOUNTS)),
    ("selector", Has(SELECTOR)),
    ("", Is(Rule(objects::claim))),
];

const JOB: &[Row] = &[
    ("parallelism", Is(COUNT)),
    ("completions", Is(COUNT)),
    ("backoffLimit", Is(COUNT)),
    ("backoffLimitPerIndex", Is(COUNT)),
    ("activeDeadlineSeconds", Is(COUNT)),
    ("ttlSecondsAfterFinished", Is(COUNT)),
    ("completionMode", Is(Choice(&["Indexed", "NonIndexed"]))),
    ("podReplacementPolicy", Is(Choice(&["Failed", "TerminatingOrFailed"]))),
    ("template.metadata", Has(METADATA)),
    ("", Is(Rule(objects::job))),
];

/// What Deployments, `StatefulSets` and `DaemonSets` share.
const WORKLOAD: &[Row] = &[
    ("spec.replicas", Is(COUNT)),
    ("spec.minReadySeconds", Is(COUNT)),
    ("spec.revisionHistoryLimit", Is(COUNT)),
    ("spec.progressDeadlineSeconds", Is(COUNT)),
    ("spec.selector", Has(SELECTOR)),
    ("spec.template.metadata", Has(METADATA)),
    ("spec.strategy.type", Is(Choice(&["Recreate", "RollingUpdate"]))),
    ("spec.strategy.rollingUpdate.maxSurge", Is(SURGE)),
    ("spec.strategy.rollingUpdate.maxUnavailable", Is(PART)),
    ("spec.updateStrategy.type", Is(Choice(&["OnDelete", "RollingUpdate"]))),
    ("spec.updateStrategy.rollingUpdate.maxSurge", Is(SURGE)),
    ("spec.updateStrategy.rollingUpdate.maxUnavailable", Is(PART)),
    ("spec.updateStrategy.rollingUpdate.partition", Is(COUNT)),
    ("spec.podManagementPolicy", Is(Choice(&["OrderedReady", "Parallel"]))),
    ("spec.serviceName", Is(SUBDOMAIN)),
    ("spec.persistentVolumeClaimRetentionPolicy.whenDeleted", Is(Choice(&["Delete", "Retain"]))),
    ("spec.persistentVolumeClaimRetentionPolicy.whenScaled", Is(Choice(&["Delete", "Retain"]))),
    ("spec.volumeClaimTemplates[].metadata.name", Is(LABEL)),
    ("spec.volumeClaimTemplates[].spec", Has(CLAIM)),
    ("spec", Is(Rule(objects::workload))),
];

const SERVICE: &[Row] = &[
    ("metadata.name", Is(Rule(objects::service_name))),
    ("spec.type", Is(Choice(&["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]))),
    ("spec.ports[].name", Is(Form::Maybe(crate::kube::id::label_problem, nothing))),
    ("spec.ports[].port", Is(PORT_NUMBER)),
    ("spec.ports[].targetPort", Is(Port)),
    ("spec.ports[].nodePort", Is(Between(0, 65535))),
    ("spec.ports[].protocol", Is(Choice(&["SCTP", "TCP", "UDP"]))),
    ("spec.ports[].appProtocol", Is(KEY)),
    ("spec.selector", Has(LABELS)),
    ("spec.externalName", Is(Form::Maybe(name_problem, nothing))),
    ("spec.externalIPs[]", Is(ADDRESS)),
    ("spec.externalIPs[]", Is(Rule(service::outside))),
    ("spec.loadBalancerIP", Is(ADDRESS)),
    ("spec.loadBalancerSourceRanges[]", Is(RANGE)),
    ("spec.sessionAffinity", Is(Choice(&["ClientIP", "None"]))),
    ("spec.sessionAffinityConfig.clientIP.timeoutSeconds", Is(Between(1, 86400))),
    ("spec.externalTrafficPolicy", Is(Choice(&["Cluster", "Local"]))),
    ("spec.internalTrafficPolicy", Is(Choice(&["Cluster", "Local"]))),
    ("spec.ipFamilies[]", Is(Choice(&["IPv4", "IPv6"]))),
    ("spec.ipFamilies", Is(Rule(service::families))),
    ("spec.trafficDistribution", Is(Choice(&["PreferClose", "PreferSameNode", "PreferSameZone"]))),
    ("spec.ipFamilyPolicy", Is(Choice(&["PreferDualStack", "RequireDualStack", "SingleStack"]))),
    ("spec", Is(Rule(objects::service))),
    ("spec", Is(Rule(service::balanced))),
];

const INGRESS: &[Row] = &[
    ("spec.ingressClassName", Is(SUBDOMAIN)),
    ("spec.rules[].host", Is(Form::Maybe(host_problem, nothing))),
    ("spec.tls[].hosts[]", Is(Text(host_problem, nothing))),
    (
        "spec.rules[].http.paths[].pathType",
        Is(Choice(&["Exact", "ImplementationSpecific", "Prefix"])),
    ),
    ("spec.rules[].http.paths[]", Is(Rule(routes::ingress_path))),
    ("spec.rules[].http.paths[].backend", Is(Rule(routes::backend))),
    ("spec.defaultBackend", Is(Rule(routes::backend))),
    ("spec", Is(Rule(routes::ingress))),
];

const PEER: &[Row] = &[
    ("podSelector", Has(SELECTOR)),
    ("namespaceSelector", Has(SELECTOR)),
    ("ipBlock", Is(Rule(routes::block))),
    ("", Is(Rule(routes::peer))),
];

const POLICY: &[Row] = &[
    ("spec.podSelector", Has(SELECTOR)),
    ("spec.policyTypes[]", Is(Choice(&["Egress", "Ingress"]))),
    ("spec.ingress[].from[]", Has(PEER)),
    ("spec.ingress[].ports[]", Is(Rule(routes::policy_port))),
    ("spec.egress[].to[]", Has(PEER)),
    ("spec.egress[].ports[]", Is(Rule(routes::policy_port))),
];

const SCALING: &[Row] = &[
    ("stabilizationWindowSeconds", Is(Between(0, 3600))),
    ("selectPolicy", Is(Choice(&["Disabled", "Max", "Min"]))),
    ("policies[].type", Is(Choice(&["Percent", "Pods"]))),
    ("policies[].value", Is(Between(1, i64::MAX))),
    ("policies[].periodSeconds", Is(Between(1, 1800))),
];

const AUTOSCALER: &[Row] = &[
    ("spec.minReplicas", Is(COUNT)),
    ("spec.maxReplicas", Is(Between(1, i64::MAX))),
    ("spec.scaleTargetRef.kind", Is(SOMETHING)),
    ("spec.scaleTargetRef.name", Is(SOMETHING)),
    ("spec.metrics[]", Is(Rule(objects::metric))),
    ("spec.behavior.scaleUp", Has(SCALING)),
    ("spec.behavior.scaleDown", Has(SCALING)),
    ("spec", Is(Rule(objects::autoscaler))),
];

const ROUTE: &[Row] = &[
    ("spec.parentRefs", Is(Most(32))),
    ("spec.hostnames", Is(Most(16))),
    ("spec.hostnames[]", Is(Text(host_problem, nothing))),
    ("spec.rules", Is(Least(1))),
    ("spec.rules", Is(Most(16))),
    ("spec.rules[].matches", Is(Most(64))),
    ("spec.rules[].matches[].headers", Is(Most(16))),
    ("spec.rules[].matches[].queryParams", Is(Most(16))),
    ("spec.rules[].matches[].path", Is(Rule(routes::path))),
    ("spec.rules[].filters", Is(Most(16))),
    ("spec.rules[].backendRefs", Is(Most(16))),
    ("spec.rules[].backendRefs[].port", Is(PORT_NUMBER)),
    ("spec.rules[].backendRefs[].weight", Is(Between(0, 1_000_000))),
    ("spec.rules", Is(Rule(routes::matches))),
];

const ENDPOINT: &[Row] = &[
    ("interval", Is(PROMETHEUS_DURATION)),
    ("scrapeTimeout", Is(PROMETHEUS_DURATION)),
    ("targetPort", Is(Port)),
    ("portNumber", Is(PORT_NUMBER)),
];

const RBAC: &str = "rbac.authorization.k8s.io";
const WEBHOOKS: &[Row] = &[
    ("webhooks[].name", Is(Text(webhook_problem, nothing))),
    ("webhooks[].failurePolicy", Is(Choice(&["Fail", "Ignore"]))),
    ("webhooks[].matchPolicy", Is(Choice(&["Equivalent", "Exact"]))),
    ("webhooks[].sideEffects", Is(Choice(&["None", "NoneOnDryRun"]))),
    ("webhooks[].reinvocationPolicy", Is(Choice(&["IfNeeded", "Never"]))),
    ("webhooks[].timeoutSeconds", Is(Between(1, 30))),
    ("webhooks[].namespaceSelector", Has(SELECTOR)),
    ("webhooks[].objectSelector", Has(SELECTOR)),
];

/// A domain name of at least three labels (Kubernetes `IsFullyQualifiedName`).
fn webhook_problem(text: &str) -> Option<String> {
    let few = text.split('.').count() < 3;
    crate::kube::id::subdomain_problem(text)
        .or_else(|| few.then(|| "it has fewer than three parts, with dots between".to_owned()))
}

/// The rows of each kind.
pub(super) const KINDS: &[(Kinds, &[Row])] = &[
    (&[("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "DaemonSet")], WORKLOAD),
    (&[("apps", "StatefulSet")], &[("spec.updateStrategy", Is(Rule(objects::by_hand)))]),
    (
        &[("apps", "DaemonSet")],
        &[("spec.updateStrategy.rollingUpdate", Is(Rule(objects::rolling)))],
    ),
    (&[("batch", "Job")], &[("spec", Has(JOB))]),
    (
        &[("batch", "CronJob")],
        &[
            ("spec.schedule", Is(Text(cron_problem, nothing))),
            ("spec.timeZone", Is(Text(time_zone::problem, |text| Some(time_zone::instead(text))))),
            ("spec.concurrencyPolicy", Is(Choice(&["Allow", "Forbid", "Replace"]))),
            ("spec.startingDeadlineSeconds", Is(COUNT)),
            ("spec.successfulJobsHistoryLimit", Is(COUNT)),
            ("spec.failedJobsHistoryLimit", Is(COUNT)),
            ("spec.jobTemplate.metadata", Has(METADATA)),
            ("spec.jobTemplate.spec", Has(JOB)),
        ],
    ),
    (&[("", "Service")], SERVICE),
    (&[("", "Namespace")], &[("metadata.name", Is(LABEL))]),
    (
        &[("", "ConfigMap"), ("", "Secret")],
        &[
            ("data", Keys(DATA_KEY)),
            ("binaryData", Keys(DATA_KEY)),
            ("stringData", Keys(DATA_KEY)),
            ("", Is(Rule(objects::data))),
        ],
    ),
    (&[("", "PersistentVolumeClaim")], &[("spec", Has(CLAIM))]),
    (
        &[("", "ResourceQuota")],
        &[("spec.hard", Has(AMOUNTS)), ("spec.hard", Is(Rule(amounts::quota)))],
    ),
    (
        &[("", "LimitRange")],
        &[
            ("spec.limits[].max", Has(AMOUNTS)),
            ("spec.limits[].min", Has(AMOUNTS)),
            ("spec.limits[].default", Has(AMOUNTS)),
            ("spec.limits[].defaultRequest", Has(AMOUNTS)),
            ("spec.limits[]", Is(Rule(amounts::bounds))),
        ],
    ),
    (&[("networking.k8s.io", "Ingress")], INGRESS),
    (&[("networking.k8s.io", "NetworkPolicy")], POLICY),
    (
        &[("policy", "PodDisruptionBudget")],
        &[
            ("spec.selector", Has(SELECTOR)),
            ("spec.minAvailable", Is(PART)),
            ("spec.maxUnavailable", Is(PART)),
            ("spec.unhealthyPodEvictionPolicy", Is(Choice(&["AlwaysAllow", "IfHealthyBudget"]))),
            ("spec", Is(Rule(objects::budget))),
        ],
    ),
    (&[("autoscaling", "HorizontalPodAutoscaler")], AUTOSCALER),
    (&[(RBAC, "Role"), (RBAC, "ClusterRole")], &[("rules[]", Is(Rule(objects::rule)))]),
    (&[(RBAC, "Role")], &[("rules[].nonResourceURLs", Is(Rule(objects::of_cluster)))]),
    (&[(RBAC, "ClusterRoleBinding")], &[("roleRef.kind", Is(Rule(objects::whole)))]),
    (
        &[(RBAC, "RoleBinding"), (RBAC, "ClusterRoleBinding")],
        &[
            ("roleRef.kind", Is(Choice(&["ClusterRole", "Role"]))),
            ("roleRef.name", Is(SOMETHING)),
            ("roleRef.apiGroup", Is(Choice(&[RBAC]))),
            ("subjects[]", Is(Rule(objects::subject))),
        ],
    ),
    (
        &[("scheduling.k8s.io", "PriorityClass")],
        &[
            ("value", Is(Between(i32::MIN as i64, 1_000_000_000))),
            ("preemptionPolicy", Is(Choice(&["Never", "PreemptLowerPriority"]))),
        ],
    ),
    (
        &[("storage.k8s.io", "StorageClass")],
        &[
            ("reclaimPolicy", Is(Choice(&["Delete", "Retain"]))),
            ("volumeBindingMode", Is(Choice(&["Immediate", "WaitForFirstConsumer"]))),
        ],
    ),
    (
        &[("apiextensions.k8s.io", "CustomResourceDefinition")],
        &[("", Is(Rule(objects::definition)))],
    ),
    (
        &[
            ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
            ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ],
        WEBHOOKS,
    ),
    (
        &[("gateway.networking.k8s.io", "HTTPRoute"), ("gateway.networking.k8s.io", "GRPCRoute")],
        ROUTE,
    ),
    (
        &[("keda.sh", "ScaledObject")],
        &[
            ("spec.minReplicaCount", Is(COUNT)),
            ("spec.maxReplicaCount", Is(Between(1, i64::MAX))),
            ("spec.pollingInterval", Is(Between(1, i64::MAX))),
            ("spec.cooldownPeriod", Is(COUNT)),
            ("spec.triggers", Is(Least(1))),
            ("spec", Is(Rule(objects::scaled))),
        ],
    ),
    (
        &[("monitoring.coreos.com", "PodMonitor")],
        &[("spec.podMetricsEndpoints[]", Has(ENDPOINT)), ("spec.selector", Has(SELECTOR))],
    ),
    (
        &[("monitoring.coreos.com", "ServiceMonitor")],
        &[("spec.endpoints[]", Has(ENDPOINT)), ("spec.selector", Has(SELECTOR))],
    ),
    (
        &[("monitoring.coreos.com", "PrometheusRule")],
        &[
            ("spec.groups[].interval", Is(PROMETHEUS_DURATION)),
            ("spec.groups[].rules[].for", Is(PROMETHEUS_DURATION)),
            ("spec.groups[].rules[].expr", Is(SOMETHING)),
            ("spec.groups[].rules[]", Is(Rule(objects::alert))),
            ("spec.groups", Is(Rule(objects::groups))),
        ],
    ),
    (
        &[("velero.io", "Schedule")],
        &[
            ("spec.schedule", Is(Text(cron_of_velero, nothing))),
            ("spec.template.ttl", Is(GO_DURATION)),
        ],
    ),
    (
        &[("externaldns.k8s.io", "DNSEndpoint")],
        &[
            ("spec.endpoints[].dnsName", Is(Text(record_problem, nothing))),
            ("spec.endpoints[].recordTTL", Is(Between(0, i32::MAX as i64))),
            ("spec.endpoints[]", Is(Rule(routes::record))),
        ],
    ),
];

/// Velero reads what robfig/cron's standard parser does, a time zone among it.
fn cron_of_velero(text: &str) -> Option<String> {
    let plain = text.strip_prefix("CRON_TZ=").or(text.strip_prefix("TZ="));
    cron_problem(plain.and_then(|rest| rest.split_once(' ')).map_or(text, |(_, rest)| rest))
}
