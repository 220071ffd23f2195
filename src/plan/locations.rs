//! Where Velero stores: the locations of each region, and, in every region that stands in for
//! another, that one's location to read from.

use super::namespaces::managed;
use super::values::{Map, Meta, Values};
use super::{Origin, Planned, shared};
use crate::decide::Decided;
use crate::decide::locations::{SYNCED, VALIDATED, twin_name};
use crate::kube::{Kind, RegionName};
use crate::model::{BackupLocation, Fleet, Region, SecretKey as WrittenKey};
use serde::Serialize;
use std::collections::BTreeMap;

/// Where Velero stores.
#[derive(Clone, Debug, Serialize)]
pub struct Location {
    /// Its metadata.
    pub meta: Meta,
    /// Velero's plugin.
    pub provider: String,
    /// The bucket; empty for snapshots.
    pub bucket: String,
    /// The folder in it; empty for snapshots.
    pub prefix: String,
    /// Whether it is only read here.
    pub read_only: bool,
    /// The configuration of the plugin.
    pub config: Map,
    /// The Secret that opens it.
    pub credential: Option<SecretKey>,
    /// How often Velero reads which backups are in it; empty for snapshots.
    pub synced: String,
    /// How often Velero looks whether it answers; empty for snapshots.
    pub validated: String,
}

/// A key of a Secret.
#[derive(Clone, Debug, Serialize)]
pub struct SecretKey {
    /// The Secret.
    pub name: String,
    /// The key.
    pub key: String,
}

/// The key of a Secret that `velero install` writes.
const KEY: &str = "cloud";

pub(crate) fn plan(decided: &Decided) -> Vec<Planned> {
    let fleet = decided.fleet();
    let mut objects = Vec::new();
    for region in fleet.hosts() {
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
                synced: String::new(),
                validated: String::new(),
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
    for twin in decided.twins() {
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
        synced: SYNCED.go(),
        validated: VALIDATED.go(),
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
