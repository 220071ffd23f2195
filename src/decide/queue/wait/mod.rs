//! How long a backup waits at worst for its turn, when many Schedules share one Velero server.
//!
//! The server runs so many backups at a time, first come, first served; two that touch the same
//! namespace never run together, and what waits for a namespace may be overtaken
//! (velero `pkg/controller/backup_queue_controller.go`). A Schedule is seen to be due within a
//! minute (`schedule_controller.go`). A backup holds its slot for at most a time that is enforced.
//!
//! The bound is sound by induction over time. Suppose that no backup has waited longer than its
//! bound so far: then each has ended by the time it was due + the tick + its bound + its slot, and
//! what is still to be done of it at any moment is at most its slot, and at most what is left until
//! then. While a backup waits, either one of its namespace runs, or the first in line of its
//! namespace finds every slot busy with others. The first takes no longer than what is left of its
//! namespace. The second happens once for each in that line, and takes at most `w` each time, when
//! `w` is the longest for which the others have `slots × w` of work left, none of them more than `w`
//! of it, as each runs in one slot.
//!
//! Some share namespaces with a backup of many, and not with each other: such a one may be overtaken by
//! another of its line, which then counts as one of the others that keep a slot busy.

mod day; // what is still to be done, minute by minute

use day::Day;

/// The seconds of a day: every Schedule does the same each day.
const DAY: u64 = 86_400;

/// The minutes of a day.
const MINUTES: usize = 1440;

/// A Schedule is seen to be due within this.
const TICK: u64 = 60;

/// The namespace of Schedules that may, each for itself, share one with a Schedule of many namespaces.
pub const SHARED: usize = usize::MAX;

/// One Schedule, as the queue sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// The namespace that it backs up, as a number, or [`SHARED`].
    pub namespace: usize,
    /// The minutes of the day at which it is due, each below 1440.
    pub minutes: Vec<u16>,
    /// How long one backup may hold a slot, in seconds; at least one.
    pub slot: u64,
    /// How long one may wait for its turn, in seconds.
    pub budget: u64,
}

/// One backup of a day.
struct Run {
    schedule: usize,
    /// When it is due, in seconds of the day.
    due: u64,
    /// How long it waits at most.
    wait: u64,
}

/// How often the bounds are raised before one gives up: far more often than it takes.
const ROUNDS: usize = 300;

/// The longest wait of each Schedule on a server with that many slots, in seconds; none when it is
/// not proven that each is within its budget.
///
/// The bounds of all of them depend on each other. Any that follow from themselves are sound, by
/// the induction above; these are the smallest, found by raising them from nothing. So a longer
/// budget, more slots, or fewer backups never take a proof away.
pub fn worst_waits(loads: &[Load], slots: usize) -> Option<Vec<u64>> {
    if !fits_in_a_day(loads, slots) {
        return None;
    }
    let mut runs = runs(loads);
    let mut day = (slots > 1).then(|| Day::new(loads, slots, &runs));
    for _ in 0..ROUNDS {
        let waits = match &mut day {
            Some(day) => day.waits(&runs),
            None => of_one_slot(loads, &runs),
        };
        if runs.iter().zip(&waits).any(|(run, wait)| *wait > loads[run.schedule].budget) {
            return None;
        }
        if runs.iter().zip(&waits).all(|(run, wait)| run.wait >= *wait) {
            let mut worst = vec![0; loads.len()];
            for run in &runs {
                worst[run.schedule] = run.wait.max(worst[run.schedule]);
            }
            return Some(worst);
        }
        runs.iter_mut().zip(&waits).for_each(|(run, wait)| run.wait = *wait);
    }
    None
}

/// Whether there is time for all of it, and no backup is there for longer than a day.
fn fits_in_a_day(loads: &[Load], slots: usize) -> bool {
    loads.iter().all(|load| TICK + load.budget + load.slot < DAY)
        && utilisation(loads, slots) <= 1_000_000
}

/// The backups of a day, before anything is known of their waits.
fn runs(loads: &[Load]) -> Vec<Run> {
    let mut runs = Vec::new();
    for (schedule, load) in loads.iter().enumerate() {
        let due = load.minutes.iter().map(|minute| u64::from(*minute) * 60);
        runs.extend(due.map(|due| Run { schedule, due, wait: 0 }));
    }
    runs
}

/// The share of its slots' time that a server may be busy, in millionths.
pub fn utilisation(loads: &[Load], slots: usize) -> u64 {
    let busy: u64 = loads.iter().map(|load| load.slot * load.minutes.len() as u64).sum();
    busy.saturating_mul(1_000_000) / (DAY * slots.max(1) as u64)
}

/// How long each run waits where there is one slot: for all that is there when it is seen to be due, and whose
/// namespace it is makes no difference.
fn of_one_slot(loads: &[Load], runs: &[Run]) -> Vec<u64> {
    let mut sums = vec![0; MINUTES];
    for run in runs {
        there(loads, run).for_each(|(minute, rest)| sums[minute] += rest);
    }
    let wait = |run: &Run| {
        let seen = |later| sums[run.seen(later)] - own(loads, run, later);
        seen(0).max(seen(1))
    };
    runs.iter().map(wait).collect()
}

impl Run {
    /// The minute in which it is seen to be due, or the `later` one.
    fn seen(&self, later: usize) -> usize {
        ((self.due / 60) as usize + later) % MINUTES
    }
}

/// What is left of a run in the minute in which it is seen to be due, or in the `later` one.
fn own(loads: &[Load], run: &Run, later: usize) -> u64 {
    let slot = loads[run.schedule].slot;
    let stays = TICK + run.wait + slot;
    stays.saturating_sub(later as u64 * 60).min(slot)
}

/// The minutes of the day at whose start a run may be there, and what is left of it then.
fn there(loads: &[Load], run: &Run) -> impl Iterator<Item = (usize, u64)> + use<> {
    let slot = loads[run.schedule].slot;
    let stays = TICK + run.wait + slot;
    let first = (run.due / 60) as usize;
    (0..stays.div_ceil(60)).map(move |passed| {
        let (minute, rest) = (first + passed as usize, (stays - passed * 60).min(slot));
        // None is there for longer than a day: `fits_in_a_day`.
        (if minute < MINUTES { minute } else { minute - MINUTES }, rest)
    })
}
