//! Pods of a user's own templates that would join a service by their labels.
//!
//! A Service sends them traffic, and a disruption budget over a pod whose owner has no scale
//! subresource allows no disruption at all, even when the pod has ended (`failSafe` in
//! `pkg/controller/disruption`): drains wait for ever.

use crate::kube::{Kind, labels};
use crate::yaml::Value;

/// Where a kind whose pods end by themselves has their labels.
fn pods(kind: &Kind) -> Option<&'static [&'static str]> {
    const OF_A_JOB: &[&str] = &["spec", "template", "metadata", "labels"];
    const OF_A_CRON_JOB: &[&str] =
        &["spec", "jobTemplate", "spec", "template", "metadata", "labels"];
    if *kind == Kind::Job {
        Some(OF_A_JOB)
    } else if *kind == Kind::CronJob {
        Some(OF_A_CRON_JOB)
    } else {
        None
    }
}

/// The path of the labels by which the pods of `value` join a service.
pub(super) fn find(kind: &Kind, value: &Value) -> Option<Vec<String>> {
    let path = pods(kind)?;
    let joins = value.at(path)?.get(labels::SERVICE).is_some();
    joins.then(|| path.iter().copied().chain([labels::SERVICE]).map(str::to_owned).collect())
}
