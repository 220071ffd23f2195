//! What the claims of a service take for granted of the objects that are emitted for it: each of these
//! numbers is in a sum, or in what carries the peak.
//!
//! `object` holds it against what the objects say, whoever wrote them.

use super::proof::{Objective, Scope};
use super::{ServiceInRegion, jobs, lifecycle, placement, scaling};
use crate::kube::RegionName;
use crate::quantity::{Bytes, Cpu, Duration};
use std::collections::BTreeMap;

/// What is taken for granted of the objects of a service in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The region.
    pub region: RegionName,
    /// Replicas that run, the fewest of them where an autoscaler says how many.
    pub replicas: u32,
    /// Whether an autoscaler says it.
    pub scaled: bool,
    /// How long a pod stays on a lost node.
    pub stays: Duration,
    /// How long it may take to be ready, where something ends what takes longer.
    pub start: Option<Duration>,
    /// How long it may take to end.
    pub grace: Duration,
    /// Until it is seen that it hangs; none where nobody looks.
    pub live: Option<Seen>,
    /// Until it is seen that it cannot serve; none where nobody looks.
    pub ready: Option<Seen>,
    /// Whether no zone may hold more than its share.
    pub zones_apart: bool,
    /// Whether no node may hold more than its share.
    pub nodes_apart: bool,
    /// What a pod asks for.
    pub cpu: Cpu,
    /// What a pod asks for.
    pub memory: Bytes,
    /// The volumes that its pods keep data on.
    pub volumes: Vec<String>,
    /// What a pod of each job asks for.
    pub jobs: BTreeMap<String, (Cpu, Bytes)>,
    /// Between two backups; none where nothing backs it up from here.
    pub backups: Option<Duration>,
    /// Instances of its database; none without one.
    pub instances: Option<u32>,
}

/// What a probe sees, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// After so long.
    pub after: Duration,
    /// Whether it only connects.
    pub connects: bool,
}

/// What is claimed of a service, as far as it rests on one of its objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Void {
    /// The region.
    pub region: RegionName,
    /// The claims.
    pub claims: Vec<(Scope, Objective)>,
    /// What voids them: `` `spec.replicas` of Deployment `web` ``.
    pub by: String,
}

impl Void {
    /// Whether it takes back that claim.
    pub(super) fn is_of(&self, scope: Scope, objective: Objective) -> bool {
        self.claims.contains(&(scope, objective))
    }
}

pub(super) fn of(here: &ServiceInRegion<'_>) -> Taken {
    let service = here.service;
    let probes = lifecycle::probes(service);
    let seen = |probe: &lifecycle::Probe| {
        let seconds = probe.period.saturating_mul(probe.failures).saturating_add(probe.timeout);
        Seen { after: Duration::seconds(seconds), connects: probe.tcp }
    };
    let required = |spread| spread == Some(placement::Spread::Required);
    Taken {
        region: here.region.name.clone(),
        replicas: here.size.running,
        scaled: scaling::scales(here),
        stays: service.tier.node_loss,
        start: probes.startup.is_some().then(|| lifecycle::start(service)),
        grace: Duration::seconds(lifecycle::grace(here).value),
        live: probes.live.as_ref().map(seen),
        ready: probes.ready.as_ref().map(seen),
        zones_apart: required(here.placement.zones),
        nodes_apart: required(here.placement.nodes),
        cpu: service.pod_cpu(),
        memory: service.pod_memory(),
        volumes: service.volumes.iter().map(|volume| volume.name.clone()).collect(),
        jobs: jobs::of(here).map(|job| (job.job.name.clone(), job.room())).collect(),
        backups: here
            .backups
            .as_deref()
            .filter(|_| service.keeps_data())
            .map(|backups| backups.first.interval),
        instances: here.database.as_deref().map(|database| database.instances),
    }
}
