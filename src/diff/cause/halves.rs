//! Edits are tried in halves: of one that changes nothing in a unit, no edit is looked at again. So what many
//! edits do costs as many trials as edits matter, and not as many as there are.

use super::apart::{Ready, Trial, Tried};
use super::edits::Edit;
use super::name;
use super::texts::Texts;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// The most trials for a unit; beyond it, the edits of a part count together for what the part does.
const TRIALS: usize = 600;

/// The most specs that are read for one unit in all its trials: what services share needs those of all.
const SPECS: usize = 40_000;

/// So few parts are tried one by one: halves of them would be as many trials.
const FEW: usize = 4;

/// What some edits make of a unit, and nothing where it does not compile with them.
pub(super) struct Variant {
    /// The edits, by number.
    pub(super) edits: Vec<usize>,
    pub(super) made: Option<Tried>,
}

/// What was found of the edits of a unit.
#[derive(Default)]
pub(super) struct Search {
    /// Those that change something in it, or with which it does not compile.
    pub(super) variants: Vec<Variant>,
    /// Whether there were too many to tell all of them apart.
    pub(super) cut: bool,
}

/// Edits that are tried as one: those that are one cause, and entries of one map whose keys are the user's.
struct Part {
    edits: Vec<usize>,
    /// Whether they are such entries, of which each does what the others do.
    entries: bool,
}

impl Part {
    fn one(edit: usize) -> Part {
        Part { edits: vec![edit], entries: false }
    }
}

/// The parts of some edits, in their order.
fn parts(candidates: &[usize], edits: &[Edit]) -> Vec<Part> {
    let mut keys = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    for at in candidates {
        let entries = edits[*at].entry_of();
        let key = entries.clone().map_or_else(|| Err(name::key(&edits[*at])), Ok);
        match keys.iter().position(|known| *known == key) {
            Some(known) => parts[known].edits.push(*at),
            None => {
                keys.push(key);
                parts.push(Part { entries: entries.is_some(), ..Part::one(*at) });
            }
        }
    }
    parts
}

/// Edits that are to be made together.
struct Task {
    /// The unit, by number.
    unit: usize,
    parts: Vec<Part>,
    /// What all entries of the only part do; then the first of them is tried alone.
    whole: Option<Variant>,
}

impl Task {
    fn edits(&self) -> Vec<usize> {
        match self.whole {
            Some(_) => self.parts[0].edits[..1].to_vec(),
            None => self.all(),
        }
    }

    fn all(&self) -> Vec<usize> {
        self.parts.iter().flat_map(|part| part.edits.iter().copied()).collect()
    }

    /// What is to be tried of these parts.
    fn of(unit: usize, mut parts: Vec<Part>) -> Vec<Task> {
        let task = |parts| Task { unit, parts, whole: None };
        if parts.len() <= FEW {
            return parts.into_iter().map(|part| task(vec![part])).collect();
        }
        let rest = parts.split_off(parts.len() / 2);
        vec![task(parts), task(rest)]
    }

    /// What follows from what was made: a result, or more to try.
    fn judged(mut self, made: Option<Tried>, may_go_on: bool) -> Result<Variant, Vec<Task>> {
        let unit = self.unit;
        let singles = |parts: &[Part]| -> Vec<Part> {
            parts.iter().flat_map(|part| part.edits.iter().copied().map(Part::one)).collect()
        };
        if let Some(whole) = self.whole.take() {
            let alike = made.zip(whole.made.as_ref()).is_some_and(|(one, all)| one.is_alike(all));
            return if alike || !may_go_on {
                Ok(whole)
            } else {
                Err(Task::of(unit, singles(&self.parts)))
            };
        }
        let all = Variant { edits: self.all(), made };
        let same = all.made.as_ref().is_some_and(|made| made.same);
        if same || !may_go_on || all.edits.len() == 1 {
            return Ok(all);
        }
        match (self.parts.as_slice(), &all.made) {
            ([part], Some(_)) if !part.entries => Ok(all),
            ([part], Some(_)) if part.edits.len() > 2 => {
                Err(vec![Task { unit, parts: self.parts, whole: Some(all) }])
            }
            ([_], _) => Err(Task::of(unit, singles(&self.parts))),
            _ => Err(Task::of(unit, self.parts)),
        }
    }
}

