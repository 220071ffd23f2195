//! Replicas that are missing, or in the wrong zone; a budget that lets no drain go on; and the time
//! for which a tier may not serve.
//!
//! Metrics are those of kube-state-metrics 2 (`docs/metrics/`); the zone of a node is among them
//! only with `--metric-labels-allowlist=nodes=[topology.kubernetes.io/zone]`.

mod burns; // the error budget

use super::{Condition, DATA, Severity, any_generation};
use crate::decide::proof::Proof;
use crate::decide::watch::{self, SETTLED, SILENCE};
use crate::decide::{ServiceInRegion, scaling};
use crate::model::{Rollout, Survives, WorkloadKind};
use burns::burns;

/// The label of the zone, as kube-state-metrics spells it.
pub(super) const ZONE: &str = "label_topology_kubernetes_io_zone";

/// The sections of a card for the loss of a node and of a zone.
const NODE: &str = "a-node-is-lost";
const ZONE_SECTION: &str = "a-zone-is-lost";

/// The section of a card for a release that does not come up, where that stops the service.
const RELEASE: &str = "a-release-does-not-come-up";

pub(super) fn conditions(here: &ServiceInRegion<'_>, proof: &Proof) -> Vec<Condition> {
    if here.size.running == 0 {
        return Vec::new();
    }
    let ready = ready(here);
    let mut conditions = vec![missing(here, proof, &ready)];
    conditions.extend(unserved(here, proof, &ready));
    if here.size.full > here.size.peak {
        conditions.push(no_spare(here, proof, &ready));
    }
    conditions.push(unseen(here));
    conditions.extend(not_ready(here));
    if proof.survivors_of_zone_loss >= here.size.peak && here.size.zones > 1 {
        conditions.push(skewed(here, &ready));
    }
    if here.size.full > 1 {
        conditions.push(blocked(here, proof));
    }
    if here.role.serves {
        conditions.extend(burns(here, &ready));
    }
    conditions
}

/// The metric of ready replicas, of every generation.
fn series(here: &ServiceInRegion<'_>) -> (&'static str, String) {
    let service = here.service;
    let (namespace, name) = (&service.namespace, service.logical(""));
    match (service.kind, service.rollout) {
        (WorkloadKind::Stateful, _) => (
            "statefulset",
            format!(
                "kube_statefulset_status_replicas_ready{{namespace=\"{namespace}\",statefulset=\"{name}\"}}"
            ),
        ),
        (WorkloadKind::Deployment, Rollout::Rolling) => (
            "deployment",
            format!(
                "kube_deployment_status_replicas_ready{{namespace=\"{namespace}\",deployment=\"{name}\"}}"
            ),
        ),
        (WorkloadKind::Deployment, Rollout::Replace) => (
            "deployment",
            format!(
                "kube_deployment_status_replicas_ready{{namespace=\"{namespace}\",deployment=~\"{}\"}}",
                any_generation(&name)
            ),
        ),
    }
}

/// Ready replicas, each counted once although two instances of kube-state-metrics may tell of it.
fn ready(here: &ServiceInRegion<'_>) -> String {
    let (label, series) = series(here);
    format!("sum(max by ({label}) ({series}))")
}

/// The names of the pods of every generation, as a regular expression.
fn pods(here: &ServiceInRegion<'_>) -> String {
    let service = here.service;
    let name = service.logical("");
    match (service.kind, service.rollout) {
        (WorkloadKind::Stateful, _) => format!("{name}-[0-9]+"),
        (WorkloadKind::Deployment, Rollout::Rolling) => format!("{name}-[a-z0-9]+-[a-z0-9]{{5}}"),
        (WorkloadKind::Deployment, Rollout::Replace) => {
            format!("{}-[a-z0-9]+-[a-z0-9]{{5}}", any_generation(&name))
        }
    }
}

