//! Every number in the manifests of a service, with the reason that its decision carries.
//!
//! The numbers are read from what was emitted. For each field, a row says which decided number it
//! shows; where the manifest says something else, or there is no row, a number counts as unexplained.
//! So no explanation is that of another number than the one that stands there.

mod field; //   where a number stands in its object
mod row; //     what a row is
mod pod; //     the rows: workloads, pods, autoscalers, disruption budgets
mod jobs; //    jobs
mod containers; // what is beside a service in its pods
mod network; // Services, policies, routes, records, alerts, ConfigMaps
mod data; //    Schedules, copies of volumes, databases

use crate::Fleet;
use crate::decide::ServiceInRegion;
use crate::decide::proof::{Objective, Proof, Scope, Source};
use crate::diag::{Reported, Sink};
use crate::kube::RegionName;
use crate::model::{Patch, Service};
use crate::plan::{Planned, Unit};
use crate::tree::{self, Previous};
use crate::yaml::{self, Value};
use field::Field;
use row::{At, Row};

/// One number of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The region.
    pub region: RegionName,
    /// The object: the stem of its file, `deployment` or `config-map-region`.
    pub object: String,
    /// Where it stands in the object: `spec.replicas`; items of lists by their names, in brackets.
    pub field: String,
    /// The number as the manifest has it.
    pub value: String,
    /// Why it is that, with the numbers it follows from.
    pub words: String,
    /// Where those come from, the one that matters most first; none where nothing of the spec, the
    /// fleet or the tier changes it.
    pub sources: Vec<Source>,
    /// Whether Ninefold decided it; not where a template of the user's own did.
    pub explained: bool,
    /// The claims that it is a term of.
    pub terms: Vec<TermOf>,
}

/// A term of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TermOf {
    /// What is claimed.
    pub objective: Objective,
    /// What is lost.
    pub scope: Scope,
    /// The term.
    pub name: &'static str,
}

/// An object of a service as it was emitted.
struct Emitted {
    region: RegionName,
    /// The stem of its file.
    file: String,
    /// What it says.
    value: Value,
}

const ROWS: &[&[Row]] = &[
    pod::WORKLOADS,
    pod::PODS,
    pod::SCALING,
    containers::CONTAINERS,
    containers::OF_JOBS,
    containers::OF_CRON_JOBS,
    containers::STARTUP,
    containers::LIVENESS,
    containers::READINESS,
    jobs::JOBS,
    jobs::CRON_PODS,
    jobs::PODS,
    network::NETWORK,
    network::TRAFFIC,
    network::ALERTS,
    network::CONFIG,
    data::BACKUPS,
    data::COPIES,
    data::DATABASES,
];

/// Every number in the manifests of a service, region by region in the order of its spec.
///
/// # Errors
///
/// When its manifests do not compile; it was reported.
pub(super) fn of(
    sink: &mut Sink,
    fleet: &Fleet,
    service: &Service,
    proofs: &[Proof],
) -> Result<Vec<Number>, Reported> {
    let unit = Unit::Service(service.name.clone());
    let tree = fleet.compile(sink, &unit, &Previous::nothing())?;
    let applied = |document: &&tree::Document| {
        document.path.split('/').next() != Some(tree::ledger::RECOVERY)
    };
    let emitted: Vec<Emitted> = (tree.documents().iter().filter(applied))
        .map(|document| emitted(document).expect("the tree wrote the path, and YAML"))
        .collect();
    let (_, planned, _) = fleet.plan(service, proofs).into_parts();
    let in_regions = fleet.decided().places(service).zip(proofs);
    Ok(in_regions.flat_map(|(here, proof)| numbers(&here, &planned, &emitted, proof)).collect())
}

fn emitted(document: &tree::Document) -> Option<Emitted> {
    let mut parts = document.path.split('/');
    let (region, file) = (parts.next()?, parts.next_back()?);
    let value = yaml::read::document(&document.text).ok()?;
    let file = file.trim_end_matches(".yaml").to_owned();
    Some(Emitted { region: RegionName::new(region), file, value })
}

/// The numbers of what was `emitted` of a service here, which `planned` asked for.
fn numbers(
    here: &ServiceInRegion<'_>,
    planned: &[Planned],
    emitted: &[Emitted],
    proof: &Proof,
) -> Vec<Number> {
    let mut numbers = Vec::new();
    for object in emitted.iter().filter(|object| object.region == here.region.name) {
        let asked = planned
            .iter()
            .find(|planned| planned.id.region == object.region && planned.file == object.file);
        for (field, value) in field::numbers(&object.value) {
            let mut number = match asked {
                Some(planned) => number(here, planned, &field, value),
                None => unexplained(&field, value, "nothing of the plan asked for it".to_owned()),
            };
            let own = own(here, asked, (&object.file, &field));
            if let (false, Some(words)) = (number.explained, own) {
                (number.words, number.explained) = (words, true);
            }
            number.region = object.region.clone();
            number.object.clone_from(&object.file);
            number.terms = terms(proof, &object.file, &field, &number.sources);
            numbers.push(number);
        }
    }
    numbers
}

