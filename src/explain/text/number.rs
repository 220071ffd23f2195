//! The numbers of the manifests.

use super::out::{Out, Style};
use crate::explain::Page;
use crate::explain::fold::{self, Decision, PARTS};
use crate::explain::number::Number;

/// Every number, by the object that it stands in.
pub(super) fn print(out: &mut Out, page: &Page<'_>, after_claims: bool) {
    let decisions = fold::decisions(page);
    if after_claims && !decisions.is_empty() {
        out.title("Every number in the manifests");
    }
    let mut last = String::new();
    let (shared, own): (Vec<_>, Vec<_>) = decisions.iter().partition(|it| it.objects.len() > 1);
    for decision in own {
        let part = PARTS[fold::part_of(decision)];
        let pod = if part == "spec.template.spec." { ", of a pod" } else { "" };
        let path = format!("{}.{part}", decision.objects[0].0);
        let title = format!("{}{pod}", path.trim_end_matches('.'));
        if last != title {
            out.title(&title);
            last = title;
        }
        one_decision(out, page, decision, part);
    }
    if !shared.is_empty() {
        out.title("in several objects");
    }
    for decision in shared {
        out.paragraph(Style::Plain, 2, &decision.fields.join(", "));
        reasons(out, decision);
        for value in unique(decision.objects.iter().map(|(_, value)| *value)) {
            let objects = decision.objects.iter().filter(|(_, other)| *other == value);
            let objects = unique(objects.map(|(object, _)| *object)).join(", ");
            // Three digits stand beside the objects, a schedule above them.
            if value.chars().count() <= 3 {
                out.hanging(Style::Plain, 6, 12, &format!("= {value:<3}"), &objects);
            } else {
                out.line(&format!("      = {value}"));
                out.paragraph(Style::Plain, 12, &objects);
            }
        }
    }
}

fn one_decision(out: &mut Out, page: &Page<'_>, decision: &Decision<'_>, part: &str) {
    let (object, value) = decision.objects[0];
    let here = |region: &&str| {
        let own = |it: &Number| it.region.as_str() == *region && it.object == object;
        page.numbers.iter().any(own)
    };
    let everywhere: Vec<&str> =
        page.proofs.iter().map(|proof| proof.region.as_str()).filter(here).collect();
    let regions = match decision.regions == everywhere {
        true => String::new(),
        false => format!("  [{}]", decision.regions.join(", ")),
    };
    let fields = decision.fields.iter().map(|field| field.strip_prefix(part).unwrap_or(field));
    let fields: Vec<&str> = fields.collect();
    let (last, before) = fields.split_last().expect("a decision has a field");
    for field in before {
        out.line(&format!("  {field}"));
    }
    let (name, number) =
        (out.paint(Style::Plain, &format!("  {last} = ")), out.paint(Style::Bold, value));
    let regions = out.paint(Style::Plain, &regions);
    out.text.push_str(&format!("{name}{number}{regions}\n"));
    reasons(out, decision);
}

/// Why a number is what it is, and what follows from it.
fn reasons(out: &mut Out, decision: &Decision<'_>) {
    let number = decision.number;
    let style = if number.explained { Style::Plain } else { Style::Red };
    let sources: Vec<&str> = unique(decision.sources.iter().map(String::as_str));
    if sources == ["built in"] {
        out.paragraph(style, 6, &format!("{} (built in)", number.words));
    } else {
        out.paragraph(style, 6, &number.words);
        if !sources.is_empty() {
            out.paragraph(Style::Dim, 6, &format!("from {}", sources.join("; ")));
        }
    }
    for words in decision.terms_in_words() {
        out.paragraph(Style::Dim, 6, &format!("→ {words}"));
    }
}

fn unique<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen: Vec<&str> = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    seen
}
