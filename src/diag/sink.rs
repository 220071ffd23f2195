//! Where findings gather.

use super::{Diagnostic, FileId, Severity, Sources};
use std::collections::BTreeSet;

/// Proof that an error was reported.
#[derive(Clone, Copy, Debug)]
pub struct Reported(());

/// Findings, gathered in any order and shown in one.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    findings: Vec<Diagnostic>,
}

impl Sink {
    /// Adds a finding that stops the compilation.
    pub fn error(&mut self, diagnostic: Diagnostic) -> Reported {
        self.findings.push(diagnostic.severity(Severity::Error));
        Reported(())
    }

    /// Adds a finding with the severity that it carries.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.findings.push(diagnostic);
    }

    /// Adds everything that `other` gathered.
    pub fn absorb(&mut self, other: Sink) {
        self.findings.extend(other.findings);
    }

    /// Whether nothing was reported.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Fails when an error was reported.
    pub fn ok(&self) -> Result<(), Reported> {
        if self.errors() == 0 { Ok(()) } else { Err(Reported(())) }
    }

    /// How many errors were reported.
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Everything that was reported, in the order of the checks.
    pub fn all(&self) -> Vec<&Diagnostic> {
        self.findings.iter().collect()
    }

    /// The files with an error in them.
    pub fn files_with_errors(&self) -> BTreeSet<FileId> {
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.filter_map(|finding| Some(finding.primary.as_ref()?.span.file)).collect()
    }

    /// Takes out the warnings that `accepted` holds of.
    pub fn accept(&mut self, accepted: impl Fn(&Diagnostic) -> bool) -> Vec<Diagnostic> {
        let fits =
            |finding: &mut Diagnostic| finding.severity == Severity::Warning && accepted(finding);
        self.findings.extract_if(.., fits).collect()
    }

    /// Forgets the warnings.
    pub fn only_errors(&mut self) {
        self.findings.retain(|finding| finding.severity == Severity::Error);
    }

    /// Makes errors of what nobody has accepted and nothing may ignore.
    pub fn refuse(&mut self) {
        for finding in self.findings.iter_mut().filter(|finding| finding.refused) {
            finding.severity = Severity::Error;
        }
    }

    /// The findings in the order in which a reader meets their places, each once.
    pub fn sorted(mut self, sources: &Sources) -> Vec<Diagnostic> {
        self.findings.sort_by(|a, b| {
            let place = |d: &Diagnostic| d.primary.as_ref().map(|label| label.span);
            (sources.compare(place(a), place(b)))
                .then_with(|| a.code.cmp(&b.code))
                .then_with(|| a.message.cmp(&b.message))
        });
        self.findings.dedup();
        fold(self.findings)
    }
}

/// Findings that differ only in who met them become one: a mistake in a template is met by every
/// service in every region.
fn fold(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut folded: Vec<(Diagnostic, usize)> = Vec::new();
    for finding in findings {
        match folded.last_mut() {
            Some((first, more))
                if first.primary.is_some()
                    && first.primary == finding.primary
                    && (first.code, &first.message) == (finding.code, &finding.message) =>
            {
                *more += 1;
            }
            _ => folded.push((finding, 0)),
        }
    }
    let findings = folded.into_iter().map(|(finding, more)| match more {
        0 => finding,
        1 => finding.note("and once more, asked for elsewhere"),
        _ => finding.note(format!("and {more} times more, asked for elsewhere")),
    });
    findings.collect()
}

/// Every result, or the proof that at least one failed; nothing is skipped on the way.
pub fn all<T>(items: impl IntoIterator<Item = Result<T, Reported>>) -> Result<Vec<T>, Reported> {
    let mut done = Vec::new();
    let mut failed = None;
    for item in items {
        match item {
            Ok(value) => done.push(value),
            Err(reported) => failed = Some(reported),
        }
    }
    failed.map_or(Ok(done), Err)
}
