//! Replicas that a node can hold.

use crate::diag::{Code, Diagnostic, Sink};
use crate::model::{Model, Service};
use crate::quantity::{Bytes, Cpu};
use crate::spec::fleet::{Spread, Zone};

/// The fleet says what all nodes of a zone have together, so each is taken to have its share. A
/// zone may have some larger ones: hence a warning.
pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    devices(sink, model, service);
    beside(sink, model, service);
    for (index, region) in service.regions.iter().enumerate() {
        let narrow: Vec<(usize, &Zone)> = (region.zones.iter().enumerate())
            .filter(|(_, zone)| {
                service.pod_cpu() > cpu(zone) || service.pod_memory() > memory(zone)
            })
            .collect();
        // Replicas that may go to any zone need one that holds them.
        let anywhere = service.tier.zone_spread != Spread::Required;
        let (Some((at, zone)), false) =
            (narrow.first(), anywhere && narrow.len() < region.zones.len())
        else {
            continue;
        };
        let zones = region.path_of_zone(*at, "nodes");
        sink.report(
            Diagnostic::new(
                Code::NODE_TOO_SMALL,
                format!(
                    "no node of `{}` may have room for a replica of `{}`",
                    zone.name, service.name
                ),
            )
            .at(service.at(&["regions", &index.to_string()]), "")
            .related(
                model.fleet().document.at_owned(&zones),
                format!("{} and {} each, if they are alike", cpu(zone), memory(zone)),
            )
            .note(format!(
                "a replica asks for {} of CPU and {} of memory, on one node",
                service.pod_cpu(),
                service.pod_memory()
            ))
            .help(help(service, &narrow)),
        );
    }
}

/// Pods of jobs and instances of a database: any node may get one, so one must hold it.
fn beside(sink: &mut Sink, model: &Model, service: &Service) {
    let replica = (service.cpu, service.memory);
    let jobs = service.jobs.iter().enumerate().map(|(at, job)| {
        let place = service.origin(&["jobs", &at.to_string()]);
        (format!("a pod of the job `{}`", job.name), place, job.reserved(replica))
    });
    let database = service.postgresql.as_ref().map(|database| {
        let (fleet, place) = (model.fleet(), service.origin(&["data", "postgresql"]));
        let asks = (database.cpu.unwrap_or(fleet.cpu), database.memory.unwrap_or(fleet.memory));
        ("an instance of the database".to_owned(), place, asks)
    });
    for (what, place, asks) in jobs.chain(database) {
        let narrow = |zone: &Zone| asks.0 > cpu(zone) || asks.1 > memory(zone);
        let mut regions = service.regions.iter();
        let Some(region) = regions.find(|region| region.zones.iter().all(narrow)) else { continue };
        let zones = region.zones.iter();
        let most = (zones.clone().map(cpu).max(), zones.map(memory).max());
        let (Some(most_cpu), Some(most_memory)) = most else { continue };
        sink.report(
            Diagnostic::new(
                Code::NODE_TOO_SMALL,
                format!(
                    "no node of `{}` may have room for {what} of `{}`",
                    region.name, service.name
                ),
            )
            .at(place, "")
            .related(
                model.fleet().document.at_owned(&region.path_of_zone(0, "nodes")),
                format!("{most_cpu} and {most_memory} each at most, if they are alike"),
            )
            .note(format!("it asks for {} of CPU and {} of memory, on one node", asks.0, asks.1))
            .help("ask for less; or accept this where some nodes are larger"),
        );
    }
}

/// Devices that one node has: a replica gets those of one.
fn devices(sink: &mut Sink, model: &Model, service: &Service) {
    for (index, region) in service.regions.iter().enumerate() {
        let (Some(pool), Some(zone)) = (&region.pool, region.zones.first()) else { continue };
        for (name, wanted) in &service.resources {
            let has = pool.resources.get(name).copied().unwrap_or_default();
            let each = has / zone.nodes.max(1);
            // Of what the pool has none of, its zones have no room.
            if has == 0 || *wanted <= each {
                continue;
            }
            let mut path = region.path_of_zone(0, "resources");
            path.push(name.clone());
            sink.report(
                Diagnostic::new(
                    Code::NODE_TOO_SMALL,
                    format!(
                        "no node of {} may have room for a replica of `{}`",
                        region.called(),
                        service.name
                    ),
                )
                .at(service.at(&["regions", &index.to_string()]), "")
                .related(
                    model.fleet().document.at_owned(&path),
                    format!("{each} each, if the nodes are alike"),
                )
                .note(format!("a replica asks for {wanted} `{name}`, on one node"))
                .help(format!(
                    "write `resources = {{ \"{name}\" = {} }}`, and more replicas; or accept this where some nodes have more",
                    each.max(1)
                )),
            );
        }
    }
}

/// What a replica may ask for at most.
fn help(service: &Service, narrow: &[(usize, &Zone)]) -> String {
    let zones = || narrow.iter().map(|(_, zone)| *zone);
    let mut write = Vec::new();
    if let Some(max) = zones().map(cpu).min().filter(|max| service.pod_cpu() > *max) {
        write.push(format!("`cpu = \"{max}\"`"));
    }
    if let Some(max) = zones().map(memory).min().filter(|max| service.pod_memory() > *max) {
        write.push(format!("`memory = \"{max}\"`"));
    }
    if !service.containers.is_empty() {
        return format!(
            "write no more than {} for all of `[capacity]` and `[[sidecars]]` together, and for each of `[[init]]`; or accept this where some nodes are larger",
            write.join(" and ")
        );
    }
    format!(
        "write {} in `[capacity]`, and more replicas; or accept this where some nodes are larger",
        write.join(" and ")
    )
}

fn cpu(zone: &Zone) -> Cpu {
    Cpu::millis(zone.cpu.as_millis() / u64::from(zone.nodes))
}

/// In whole mebibytes.
fn memory(zone: &Zone) -> Bytes {
    Bytes::mebibytes(zone.memory.get() / u64::from(zone.nodes) / (1 << 20))
}
