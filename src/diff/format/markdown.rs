//! For the comment of a pull request, within a number of bytes.
//!
//! The first line is a marker by which the comment of an earlier run is found. Text of users
//! stands only in code spans, in fences and, as entities, in HTML.

use super::budget::{LADDER, Omitted, Rows, Sections, Step, grouped, most};
use super::escape::{cell, clip, fence, html, key, plain, prose, span};
use super::fields::{self, Mark};
use super::{Hidden, fold, phrase};
use crate::diag::{self, Diagnostic, Sources};
use crate::diff::Report;
use crate::diff::report::{Object, Operation, Severity};
use std::collections::BTreeMap;
use std::fmt;

pub use super::budget::LEAST;

/// What is shown, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// Tells several comments of one pull request apart: `prod`.
    pub key: String,
    /// The most bytes; see [`Target`]. Not below [`LEAST`].
    pub max_bytes: usize,
    /// Where the whole report is: a URL, or a command. Without one, the command that prints it.
    pub full: Option<String>,
    /// The gate, when there is one.
    pub fail_on: Option<Severity>,
    /// What a filter keeps from view.
    pub hidden: Option<Hidden>,
}

/// Where Markdown goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A comment on GitHub.
    GithubComment,
    /// The summary of a step of GitHub Actions: above 1 MiB it is dropped as a whole.
    GithubSummary,
    /// A note on GitLab.
    GitlabNote,
}

impl Target {
    /// The bytes that are safe there.
    pub fn max_bytes(self) -> usize {
        match self {
            Target::GithubComment => 65_000,
            Target::GithubSummary => 1_000_000,
            Target::GitlabNote => 950_000,
        }
    }
}

/// A budget below [`LEAST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSmall(pub usize);

impl fmt::Display for TooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no comment fits into {} bytes, {} are the least", self.0, grouped(LEAST))
    }
}

/// The report as Markdown of at most `max_bytes`.
///
/// # Errors
///
/// When the budget is below [`LEAST`].
pub fn render(report: &Report, options: &Options) -> Result<String, TooSmall> {
    check(options)?;
    let (said, services) = (fold::effects(report), fold::services(report));
    for step in &LADDER {
        let page = Page { report, options, step, said: &said, services: &services };
        let text = match step.rows {
            Rows::Fitting => {
                let rows = page.high().count();
                most(rows, options.max_bytes, |count| page.render(count)).unwrap_or_default()
            }
            Rows::All | Rows::High | Rows::None => page.render(usize::MAX),
        };
        if !text.is_empty() && text.len() <= options.max_bytes {
            return Ok(text);
        }
    }
    Ok(least(options, &heading(report, options)))
}

/// That there is no report, and why: the findings, as many of them as fit.
///
/// # Errors
///
/// When the budget is below [`LEAST`].
pub fn failure(
    what: &str,
    findings: &[Diagnostic],
    sources: &Sources,
    options: &Options,
) -> Result<String, TooSmall> {
    check(options)?;
    let texts: Vec<String> = findings
        .iter()
        .map(|finding| {
            let text = diag::text::render(std::slice::from_ref(finding), sources, false);
            let lines: Vec<String> = text.trim_end().lines().map(plain).collect();
            lines.join("\n")
        })
        .collect();
    let title = "### ninefold diff: failed";
    let page = |count: usize| {
        let mut out = format!("{}\n{title}\n", marker(options));
        out += &format!("{}\n", prose(&clip(&plain(what), 300), span));
        if count > 0 {
            let body = texts[..count].join("\n\n");
            let fence = fence(&body);
            out += &format!("\n{fence}text\n{body}\n{fence}\n");
        }
        if count < texts.len() {
            let bytes = grouped(options.max_bytes);
            let left = phrase::plural(texts.len() - count, "finding");
            out += &format!(
                "\n<sub>Omitted to fit {bytes} bytes: {left}. All of them: `ninefold check`</sub>\n"
            );
        }
        out
    };
    Ok(most(texts.len(), options.max_bytes, page).unwrap_or_else(|| least(options, title)))
}

fn check(options: &Options) -> Result<(), TooSmall> {
    if options.max_bytes < LEAST { Err(TooSmall(options.max_bytes)) } else { Ok(()) }
}

fn marker(options: &Options) -> String {
    format!("<!-- ninefold:diff v1 key={} -->", key(&options.key))
}

/// What fits into any budget.
fn least(options: &Options, title: &str) -> String {
    let bytes = grouped(options.max_bytes);
    format!(
        "{}\n{title}\n\n<sub>Omitted to fit {bytes} bytes: everything else.</sub>\n",
        marker(options)
    )
}

