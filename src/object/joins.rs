//! Pods of a user's own templates that would join a service by their labels.
//!
//! A Service sends them traffic, and a disruption budget over a pod whose owner has no scale
//! subresource allows no disruption at all, even when the pod has ended (`failSafe` in
//! `pkg/controller/disruption`): drains wait for ever.

use crate::kube::{Kind, labels, references};
use crate::yaml::Value;

/// The path of the labels by which the pods of `value` join a service.
pub(super) fn find(kind: &Kind, value: &Value) -> Option<Vec<String>> {
    let path = match kind.row() {
        Some(row) => {
            [row.pods.template.filter(|_| row.pods.end)?, &["metadata", "labels"]].concat()
        }
        // A kind that is not made here: its pods are nobody's that a service knows of.
        None => {
            let mut path = references::pods(kind)?;
            path.pop();
            path.extend(["metadata", "labels"]);
            path
        }
    };
    let joins = value.at(&path)?.get(labels::SERVICE).is_some();
    joins.then(|| path.into_iter().chain([labels::SERVICE]).map(str::to_owned).collect())
}
