//! What no spec describes: pods, hosts and addresses that a service calls, and pods that call it.

use super::service::{Call, Service};
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::{Namespace, ServiceName, id, labels};
use crate::spec::service::{Dependency, Protocol};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The keys by which a dependency says what it is.
pub(super) fn named(dependency: &Dependency) -> Vec<&'static str> {
    let keys = [
        ("service", dependency.service.is_some()),
        ("namespace", dependency.namespace.is_some()),
        ("host", dependency.host.is_some()),
        ("cidr", dependency.cidr.is_some()),
    ];
    keys.into_iter().filter(|(_, written)| *written).map(|(key, _)| key).collect()
}

/// An entry of `[[depends_on]]` or `[[called_by]]`.
pub(crate) struct Entry<'a> {
    /// Every service that there is.
    pub(crate) services: &'a [Service],
    /// The service that says it.
    pub(crate) own: &'a Service,
    /// The list: `depends_on` or `called_by`.
    pub(crate) list: &'a str,
    /// The place in it.
    pub(crate) at: usize,
}

impl Entry<'_> {
    pub(crate) fn place(&self, rest: &[&str]) -> Span {
        self.own.at(&[&[self.list, &self.at.to_string()], rest].concat())
    }

    fn key(&self, rest: &[&str]) -> Span {
        self.own.document.key(&[&[self.list, &self.at.to_string()], rest].concat())
    }

    /// What a dependency that names no service opens.
    pub(super) fn call(&self, sink: &mut Sink, dependency: &Dependency) -> Option<Call> {
        let form = named(dependency).first().copied().unwrap_or("cidr");
        let strays =
            [("ports", !dependency.ports.is_empty()), ("labels", !dependency.labels.is_empty())];
        for (key, _) in strays.into_iter().filter(|(_, written)| *written) {
            let (with, help) = match (key, form) {
                ("labels", "namespace") => continue,
                ("labels", _) => ("namespace", "remove them: only pods have labels"),
                _ => ("service", "write the numbers: `tcp = [443]`"),
            };
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{key}` goes with `{with}`"))
                    .at(self.place(&[key]), "")
                    .help(help),
            );
        }
        let numbers = |numbers: &[u16], protocol| -> Vec<(u16, Protocol)> {
            numbers.iter().map(|port| (*port, protocol)).collect()
        };
        let mut ports = numbers(&dependency.tcp, Protocol::Tcp);
        ports.extend(numbers(&dependency.udp, Protocol::Udp));
        if ports.is_empty() {
            sink.error(
                Diagnostic::new(Code::MISSING_KEY, "`tcp` is missing")
                    .at(self.place(&[form]), "on which ports?")
                    .help("add `tcp = [443]`, or `udp`"),
            );
            return None;
        }
        if let Some(namespace) = &dependency.namespace {
            let well = self.pods(sink, namespace, &dependency.labels, Towards::Them);
            return well.then(|| Call::Pods {
                namespace: Namespace::new(&**namespace),
                labels: dependency.labels.clone(),
                ports,
            });
        }
        if let Some(host) = &dependency.host {
            let serves = self.serves(host);
            return self.host(sink, host).then(|| Call::Host {
                host: host.clone(),
                ports,
                serves,
                at: self.at,
            });
        }
        let cidr = dependency.cidr.as_ref()?;
        if let Err(help) = cidr_form(cidr) {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{cidr}` is not a range of addresses"))
                    .at(self.place(&["cidr"]), "")
                    .help(help),
            );
            return None;
        }
        Some(Call::Addresses { cidr: cidr.clone(), ports })
    }

    /// The service whose users come under a host. Who calls it by that rests on it all the same.
    fn serves(&self, host: &str) -> Option<ServiceName> {
        let serves = |other: &&Service| {
            other.name != self.own.name
                && other.name.environment() == self.own.name.environment()
                && other.traffic.iter().flat_map(|traffic| &traffic.hosts).any(|own| own == host)
        };
        self.services.iter().find(serves).map(|other| other.name.clone())
    }

    /// A host outside of the cluster.
    fn host(&self, sink: &mut Sink, host: &str) -> bool {
        let inside = [".svc", ".cluster.local"].iter().any(|end| host.ends_with(end));
        let address: Option<IpAddr> = host.parse().ok();
        let (problem, help) = if let Some(address) = address {
            let prefix = if address.is_ipv4() { 32 } else { 128 };
            ("it is an address".to_owned(), format!("write `cidr = \"{host}/{prefix}\"`"))
        } else if inside {
            (
                "it is a name inside the cluster".to_owned(),
                "write `service = \"…\"`; for pods that no spec describes, `namespace` and `labels`"
                    .to_owned(),
            )
        } else if let Some(rest) = host.strip_prefix("*.") {
            (
                "it is many".to_owned(),
                format!("name one, such as `api.{rest}`: the addresses are the same for all"),
            )
        } else if let Some(help) = without_its_address(host) {
            ("it is more than a host".to_owned(), help)
        } else if let Some(problem) = id::host_problem(host) {
            let help = "write it like `api.stripe.com`; for something inside the cluster, `service`, or `namespace` and `labels`";
            (problem, help.to_owned())
        } else {
            return true;
        };
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{host}` is not a host outside"))
                .at(self.place(&["host"]), problem)
                .help(help),
        );
        false
    }

    /// Pods that no spec describes: of a namespace that can be, with labels that can be, and none of
    /// them those of a service of this fleet, which opens its own network only to those it knows.
    pub(crate) fn pods(
        &self,
        sink: &mut Sink,
        namespace: &str,
        selected: &BTreeMap<String, String>,
        towards: Towards,
    ) -> bool {
        if let Some(problem) = id::label_problem(namespace) {
            sink.error(
                Diagnostic::new(Code::INVALID_NAME, format!("`{namespace}` is not a namespace"))
                    .at(self.place(&["namespace"]), problem)
                    .help("write it as `kubectl get namespaces` shows it"),
            );
            return false;
        }
        for (key, value) in selected {
            let problem = match (id::label_key_problem(key), id::label_value_problem(value)) {
                (Some(problem), _) => (self.key(&["labels", key]), problem, "key", key),
                (None, Some(problem)) => (self.place(&["labels", key]), problem, "value", value),
                (None, None) => continue,
            };
            let (place, problem, what, text) = problem;
            sink.error(
                Diagnostic::new(
                    Code::WRONG_VALUE,
                    format!("`{text}` cannot be the {what} of a label"),
                )
                .at(place, problem)
                .help("write them as `kubectl get pods --show-labels` shows them"),
            );
            return false;
        }
        let described = self.services.iter().find(|other| {
            let bears = |key: &str, value: &str| {
                [labels::SERVICE, labels::NAME].contains(&key) && value == other.name.plain()
            };
            other.name != self.own.name
                && other.name.environment() == self.own.name.environment()
                && other.namespace.as_str() == namespace
                && selected.iter().all(|(key, value)| bears(key, value))
        });
        let Some(other) = described else { return true };
        let (note, mut help) = match towards {
            Towards::Them => (
                format!(
                    "it admits those that its spec names, and services that depend on it; this opens nothing of `{}`",
                    other.name
                ),
                format!("write `service = \"{}\"`", other.name.plain()),
            ),
            Towards::Us => (
                "a service reaches only what its own spec names, and is admitted where it does"
                    .to_owned(),
                format!(
                    "write `[[depends_on]]` with `service = \"{}\"` in the spec of `{}`",
                    self.own.name.plain(),
                    other.name.plain()
                ),
            ),
        };
        if selected.is_empty() {
            help.push_str("; for other pods of the namespace, add their `labels`");
        }
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("a spec describes `{}` in `{namespace}`", other.name),
            )
            .at(self.place(&["namespace"]), "these pods are among them")
            .related(other.at(&["name"]), "here")
            .note(note)
            .help(help),
        );
        false
    }
}

