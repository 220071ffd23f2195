//! Schedules that services without volumes share: one for each region, tier and location.
//!
//! What they keep is in the tree, and is saved beside it for whoever has lost the tree. A Schedule of
//! their own for each would fill the queue, and its backups the server. So one selects all of a tier by
//! their labels: another such service changes no Schedule, and a restore selects it by its label.
//!
//! A service with Schedules of its own is left out by its namespace as well, so a new one changes these
//! in place, from the next run on. Labels cannot say it: whether two backups meet is asked of their
//! namespaces alone (velero `pkg/controller/backup_queue_controller.go`, `namespacesForBackup`), and one
//! of all namespaces holds up every other. A new name for every such service would leave two Schedules
//! of all services until somebody retires one, and backups of which no alert knows the name.

use super::cadence::{self, Cadence, OBJECTS};
use super::{Decided, ServiceInRegion, cron};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::{Kind, RegionName};
use crate::model::{self, BackupLocation, Region, Service, Tier};
use crate::quantity::Duration;
use std::collections::{BTreeMap, BTreeSet};

/// How a Schedule says that it backs up what is in any namespace.
pub(crate) const EVERY_NAMESPACE: &str = "*";

/// The value of the label of objects whose service has Schedules of its own.
pub(crate) const OWN: &str = "own";

/// The value of the label of objects that nothing backs up.
pub(crate) const NONE: &str = "none";

/// One Schedule for several services of a region.
pub(crate) struct Shared<'a> {
    /// Its name, which stays: nothing is lost when it is changed in place.
    pub(crate) name: String,
    /// What tells it from the others of the region: `gold`, `gold-vault`.
    pub(crate) part: String,
    pub(crate) region: &'a Region,
    pub(crate) tier: &'a Tier,
    /// Where it writes.
    pub(crate) location: &'a BackupLocation,
    /// What objects must bear under `ninefold.dev/backup`; none where they bear nothing there.
    pub(crate) marked: Option<String>,
    /// How often it runs, and how long each run may take.
    pub(crate) cadence: Cadence,
    /// Five fields of cron, in UTC.
    pub(crate) cron: String,
    /// The services, in the order of their names.
    pub(crate) services: Vec<&'a Service>,
    /// The namespaces of the cluster that it leaves out: services with Schedules of their own are
    /// alone in them, and Velero never backs up a namespace twice at a time.
    pub(crate) apart: BTreeSet<String>,
}

/// The label by which what others share leaves out the objects of a service, or by which another
/// takes them; none where they are of the many.
pub(crate) fn mark(here: &ServiceInRegion<'_>) -> Option<String> {
    let (service, region) = (here.service, here.region);
    if !region.velero {
        return None;
    }
    if !service.backed_up {
        return Some(NONE.to_owned());
    }
    if !service.shares_backups() {
        return Some(OWN.to_owned());
    }
    let own = model::backup_location(here.fleet, service, region)?;
    let usual = model::shared_location(here.fleet, &service.tier, region);
    let elsewhere = usual.is_none_or(|usual| usual.name != own.name);
    elsewhere.then(|| name(region, &part(&service.tier, own, true)))
}

/// What tells a Schedule from the others of its region.
fn part(tier: &Tier, location: &BackupLocation, elsewhere: bool) -> String {
    match elsewhere {
        true => format!("{}-{}", tier.name, location.name),
        false => tier.name.clone(),
    }
}

fn name(region: &Region, part: &str) -> String {
    format!("shared-{}-{part}", region.short)
}

