//! VolSync, second by second: how far a copy of a volume is behind, as its two ends run.
//!
//! From volsync `internal/controller/statemachine/machine.go`: a run begins when it is due and none is under
//! way, and what a push has ended before a pull begins is what that pull takes.

use super::emitted::{Copy, Place, World};
use super::play::Dice;

const DAYS: u64 = 2;

/// What a push, and what a pull, is assumed to take.
const RUN: u64 = 5 * 60;

/// A run, and when what it copies is from.
#[derive(Clone, Copy)]
struct Run {
    of: Option<u64>,
    until: u64,
    fails: bool,
}

/// One end of a copy: when it runs, and how often in a row it may fail.
struct End<'a> {
    copy: &'a Copy,
    turn: usize,
    may_fail: usize,
    failed: usize,
    run: Option<Run>,
}

impl End<'_> {
    /// Begins what is due, of a state that is as old as `of`; comes back with what ended.
    fn step(&mut self, second: u64, of: Option<u64>, dice: &mut Dice<'_>) -> Option<u64> {
        let ended = self.run.filter(|run| run.until <= second);
        if ended.is_some() {
            self.run = None;
        }
        if self.run.is_none() && self.copy.at(self.turn) <= second {
            while self.copy.at(self.turn) <= second {
                self.turn += 1;
            }
            let fails = self.failed < self.may_fail && dice.below(3) == 0;
            self.failed = if fails { self.failed + 1 } else { 0 };
            self.run = Some(Run { of, until: second + dice.within(RUN), fails });
        }
        ended.filter(|run| !run.fails)?.of
    }
}

/// The most seconds that a copy in any other region is behind; none of what VolSync does not copy.
pub(super) fn behind(world: &World, place: &Place, dice: &mut Dice<'_>) -> Option<u64> {
    let service = &world.services[&place.0];
    let own = |source: bool| {
        world.copies.iter().filter(move |copy| copy.service == place.0 && copy.source == source)
    };
    let pairs = own(true).filter(|copy| copy.region == place.1).flat_map(|source| {
        own(false).filter(|to| to.name == source.name).map(move |to| (source, to))
    });
    // A tier bears so many runs in a row, and each end has runs of its own.
    pairs.map(|pair| lag(pair, service.failed_runs, dice)).max()
}

fn lag((source, to): (&Copy, &Copy), may_fail: usize, dice: &mut Dice<'_>) -> u64 {
    let end = |copy| End { copy, turn: 0, may_fail, failed: 0, run: None };
    let (mut push, mut pull) = (end(source), end(to));
    let (mut pushed, mut copied): (Option<u64>, Option<u64>) = (None, None);
    let mut worst = 0;
    for second in 0..DAYS * 86_400 {
        pushed = push.step(second, Some(second), dice).or(pushed);
        copied = pull.step(second, pushed, dice).or(copied);
        if let Some(of) = copied {
            worst = worst.max(second - of);
        }
    }
    worst
}
