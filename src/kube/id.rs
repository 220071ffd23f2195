//! Who an object is: regions, namespaces, logical and final names.

use super::Kind;
use std::fmt;
use std::sync::Arc;

/// The most characters of a DNS label, and so of a namespace, a Service and a label's value.
pub const DNS_LABEL: usize = 63;

/// The namespace of what says no other.
pub const DEFAULT_NAMESPACE: &str = "default";

/// How many characters of its content hash a hashed object has in its name.
pub const SUFFIX_LENGTH: usize = 10;

/// The symbols of that hash. Kubernetes' own for generated names (`SafeEncodeString`): no vowels, so
/// no words, and nothing that looks like something else.
pub const SUFFIX_ALPHABET: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Whether `text` is a DNS-1123 label: asked of each label of each object, and nearly always true.
fn is_label(text: &[u8]) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b'-');
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    text.len() <= DNS_LABEL && text.iter().all(inner) && edge(text.first()) && edge(text.last())
}

/// Says what keeps `text` from being a DNS-1123 label, if anything.
pub fn label_problem(text: &str) -> Option<String> {
    if is_label(text.as_bytes()) {
        return None;
    }
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() {
        Some("it is empty".to_owned())
    } else if text.len() > DNS_LABEL {
        Some(format!("it has {} characters, {DNS_LABEL} are the most", text.chars().count()))
    } else if let Some(wrong) = text.chars().find(|c| !inner(*c)) {
        Some(format!("{wrong:?} is none of a-z, 0-9 and `-`"))
    } else if !edge(text.chars().next()) || !edge(text.chars().next_back()) {
        Some("it begins or ends with `-`".to_owned())
    } else {
        None
    }
}

/// Whether `text` is the value of a label: the same.
fn is_label_value(text: &[u8]) -> bool {
    let edge = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    text.len() <= DNS_LABEL && text.iter().all(inner) && edge(text.first()) && edge(text.last())
}

/// Says what keeps `text` from being the value of a label, if anything.
pub fn label_value_problem(text: &str) -> Option<String> {
    if is_label_value(text.as_bytes()) {
        return None;
    }
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    // Bytes are counted faster, and are never fewer.
    if text.len() > DNS_LABEL && text.chars().count() > DNS_LABEL {
        Some(format!("it has {} characters, {DNS_LABEL} are the most", text.chars().count()))
    } else if let Some(wrong) = text.chars().find(|c| !inner(*c)) {
        Some(format!("{wrong:?} is none of a-z, A-Z, 0-9, `-`, `_` and `.`"))
    } else if text.is_empty() || edge(text.chars().next()) && edge(text.chars().next_back()) {
        None
    } else {
        Some("it begins or ends with a mark".to_owned())
    }
}

/// Says what keeps `text` from being the key of a label, if anything: a name, perhaps after a
/// subdomain and a `/`.
pub fn label_key_problem(text: &str) -> Option<String> {
    let (prefix, name) = text.rsplit_once('/').unwrap_or(("example.com", text));
    subdomain_problem(prefix)
        .or_else(|| name.is_empty().then(|| "there is no name in it".to_owned()))
        .or_else(|| label_value_problem(name))
}

/// Says what keeps `text` from being a DNS-1123 subdomain, if anything: labels with dots between.
pub fn subdomain_problem(text: &str) -> Option<String> {
    if text.len() > 253 {
        return Some(format!("it has {} characters, 253 are the most", text.chars().count()));
    }
    if text.as_bytes().split(|byte| *byte == b'.').all(is_label) {
        return None;
    }
    text.split('.').find_map(label_problem)
}

/// Says what keeps `text` from being the key of a label or an annotation, if anything: a name, with a
/// DNS name and `/` before it or not (Kubernetes `IsQualifiedName`).
pub fn qualified_problem(text: &str) -> Option<String> {
    // Each key of each object is looked at, and is short: a byte is found sooner than a character.
    let (prefix, name) = match text.bytes().position(|byte| byte == b'/') {
        Some(at) => (Some(&text[..at]), &text[at + 1..]),
        None => (None, text),
    };
    if name.is_empty() {
        return Some("it has no name".to_owned());
    }
    prefix.and_then(subdomain_problem).or_else(|| label_value_problem(name))
}

/// Says what keeps `text` from being a key of a ConfigMap or a Secret, if anything (Kubernetes
/// `IsConfigMapKey`).
pub fn data_key_problem(text: &str) -> Option<String> {
    let inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if text.is_empty() {
        Some("it is empty".to_owned())
    } else if text.len() > 253 {
        Some(format!("it has {} characters, 253 are the most", text.chars().count()))
    } else if let Some(wrong) = text.chars().find(|c| !inner(*c)) {
        Some(format!("{wrong:?} is none of a-z, A-Z, 0-9, `-`, `_` and `.`"))
    } else if text == "." || text.starts_with("..") {
        Some("it begins like a way up".to_owned())
    } else {
        None
    }
}

/// Says what keeps `text` from being the host of an Ingress or a route, if anything: a DNS name with a
/// dot, and no address (Kubernetes `pkg/apis/networking/validation`, Gateway API `Hostname`).
pub fn host_problem(text: &str) -> Option<String> {
    if text.parse::<std::net::IpAddr>().is_ok() {
        return Some("it is an address, and routes go by names".to_owned());
    }
    if text.starts_with("*.") {
        return Some("each name needs a route, a record and a health check of its own".to_owned());
    }
    if text.ends_with('.') {
        return Some("it ends with a dot".to_owned());
    }
    let last = text.rsplit('.').next().unwrap_or_default();
    subdomain_problem(text)
        .or_else(|| (!text.contains('.')).then(|| "it has no dot".to_owned()))
        .or_else(|| {
            let number = last.bytes().all(|byte| byte.is_ascii_digit());
            number.then(|| "no top-level domain is a number".to_owned())
        })
}

