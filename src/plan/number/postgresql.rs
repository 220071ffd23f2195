//! Databases of CloudNativePG.

use super::super::cadence;
use super::super::postgresql::{LATEST, RAREST_BASE, UPLOAD, allowed_lag, archive_timeout};
use super::super::values::{Database, Values};
use super::Source;
use super::row::{At, Row, Why, says};
use crate::model::{Engine, Postgresql};

const CLUSTER: &[&str] = &["postgresql-cluster"];

pub(super) const ROWS: &[Row] = &[
    Row { objects: CLUSTER, field: "spec.instances", why: instances },
    Row {
        objects: CLUSTER,
        field: "spec.storage.size",
        why: |at| {
            let source = at.spec(&["data", "postgresql", "size"])?;
            Some(says(&of(at)?.size, "the volume of each instance").from(source))
        },
    },
    Row {
        objects: CLUSTER,
        field: "spec.resources.requests.cpu",
        why: |at| Some(says(&of(at)?.cpu, "set aside for each instance").from(capacity(at, "cpu"))),
    },
    Row {
        objects: CLUSTER,
        field: "spec.resources.requests.memory",
        why: |at| {
            Some(says(&of(at)?.memory, "set aside for each instance").from(capacity(at, "memory")))
        },
    },
    Row {
        objects: CLUSTER,
        field: "spec.resources.limits.memory",
        why: |at| {
            let words = "the same as the request: memory cannot be taken back, so a higher limit is a promise that a full node breaks";
            Some(says(&of(at)?.memory, words).from(capacity(at, "memory")))
        },
    },
    Row { objects: CLUSTER, field: "spec.postgresql.parameters.archive_timeout", why: archive },
    Row { objects: CLUSTER, field: "spec.postgresql.synchronous.number", why: synchronous },
    Row { objects: &["postgresql-scheduled-backup"], field: "spec.schedule", why: base_backup },
];

fn of<'a>(at: &At<'a>) -> Option<&'a Database> {
    if let Values::Database(database) = at.values { Some(database) } else { None }
}

fn written<'a>(at: &At<'a>) -> Option<&'a Postgresql> {
    at.here.service.postgresql.as_ref()
}

fn instances(at: &At<'_>) -> Option<Why> {
    let here = at.here;
    let full = super::super::postgresql::instances(here, written(at)?);
    let said = of(at)?.instances;
    if said < full {
        let words = format!(
            "one instance follows the archive while nothing runs here; where it is written there are {full}"
        );
        return Some(
            says(said, words).from(at.spec(&["recovery"]).unwrap_or_else(|| at.decided())),
        );
    }
    let own = at.spec(&["data", "postgresql", "instances"]);
    let words = match (&own, said) {
        (Some(_), _) => "as the spec says".to_owned(),
        (None, 1) => {
            "the tier survives the loss of a pod only, and then the volume is there".to_owned()
        }
        (None, _) => {
            "the least with which another has every commit when what the tier survives is lost"
                .to_owned()
        }
    };
    Some(says(said, words).from(own.unwrap_or_else(|| at.tier("survives"))))
}

/// CPU or memory: of the spec, of the fleet, or decided.
fn capacity(at: &At<'_>, key: &'static str) -> Source {
    at.spec(&["data", "postgresql", key])
        .or_else(|| at.fleet(&["defaults", key]))
        .unwrap_or_else(|| at.decided())
}

fn archive(at: &At<'_>) -> Option<Why> {
    let lag = allowed_lag(at.here);
    let timeout = archive_timeout(lag)?;
    let words = match timeout == LATEST {
        true => format!(
            "a segment of the log is closed after {timeout} at the latest, the default of CloudNativePG, and uploaded in {UPLOAD} (assumed): less is missing in the archive than the {lag} that may be"
        ),
        false => format!(
            "a segment of the log is closed after {timeout} at the latest, and uploaded in {UPLOAD} (assumed): no more than {lag} is missing in the archive"
        ),
    };
    let replication = at.here.service.replication.as_ref();
    let own = replication.is_some_and(|it| it.engine == Engine::Postgresql && it.lag.is_some());
    let path: &[&str] = if own { &["data", "replication", "lag"] } else { &["rpo"] };
    Some(says(&of(at)?.archive_timeout, words).from(at.spec(path)?).from(at.decided()))
}

fn synchronous(at: &At<'_>) -> Option<Why> {
    let database = of(at)?;
    let words = format!(
        "a commit waits until one other of the {} instances has it, so that the loss of any one loses nothing",
        database.instances
    );
    database.synchronous.then(|| at.fixed(1, &words)).flatten()
}

fn base_backup(at: &At<'_>) -> Option<Why> {
    let Values::DatabaseBackup { cron, .. } = at.values else { return None };
    let asked = at.here.service.tier.backup.every;
    let every = cadence::nearest(asked).max(RAREST_BASE);
    let why = match every > asked {
        true => format!(
            "the tier asks for backups every {asked}, but each of these is of everything, and the archive has what is between"
        ),
        false => "the pace of the tier; the archive has what is between".to_owned(),
    };
    let words = format!(
        "a base backup every {every}: {why}. The first field is seconds; hours and minutes follow from the name, so that not all begin at once"
    );
    Some(says(cron, words).from(at.tier("backup.every")).from(at.decided()))
}
