//! What a comment leaves out when it would be too long, and in which order: every step of
//! [`LADDER`] says less than the one before it, and [`Omitted`] says what is missing.
//!
//! Counts are never left out, nor are rows of what is critical or high before everything else is.

use super::escape::clip;
use super::phrase::plural;
use crate::diff::report::Severity;
use std::collections::BTreeMap;

/// No comment fits into fewer bytes.
pub const MIN: usize = 1_000;

/// How much is said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Lines beside a line that differs.
    pub(super) context: usize,
    /// Effects below this severity are a row without details.
    pub(super) details_from: Option<Severity>,
    /// The fields of services.
    pub(super) sections: Sections,
    /// The rows of effects.
    pub(super) rows: Rows,
    /// The most bytes of one text of a user.
    pub(super) text: usize,
}

/// Which services show their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sections {
    /// All of them.
    All,
    /// Those that fit.
    Fitting,
    /// None: their objects are counted.
    Counted,
    /// Not even the counts.
    None,
}

/// Which effects have a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// All of them.
    All,
    /// Those that are high or critical; the others are counted.
    High,
    /// Those that fit, the worst first; all are counted by rule.
    Fitting,
    /// None.
    None,
}

const FULL: Step = Step {
    context: 3,
    details_from: Some(Severity::Info),
    sections: Sections::All,
    rows: Rows::All,
    text: 300,
};
const NO_CONTEXT: Step = Step { context: 0, ..FULL };
const MEDIUM: Step = Step { details_from: Some(Severity::Medium), ..NO_CONTEXT };
const HIGH: Step = Step { details_from: Some(Severity::High), ..MEDIUM };
const ONE_LINE: Step = Step { details_from: None, ..HIGH };
const SOME_FIELDS: Step = Step { sections: Sections::Fitting, ..ONE_LINE };
const SERVICES: Step = Step { sections: Sections::Counted, ..SOME_FIELDS };
const HIGH_ROWS: Step = Step { rows: Rows::High, text: 120, ..SERVICES };
const TOP_ROWS: Step =
    Step { rows: Rows::Fitting, sections: Sections::None, text: 60, ..HIGH_ROWS };
const PARAGRAPH: Step = Step { rows: Rows::None, text: 24, ..TOP_ROWS };

/// From everything to one paragraph.
pub(super) const LADDER: [Step; 10] = [
    FULL,
    NO_CONTEXT,
    MEDIUM,
    HIGH,
    ONE_LINE,
    SOME_FIELDS,
    SERVICES,
    HIGH_ROWS,
    TOP_ROWS,
    PARAGRAPH,
];

/// What was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Omitted {
    pub(super) context: bool,
    /// Effects without their details, by severity.
    pub(super) details: BTreeMap<Severity, usize>,
    /// Effects without a row.
    pub(super) rows: BTreeMap<Severity, usize>,
    /// Objects whose fields are not shown, by service or number of services.
    pub(super) fields: Vec<(String, usize)>,
}

impl Omitted {
    /// `the details of 41 medium and 212 low effects, the fields of 253 objects (…)`; nothing when
    /// nothing was left out. `text` is the most bytes of one text of a user.
    pub(super) fn phrase(&self, text: usize) -> Option<String> {
        let by_severity = |counts: &BTreeMap<Severity, usize>, what: &str| {
            let parts: Vec<String> = (counts.iter().rev())
                .filter(|(_, count)| **count > 0)
                .map(|(severity, count)| format!("{count} {}", severity.word()))
                .collect();
            let effects = if counts.values().sum::<usize>() == 1 { "effect" } else { "effects" };
            (!parts.is_empty()).then(|| format!("the {what} of {} {effects}", parts.join(", ")))
        };
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.context.then(|| "lines beside those that differ".to_owned()));
        parts.extend(by_severity(&self.details, "details"));
        parts.extend(by_severity(&self.rows, "rows"));
        let objects: usize = self.fields.iter().map(|(_, count)| count).sum();
        if objects > 0 {
            let max = if text < MIN_NAMED { 0 } else { 5 };
            let mut named: Vec<String> = (self.fields.iter().take(max))
                .map(|(service, count)| format!("{} {count}", clip(service, text.min(60))))
                .collect();
            if self.fields.len() > max && max > 0 {
                named.push("…".to_owned());
            }
            let named = match named.is_empty() {
                true => String::new(),
                false => format!(" ({})", named.join(", ")),
            };
            parts.push(format!("the fields of {}{named}", plural(objects, "object")));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// With less room for a text than this, no service is named.
const MIN_NAMED: usize = 100;

/// The largest count up to `all` whose text fits into `bytes`, and that text. `make` gives longer
/// texts for larger counts.
pub(super) fn max(all: usize, bytes: usize, make: impl Fn(usize) -> String) -> Option<String> {
    let mut best = None;
    let (mut low, mut high) = (0, all);
    while low <= high {
        let middle = low + (high - low) / 2;
        let text = make(middle);
        if text.len() <= bytes {
            best = Some(text);
            low = middle + 1;
        } else if middle == 0 {
            break;
        } else {
            high = middle - 1;
        }
    }
    best
}

/// `65,000`
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_count_that_fits_is_found() {
        for all in 0..20 {
            for bytes in 0..25 {
                let best = max(all, bytes, |count| "x".repeat(count + 3));
                let expected =
                    (bytes >= 3).then(|| "x".repeat(all.min(bytes.saturating_sub(3)) + 3));
                assert_eq!(best, expected, "{all} in {bytes}");
            }
        }
    }

    #[test]
    fn numbers_have_separators() {
        assert_eq!([999, 65_000, 1_000_000].map(grouped), ["999", "65,000", "1,000,000"]);
    }
}
