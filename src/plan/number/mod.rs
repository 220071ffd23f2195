//! Every number in the manifests of a service, and where it comes from.
//!
//! The numbers are read from what was emitted. For each field, a row says what the plan decided
//! there, and why; where the manifest says something else, or there is no row, a number counts as
//! unexplained. So no explanation is that of another number than the one that stands there.

mod field; //    where a number stands in its object
mod row; //      what a row is
mod workload; // the rows: Deployments, StatefulSets, autoscalers, disruption budgets
mod pod; //      pods
mod network; //  Services and network policies
mod backup; //   Schedules
mod alerts; //   PrometheusRules
mod replication; // copies of VolSync's
mod postgresql; // databases
mod traffic; //  routes and records
mod config; //   ConfigMaps, and what every object has

use super::proof::{Objective, Proof, Scope, Source};
use super::{Planned, ServiceInRegion};
use crate::kube::RegionName;
use crate::yaml::Value;
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
    /// Whether the plan decided it; not where a template of the user's own did.
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
#[derive(Clone, Debug)]
pub struct Emitted {
    /// The region.
    pub region: RegionName,
    /// The stem of its file.
    pub file: String,
    /// What it says.
    pub value: Value,
}

const ROWS: &[&[Row]] = &[
    workload::ROWS,
    pod::ROWS,
    network::ROWS,
    backup::ROWS,
    replication::ROWS,
    postgresql::ROWS,
    traffic::ROWS,
    alerts::ROWS,
    config::ROWS,
];

/// The numbers of `emitted`, objects of one service `here`, which `planned` asked for.
pub(super) fn of(
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
            number.region = object.region.clone();
            number.object.clone_from(&object.file);
            number.terms = terms(proof, &object.file, &field, &number.sources);
            numbers.push(number);
        }
    }
    numbers
}

fn number(here: &ServiceInRegion<'_>, planned: &Planned, field: &Field, value: String) -> Number {
    let stem = planned.template.trim_end_matches(".yaml");
    let rows = ROWS.iter().copied().flatten().filter(|row| row.objects.contains(&stem));
    let mut rows = rows.chain(config::EVERYWHERE);
    let found = rows.find_map(|row| {
        let captured = field.matches(row.field)?;
        (row.why)(&At { here, values: &planned.values, captured: &captured, field: row.field })
    });
    let template = &planned.template;
    match found {
        Some(why) if why.says == value => {
            Number { sources: why.sources, explained: true, ..unexplained(field, value, why.words) }
        }
        Some(why) => {
            let words = format!("the template `{template}` says so; Ninefold decided {}", why.says);
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
            sources.iter().any(|own| row::same_key(own, source))
        }
        Source::Kubernetes { .. }
        | Source::Velero { .. }
        | Source::Proven
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
