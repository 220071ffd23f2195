//! Former generations as the tree has them: the room that they take until somebody retires them.
//!
//! The proofs of capacity count one former generation of each service that replaces its Deployment,
//! as every release has it beside itself for a while. What is kept beyond that counts here.

use super::capacity::{self, Demand, Load};
use super::{Decided, ServiceInRegion, region_loss_capacity, size, zone_loss_capacity};
use crate::diag::{self, Code, Diagnostic, Severity, Sink};
use crate::kube::{Kind, RegionName};
use crate::model::{self, Region};
use crate::quantity::{Bytes, Cpu};
use crate::yaml::Value;

/// The workload of a former generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its region.
    pub region: String,
    /// The service that it is of.
    pub service: String,
    /// The name of its folder: its suffix.
    pub generation: String,
    /// What Kubernetes calls it.
    pub name: String,
    /// The most replicas that it may have.
    pub pods: u32,
    /// What one of them asks for.
    pub cpu: Cpu,
    /// What one of them asks for.
    pub memory: Bytes,
}

impl Kept {
    /// Reads the manifest of a workload; nothing when it is none, or runs nothing.
    pub fn read(region: &str, service: &str, generation: &str, manifest: &Value) -> Option<Kept> {
        let containers = |list: &str| {
            let list = manifest.at(&["spec", "template", "spec", list]);
            list.map(Value::items).unwrap_or_default().to_vec()
        };
        let (running, before) = (containers("containers"), containers("initContainers"));
        let asks = |resource: &'static str, read: fn(&str) -> Option<u64>| {
            let of = |container: &Value| {
                let text = container.at(&["resources", "requests", resource]);
                text.and_then(Value::as_str).and_then(read).unwrap_or(0)
            };
            let beside = before.iter().map(|container| {
                let policy = container.get("restartPolicy").and_then(Value::as_str);
                (of(container), policy == Some("Always"))
            });
            // What a pod asks for as a whole is never less than its containers do (KEP-2837).
            let whole = manifest.at(&["spec", "template", "spec"]).map_or(0, of);
            model::asked_of_pod(running.iter().map(of).sum(), beside).max(whole)
        };
        let cpu = asks("cpu", |text| Some(text.parse::<Cpu>().ok()?.as_millis()));
        let memory = asks("memory", |text| Some(text.parse::<Bytes>().ok()?.get()));
        let pods = match manifest.at(&["spec", "replicas"]) {
            Some(Value::Int(number)) => u32::try_from(*number).ok()?,
            // An autoscaler says how many.
            _ => 0,
        };
        running.first()?;
        Some(Kept {
            region: region.to_owned(),
            service: service.to_owned(),
            generation: generation.to_owned(),
            name: manifest.at(&["metadata", "name"]).and_then(Value::as_str)?.to_owned(),
            pods,
            cpu: Cpu::millis(cpu),
            memory: Bytes::new(memory),
        })
    }

    /// Counts as many replicas as an autoscaler may make of it.
    pub fn scale(&mut self, autoscaler: &Value) {
        let target = autoscaler.at(&["spec", "scaleTargetRef", "name"]).and_then(Value::as_str);
        let kind = autoscaler.get("kind").and_then(Value::as_str);
        let row = Kind::autoscalers().find(|(name, ..)| Some(*name) == kind);
        if target == Some(&self.name)
            && let Some((.., max)) = row
            && let Some(Value::Int(max)) = autoscaler.at(&["spec", max])
        {
            self.pods = self.pods.max(u32::try_from(*max).unwrap_or(0));
        }
    }
}

/// How many former workloads of a service may stand in a region before an alert.
const MANY: usize = 3;

/// Says which former generations take room that is promised to others, and which services keep
/// many of them.
pub fn check(sink: &mut Sink, decided: &Decided, kept: &[Kept]) {
    if kept.is_empty() {
        return;
    }
    many(sink, decided, kept);
    // A sum of some services says too little.
    if !decided.is_whole() {
        return;
    }
    for region in decided.fleet().nodes() {
        let here: Vec<&Kept> = kept.iter().filter(|kept| is_there(decided, kept, region)).collect();
        let beyond: Vec<Demand<'_>> =
            places_in(decided, region).filter_map(|here_is| beyond(&here_is, &here)).collect();
        if beyond.is_empty() {
            continue;
        }
        if let Some(finding) = lacks(decided, region, &beyond) {
            sink.report(which(finding, here));
        }
    }
}

