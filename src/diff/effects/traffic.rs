//! Addresses under which users reach a service, and who moves them to another region.

use super::{Edit, Hit, Service, amount, regions};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::{Item, Unit};
use crate::yaml::Value;
use std::collections::BTreeSet;

/// Kinds that are an address.
const ADDRESSES: &[&str] = &["Service", "Ingress", "HTTPRoute", "Gateway", "DNSEndpoint", "Gslb"];

pub(super) fn check(service: &Service<'_>) -> Vec<Hit> {
    let stay = regions::of(service.new);
    let mut hits = services(service, &stay);
    for kind in ADDRESSES {
        // With its region goes everything; what stays with its generation still answers.
        let gone = service.dropped(kind).filter(|dropped| {
            !dropped.kept
                && *kind != "Service"
                && stay.contains(dropped.item.identity.region.as_str())
        });
        hits.extend(gone.map(|dropped| {
            let title = format!("{kind} {} goes", dropped.item.name);
            Hit::loosens(Code::ADDRESS_REMOVED, Severity::Critical, title)
                .at(&dropped.item.identity.region)
                .detail("whoever calls it finds nothing")
                .object(dropped.number)
        }));
        hits.extend(service.edits_of(kind).filter_map(|edit| narrower(&edit)));
        hits.extend(service.edits_of(kind).filter_map(|edit| failover(&edit)));
    }
    hits
}

/// Services that go, or will when their generation is retired: those of a former name or namespace.
/// Callers have the old address in their own configuration, which no rename reaches.
fn services(service: &Service<'_>, stay: &BTreeSet<&str>) -> Vec<Hit> {
    let there = |item: &Item<'_>, retained: bool| {
        let same = |now: &Item<'_>| now.retained.is_some() == retained && super::same(now, item);
        items(service.new).iter().any(same)
    };
    let of_kind = |item: &&Item<'_>| item.identity.kind == "Service";
    let gone = items(service.old).iter().filter(of_kind).filter(|item| {
        let will_go = item.retained.is_some() && there(item, true);
        stay.contains(item.identity.region.as_str()) && !there(item, false) && !will_go
    });
    let hits = gone.map(|item| {
        let namespace = item.identity.namespace.as_deref().unwrap_or_default();
        let (severity, when, detail) = match there(item, true) {
            true => (
                Severity::High,
                "goes when it is retired",
                format!("until then it answers: move whoever calls {}.{namespace}", item.name),
            ),
            false => (Severity::Critical, "goes", "whoever calls it finds nothing".to_owned()),
        };
        let title = format!("Service {} {when}", item.name);
        // Back is another address that goes: neither way is the looser one.
        let hit = match there(item, true) {
            true => Hit::neutral(Code::ADDRESS_REMOVED, severity, title),
            false => Hit::loosens(Code::ADDRESS_REMOVED, severity, title),
        };
        let hit = hit.at(&item.identity.region).detail(detail);
        let changed = service
            .changed
            .iter()
            .find(|changed| changed.old.is_some_and(|old| super::same(old, item)));
        changed.into_iter().fold(hit, |hit, changed| hit.object(changed.number))
    });
    hits.collect()
}

fn items<'a>(unit: Option<&'a Unit<'a>>) -> &'a [Item<'a>] {
    unit.map(|unit| unit.items.as_slice()).unwrap_or_default()
}

fn narrower(edit: &Edit<'_>) -> Option<Hit> {
    let (then, now) = (ways(edit.kind, edit.old), ways(edit.kind, edit.new));
    let gone: Vec<&String> = then.difference(&now).collect();
    if gone.is_empty() {
        return None;
    }
    let title = format!("{} {} answers for less", edit.kind, edit.new_item.name);
    let hit = Hit::loosens(Code::ADDRESS_REMOVED, Severity::High, title)
        .at(edit.region)
        .changed("ways", then.len(), now.len())
        .object(edit.number);
    Some(gone.into_iter().fold(hit, |hit, way| hit.detail(format!("{way} goes"))))
}

