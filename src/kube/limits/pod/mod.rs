//! What the fields of a pod say together.
//!
//! Source: Kubernetes `pkg/apis/core/validation/validation.go`; `pkg/apis/{apps,batch}/validation` for
//! what the owner of a pod asks of it.

mod container; // one container

use super::form::cannot_be;
use super::{Found, Path, Refusal, and, each, has, number, present, runtime, text};
use crate::yaml::Value;
use container::{asked, started, stopped};
pub(super) use container::{handler, mount, ports, probe, resources, variable, variables};
use std::collections::BTreeSet;

/// Whose pods these are.
pub(super) struct Of<'a> {
    pub(super) group: &'a str,
    pub(super) kind: &'a str,
    pub(super) object: &'a Value,
}

const CONTAINERS: [&str; 2] = ["initContainers", "containers"];

/// What a whole pod says.
pub(super) fn check(pod: &Value, path: &Path<'_>, found: &mut Found, of: &Of<'_>) {
    restarts(pod, path, found, of);
    names(pod, path, found);
    let volumes = volumes(pod, of);
    for list in CONTAINERS {
        let list_path = path.key(list);
        for (container, path) in each(pod, list, &list_path) {
            mounted(container, &volumes, &path, found);
            runtime::propagates(container, &path, found);
            runtime::restarts(container, list, &path, found);
            asked(container, &path, found);
            started(container, &path, found);
            stopped(container, pod, &path, found);
            if list == "initContainers" && text(container, "restartPolicy") != "Always" {
                for field in present(
                    container,
                    &["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"],
                ) {
                    let instead = "leave it out; or `restartPolicy: Always`, for one that stays beside the others";
                    found.refuse(
                        &path.key(field),
                        "has no meaning in a container that ends before the others start",
                        Some(instead.to_owned()),
                    );
                }
            }
        }
    }
    if text(pod, "dnsPolicy") == "None"
        && pod.at(&["dnsConfig", "nameservers"]).is_none_or(|list| list.items().is_empty())
    {
        let instead = Some("name them in `dnsConfig.nameservers`".to_owned());
        found.refuse(&path.key("dnsPolicy"), "cannot be `None` without name servers", instead);
    }
    let searches = pod.at(&["dnsConfig", "searches"]).map(Value::items).unwrap_or_default();
    let length: usize = searches.iter().filter_map(Value::as_str).map(|one| one.len() + 1).sum();
    if length > 2048 + 1 {
        let config = path.key("dnsConfig");
        found.refuse(
            &config.key("searches"),
            format!("have {length} characters together, 2048 are the most"),
            None,
        );
    }
}

/// What the owner of pods asks of how their containers restart.
fn restarts(pod: &Value, path: &Path<'_>, found: &mut Found, of: &Of<'_>) {
    let policy = text(pod, "restartPolicy");
    if of.group == "apps" && pod.get("activeDeadlineSeconds").is_some_and(|it| *it != Value::Null) {
        let what = format!("is not taken in a {}: its pods stay", of.kind);
        found.refuse(&path.key("activeDeadlineSeconds"), what, Some("leave it out".to_owned()));
    }
    match (of.group, of.kind) {
        ("apps", kind) if !["", "Always"].contains(&policy) => {
            let what = format!("cannot be `{policy}` in a {kind}");
            found.refuse(
                &path.key("restartPolicy"),
                what,
                Some("leave it out, for `Always`".to_owned()),
            );
        }
        ("batch", kind) if ["", "Always"].contains(&policy) => {
            let what = match policy {
                "" => format!("is missing: a {kind} takes `OnFailure` or `Never`"),
                _ => format!("cannot be `{policy}` in a {kind}"),
            };
            found.refuse(
                &path.key("restartPolicy"),
                what,
                Some("write `restartPolicy: OnFailure`, or `Never`".to_owned()),
            );
        }
        _ => {}
    }
}

/// Containers of any list have different names.
fn names(pod: &Value, path: &Path<'_>, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for list in CONTAINERS {
        let list_path = path.key(list);
        let mut here = BTreeSet::new();
        for (container, path) in each(pod, list, &list_path) {
            let name = text(container, "name");
            // Twice in one list is reported already.
            if here.insert(name) && !seen.insert(name) {
                let instead = Some("give each its own name".to_owned());
                found.refuse(
                    &path.key("name"),
                    cannot_be(name, "an init container is called so"),
                    instead,
                );
            }
        }
    }
}

/// The names of what containers can mount.
fn volumes<'v>(pod: &'v Value, of: &Of<'v>) -> BTreeSet<&'v str> {
    let list = |value: Option<&'v Value>| value.map(Value::items).unwrap_or_default();
    let own = list(pod.get("volumes")).iter().map(|volume| text(volume, "name"));
    let claims = list(of.object.at(&["spec", "volumeClaimTemplates"])).iter();
    let claims = claims.filter_map(|claim| claim.at(&["metadata", "name"])?.as_str());
    own.chain(claims).collect()
}

