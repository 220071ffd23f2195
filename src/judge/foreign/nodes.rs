//! The cluster: from nodes among the objects, from a fleet, or assumed.

use super::super::cluster::{self, Region, Resources, Storage, Zone};
use super::super::pods::Pod;
use super::{Assumed, Beside, Origin, Seen};
use crate::kube::read::quantity::Quantity;
use crate::kube::read::selector::Selector;
use crate::kube::version::{NEWEST, OLDEST, Version};
use crate::model::Taint;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The region of nodes that say none.
const UNNAMED: &str = "cluster";
/// The zone of nodes that say none.
const UNZONED: &str = "no-zone";

/// More than pods ask for, where nobody says what a node has.
const ENOUGH: Resources = Resources { cpu: 1 << 40, memory: 1 << 60, extended: BTreeMap::new() };

/// A node that takes pods.
struct Node {
    region: String,
    zone: String,
    labels: BTreeMap<String, String>,
    taints: Vec<Taint>,
    has: Resources,
    version: Option<Version>,
}

/// The regions of the cluster, and where they are known from. `pods` are those that run in it.
pub(super) fn regions<'p>(
    seen: &[Seen],
    beside: Beside<'_>,
    pods: impl Iterator<Item = &'p Pod> + Clone,
) -> (Vec<Region>, Origin) {
    let all: Vec<&Seen> =
        seen.iter().filter(|one| one.kind == "Node" && one.group().is_empty()).collect();
    let nodes: Vec<Node> = all.iter().filter_map(|one| node(one)).collect();
    match beside {
        _ if !nodes.is_empty() => {
            let keys: BTreeSet<&str> =
                pods.flat_map(|pod| pod.nodes.iter().flat_map(Selector::keys)).collect();
            let names: BTreeSet<&str> = nodes.iter().map(|node| node.region.as_str()).collect();
            let regions = names.iter().map(|name| {
                let own: Vec<&Node> = nodes.iter().filter(|node| node.region == *name).collect();
                region(name, &own, &keys)
            });
            let unzoned = nodes.iter().any(|node| node.zone == UNZONED);
            let same = |one: &&Node| one.has == nodes[0].has;
            let unequal = !nodes.iter().all(|node| same(&node));
            let closed = all.len() - nodes.len();
            (regions.collect(), Origin::Nodes { taken: nodes.len(), closed, unequal, unzoned })
        }
        Beside::Fleet(fleet) => {
            (cluster::regions(fleet), Origin::Fleet(fleet.inventory.to_string()))
        }
        Beside::Assumed(assumed) => {
            (vec![assume(assumed, pods)], Origin::Assumed { sized: assumed.size.is_some() })
        }
    }
}

/// A node, where it takes pods.
fn node(seen: &Seen) -> Option<Node> {
    let value = &seen.value;
    let ready = |status: &Value| {
        let is = |key: &str, what: &str| status.get(key).and_then(Value::as_str) == Some(what);
        !is("type", "Ready") || is("status", "True")
    };
    let conditions = value.at(&["status", "conditions"]).map(Value::items).unwrap_or_default();
    if value.at(&["spec", "unschedulable"]) == Some(&Value::Bool(true))
        || !conditions.iter().all(ready)
    {
        return None;
    }
    let labels = texts(value.at(&["metadata", "labels"]));
    let first = |keys: [&str; 2]| keys.iter().find_map(|key| labels.get(*key)).cloned();
    let region = first([cluster::REGION, "failure-domain.beta.kubernetes.io/region"]);
    let zone = first([cluster::ZONE, "failure-domain.beta.kubernetes.io/zone"]);
    let taints = value.at(&["spec", "taints"]).map(Value::items).unwrap_or_default();
    let has = value.at(&["status", "allocatable"]).or_else(|| value.at(&["status", "capacity"]));
    let version = value.at(&["status", "nodeInfo", "kubeletVersion"]).and_then(Value::as_str);
    Some(Node {
        region: region.unwrap_or_else(|| UNNAMED.to_owned()),
        zone: zone.unwrap_or_else(|| UNZONED.to_owned()),
        labels,
        taints: taints.iter().filter_map(taint).collect(),
        has: has.map(resources).unwrap_or(ENOUGH),
        version: version.and_then(minor),
    })
}

fn texts(value: Option<&Value>) -> BTreeMap<String, String> {
    let entries = value.map(Value::entries).unwrap_or_default().iter();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn taint(value: &Value) -> Option<Taint> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(Taint { key: text("key")?, value: text("value"), effect: text("effect")? })
}

/// `v1.33.4-gke.1` → 1.33, as far as versions are known here.
fn minor(text: &str) -> Option<Version> {
    let rest = text.strip_prefix("v1.")?;
    let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some(Version { minor: minor.parse().ok()? }.clamp(OLDEST, NEWEST))
}

fn resources(value: &Value) -> Resources {
    let thousandths = |value: &Value| Quantity::of(value).and_then(Quantity::thousandths);
    let small = |amount: u128| u64::try_from(amount).unwrap_or(u64::MAX);
    let of = |key: &str| value.get(key).and_then(thousandths);
    let devices = value.entries().iter().filter(|(name, _)| name.contains('/'));
    Resources {
        cpu: of("cpu").map_or(ENOUGH.cpu, small),
        memory: of("memory").map_or(ENOUGH.memory, |amount| small(amount / 1000)),
        extended: devices
            .filter_map(|(name, value)| Some((name.clone(), small(thousandths(value)? / 1000))))
            .collect(),
    }
}

