//! What the fields of a kind say together.

use super::form::{cannot_be, shortened};
use super::{Found, Path, Refusal, and, each, has, number, said, text};
use crate::kube::id;
use crate::kube::read::quantity::Quantity;
use crate::kube::read::selector::{Labels, Selector};
use crate::yaml::Value;
use std::collections::BTreeSet;

/// The first version in which the name of a Service may begin with a digit (KEP-5311, on by default).
const ANY_SERVICE_NAME: u16 = 36;

/// The name of a Service: a DNS-1035 label, before that.
pub(super) fn service_name(name: &Value, path: &Path<'_>, found: &mut Found) {
    let Some(name) = name.as_str() else { return };
    let digit = name.starts_with(|c: char| c.is_ascii_digit());
    let problem = id::label_problem(name).or_else(|| {
        let old = digit && found.version.minor < ANY_SERVICE_NAME;
        old.then(|| "it begins with a digit".to_owned())
    });
    if let Some(problem) = problem {
        found.refuse(
            path,
            cannot_be(name, &problem),
            Some(format!("write `x{}`", id::nearest_label(name))),
        );
    }
}

/// A requirement of a selector of labels.
pub(super) fn expression(expression: &Value, path: &Path<'_>, found: &mut Found) {
    requirement(expression, path, found, &["DoesNotExist", "Exists", "In", "NotIn"]);
}

/// The same of nodes, whose labels may be numbers.
pub(super) fn node_expression(expression: &Value, path: &Path<'_>, found: &mut Found) {
    requirement(expression, path, found, &["DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"]);
}

fn requirement(expression: &Value, path: &Path<'_>, found: &mut Found, known: &[&str]) {
    let operator = text(expression, "operator");
    let values = expression.get("values").map(Value::items).unwrap_or_default();
    let place = path.key("values");
    match operator {
        _ if !known.contains(&operator) => {
            let instead = crate::diag::did_you_mean(operator, known.iter().copied());
            found.refuse(
                &path.key("operator"),
                cannot_be(operator, "it is not an operator"),
                Some(instead),
            );
        }
        "In" | "NotIn" if values.is_empty() => {
            found.refuse(&place, format!("are needed with `{operator}`"), None);
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let instead = Some("leave them out, or write `operator: In`".to_owned());
            found.refuse(&place, format!("have no meaning with `{operator}`"), instead);
        }
        "Gt" | "Lt"
            if values.len() != 1
                || values[0].as_str().is_none_or(|one| one.parse::<i64>().is_err()) =>
        {
            found.refuse(
                &place,
                format!("are one whole number, in quotes, with `{operator}`"),
                None,
            );
        }
        _ => {}
    }
}

