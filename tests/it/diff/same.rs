//! Manifests that are written otherwise and mean the same: nothing is said of them above info, in either
//! direction. And what looks like them and means something else is told.

use super::effects::{of_manifests, told};
use ninefold::diff::report::Severity;

/// A `Deployment` with these fields of its own, of its pods and of its container.
fn deployment(top: &str, pod: &str, container: &str) -> String {
    let or = |text: &str, otherwise: &str| {
        if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
    };
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec:\n  {}\n  \
         selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    \
         spec:\n      {}\n      containers:\n      - name: app\n        image: web@sha256:9f86d081\n        {}\n",
        or(top, "paused: false"),
        or(pod, "dnsPolicy: ClusterFirst"),
        or(container, "tty: false"),
    )
}

fn object(api_version: &str, kind: &str, rest: &str) -> String {
    format!(
        "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\n{rest}\n"
    )
}

/// An object of a kind with this `spec`, beside a workload that it may be about.
fn beside(api_version: &str, kind: &str, spec: &str) -> String {
    let own = object(api_version, kind, &format!("spec: {{{spec}}}"));
    format!("{}---\n{own}", deployment("", "", ""))
}

/// The worst that is said, and all of it.
fn said(old: &str, new: &str) -> (Option<Severity>, String) {
    let side = |text: &str| [("east/all.yaml".to_owned(), text.to_owned())].into();
    let report = of_manifests(side(old), side(new));
    (report.effects.iter().map(|effect| effect.severity).max(), told(&report))
}