fn missing(here: &ServiceInRegion<'_>, proof: &Proof, ready: &str) -> Condition {
    let (size, service) = (&here.size, here.service);
    let tolerated = watch::short(here, proof);
    let loss = match service.survives() {
        Survives::Pod => format!("a pod that restarts is back within {tolerated}"),
        Survives::Node => "they are left after the loss of a node".to_owned(),
        Survives::Zone | Survives::Region => "they are left after the loss of a zone".to_owned(),
    };
    Condition {
        name: "PeakNotCarried",
        expression: format!("{ready} < {}", size.peak),
        hold: tolerated,
        severity: Severity::Critical,
        summary: format!(
            "{{{{ $value }}}} replicas of {} are ready in {}, {} carry the peak",
            service.name.plain(),
            here.region.name,
            size.peak
        ),
        reason: format!("{} of {} replicas carry the peak: {loss}", size.peak, size.full),
        about: None,
        section: match service.survives() {
            Survives::Pod | Survives::Node => NODE.to_owned(),
            Survives::Zone | Survives::Region => ZONE_SECTION.to_owned(),
        },
        action: None,
    }
}

/// Pods that are ready, and get no requests: of a zone whose endpoints somebody took out of use.
fn unserved(here: &ServiceInRegion<'_>, proof: &Proof, ready: &str) -> Option<Condition> {
    let (service, peak) = (here.service, here.size.peak);
    if service.ports.is_empty() || peak == 0 {
        return None;
    }
    let (namespace, name) = (&service.namespace, service.logical(""));
    let of = format!("namespace=\"{namespace}\",endpointslice=~\"{name}-[a-z0-9]+\"");
    // A pod has an endpoint for each of its addresses, and slices of no endpoint are left.
    let served = format!(
        "(count(max by (targetref_name) (kube_endpointslice_endpoints{{{of},ready=\"true\"}})) or vector(0))"
    );
    let known = format!("count(kube_endpointslice_info{{{of}}}) > 0");
    Some(Condition {
        name: "PeakNotServed",
        expression: format!(
            "({served} < {peak}) and on () ({ready} >= {peak}) and on () ({known})"
        ),
        hold: watch::short(here, proof),
        severity: Severity::Critical,
        summary: format!(
            "{{{{ $value }}}} replicas of {} get requests in {}, {peak} carry the peak, and as many are ready",
            service.name.plain(),
            here.region.name,
        ),
        reason: "a zone that is cordoned, as by a zonal shift, keeps its pods ready and takes their endpoints out of use: nothing replaces them before its nodes are drained".to_owned(),
        about: None,
        section: ZONE_SECTION.to_owned(),
        action: None,
    })
}

fn no_spare(here: &ServiceInRegion<'_>, proof: &Proof, ready: &str) -> Condition {
    let back = watch::back(proof);
    Condition {
        name: "NextLossNotSurvived",
        expression: format!("{ready} < {}", here.size.full),
        hold: back,
        severity: Severity::Warning,
        summary: format!(
            "{{{{ $value }}}} of {} replicas of {} are ready in {}: what the tier {} survives, it now does not",
            here.size.full,
            here.service.name.plain(),
            here.region.name,
            here.service.tier.name
        ),
        reason: format!(
            "{} replicas so that {} are left; one that is lost with its node is back within {back}",
            here.size.full, here.size.peak
        ),
        about: None,
        section: NODE.to_owned(),
        action: None,
    }
}

fn unseen(here: &ServiceInRegion<'_>) -> Condition {
    let (_, series) = series(here);
    Condition {
        name: "ReplicasNotSeen",
        expression: format!("absent({series})"),
        hold: SILENCE,
        severity: Severity::Critical,
        summary: format!(
            "Nothing tells how many replicas of {} are ready in {}",
            here.service.name.plain(), here.region.name
        ),
        reason: "no alert about its replicas can be raised: the workload is gone, or kube-state-metrics is not scraped".to_owned(),
        about: None,
        section: NODE.to_owned(),
        action: None,
    }
}

