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

use std::cmp::Reverse;

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
    /// The minutes of the day at which it is due.
    pub minutes: Vec<u16>,
    /// How long one backup may hold a slot, in seconds.
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
    for _ in 0..ROUNDS {
        let waits = Day::new(loads, slots, &runs).waits();
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

/// What may still be to be done at the start of each minute, given the waits so far.
struct Day<'a> {
    loads: &'a [Load],
    slots: usize,
    runs: &'a [Run],
    /// By minute; of several slots, as one is free when nothing is left.
    left: Vec<Left>,
    /// By minute: the sum of that.
    sums: Vec<u64>,
}

/// What is left at one minute.
#[derive(Clone, Default)]
struct Left {
    /// Of each run that may be there, and its namespace; longest first where there are enough for all
    /// slots.
    runs: Vec<(u64, usize)>,
    /// How many of the longest keep a slot of their own.
    aside: usize,
    /// What is left of the others.
    rest: u64,
}

impl Left {
    fn sort(&mut self, slots: usize) {
        if self.runs.len() >= slots {
            self.runs.sort_unstable_by_key(|(rest, _)| Reverse(*rest));
            let sum = self.runs.iter().map(|(rest, _)| rest).sum();
            (self.aside, self.rest) = aside(self.runs.iter(), sum, slots);
        }
    }
}

/// How many of these, longest first, keep one of so many slots of their own, and what is left of the
/// others: once one takes no more than the rest shares evenly, none that follows takes more.
fn aside<'r>(
    mut runs: impl Iterator<Item = &'r (u64, usize)>,
    mut rest: u64,
    slots: usize,
) -> (usize, u64) {
    let mut aside = 0;
    while slots - aside > 1
        && let Some((longest, _)) = runs.next()
        && longest * (slots - aside) as u64 > rest
    {
        rest -= longest;
        aside += 1;
    }
    (aside, rest)
}

impl<'a> Day<'a> {
    fn new(loads: &'a [Load], slots: usize, runs: &'a [Run]) -> Day<'a> {
        let several = if slots > 1 { MINUTES } else { 0 };
        let mut left = vec![Left::default(); several];
        let mut sums = vec![0; MINUTES];
        for run in runs {
            for (minute, rest) in there(loads, run) {
                sums[minute] += rest;
                if let Some(left) = left.get_mut(minute) {
                    left.runs.push((rest, loads[run.schedule].namespace));
                }
            }
        }
        left.iter_mut().for_each(|left| left.sort(slots));
        Day { loads, slots, runs, left, sums }
    }

    /// The bound of each run.
    fn waits(&self) -> Vec<u64> {
        if self.slots == 1 {
            // Whose namespace it is makes no difference.
            let seen = |run, later| self.sums[self.seen(run, later)] - self.own(run, later);
            return self.runs.iter().map(|run| seen(run, 0).max(seen(run, 1))).collect();
        }
        let mut order: Vec<usize> = (0..self.runs.len()).collect();
        let namespace = |run: &usize| self.loads[self.runs[*run].schedule].namespace;
        order.sort_by_key(namespace);
        let mut waits = vec![0; self.runs.len()];
        // What is left of one namespace at each minute, and of how many runs.
        let mut line = vec![(0u64, 0u64); MINUTES];
        for members in order.chunk_by(|a, b| namespace(a) == namespace(b)) {
            for run in members {
                for (minute, rest) in there(self.loads, &self.runs[*run]) {
                    line[minute] = (line[minute].0 + rest, line[minute].1 + 1);
                }
            }
            for run in members {
                let seen = |later| self.wait(&self.runs[*run], later, &line);
                waits[*run] = seen(0).max(seen(1));
            }
            for run in members {
                for (minute, _) in there(self.loads, &self.runs[*run]) {
                    line[minute] = (0, 0);
                }
            }
        }
        waits
    }

    /// How long a run waits that is seen to be due in this minute, or in the `later` one.
    fn wait(&self, run: &Run, later: usize, line: &[(u64, u64)]) -> u64 {
        let first = self.seen(run, later);
        let (own_line, in_line) = line[first];
        let (before, others) = (own_line - self.own(run, later), in_line - 1);
        let last = match others {
            0 => first,
            _ => first + (run.wait / 60 + 1) as usize,
        };
        let namespace = self.loads[run.schedule].namespace;
        let busy = (first..=last).map(|minute| {
            let minute = minute % MINUTES;
            self.for_a_slot(namespace, minute, line[minute])
        });
        before + (others + 1) * busy.max().unwrap_or(0)
    }

    /// The minute in which a run is seen to be due, or the `later` one.
    fn seen(&self, run: &Run, later: usize) -> usize {
        ((run.due / 60) as usize + later) % MINUTES
    }

    /// What is left of a run in that minute.
    fn own(&self, run: &Run, later: usize) -> u64 {
        let slot = self.loads[run.schedule].slot;
        let stays = TICK + run.wait + slot;
        stays.saturating_sub(later as u64 * 60).min(slot)
    }

    /// How long every slot may be busy with others than those of a namespace, of which `own` is
    /// left in that minute, and of how many runs.
    fn for_a_slot(&self, namespace: usize, minute: usize, own: (u64, u64)) -> u64 {
        let shared = namespace == SHARED;
        let (own, of_own) = if shared { (0, 0) } else { own };
        let Left { runs, aside: before, rest } = &self.left[minute];
        if (runs.len() as u64) - of_own < self.slots as u64 {
            // There is a slot for each of the others.
            return 0;
        }
        // Who keeps a slot among all does so among the others: there are more slots for less.
        let among = *before > 0 && own >= runs[before - 1].0;
        let (from, rest, slots) = match of_own {
            0 => (*before, *rest, self.slots - before),
            1 if among => (*before, *rest, self.slots - before + 1),
            1 => (*before, rest - own, self.slots - before),
            _ => (0, self.sums[minute] - own, self.slots),
        };
        // Of runs of which as much is left, it makes no difference which one is left out.
        let everyone = shared || of_own == 1 && among;
        let others = runs[from..].iter().filter(|(_, of)| everyone || *of != namespace);
        let (more, rest) = aside(others, rest, slots);
        rest / (slots - more) as u64
    }
}

