//! The regions of a service.

use super::super::object::Object;
use super::logical;
use crate::tree::Ledger;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// The role of a region that leads others.
const LEADS: &str = "primary";

/// The regions of a service, and the one whose objects its spec is made of: the one that leads comes
/// first, where its objects are there, and the others as the ledger has their places; without a ledger, by
/// their names.
pub(super) fn regions(
    name: &str,
    objects: &[&Object],
    ledger: Option<&Ledger>,
) -> (Vec<String>, String) {
    let variables = format!("{name}-region");
    let mut here: BTreeMap<&str, &str> = BTreeMap::new();
    for object in objects {
        let Some(region) = object.region.as_deref() else { continue };
        let role = here.entry(region).or_default();
        if object.kind == "ConfigMap" && logical(&object.name) == variables {
            *role = object.at(&["data", "REGION_ROLE"]).and_then(Value::as_str).unwrap_or_default();
        }
    }
    let mut all: BTreeMap<&str, (&str, u64)> =
        here.iter().map(|(region, role)| (*region, (*role, u64::MAX))).collect();
    let promises = ledger.into_iter().flat_map(Ledger::promises);
    let promises: Vec<_> = promises.map(|(region, promise)| (region, promise.value())).collect();
    for (region, promise) in &promises {
        let place = promise["place"].as_u64().unwrap_or(u64::MAX);
        all.insert(region, (promise["role"].as_str().unwrap_or_default(), place));
    }
    // The sort is stable.
    let mut regions: Vec<(&str, (&str, u64))> = all.into_iter().collect();
    regions.sort_by_key(|(_, (role, place))| (*role != LEADS, *place));
    let home = regions.iter().find(|(region, _)| here.contains_key(region));
    let home = home.map_or("", |(region, _)| region).to_owned();
    (regions.into_iter().map(|(region, _)| region.to_owned()).collect(), home)
}
