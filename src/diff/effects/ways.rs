//! What network policies let through, as sets: addresses, pods, ports.

use super::amount;
use crate::kube::read::addresses::Addresses;
use crate::yaml::Value;
use std::collections::BTreeSet;

/// Who may be at the other end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Peer {
    /// Every pod and every address.
    Anybody,
    /// Addresses outside of the cluster.
    Addresses(Addresses),
    /// The pods that meet all of these, in namespaces that meet all of those.
    Pods { namespaces: BTreeSet<String>, pods: BTreeSet<String> },
}

/// On which ports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ports {
    /// Every port of every protocol.
    All,
    /// From the first to the last of a protocol, both included.
    Numbers(String, u64, u64),
    /// The port that each pod calls so.
    Named(String, String),
}

/// A way that is open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    /// `ingress`, `egress`
    pub(super) direction: &'static str,
    pub(super) peer: Peer,
    pub(super) ports: Ports,
}

/// The last port.
const LAST: u64 = 65_535;

/// The label by which a namespace is known to policies.
const NAMESPACE: &str = "kubernetes.io/metadata.name";

impl Way {
    /// `egress to orders on 8080/TCP`
    pub(super) fn shown(&self) -> String {
        let word = if self.direction == "ingress" { "from" } else { "to" };
        format!("{} {word} {} on {}", self.direction, self.peer.shown(), self.ports.shown())
    }

    /// Whether it is open to everybody on every port.
    pub(super) fn is_everything(&self) -> bool {
        self.peer == Peer::Anybody && self.ports == Ports::All
    }
}

impl Peer {
    fn shown(&self) -> String {
        match self {
            Peer::Anybody => "anybody".to_owned(),
            Peer::Addresses(addresses) => addresses.to_string(),
            Peer::Pods { namespaces, pods } => {
                let label = format!("{NAMESPACE}=");
                let named = namespaces.iter().map(|term| term.strip_prefix(&label).unwrap_or(term));
                let namespaces = named.collect::<Vec<_>>().join(", ");
                let own = format!("{}=", crate::kube::labels::SERVICE);
                let pods: Vec<&str> =
                    pods.iter().map(|term| term.strip_prefix(&own).unwrap_or(term)).collect();
                match (pods.join(", "), namespaces) {
                    (pods, namespaces) if pods.is_empty() && namespaces.is_empty() => {
                        "every pod".to_owned()
                    }
                    (pods, namespaces) if pods.is_empty() => format!("namespace {namespaces}"),
                    (pods, namespaces) if namespaces.is_empty() || pods == namespaces => pods,
                    (pods, namespaces) => format!("{pods} in {namespaces}"),
                }
            }
        }
    }
}

impl Ports {
    fn shown(&self) -> String {
        match self {
            Ports::All => "every port".to_owned(),
            Ports::Numbers(protocol, 0, LAST) => format!("every port/{protocol}"),
            Ports::Numbers(protocol, first, last) if first == last => format!("{first}/{protocol}"),
            Ports::Numbers(protocol, first, last) => format!("{first}-{last}/{protocol}"),
            Ports::Named(protocol, name) => format!("{name}/{protocol}"),
        }
    }

    fn covers(&self, other: &Ports) -> bool {
        match (self, other) {
            (Ports::All, _) => true,
            (Ports::Numbers(ours, 0, LAST), Ports::Named(theirs, _)) => ours == theirs,
            (Ports::Numbers(ours, from, to), Ports::Numbers(theirs, first, last)) => {
                ours == theirs && from <= first && last <= to
            }
            (ours, theirs) => ours == theirs,
        }
    }
}

/// The ways that `policies` leave open to the pods that they select, all of one namespace; everything
/// in a direction that none of them speaks of.
pub(super) fn open(policies: &[&Value], namespace: &str) -> BTreeSet<Way> {
    let mut ways = BTreeSet::new();
    for (direction, kind, peers) in [("ingress", "Ingress", "from"), ("egress", "Egress", "to")] {
        let mut speaking = policies.iter().filter(|policy| speaks(policy, kind)).peekable();
        if speaking.peek().is_none() {
            ways.insert(Way { direction, peer: Peer::Anybody, ports: Ports::All });
        }
        for policy in speaking {
            for rule in policy.at(&["spec", direction]).map(Value::items).unwrap_or_default() {
                let all_ports = ports(rule);
                for peer in peers_of(rule, peers, namespace) {
                    let with =
                        |ports: &Ports| Way { direction, peer: peer.clone(), ports: ports.clone() };
                    ways.extend(all_ports.iter().map(with));
                }
            }
        }
    }
    ways
}

