//! A fleet that is begun from what the input knows of its cluster.

use super::Options;
use super::guess::millis;
use super::object::{self, Object};
use super::routes;
use super::toml::{Document, Table, inline};
use crate::kube::pod_security::Level;
use crate::kube::read::quantity::Quantity;
use crate::kube::version::{NEWEST, OLDEST, Version};
use crate::quantity::{Bytes, Cpu};
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use toml::de::DeTable;

/// The table of levels of namespaces.
const POD_SECURITY: &str = "pod_security";

/// What a zone has, where nobody says it.
const ZONE_CPU: u64 = 24_000;
const ZONE_MEMORY: u64 = 96 << 30;

/// The nodes of a zone.
#[derive(Clone, Debug, Default)]
struct Zone {
    nodes: u32,
    cpu: u64,
    memory: u64,
}

/// Namespaces whose pods need more than others get, the level that takes them, and what needs it.
pub(super) type Levels = BTreeMap<String, (Level, Needs)>;

/// What pods need that no level takes but a lower one.
#[derive(Clone, Debug)]
pub(super) struct Needs {
    /// The object that makes them, by its place.
    pub(super) object: usize,
    /// What a build says of it.
    pub(super) why: String,
}

/// The text of `fleet.toml`, without its manifests.
pub(super) fn begin(
    objects: &[Object],
    options: &Options,
    (room, levels): (u64, &Levels),
) -> Document {
    let nodes: Vec<&Object> = objects.iter().filter(|object| object.kind == "Node").collect();
    let mut document = Document {
        comment: vec![
            "The clusters that services run in, begun by `ninefold import`.".to_owned(),
            match nodes.is_empty() {
                true => "Nodes, zones and versions are guesses: write what yours have.".to_owned(),
                false => "Nodes, zones and versions are those of the nodes that were imported."
                    .to_owned(),
            },
        ],
        ..Document::default()
    };
    document.top.set_with_comment(
        "inventory",
        options.inventory.as_str(),
        "the day on which the facts below were taken",
    );
    document.top.set_with_comment("delivery", "kubectl", "or `argo-cd`, `flux`");
    say(&mut document, levels);
    for region in &options.regions {
        let table = self::region(objects, &nodes, region, room);
        *document.table(&["regions", region]) = table;
    }
    document
}

/// The region that nodes say they are in.
pub(super) fn region_of(objects: &[Object]) -> Option<String> {
    let nodes = objects.iter().filter(|object| object.kind == "Node");
    let mut regions =
        nodes.filter_map(|node| object::labels_of(node).remove("topology.kubernetes.io/region"));
    regions.next().filter(|region| crate::kube::id::label_problem(region).is_none())
}

fn region(objects: &[Object], nodes: &[&Object], name: &str, room: u64) -> Table {
    let mut table = Table::default();
    table.set_with_comment(
        "geography",
        geography(name),
        "the jurisdiction that data in it is under",
    );
    table.set("provider", provider(nodes)).set("cluster", name);
    table.set("kubernetes", version(nodes).to_string());
    if let Some((namespace, entry)) = entry(objects) {
        table.set_with_comment("gateway", namespace, "the namespace of what lets users in");
        table.set("entry", entry);
    }
    table.set("zones", toml::Value::Array(zones(objects, nodes, name, room)));
    let classes = classes(objects);
    if !classes.is_empty() {
        table.set("storage", toml::Value::Array(classes));
    }
    table
}

fn geography(region: &str) -> &str {
    let known = [
        ("eu", "eu"),
        ("westeurope", "eu"),
        ("northeurope", "eu"),
        ("us", "us"),
        ("east", "us"),
        ("west", "us"),
        ("central", "us"),
    ];
    known
        .iter()
        .find(|(start, _)| region.starts_with(start))
        .map_or("us", |(_, geography)| geography)
}

fn provider(nodes: &[&Object]) -> &'static str {
    let id = nodes.iter().find_map(|node| node.text(&["spec", "providerID"])).unwrap_or_default();
    match id.split("://").next() {
        Some("azure") => "azure",
        Some("aws") => "aws",
        Some("gce") => "google",
        _ => "other",
    }
}

