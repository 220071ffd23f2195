//! What leads users to a service: by which entry, to which port, in which share.

use super::{Edit, Match, Service, amount, regions};
use crate::diag::Code;
use crate::diff::report::{Direction, Severity};
use crate::kube::id::DEFAULT_NAMESPACE;
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
    matches.extend(service.edits_of("Ingress").filter_map(|edit| without_certificate(&edit)));
    matches.extend(service.edits_of("Ingress").filter_map(|edit| matched_otherwise(&edit)));
    matches.extend(answers_more(service));
    matches
}

/// Hosts that an Ingress goes on serving, and for which it names no certificate any more.
fn without_certificate(edit: &Edit<'_>) -> Option<Match> {
    let texts = |value: &Value, key: &str| -> Vec<String> {
        let items = value.get(key).map(Value::items).unwrap_or_default();
        items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let secured = |value: &Value| -> BTreeSet<String> {
        let tls = value.at(&["spec", "tls"]).map(Value::items).unwrap_or_default();
        tls.iter().flat_map(|entry| texts(entry, "hosts")).collect()
    };
    let served = |value: &Value| -> BTreeSet<String> {
        let rules = value.at(&["spec", "rules"]).map(Value::items).unwrap_or_default();
        rules.iter().filter_map(|rule| rule.get("host")?.as_str().map(str::to_owned)).collect()
    };
    let (then, now, serves) = (secured(edit.old), secured(edit.new), served(edit.new));
    let gone: Vec<&String> = then.difference(&now).filter(|host| serves.contains(*host)).collect();
    if gone.is_empty() {
        return None;
    }
    let matched = edit.loosens(
        Code::ROUTE_CHANGES,
        Severity::High,
        "users get no certificate of their own for a host",
    );
    let line = |host: &String| {
        format!("{host}: the controller answers with its default certificate, or without any")
    };
    Some(matched.details(gone.into_iter().map(line)))
}

/// Paths that are matched otherwise: what is exact leads nowhere below it.
fn matched_otherwise(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value| -> BTreeMap<String, String> {
        let rules = value.at(&["spec", "rules"]).map(Value::items).unwrap_or_default();
        let paths = rules.iter().flat_map(|rule| {
            let paths = rule.at(&["http", "paths"]).map(Value::items).unwrap_or_default();
            let text = |value: &Value, key: &str| {
                value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            paths.iter().map(move |path| {
                let way = format!("{}{}", text(rule, "host"), text(path, "path"));
                (way, text(path, "pathType"))
            })
        });
        paths.collect()
    };
    let (then, now) = (of(edit.old), of(edit.new));
    let narrower = then.iter().filter_map(|(way, kind)| {
        let after = now.get(way)?;
        let exact = after == "Exact" && kind != "Exact";
        exact.then(|| format!("{way} answers for that path alone, and for none below it"))
    });
    let lines: Vec<String> = narrower.collect();
    let matched = edit.loosens(Code::ADDRESS_REMOVED, Severity::High, "paths are no longer served");
    (!lines.is_empty()).then(|| matched.details(lines))
}

fn led(edit: &Edit<'_>, row: &Row) -> Option<Match> {
    let namespace = edit.new_item.identity.namespace.as_deref();
    let of = |value: &Value| {
        value.at(row.path).map(|value| told((row.kind, namespace), row.path, value))
    };
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
fn told(
    (kind, namespace): (&str, Option<&str>),
    path: &[&str],
    value: &Value,
) -> BTreeMap<String, String> {
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
                    // One that names no namespace is in that of the route.
                    let its = parent.get("namespace").and_then(Value::as_str).or(namespace);
                    format!(
                        "{}/{} {}",
                        its.unwrap_or(DEFAULT_NAMESPACE),
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
