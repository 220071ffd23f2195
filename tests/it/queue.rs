//! The queue of Velero, lived through: a week of a server, held against the waits that are proven.
//!
//! Nothing here comes from `plan` but the bound itself. What the server does is told again, from
//! velero `pkg/controller/{schedule,backup_queue}_controller.go`.

use crate::random::Random;
use ninefold::decide::queue::wait::{Load, SHARED, utilisation, worst_waits};
use rayon::prelude::*;

/// A number from `least` to `most`.
fn between(random: &mut Random, min: u64, max: u64) -> u64 {
    let room = usize::try_from(max - min + 1).expect("small");
    min + random.below(room) as u64
}

const WEEK: u64 = 7 * 86_400;

/// A Schedule, as the server has it.
struct Schedule {
    namespace: usize,
    /// How many times it was due.
    turn: usize,
    /// The next time that it is due, and when that is seen.
    due: u64,
    seen: u64,
    slot: u64,
    minutes: Vec<u64>,
}

impl Schedule {
    /// The first time after `now` at which it is due, and within the minute when that is seen.
    fn next(&mut self, now: u64, random: &mut Random) {
        while self.due <= now {
            self.turn += 1;
            let (day, index) = (self.turn / self.minutes.len(), self.turn % self.minutes.len());
            self.due = day as u64 * 86_400 + self.minutes[index] * 60;
        }
        self.seen = self.due + between(random, 0, 60);
    }
}

struct Waiting {
    schedule: usize,
    since: u64,
}

struct Running {
    schedule: usize,
    until: u64,
}

/// How long a backup runs, of the time that it may.
#[derive(Clone, Copy)]
enum Lasts {
    AsLongAsItMay,
    AnyTime,
    MostlyShort,
}

fn lasts(how: Lasts, slot: u64, random: &mut Random) -> u64 {
    match how {
        Lasts::AsLongAsItMay => slot,
        Lasts::AnyTime => between(random, 1, slot.max(1)),
        Lasts::MostlyShort if random.once_in(4) => slot,
        Lasts::MostlyShort => between(random, 1, slot.div_ceil(10).max(1)),
    }
}

/// The longest wait of each Schedule in a week.
fn live(loads: &[Load], slots: usize, how: Lasts, random: &mut Random) -> Vec<u64> {
    let mut schedules: Vec<Schedule> = (loads.iter())
        .map(|load| Schedule {
            namespace: load.namespace,
            turn: 0,
            due: 0,
            seen: 0,
            slot: load.slot,
            minutes: load.minutes.iter().map(|minute| u64::from(*minute)).collect(),
        })
        .collect();
    schedules.iter_mut().for_each(|schedule| schedule.next(0, random));
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut running: Vec<Running> = Vec::new();
    let mut worst = vec![0; loads.len()];
    let mut now = 0;
    while now < WEEK {
        running.retain(|run| run.until > now);
        for (index, schedule) in schedules.iter_mut().enumerate() {
            // While one of its backups is in progress, a Schedule makes none.
            let held = running.iter().any(|run| run.schedule == index);
            if schedule.seen <= now && !held {
                waiting.push(Waiting { schedule: index, since: now });
                schedule.next(now, random);
            }
        }
        // The first that is not kept back by its namespace begins, again and again.
        while running.len() < slots {
            let kept_back = |place: usize| {
                let namespace = schedules[waiting[place].schedule].namespace;
                let own = waiting[place].schedule;
                // Of those that share, every other one is of many namespaces.
                let many = |schedule: usize| schedule.is_multiple_of(2);
                let same = |schedule: usize| {
                    schedules[schedule].namespace == namespace
                        && (namespace != SHARED || schedule == own || many(schedule) || many(own))
                };
                running.iter().any(|run| same(run.schedule))
                    || waiting[..place].iter().any(|earlier| same(earlier.schedule))
            };
            let Some(first) = (0..waiting.len()).find(|place| !kept_back(*place)) else { break };
            let Waiting { schedule, since } = waiting.remove(first);
            worst[schedule] = worst[schedule].max(now - since);
            let until = now + lasts(how, schedules[schedule].slot, random);
            running.push(Running { schedule, until });
        }
        // Nothing changes before the next second in which something ends or is seen.
        let ends = running.iter().map(|run| run.until);
        let seen = schedules.iter().map(|schedule| schedule.seen);
        let next = ends.chain(seen).filter(|time| *time > now).min();
        now = next.unwrap_or(WEEK).max(now + 1);
    }
    worst
}

/// The Schedules of a fleet, of which none would run into itself.
fn fleet(random: &mut Random) -> Vec<Load> {
    let namespaces = between(random, 1, 16);
    // Most begin at a few minutes of the hour, so that they meet.
    let crowd = between(random, 1, 12);
    (0..between(random, 4, 16))
        .filter_map(|_| {
            let every = *random.pick(&[10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440]);
            let first = between(random, 0, every - 1) / crowd * crowd;
            let minutes = (0..1440 / every)
                .map(|turn| u16::try_from(first + turn * every).expect("within a day"));
            let budget = between(random, every * 3, every * 30).min(3600);
            let room = (every * 60).saturating_sub(120 + budget);
            let slot = between(random, 5, 600).min(room);
            let namespace = usize::try_from(between(random, 0, namespaces)).expect("a few");
            (slot > 0).then(|| Load { namespace, minutes: minutes.collect(), slot, budget })
        })
        .collect()
}

