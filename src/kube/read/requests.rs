//! What a pod asks of its node.

use super::quantity::Quantity;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// Amounts in thousandths, by the name of the resource.
pub type Amounts = BTreeMap<String, u128>;

/// What a pod asks for: its containers together, or an init container that asks for more.
pub fn of(pod: &Value) -> Amounts {
    let of = |container: &Value| -> Amounts {
        let list =
            |list: &str| container.at(&["resources", list]).map(Value::entries).unwrap_or_default();
        // What a limit says is asked for, where nothing else is.
        let entries = list("limits").iter().chain(list("requests"));
        entries
            .filter_map(|(name, amount)| Some((name.clone(), Quantity::of(amount)?.thousandths()?)))
            .collect()
    };
    let mut together = Amounts::new();
    let list = |list: &str| pod.get(list).map(Value::items).unwrap_or_default().iter();
    let stays = |container: &&Value| {
        container.get("restartPolicy").and_then(Value::as_str) == Some("Always")
    };
    for container in list("containers").chain(list("initContainers").filter(stays)) {
        for (name, amount) in of(container) {
            let sum = together.entry(name).or_default();
            *sum = sum.saturating_add(amount);
        }
    }
    for container in list("initContainers").filter(|container| !stays(container)) {
        for (name, amount) in of(container) {
            let most = together.entry(name).or_default();
            *most = (*most).max(amount);
        }
    }
    // What the pod asks for as a whole is never less (KEP-2837).
    let whole = pod.at(&["resources", "requests"]).map(Value::entries).unwrap_or_default();
    for (name, amount) in whole {
        let amount = Quantity::of(amount).and_then(Quantity::thousandths).unwrap_or(0);
        let most = together.entry(name.clone()).or_default();
        *most = (*most).max(amount);
    }
    together
}
