//! Findings as SARIF 2.1.0, so that code scanning shows them at their lines.
//!
//! What GitHub reads of it: `docs/facts.md`, "SARIF".

use super::{Code, Diagnostic, Label, Severity, Sources};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One result.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What was found.
    pub code: Code,
    /// `error`, `warning`, `note`
    pub level: &'static str,
    /// What it says, in plain text.
    pub message: String,
    /// Where; the first counts.
    pub places: Vec<Place>,
    /// What else there is to say of it, by name.
    pub properties: BTreeMap<&'static str, Value>,
    /// Why nobody needs to act on it; none where somebody has to.
    pub accepted: Option<String>,
}

/// A place in a file; lines and columns count from 1.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file, as it is written in the repository.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column, and the one behind the last, on one line.
    pub columns: Option<(usize, usize)>,
}

/// The file of a finding that has no place: a result without any is refused.
const NOWHERE: &str = "specs/fleet.toml";

/// A whole log, of one run. A `note` is about the run itself, as that it does not show everything.
pub fn log(findings: &[Finding], note: Option<&str>) -> String {
    let codes: BTreeSet<&str> = findings.iter().map(|finding| finding.code.name()).collect();
    let index: BTreeMap<&str, usize> = codes.iter().copied().zip(0..).collect();
    let rules: Vec<Value> = codes.iter().filter_map(|name| Code::find(name)).map(rule).collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, &index)).collect();
    let mut log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "ninefold",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    if let Some(note) = note {
        log["runs"][0]["invocations"] = json!([{
            "executionSuccessful": true,
            "toolExecutionNotifications": [{ "level": "note", "message": { "text": note } }],
        }]);
    }
    let mut text =
        serde_json::to_string_pretty(&log).expect("a log holds only strings and numbers");
    text.push('\n');
    text
}

fn rule(code: Code) -> Value {
    let row = code.row();
    json!({
        "id": row.name,
        "shortDescription": { "text": row.summary },
        "help": { "text": row.page, "markdown": row.page },
    })
}

fn result(finding: &Finding, index: &BTreeMap<&str, usize>) -> Value {
    let nowhere = Place { file: NOWHERE.to_owned(), line: 1, columns: None };
    let places = if finding.places.is_empty() { vec![nowhere] } else { finding.places.clone() };
    let mut properties: BTreeMap<&str, Value> = finding.properties.clone();
    properties.insert("code", finding.code.name().into());
    let mut result = json!({
        "ruleId": finding.code.name(),
        "ruleIndex": index[finding.code.name()],
        "level": finding.level,
        "message": { "text": finding.message },
        "locations": places.iter().map(location).collect::<Vec<_>>(),
        "properties": properties,
    });
    if let Some(reason) = &finding.accepted {
        result["suppressions"] = json!([{ "kind": "inSource", "justification": reason }]);
    }
    result
}

fn location(place: &Place) -> Value {
    let mut region = json!({ "startLine": place.line.max(1) });
    if let Some((start, end)) = place.columns {
        region["startColumn"] = start.into();
        region["endColumn"] = end.into();
    }
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&place.file) },
        "region": region,
    }})
}

/// A path as a relative reference (RFC 3986): what is not plain is written in percent.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let mut uri = String::new();
    for byte in path.bytes() {
        if plain(byte) { uri.push(char::from(byte)) } else { uri.push_str(&format!("%{byte:02X}")) }
    }
    uri
}

/// Findings of a build.
pub fn render(findings: &[Diagnostic], sources: &Sources) -> String {
    let findings: Vec<Finding> =
        findings.iter().map(|finding| of_diagnostic(finding, sources)).collect();
    log(&findings, None)
}

fn of_diagnostic(finding: &Diagnostic, sources: &Sources) -> Finding {
    let mut message = finding.message.clone();
    for line in finding.notes.iter().chain(&finding.help) {
        message.push('\n');
        message.push_str(line);
    }
    Finding {
        code: finding.code,
        level: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message,
        places: finding.primary.iter().map(|label| place(label, sources)).collect(),
        properties: BTreeMap::new(),
        accepted: None,
    }
}

fn place(label: &Label, sources: &Sources) -> Place {
    let start = sources.position(label.span);
    let end = sources.position(super::Span { start: label.span.end, ..label.span });
    let columns = (start.line == end.line).then_some((start.column, end.column));
    Place { file: sources.get(label.span.file).path.clone(), line: start.line, columns }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_becomes_a_reference() {
        assert_eq!(uri("specs/web.toml"), "specs/web.toml");
        assert_eq!(uri("specs/a b#ü.toml"), "specs/a%20b%23%C3%BC.toml");
    }
}