/// Without types, a policy is about what comes in, and about what goes out if it has a rule for that
/// (Kubernetes `pkg/apis/networking/v1/defaults.go`).
fn speaks(policy: &Value, kind: &str) -> bool {
    match policy.at(&["spec", "policyTypes"]).map(Value::items).unwrap_or_default() {
        [] => {
            let rules = policy.at(&["spec", "egress"]).map(Value::items).unwrap_or_default();
            kind == "Ingress" || !rules.is_empty()
        }
        types => types.iter().any(|named| named.as_str() == Some(kind)),
    }
}

fn ports(rule: &Value) -> Vec<Ports> {
    let items = rule.get("ports").map(Value::items).unwrap_or_default();
    let read = |port: &Value| {
        let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP").to_owned();
        match (port.get("port"), amount::count(port.get("port"))) {
            (None, _) => Ports::Numbers(protocol, 0, LAST),
            (Some(_), Some(first)) => {
                let last = amount::count(port.get("endPort")).unwrap_or(first);
                Ports::Numbers(protocol, first, last)
            }
            (name, None) => Ports::Named(protocol, amount::shown(name)),
        }
    };
    if items.is_empty() { vec![Ports::All] } else { items.iter().map(read).collect() }
}

fn peers_of(rule: &Value, key: &str, namespace: &str) -> Vec<Peer> {
    let items = rule.get(key).map(Value::items).unwrap_or_default();
    if items.is_empty() {
        return vec![Peer::Anybody];
    }
    items.iter().flat_map(|item| peers(item, namespace)).collect()
}

fn peers(peer: &Value, namespace: &str) -> Vec<Peer> {
    if let Some(block) = peer.get("ipBlock") {
        let of = |value: &Value| value.as_str().and_then(Addresses::of).unwrap_or_default();
        let all = block.get("cidr").map(of).unwrap_or_default();
        let except = block.get("except").map(Value::items).unwrap_or_default();
        let left = except.iter().fold(all, |left, hole| left.without(&of(hole)));
        return vec![Peer::Addresses(left)];
    }
    let namespaces = match peer.get("namespaceSelector") {
        Some(selector) => terms(selector),
        None => vec![BTreeSet::from([format!("{NAMESPACE}={namespace}")])],
    };
    let pods = match peer.get("podSelector") {
        Some(selector) => terms(selector),
        None => vec![BTreeSet::new()],
    };
    let with = |namespaces: &BTreeSet<String>| -> Vec<Peer> {
        let of = |pods: &BTreeSet<String>| Peer::Pods {
            namespaces: namespaces.clone(),
            pods: pods.clone(),
        };
        pods.iter().map(of).collect()
    };
    namespaces.iter().flat_map(with).collect()
}

/// What a selector asks for: any of these sets, each of terms that must all hold. One that lists several
/// values of a label is several sets.
pub(super) fn terms(selector: &Value) -> Vec<BTreeSet<String>> {
    let labels = selector.get("matchLabels").map(Value::entries).unwrap_or_default();
    let first: BTreeSet<String> =
        labels.iter().map(|(key, value)| format!("{key}={}", amount::shown(Some(value)))).collect();
    let mut all = vec![first];
    for expression in selector.get("matchExpressions").map(Value::items).unwrap_or_default() {
        let (key, operator) =
            (amount::shown(expression.get("key")), amount::shown(expression.get("operator")));
        let values = expression.get("values").map(Value::items).unwrap_or_default();
        let values: BTreeSet<&str> = values.iter().filter_map(Value::as_str).collect();
        let choices: Vec<String> = match operator.as_str() {
            "In" => values.iter().map(|value| format!("{key}={value}")).collect(),
            _ if values.is_empty() => vec![format!("{key} {operator}")],
            _ => vec![format!(
                "{key} {operator} {}",
                values.into_iter().collect::<Vec<_>>().join(", ")
            )],
        };
        let with = |set: &BTreeSet<String>, choice: &String| {
            set.iter().cloned().chain([choice.clone()]).collect::<BTreeSet<String>>()
        };
        all = all.iter().flat_map(|set| choices.iter().map(|choice| with(set, choice))).collect();
    }
    all
}