/// A release that does not come up while the former generation serves: the sum of both hides it.
/// Where a Deployment keeps its name, its former pods do the same. A StatefulSet replaces pods in
/// place, so one that does not come up is missing.
fn not_ready(here: &ServiceInRegion<'_>) -> Option<Condition> {
    let service = here.service;
    let (namespace, name) = (&service.namespace, service.logical(""));
    let each = |metric: &str, of: &str| {
        format!("max by (deployment) ({metric}{{namespace=\"{namespace}\",deployment{of}}})")
    };
    let deadline = watch::deadline(here);
    let expression = match (service.kind, service.rollout) {
        (WorkloadKind::Stateful, _) => return None,
        (WorkloadKind::Deployment, Rollout::Replace) => {
            let of = format!("=~\"{}\"", any_generation(&name));
            let ready = each("kube_deployment_status_replicas_ready", &of);
            let wanted = each("kube_deployment_spec_replicas", &of);
            format!("({wanted} > {ready}) and on () (count({ready}) > 1)")
        }
        // The Deployment itself says that a rollout has failed. Pods that are missing for
        // another reason, such as a lost node, are no release that does not come up.
        (WorkloadKind::Deployment, Rollout::Rolling) => {
            let of = format!("=\"{name}\"");
            let wanted = each("kube_deployment_status_replicas", &of);
            let ready = each("kube_deployment_status_replicas_ready", &of);
            let failed = format!("{of},condition=\"Progressing\",status=\"false\"");
            let failed = each("kube_deployment_status_condition", &failed);
            format!("({wanted} > {ready}) and on (deployment) ({failed} == 1)")
        }
    };
    Some(Condition {
        name: "GenerationNotReady",
        expression,
        hold: watch::not_ready(here),
        severity: Severity::Warning,
        summary: format!(
            "{{{{ $labels.deployment }}}} in {} does not become ready, {{{{ $value }}}} replicas are wanted; what it is to replace hides it",
            here.region.name
        ),
        reason: format!(
            "a pod is ready, or its rollout has failed, within {deadline}; until somebody mends or retires it, the former generation serves"
        ),
        about: None,
        section: if here.service.single_writer { RELEASE } else { DATA }.to_owned(),
        action: None,
    })
}

/// The scheduler spreads what it places, and moves nothing: after a zone came back, all replicas
/// may be in the others.
fn skewed(here: &ServiceInRegion<'_>, ready: &str) -> Condition {
    let namespace = &here.service.namespace;
    let pods = pods(here);
    let of = format!("namespace=\"{namespace}\",pod=~\"{pods}\"");
    let running = format!(
        "max by (pod) (kube_pod_status_ready{{{of},condition=\"true\"}} == 1) * on (pod) group_left (node) max by (pod, node) (kube_pod_info{{{of},node!=\"\"}})"
    );
    let zones = format!("max by (node, {ZONE}) (kube_node_labels{{{ZONE}!=\"\"}})");
    let by_zone = format!("count by ({ZONE}) ({running} * on (node) group_left ({ZONE}) {zones})");
    let size = &here.size;
    Condition {
        name: "ZonesSkewed",
        expression: format!(
            "(count({running}) - max({by_zone}) < {}) and ({ready} >= {})",
            size.peak, size.full
        ),
        hold: SETTLED,
        severity: Severity::Warning,
        summary: format!(
            "The loss of one zone of {} would leave {{{{ $value }}}} replicas of {}, {} carry the peak",
            here.region.name,
            here.service.name.plain(),
            size.peak
        ),
        reason: format!(
            "{} replicas over {} zones leave {} after the loss of any; the scheduler moves none by itself, a rollout does",
            size.full, size.zones, size.survivors
        ),
        about: None,
        section: ZONE_SECTION.to_owned(),
        action: None,
    }
}

fn blocked(here: &ServiceInRegion<'_>, proof: &Proof) -> Condition {
    let (namespace, name) = (&here.service.namespace, here.service.logical(""));
    let back = watch::back(proof);
    Condition {
        name: "DisruptionBudgetAtZero",
        expression: format!(
            "max(kube_poddisruptionbudget_status_pod_disruptions_allowed{{namespace=\"{namespace}\",poddisruptionbudget=\"{name}\"}}) == 0"
        ),
        hold: back,
        severity: Severity::Warning,
        summary: format!(
            "No pod of {} in {} may be evicted: drains of its nodes wait",
            here.service.name.plain(),
            here.region.name
        ),
        reason: format!(
            "{} of {} may be missing at once, and one that was evicted is back within {back}",
            scaling::max_unavailable(here).map_or(0, |max| max.value),
            here.size.full
        ),
        about: None,
        section: NODE.to_owned(),
        action: None,
    }
}
