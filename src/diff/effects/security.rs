//! Privileges that pods gain.

use super::{Match, Service, amount, called, workload};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::kube::pod_security::SYSCTLS;
use crate::yaml::Value;
use std::collections::BTreeSet;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for edit in service.edits() {
        let mut lines = Vec::new();
        if let Some((old, new)) = edit.pods() {
            lines.extend(of_pod(old, new));
            let then = workload::containers(old);
            for (name, after) in workload::containers(new) {
                // One that comes has what it says; nothing was held back from it before.
                let before =
                    then.iter().find(|(other, _)| *other == name).map(|(_, before)| *before);
                let old = before.map_or((&Value::Null, &Value::Null), |before| (old, before));
                let gained = of_container(old, (new, after));
                lines.extend(gained.into_iter().map(|line| format!("container {name}: {line}")));
            }
        }
        if edit.kind == "Namespace" {
            lines.extend(of_namespace(edit.old, edit.new));
        }
        if edit.kind == "ServiceAccount" {
            lines.extend(token(edit.old, edit.new));
        }
        if lines.is_empty() {
            continue;
        }
        let matched = edit.loosens(Code::SECURITY_LOOSENED, Severity::High, "pods may do more");
        matches.push(matched.details(lines));
    }
    matches.extend(come(service));
    matches
}

/// Workloads that are new and may do what no pod may by itself.
fn come(service: &Service<'_>) -> Vec<Match> {
    let new = service.changed.iter().filter(|changed| changed.old.is_none());
    let of = |changed: &super::Changed<'_>| {
        let item = changed.new.filter(|item| item.retained.is_none())?;
        let pod = workload::pod(&item.identity.kind, item.value()?)?;
        let mut lines = of_pod(&Value::Null, pod);
        for (name, container) in workload::containers(pod) {
            let gained = of_container((&Value::Null, &Value::Null), (pod, container));
            lines.extend(gained.into_iter().map(|line| format!("container {name}: {line}")));
        }
        let title = format!("{} comes, whose pods may do more than others", called(service, item));
        (!lines.is_empty()).then(|| {
            Match::loosens(Code::SECURITY_LOOSENED, Severity::High, title)
                .at(&item.identity.region)
                .details(lines)
                .object(changed.number)
        })
    };
    new.filter_map(of).collect()
}

fn is(value: Option<&Value>, bool: bool) -> bool {
    value == Some(&Value::Bool(bool))
}

fn of_pod(old: &Value, new: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for key in ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"] {
        if !is(old.get(key), true) && is(new.get(key), true) {
            lines.push(format!("{key} on"));
        }
    }
    // With users of its own, root in a pod is nobody on the node.
    if is(old.get("hostUsers"), false) && !is(new.get("hostUsers"), false) {
        lines.push("has the users of its node".to_owned());
    }
    let sysctls = |pod: &Value| -> BTreeSet<String> {
        let list = pod.at(&["securityContext", "sysctls"]).map(Value::items).unwrap_or_default();
        let shown = |one: &Value| {
            let text = |key| amount::shown(one.get(key));
            format!("{}={}", text("name"), text("value"))
        };
        let safe = |one: &&Value| SYSCTLS.contains(&amount::shown(one.get("name")).as_str());
        list.iter().filter(|one| !safe(one)).map(shown).collect()
    };
    let set = sysctls(new);
    lines.extend(set.difference(&sysctls(old)).map(|one| format!("sets {one} of the kernel")));
    lines.extend(token(old, new));
    let paths = |pod: &Value| -> BTreeSet<String> {
        let volumes = pod.get("volumes").map(Value::items).unwrap_or_default();
        let path = |volume: &Value| Some(volume.at(&["hostPath", "path"])?.as_str()?.to_owned());
        volumes.iter().filter_map(path).collect()
    };
    lines
        .extend(paths(new).difference(&paths(old)).map(|path| format!("reads {path} of its node")));
    lines
}

/// The token of an account, which is mounted unless a pod or its account says otherwise.
fn token(old: &Value, new: &Value) -> Option<String> {
    let key = "automountServiceAccountToken";
    let gained = is(old.get(key), false) && !is(new.get(key), false);
    gained.then(|| "gets a token for the API server".to_owned())
}

