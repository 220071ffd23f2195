//! What the replicas of a service ask of the nodes of a region.

use crate::decide::{ServiceInRegion, jobs, size};
use crate::model::{Rollout, Service, WorkloadKind};
use crate::quantity::{Bytes, Cpu};

/// What one service asks of each zone of a region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand<'a> {
    pub(crate) service: &'a Service,
    /// Pods in the fullest zone, less those of jobs.
    pub(crate) pods: u32,
    /// Pods of jobs.
    pub(crate) jobs: u32,
    pub(crate) cpu: Cpu,
    pub(crate) memory: Bytes,
}

impl Demand<'_> {
    pub(super) fn all_pods(&self) -> u32 {
        self.pods.saturating_add(self.jobs)
    }
}

/// Whether anything of a service runs here.
pub(crate) fn asks(here: &ServiceInRegion<'_>) -> bool {
    here.size.running > 0 || here.service.postgresql.is_some() || jobs::demand(here).0 > 0
}

/// The fullest zone's share. A Deployment that is replaced stands beside its successor until it
/// is retired, so it counts once more; what is kept beyond that, `kept` counts.
pub(crate) fn demand<'a>(here: &ServiceInRegion<'a>) -> Demand<'a> {
    share(here, max(here, here.size.running), here.role.scales)
}

/// The most replicas that an autoscaler may make of `running`.
fn max(here: &ServiceInRegion<'_>, running: u32) -> u32 {
    let autoscale = here.service.autoscale.as_ref().filter(|_| here.role.scales);
    running.max(autoscale.map_or(0, |autoscale| autoscale.max))
}

/// What `replicas` of the current generation ask of the fullest zone, with the surge of a rollout,
/// beside the kept generations as they run here.
pub(crate) fn share<'a>(here: &ServiceInRegion<'a>, replicas: u32, scales: bool) -> Demand<'a> {
    let service = here.service;
    let in_zone = |replicas| size::fullest_zone(replicas, here.size.zones);
    let former = match &service.autoscale {
        Some(autoscale) if scales => here.size.running.max(autoscale.max),
        Some(_) | None => here.size.running,
    };
    let surge = if replicas > 0 { service.tier.surge } else { 0 };
    let pods = in_zone(replicas + surge) + replaced(service) * in_zone(former);
    // The fullest zone's share of the instances of a database.
    let (instances, cpu, memory) = database_demand(here);
    let instances = u64::from(in_zone(instances));
    // Any zone may get all of its jobs.
    let (working, cpu_of_jobs, memory_of_jobs) = jobs::demand(here);
    Demand {
        service,
        pods,
        jobs: working,
        cpu: service.pod_cpu() * u64::from(pods) + cpu * instances + cpu_of_jobs,
        memory: service.pod_memory() * u64::from(pods) + memory * instances + memory_of_jobs,
    }
}

/// Instances of a database here, and what each of them needs.
fn database_demand(here: &ServiceInRegion<'_>) -> (u32, Cpu, Bytes) {
    let database = here.database.as_deref().map(|it| (it.instances, it.cpu, it.memory));
    database.unwrap_or((0, here.fleet.cpu, here.fleet.memory))
}

/// How many former generations stand beside a release until it serves.
fn replaced(service: &Service) -> u32 {
    let replaced = service.kind == WorkloadKind::Deployment && service.rollout == Rollout::Replace;
    u32::from(replaced)
}

/// The pods of the fullest zone that [`demand`] counts for a former generation.
pub(crate) fn former_share(here: &ServiceInRegion<'_>) -> u32 {
    replaced(here.service) * size::fullest_zone(max(here, here.size.running), here.size.zones)
}
