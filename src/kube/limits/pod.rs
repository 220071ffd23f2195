//! What the fields of a pod say together.
//!
//! Source: Kubernetes `pkg/apis/core/validation/validation.go`; `pkg/apis/{apps,batch}/validation` for
//! what the owner of a pod asks of it.

use super::form::{self, cannot_be};
use super::size::LONGEST_STRING;
use super::{Found, Path, Refusal, and, each, has, number, said, text};
use crate::kube::downward;
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

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
            asked(container, &path, found);
            started(container, &path, found);
            stopped(container, pod, &path, found);
            if list == "initContainers" && text(container, "restartPolicy") != "Always" {
                for field in said(
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
            // Twice in one list was said.
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

/// Ports that probes and hooks ask for by their names: the kubelet finds them in the same container.
fn asked(container: &Value, path: &Path<'_>, found: &mut Found) {
    let ports: Vec<&str> = (container.get("ports").map(Value::items).unwrap_or_default().iter())
        .map(|port| text(port, "name"))
        .filter(|name| !name.is_empty())
        .collect();
    let places: [&[&str]; 5] = [
        &["livenessProbe"],
        &["readinessProbe"],
        &["startupProbe"],
        &["lifecycle", "preStop"],
        &["lifecycle", "postStart"],
    ];
    for (place, way) in
        places.iter().flat_map(|place| ["httpGet", "tcpSocket"].map(|way| (place, way)))
    {
        let Some(Value::String(name)) =
            container.at(place).and_then(|place| place.at(&[way, "port"]))
        else {
            continue;
        };
        if ports.contains(&name.as_str())
            || name.is_empty()
            || name.bytes().all(|byte| byte.is_ascii_digit())
        {
            continue;
        }
        let first = path.key(place[0]);
        let second = match place.get(1) {
            Some(step) => first.key(step),
            None => first,
        };
        let instead = match ports.as_slice() {
            [] => "write the number of the port, or name it in `ports` of the container".to_owned(),
            ports => crate::diag::did_you_mean(name, ports.iter().copied()),
        };
        let what = cannot_be(name, "the container has no port of that name");
        found.report(Refusal::Start, &second.key(way).key("port"), what, Some(instead));
    }
}

/// What the kernel is given to start a container. All of it together is more than an object holds.
fn started(container: &Value, path: &Path<'_>, found: &mut Found) {
    let mut string = |bytes: usize, path: &Path<'_>| {
        // The byte that ends it.
        if bytes + 1 > LONGEST_STRING {
            let what = format!("has {bytes} bytes, {} are the most", LONGEST_STRING - 1);
            found.report(Refusal::Kernel, path, what, Some(IN_A_FILE.to_owned()));
        }
    };
    for list in ["command", "args"] {
        let list_path = path.key(list);
        for (word, path) in each(container, list, &list_path) {
            string(word.as_str().map_or(0, str::len), &path);
        }
    }
    let list_path = path.key("env");
    for (variable, path) in each(container, "env", &list_path) {
        let bytes = text(variable, "name").len() + 1 + text(variable, "value").len();
        string(bytes, &path);
    }
}

/// What to do about too much of it.
const IN_A_FILE: &str = "put it into a ConfigMap, and mount that as a file";

/// A hook that sleeps for longer than the pod has.
fn stopped(container: &Value, pod: &Value, path: &Path<'_>, found: &mut Found) {
    let lifecycle = path.key("lifecycle");
    let stop = lifecycle.key("preStop");
    let sleep =
        container.at(&["lifecycle", "preStop", "sleep"]).and_then(|sleep| number(sleep, "seconds"));
    // The API server's default.
    let grace = number(pod, "terminationGracePeriodSeconds").unwrap_or(30);
    if let Some(sleep) = sleep.filter(|sleep| *sleep > grace) {
        let what = format!("cannot be {sleep}: the pod is killed after {grace}s");
        let instead = Some("sleep for less, or raise `terminationGracePeriodSeconds`".to_owned());
        found.refuse(&stop.key("sleep").key("seconds"), what, instead);
    }
}

/// The ports of a container have different names.
pub(super) fn ports(ports: &Value, path: &Path<'_>, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (index, port) in ports.items().iter().enumerate() {
        let name = text(port, "name");
        if !name.is_empty() && !seen.insert(name) {
            let instead = Some("give each its own name".to_owned());
            found.refuse(
                &path.item(index).key("name"),
                cannot_be(name, "another port is called so"),
                instead,
            );
        }
    }
}

/// An environment variable has a value, or one source of it.
pub(super) fn variable(variable: &Value, path: &Path<'_>, found: &mut Found) {
    let Some(from) = variable.get("valueFrom").filter(|from| **from != Value::Null) else { return };
    if !text(variable, "value").is_empty() {
        let instead = Some("keep one of them".to_owned());
        found.refuse(path, "has `value` and `valueFrom`, which exclude each other", instead);
    }
    let path = path.key("valueFrom");
    one_of(from, SOURCES, &path, found);
    let field = from.at(&["fieldRef", "fieldPath"]).and_then(Value::as_str);
    if let Some(field) = field.filter(|field| !is_told(field)) {
        let instead = crate::diag::did_you_mean(field, downward::FIELDS.iter().copied());
        let below = path.key("fieldRef");
        found.refuse(
            &below.key("fieldPath"),
            cannot_be(field, "no container is told it"),
            Some(instead),
        );
    }
    let resource = from.at(&["resourceFieldRef", "resource"]).and_then(Value::as_str);
    let known = |resource: &str| {
        downward::RESOURCES.contains(&resource) || resource.contains(".hugepages-")
    };
    if let Some(resource) = resource.filter(|resource| !known(resource)) {
        let instead = crate::diag::did_you_mean(resource, downward::RESOURCES.iter().copied());
        let below = path.key("resourceFieldRef");
        found.refuse(
            &below.key("resource"),
            cannot_be(resource, "no container is told it"),
            Some(instead),
        );
    }
}

