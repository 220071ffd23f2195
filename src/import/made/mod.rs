//! What Ninefold made itself: a tree of its own, or a cluster that runs one, read back as specs.
//!
//! Its labels say which service and which region an object is of. What was promised stands in the
//! ledgers beside it alone.

mod promises; // what ledgers say
mod order; //    regions, as a spec names them
mod keeping; //  backups and copies
mod traffic; //  how users are led
mod peak; //     replicas that carry the peak
mod network; //  what is open to the gateway and to Prometheus

pub(super) use keeping::{is_left_out, keeping};
pub(super) use network::{gateways, openings, scraped, to_gateway};
pub(super) use traffic::traffic;

use super::object::{self, Object};
use crate::kube::id::{SUFFIX_ALPHABET, SUFFIX_LENGTH};
use crate::kube::labels;
use crate::tree::Ledger;
use crate::yaml::Value;
use promises::Promises;
use std::collections::BTreeMap;

/// The services of a tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    services: BTreeMap<String, Service>,
    /// What becomes of each object; none for one that is read like everybody's.
    parts: Vec<Option<Part>>,
}

/// A service of a tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Service {
    /// The region whose objects its spec is made of.
    pub(super) home: String,
    /// Its regions, in the order of its spec.
    pub(super) regions: Vec<String>,
    /// What its ledger says; nothing where there is none.
    pub(super) promises: Promises,
}

/// What an object is in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A spec or the fleet has it made.
    Made,
    /// It was replaced.
    Former,
}

/// What every service has, and its spec has fields for.
const READ: &[&str] = &[
    "Deployment",
    "StatefulSet",
    "Service",
    "ServiceAccount",
    "ConfigMap",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "PersistentVolumeClaim",
    "CronJob",
    "Job",
];

/// Kinds of which Ninefold makes objects that a spec says by fields alone.
const MADE: &[&str] = &[
    "NetworkPolicy",
    "PodMonitor",
    "PrometheusRule",
    "Schedule",
    "BackupStorageLocation",
    "VolumeSnapshotLocation",
    "PriorityClass",
    "DNSEndpoint",
    "Gslb",
    "ReplicationSource",
    "ReplicationDestination",
    "Cluster",
    "ScheduledBackup",
    "HTTPRoute",
    "Ingress",
    "ScaledObject",
    "ResourceQuota",
    "Kustomization",
    "GitRepository",
    "Application",
    "ApplicationSet",
    "MachineHealthCheck",
];

/// Whether Ninefold wrote an object.
fn is_ours(value: &Value) -> bool {
    label(value, "app.kubernetes.io/managed-by") == Some("ninefold")
}

fn label<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.at(&["metadata", "labels", key])?.as_str()
}

/// The region whose tree has an object, where Ninefold made it.
pub(super) fn region(value: &Value) -> Option<String> {
    label(value, labels::REGION).filter(|_| is_ours(value)).map(str::to_owned)
}

/// The service that an object was made for.
pub(super) fn service(object: &Object) -> Option<&str> {
    object.region.as_ref()?;
    label(&object.value, labels::SERVICE)
}

/// A name without the hash of its content.
pub(super) fn logical(name: &str) -> &str {
    let hashed = name.rsplit_once('-').filter(|(_, hash)| {
        hash.len() == SUFFIX_LENGTH && hash.chars().all(|c| SUFFIX_ALPHABET.contains(c))
    });
    hashed.map_or(name, |(plain, _)| plain)
}

/// The name that an object has before it is hashed.
pub(super) fn name(object: &Object) -> &str {
    if object.region.is_some() { logical(&object.name) } else { &object.name }
}

