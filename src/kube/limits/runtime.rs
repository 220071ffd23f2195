//! What a cluster refuses of a container, and of what it mounts.
//!
//! Source: Kubernetes `pkg/apis/core/validation/validation.go`.

use super::form::{cannot_be, variable};
use super::{Found, Path, and, each, has, present, text};
use crate::yaml::Value;

/// The first version in which every container says by itself whether it is restarted (KEP-5307, on by
/// default).
const OWN_RESTARTS: u16 = 35;

/// The fields of a pod that a file may have: all others change while it runs.
const IN_FILES: [&str; 5] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];

/// What of `/proc` may be hidden (runc `libcontainer/rootfs_linux.go`, `checkProcMount`).
const HIDDEN: [&str; 10] = [
    "/proc/cpuinfo",
    "/proc/diskstats",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/slabinfo",
    "/proc/stat",
    "/proc/swaps",
    "/proc/sys/crypto/fips_enabled",
    "/proc/sys/kernel/ns_last_pid",
    "/proc/uptime",
];

/// Whether a path is one inside of `/proc`, where a runtime mounts nothing.
pub fn is_in_proc(path: &str) -> bool {
    path.starts_with("/proc/") && !HIDDEN.contains(&path)
}

/// Whether a container is restarted is present of its pod.
pub(super) fn restarts(container: &Value, list: &str, path: &Path<'_>, found: &mut Found) {
    let policy = text(container, "restartPolicy");
    if policy.is_empty() || found.version.minor >= OWN_RESTARTS {
        return;
    }
    let (what, instead) = match list {
        "initContainers" if policy == "Always" => return,
        "initContainers" => {
            ("of a container that comes before the others is `Always`, or nothing", "leave it out")
        }
        _ => (
            "is present of the pod, before Kubernetes 1.35",
            "write it in the pod, beside `containers`",
        ),
    };
    found.refuse(&path.key("restartPolicy"), what, Some(instead.to_owned()));
}

/// Mounts that others see are for those who may do everything on their node.
pub(super) fn propagates(container: &Value, path: &Path<'_>, found: &mut Found) {
    if container.at(&["securityContext", "privileged"]) == Some(&Value::Bool(true)) {
        return;
    }
    let list = path.key("volumeMounts");
    for (mount, path) in each(container, "volumeMounts", &list) {
        if text(mount, "mountPropagation") == "Bidirectional" {
            let instead = Some("write `HostToContainer`, or leave it out".to_owned());
            found.refuse(
                &path.key("mountPropagation"),
                "cannot be `Bidirectional` in a container without privileges",
                instead,
            );
        }
    }
}

/// What the names of variables that come together begin with.
pub(super) fn prefix(prefix: &Value, path: &Path<'_>, found: &mut Found) {
    if prefix.as_str().is_some_and(|text| !text.is_empty()) {
        variable(prefix, path, found);
    }
}

/// The name of a header (Kubernetes `IsHTTPHeaderName`).
pub(super) fn header_problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("it is empty".to_owned());
    }
    let wrong = name.chars().find(|c| !(c.is_ascii_alphanumeric() || *c == '-'));
    wrong.map(|c| format!("{c:?} is in it"))
}

/// A profile of the node goes with its name.
pub(super) fn profile(profile: &Value, path: &Path<'_>, found: &mut Found) {
    let local = text(profile, "type") == "Localhost";
    let named = !text(profile, "localhostProfile").is_empty();
    if local && !named {
        let instead = Some("write `localhostProfile`, its path on the node".to_owned());
        found.refuse(path, "is of type `Localhost`, and has no `localhostProfile`", instead);
    } else if !local && has(profile, "localhostProfile") {
        let instead = Some("leave it out, or write `type: Localhost`".to_owned());
        found.refuse(
            &path.key("localhostProfile"),
            "has a meaning with `type: Localhost` alone",
            instead,
        );
    }
}

/// What a file is told of its pod.
pub(super) fn item(item: &Value, path: &Path<'_>, found: &mut Found) {
    match present(item, &["fieldRef", "resourceFieldRef"]).as_slice() {
        [_] => {}
        [] => found.refuse(
            path,
            "says nothing",
            Some("write `fieldRef`, or `resourceFieldRef`".to_owned()),
        ),
        several => {
            let what = format!("has {}, which exclude each other", and(several));
            found.refuse(path, what, Some("keep one of them".to_owned()));
        }
    }
    let field = item.at(&["fieldRef", "fieldPath"]).and_then(Value::as_str).unwrap_or_default();
    let one = ["metadata.annotations['", "metadata.labels['"];
    let one = one.iter().any(|map| field.starts_with(map)) && field.ends_with("']");
    if has(item, "fieldRef") && !one && !IN_FILES.contains(&field) {
        let below = path.key("fieldRef");
        found.refuse(
            &below.key("fieldPath"),
            cannot_be(field, "no file is told it"),
            Some("give it to the container as a variable".to_owned()),
        );
    }
    if let Some(resource) = item.get("resourceFieldRef").filter(|it| **it != Value::Null)
        && text(resource, "containerName").is_empty()
    {
        let instead = Some("write the name of the container that it is about".to_owned());
        found.refuse(&path.key("resourceFieldRef"), "has no `containerName`", instead);
    }
}
