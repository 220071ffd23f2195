//! What objects of custom kinds refer to, of the kinds whose names follow from their content.
//!
//! Fields that hold the name of a Service, a Secret or a route are none of these: those names stay.

use super::Kind;

/// What is known of a custom kind.
#[derive(Debug)]
pub struct Row {
    /// `keda.sh`
    pub group: &'static str,
    /// `ScaledObject`
    pub kind: &'static str,
    /// The fields that hold a name, and the kind of what is named where no `kind` beside the name
    /// says it; `[]` stands for every item of a list.
    pub fields: &'static [(&'static str, Kind)],
    /// The path to the `spec` of the pods that it makes.
    pub pods: Option<&'static [&'static str]>,
    /// Whether there is one for each generation of the workload that it refers to.
    pub follows: bool,
}

const fn refers(
    group: &'static str,
    kind: &'static str,
    fields: &'static [(&'static str, Kind)],
) -> Row {
    Row { group, kind, fields, pods: None, follows: false }
}

/// One for each generation of a workload.
const fn follows(
    group: &'static str,
    kind: &'static str,
    fields: &'static [(&'static str, Kind)],
) -> Row {
    Row { follows: true, ..refers(group, kind, fields) }
}

const fn makes_pods(group: &'static str, kind: &'static str, path: &'static [&'static str]) -> Row {
    Row { pods: Some(path), ..refers(group, kind, &[]) }
}

use Kind::{ConfigMap, Deployment};

/// Every row, by group and kind. Sources: the types of each project, `api/` or `apis/` of its
/// repository.
pub const ROWS: &[Row] = &[
    Row {
        pods: Some(&["spec", "template", "spec"]),
        ..follows("argoproj.io", "Rollout", &[("spec.workloadRef.name", Deployment)])
    },
    follows("autoscaling.k8s.io", "VerticalPodAutoscaler", &[("spec.targetRef.name", Deployment)]),
    refers(
        "external-secrets.io",
        "ClusterSecretStore",
        &[("spec.provider.vault.caProvider.name", ConfigMap)],
    ),
    refers(
        "external-secrets.io",
        "ExternalSecret",
        &[("spec.target.template.templateFrom[].configMap.name", ConfigMap)],
    ),
    refers(
        "external-secrets.io",
        "SecretStore",
        &[
            ("spec.provider.vault.caProvider.name", ConfigMap),
            ("spec.provider.kubernetes.server.caProvider.name", ConfigMap),
        ],
    ),
    refers(
        "flagger.app",
        "Canary",
        &[
            ("spec.targetRef.name", Deployment),
            ("spec.autoscalerRef.name", Kind::HorizontalPodAutoscaler),
        ],
    ),
    refers(
        "gateway.envoyproxy.io",
        "ClientTrafficPolicy",
        &[("spec.tls.clientValidation.caCertificateRefs[].name", ConfigMap)],
    ),
    refers(
        "gateway.networking.k8s.io",
        "BackendTLSPolicy",
        &[("spec.validation.caCertificateRefs[].name", ConfigMap)],
    ),
    refers("helm.toolkit.fluxcd.io", "HelmRelease", &[("spec.valuesFrom[].name", ConfigMap)]),
    makes_pods("keda.sh", "ScaledJob", &["spec", "jobTargetRef", "template", "spec"]),
    follows("keda.sh", "ScaledObject", &[("spec.scaleTargetRef.name", Deployment)]),
    refers("keda.sh", "TriggerAuthentication", &[("spec.configMapTargetRef[].name", ConfigMap)]),
    refers(
        "kustomize.toolkit.fluxcd.io",
        "Kustomization",
        &[("spec.postBuild.substituteFrom[].name", ConfigMap)],
    ),
    refers(
        "monitoring.coreos.com",
        "PodMonitor",
        &[
            ("spec.podMetricsEndpoints[].tlsConfig.ca.configMap.name", ConfigMap),
            ("spec.podMetricsEndpoints[].tlsConfig.cert.configMap.name", ConfigMap),
        ],
    ),
    refers(
        "monitoring.coreos.com",
        "Probe",
        &[
            ("spec.tlsConfig.ca.configMap.name", ConfigMap),
            ("spec.tlsConfig.cert.configMap.name", ConfigMap),
        ],
    ),
    refers(
        "monitoring.coreos.com",
        "ServiceMonitor",
        &[
            ("spec.endpoints[].tlsConfig.ca.configMap.name", ConfigMap),
            ("spec.endpoints[].tlsConfig.cert.configMap.name", ConfigMap),
        ],
    ),
    makes_pods("serving.knative.dev", "Service", &["spec", "template", "spec"]),
];

/// The row of a kind.
pub fn find(api_version: &str, kind: &str) -> Option<&'static Row> {
    let group = super::schema::group(api_version);
    ROWS.iter().find(|row| row.group == group && row.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_unique_and_in_order() {
        assert!(ROWS.is_sorted_by(|a, b| (a.group, a.kind) < (b.group, b.kind)));
        for row in ROWS {
            assert!(!row.fields.is_empty() || row.pods.is_some(), "{}", row.kind);
        }
    }
}