impl Made {
    /// What the objects and the ledgers of trees say.
    pub(super) fn read(objects: &[Object], ledgers: &[Ledger]) -> Made {
        let mut made = Made { services: BTreeMap::new(), parts: vec![None; objects.len()] };
        let mut names: Vec<&str> = objects.iter().filter_map(service).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let of: Vec<&Object> =
                objects.iter().filter(|object| service(object) == Some(name)).collect();
            let ledger = ledgers.iter().find(|ledger| ledger.unit() == name);
            let (regions, home) = order::regions(name, &of, ledger);
            let promises = ledger.map(Promises::read).unwrap_or_default();
            made.services.insert(name.to_owned(), Service { home, regions, promises });
        }
        for (at, object) in objects.iter().enumerate() {
            made.parts[at] = made.part_of(objects, ledgers, object);
        }
        made
    }

    fn part_of(&self, objects: &[Object], ledgers: &[Ledger], object: &Object) -> Option<Part> {
        let region = object.region.as_ref()?;
        if object.retained || is_former(objects, object) {
            return Some(Part::Former);
        }
        let Some(name) = service(object) else { return Some(Part::Made) };
        if self.services.get(name).is_some_and(|service| service.home != *region) {
            return Some(Part::Made);
        }
        let entry = ledgers.iter().filter(|ledger| ledger.unit() == name).find_map(|ledger| {
            ledger.objects().iter().find(|entry| {
                (&entry.region, &entry.kind, &entry.name) == (region, &object.kind, &object.name)
            })
        });
        if entry.is_some_and(|entry| entry.origin.key == "manifests") {
            return None;
        }
        let logical = logical(&object.name);
        let other = match object.kind.as_str() {
            "Service" => logical != name,
            "ConfigMap" => logical == format!("{name}-volume-policy") || self.is_of_job(object),
            kind => MADE.contains(&kind) && !READ.contains(&kind),
        };
        other.then_some(Part::Made)
    }

    /// Whether it holds the variables of a job, where these are read.
    pub(super) fn is_of_job(&self, object: &Object) -> bool {
        let name = service(object).unwrap_or_default();
        let read =
            self.services.get(name).is_some_and(|one| object.region.as_ref() == Some(&one.home));
        let below = logical(&object.name).strip_prefix(name).unwrap_or_default();
        read && object.kind == "ConfigMap" && below.starts_with("-job-")
    }

    /// What an object is in the tree; none for one that is read like everybody's.
    pub(super) fn part(&self, at: usize) -> Option<Part> {
        self.parts.get(at).copied().flatten()
    }

    /// Whether there is a tree.
    pub(super) fn is_empty(&self) -> bool {
        self.services.is_empty()
    }

    /// A service of the tree.
    pub(super) fn service(&self, name: &str) -> Option<&Service> {
        self.services.get(name)
    }

    /// Every region that a service is in, in the order in which they are named first.
    pub(super) fn regions(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut services: Vec<&Service> = self.services.values().collect();
        services.sort_by_key(|service| std::cmp::Reverse(service.regions.len()));
        for region in services.into_iter().flat_map(|service| &service.regions) {
            if !found.contains(region) {
                found.push(region.clone());
            }
        }
        found
    }
}

/// Whether a workload stands beside a newer one of the same service and region: what a cluster has
/// until somebody retires it.
fn is_former(objects: &[Object], object: &Object) -> bool {
    let born = |object: &Object| {
        object.text(&["metadata", "creationTimestamp"]).unwrap_or_default().to_owned()
    };
    let same = |other: &&Object| {
        object::is_workload(other)
            && !other.retained
            && (service(other), &other.region) == (service(object), &object.region)
    };
    object::is_workload(object)
        && service(object).is_some()
        && objects
            .iter()
            .filter(same)
            .any(|other| (born(other), other.name.as_str()) > (born(object), object.name.as_str()))
}

/// The objects of a service in all regions.
pub(super) fn of<'a>(objects: &'a [Object], name: &str) -> Vec<&'a Object> {
    let of = |object: &&Object| service(object) == Some(name) && !object.retained;
    objects.iter().filter(of).collect()
}

/// What a key of a ConfigMap says in each region, where it is not the same everywhere: first what it says
/// where it is read, as the default.
pub(super) fn by_region(
    objects: &[Object],
    map: &Object,
    key: &str,
) -> Option<Vec<(String, String)>> {
    let own = service(map)?;
    let text = |object: &Object| object.text(&["data", key]).map(str::to_owned);
    let here = text(map)?;
    let mut found = vec![("default".to_owned(), here.clone())];
    for other in of(objects, own) {
        let same = other.kind == map.kind && logical(&other.name) == logical(&map.name);
        if let (true, Some(region), Some(there)) = (same, &other.region, text(other))
            && there != here
        {
            found.push((region.clone(), there));
        }
    }
    (found.len() > 1).then_some(found)
}

/// What a spec calls the file that a ConfigMap of a tree holds.
pub(super) fn file_name(map: &Object) -> Option<&str> {
    logical(&map.name).strip_prefix(service(map)?)?.strip_prefix("-file-")
}
