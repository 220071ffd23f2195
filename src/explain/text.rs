//! A page for people: first whether the promises hold, then each sum, then every number.

use super::fold::{self, Alike, Decision, PARTS, Sum};
use super::{Page, assumes, loss, meaning, short};
use crate::plan::number::Number;
use crate::plan::proof::{Amount, Claim, Objective, Source, Term, Unit, Verdict};

/// How wide a page is, in characters: what every terminal has.
const WIDTH: usize = 80;

/// The width of the bars of a sum.
const BAR: usize = 34;

/// The width of the bars of the table.
const USED: usize = 10;

/// The page, with colour when `colour`. No line is longer than 80 characters, unless one word is.
pub fn render(page: &Page<'_>, colour: bool) -> String {
    let mut out = Out { text: String::new(), colour };
    head(&mut out, page);
    let groups = fold::regions(page);
    let claims = groups.iter().any(|group| !group.first().claims.is_empty());
    if claims {
        for group in &groups {
            table(&mut out, group);
        }
        legend(&mut out, page);
        for group in &groups {
            let several = groups.len() > 1;
            for sum in fold::sums(group) {
                one_sum(&mut out, page, group, &sum, several);
            }
        }
        premises(&mut out, page);
    }
    numbers(&mut out, page, claims);
    out.text
}

/// Escape sequences of the one kind of terminal that there is left.
#[derive(Clone, Copy)]
enum Style {
    Bold,
    Dim,
    Green,
    Red,
    Plain,
}

struct Out {
    text: String,
    colour: bool,
}

impl Out {
    fn line(&mut self, text: &str) {
        self.styled(Style::Plain, text);
    }

    /// A line in one style. Nothing of a spec gets past here that a terminal obeys.
    fn styled(&mut self, style: Style, text: &str) {
        let painted = self.paint(style, text.trim_end());
        self.text.push_str(&painted);
        self.text.push('\n');
    }

    fn paint(&self, style: Style, text: &str) -> String {
        let text = super::shown(text);
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Green => "32",
            Style::Red => "1;31",
            Style::Plain => return text,
        };
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text }
    }

    /// A paragraph that begins at `indent`.
    fn paragraph(&mut self, style: Style, indent: usize, text: &str) {
        for line in wrap(text, WIDTH - indent) {
            self.styled(style, &format!("{:indent$}{line}", ""));
        }
    }

    /// A paragraph that begins at `indent` with `first`, and goes on at `hang`.
    fn hanging(&mut self, style: Style, indent: usize, hang: usize, first: &str, text: &str) {
        for (index, line) in wrap(text, WIDTH - hang).iter().enumerate() {
            let begin = if index == 0 { format!("{:indent$}{first}", "") } else { String::new() };
            self.styled(style, &format!("{begin:hang$}{line}"));
        }
    }

    fn title(&mut self, text: &str) {
        self.line("");
        self.styled(Style::Bold, text);
    }
}

/// The words of a text in lines of at most `width`, where no word is longer.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

fn head(out: &mut Out, page: &Page<'_>) {
    let kind = page.kind;
    let text = format!("{} · {} · {kind} · {}", page.service, page.tier, page.recovery);
    out.styled(Style::Bold, &text);
    let text = format!("{}, and the fleet as of {}", page.spec, page.inventory);
    out.styled(Style::Dim, &text);
    let broken = page.proofs.iter().flat_map(crate::plan::Proof::broken).count();
    if let Some(summary) = super::summary(page) {
        out.line("");
        let style = if broken > 0 { Style::Red } else { Style::Green };
        out.paragraph(style, 0, &summary);
    }
}

