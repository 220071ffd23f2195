//! A database of the service's own: with enough instances for the tier, an archive out of the region,
//! and a copy wherever the service stands by.

use super::{image, storage};
use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::kube::engines::replication::{Copies, Engine};
use crate::model::Region;
use crate::model::{Model, Service};
use crate::spec::fleet::{Stored, Survives};
use crate::spec::service::Postgresql;

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    let engine = service.replication.as_ref().map(|replication| replication.engine);
    let copies = engine.map(Engine::copies);
    let Some(postgresql) = &service.postgresql else {
        if copies == Some(Copies::Database) {
            sink.error(
                Diagnostic::new(Code::MISSING_KEY, "`[data.postgresql]` is missing")
                    .at(service.at(&["data", "replication", "engine"]), "which database?")
                    .help("add it with `image` and `size`; for a database that is elsewhere, `engine = \"external\"`"),
            );
        }
        return;
    };
    written(sink, service, postgresql);
    copied(sink, service, engine);
    for (index, region) in service.regions.iter().enumerate() {
        let place = service.at(&["regions", &index.to_string()]);
        zones(sink, service, region, postgresql);
        class(sink, service, region, postgresql);
        archive(sink, model, service, region, place);
    }
}

fn written(sink: &mut Sink, service: &Service, postgresql: &Postgresql) {
    let at = |key| service.at(&["data", "postgresql", key]);
    if let Some(problem) = crate::kube::image::problem(&postgresql.image) {
        return image::wrong(sink, &postgresql.image, problem, at("image"));
    }
    if !postgresql.image.contains('@') {
        sink.error(
            Diagnostic::new(
                Code::IMAGE_WITHOUT_DIGEST,
                format!("the image of the database of `{}` has no digest", service.name),
            )
            .at(at("image"), "can mean another image tomorrow")
            .note("two instances may then run different versions on copies of the same data")
            .help("write it like `ghcr.io/cloudnative-pg/postgresql:17.6@sha256:…`"),
        );
    }
    // cloudnative-pg `internal/webhook/v1/cluster_webhook.go`, `validateImageName`.
    let name = postgresql.image.split('@').next().unwrap_or_default();
    let tag = name.rsplit('/').next().and_then(|last| last.split_once(':')).map(|(_, tag)| tag);
    if !tag.is_some_and(|tag| tag.starts_with(|c: char| c.is_ascii_digit())) {
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("the image of the database of `{}` names no version", service.name),
            )
            .at(at("image"), "")
            .note("the operator reads the version of PostgreSQL from the tag, and refuses a digest alone")
            .help("write both: `ghcr.io/cloudnative-pg/postgresql:17.6@sha256:…`"),
        );
    }
    let names: Vec<&str> = service.regions.iter().map(|region| region.name.as_str()).collect();
    for (index, name) in postgresql.made_anew.iter().enumerate() {
        if !names.contains(&name.as_str()) {
            sink.error(
                Diagnostic::new(
                    Code::WRONG_VALUE,
                    format!("the database of `{}` has no Cluster in `{name}`", service.name),
                )
                .at(service.at(&["data", "postgresql", "made_anew", &index.to_string()]), "")
                .related(service.at(&["regions"]), "its regions")
                .help(diag::did_you_mean(name, names.iter().copied())),
            );
        }
    }
    let min = service.min_instances();
    if let Some(few) = postgresql.instances.filter(|instances| *instances < min) {
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("{few} instances are too few for `{}`", service.tier.name),
            )
            .at(at("instances"), "")
            .related(service.at(&["tier"]), "the tier")
            .note("when one is lost, another must have every commit")
            .help(format!("write `instances = {min}`, or leave it out")),
        );
    }
}

/// A commit waits for one other instance, which must not stand in the zone that is lost with it.
fn zones(sink: &mut Sink, service: &Service, region: &Region, postgresql: &Postgresql) {
    let zones = region.zones.len();
    let many = postgresql.instances.filter(|instances| *instances as usize > zones);
    let apart = service.tier.survives >= Survives::Zone;
    let Some(many) = many.filter(|_| apart && zones >= service.tier.zones as usize) else { return };
    sink.error(
        Diagnostic::new(
            Code::WRONG_VALUE,
            format!(
                "{many} instances do not stand apart in the {zones} zones of `{}`",
                region.name
            ),
        )
        .at(service.at(&["data", "postgresql", "instances"]), "")
        .related(service.at(&["tier"]), "survives the loss of a zone")
        .note("a commit waits for one other instance: in the same zone, it is lost with it")
        .help(format!("write at most `instances = {zones}`")),
    );
}

