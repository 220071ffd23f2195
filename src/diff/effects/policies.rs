//! Ways between pods that a NetworkPolicy closes or opens.

use super::{Match, Service, amount};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::kube::labels;
use crate::yaml::Value;
use std::collections::BTreeSet;

const KIND: &str = "NetworkPolicy";

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    // The way between a service and its jobs comes and goes with these.
    let own_jobs = format!("{}={}", labels::JOB_OF, service.name);
    let others = |way: &&Way| way.peer != own_jobs;
    for edit in service.edits_of(KIND) {
        let (then, now) = (ways(edit.old), ways(edit.new));
        let closed: Vec<&Way> =
            then.iter().filter(others).filter(|way| !covered(&now, way)).collect();
        let opened: Vec<&Way> =
            now.iter().filter(others).filter(|way| !covered(&then, way)).collect();
        if !closed.is_empty() {
            let matched = edit
                .neutral(Code::NETWORK_PATH_CLOSED, Severity::High, title(&closed, "closed"))
                .fact("closed", closed.len());
            matches.push(closed.iter().fold(matched, |matched, way| matched.detail(way.shown())));
        }
        if !opened.is_empty() {
            let matched = edit
                .loosens(Code::NETWORK_PATH_OPENED, Severity::Medium, title(&opened, "opened"))
                .fact("opened", opened.len());
            matches.push(opened.iter().fold(matched, |matched, way| matched.detail(way.shown())));
        }
    }
    let stay = super::regions::of(service.new);
    let namespaces: BTreeSet<(&str, Option<&str>)> = service
        .dropped("Namespace")
        .map(|namespace| {
            (namespace.item.identity.region.as_str(), Some(namespace.item.name.as_str()))
        })
        .collect();
    for dropped in service.dropped(KIND).filter(|dropped| !dropped.kept) {
        let identity = &dropped.item.identity;
        let region = identity.region.as_str();
        // With its namespace goes everything that it closed.
        let alone = !namespaces.contains(&(region, identity.namespace.as_deref()));
        if stay.contains(region) && alone {
            let title = format!("NetworkPolicy {} goes", identity.logical_name);
            matches.push(
                Match::loosens(Code::NETWORK_PATH_OPENED, Severity::High, title)
                    .at(&identity.region)
                    .detail("what no other policy closes is open to everybody")
                    .object(dropped.number),
            );
        }
    }
    matches
}

fn title(ways: &[&Way], word: &str) -> String {
    match ways {
        [_] => format!("a network path is {word}"),
        more => format!("{} network paths are {word}", more.len()),
    }
}

/// From or to whom, on which port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    direction: &'static str,
    peer: String,
    port: String,
}

const ANY: &str = "anybody";
const ALL: &str = "every port";

impl Way {
    fn shown(&self) -> String {
        let word = if self.direction == "ingress" { "from" } else { "to" };
        format!("{} {word} {} on {}", self.direction, self.peer, self.port)
    }
}

/// Whether one of `ways` is at least as wide.
fn covered(ways: &BTreeSet<Way>, way: &Way) -> bool {
    ways.iter().any(|other| {
        other.direction == way.direction
            && (other.peer == ANY || other.peer == way.peer)
            && (other.port == ALL || other.port == way.port)
    })
}

/// Every way that a policy leaves open; all of a direction that it does not speak of.
fn ways(policy: &Value) -> BTreeSet<Way> {
    let mut ways = BTreeSet::new();
    let types = policy.at(&["spec", "policyTypes"]).map(Value::items).unwrap_or_default();
    for (direction, kind, peers) in [("ingress", "Ingress", "from"), ("egress", "Egress", "to")] {
        let rules = policy.at(&["spec", direction]);
        // Without types, a policy is about what comes in, and about what goes out if it says so.
        let spoken = match types {
            [] => kind == "Ingress" || rules.is_some(),
            types => types.iter().any(|named| named.as_str() == Some(kind)),
        };
        if !spoken {
            ways.insert(Way { direction, peer: ANY.to_owned(), port: ALL.to_owned() });
            continue;
        }
        for rule in rules.map(Value::items).unwrap_or_default() {
            for peer in of(rule, peers, peer, ANY) {
                for port in of(rule, "ports", port, ALL) {
                    ways.insert(Way { direction, peer: peer.clone(), port });
                }
            }
        }
    }
    ways
}

