//! For machines: all of a report, never shortened, in one JSON document.
//!
//! The minor version of the format grows when something is added: a reader ignores what it does
//! not know. Another major version is another format.

use super::phrase;
use crate::diff::Report;
use crate::diff::report::{
    Accepted, CauseKind, Class, Counts, Direction, HashedNames, Manifest, Operation, Pairing,
    Place, Promotion, Severity, Side,
};
use crate::diff::value::Change;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The version of the format.
pub const FORMAT_VERSION: &str = "1.0";

/// JSON Schema, draft 2020-12, of what [`render`] writes.
pub static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    generator.into_root_schema_for::<Diff<'_>>().to_value()
});

/// What is added to the report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The gate, when there is one.
    pub fail_on: Option<Severity>,
}

/// The report as JSON, with a line break at its end.
pub fn render(report: &Report, options: &Options) -> String {
    let mut text =
        serde_json::to_string_pretty(&diff(report, options)).expect("a report has only text keys");
    text.push('\n');
    text
}

/// The difference between two trees.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "ninefold diff")]
struct Diff<'a> {
    /// The version of this format: `1.0`. Ignore keys that you do not know; refuse another major
    /// version.
    format_version: &'a str,
    /// The Ninefold that compared.
    tool_version: &'a str,
    /// The old side.
    from: &'a Side,
    /// The new side.
    to: &'a Side,
    /// What it comes to.
    status: Status,
    /// The worst severity of an effect, accepted ones included; null when there is none.
    max_severity: Option<Severity>,
    /// What `--fail-on` says; null without it.
    gate: Option<Gate>,
    /// How many objects there are, and what becomes of them.
    counts: &'a Counts,
    /// Why things change.
    causes: Vec<Cause<'a>>,
    /// What the change does, worst first.
    effects: Vec<Effect<'a>>,
    /// Every object that differs, in the order of identities.
    objects: Vec<Object<'a>>,
    /// Objects that differ alike.
    groups: Vec<Group<'a>>,
    /// What a reader must know about the comparison itself.
    notes: &'a [String],
}

/// What a diff comes to.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    /// Nothing differs.
    Unchanged,
    /// Other bytes, the same meaning.
    Cosmetic,
    /// Objects differ.
    Changed,
}

/// Whether the change may pass.
#[derive(Serialize, JsonSchema)]
struct Gate {
    /// The least severity that fails.
    fail_on: Severity,
    /// Whether it does.
    failed: bool,
    /// The effects that fail, by id.
    effects: Vec<String>,
}

/// Why something changes: one edit, wherever it was made.
#[derive(Serialize, JsonSchema)]
struct Cause<'a> {
    /// Unique in this document: `cause-1`.
    id: String,
    /// What made the change.
    kind: CauseKind,
    /// One phrase.
    title: &'a str,
    /// The edited places, one for each file.
    places: &'a [Place],
    /// The value before, when it is a single one.
    old: Option<&'a str>,
    /// The value after.
    new: Option<&'a str>,
    /// What it promotes; left out of an edit that promotes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    promotes: Option<&'a Promotion>,
    /// The objects that say something else because of it, by id.
    objects: Vec<String>,
    /// The objects that only follow, by id.
    followers: Vec<String>,
}

/// What a change does to a promise, or to what runs.
#[derive(Serialize, JsonSchema)]
struct Effect<'a> {
    /// Unique in this document, and the same in every run that finds the same:
    /// `loses-region/orders/eastus2`.
    id: String,
    /// The rule: `ninefold explain` has its page.
    rule: &'a str,
    /// How much it matters.
    severity: Severity,
    /// Whether the promise gets weaker.
    direction: Direction,
    /// Whom it concerns; `fleet` for what services share.
    service: &'a str,
    /// Where, in the order of the spec.
    regions: &'a [String],
    /// One phrase, without the service.
    title: &'a str,
    /// What follows, line by line.
    details: &'a [String],
    /// The numbers behind it, by name; of `warning-added`, the `finding` with its `file`, `line` and
    /// `column`.
    evidence: &'a BTreeMap<String, Value>,
    /// Its causes, by id.
    causes: Vec<String>,
    /// The objects that it is about, by id.
    objects: Vec<String>,
    /// The `[[accept]]` that covers it: it does not fail the gate.
    accepted: Option<&'a Accepted>,
}