/// The named ports of pods: protocol, name, number.
pub(super) type Names = BTreeSet<(String, String, u64)>;

impl Way {
    /// The same on the numbers that a named port is in the pods of which the policy speaks: of what goes
    /// out, other pods have the port.
    fn numbered(&self, names: &Names) -> Vec<Way> {
        let Ports::Named(protocol, name) = &self.ports else { return Vec::new() };
        let own = names.iter().filter(|(of, called, _)| of == protocol && called == name);
        let numbers = own.filter(|_| self.direction == "ingress").map(|(.., number)| *number);
        let with = |number| Ports::Numbers(protocol.clone(), number, number);
        numbers.map(|number| Way { ports: with(number), ..self.clone() }).collect()
    }
}

/// What of `ways` none of `others` lets through, where a name of a port is as good as its number.
pub(super) fn beyond_by_names(
    (ways, names): (&BTreeSet<Way>, &Names),
    (others, other_names): (&BTreeSet<Way>, &Names),
) -> Vec<Way> {
    let by_number = others.iter().flat_map(|way| way.numbered(other_names));
    let others: BTreeSet<Way> = others.iter().cloned().chain(by_number).collect();
    let mut left = beyond(ways, &others);
    left.retain(|way| {
        let numbered: BTreeSet<Way> = way.numbered(names).into_iter().collect();
        numbered.is_empty() || !beyond(&numbered, &others).is_empty()
    });
    left
}

/// What of `ways` none of `others` lets through: addresses and ports as far as they are not covered.
pub(super) fn beyond(ways: &BTreeSet<Way>, others: &BTreeSet<Way>) -> Vec<Way> {
    let bounds = bounds(ways.iter().chain(others));
    let mut left: Vec<Way> = Vec::new();
    for way in ways {
        let parts = split(&way.ports, &bounds);
        let open: Vec<Ports> =
            parts.iter().filter(|ports| rest(way, ports, others).is_some()).cloned().collect();
        if open.len() == parts.len() {
            // The same of every part: it is told once.
            let of_parts: BTreeSet<Option<Peer>> =
                open.iter().map(|ports| rest(way, ports, others)).collect();
            if let [Some(peer)] = of_parts.into_iter().collect::<Vec<_>>().as_slice() {
                left.push(Way { peer: peer.clone(), ..way.clone() });
                continue;
            }
        }
        left.extend(open.into_iter().filter_map(|ports| {
            Some(Way { direction: way.direction, peer: rest(way, &ports, others)?, ports })
        }));
    }
    left
}

/// What of the peers of a way nobody else lets through on these ports.
fn rest(way: &Way, ports: &Ports, others: &BTreeSet<Way>) -> Option<Peer> {
    let covering = || {
        others.iter().filter(|other| other.direction == way.direction && other.ports.covers(ports))
    };
    if covering().any(|other| other.peer == Peer::Anybody) {
        return None;
    }
    match &way.peer {
        Peer::Anybody => Some(Peer::Anybody),
        Peer::Addresses(addresses) => {
            let left = covering().fold(addresses.clone(), |left, other| match &other.peer {
                Peer::Addresses(others) => left.without(others),
                Peer::Anybody | Peer::Pods { .. } => left,
            });
            (!left.is_empty()).then_some(Peer::Addresses(left))
        }
        Peer::Pods { namespaces, pods } => {
            let wider = |other: &Way| match &other.peer {
                Peer::Pods { namespaces: among, pods: these } => {
                    among.is_subset(namespaces) && these.is_subset(pods)
                }
                Peer::Anybody | Peer::Addresses(_) => false,
            };
            (!covering().any(wider)).then(|| way.peer.clone())
        }
    }
}

/// Where ranges of ports begin and end: between two of these, all ports are treated alike.
fn bounds<'w>(ways: impl Iterator<Item = &'w Way>) -> BTreeSet<u64> {
    let of = |way: &Way| match &way.ports {
        Ports::Numbers(_, first, last) => vec![*first, last + 1],
        Ports::All | Ports::Named(..) => Vec::new(),
    };
    ways.flat_map(of).collect()
}