/// The oldest version of the nodes that is known here; without nodes, the middle of those.
fn version(nodes: &[&Object]) -> Version {
    let of = |node: &&Object| {
        let text = node.text(&["status", "nodeInfo", "kubeletVersion"])?.strip_prefix('v')?;
        let minor: String =
            text.strip_prefix("1.")?.chars().take_while(char::is_ascii_digit).collect();
        Some(Version { minor: minor.parse().ok()? })
    };
    let oldest = nodes.iter().filter_map(of).min();
    oldest.unwrap_or(Version { minor: (OLDEST.minor + NEWEST.minor) / 2 }).clamp(OLDEST, NEWEST)
}

fn bytes(value: &Value) -> Option<u64> {
    let bytes = Quantity::of(value)?.thousandths()? / 1000;
    u64::try_from(bytes).ok()
}

fn zones(objects: &[Object], nodes: &[&Object], region: &str, room: u64) -> Vec<toml::Value> {
    let mut zones: BTreeMap<String, Zone> = BTreeMap::new();
    for node in nodes {
        let name = object::labels_of(node).remove("topology.kubernetes.io/zone");
        let zone = zones.entry(name.unwrap_or_else(|| format!("{region}-1"))).or_default();
        let has = |what: &str| {
            let allocatable = node.at(&["status", "allocatable", what]);
            allocatable.or_else(|| node.at(&["status", "capacity", what]))
        };
        zone.nodes += 1;
        zone.cpu += has("cpu").and_then(millis).unwrap_or_default();
        zone.memory += has("memory").and_then(bytes).unwrap_or_default();
    }
    zones.retain(|_, zone| zone.cpu > 0 && zone.memory > 0);
    if zones.is_empty() {
        let (cpu, memory) = asked(objects);
        let zone = Zone {
            nodes: 3 + u32::try_from(cpu * room / ZONE_CPU).unwrap_or(u32::MAX / 2).min(1000),
            cpu: (cpu * room).max(ZONE_CPU).div_ceil(1000) * 1000,
            memory: (memory * room).max(ZONE_MEMORY).div_ceil(1 << 30) << 30,
        };
        zones.extend((1..=3).map(|number| (format!("{region}-{number}"), zone.clone())));
    }
    let shown = |(name, zone): (String, Zone)| {
        inline([
            ("name", name.into()),
            ("nodes", i64::from(zone.nodes).into()),
            ("cpu", Cpu::millis(zone.cpu).to_string().into()),
            ("memory", Bytes::new(zone.memory >> 20 << 20).to_string().into()),
        ])
    };
    zones.into_iter().map(shown).collect()
}

/// What all pods ask for: thousandths of a core, and bytes.
fn asked(objects: &[Object]) -> (u64, u64) {
    let mut sum = (0, 0);
    let mut most: BTreeMap<&str, i64> = BTreeMap::new();
    for scaler in objects.iter().filter(|object| object.kind == "HorizontalPodAutoscaler") {
        let name = scaler.text(&["spec", "scaleTargetRef", "name"]);
        if let (Some(name), Some(max)) = (name, object::number(scaler.at(&["spec", "maxReplicas"])))
        {
            let known = most.entry(name).or_insert(max);
            *known = max.max(*known);
        }
    }
    for workload in objects.iter().filter(|object| object::is_workload(object)) {
        let replicas = object::number(workload.at(&["spec", "replicas"])).unwrap_or(1);
        let replicas = u64::try_from(
            most.get(workload.name.as_str()).copied().unwrap_or(replicas).clamp(1, 1000),
        )
        .unwrap_or(1)
            + 1;
        for (_, container) in object::pod(workload).into_iter().flat_map(object::containers) {
            let of = |sort: &str, what: &str| container.at(&["resources", sort, what]);
            let most = |what: &str| of("limits", what).or_else(|| of("requests", what));
            sum.0 += replicas * most("cpu").and_then(millis).unwrap_or(250);
            sum.1 += replicas * most("memory").and_then(bytes).unwrap_or(256 << 20);
        }
    }
    sum
}

/// The namespace of what lets users in, and how it is found.
fn entry(objects: &[Object]) -> Option<(String, toml::Value)> {
    let ingress = objects.iter().find(|object| object.kind == "Ingress");
    if let Some(ingress) = ingress {
        let class = routes::class(ingress).unwrap_or_else(|| "nginx".to_owned());
        let namespace = if class.contains("nginx") { "ingress-nginx" } else { class.as_str() };
        return Some((namespace.to_owned(), inline([("class", class.as_str().into())])));
    }
    let route = objects.iter().find(|object| object.kind == "HTTPRoute")?;
    let parent = route.items(&["spec", "parentRefs"]).first()?;
    let namespace = object::text(parent, &["namespace"]).unwrap_or("gateways");
    let gateway = object::text(parent, &["name"])?;
    Some((namespace.to_owned(), inline([("gateway", gateway.into())])))
}

