//! What may still be to be done at the start of each minute of a day, given the waits so far, on a server
//! of several slots.
//!
//! From one round to the next, few waits grow, and none falls: each bound grows with the others, and all began
//! at nothing. Only the minutes that changed by it are made anew, and only the namespaces that see one of
//! these are asked again. That of a run which itself waits for longer is among them: it is there in a minute
//! more, or more of it is left in its last one.

use super::{Load, MINUTES, Run, SHARED, TICK, own, there};
use std::cmp::Reverse;

pub(super) struct Day<'a> {
    loads: &'a [Load],
    slots: usize,
    minutes: Vec<Minute>,
    /// The waits of which the minutes are made, by run; none before the first round.
    made_of: Vec<Option<u64>>,
    /// The bounds that follow from them.
    waits: Vec<u64>,
    /// The runs by namespace.
    order: Vec<usize>,
}

/// What is left at one minute.
#[derive(Clone, Default)]
struct Minute {
    /// The runs that may be there.
    there: Vec<usize>,
    /// What is left of each, and its namespace; longest first where there are enough for all slots.
    left: Vec<(u64, usize)>,
    /// What is left of all.
    sum: u64,
    /// How many of the longest keep a slot of their own.
    aside: usize,
    /// What is left of all but these.
    rest: u64,
}

impl<'a> Day<'a> {
    pub(super) fn new(loads: &'a [Load], slots: usize, runs: &[Run]) -> Day<'a> {
        let mut order: Vec<usize> = (0..runs.len()).collect();
        order.sort_by_key(|run| loads[runs[*run].schedule].namespace);
        Day {
            loads,
            slots,
            minutes: vec![Minute::default(); MINUTES],
            made_of: vec![None; runs.len()],
            waits: vec![0; runs.len()],
            order,
        }
    }

    /// The bound of each run, given those of the last round, which never fall.
    pub(super) fn waits(&mut self, runs: &[Run]) -> Vec<u64> {
        let changed = self.update(runs);
        let namespace = |run: &usize| self.loads[runs[*run].schedule].namespace;
        // What is left of one namespace at each minute, and of how many runs.
        let mut line = vec![(0u64, 0u64); MINUTES];
        for members in self.order.chunk_by(|a, b| namespace(a) == namespace(b)) {
            if !members.iter().any(|run| changed.is_seen_by(&runs[*run])) {
                continue;
            }
            for run in members {
                for (minute, rest) in there(self.loads, &runs[*run]) {
                    line[minute] = (line[minute].0 + rest, line[minute].1 + 1);
                }
            }
            for run in members {
                let seen = |later| self.wait(&runs[*run], later, &line);
                self.waits[*run] = seen(0).max(seen(1));
            }
            for run in members {
                for (minute, _) in there(self.loads, &runs[*run]) {
                    line[minute] = (0, 0);
                }
            }
        }
        self.waits.clone()
    }

    /// Makes the minutes anew that change with these waits, and says which.
    fn update(&mut self, runs: &[Run]) -> Changed {
        let mut changed = vec![false; MINUTES];
        for (at, run) in runs.iter().enumerate() {
            let known = self.made_of[at].replace(run.wait);
            if known == Some(run.wait) {
                continue;
            }
            debug_assert!(known < Some(run.wait), "a wait fell");
            let slot = self.loads[run.schedule].slot;
            let listed = known.map_or(0, |wait| (TICK + wait + slot).div_ceil(60));
            // As long as it waits at most, all of it is left.
            let same = known.map_or(0, |wait| (TICK + wait) / 60 + 1).min(listed);
            for ((minute, _), passed) in there(self.loads, run).zip(0..).skip(same as usize) {
                changed[minute] = true;
                if passed >= listed {
                    self.minutes[minute].there.push(at);
                }
            }
        }
        for minute in (0..MINUTES).filter(|minute| changed[*minute]) {
            self.minutes[minute].update(minute, (self.loads, runs), self.slots);
        }
        Changed::of(&changed)
    }

    /// How long a run waits that is seen to be due in this minute, or in the `later` one.
    fn wait(&self, run: &Run, later: usize, line: &[(u64, u64)]) -> u64 {
        let first = run.seen(later);
        let (own_line, in_line) = line[first];
        let (before, others) = (own_line - own(self.loads, run, later), in_line - 1);
        let last = match others {
            0 => first,
            _ => first + (run.wait / 60 + 1) as usize,
        };
        let namespace = self.loads[run.schedule].namespace;
        let busy = (first..=last).map(|minute| {
            let minute = minute % MINUTES;
            self.minutes[minute].for_a_slot(namespace, line[minute], self.slots)
        });
        before + (others + 1) * busy.max().unwrap_or(0)
    }
}

/// The minutes that are not as in the last round: how many there are before each, of two days.
struct Changed(Vec<u32>);

impl Changed {
    fn of(changed: &[bool]) -> Changed {
        let mut before = vec![0];
        for is_changed in changed.iter().chain(changed) {
            before.push(before[before.len() - 1] + u32::from(*is_changed));
        }
        Changed(before)
    }

