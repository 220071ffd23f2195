//! The regions of a service.

use super::super::object::Object;
use super::logical;
use crate::tree::Ledger;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// The role of a region that leads others.
const LEADS: &str = "primary";

/// The regions of a service, and the one whose objects its spec is made of: the one that leads comes
/// first, where its objects are there. In which order the others take over, neither objects nor
/// ledgers say, so they come by their names.
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
    let mut all = here.clone();
    for (region, promise) in ledger.into_iter().flat_map(Ledger::promises) {
        all.insert(region, promise["role"].as_str().unwrap_or_default());
    }
    // The sort is stable.
    let mut regions: Vec<(&str, &str)> = all.into_iter().collect();
    regions.sort_by_key(|(_, role)| *role != LEADS);
    let home = regions.iter().find(|(region, _)| here.contains_key(region));
    let home = home.map_or("", |(region, _)| region).to_owned();
    (regions.into_iter().map(|(region, _)| region.to_owned()).collect(), home)
}
