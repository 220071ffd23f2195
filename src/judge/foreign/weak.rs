//! What makes a workload weak, whatever is lost.

use super::super::cluster::{HOST, ZONE};
use super::super::drain::{self, Over};
use super::read::{Claim, Running};
use schemars::JsonSchema;
use serde::Serialize;

/// A weakness, and the object that has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Weakness {
    /// Which one.
    pub kind: Weak,
    /// What it is, and what follows from it.
    pub text: String,
}

/// What makes a workload weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Weak {
    /// A pod that no controller recreates.
    BarePod,
    /// One replica: whatever takes it takes all.
    SingleReplica,
    /// Nothing that is required keeps its replicas on several zones, or nodes.
    NoSpread,
    /// No disruption budget: a drain may take all of its pods at once.
    NoBudget,
    /// A drain waits for ever.
    DrainWaits,
    /// All replicas use one volume, and stand together.
    SharedVolume,
    /// A volume that cannot leave its zone, or its node.
    BoundVolume,
    /// A volume of which nobody makes copies, as far as the objects say.
    NoBackup,
    /// No probe says when a pod is ready.
    NoProbe,
    /// A container asks for no room, so that nobody knows whether it finds some.
    NoRequests,
}

impl Weak {
    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Weak::BarePod => "Pods without a controller",
            Weak::SingleReplica => "One replica",
            Weak::NoSpread => "No spread",
            Weak::NoBudget => "No disruption budget",
            Weak::DrainWaits => "A drain waits for ever",
            Weak::SharedVolume => "One volume for all replicas",
            Weak::BoundVolume => "Volumes that stay where they are",
            Weak::NoBackup => "Volumes without a backup",
            Weak::NoProbe => "No probe says when a pod is ready",
            Weak::NoRequests => "Pods without requests",
        }
    }
}

/// All of a workload's.
pub(super) fn of(
    running: &Running,
    over: &[Over<'_>],
    free: &dyn Fn(&Claim) -> bool,
) -> Vec<Weakness> {
    let workload = &running.workload;
    let mut found = Vec::new();
    let mut add = |kind, text: String| found.push(Weakness { kind, text });
    if !running.returns {
        add(
            Weak::BarePod,
            "no controller recreates it: once its node is lost, it is gone".to_owned(),
        );
    } else if workload.replicas == 1 {
        add(
            Weak::SingleReplica,
            "one replica: nothing serves from the loss of its node until another pod is ready"
                .to_owned(),
        );
    }
    if workload.replicas > 1 {
        let kept = |key: &str| {
            workload.pod.spread.iter().any(|spread| spread.key == key)
                || workload.pod.apart.iter().any(|term| term.key == key)
        };
        // One at most in a zone is one at most on a node.
        let alone = workload.pod.apart.iter().any(|term| term.key == ZONE);
        let missing: Vec<&str> = [(ZONE, "zone"), (HOST, "node")]
            .into_iter()
            .filter(|(key, _)| !kept(key) && !alone)
            .map(|(_, what)| what)
            .collect();
        if !missing.is_empty() {
            let wished = if workload.pod.wishes { ", a spread is only preferred" } else { "" };
            let text = format!("one {} may hold all replicas{wished}", missing.join(" or one "));
            add(Weak::NoSpread, text);
        }
    }
    // The operator of a database makes its budget.
    if workload.database.is_none()
        && let Some((kind, text)) = drain::weakness(over, workload.replicas)
    {
        add(kind, text);
    }
    for claim in &running.claims {
        if !claim.each && workload.replicas > 1 && !(claim.shared && free(claim)) {
            let place = if claim.shared { "zone" } else { "node" };
            let text = format!("all replicas use `{}`, so all stand on one {place}", claim.name);
            add(Weak::SharedVolume, text);
        }
        if claim.local {
            let text = format!("`{}` stands on one node: its pod waits for that node", claim.name);
            add(Weak::BoundVolume, text);
        } else if !free(claim) {
            let text =
                format!("`{}` cannot leave its zone: its pod waits for that zone", claim.name);
            add(Weak::BoundVolume, text);
        }
        if claim.kept.is_none() {
            let text = format!("nothing here makes copies of `{}`", claim.name);
            add(Weak::NoBackup, text);
        }
    }
    if !running.probed {
        let text = "no probe: a pod counts as ready once its process runs, and how long it takes to start is not known";
        add(Weak::NoProbe, text.to_owned());
    }
    if !running.sized {
        add(Weak::NoRequests, "a container requests no CPU and no memory".to_owned());
    }
    found
}
