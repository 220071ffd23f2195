//! The Schedules of a service: for each copy, as a backup has one location (velero
//! `site/content/docs/main/locations.md`), one that makes every backup, and one that makes those that
//! are kept for longer, as the backups of a Schedule are kept for one time.

use super::cadence::{self, Cadence};
use super::proof::{Scope, Term, promises_rpo};
use super::{Number, Reason, ServiceInRegion, cron, retention};
use crate::model::{self, BackupLocation};
use crate::quantity::Duration;

/// What tells the Schedules of a service apart, in their names: first those that make every backup,
/// to each location, then those whose backups are kept for longer.
const PARTS: [[&str; 2]; 2] = [["", "copy"], ["day", "day2"]];

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
    /// Whether it writes the other copy.
    copy: bool,
    /// Whether its backups stay when only one of each day does, or are those that go then.
    step: Step,
}

/// What becomes of the backups of a Schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// All are kept to the end.
    Only,
    /// They are kept for days.
    Recent,
    /// One of each day is kept to the end.
    Daily,
}

/// The Schedules of a service here; none where no data is written, or what others share does it.
///
/// The first keeps the RPO. The others begin between two of the first, each at another part of its
/// interval, as Velero runs one backup of a namespace at a time.
pub(crate) fn of<'a>(here: &ServiceInRegion<'a>) -> Vec<Scheduled<'a>> {
    let Some(backups) = here.backups.as_deref().filter(|_| !here.service.shares_backups()) else {
        return Vec::new();
    };
    let locations = model::backup_locations(here.fleet, here.service, here.region);
    let of = |(index, location): (usize, &'a BackupLocation)| {
        let every = [backups.first, backups.copy][index.min(1)];
        // What is made once a day is kept to the end.
        let daily = backups.daily.filter(|daily| every.interval < daily.interval);
        let step = if daily.is_some() { Step::Recent } else { Step::Only };
        let scheduled = scheduled(here, index, location, (every, step));
        let daily = daily.map(|daily| self::scheduled(here, index, location, (daily, Step::Daily)));
        std::iter::once(scheduled).chain(daily)
    };
    locations.into_iter().take(2).enumerate().flat_map(of).collect()
}

fn scheduled<'a>(
    here: &ServiceInRegion<'a>,
    copy: usize,
    location: &'a BackupLocation,
    (cadence, step): (Cadence, Step),
) -> Scheduled<'a> {
    let part = PARTS[usize::from(step == Step::Daily)][copy];
    let short = &here.region.short;
    let alone = here.service.logical(short);
    let first = here.backups.as_deref().map_or(cadence.interval, |backups| backups.first.interval);
    let cron = match (copy, step) {
        (0, Step::Only | Step::Recent) => cron::expression(cadence.interval, &alone),
        (_, Step::Only | Step::Recent) => cron::between(first, cadence.interval, &alone),
        (_, Step::Daily) => cron::now_and_then(first, cadence.interval, copy as u64, &alone),
    };
    let name = match part {
        "" => alone,
        part => here.service.logical(&format!("{short}-{part}")),
    };
    Scheduled { name, part, location, cadence, cron, copy: copy > 0, step }
}

impl Scheduled<'_> {
    /// Whether it is the one whose backups keep the RPO.
    pub(crate) fn keeps_rpo(&self) -> bool {
        !self.copy && !self.is_daily()
    }

    /// Whether its backups are those of each day that are kept to the end.
    pub(crate) fn is_daily(&self) -> bool {
        self.step == Step::Daily
    }

    /// Whether its backups go while one of each day stays.
    pub(crate) fn thins_out(&self) -> bool {
        self.step == Step::Recent
    }

    /// How long its backups are kept.
    pub(crate) fn keep(
        &self,
        here: &ServiceInRegion<'_>,
    ) -> Number<Duration, impl FnOnce() -> Reason> {
        retention::of(here, self)
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
        if self.is_daily() {
            let words = format!(
                "every {every}, for what is kept longer than every backup is. It begins between two backups of the {}",
                if self.copy { "other Schedules" } else { "first Schedule" }
            );
            return Reason::new(words)
                .from(here.in_spec_or_tier(&["backup", "recent"], "backup.recent"))
                .from(here.in_spec_or_tier(&["backup", "keep"], "backup.keep"))
                .built_in();
        }
        if self.copy {
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

/// How long ago the last backup may have completed before an alert.
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
    /// metric is its end. So the alert is earlier by as long as a backup may take.
    pub(crate) fn max_age(&self, writer: &ServiceInRegion<'_>) -> MaxAge {
        let service = writer.service;
        let Cadence { duration: takes, failed_runs, interval, .. } = self.cadence;
        if self.keeps_rpo() && service.keeps_data() && promises_rpo(writer, Scope::Data) {
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
