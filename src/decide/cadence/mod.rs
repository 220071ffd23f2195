//! How often backups run, how long each may take, and what is lost at worst (`docs/facts.md`, "Loss
//! of data with scheduled backups").
//!
//! Velero neither retries a failed run before the next tick nor counts a backup that is not
//! durable yet. The duration is enforced, not hoped for: the timeouts of each Schedule are its
//! parts. So is the wait: it is the region's budget, which `queue` proves for all Schedules.

mod load; // what a backup costs

pub(crate) use super::cron::nearest;
use super::proof::{Source, Term, Unless};
use super::{ServiceInRegion, cron, retention};
use crate::model::Service;
use crate::quantity::Duration;
pub(crate) use load::kept_volumes;
use load::{Load, load};

/// The controller looks for due Schedules every 60 s and at its queue every 60 s
/// (velero `pkg/controller/schedule_controller.go`, `backup_queue_controller.go`).
pub(super) const TICKS: Duration = Duration::minutes(2);

/// How long a backup may wait for those of other services at most, unless the fleet says.
const LONGEST_QUEUE: Duration = Duration::minutes(60);

/// What collecting the objects of a namespace is given, unless the fleet says.
pub(super) const OBJECTS: Duration = Duration::minutes(1);

/// The least that copying is given after the snapshots.
const OPERATIONS: Duration = Duration::minutes(5);

/// What one snapshot of a volume is given, unless the fleet says.
const SNAPSHOT: Duration = Duration::minutes(2);

/// The least that it is given where backups must be frequent, unless the fleet says less.
const SHORTEST_SNAPSHOT: Duration = Duration::minutes(1);

/// The queue is proven for a day, so that no backup may wait for longer.
pub(crate) const DAY: Duration = Duration::minutes(1440);

/// The most that a backup is given: Velero's own default for its operations.
const LONGEST: Duration = Duration::minutes(240);

/// How often a service is backed up where it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backups {
    /// Of the Schedule that keeps the RPO.
    pub(crate) first: Cadence,
    /// Of the one that writes the other copy, where there are two. No RPO is promised for the loss of
    /// what the first wrote: it keeps the tier's pace, and may wait for half of it.
    pub(crate) copy: Cadence,
    /// Of those that write what is kept for longer than every backup is, one of each day; none where
    /// every backup is kept to the end.
    pub(crate) daily: Option<Cadence>,
    /// Why the first is not what the promise needs.
    pub(crate) trouble: Option<Trouble>,
}

/// How often, and how long each may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cadence {
    /// Between two backups.
    pub interval: Duration,
    /// What one may take, from its start until it is durable.
    pub duration: Duration,
    /// How long one may wait for those of other services.
    pub queue: Duration,
    /// What the snapshot of one volume may take.
    pub snapshot: Duration,
    /// What collecting the objects of the service may take.
    pub objects: Duration,
    /// What the hooks of all pods may take.
    pub hooks: Duration,
    /// The snapshots of one backup, one after the other.
    pub snapshots: u64,
    /// Runs in a row that may fail.
    pub failed_runs: u32,
}

impl Cadence {
    /// What one backup may hold a slot of Velero for: hooks, objects and snapshots. What is copied
    /// afterwards holds none (velero `pkg/controller/backup_controller.go`).
    pub(crate) fn slot(&self) -> Duration {
        self.hooks + self.objects + self.snapshot * self.snapshots
    }

    /// The timeouts that enforce the duration: for one snapshot, and for everything that is copied
    /// after them.
    pub(crate) fn timeouts(&self) -> (Duration, Duration) {
        let rest = self.duration.saturating_sub(self.hooks + self.objects);
        match self.snapshots {
            0 => (Duration::minutes(10).min(rest), rest),
            count => (self.snapshot, rest.saturating_sub(self.snapshot * count)),
        }
    }
}

/// Why no cadence is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Even the nearest cadence loses more than the RPO.
    LosesMore,
    /// One backup may still hold its slot when the next is due.
    OverlapsItself,
}

/// The rarest cadence that keeps the RPO within the tier's bounds, and the tier's own where the
/// RPO does not bind. When there is none: the one that comes nearest, and what is wrong with it.
pub(super) fn decide(here: &ServiceInRegion<'_>) -> Backups {
    let (first, trouble) = choose(here);
    let pace = nearest(here.service.tier.backup.every).max(first.interval);
    let half = |pace: Duration| Duration::seconds(pace.min(DAY).as_seconds() / 2);
    let copy = Cadence { interval: pace, queue: half(pace), ..first };
    // Nobody counts on a run of a day: it may wait as long as another copy, and holds its slot no longer
    // than frequent backups do, so that it takes little of the room of others.
    let snapshot = first.snapshot.min(load(here).snapshot.1);
    let daily = Cadence { interval: DAY, queue: half(DAY), snapshot, ..first };
    let backups = Backups { first, copy, daily: None, trouble };
    let daily = retention::in_two_steps(here, &backups, &daily).then_some(daily);
    Backups { daily, ..backups }
}