fn mounted(container: &Value, volumes: &BTreeSet<&str>, path: &Path<'_>, found: &mut Found) {
    for list in ["volumeMounts", "volumeDevices"] {
        let list_path = path.key(list);
        for (mount, path) in each(container, list, &list_path) {
            let name = text(mount, "name");
            if !volumes.contains(name) {
                let known = volumes.iter().copied();
                let instead = crate::diag::did_you_mean(name, known);
                found.refuse(
                    &path.key("name"),
                    cannot_be(name, "the pod has no such volume"),
                    Some(instead),
                );
            }
        }
    }
}

/// What a volume is made of.
pub(super) fn volume(volume: &Value, path: &Path<'_>, found: &mut Found) {
    let sources: Vec<&str> = (volume.entries().iter())
        .filter(|(key, field)| key != "name" && *field != Value::Null)
        .map(|(key, _)| key.as_str())
        .collect();
    if sources.len() > 1 {
        let what = format!("is made of {}, which exclude each other", and(&sources));
        found.refuse(path, what, Some("make several volumes of it".to_owned()));
    }
}

/// What an `emptyDir` stands on.
pub(super) fn medium(medium: &Value, path: &Path<'_>, found: &mut Found) {
    let Some(text) = medium.as_str() else { return };
    let known = ["", "HugePages", "Memory"].contains(&text) || text.starts_with("HugePages-");
    if !known {
        let instead = Some("leave it out for the disk of the node, or write `Memory`".to_owned());
        found.refuse(path, format!("cannot be `{text}`"), instead);
    }
}

/// What a pod tolerates.
pub(super) fn toleration(toleration: &Value, path: &Path<'_>, found: &mut Found) {
    let (key, operator) = (text(toleration, "key"), text(toleration, "operator"));
    if key.is_empty() && operator != "Exists" {
        let instead =
            Some("write the `key` of the taint; or `operator: Exists`, for all of them".to_owned());
        found.refuse(path, "has no `key`", instead);
    }
    if operator == "Exists" && !text(toleration, "value").is_empty() {
        let instead = Some("leave the value out, or write `operator: Equal`".to_owned());
        found.refuse(&path.key("value"), "has no meaning with `operator: Exists`", instead);
    }
    let effect = text(toleration, "effect");
    if has(toleration, "tolerationSeconds") && !["", "NoExecute"].contains(&effect) {
        let instead = Some("leave it out, or write `effect: NoExecute`".to_owned());
        found.refuse(
            &path.key("tolerationSeconds"),
            "has a meaning with `NoExecute` alone",
            instead,
        );
    }
}

/// How pods are spread.
pub(super) fn spread(spread: &Value, path: &Path<'_>, found: &mut Found) {
    if has(spread, "minDomains") && text(spread, "whenUnsatisfiable") != "DoNotSchedule" {
        let instead = Some("leave it out, or write `whenUnsatisfiable: DoNotSchedule`".to_owned());
        found.refuse(&path.key("minDomains"), "has a meaning with `DoNotSchedule` alone", instead);
    }
    if has(spread, "matchLabelKeys") && !has(spread, "labelSelector") {
        let instead = Some("write the `labelSelector` that they are added to".to_owned());
        found.refuse(
            &path.key("matchLabelKeys"),
            "has a meaning beside a `labelSelector` alone",
            instead,
        );
    }
}

/// Privileges that exclude each other.
pub(super) fn privileges(context: &Value, path: &Path<'_>, found: &mut Found) {
    let is = |field: &str, wanted: bool| context.get(field) == Some(&Value::Bool(wanted));
    let added = context.at(&["capabilities", "add"]).map(Value::items).unwrap_or_default();
    let admin = added.iter().any(|one| one.as_str() == Some("CAP_SYS_ADMIN"));
    if is("allowPrivilegeEscalation", false) && (is("privileged", true) || admin) {
        let why = if admin { "`CAP_SYS_ADMIN`" } else { "`privileged: true`" };
        let instead = Some("keep one of them".to_owned());
        found.refuse(
            &path.key("allowPrivilegeEscalation"),
            format!("cannot be false beside {why}"),
            instead,
        );
    }
    if let (true, Some(0)) = (is("runAsNonRoot", true), number(context, "runAsUser")) {
        let what = "cannot be 0 beside `runAsNonRoot: true`".to_owned();
        found.report(
            Refusal::Start,
            &path.key("runAsUser"),
            what,
            Some("write another user".to_owned()),
        );
    }
}