/// A region: the nodes that bear every pod, and beside them those that differ in a label that pods ask
/// for (`keys`), or in a taint.
fn region(name: &str, nodes: &[&Node], keys: &BTreeSet<&str>) -> Region {
    let zones: BTreeSet<&str> = nodes.iter().map(|node| node.zone.as_str()).collect();
    let of = |nodes: &[&Node]| {
        let of_zone = |zone: &&str| {
            let own: Vec<&Resources> =
                nodes.iter().filter(|node| node.zone == *zone).map(|node| &node.has).collect();
            Zone { name: (*zone).to_owned(), nodes: own.len(), node: mean(&own) }
        };
        let mut region = Region::with_zones(zones.iter().map(of_zone).collect());
        name.clone_into(&mut region.name);
        let oldest = nodes.iter().filter_map(|node| node.version).min();
        region.detection = cluster::detection(oldest.unwrap_or(NEWEST));
        region
    };
    let open = |node: &&&Node| !node.taints.iter().any(Taint::keeps_away);
    let own: Vec<&Node> = nodes.iter().filter(open).copied().collect();
    let own = if own.is_empty() { nodes.to_vec() } else { own };
    let asked = |node: &Node| -> BTreeMap<String, String> {
        let labels = node.labels.iter().filter(|(key, _)| keys.contains(key.as_str()));
        labels.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let shared: BTreeMap<String, String> = (asked(own[0]).into_iter())
        .filter(|(key, value)| own.iter().all(|node| node.labels.get(key) == Some(value)))
        .collect();
    let mut groups: BTreeMap<String, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        let taints: Vec<String> =
            node.taints.iter().map(|t| format!("{}={:?}:{}", t.key, t.value, t.effect)).collect();
        groups.entry(format!("{:?} {taints:?}", asked(node))).or_default().push(node);
    }
    let same = groups.len() == 1;
    let pools = groups.into_values().filter(|_| !same);
    let pools = pools.map(|nodes| of(&nodes).labelled(asked(nodes[0]), nodes[0].taints.clone()));
    let taints =
        if own.iter().any(|node| open(&node)) { Vec::new() } else { own[0].taints.clone() };
    of(&own).labelled(shared, taints).with_pools(pools.collect())
}

/// What each of these nodes has, where they share all of it evenly.
fn mean(nodes: &[&Resources]) -> Resources {
    let sum = nodes.iter().fold(Resources::default(), |sum, one| sum.plus(one));
    let count = (nodes.len() as u64).max(1);
    Resources {
        cpu: sum.cpu / count,
        memory: sum.memory / count,
        extended: sum.extended.into_iter().map(|(name, all)| (name, all / count)).collect(),
    }
}

fn assume<'p>(assumed: Assumed, pods: impl Iterator<Item = &'p Pod>) -> Region {
    let mut node = match assumed.size {
        Some((cpu, memory)) => {
            Resources { cpu: cpu.as_millis(), memory: memory.get(), extended: BTreeMap::new() }
        }
        None => ENOUGH,
    };
    // Whoever asks for a device has a node that has one.
    let devices = pods.flat_map(|pod| pod.requests.extended.keys().cloned());
    node.extended = devices.map(|name| (name, ENOUGH.cpu)).collect();
    let zone =
        |number| Zone { name: format!("zone-{number}"), nodes: assumed.nodes, node: node.clone() };
    let mut region = Region::with_zones((1..=assumed.zones).map(zone).collect());
    UNNAMED.clone_into(&mut region.name);
    region.detection = cluster::detection(NEWEST);
    region
}

/// The storage classes among the objects, the default first: where their volumes may be used.
pub(super) fn classes(seen: &[Seen]) -> Vec<(String, Storage)> {
    let mut classes: Vec<&Seen> = seen.iter().filter(|one| one.kind == "StorageClass").collect();
    let mark = ["metadata", "annotations", "storageclass.kubernetes.io/is-default-class"];
    let others = |one: &&Seen| one.value.at(&mark).and_then(Value::as_str) != Some("true");
    classes.sort_by_key(others);
    classes.into_iter().map(|class| (class.name.clone(), storage(class))).collect()
}

/// Provisioners of volumes that every zone of a region may use.
const REGIONAL: &[&str] = &[
    "efs.csi.aws.com",
    "file.csi.azure.com",
    "kubernetes.io/azure-file",
    "filestore.csi.storage.gke.io",
    "nfs.csi.k8s.io",
    "cephfs.csi.ceph.com",
    "rbd.csi.ceph.com",
];

fn storage(class: &Seen) -> Storage {
    let text = |path: &[&str]| class.value.at(path).and_then(Value::as_str).unwrap_or_default();
    let provisioner = text(&["provisioner"]);
    // A Ceph of an operator has its namespace before the name.
    let regional = REGIONAL
        .iter()
        .any(|known| provisioner == *known || provisioner.ends_with(&format!(".{known}")))
        || text(&["parameters", "replication-type"]) == "regional-pd"
        || text(&["parameters", "skuName"]).to_ascii_lowercase().ends_with("_zrs");
    match (regional, text(&["volumeBindingMode"])) {
        (true, _) => Storage::Free,
        (false, "WaitForFirstConsumer") => Storage::Bound,
        (false, _) => Storage::BoundBefore,
    }
}

/// Provisioners of volumes that stand on one node.
const LOCAL: &[&str] =
    &["rancher.io/local-path", "kubernetes.io/no-provisioner", "openebs.io/local", "topolvm.io"];

/// The storage classes whose volumes stand on one node.
pub(super) fn local(seen: &[Seen]) -> BTreeSet<String> {
    let classes = seen.iter().filter(|one| one.kind == "StorageClass");
    let local = classes.filter(|class| {
        let provisioner = class.value.get("provisioner").and_then(Value::as_str);
        provisioner.is_some_and(|provisioner| LOCAL.contains(&provisioner))
    });
    local.map(|class| class.name.clone()).collect()
}