/// What is promised in regions that are alike, and whether it holds.
fn table(out: &mut Out, group: &Alike<'_>) {
    let proof = group.first();
    let names = group.names();
    out.title(&format!("{names} ({})", proof.role));
    out.paragraph(Style::Plain, 2, &super::size(proof));
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
            if last.replace(claim.scope) == Some(claim.scope) { "" } else { loss(claim.scope) };
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

/// A bar in a field of `width`: it stands for `part` of `whole`, and begins where `before` ends.
/// What is more than nothing is seen.
fn bar(before: u64, part: u64, whole: u64, width: usize) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    if part == 0 || whole == 0 {
        return String::new();
    }
    let scale = |number: u64| {
        let eighths = u128::from(number) * (width as u128) * 8 / u128::from(whole);
        usize::try_from(eighths).unwrap_or(usize::MAX).min(width * 8)
    };
    let start = (scale(before) / 8).min(width - 1);
    let end = scale(before.saturating_add(part)).max(start * 8 + 1);
    let (full, rest) = (end / 8 - start, end % 8);
    let mut text = " ".repeat(start) + &"█".repeat(full);
    if rest > 0 {
        text.push(EIGHTHS[rest]);
    }
    text
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

/// A sum, with a bar for each term: each begins where the one before ends.
fn one_sum(out: &mut Out, page: &Page<'_>, group: &Alike<'_>, sum: &Sum<'_>, several: bool) {
    let claim = sum.claim;
    let scopes: Vec<&str> = sum.scopes.iter().map(|scope| loss(*scope)).collect();
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
    let whole = match claim.worst {
        Some(worst) if adds_up => worst.number,
        Some(_) | None => terms.iter().map(|term| term.total()).max().unwrap_or(0),
    };
    let mut before = 0u64;
    for term in &terms {
        let bar = bar(if adds_up { before } else { 0 }, term.total(), whole, BAR);
        before = before.saturating_add(term.total());
        one_term(out, page, group, sum, term, &bar);
    }
    nothing(out, claim);
    let worst = claim.worst.map_or("no bound".to_owned(), |worst| worst.to_string());
    let held = held(sum);
    if adds_up && !terms.is_empty() {
        out.styled(Style::Bold, &format!("{worst:>12}  {}  {held}", "═".repeat(BAR)));
        if claim.formula != "the sum" {
            out.paragraph(Style::Plain, 14, claim.formula);
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
    let own = |(proof, claim): &(&crate::plan::Proof, &Claim)| {
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
            | Source::Proven
            | Source::Assumed { .. }
            | Source::Measured { .. } => term.name.to_owned(),
        })
        .collect();
    if let Some(first) = claim.terms.iter().find(|term| term.total() == 0) {
        let zero = Amount { number: 0, unit: first.amount.unit };
        out.paragraph(Style::Dim, 10, &format!("{zero}  for {}", none.join(", ")));
    }
}

fn premises(out: &mut Out, page: &Page<'_>) {
    out.title("Taken for granted, and not proven");
    for premise in page.premises() {
        out.hanging(Style::Plain, 2, 22, premise.code(), premise.text());
    }
    out.line("");
    out.paragraph(Style::Plain, 2, super::NOT_PROVABLE);
}

/// Every number, by the object that it stands in.
fn numbers(out: &mut Out, page: &Page<'_>, after_claims: bool) {
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
    for decision in shared {
        out.title("in every object");
        out.line(&format!("  {}", decision.fields.join(", ")));
        reasons(out, decision);
        for value in unique(decision.objects.iter().map(|(_, value)| *value)) {
            let objects = decision.objects.iter().filter(|(_, other)| *other == value);
            let objects = unique(objects.map(|(object, _)| *object)).join(", ");
            out.hanging(Style::Plain, 6, 12, &format!("= {value:<3}"), &objects);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_begins_where_the_one_before_ends_and_shows_what_is_there() {
        assert_eq!(bar(0, 1, 2, 4), "██");
        assert_eq!(bar(1, 1, 2, 4), "  ██");
        assert_eq!(bar(0, 1, 1000, 4), "▏");
        assert_eq!(bar(1000, 1, 1000, 4), "   █");
        assert_eq!(bar(0, 9, 3, 4), "████");
        assert_eq!(bar(0, 0, 3, 4), "");
    }

    #[test]
    fn words_are_never_cut() {
        assert_eq!(wrap("a bb ccc", 4), ["a bb", "ccc"]);
        assert_eq!(wrap("longer-than-that b", 4), ["longer-than-that", "b"]);
    }
}
