//! The Schedules of a service: one for each copy, as a backup has one location (velero
//! `site/content/docs/main/locations.md`).

use super::cadence::{self, Cadence};
use super::proof::{Scope, Term, promises_rpo};
use super::{Number, Reason, ServiceInRegion, cron};
use crate::model::{self, BackupLocation};
use crate::quantity::Duration;

/// The part of the name of a second Schedule, which writes the other copy.
const COPY: &str = "copy";

/// What a hook's command may take unless the spec says.
pub(super) const HOOK_TIMEOUT: Duration = Duration::seconds(30);

/// One Schedule of a service in a region.
pub(crate) struct Scheduled<'a> {
    /// Its logical name.
    pub(crate) name: String,
    /// What tells it from the first.
    pub(crate) part: &'static str,
    /// Where it writes.
    pub(crate) location: &'a BackupLocation,
    /// How often it runs, and how long each run may take.
    pub(crate) cadence: Cadence,
    /// Five fields of cron, in UTC.
    pub(crate) cron: String,
}

/// The Schedules of a service here; none where no data is written.
///
/// The first keeps the RPO. The other is for the loss of what the first wrote: it begins between two
/// of the first, as Velero runs one backup of a namespace at a time.
pub(crate) fn of<'a>(here: &ServiceInRegion<'a>) -> Vec<Scheduled<'a>> {
    let Some(cadence::Backups { first, copy, .. }) = here.backups else { return Vec::new() };
    let short = &here.region.short;
    let name = here.service.logical(short);
    let copies = [
        ("", name.clone(), first, cron::expression(first.interval, &name)),
        (
            COPY,
            here.service.logical(&format!("{short}-{COPY}")),
            copy,
            cron::between(first.interval, copy.interval, &name),
        ),
    ];
    let locations = model::backup_locations(here.fleet, here.service, here.region);
    let written = locations.into_iter().zip(copies);
    let scheduled = written.map(|(location, (part, name, cadence, cron))| Scheduled {
        name,
        part,
        location,
        cadence,
        cron,
    });
    scheduled.collect()
}

impl Scheduled<'_> {
    /// Whether it is the second, which writes the other copy.
    pub(crate) fn is_copy(&self) -> bool {
        self.part == COPY
    }

    /// When it runs.
    pub(crate) fn schedule(
        &self,
        here: &ServiceInRegion<'_>,
    ) -> Number<String, impl FnOnce() -> Reason> {
        Number::new(self.cron.clone(), || self.why(here))
    }

    fn why(&self, here: &ServiceInRegion<'_>) -> Reason {
        let (service, every) = (here.service, self.cadence.interval);
        let asked = service.tier.backup.every;
        if self.is_copy() {
            let pace = match every > cron::nearest(asked) {
                true => "the pace of the first copy, which is rarer than the tier's",
                false => "the pace of the tier",
            };
            let words = format!(
                "every {every}: {pace}, as this copy is for the loss of what the first Schedule writes, for which no RPO is promised. It begins between two backups of the first"
            );
            return Reason::new(words).from(here.in_tier("backup.every")).built_in();
        }
        let failed = match self.cadence.failed_runs {
            0 => String::new(),
            failed => format!(" although {failed} in a row may fail"),
        };
        let (words, source) = match here.in_spec(&["backup", "every"]) {
            Some(source) => (format!("every {every}, as the spec says"), source),
            None if cadence::bound_by_rpo(here) => (
                format!(
                    "every {every}: the rarest that keeps an RPO of {}{failed}; the tier asks for one every {asked} at least",
                    service.rpo
                ),
                here.spec(&["rpo"]),
            ),
            None => (
                format!(
                    "every {every}: the pace of the tier, as the RPO does not hang on these backups"
                ),
                here.in_tier("backup.every"),
            ),
        };
        let words =
            format!("{words}. The minutes follow from the name, so that not all begin at once");
        Reason::new(words).from(source).from(here.in_tier("backup.failed_runs")).built_in()
    }

    /// How long a backup holds one of the server's slots at worst.
    pub(crate) fn slot(&self) -> Number<Duration, impl FnOnce() -> Reason> {
        Number::new(self.cadence.slot(), || {
            let words = "how long a backup holds one of the server's slots at worst: hooks, objects and snapshots. The queue of the region is proven with it";
            Reason::new(words).built_in()
        })
    }

    /// What one snapshot may take.
    pub(crate) fn snapshot_timeout(
        &self,
        here: &ServiceInRegion<'_>,
    ) -> Number<Duration, impl FnOnce() -> Reason> {
        let Cadence { snapshots, .. } = self.cadence;
        Number::new(self.cadence.timeouts().0, move || {
            let words = match snapshots {
                0 => "what a snapshot may take; there is no volume to take one of".to_owned(),
                1 => "what the snapshot of the volume may take, so that the backup is durable in time"
                    .to_owned(),
                count => format!(
                    "what one snapshot may take; {count} are taken one after the other, so that the backup is durable in time"
                ),
            };
            let declared = here.in_region(&["backup", "snapshot"]);
            Reason::new(words).or_built_in(here.region.backups.snapshot.map(|_| declared))
        })
    }

    /// What copying may take.
    pub(crate) fn operation_timeout(
        &self,
        here: &ServiceInRegion<'_>,
    ) -> Number<Duration, impl FnOnce() -> Reason> {
        Number::new(self.cadence.timeouts().1, || {
            let words = format!(
                "what copying may take: a backup is durable after {}, of which hooks, objects and snapshots may take {}",
                self.cadence.duration,
                self.cadence.slot()
            );
            Reason::new(words).from(here.in_tier("backup.duration")).built_in()
        })
    }
}