/// Who says what Ninefold does not: a manifest of the service's own, or a patch in its spec.
fn own(
    here: &ServiceInRegion<'_>,
    asked: Option<&Planned>,
    (object, field): (&str, &Field),
) -> Option<String> {
    let service = here.service;
    match asked {
        None if !service.manifests.is_empty() => {
            Some("its manifest says so, or the order of delivery".to_owned())
        }
        Some(_) => {
            let says = |patch: &Patch| patch.object == object && field.stands_in(&patch.value);
            let says = service.patches.iter().any(says);
            says.then(|| format!("`[patch.{object}]` in the spec says so"))
        }
        None => None,
    }
}

fn number(here: &ServiceInRegion<'_>, planned: &Planned, field: &Field, value: String) -> Number {
    let stem = planned.template.trim_end_matches(".yaml");
    let rows = ROWS.iter().copied().flatten().filter(|row| row.objects.contains(&stem));
    let shown = |row: &Row| {
        let captured = field.matches(row.field)?;
        let at = At { here, values: &planned.values, captured: &captured };
        Some((row.field, (row.shows)(&at)?))
    };
    let found = rows.chain(network::EVERYWHERE).find_map(shown);
    let found = found.or_else(|| network::records(stem).find_map(|row| shown(&row)));
    let template = &planned.template;
    match found {
        Some((field_of_row, shown)) if shown.says == value => {
            // What is built in stands nowhere else than in the field that shows it.
            let source = |source| {
                let built_in = source == Source::BuiltIn;
                if built_in { Source::Decided { field: field_of_row } } else { source }
            };
            let sources = shown.why.sources.into_iter().map(source).collect();
            Number { sources, explained: true, ..unexplained(field, value, shown.why.words) }
        }
        Some((_, shown)) => {
            let says = shown.says;
            let words = format!("the template `{template}` says so; Ninefold decided {says}");
            unexplained(field, value, words)
        }
        None => unexplained(field, value, format!("the template `{template}` says so")),
    }
}

/// A number that no decision stands behind, of an object that is still to be named.
fn unexplained(field: &Field, value: String, words: String) -> Number {
    Number {
        region: RegionName::new(""),
        object: String::new(),
        field: field.to_string(),
        value,
        words,
        sources: Vec::new(),
        explained: false,
        terms: Vec::new(),
    }
}

/// The terms of claims that come from this field, or from the same place as it does.
fn terms(proof: &Proof, object: &str, field: &Field, sources: &[Source]) -> Vec<TermOf> {
    // The words of a command are no part of the time that it may take.
    let names = if field.is_word() { Vec::new() } else { field.in_claims(object) };
    let decided = |prefix: &str| {
        let is = |name: &String| {
            name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        names.iter().any(is)
    };
    let same = |source: &Source| match source {
        Source::Decided { field } => decided(field) || sources.contains(source),
        Source::Tier { .. } | Source::Spec { .. } | Source::Fleet { .. } => {
            sources.iter().any(|own| same_key(own, source))
        }
        Source::Kubernetes { .. }
        | Source::Velero { .. }
        | Source::BuiltIn
        | Source::Proven
        | Source::Claimed { .. }
        | Source::Assumed { .. }
        | Source::Measured { .. } => false,
    };
    let mut terms: Vec<TermOf> = (proof.claims.iter())
        .flat_map(|claim| claim.terms.iter().map(move |term| (claim, term)))
        .filter(|(_, term)| term.total() > 0 && same(&term.source))
        .map(|(claim, term)| TermOf {
            objective: claim.objective,
            scope: claim.scope,
            name: term.name,
        })
        .collect();
    terms.sort_unstable();
    terms
}

/// Whether two sources are the same key; of a tier, wherever it is written.
fn same_key(a: &Source, b: &Source) -> bool {
    let key = |source: &Source| match source {
        Source::Tier { tier, field } => Some(format!("fleet tiers.{tier}.{field}")),
        Source::Spec { key, .. } => Some(format!("spec {key}")),
        Source::Fleet { key, .. } => Some(format!("fleet {key}")),
        Source::Kubernetes { .. }
        | Source::Velero { .. }
        | Source::Decided { .. }
        | Source::BuiltIn
        | Source::Proven
        | Source::Claimed { .. }
        | Source::Assumed { .. }
        | Source::Measured { .. } => None,
    };
    key(a).is_some() && key(a) == key(b)
}