/// The minutes of the day at whose start a run may be there, and what is left of it then.
fn there(loads: &[Load], run: &Run) -> impl Iterator<Item = (usize, u64)> + use<> {
    let slot = loads[run.schedule].slot;
    let stays = TICK + run.wait + slot;
    let first = (run.due / 60) as usize;
    (0..stays.div_ceil(60)).map(move |passed| {
        let (minute, rest) = (first + passed as usize, (stays - passed * 60).min(slot));
        // None is there for longer than a day.
        (if minute < MINUTES { minute } else { minute - MINUTES }, rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// xorshift64*
    fn next(state: &mut u64) -> u64 {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33
    }

    /// The least of what is left when the longest keep so many slots of their own, for each number of them.
    fn of_all(mut lengths: Vec<u64>, slots: usize) -> u64 {
        lengths.sort_unstable();
        let rest = |aside: usize| {
            let left: u64 = lengths.iter().rev().skip(aside).sum();
            left / (slots - aside) as u64
        };
        (0..slots).map(rest).min().unwrap_or(0)
    }

    #[test]
    fn a_slot_is_free_no_later_than_by_any_number_of_slots_aside() {
        let mut state = 7;
        for _ in 0..20_000 {
            let slots = 2 + (next(&mut state) % 6) as usize;
            let runs = next(&mut state) % 12;
            let longest = [4, 90][(next(&mut state) % 2) as usize];
            let left: Vec<(u64, usize)> = (0..runs)
                .map(|_| (1 + next(&mut state) % longest, (next(&mut state) % 4) as usize))
                .collect();
            let own: Vec<u64> = left.iter().filter(|run| run.1 == 1).map(|run| run.0).collect();
            let others = left.iter().filter(|run| run.1 != 1).map(|run| run.0).collect();
            let all: Vec<u64> = left.iter().map(|run| run.0).collect();
            let sums = vec![all.iter().sum()];
            let mut left = Left { runs: left, ..Left::default() };
            left.sort(slots);
            let day = Day { loads: &[], slots, runs: &[], left: vec![left], sums };
            let own = (own.iter().sum(), own.len() as u64);
            assert_eq!(day.for_a_slot(1, 0, own), of_all(others, slots));
            assert_eq!(day.for_a_slot(SHARED, 0, own), of_all(all, slots));
        }
    }
}
