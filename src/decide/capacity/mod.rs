//! Whether every zone holds its share of the replicas that are promised in it.

mod demand; // what is asked of nodes

use super::own_pods::OwnPods;
use super::{Decided, ServiceInRegion, jobs};
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::model::{Region, Service, Zone};
pub(crate) use demand::{Demand, asks, demand, former_share, share};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn check(sink: &mut Sink, decided: &Decided) {
    // A sum of some services says too little.
    if !decided.is_whole() {
        return;
    }
    let mut by_nodes: BTreeMap<_, (&Region, Vec<Demand<'_>>)> = BTreeMap::new();
    for service in decided.services() {
        for here in decided.places(service) {
            if !asks(&here) {
                continue;
            }
            let nodes = here.region.nodes_of();
            let demands = by_nodes.entry(nodes).or_insert((here.region, Vec::new()));
            demands.1.push(demand(&here));
        }
    }
    for (region, demands) in by_nodes.into_values() {
        let load = Load::of(decided, region, demands);
        for finding in load.findings(decided, Code::ZONE_TOO_SMALL, "") {
            sink.error(finding.note(
                "a share is the fullest zone's replicas, the surge of a rollout, and the generation that is being replaced",
            ));
        }
    }
}

/// What all services together ask of each zone of a region.
pub(crate) struct Load<'a> {
    region: &'a Region,
    demands: Vec<Demand<'a>>,
    /// What the fleet's own objects ask for beside them.
    own: OwnPods,
}

impl<'a> Load<'a> {
    pub(crate) fn of(decided: &Decided, region: &'a Region, demands: Vec<Demand<'a>>) -> Load<'a> {
        Load { region, demands, own: OwnPods::of(decided.fleet(), region) }
    }
}

