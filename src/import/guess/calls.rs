//! Whom a service calls: addresses of Kubernetes Services and of hosts in what its pods are given.

use super::Context;
use crate::import::object::{self, Object};
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Whom it calls, and on which ports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Callee {
    /// A service, by its place.
    Service(usize),
    /// Pods that no spec describes.
    Pods(String, BTreeMap<String, String>),
    /// A namespace that is not among what is imported.
    Namespace(String),
    /// A host outside.
    Host(String),
}

/// What an address in a text says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Address {
    host: String,
    port: Option<u16>,
    /// Whether a scheme stands before it, and its usual port.
    scheme: Option<u16>,
}

/// Schemes, and the ports that they mean.
const SCHEMES: &[(&str, u16)] = &[
    ("http", 80),
    ("https", 443),
    ("ws", 80),
    ("wss", 443),
    ("grpc", 443),
    ("redis", 6379),
    ("rediss", 6379),
    ("amqp", 5672),
    ("amqps", 5671),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("mysql", 3306),
    ("mongodb", 27017),
    ("nats", 4222),
    ("kafka", 9092),
    ("tcp", 0),
    ("smtp", 25),
];

/// What the name of a variable ends with that holds an address without a port.
const ADDRESSES: &[&str] =
    &["HOST", "HOSTNAME", "ADDR", "ADDRESS", "SERVER", "SERVICE", "ENDPOINT", "URL", "URI"];

/// Whom the pods of an object call, and on which ports of a Kubernetes Service or of a host.
pub(super) fn callees(
    context: Context<'_>,
    object: &Object,
    namespace: &str,
) -> BTreeMap<Callee, BTreeSet<u16>> {
    let mut found: BTreeMap<Callee, BTreeSet<u16>> = BTreeMap::new();
    let texts = texts_of(context, object, namespace);
    for (name, text, own) in &texts {
        for address in addresses(text) {
            let by_name = ADDRESSES.iter().any(|end| name.to_uppercase().ends_with(end))
                && address.host == *text;
            let Some((callee, port)) = callee(context, &address, namespace, by_name, *own) else {
                continue;
            };
            let ports = found.entry(callee).or_default();
            ports.extend(port);
        }
    }
    found
}

/// The services that the pods of an object call, by their places.
pub(in crate::import) fn called(
    context: Context<'_>,
    object: &Object,
    namespace: &str,
) -> Vec<usize> {
    let service = |callee: Callee| match callee {
        Callee::Service(at) => Some(at),
        Callee::Pods(..) | Callee::Namespace(_) | Callee::Host(_) => None,
    };
    callees(context, object, namespace).into_keys().filter_map(service).collect()
}

/// Every text that the pods of an object are given: the variable that it is of, the text, and whether
/// the pods have it from the manifest itself.
fn texts_of(context: Context<'_>, object: &Object, namespace: &str) -> Vec<(String, String, bool)> {
    let mut found = Vec::new();
    let Some(pod) = object::pod(object) else { return found };
    for (_, container) in object::containers(pod) {
        for variable in object::items(container, "env") {
            let name = object::text(variable, &["name"]).unwrap_or_default();
            let value = object::text(variable, &["value"]).unwrap_or_default();
            found.push((name.to_owned(), value.to_owned(), true));
        }
        for key in ["command", "args"] {
            let words = object::words(container, key).into_iter();
            found.extend(words.map(|word| (String::new(), word, true)));
        }
    }
    for (kind, name) in object::named(object) {
        let Some(map) = context.find(kind, namespace, &name).map(|at| &context.objects[at]) else {
            continue;
        };
        for (key, value) in map.at(&["data"]).map(Value::entries).unwrap_or_default() {
            found.extend(value.as_str().map(|text| (key.clone(), text.to_owned(), false)));
        }
    }
    found
}