fn split(ports: &Ports, bounds: &BTreeSet<u64>) -> Vec<Ports> {
    let Ports::Numbers(protocol, first, last) = ports else { return vec![ports.clone()] };
    let mut parts = Vec::new();
    let mut from = *first;
    for bound in bounds.iter().filter(|bound| *first < **bound && **bound <= *last) {
        parts.push(Ports::Numbers(protocol.clone(), from, bound - 1));
        from = *bound;
    }
    parts.push(Ports::Numbers(protocol.clone(), from, *last));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read::document;

    fn of(text: &str) -> BTreeSet<Way> {
        open(&[&document(text).unwrap()], "shop")
    }

    fn closed(old: &str, new: &str) -> Vec<String> {
        beyond(&of(old), &of(new)).iter().map(Way::shown).collect()
    }

    fn egress(rules: &str) -> String {
        format!("spec: {{ policyTypes: [Egress], egress: [{rules}] }}")
    }

    #[test]
    fn what_a_policy_does_not_speak_of_is_open() {
        let ways = of("spec: { podSelector: {} }");
        let shown: Vec<String> = ways.iter().map(Way::shown).collect();
        assert_eq!(shown, ["egress to anybody on every port"]);
        assert!(of("spec: { policyTypes: [Ingress, Egress] }").is_empty());
    }

    #[test]
    fn ranges_are_compared_as_sets() {
        let to = |cidrs: &[&str]| {
            let peers: Vec<String> =
                cidrs.iter().map(|cidr| format!("{{ ipBlock: {{ cidr: {cidr} }} }}")).collect();
            egress(&format!("{{ to: [{}], ports: [{{ port: 443 }}] }}", peers.join(", ")))
        };
        let whole = to(&["10.0.0.0/8"]);
        let halves = to(&["10.0.0.0/9", "10.128.0.0/9"]);
        assert_eq!(closed(&whole, &halves), [""; 0]);
        assert_eq!(closed(&halves, &whole), [""; 0]);
        assert_eq!(closed(&whole, &to(&["10.0.0.0/9"])), ["egress to 10.128.0.0/9 on 443/TCP"]);
        let with_hole = egress("{ to: [{ ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8] } }] }");
        let open = egress("{ to: [{ ipBlock: { cidr: 0.0.0.0/0 } }] }");
        assert_eq!(closed(&open, &with_hole), ["egress to 10.0.0.0/8 on every port"]);
        assert_eq!(closed(&with_hole, &open), [""; 0]);
    }

    #[test]
    fn ports_are_compared_by_number_and_protocol() {
        let on = |ports: &str| egress(&format!("{{ ports: [{ports}] }}"));
        let range = on("{ port: 8000, endPort: 8009 }");
        let parts = on("{ port: 8000, endPort: 8004 }, { port: 8005, endPort: 8009 }");
        assert_eq!(closed(&range, &parts), [""; 0]);
        assert_eq!(
            closed(&range, &on("{ port: 8000, endPort: 8008 }")),
            ["egress to anybody on 8009/TCP"]
        );
        assert_eq!(
            closed(&on("{ port: 53, protocol: UDP }"), &on("{ port: 53 }")),
            ["egress to anybody on 53/UDP"]
        );
        assert_eq!(closed(&on("{ port: http }"), &on("{ protocol: TCP }")), [""; 0]);
    }

    #[test]
    fn pods_are_compared_by_what_selects_them() {
        let to = |peer: &str| egress(&format!("{{ to: [{peer}] }}"));
        let own = to("{ podSelector: { matchLabels: { app: web } } }");
        let named = to(
            "{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: shop } }, podSelector: { matchExpressions: [{ key: app, operator: In, values: [web] }] } }",
        );
        assert_eq!(closed(&own, &named), [""; 0]);
        assert_eq!(closed(&named, &own), [""; 0]);
        let both = to(
            "{ podSelector: { matchExpressions: [{ key: app, operator: In, values: [api, web] }] } }",
        );
        assert_eq!(closed(&both, &own), ["egress to app=api in shop on every port"]);
        assert_eq!(closed(&own, &both), [""; 0]);
        assert_eq!(closed(&own, &to("{ podSelector: {} }")), [""; 0]);
    }
}