impl Load<'_> {
    pub(crate) fn needed(&self, resource: Resource<'_>) -> u64 {
        let demands: u64 = self.demands.iter().map(|demand| resource.of(demand)).sum();
        demands.saturating_add(self.own.in_zone(resource))
    }

    /// What a zone has beside the pods that the fleet puts onto each node.
    pub(super) fn has(&self, resource: Resource<'_>, zone: &Zone) -> u64 {
        resource.beside(&self.own, self.region, zone)
    }

    /// What is asked of these nodes at all.
    pub(crate) fn resources(&self) -> Vec<Resource<'_>> {
        Resource::of_services(self.demands.iter().map(|demand| demand.service))
    }

    /// Whether a zone lacks something.
    pub(crate) fn is_too_large(&self) -> bool {
        self.region.zones.iter().any(|zone| self.more_nodes(zone) > 0)
    }

    /// The fewest nodes, as large as those of the zone, with which it holds its share.
    fn more_nodes(&self, zone: &Zone) -> u64 {
        let lacking = |resource: Resource<'_>| {
            let has = self.has(resource, zone);
            let node = (has / u64::from(zone.nodes).max(1)).max(1);
            self.needed(resource).saturating_sub(has).div_ceil(node)
        };
        self.resources().into_iter().map(lacking).max().unwrap_or(0)
    }

    /// One finding for all the zones that lack the same. `when` says under which circumstance, and
    /// ends with a comma.
    pub(crate) fn findings(&self, decided: &Decided, code: Code, when: &str) -> Vec<Diagnostic> {
        let findings = self.resources().into_iter().filter_map(|resource| {
            let needed = self.needed(resource);
            let lacking: Vec<(usize, &Zone)> = (self.region.zones.iter().enumerate())
                .filter(|(_, zone)| needed > self.has(resource, zone))
                .collect();
            (!lacking.is_empty()).then(|| {
                let finding = self.too_small(decided, code, when, resource, &lacking);
                finding.help(self.help(resource, &lacking))
            })
        });
        findings.collect()
    }

    fn too_small(
        &self,
        decided: &Decided,
        code: Code,
        when: &str,
        resource: Resource<'_>,
        lacking: &[(usize, &Zone)],
    ) -> Diagnostic {
        let region = self.region;
        let of_pool = match &region.pool {
            Some(pool) => format!(" of the pool `{}`", pool.name),
            None => String::new(),
        };
        let who = match lacking {
            [(_, zone)] => format!("zone `{}`{of_pool} cannot hold its share: it needs", zone.name),
            [..] if lacking.len() == region.zones.len() => {
                format!("no zone of {} can hold its share: each needs", region.called())
            }
            [..] => {
                let zones = diag::list(lacking.iter().map(|(_, zone)| zone.name.as_str()));
                format!("zones {zones}{of_pool} cannot hold their share: each needs")
            }
        };
        let needed = resource.shown(self.needed(resource));
        let mut finding = Diagnostic::new(code, format!("{when}{who} {needed}"));
        for (number, (index, zone)) in lacking.iter().enumerate() {
            let path = resource.path(region, *index);
            let place = decided.fleet().document.at_owned(&path);
            let beside = match self.own.on_node(resource) {
                0 => "",
                _ => " beside what is on each node",
            };
            let has = format!("has {}{beside}", resource.shown(self.has(resource, zone)));
            finding = match number {
                0 => finding.at(place, has),
                // The same of each of its zones.
                _ if region.pool.is_some() => break,
                _ => finding.related(place, has),
            };
        }
        finding = self.largest(finding, resource);
        let (own, on_node) = (self.own.in_zone(resource), self.own.on_node(resource));
        let mut of_fleet = Vec::new();
        if own > 0 {
            of_fleet.push(format!("{} of each zone", resource.shown(own)));
        }
        if on_node > 0 {
            of_fleet.push(format!("{} of each node", resource.shown(on_node)));
        }
        match of_fleet.is_empty() {
            true => finding,
            false => finding
                .note(format!("`[[manifests]]` of the fleet ask for {}", of_fleet.join(", and "))),
        }
    }

    /// Names who asks for the most.
    fn largest(&self, mut finding: Diagnostic, resource: Resource<'_>) -> Diagnostic {
        let asks = |demand: &&Demand<'_>| resource.of(demand) > 0;
        let mut demands: Vec<&Demand<'_>> = self.demands.iter().filter(asks).collect();
        demands.sort_by_key(|demand| {
            (std::cmp::Reverse(resource.of(demand)), demand.service.name.address())
        });
        if let Some(largest) = demands.first() {
            let (share, pods) = (resource.shown(resource.of(largest)), largest.all_pods());
            finding = finding.related(
                largest.service.origin(&["capacity", "peak"]),
                format!("the largest share: {share} for {pods} pods"),
            );
        }
        let next: Vec<String> = (demands.iter().skip(1).take(2))
            .map(|demand| {
                let share = resource.shown(resource.of(demand));
                let (name, pods) = (&demand.service.name, demand.all_pods());
                format!("`{name}` with {share} for {pods} pods")
            })
            .collect();
        if next.is_empty() {
            return finding;
        }
        finding.note(format!("the next largest: {}", next.join(", ")))
    }

    /// The smallest change: nodes, zone by zone.
    fn help(&self, resource: Resource<'_>, lacking: &[(usize, &Zone)]) -> String {
        if let Resource::Extended(name) = resource
            && lacking.iter().all(|(_, zone)| resource.in_zone(self.region, zone) == 0)
        {
            return format!(
                "name a pool whose nodes have it, in `placement`; the fleet declares what they have, all of them in a zone together: `resources = {{ \"{name}\" = 8 }}`"
            );
        }
        let more = lacking.iter().map(|(_, zone)| (self.more_nodes(zone), zone.name.as_str()));
        format!("{}, as large as those there; or another region for a service", more_nodes(more))
    }
}

/// What a zone has, in one unit for everything that a finding says about it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource<'a> {
    Cpu,
    Memory,
    /// What a device plugin counts: `nvidia.com/gpu`.
    Extended(&'a str),
}

