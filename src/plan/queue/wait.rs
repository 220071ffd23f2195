//! How long a backup waits at worst for its turn, when many Schedules share one Velero server.
//!
//! The server runs so many backups at a time, first come, first served; two that touch the same
//! namespace never run together, and what waits for a namespace may be overtaken
//! (velero `pkg/controller/backup_queue_controller.go`). A Schedule is seen to be due within a
//! minute (`schedule_controller.go`). A backup holds its slot for at most a time that is enforced.
//!
//! The bound is sound by induction over time. Suppose that no backup has waited longer than its
//! bound so far: then each has ended by the time it was due + the tick + its bound + its slot, and
//! what is still to be done of it at any moment is at most what is left until then, and at most
//! its slot. A backup that waits for its namespace waits until the last one before it in there has
//! ended. One that only waits for a slot sees every slot busy until it begins: so in a wait `w`,
//! what is left of the others does `slots × w` of work, and none of them more than `w` of it, as
//! each runs in one slot. The longest `w` for which that is possible is the bound.

/// The seconds of a day: every Schedule does the same each day.
const DAY: u64 = 86_400;

/// The minutes of a day.
const MINUTES: usize = 1440;

/// A Schedule is seen to be due within this.
const TICK: u64 = 60;

/// One Schedule, as the queue sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// The namespace that it backs up, as a number.
    pub namespace: usize,
    /// The minutes of the day at which it is due.
    pub minutes: Vec<u16>,
    /// How long one backup may hold a slot, in seconds.
    pub slot: u64,
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
/// not proven that every wait is at most `budget`.
///
/// The bounds of all of them depend on each other. Any that follow from themselves are sound, by
/// the induction above; these are the smallest, found by raising them from nothing. So a longer
/// budget, more slots, or fewer backups never take a proof away.
pub fn worst_waits(loads: &[Load], slots: usize, budget: u64) -> Option<Vec<u64>> {
    if !fits_in_a_day(loads, slots, budget) {
        return None;
    }
    let mut runs = runs(loads, 0);
    for _ in 0..ROUNDS {
        let waits = Day::new(loads, slots, &runs).waits();
        if waits.iter().any(|wait| *wait > budget) {
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

/// Whether every wait is proven to be at most `budget`, as [`worst_waits`] would have it.
pub fn holds(loads: &[Load], slots: usize, budget: u64) -> bool {
    // When the budget follows from itself, the smallest bounds are within it.
    let at_once = || {
        let runs = runs(loads, budget);
        Day::new(loads, slots, &runs).waits().iter().all(|wait| *wait <= budget)
    };
    (fits_in_a_day(loads, slots, budget) && at_once())
        || worst_waits(loads, slots, budget).is_some()
}

/// Whether there is time for all of it, and no backup is there for longer than a day.
fn fits_in_a_day(loads: &[Load], slots: usize, budget: u64) -> bool {
    let longest = loads.iter().map(|load| load.slot).max().unwrap_or(0);
    TICK + budget + longest < DAY && utilisation(loads, slots) <= 1_000_000
}

fn runs(loads: &[Load], wait: u64) -> Vec<Run> {
    let of = |(schedule, load): (usize, &Load)| {
        let due: Vec<u64> = load.minutes.iter().map(|minute| u64::from(*minute) * 60).collect();
        due.into_iter().map(move |due| Run { schedule, due, wait })
    };
    loads.iter().enumerate().flat_map(of).collect()
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
    /// By minute: the sum of what is left, and the longest ones, longest first.
    left: Vec<(u64, Vec<u64>)>,
    /// By run: the latest end of another run of its namespace, after it is due, for each of the
    /// two minutes in which it may be seen.
    blocked: Vec<[u64; 2]>,
}

/// The seconds from `from` until `to`, of this day or of the next.
fn until(from: u64, to: u64) -> u64 {
    (to + DAY - from) % DAY
}

impl<'a> Day<'a> {
    fn new(loads: &'a [Load], slots: usize, runs: &'a [Run]) -> Day<'a> {
        let mut at: Vec<Vec<u64>> = vec![Vec::new(); MINUTES];
        for run in runs {
            let slot = loads[run.schedule].slot;
            let stays = TICK + run.wait + slot;
            let first = (run.due / 60) as usize;
            for passed in 0..stays.div_ceil(60) {
                let rest = (stays - passed * 60).min(slot);
                at[(first + passed as usize) % MINUTES].push(rest);
            }
        }
        let longest = |mut left: Vec<u64>| {
            let sum = left.iter().sum();
            left.sort_unstable_by(|a, b| b.cmp(a));
            left.truncate(slots);
            (sum, left)
        };
        let left = at.into_iter().map(longest).collect();
        let blocked = vec![[0; 2]; runs.len()];
        let mut day = Day { loads, slots, runs, left, blocked };
        day.block();
        day
    }

    /// Fills `blocked`, namespace by namespace.
    fn block(&mut self) {
        let mut by_namespace: Vec<usize> = (0..self.runs.len()).collect();
        let namespace = |run: &usize| self.loads[self.runs[*run].schedule].namespace;
        by_namespace.sort_by_key(namespace);
        // The two latest ends at each minute, counted from that minute, and whose they are.
        let mut ends = vec![[(0u64, usize::MAX); 2]; MINUTES];
        for members in by_namespace.chunk_by(|a, b| namespace(a) == namespace(b)) {
            let stays =
                |run: usize| TICK + self.runs[run].wait + self.loads[self.runs[run].schedule].slot;
            let minutes = |run: usize| {
                let first = (self.runs[run].due / 60) as usize;
                (0..stays(run).div_ceil(60))
                    .map(move |passed| ((first + passed as usize) % MINUTES, passed))
            };
            for run in members {
                for (minute, passed) in minutes(*run) {
                    let end = (stays(*run) - passed * 60, *run);
                    let [first, second] = &mut ends[minute];
                    if end > *first {
                        *second = std::mem::replace(first, end);
                    } else if end > *second {
                        *second = end;
                    }
                }
            }
            for run in members {
                for (later, blocked) in self.blocked[*run].iter_mut().enumerate() {
                    let [first, second] =
                        ends[(self.runs[*run].due as usize / 60 + later) % MINUTES];
                    let (end, _) = if first.1 == *run { second } else { first };
                    *blocked = end;
                }
            }
            for run in members {
                minutes(*run).for_each(|(minute, _)| ends[minute] = [(0, usize::MAX); 2]);
            }
        }
    }

    /// The bound of each run.
    fn waits(&self) -> Vec<u64> {
        let of = |run: usize| {
            let seen = |later: usize| {
                let at = self.runs[run].due + later as u64 * 60;
                let blocked = self.blocked[run][later];
                blocked + self.for_a_slot(run, (at + blocked) % DAY)
            };
            seen(0).max(seen(1))
        };
        (0..self.runs.len()).map(of).collect()
    }

    /// How long `run` waits for a slot from a moment of the day on, when nothing else holds it.
    fn for_a_slot(&self, run: usize, at: u64) -> u64 {
        let minute = at / 60;
        let (sum, longest) = &self.left[minute as usize];
        // The run itself is no one that it waits for.
        let Run { schedule, due, wait } = self.runs[run];
        let (slot, passed) = (self.loads[schedule].slot, until(due, minute * 60));
        let own = (TICK + wait + slot).saturating_sub(passed).min(slot);
        let others = sum - own;
        let mut skipped = false;
        let mut rest = others;
        let mut least = others / self.slots as u64;
        let mut aside = 0;
        for longest in longest {
            if *longest == own && !skipped {
                skipped = true;
                continue;
            }
            aside += 1;
            if aside >= self.slots {
                break;
            }
            rest -= longest;
            least = least.min(rest / (self.slots - aside) as u64);
        }
        least
    }
}
