//! Commands that answer yes or no: they end with 0, or they do not.

use crate::decide::ServiceInRegion;
use std::borrow::Cow;

/// How long a command waits for what should be so already.
const WAIT: &str = "--timeout=10s";

/// A word of the shell that means the text itself.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `kubectl` in the region of `here`, and in a namespace if there is one.
pub(super) fn kubectl(
    here: &ServiceInRegion<'_>,
    namespace: Option<&str>,
    arguments: &[&str],
) -> String {
    kubectl_in(here.region.name.as_str(), namespace, arguments)
}

fn kubectl_in(region: &str, namespace: Option<&str>, arguments: &[&str]) -> String {
    let place = namespace.map(|namespace| ["-n", namespace]);
    let words = ["kubectl", "--context", region].into_iter().chain(place.into_iter().flatten());
    let words: Vec<String> = words.chain(arguments.iter().copied()).map(word).collect();
    words.join(" ")
}

/// Whether something of that name is there. It prints no content.
pub(super) fn get(
    here: &ServiceInRegion<'_>,
    namespace: Option<&str>,
    resource: &str,
    name: &str,
) -> String {
    kubectl(here, namespace, &["get", resource, name])
}

/// Whether something is in a state: `condition=Ready`, `jsonpath={.status.phase}=Available`.
pub(super) fn wait(
    here: &ServiceInRegion<'_>,
    namespace: Option<&str>,
    object: &str,
    state: &str,
) -> String {
    kubectl(here, namespace, &["wait", object, &format!("--for={state}"), WAIT])
}

/// Whether every pod with a label is ready in a region, and there is one.
pub(super) fn pods_ready(region: &str, namespace: &str, label: &str) -> String {
    kubectl_in(
        region,
        Some(namespace),
        &["wait", "pods", "-l", label, "--for=condition=Ready", WAIT],
    )
}

/// Whether two regions say the same, and something, without printing it.
pub(super) fn same(
    (one, its_namespace): (&str, &str),
    (other, namespace): (&str, &str),
    arguments: &[&str],
) -> String {
    let one = kubectl_in(one, Some(its_namespace), arguments);
    let other = kubectl_in(other, Some(namespace), arguments);
    let script = format!("A=$({one}) && B=$({other}) && [ -n \"$A\" ] && [ \"$A\" = \"$B\" ]");
    format!("sh -c {}", word(&script))
}

/// Whether the API serves a kind in a version.
pub(super) fn served(here: &ServiceInRegion<'_>, api_version: &str, kind: &str) -> String {
    let version = format!("--api-version={api_version}");
    kubectl(here, None, &["explain", &kind.to_ascii_lowercase(), &version])
}

/// Whether users who come to `address` find a certificate of `host`, whatever else they find.
pub(super) fn certificate(host: &str, address: &str) -> String {
    let address = match address.parse::<std::net::Ipv6Addr>() {
        Ok(_) => Cow::Owned(format!("[{address}]")),
        Err(_) => Cow::Borrowed(address),
    };
    let to = format!("{host}:443:{address}:443");
    let words = ["curl", "-sS", "--max-time", "10", "--connect-to", &to];
    let words: Vec<String> = words.into_iter().map(word).collect();
    format!("{} {}", words.join(" "), word(&format!("https://{host}/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_word_and_nothing_else() {
        assert_eq!(word("orders-db"), "orders-db");
        assert_eq!(word("two words"), "'two words'");
        assert_eq!(word("it's; rm"), r"'it'\''s; rm'");
        assert_eq!(word("$(x)"), "'$(x)'");
        assert_eq!(word(""), "''");
    }

    #[test]
    fn an_address_of_six_has_brackets() {
        assert!(
            certificate("a.example.com", "2001:db8::1")
                .contains("a.example.com:443:[2001:db8::1]:443")
        );
        assert_eq!(
            certificate("a.example.com", "edge.example.net"),
            "curl -sS --max-time 10 --connect-to a.example.com:443:edge.example.net:443 https://a.example.com/"
        );
    }
}