/// One engine for everything that the service keeps: the RPO is that of what is copied last.
fn copied(sink: &mut Sink, service: &Service, engine: Option<Engine>) {
    let database = service.document.key(&["data", "postgresql"]);
    let copies = engine.map(Engine::copies);
    if service.regions.len() > 1 && copies != Some(Copies::Database) {
        let place = match engine {
            Some(_) => service.at(&["data", "replication", "engine"]),
            None => service.at(&["regions"]),
        };
        sink.error(
            Diagnostic::new(
                Code::STANDBY_WITHOUT_DATA,
                format!("nothing copies the database of `{}` to another region", service.name),
            )
            .at(place, "")
            .related(database, "declared here")
            .note("a database in the other region would begin empty, and go its own way")
            .help("write `[data.replication]` with `engine = \"postgresql\"`, `mode = \"asynchronous\"` and a `lag`; or name one region"),
        );
    }
    if copies == Some(Copies::Database) && service.keeps_data() {
        sink.error(
            Diagnostic::new(
                Code::STANDBY_WITHOUT_DATA,
                format!("`postgresql` copies the database of `{}`, and not its volumes", service.name),
            )
            .at(service.document.key(&["volumes"]), "copied by nothing")
            .related(database, "copied")
            .note("after a failover, the two would be of different times, or the volumes empty")
            .help("keep what matters in the database, and write `backup = false` for volumes that can be made again; or make it two services"),
        );
    }
}

fn class(sink: &mut Sink, service: &Service, region: &Region, postgresql: &Postgresql) {
    if region.class(postgresql.class.as_ref()).is_some() {
        return;
    }
    let place = service.at(&["data", "postgresql", "class"]);
    sink.error(storage::unknown(region, postgresql.class.as_deref(), place));
}

fn archive(sink: &mut Sink, model: &Model, service: &Service, region: &Region, place: Span) {
    let declared = |key| model.fleet().document.at(&["regions", region.name.as_str(), key]);
    let Some(archive) = &region.postgresql else {
        sink.error(
            Diagnostic::new(
                Code::NO_ARCHIVE,
                format!("a database in `{}` has nowhere to archive", region.name),
            )
            .at(place, "")
            .related(service.document.key(&["data", "postgresql"]), "the database")
            .note("without an archive there is no backup, no way back in time, and no copy elsewhere")
            .help(format!("declare it in the fleet: `[regions.{}.postgresql]`, with `archive` and `stored_in`", region.name)),
        );
        return;
    };
    let away = service.tier.backup.stored == Stored::OtherRegion;
    if away && archive.stored_in == region.name.as_str() {
        sink.error(
            Diagnostic::new(
                Code::BACKUP_LOCATION,
                format!("databases in `{}` archive in the same region", region.name),
            )
            .at(place, "archives from here")
            .related(declared("postgresql"), "its archive")
            .related(
                service.at(&["tier"]),
                format!("`{}` stores backups in another region", service.tier.name),
            )
            .note("an archive that is lost together with what it is of saves nothing")
            .help("archive in another region"),
        );
    }
    let geography = region.geography_of_archive(model.fleet());
    let within = |geography: &str| service.residency.iter().any(|allowed| allowed == geography);
    let bound = !service.residency.is_empty() && !model.fleet().doubts.any(&["regions"]);
    if bound && !geography.is_some_and(within) {
        sink.error(
            Diagnostic::new(
                Code::RESIDENCY,
                format!(
                    "the archive of `{}` would be in `{}`",
                    service.name,
                    geography.unwrap_or("an unknown geography")
                ),
            )
            .at(place, "archives from here")
            .related(service.at(&["data", "residency"]), "may be here only")
            .related(declared("postgresql"), "declared here")
            .help("archive within the allowed geographies"),
        );
    }
}
