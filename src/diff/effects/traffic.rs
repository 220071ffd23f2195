//! Addresses under which users reach a service, and who moves them to another region.

use super::{Edit, Match, Service, amount, regions};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::{Item, Unit};
use crate::kube::engines::traffic::DnsEngine;
use crate::kube::kinds::KINDS;
use crate::kube::route;
use crate::yaml::Value;
use std::collections::BTreeSet;

/// Kinds that are an address, also those that are somebody else's.
fn addresses() -> impl Iterator<Item = &'static str> {
    KINDS.iter().filter(|row| row.address).map(|row| row.name).chain(["Gateway"])
}

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let stay = regions::of(service.new);
    let mut matches = services(service, &stay);
    for kind in addresses() {
        // With its region goes everything; what stays with its generation still answers.
        let gone = service.dropped(kind).filter(|dropped| {
            let region = dropped.item.identity.region.as_str();
            let ways = led_to(service.old, (kind, region), dropped.value);
            let elsewhere =
                !ways.is_empty() && lost(&ways, &answered(service, kind, region)).is_empty();
            !dropped.kept && kind != "Service" && stay.contains(region) && !elsewhere
        });
        matches.extend(gone.map(|dropped| {
            let title = format!("{kind} {} goes", dropped.item.name);
            Match::loosens(Code::ADDRESS_REMOVED, Severity::Critical, title)
                .at(&dropped.item.identity.region)
                .detail("whoever calls it finds nothing")
                .object(dropped.number)
        }));
        matches.extend(service.edits_of(kind).filter_map(|edit| narrower(service, &edit)));
        matches.extend(service.edits_of(kind).filter_map(|edit| failover(&edit)));
    }
    matches
}

/// Services that go, or will when their generation is retired: those of a former name or namespace.
/// Callers have the old address in their own configuration, which no rename reaches.
fn services(service: &Service<'_>, stay: &BTreeSet<&str>) -> Vec<Match> {
    let there = |item: &Item<'_>, retained: bool| {
        let same = |now: &Item<'_>| now.retained.is_some() == retained && super::same(now, item);
        items(service.new).iter().any(same)
    };
    let of_kind = |item: &&Item<'_>| item.identity.kind == "Service";
    let gone = items(service.old).iter().filter(of_kind).filter(|item| {
        let will_go = item.retained.is_some() && there(item, true);
        stay.contains(item.identity.region.as_str()) && !there(item, false) && !will_go
    });
    let matches = gone.map(|item| {
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
        let matched = match there(item, true) {
            true => Match::neutral(Code::ADDRESS_REMOVED, severity, title),
            false => Match::loosens(Code::ADDRESS_REMOVED, severity, title),
        };
        let matched = matched.at(&item.identity.region).detail(detail);
        let changed = service
            .changed
            .iter()
            .find(|changed| changed.old.is_some_and(|old| super::same(old, item)));
        changed.into_iter().fold(matched, |matched, changed| matched.object(changed.number))
    });
    matches.collect()
}

fn items<'a>(unit: Option<&'a Unit<'a>>) -> &'a [Item<'a>] {
    unit.map(Unit::items).unwrap_or_default()
}

fn narrower(service: &Service<'_>, edit: &Edit<'_>) -> Option<Match> {
    let (then, now) = (ways(edit.kind, edit.old), ways(edit.kind, edit.new));
    // What another object of the service answers for is not gone.
    let gone = lost(&then, &answered(service, edit.kind, edit.region));
    if gone.is_empty() {
        return None;
    }
    let title = format!("{} {} answers for less", edit.kind, edit.new_item.name);
    let matched = edit.loosens(Code::ADDRESS_REMOVED, Severity::High, title).changed(
        "ways",
        then.len(),
        now.len(),
    );
    Some(gone.into_iter().fold(matched, |matched, way| matched.detail(format!("{way} goes"))))
}

/// What the objects of a kind answer for, all together, once the change is made.
fn answered(service: &Service<'_>, kind: &str, region: &str) -> BTreeSet<String> {
    let current = super::current(service.new, kind, region);
    let values = current.filter_map(Item::value);
    values.flat_map(|value| led_to(service.new, (kind, region), value)).collect()
}

/// The ways of which none of `now` is one.
pub(super) fn lost<'a>(then: &'a BTreeSet<String>, now: &BTreeSet<String>) -> Vec<&'a String> {
    then.iter().filter(|way| !now.iter().any(|other| covers(other, way))).collect()
}