/// How long ago the last backup may have completed before somebody is told.
pub(crate) struct MaxAge {
    /// Whether an RPO rests on it.
    pub(crate) promised: bool,
    pub(crate) age: Duration,
    /// Why, in words.
    pub(crate) reason: String,
}

impl Scheduled<'_> {
    /// The longest time from the data in one backup to the end of the next that completes.
    pub(crate) fn worst_case(&self, writer: &ServiceInRegion<'_>) -> Duration {
        total(&cadence::worst_case(writer, &self.cadence))
    }

    /// The same when no run fails.
    pub(crate) fn worst_case_of_one(&self, writer: &ServiceInRegion<'_>) -> Duration {
        let none_fails = Cadence { failed_runs: 0, ..self.cadence };
        total(&cadence::worst_case(writer, &none_fails))
    }

    /// How old what `writer` backs up may be.
    ///
    /// The promise is about what a restore brings back, which is as old as the start of a backup; a
    /// metric is its end. So somebody is told earlier by as long as a backup may take.
    pub(crate) fn max_age(&self, writer: &ServiceInRegion<'_>) -> MaxAge {
        let service = writer.service;
        let Cadence { duration: takes, failed_runs, interval, .. } = self.cadence;
        if !self.is_copy() && service.keeps_data() && promises_rpo(writer, Scope::Data) {
            let reason = format!(
                "rpo = {}, less the {takes} that a backup may take: what it holds is as old as its start",
                service.rpo
            );
            return MaxAge { promised: true, age: service.rpo.saturating_sub(takes), reason };
        }
        let age = self.worst_case(writer);
        let reason = format!(
            "{age} is the worst case of a backup every {interval} of which {failed_runs} in a row may fail (tier {}); no RPO rests on it alone",
            service.tier.name
        );
        MaxAge { promised: false, age, reason }
    }
}

fn total(terms: &[Term]) -> Duration {
    Duration::seconds(terms.iter().map(Term::total).fold(0, u64::saturating_add))
}

/// How long backups are kept.
pub(crate) fn keep(here: &ServiceInRegion<'_>) -> Number<Duration, impl FnOnce() -> Reason> {
    let service = here.service;
    Number::new(service.backup.keep.unwrap_or(service.tier.backup.keep), || {
        Reason::new("how long backups are kept")
            .from(here.in_spec_or_tier(&["backup", "keep"], "backup.keep"))
    })
}

/// What the command of a hook may take, in each pod; none where there is no such hook.
pub(crate) fn hook_timeout(
    here: &ServiceInRegion<'_>,
    index: usize,
) -> Option<Number<Duration, impl FnOnce() -> Reason>> {
    let hook = here.service.backup.hooks.get(index)?;
    Some(Number::new(hook.timeout.unwrap_or(HOOK_TIMEOUT), move || {
        let written = here.in_spec(&["backup", "hooks", &index.to_string(), "timeout"]);
        let words = match written {
            Some(_) => "what the command may take, in each pod",
            None => "what the command may take, in each pod, unless the spec says",
        };
        Reason::new(words).or_built_in(written)
    }))
}
