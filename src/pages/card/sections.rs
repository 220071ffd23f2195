//! What each loss means for a service, and which procedures get it back.

use super::super::procedure::{self, Procedure};
use super::super::variables::Variables;
use super::values::{Link, Section};
use super::{Told, claims, data, region};
use crate::decide::proof::Scope;
use crate::decide::{ServiceInRegion, database, lifecycle};
use crate::kube::RegionName;
use crate::model::WorkloadKind;
use crate::model::service::Call;

/// What a section is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Loss {
    /// A node of any region.
    #[default]
    Node,
    /// A zone of any region.
    Zone,
    /// This region.
    Region(RegionName),
    /// Data, or a release.
    Data,
    /// Nothing: a release does not become ready.
    Release,
    /// The control plane of any region.
    ControlPlane,
}

pub(super) fn of(told: &Told<'_>) -> Vec<Section> {
    let mut sections = vec![node(told), zone(told)];
    sections.extend(told.all.iter().map(|lost| region::of(told, lost)));
    sections.push(data::of(told));
    sections.push(release(told));
    sections.push(control_plane(told));
    sections
}

pub(super) fn link(when: &'static str, procedure: &Procedure) -> Link {
    Link { when, name: procedure.name.clone(), path: procedure.file() }
}

/// Variables of several regions, of which one is pasted: the first, unless a person chooses another.
pub(super) fn block(regions: &[(RegionName, Variables)]) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, (_, variables)) in regions.iter().enumerate() {
        let or = if at == 0 { "" } else { "# or: " };
        lines.extend(variables.lines().into_iter().map(|line| format!("{or}{line}")));
    }
    lines
}