/// What a container may do, with what its pod says where it says nothing.
fn of_container(old: (&Value, &Value), new: (&Value, &Value)) -> Vec<String> {
    let mut lines = Vec::new();
    let own = |(_, container): (&Value, &Value), key: &str| {
        container.at(&["securityContext", key]).cloned()
    };
    let either = |side: (&Value, &Value), key: &str| {
        own(side, key).or_else(|| side.0.at(&["securityContext", key]).cloned())
    };
    if !is(own(old, "privileged").as_ref(), true) && is(own(new, "privileged").as_ref(), true) {
        lines.push("privileged".to_owned());
    }
    for (key, safe, line) in [
        ("allowPrivilegeEscalation", false, "may gain privileges"),
        ("readOnlyRootFilesystem", true, "may write to its own files"),
    ] {
        if is(own(old, key).as_ref(), safe) && !is(own(new, key).as_ref(), safe) {
            lines.push(line.to_owned());
        }
    }
    let root = |side| {
        let user = either(side, "runAsUser");
        amount::count(user.as_ref()) == Some(0)
    };
    let refused = |side| is(either(side, "runAsNonRoot").as_ref(), true);
    if !root(old) && root(new) || refused(old) && !refused(new) {
        lines.push("may run as root".to_owned());
    }
    let profile = |side| {
        let profile = either(side, "seccompProfile");
        profile.as_ref().and_then(|profile| profile.get("type")?.as_str().map(str::to_owned))
    };
    let filtered = |name: Option<String>| name.is_some_and(|name| name != "Unconfined");
    if filtered(profile(old)) && !filtered(profile(new)) {
        lines.push("no seccomp profile".to_owned());
    }
    let confined = |side| {
        let profile = either(side, "appArmorProfile");
        profile.as_ref().and_then(|profile| profile.get("type")?.as_str()) != Some("Unconfined")
    };
    if confined(old) && !confined(new) {
        lines.push("no AppArmor profile".to_owned());
    }
    let unmasked =
        |side| own(side, "procMount").as_ref().and_then(Value::as_str) == Some("Unmasked");
    if !unmasked(old) && unmasked(new) {
        lines.push("sees all of /proc".to_owned());
    }
    let of_the_host = |side| {
        let options = either(side, "windowsOptions");
        options.is_some_and(|options| is(options.get("hostProcess"), true))
    };
    if !of_the_host(old) && of_the_host(new) {
        lines.push("runs as a process of its node".to_owned());
    }
    let host_ports = |(_, container): (&Value, &Value)| -> BTreeSet<String> {
        let ports = container.get("ports").map(Value::items).unwrap_or_default();
        let port = |port: &Value| {
            let number = amount::count(port.get("hostPort")).filter(|number| *number > 0)?;
            Some(number.to_string())
        };
        ports.iter().filter_map(port).collect()
    };
    lines.extend(
        host_ports(new)
            .difference(&host_ports(old))
            .map(|number| format!("answers on port {number} of its node")),
    );
    let capabilities = |side, list: &str| -> BTreeSet<String> {
        let all = own(side, "capabilities");
        let items =
            all.as_ref().and_then(|all| all.get(list)).map(Value::items).unwrap_or_default();
        items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let added = capabilities(new, "add");
    lines.extend(
        added.difference(&capabilities(old, "add")).map(|name| format!("capability {name}")),
    );
    let kept = capabilities(new, "drop");
    if !kept.contains("ALL") {
        let lost = capabilities(old, "drop");
        lines.extend(lost.difference(&kept).map(|name| format!("no longer drops {name}")));
    }
    lines
}

/// The standards that Pod Security Admission enforces, the strictest last.
const STANDARDS: [&str; 3] = ["privileged", "baseline", "restricted"];

fn of_namespace(old: &Value, new: &Value) -> Option<String> {
    let enforced = |value: &Value| {
        let label = ["metadata", "labels", "pod-security.kubernetes.io/enforce"];
        let name = value.at(&label).and_then(Value::as_str).unwrap_or("privileged");
        STANDARDS.iter().position(|standard| *standard == name)
    };
    let (then, now) = (enforced(old)?, enforced(new)?);
    (now < then).then(|| format!("pods held to `{}`, not `{}`", STANDARDS[now], STANDARDS[then]))
}
