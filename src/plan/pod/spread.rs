//! How the replicas of a service spread over zones and nodes.

use crate::decide::{ServiceInRegion, placement};
use crate::kube::labels;
use crate::model::{Service, WorkloadKind};
use crate::plan::values::Map;
use serde::Serialize;

const HOST: &str = "kubernetes.io/hostname";

/// A spread over failure domains, with a skew of 1.
#[derive(Clone, Debug, Serialize)]
pub struct Spread {
    /// The label of nodes that names the domain.
    pub key: &'static str,
    /// By how many pods domains may differ.
    pub max_skew: u32,
    /// `DoNotSchedule` or `ScheduleAnyway`.
    pub when: &'static str,
    /// Domains that must be there, or the missing ones count as empty.
    pub min_domains: Option<u32>,
    /// Whose pods are counted.
    pub selector: Map,
}

/// The spread constraints of a pod; the template adds what is the same for all of them.
///
/// Both are written whenever one is: a pod with any constraint of its own gets none of the
/// cluster's defaults.
pub(super) fn spread(here: &ServiceInRegion<'_>) -> Vec<Spread> {
    let min_domains = placement::min_domains(here).map(|number| number.value);
    let constraint = |spread, key, min_domains| Spread {
        key,
        max_skew: placement::max_skew().value,
        when: match spread {
            placement::Spread::Required => "DoNotSchedule",
            placement::Spread::Preferred => "ScheduleAnyway",
        },
        min_domains,
        selector: here.selector(),
    };
    let zones = here.placement.zones.map(|spread| constraint(spread, labels::ZONE, min_domains));
    let nodes = here.placement.nodes.map(|spread| constraint(spread, HOST, None));
    zones.into_iter().chain(nodes).collect()
}

/// The labels that tell one revision of the pods from another, so that a rollout does not count
/// the pods that it replaces: otherwise it ends skewed.
///
/// None for a StatefulSet: its volumes hold each replica in its zone, and a constraint that counts
/// revisions apart could keep a replica from coming back to where its volume is.
pub(super) fn revision(service: &Service) -> Vec<String> {
    match service.kind {
        WorkloadKind::Deployment => vec!["pod-template-hash".to_owned()],
        WorkloadKind::Stateful => Vec::new(),
    }
}
