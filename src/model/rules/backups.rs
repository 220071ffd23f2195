//! Where backups go: out of the region where the tier asks for it, and never out of the
//! geographies that data is bound to.

use super::super::{Draft, Service};
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::{RegionName, id};
use crate::model::{Fleet, Region};
use crate::spec::fleet::{BackupLocation, Stored};

pub(super) fn check(sink: &mut Sink, draft: &Draft, service: &Service) {
    hooks(sink, service);
    // Where a region that could not be read is, nobody knows.
    if draft.fleet.doubts.names("regions").next().is_some() {
        return;
    }
    residency(sink, &draft.fleet, service);
    repositories(sink, draft, service);
    for (index, region) in service.regions.iter().enumerate() {
        let allowed = service.residency.is_empty() || service.residency.contains(&region.geography);
        // Where the region itself may not have the data, that was said.
        let found = locations(&draft.fleet, service, region).len();
        if !allowed || found == copies(service) {
            continue;
        }
        let declared = draft.fleet.document.key(&["regions", region.name.as_str(), "backup"]);
        let place = service.at(&["regions", &index.to_string()]);
        if found > 0 {
            sink.error(
                too_few(service, region)
                    .at(place, "backed up from here")
                    .related(declared, "its locations"),
            );
            continue;
        }
        let bound = (!service.residency.is_empty()).then(|| {
            format!("within {}", diag::list(service.residency.iter().map(String::as_str)))
        });
        let away = match service.tier.backup.stored {
            Stored::OtherRegion => Some("in another region".to_owned()),
            Stored::Anywhere => None,
        };
        let asked: Vec<&str> = away.iter().chain(&bound).map(String::as_str).collect();
        let asked = asked.join(", ");
        let mut finding = Diagnostic::new(
            Code::BACKUP_LOCATION,
            format!("no backup location of `{}` is {asked}", region.name),
        )
        .at(place, "backed up from here")
        .help(format!("add a location to the region in the fleet that is stored {asked}"));
        if away.is_some() {
            let tier = format!("`{}` stores backups in another region", service.tier.name);
            finding = finding
                .related(service.at(&["tier"]), tier)
                .note("a backup that is lost together with what it is of saves nothing");
        }
        if bound.is_some() {
            finding = finding.related(service.at(&["data", "residency"]), "data may be here only");
        }
        sink.error(finding.related(declared, "its locations"));
    }
}

/// What is copied from volumes goes to a repository for each namespace and location, and the Job
/// that maintains it has the repository's name as a label (velero#9328,
/// `pkg/repository/maintenance/maintenance.go`).
fn repositories(sink: &mut Sink, draft: &Draft, service: &Service) {
    if !service.keeps_data() {
        return;
    }
    let located =
        service.regions.iter().filter_map(|region| location(&draft.fleet, service, region));
    let names = located.map(|location| format!("{}-{}-kopia", service.namespace, location.name));
    let Some(name) = names.max_by_key(String::len).filter(|name| name.len() > id::DNS_LABEL) else {
        return;
    };
    let what = format!("Velero's repository `{name}`");
    let why = "the Job that maintains it has that name as a label, and without it the repository grows for ever";
    let place = service.origin(&["namespace"]);
    super::names::too_long(sink, &what, name.len(), id::DNS_LABEL, why, place);
}

/// One location will do, and the tier asks for two.
fn too_few(service: &Service, region: &Region) -> Diagnostic {
    let message = format!(
        "`{}` keeps two copies of the volumes of `{}`, and `{}` has one location for them",
        service.tier.name, service.name, region.name
    );
    Diagnostic::new(Code::BACKUP_LOCATION, message)
        .note("what destroys a bucket, or the account it is in, would destroy every backup")
        .help(format!(
            "add a second location to the region in the fleet, or write `copies = 1` under `[tiers.{}.backup]`",
            service.tier.name
        ))
}

