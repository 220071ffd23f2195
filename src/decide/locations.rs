//! What a region reads to stand in for another: that one's backup locations.
//!
//! The names of those embed the cluster that writes: Velero matches backups by their name across
//! all locations of a cluster, and each cluster has a folder of its own (`docs/facts.md`, "Restores
//! in another cluster").

use super::Decided;
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::RegionName;
use crate::model::{self, BackupLocation, Region, Service};
use crate::quantity::Duration;
use std::collections::BTreeSet;

/// How often Velero looks whether a location answers, which is also what it does by default (velero
/// `pkg/cmd/server/config/config.go`).
pub(crate) const VALIDATED: Duration = Duration::minutes(1);

/// How often Velero reads which backups are in a location, which is also its default.
pub(crate) const SYNCED: Duration = Duration::minutes(1);

/// A location that a region only reads: the reader, the writer, and which of the writer's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Twin {
    pub(crate) reader: RegionName,
    pub(crate) writer: RegionName,
    pub(crate) location: String,
}

/// Every location that some region reads to stand in for another: where a service has volumes, as
/// of others the tree has everything. A backup in the region that is lost is none to restore from.
pub(super) fn twins(decided: &Decided) -> BTreeSet<Twin> {
    let fleet = decided.fleet();
    let mut twins = BTreeSet::new();
    for service in decided.services().iter().filter(|service| service.backs_up_data()) {
        for here in decided.places(service).filter(|here| here.role.backs_up) {
            let writer = &here.region.name;
            let locations = model::backup_locations(fleet, service, here.region).into_iter();
            for location in
                locations.filter(|one| one.bucket.is_some() && one.stored_in != writer.as_str())
            {
                let readers = decided
                    .places(service)
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
pub(super) fn check(sink: &mut Sink, decided: &Decided) {
    let fleet = decided.fleet();
    let twins = twins(decided);
    for service in decided.services().iter().filter(|service| !service.residency.is_empty()) {
        for here in decided.places(service).filter(|here| here.role.backs_up) {
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
                other.backs_up_data() && in_both(&twin.reader) && in_both(&twin.writer)
            };
            if let Some(other) = decided.services().iter().find(both) {
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
