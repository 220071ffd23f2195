//! A drain: a node that is emptied on purpose, as far as disruption budgets let it.

use super::foreign::Weak;
use super::pods::{Budget, Workload};
use super::promise::Promise;
use std::collections::BTreeMap;

/// A budget over the pods of a workload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Over<'a> {
    budget: &'a Budget,
    /// How many pods it speaks of, those of other workloads included.
    pods: usize,
}

/// The budgets over each workload, in their order.
pub(super) fn over<'a>(budgets: &'a [Budget], workloads: &[&Workload]) -> Vec<Vec<Over<'a>>> {
    let place =
        |workload: &Workload| (workload.place.region.clone(), workload.place.namespace.clone());
    let mut here: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, workload) in workloads.iter().enumerate() {
        here.entry(place(workload)).or_default().push(at);
    }
    let mut over = vec![Vec::new(); workloads.len()];
    for budget in budgets {
        let at = (budget.place.region.clone(), budget.place.namespace.clone());
        let neighbours = here.get(&at).into_iter().flatten().copied();
        let covered: Vec<usize> = neighbours.filter(|at| budget.covers(workloads[*at])).collect();
        let pods = covered.iter().map(|at| workloads[*at].replicas).sum();
        covered.into_iter().for_each(|at| over[at].push(Over { budget, pods }));
    }
    over
}

/// Why a drain of pods that nobody promises anything about waits for ever, or takes all of them.
pub(super) fn weakness(over: &[Over<'_>], replicas: usize) -> Option<(Weak, String)> {
    match over {
        [] if replicas > 1 => Some((
            Weak::NoBudget,
            "no disruption budget selects its pods: a drain may take all of them at once"
                .to_owned(),
        )),
        [] => None,
        [Over { budget, pods }] if budget.allows(*pods) == 0 => Some((
            Weak::DrainWaits,
            format!(
                "the disruption budget `{}` allows no eviction: a drain waits for ever",
                budget.place.name
            ),
        )),
        [_] => None,
        [first, second, ..] => Some((
            Weak::DrainWaits,
            format!(
                "the disruption budgets `{}` and `{}` select the same pods: the API server refuses every eviction",
                first.budget.place.name, second.budget.place.name
            ),
        )),
    }
}

/// What a drain would break: each with the file that makes it so.
pub(super) fn judge(
    over: &[Over<'_>],
    workload: &Workload,
    promise: &Promise,
    survives: bool,
) -> Option<(String, String)> {
    let replicas = workload.replicas;
    let (text, path) = match over {
        [] if survives && replicas > 1 => {
            let text = "a drain may take all replicas at once: no disruption budget selects them";
            (text.to_owned(), &workload.place.path)
        }
        [] => return None,
        [Over { budget, pods }] => {
            let allowed = budget.allows(*pods);
            let text = if allowed == 0 && replicas > 0 {
                "a drain waits for ever: the disruption budget allows no eviction".to_owned()
            } else if survives && replicas.saturating_sub(allowed) < promise.peak {
                format!(
                    "a drain may take the peak: the disruption budget lets {allowed} of {replicas} go at once, and {} carry the peak",
                    promise.peak
                )
            } else {
                return None;
            };
            (text, &budget.place.path)
        }
        [first, second, ..] => {
            let text = format!(
                "a drain waits for ever: two disruption budgets select its pods ({} and {}), so the API server refuses every eviction",
                first.budget.place.name, second.budget.place.name
            );
            (text, &first.budget.place.path)
        }
    };
    Some((text, path.clone()))
}
