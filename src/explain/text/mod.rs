//! A page for people: first whether the promises hold, then each sum, then every number.

mod out; //    lines
mod bar; //    bars
mod sum; //    the sums
mod number; // the numbers

use super::fold::{self, Alike};
use super::{Page, assumes, meaning, short};
use crate::decide::proof::{Amount, Claim, Objective, Unit, Verdict};
use bar::bar;
use out::{Out, Style};

/// The width of the bars of the table.
const USED: usize = 10;

/// The page, with colour when `colour`. No line is longer than 80 characters, unless one word is.
pub fn render(page: &Page<'_>, colour: bool) -> String {
    let mut out = Out { text: String::new(), colour };
    head(&mut out, page);
    let groups = fold::regions(page);
    let claims = page.claims_something();
    if claims {
        for group in &groups {
            table(&mut out, page, group);
        }
        legend(&mut out, page);
        for group in &groups {
            let several = groups.len() > 1;
            for sum in fold::sums(group) {
                sum::print(&mut out, page, group, &sum, several);
            }
        }
        order(&mut out, page);
        premises(&mut out, page);
    }
    number::print(&mut out, page, claims);
    out.text
}

fn head(out: &mut Out, page: &Page<'_>) {
    let kind = page.kind;
    let text = format!("{} · {} · {kind} · {}", page.service, page.tier, page.recovery);
    out.styled(Style::Bold, &text);
    let text = format!("{}, and the fleet as of {}", page.spec, page.inventory);
    out.styled(Style::Dim, &text);
    if let Some(summary) = page.summary.as_ref().filter(|_| page.claims_something()) {
        out.line("");
        let style = if summary.starts_with('✗') { Style::Red } else { Style::Green };
        out.paragraph(style, 0, summary);
    }
}

/// What is promised in regions that are alike, and whether it holds.
fn table(out: &mut Out, page: &Page<'_>, group: &Alike<'_>) {
    let proof = group.first();
    let names = group.names();
    out.title(&format!("{names} ({})", proof.role));
    out.paragraph(Style::Plain, 2, &super::size(proof));
    if let Some(held) = page.held_in(&proof.region) {
        out.paragraph(Style::Plain, 2, &super::count(held));
    }
    if proof.claims.is_empty() {
        return;
    }
    let columns = format!(
        "  {:<12}{:<6}{:<9}{:<12}{:<12}{:<13}",
        "loss of", "", "promise", "worst case", "used", "margin"
    );
    out.styled(Style::Dim, &format!("{columns}verdict"));
    let mut last = None;
    for claim in &proof.claims {
        let scope =
            if last.replace(claim.scope) == Some(claim.scope) { "" } else { claim.scope.lost() };
        row(out, scope, claim);
    }
}

fn row(out: &mut Out, scope: &str, claim: &Claim) {
    let promised = claim.promised.as_ref().map(|promised| promised.amount);
    let text = |amount: Option<Amount>, none: &str| amount.map_or(none.to_owned(), amount_in_table);
    let worst = text(claim.worst, "no bound");
    let used = used(claim).map_or(String::new(), |(part, whole)| bar(0, part, whole, USED));
    let margin = margin(claim);
    let line = format!(
        "  {scope:<12}{:<6}{:<9}{worst:<12}{used:<12}{margin:<13}",
        short(claim.objective),
        text(promised, "–"),
    );
    let (style, mark) = match claim.verdict() {
        Verdict::Kept => (Style::Green, "✓ kept"),
        Verdict::Broken => (Style::Red, "✗ BROKEN"),
        Verdict::NotPromised => (Style::Dim, "– no promise"),
        Verdict::Void => (Style::Red, "∅ VOID"),
    };
    let mark = if assumes(claim) { format!("{mark} ~") } else { mark.to_owned() };
    let text = out.paint(Style::Plain, &line) + &out.paint(style, &mark);
    out.text.push_str(&text);
    out.text.push('\n');
}

/// Replicas stand under their own heading, so the unit is left out.
fn amount_in_table(amount: Amount) -> String {
    match amount.unit {
        Unit::Replicas => amount.number.to_string(),
        Unit::Seconds | Unit::MilliCpu | Unit::Bytes | Unit::Millionths => amount.to_string(),
    }
}

/// How far a promise is used up: so much of so much.
fn used(claim: &Claim) -> Option<(u64, u64)> {
    let promised = claim.promised.as_ref()?.amount.number;
    let worst = claim.worst?.number;
    // A share of a year is near to one whatever it promises: a bar would show nothing.
    match claim.objective {
        Objective::Rpo | Objective::Rto => Some((worst, promised)),
        Objective::Survivors => Some((promised, worst)),
        Objective::Availability => None,
    }
}

/// `3m`, or `−3m` of a promise that is broken.
fn margin(claim: &Claim) -> String {
    let (Some(margin), Some(worst)) = (claim.margin(), claim.worst) else { return String::new() };
    let amount = Amount { number: margin.unsigned_abs(), unit: worst.unit };
    let sign = if margin < 0 { "−" } else { "" };
    format!("{sign}{}", amount_in_table(amount))
}

fn legend(out: &mut Out, page: &Page<'_>) {
    let claims = || page.proofs.iter().flat_map(|proof| &proof.claims);
    let mut objectives: Vec<Objective> = claims().map(|claim| claim.objective).collect();
    objectives.sort_unstable();
    objectives.dedup();
    let words = objectives.iter().map(|o| format!("{}: {}", short(*o), meaning(*o)));
    let words: Vec<String> = words.collect();
    out.line("");
    out.paragraph(Style::Dim, 2, &format!("{}.", words.join("; ")));
    if claims().any(assumes) {
        let text =
            "~ a part of it is assumed: nobody declared or measured it. Each sum says which.";
        out.paragraph(Style::Dim, 2, text);
    }
}

fn order(out: &mut Out, page: &Page<'_>) {
    if page.order.is_empty() {
        return;
    }
    out.title("With whom it moves");
    page.order.iter().for_each(|line| out.paragraph(Style::Plain, 2, line));
}

fn premises(out: &mut Out, page: &Page<'_>) {
    out.title("Taken for granted, and not proven");
    for premise in page.premises() {
        out.hanging(Style::Plain, 2, 22, premise.code(), premise.text());
    }
    out.line("");
    out.paragraph(Style::Plain, 2, super::NOT_PROVABLE);
}