/// Every address in a text, whatever stands around it.
fn addresses(text: &str) -> Vec<Address> {
    let inner = |c: char| c.is_ascii_alphanumeric() || "-.:_/".contains(c);
    let mut found = Vec::new();
    for word in text.split(|c: char| !inner(c)) {
        let (scheme, rest) = match word.rsplit_once("://") {
            Some((scheme, rest)) => (SCHEMES.iter().find(|(name, _)| *name == scheme), rest),
            None => (None, word),
        };
        let rest = rest.split('/').next().unwrap_or_default();
        let (host, port) =
            rest.split_once(':').map_or((rest, None), |(host, port)| (host, port.parse().ok()));
        let scheme = scheme.map(|(_, port)| *port);
        if !host.is_empty() && crate::kube::id::subdomain_problem(host).is_none() {
            found.push(Address { host: host.to_owned(), port, scheme });
        }
    }
    found
}

/// Whom an address leads to, and on which port.
fn callee(
    context: Context<'_>,
    address: &Address,
    namespace: &str,
    by_name: bool,
    own: bool,
) -> Option<(Callee, Option<u16>)> {
    let Address { host, port, scheme } = address;
    let mut parts = host.split('.');
    let name = parts.next()?;
    let rest: Vec<&str> = parts.collect();
    let there = match rest.as_slice() {
        [] => namespace.to_owned(),
        [other] | [other, "svc", ..] => context.options.namespace(Some(other)),
        _ => String::new(),
    };
    let in_cluster = matches!(rest.as_slice(), [_, "svc", ..]);
    // The API server is open to whoever has a token.
    if name == "kubernetes" && matches!(rest.as_slice(), ["default"] | ["default", "svc", ..]) {
        return None;
    }
    let port = port.or(scheme.filter(|port| *port > 0));
    if let Some(service) = context.find("Service", &there, name).map(|at| &context.objects[at]) {
        let known = |port: u16| {
            let ports = service.items(&["spec", "ports"]).iter();
            ports
                .filter_map(|known| object::number(known.get("port")))
                .any(|known| known == i64::from(port))
        };
        // A word is an address where it has a port of that Service, a scheme, or a variable that says so.
        let meant = scheme.is_some() || in_cluster || by_name || port.is_some_and(known);
        return meant.then(|| whose(context, service, &there, port)).flatten();
    }
    if in_cluster {
        // Of a namespace whose services are described, each is named, and none by its namespace alone.
        let described = context.groups.groups.iter().any(|group| group.namespace == there);
        return (!described).then_some((Callee::Namespace(there), port));
    }
    let outside = own
        && scheme.is_some()
        && host.contains('.')
        && rest.last().is_some_and(|last| {
            last.len() > 1
                && last.bytes().all(|byte| byte.is_ascii_lowercase())
                && !["local", "internal", "svc"].contains(last)
        });
    outside.then(|| (Callee::Host(host.clone()), port))
}

/// Whose pods a Kubernetes Service leads to, and the port that is open to callers: that of the Service
/// for one that a spec describes, and of the pods for others.
fn whose(
    context: Context<'_>,
    service: &Object,
    namespace: &str,
    port: Option<u16>,
) -> Option<(Callee, Option<u16>)> {
    let selector = service.at(&["spec", "selector"]).map(object::labels).unwrap_or_default();
    let selected = context.groups.groups.iter().position(|group| {
        let labels = object::pod_labels(&context.objects[group.workload]);
        group.namespace == namespace
            && !selector.is_empty()
            && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
    });
    if let Some(at) = selected {
        return Some((Callee::Service(at), port));
    }
    let target = service.items(&["spec", "ports"]).iter().find(|known| {
        port.is_none_or(|port| object::number(known.get("port")) == Some(i64::from(port)))
    })?;
    let number =
        object::number(target.get("targetPort")).or_else(|| object::number(target.get("port")));
    let number = u16::try_from(number?).ok();
    (!selector.is_empty()).then(|| (Callee::Pods(namespace.to_owned(), selector), number))
}
