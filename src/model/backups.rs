//! Where a service is backed up to: a fact of the tier, the residency of its data and what each
//! region declares.

use super::{Fleet, Region, Service, Tier};
use crate::spec::fleet::{BackupLocation, Stored};

/// Where `service` is backed up to from `region`: first the location that is where tier and
/// residency ask, then, where the tier asks for another copy of volumes, the next that data may be
/// in. Nowhere, where it is not backed up, or the region has no Velero.
pub(crate) fn backup_locations<'a>(
    fleet: &Fleet,
    service: &Service,
    region: &'a Region,
) -> Vec<&'a BackupLocation> {
    let Some(first) = backup_location(fleet, service, region) else { return Vec::new() };
    let others = allowed(fleet, service, region).filter(|location| location.name != first.name);
    std::iter::once(first).chain(others).take(backup_copies(service)).collect()
}

/// The first of [`backup_locations`]: the one whose backups keep the RPO.
pub(crate) fn backup_location<'a>(
    fleet: &Fleet,
    service: &Service,
    region: &'a Region,
) -> Option<&'a BackupLocation> {
    let where_asked =
        |location: &&BackupLocation| where_asked(fleet, &service.tier, region, location);
    allowed(fleet, service, region).find(where_asked)
}

/// Where the data of a service may be backed up to from `region`.
fn allowed<'a>(
    fleet: &Fleet,
    service: &Service,
    region: &'a Region,
) -> impl Iterator<Item = &'a BackupLocation> {
    let declared = if service.backed_up { region.backup_locations.as_slice() } else { &[] };
    declared.iter().filter(|location| within(fleet, service, region, location))
}

/// Where services of a tier without volumes are backed up to from `region`, unless their data is bound
/// to a place.
pub(crate) fn shared_location<'a>(
    fleet: &Fleet,
    tier: &Tier,
    region: &'a Region,
) -> Option<&'a BackupLocation> {
    region.backup_locations.iter().find(|location| where_asked(fleet, tier, region, location))
}

fn where_asked(fleet: &Fleet, tier: &Tier, region: &Region, location: &BackupLocation) -> bool {
    match tier.backup.stored {
        Stored::OtherRegion => region.place_of(fleet, location) != region.location,
        Stored::Anywhere => true,
    }
}

/// How many copies of its backups a service has: what keeps no data has the committed tree beside
/// the first.
pub(crate) fn backup_copies(service: &Service) -> usize {
    if service.keeps_data() { service.tier.backup.copies as usize } else { 1 }
}

fn within(fleet: &Fleet, service: &Service, region: &Region, location: &BackupLocation) -> bool {
    service.residency.is_empty()
        || region
            .geography_of(fleet, location)
            .is_some_and(|geography| service.residency.iter().any(|allowed| allowed == geography))
}
