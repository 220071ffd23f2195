//! Pods that two objects claim, and workloads that two autoscalers scale.

use super::{Found, Place, Pods, path, selector, text};
use crate::diag::Code;
use crate::kube::read::selector::Selector;
use crate::object::Problem;
use crate::object::judge::Judged;
use std::collections::{BTreeMap, BTreeSet};

impl Place<'_> {
    /// Pods that two objects claim, and workloads that two autoscalers scale.
    pub(super) fn twice(&self, found: &mut Vec<Found>) {
        for (at, judged) in self.of_kind("Service") {
            let Some((place, selector)) = selector(judged) else { continue };
            let pods: Vec<&Pods<'_>> =
                self.selected(&selector).into_iter().filter(|pods| pods.stay()).collect();
            let [first, second, ..] = pods.as_slice() else { continue };
            let called =
                |pods: &Pods<'_>| format!("{} `{}`", pods.judged.0.id.kind, pods.judged.0.id.name);
            let message = format!(
                "pods of {} and of {} answer Service `{}`",
                called(first),
                called(second),
                judged.0.id.name
            );
            let problem = Problem::new(Code::ANSWERED_BY_TWO, message);
            let note =
                "a caller may get either of them; while one is not ready, the other gets all";
            let help = "let the Service ask for a label that the pods of one workload have";
            // Whoever came second is to blame: our own Services ask for what only ours have.
            let blamed =
                if judged.0.own { (at, path(place)) } else { (second.at, second.path_of(&[])) };
            found.push((
                blamed.0,
                Problem {
                    path: blamed.1,
                    note: Some(note.to_owned()),
                    help: Some(help.to_owned()),
                    ..problem
                },
            ));
        }
        self.two_budgets(found);
        self.two_autoscalers(found);
    }

    fn two_budgets(&self, found: &mut Vec<Found>) {
        let budgets: Vec<(usize, Judged<'_>, Selector)> = self
            .of_kind("PodDisruptionBudget")
            // An empty selector is one of all pods.
            .filter_map(|(at, judged)| {
                let selector = judged.0.value.at(&["spec", "selector"])?;
                Some((at, judged, Selector::read(selector).ok()?))
            })
            .collect();
        let mut reported = BTreeSet::new();
        for pods in &self.pods {
            let mut over: Vec<_> =
                budgets.iter().filter(|(.., selector)| selector.selects(&pods.labels)).collect();
            // That of the user's last.
            over.sort_by_key(|(at, judged, _)| (judged.0.own, *at));
            let [(_, first, _), .., (at, last, _)] = over.as_slice() else { continue };
            if !reported.insert(*at) {
                continue;
            }
            let message = format!(
                "`{}` and `{}` are two disruption budgets over the same pods",
                first.0.id.name, last.0.id.name
            );
            let note =
                "the API server evicts no pod that has two: every drain of its node waits for ever";
            found.push((
                *at,
                governed(
                    message,
                    &["spec", "selector"],
                    note,
                    "keep one of them; `[patch.pod-disruption-budget]` changes that of the service",
                ),
            ));
        }
    }

    fn two_autoscalers(&self, found: &mut Vec<Found>) {
        let mut over: BTreeMap<(&str, &str), Vec<(usize, Judged<'_>)>> = BTreeMap::new();
        let scalers = self.of_kind("HorizontalPodAutoscaler").chain(self.of_kind("ScaledObject"));
        for (at, judged) in scalers {
            let Some(target) = judged.0.value.at(&["spec", "scaleTargetRef"]) else { continue };
            let kind = match text(target, "kind") {
                "" => "Deployment",
                kind => kind,
            };
            over.entry((kind, text(target, "name"))).or_default().push((at, judged));
        }
        for ((kind, name), mut scalers) in over {
            scalers.sort_by_key(|(at, judged)| (judged.0.own, *at));
            let [(_, first), .., (at, last)] = scalers.as_slice() else { continue };
            let message = format!(
                "{} `{}` and {} `{}` scale one {kind}, `{name}`",
                first.0.id.kind, first.0.id.name, last.0.id.kind, last.0.id.name
            );
            let note = "each undoes what the other one does";
            found.push((
                *at,
                governed(
                    message,
                    &["spec", "scaleTargetRef"],
                    note,
                    "keep one of them; `[capacity] autoscale` takes several metrics",
                ),
            ));
        }
    }
}

fn governed(message: String, place: &[&str], note: &str, help: &str) -> Problem {
    let problem = Problem::new(Code::GOVERNED_TWICE, message);
    Problem {
        path: path(place),
        note: Some(note.to_owned()),
        help: Some(help.to_owned()),
        unless_accepted: true,
        ..problem
    }
}
