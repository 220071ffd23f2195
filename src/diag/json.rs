//! Findings for machines: one JSON object in a line each.

use super::{Diagnostic, Label, Sources};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;
use std::sync::LazyLock;

/// JSON Schema, draft 2020-12, of every line that `check` prints as JSON.
pub static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<Line<'_>>);

/// JSON Schema, draft 2020-12, of what is written as JSON from a type.
pub fn schema_of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

/// A line of `ninefold check --format json`: a finding, or, with `--watch`, the end of a look.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(title = "ninefold check")]
enum Line<'a> {
    /// What is wrong.
    Finding(Finding<'a>),
    /// All findings of a look are told.
    End(End),
}

/// The end of a look.
#[derive(Serialize, JsonSchema)]
struct End {
    /// The number of the look, from 1.
    look: usize,
    /// Errors that it found.
    errors: usize,
    /// Warnings that it found.
    warnings: usize,
}

/// A finding.
#[derive(Serialize, JsonSchema)]
pub struct Finding<'a> {
    /// Its code: `ninefold explain CODE` prints its page.
    code: &'a str,
    /// `error` or `warning`.
    severity: &'a str,
    /// What is wrong, in a phrase.
    message: &'a str,
    /// Where; left out when no input text is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place<'a>>,
    /// The other places that matter, in reading order; left out when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Place<'a>>,
    /// What follows from it; left out when there is nothing to say.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// A place in an input text. Lines and columns count from 1, columns in characters; an end is one
/// past the last character.
#[derive(Serialize, JsonSchema)]
struct Place<'a> {
    /// The path of the file.
    file: &'a str,
    /// The line of the first character.
    line: usize,
    /// Its column.
    column: usize,
    /// The line of the end.
    end_line: usize,
    /// Its column.
    end_column: usize,
    /// What is to be said about this place; left out when there is nothing.
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
}

/// Findings as they are written, in their order.
pub fn findings<'a>(findings: &'a [Diagnostic], sources: &'a Sources) -> Vec<Finding<'a>> {
    let written = findings.iter().map(|finding| Finding {
        code: finding.code.name(),
        severity: finding.severity.word(),
        message: &finding.message,
        place: finding.primary.as_ref().map(|label| place(label, sources)),
        related: finding.related.iter().map(|label| place(label, sources)).collect(),
        notes: &finding.notes,
        help: finding.help.as_deref(),
    });
    written.collect()
}

/// One line for each finding.
pub fn render(found: &[Diagnostic], sources: &Sources) -> String {
    findings(found, sources).into_iter().map(|finding| line(&Line::Finding(finding))).collect()
}

/// The line behind the findings of a look, of which somebody watches one after the other.
pub fn end(look: usize, errors: usize, warnings: usize) -> String {
    line(&Line::End(End { look, errors, warnings }))
}

fn line(line: &Line<'_>) -> String {
    serde_json::to_string(line).expect("a finding holds strings and numbers") + "\n"
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
