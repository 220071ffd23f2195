//! What the fields of routes, records and network policies say together.

use super::form::{cannot_be, name_problem, port_name_problem, range_problem};
use super::{Found, Path, has, number, present, text};
use crate::yaml::Value;
use std::net::IpAddr;

/// The most requests that a route tells apart, of all its rules (Gateway API, `spec.rules`).
const MATCHES: usize = 128;

/// The longest path that a route tells apart.
const LONGEST_PATH: usize = 1024;

/// An Ingress leads somewhere.
pub(super) fn ingress(spec: &Value, path: &Path<'_>, found: &mut Found) {
    let empty = spec.get("rules").is_none_or(|rules| rules.items().is_empty());
    if empty && !has(spec, "defaultBackend") {
        found.refuse(
            path,
            "leads nowhere",
            Some("write `rules`, or a `defaultBackend`".to_owned()),
        );
    }
}

/// A path of an Ingress.
pub(super) fn ingress_path(entry: &Value, path: &Path<'_>, found: &mut Found) {
    let place = text(entry, "path");
    let exact = ["Exact", "Prefix"].contains(&text(entry, "pathType"));
    let relative = !place.is_empty() && !place.starts_with('/');
    if let Some(problem) = path_problem(place).filter(|_| exact || relative) {
        let instead = Some("write a path such as `/api`".to_owned());
        found.refuse(&path.key("path"), cannot_be(place, &problem), instead);
    }
}

/// What is wrong with a path (Kubernetes `validateHTTPIngressPath`; Gateway API, `HTTPPathMatch`).
fn path_problem(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return Some("it does not begin with `/`".to_owned());
    }
    let wrong = ["//", "/./", "/../", "%2f", "%2F", "#"].iter().find(|part| path.contains(**part));
    let wrong = wrong.or(["/..", "/."].iter().find(|end| path.ends_with(**end)));
    wrong.map(|part| format!("`{part}` is in it"))
}

/// Where an Ingress leads: to a port of a Service, by its number or its name.
pub(super) fn backend(backend: &Value, path: &Path<'_>, found: &mut Found) {
    let sides = present(backend, &["resource", "service"]);
    if sides.len() != 1 {
        found.refuse(path, "leads to one Service, or to one `resource`", None);
    }
    let Some(port) = backend.at(&["service", "port"]) else { return };
    if present(port, &["name", "number"]).len() != 1 {
        let service = path.key("service");
        let instead = Some("write its `number`, or its `name`".to_owned());
        found.refuse(&service.key("port"), "is one port", instead);
    }
}

/// A path of a route.
pub(super) fn path(place: &Value, path: &Path<'_>, found: &mut Found) {
    let value = text(place, "value");
    if text(place, "type") == "RegularExpression" || !has(place, "value") {
        return;
    }
    let long = value.len() > LONGEST_PATH;
    let long =
        long.then(|| format!("it has {} characters, {LONGEST_PATH} are the most", value.len()));
    if let Some(problem) = long.or_else(|| path_problem(value)) {
        let instead = Some("write a path such as `/api`".to_owned());
        found.refuse(&path.key("value"), cannot_be(value, &problem), instead);
    }
}

/// How many requests a route tells apart.
pub(super) fn matches(rules: &Value, path: &Path<'_>, found: &mut Found) {
    let count = |rule: &Value| rule.get("matches").map_or(0, |matches| matches.items().len());
    let all: usize = rules.items().iter().map(count).sum();
    if all > MATCHES {
        let instead = Some("make several routes of it".to_owned());
        found.refuse(path, format!("have {all} matches together, {MATCHES} are the most"), instead);
    }
}