/// A random fleet in which something may wait, its number of slots, and the waits that are proven.
fn proven(seed: u64) -> (Vec<Load>, usize, Vec<u64>) {
    let random = &mut Random::new(seed);
    loop {
        let slots = usize::try_from(between(random, 1, 4)).expect("a few");
        let loads = fleet(random);
        let Some(waits) = worst_waits(&loads, slots) else { continue };
        assert!(waits.iter().zip(&loads).all(|(wait, load)| *wait <= load.budget));
        if waits.iter().any(|wait| *wait > 0) {
            return (loads, slots, waits);
        }
    }
}

#[test]
fn no_backup_waits_longer_where_some_are_of_many_namespaces() {
    let waits: u64 = (0..300u64)
        .into_par_iter()
        .map(|seed| {
            let random = &mut Random::new(seed ^ 0x5eed);
            let slots = usize::try_from(between(random, 2, 4)).expect("a few");
            let mut loads = fleet(random);
            loads.iter_mut().filter(|_| random.once_in(3)).for_each(|load| load.namespace = SHARED);
            let Some(waits) = worst_waits(&loads, slots) else { return 0 };
            for how in [Lasts::AsLongAsItMay, Lasts::AnyTime, Lasts::MostlyShort] {
                let lived = live(&loads, slots, how, random);
                let late = lived.iter().zip(&waits).find(|(lived, wait)| lived > wait);
                assert!(late.is_none(), "seed {seed}: {late:?}, {slots} slots, {loads:?}");
            }
            waits.into_iter().sum()
        })
        .sum();
    assert!(waits > 0);
}

#[test]
fn no_backup_of_a_week_waits_longer_than_proven() {
    let seen: Vec<(u64, u64)> = (0..1000u64)
        .into_par_iter()
        .flat_map_iter(|seed| {
            let (loads, slots, waits) = proven(seed);
            let mut random = Random::new(seed ^ 0xabcd);
            let mut worst = vec![0; loads.len()];
            for how in [Lasts::AsLongAsItMay, Lasts::AnyTime, Lasts::MostlyShort] {
                let lived = live(&loads, slots, how, &mut random);
                worst
                    .iter_mut()
                    .zip(&lived)
                    .for_each(|(worst, lived)| *worst = (*lived).max(*worst));
            }
            for ((wait, worst), load) in waits.iter().zip(&worst).zip(&loads) {
                assert!(
                    worst <= wait,
                    "seed {seed}: {worst}s of {wait}s, {slots} slots, {load:?}, {loads:?}"
                );
            }
            waits.into_iter().zip(worst).collect::<Vec<_>>()
        })
        .collect();
    // How tight it is: run with `--nocapture`.
    let waiting: Vec<&(u64, u64)> = seen.iter().filter(|(wait, _)| *wait > 0).collect();
    let share = |of: &[&(u64, u64)]| {
        let (proven, lived) = of.iter().fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        lived as f64 / proven as f64
    };
    let exact = waiting.iter().filter(|(wait, worst)| wait == worst).count();
    let never = seen.len() - waiting.len();
    println!(
        "{} Schedules: {never} proven never to wait; of the others, the worst wait of a week is {:.0}% of the bound, and equal to it for {exact}",
        seen.len(),
        100.0 * share(&waiting)
    );
    assert!(share(&waiting) > 0.5, "the bound says little: {}", share(&waiting));
}

fn holds(loads: &[Load], slots: usize) -> bool {
    worst_waits(loads, slots).is_some()
}

#[test]
fn more_slots_a_longer_budget_and_fewer_backups_take_no_proof_away() {
    let random = &mut Random::new(7);
    for seed in 0..60 {
        let (loads, slots, waits) = proven(seed);
        let with = |change: &dyn Fn(usize, &mut Load)| {
            let mut loads = loads.clone();
            loads.iter_mut().enumerate().for_each(|(index, load)| change(index, load));
            loads
        };
        let exactly = with(&|index, load| load.budget = waits[index]);
        assert!(holds(&exactly, slots), "seed {seed}: the bounds themselves");
        let changed = random.below(loads.len());
        let waits_less = with(&|index, load| {
            load.budget = waits[index].saturating_sub(u64::from(index == changed));
        });
        assert_eq!(holds(&waits_less, slots), waits[changed] == 0, "seed {seed}: a second less");
        assert!(holds(&exactly, slots + 1), "seed {seed}: a slot more");
        let longer = with(&|index, load| load.budget = waits[index] + 3 * changed as u64);
        assert!(holds(&longer, slots), "seed {seed}: longer budgets");
        let mut fewer = exactly.clone();
        fewer.remove(changed);
        assert!(holds(&fewer, slots), "seed {seed}: one service less");
        let mut rarer = exactly.clone();
        rarer[changed].minutes.truncate(1);
        assert!(holds(&rarer, slots), "seed {seed}: rarer");
        let mut shorter = exactly;
        shorter[changed].slot = shorter[changed].slot.div_ceil(2);
        assert!(holds(&shorter, slots), "seed {seed}: shorter");
        assert!(utilisation(&loads, slots) <= 1_000_000);
    }
}

#[test]
fn a_server_that_never_catches_up_is_not_proven() {
    let load = |namespace, budget| Load {
        namespace,
        minutes: (0..1440).step_by(30).collect(),
        slot: 1000,
        budget,
    };
    assert!(worst_waits(&[load(0, 600), load(1, 600)], 1).is_none());
    // Two slots are enough for two namespaces, and not for two of the same.
    assert_eq!(worst_waits(&[load(0, 60), load(1, 60)], 2), Some(vec![0, 0]));
    assert!(worst_waits(&[load(0, 600), load(0, 600)], 2).is_none());
    assert!(!holds(&[load(0, 600), load(0, 600)], 2));
}
