//! Deployments, StatefulSets, and what adds replicas and keeps them.

use super::super::values::{Values, Workload};
use super::super::{pod, role::Runs, size, workload};
use super::row::{At, Row, Why, says};
use crate::kube::labels;

const WORKLOADS: &[&str] = &["deployment", "stateful-set"];

pub(super) const ROWS: &[Row] = &[
    Row { objects: WORKLOADS, field: "spec.replicas", why: replicas },
    Row {
        objects: WORKLOADS,
        field: "spec.revisionHistoryLimit",
        why: |at| at.fixed(3, "former revisions that `kubectl rollout undo` can go back to"),
    },
    Row {
        objects: WORKLOADS,
        field: "spec.minReadySeconds",
        why: |at| {
            let words = "a new pod counts after it was ready for this long, so that a rollout stops at pods that fail early";
            Some(says(of(at)?.min_ready, words).from(at.tier("min_ready")))
        },
    },
    Row { objects: WORKLOADS, field: "spec.progressDeadlineSeconds", why: progress_deadline },
    Row {
        objects: WORKLOADS,
        field: "spec.strategy.rollingUpdate.maxSurge",
        why: |at| {
            let words = "pods above the wanted number while a rollout goes on";
            Some(says(of(at)?.surge, words).from(at.tier("surge")))
        },
    },
    Row {
        objects: WORKLOADS,
        field: "spec.strategy.rollingUpdate.maxUnavailable",
        why: |at| {
            let words = "pods below the wanted number while a rollout goes on; without a surge at least 1, or it could not begin";
            Some(says(of(at)?.unavailable, words).from(at.tier("unavailable")))
        },
    },
    Row { objects: WORKLOADS, field: PEAK, why: peak },
    Row {
        objects: &["stateful-set"],
        field: "spec.volumeClaimTemplates[*].spec.resources.requests.storage",
        why: claim,
    },
    Row {
        objects: &["horizontal-pod-autoscaler"],
        field: "spec.minReplicas",
        why: |at| {
            let Values::Autoscaler { min, .. } = at.values else { return None };
            let size = &at.here.size;
            let words = match at.here.service.autoscale.as_ref()?.min {
                Some(written) => format!("{written}, as the spec says; at least {}: ", size.full),
                None => "as many as without an autoscaler: ".to_owned(),
            };
            let why = says(min, words + &size::because(at.here.service, size));
            let written = at.spec(&["capacity", "autoscale", "min"]);
            Some(with(why, written).from(at.promised_tier()))
        },
    },
    Row {
        objects: &["horizontal-pod-autoscaler"],
        field: "spec.maxReplicas",
        why: |at| {
            let Values::Autoscaler { max, .. } = at.values else { return None };
            let why =
                says(max, "the most, as the spec says; the zones of the region have room for them");
            Some(with(why, at.spec(&["capacity", "autoscale", "max"])))
        },
    },
    Row {
        objects: &["horizontal-pod-autoscaler"],
        field: "spec.metrics[0].resource.target.averageUtilization",
        why: |at| {
            let Values::Autoscaler { cpu, .. } = at.values else { return None };
            let written = at.spec(&["capacity", "autoscale", "cpu"]);
            let words = "percent of the requested CPU that it aims at: replicas are added above it";
            Some(says(cpu, words).from(written.unwrap_or_else(|| at.decided())))
        },
    },
    Row {
        objects: &["pod-disruption-budget"],
        field: "spec.maxUnavailable",
        why: |at| {
            let Values::DisruptionBudget { max_unavailable, .. } = at.values else { return None };
            let size = &at.here.size;
            let words = format!(
                "pods that drains may take at once: {} are left when a zone is lost, {} carry the peak; and at least 1, so that a drain never waits for ever",
                size.survivors, size.peak
            );
            Some(says(max_unavailable, words).from(at.promised_tier()))
        },
    },
];

const PEAK: &str = "metadata.annotations[ninefold.dev/peak-replicas]";

fn of<'a>(at: &At<'a>) -> Option<&'a Workload> {
    if let Values::Workload(workload) = at.values { Some(workload) } else { None }
}

fn with(why: Why, source: Option<super::Source>) -> Why {
    match source {
        Some(source) => why.from(source),
        None => why,
    }
}

fn replicas(at: &At<'_>) -> Option<Why> {
    let (service, size) = (at.here.service, &at.here.size);
    let because = size::because(service, size);
    let words = match size.running {
        0 => {
            format!("nothing runs here until this region takes over; then {}: {because}", size.full)
        }
        _ => because + &of_the_peak(at),
    };
    let why = says(of(at)?.replicas?, words).from(at.spec_or_tier(&["capacity", "peak"], "peak"));
    let why = why.from(at.tier("survives")).from(at.region(&["zones"]));
    Some(match at.here.role.runs {
        Runs::Share => why.from(at.tier("standby")),
        Runs::Peak | Runs::PeakAndShareOfLost | Runs::Nothing => why,
    })
}

/// What of the peak a region carries, where that is not the peak of the spec.
fn of_the_peak(at: &At<'_>) -> String {
    let service = at.here.service;
    match at.here.role.runs {
        Runs::PeakAndShareOfLost if service.regions.len() > 1 => format!(
            "; the peak of one region is {}, and any of the {} regions may be lost",
            service.peak,
            service.regions.len()
        ),
        Runs::Share => format!("; {} % of the peak of {}", service.tier.standby, service.peak),
        Runs::Peak | Runs::PeakAndShareOfLost | Runs::Nothing => String::new(),
    }
}

fn progress_deadline(at: &At<'_>) -> Option<Why> {
    let tier = &at.here.service.tier;
    let words = format!(
        "a rollout that does not move for so many seconds has failed: {} to start, {} until a pod counts, and {} to spare; at least {}",
        pod::start_within(at.here.service),
        tier.min_ready,
        workload::TO_SPARE,
        workload::LEAST_DEADLINE,
    );
    let why = says(of(at)?.progress_deadline, words).from(at.tier("min_ready"));
    Some(with(why, at.spec(&["probes", "start_within"])).from(at.decided()))
}

fn peak(at: &At<'_>) -> Option<Why> {
    let said = at.values.meta().annotations.get(labels::PEAK)?;
    let words = format!("replicas that carry the peak, which no loss may take{}", of_the_peak(at));
    Some(says(said, words).from(at.spec_or_tier(&["capacity", "peak"], "peak")))
}

fn claim(at: &At<'_>) -> Option<Why> {
    let claim = of(at)?.claims.iter().find(|claim| claim.name == *at.captured[0])?;
    let index = at.here.service.volumes.iter().position(|volume| volume.name == claim.name)?;
    let source = at.spec(&["volumes", &index.to_string(), "size"]);
    Some(with(says(&claim.size, "the size of the volume, for each replica"), source))
}