/// What to write instead of a URL, or of a host with its port.
fn without_its_address(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
    let port = match scheme {
        "https" if port.is_empty() => Some(443),
        "http" if port.is_empty() => Some(80),
        _ => port.parse().ok(),
    };
    let port = port.map(|port: u16| format!(", `tcp = [{port}]`")).unwrap_or_default();
    (host != text && id::host_problem(host).is_none())
        .then(|| format!("write `host = \"{host}\"`{port}"))
}

/// Who connects to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Towards {
    /// The service to the pods.
    Them,
    /// The pods to the service.
    Us,
}

/// A network and its prefix, with no bit set behind the prefix: what the API server accepts.
pub(crate) fn cidr_form(text: &str) -> Result<(), String> {
    let example = || "it is written like `10.20.0.0/16`".to_owned();
    let (address, prefix) = text.split_once('/').ok_or_else(example)?;
    let address: IpAddr = address.parse().map_err(|_| example())?;
    let plain = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
    let prefix: u32 = prefix.parse().ok().filter(|_| plain).ok_or_else(example)?;
    let (bits, value) = match address {
        IpAddr::V4(v4) => (32, u128::from(u32::from(v4))),
        IpAddr::V6(v6) => (128, u128::from(v6)),
    };
    if prefix > bits {
        return Err(format!("the prefix is at most {bits}"));
    }
    let host = u128::MAX.checked_shl(bits - prefix).map_or(u128::MAX, |network| !network);
    match value & host {
        0 => Ok(()),
        _ => {
            let network = value & !host;
            let network = match address {
                IpAddr::V4(_) => IpAddr::V4(u32::try_from(network).unwrap_or_default().into()),
                IpAddr::V6(_) => IpAddr::V6(network.into()),
            };
            Err(format!("the network is `{network}/{prefix}`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cidr_form;

    #[test]
    fn a_range_has_no_bit_behind_its_prefix() {
        assert_eq!(cidr_form("10.20.0.0/16"), Ok(()));
        for right in ["fd00::/8", "0.0.0.0/0", "::/0", "10.0.0.1/32", "::1/128"] {
            assert_eq!(cidr_form(right), Ok(()), "{right}");
        }
        assert_eq!(cidr_form("::1/0"), Err("the network is `::/0`".to_owned()));
        assert_eq!(cidr_form("10.20.1.0/16"), Err("the network is `10.20.0.0/16`".to_owned()));
        for wrong in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "x/8", "10.0.0.0/+8", "::/129"] {
            assert!(cidr_form(wrong).is_err(), "{wrong}");
        }
    }
}
