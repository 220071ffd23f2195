//! Data to stdout, everything else to stderr; colour only where a terminal shows it.
//!
//! A reader that went away is no error: what could not be printed was not wanted.

use crate::diag::{Diagnostic, Sources, text};
use std::io::Write;

/// Prints what was asked for.
pub(super) fn data(text: &str) {
    let mut out = anstream::stdout().lock();
    // A closed pipe: the reader has seen enough.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints what the user should know.
pub(super) fn error(text: &str) {
    let mut out = anstream::stderr().lock();
    // There is nowhere else to say that stderr is gone.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints what clap has to say, help included.
pub(super) fn usage(usage: &clap::Error) {
    let text = usage.render().ansi().to_string();
    if usage.use_stderr() { error(&text) } else { data(&text) }
}

/// Prints findings for people, and how many there are.
pub(super) fn findings(findings: &[Diagnostic], sources: &Sources) {
    if findings.is_empty() {
        return;
    }
    error(&text::render(findings, sources, true));
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let errors = count(crate::diag::Severity::Error);
    let warnings = count(crate::diag::Severity::Warning);
    let plural = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    let found = match (errors, warnings) {
        (0, warnings) => plural(warnings, "warning"),
        (errors, 0) => plural(errors, "error"),
        (errors, warnings) => {
            format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"))
        }
    };
    error(&format!("{found}; `ninefold explain CODE` tells more about a finding\n"));
}