/// Each item of a list, or what it means that there is none.
fn of(rule: &Value, key: &str, shown: fn(&Value) -> String, otherwise: &str) -> Vec<String> {
    match rule.get(key).map(Value::items).unwrap_or_default() {
        [] => vec![otherwise.to_owned()],
        items => items.iter().map(shown).collect(),
    }
}

/// `orders`, `10.0.0.0/8`, or the labels that are asked for.
fn peer(peer: &Value) -> String {
    if let Some(cidr) = peer.at(&["ipBlock", "cidr"]).and_then(Value::as_str) {
        let except = peer.at(&["ipBlock", "except"]).map(Value::items).unwrap_or_default();
        let except: Vec<&str> = except.iter().filter_map(Value::as_str).collect();
        return match except.as_slice() {
            [] => cidr.to_owned(),
            some => format!("{cidr} without {}", some.join(", ")),
        };
    }
    let namespace = peer.get("namespaceSelector").map(|selector| {
        let name = selector.at(&["matchLabels", "kubernetes.io/metadata.name"]);
        name.and_then(Value::as_str).map_or_else(|| selected(selector), str::to_owned)
    });
    let pods = peer.get("podSelector").map(|selector| {
        let service = selector.at(&["matchLabels", labels::SERVICE]).and_then(Value::as_str);
        service.map_or_else(|| selected(selector), str::to_owned)
    });
    match (pods, namespace) {
        (Some(pods), Some(namespace)) if pods == namespace => pods,
        (Some(pods), Some(namespace)) => format!("{pods} in {namespace}"),
        (Some(pods), None) => pods,
        (None, Some(namespace)) => format!("namespace {namespace}"),
        (None, None) => ANY.to_owned(),
    }
}

/// `app=web, tier in [gold]`, or `all`.
fn selected(selector: &Value) -> String {
    let labels = selector.get("matchLabels").map(Value::entries).unwrap_or_default();
    let mut parts: Vec<String> =
        labels.iter().map(|(key, value)| format!("{key}={}", amount::shown(Some(value)))).collect();
    let expressions = selector.get("matchExpressions").map(Value::items).unwrap_or_default();
    parts.extend(expressions.iter().map(|expression| {
        let values = expression.get("values").map(Value::items).unwrap_or_default();
        let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        format!(
            "{} {} [{}]",
            amount::shown(expression.get("key")),
            amount::shown(expression.get("operator")),
            values.join(", ")
        )
    }));
    if parts.is_empty() { "all".to_owned() } else { parts.join(", ") }
}

/// `8080/TCP`, `http/TCP`, `8000-8080/TCP`
fn port(port: &Value) -> String {
    let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
    match (port.get("port"), port.get("endPort")) {
        (None, _) => format!("every port/{protocol}"),
        (first, None) => format!("{}/{protocol}", amount::shown(first)),
        (first, last) => format!("{}-{}/{protocol}", amount::shown(first), amount::shown(last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read::document;

    fn of(text: &str) -> BTreeSet<Way> {
        ways(&document(text).unwrap())
    }

    #[test]
    fn what_a_policy_does_not_speak_of_is_open() {
        let ways = of("spec: { podSelector: {} }");
        assert_eq!(
            ways.iter().map(Way::shown).collect::<Vec<_>>(),
            ["egress to anybody on every port"]
        );
        assert!(of("spec: { policyTypes: [Ingress, Egress] }").is_empty());
    }

    #[test]
    fn a_wider_way_covers_a_narrower_one() {
        let narrow = of(
            "spec: { ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/8 } }], ports: [{ port: 80 }] }] }",
        );
        let wide = of("spec: { ingress: [{ ports: [{ port: 80 }] }] }");
        assert!(narrow.iter().all(|way| covered(&wide, way)));
        assert!(!wide.iter().all(|way| covered(&narrow, way)));
    }
}
