//! The regions of a service, in the order of its spec.

use super::super::object::Object;
use super::logical;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// What the objects of one region say.
struct Here<'a> {
    role: &'a str,
    peers: Vec<&'a str>,
}

/// The regions of a service, and the one whose objects its spec is made of: the one that leads, where
/// its objects are there.
pub(super) fn regions(name: &str, objects: &[&Object]) -> (Vec<String>, String) {
    let variables = format!("{name}-region");
    let mut found: BTreeMap<&str, Here<'_>> = BTreeMap::new();
    for object in objects {
        let Some(region) = object.region.as_deref() else { continue };
        let is = object.kind == "ConfigMap" && logical(&object.name) == variables;
        let text =
            |key: &str| object.at(&["data", key]).and_then(Value::as_str).unwrap_or_default();
        if is {
            let peers = text("REGION_PEERS").split(',').filter(|peer| !peer.is_empty()).collect();
            found.insert(region, Here { role: text("REGION_ROLE"), peers });
        } else {
            found.entry(region).or_insert(Here { role: "", peers: Vec::new() });
        }
    }
    let with_peers = |region: &'_ str| -> Vec<String> {
        let peers = found.get(region).map(|here| here.peers.clone()).unwrap_or_default();
        std::iter::once(region).chain(peers).map(str::to_owned).collect()
    };
    let leads = found.iter().find(|(_, here)| here.role == "primary").map(|(region, _)| *region);
    if let Some(leads) = leads {
        return (with_peers(leads), leads.to_owned());
    }
    // Where all are alike, each names the others in the order of the spec.
    let agree = |region: &&&str| {
        let order = with_peers(region);
        found.iter().all(|(other, here)| {
            let others = order.iter().filter(|one| one != other);
            here.peers.is_empty() || others.eq(here.peers.iter())
        })
    };
    let first = found.keys().find(agree).or_else(|| found.keys().next()).copied();
    let first = first.unwrap_or_default();
    match found.get(first) {
        // What leads is not among the objects: it is the first of those that are named.
        Some(here) if here.role == "standby" && !here.peers.is_empty() => {
            let order = here.peers.iter().copied().chain([first]).map(str::to_owned).collect();
            (order, first.to_owned())
        }
        Some(_) | None => (with_peers(first), first.to_owned()),
    }
}
