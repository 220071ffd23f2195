//! For GitHub Actions: annotations at the line of the spec, as workflow commands.
//!
//! GitHub shows ten annotations of each level for a step, the first ones, and fifty for a job, and drops
//! the others without a word. The ninth says how many more there are, and one is left to the step itself,
//! which says that the gate is not passed, or that a comment could not be written.

use super::escape::plain;
use super::{Hidden, fold, phrase};
use crate::diff::Report;
use crate::diff::report::{Place, Severity};

/// So many annotations of one level are shown.
const SHOWN: usize = 9;

/// What is annotated.
#[derive(Clone, Debug)]
pub struct Options {
    /// The least severity that is annotated.
    pub min: Severity,
    /// What a filter took out of the report.
    pub hidden: Option<Hidden>,
}

/// A workflow command in a line for each effect; nothing when there is none.
pub fn render(report: &Report, options: &Options) -> String {
    let mut levels: [(&str, Vec<String>, usize); 3] =
        [("error", Vec::new(), 0), ("warning", Vec::new(), 0), ("notice", Vec::new(), 0)];
    if let Some(hidden) = options.hidden.as_ref().filter(|hidden| hidden.is_any()) {
        let what = plain(&format!("filtered ({}): {}", hidden.by, phrase::hidden(hidden)));
        levels[2].1.push(format!("title=ninefold diff::{}", data(&what)));
    }
    for said in fold::effects(report).iter().filter(|said| said.severity >= options.min) {
        for annotation in annotations(report, said) {
            let (_, shown, more) = &mut levels[level(said)];
            if shown.len() < SHOWN { shown.push(annotation) } else { *more += 1 }
        }
    }
    let mut out = String::new();
    for (level, shown, more) in levels {
        for (at, annotation) in shown.iter().enumerate() {
            let more = match more {
                more if more > 0 && at + 1 == SHOWN => format!("%0Aand {more} more of this level"),
                _ => String::new(),
            };
            out += &format!("::{level} {annotation}{more}\n");
        }
    }
    out
}

/// What GitHub calls a severity. What is accepted blocks nobody.
fn level(said: &fold::Said<'_>) -> usize {
    match said.severity {
        _ if said.accepted.is_some() => 2,
        Severity::Critical | Severity::High => 0,
        Severity::Medium => 1,
        Severity::Low | Severity::Info => 2,
    }
}

/// An annotation at each place that was edited, or one without a place.
fn annotations(report: &Report, said: &fold::Said<'_>) -> Vec<String> {
    let places: Vec<&Place> =
        said.causes.iter().flat_map(|cause| &report.causes[*cause].places).collect();
    let title = format!("{} [{}]", said.severity.word(), said.rule.name());
    let mut message = plain(&said.headline());
    for detail in &said.details {
        message += "\n";
        message += &plain(detail);
    }
    if let Some(accepted) = said.accepted {
        message +=
            &format!("\naccepted until {}: {}", plain(&accepted.until), plain(&accepted.reason));
    }
    let command = |place: String| format!("{place}title={}::{}", property(&title), data(&message));
    if places.is_empty() {
        return vec![command(String::new())];
    }
    let place = |place: &Place| {
        let line = place.line.map(|line| format!("line={line},")).unwrap_or_default();
        format!("file={},{line}", property(&plain(&place.file)))
    };
    places.into_iter().map(|at| command(place(at))).collect()
}

/// The message of a command.
/// Source: `actions/toolkit`, `packages/core/src/command.ts`, `escapeData`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command.
/// Source: the same, `escapeProperty`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A run that failed, as one annotation.
pub fn failure(what: &str) -> String {
    format!("::error title=ninefold diff::{}\n", data(&plain(what)))
}