/// What a claim asks for.
pub(super) fn claim(claim: &Value, path: &Path<'_>, found: &mut Found) {
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
pub(super) fn job(job: &Value, path: &Path<'_>, found: &mut Found) {
    let indexed = text(job, "completionMode") == "Indexed";
    if indexed && !has(job, "completions") {
        found.refuse(
            path,
            "is `Indexed` and has no `completions`",
            Some("write how many there are".to_owned()),
        );
    }
    for field in said(job, &["backoffLimitPerIndex", "maxFailedIndexes"]) {
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
pub(super) fn workload(spec: &Value, path: &Path<'_>, found: &mut Found) {
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
    let none = |amount: Option<&Value>| match amount {
        Some(Value::Int(0)) => true,
        Some(Value::String(text)) => text == "0%",
        _ => false,
    };
    let rolling = strategy.get("rollingUpdate").unwrap_or(&Value::Null);
    if none(rolling.get("maxSurge")) && none(rolling.get("maxUnavailable")) {
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

/// What a Service says of its ports and of where it leads.
pub(super) fn service(spec: &Value, path: &Path<'_>, found: &mut Found) {
    let of = text(spec, "type");
    let ports = spec.get("ports").map(Value::items).unwrap_or_default();
    let address = text(spec, "clusterIP");
    if of == "ExternalName" {
        if text(spec, "externalName").is_empty() {
            found.refuse(
                path,
                "is of type `ExternalName`, and has no `externalName`",
                Some("write the name".to_owned()),
            );
        }
        return;
    }
    if ports.is_empty() && address != "None" {
        let instead =
            Some("write the `ports`; or `clusterIP: None`, for one that only has names".to_owned());
        found.refuse(path, "has no ports", instead);
    }
    if address == "None" && ["LoadBalancer", "NodePort"].contains(&of) {
        found.refuse(&path.key("clusterIP"), format!("cannot be `None` with `type: {of}`"), None);
    }
    if !["", "None"].contains(&address) && address.parse::<std::net::IpAddr>().is_err() {
        found.refuse(&path.key("clusterIP"), cannot_be(address, "it is not an address"), None);
    }
    let mut names = BTreeSet::new();
    let list = path.key("ports");
    for (port, path) in each(spec, "ports", &list) {
        let name = text(port, "name");
        if name.is_empty() && ports.len() > 1 {
            found.refuse(
                &path,
                "has no name, and there are several",
                Some("give each a `name`".to_owned()),
            );
        } else if !name.is_empty() && !names.insert(name) {
            let instead = Some("give each its own name".to_owned());
            found.refuse(&path.key("name"), cannot_be(name, "another port is called so"), instead);
        }
        let outside = ["LoadBalancer", "NodePort"].contains(&of);
        match number(port, "nodePort").filter(|number| *number > 0) {
            Some(_) if !outside => {
                let instead = Some("leave it out, or write `type: NodePort`".to_owned());
                found.refuse(
                    &path.key("nodePort"),
                    "has a meaning with `NodePort` and `LoadBalancer` alone",
                    instead,
                );
            }
            // `--service-node-port-range`, where nobody says otherwise.
            Some(number) if !(30000..=32767).contains(&number) => {
                let instead =
                    Some("leave it out, or write a number from 30000 to 32767".to_owned());
                found.refuse(&path.key("nodePort"), format!("cannot be {number}"), instead);
            }
            _ => {}
        }
    }
    if has(spec, "externalTrafficPolicy")
        && !["LoadBalancer", "NodePort"].contains(&of)
        && !has(spec, "externalIPs")
    {
        let instead = Some("leave it out".to_owned());
        found.refuse(
            &path.key("externalTrafficPolicy"),
            "has a meaning with `NodePort` and `LoadBalancer` alone",
            instead,
        );
    }
}

/// The keys of a ConfigMap or a Secret, in both of its lists.
pub(super) fn data(object: &Value, path: &Path<'_>, found: &mut Found) {
    let keys = |list: &str| object.get(list).map(Value::entries).unwrap_or_default().iter();
    let text: BTreeSet<&String> = keys("data").map(|(key, _)| key).collect();
    for (key, _) in keys("binaryData").filter(|(key, _)| text.contains(key)) {
        let list = path.key("binaryData");
        found.refuse(&list.key(key), "stands in `data`, too", Some("keep one of them".to_owned()));
    }
}

/// A disruption budget says one number.
pub(super) fn budget(spec: &Value, path: &Path<'_>, found: &mut Found) {
    if let several @ [_, _] = said(spec, &["minAvailable", "maxUnavailable"]).as_slice() {
        let what = format!("has {}, which exclude each other", and(several));
        found.refuse(path, what, Some("keep one of them".to_owned()));
    }
}

/// How far an autoscaler goes.
pub(super) fn autoscaler(spec: &Value, path: &Path<'_>, found: &mut Found) {
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
pub(super) fn scaled(spec: &Value, path: &Path<'_>, found: &mut Found) {
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
pub(super) fn metric(metric: &Value, path: &Path<'_>, found: &mut Found) {
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

/// What a rule of a Role allows.
pub(super) fn rule(rule: &Value, path: &Path<'_>, found: &mut Found) {
    let empty = |list: &str| rule.get(list).is_none_or(|list| list.items().is_empty());
    if empty("verbs") {
        found.refuse(path, "has no `verbs`", Some("write what may be done".to_owned()));
    }
    if !empty("nonResourceURLs") {
        if !empty("resources") || !empty("apiGroups") {
            found.refuse(
                path,
                "has `nonResourceURLs` beside resources",
                Some("make two rules of it".to_owned()),
            );
        }
        return;
    }
    for list in ["apiGroups", "resources"] {
        if empty(list) {
            let instead = match list {
                "apiGroups" => {
                    "write the group of its resources; `\"\"` is that of Pods and Services"
                }
                _ => "write what it is about, such as `pods`",
            };
            found.refuse(path, format!("has no `{list}`"), Some(instead.to_owned()));
        }
    }
}

/// Whom a binding is for.
pub(super) fn subject(subject: &Value, path: &Path<'_>, found: &mut Found) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let (kind, group) = (text(subject, "kind"), text(subject, "apiGroup"));
    let wanted = match kind {
        "ServiceAccount" => "",
        "User" | "Group" => GROUP,
        _ => {
            let instead = crate::diag::did_you_mean(kind, ["Group", "ServiceAccount", "User"]);
            found.refuse(
                &path.key("kind"),
                cannot_be(kind, "nothing of that kind is bound"),
                Some(instead),
            );
            return;
        }
    };
    if kind == "ServiceAccount" && text(subject, "namespace").is_empty() {
        found.refuse(
            path,
            "has no `namespace`",
            Some("write where the ServiceAccount stands".to_owned()),
        );
    }
    // Left out, the API server writes it.
    if !group.is_empty() && group != wanted {
        found.refuse(
            &path.key("apiGroup"),
            cannot_be(group, &format!("a {kind} is of `{wanted}`")),
            None,
        );
    }
}

/// The name of a definition follows from what it defines.
pub(super) fn definition(object: &Value, path: &Path<'_>, found: &mut Found) {
    let field = |path: &[&str]| object.at(path).and_then(Value::as_str).unwrap_or_default();
    let name = field(&["metadata", "name"]);
    let wanted = format!("{}.{}", field(&["spec", "names", "plural"]), field(&["spec", "group"]));
    if name != wanted {
        let metadata = path.key("metadata");
        let instead = Some(format!("write `{wanted}`"));
        found.refuse(
            &metadata.key("name"),
            cannot_be(name, "it is not `plural` and `group`"),
            instead,
        );
    }
}

/// A rule of Prometheus alerts or records.
pub(super) fn alert(rule: &Value, path: &Path<'_>, found: &mut Found) {
    match said(rule, &["alert", "record"]).as_slice() {
        [_] => {}
        [] => found.refuse(
            path,
            "neither alerts nor records",
            Some("write `alert`, or `record`".to_owned()),
        ),
        _ => found.refuse(
            path,
            "alerts and records, which exclude each other",
            Some("make two rules of it".to_owned()),
        ),
    }
    let labels = path.key("labels");
    for (key, _) in rule.get("labels").map(Value::entries).unwrap_or_default() {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if key.is_empty()
            || !key.chars().all(inner)
            || key.starts_with(|c: char| c.is_ascii_digit())
        {
            let instead = Some("write letters, digits and `_`".to_owned());
            found.refuse(&labels.key(key), "is no label of Prometheus", instead);
        }
    }
}

/// Groups of rules have different names.
pub(super) fn groups(groups: &Value, path: &Path<'_>, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (index, group) in groups.items().iter().enumerate() {
        let name = text(group, "name");
        if !seen.insert(name) {
            let what = cannot_be(&shortened(name), "another group is called so");
            found.report(Refusal::Object, &path.item(index).key("name"), what, None);
        }
    }
}
