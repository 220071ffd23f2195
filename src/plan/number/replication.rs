//! What VolSync copies, and when.

use super::super::cron;
use super::super::replication::{COPY, volsync_interval, volsync_lag};
use super::super::values::{Values, VolumeCopy};
use super::row::{At, Row, Why, says};

const SOURCE: &[&str] = &["replication-source"];
const DESTINATION: &[&str] = &["replication-destination"];
const BOTH: &[&str] = &["replication-source", "replication-destination"];

pub(super) const ROWS: &[Row] = &[
    Row { objects: SOURCE, field: "spec.trigger.schedule", why: |at| schedule(at, "push", "") },
    Row {
        objects: DESTINATION,
        field: "spec.trigger.schedule",
        why: |at| schedule(at, "pull", ", begun when the push may have ended"),
    },
    Row { objects: DESTINATION, field: "spec.restic.capacity", why: capacity },
    Row {
        objects: BOTH,
        field: "spec.restic.cacheCapacity",
        why: |at| {
            at.fixed(
                "1Gi",
                "what restic keeps of the index of its repository; the default of VolSync",
            )
        },
    },
    Row {
        objects: SOURCE,
        field: "spec.restic.pruneIntervalDays",
        why: |at| {
            at.fixed(
                7,
                "days between two removals of what no kept copy needs; the default of VolSync",
            )
        },
    },
    Row {
        objects: SOURCE,
        field: "spec.restic.retain.hourly",
        why: |at| at.fixed(24, "hours of which one copy is kept; a pull takes the latest"),
    },
    Row {
        objects: SOURCE,
        field: "spec.restic.retain.daily",
        why: |at| at.fixed(7, "days of which one copy is kept"),
    },
    Row { objects: BOTH, field: "spec.restic.moverSecurityContext.runAsUser", why: user },
    Row { objects: BOTH, field: "spec.restic.moverSecurityContext.runAsGroup", why: user },
    Row { objects: BOTH, field: "spec.restic.moverSecurityContext.fsGroup", why: user },
];

fn of<'a>(at: &At<'a>) -> Option<&'a VolumeCopy> {
    if let Values::Copy(copy) = at.values { Some(copy) } else { None }
}

fn schedule(at: &At<'_>, what: &str, begun: &str) -> Option<Why> {
    let lag = at.here.service.replication.as_ref()?.lag?;
    let every = volsync_interval(lag)?;
    let rarest = match cron::INTERVALS.last() == Some(&every) {
        true => "once a day is enough to keep",
        false => "the rarest that keeps",
    };
    let words = format!(
        "a {what} every {every}{begun}: {rarest} the copy within {lag}. At worst it is behind by {every} until the next push + {COPY} to push + {every} until the next pull + {COPY} to pull = {}; a push and a pull are assumed to take {COPY}. The minutes follow from the name, so that not all begin at once",
        volsync_lag(every)
    );
    let why = says(of(at)?.cron.as_ref()?, words).from(at.spec(&["data", "replication", "lag"])?);
    Some(why.from(at.decided()))
}

fn capacity(at: &At<'_>) -> Option<Why> {
    let copy = of(at)?;
    let service = at.here.service;
    let is_of = |name: &str| copy.claim.starts_with(&format!("{name}-{}-", service.name));
    let index = service.volumes.iter().position(|volume| is_of(&volume.name))?;
    let words =
        format!("as large as the volume `{}` that it is a copy of", service.volumes[index].name);
    Some(says(&copy.size, words).from(at.spec(&["volumes", &index.to_string(), "size"])?))
}

fn user(at: &At<'_>) -> Option<Why> {
    let words = "the user and group of the pods that copy: those of the service, or they could not read what it wrote";
    let written = at.fleet(&["defaults", "user"]);
    Some(says(of(at)?.user, words).from(written.unwrap_or_else(|| at.decided())))
}
