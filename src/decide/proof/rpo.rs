//! The most data that a loss costs (`docs/facts.md`, "Loss of data with scheduled backups").

use super::super::{ServiceInRegion, cadence, database};
use super::{Amount, Claim, Objective, Premise, Scope, Source, Term, Unless};
use crate::kube::engines::replication::Copies;
use crate::model::{Mode, Postgresql};
use crate::model::{Stored, Survives, Topology, Volume};

/// The text about a loss of which only a backup would bring something back.
pub(super) const NOT_BACKED_UP: &str = "nothing is backed up, so nothing brings it back";

/// A claim for each scope, where the service writes data.
pub(super) fn claims(here: &ServiceInRegion<'_>) -> Vec<Claim> {
    if !here.role.backs_up {
        return Vec::new();
    }
    let scopes = Scope::ALL.into_iter().filter(|scope| match scope {
        // A single zone is the region.
        Scope::Zone => here.size.zones > 1,
        Scope::Pod | Scope::Node | Scope::Region | Scope::Data => true,
    });
    let rpo = Amount::seconds(here.service.rpo);
    let source = || Source::Spec { key: "rpo".into(), span: here.service.at(&["rpo"]) };
    let held = |claim: Claim| match promises_rpo(here, claim.scope) {
        true => claim.promised(rpo, source()),
        false => claim,
    };
    let claim =
        |scope| claim(here, scope).given(goes_with_zone(here).filter(|_| scope == Scope::Zone));
    scopes.map(|scope| held(claim(scope)).given([Premise::Inventory])).collect()
}

fn claim(here: &ServiceInRegion<'_>, scope: Scope) -> Claim {
    let service = here.service;
    let database = service.postgresql.as_ref().filter(|_| !service.keeps_data());
    // Its other instances lose nothing with a zone: the copy in another region is not asked.
    if let Some(database) = database.filter(|database| stays(here, scope, database)) {
        return archived(here, scope, database);
    }
    let nothing = |premise| Claim::sum(scope, Objective::Rpo, Vec::new()).given([premise]);
    if let (Some(_), Scope::Zone | Scope::Region) = (&service.replication, scope)
        && !(scope == Scope::Zone && volumes_survive_zone(here))
    {
        return replicated(here, scope);
    }
    if let Some(database) = database {
        return archived(here, scope, database);
    }
    if !service.keeps_data() {
        let unwanted = !service.volumes.is_empty();
        let kept_elsewhere = match (&service.replication, unwanted) {
            (Some(_), _) => Premise::Replication,
            (None, true) => Premise::Unwanted,
            (None, false) => Premise::NothingToLose,
        };
        return nothing(kept_elsewhere).by("nothing is lost").given([Premise::Tree]);
    }
    match scope {
        Scope::Pod | Scope::Node => nothing(Premise::Storage).by("the volumes stay"),
        Scope::Zone if volumes_survive_zone(here) => {
            nothing(Premise::Storage).by("the volumes stay")
        }
        Scope::Zone | Scope::Region | Scope::Data if !service.backed_up => {
            Claim::unbounded(scope, Objective::Rpo, NOT_BACKED_UP)
        }
        Scope::Zone | Scope::Data => backed_up(here, scope),
        Scope::Region if stored_away(here) => backed_up(here, scope),
        Scope::Region => {
            let why = "the backups are stored in the region, and are lost with it";
            Claim::unbounded(scope, Objective::Rpo, why)
        }
    }
}

/// Whether the RPO of the spec speaks of such a loss.
///
/// A replica copies damage as well, so where one keeps the RPO, only backups bound what damage
/// costs, at the tier's pace. The loss of a region counts where there is another one to go to, or
/// where the tier stores its backups in one.
pub(crate) fn promises_rpo(here: &ServiceInRegion<'_>, scope: Scope) -> bool {
    let service = here.service;
    match scope {
        Scope::Pod | Scope::Node | Scope::Zone => true,
        Scope::Region => {
            let away = service.tier.backup.stored == Stored::OtherRegion;
            !service.keeps_data()
                || service.replication.is_some()
                || service.regions.len() > 1
                || away
        }
        Scope::Data => service.replication.is_none(),
    }
}

/// Whether backups are stored in another region.
fn stored_away(here: &ServiceInRegion<'_>) -> bool {
    let location = crate::model::backup_location(here.fleet, here.service, here.region);
    location
        .is_some_and(|location| here.region.place_of(here.fleet, location) != here.region.location)
}

/// Whether every volume that is to be kept outlives the loss of a zone.
pub(super) fn volumes_survive_zone(here: &ServiceInRegion<'_>) -> bool {
    let mut kept = here.service.volumes.iter().filter(|volume| volume.backup != Some(false));
    let survives = |volume| {
        let class = here.service.class_of(volume, here.region);
        class.is_some_and(|class| class.topology == Topology::Region)
    };
    here.service.keeps_data() && kept.all(survives)
}