const SOURCES: &[&str] =
    &["configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"];

fn is_told(field: &str) -> bool {
    let one = downward::MAPS.iter().any(|map| field.starts_with(map) && field.ends_with("']"));
    one || downward::FIELDS.contains(&field)
}

/// What `envFrom` takes variables from.
pub(super) fn variables(from: &Value, path: &Path<'_>, found: &mut Found) {
    one_of(from, &["configMapRef", "secretRef"], path, found);
}

/// Exactly one of `fields` says something.
fn one_of(value: &Value, fields: &[&str], path: &Path<'_>, found: &mut Found) {
    match said(value, fields).as_slice() {
        [_] => {}
        [] => {
            let instead = Some(format!("write one of {}", and(fields)));
            found.refuse(path, "says nothing", instead);
        }
        several => {
            let what = format!("has {}, which exclude each other", and(several));
            found.refuse(path, what, Some("keep one of them".to_owned()));
        }
    }
}

/// What containers can be asked, and told to do.
const ACTIONS: &[&str] = &["exec", "grpc", "httpGet", "tcpSocket"];

/// A probe asks in one way.
pub(super) fn probe(probe: &Value, path: &Path<'_>, found: &mut Found) {
    one_of(probe, ACTIONS, path, found);
    let once = matches!(path.step, super::Step::Key("livenessProbe" | "startupProbe"));
    if let Some(wanted) = number(probe, "successThreshold").filter(|wanted| once && *wanted > 1) {
        let instead = Some("leave it out: one success is enough here".to_owned());
        found.refuse(&path.key("successThreshold"), format!("cannot be {wanted}"), instead);
    }
}

/// A hook does one thing.
pub(super) fn handler(handler: &Value, path: &Path<'_>, found: &mut Found) {
    one_of(handler, &["exec", "httpGet", "sleep", "tcpSocket"], path, found);
}

/// What a container asks for is no more than what it may use.
pub(super) fn resources(resources: &Value, path: &Path<'_>, found: &mut Found) {
    let of = |list: &str| -> BTreeMap<&str, &Value> {
        let entries = resources.get(list).map(Value::entries).unwrap_or_default();
        entries.iter().map(|(name, amount)| (name.as_str(), amount)).collect()
    };
    let (limits, requests) = (of("limits"), of("requests"));
    let names: BTreeSet<&str> = limits.keys().chain(requests.keys()).copied().collect();
    let (limits_path, requests_path) = (path.key("limits"), path.key("requests"));
    for name in names {
        let read = |amount: Option<&&Value>| amount.and_then(|amount| Quantity::of(amount));
        let (limit, request) = (read(limits.get(name)), read(requests.get(name)));
        let place = if requests.contains_key(name) { &requests_path } else { &limits_path };
        // Only what is counted in pieces has a domain.
        let whole = name.contains('/') || name.starts_with("hugepages-");
        let pieces = [limit, request].into_iter().flatten().all(|amount| {
            !name.contains('/')
                || amount.thousandths().is_some_and(|part| part.is_multiple_of(1000))
        });
        if !pieces {
            found.refuse(
                &place.key(name),
                "is no whole number",
                Some("it is counted in pieces".to_owned()),
            );
        }
        if request.is_some() && limit.is_none() && whole {
            let instead = Some("write it in `limits`, which says both".to_owned());
            found.refuse(&requests_path.key(name), "has no limit, which must be the same", instead);
        }
        let Some((limit, request)) = limit.zip(request) else { continue };
        if request > limit {
            let instead = Some("raise the limit, or ask for less".to_owned());
            found.refuse(&requests_path.key(name), "is more than the limit", instead);
        } else if whole && request != limit {
            let instead = Some("write it in `limits` alone".to_owned());
            found.refuse(&requests_path.key(name), "is not the limit, and must be", instead);
        }
    }
}

/// Where a volume is mounted.
pub(super) fn mount(mount: &Value, path: &Path<'_>, found: &mut Found) {
    let place = text(mount, "mountPath");
    if place.is_empty() {
        found.refuse(&path.key("mountPath"), "is empty", Some("write a path".to_owned()));
    } else if place.contains(':') {
        found.report(
            Refusal::Start,
            &path.key("mountPath"),
            cannot_be(place, "`:` is in it"),
            None,
        );
    }
    for field in ["subPath", "subPathExpr"] {
        if let Some(problem) = form::inner_path_problem(text(mount, field)) {
            found.refuse(&path.key(field), cannot_be(text(mount, field), &problem), None);
        }
    }
    if let several @ [_, _] = said(mount, &["subPath", "subPathExpr"]).as_slice() {
        let what = format!("has {}, which exclude each other", and(several));
        found.refuse(path, what, Some("keep one of them".to_owned()));
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