/// Storage classes: those of the input, the default first, and those that claims name.
fn classes(objects: &[Object]) -> Vec<toml::Value> {
    let mut found = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut classes: Vec<&Object> =
        objects.iter().filter(|object| object.kind == "StorageClass").collect();
    let default = |class: &&Object| {
        let marks = object::annotations_of(class);
        marks.get("storageclass.kubernetes.io/is-default-class").map(String::as_str) != Some("true")
    };
    classes.sort_by_key(default);
    for class in classes {
        let at_once = class.text(&["volumeBindingMode"]) != Some("WaitForFirstConsumer");
        let driver = class.text(&["provisioner"]);
        let snapshots = objects.iter().find(|object| {
            object.kind == "VolumeSnapshotClass"
                && driver.is_some()
                && object.text(&["driver"]) == driver
        });
        let mut entries = vec![
            ("name", class.name.as_str().into()),
            // Volumes that are made before their pod is scheduled are reached from every zone, or nobody
            // could run it in several.
            ("topology", if at_once { "region" } else { "zone" }.into()),
            ("binding", if at_once { "immediate" } else { "wait-for-first-consumer" }.into()),
        ];
        entries.extend(snapshots.map(|class| ("snapshots", class.name.as_str().into())));
        known.insert(class.name.clone());
        found.push(inline(entries));
    }
    let mut wanted: Vec<Option<&str>> = Vec::new();
    for object in objects {
        if object.kind == "PersistentVolumeClaim" {
            wanted.push(class(&object.value));
        }
        let templates = object.items(&["spec", "volumeClaimTemplates"]).iter();
        wanted.extend(templates.map(class));
    }
    for class in wanted {
        let class = class.filter(|class| !class.is_empty());
        let class = match class {
            Some(class) => class,
            None if known.is_empty() => "standard",
            None => continue,
        };
        if known.insert(class.to_owned()) {
            found.push(inline([
                ("name", class.into()),
                ("topology", "zone".into()),
                ("binding", "wait-for-first-consumer".into()),
            ]));
        }
    }
    found
}

/// The annotation that named the class of a claim before `storageClassName` did.
pub(super) const CLASS: &str = "volume.beta.kubernetes.io/storage-class";

/// The class that a claim names.
pub(super) fn class(claim: &Value) -> Option<&str> {
    let named = object::text(claim, &["spec", "storageClassName"]);
    named.or_else(|| object::text(claim, &["metadata", "annotations", CLASS]))
}

/// Adds a file of manifests.
pub(super) fn add_manifests(document: &mut Document, path: &str) {
    let mut table = Table::default();
    table.set("path", path);
    document.item("manifests", table);
}

/// `[pod_security]`
fn say(document: &mut Document, levels: &Levels) {
    for (namespace, (level, _)) in levels {
        document.table(&[POD_SECURITY]).set(namespace, level.word());
    }
}

/// The same for a fleet that is there: the lines to add, with files of manifests.
pub(super) fn lines<'a>(paths: impl Iterator<Item = &'a str>, levels: &Levels) -> String {
    let mut document = Document::default();
    paths.for_each(|path| add_manifests(&mut document, path));
    say(&mut document, levels);
    document.to_text()
}

/// Whether a fleet that is there says levels of namespaces, so that no line can be added.
pub(super) fn says_levels(text: &str) -> bool {
    let table: toml::Table = text.parse().unwrap_or_default();
    table.contains_key(POD_SECURITY)
}

/// Regions of a fleet that is there, in its order.
pub(super) fn regions(text: &str) -> Vec<String> {
    let fleet = DeTable::parse_recoverable(text).0.into_inner();
    let regions = fleet.get("regions").and_then(|regions| regions.get_ref().as_table());
    let keys = regions.into_iter().flat_map(|regions| regions.keys());
    let mut found: Vec<(usize, String)> =
        keys.map(|key| (key.span().start, key.get_ref().to_string())).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

/// Whether every one of these regions has backups.
pub(super) fn has_backups(text: &str, regions: &[String]) -> bool {
    let table: toml::Table = text.parse().unwrap_or_default();
    let backup = |region: &String| table.get("regions")?.get(region)?.get("backup");
    regions.iter().all(|region| backup(region).is_some())
}
