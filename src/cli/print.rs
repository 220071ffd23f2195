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

/// The colour of warnings.
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

/// Whether every warning is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Warnings {
    /// The first of each kind, and how many more there are.
    Folded,
    /// All of them.
    All,
}

impl Warnings {
    /// As `--all` says.
    pub(super) fn of(all: bool) -> Warnings {
        if all { Warnings::All } else { Warnings::Folded }
    }
}

/// Warnings of one kind that are shown without `--all`; one more would take as much room as to say
/// that it is there.
const HANDFUL: usize = 5;

/// How many are shown of more than a handful.
const SHOWN: usize = 3;

/// Prints findings for people, and how many there are.
pub(super) fn findings(findings: &[Diagnostic], sources: &Sources) {
    error(&text_of(findings, sources, Warnings::Folded));
}

/// What [`findings`] prints, colours included; empty when there are none.
pub(super) fn text_of(findings: &[Diagnostic], sources: &Sources, warnings: Warnings) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let (shown, folded) = match warnings {
        Warnings::All => (findings.to_vec(), Vec::new()),
        Warnings::Folded => fold(findings),
    };
    let mut out = text::render(&shown, sources, true);
    for (code, more) in folded {
        out.push_str(&format!(
            "{YELLOW}warning[{}]{YELLOW:#}: {more} more of this kind; `--all` of `build`, `check` and `import` shows them\n\n",
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

/// The findings that are shown, and of each kind of warning how many more there are.
fn fold(findings: &[Diagnostic]) -> (Vec<Diagnostic>, Vec<(Code, usize)>) {
    let is_warning = |finding: &&Diagnostic| finding.severity == Severity::Warning;
    let mut counts: BTreeMap<Code, usize> = BTreeMap::new();
    for finding in findings.iter().filter(is_warning) {
        *counts.entry(finding.code).or_default() += 1;
    }
    counts.retain(|_, count| *count > HANDFUL);
    let mut seen: BTreeMap<Code, usize> = BTreeMap::new();
    let shown = findings.iter().filter(|finding| {
        if finding.severity == Severity::Error || !counts.contains_key(&finding.code) {
            return true;
        }
        let seen = seen.entry(finding.code).or_default();
        *seen += 1;
        *seen <= SHOWN
    });
    let shown = shown.cloned().collect();
    (shown, counts.into_iter().map(|(code, count)| (code, count - SHOWN)).collect())
}
