//! A page for machines: one JSON object, complete.
//!
//! Keys are only ever added. Amounts have the number in the base of their unit (`seconds`,
//! `replicas`, `millicpu`, `bytes`, `millionths` of one) and the text that people read.

use super::number::{Number, TermOf};
use super::{Page, foreign};
use crate::decide::Proof;
use crate::decide::proof::{self, Amount, Claim, Source, Term, Unit};
use crate::diag::Row;
use crate::diag::json::schema_of;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::LazyLock;

/// JSON Schema, draft 2020-12, of what `explain` prints as JSON.
pub static SCHEMA: LazyLock<serde_json::Value> = LazyLock::new(schema_of::<Explained<'_>>);

/// What `ninefold explain --format json` prints: of a service, of a finding, or of all findings. Keys
/// are only ever added.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(title = "ninefold explain")]
enum Explained<'a> {
    /// What is promised of a service, and where every number comes from.
    Service(Box<Document<'a>>),
    /// What a finding means.
    Finding(OneCode<'a>),
    /// The findings that there are.
    Findings(Vec<OneCode<'a>>),
    /// What is known of workloads of which there is no spec.
    Foreign(&'a [foreign::Page]),
}

/// A finding that there can be.
#[derive(Serialize, JsonSchema)]
struct OneCode<'a> {
    /// Its code.
    code: &'a str,
    /// `error` or `warning`.
    severity: &'a str,
    /// What it is about.
    summary: &'a str,
    /// Its page, as Markdown; only where one finding was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'a str>,
}

impl<'a> OneCode<'a> {
    fn of(row: &'a Row) -> OneCode<'a> {
        let severity = row.severity.word();
        OneCode { code: row.name, severity, summary: row.summary, page: None }
    }
}

/// What a finding means, as a JSON object, in lines.
pub fn code(row: &Row) -> String {
    text(&Explained::Finding(OneCode { page: Some(row.page), ..OneCode::of(row) }))
}

/// What is known of workloads without a spec, as a JSON list, in lines.
pub fn foreign(pages: &[foreign::Page]) -> String {
    text(&Explained::Foreign(pages))
}

/// The findings that there are, as a JSON list, in lines.
pub fn codes(rows: &[Row]) -> String {
    text(&Explained::Findings(rows.iter().map(OneCode::of).collect()))
}

fn text(explained: &Explained<'_>) -> String {
    serde_json::to_string_pretty(explained).expect("a page holds texts and numbers") + "\n"
}

/// The page as a JSON object, in lines.
pub fn render(page: &Page<'_>) -> String {
    let regions = page.proofs.iter().map(|proof| region(page, proof)).collect();
    let premises = page.premises();
    let premises = premises.iter().map(|p| Coded { code: p.code(), text: p.text() }).collect();
    let document = Document {
        service: &page.service,
        tier: &page.tier,
        kind: page.kind,
        recovery: page.recovery,
        spec: page.spec,
        inventory: &page.inventory,
        summary: page.summary.as_deref(),
        regions,
        order: &page.order,
        premises,
        not_provable: super::NOT_PROVABLE,
    };
    text(&Explained::Service(Box::new(document)))
}

/// What is promised of a service, and where every number comes from.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// The service.
    service: &'a str,
    /// Its tier.
    tier: &'a str,
    /// `deployment` or `stateful`.
    kind: &'a str,
    /// The recovery strategy.
    recovery: &'a str,
    /// The path of the spec.
    spec: &'a str,
    /// The day of the fleet's inventory.
    inventory: &'a str,
    /// Whether all of it holds, in a sentence; null where nothing is promised.
    summary: Option<&'a str>,
    /// In the order of the spec.
    regions: Vec<Region<'a>>,
    /// With whom it moves when its first region is lost, and in which order, in sentences; empty where it
    /// moves alone, or does not.
    order: &'a [String],
    /// What the claims take for granted; they name the codes.
    premises: Vec<Coded<'a>>,
    /// What no sum can show.
    not_provable: &'a str,
}

/// A premise.
#[derive(Serialize, JsonSchema)]
struct Coded<'a> {
    /// Its code, by which claims name it.
    code: &'a str,
    /// It, in words.
    text: &'a str,
}

/// A service in one region.
#[derive(Serialize, JsonSchema)]
struct Region<'a> {
    /// The region.
    region: &'a str,
    /// `primary`, `standby`, `active`.
    role: &'a str,
    /// Replicas that run.
    replicas: u32,
    /// Replicas that carry the peak.
    peak: u32,
    /// Zones that they stand in.
    zones: u32,
    /// Replicas that are left when the fullest zone is lost.
    survivors_of_zone_loss: u32,
    /// The Backups of the Velero server; null where none backs the service up.
    backups: Option<Backups>,
    /// What is claimed about each loss.
    claims: Vec<OneClaim<'a>>,
    /// Every number of the manifests.
    numbers: Vec<OneNumber<'a>>,
}

/// How many Backups a Velero server holds, and compares with its locations every minute.
#[derive(Serialize, JsonSchema)]
struct Backups {
    /// Those that it makes, of all services.
    made: u64,
    /// Those that it reads for other regions.
    read: u64,
    /// How many there may be.
    most: u64,
    /// Whether the fleet says so.
    declared: bool,
}

/// What is claimed about one loss.
#[derive(Serialize, JsonSchema)]
struct OneClaim<'a> {
    /// What is lost: `pod`, `node`, `zone`, `region`, `data`.
    scope: &'a str,
    /// `rpo`, `rto`, `survivors`, `availability`.
    objective: &'a str,
    /// `kept`, `broken`, `not promised`, `void`.
    verdict: &'a str,
    /// Null where nothing is promised.
    promised: Option<Promised>,
    /// Null where nothing bounds it.
    worst: Option<OneAmount>,
    /// In the unit of `worst`, negative where broken; null without a promise or a bound.
    margin: Option<i64>,
    /// How the terms make the worst case.
    formula: &'a str,
    /// The parts of the worst case.
    terms: Vec<OneTerm<'a>>,
    /// Codes of the premises.
    premises: Vec<&'a str>,
}

