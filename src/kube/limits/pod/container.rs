//! What a cluster refuses of a container: ports, variables, probes, resources, mounts.

use crate::kube::downward;
use crate::kube::limits::form::{self, cannot_be};
use crate::kube::limits::size::LONGEST_STRING;
use crate::kube::limits::{
    Found, Path, Refusal, Step, and, each, has, number, present, runtime, text,
};
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Ports that probes and hooks ask for by their names: the kubelet finds them in the same container.
pub(super) fn asked(container: &Value, path: &Path<'_>, found: &mut Found) {
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
pub(super) fn started(container: &Value, path: &Path<'_>, found: &mut Found) {
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
pub(super) fn stopped(container: &Value, pod: &Value, path: &Path<'_>, found: &mut Found) {
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
pub(in crate::kube::limits) fn ports(ports: &Value, path: &Path<'_>, found: &mut Found) {
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
pub(in crate::kube::limits) fn variable(variable: &Value, path: &Path<'_>, found: &mut Found) {
    let Some(from) = variable.get("valueFrom").filter(|from| **from != Value::Null) else { return };
    if !text(variable, "value").is_empty() {
        let instead = Some("keep one of them".to_owned());
        found.refuse(path, "has `value` and `valueFrom`, which exclude each other", instead);
    }
    let path = path.key("valueFrom");
    one_of(from, SOURCES, &path, found);
    let field = from.at(&["fieldRef", "fieldPath"]).and_then(Value::as_str);
    if let Some(field) = field.filter(|field| !is_known_field(field)) {
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

fn is_known_field(field: &str) -> bool {
    let one = downward::MAPS.iter().any(|map| field.starts_with(map) && field.ends_with("']"));
    one || downward::FIELDS.contains(&field)
}

/// What `envFrom` takes variables from.
pub(in crate::kube::limits) fn variables(from: &Value, path: &Path<'_>, found: &mut Found) {
    one_of(from, &["configMapRef", "secretRef"], path, found);
}

/// Exactly one of `fields` says something.
fn one_of(value: &Value, fields: &[&str], path: &Path<'_>, found: &mut Found) {
    match present(value, fields).as_slice() {
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

/// The actions of probes and hooks.
const ACTIONS: &[&str] = &["exec", "grpc", "httpGet", "tcpSocket"];

/// A probe asks in one way.
pub(in crate::kube::limits) fn probe(probe: &Value, path: &Path<'_>, found: &mut Found) {
    one_of(probe, ACTIONS, path, found);
    let once =
        matches!(path.step, crate::kube::limits::Step::Key("livenessProbe" | "startupProbe"));
    if let Some(wanted) = number(probe, "successThreshold").filter(|wanted| once && *wanted > 1) {
        let instead = Some("leave it out: one success is enough here".to_owned());
        found.refuse(&path.key("successThreshold"), format!("cannot be {wanted}"), instead);
    }
    let ready = matches!(path.step, Step::Key("readinessProbe"));
    if ready && has(probe, "terminationGracePeriodSeconds") {
        let instead = Some("leave it out: it ends no container".to_owned());
        let what = "has no meaning in a readiness probe";
        found.refuse(&path.key("terminationGracePeriodSeconds"), what, instead);
    }
}

/// A hook does one thing.
pub(in crate::kube::limits) fn handler(handler: &Value, path: &Path<'_>, found: &mut Found) {
    one_of(handler, &["exec", "httpGet", "sleep", "tcpSocket"], path, found);
}

/// What a container asks for is no more than what it may use.
pub(in crate::kube::limits) fn resources(resources: &Value, path: &Path<'_>, found: &mut Found) {
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
pub(in crate::kube::limits) fn mount(mount: &Value, path: &Path<'_>, found: &mut Found) {
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
    if runtime::is_in_proc(place) {
        let what = cannot_be(place, "a runtime mounts nothing inside of `/proc`");
        found.report(Refusal::Start, &path.key("mountPath"), what, None);
    }
    for field in ["subPath", "subPathExpr"] {
        if let Some(problem) = form::inner_path_problem(text(mount, field)) {
            found.refuse(&path.key(field), cannot_be(text(mount, field), &problem), None);
        }
    }
    if let several @ [_, _] = present(mount, &["subPath", "subPathExpr"]).as_slice() {
        let what = format!("has {}, which exclude each other", and(several));
        found.refuse(path, what, Some("keep one of them".to_owned()));
    }
}
