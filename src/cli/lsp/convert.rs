//! Places and findings as the protocol has them: lines and columns from 0, columns in UTF-16.

use crate::diag::{Diagnostic as Finding, Severity, Sources, Span};
use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString,
    Position, Range, Uri,
};

/// The byte at a position; the nearest one where there is none.
pub(super) fn offset(text: &str, position: Position) -> usize {
    let mut start = 0;
    for _ in 0..position.line {
        match text[start..].find('\n') {
            Some(length) => start += length + 1,
            None => return text.len(),
        }
    }
    let line = text[start..].split('\n').next().unwrap_or_default().trim_end_matches('\r');
    let mut column = 0;
    for (at, character) in line.char_indices() {
        if column >= position.character as usize {
            return start + at;
        }
        column += character.len_utf16();
    }
    start + line.len()
}

/// The position of a byte.
pub(super) fn position(text: &str, at: usize) -> Position {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Position {
        line: count(before.matches('\n').count()),
        character: count(before[line..].chars().map(char::len_utf16).sum()),
    }
}

/// The positions of some bytes.
pub(super) fn range(text: &str, bytes: std::ops::Range<usize>) -> Range {
    Range { start: position(text, bytes.start), end: position(text, bytes.end) }
}

/// Where a span is in its text.
pub(super) fn place(sources: &Sources, span: Span) -> Range {
    range(&sources.get(span.file).text, span.start as usize..span.end as usize)
}

/// A finding, at a place in the file that it is shown in. `elsewhere` names the other files.
pub(super) fn diagnostic(
    finding: &Finding,
    at: Range,
    sources: &Sources,
    elsewhere: impl Fn(Span) -> Option<Uri>,
) -> Diagnostic {
    let related = finding.related.iter().filter_map(|label| {
        let message = if label.text.is_empty() { &finding.message } else { &label.text };
        let range = place(sources, label.span);
        let location = Location { uri: elsewhere(label.span)?, range };
        Some(DiagnosticRelatedInformation { location, message: message.clone() })
    });
    let related: Vec<DiagnosticRelatedInformation> = related.collect();
    Diagnostic {
        range: at,
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(finding.code.name().to_owned())),
        source: Some("ninefold".to_owned()),
        message: words(finding),
        related_information: (!related.is_empty()).then_some(related),
        ..Diagnostic::default()
    }
}

/// All that a finding says, in the order in which it is printed.
fn words(finding: &Finding) -> String {
    let mut words = finding.message.clone();
    if let Some(label) = finding.primary.as_ref().filter(|label| !label.text.is_empty()) {
        words.push_str(&format!(": {}", label.text));
    }
    finding.notes.iter().for_each(|note| words.push_str(&format!("\n{note}")));
    finding.help.iter().for_each(|help| words.push_str(&format!("\nhelp: {help}")));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_in_utf_16_and_any_position_is_a_byte() {
        let text = "ä = '😀x'\r\nb\n";
        let at = |line, character| offset(text, Position { line, character });
        assert_eq!(&text[at(0, 7)..at(0, 8)], "x");
        assert_eq!(position(text, at(0, 7)), Position { line: 0, character: 7 });
        assert_eq!(at(0, 99), text.find('\r').unwrap());
        assert_eq!(at(1, 0), text.find('b').unwrap());
        assert_eq!(at(2, 0), text.len());
        assert_eq!(at(u32::MAX, u32::MAX), text.len());
        // Half of a pair, and the middle of a character.
        assert_eq!(&text[at(0, 6)..at(0, 7)], "");
        for byte in 0..=text.len() + 2 {
            offset(text, position(text, byte));
        }
    }
}
