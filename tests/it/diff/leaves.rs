//! What guards a cluster, field by field, whoever wrote it: by a patch or as a manifest. Each change has
//! its effect, and what looks like it and is none has nothing above info.

use super::effects::{of_manifests, told};
use ninefold::diff::report::{Report, Severity};
use std::collections::BTreeMap;

/// A Deployment whose pod and container say something more.
fn pod(pod: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec: {{{pod}containers: [{{name: app, image: 'web:1', {container}}}]}}\n"
    )
}

fn service(spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {{selector: {{app: web}}, ports: [{{port: 80}}], {spec}}}\n---\n{}",
        pod("", "")
    )
}

/// An object with a head and a rest.
fn object(version: &str, kind: &str, rest: &str) -> String {
    format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: it, namespace: shop}}\n{rest}\n"
    )
}

fn webhook(rest: &str) -> String {
    object(
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        &format!(
            "webhooks: [{{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {{url: 'https://a'}}, {rest}}}]"
        ),
    )
}

fn role(kind: &str, rules: &str) -> String {
    object("rbac.authorization.k8s.io/v1", kind, &format!("rules: {rules}"))
}

fn cron(schedule: &str) -> String {
    let pod = "spec: {restartPolicy: Never, containers: [{name: a, image: a}]}";
    let rest =
        format!("spec: {{schedule: '{schedule}', jobTemplate: {{spec: {{template: {{{pod}}}}}}}}}");
    object("batch/v1", "CronJob", &rest)
}

fn claim(spec: &str) -> String {
    object("v1", "PersistentVolumeClaim", &format!("spec: {{{spec}}}"))
}

/// A Service that leads to a port of a pod by what its target says.
fn named_port(port: &str, target: &str) -> String {
    let pods = pod("", &format!("ports: [{{{port}, containerPort: 8080}}]"));
    let ports = format!("ports: [{{port: 80, targetPort: {target}}}]");
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {{selector: {{app: web}}, {ports}}}\n---\n{pods}"
    )
}

/// A policy that lets a port of a pod be reached.
fn policy(port: &str, container: &str) -> String {
    let spec = format!("spec: {{podSelector: {{}}, ingress: [{{ports: [{{port: {port}}}]}}]}}");
    format!("{}---\n{}", object("networking.k8s.io/v1", "NetworkPolicy", &spec), pod("", container))
}

/// A Service, and pods with two labels.
fn labelled(service: &str) -> String {
    let pods = pod("", "").replacen("labels: {app: web}", "labels: {app: web, tier: front}", 1);
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {{{service}, ports: [{{port: 80}}]}}\n---\n{pods}"
    )
}

/// Pods with an annotation.
fn annotated(annotation: &str) -> String {
    let labels = "metadata: {labels: {app: web}}";
    pod("", "").replacen(
        labels,
        &format!("metadata: {{labels: {{app: web}}, annotations: {{{annotation}}}}}"),
        1,
    )
}

fn schedule(template: &str) -> String {
    object(
        "velero.io/v1",
        "Schedule",
        &format!("spec: {{schedule: '0 3 * * *', template: {{{template}}}}}"),
    )
}

fn database(spec: &str) -> String {
    object("postgresql.cnpg.io/v1", "Cluster", &format!("spec: {{instances: 3, {spec}}}"))
}

/// A StatefulSet with a volume.
fn stateful(image: &str, size: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db, namespace: shop}}\nspec:\n  selector: {{matchLabels: {{app: db}}}}\n  template: {{metadata: {{labels: {{app: db}}}}, spec: {{containers: [{{name: db, image: '{image}'}}]}}}}\n  volumeClaimTemplates: [{{metadata: {{name: data}}, spec: {{resources: {{requests: {{storage: {size}}}}}}}}}]\n"
    )
}

/// Two Jobs that the API server names.
fn jobs(first: &str, second: &str) -> String {
    let job = |image: &str| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{generateName: run-, namespace: shop}}\nspec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: a, image: '{image}'}}]}}}}}}\n"
        )
    };
    format!("{}---\n{}", job(first), job(second))
}

/// Something that is there on both sides, so that nothing is new as a whole.
const BESIDE: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: beside, namespace: shop}\n---\n";