fn heading(report: &Report, options: &Options) -> String {
    let what = match (phrase::nothing(report, options.hidden.as_ref()), phrase::severities(report))
    {
        (Some(_), _) if report.is_empty() && options.hidden.is_none() => {
            "no differences".to_owned()
        }
        (Some(_), _) if report.is_empty() => "nothing differs in what is shown".to_owned(),
        (Some(_), _) => "only spelling differs".to_owned(),
        (None, Some(severities)) => severities,
        (None, None) => "no effect that a rule knows".to_owned(),
    };
    let causes = match report.causes.len() {
        0 => String::new(),
        count => format!("; {}", phrase::plural(count, "cause")),
    };
    format!("### ninefold diff: {what}{causes}")
}

/// One attempt at a comment.
struct Page<'a> {
    report: &'a Report,
    options: &'a Options,
    step: &'a Step,
    said: &'a [fold::Said<'a>],
    services: &'a [fold::Row<'a>],
}

impl Page<'_> {
    /// With up to `rows` rows, where the step asks for those that fit.
    fn render(&self, rows: usize) -> String {
        let mut omitted = Omitted { context: self.step.context < 3, ..Omitted::default() };
        omitted.context &= self.has_context();
        let mut out = self.head();
        if let Some(nothing) = phrase::nothing(self.report, self.options.hidden.as_ref()) {
            out += &format!("\n{nothing}\n");
            return out + &self.tail(&omitted);
        }
        out += &self.effects(rows, &mut omitted);
        out += &self.other_causes();
        self.sections(&mut out, &mut omitted);
        out + &self.tail(&omitted)
    }

    fn clip(&self, text: &str) -> String {
        clip(&plain(text), self.step.text)
    }

    fn head(&self) -> String {
        let (from, to) = (&self.report.from, &self.report.to);
        let side = |side| span(&self.clip(&phrase::side(side)));
        let counts = phrase::counts(&self.report.counts);
        let mut out = format!("{}\n{}\n", marker(self.options), heading(self.report, self.options));
        out += &format!("{} → {} · {counts}\n", side(from), side(to));
        if self.step.rows != Rows::None {
            for note in &self.report.notes {
                out += &format!("\n> **Note** {}\n", prose(&self.clip(note), span));
            }
        }
        if let Some(hidden) = &self.options.hidden {
            let objects = phrase::plural(hidden.objects, "change");
            let by = span(&self.clip(&hidden.by));
            out += &format!("\nFiltered: {objects} not shown ({by})\n");
        }
        if let Some(gate) =
            self.options.fail_on.and_then(|fail_on| phrase::gate(self.report, fail_on))
        {
            out += &format!("\n**Gate failed:** {gate}.\n");
        }
        out
    }

    /// What is critical or high.
    fn high(&self) -> impl Iterator<Item = &fold::Said<'_>> {
        self.said.iter().filter(|said| said.severity >= Severity::High)
    }

    fn effects(&self, rows: usize, omitted: &mut Omitted) -> String {
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
    fn other_causes(&self) -> String {
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

    /// The services, with the fields that differ.
    fn sections(&self, out: &mut String, omitted: &mut Omitted) {
        let rows = self.services;
        let objects: usize = rows.iter().map(|row| row.objects).sum();
        match self.step.sections {
            Sections::None => {
                omitted.fields.push((phrase::plural(rows.len(), "service"), objects));
                return;
            }
            Sections::Counted => {
                let named = rows.iter().map(|row| (fold::some(&row.services, "services"), row));
                let listed: Vec<String> = named
                    .take(COUNTED)
                    .map(|(who, row)| format!("{} {}", span(&self.clip(&who)), row.objects))
                    .collect();
                let more = match rows.len().saturating_sub(COUNTED) {
                    0 => String::new(),
                    more => format!(", and {more} more"),
                };
                *out += &format!("\nObjects by service: {}{more}\n", listed.join(", "));
                omitted.fields.push((phrase::plural(rows.len(), "service"), objects));
                return;
            }
            Sections::All | Sections::Fitting => {}
        }
        let groups = self.groups(rows);
        // The list of what is missing has room, whatever it will say.
        let room = self.options.max_bytes.saturating_sub(out.len() + LEAST);
        let mut used = 0;
        for (row, groups) in rows.iter().zip(groups) {
            if out.len() > self.options.max_bytes {
                // It is too long already, so that the next step is tried.
                return;
            }
            let section = self.section(row, &groups);
            if self.step.sections == Sections::Fitting && used + section.len() > room {
                omitted.fields.push((fold::some(&row.services, "services"), row.objects));
                continue;
            }
            used += section.len();
            *out += &section;
        }
    }

    /// The objects that stand for a group, by the row that they belong to.
    fn groups(&self, rows: &[fold::Row<'_>]) -> Vec<Vec<(&Object, usize)>> {
        let mut of: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            for service in &row.services {
                of.extend(row.regions.iter().map(|region| ((*service, *region), at)));
            }
        }
        let mut groups = vec![Vec::new(); rows.len()];
        for group in &self.report.groups {
            let Some(first) = group.objects.first().map(|at| &self.report.objects[*at]) else {
                continue;
            };
            if let Some(row) = of.get(&(first.service.as_str(), first.region.as_str())) {
                groups[*row].push((first, group.objects.len()));
            }
        }
        groups
    }

    fn section(&self, row: &fold::Row<'_>, groups: &[(&Object, usize)]) -> String {
        let who = |names: &[&str], of| html(&self.clip(&fold::some(names, of)));
        let counts: Vec<String> = row
            .kinds
            .iter()
            .map(|(operation, kinds)| {
                let each = row.services.len() * row.regions.len();
                format!("{} {}", kinds.values().sum::<usize>() * each, operation.past())
            })
            .collect();
        let identical = if row.regions.len() > 1 { " alike" } else { "" };
        let summary = format!(
            "<code>{}</code> · <code>{}</code>{identical} · {}",
            who(&row.services, "services"),
            who(&row.regions, "regions"),
            counts.join(", ")
        );
        let mut lines: Vec<String> = Vec::new();
        for (object, count) in groups {
            self.object(object, *count, &mut lines);
        }
        if lines.is_empty() {
            for (operation, kinds) in &row.kinds {
                let kinds: Vec<&str> = kinds.keys().copied().collect();
                lines.push(format!("# {} {}", operation.word(), plain(&kinds.join(", "))));
            }
        }
        let body = lines.join("\n");
        let fence = fence(&body);
        folded(&summary, &format!("\n{fence}diff\n{body}\n{fence}\n"))
    }

    fn object(&self, object: &Object, count: usize, lines: &mut Vec<String>) {
        let sign = match object.operation {
            Operation::Create => "+",
            Operation::Delete => "-",
            Operation::Update
            | Operation::Replace
            | Operation::Move
            | Operation::Keep
            | Operation::Retire => "#",
        };
        let class = phrase::class(object);
        let times = if count > 1 { format!(", {count} alike") } else { String::new() };
        lines.push(format!(
            "{sign} {} {} {} ({}{class}){times}",
            object.operation.word(),
            self.clip(&object.kind),
            self.clip(&object.logical_name),
            self.clip(&phrase::names(object))
        ));
        for change in fields::read(object).filter(|change| !change.path.is_empty()) {
            lines.extend(fields::lines(change, self.step.context).into_iter().map(|line| {
                match line.mark {
                    Mark::Field => format!("@@ {} @@", line.text),
                    Mark::Old | Mark::New => format!("{} {}", line.mark.sign(), line.text),
                    Mark::Context => format!("  {}", line.text),
                }
            }));
        }
    }

    fn has_context(&self) -> bool {
        let groups = self.report.groups.iter().filter_map(|group| group.objects.first());
        groups
            .flat_map(|at| &self.report.objects[*at].changes)
            .any(|change| change.lines.iter().any(|line| line.mark == ' '))
    }

    fn tail(&self, omitted: &Omitted) -> String {
        let followers = match self.report.counts.followed {
            0 => String::new(),
            followed => {
                let objects = phrase::plural(followed, "object");
                format!("Folded: {objects} in which only the name of something else changed. ")
            }
        };
        let ledger = match omitted.phrase(self.step.text) {
            None => "Nothing omitted.".to_owned(),
            Some(what) => {
                let bytes = grouped(self.options.max_bytes);
                let what = prose(&plain(&what), span);
                format!("Omitted to fit {bytes} bytes: {what}. Full report: {}", self.full())
            }
        };
        format!("\n<sub>{followers}{ledger}</sub>\n")
    }

    /// Where the whole report is.
    fn full(&self) -> String {
        match &self.options.full {
            Some(url) if is_url(url) => format!("<{url}>"),
            Some(text) => span(&clip(&plain(text), 100)),
            None => {
                let from = match &self.report.from.commit {
                    Some(commit) => commit.chars().take(12).collect(),
                    None => self.clip(&self.report.from.name),
                };
                span(&format!("ninefold diff --from {}", plain(&from)))
            }
        }
    }
}

/// What follows from so many effects is not folded.
const OPEN: usize = 5;

/// So many causes without an effect are listed.
const OTHER_CAUSES: usize = 50;

/// So many services are counted by name.
const COUNTED: usize = 20;

/// Whether a text is a URL and nothing else, short enough to stand in any comment.
fn is_url(text: &str) -> bool {
    text.starts_with("https://")
        && text.len() <= 200
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&b))
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

fn folded(summary: &str, body: &str) -> String {
    format!("\n<details><summary>{summary}</summary>\n{body}\n</details>\n")
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