impl<'a> Resource<'a> {
    /// Everything that one of the services asks for.
    pub(crate) fn of_services(services: impl Iterator<Item = &'a Service>) -> Vec<Resource<'a>> {
        let extended: BTreeSet<&str> =
            services.flat_map(|service| service.resources.keys().map(String::as_str)).collect();
        let extended = extended.into_iter().map(Resource::Extended);
        [Resource::Cpu, Resource::Memory].into_iter().chain(extended).collect()
    }

    /// What one replica asks for.
    pub(crate) fn of_replica(self, service: &Service) -> u64 {
        match self {
            Resource::Cpu => service.pod_cpu().as_millis(),
            Resource::Memory => service.pod_memory().get(),
            Resource::Extended(name) => {
                service.resources.get(name).copied().map(u64::from).unwrap_or_default()
            }
        }
    }

    /// What the jobs here ask for when all of them run.
    pub(crate) fn of_jobs(self, here: &ServiceInRegion<'_>) -> u64 {
        let (_, cpu, memory) = jobs::demand(here);
        match self {
            Resource::Cpu => cpu.as_millis(),
            Resource::Memory => memory.get(),
            // A job has no devices.
            Resource::Extended(_) => 0,
        }
    }

    /// Where the fleet says what the zone at `index` has.
    pub(crate) fn path(self, region: &Region, index: usize) -> Vec<String> {
        match self {
            Resource::Cpu => region.path_of_zone(index, "cpu"),
            Resource::Memory => region.path_of_zone(index, "memory"),
            Resource::Extended(name) => {
                let mut path = region.path_of_zone(index, "resources");
                path.push(name.to_owned());
                path
            }
        }
    }

    pub(crate) fn in_zone(self, region: &Region, zone: &Zone) -> u64 {
        match self {
            Resource::Cpu => zone.cpu.as_millis(),
            Resource::Memory => zone.memory.get(),
            // Only pools are declared to have some.
            Resource::Extended(name) => {
                let has = region.pool.as_ref().and_then(|pool| pool.resources.get(name));
                has.copied().map(u64::from).unwrap_or_default()
            }
        }
    }

    /// What a zone has beside the pods that the fleet puts onto each of its nodes.
    pub(crate) fn beside(self, own: &OwnPods, region: &Region, zone: &Zone) -> u64 {
        let taken = own.on_node(self).saturating_mul(u64::from(zone.nodes));
        self.in_zone(region, zone).saturating_sub(taken)
    }

    pub(super) fn of(self, demand: &Demand<'_>) -> u64 {
        match self {
            Resource::Cpu => demand.cpu.as_millis(),
            Resource::Memory => demand.memory.get(),
            Resource::Extended(_) => self.of_replica(demand.service) * u64::from(demand.pods),
        }
    }

    /// What tables call it.
    pub(crate) fn name(self) -> &'a str {
        match self {
            Resource::Cpu => "CPU",
            Resource::Memory => "memory",
            Resource::Extended(name) => name,
        }
    }

    /// `0.5 cores`, `12.3Gi of memory`; never less than it is.
    pub(crate) fn shown(self, amount: u64) -> String {
        match self {
            Resource::Cpu if amount == 1000 => "1 core".to_owned(),
            Resource::Cpu => format!("{} cores", decimal(amount, 1000)),
            Resource::Memory => {
                format!("{}Gi of memory", decimal((amount * 10).div_ceil(1 << 30), 10))
            }
            Resource::Extended(name) => format!("{amount} `{name}`"),
        }
    }
}

/// `amount` of such parts as a number, without zeros that say nothing.
fn decimal(amount: u64, parts: u64) -> String {
    let digits = parts.ilog10() as usize;
    let text = format!("{}.{:0digits$}", amount / parts, amount % parts);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `2 more nodes in each of …, 1 more node in …`.
pub(crate) fn more_nodes<'a>(zones: impl Iterator<Item = (u64, &'a str)>) -> String {
    let mut by_count: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    zones.for_each(|(count, zone)| by_count.entry(count).or_default().push(zone));
    let more = by_count.into_iter().rev().map(|(count, zones)| {
        let each = if zones.len() > 1 { "each of " } else { "" };
        format!("{count} more {} in {each}{}", plural(count, "node"), diag::list(zones))
    });
    more.collect::<Vec<_>>().join(", ")
}

fn plural(count: u64, one: &str) -> String {
    if count == 1 { one.to_owned() } else { format!("{one}s") }
}
