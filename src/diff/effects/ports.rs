//! Ports and types of Services, under a name that stays.

use super::{Edit, Match, Service, amount, called, selectors};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::Item;
use crate::kube::labels::GENERATION;
use crate::kube::read::addresses::Addresses;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// Fields that decide which addresses lead to which pods, and how much it matters.
const FIELDS: &[(&str, &str, Severity)] = &[
    ("type", "ClusterIP", Severity::High),
    ("clusterIP", "assigned", Severity::High),
    ("externalName", "none", Severity::High),
    ("loadBalancerClass", "the cluster's", Severity::High),
    ("loadBalancerIP", "assigned", Severity::High),
    ("externalTrafficPolicy", "Cluster", Severity::Medium),
    ("internalTrafficPolicy", "Cluster", Severity::Medium),
    ("sessionAffinity", "None", Severity::Medium),
    ("publishNotReadyAddresses", "false", Severity::Medium),
];

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let edits = service.edits_of("Service").filter_map(|edit| changes(service, &edit));
    // A service that is new comes with its addresses.
    let added = service.added("Service").filter(|_| service.old.is_some());
    edits.chain(added.filter_map(|(number, item)| from_outside(number, item))).collect()
}

/// A Service that is new and is reached from outside the cluster.
fn from_outside(number: usize, item: &Item<'_>) -> Option<Match> {
    let written = item.value()?.at(&["spec", "type"]).and_then(Value::as_str);
    let kind = written.filter(|kind| ["LoadBalancer", "NodePort"].contains(kind))?;
    let title = format!("Service {} is reached from outside the cluster", item.name);
    let matched = Match::neutral(Code::ADDRESS_ADDED, Severity::Medium, title);
    Some(matched.at(&item.identity.region).detail(format!("type {kind}")).object(number))
}