fn choose(here: &ServiceInRegion<'_>) -> (Cadence, Option<Trouble>) {
    let load = load(here);
    let longest = nearest(here.service.tier.backup.every);
    let shortest = cron::INTERVALS.iter().copied().find(|interval| on_time(&load, *interval));
    let bound = bound_by_rpo(here);
    let candidates: Vec<Duration> = match here.service.backup.every {
        // What cron cannot say is refused, and stands here as what it can.
        Some(every) => vec![nearest(every)],
        None if bound => {
            cron::INTERVALS.iter().rev().copied().filter(|every| *every <= longest).collect()
        }
        None => vec![longest],
    };
    let timely = |every: &&Duration| on_time(&load, **every);
    let chosen =
        candidates.iter().filter(timely).find_map(|every| within(here, &load, *every, bound));
    if let Some(cadence) = chosen {
        return (cadence, None);
    }
    let otherwise = match candidates.as_slice() {
        [only] => *only,
        _ => shortest.unwrap_or(longest).min(longest),
    };
    let trouble =
        if on_time(&load, otherwise) { Trouble::LosesMore } else { Trouble::OverlapsItself };
    (min(here, &load, otherwise), Some(trouble))
}

/// Whether a backup has given its slot back when the next one is due: else the controller makes
/// none (velero `pkg/controller/schedule_controller.go`), and the gap grows.
fn on_time(load: &Load, interval: Duration) -> bool {
    load.slot(load.snapshot.1) <= load.room(interval)
}

/// The cadence of that interval, with the longest duration that keeps the RPO, in numbers that
/// people recognise; none when not even the shortest does.
fn within(
    here: &ServiceInRegion<'_>,
    load: &Load,
    interval: Duration,
    bound: bool,
) -> Option<Cadence> {
    let min = min(here, load, interval);
    if !bound {
        return Some(min);
    }
    let before = interval * gaps(here.service) + TICKS + load.queue(interval);
    let room = here.service.rpo.saturating_sub(before).min(LONGEST.max(min.duration));
    let duration = (room >= min.duration).then(|| whole(room).max(min.duration))?;
    let slot = load.room(interval).min(duration.saturating_sub(OPERATIONS));
    let snapshot = load.snapshot_within(slot).unwrap_or(load.snapshot.1);
    Some(Cadence { duration, snapshot, ..min })
}

/// The cadence of that interval with the shortest duration.
fn min(here: &ServiceInRegion<'_>, load: &Load, interval: Duration) -> Cadence {
    let tier = &here.service.tier.backup;
    let duration = (load.slot(load.snapshot.1) + OPERATIONS).max(tier.duration);
    let slot = load.room(interval).min(duration.saturating_sub(OPERATIONS));
    let snapshot = load.snapshot_within(slot).unwrap_or(load.snapshot.1);
    // Where there is nothing to lose, a backup may wait until it would run into the next one.
    let queue = match here.service.keeps_data() {
        true => load.queue(interval),
        false => interval.min(DAY).saturating_sub(TICKS + load.slot(snapshot)),
    };
    Cadence {
        interval,
        duration,
        queue,
        snapshot,
        objects: load.objects,
        hooks: load.hooks,
        snapshots: load.snapshots,
        failed_runs: tier.failed_runs,
    }
}

fn gaps(service: &Service) -> u64 {
    u64::from(service.tier.backup.failed_runs) + 1
}

/// Whether the RPO binds the backups: not where something replicates all the time, nor where the
/// service keeps nothing, as then the committed tree is all there is to lose.
pub(crate) fn bound_by_rpo(here: &ServiceInRegion<'_>) -> bool {
    here.service.keeps_data() && here.service.replication.is_none()
}

/// Whether the spec asks for backups so often as cron cannot say, or more rarely than the tier allows.
pub(crate) fn is_refused(service: &Service) -> bool {
    let refused = |every: Duration| nearest(every) != every || every > service.tier.backup.every;
    service.backup.every.is_some_and(refused)
}

/// In steps of 5 minutes, or of one below 10: numbers that people recognise.
fn whole(duration: Duration) -> Duration {
    let minutes = duration.as_seconds() / 60;
    Duration::minutes(if minutes >= 10 { minutes / 5 * 5 } else { minutes })
}

