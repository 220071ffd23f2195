//! What each loss means for a service, and which procedures get it back.

use super::super::procedure::{self, Procedure};
use super::super::variables::Variables;
use super::values::{Link, Section};
use super::{View, claims, data, region, words};
use crate::decide::jobs::{self, JobHere};
use crate::decide::proof::{Proof, Scope};
use crate::decide::{ServiceInRegion, database, lifecycle, writer};
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
    /// Nothing: copies of volumes do not arrive.
    Copies,
    /// Nothing: a job fails.
    Job,
    /// The control plane of any region.
    ControlPlane,
}

pub(super) fn of(view: &View<'_>) -> Vec<Section> {
    let mut sections = vec![node(view), zone(view)];
    sections.extend(view.all.iter().map(|lost| region::of(view, lost)));
    sections.push(data::of(view));
    sections.extend(late_copies(view));
    sections.push(release(view));
    sections.extend((!view.service.jobs.is_empty()).then(|| job(view)));
    sections.push(control_plane(view));
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

/// The variables of a loss that may be in any of these regions.
fn chosen(regions: &[&ServiceInRegion<'_>]) -> Vec<(RegionName, Variables)> {
    let each = regions.iter().map(|here| {
        let mut variables = Variables::default();
        variables.set("REGION", here.region.name.as_str());
        (here.region.name.clone(), variables)
    });
    each.collect()
}

fn running<'a, 'b>(view: &'b View<'a>) -> Vec<&'b ServiceInRegion<'a>> {
    view.all.iter().filter(|here| here.size.running > 0).collect()
}

/// Volumes that stay in their zone.
fn zonal(view: &View<'_>) -> impl Iterator<Item = String> {
    view.all.iter().filter_map(|here| {
        let volumes = procedure::zonal(here);
        let names: Vec<String> = volumes.iter().map(|volume| format!("`{volume}`")).collect();
        (!names.is_empty())
            .then(|| format!("In {}, {} is tied to its zone.", here.region.name, names.join(", ")))
    })
}

fn node(view: &View<'_>) -> Section {
    let mut notes = Vec::new();
    let claims = claims::of(view.proofs, Scope::Node);
    let says = claims.iter().all(|claim| claim.steps.len() > 2);
    if view.service.kind != WorkloadKind::Stateful && !says {
        let after = &view.service.tier.node_loss;
        notes.push(format!("Pods are replaced {after} after the node becomes `NotReady`."));
    }
    notes.extend(view.all.iter().filter_map(|here| {
        let machines = (here.region.control_plane.as_ref())?.machines.as_ref()?;
        Some(format!(
            "In {} a MachineHealthCheck of Cluster API replaces the machine: `kubectl --context {} -n {} get machinehealthchecks.cluster.x-k8s.io`.",
            here.region.name, here.region.name, machines.namespace
        ))
    }));
    notes.extend(view.service.single_writer.then(|| "**Only one replica may write**, and none does until it is back. Force-delete its pod, or taint its node, only once the machine is off: otherwise two may write.".to_owned()));
    notes.extend(zonal(view));
    Section {
        loss: Loss::Node,
        title: "A node is lost".to_owned(),
        notes,
        claims,
        several: claims::several(view.proofs, Scope::Node),
        regions: chosen(&running(view)),
        block: Vec::new(),
        links: vec![link("", &procedure::node(view.all[0].fleet))],
    }
}

/// What is left of a region, in words; each is shown once, for all regions of which it is true.
fn left(here: &ServiceInRegion<'_>, proof: &Proof) -> Vec<String> {
    let mut left = match claims::in_region(proof, Scope::Zone) {
        None => vec!["no replica survives it here: use the section of the region.".to_owned()],
        Some(claim) if here.service.single_writer => {
            let time = claim.rto.map(|rto| format!(" for up to {rto}")).unwrap_or_default();
            vec![format!(
                "if the only replica that may write is in that zone, nothing is written{time}, until it is back in another."
            )]
        }
        Some(_) if proof.survivors_of_zone_loss >= here.size.peak => Vec::new(),
        Some(claim) => {
            let time = claim.rto.map(|rto| format!(" for up to {rto}")).unwrap_or_default();
            vec![format!(
                "the remaining replicas do not carry the peak: users notice{time}, until others are back in other zones."
            )]
        }
    };
    let waits = here.database.as_deref().is_some_and(|it| database::is_synchronous(it.instances));
    if waits && here.service.postgresql.is_some() {
        left.push(
            "a commit waits for a second instance: with two zones lost, nothing is written."
                .to_owned(),
        );
    }
    left
}

fn zone(view: &View<'_>) -> Section {
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    for (here, proof) in view.all.iter().zip(view.proofs).filter(|(here, _)| here.size.running > 0)
    {
        for text in left(here, proof) {
            let name = here.region.name.as_str();
            match found.iter_mut().find(|(known, _)| *known == text) {
                Some((_, regions)) => regions.push(name),
                None => found.push((text, vec![name])),
            }
        }
    }
    let notes = found.into_iter().map(|(text, regions)| format!("{}: {text}", regions.join(", ")));
    Section {
        loss: Loss::Zone,
        title: "A zone is lost".to_owned(),
        notes: notes.chain(zonal(view)).collect(),
        claims: claims::of(view.proofs, Scope::Zone),
        several: claims::several(view.proofs, Scope::Zone),
        regions: chosen(&running(view)),
        block: Vec::new(),
        links: vec![link("", &procedure::zone(view.all[0].fleet))],
    }
}

/// The alert `GenerationNotReady` leads here.
fn release(view: &View<'_>) -> Section {
    let fleet = view.all[0].fleet;
    let mut link = link("", &procedure::bad_release(fleet));
    link.path.push_str("#it-does-not-come-up");
    let alone = running(view).first().filter(|_| view.service.single_writer).map(|here| {
        format!(
            "Only one replica may write: a release ends it before the next one starts, so nothing is written for up to {}. If it takes longer, nothing serves: act at once.",
            writer::gap(here)
        )
    });
    Section {
        loss: Loss::Release,
        title: "A release does not come up".to_owned(),
        notes: alone.into_iter().collect(),
        claims: Vec::new(),
        several: false,
        regions: chosen(&running(view)),
        block: Vec::new(),
        links: vec![link],
    }
}

/// The alerts about copies of VolSync lead here.
fn late_copies(view: &View<'_>) -> Option<Section> {
    let page = procedure::late_copies(view.all[0].fleet, view.service)?;
    let writer = view.all.iter().find(|here| here.role.backs_up)?;
    let copying = writer.copying?;
    let others = view.all.iter().filter(|here| !here.role.backs_up);
    let mut variables = Variables::default();
    variables.set("REGION", writer.region.name.as_str());
    variables.set("OTHERS", words(others.map(|here| here.region.name.as_str())));
    Some(Section {
        loss: Loss::Copies,
        title: "A copy is late".to_owned(),
        notes: vec![format!(
            "A copy is made every {}, and is at most {} behind.",
            copying.interval, copying.behind
        )],
        claims: Vec::new(),
        several: false,
        block: variables.lines(),
        regions: vec![(writer.region.name.clone(), variables)],
        links: vec![link("", &page)],
    })
}

/// What is asked when a job fails, and how it is run again.
fn job(view: &View<'_>) -> Section {
    let service = view.service;
    let runs = |name: &str| {
        let of = view.all.iter().flat_map(|here| jobs::of(here).filter(|job| job.job.name == name));
        let at = of.filter(JobHere::runs).map(|job| job.here.region.name.as_str());
        at.collect::<Vec<_>>().join(", ")
    };
    let notes = jobs::of(&view.all[0]).map(|job| {
        let (name, deadline) = (&job.job.name, job.deadline().value);
        let called = service.logical(name);
        let when = match &job.job.schedule {
            Some(schedule) => {
                let zone = job.job.timezone.as_deref().unwrap_or(jobs::UTC);
                format!("the CronJob `{called}` runs at `{schedule}` ({zone}), for at most {deadline}.")
            }
            None if job.comes_first() => format!(
                "the Job `{called}-…` ends within {deadline}, before the pods of a release start. **If it fails, the release does not start, and the current one keeps serving.**"
            ),
            None => {
                format!("the Job `{called}-…` runs once for each content, for at most {deadline}.")
            }
        };
        format!("In {}, {when}", runs(name))
    });
    let running: Vec<&ServiceInRegion<'_>> =
        view.all.iter().filter(|here| jobs::of(here).any(|job| job.runs())).collect();
    let regions = chosen(&running);
    let mut block = block(&regions);
    let selector = jobs::selector(service);
    block.extend([
        format!("here get cronjobs,jobs,pods -l {selector}"),
        format!("here logs -l {selector} --prefix --tail=50"),
    ]);
    let scheduled = service.jobs.iter().find(|job| job.schedule.is_some());
    block.extend(scheduled.map(|job| {
        let name = service.logical(&job.name);
        format!("here create job --from=cronjob/{name} {name}-by-hand    # once it is fixed")
    }));
    block.extend(service.jobs.iter().any(|job| job.schedule.is_none()).then(|| {
        "here delete job NAME    # one without a schedule: the delivery recreates it".to_owned()
    }));
    Section {
        loss: Loss::Job,
        title: "A job fails".to_owned(),
        notes: notes.collect(),
        claims: Vec::new(),
        several: false,
        regions,
        block,
        links: Vec::new(),
    }
}

fn control_plane(view: &View<'_>) -> Section {
    let clusters = view.all.iter().map(|here| {
        let region = &here.region.name;
        Link { when: "", name: region.to_string(), path: format!("fleet/{region}.md") }
    });
    let first = link("", &procedure::control_plane(view.all[0].fleet));
    let regions = view.all.iter().map(|here| (here.region.name.clone(), Variables::default()));
    Section {
        loss: Loss::ControlPlane,
        title: "The control plane is lost".to_owned(),
        notes: Vec::new(),
        claims: Vec::new(),
        several: false,
        regions: regions.collect(),
        block: Vec::new(),
        links: [first].into_iter().chain(clusters).collect(),
    }
}

/// What a service calls, and who restores it.
pub(super) fn calls(view: &View<'_>) -> Vec<String> {
    let call = |call: &Call| match call {
        Call::Service { name, .. } => format!("[{name}]({name}.md)"),
        Call::Pods { .. } | Call::Host { .. } | Call::Addresses { .. } => {
            format!("{} (whoever answers for it)", call.whom())
        }
    };
    view.service.calls.iter().map(call).collect()
}

/// How long a pod of the service may take to start.
pub(super) fn start(view: &View<'_>) -> String {
    format!("A pod starts within {}.", lifecycle::start(view.service))
}
