//! Which pods the scheduler counts together.

use super::pods::Workload;
use crate::kube::read::selector::Selector;
use std::collections::BTreeMap;

/// For each workload, those of its namespace whose pods its constraints count, or whose own
/// constraints keep away from it, and last the workload itself.
pub(super) fn of<'a>(workloads: &[&'a Workload]) -> Vec<Vec<&'a Workload>> {
    let mut by_namespace: BTreeMap<&str, Vec<&'a Workload>> = BTreeMap::new();
    for workload in workloads {
        by_namespace.entry(&workload.place.namespace).or_default().push(workload);
    }
    (workloads.iter())
        .map(|own| {
            let neighbours = by_namespace[own.place.namespace.as_str()].iter().copied();
            let others =
                neighbours.filter(|other| other.place != own.place && concerns(own, other));
            others.chain([*own]).collect()
        })
        .collect()
}

/// The workload that a group is of.
pub(super) fn own<'a>(group: &[&'a Workload]) -> &'a Workload {
    group.last().expect("it holds the workload itself")
}

fn concerns(own: &Workload, other: &Workload) -> bool {
    let counts = |selector: &Selector| selector.selects(&other.pod.labels);
    own.pod.spread.iter().any(|spread| counts(&spread.selector))
        || own.pod.apart.iter().chain(&own.pod.near).any(|term| counts(&term.selector))
        || other.pod.apart.iter().any(|term| term.selector.selects(&own.pod.labels))
}
