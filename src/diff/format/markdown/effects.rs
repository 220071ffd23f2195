//! What a change does: rows of what matters most, and what follows from it.

use super::{Page, folded};
use crate::diff::format::budget::{Omitted, Rows};
use crate::diff::format::escape::{cell, clip, plain, prose, span};
use crate::diff::format::{fold, phrase};
use crate::diff::report::Severity;
use std::collections::BTreeMap;

/// What follows from so many effects is not folded.
const OPEN: usize = 5;

/// So many causes without an effect are listed.
const OTHER_CAUSES: usize = 50;

impl Page<'_> {
    /// What is critical or high.
    pub(super) fn high(&self) -> impl Iterator<Item = &fold::Said<'_>> {
        self.said.iter().filter(|said| said.severity >= Severity::High)
    }

    pub(super) fn effects(&self, rows: usize, omitted: &mut Omitted) -> String {
        let mut out = String::new();
        let high: Vec<_> = self.high().collect();
        let shown = match self.step.rows {
            Rows::All | Rows::High => high.len(),
            Rows::Fitting => rows.min(high.len()),
            Rows::None => 0,
        };
        out += &self.table(&high[..shown]);
        for said in &high[shown..] {
            *omitted.rows.entry(said.severity).or_default() += said.effects.len();
        }
        if self.step.rows == Rows::Fitting && shown < high.len() {
            out += &format!("\nBy rule: {}\n", by_rule(&high));
        }
        let details = self.details(&high[..shown], omitted);
        match shown {
            0..=OPEN => out += &details,
            _ if details.is_empty() => {}
            _ => out += &folded("What follows", &details),
        }
        for severities in [&[Severity::Medium][..], &[Severity::Low, Severity::Info]] {
            let some: Vec<_> =
                self.said.iter().filter(|said| severities.contains(&said.severity)).collect();
            if some.is_empty() {
                continue;
            }
            if self.step.rows != Rows::All {
                for said in some {
                    *omitted.rows.entry(said.severity).or_default() += said.effects.len();
                }
                continue;
            }
            let title: Vec<String> = severities
                .iter()
                .filter_map(|severity| {
                    let of = some.iter().filter(|said| said.severity == *severity);
                    let count: usize = of.map(|said| said.effects.len()).sum();
                    (count > 0).then(|| format!("{count} {}", severity.word()))
                })
                .collect();
            let body = self.table(&some) + &self.details(&some, omitted);
            out += &folded(&title.join(", "), &body);
        }
        out
    }

    fn table(&self, said: &[&fold::Said<'_>]) -> String {
        if said.is_empty() {
            return String::new();
        }
        let mut out =
            "\n| | Rule | Service | What happens | Cause |\n|---|---|---|---|---|\n".to_owned();
        for said in said {
            let accepted = if said.accepted.is_some() { ", accepted" } else { "" };
            let (sign, word) = (sign(said.severity), said.severity.word());
            let who = match said.effects.as_slice() {
                [only] => cell(&self.clip(&only.service)),
                _ => prose(&self.clip(&said.who()), cell),
            };
            let title = prose(&self.clip(&said.title), cell);
            let cause = self.cause(&said.causes);
            let rule = said.rule.name();
            out += &format!("| {sign} {word}{accepted} | `{rule}` | {who} | {title} | {cause} |\n");
        }
        out
    }

    /// The first of some causes, for a cell.
    fn cause(&self, causes: &[usize]) -> String {
        let Some(first) = causes.first().map(|cause| &self.report.causes[*cause]) else {
            return String::new();
        };
        let source = phrase::source(first);
        let source = if first.places.is_empty() { source } else { self.clip(&source) };
        let source = if first.places.is_empty() { source } else { cell(&source) };
        let more = match causes.len() {
            1 => String::new(),
            count => format!(" and {}", phrase::plural(count - 1, "more cause")),
        };
        let title = cell(&clip(&plain(&first.title), self.step.text.min(120)));
        format!("{source} {title}{more}")
    }

    /// What follows from effects, as a list.
    fn details(&self, said: &[&fold::Said<'_>], omitted: &mut Omitted) -> String {
        let mut out = String::new();
        for said in said {
            let lines = self.detail(said);
            if lines.is_empty() {
                continue;
            }
            if self.step.details_from.is_none_or(|from| said.severity < from) {
                *omitted.details.entry(said.severity).or_default() += said.effects.len();
                continue;
            }
            let headline = prose(&self.clip(&said.headline()), span);
            out += &format!("- {headline}\n");
            out.extend(lines.iter().map(|line| format!("  - {line}\n")));
        }
        if out.is_empty() { out } else { format!("\n{out}") }
    }

    fn detail(&self, said: &fold::Said<'_>) -> Vec<String> {
        let mut lines: Vec<String> =
            said.details.iter().map(|detail| prose(&self.clip(detail), span)).collect();
        if let Some(place) = &said.place {
            lines.push(format!("where: {}", prose(&self.clip(place), span)));
        }
        if said.effects.len() > 3 {
            let services: Vec<&str> =
                said.effects.iter().map(|effect| effect.service.as_str()).collect();
            lines.push(format!("services: {}", prose(&self.clip(&services.join(", ")), span)));
        }
        if let Some(accepted) = said.accepted {
            let (until, reason) = (self.clip(&accepted.until), self.clip(&accepted.reason));
            lines.push(format!("accepted until {}: {}", prose(&until, span), span(&reason)));
        }
        lines
    }

    /// What no rule says anything about is still a change.
    pub(super) fn other_causes(&self) -> String {
        let causes = fold::other_causes(self.report);
        if causes.is_empty() || !matches!(self.step.rows, Rows::All) {
            return String::new();
        }
        let title = if self.report.effects.is_empty() { "change" } else { "other change" };
        let mut body = String::from("\n");
        for cause in causes.iter().take(OTHER_CAUSES) {
            body += &format!("- {}\n", self.cause(&[*cause]).replace("\\|", "|"));
        }
        if causes.len() > OTHER_CAUSES {
            body += &format!("- and {} more\n", causes.len() - OTHER_CAUSES);
        }
        folded(&phrase::plural(causes.len(), title), &body)
    }
}

/// `loses-region` 3, …
fn by_rule(said: &[&fold::Said<'_>]) -> String {
    let mut rules: BTreeMap<(std::cmp::Reverse<Severity>, &str), usize> = BTreeMap::new();
    for said in said {
        let rule = (std::cmp::Reverse(said.severity), said.rule.name());
        *rules.entry(rule).or_default() += said.effects.len();
    }
    let rules: Vec<String> =
        rules.iter().map(|((_, rule), count)| format!("`{rule}` {count}")).collect();
    rules.join(", ")
}

fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "🔴",
        Severity::High => "🟠",
        Severity::Medium => "🟡",
        Severity::Low => "🔵",
        Severity::Info => "⚪",
    }
}
