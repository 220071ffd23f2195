//! For a terminal: the first screen says whether it is dangerous, the last line what it comes to.

mod effects; // what a change does
mod objects; // which objects differ
mod line; //    colour, and where a line breaks

use super::escape::plain;
use super::{Hidden, phrase};
use crate::diff::Report;
use crate::diff::report::Severity;
use line::{BOLD, style};

/// What is shown, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// How much.
    pub detail: Detail,
    /// Whether a terminal shows colours: without, no escape sequence is written.
    pub colour: bool,
    /// The columns of the terminal: longer lines are wrapped between words. None for a file or a
    /// pipe, where nothing is wrapped.
    pub width: Option<usize>,
    /// The gate, when there is one.
    pub fail_on: Option<Severity>,
    /// What a filter keeps from view.
    pub hidden: Option<Hidden>,
}

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// `--names`: the identities of what differs, a line each.
    Names,
    /// `--stat`: a line for each object.
    Stat,
    /// Effects, and services.
    Summary,
    /// `-v`: the fields of what was edited, too; what changes alike is shown once.
    Fields,
    /// `-vv`: nothing is folded.
    All,
}

/// The report as text, with a line break at the end of every line. Identities alone
/// ([`Detail::Names`]) are nothing when nothing differs.
pub fn render(report: &Report, options: &Options) -> String {
    let mut page = Page { out: String::new(), report, options };
    match options.detail {
        Detail::Names => {
            report.objects.iter().for_each(|object| page.line(0, &plain(&phrase::id(object))));
            return page.out;
        }
        Detail::Stat | Detail::Summary | Detail::Fields | Detail::All => page.header(),
    }
    if let Some(nothing) = phrase::nothing(report, options.hidden.as_ref()) {
        page.line(0, &nothing);
        if options.detail == Detail::All {
            page.fields();
        }
        page.filtered();
        return page.out;
    }
    match options.detail {
        Detail::Stat => page.stat(),
        Detail::Names | Detail::Summary | Detail::Fields | Detail::All => {
            page.effects();
            page.other_causes();
            page.services();
            if options.detail >= Detail::Fields {
                page.fields();
            }
        }
    }
    page.footer();
    page.out
}

/// The text so far.
struct Page<'a> {
    out: String,
    report: &'a Report,
    options: &'a Options,
}

impl Page<'_> {
    fn header(&mut self) {
        let (from, to) = (&self.report.from, &self.report.to);
        let sides = format!("{} → {}", plain(&phrase::side(from)), plain(&phrase::side(to)));
        self.line(0, &format!("{}  {sides}", self.paint(BOLD, "ninefold diff")));
        for note in &self.report.notes {
            self.line(6, &format!("{} {}", self.paint(BOLD, "note:"), plain(note)));
        }
        if self.report.is_empty() && self.options.hidden.is_none() {
            return;
        }
        let causes = match self.report.causes.len() {
            0 => String::new(),
            count => format!(", from {}", phrase::plural(count, "cause")),
        };
        if let Some(severities) = phrase::severities(&self.report.effects) {
            self.line(2, &format!("{}{causes}", self.paint(BOLD, &severities)));
        }
        self.line(2, &phrase::counts(&self.report.counts, self.options.hidden.as_ref()));
    }

    fn footer(&mut self) {
        let filter = self.options.hidden.as_ref();
        self.line(0, "");
        self.filtered();
        let mut last = format!("{}.", phrase::to_do(self.report));
        let spelled = phrase::spelled(self.report);
        if spelled > 0 {
            last += &format!(" {spelled} of them differ in spelling only.");
        }
        match phrase::worst(self.report, filter) {
            Some((worst, place)) => {
                last += &format!(" Highest: {}{place}.", self.paint(style(worst), worst.word()));
            }
            None => last += " No effect that a rule knows.",
        }
        self.line(0, &last);
    }

    /// What a filter hides, and the gate, which judges all of it.
    fn filtered(&mut self) {
        let filter = self.options.hidden.as_ref();
        if let Some(hidden) = filter {
            let what = phrase::hidden(hidden);
            self.line(0, &plain(&format!("filtered ({}): {what}", hidden.by)));
        }
        if let Some(fail_on) = self.options.fail_on
            && let Some(gate) = phrase::gate(self.report, fail_on, filter)
        {
            self.line(0, &format!("gate: {gate}"));
        }
    }
}