fn changes(service: &Service<'_>, edit: &Edit<'_>) -> Option<Match> {
    let mut found: Vec<(Severity, String)> = Vec::new();
    let (then, now) = (ports(edit.old), ports(edit.new));
    // A name and the number that it is in the pods lead to the same; a name that the pods that run do not
    // have leads nowhere until they are replaced.
    let number = |port: &String, target: &String, service_value: &Value| {
        let targets = selectors::targets_now(service, edit.old_item, service_value);
        let numbers = targets.get(&(port.clone(), target.clone())).cloned().unwrap_or_default();
        match numbers.into_iter().collect::<Vec<_>>().as_slice() {
            [one] => one.clone(),
            _ => target.clone(),
        }
    };
    let leads_elsewhere = |port: &String, before: &String, after: &String| {
        before != after && number(port, before, edit.old) != number(port, after, edit.new)
    };
    for (port, before) in &then {
        match now.get(port) {
            Some(after) if leads_elsewhere(port, before, after) => found.push((
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
    found.extend(reach(service, edit));
    let severity = found.iter().map(|(severity, _)| *severity).max()?;
    let title = format!("{} answers differently", called(service, edit.new_item));
    let matched =
        edit.neutral(Code::PORT_CHANGES, severity, title).changed("ports", then.len(), now.len());
    Some(found.into_iter().fold(matched, |matched, (_, line)| matched.detail(line)))
}

/// Who reaches it from outside, and which pods answer.
fn reach(service: &Service<'_>, edit: &Edit<'_>) -> Vec<(Severity, String)> {
    let mut found = Vec::new();
    let list = |value: &Value, key: &str| -> Vec<String> {
        let items = value.at(&["spec", key]).map(Value::items).unwrap_or_default();
        items.iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect()
    };
    // Without a list, everybody may.
    let sources = |value: &Value| -> (Addresses, String) {
        let written = list(value, "loadBalancerSourceRanges");
        let all = ["0.0.0.0/0".to_owned(), "::/0".to_owned()];
        let shown = if written.is_empty() { "everybody".to_owned() } else { written.join(", ") };
        // Who may come from every address of one family is said to be everybody.
        let any = written.is_empty() || written.iter().any(|range| range == "0.0.0.0/0");
        let texts = if any { all.to_vec() } else { written };
        let ranges = texts.iter().filter_map(|text| Addresses::of(text));
        (ranges.fold(Addresses::default(), |all, range| all.with(&range)), shown)
    };
    let ((then, before), (now, after)) = (sources(edit.old), sources(edit.new));
    let balanced =
        |value: &Value| value.at(&["spec", "type"]).and_then(Value::as_str) == Some("LoadBalancer");
    let (wider, narrower) = (!now.without(&then).is_empty(), !then.without(&now).is_empty());
    if !balanced(edit.old) || !balanced(edit.new) {
        // Of the type itself its own row speaks.
    } else if wider {
        found.push((Severity::High, format!("its load balancer lets in {after}, not {before}")));
    } else if narrower {
        found.push((Severity::Medium, format!("its load balancer lets in {after}, not {before}")));
    }
    found.extend(inside_or_outside(edit));
    let (then, now) = (list(edit.old, "externalIPs"), list(edit.new, "externalIPs"));
    for address in now.iter().filter(|address| !then.contains(address)) {
        found.push((Severity::High, format!("it takes what is sent to {address} on any node")));
    }
    for address in then.iter().filter(|address| !now.contains(address)) {
        found.push((Severity::High, format!("nothing answers at {address} any more")));
    }
    let selector = |value: &Value| {
        let labels = value.at(&["spec", "selector"]).map(Value::entries).unwrap_or_default();
        // The label of a generation follows its workload.
        let mut own: Vec<String> = labels
            .iter()
            .filter(|(key, _)| key != GENERATION)
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
            .collect();
        own.sort();
        own.join(",")
    };
    let (then, now) = (selector(edit.old), selector(edit.new));
    let pods = |value: &'_ Value| value.at(&["spec", "selector"]).cloned().unwrap_or(Value::Null);
    let (before, after) = (pods(edit.old), pods(edit.new));
    let same_pods = || selectors::finds_the_same(service, edit.new_item, (&before, &after));
    if then != now && super::same(edit.old_item, edit.new_item) && !same_pods() {
        found.push((Severity::High, format!("it leads to pods with {now}, not with {then}")));
        // Nobody here knows which labels the pods of somebody else's have.
        let ours = edit.new_item.own.is_some();
        if !ours && !selectors::finds_any(service, edit.new_item, [&before, &after]) {
            found.pop();
            found.extend(unknown_pods((&before, &after), (&then, &now)));
        }
    }
    found
}

/// Annotations by which a cloud gives a load balancer an address inside of its network or outside: those of
/// Azure, AWS and Google.
const INTERNAL: &[&str] = &[
    "service.beta.kubernetes.io/azure-load-balancer-internal",
    "service.beta.kubernetes.io/aws-load-balancer-internal",
    "service.beta.kubernetes.io/aws-load-balancer-scheme",
    "networking.gke.io/load-balancer-type",
    "cloud.google.com/load-balancer-type",
];

/// A load balancer that gets its address elsewhere.
fn inside_or_outside(edit: &Edit<'_>) -> Vec<(Severity, String)> {
    let of = |value: &Value, key: &str| amount::shown(value.at(&["metadata", "annotations", key]));
    let differ = INTERNAL.iter().filter_map(|key| {
        let (then, now) = (of(edit.old, key), of(edit.new, key));
        let line = format!(
            "its load balancer moves inside the network, or out of it: {key} {then} → {now}"
        );
        (then != now).then_some((Severity::High, line))
    });
    let balanced = edit.new.at(&["spec", "type"]).and_then(Value::as_str) == Some("LoadBalancer");
    if balanced { differ.collect() } else { Vec::new() }
}

/// What is known of another selector where no pods of either are in the tree.
fn unknown_pods(
    (before, after): (&Value, &Value),
    (then, now): (&str, &str),
) -> Vec<(Severity, String)> {
    let within = |few: &Value, many: &Value| {
        few.entries().iter().all(|(key, value)| many.get(key) == Some(value))
    };
    let shown = |labels: &str| match labels {
        "" => "none: whoever writes its endpoints".to_owned(),
        labels => labels.to_owned(),
    };
    let (then, now) = (shown(then), shown(now));
    let what = if within(after, before) && !after.entries().is_empty() {
        (Severity::Low, format!("it leads to pods with {now}: those with {then} are among them"))
    } else if within(before, after) && !before.entries().is_empty() {
        (
            Severity::Medium,
            format!("it leads to pods with {now}: of those with {then}, maybe to fewer"),
        )
    } else {
        (Severity::Medium, format!("it leads to pods with {now}, not with {then}"))
    };
    let (severity, line) = what;
    let unknown = "no workload of this tree has pods with these labels: look at those that run, `kubectl get pods -l`, before this is applied".to_owned();
    vec![(severity, line), (severity, unknown)]
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
