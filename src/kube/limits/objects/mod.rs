//! What the fields of a kind say together.

mod workloads; // claims, jobs and workloads
mod scaling; //   autoscalers
mod rules; //     permissions, definitions, alerts

use super::form::cannot_be;
use super::{Found, Path, each, has, number, text};
use crate::kube::id;
use crate::yaml::Value;
pub(super) use rules::{alert, definition, groups, of_cluster, rule, subject, whole};
pub(super) use scaling::{autoscaler, metric, scaled};
use std::collections::BTreeSet;
pub(super) use workloads::{budget, by_hand, claim, job, rolling, workload};

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
