//! What leads users to a service: by which entry, to which port, in which share.

use super::{Edit, Match, Service, amount, regions};
use crate::diag::Code;
use crate::diff::report::{Direction, Severity};
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is told of a kind of route: where it is in the object, how it is called, how much it matters.
struct Row {
    kind: &'static str,
    path: &'static [&'static str],
    what: &'static str,
    severity: Severity,
}

const ROWS: &[Row] = &[
    row("HTTPRoute", &["spec", "parentRefs"], "it comes in by another Gateway", Severity::High),
    row("Ingress", &["spec", "ingressClassName"], "another controller serves it", Severity::High),
    row("HTTPRoute", &["spec", "rules"], "it leads to another port or Service", Severity::High),
    row("Ingress", &["spec", "rules"], "it leads to another port or Service", Severity::High),
    row("Ingress", &["spec", "defaultBackend"], "everything else leads elsewhere", Severity::High),
    row(
        "Gslb",
        &["spec", "strategy", "weight"],
        "regions get other shares of the users",
        Severity::Medium,
    ),
    row("DNSEndpoint", &["spec", "endpoints"], "names are answered differently", Severity::Medium),
];

const fn row(
    kind: &'static str,
    path: &'static [&'static str],
    what: &'static str,
    severity: Severity,
) -> Row {
    Row { kind, path, what, severity }
}

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for row in ROWS {
        matches.extend(service.edits_of(row.kind).filter_map(|edit| led(&edit, row)));
    }
    matches.extend(answers_more(service));
    matches
}

fn led(edit: &Edit<'_>, row: &Row) -> Option<Match> {
    let of = |value: &Value| value.at(row.path).map(|value| told(row.kind, row.path, value));
    let (then, now) = (of(edit.old).unwrap_or_default(), of(edit.new).unwrap_or_default());
    // What comes and goes is an address of its own.
    let other = then.iter().filter_map(|(key, old)| {
        let new = now.get(key)?;
        (new != old).then(|| match key.as_str() {
            "" => format!("{old} → {new}"),
            key => format!("{key}: {old} → {new}"),
        })
    });
    let lines: Vec<String> = other.collect();
    if lines.is_empty() {
        return None;
    }
    let matched = edit.neutral(Code::ROUTE_CHANGES, row.severity, row.what);
    Some(matched.details(lines))
}

/// What a part of a route says, by what it says it of.
fn told(kind: &str, path: &[&str], value: &Value) -> BTreeMap<String, String> {
    let mut told = BTreeMap::new();
    let text = |value: &Value, key: &str| amount::shown(value.get(key));
    match (kind, path) {
        ("HTTPRoute", [_, "rules"]) => {
            for rule in value.items() {
                let matches = rule.get("matches").map(Value::items).unwrap_or_default();
                let paths: BTreeSet<String> = matches
                    .iter()
                    .map(|found| amount::shown(found.at(&["path", "value"])))
                    .collect();
                let paths = if paths.is_empty() {
                    "/".to_owned()
                } else {
                    paths.into_iter().collect::<Vec<_>>().join(", ")
                };
                let backends = rule.get("backendRefs").map(Value::items).unwrap_or_default();
                let backends: Vec<String> = backends
                    .iter()
                    .map(|to| {
                        format!(
                            "{}:{} × {}",
                            text(to, "name"),
                            text(to, "port"),
                            to.get("weight")
                                .map_or("1".to_owned(), |weight| amount::shown(Some(weight)))
                        )
                    })
                    .collect();
                told.insert(paths, backends.join(", ").replace(" × 1", ""));
            }
        }
        ("Ingress", [_, "rules"]) => {
            for rule in value.items() {
                for path in rule.at(&["http", "paths"]).map(Value::items).unwrap_or_default() {
                    let service = path.at(&["backend", "service"]);
                    let port = service
                        .and_then(|to| to.get("port"))
                        .map(|port| amount::shown(port.get("name").or(port.get("number"))));
                    let to = service.map(|to| text(to, "name")).unwrap_or_default();
                    told.insert(
                        format!("{}{}", text(rule, "host"), text(path, "path")),
                        format!("{to}:{}", port.unwrap_or_default()),
                    );
                }
            }
        }
        ("HTTPRoute", _) => {
            let parents: BTreeSet<String> = value
                .items()
                .iter()
                .map(|parent| {
                    format!(
                        "{}/{} {}",
                        text(parent, "namespace"),
                        text(parent, "name"),
                        text(parent, "sectionName")
                    )
                })
                .collect();
            told.insert(String::new(), parents.into_iter().collect::<Vec<_>>().join(", "));
        }
        ("DNSEndpoint", _) => {
            for endpoint in value.items() {
                for told_of in
                    endpoint.get("providerSpecific").map(Value::items).unwrap_or_default()
                {
                    let key = format!("{} {}", text(endpoint, "dnsName"), text(told_of, "name"));
                    told.insert(key, text(told_of, "value"));
                }
            }
        }
        ("Gslb", _) => {
            for (region, weight) in value.entries() {
                told.insert(region.clone(), amount::shown(Some(weight)));
            }
        }
        _ => {
            told.insert(String::new(), amount::shown(Some(value)));
        }
    }
    told
}

/// Hosts and paths at which a service answers that it did not answer at before.
fn answers_more(service: &Service<'_>) -> Vec<Match> {
    let there = regions::of(service.old);
    let mut matches = Vec::new();
    for kind in ["HTTPRoute", "Ingress"] {
        let ways = |value: &Value| super::traffic::ways(kind, value);
        let all = |unit, region: &str| -> BTreeSet<String> {
            super::current(unit, kind, region)
                .filter_map(|item| item.value())
                .flat_map(ways)
                .collect()
        };
        for region in &there {
            let (then, now) = (all(service.old, region), all(service.new, region));
            let more = super::traffic::lost(&now, &then);
            if more.is_empty() {
                continue;
            }
            // Records of the same names come with it.
            let kinds = [kind, "DNSEndpoint", "Gslb"];
            let there = kinds
                .iter()
                .flat_map(|kind| service.changed_of(kind))
                .filter(|changed| changed.new.is_some_and(|new| new.identity.region == *region));
            let numbers: Vec<usize> = there.map(|changed| changed.number).collect();
            let title = match more.as_slice() {
                [one] => format!("answers at {one}, too"),
                more => format!("answers at {} more addresses", more.len()),
            };
            matches.push(
                Match::new(Code::ADDRESS_ADDED, Severity::Low, Direction::Neutral, title)
                    .at(region)
                    .details(more.into_iter().map(|way| format!("+ {way}")))
                    .objects(numbers),
            );
        }
    }
    matches
}
