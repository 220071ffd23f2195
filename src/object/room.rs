//! Pods that fit onto no node which the fleet declares.
//!
//! Those of the services are sized where they are decided; this is about what templates, patches and
//! manifests ask for.

use super::{Context, Object, Problem};
use crate::diag::Code;
use crate::kube::read::requests::{self, Amounts};
use crate::kube::references;
use crate::model::Region;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// The problem of an object whose pods no node holds.
pub(super) fn problem(object: &Object, context: Context<'_>) -> Option<Problem> {
    let path = references::pods(&object.id.kind)?;
    let pod = object.value.at(&path)?;
    let region = context.regions.get(&object.id.region)?;
    let mut asked = requests::of(pod);
    // The fleet does not say how much disk a node has.
    asked.retain(|name, amount| {
        *amount > 0 && name != "ephemeral-storage" && !name.starts_with("hugepages-")
    });
    // Of what no pool declares, nobody here knows where it is.
    let declared = |name: &str| region.pools.iter().any(|pool| pool.resources.contains_key(name));
    asked.retain(|name, _| ["cpu", "memory"].contains(&name.as_str()) || declared(name));
    let nodes = nodes(region, pod)?;
    let lacks = |node: &Amounts| -> Vec<String> {
        let short =
            |(name, amount): &(&String, &u128)| node.get(*name).copied().unwrap_or(0) < **amount;
        asked.iter().filter(short).map(|(name, _)| name.clone()).collect()
    };
    let lacking: Vec<Vec<String>> = nodes.iter().map(lacks).collect();
    if asked.is_empty() || lacking.iter().any(Vec::is_empty) {
        return None;
    }
    let nearest = lacking.into_iter().min_by_key(Vec::len)?;
    let of_largest =
        |name: &String| nodes.iter().filter_map(|node| node.get(name)).max().copied().unwrap_or(0);
    let sums: Vec<String> = (nearest.iter())
        .map(|name| {
            format!(
                "{} of {name}, a node has {}",
                shown(name, asked[name]),
                shown(name, of_largest(name))
            )
        })
        .collect();
    let kind = &object.id.kind;
    let message = format!(
        "no node holds a pod of {kind} `{}`: it asks for {}",
        object.id.name,
        sums.join("; ")
    );
    let steps = path.iter().map(|step| (*step).to_owned()).chain(["containers".to_owned()]);
    let problem = Problem::new(Code::FITS_NO_NODE, message);
    Some(Problem {
        path: steps.collect(),
        note: Some(
            "its pods wait for ever; the fleet says what nodes have, in `zones` and `pools`"
                .to_owned(),
        ),
        help: Some("ask for less, or declare the nodes that are there".to_owned()),
        // There may be more of a device than somebody has written down.
        unless_accepted: nearest.iter().all(|name| ["cpu", "memory"].contains(&name.as_str())),
        ..problem
    })
}

/// What one node has of each sort that the pod may run on; none where it asks for nodes by what the
/// fleet does not say.
fn nodes(region: &Region, pod: &Value) -> Option<Vec<Amounts>> {
    let wanted = pod.get("nodeSelector").map(Value::entries).unwrap_or_default();
    let common =
        |key: &str| key.starts_with("kubernetes.io/") || key.starts_with("topology.kubernetes.io/");
    let wanted: Vec<(&str, &str)> = (wanted.iter())
        .filter(|(key, _)| !common(key))
        .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
        .collect();
    let known = |key: &str| region.pools.iter().any(|pool| pool.labels.contains_key(key));
    if wanted.iter().any(|(key, _)| !known(key)) {
        return None;
    }
    let of = |cpu: u64, memory: u64, nodes: u32| {
        let each = u128::from(nodes.max(1));
        let cpu = ("cpu".to_owned(), u128::from(cpu) / each);
        let memory = ("memory".to_owned(), u128::from(memory).saturating_mul(1000) / each);
        Amounts::from([cpu, memory])
    };
    let own = region.zones.iter().filter(|_| wanted.is_empty());
    let own = own.map(|zone| of(zone.cpu.as_millis(), zone.memory.get(), zone.nodes));
    let has = |labels: &BTreeMap<String, String>| {
        wanted.iter().all(|(key, value)| labels.get(*key).is_some_and(|known| known == value))
    };
    let pools = region.pools.iter().filter(|pool| has(&pool.labels)).map(|pool| {
        let mut node = of(pool.cpu.as_millis(), pool.memory.get(), pool.nodes);
        let each = |amount: u32| u128::from(amount) * 1000 / u128::from(pool.nodes.max(1));
        node.extend(pool.resources.iter().map(|(name, amount)| (name.clone(), each(*amount))));
        node
    });
    Some(own.chain(pools).collect())
}

/// An amount as people write it.
fn shown(name: &str, thousandths: u128) -> String {
    if name == "memory" {
        let bytes = thousandths / 1000;
        let (unit, factor) = if bytes >= 1 << 30 { ("Gi", 1 << 30) } else { ("Mi", 1 << 20) };
        let whole = bytes / factor;
        let tenths = bytes % factor * 10 / factor;
        return if tenths == 0 {
            format!("{whole}{unit}")
        } else {
            format!("{whole}.{tenths}{unit}")
        };
    }
    match thousandths % 1000 {
        0 => (thousandths / 1000).to_string(),
        _ => format!("{thousandths}m"),
    }
}
