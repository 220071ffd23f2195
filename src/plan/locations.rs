//! Where Velero stores: the locations of each region, and, in every region that stands in for
//! another, that one's location to read from.
//!
//! The names of those embed the cluster that writes: Velero matches backups by their name across
//! all locations of a cluster, and each cluster has a folder of its own (`ha-dr` 1.12).

use super::namespaces::managed;
use super::values::{Location, Map, Meta, SecretKey, Values};
use super::{Origin, Planned, places, shared};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::{Kind, RegionName};
use crate::model::{self, Fleet, Model, Region, Service};
use crate::model::{BackupLocation, SecretKey as WrittenKey};
use std::collections::{BTreeMap, BTreeSet};

/// The key of a Secret that `velero install` writes.
const KEY: &str = "cloud";

/// A location that a region only reads: the reader, the writer, and which of the writer's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Twin {
    pub(crate) reader: RegionName,
    pub(crate) writer: RegionName,
    pub(crate) location: String,
}

/// Every location that some region reads to stand in for another: where a service has volumes, as
/// of others the tree has everything. A backup in the region that is lost is none to restore from.
pub fn twins(model: &Model) -> BTreeSet<Twin> {
    let fleet = model.fleet();
    let mut twins = BTreeSet::new();
    for service in model.services().iter().filter(|service| service.keeps_data()) {
        for here in places(fleet, service).filter(|here| here.role.backs_up) {
            let writer = &here.region.name;
            let locations = model::backup_locations(fleet, service, here.region).into_iter();
            for location in
                locations.filter(|one| one.bucket.is_some() && one.stored_in != writer.as_str())
            {
                let readers = places(fleet, service)
                    .filter(|place| place.role.takes_over && place.region.name != *writer);
                twins.extend(readers.map(|reader| Twin {
                    reader: reader.region.name.clone(),
                    writer: writer.clone(),
                    location: location.name.clone(),
                }));
            }
        }
    }
    twins
}

/// A region that reads a folder sees the backups of every service in it, those too that must not
/// leave their geography.
pub(crate) fn check(sink: &mut Sink, model: &Model) {
    let fleet = model.fleet();
    let twins = twins(model);
    for service in model.services().iter().filter(|service| !service.residency.is_empty()) {
        for here in places(fleet, service).filter(|here| here.role.backs_up) {
            let locations = model::backup_locations(fleet, service, here.region);
            let seen = |twin: &&Twin| {
                let holds = locations.iter().any(|location| location.name == twin.location);
                let reader = &fleet.regions[&twin.reader];
                twin.writer == here.region.name
                    && holds
                    && !service.residency.contains(&reader.geography)
            };
            let Some(twin) = twins.iter().find(seen) else { continue };
            let mut finding = Diagnostic::new(
                Code::RESIDENCY,
                format!("`{}` would read the backups of `{}`", twin.reader, service.name),
            )
            .at(service.at(&["data", "residency"]), "may be here only")
            .note(format!(
                "it reads everything that `{}` writes to `{}`, to stand in for it",
                twin.writer, twin.location
            ))
            .help("run one of them in other regions, or bind both to the same geographies");
            let both = |other: &&Service| {
                let in_both = |name: &RegionName| other.regions.iter().any(|one| one.name == *name);
                other.keeps_data() && in_both(&twin.reader) && in_both(&twin.writer)
            };
            if let Some(other) = model.services().iter().find(both) {
                finding =
                    finding.related(other.at(&["regions"]), format!("`{}` is in both", other.name));
            }
            sink.error(finding);
        }
    }
}

/// The name of a location of `writer` in the regions that read it.
pub fn twin_name(writer: &Region, location: &BackupLocation) -> String {
    format!("{}-{}", writer.cluster, location.name)
}

pub(crate) fn plan(model: &Model) -> Vec<Planned> {
    let fleet = model.fleet();
    let mut objects = Vec::new();
    for region in fleet.regions.values() {
        for location in &region.backup_locations {
            objects.extend(storage(fleet, region, region, location));
        }
        for (index, location) in region.snapshot_locations.iter().enumerate() {
            let values = Location {
                meta: meta(region, &location.name),
                provider: region.plugin(location.provider.as_ref()).to_owned(),
                bucket: String::new(),
                prefix: String::new(),
                read_only: false,
                config: location.config.clone(),
                credential: location.credential.as_ref().map(secret_key),
            };
            let kind = Kind::VolumeSnapshotLocation;
            let id =
                (kind, Some(region.backup_namespace.clone()), &*location.name, &*location.name);
            let key = "backup.snapshot_locations";
            let span = origin(fleet, region, "snapshot_locations", index);
            let values = Values::Location(Box::new(values));
            objects.push(shared(fleet, region, id, values, Origin { span, key }));
        }
    }
    let regions: BTreeMap<&RegionName, &Region> =
        fleet.regions.iter().map(|(name, region)| (name, &**region)).collect();
    for twin in twins(model) {
        let (reader, writer) = (regions[&twin.reader], regions[&twin.writer]);
        let location = writer.backup_locations.iter().find(|one| one.name == twin.location);
        objects.extend(location.and_then(|location| storage(fleet, reader, writer, location)));
    }
    objects
}

/// The location in `region` of what `writer` writes; none where somebody else makes it.
fn storage(
    fleet: &Fleet,
    region: &Region,
    writer: &Region,
    location: &BackupLocation,
) -> Option<Planned> {
    let own = region.name == writer.name;
    let name = if own { location.name.clone() } else { twin_name(writer, location) };
    let values = Location {
        meta: meta(region, &name),
        provider: writer.plugin(location.provider.as_ref()).to_owned(),
        bucket: location.bucket.clone()?,
        prefix: writer.prefix(location).to_owned(),
        read_only: !own,
        config: location.config.clone(),
        credential: location.credential.as_ref().map(secret_key),
    };
    let index = writer.backup_locations.iter().position(|one| one.name == location.name)?;
    let span = origin(fleet, writer, "locations", index);
    let origin = Origin { span, key: "backup.locations" };
    let kind = Kind::BackupStorageLocation;
    let id = (kind, Some(region.backup_namespace.clone()), &*name, &*name);
    Some(shared(fleet, region, id, Values::Location(Box::new(values)), origin))
}

fn origin(fleet: &Fleet, region: &Region, list: &str, index: usize) -> crate::diag::Span {
    let index = index.to_string();
    fleet.document.at(&["regions", region.name.as_str(), "backup", list, &index, "name"])
}

fn meta(region: &Region, name: &str) -> Meta {
    Meta {
        name: name.to_owned(),
        namespace: Some(region.backup_namespace.to_string()),
        labels: managed(region),
        annotations: Map::new(),
    }
}

fn secret_key(written: &WrittenKey) -> SecretKey {
    let key = written.key.clone().unwrap_or_else(|| KEY.to_owned());
    SecretKey { name: written.name.clone(), key }
}
