//! Whether every zone holds its share of the replicas that are promised in it.

use super::{Here, places, postgresql, size};
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::RegionName;
use crate::model::{Model, Region, Service};
use crate::spec::fleet::{Survives, Zone};
use crate::spec::quantity::{Bytes, Cpu};
use crate::spec::service::{Rollout, WorkloadKind};
use std::collections::BTreeMap;

/// What one service asks of each zone of a region.
struct Demand<'a> {
    service: &'a Service,
    pods: u32,
    cpu: Cpu,
    memory: Bytes,
}

pub(super) fn check(sink: &mut Sink, model: &Model) {
    let mut by_region: BTreeMap<&RegionName, (&Region, Vec<Demand<'_>>)> = BTreeMap::new();
    for service in model.services() {
        for here in places(model.fleet(), service) {
            nodes(sink, &here);
            if here.size.running == 0 && here.service.postgresql.is_none() {
                continue;
            }
            let demands = by_region.entry(&here.region.name).or_insert((here.region, Vec::new()));
            demands.1.push(demand(&here));
        }
    }
    // A sum of some services says too little.
    if !model.is_whole() {
        return;
    }
    for (region, mut demands) in by_region.into_values() {
        let cpu: u64 = demands.iter().map(|demand| demand.cpu.as_millis()).sum();
        let memory: u64 = demands.iter().map(|demand| demand.memory.get()).sum();
        for resource in [Resource::Cpu, Resource::Memory] {
            let needed = match resource {
                Resource::Cpu => cpu,
                Resource::Memory => memory,
            };
            demands.sort_by_key(|demand| {
                (std::cmp::Reverse(resource.of(demand)), demand.service.name.as_str())
            });
            let lacking: Vec<(usize, &Zone)> = (region.zones.iter().enumerate())
                .filter(|(_, zone)| needed > resource.in_zone(zone))
                .collect();
            if !lacking.is_empty() {
                sink.error(too_small(model, region, resource, needed, &lacking, &demands));
            }
        }
    }
}

/// What a zone has, in one unit for everything that a finding says about it.
#[derive(Clone, Copy)]
enum Resource {
    Cpu,
    Memory,
}

impl Resource {
    fn field(self) -> &'static str {
        match self {
            Resource::Cpu => "cpu",
            Resource::Memory => "memory",
        }
    }

    fn in_zone(self, zone: &Zone) -> u64 {
        match self {
            Resource::Cpu => zone.cpu.as_millis(),
            Resource::Memory => zone.memory.get(),
        }
    }

    fn of(self, demand: &Demand<'_>) -> u64 {
        match self {
            Resource::Cpu => demand.cpu.as_millis(),
            Resource::Memory => demand.memory.get(),
        }
    }

    /// `0.5 cores`, `12.3Gi of memory`; never less than it is.
    fn shown(self, amount: u64) -> String {
        match self {
            Resource::Cpu if amount == 1000 => "1 core".to_owned(),
            Resource::Cpu => format!("{} cores", decimal(amount, 1000)),
            Resource::Memory => {
                format!("{}Gi of memory", decimal((amount * 10).div_ceil(1 << 30), 10))
            }
        }
    }
}

/// `amount` of such parts as a number, without zeros that say nothing.
fn decimal(amount: u64, parts: u64) -> String {
    let digits = parts.ilog10() as usize;
    let text = format!("{}.{:0digits$}", amount / parts, amount % parts);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// One finding for all the zones of a region that lack the same.
fn too_small(
    model: &Model,
    region: &Region,
    resource: Resource,
    needed: u64,
    lacking: &[(usize, &Zone)],
    demands: &[Demand<'_>],
) -> Diagnostic {
    let needed = resource.shown(needed);
    let who = match lacking {
        [(_, zone)] => format!("zone `{}` cannot hold its share: it needs", zone.name),
        [..] if lacking.len() == region.zones.len() => {
            format!("no zone of `{}` can hold its share: each needs", region.name)
        }
        [..] => {
            let zones = diag::list(lacking.iter().map(|(_, zone)| zone.name.as_str()));
            format!("zones {zones} cannot hold their share: each needs")
        }
    };
    let mut finding = Diagnostic::new(Code::ZONE_TOO_SMALL, format!("{who} {needed}"));
    for (number, (index, zone)) in lacking.iter().enumerate() {
        let index = index.to_string();
        let path = ["regions", region.name.as_str(), "zones", &index, resource.field()];
        let place = model.fleet().document.at(&path);
        let has = format!("has {}", resource.shown(resource.in_zone(zone)));
        finding = match number {
            0 => finding.at(place, has),
            _ => finding.related(place, has),
        };
    }
    if let Some(largest) = demands.first() {
        let (share, pods) = (resource.shown(resource.of(largest)), largest.pods);
        finding = finding.related(
            largest.service.origin(&["capacity", "peak"]),
            format!("the largest share: {share} for {pods} pods"),
        );
    }
    let next: Vec<String> = (demands.iter().skip(1).take(2))
        .map(|demand| {
            let share = resource.shown(resource.of(demand));
            format!("`{}` with {share} for {} pods", demand.service.name, demand.pods)
        })
        .collect();
    if !next.is_empty() {
        finding = finding.note(format!("the next largest: {}", next.join(", ")));
    }
    finding
        .note("a share is the fullest zone's replicas, the surge of a rollout, and the generation that is being replaced")
        .help(format!("add nodes until each zone has {needed}, or move a service to another region"))
}

/// Replicas that outlive a node stand on nodes of their own.
fn nodes(sink: &mut Sink, here: &Here<'_>) {
    let (service, region) = (here.service, here.region);
    let has: u32 = region.zones.iter().map(|zone| zone.nodes).sum();
    let needs = here.size.full;
    if service.tier.survives != Survives::Node || has >= needs {
        return;
    }
    let index = service.regions.iter().position(|other| other.name == region.name);
    let index = index.expect("it runs there").to_string();
    sink.error(
        Diagnostic::new(
            Code::ZONE_TOO_SMALL,
            format!("`{}` needs {needs} nodes in `{}`, it has {has}", service.name, region.name),
        )
        .at(service.at(&["regions", &index]), "")
        .related(service.at(&["tier"]), "survives the loss of a node")
        .note(format!(
            "{} replicas carry the peak and one may be lost, so no two may share a node",
            here.size.peak
        ))
        .help("add nodes, or lower `capacity.peak`"),
    );
}

/// The fullest zone's share. A Deployment that is replaced stands beside its successor until it
/// is retired, so it counts once more for each generation that is kept.
fn demand<'a>(here: &Here<'a>) -> Demand<'a> {
    let service = here.service;
    let most = service.autoscale.as_ref().filter(|_| here.role.scales).map_or(0, |auto| auto.max);
    let replicas = here.size.running.max(most);
    let replaced = service.kind == WorkloadKind::Deployment && service.rollout == Rollout::Replace;
    let pods = if replaced {
        size::fullest_zone(replicas, here.size.zones) * (1 + service.retain)
    } else {
        size::fullest_zone(replicas + service.tier.surge, here.size.zones)
    };
    // The fullest zone's share of the instances of a database.
    let (instances, cpu, memory) = postgresql::demand(here);
    let instances = u64::from(size::fullest_zone(instances, here.size.zones));
    Demand {
        service,
        pods,
        cpu: Cpu::millis(
            (service.cpu * u64::from(pods)).as_millis() + (cpu * instances).as_millis(),
        ),
        memory: service.memory * u64::from(pods) + memory * instances,
    }
}
