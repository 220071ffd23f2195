//! A page for machines: one JSON object, complete.
//!
//! Keys are only ever added. Amounts have the number in the base of their unit (`seconds`,
//! `replicas`, `millicpu`, `bytes`, `millionths` of one) and the text that people read.

use super::Page;
use super::number::{Number, TermOf};
use crate::decide::Proof;
use crate::decide::proof::{self, Amount, Claim, Source, Term, Unit};
use serde::Serialize;

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
        premises,
        not_provable: super::NOT_PROVABLE,
    };
    serde_json::to_string_pretty(&document).expect("a page holds texts and numbers") + "\n"
}

/// A page.
#[derive(Serialize)]
struct Document<'a> {
    service: &'a str,
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
    /// What the claims take for granted; they name the codes.
    premises: Vec<Coded<'a>>,
    /// What no sum can show.
    not_provable: &'a str,
}

#[derive(Serialize)]
struct Coded<'a> {
    code: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct Region<'a> {
    region: &'a str,
    /// `primary`, `standby`, `active`.
    role: &'a str,
    /// Replicas that run.
    replicas: u32,
    /// Replicas that carry the peak.
    peak: u32,
    zones: u32,
    survivors_of_zone_loss: u32,
    claims: Vec<OneClaim<'a>>,
    numbers: Vec<OneNumber<'a>>,
}

#[derive(Serialize)]
struct OneClaim<'a> {
    /// What is lost: `pod`, `node`, `zone`, `region`, `data`.
    scope: &'a str,
    /// `rpo`, `rto`, `survivors`, `availability`.
    objective: &'a str,
    /// `kept`, `broken`, `not promised`.
    verdict: &'a str,
    /// Null where nothing is promised.
    promised: Option<Promised>,
    /// Null where nothing bounds it.
    worst: Option<OneAmount>,
    /// In the unit of `worst`, negative where broken; null without a promise or a bound.
    margin: Option<i64>,
    /// How the terms make the worst case.
    formula: &'a str,
    terms: Vec<OneTerm<'a>>,
    /// Codes of the premises.
    premises: Vec<&'a str>,
}

#[derive(Serialize)]
struct Promised {
    #[serde(flatten)]
    amount: OneAmount,
    source: OneSource,
}

#[derive(Serialize)]
struct OneAmount {
    number: u64,
    unit: &'static str,
    text: String,
}

#[derive(Serialize)]
struct OneTerm<'a> {
    name: &'a str,
    /// How many times the amount counts.
    times: u64,
    amount: OneAmount,
    /// Times × amount.
    total: u64,
    source: OneSource,
    /// How the amount follows from other numbers; may be empty.
    formula: &'a str,
}

#[derive(Serialize)]
struct OneSource {
    /// `spec`, `fleet`, `tier`, `kubernetes`, `velero`, `decided`, `proven`, `assumed`, `measured`.
    kind: &'static str,
    /// In words.
    text: String,
    /// `specs/orders.toml:7`, where it stands in an input.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

#[derive(Serialize)]
struct OneNumber<'a> {
    /// The stem of the object's file.
    object: &'a str,
    field: &'a str,
    /// As the manifest has it.
    value: &'a str,
    /// Why.
    words: &'a str,
    /// Whether Ninefold decided it; not where a template of the user's own did.
    explained: bool,
    sources: Vec<OneSource>,
    /// The terms of claims that it is.
    terms: Vec<OneTermOf<'a>>,
}

#[derive(Serialize)]
struct OneTermOf<'a> {
    scope: &'a str,
    objective: &'a str,
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
        formula: claim.formula,
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