/// Hooks that do something, around the snapshots of volumes that there are.
fn hooks(sink: &mut Sink, service: &Service) {
    if !service.backup.hooks.is_empty() && !service.keeps_data() {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "hooks have no meaning without volumes")
                .at(service.document.key(&["backup", "hooks"]), "")
                .note("they run around the snapshots of the service's volumes, and it has none")
                .help("remove them, or add `[[volumes]]`"),
        );
    }
    for (index, hook) in service.backup.hooks.iter().enumerate() {
        let place = |key| service.at(&["backup", "hooks", &index.to_string(), key]);
        if let Some(problem) = id::label_problem(&hook.name) {
            sink.error(
                Diagnostic::new(Code::INVALID_NAME, format!("`{}` cannot name a hook", hook.name))
                    .at(place("name"), problem)
                    .help(format!("write `{}`", id::nearest_label(&hook.name))),
            );
        }
        if hook.before.is_empty() && hook.after.is_empty() {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("hook `{}` runs nothing", hook.name))
                    .at(place("name"), "")
                    .help("add `before = [\"/bin/flush\"]`, `after = […]`, or both"),
            );
        }
    }
}

/// Where `service` is backed up to from `region`: first the location that is where tier and
/// residency ask, then, where the tier asks for another copy of volumes, the next that data may be
/// in.
pub(crate) fn locations<'a>(
    fleet: &Fleet,
    service: &Service,
    region: &'a Region,
) -> Vec<&'a BackupLocation> {
    let allowed: Vec<&BackupLocation> = (region.backup_locations.iter())
        .filter(|location| within(fleet, service, region, location))
        .collect();
    let where_asked = |location: &&BackupLocation| match service.tier.backup.stored {
        Stored::OtherRegion => region.place_of(fleet, location) != region.location,
        Stored::Anywhere => true,
    };
    let Some(first) = allowed.iter().copied().find(where_asked) else { return Vec::new() };
    let others = allowed.into_iter().filter(|location| location.name != first.name);
    std::iter::once(first).chain(others).take(copies(service)).collect()
}

/// The first of [`locations`]: the one whose backups keep the RPO.
pub(crate) fn location<'a>(
    fleet: &Fleet,
    service: &Service,
    region: &'a Region,
) -> Option<&'a BackupLocation> {
    locations(fleet, service, region).into_iter().next()
}

/// How many copies of its backups a service has: what keeps no data has the committed tree beside
/// the first.
fn copies(service: &Service) -> usize {
    if service.keeps_data() { service.tier.backup.copies as usize } else { 1 }
}

fn within(fleet: &Fleet, service: &Service, region: &Region, location: &BackupLocation) -> bool {
    service.residency.is_empty()
        || region
            .geography_of(fleet, location)
            .is_some_and(|geography| service.residency.iter().any(|allowed| allowed == geography))
}

fn residency(sink: &mut Sink, fleet: &Fleet, service: &Service) {
    let mut known: Vec<&str> =
        fleet.regions.values().map(|region| region.geography.as_str()).collect();
    known.sort_unstable();
    known.dedup();
    for (index, geography) in service.residency.iter().enumerate() {
        if !known.contains(&geography.as_str()) {
            sink.error(
                Diagnostic::new(
                    Code::RESIDENCY,
                    format!("no region is in a geography `{geography}`"),
                )
                .at(service.at(&["data", "residency", &index.to_string()]), "")
                .help(diag::did_you_mean(geography, known.iter().copied())),
            );
        }
    }
    for (index, region) in service.regions.iter().enumerate() {
        if !service.residency.is_empty() && !service.residency.contains(&region.geography) {
            let place =
                fleet.document.at(&["regions", RegionName::as_str(&region.name), "geography"]);
            sink.error(
                Diagnostic::new(
                    Code::RESIDENCY,
                    format!("data of `{}` would be in `{}`", service.name, region.geography),
                )
                .at(
                    service.at(&["regions", &index.to_string()]),
                    format!("is in `{}`", region.geography),
                )
                .related(service.at(&["data", "residency"]), "may be here only")
                .related(place, "declared here")
                .help("remove the region, or allow its geography"),
            );
        }
    }
}
