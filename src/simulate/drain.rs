//! A drain: a node that is emptied on purpose, as far as disruption budgets let it.

use super::pods::{Budget, Workload};
use super::promise::Promise;

/// What a drain would break: every text is told with the file that makes it so.
pub(super) fn judge(
    budgets: &[Budget],
    workload: &Workload,
    promise: &Promise,
    survives: bool,
    mut tell: impl FnMut(String, String),
) {
    let over: Vec<&Budget> = budgets.iter().filter(|budget| budget.covers(workload)).collect();
    let own = workload.place.path.clone();
    match over.as_slice() {
        [] if survives && workload.replicas > 1 => tell(
            "a drain may take all replicas at once: no disruption budget selects them".to_owned(),
            own,
        ),
        [] => {}
        [budget] => {
            let allowed = budget.allows(workload.replicas);
            let path = budget.place.path.clone();
            if allowed == 0 && workload.replicas > 0 {
                let text = "a drain waits for ever: the disruption budget lets no pod go";
                tell(text.to_owned(), path);
            } else if survives && workload.replicas.saturating_sub(allowed) < promise.peak {
                let text = format!(
                    "a drain may take the peak: the disruption budget lets {allowed} of {} go at once, and {} carry the peak",
                    workload.replicas, promise.peak
                );
                tell(text, path);
            }
        }
        [first, second, ..] => {
            let text = format!(
                "a drain waits for ever: two disruption budgets select its pods ({} and {}), so the API server refuses every eviction",
                first.place.name, second.place.name
            );
            tell(text, first.place.path.clone());
        }
    }
}
