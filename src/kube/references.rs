//! Which field of which kind holds the name of which other kind.

use super::Kind;
use crate::yaml::Value;

/// A field that holds the name of another object of the same region.
#[derive(Debug)]
pub struct Reference {
    /// The kind that has the field.
    pub referrer: Kind,
    /// The path to the field; `[]` stands for every item of a list.
    pub path: &'static str,
    /// The kind of the object that is named.
    pub referent: Kind,
}

/// Where the pod template of each workload is.
pub(super) const POD_SPECS: &[(Kind, &str)] = &[
    (Kind::Deployment, "spec.template.spec"),
    (Kind::StatefulSet, "spec.template.spec"),
    (Kind::Job, "spec.template.spec"),
    (Kind::CronJob, "spec.jobTemplate.spec.template.spec"),
];

/// Fields below a pod's `spec`.
const IN_PODS: &[(&str, Kind)] = &[
    ("containers[].envFrom[].configMapRef.name", Kind::ConfigMap),
    ("containers[].env[].valueFrom.configMapKeyRef.name", Kind::ConfigMap),
    ("initContainers[].envFrom[].configMapRef.name", Kind::ConfigMap),
    ("initContainers[].env[].valueFrom.configMapKeyRef.name", Kind::ConfigMap),
    ("volumes[].configMap.name", Kind::ConfigMap),
    ("volumes[].projected.sources[].configMap.name", Kind::ConfigMap),
    ("serviceAccountName", Kind::ServiceAccount),
];

/// Fields elsewhere.
const ELSEWHERE: &[Reference] = &[
    Reference {
        referrer: Kind::HorizontalPodAutoscaler,
        path: "spec.scaleTargetRef.name",
        referent: Kind::Deployment,
    },
    Reference {
        referrer: Kind::Schedule,
        path: "spec.template.resourcePolicy.name",
        referent: Kind::ConfigMap,
    },
    Reference {
        referrer: Kind::Restore,
        path: "spec.resourceModifier.name",
        referent: Kind::ConfigMap,
    },
    Reference { referrer: Kind::StatefulSet, path: "spec.serviceName", referent: Kind::Service },
    Reference {
        referrer: Kind::Ingress,
        path: "spec.rules[].http.paths[].backend.service.name",
        referent: Kind::Service,
    },
    Reference {
        referrer: Kind::ScheduledBackup,
        path: "spec.cluster.name",
        referent: Kind::PostgresqlCluster,
    },
    Reference {
        referrer: Kind::HttpRoute,
        path: "spec.rules[].backendRefs[].name",
        referent: Kind::Service,
    },
    Reference { referrer: Kind::RoleBinding, path: "roleRef.name", referent: Kind::Role },
];

/// Whether objects of the kind called `name` run pods from a template of their own.
pub fn runs_pods(name: &str) -> bool {
    POD_SPECS.iter().any(|(workload, _)| workload.name() == name)
}

/// Calls `visit` for every reference that an object holds, to read or to change the name.
///
/// A reference that is marked `optional: true` may lead nowhere; `visit` is told so.
pub fn visit(kind: &Kind, object: &mut Value, visit: &mut impl FnMut(&Kind, &mut String, bool)) {
    for reference in ELSEWHERE.iter().filter(|reference| reference.referrer == *kind) {
        follow(object, reference.path, false, &mut |name, optional| {
            visit(&reference.referent, name, optional);
        });
    }
    let Some((_, pod)) = POD_SPECS.iter().find(|(workload, _)| workload == kind) else { return };
    let mut spec = Some(object);
    for key in pod.split('.') {
        spec = spec.and_then(|value| value.get_mut(key));
    }
    let Some(spec) = spec else { return };
    for (path, referent) in IN_PODS {
        follow(spec, path, false, &mut |name, optional| visit(referent, name, optional));
    }
}

fn follow(
    value: &mut Value,
    path: &str,
    optional: bool,
    found: &mut impl FnMut(&mut String, bool),
) {
    let (segment, rest) = path.split_once('.').unwrap_or((path, ""));
    let optional = optional || value.get("optional") == Some(&Value::Bool(true));
    let (key, every) = segment.strip_suffix("[]").map_or((segment, false), |key| (key, true));
    let Some(child) = value.get_mut(key) else { return };
    match child {
        Value::List(items) if every => {
            items.iter_mut().for_each(|item| follow(item, rest, optional, found));
        }
        Value::String(name) if rest.is_empty() => found(name, optional),
        Value::Map(_) if !rest.is_empty() => follow(child, rest, optional, found),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::List(_)
        | Value::Map(_) => {}
    }
}
