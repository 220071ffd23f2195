//! What an object asks of nodes by the pods that it makes.

use super::requests;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// The pods of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pods {
    /// How many there are; of a `DaemonSet` one for each node.
    pub count: u64,
    /// Whether each node has one.
    pub on_each_node: bool,
    /// Whether they end by themselves.
    pub end: bool,
    /// What one asks for, in thousandths of a core.
    pub cpu: u64,
    /// What one asks for, in bytes.
    pub memory: u64,
    /// The labels that their nodes have.
    pub nodes: BTreeMap<String, String>,
    /// Whether no taint keeps them away.
    pub tolerate_all: bool,
}

impl Pods {
    /// Those of an object of a kind, whose pods have this `spec`.
    pub fn of(kind: &str, object: &Value, pod: &Value) -> Pods {
        let asked = requests::of(pod);
        let amount = |name: &str| asked.get(name).copied().unwrap_or_default();
        let small = |amount: u128| u64::try_from(amount).unwrap_or(u64::MAX);
        let number = |path: &[&str]| match object.at(path) {
            Some(Value::Int(number)) => u64::try_from(*number).unwrap_or_default(),
            _ => 1,
        };
        let labels = pod.get("nodeSelector").map(Value::entries).unwrap_or_default().iter();
        let mut tolerations = pod.get("tolerations").map(Value::items).unwrap_or_default().iter();
        Pods {
            count: match kind {
                "Job" => number(&["spec", "parallelism"]),
                "CronJob" => number(&["spec", "jobTemplate", "spec", "parallelism"]),
                "Pod" | "DaemonSet" => 1,
                _ => number(&["spec", "replicas"]),
            },
            on_each_node: kind == "DaemonSet",
            end: ["CronJob", "Job"].contains(&kind),
            cpu: small(amount("cpu")),
            memory: small(amount("memory").div_ceil(1000)),
            nodes: labels
                .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect(),
            tolerate_all: tolerations.any(|one| {
                one.get("key").is_none()
                    && one.get("effect").is_none()
                    && one.get("operator").and_then(Value::as_str) == Some("Exists")
            }),
        }
    }
}