/// Whether whoever finds `way` also finds it by `other`: the same host, and the same path or one
/// above it.
fn covers(other: &str, way: &str) -> bool {
    let path = |way: &str| way.find('/').unwrap_or(way.len());
    let ((host, path), (other_host, wider)) =
        (way.split_at(path(way)), other.split_at(path(other)));
    host == other_host && route::leads_below(wider, path)
}

/// What an object of `unit` answers for: its own ways, or those of the route that it refers to.
fn led_to(
    unit: Option<&Unit<'_>>,
    (kind, region): (&str, &str),
    value: &Value,
) -> BTreeSet<String> {
    let text = |key| value.at(&["spec", "resourceRef", key]).and_then(Value::as_str);
    let Some((route, name)) = text("kind").zip(text("name")) else { return ways(kind, value) };
    let named = super::current(unit, route, region).filter(|item| item.name == name);
    named.filter_map(Item::value).flat_map(|value| ways(route, value)).collect()
}

/// Hosts and paths: `shop.example.com/cart`.
pub(super) fn ways(kind: &str, value: &Value) -> BTreeSet<String> {
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
        // A Gslb may have an Ingress in it.
        "Ingress" | "Gslb" => {
            let of_gslb = list(value, &["spec", "ingress", "rules"]);
            for rule in list(value, &["spec", "rules"]).iter().chain(&of_gslb) {
                for path in list(rule, &["http", "paths"]) {
                    ways.insert(format!("{}{}", text(rule, "host"), text(&path, "path")));
                }
            }
        }
        "HTTPRoute" => {
            let path = |found: &Value| {
                let path = found.at(&["path", "value"]).and_then(Value::as_str);
                path.unwrap_or("/").to_owned()
            };
            // Without rules, or without a match in one, it is every path.
            let whole = || vec!["/".to_owned()];
            let of_rule = |rule: &Value| match list(rule, &["matches"]) {
                none if none.is_empty() => whole(),
                some => some.iter().map(path).collect(),
            };
            let paths: Vec<String> = match list(value, &["spec", "rules"]) {
                none if none.is_empty() => whole(),
                some => some.iter().flat_map(of_rule).collect(),
            };
            let hosts = list(value, &["spec", "hostnames"]);
            for host in hosts.iter().filter_map(Value::as_str) {
                ways.extend(paths.iter().map(|path| format!("{host}{path}")));
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
fn failover(edit: &Edit<'_>) -> Option<Match> {
    let mut lines = Vec::new();
    let mut matched =
        edit.loosens(Code::FAILOVER_LOOSENED, Severity::High, "traffic moves later, or not at all");
    let engine = DnsEngine::ALL.iter().map(|engine| engine.row());
    let engine = engine.filter(|row| !row.ttl.contains('*'));
    if let Some(engine) = engine.into_iter().find(|row| row.kind.name() == edit.kind) {
        let ttl: Vec<&str> = engine.ttl.split('.').collect();
        let seconds = |value: &Value| amount::count(value.at(&ttl));
        if let (Some(then), Some(now)) = (seconds(edit.old), seconds(edit.new))
            && now > then
        {
            lines.push(format!("{} {then} → {now}", ttl.last().copied().unwrap_or_default()));
            matched = matched.changed("ttl_seconds", then, now);
        }
        let rule = |value: &Value| amount::shown(engine.rule.and_then(|rule| value.at(rule)));
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
                matched = matched.changed("ttl_seconds", then.0, now.0);
            }
            for gone in then.1.difference(&now.1) {
                lines.push(format!("{key}: no longer leads to {gone}"));
            }
            for gone in then.2.difference(&now.2) {
                lines.push(format!("{key}: without {gone}"));
            }
        }
    }
    if lines.is_empty() {
        return None;
    }
    Some(matched.details(lines))
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

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_way_is_found_by_a_wider_one() {
        assert!(covers("shop.example.com/", "shop.example.com/api"));
        assert!(covers("shop.example.com/api", "shop.example.com/api/"));
        assert!(covers("listener web", "listener web"));
        assert!(!covers("shop.example.com/api", "shop.example.com/"));
        assert!(!covers("shop.example.com/", "www.example.com/"));
        assert!(!covers("listener web", "listener other"));
    }
}