/// An object that differs.
#[derive(Serialize, JsonSchema)]
struct Object<'a> {
    /// `region/group/kind/namespace/logical name`, and `@generation` for a former generation:
    /// unique in this document, whatever the name of the object.
    id: String,
    /// The service, or `fleet`.
    service: &'a str,
    /// Where.
    region: &'a str,
    /// `Deployment`
    kind: &'a str,
    /// Its name without a hash.
    logical_name: &'a str,
    /// The former generation that it belongs to; null for the current one.
    generation: Option<&'a str>,
    /// What becomes of it.
    operation: Operation,
    /// What differs in it.
    class: Class,
    /// How the two sides were found to be the same object.
    pairing: Pairing,
    /// On the old side; null when it was not there.
    old: Option<&'a Manifest>,
    /// On the new side.
    new: Option<&'a Manifest>,
    /// Field by field. An object that comes or goes is one change at the root.
    changes: &'a [Change],
    /// Where names with a hash stand: `changes` have the names without.
    names: &'a HashedNames,
    /// Its causes, by id.
    causes: Vec<String>,
}

/// Objects of one kind that change alike.
#[derive(Serialize, JsonSchema)]
struct Group<'a> {
    /// The services.
    services: &'a [String],
    /// The regions.
    regions: &'a [String],
    /// Of how many regions these services have.
    of_regions: usize,
    /// `Deployment`
    kind: &'a str,
    /// The objects, by id.
    objects: Vec<String>,
}

fn diff<'a>(report: &'a Report, options: &Options) -> Diff<'a> {
    let ids = effect_ids(report);
    let objects = |numbers: &[usize]| -> Vec<String> {
        numbers.iter().map(|at| phrase::id(&report.objects[*at])).collect()
    };
    let causes = |numbers: &[usize]| -> Vec<String> {
        numbers.iter().map(|at| format!("cause-{}", at + 1)).collect()
    };
    Diff {
        format_version: FORMAT_VERSION,
        tool_version: env!("CARGO_PKG_VERSION"),
        from: &report.from,
        to: &report.to,
        status: match report.is_empty() {
            true => Status::Unchanged,
            false if report.is_cosmetic() => Status::Cosmetic,
            false => Status::Changed,
        },
        max_severity: report.worst(),
        gate: options.fail_on.map(|fail_on| gate(report, &ids, fail_on)),
        counts: &report.counts,
        causes: (report.causes.iter().zip(1..))
            .map(|(cause, number)| Cause {
                id: format!("cause-{number}"),
                kind: cause.kind,
                title: &cause.title,
                places: &cause.places,
                old: cause.old.as_deref(),
                new: cause.new.as_deref(),
                promotes: cause.promotes.as_ref(),
                objects: objects(&cause.objects),
                followers: objects(&cause.followers),
            })
            .collect(),
        effects: (report.effects.iter().zip(ids))
            .map(|(effect, id)| Effect {
                id,
                rule: effect.rule.name(),
                severity: effect.severity,
                direction: effect.direction,
                service: &effect.service,
                regions: &effect.regions,
                title: &effect.title,
                details: &effect.details,
                evidence: &effect.evidence,
                causes: causes(&effect.causes),
                objects: objects(&effect.objects),
                accepted: effect.accepted.as_ref(),
            })
            .collect(),
        objects: (report.objects.iter())
            .map(|object| Object {
                id: phrase::id(object),
                service: &object.service,
                region: &object.region,
                kind: &object.kind,
                logical_name: &object.logical_name,
                generation: object.generation.as_deref(),
                operation: object.operation,
                class: object.class,
                pairing: object.pairing,
                old: object.old.as_ref(),
                new: object.new.as_ref(),
                changes: &object.changes,
                names: &object.names,
                causes: causes(&object.causes),
            })
            .collect(),
        groups: (report.groups.iter())
            .map(|group| Group {
                services: &group.services,
                regions: &group.regions,
                of_regions: group.of_regions,
                kind: &group.kind,
                objects: objects(&group.objects),
            })
            .collect(),
        notes: &report.notes,
    }
}

/// The id of each effect: rule, service and regions, and a number where that is not enough.
fn effect_ids(report: &Report) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let ids = report.effects.iter().map(|effect| {
        let mut id = format!("{}/{}", effect.rule.name(), effect.service);
        if !effect.regions.is_empty() {
            id += &format!("/{}", effect.regions.join("+"));
        }
        let count = seen.entry(id.clone()).or_default();
        *count += 1;
        if *count > 1 { format!("{id}#{count}") } else { id }
    });
    ids.collect()
}

fn gate(report: &Report, ids: &[String], fail_on: Severity) -> Gate {
    let fails: Vec<String> = report
        .effects
        .iter()
        .zip(ids)
        .filter(|(effect, _)| effect.severity >= fail_on && effect.accepted.is_none())
        .map(|(_, id)| id.clone())
        .collect();
    Gate { fail_on, failed: !fails.is_empty(), effects: fails }
}
