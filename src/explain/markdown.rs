//! A page for audits: Markdown, with every region by itself and nothing left out.

use super::{Page, fold, meaning, short};
use crate::decide::Proof;
use crate::decide::proof::{Amount, Claim, Objective, Source, Verdict};

/// The page.
pub fn render(page: &Page<'_>) -> String {
    let mut out = format!("# {}: what is promised, and what keeps it\n\n", cell(&page.service));
    out.push_str(&format!(
        "Tier {}, {}, {}. From `{}` and the fleet as of {}.\n",
        cell(&page.tier),
        page.kind,
        page.recovery,
        code(page.spec),
        page.inventory
    ));
    if let Some(summary) = page.summary.as_ref().filter(|_| page.claims_something()) {
        out.push_str(&format!("\n{}.\n", cell(summary)));
    }
    for proof in &page.proofs {
        if !proof.claims.is_empty() {
            region(&mut out, page, proof);
        }
    }
    if !page.order.is_empty() {
        out.push_str("\n## With whom it moves\n\n");
        page.order.iter().for_each(|line| out.push_str(&format!("- {}\n", cell(line))));
    }
    let premises = page.premises();
    if !premises.is_empty() {
        out.push_str("\n## Taken for granted, and not proven\n\n");
        for premise in premises {
            out.push_str(&format!("- **{}**: {}\n", premise.code(), cell(premise.text())));
        }
        out.push_str(&format!("\n{}\n", super::NOT_PROVABLE));
    }
    numbers(&mut out, page);
    out
}

fn region(out: &mut String, page: &Page<'_>, proof: &Proof) {
    out.push_str(&format!(
        "\n## {} ({})\n\n{}.\n\n",
        cell(proof.region.as_str()),
        proof.role,
        capital(&super::size(proof))
    ));
    out.push_str(
        "| Loss of | | Promise | Worst case | Margin | Verdict |\n|---|---|---|---|---|---|\n",
    );
    for claim in &proof.claims {
        out.push_str(&verdict(claim));
    }
    for claim in &proof.claims {
        sum(out, page, claim);
    }
}

fn verdict(claim: &Claim) -> String {
    let amount = |amount: Option<Amount>, none: &str| {
        amount.map_or(none.to_owned(), |amount| amount.to_string())
    };
    let margin = match (claim.margin(), claim.worst) {
        (Some(margin), Some(worst)) => {
            let sign = if margin < 0 { "−" } else { "" };
            format!("{sign}{}", Amount { number: margin.unsigned_abs(), unit: worst.unit })
        }
        (_, _) => String::new(),
    };
    let verdict = match claim.verdict() {
        Verdict::Kept => "✓ kept",
        Verdict::Broken => "✗ **broken**",
        Verdict::NotPromised => "– no promise",
        Verdict::Void => "∅ **void**",
    };
    let assumed = if super::assumes(claim) { ", a part of it assumed" } else { "" };
    format!(
        "| {} | {} | {} | {} | {margin} | {verdict}{assumed} |\n",
        claim.scope.lost(),
        name(claim.objective),
        amount(claim.promised.as_ref().map(|promised| promised.amount), "–"),
        amount(claim.worst, "no bound"),
    )
}

fn name(objective: Objective) -> &'static str {
    match objective {
        Objective::Rpo | Objective::Rto => short(objective),
        Objective::Survivors => "replicas left",
        Objective::Availability => "availability",
    }
}

fn sum(out: &mut String, page: &Page<'_>, claim: &Claim) {
    let (name, loss) = (name(claim.objective), claim.scope.lost());
    out.push_str(&format!("\n### {name} at the loss of {loss}\n\n"));
    out.push_str(&format!("{}.", capital(meaning(claim.objective))));
    if let Some(promised) = &claim.promised {
        let source = source(page, &promised.source);
        out.push_str(&format!(" Promised: {}, {source}.", promised.amount));
    }
    let worst = claim.worst.map_or("no bound".to_owned(), |worst| worst.to_string());
    out.push_str(&format!(" Worst case: {worst}, {}.\n", cell(&claim.formula)));
    if !claim.terms.is_empty() {
        out.push_str("\n| | Term | Follows from | Source |\n|---:|---|---|---|\n");
        for term in &claim.terms {
            let total = Amount { number: term.total(), unit: term.amount.unit };
            let times = match term.times {
                1 => String::new(),
                times => format!(", {times} × {}", term.amount),
            };
            out.push_str(&format!(
                "| {total} | {}{times} | {} | {} |\n",
                term.name,
                cell(&term.formula.to_string()),
                source(page, &term.source)
            ));
        }
    }
    let codes: Vec<&str> = claim.premises.iter().map(|premise| premise.code()).collect();
    if !codes.is_empty() {
        out.push_str(&format!("\nGiven: {}.\n", codes.join(", ")));
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

fn source(page: &Page<'_>, source: &Source) -> String {
    match page.place(source) {
        Some(place) => format!("{}, `{}`", cell(&source.to_string()), code(&place)),
        None => cell(&source.to_string()),
    }
}

fn numbers(out: &mut String, page: &Page<'_>) {
    let decisions = fold::decisions(page);
    if decisions.is_empty() {
        return;
    }
    out.push_str("\n## Every number in the manifests\n");
    out.push_str("\n| Object | Field | Number | Regions | Why | Source | Term of |\n");
    out.push_str("|---|---|---|---|---|---|---|\n");
    for decision in &decisions {
        let fields = decision.fields.iter().map(|field| format!("`{}`", code(field)));
        let fields: Vec<String> = fields.collect();
        let mut values: Vec<&str> = decision.objects.iter().map(|(_, value)| *value).collect();
        values.sort_unstable();
        values.dedup();
        for value in values {
            let objects = decision.objects.iter().filter(|(_, other)| *other == value);
            let mut objects: Vec<&str> = objects.map(|(object, _)| *object).collect();
            objects.dedup();
            out.push_str(&format!(
                "| {} | {} | `{}` | {} | {} | {} | {} |\n",
                cell(&objects.join(", ")),
                fields.join("<br>"),
                code(value),
                cell(&decision.regions.join(", ")),
                cell(&decision.number.words),
                cell(&decision.sources.join("; ")),
                cell(&decision.terms_in_words().join("; "))
            ));
        }
    }
}

/// A text that is nothing but text, in a cell of a table too.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in super::shown(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '$' | '!' | '@' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A text between backticks, in a cell of a table too.
fn code(text: &str) -> String {
    super::shown(text).replace('`', "'").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(cell("a|b `c` <i> *d* [e](f)"), "a\\|b \\`c\\` &lt;i&gt; \\*d\\* \\[e\\](f)");
        assert_eq!(cell("one\ntwo\u{1b}[31m"), "one\u{fffd}two\u{fffd}\\[31m");
        assert_eq!(code("a`b|c"), "a'b\\|c");
    }
}
