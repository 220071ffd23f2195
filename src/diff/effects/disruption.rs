//! What drains and node upgrades may take away at once.

use super::{Match, Service, amount, called, current, selectors, workload};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::{Item, Unit};
use crate::yaml::Value;

const KIND: &str = "PodDisruptionBudget";

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for edit in service.edits_of(KIND) {
        let old = allowed(service.old, edit.old_item, edit.old);
        let new = allowed(service.new, edit.new_item, edit.new);
        let (Some(old), Some(new)) = (old, new) else { continue };
        if new.pods == 0 {
            continue;
        }
        let base = |matched: Match| {
            matched
                .at(edit.region)
                .detail(format!(
                    "evictions at once {} of {} → {} of {}",
                    old.evictions, old.pods, new.evictions, new.pods
                ))
                .changed("evictions", old.evictions, new.evictions)
                .changed("pods", old.pods, new.pods)
                .object(edit.number)
        };
        // A budget that follows more pods is as strict as before.
        let keeps = |allowed: &Allowed| allowed.pods - allowed.evictions;
        if new.evictions == 0 && old.evictions > 0 {
            let title = format!("{} allows no eviction", called(service, edit.new_item));
            let matched = Match::loosens(Code::BUDGET_BLOCKS_DRAINS, Severity::High, title);
            matches.push(
                base(matched).detail("drains and node upgrades wait until somebody steps in"),
            );
        } else if new.evictions > old.evictions && keeps(&new) < keeps(&old) {
            let (severity, title) = if new.evictions >= new.pods {
                (Severity::Critical, "a drain may take all pods at once".to_owned())
            } else {
                (
                    Severity::High,
                    format!("a drain may take {} at once", amount::pods(new.evictions)),
                )
            };
            matches.push(base(Match::loosens(Code::BUDGET_LOOSENED, severity, title)));
        }
    }
    for dropped in service.dropped(KIND) {
        let region = &dropped.item.identity.region;
        let Some(old) = allowed(service.old, dropped.item, dropped.value) else { continue };
        let pods = running(service.new, dropped.item, dropped.value);
        let covered = current(service.new, KIND, region).next().is_some();
        // One pod needs none: a budget would block every drain, or keep nothing.
        if dropped.kept || covered || pods < 2 {
            continue;
        }
        let title = "no disruption budget is left: a drain may take all pods at once";
        matches.push(
            Match::loosens(Code::BUDGET_LOOSENED, Severity::Critical, title)
                .at(region)
                .detail(format!(
                    "evictions at once {} of {} → {pods} of {pods}",
                    old.evictions, old.pods
                ))
                .changed("evictions", old.evictions, pods)
                .changed("pods", old.pods, pods)
                .object(dropped.number),
        );
    }
    matches
}

/// How many of the pods that a budget covers may be evicted at once.
struct Allowed {
    evictions: u64,
    pods: u64,
}

fn allowed(unit: Option<&Unit<'_>>, item: &Item<'_>, budget: &Value) -> Option<Allowed> {
    let pods = running(unit, item, budget);
    let unavailable = budget.at(&["spec", "maxUnavailable"]);
    // Percentages are rounded up in both fields (disruption.go, `getExpectedScale`).
    let evictions = match amount::share(unavailable, pods, true) {
        Some(unavailable) => unavailable.min(pods),
        None => {
            let min = amount::share(budget.at(&["spec", "minAvailable"]), pods, true)?;
            pods.saturating_sub(min)
        }
    };
    Some(Allowed { evictions, pods })
}

/// The pods that a budget covers.
fn running(unit: Option<&Unit<'_>>, item: &Item<'_>, budget: &Value) -> u64 {
    let covered = |workload: &Item<'_>, value: &Value| {
        let labels = workload::template(&workload.identity.kind, value)
            .and_then(|template| template.at(&["metadata", "labels"]));
        let selector = budget.at(&["spec", "selector"]);
        workload.identity.namespace == item.identity.namespace
            && labels
                .zip(selector)
                .is_some_and(|(labels, selector)| selectors::selects(selector, labels))
    };
    workload::of_region(unit, &item.identity.region)
        .filter(|(workload, value)| covered(workload, value))
        .filter_map(|(workload, value)| workload::pods(unit, workload, value))
        .sum()
}
