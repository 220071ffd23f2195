//! Ports and types of Services, under a name that stays.

use super::{Edit, Match, Service, amount, called};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// Fields that decide which addresses lead to which pods, and how much it matters.
const FIELDS: &[(&str, &str, Severity)] = &[
    ("type", "ClusterIP", Severity::High),
    ("clusterIP", "assigned", Severity::High),
    ("externalTrafficPolicy", "Cluster", Severity::Medium),
    ("internalTrafficPolicy", "Cluster", Severity::Medium),
    ("sessionAffinity", "None", Severity::Medium),
    ("publishNotReadyAddresses", "false", Severity::Medium),
];

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    service.edits_of("Service").filter_map(|edit| changes(service, &edit)).collect()
}

fn changes(service: &Service<'_>, edit: &Edit<'_>) -> Option<Match> {
    let mut found: Vec<(Severity, String)> = Vec::new();
    let (then, now) = (ports(edit.old), ports(edit.new));
    for (port, before) in &then {
        match now.get(port) {
            Some(after) if after != before => found.push((
                Severity::High,
                format!("port {port} leads to {after}, not {before}: pods that have no such port leave it at once"),
            )),
            // What goes is an address that is removed.
            Some(_) | None => {}
        }
    }
    for (field, otherwise, severity) in FIELDS {
        let of = |value: &Value| match value.at(&["spec", field]) {
            None => (*otherwise).to_owned(),
            written => amount::shown(written),
        };
        let (before, after) = (of(edit.old), of(edit.new));
        if before != after {
            found.push((*severity, format!("{field} {before} → {after}")));
        }
    }
    if then != now {
        let shared = now.keys().filter_map(|port| {
            let (number, protocol) = port.split_once('/')?;
            let udp = format!("{number}/UDP");
            (protocol == "TCP" && now.contains_key(&udp)).then_some(number)
        });
        // `patchMergeKey=port` (`core/v1/types.go`, `ServiceSpec.Ports`).
        found.extend(shared.map(|number| {
            let line = format!("{number} is a port of TCP and of UDP: client-side `kubectl apply` merges ports by their number alone, and mixes the two; apply on the server");
            (Severity::Medium, line)
        }));
    }
    let severity = found.iter().map(|(severity, _)| *severity).max()?;
    let title = format!("{} answers otherwise", called(service, edit.new_item));
    let matched =
        edit.neutral(Code::PORT_CHANGES, severity, title).changed("ports", then.len(), now.len());
    Some(found.into_iter().fold(matched, |matched, (_, line)| matched.detail(line)))
}

/// Where each port leads, by number and protocol.
fn ports(service: &Value) -> BTreeMap<String, String> {
    let ports = service.at(&["spec", "ports"]).map(Value::items).unwrap_or_default();
    let read = |port: &Value| {
        let number = amount::shown(port.get("port"));
        let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
        let target = port.get("targetPort").map_or(number.clone(), |to| amount::shown(Some(to)));
        (format!("{number}/{protocol}"), target)
    };
    ports.iter().map(read).collect()
}