/// The variables of a loss that may be in any of `regions`.
fn chosen(regions: &[&ServiceInRegion<'_>]) -> (Vec<(RegionName, Variables)>, Vec<String>) {
    let names: Vec<&str> = regions.iter().map(|here| here.region.name.as_str()).collect();
    let line = names.split_first().map(|(first, rest)| match rest {
        [] => format!("REGION={first}"),
        rest => format!("REGION={first}    # or {}", rest.join(", ")),
    });
    let each = regions.iter().map(|here| {
        let mut variables = Variables::default();
        variables.set("REGION", here.region.name.as_str());
        (here.region.name.clone(), variables)
    });
    (each.collect(), line.into_iter().collect())
}

fn running<'a, 'b>(told: &'b Told<'a>) -> Vec<&'b ServiceInRegion<'a>> {
    told.all.iter().filter(|here| here.size.running > 0).collect()
}

/// What holds of a region in which nothing runs.
fn idle(told: &Told<'_>, of: &str) -> Option<String> {
    let idle = told.all.iter().filter(|here| here.size.running == 0);
    let names: Vec<&str> = idle.map(|here| here.region.name.as_str()).collect();
    (!names.is_empty())
        .then(|| format!("In {} nothing runs, and nothing is lost with {of}.", names.join(", ")))
}

/// Volumes that stay in their zone.
fn zonal(told: &Told<'_>) -> impl Iterator<Item = String> {
    told.all.iter().filter_map(|here| {
        let volumes = procedure::zonal(here);
        let names: Vec<String> = volumes.iter().map(|volume| format!("`{volume}`")).collect();
        (!names.is_empty())
            .then(|| format!("In {}, {} is tied to its zone.", here.region.name, names.join(", ")))
    })
}

fn node(told: &Told<'_>) -> Section {
    let running = running(told);
    let mut notes = Vec::new();
    if told.service.kind != WorkloadKind::Stateful {
        let after = &told.service.tier.node_loss;
        notes.push(format!("Kubernetes replaces pods {after} after it has called the node lost."));
    }
    notes.extend(told.all.iter().filter_map(|here| {
        let machines = (here.region.control_plane.as_ref())?.machines.as_ref()?;
        Some(format!(
            "In {} a MachineHealthCheck of Cluster API replaces the machine: `kubectl --context {} -n {} get machinehealthchecks.cluster.x-k8s.io`.",
            here.region.name, here.region.name, machines.namespace
        ))
    }));
    notes.extend(zonal(told));
    notes.extend(idle(told, "a node"));
    let (regions, block) = chosen(&running);
    Section {
        loss: Loss::Node,
        title: "A node is lost".to_owned(),
        notes,
        claims: claims::of(told.proofs, Scope::Node),
        regions,
        block,
        links: vec![link("", &procedure::node(told.all[0].fleet))],
    }
}

fn zone(told: &Told<'_>) -> Section {
    let running = running(told);
    let mut notes = Vec::new();
    for (here, proof) in told.all.iter().zip(told.proofs) {
        if here.size.running == 0 {
            continue;
        }
        let region = &here.region.name;
        let zones = here.region.zones.iter().map(|zone| format!("{} {}", zone.name, zone.nodes));
        let zones = zones.collect::<Vec<_>>().join(", ");
        let claim = claims::in_region(proof, Scope::Zone);
        notes.push(match claim {
            None => format!("{region} (nodes: {zones}): nothing outlives it here: take the section of the region."),
            Some(_) if proof.survivors_of_zone_loss >= here.size.peak => {
                format!("{region} (nodes: {zones}): what is left carries the peak, and not more.")
            }
            Some(claim) => {
                let time = claim.rto.map(|rto| format!(" for up to {rto}")).unwrap_or_default();
                format!(
                    "{region} (nodes: {zones}): what is left does not carry the peak: users notice{time}, until replicas are back in other zones."
                )
            }
        });
        let database = told.service.postgresql.is_some();
        if database && here.database.is_some_and(|it| database::is_synchronous(it.instances)) {
            notes.push(format!(
                "In {region} a commit waits for a second instance: with two zones lost, nothing is written."
            ));
        }
    }
    notes.extend(zonal(told));
    notes.extend(idle(told, "a zone"));
    let (regions, block) = chosen(&running);
    Section {
        loss: Loss::Zone,
        title: "A zone is lost".to_owned(),
        notes,
        claims: claims::of(told.proofs, Scope::Zone),
        regions,
        block,
        links: vec![link("", &procedure::zone(told.all[0].fleet))],
    }
}

/// The alert `GenerationNotReady` leads here.
fn release(told: &Told<'_>) -> Section {
    let fleet = told.all[0].fleet;
    let running = running(told);
    let peaks = running.iter().map(|here| format!("{} in {}", here.size.peak, here.region.name));
    let peaks = peaks.collect::<Vec<_>>().join(", ");
    let name = &told.service.name;
    let retire = match procedure::generations(told.service) {
        true => format!("; then `ninefold retire {name} --generation SUFFIX` for the bad one"),
        false => String::new(),
    };
    let mut link = link("", &procedure::bad_release(fleet, told.service));
    link.path.push_str("#it-does-not-come-up");
    let (regions, block) = chosen(&running);
    Section {
        loss: Loss::Release,
        title: "A release does not come up".to_owned(),
        notes: vec![
            format!("No action is urgent while so many pods are READY in full: {peaks}."),
            format!(
                "Look why; then another release, or `git revert` and `ninefold build`{retire}."
            ),
        ],
        claims: Vec::new(),
        regions,
        block,
        links: vec![link],
    }
}

fn control_plane(told: &Told<'_>) -> Section {
    let clusters = told.all.iter().map(|here| {
        let region = &here.region.name;
        format!("[{region}](fleet/{region}.md)")
    });
    let clusters = clusters.collect::<Vec<_>>().join(", ");
    let regions = told.all.iter().map(|here| (here.region.name.clone(), Variables::default()));
    Section {
        loss: Loss::ControlPlane,
        title: "The control plane is lost".to_owned(),
        notes: vec![format!("The clusters: {clusters}.")],
        claims: Vec::new(),
        regions: regions.collect(),
        block: Vec::new(),
        links: vec![link("", &procedure::control_plane(told.all[0].fleet))],
    }
}

/// What a service calls, and who restores it.
pub(super) fn calls(told: &Told<'_>) -> Vec<String> {
    let call = |call: &Call| match call {
        Call::Service { name, .. } => format!("[{name}]({name}.md)"),
        Call::Pods { .. } | Call::Host { .. } | Call::Addresses { .. } => {
            format!("{} (whoever answers for it)", call.whom())
        }
    };
    told.service.calls.iter().map(call).collect()
}

/// How long a pod of the service may take to start.
pub(super) fn start(told: &Told<'_>) -> String {
    format!("A pod takes at most {} to start.", lifecycle::start_within(told.service))
}