/// Every shared Schedule of the fleet, by region, tier and location.
pub(crate) fn of(decided: &Decided) -> Vec<Shared<'_>> {
    let mut all: BTreeMap<(&RegionName, String), Shared<'_>> = BTreeMap::new();
    let fleet = decided.fleet();
    let mut own: BTreeMap<&RegionName, BTreeSet<&str>> = BTreeMap::new();
    for service in decided.services().iter().filter(|service| !service.shares_backups()) {
        for here in decided.places(service).filter(|here| here.backups.is_some()) {
            own.entry(&here.region.host).or_default().insert(service.namespace.as_str());
        }
    }
    for service in decided.services().iter().filter(|service| service.shares_backups()) {
        for here in decided.places(service).filter(|here| here.backups.is_some()) {
            let region = here.region;
            let Some(location) = model::backup_location(fleet, service, region) else { continue };
            let marked = mark(&here);
            let part = part(&service.tier, location, marked.is_some());
            let shared = all.entry((&region.name, part.clone())).or_insert_with(|| Shared {
                name: name(region, &part),
                part,
                region,
                tier: &service.tier,
                location,
                marked,
                cadence: cadence(region, &service.tier, 0),
                cron: String::new(),
                services: Vec::new(),
                apart: BTreeSet::new(),
            });
            shared.services.push(service);
        }
    }
    let mut all: Vec<Shared<'_>> = all.into_values().collect();
    for shared in &mut all {
        shared.cadence = cadence(shared.region, shared.tier, shared.services.len());
        shared.cron = cron::expression(shared.cadence.interval, &shared.name);
        let within: BTreeSet<&str> =
            shared.services.iter().map(|service| service.namespace.as_str()).collect();
        let apart = own.get(&shared.region.host).into_iter().flatten();
        shared.apart =
            apart.filter(|one| !within.contains(*one)).map(|one| (*one).to_owned()).collect();
    }
    all
}

/// How many services are collected together in the time that one is given by itself: what is asked of
/// the API server once for all of them is most of it, and each has some ten objects that bear the label.
const MANY: u64 = 240;

/// How often such a Schedule runs, and what each run may take.
fn cadence(region: &Region, tier: &Tier, services: usize) -> Cadence {
    let interval = cadence::nearest(tier.backup.every);
    let objects = collecting(region.backups.objects.unwrap_or(OBJECTS), services);
    Cadence {
        interval,
        duration: objects + tier.backup.duration,
        // Where there is nothing to lose, a backup may wait until it would run into the next one.
        queue: interval.min(cadence::DAY).saturating_sub(cadence::TICKS + objects),
        snapshot: Duration::default(),
        objects,
        hooks: Duration::default(),
        snapshots: 0,
        failed_runs: tier.backup.failed_runs,
    }
}

/// What collecting the objects of so many services may take, in steps that double: so a new service
/// seldom changes what stands in the Schedule.
fn collecting(one: Duration, services: usize) -> Duration {
    let needed = one + Duration::seconds((one.as_seconds() * services as u64).div_ceil(MANY));
    let mut step = one;
    while step < needed {
        step = step * 2;
    }
    step
}

impl Shared<'_> {
    /// The longest time from one backup to the end of the next that completes, when so many runs in a
    /// row fail.
    pub(crate) fn worst_case(&self, failed_runs: u32) -> Duration {
        let Cadence { interval, duration, queue, .. } = self.cadence;
        interval * (u64::from(failed_runs) + 1) + cadence::TICKS + queue + duration
    }

    /// How long its backups are kept.
    pub(crate) fn keep(&self) -> Duration {
        self.tier.backup.keep
    }
}

/// Names fit: Velero cuts off what is longer in the labels of backups.
pub(super) fn check(sink: &mut Sink, decided: &Decided) {
    for shared in of(decided) {
        let (max, why) = Kind::Schedule.longest_name();
        let length = shared.name.len();
        let Some(first) = shared.services.first().filter(|_| length > max) else { continue };
        sink.error(
            Diagnostic::new(
                Code::NAME_TOO_LONG,
                format!(
                    "the Schedule `{}` would have {length} characters, {max} are the most",
                    shared.name
                ),
            )
            .at(first.at(&["tier"]), "services of this tier share it")
            .note(why)
            .help(format!(
                "shorten the name of the tier, or `short` of `{}`, by {}",
                shared.region.name,
                length - max
            )),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_service_seldom_changes_how_long_one_may_take() {
        let minutes = |services| collecting(OBJECTS, services).as_seconds() / 60;
        assert_eq!([1, 240, 241, 720, 721, 1000].map(minutes), [2, 2, 4, 4, 8, 8]);
    }
}