/// Hosts and paths: `shop.example.com/cart`.
fn ways(kind: &str, value: &Value) -> BTreeSet<String> {
    let text = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let list = |value: &Value, path: &[&str]| {
        value.at(path).map(Value::items).unwrap_or_default().to_vec()
    };
    let mut ways = BTreeSet::new();
    match kind {
        "Service" => {
            for port in list(value, &["spec", "ports"]) {
                let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
                ways.insert(format!("port {}/{protocol}", amount::shown(port.get("port"))));
            }
        }
        "Ingress" => {
            for rule in list(value, &["spec", "rules"]) {
                for path in list(&rule, &["http", "paths"]) {
                    ways.insert(format!("{}{}", text(&rule, "host"), text(&path, "path")));
                }
            }
        }
        "HTTPRoute" => {
            let hosts = list(value, &["spec", "hostnames"]);
            ways.extend(hosts.iter().filter_map(|host| host.as_str().map(str::to_owned)));
            for rule in list(value, &["spec", "rules"]) {
                for found in list(&rule, &["matches"]) {
                    let path = found.at(&["path", "value"]).and_then(Value::as_str);
                    ways.extend(path.map(|path| format!("path {path}")));
                }
            }
        }
        "Gateway" => {
            for listener in list(value, &["spec", "listeners"]) {
                ways.insert(format!("listener {}", text(&listener, "name")));
            }
        }
        "DNSEndpoint" => {
            for endpoint in list(value, &["spec", "endpoints"]) {
                ways.insert(text(&endpoint, "dnsName"));
            }
        }
        _ => {}
    }
    ways
}

/// What makes a switch to another region slower, or not happen (external-dns `DNSEndpoint`, k8gb
/// `Gslb`).
fn failover(edit: &Edit<'_>) -> Option<Hit> {
    let mut lines = Vec::new();
    let mut hit =
        Hit::loosens(Code::FAILOVER_LOOSENED, Severity::High, "traffic moves later, or not at all")
            .at(edit.region)
            .object(edit.number);
    let seconds = |value: &Value, path: &[&str]| amount::count(value.at(path));
    if edit.kind == "Gslb" {
        let ttl = ["spec", "strategy", "dnsTtlSeconds"];
        if let (Some(then), Some(now)) = (seconds(edit.old, &ttl), seconds(edit.new, &ttl))
            && now > then
        {
            lines.push(format!("dnsTtlSeconds {then} → {now}"));
            hit = hit.changed("ttl_seconds", then, now);
        }
        let rule = |value: &Value| amount::shown(value.at(&["spec", "strategy", "type"]));
        if rule(edit.old) != rule(edit.new) {
            lines.push(format!("strategy {} → {}", rule(edit.old), rule(edit.new)));
        }
    }
    if edit.kind == "DNSEndpoint" {
        for (key, then) in endpoints(edit.old) {
            let Some((_, now)) = endpoints(edit.new).into_iter().find(|(other, _)| *other == key)
            else {
                lines.push(format!("record {key} goes"));
                continue;
            };
            if now.0 > then.0 {
                lines.push(format!("{key}: TTL {}s → {}s", then.0, now.0));
                hit = hit.changed("ttl_seconds", then.0, now.0);
            }
            for gone in then.1.difference(&now.1) {
                lines.push(format!("{key}: leads to {gone} no more"));
            }
            for gone in then.2.difference(&now.2) {
                lines.push(format!("{key}: without {gone}"));
            }
        }
    }
    if lines.is_empty() {
        return None;
    }
    Some(lines.into_iter().fold(hit, Hit::detail))
}

/// TTL, targets and what a provider is told (health checks, failover), of each record by name.
type Record = (u64, BTreeSet<String>, BTreeSet<String>);

fn endpoints(value: &Value) -> Vec<(String, Record)> {
    let endpoints = value.at(&["spec", "endpoints"]).map(Value::items).unwrap_or_default();
    let text = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let list =
        |value: &Value, key: &str| value.get(key).map(Value::items).unwrap_or_default().to_vec();
    let read = |endpoint: &Value| {
        let name = text(endpoint, "dnsName");
        let id = text(endpoint, "setIdentifier");
        let key = if id.is_empty() { name } else { format!("{name} ({id})") };
        let targets = list(endpoint, "targets");
        let targets = targets.iter().filter_map(|target| target.as_str().map(str::to_owned));
        let told = list(endpoint, "providerSpecific");
        let told = told.iter().map(|told| text(told, "name"));
        let ttl = amount::count(endpoint.get("recordTTL")).unwrap_or(0);
        (key, (ttl, targets.collect(), told.collect()))
    };
    endpoints.iter().map(read).collect()
}
