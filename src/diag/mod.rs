//! Findings: everything that a user can get wrong, in one shape.
//!
//! A stage reports into a [`Sink`] and goes on, so that one run shows every finding. Only
//! reporting an error gives a [`Reported`], and a stage can only fail with one: "failed without
//! telling the user" does not type-check.

mod span; //   where: a range of an input text
mod code; //   the table of findings
mod sink; //   where findings gather
mod natural; // in which order
pub mod text; // for people
pub mod json; // for machines
pub mod sarif; // for code scanning

pub use code::{CODES, Code, Row};
pub use natural::natural;
pub use sink::{Reported, Sink, all};
pub use span::{FileId, Position, Source, Sources, Span};

/// Whether a finding stops the compilation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Stops it.
    Error,
    /// Worth knowing; stops nothing.
    Warning,
}

impl Severity {
    /// The word that reports print.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which row of the table of codes.
    pub code: Code,
    /// Usually the code's own severity.
    pub severity: Severity,
    /// One phrase: what is wrong, with the names in it.
    pub message: String,
    /// Where; nothing when no input text is to blame.
    pub primary: Option<Label>,
    /// The other places that matter, in reading order.
    pub related: Vec<Label>,
    /// What follows from it: sums and premises, each a line.
    pub notes: Vec<String>,
    /// What to write instead.
    pub help: Option<String>,
    /// Text that no report may show, whichever finding quotes its line.
    pub secret: Option<Span>,
    /// Whether it is an error unless the service accepts it. Until that is known, it is a warning.
    pub refused: bool,
}

/// A place and the text about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A phrase about it; may be empty.
    pub text: String,
}

impl Diagnostic {
    /// A finding of `code`, with the severity of its row.
    pub fn new(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.row().severity,
            message: message.into(),
            primary: None,
            related: Vec::new(),
            notes: Vec::new(),
            help: None,
            secret: None,
            refused: false,
        }
    }

    /// The place it is about, and a phrase about that place.
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.primary = Some(Label { span, text: text.into() });
        self
    }

    /// Another place that matters.
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// A line about what follows.
    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    /// What to write instead.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// Hides the text of `span` in every report.
    pub fn hiding(mut self, span: Span) -> Diagnostic {
        self.secret = Some(span);
        self
    }

    /// Makes it an error that a service can accept.
    pub fn unless_accepted(mut self) -> Diagnostic {
        self.severity = Severity::Warning;
        self.refused = true;
        self
    }

    /// The same finding with another severity than its row's.
    pub fn severity(mut self, severity: Severity) -> Diagnostic {
        self.severity = severity;
        self
    }
}

/// The nearest of `known` to `wrong`, when it is near enough to be what was meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let distance = strsim::damerau_levenshtein(wrong, candidate);
        let near = distance <= (wrong.chars().count().max(candidate.chars().count()) / 3).max(1);
        if near && best.is_none_or(|(min, _)| distance < min) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// "did you mean `x`?", or the list of what is known here.
pub fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(wrong, known.clone()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("known here: {}", shortened(known)),
    }
}

/// How many names a finding lists.
const SHOWN: usize = 12;

/// The first names in backticks, and how many more there are.
pub fn shortened<'a>(names: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let all = names.clone().into_iter().count();
    match list(names.into_iter().take(SHOWN)) {
        shown if all > SHOWN => format!("{shown} and {} more", all - SHOWN),
        shown => shown,
    }
}

/// Names in backticks, separated by commas.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() { "nothing".to_owned() } else { quoted.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_named_and_a_far_one_lists_what_is_known() {
        assert_eq!(did_you_mean("regoins", ["name", "regions"]), "did you mean `regions`?");
        assert_eq!(did_you_mean("zzz", ["name", "tier"]), "known here: `name`, `tier`");
        assert!(did_you_mean("zzz", ["name"; 100]).ends_with("`name` and 88 more"));
    }
}
