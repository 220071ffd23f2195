//! What amounts say together, and which of them are counted in pieces.
//!
//! Source: Kubernetes `pkg/apis/core/validation/validation.go`, `ValidateLimitRange`,
//! `ValidateResourceQuota`, `validateContainerResourceName`, and `pkg/apis/core/helper`.

use super::{Found, Path, has, text};
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;
use std::collections::BTreeSet;

/// What a container may ask for under a name without a domain.
const OF_CONTAINERS: [&str; 3] = ["cpu", "ephemeral-storage", "memory"];

/// What a quota counts in pieces, beside what has a domain.
const PIECES: [&str; 9] = [
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
];

/// What a container asks for has a name that is known, and huge pages come with something else.
pub(super) fn of_container(resources: &Value, path: &Path<'_>, found: &mut Found) {
    let lists = ["limits", "requests"];
    let entries = |list: &str| resources.get(list).map(Value::entries).unwrap_or_default();
    for list in lists {
        let list_path = path.key(list);
        for (name, _) in entries(list) {
            let pages = name.starts_with("hugepages-");
            if !pages && !name.contains('/') && !OF_CONTAINERS.contains(&name.as_str()) {
                let instead = match name.as_str() {
                    "gpu" => "write the name of its device plugin: `nvidia.com/gpu`".to_owned(),
                    _ => crate::diag::did_you_mean(name, OF_CONTAINERS),
                };
                found.refuse(
                    &list_path.key(name),
                    "is nothing that a container has",
                    Some(format!(
                        "{instead}; what a device plugin counts has a domain in its name"
                    )),
                );
            }
        }
    }
    let mut names = lists.into_iter().flat_map(entries).map(|(name, _)| name.as_str());
    let alone = !names.clone().any(|name| ["cpu", "memory"].contains(&name));
    if alone && names.any(|name| name.starts_with("hugepages-")) {
        let instead = Some("ask for `cpu` or `memory` as well".to_owned());
        found.refuse(path, "has huge pages, and neither CPU nor memory", instead);
    }
}

/// The bounds of one sort of thing, which are in order.
pub(super) fn bounds(limit: &Value, path: &Path<'_>, found: &mut Found) {
    const ORDER: [&str; 4] = ["min", "defaultRequest", "default", "max"];
    let of = |list: &str, name: &str| limit.at(&[list, name]).and_then(Quantity::of);
    let lists = ORDER.iter().filter_map(|list| limit.get(list));
    let names: BTreeSet<&str> =
        lists.flat_map(Value::entries).map(|(name, _)| name.as_str()).collect();
    for name in names {
        for (at, low) in ORDER.iter().enumerate() {
            let higher = ORDER[at + 1..]
                .iter()
                .find(|high| of(high, name) < of(low, name) && of(high, name).is_some());
            if let (Some(_), Some(high)) = (of(low, name), higher) {
                let instead = Some(format!("write no more than in `{high}`"));
                found.refuse(
                    &path.key(low).key(name),
                    format!("is more than `{high}` says"),
                    instead,
                );
            }
        }
    }
    for list in ["default", "defaultRequest"] {
        if text(limit, "type") == "Pod" && has(limit, list) {
            let instead = Some("write it for `type: Container`".to_owned());
            found.refuse(&path.key(list), "has no meaning with `type: Pod`", instead);
        }
    }
}

/// What a quota counts.
pub(super) fn quota(hard: &Value, path: &Path<'_>, found: &mut Found) {
    for (name, amount) in hard.entries() {
        let pieces = PIECES.contains(&name.as_str()) || name.starts_with("count/");
        let part = Quantity::of(amount).and_then(Quantity::thousandths);
        if pieces && part.is_some_and(|part| !part.is_multiple_of(1000)) {
            let instead = Some("it is counted in pieces".to_owned());
            found.refuse(&path.key(name), "is no whole number", instead);
        }
    }
}