fn assert_same<'c>(
    make: impl Fn(&str) -> String,
    rows: impl IntoIterator<Item = &'c (&'c str, &'c str)>,
) {
    let mut wrong = Vec::new();
    for (one, other) in rows {
        for (old, new) in [(one, other), (other, one)] {
            let (worst, told) = said(&make(old), &make(new));
            if worst.is_some_and(|worst| worst > Severity::Info) {
                wrong.push(format!("`{old}` → `{new}`\n{told}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rows: what is written, what it is written over, and what is said at least.
fn assert_told<'c>(
    make: impl Fn(&str) -> String,
    rows: impl IntoIterator<Item = &'c (&'c str, &'c str, Severity, &'c str)>,
) {
    let mut wrong = Vec::new();
    for (old, new, least, rule) in rows {
        let (_, told) = said(&make(old), &make(new));
        let line = format!("{} {rule} ", least.word());
        if !told.lines().any(|text| text.starts_with(&line)) {
            wrong.push(format!("`{old}` → `{new}` is no {line}:\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_container_says_what_is_meant_anyway() {
    assert_same(
        |container| deployment("", "", container),
        &[
            ("command: []", ""),
            ("env: []", ""),
            ("envFrom: []", ""),
            ("securityContext: {}", ""),
            ("resources: {limits: {}}", ""),
            ("ports: [{containerPort: 80, hostPort: 0}]", "ports: [{containerPort: 80}]"),
            ("env: [{name: A, value: \"\"}]", "env: [{name: A}]"),
            (
                "env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]",
                "env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name, apiVersion: v1}}}]",
            ),
            (
                "livenessProbe: {httpGet: {port: 80, path: /, scheme: HTTP}}",
                "livenessProbe: {httpGet: {port: 80}}",
            ),
            ("securityContext: {runAsNonRoot: false, readOnlyRootFilesystem: false}", ""),
            (
                "securityContext: {capabilities: {drop: [], add: []}}",
                "securityContext: {capabilities: {}}",
            ),
            (
                "resources: {limits: {cpu: 1, memory: 1Gi}}",
                "resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1000m, memory: 1Gi}}",
            ),
            ("stdinOnce: false", ""),
            ("workingDir: \"\"", ""),
        ],
    );
}

#[test]
fn a_pod_says_what_is_meant_anyway() {
    assert_same(
        |pod| deployment("", pod, ""),
        &[
            ("serviceAccountName: default", ""),
            ("hostUsers: true", ""),
            ("nodeSelector: {}", ""),
            ("tolerations: []", ""),
            ("topologySpreadConstraints: []", ""),
            ("preemptionPolicy: PreemptLowerPriority", ""),
            ("priorityClassName: ''", ""),
            ("affinity: {podAntiAffinity: {}}", ""),
            (
                "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}",
                "volumes: []",
            ),
            ("volumes: [{name: a, emptyDir: {medium: ''}}]", "volumes: [{name: a, emptyDir: {}}]"),
            (
                "volumes: [{name: a, hostPath: {path: /x, type: ''}}]",
                "volumes: [{name: a, hostPath: {path: /x}}]",
            ),
            (
                "tolerations: [{key: a, operator: Equal, value: b}]",
                "tolerations: [{key: a, value: b}]",
            ),
        ],
    );
    assert_same(
        |top| deployment(top, "", ""),
        &[
            ("strategy: {}", ""),
            (
                "strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}",
                "",
            ),
            ("minReadySeconds: 0", ""),
        ],
    );
}

const VELERO: &str = "velero.io/v1";

fn schedule(template: &str) -> String {
    object(
        VELERO,
        "Schedule",
        &format!("spec: {{schedule: '@daily', template: {{ttl: 720h, {template}}}}}"),
    )
}

#[test]
fn a_backup_of_everything_has_many_spellings() {
    assert_same(
        schedule,
        &[
            ("includedNamespaces: ['*']", ""),
            ("includedNamespaces: []", "includedNamespaces: ['*']"),
            ("includedResources: ['*']", ""),
            ("includedNamespaceScopedResources: ['*']", ""),
            ("excludedResources: []", ""),
            ("hooks: {resources: []}", "hooks: {}"),
            ("includeClusterResources: null", ""),
            ("includedResources: [pvc]", "includedResources: [persistentvolumeclaims]"),
            ("snapshotMoveData: false", ""),
        ],
    );
    use Severity::{High, Info};
    let shrinks = "backup-scope-shrinks";
    assert_told(
        schedule,
        &[
            ("includedClusterScopedResources: ['*']", "", High, shrinks),
            ("includedClusterScopedResources: [storageclasses]", "", High, shrinks),
            ("", "includeClusterResources: false", High, shrinks),
            ("includeClusterResources: true", "", High, shrinks),
            ("includedNamespaces: ['shop-*']", "includedNamespaces: [shop-a]", High, shrinks),
            ("", "excludedNamespaceScopedResources: ['*']", High, shrinks),
            (
                "includedNamespaces: [shop-a]",
                "includedNamespaces: ['shop-*']",
                Info,
                "promise-tighter",
            ),
            ("includedNamespaces: [a]", "includedNamespaces: [a, b]", Info, "promise-tighter"),
            ("snapshotVolumes: false", "", Info, "promise-tighter"),
            (
                "volumeSnapshotLocations: [a]",
                "volumeSnapshotLocations: [b]",
                High,
                "backup-location-moves",
            ),
        ],
    );
    let hooked = "hooks: {resources: [{name: a, pre: [{exec: {command: [x]}}]}]}";
    assert_told(schedule, &[("", hooked, Info, "backup-changes"), (hooked, "", High, shrinks)]);
    let at = |times: &str| object(VELERO, "Schedule", &format!("spec: {{schedule: '{times}'}}"));
    assert_told(at, &[("0 3 * * *", "0 3 30 2 *", Severity::Critical, "backups-stop")]);
}

#[test]
fn a_policy_says_what_is_meant_anyway() {
    let policy = |spec: &str| beside("networking.k8s.io/v1", "NetworkPolicy", spec);
    assert_same(
        policy,
        &[
            ("podSelector: {}, ingress: [{from: [], ports: []}]", "podSelector: {}, ingress: [{}]"),
            ("ingress: [{}], policyTypes: [Ingress]", "podSelector: {}, ingress: [{}]"),
            ("podSelector: {}, egress: [], ingress: []", "podSelector: {}"),
        ],
    );
    assert_told(
        policy,
        &[(
            "podSelector: {}",
            "podSelector: {}, policyTypes: [Ingress, Egress]",
            Severity::High,
            "network-path-closed",
        )],
    );
}

#[test]
fn a_service_says_what_is_meant_anyway() {
    let service = |spec: &str| beside("v1", "Service", &format!("selector: {{app: web}}, {spec}"));
    assert_same(
        service,
        &[
            ("ports: [{port: 80, targetPort: 80}]", "ports: [{port: 80}]"),
            ("ipFamilyPolicy: SingleStack, ports: [{port: 80}]", "ports: [{port: 80}]"),
            ("clusterIP: '', ports: [{port: 80}]", "ports: [{port: 80}]"),
            (
                "type: LoadBalancer, loadBalancerSourceRanges: [0.0.0.0/0], ports: [{port: 80}]",
                "type: LoadBalancer, ports: [{port: 80, nodePort: 0}]",
            ),
        ],
    );
    use Severity::High;
    assert_told(
        service,
        &[
            (
                "type: LoadBalancer, loadBalancerIP: 192.0.2.1, ports: [{port: 80}]",
                "type: LoadBalancer, ports: [{port: 80}]",
                High,
                "port-changes",
            ),
            (
                "type: LoadBalancer, loadBalancerClass: a, ports: [{port: 80}]",
                "type: LoadBalancer, loadBalancerClass: b, ports: [{port: 80}]",
                High,
                "port-changes",
            ),
        ],
    );
    let inside = |annotations: &str| {
        object("v1", "Service", "spec: {type: LoadBalancer, ports: [{port: 80}]}")
            .replace("namespace: shop", &format!("namespace: shop, annotations: {{{annotations}}}"))
    };
    let internal = "service.beta.kubernetes.io/azure-load-balancer-internal: 'true'";
    assert_told(
        inside,
        &[(internal, "", High, "port-changes"), ("", internal, High, "port-changes")],
    );
}

/// Nobody here knows the labels of pods that are not in the tree.
#[test]
fn another_selector_without_pods_in_the_tree_says_what_is_known() {
    let alone = |selector: &str| {
        object(
            "v1",
            "Service",
            &format!("spec: {{selector: {{{selector}}}, ports: [{{port: 80}}]}}"),
        )
    };
    use Severity::{Low, Medium};
    assert_told(
        alone,
        &[
            ("app: a", "app: b", Medium, "port-changes"),
            ("app: a", "app: a, track: stable", Medium, "port-changes"),
            ("app: a, track: stable", "app: a", Low, "port-changes"),
        ],
    );
}

/// The labels of pods change, and the Service that selects them belongs to somebody else.
#[test]
fn a_service_of_another_owner_selects_no_pod_any_more() {
    let owned = |text: String, owner: &str| {
        text.replacen(
            "namespace: shop",
            &format!("namespace: shop, labels: {{app.kubernetes.io/name: {owner}}}"),
            1,
        )
    };
    let service = object("v1", "Service", "spec: {selector: {app: web}, ports: [{port: 80}]}");
    let tree = |app: &str| {
        let pods = deployment("", "", "").replace("app: web", &format!("app: {app}"));
        format!("{}---\n{}", owned(pods, "a"), owned(service.clone(), "b"))
    };
    assert_told(tree, &[("web", "wob", Severity::Critical, "selects-nothing")]);
}

#[test]
fn rights_that_are_fewer_are_told() {
    let role = |verbs: &str| {
        object(
            "rbac.authorization.k8s.io/v1",
            "Role",
            &format!("rules: [{{apiGroups: [''], resources: [pods], verbs: {verbs}}}]"),
        )
    };
    assert_same(role, &[("['*']", "['*', get]"), ("[get, list]", "[list, get, list]")]);
    assert_told(
        role,
        &[
            ("[get, list]", "[get]", Severity::Low, "object-changes"),
            ("[get]", "['*']", Severity::High, "rbac-widened"),
        ],
    );
    let binding = |subjects: &str| {
        object(
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            &format!(
                "roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}}\nsubjects: [{subjects}]"
            ),
        )
    };
    assert_same(
        binding,
        &[("{kind: User, name: a}", "{kind: User, name: a, apiGroup: rbac.authorization.k8s.io}")],
    );
}

#[test]
fn a_secret_holds_the_same_in_either_map() {
    let secret = |rest: &str| object("v1", "Secret", rest);
    assert_same(
        secret,
        &[
            ("type: Opaque\ndata: {a: aGVsbG8=}", "stringData: {a: hello}"),
            ("immutable: false", "type: Opaque"),
        ],
    );
    assert_told(
        secret,
        &[("data: {a: aGVsbG8=}", "stringData: {a: hallo}", Severity::High, "secret-changes")],
    );
}

#[test]
fn an_autoscaler_says_what_is_meant_anyway() {
    assert_same(
        |rest| {
            let target = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 5";
            beside("autoscaling/v2", "HorizontalPodAutoscaler", &format!("{target}, {rest}"))
        },
        &[
            ("minReplicas: 1", ""),
            ("metrics: []", ""),
            (
                "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]",
                "",
            ),
            ("behavior: {scaleDown: {stabilizationWindowSeconds: 300}}", ""),
        ],
    );
}

#[test]
fn alerts_and_monitors_say_what_is_meant_anyway() {
    let rules = |rule: &str| {
        object(
            "monitoring.coreos.com/v1",
            "PrometheusRule",
            &format!("spec: {{groups: [{{name: a, rules: [{{alert: A, {rule}}}]}}]}}"),
        )
    };
    assert_same(
        rules,
        &[
            ("expr: up == 0, for: 0s", "expr: up == 0"),
            ("expr: up == 0, labels: {}", "expr: up == 0"),
            ("expr: \"up  ==\\n 0\"", "expr: up == 0"),
        ],
    );
    let recorded = |rule: &str| {
        let alert = "{alert: A, expr: 'job:up:sum == 0'}";
        object(
            "monitoring.coreos.com/v1",
            "PrometheusRule",
            &format!("spec: {{groups: [{{name: a, rules: [{alert}, {rule}]}}]}}"),
        )
    };
    let series = |name: &str| format!("{{record: '{name}', expr: sum(up)}}");
    let (read, unread) = (series("job:up:sum"), series("job:up:max"));
    assert_told(
        recorded,
        &[(read.as_str(), unread.as_str(), Severity::Medium, "monitoring-changes")],
    );
    let other = ("expr: 'up{a=\"b  c\"} == 0'", "expr: 'up{a=\"b c\"} == 0'");
    assert_told(rules, &[(other.0, other.1, Severity::Low, "monitoring-changes")]);
    assert_same(
        |endpoint| {
            object(
                "monitoring.coreos.com/v1",
                "ServiceMonitor",
                &format!(
                    "spec: {{selector: {{matchLabels: {{app: web}}}}, endpoints: [{{port: a, {endpoint}}}]}}"
                ),
            )
        },
        &[("path: /metrics, scheme: http, honorLabels: false", "")],
    );
}

const POSTGRES: &str = "postgresql.cnpg.io/v1";

#[test]
fn a_database_says_what_is_meant_anyway() {
    let database = |rest: &str| {
        let image = if rest.contains("imageName") { "" } else { "imageName: 'postgresql:16.4'," };
        object(POSTGRES, "Cluster", &format!("spec: {{{image} {rest}}}"))
    };
    assert_same(
        database,
        &[
            ("instances: 1", ""),
            ("postgresql: {parameters: {}}", ""),
            ("primaryUpdateStrategy: unsupervised, primaryUpdateMethod: restart", ""),
            ("plugins: []", ""),
            ("enablePDB: true, enableSuperuserAccess: false", ""),
            ("startDelay: 3600, stopDelay: 1800", ""),
            ("backup: {target: prefer-standby}", ""),
        ],
    );
    let plugin = |rest: &str| {
        format!(
            "plugins: [{{name: barman-cloud.cloudnative-pg.io, parameters: {{barmanObjectName: a}}{rest}}}]"
        )
    };
    let (archives, off, bases) =
        (plugin(", isWALArchiver: true"), plugin(", enabled: false"), plugin(""));
    use Severity::{Critical, High, Medium};
    assert_told(
        database,
        &[
            ("imageName: 'p:16.4'", "imageName: 'p:15.4'", Critical, "database-changes"),
            ("imageName: 'p:16.4'", "imageName: 'p:17.0'", High, "database-changes"),
            ("storage: {size: 2Gi}", "storage: {size: 1Gi}", Critical, "database-changes"),
            (
                "storage: {storageClass: a}",
                "storage: {storageClass: b}",
                Medium,
                "database-changes",
            ),
            ("instances: 3", "", High, "quorum-lowered"),
            ("", "replica: {enabled: true, source: x}", High, "database-changes"),
            ("", "enableSuperuserAccess: true", Medium, "database-changes"),
            (archives.as_str(), off.as_str(), Critical, "backups-stop"),
            (archives.as_str(), bases.as_str(), Critical, "backups-stop"),
        ],
    );
    assert_same(
        |rest| {
            let spec = "schedule: '0 0 * * * *', cluster: {name: a}";
            object(POSTGRES, "ScheduledBackup", &format!("spec: {{{spec}, {rest}}}"))
        },
        &[("backupOwnerReference: none, method: barmanObjectStore, immediate: false", "")],
    );
}

#[test]
fn a_route_says_what_is_meant_anyway() {
    assert_same(
        |spec| object("gateway.networking.k8s.io/v1", "HTTPRoute", &format!("spec: {{{spec}}}")),
        &[
            (
                "parentRefs: [{name: g, group: gateway.networking.k8s.io, kind: Gateway}], hostnames: [a.b]",
                "parentRefs: [{name: g, namespace: shop}], hostnames: [a.b]",
            ),
            (
                "hostnames: [a.b], rules: [{backendRefs: [{name: web, port: 80, weight: 1}]}]",
                "hostnames: [a.b], rules: [{matches: [{path: {type: PathPrefix, value: /}}], backendRefs: [{name: web, port: 80, kind: Service, group: ''}]}]",
            ),
        ],
    );
    let path = |kind: &str| {
        format!("rules: [{{host: a.b, http: {{paths: [{{path: /x, pathType: {kind}}}]}}}}]")
    };
    let (prefix, exact) = (path("Prefix"), path("Exact"));
    let secured = format!("tls: [{{hosts: [a.b], secretName: s}}], {prefix}");
    use Severity::High;
    assert_told(
        |spec| object("networking.k8s.io/v1", "Ingress", &format!("spec: {{{spec}}}")),
        &[
            (prefix.as_str(), exact.as_str(), High, "address-removed"),
            (secured.as_str(), prefix.as_str(), High, "route-changes"),
        ],
    );
}

#[test]
fn a_workload_that_stops_or_leaves_its_volume_is_told() {
    use Severity::{Critical, High, Medium};
    assert_told(
        |top| deployment(top, "", ""),
        &[
            ("replicas: 3", "replicas: 0", Critical, "fewer-survivors"),
            ("", "paused: true", Medium, "rollout-loosened"),
        ],
    );
    let claim = |name: &str| {
        format!("volumes: [{{name: d, persistentVolumeClaim: {{claimName: {name}}}}}]")
    };
    let (a, b) = (claim("a"), claim("b"));
    assert_told(
        |pod| deployment("", pod, ""),
        &[
            (a.as_str(), b.as_str(), High, "data-stranded"),
            (a.as_str(), "volumes: [{name: d, emptyDir: {}}]", High, "data-stranded"),
        ],
    );
}

#[test]
fn what_names_no_namespace_is_in_the_default_one() {
    let of =
        |text: &str| object("v1", "ServiceAccount", "").replace("name: web, namespace: shop", text);
    assert_same(of, &[("name: web", "name: web, namespace: default")]);
    let at = |version: &str| object(version, "Service", "spec: {ports: [{port: 80}]}");
    assert_same(at, &[("v1", "core/v1")]);
    // Where both are there, they stay two.
    let both = |more: &str| {
        format!("{}---\n{}{more}", of("name: web"), of("name: web, namespace: default"))
    };
    let (worst, told) = said(&both(""), &both("secrets: [{name: a}]\n"));
    assert!(worst.is_some(), "{told}");
}

#[test]
fn a_webhook_and_a_class_say_what_is_meant_anyway() {
    let webhook = |rest: &str| {
        let own = "name: a.b.c, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {url: 'https://a'}";
        object(
            "admissionregistration.k8s.io/v1",
            "ValidatingWebhookConfiguration",
            &format!("webhooks: [{{{own}, {rest}}}]"),
        )
    };
    let rule = "apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]";
    let (short, long) = (
        format!("rules: [{{{rule}}}]"),
        format!(
            "failurePolicy: Fail, matchPolicy: Equivalent, timeoutSeconds: 10, namespaceSelector: {{}}, objectSelector: {{}}, rules: [{{{rule}, scope: '*'}}]"
        ),
    );
    assert_same(webhook, &[(long.as_str(), short.as_str())]);
    assert_same(
        |rest| object("storage.k8s.io/v1", "StorageClass", &format!("provisioner: x\n{rest}")),
        &[(
            "parameters: {}\nmountOptions: []\nreclaimPolicy: Delete",
            "allowVolumeExpansion: false",
        )],
    );
}
