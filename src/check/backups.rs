//! Where backups go: out of the region where the tier asks for it, and never out of the
//! geographies that data is bound to.

use super::names::named;
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::{RegionName, id};
use crate::model::{Fleet, Model, Region, Service, Stored};
use crate::model::{backup_copies, backup_location, backup_locations};

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    hooks(sink, service);
    // Where a region that could not be read is, nobody knows.
    if model.fleet().doubts.names("regions").next().is_some() {
        return;
    }
    residency(sink, model.fleet(), service);
    repositories(sink, model, service);
    let backed_up = service.regions.iter().enumerate().filter(|(_, region)| region.velero);
    for (index, region) in backed_up.filter(|_| service.backed_up) {
        let allowed = service.residency.is_empty() || service.residency.contains(&region.geography);
        // Where the region itself may not have the data, that is reported already.
        let found = backup_locations(model.fleet(), service, region).len();
        if !allowed || found == backup_copies(service) {
            continue;
        }
        let declared = model.fleet().document.key(&["regions", region.name.as_str(), "backup"]);
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
        .help(format!(
            "add a location to the region in the fleet that is stored {asked}{}",
            if service.keeps_data() {
                ""
            } else {
                "; or, as it keeps no data, write `backup = \"none\"`"
            }
        ));
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
fn repositories(sink: &mut Sink, model: &Model, service: &Service) {
    if !service.backs_up_data() {
        return;
    }
    let located =
        service.regions.iter().filter_map(|region| backup_location(model.fleet(), service, region));
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
        named(sink, id::label_problem, ("a hook", &hook.name), || place("name"), "");
        if hook.before.is_empty() && hook.after.is_empty() {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("hook `{}` runs nothing", hook.name))
                    .at(place("name"), "")
                    .help("add `before = [\"/bin/flush\"]`, `after = […]`, or both"),
            );
        }
    }
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