/// The nearest DNS-1123 label to `text`, to suggest it.
pub fn nearest_label(text: &str) -> String {
    let mapped: String = (text.to_lowercase().chars())
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' })
        .take(DNS_LABEL)
        .collect();
    let words: Vec<&str> = mapped.split('-').filter(|word| !word.is_empty()).collect();
    let trimmed = words.join("-");
    if trimmed.is_empty() { "a-name".to_owned() } else { trimmed }
}

macro_rules! name_type {
    ($($(#[$doc:meta])* $type:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Arc<str>);

        impl $type {
            /// Takes a text whose form is already known to be right.
            pub(crate) fn new(text: impl Into<Arc<str>>) -> $type {
                $type(text.into())
            }

            /// As text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )*};
}

name_type! {
    /// The name of a region: a DNS label. A region has one cluster, and one folder of the tree.
    RegionName
    /// A Kubernetes namespace: a DNS label.
    Namespace
    /// What the plan calls an object; the same whatever its content.
    LogicalName
    /// What Kubernetes sees.
    FinalName
}

/// Who a service is: its name, a DNS label, and its environment. As text it is what people and ledgers
/// call it: `checkout` in the default environment, `checkout@staging` in another. What clusters have is
/// called by the name alone, in every environment: [`plain`](ServiceName::plain).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName {
    address: Arc<str>,
    /// The bytes of the name.
    length: usize,
}

/// Between a service and its environment. No name and no environment has it: both are DNS labels.
pub const ENVIRONMENT: char = '@';

impl ServiceName {
    /// The service of that name, in an environment or the default one.
    pub(crate) fn of(name: &str, environment: Option<&str>) -> ServiceName {
        let address = match environment {
            Some(environment) => format!("{name}{ENVIRONMENT}{environment}").into(),
            None => name.into(),
        };
        ServiceName { address, length: name.len() }
    }

    /// Takes a text such as `checkout` or `checkout@staging`.
    pub fn read(address: &str) -> ServiceName {
        ServiceName { address: address.into(), length: plain(address).len() }
    }

    /// What its objects, its labels and its folder in a region are called: `checkout`.
    pub fn plain(&self) -> &str {
        &self.address[..self.length]
    }

    /// `checkout`, `checkout@staging`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its environment; none for the default one.
    pub fn environment(&self) -> Option<&str> {
        self.address[self.length..].strip_prefix(ENVIRONMENT)
    }
}

/// The name in a text such as `checkout@staging`: what objects and folders of that service are called.
pub fn plain(address: &str) -> &str {
    address.split_once(ENVIRONMENT).map_or(address, |(name, _)| name)
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl fmt::Debug for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.address)
    }
}

/// Who an object is, whatever its name becomes. Ordered: this is the order of output.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectId {
    /// Where it is.
    pub region: RegionName,
    /// What it is.
    pub kind: Kind,
    /// Its namespace; none for an object of the whole cluster.
    pub namespace: Option<Namespace>,
    /// What the plan calls it.
    pub name: LogicalName,
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.name)?;
        match &self.namespace {
            Some(namespace) => write!(f, " in namespace `{namespace}` of {}", self.region),
            None => write!(f, " in {}", self.region),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_label_is_judged() {
        for right in ["", "shop", "Order_Team.2"] {
            assert_eq!(label_value_problem(right), None, "{right}");
        }
        for wrong in ["a b", "a&b", "-a", "a.", "ä", &"a".repeat(64)] {
            assert!(label_value_problem(wrong).is_some(), "{wrong}");
        }
        assert_eq!(nearest_label("Orders & Co"), "orders-co");
    }

    #[test]
    fn a_host_is_a_name_and_no_address() {
        for right in ["shop.example.com", "a.b", "xn--bcher-kva.example", "1.example.com"] {
            assert_eq!(host_problem(right), None, "{right}");
        }
        let long = format!("{}.example.com", "a".repeat(64));
        let longer = format!("{}com", "a.".repeat(126));
        for wrong in [
            "203.0.113.10",
            "2001:db8::1",
            "1.2.3",
            "shop",
            "*.example.com",
            "a.*.example.com",
            "Shop.example.com",
            "shop.example.com.",
            "shop_a.example.com",
            "shop.example.com:8080",
            "https://shop.example.com",
            "",
            &long,
            &longer,
        ] {
            assert!(host_problem(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn a_service_has_one_plain_name_in_every_environment() {
        let name = ServiceName::of("checkout", Some("staging"));
        assert_eq!(name.to_string(), "checkout@staging");
        assert_eq!((name.plain(), name.environment()), ("checkout", Some("staging")));
        assert_eq!(name, ServiceName::read("checkout@staging"));
        let default = ServiceName::read("checkout");
        assert_eq!((default.plain(), default.environment()), ("checkout", None));
        assert!(default < name);
    }

    #[test]
    fn a_label_is_judged_and_the_nearest_is_suggested() {
        assert_eq!(label_problem("checkout-2"), None);
        for wrong in ["", "Checkout", "a_b", "-a", "a-", "ä", "a/../b", &"a".repeat(64)] {
            assert!(label_problem(wrong).is_some(), "{wrong}");
            assert_eq!(label_problem(&nearest_label(wrong)), None, "{wrong}");
        }
    }
}
