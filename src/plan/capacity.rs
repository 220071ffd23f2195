//! Whether every zone holds its share of the replicas that are promised in it.

use super::{Here, places, size};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::RegionName;
use crate::model::{Model, Region};
use crate::spec::fleet::Survives;
use crate::spec::quantity::{Bytes, Cpu};
use crate::spec::service::{Rollout, WorkloadKind};
use std::collections::BTreeMap;

/// What one service asks of each zone of a region.
struct Demand<'a> {
    service: &'a str,
    pods: u32,
    cpu: Cpu,
    memory: Bytes,
}

pub(super) fn check(sink: &mut Sink, model: &Model) {
    let mut by_region: BTreeMap<&RegionName, (&Region, Vec<Demand<'_>>)> = BTreeMap::new();
    for service in model.services() {
        for here in places(model.fleet(), service) {
            nodes(sink, &here);
            if here.size.running == 0 {
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
        for (index, zone) in region.zones.iter().enumerate() {
            let lacking = [
                (
                    "cpu",
                    cpu > zone.cpu.as_millis(),
                    Cpu::millis(cpu).to_string(),
                    zone.cpu.to_string(),
                ),
                ("memory", memory > zone.memory.get(), mebibytes(memory), zone.memory.to_string()),
            ];
            for (field, _, needed, has) in lacking.into_iter().filter(|(_, lacks, ..)| *lacks) {
                demands.sort_by_key(|demand| {
                    let size =
                        if field == "cpu" { demand.cpu.as_millis() } else { demand.memory.get() };
                    (std::cmp::Reverse(size), demand.service)
                });
                let place = ["regions", region.name.as_str(), "zones", &index.to_string(), field];
                sink.error(
                    Diagnostic::new(
                        Code::ZONE_TOO_SMALL,
                        format!("zone `{}` cannot hold its share: it needs {needed} of {field} and has {has}", zone.name),
                    )
                    .at(model.fleet().document.at(&place), "")
                    .note(format!("the largest: {}", largest(&demands, field)))
                    .note("a share is the fullest zone's replicas, the surge of a rollout, and the generation that is being replaced")
                    .help(format!("add nodes until the zone has {needed} of {field}, or move a service to another region")),
                );
            }
        }
    }
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
    Demand {
        service: service.name.as_str(),
        pods,
        cpu: service.cpu * u64::from(pods),
        memory: service.memory * u64::from(pods),
    }
}

fn largest(demands: &[Demand<'_>], field: &str) -> String {
    let shown: Vec<String> = (demands.iter().take(3))
        .map(|demand| {
            let amount =
                if field == "cpu" { demand.cpu.to_string() } else { demand.memory.to_string() };
            format!("`{}` with {amount} for {} pods", demand.service, demand.pods)
        })
        .collect();
    shown.join(", ")
}

fn mebibytes(bytes: u64) -> String {
    Bytes::mebibytes(bytes.div_ceil(1 << 20)).to_string()
}
