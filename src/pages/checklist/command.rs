//! Commands that answer yes or no: they end with 0, or they do not. They are written in the functions
//! of `recovery/procedures/functions.sh`, for the region that `TO` names.

use super::super::variables::word;
use std::borrow::Cow;

fn line(words: &[&str]) -> String {
    words.iter().map(|text| word(text)).collect::<Vec<_>>().join(" ")
}

/// `kubectl` in the region, and in a namespace if there is one.
pub(super) fn kubectl(namespace: Option<&str>, arguments: &[&str]) -> String {
    let place = namespace.map(|namespace| ["-n", namespace]);
    let words: Vec<&str> = (["to"].into_iter())
        .chain(place.into_iter().flatten())
        .chain(arguments.iter().copied())
        .collect();
    line(&words)
}

/// Whether something of that name is there. It prints no content.
pub(super) fn get(namespace: Option<&str>, resource: &str, name: &str) -> String {
    kubectl(namespace, &["get", resource, name])
}

/// Whether something is in a state: `condition=Ready`, `jsonpath={.status.phase}=Available`.
pub(super) fn wait(namespace: Option<&str>, object: &str, state: &str) -> String {
    let place = namespace.map(|namespace| ["-n", namespace]);
    let state = format!("--for={state}");
    let words: Vec<&str> = (["is"].into_iter())
        .chain(place.into_iter().flatten())
        .chain(["wait", object, &state])
        .collect();
    line(&words)
}

/// Whether every pod with a label is ready, and there is one.
pub(super) fn pods_ready(namespace: &str, label: &str) -> String {
    line(&["ready", namespace, label])
}

/// The same in a region that may be another one.
pub(super) fn pods_ready_in(region: &str, namespace: &str, label: &str) -> String {
    let ready = "--for=condition=Ready";
    let words = ["kubectl", "--context", region, "-n", namespace, "wait", "pods", "-l", label];
    format!("{} {ready} --timeout=10s", line(&words))
}

/// Whether the cluster has what the tree says of the service, and of its namespace.
pub(super) fn delivered() -> String {
    "delivered".to_owned()
}

/// Whether every pod of the service is ready, and there is one.
pub(super) fn pods() -> String {
    "pods".to_owned()
}

/// What the namespace leaves room for.
pub(super) fn room() -> &'static str {
    "room"
}

/// Whether the images of the service can be pulled, by the pods of a ServiceAccount where it is not the
/// service's own: the function shows what became of a pod of each.
pub(super) fn pulls(account: Option<&str>) -> String {
    let words: Vec<&str> = ["pulls"].into_iter().chain(account).collect();
    line(&words)
}

/// Whether Velero can use a location.
pub(super) fn stores(namespace: &str, location: &str) -> String {
    line(&["stores", namespace, location])
}

/// Whether the server of Velero runs so many backups at a time, and has no flag that changes them.
pub(super) fn server(namespace: &str, at_a_time: u32) -> String {
    line(&["server", namespace, &at_a_time.to_string()])
}

/// Whether so many nodes of a zone are ready.
pub(super) fn nodes(zone: &str, count: u32) -> String {
    line(&["nodes", zone, &count.to_string()])
}

/// Whether a Secret is the same in another region and here, without printing it.
pub(super) fn same((region, its_namespace): (&str, &str), secret: &str, namespace: &str) -> String {
    line(&["same", region, its_namespace, secret, namespace])
}

/// Whether the API serves a kind in a version.
pub(super) fn served(api_version: &str, kind: &str) -> String {
    line(&["serves", api_version, &kind.to_ascii_lowercase()])
}

/// The same with those of one version in one command.
pub(super) fn joined(commands: Vec<&str>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    for command in commands {
        let (beginning, kind) = command.rsplit_once(' ').unwrap_or_default();
        let same = |other: &&mut String| {
            command.starts_with("serves ") && other.starts_with(&format!("{beginning} "))
        };
        match joined.last_mut().filter(same) {
            Some(other) => other.push_str(&format!(" {kind}")),
            None => joined.push(command.to_owned()),
        }
    }
    joined
}

/// Whether users who come to `address` find a certificate of `host`, whatever else they find.
pub(super) fn certificate(host: &str, address: &str) -> String {
    let address = match address.parse::<std::net::Ipv6Addr>() {
        Ok(_) => Cow::Owned(format!("[{address}]")),
        Err(_) => Cow::Borrowed(address),
    };
    line(&["tls", host, &address])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_six_has_brackets() {
        assert_eq!(
            certificate("a.example.com", "2001:db8::1"),
            "tls a.example.com '[2001:db8::1]'"
        );
        assert_eq!(
            certificate("a.example.com", "edge.example.net"),
            "tls a.example.com edge.example.net"
        );
    }
}
