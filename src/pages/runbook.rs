//! A runbook: the section of a card and its procedures as one page, with everything filled in, to
//! read or to print.

use super::card::values::{Card, Check, Section};
use super::card::{self, Loss};
use super::procedure::{self, Facts};
use super::variables::{Variables, word};
use super::{Page, checklist, cluster, functions, steps};
use crate::decide::{Decided, Proof, ServiceInRegion, order};
use crate::diag::{self, Code, Diagnostic};
use crate::kube::RegionName;
use crate::model::Service;
use serde::Serialize;

/// What may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// A node.
    Node,
    /// A zone.
    Zone,
    /// A region.
    Region,
    /// Data, or a release is bad.
    Data,
    /// The control plane of a cluster.
    ControlPlane,
}

/// The region that a runbook is about: `name` names it, or a zone of it; without one, it is the first
/// in which something of the service can be lost so.
///
/// # Errors
///
/// A finding, when nothing of the service can.
pub fn choose(
    decided: &Decided,
    service: &Service,
    scenario: Scenario,
    name: Option<&str>,
) -> Result<RegionName, Box<Diagnostic>> {
    let all: Vec<ServiceInRegion<'_>> = decided.places(service).collect();
    let counts = |here: &&ServiceInRegion<'_>| match scenario {
        Scenario::Node | Scenario::Zone => here.size.running > 0,
        Scenario::Data => here.role.backs_up,
        Scenario::Region | Scenario::ControlPlane => true,
    };
    let can: Vec<&ServiceInRegion<'_>> = all.iter().filter(counts).collect();
    let zones = |here: &ServiceInRegion<'_>| {
        let zones = here.region.zones.iter().map(|zone| zone.name.clone());
        match scenario {
            Scenario::Node | Scenario::Zone => zones.collect(),
            Scenario::Region | Scenario::Data | Scenario::ControlPlane => Vec::new(),
        }
    };
    let Some(name) = name else {
        return Ok(can.first().unwrap_or(&&all[0]).region.name.clone());
    };
    let named = |here: &&&ServiceInRegion<'_>| {
        here.region.name.as_str() == name || zones(here).iter().any(|zone| zone == name)
    };
    if let Some(here) = can.iter().find(named) {
        return Ok(here.region.name.clone());
    }
    let known: Vec<String> = (can.iter())
        .flat_map(|here| std::iter::once(here.region.name.to_string()).chain(zones(here)))
        .collect();
    let what = match all.iter().any(|here| here.region.name.as_str() == name) {
        true => {
            format!("`{}` is on standby in `{name}`, and loses nothing there", service.name)
        }
        false => format!("`{}` is not in `{name}`", service.name),
    };
    Err(Box::new(
        Diagnostic::new(Code::UNKNOWN_REGION, what)
            .at(service.at(&["regions"]), "it is in these")
            .help(diag::did_you_mean(name, known.iter().map(String::as_str).collect::<Vec<_>>())),
    ))
}

/// What a printed page is made of, in order: templates with their values, and what is filled in.
pub(crate) struct Parts {
    /// The head, with the section of the card.
    pub(crate) head: Page<Head>,
    /// What is checked first.
    checks: Vec<Check>,
    /// The functions of these checks.
    pub(crate) functions: Option<Page<Facts>>,
    /// How users are sent elsewhere.
    pub(crate) users: Option<Page<Facts>>,
    /// The procedures.
    pub(crate) procedures: Vec<Page<Facts>>,
    /// The card of the cluster.
    pub(crate) cluster: Option<Page<super::cluster_values::Cluster>>,
    variables: Variables,
}

/// The head of a printed page.
#[derive(Debug, Serialize)]
pub(crate) struct Head {
    #[serde(flatten)]
    card: Card,
    section: Section,
}