/// Whether a former generation runs in the cluster that a region stands for.
fn is_there(decided: &Decided, kept: &Kept, region: &Region) -> bool {
    let own = decided.fleet().regions.get(&RegionName::new(kept.region.as_str()));
    own.is_some_and(|own| own.host == region.host)
}

fn places_in<'a>(
    decided: &'a Decided,
    region: &'a Region,
) -> impl Iterator<Item = ServiceInRegion<'a>> {
    let all = decided.services().iter().flat_map(|service| decided.places(service));
    all.filter(|here| here.region.nodes_of() == region.nodes_of())
}

/// What former generations ask of the fullest zone beyond the one that is counted anyway.
fn beyond<'a>(here: &ServiceInRegion<'a>, kept: &[&Kept]) -> Option<Demand<'a>> {
    let service = here.service;
    let own = kept.iter().filter(|kept| kept.service == service.name.address());
    let (mut pods, mut cpu, mut memory) = (0, 0, 0);
    for kept in own {
        let share = size::fullest_zone(kept.pods, here.size.zones);
        pods += share;
        cpu += kept.cpu.as_millis() * u64::from(share);
        memory += kept.memory.get() * u64::from(share);
    }
    let counted = u64::from(capacity::former_share(here));
    let cpu = cpu.saturating_sub(service.pod_cpu().as_millis() * counted);
    let memory = memory.saturating_sub(service.pod_memory().get() * counted);
    (cpu > 0 || memory > 0).then(|| Demand {
        service,
        pods,
        jobs: 0,
        cpu: Cpu::millis(cpu),
        memory: Bytes::new(memory),
    })
}

/// Where there is no room for what is kept: as things are, when another region is lost, or when
/// a zone is. Where there is none without it either, that is reported already.
fn lacks(decided: &Decided, region: &Region, beyond: &[Demand<'_>]) -> Option<Diagnostic> {
    let first = |demands: Vec<Demand<'_>>, code: Code, when: &str| {
        let load = Load::of(decided, region, demands.into_iter().chain(beyond.to_vec()).collect());
        load.findings(decided, code, when).into_iter().next()
    };
    let steady = || {
        let demands = places_in(decided, region).filter(capacity::asks);
        let demands = demands.map(|here| capacity::demand(&here));
        first(demands.collect(), Code::ZONE_TOO_SMALL, "until former generations are retired, ")
    };
    let without = |lost: &Region| {
        let when = format!("without `{}`, until former generations are retired, ", lost.name);
        let demands = region_loss_capacity::demands(decided, region, Some(lost));
        first(demands, Code::REGION_TOO_SMALL, &when)
    };
    let others = decided.fleet().hosts().filter(|other| other.host != region.host);
    steady()
        .or_else(|| others.into_iter().find_map(without))
        .or_else(|| zone_loss_capacity::with_more(decided, region, beyond))
}

/// The same finding as a warning that names what can be retired.
fn which(mut finding: Diagnostic, mut kept: Vec<&Kept>) -> Diagnostic {
    kept.sort_by_key(|kept| (std::cmp::Reverse(kept.pods), &kept.service, &kept.generation));
    let listed = kept.iter().take(5).map(|kept| {
        format!(
            "`ninefold retire {} --generation {}` frees {} pods",
            kept.service, kept.generation, kept.pods
        )
    });
    finding.help =
        Some(format!("retire what does not serve: {}", listed.collect::<Vec<_>>().join("; ")));
    finding
        .severity(Severity::Warning)
        .note("former generations run on until a person retires them, and take the room that is promised to what is current")
}

fn many(sink: &mut Sink, decided: &Decided, kept: &[Kept]) {
    for service in decided.services() {
        let mut found = Sink::default();
        for region in &service.regions {
            let own: Vec<&str> = (kept.iter())
                .filter(|kept| kept.service == service.name.address())
                .filter(|kept| kept.region == region.name.as_str())
                .map(|kept| kept.generation.as_str())
                .collect();
            if own.len() <= MANY {
                continue;
            }
            found.report(
                Diagnostic::new(
                    Code::MANY_GENERATIONS,
                    format!(
                        "`{}` keeps {} former generations in {}",
                        service.name,
                        own.len(),
                        region.name
                    ),
                )
                .at(service.at(&["name"]), "")
                .note(format!(
                    "they are {}; each runs its pods until it is retired",
                    diag::list(own)
                ))
                .help(format!(
                    "`ninefold retire {} --observed FILE`, once the current one serves",
                    service.name
                )),
            );
        }
        found.accept(|finding| service.accepts(finding.code));
        sink.absorb(found);
    }
}
