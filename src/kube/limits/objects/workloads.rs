//! What a cluster refuses of claims, jobs and workloads.

use crate::kube::limits::{Found, Path, and, has, number, present, text};
use crate::kube::read::quantity::Quantity;
use crate::kube::read::selector::{Labels, Selector};
use crate::yaml::Value;

/// What a claim asks for.
pub(in crate::kube::limits) fn claim(claim: &Value, path: &Path<'_>, found: &mut Found) {
    let storage = claim.at(&["resources", "requests", "storage"]);
    match storage.map(Quantity::of) {
        None => {
            let instead = Some("write `resources: { requests: { storage: 10Gi } }`".to_owned());
            found.refuse(path, "says no size", instead);
        }
        Some(Some(size)) if size <= Quantity::ZERO => {
            let requests = path.key("resources");
            found.refuse(&requests.key("requests").key("storage"), "is nothing", None);
        }
        Some(_) => {}
    }
    if !has(claim, "accessModes") {
        let instead = Some("write `accessModes: [ReadWriteOnce]`".to_owned());
        found.refuse(path, "has no `accessModes`", instead);
    }
    let modes = claim.get("accessModes").map(Value::items).unwrap_or_default();
    let alone = modes.iter().any(|mode| mode.as_str() == Some("ReadWriteOncePod"));
    if alone && modes.len() > 1 {
        found.refuse(
            &path.key("accessModes"),
            "have `ReadWriteOncePod` beside others",
            Some("keep it alone".to_owned()),
        );
    }
}

/// What a Job says of its pods.
pub(in crate::kube::limits) fn job(job: &Value, path: &Path<'_>, found: &mut Found) {
    let indexed = text(job, "completionMode") == "Indexed";
    if indexed && !has(job, "completions") {
        found.refuse(
            path,
            "is `Indexed` and has no `completions`",
            Some("write how many there are".to_owned()),
        );
    }
    for field in present(job, &["backoffLimitPerIndex", "maxFailedIndexes"]) {
        if !indexed {
            let instead = Some("write `completionMode: Indexed`, or leave it out".to_owned());
            found.refuse(
                &path.key(field),
                "has a meaning with `completionMode: Indexed` alone",
                instead,
            );
        }
    }
    let policy = job.at(&["template", "spec", "restartPolicy"]).and_then(Value::as_str);
    if has(job, "podFailurePolicy") && policy != Some("Never") {
        let instead = Some("write `restartPolicy: Never` in its pods".to_owned());
        found.refuse(&path.key("podFailurePolicy"), "needs pods that are not restarted", instead);
    }
    if has(job, "selector") && job.get("manualSelector") != Some(&Value::Bool(true)) {
        let instead = Some("leave it out: the cluster makes one".to_owned());
        found.refuse(&path.key("selector"), "has no place without `manualSelector`", instead);
    }
}

/// What a workload says of its pods, and of how they are replaced.
pub(in crate::kube::limits) fn workload(spec: &Value, path: &Path<'_>, found: &mut Found) {
    let selector = spec.get("selector").map(Selector::read);
    let labels =
        spec.at(&["template", "metadata", "labels"]).map(Value::entries).unwrap_or_default();
    let labels: Labels = (labels.iter())
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    if let Some(Ok(selector)) = &selector {
        if selector.keys().next().is_none() {
            let instead =
                Some("write `matchLabels` with what tells its pods from others".to_owned());
            found.refuse(&path.key("selector"), "selects nothing", instead);
        } else if !selector.selects(&labels) {
            let instead =
                Some("give the pods of its template the labels that it asks for".to_owned());
            found.refuse(
                &path.key("selector"),
                "does not select the pods of the template",
                instead,
            );
        }
    }
    let strategy = spec.get("strategy").unwrap_or(&Value::Null);
    let strategy_path = path.key("strategy");
    if text(strategy, "type") == "Recreate" && has(strategy, "rollingUpdate") {
        let instead = Some("leave it out, or write `type: RollingUpdate`".to_owned());
        found.refuse(
            &strategy_path.key("rollingUpdate"),
            "has no meaning with `Recreate`",
            instead,
        );
    }
    let rolling = strategy.get("rollingUpdate").unwrap_or(&Value::Null);
    if ["maxSurge", "maxUnavailable"].iter().all(|one| rolling.get(one).is_some_and(is_none)) {
        let instead = Some("let one of them be more".to_owned());
        found.refuse(&strategy_path.key("rollingUpdate"), "lets no pod come and none go", instead);
    }
    // The API server's default.
    let deadline = number(spec, "progressDeadlineSeconds").unwrap_or(600);
    let ready = number(spec, "minReadySeconds").unwrap_or(0);
    if has(spec, "progressDeadlineSeconds") && deadline <= ready {
        let what = format!("cannot be {deadline}: pods count after {ready}s");
        let instead = Some("write more than `minReadySeconds`".to_owned());
        found.refuse(&path.key("progressDeadlineSeconds"), what, instead);
    }
}

/// Pods that somebody else takes away are not replaced in an order.
pub(in crate::kube::limits) fn by_hand(strategy: &Value, path: &Path<'_>, found: &mut Found) {
    if text(strategy, "type") == "OnDelete" && has(strategy, "rollingUpdate") {
        let instead = Some("leave it out, or write `type: RollingUpdate`".to_owned());
        found.refuse(&path.key("rollingUpdate"), "has no meaning with `OnDelete`", instead);
    }
}

/// Of the pods of a node, either the new one comes first or the old one goes first.
pub(in crate::kube::limits) fn rolling(rolling: &Value, path: &Path<'_>, found: &mut Found) {
    // The API server's defaults.
    let surge = rolling.get("maxSurge").is_some_and(|surge| !is_none(surge));
    let gone = rolling.get("maxUnavailable").is_none_or(|gone| !is_none(gone));
    if surge && gone {
        let instead = Some("write `maxUnavailable: 0` beside it, or leave it out".to_owned());
        let what = "is more than 0, and so is `maxUnavailable`, which is 1 where nobody says it";
        found.refuse(&path.key("maxSurge"), what, instead);
    } else if !surge && !gone {
        let instead = Some("let one of them be more".to_owned());
        found.refuse(path, "lets no pod come and none go", instead);
    }
}

/// Whether a count or a percentage is nothing.
fn is_none(amount: &Value) -> bool {
    *amount == Value::Int(0) || amount.as_str() == Some("0%")
}

/// A disruption budget says one number.
pub(in crate::kube::limits) fn budget(spec: &Value, path: &Path<'_>, found: &mut Found) {
    if let several @ [_, _] = present(spec, &["minAvailable", "maxUnavailable"]).as_slice() {
        let what = format!("has {}, which exclude each other", and(several));
        found.refuse(path, what, Some("keep one of them".to_owned()));
    }
}
