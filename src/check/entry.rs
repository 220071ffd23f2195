//! How users get into a region, and the zones in which they look for it.

use super::names::named;
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::engines::traffic::Provider;
use crate::kube::id;
use crate::model::{Fleet, Region};

/// The entry of one region, and the namespace of its gateway.
pub(super) fn check(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let Some(entry) = &region.entry else { return };
    let name_of_region = region.name.as_str();
    let place =
        |keys: &[&str]| fleet.document.at(&[&["regions", name_of_region, "entry"], keys].concat());
    match (&entry.gateway, &entry.class) {
        (None, None) => {
            sink.error(
                Diagnostic::new(Code::MISSING_KEY, "the entry names neither a Gateway nor a class")
                    .at(place(&[]), "")
                    .help("add `gateway = \"…\"`, or `class = \"…\"` for an IngressClass"),
            );
        }
        (Some(_), Some(_)) => {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, "an entry is a Gateway or an IngressClass")
                    .at(place(&["class"]), "as well")
                    .related(place(&["gateway"]), "a Gateway")
                    .help("keep the one that lets users in"),
            );
        }
        (Some(_), None) | (None, Some(_)) => {}
    }
    if region.gateway.is_none() {
        sink.error(
            Diagnostic::new(Code::MISSING_KEY, "`gateway` is missing")
                .at(place(&[]), "in which namespace does it run?")
                .note(
                    "the network of every service is closed, but for the namespace of the gateway",
                )
                .help(format!("add `gateway = \"…\"` to `[regions.{name_of_region}]`")),
        );
    }
    let names = [
        ("gateway", &entry.gateway),
        ("class", &entry.class),
        ("listener", &entry.listener),
        ("address", &entry.address),
    ];
    for (key, name) in names {
        let address = |name: &str| key == "address" && name.parse::<std::net::IpAddr>().is_ok();
        if let Some(name) = name.as_deref().filter(|name| !address(name)) {
            let what = format!("the `{key}` of an entry");
            let help = "write it as the cluster has it";
            named(sink, id::subdomain_problem, (&what, name), || place(&[key]), help);
        }
    }
}

/// The zones of the fleet.
pub(super) fn zones(sink: &mut Sink, fleet: &Fleet) {
    let document = &fleet.document;
    for (name, zone) in &fleet.dns {
        let place = document.key(&["dns", name]);
        let help = "write it like `[dns.\"example.com\"]`, without a dot at the end";
        named(sink, id::subdomain_problem, ("a DNS zone", name), || place, help);
        let engine = zone.engine.row();
        let finding = match (&engine.provider, zone.provider) {
            (Provider::Named { why }, None) => {
                Diagnostic::new(Code::MISSING_KEY, "`provider` is missing")
                    .at(place, "who serves the zone?")
                    .note(*why)
                    .help("add `provider = \"aws\"`, or whoever it is")
            }
            (Provider::Nobody { why }, Some(_)) => {
                let message = format!("a zone of {} has no provider", engine.name);
                Diagnostic::new(Code::WRONG_VALUE, message)
                    .at(document.at(&["dns", name, "provider"]), "")
                    .note(*why)
                    .help("remove it")
            }
            (Provider::Named { .. }, Some(_)) | (Provider::Nobody { .. }, None) => continue,
        };
        sink.error(finding);
    }
}