/// Whom a policy lets in or out: pods, or addresses.
pub(super) fn peer(peer: &Value, path: &Path<'_>, found: &mut Found) {
    match present(peer, &["ipBlock", "namespaceSelector", "podSelector"]).as_slice() {
        [] => {
            let instead = Some("write `podSelector: {}`, for all pods of the namespace".to_owned());
            found.refuse(path, "names nobody", instead);
        }
        ["ipBlock", _, ..] => {
            let instead = Some("make two peers of it".to_owned());
            found.refuse(path, "has `ipBlock` beside selectors, which exclude each other", instead);
        }
        _ => {}
    }
}

/// A range of addresses, and what is taken out of it.
pub(super) fn block(block: &Value, path: &Path<'_>, found: &mut Found) {
    let whole = text(block, "cidr");
    if let Some(problem) = range_problem(whole) {
        found.refuse(&path.key("cidr"), cannot_be(whole, &problem), None);
        return;
    }
    let list = path.key("except");
    for (index, except) in
        block.get("except").map(Value::items).unwrap_or_default().iter().enumerate()
    {
        let Some(range) = except.as_str() else { continue };
        let problem = range_problem(range).or_else(|| {
            (!is_within(range, whole)).then(|| format!("it is not a part of `{whole}`"))
        });
        if let Some(problem) = problem {
            found.refuse(&list.item(index), cannot_be(range, &problem), None);
        }
    }
}

/// Whether a range is a part of another one, and not all of it.
fn is_within(part: &str, whole: &str) -> bool {
    let read = |range: &str| {
        let (address, length) = range.split_once('/')?;
        let (bits, width) = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let length: u32 = length.parse().ok()?;
        // The bits in front, moved to the end.
        Some((width, length, move |length: u32| bits.checked_shr(width - length).unwrap_or(0)))
    };
    let (Some((width, length, bits)), Some((of_whole, front, all))) = (read(part), read(whole))
    else {
        return false;
    };
    width == of_whole && length > front && bits(front) == all(front)
}

/// A port that a policy opens.
pub(super) fn policy_port(port: &Value, path: &Path<'_>, found: &mut Found) {
    let protocol = text(port, "protocol");
    if !["", "SCTP", "TCP", "UDP"].contains(&protocol) {
        let instead = crate::diag::did_you_mean(protocol, ["SCTP", "TCP", "UDP"]);
        found.refuse(
            &path.key("protocol"),
            cannot_be(protocol, "it is none of its values"),
            Some(instead),
        );
    }
    match port.get("port") {
        Some(Value::Int(number)) if !(1..=65535).contains(number) => {
            let instead = Some("write a number from 1 to 65535".to_owned());
            found.refuse(&path.key("port"), format!("cannot be {number}"), instead);
        }
        Some(Value::String(name)) => {
            if let Some(problem) = port_name_problem(name) {
                found.refuse(&path.key("port"), cannot_be(name, &problem), None);
            }
        }
        _ => {}
    }
    let Some(end) = number(port, "endPort") else { return };
    let first = number(port, "port");
    if first.is_none_or(|first| end < first || end > 65535) {
        let instead = Some("write `port` as a number, and no less than that".to_owned());
        found.refuse(&path.key("endPort"), format!("cannot be {end}"), instead);
    }
}

/// A record of DNS: addresses where addresses belong, and names where names do.
pub(super) fn record(record: &Value, path: &Path<'_>, found: &mut Found) {
    let list = path.key("targets");
    for (index, target) in
        record.get("targets").map(Value::items).unwrap_or_default().iter().enumerate()
    {
        let Some(target) = target.as_str() else { continue };
        let address = target.parse::<IpAddr>().ok();
        let problem = match text(record, "recordType") {
            "A" if !address.is_some_and(|address| address.is_ipv4()) => {
                Some("it is no IPv4 address".to_owned())
            }
            "AAAA" if !address.is_some_and(|address| address.is_ipv6()) => {
                Some("it is no IPv6 address".to_owned())
            }
            "CNAME" => name_problem(target),
            _ => None,
        };
        if let Some(problem) = problem {
            found.refuse(&list.item(index), cannot_be(target, &problem), None);
        }
    }
}