/// What is promised, and by whom.
#[derive(Serialize, JsonSchema)]
struct Promised {
    #[serde(flatten)]
    amount: OneAmount,
    /// Who promises it.
    source: OneSource,
}

/// A number with its unit.
#[derive(Serialize, JsonSchema)]
struct OneAmount {
    /// The number, in the base of the unit.
    number: u64,
    /// `seconds`, `replicas`, `millicpu`, `bytes`, or `millionths` of one.
    unit: &'static str,
    /// As people read it.
    text: String,
}

/// A part of a sum.
#[derive(Serialize, JsonSchema)]
struct OneTerm<'a> {
    /// What it is.
    name: &'a str,
    /// How many times the amount counts.
    times: u64,
    /// How much it is once.
    amount: OneAmount,
    /// Times × amount.
    total: u64,
    /// Where it comes from.
    source: OneSource,
    /// How the amount follows from other numbers; may be empty.
    formula: &'a str,
}

/// Where a number comes from.
#[derive(Serialize, JsonSchema)]
struct OneSource {
    /// `spec`, `fleet`, `tier`, `kubernetes`, `velero`, `decided`, `proven`, `assumed`, `measured`.
    kind: &'static str,
    /// In words.
    text: String,
    /// `specs/orders.toml:7`, where it stands in an input.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

/// A number of a manifest.
#[derive(Serialize, JsonSchema)]
struct OneNumber<'a> {
    /// The stem of the object's file.
    object: &'a str,
    /// Where it stands in the object.
    field: &'a str,
    /// As the manifest has it.
    value: &'a str,
    /// Why.
    words: &'a str,
    /// Whether Ninefold decided it; not where a template of the user's own did.
    explained: bool,
    /// What it follows from, the one that matters most first.
    sources: Vec<OneSource>,
    /// The terms of claims that it is.
    terms: Vec<OneTermOf<'a>>,
}

/// A part of a sum.
#[derive(Serialize, JsonSchema)]
struct OneTermOf<'a> {
    /// What is lost.
    scope: &'a str,
    /// What is claimed about it.
    objective: &'a str,
    /// The name of the term.
    term: &'a str,
}

fn region<'a>(page: &'a Page<'_>, proof: &'a Proof) -> Region<'a> {
    let numbers = page.numbers.iter().filter(|number| number.region == proof.region);
    Region {
        region: proof.region.as_str(),
        role: proof.role,
        replicas: proof.replicas,
        peak: proof.peak,
        zones: proof.zones,
        survivors_of_zone_loss: proof.survivors_of_zone_loss,
        backups: page.held_in(&proof.region).map(|held| Backups {
            made: held.made,
            read: held.read,
            most: held.most,
            declared: held.declared,
        }),
        claims: proof.claims.iter().map(|it| claim(page, it)).collect(),
        numbers: numbers.map(|it| number(page, it)).collect(),
    }
}

fn claim<'a>(page: &Page<'_>, claim: &'a Claim) -> OneClaim<'a> {
    let promised = |promised: &proof::Promised| Promised {
        amount: amount(promised.amount),
        source: source(page, &promised.source),
    };
    OneClaim {
        scope: claim.scope.key(),
        objective: claim.objective.key(),
        verdict: claim.verdict().word(),
        promised: claim.promised.as_ref().map(promised),
        worst: claim.worst.map(amount),
        margin: claim.margin(),
        formula: &claim.formula,
        terms: claim.terms.iter().map(|it| term(page, it)).collect(),
        premises: claim.premises.iter().map(|premise| premise.code()).collect(),
    }
}

fn term<'a>(page: &Page<'_>, term: &'a Term) -> OneTerm<'a> {
    OneTerm {
        name: term.name,
        times: term.times,
        amount: amount(term.amount),
        total: term.total(),
        source: source(page, &term.source),
        formula: &term.formula,
    }
}

fn amount(amount: Amount) -> OneAmount {
    let unit = match amount.unit {
        Unit::Seconds => "seconds",
        Unit::Replicas => "replicas",
        Unit::MilliCpu => "millicpu",
        Unit::Bytes => "bytes",
        Unit::Millionths => "millionths",
    };
    OneAmount { number: amount.number, unit, text: amount.to_string() }
}

fn source(page: &Page<'_>, source: &Source) -> OneSource {
    let kind = match source {
        Source::Spec { .. } => "spec",
        Source::Fleet { .. } => "fleet",
        Source::Tier { .. } => "tier",
        Source::Kubernetes { .. } => "kubernetes",
        Source::Velero { .. } => "velero",
        Source::Decided { .. } | Source::BuiltIn => "decided",
        Source::Proven => "proven",
        Source::Claimed { .. } => "claimed",
        Source::Assumed { .. } => "assumed",
        Source::Measured { .. } => "measured",
    };
    OneSource { kind, text: source.to_string(), place: page.place(source) }
}

fn number<'a>(page: &Page<'_>, number: &'a Number) -> OneNumber<'a> {
    let term = |term: &TermOf| OneTermOf {
        scope: term.scope.key(),
        objective: term.objective.key(),
        term: term.name,
    };
    OneNumber {
        object: &number.object,
        field: &number.field,
        value: &number.value,
        words: &number.words,
        explained: number.explained,
        sources: number.sources.iter().map(|it| source(page, it)).collect(),
        terms: number.terms.iter().map(term).collect(),
    }
}
