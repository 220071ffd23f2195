//! For the comment of a pull request, within a number of bytes.
//!
//! The first line is a marker by which the comment of an earlier run is found. Text of users
//! stands only in code spans, in fences and, as entities, in HTML.

mod effects; //  what a change does
mod sections; // which objects differ

use super::budget::{LADDER, Omitted, Rows, Step, grouped, max};
use super::escape::{clip, fence, key, plain, prose, span};
use super::{Hidden, fold, phrase};
use crate::diag::{self, Diagnostic, Sources};
use crate::diff::Report;
use crate::diff::report::Severity;
use std::fmt;

pub use super::budget::MIN;

/// What is shown, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// Tells several comments of one pull request apart: `prod`.
    pub key: String,
    /// The most bytes; see [`Target`]. Not below [`MIN`].
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

/// A budget below [`MIN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSmall(pub usize);

impl fmt::Display for TooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no comment fits into {} bytes, {} are the least", self.0, grouped(MIN))
    }
}

/// The report as Markdown of at most `max_bytes`.
///
/// # Errors
///
/// When the budget is below [`MIN`].
pub fn render(report: &Report, options: &Options) -> Result<String, TooSmall> {
    check(options)?;
    let (said, services) = (fold::effects(report), fold::services(report));
    for step in &LADDER {
        let page = Page { report, options, step, said: &said, services: &services };
        let text = match step.rows {
            Rows::Fitting => {
                let rows = page.high().count();
                max(rows, options.max_bytes, |count| page.render(count)).unwrap_or_default()
            }
            Rows::All | Rows::High | Rows::None => page.render(usize::MAX),
        };
        if !text.is_empty() && text.len() <= options.max_bytes {
            return Ok(text);
        }
    }
    Ok(min(options, &heading(report, options)))
}

/// That there is no report, and why: the findings, as many of them as fit.
///
/// # Errors
///
/// When the budget is below [`MIN`].
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
    Ok(max(texts.len(), options.max_bytes, page).unwrap_or_else(|| min(options, title)))
}

fn check(options: &Options) -> Result<(), TooSmall> {
    if options.max_bytes < MIN { Err(TooSmall(options.max_bytes)) } else { Ok(()) }
}

fn marker(options: &Options) -> String {
    format!("<!-- ninefold:diff v1 key={} -->", key(&options.key))
}

/// What fits into any budget.
fn min(options: &Options, title: &str) -> String {
    let bytes = grouped(options.max_bytes);
    format!(
        "{}\n{title}\n\n<sub>Omitted to fit {bytes} bytes: everything else.</sub>\n",
        marker(options)
    )
}

fn heading(report: &Report, options: &Options) -> String {
    let what = match (
        phrase::nothing(report, options.hidden.as_ref()),
        phrase::severities(&report.effects),
    ) {
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
        let filter = self.options.hidden.as_ref();
        let counts = phrase::counts(&self.report.counts, filter);
        let mut out = format!("{}\n{}\n", marker(self.options), heading(self.report, self.options));
        out += &format!("{} → {} · {counts}\n", side(from), side(to));
        if self.step.rows != Rows::None {
            for note in &self.report.notes {
                out += &format!("\n> **Note** {}\n", prose(&self.clip(note), span));
            }
        }
        if let Some(hidden) = filter {
            let what = phrase::hidden(hidden);
            let by = span(&self.clip(&hidden.by));
            out += &format!("\nFiltered ({by}): {what}\n");
        }
        if let Some(gate) =
            self.options.fail_on.and_then(|fail_on| phrase::gate(self.report, fail_on, filter))
        {
            out += &format!("\n**Gate failed:** {gate}.\n");
        }
        out
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

/// Whether a text is a URL and nothing else, short enough to stand in any comment.
fn is_url(text: &str) -> bool {
    text.starts_with("https://")
        && text.len() <= 200
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&b))
}

fn folded(summary: &str, body: &str) -> String {
    format!("\n<details><summary>{summary}</summary>\n{body}\n</details>\n")
}
