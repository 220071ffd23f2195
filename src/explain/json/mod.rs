//! A page for machines: one JSON object, complete.
//!
//! Keys are only ever added. Amounts have the number in the base of their unit (`seconds`,
//! `replicas`, `millicpu`, `bytes`, `millionths` of one) and the text that people read.

mod shapes; // the shapes

use super::Page;
use super::foreign;
use super::number::{Number, TermOf};
use crate::decide::Proof;
use crate::decide::proof::{self, Amount, Claim, Source, Term, Unit};
use crate::diag::Row;
use crate::diag::json::schema_of;
use shapes::{
    Backups, Coded, Document, Explained, OneAmount, OneClaim, OneCode, OneNumber, OneSource,
    OneTerm, OneTermOf, Promised, Region,
};
use std::sync::LazyLock;

/// JSON Schema, draft 2020-12, of what `explain` prints as JSON.
pub static SCHEMA: LazyLock<serde_json::Value> = LazyLock::new(schema_of::<Explained<'_>>);

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
        formula: term.formula.to_string(),
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