/// The parts of the runbook of a service, for a region that [`choose`] chose.
pub(crate) fn parts(
    decided: &Decided,
    service: &Service,
    (proofs, needs): (&[Proof], &checklist::Needs),
    (scenario, region): (Scenario, &RegionName),
) -> Option<Parts> {
    let fleet = decided.fleet();
    let all: Vec<ServiceInRegion<'_>> = decided.places(service).collect();
    let here = all.iter().find(|here| here.region.name == *region)?;
    let mut card = card::of(decided, service, proofs, needs);
    card.printed = true;
    let loss = match scenario {
        Scenario::Node => Loss::Node,
        Scenario::Zone => Loss::Zone,
        Scenario::Region => Loss::Region(region.clone()),
        Scenario::Data => Loss::Data,
        Scenario::ControlPlane => Loss::ControlPlane,
    };
    let mut section = card.sections.iter().find(|section| section.loss == loss)?.clone();
    if scenario == Scenario::Region && here.leads {
        section.notes.extend(order::words(decided, service));
    }
    let (_, own) = section.regions.iter().find(|(name, _)| name == region)?;
    let view = card::View { service, all: all.clone(), proofs, turn: None };
    let mut variables = card::variables(&view).and(own);
    let mut used = match scenario {
        Scenario::Node => vec![procedure::node(fleet)],
        Scenario::Zone => vec![procedure::zone(fleet)],
        Scenario::Region => vec![procedure::region(&all, here)],
        Scenario::Data => {
            let damaged = procedure::damaged(fleet, service);
            [procedure::bad_release(fleet)].into_iter().chain(damaged).collect()
        }
        Scenario::ControlPlane => Vec::new(),
    };
    let mut cluster = None;
    if scenario == Scenario::ControlPlane {
        let of_fleet = [procedure::control_plane(fleet), procedure::new_cluster(fleet)];
        let [control_plane, new] = of_fleet.map(|page| page.with_velero(here.region.velero));
        used = vec![control_plane, procedure::cluster(fleet, here.region), new];
        cluster = Some(cluster::page(decided, here.region).0);
        variables = cluster::variables(here.region).and(&variables);
    }
    let mut checks = std::mem::take(&mut card.checks);
    let asked = |check: &Check| match (variables.get("TO"), variables.get("OTHERS")) {
        (Some(to), _) => check.region == to,
        (None, Some(others)) => others.split(' ').any(|other| other == check.region),
        (None, None) => false,
    };
    checks.retain(|check| matches!(loss, Loss::Region(_)) && here.role.backs_up && asked(check));
    for check in &mut checks {
        let region = service.regions.iter().find(|one| one.name.as_str() == check.region);
        let Some(region) = region else { continue };
        let cluster = checklist::of_region(decided, region);
        check.lines.splice(0..0, cluster.lines);
        check.judged.splice(0..0, cluster.judged);
    }
    let data = procedure::data(service);
    // The tree has one page for services with data and without.
    let own = here.role.backs_up.then(|| steps::steps(here, steps::successor(&all, here)));
    let printed = |facts: Facts| {
        let region = scenario == Scenario::Region;
        let data = if region { data } else { facts.data };
        let steps = own.clone().filter(|_| region && !facts.steps.is_empty());
        let (holds, database) = (procedure::holds(service), service.postgresql.is_some());
        let generations = procedure::generations(service);
        let steps = steps.unwrap_or_else(|| facts.steps.clone());
        let velero = if region { service.backed_up } else { facts.velero };
        let jobs = !service.jobs.is_empty();
        let steps_of = Facts { printed: true, data, holds, generations, database, steps, ..facts };
        Facts { jobs, velero, ..steps_of }
    };
    let page = |template, facts| Page { file: String::new(), template, values: printed(facts) };
    let moved = matches!(loss, Loss::Region(_)) && variables.get("TO").is_some();
    let users = procedure::users(fleet, service).filter(|_| moved);
    Some(Parts {
        head: Page {
            file: String::new(),
            template: "card/runbook.md",
            values: Head { card, section },
        },
        functions: (!checks.is_empty())
            .then(|| page("procedures/parts/ready.md", procedure::ready(fleet).facts)),
        checks,
        users: users.map(|users| page("procedures/parts/users.md", users.facts)),
        procedures: used.into_iter().map(|one| page(one.template, one.facts)).collect(),
        cluster,
        variables,
    })
}

/// What was rendered of the parts.
pub(crate) struct Rendered {
    pub(crate) head: String,
    pub(crate) functions: Option<String>,
    pub(crate) cluster: Option<String>,
    pub(crate) procedures: Vec<String>,
}

impl Parts {
    /// The page, from what was rendered.
    pub(crate) fn page(&self, rendered: Rendered) -> String {
        let mut text = rendered.head;
        if let Some(functions) = rendered.functions {
            text.push_str(&format!("\n## Check what takes over\n\n{functions}"));
            for check in &self.checks {
                let lines = check.lines.join("\n");
                let read = functions::READ;
                let own = ["SERVICE", "NAMESPACE", "LABEL"].map(|name| {
                    let value = self.variables.get(name).unwrap_or_default();
                    format!("{name}={} ", word(value))
                });
                text.push_str(&format!(
                    "\n```sh\n{read}\n{}TO={}\n{lines}\n```\n",
                    own.concat(),
                    check.region
                ));
                let judged: String = check.judged.iter().map(|one| format!("- {one}\n")).collect();
                text.push_str(&if judged.is_empty() { judged } else { format!("\n{judged}") });
            }
        }
        let mut text = functions::expand(&text, true);
        if let Some(page) = &rendered.cluster {
            text.push('\n');
            text.push_str(&demoted(page));
        }
        for (page, text_of) in self.procedures.iter().zip(&rendered.procedures) {
            text.push('\n');
            let service = !page.template.contains("cluster");
            text.push_str(&functions::expand(&demoted(text_of), service));
        }
        self.variables.fill(&plain(&text))
    }
}

/// The same page as part of another: its headings one level lower.
fn demoted(page: &str) -> String {
    let mut fenced = false;
    let line = |line: &str| {
        fenced ^= line.trim_start().starts_with("```");
        let heading = !fenced && line.starts_with('#');
        format!("{}{line}\n", if heading { "#" } else { "" })
    };
    page.lines().map(line).collect()
}

/// The same without links: the page is read by itself.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("](") {
        let Some(end) = rest[at..].find(')').map(|end| at + end) else { break };
        let target = &rest[at + 2..end];
        let open = rest[..at].rfind('[').filter(|_| target.ends_with(".md"));
        match open {
            Some(open) => {
                out.push_str(&rest[..open]);
                out.push_str(&rest[open + 1..at]);
            }
            None => out.push_str(&rest[..=end]),
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}