/// What is taken for granted of volumes that go with their zone, where the tier survives that and nobody
/// declares a copy: another replica has what must be kept, and the rest is not missed.
fn goes_with_zone(here: &ServiceInRegion<'_>) -> Option<Premise> {
    let service = here.service;
    let zonal = |volume: &&Volume| {
        let class = service.class_of(volume, here.region);
        class.is_some_and(|class| class.topology == Topology::Zone)
    };
    let mut zonal = service.volumes.iter().filter(zonal).peekable();
    let alone = service.replication.is_none() && service.survives() >= Survives::Zone;
    zonal.peek().filter(|_| alone)?;
    match zonal.all(|volume| volume.backup == Some(false)) {
        true => Some(Premise::Unwanted),
        // Of a single writer the claims count a restore.
        false => (!service.single_writer).then_some(Premise::OwnCopies),
    }
}

fn replicated(here: &ServiceInRegion<'_>, scope: Scope) -> Claim {
    let service = here.service;
    let replication = service.replication.as_ref().expect("it was just there");
    let lag = match replication.mode {
        Mode::Synchronous => crate::quantity::Duration::default(),
        Mode::Asynchronous => replication.lag.unwrap_or_default(),
    };
    let key = match replication.lag {
        Some(_) => "lag",
        None => "mode",
    };
    let source = Source::Spec {
        key: format!("data.replication.{key}").into(),
        span: service.at(&["data", "replication", key]),
    };
    let mut term = Term::seconds("replication lag", lag, source);
    if replication.mode == Mode::Synchronous {
        term = term.because("a write waits for its copy");
    }
    let by_volsync = replication.engine.copies() == Copies::Volumes;
    // Both ends copy.
    let unknown = by_volsync && here.everywhere().any(|end| end.region.volsync_version.is_none());
    let archive = here.database.is_some() && replication.engine.copies() == Copies::Database;
    let archive = archive.then_some(Premise::Archive);
    Claim::sum(scope, Objective::Rpo, vec![term])
        .given([Premise::Replication])
        .given(by_volsync.then_some(Premise::VolsyncRuns))
        .given(unknown.then_some(Premise::VolsyncVersion))
        .given(archive)
}

/// Whether another instance of a database, or its volume, has every commit after such a loss.
fn stays(here: &ServiceInRegion<'_>, scope: Scope, database: &Postgresql) -> bool {
    let instances = here.database.as_deref().map_or(0, |it| it.full);
    let class = here.region.class(database.class.as_ref());
    let regional = class.is_some_and(|class| class.topology == Topology::Region);
    match scope {
        Scope::Pod | Scope::Node => true,
        Scope::Zone => {
            let apart = database::zones_apart(here, instances);
            regional || database::is_synchronous(instances) && apart
        }
        Scope::Region | Scope::Data => false,
    }
}

/// A database: what its other instances have stays, and what was damaged comes back from the
/// archive, up to the moment before.
fn archived(here: &ServiceInRegion<'_>, scope: Scope, database: &Postgresql) -> Claim {
    if stays(here, scope, database) {
        let claim = Claim::sum(scope, Objective::Rpo, Vec::new()).given([Premise::Storage]);
        return claim.by("another instance, or the volume, has every commit");
    }
    let timeout = here.database.as_deref().and_then(|it| it.archive_timeout).unwrap_or_default();
    let field = "postgresql-cluster-db.spec.postgresql.parameters.archive_timeout";
    let closed = Term::seconds("until a segment is closed", timeout, Source::Decided { field });
    let unless = Unless::Said("measured".into());
    let upload = Term::seconds("upload", database::UPLOAD, Source::Assumed { unless });
    let given = [Premise::Replication, Premise::Archive];
    Claim::sum(scope, Objective::Rpo, vec![closed, upload]).given(given)
}

fn backed_up(here: &ServiceInRegion<'_>, scope: Scope) -> Claim {
    let consistent = match here.service.backup.hooks.is_empty() {
        true => Premise::CrashConsistent,
        false => Premise::Hooks,
    };
    let cadence = here.backups.as_deref().map(|backups| backups.first);
    let terms = cadence.map(|cadence| cadence::worst_case(here, &cadence)).unwrap_or_default();
    let unknown = here.region.velero_version.is_none().then_some(Premise::VeleroVersion);
    let thinned =
        here.backups.as_deref().and_then(|backups| backups.daily).filter(|_| scope == Scope::Data);
    let given = [
        Premise::Vault,
        Premise::VeleroRuns,
        Premise::VeleroServer,
        Premise::Queue,
        Premise::Objects,
        consistent,
    ];
    Claim::sum(scope, Objective::Rpo, terms)
        .given(given)
        .given(unknown)
        .given(thinned.map(|_| Premise::Noticed))
}
