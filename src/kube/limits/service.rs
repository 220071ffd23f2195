//! What the fields of a Service say of its addresses.
//!
//! Source: Kubernetes `pkg/apis/core/validation/validation.go`, `ValidateService` and
//! `ValidateNonSpecialIP`.

use super::form::cannot_be;
use super::{Found, Path, number, text};
use crate::yaml::Value;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// An address under which nodes take what is for the Service.
pub(super) fn outside(address: &Value, path: &Path<'_>, found: &mut Found) {
    // What is no address at all was said.
    let Some(Ok(read)) = address.as_str().map(str::parse::<IpAddr>) else { return };
    let special = match read {
        IpAddr::V4(v4) => {
            v4.is_unspecified()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.octets()[..3] == [224, 0, 0]
        }
        IpAddr::V6(v6) => {
            let first = v6.segments()[0];
            let link_local = first & 0xffc0 == 0xfe80 || first & 0xff0f == 0xff02;
            v6.is_unspecified() || v6.is_loopback() || link_local
        }
    };
    if special {
        let instead = Some("write one that leads to the nodes from outside".to_owned());
        found.refuse(
            path,
            cannot_be(&read.to_string(), "it is no address of another host"),
            instead,
        );
    }
}

/// Families of addresses, each once.
pub(super) fn families(families: &Value, path: &Path<'_>, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (index, family) in families.items().iter().enumerate() {
        let Some(name) = family.as_str() else { continue };
        if !seen.insert(name) {
            found.refuse(&path.item(index), cannot_be(name, "it is there already"), None);
        }
    }
}

/// What a load balancer alone has.
pub(super) fn balanced(spec: &Value, path: &Path<'_>, found: &mut Found) {
    let local =
        text(spec, "type") == "LoadBalancer" && text(spec, "externalTrafficPolicy") == "Local";
    if number(spec, "healthCheckNodePort").is_some_and(|port| port != 0) && !local {
        let instead = Some("leave it out".to_owned());
        let what =
            "has a meaning with `type: LoadBalancer` and `externalTrafficPolicy: Local` alone";
        found.refuse(&path.key("healthCheckNodePort"), what, instead);
    }
}
