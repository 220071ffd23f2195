//! Velero's servers, second by second: what a loss at the worst moment takes, as the backups were made.
//!
//! From velero `pkg/controller/{schedule,backup_queue}_controller.go`: a Schedule that is due is seen
//! within a minute, and so is a backup that waits; one that shares a namespace with another waits for it.

use super::emitted::{Schedule, World};
use super::play::Dice;
use std::collections::BTreeMap;

const DAYS: u64 = 3;
const LOOKS: u64 = 60;

struct Run {
    schedule: usize,
    /// When the queue has seen it.
    seen: u64,
}

#[derive(Clone, Copy)]
struct Running {
    schedule: usize,
    /// What it holds is as old as this.
    began: u64,
    until: u64,
    /// Whether it is lost: so many in a row, in the order in which they begin. One that copies for long
    /// may end after others that began later.
    fails: bool,
}

/// The most seconds of data that a loss costs, by service, as the backups of a region were made.
pub(super) fn worst(world: &World, region: &str, dice: &mut Dice<'_>) -> BTreeMap<String, u64> {
    let own: Vec<&Schedule> = world.schedules.iter().filter(|one| one.region == region).collect();
    let slots = world.regions[region].concurrency;
    let mut due: Vec<u64> = own.iter().map(|one| at(one, 0) + dice.within(LOOKS)).collect();
    let mut turns = vec![0usize; own.len()];
    let (mut waiting, mut running): (Vec<Run>, Vec<Running>) = (Vec::new(), Vec::new());
    let mut failed = vec![0usize; own.len()];
    let mut last: Vec<Option<u64>> = vec![None; own.len()];
    let mut worst = BTreeMap::new();
    let mut copying: Vec<Running> = Vec::new();
    for second in 0..DAYS * 86_400 {
        running.retain(|run| {
            let ends = run.until <= second;
            if ends {
                let until = second + dice.within(own[run.schedule].operations);
                copying.push(Running { until, ..*run });
            }
            !ends
        });
        copying.retain(|run| {
            if run.until > second {
                return true;
            }
            let (schedule, at) = (own[run.schedule], run.schedule);
            if run.fails {
                return false;
            }
            // One that began later may be there already.
            if let Some(before) = last[at].filter(|before| schedule.first && *before < run.began) {
                let lost = worst.entry(schedule.service.clone()).or_insert(0);
                *lost = (*lost).max(second - before);
            }
            last[at] = last[at].max(Some(run.began));
            false
        });
        for (number, schedule) in own.iter().enumerate() {
            // What is only copied holds neither a slot nor its Schedule.
            let held = running.iter().any(|run| run.schedule == number)
                || waiting.iter().any(|run| run.schedule == number);
            if due[number] <= second && !held {
                waiting.push(Run { schedule: number, seen: second + dice.within(LOOKS) });
                while due[number] <= second {
                    turns[number] += 1;
                    due[number] = at(schedule, turns[number]) + dice.within(LOOKS);
                }
            }
        }
        while running.len() < slots {
            let kept_back = |place: usize| {
                let same = |other: usize| own[other].meets(own[waiting[place].schedule]);
                running.iter().any(|run| same(run.schedule))
                    || waiting[..place].iter().any(|earlier| same(earlier.schedule))
            };
            let ready = |place: &usize| waiting[*place].seen <= second && !kept_back(*place);
            let Some(first) = (0..waiting.len()).find(ready) else { break };
            let run = waiting.remove(first);
            let (schedule, at) = (own[run.schedule], run.schedule);
            let until = second + dice.within(schedule.slot);
            let may_fail = world.services.get(&schedule.service).map_or(0, |it| it.failed_runs);
            let fails = failed[at] < may_fail && dice.below(3) == 0;
            failed[at] = if fails { failed[at] + 1 } else { 0 };
            running.push(Running { schedule: at, began: second, until, fails });
        }
    }
    worst
}

/// The second of a turn.
fn at(schedule: &Schedule, turn: usize) -> u64 {
    let (day, index) = (turn / schedule.minutes.len(), turn % schedule.minutes.len());
    day as u64 * 86_400 + schedule.minutes[index] * 60
}