/// What the candidates of `some` units do in each, made on top of what these start from.
pub(super) fn search(
    trials: &[Trial<'_>],
    some: &[usize],
    edits: &[Edit],
    made: impl Fn(&[usize]) -> Texts + Sync,
    tried: impl Fn(&Trial<'_>, &Ready) -> Option<Tried> + Sync,
) -> Vec<Search> {
    let mut found: Vec<Search> = trials.iter().map(|_| Search::default()).collect();
    let room = |trial: &Trial<'_>| TRIALS.min(SPECS / trial.mixed.services.len().max(1));
    let mut left: Vec<usize> = trials.iter().map(room).collect();
    let of_unit = |at: &usize| Task::of(*at, parts(&trials[*at].mixed.candidates, edits));
    let mut tasks: Vec<Task> = some.iter().flat_map(of_unit).collect();
    while !tasks.is_empty() {
        let results = try_all(trials, &tasks, &made, &tried);
        let mut next = Vec::new();
        for (task, result) in tasks.into_iter().zip(results) {
            let unit = task.unit;
            left[unit] = left[unit].saturating_sub(1);
            let several = task.parts.len() > 1;
            match task.judged(result, left[unit] > 0) {
                Ok(variant) if variant.made.as_ref().is_some_and(|made| made.same) => {}
                Ok(variant) => {
                    found[unit].cut |= several;
                    found[unit].variants.push(variant);
                }
                Err(more) => next.extend(more),
            }
        }
        tasks = next;
    }
    found
}

/// Edits that are made at once, each for a unit that sees none of the others.
#[derive(Default)]
struct Batch {
    edits: BTreeSet<usize>,
    /// What the units of it may see.
    seen: BTreeSet<usize>,
    /// By number.
    tasks: Vec<usize>,
}

impl Batch {
    fn takes(&self, edits: &[usize], candidates: &[usize]) -> bool {
        candidates.iter().all(|at| !self.edits.contains(at) || edits.contains(at))
            && edits.iter().all(|at| self.edits.contains(at) || !self.seen.contains(at))
    }
}

fn batches(trials: &[Trial<'_>], tasks: &[Task]) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for (number, task) in tasks.iter().enumerate() {
        let (edits, candidates) = (task.edits(), &trials[task.unit].mixed.candidates);
        let at = batches.iter().position(|batch| batch.takes(&edits, candidates));
        let at = at.unwrap_or_else(|| {
            batches.push(Batch::default());
            batches.len() - 1
        });
        batches[at].edits.extend(edits);
        batches[at].seen.extend(candidates);
        batches[at].tasks.push(number);
    }
    batches
}

/// What each task makes, in their order.
fn try_all(
    trials: &[Trial<'_>],
    tasks: &[Task],
    made: &(impl Fn(&[usize]) -> Texts + Sync),
    tried: &(impl Fn(&Trial<'_>, &Ready) -> Option<Tried> + Sync),
) -> Vec<Option<Tried>> {
    let of_batch = |batch: &Batch| -> Vec<(usize, Option<Tried>)> {
        let units: Vec<usize> = batch.tasks.iter().map(|number| tasks[*number].unit).collect();
        let edits: Vec<usize> = batch.edits.iter().copied().collect();
        // What all of these look at is made ready once.
        let mixed = trials.iter().map(|trial| trial.mixed);
        let ready = Ready::of(&made(&edits), mixed, &units);
        let one = |number: &usize| (*number, tried(&trials[tasks[*number].unit], &ready));
        batch.tasks.par_iter().map(one).collect()
    };
    let mut results: Vec<(usize, Option<Tried>)> =
        batches(trials, tasks).par_iter().flat_map_iter(of_batch).collect();
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}
