//! Findings for machines: one JSON object in a line each.

use super::{Diagnostic, Label, Sources};
use serde::Serialize;

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Place<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
}

/// One line for each finding. Lines and columns count from 1; an end is one past the last character.
pub fn render(findings: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for finding in findings {
        let line = Finding {
            code: finding.code.name(),
            severity: finding.severity.word(),
            message: &finding.message,
            place: finding.primary.as_ref().map(|label| place(label, sources)),
            related: finding.related.iter().map(|label| place(label, sources)).collect(),
            notes: &finding.notes,
            help: finding.help.as_deref(),
        };
        out.push_str(&serde_json::to_string(&line).expect("a finding holds only strings"));
        out.push('\n');
    }
    out
}

fn place<'a>(label: &'a Label, sources: &'a Sources) -> Place<'a> {
    let start = sources.position(label.span);
    let end = sources.position(super::Span { start: label.span.end, ..label.span });
    Place {
        file: &sources.get(label.span.file).path,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        text: &label.text,
    }
}