fn report(old: &str, new: &str) -> Report {
    let side = |text: &str| -> BTreeMap<String, String> {
        [("east/shop.yaml".to_owned(), format!("{BESIDE}{text}"))].into()
    };
    of_manifests(side(old), side(new))
}

#[test]
fn each_has_its_effect() {
    let set = "rbac.authorization.k8s.io/v1";
    let subject = |names: &str| {
        let all: Vec<String> = names
            .split(' ')
            .map(|name| format!("{{kind: ServiceAccount, name: {name}, namespace: shop}}"))
            .collect();
        object(
            set,
            "ClusterRoleBinding",
            &format!(
                "roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}}\nsubjects: [{}]",
                all.join(", ")
            ),
        )
    };
    let namespace = |level: &str| {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{pod-security.kubernetes.io/enforce: {level}}}}}\n"
        )
    };
    let quota = |hard: &str| object("v1", "ResourceQuota", &format!("spec: {{hard: {{{hard}}}}}"));
    let daemons = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent, namespace: shop}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {hostPID: true, containers: [{name: a, image: 'a:1'}]}}}\n";
    let security = |new: (&str, &str)| (pod("", ""), pod(new.0, new.1), "high security-loosened");
    let rows: Vec<(String, String, &str)> = vec![
        security(("", "securityContext: {privileged: true}")),
        security(("", "securityContext: {capabilities: {add: [NET_ADMIN]}}")),
        security(("", "securityContext: {procMount: Unmasked}")),
        security(("", "securityContext: {runAsUser: 0}")),
        security(("", "securityContext: {appArmorProfile: {type: Unconfined}}")),
        security(("", "securityContext: {windowsOptions: {hostProcess: true}}")),
        security(("", "ports: [{containerPort: 80, hostPort: 80}]")),
        security(("hostNetwork: true, ", "")),
        security(("hostPID: true, ", "")),
        security(("hostIPC: true, ", "")),
        security(("securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}, ", "")),
        security(("volumes: [{name: v, hostPath: {path: /var/run}}], ", "")),
        security((
            "initContainers: [{name: i, image: 'i:1', securityContext: {privileged: true}}], ",
            "",
        )),
        (pod("hostUsers: false, ", ""), pod("", ""), "high security-loosened"),
        (pod("automountServiceAccountToken: false, ", ""), pod("", ""), "high security-loosened"),
        (String::new(), daemons.to_owned(), "high security-loosened"),
        (namespace("restricted"), namespace("baseline"), "high security-loosened"),
        (
            object("v1", "ServiceAccount", "automountServiceAccountToken: false"),
            object("v1", "ServiceAccount", ""),
            "high security-loosened",
        ),
        (subject("a"), subject("a b"), "high rbac-widened"),
        (String::new(), subject("a"), "high rbac-widened"),
        (
            role("ClusterRole", "[{apiGroups: [''], resources: [pods], verbs: [get]}]"),
            role("ClusterRole", "[{apiGroups: [''], resources: [pods], verbs: [get, delete]}]"),
            "high rbac-widened",
        ),
        (
            String::new(),
            role("ClusterRole", "[{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]"),
            "high rbac-widened",
        ),
        (
            object(
                set,
                "ClusterRole",
                "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}",
            ),
            object(
                set,
                "ClusterRole",
                "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: c}}]}",
            ),
            "high rbac-widened",
        ),
        (service(""), service("type: LoadBalancer"), "high port-changes"),
        (
            service("type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]"),
            service("type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/7]"),
            "high port-changes",
        ),
        (
            service("type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]"),
            service("type: LoadBalancer"),
            "high port-changes",
        ),
        (
            service("type: LoadBalancer"),
            service("type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]"),
            "medium port-changes",
        ),
        (service(""), service("externalIPs: [203.0.113.1]"), "high port-changes"),
        (
            service(""),
            service("").replacen("selector: {app: web}", "selector: {app: web, tier: front}", 1),
            "high port-changes",
        ),
        (pod("", ""), service("type: NodePort"), "medium address-added"),
        (
            webhook("failurePolicy: Fail"),
            webhook("failurePolicy: Ignore"),
            "high admission-changes",
        ),
        (webhook("failurePolicy: Ignore"), webhook(""), "medium admission-changes"),
        (
            webhook(""),
            webhook("namespaceSelector: {matchLabels: {a: b}}"),
            "high admission-changes",
        ),
        (webhook(""), String::new(), "high admission-changes"),
        (String::new(), webhook(""), "medium admission-changes"),
        (quota("pods: 10"), quota("pods: 5"), "medium admission-changes"),
        (quota("pods: 10"), quota("pods: 10, cpu: 4"), "medium admission-changes"),
        (quota("pods: 10"), quota("pods: 20"), "low admission-changes"),
        (String::new(), quota("pods: 5"), "medium admission-changes"),
        (
            object("v1", "LimitRange", "spec: {limits: [{type: Container, max: {cpu: 2}}]}"),
            object("v1", "LimitRange", "spec: {limits: [{type: Container, max: {cpu: 1}}]}"),
            "medium admission-changes",
        ),
        (
            claim("storageClassName: a, resources: {requests: {storage: 1Gi}}"),
            claim("storageClassName: b, resources: {requests: {storage: 1Gi}}"),
            "critical apply-fails",
        ),
        (
            claim("resources: {requests: {storage: 2Gi}}"),
            claim("resources: {requests: {storage: 1Gi}}"),
            "critical apply-fails",
        ),
        (
            claim("resources: {requests: {storage: 2Gi}}"),
            claim("resources: {requests: {storage: 3Gi}}"),
            "low claim-grows",
        ),
        (claim("volumeMode: Block"), claim("volumeMode: Filesystem"), "critical apply-fails"),
        (
            claim("accessModes: [ReadWriteOnce]"),
            claim("accessModes: [ReadWriteMany]"),
            "critical apply-fails",
        ),
        (claim("volumeMode: Block"), String::new(), "critical data-deleted"),
        (
            object("v1", "PersistentVolume", "spec: {persistentVolumeReclaimPolicy: Retain}"),
            object("v1", "PersistentVolume", "spec: {persistentVolumeReclaimPolicy: Delete}"),
            "critical claims-not-retained",
        ),
        (
            object("storage.k8s.io/v1", "StorageClass", "provisioner: a\nreclaimPolicy: Retain"),
            object("storage.k8s.io/v1", "StorageClass", "provisioner: a"),
            "critical claims-not-retained",
        ),
        (
            object("scheduling.k8s.io/v1", "PriorityClass", "value: 1"),
            object("scheduling.k8s.io/v1", "PriorityClass", "value: 2"),
            "critical apply-fails",
        ),
        (
            named_port("name: http", "http"),
            named_port("name: door", "http"),
            "critical selects-nothing",
        ),
        (named_port("name: http", "http"), named_port("name: http", "9090"), "high port-changes"),
        (
            policy("http", "ports: [{name: http, containerPort: 8080}]"),
            policy("9090", "ports: [{name: http, containerPort: 8080}]"),
            "high network-path-closed",
        ),
        (
            schedule("labelSelector: {matchLabels: {a: b}}"),
            schedule("labelSelector: {matchLabels: {a: b, c: d}}"),
            "high backup-scope-shrinks",
        ),
        (
            schedule("orLabelSelectors: [{matchLabels: {a: b}}, {matchLabels: {c: d}}]"),
            schedule("labelSelector: {matchLabels: {a: b}}"),
            "high backup-scope-shrinks",
        ),
        (
            database("backup: {barmanObjectStore: {destinationPath: 's3://a'}}"),
            database(""),
            "critical backups-stop",
        ),
        (
            database("backup: {barmanObjectStore: {destinationPath: 's3://a'}}"),
            database("backup: {barmanObjectStore: {destinationPath: 's3://b'}}"),
            "high backup-location-moves",
        ),
        (
            database("backup: {retentionPolicy: 30d}"),
            database("backup: {retentionPolicy: 3w}"),
            "high retention-shortened",
        ),
        (
            claim("volumeMode: Block"),
            claim("volumeMode: Block").replacen(
                "namespace: shop",
                "namespace: shop, labels: {velero.io/exclude-from-backup: 'true'}",
                1,
            ),
            "high backup-scope-shrinks",
        ),
        (
            pod("", ""),
            annotated("backup.velero.io/backup-volumes-excludes: data"),
            "high backup-scope-shrinks",
        ),
        (
            annotated("backup.velero.io/backup-volumes: 'data, log'"),
            annotated("backup.velero.io/backup-volumes: data"),
            "high backup-scope-shrinks",
        ),
        (
            annotated("pre.hook.backup.velero.io/command: '[\"/flush\"]'"),
            pod("", ""),
            "medium backup-changes",
        ),
        (stateful("db:8.4", "1Gi"), stateful("db:8.0", "1Gi"), "medium image-changes"),
        (stateful("db:9.1", "1Gi"), stateful("db:8.4", "1Gi"), "high image-changes"),
        (stateful("db:1", "1Gi"), stateful("db:1", "2Gi"), "critical apply-fails"),
        (
            role("Role", "[{apiGroups: [''], resources: [pods], resourceNames: [a], verbs: [get]}]"),
            role("Role", "[{apiGroups: [''], resources: [pods], resourceNames: [a, b], verbs: [get]}]"),
            "high rbac-widened",
        ),
        (
            object("v1", "ConfigMap", "data: {a: '{\"x\": 1, \"y\": 2}'}"),
            object("v1", "ConfigMap", "data: {a: '{\"y\": 3, \"x\": 1}'}"),
            "low config-in-place",
        ),
        (
            pod("", "resources: {requests: {cpu: 1000m}}"),
            pod("", "resources: {requests: {cpu: 2}}"),
            "low pods-rolled",
        ),
        (
            "apiVersion: v1\nkind: ConfigMapList\nitems:\n- {metadata: {name: it, namespace: shop}, data: {a: b}}\n".to_owned(),
            "apiVersion: v1\nkind: ConfigMapList\nitems:\n- {metadata: {name: it, namespace: shop}, data: {a: c}}\n".to_owned(),
            "low config-in-place",
        ),
        (
            "apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: it, namespace: shop}\nspec: {a: 1}\n".to_owned(),
            "apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: it, namespace: shop}\nspec: {a: 2}\n".to_owned(),
            "low object-changes",
        ),
    ];
    let mut wrong = Vec::new();
    for (old, new, expected) in &rows {
        let report = report(old, new);
        let (severity, rule) = expected.split_once(' ').unwrap();
        let mut effects = report.effects.iter();
        if !effects.any(|it| it.rule.name() == rule && it.severity.word() == severity) {
            wrong.push(format!("no {expected}\n{old}→\n{new}\n{}", told(&report)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn what_looks_like_it_has_none() {
    let subjects = |names: [&str; 2]| {
        let one = |name: &str| format!("{{kind: ServiceAccount, name: {name}, namespace: shop}}");
        object(
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            &format!(
                "roleRef: {{kind: Role, name: r}}\nsubjects: [{}, {}]",
                one(names[0]),
                one(names[1])
            ),
        )
    };
    let rows: Vec<(String, String)> = vec![
        (subjects(["a", "b"]), subjects(["b", "a"])),
        (
            role("Role", "[{apiGroups: [''], resources: [pods, services], verbs: [get]}]"),
            role(
                "Role",
                "[{apiGroups: [''], resources: [services], verbs: [get]}, {apiGroups: [''], resources: [pods], verbs: [get]}]",
            ),
        ),
        (
            role("Role", "[{apiGroups: [''], resources: ['*'], verbs: [get, list]}]"),
            role("Role", "[{apiGroups: [''], resources: ['*', pods], verbs: [list, get]}]"),
        ),
        (
            service("type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]"),
            service("type: LoadBalancer, loadBalancerSourceRanges: [10.128.0.0/9, 10.0.0.0/9]"),
        ),
        (service(""), service("type: ClusterIP, sessionAffinity: None")),
        (webhook("failurePolicy: Fail"), webhook("")),
        (webhook("matchPolicy: Equivalent, timeoutSeconds: 10"), webhook("")),
        (
            object("v1", "ResourceQuota", "spec: {hard: {cpu: 1, memory: 1Gi}}"),
            object("v1", "ResourceQuota", "spec: {hard: {memory: 1024Mi, cpu: 1000m}}"),
        ),
        (cron("0 3 * * 0"), cron("00 03 * * SUN")),
        (cron("@daily"), cron("0 0 * * *")),
        (
            claim("resources: {requests: {storage: 1Gi}}"),
            claim("volumeMode: Filesystem, resources: {requests: {storage: 1024Mi}}"),
        ),
        (
            object("storage.k8s.io/v1", "StorageClass", "provisioner: a\nreclaimPolicy: Delete"),
            object("storage.k8s.io/v1", "StorageClass", "provisioner: a"),
        ),
        (named_port("name: http", "http"), named_port("name: http", "8080")),
        (
            policy("http", "ports: [{name: http, containerPort: 8080}]"),
            policy("8080", "ports: [{name: http, containerPort: 8080}]"),
        ),
        (
            labelled("selector: {app: web}"),
            labelled("selector: {app: web, tier: front}"),
        ),
        (
            schedule("labelSelector: {matchLabels: {a: b}}"),
            schedule("labelSelector: {matchExpressions: [{key: a, operator: In, values: [b]}]}"),
        ),
        (stateful("db:1", "1Gi"), stateful("db:1", "1024Mi")),
        (
            stateful("db:1", "1Gi"),
            stateful("db:1", "1Gi").replacen("spec: {resources", "spec: {volumeMode: Filesystem, resources", 1),
        ),
        (
            pod("", "resources: {requests: {cpu: 1000m}}"),
            pod("", "resources: {requests: {cpu: 1}}"),
        ),
        (pod("dnsPolicy: ClusterFirst, restartPolicy: Always, ", ""), pod("", "")),
        (
            pod("", "readinessProbe: {httpGet: {port: 80}, timeoutSeconds: 1, failureThreshold: 3}"),
            pod("", "readinessProbe: {httpGet: {port: 80, scheme: HTTP}, periodSeconds: 10}"),
        ),
        (pod("", ""), format!("{}status: {{replicas: 3}}\n", pod("", ""))),
        (
            pod("", "").replacen("namespace: shop", "namespace: shop, uid: a, resourceVersion: '7'", 1),
            pod("", "").replacen("namespace: shop", "namespace: shop, uid: b", 1),
        ),
        (
            role("Role", "[{apiGroups: [''], resources: [pods], resourceNames: [a, b], verbs: [get]}]"),
            role(
                "Role",
                "[{apiGroups: [''], resources: [pods], resourceNames: [b], verbs: [get]}, {apiGroups: [''], resources: [pods], resourceNames: [a], verbs: [get]}]",
            ),
        ),
        (
            object("v1", "ConfigMap", "data: {a: '{\"x\": 1, \"y\": 2}'}"),
            object("v1", "ConfigMap", "data: {a: '{\"y\":2,\"x\":1}'}"),
        ),
        (
            object("v1", "ConfigMap", "data: {a: b}"),
            "apiVersion: v1\nkind: ConfigMapList\nitems:\n- {metadata: {name: it, namespace: shop}, data: {a: b}}\n".to_owned(),
        ),
        (jobs("a:1", "a:2"), jobs("a:2", "a:1")),
        (schedule("ttl: 720h, snapshotVolumes: true"), schedule("ttl: 720h0m0s")),
        (schedule("ttl: 720h"), schedule("")),
        (database("storage: {size: 10Gi}"), database("storage: {size: 10240Mi}")),
        (
            object("monitoring.coreos.com/v1", "PrometheusRule", "spec: {groups: [{name: a, rules: [{alert: A, expr: up, for: 60m}]}]}"),
            object("monitoring.coreos.com/v1", "PrometheusRule", "spec: {groups: [{name: a, rules: [{alert: A, expr: up, for: 1h}]}]}"),
        ),
    ];
    let mut wrong = Vec::new();
    for (old, new) in &rows {
        for (old, new) in [(old, new), (new, old)] {
            let report = report(old, new);
            if report.worst().is_some_and(|worst| worst > Severity::Info) {
                wrong.push(format!("{old}→\n{new}\n{}", told(&report)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