/// The intervals, rarest first, that keep the RPO and that a service may choose.
pub(crate) fn rarest_that_fits(here: &ServiceInRegion<'_>) -> Option<Duration> {
    let load = load(here);
    let longest = nearest(here.service.tier.backup.every);
    let allowed = cron::INTERVALS.iter().rev().copied().filter(|every| *every <= longest);
    let mut timely = allowed.filter(|every| on_time(&load, *every));
    timely.find(|every| within(here, &load, *every, bound_by_rpo(here)).is_some())
}

/// The longest time for a snapshot with which one backup has given its slot back before the next is
/// due, when backups are as rare as the tier allows.
pub(crate) fn snapshot_on_time(here: &ServiceInRegion<'_>) -> Option<Duration> {
    let load = load(here);
    let room = load.room(nearest(here.service.tier.backup.every));
    let rest = room.saturating_sub(load.hooks + load.objects).as_seconds();
    let each = rest.checked_div(load.snapshots).filter(|each| *each > 0)?;
    Some(Duration::seconds(each))
}

/// The shortest interval after which one backup has given its slot back before the next is due.
pub(crate) fn shortest_on_time(here: &ServiceInRegion<'_>) -> Option<Duration> {
    let load = load(here);
    cron::INTERVALS.iter().copied().find(|interval| on_time(&load, *interval))
}

/// The cadence of that interval, when its RPO does not bind it.
pub(crate) fn at(here: &ServiceInRegion<'_>, interval: Duration) -> Cadence {
    min(here, &load(here), interval)
}

/// The smallest RPO that backups at that interval keep.
pub(crate) fn min_rpo(here: &ServiceInRegion<'_>, interval: Duration) -> Duration {
    let terms = worst_case(here, &at(here, interval));
    terms.iter().fold(Duration::default(), |sum, term| sum + Duration::seconds(term.total()))
}

/// What is lost at worst with the backups of `cadence`, term by term.
pub(crate) fn worst_case(here: &ServiceInRegion<'_>, cadence: &Cadence) -> Vec<Term> {
    let (service, region) = (here.service, here.region);
    let declared = |key: &'static str, name: &'static str, time: Duration, written: bool| {
        let path = ["regions", region.name.as_str(), "backup", key];
        let source = match written {
            true => {
                Source::Fleet { key: path.join(".").into(), span: here.fleet.document.at(&path) }
            }
            false => Source::Assumed {
                unless: Unless::Said(format!("{} is declared", path.join(".")).into()),
            },
        };
        Term::seconds(name, time, source)
    };
    let every = match service.backup.every {
        Some(_) => {
            Source::Spec { key: "backup.every".into(), span: service.at(&["backup", "every"]) }
        }
        None => Source::Decided { field: "schedule.spec.schedule" },
    };
    let failed = cadence.failed_runs;
    let cron = cron::expression(cadence.interval, &service.logical(&region.short));
    let between = Term::seconds("between two backups", cadence.interval, every)
        .times(u64::from(failed) + 1)
        .because(format!("1 + {failed} in a row that may fail (tier {}: backup.failed_runs); the largest gap of `{cron}`", service.tier.name));
    let ticks = "looks for due Schedules every 60s and at its queue every 60s (pkg/controller/schedule_controller.go, backup_queue_controller.go)";
    let keeps_rpo = load(here).queue(cadence.interval) == cadence.queue;
    let queue = match region.backups.queue {
        Some(queue) if queue == cadence.queue => declared("queue", "queue", queue, true)
            .because("proven for every Schedule of the region together"),
        _ => Term::seconds("queue", cadence.queue, Source::Proven).because(match keeps_rpo {
            true => "a third of the time between two backups, 1h at most",
            false => "no RPO rests on it, so it may wait for half of the time between two",
        }),
    };
    let (_, copied) = cadence.timeouts();
    let decided = |name, time, field| Term::seconds(name, time, Source::Decided { field });
    let hooks = decided("hooks", cadence.hooks, "schedule.spec.template.hooks");
    let snapshots =
        decided("snapshots", cadence.snapshot, "schedule.spec.template.csiSnapshotTimeout");
    vec![
        between,
        Term::seconds("ticks", TICKS, Source::Velero { reference: ticks }),
        queue,
        hooks.because(format!("the timeouts of all hooks, in {} pods", here.size.full)),
        declared("objects", "objects", cadence.objects, region.backups.objects.is_some()),
        snapshots.times(cadence.snapshots).because(format!(
            "{} volumes of {} replicas, one after the other",
            kept_volumes(service).count(),
            here.size.full
        )),
        decided("copying", copied, "schedule.spec.template.itemOperationTimeout"),
    ]
}
