//! What a cluster refuses of autoscalers.

use crate::kube::limits::form::cannot_be;
use crate::kube::limits::{Found, Path, has, number, text};
use crate::yaml::Value;

/// How far an autoscaler goes.
pub(in crate::kube::limits) fn autoscaler(spec: &Value, path: &Path<'_>, found: &mut Found) {
    let (min, max) = (number(spec, "minReplicas"), number(spec, "maxReplicas"));
    bounds((min, "minReplicas"), (max, "maxReplicas"), path, found);
    let metrics = spec.get("metrics").map(Value::items).unwrap_or_default();
    let outside =
        metrics.iter().any(|metric| ["External", "Object"].contains(&text(metric, "type")));
    if min == Some(0) && !outside {
        let instead =
            Some("write 1 or more; or measure something that is there without pods".to_owned());
        found.refuse(&path.key("minReplicas"), "cannot be 0", instead);
    }
}

/// How far an autoscaler of KEDA goes.
pub(in crate::kube::limits) fn scaled(spec: &Value, path: &Path<'_>, found: &mut Found) {
    let (min, max) = (number(spec, "minReplicaCount"), number(spec, "maxReplicaCount"));
    bounds((min, "minReplicaCount"), (max, "maxReplicaCount"), path, found);
}

fn bounds(
    (min, of_min): (Option<i64>, &str),
    (max, of_max): (Option<i64>, &str),
    path: &Path<'_>,
    found: &mut Found,
) {
    if let Some((min, max)) = min.zip(max).filter(|(min, max)| min > max) {
        let what = format!("cannot be {min}: `{of_max}` is {max}");
        found.refuse(&path.key(of_min), what, Some("write no more than that".to_owned()));
    }
}

/// What an autoscaler measures: the field is that of the type, and it has one target.
pub(in crate::kube::limits) fn metric(metric: &Value, path: &Path<'_>, found: &mut Found) {
    const TYPES: &[(&str, &str)] = &[
        ("ContainerResource", "containerResource"),
        ("External", "external"),
        ("Object", "object"),
        ("Pods", "pods"),
        ("Resource", "resource"),
    ];
    let of = text(metric, "type");
    let Some((_, field)) = TYPES.iter().find(|(name, _)| *name == of) else {
        let instead = crate::diag::did_you_mean(of, TYPES.iter().map(|(name, _)| *name));
        found.refuse(&path.key("type"), cannot_be(of, "it is not a kind of metric"), Some(instead));
        return;
    };
    let Some(source) = metric.get(field) else {
        found.refuse(path, format!("is of type `{of}`, and has no `{field}`"), None);
        return;
    };
    let Some(target) = source.get("target") else { return };
    let source_path = path.key(field);
    let path = source_path.key("target");
    let (of, wanted) = match text(target, "type") {
        "Utilization" => ("Utilization", "averageUtilization"),
        "AverageValue" => ("AverageValue", "averageValue"),
        "Value" => ("Value", "value"),
        other => {
            let instead =
                crate::diag::did_you_mean(other, ["AverageValue", "Utilization", "Value"]);
            found.refuse(&path.key("type"), cannot_be(other, "it is not a target"), Some(instead));
            return;
        }
    };
    if !has(target, wanted) {
        found.refuse(&path, format!("is of type `{of}`, and has no `{wanted}`"), None);
    }
    if number(target, "averageUtilization").is_some_and(|percent| percent < 1) {
        found.refuse(
            &path.key("averageUtilization"),
            "is nothing",
            Some("write 1 or more".to_owned()),
        );
    }
}