    /// Whether one of them is among the minutes that the bound of a run is made of.
    fn is_seen_by(&self, run: &Run) -> bool {
        let first = run.seen(0);
        let behind = first + (run.wait / 60 + 3) as usize;
        // Who looks at a whole day looks at all of them.
        let behind = behind.min(first + MINUTES);
        self.0[first] < self.0[behind]
    }
}

impl Minute {
    fn update(&mut self, minute: usize, (loads, runs): (&[Load], &[Run]), slots: usize) {
        let left = |at: &usize| {
            let run = &runs[*at];
            let Load { slot, namespace, .. } = loads[run.schedule];
            let passed = (minute + MINUTES - run.seen(0)) % MINUTES;
            ((TICK + run.wait + slot - passed as u64 * 60).min(slot), namespace)
        };
        self.left.clear();
        self.left.extend(self.there.iter().map(left));
        self.sort(slots);
    }

    fn sort(&mut self, slots: usize) {
        self.sum = self.left.iter().map(|(left, _)| left).sum();
        if self.left.len() >= slots {
            self.left.sort_unstable_by_key(|(left, _)| Reverse(*left));
            (self.aside, self.rest) = aside(self.left.iter(), self.sum, slots);
        }
    }

    /// How long every slot may be busy with others than those of a namespace, of which `own` is left, and of
    /// how many runs.
    fn for_a_slot(&self, namespace: usize, own: (u64, u64), slots: usize) -> u64 {
        let shared = namespace == SHARED;
        let (own, of_own) = if shared { (0, 0) } else { own };
        let Minute { left, aside: before, .. } = self;
        if (left.len() as u64) - of_own < slots as u64 {
            // There is a slot for each of the others.
            return 0;
        }
        // Who keeps a slot among all does so among the others: there are more slots for less.
        let among = *before > 0 && own >= left[before - 1].0;
        let (from, rest, slots) = match of_own {
            0 => (*before, self.rest, slots - before),
            1 if among => (*before, self.rest, slots - before + 1),
            1 => (*before, self.rest - own, slots - before),
            _ => (0, self.sum - own, slots),
        };
        // Of runs of which as much is left, it makes no difference which one is left out.
        let everyone = shared || of_own == 1 && among;
        let others = left[from..].iter().filter(|(_, of)| everyone || *of != namespace);
        let (more, rest) = aside(others, rest, slots);
        rest / (slots - more) as u64
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

#[cfg(test)]
mod tests {
    use super::super::DAY;
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
            let mut minute = Minute { left, ..Minute::default() };
            minute.sort(slots);
            let own = (own.iter().sum(), own.len() as u64);
            assert_eq!(minute.for_a_slot(1, own, slots), of_all(others, slots));
            assert_eq!(minute.for_a_slot(SHARED, own, slots), of_all(all, slots));
        }
    }

    /// A day that is made anew in each round.
    fn from_scratch(loads: &[Load], slots: usize, runs: &[Run]) -> Vec<u64> {
        Day::new(loads, slots, runs).waits(runs)
    }

    #[test]
    fn what_is_kept_from_round_to_round_is_what_would_be_made() {
        let mut state = 11;
        let mut grew = 0;
        for _ in 0..300 {
            let slots = 2 + (next(&mut state) % 5) as usize;
            let load = |state: &mut u64| Load {
                namespace: match next(state) % 12 {
                    11 => SHARED,
                    namespace => namespace as usize,
                },
                minutes: (0..1 + next(state) % 3)
                    .map(|_| ((1410 + next(state) % 60) % 1440) as u16)
                    .collect(),
                slot: 1 + next(state) % 400,
                budget: 0,
            };
            let loads: Vec<Load> =
                (0..2 + next(&mut state) % 14).map(|_| load(&mut state)).collect();
            let mut runs = super::super::runs(&loads);
            let mut day = Day::new(&loads, slots, &runs);
            // None is there for longer than a day.
            while runs.iter().all(|run| run.wait < DAY / 2) {
                let waits = day.waits(&runs);
                assert_eq!(waits, from_scratch(&loads, slots, &runs));
                let more = runs.iter().zip(&waits).filter(|(run, wait)| run.wait < **wait).count();
                if more == 0 {
                    break;
                }
                grew += more;
                runs.iter_mut().zip(waits).for_each(|(run, wait)| run.wait = wait);
            }
        }
        assert!(grew > 1000, "{grew}");
    }
}
