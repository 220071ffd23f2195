//! Lines of a terminal: colour, and where they break.

use super::Page;
use crate::diff::report::{Operation, Severity};
use anstyle::{AnsiColor, Style};

/// A blank at which no line is broken; printed as any other.
const NO_BREAK: char = '\u{a0}';

impl Page<'_> {
    /// `  cause   …`
    pub(super) fn labelled(&mut self, label: &str, text: &str) {
        let label = self.paint(DIM, &format!("{label:7}"));
        self.line(10, &format!("  {label} {text}"));
    }

    /// The sign and the word of an operation.
    pub(super) fn operation(&self, operation: Operation) -> String {
        let style = match operation {
            Operation::Create => NEW,
            Operation::Delete => OLD,
            Operation::Replace | Operation::Update | Operation::Move => CHANGED,
            Operation::Keep | Operation::Retire => DIM,
        };
        self.paint(style, &format!("{}{NO_BREAK}{}", operation.sign(), operation.word()))
    }

    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        match self.options.colour && style != Style::new() && !text.is_empty() {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }

    /// A line; on a terminal, what is too long goes on below it, indented.
    pub(super) fn line(&mut self, indent: usize, text: &str) {
        let Some(width) = self.options.width.map(|width| width.max(40)) else {
            self.out += &text.trim_end().replace(NO_BREAK, " ");
            self.out.push('\n');
            return;
        };
        let mut column = 0;
        let mut line = String::new();
        for word in text.split_inclusive(' ') {
            let long = columns(word.trim_end());
            if column > indent && column + long > width {
                self.out += &line.trim_end().replace(NO_BREAK, " ");
                self.out.push('\n');
                line = " ".repeat(indent);
                column = indent;
            }
            line += word;
            column += columns(word);
        }
        self.out += &line.trim_end().replace(NO_BREAK, " ");
        self.out.push('\n');
    }
}

/// The columns that a text takes, without its colours.
pub(super) fn columns(text: &str) -> usize {
    let mut inside = false;
    let seen = |character: &char| {
        let escape = inside || *character == '\u{1b}';
        inside = escape && *character != 'm';
        !escape
    };
    text.chars().filter(seen).count()
}

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const OLD: Style = AnsiColor::Red.on_default();
pub(super) const NEW: Style = AnsiColor::Green.on_default();
pub(super) const CHANGED: Style = AnsiColor::Yellow.on_default();

pub(super) fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::BrightRed.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default().bold(),
        Severity::Medium => AnsiColor::Yellow.on_default().bold(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Info => DIM,
    }
}
