//! What a tree opens of a service to its gateway, and to Prometheus.

use super::super::guess::Context;
use super::super::object::{self, Object};
use super::of;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Namespaces that are let in by fields of `[[ports]]`, where the policy lets in all of them.
pub(in crate::import) fn openings(context: Context<'_>, at: usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if context.of_tree(at).is_some() {
        found.extend(context.network.gateways.iter().cloned());
        let scrapes = !scraped(context, at).is_empty();
        found.extend(scrapes.then(|| "monitoring".to_owned()));
    }
    found
}

/// Namespaces of what lets users in.
pub(in crate::import) fn gateways(context: Context<'_>) -> BTreeSet<String> {
    let fleet: toml::Table = context.fleet.and_then(|text| text.parse().ok()).unwrap_or_default();
    let regions = fleet.get("regions").and_then(toml::Value::as_table);
    let gateways = regions.into_iter().flat_map(toml::Table::values);
    let gateways = gateways.filter_map(|region| region.get("gateway")?.as_str());
    let routes = context.objects.iter().filter(|object| object.kind == "HTTPRoute");
    let parents = routes.flat_map(|route| route.items(&["spec", "parentRefs"]));
    let parents = parents.filter_map(|parent| object::text(parent, &["namespace"]));
    gateways.chain(parents).map(str::to_owned).collect()
}

/// The ports of a service that its gateway may reach, by number.
pub(in crate::import) fn to_gateway(context: Context<'_>, at: usize) -> BTreeSet<u16> {
    let gateways = &context.network.gateways;
    let mut found = BTreeSet::new();
    for policy in mine(context, at).into_iter().filter(|one| one.kind == "NetworkPolicy") {
        for rule in policy.items(&["spec", "ingress"]) {
            let from = object::items(rule, "from").iter().any(|peer| {
                let labels = peer.at(&["namespaceSelector", "matchLabels"]).map(object::labels);
                let name =
                    labels.and_then(|mut labels| labels.remove("kubernetes.io/metadata.name"));
                let all = peer
                    .at(&["podSelector", "matchLabels"])
                    .is_none_or(|all| all.entries().is_empty());
                all && name.is_some_and(|name| gateways.contains(&name))
            });
            let ports = object::items(rule, "ports").iter().filter(|_| from);
            found.extend(
                ports.filter_map(|port| u16::try_from(object::number(port.get("port"))?).ok()),
            );
        }
    }
    found
}

/// The ports of a service that Prometheus reads, by name, and where.
pub(in crate::import) fn scraped(context: Context<'_>, at: usize) -> BTreeMap<String, String> {
    let monitors = mine(context, at).into_iter().filter(|one| one.kind == "PodMonitor");
    let ends = monitors.flat_map(|monitor| monitor.items(&["spec", "podMetricsEndpoints"]));
    let end = |end: &Value| {
        let text = |key: &str| object::text(end, &[key]).map(str::to_owned);
        Some((text("port")?, text("path").unwrap_or_else(|| "/metrics".to_owned())))
    };
    ends.filter_map(end).collect()
}

/// The objects of a service where it is read.
fn mine<'a>(context: Context<'a>, at: usize) -> Vec<&'a Object> {
    let name = &context.groups.groups[at].name;
    let Some(tree) = context.made.service(name) else { return Vec::new() };
    let all = of(context.objects, name);
    let here = |object: &&Object| {
        object.region.as_ref() == Some(&tree.home) && super::logical(&object.name) == *name
    };
    all.into_iter().filter(here).collect()
}
