//! The port that a name in a spec stands for.

use super::names::{self, Whose};
use crate::Fleet;
use crate::model::service::Call;
use crate::model::{Port, Service};

/// What the name of a port, the value at `keys` of the spec of `service`, stands for; nothing where
/// no port is named, or none of that name is there.
pub(super) fn named(
    fleet: &Fleet,
    service: &Service,
    keys: &[String],
    name: &str,
) -> Option<String> {
    let of = match names::port(keys)? {
        Whose::Own => service,
        Whose::Called => called(fleet, service, keys.get(1)?.parse().ok()?)?,
    };
    // In a sidecar, its own ports only.
    let sidecar = service.containers.iter().find(|one| keys.starts_with(&one.path));
    let is_it = |port: &&Port| {
        let fits = sidecar.is_none_or(|one| port.of.as_deref() == Some(&*one.name));
        port.name == name && fits
    };
    of.ports.iter().find(is_it).map(words)
}

/// The service that an entry of `depends_on` names.
fn called<'a>(fleet: &'a Fleet, service: &Service, entry: usize) -> Option<&'a Service> {
    let mut calls = service.calls.iter();
    let name = calls.find_map(|call| match call {
        Call::Service { name, at, .. } if *at == entry => Some(name),
        Call::Service { .. } | Call::Pods { .. } | Call::Host { .. } | Call::Addresses { .. } => {
            None
        }
    })?;
    fleet.model().service(name)
}

fn words(port: &Port) -> String {
    let of = port.of.as_ref().map(|sidecar| format!(" of the sidecar `{sidecar}`"));
    let (name, number) = (&port.name, port.port);
    let protocol = port.protocol.name();
    let mut text = format!("`{name}`: {protocol} port {number}{}", of.unwrap_or_default());
    if let Some(service) = port.service.filter(|service| *service != number) {
        text.push_str(&format!(", which callers reach as {service}"));
    }
    text.push('.');
    text
}
