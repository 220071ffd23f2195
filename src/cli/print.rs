//! Data to stdout, everything else to stderr; colour only where a terminal shows it.
//!
//! A reader that went away is no error: what could not be printed was not wanted. Anything else
//! that stops the data makes the command fail, when it ends.

use crate::diag::{Code, Diagnostic, Severity, Sources, text};
use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The colours of findings.
const RED: Style = AnsiColor::BrightRed.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();

/// Why data could not be printed.
static LOST: OnceLock<String> = OnceLock::new();

/// Whether the reader of stdout went away.
static GONE: AtomicBool = AtomicBool::new(false);

/// Prints what was asked for.
pub(super) fn data(text: &str) {
    write(&mut anstream::stdout().lock(), text);
}

/// Prints what was asked for, colours included, wherever it goes.
pub(super) fn exactly(text: &str) {
    write(&mut std::io::stdout().lock(), text);
}

fn write(out: &mut impl Write, text: &str) {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // The reader has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            GONE.store(true, Ordering::Relaxed);
        }
        Err(error) => drop(LOST.set(error.to_string())),
        Ok(()) => {}
    }
}

/// Whether nobody reads any more what is printed.
pub(super) fn is_gone() -> bool {
    GONE.load(Ordering::Relaxed)
}

/// Why not all data could be printed, if so.
pub(super) fn lost() -> Option<&'static str> {
    LOST.get().map(String::as_str)
}

/// Draws on a terminal what is taken back later.
pub(super) fn progress(text: &str) {
    let mut out = std::io::stderr().lock();
    // Who closed it does not want to know.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints what the user should know.
pub(super) fn error(text: &str) {
    let out = std::io::stderr();
    // In one piece: what takes colours out of a stream writes each part between two of them.
    let plain =
        (AutoStream::choice(&out) == ColorChoice::Never).then(|| strip_str(text).to_string());
    let mut out = AutoStream::always(out.lock());
    // There is nowhere else to say that stderr is gone.
    let text = plain.as_deref().unwrap_or(text);
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints what clap has to say, help included.
pub(super) fn usage(usage: &clap::Error) {
    let text = usage.render().ansi().to_string();
    if usage.use_stderr() { error(&text) } else { data(&text) }
}

/// Which findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// The first of each kind, and how many more there are.
    Folded,
    /// Every error, and of warnings the first of each kind: where no `--all` shows the others.
    Errors,
    /// All of them.
    All,
}

impl Shown {
    /// As `--all` says.
    pub(super) fn of(all: bool) -> Shown {
        if all { Shown::All } else { Shown::Folded }
    }
}

/// How many findings of one kind are shown without `--all`, and how many of more than that. Errors are
/// mended one by one, so more of them are shown; nobody mends thousands in one go.
fn room(severity: Severity) -> (usize, usize) {
    match severity {
        Severity::Error => (50, 40),
        // One more would take as much room as to say that it is there.
        Severity::Warning => (5, 3),
    }
}

/// Prints findings for people, every error among them, and how many there are.
pub(super) fn findings(findings: &[Diagnostic], sources: &Sources) {
    error(&text_of(findings, sources, Shown::Errors));
}

/// What [`findings`] prints, colours included; empty when there are none.
pub(super) fn text_of(findings: &[Diagnostic], sources: &Sources, shown: Shown) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let (shown, folded) = match shown {
        Shown::All => (findings.to_vec(), Vec::new()),
        Shown::Folded => fold(findings, &[Severity::Error, Severity::Warning]),
        Shown::Errors => fold(findings, &[Severity::Warning]),
    };
    let mut out = text::render(&shown, sources, true);
    for ((severity, code), more) in folded {
        let (colour, word) = (colour(severity), severity.word());
        out.push_str(&format!(
            "{colour}{word}[{}]{colour:#}: {more} more of this kind; `--all` of `build`, `check` and `import` shows them\n\n",
            code.name()
        ));
    }
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let errors = count(Severity::Error);
    let warnings = count(Severity::Warning);
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
    out.push_str(&format!("{found}; `ninefold explain CODE` tells more about a finding\n"));
    out
}

fn colour(severity: Severity) -> Style {
    match severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
    }
}

/// Findings of one kind.
type Of = (Severity, Code);

/// The findings that are shown when those of `severities` fold, and of each kind how many more there are.
fn fold(findings: &[Diagnostic], severities: &[Severity]) -> (Vec<Diagnostic>, Vec<(Of, usize)>) {
    let of = |finding: &Diagnostic| (finding.severity, finding.code);
    let mut counts: BTreeMap<Of, usize> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| severities.contains(&finding.severity)) {
        *counts.entry(of(finding)).or_default() += 1;
    }
    counts.retain(|(severity, _), count| *count > room(*severity).0);
    let mut seen: BTreeMap<Of, usize> = BTreeMap::new();
    let shown = findings.iter().filter(|finding| {
        let seen = seen.entry(of(finding)).or_default();
        *seen += 1;
        !counts.contains_key(&of(finding)) || *seen <= room(finding.severity).1
    });
    let shown = shown.cloned().collect();
    (shown, counts.into_iter().map(|(of, count)| (of, count - room(of.0).1)).collect())
}
