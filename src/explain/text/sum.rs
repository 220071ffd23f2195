//! The sums behind the verdicts.

use super::bar::bar;
use super::out::{Out, Style, WIDTH};
use crate::decide::proof::{Amount, Claim, Objective, Source, Term};
use crate::explain::fold::{self, Alike, Sum};
use crate::explain::{Page, short};

/// The width of the bars of a sum.
const BAR: usize = 34;

/// A sum, with a bar for each term: each begins where the one before ends.
pub(super) fn print(
    out: &mut Out,
    page: &Page<'_>,
    group: &Alike<'_>,
    sum: &Sum<'_>,
    several: bool,
) {
    let claim = sum.claim;
    let scopes: Vec<&str> = sum.scopes.iter().map(|scope| scope.lost()).collect();
    let place = if several { format!(", {}", group.names()) } else { String::new() };
    let name = match claim.objective {
        Objective::Rpo | Objective::Rto => short(claim.objective),
        Objective::Survivors => "Replicas left",
        Objective::Availability => "Availability",
    };
    out.title(&format!("{name} at the loss of {}{place}", scopes.join(", ")));
    let terms: Vec<&Term> = claim.terms.iter().filter(|term| term.total() > 0).collect();
    // Only of a sum is each term a part of the whole.
    let adds_up = claim.worst.is_some_and(|worst| {
        claim.terms.iter().all(|term| term.amount.unit == worst.unit)
            && claim.terms.iter().map(Term::total).fold(0u64, u64::saturating_add) == worst.number
    });
    // A time beside replicas has no place among their bars.
    let unit = terms.first().map(|term| term.amount.unit);
    let is_drawn = |term: &&&Term| unit == Some(term.amount.unit);
    let whole = match claim.worst {
        Some(worst) if adds_up => worst.number,
        Some(_) | None => terms.iter().filter(is_drawn).map(|term| term.total()).max().unwrap_or(0),
    };
    let mut before = 0u64;
    for term in &terms {
        let long = if is_drawn(&term) { term.total() } else { 0 };
        let bar = bar(if adds_up { before } else { 0 }, long, whole, BAR);
        before = before.saturating_add(term.total());
        one_term(out, page, group, sum, term, &bar);
    }
    nothing(out, claim);
    let worst = claim.worst.map_or("no bound".to_owned(), |worst| worst.to_string());
    let held = held(sum);
    if adds_up && !terms.is_empty() {
        out.styled(Style::Bold, &format!("{worst:>12}  {}  {held}", "═".repeat(BAR)));
        if claim.formula != "the sum" {
            out.paragraph(Style::Plain, 14, &claim.formula);
        }
    } else {
        let held = if held.is_empty() { held } else { format!(", {held}") };
        let text = format!("{}{held}", claim.formula);
        out.hanging(Style::Bold, 0, 14, &format!("{worst:>12}  "), &text);
    }
    let codes: Vec<&str> = claim.premises.iter().map(|premise| premise.code()).collect();
    if !codes.is_empty() {
        out.paragraph(Style::Dim, 14, &format!("given: {}", codes.join(", ")));
    }
}

/// What was promised, where it is the same for all losses that the sum stands for.
fn held(sum: &Sum<'_>) -> String {
    match sum.promised.as_slice() {
        [Some(first), rest @ ..] if rest.iter().all(|other| *other == Some(*first)) => {
            format!("of {first} promised")
        }
        all if all.iter().all(Option::is_none) => "no promise".to_owned(),
        _ => String::new(),
    }
}

fn one_term(
    out: &mut Out,
    page: &Page<'_>,
    group: &Alike<'_>,
    sum: &Sum<'_>,
    term: &Term,
    bar: &str,
) {
    let amount = Amount { number: term.total(), unit: term.amount.unit };
    let times = match term.times {
        1 => String::new(),
        times => format!(", {times} × {}", term.amount),
    };
    let text = format!("{:>12}  {bar:<BAR$}  {}{times}", amount.to_string(), term.name);
    if text.chars().count() <= WIDTH {
        out.line(&text);
    } else {
        out.line(&format!("{:>12}  {bar}", amount.to_string()));
        out.paragraph(Style::Plain, 14, &format!("{}{times}", term.name));
    }
    out.paragraph(Style::Dim, 14, &origin(page, group, sum, term));
}

/// Where a term comes from, and how it follows; in each region where that differs.
fn origin(page: &Page<'_>, group: &Alike<'_>, sum: &Sum<'_>, term: &Term) -> String {
    let many = group.proofs.len() > 1;
    let own = |(proof, claim): &(&crate::decide::Proof, &Claim)| {
        let term = claim.term(term.name)?;
        let mut words = term.source.to_string();
        let anywhere = fold::anywhere(&words, proof.region.as_str());
        match page.place(&term.source) {
            Some(_) if many && anywhere != words => {}
            Some(place) => words = format!("{words}, {place}"),
            None => {}
        }
        if many {
            words = fold::anywhere(&words, proof.region.as_str());
        }
        if !term.formula.is_empty() {
            words = format!("{words}: {}", term.formula);
        }
        Some((proof.region.to_string(), words))
    };
    let all: Vec<(String, String)> = sum.others.iter().filter_map(own).collect();
    let same = all.windows(2).all(|pair| pair[0].1 == pair[1].1);
    match all.first() {
        Some((_, words)) if same => words.clone(),
        Some(_) | None => {
            let each = all.iter().map(|(region, words)| format!("{region}: {words}"));
            each.collect::<Vec<String>>().join("; ")
        }
    }
}

/// The terms that add nothing.
fn nothing(out: &mut Out, claim: &Claim) {
    let none: Vec<String> = (claim.terms.iter())
        .filter(|term| term.total() == 0)
        .map(|term| match &term.source {
            Source::Spec { key, .. } => format!("{} (spec {key})", term.name),
            Source::Fleet { .. }
            | Source::Tier { .. }
            | Source::Kubernetes { .. }
            | Source::Velero { .. }
            | Source::Decided { .. }
            | Source::BuiltIn
            | Source::Proven
            | Source::Claimed { .. }
            | Source::Assumed { .. }
            | Source::Measured { .. } => term.name.to_owned(),
        })
        .collect();
    if let Some(first) = claim.terms.iter().find(|term| term.total() == 0) {
        let zero = Amount { number: 0, unit: first.amount.unit };
        out.paragraph(Style::Dim, 10, &format!("{zero}  for {}", none.join(", ")));
    }
}
