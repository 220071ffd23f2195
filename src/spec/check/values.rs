//! Whether a value is of its type, and in its range.

use super::words::{be, instead, shown};
use super::{Checker, Shape};
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::quantity::Format;
use crate::spec::characters;
use crate::spec::document::Node;
use toml::de::DeValue;

impl Checker<'_> {
    pub(super) fn text(
        &self,
        sink: &mut Sink,
        node: &Node<'_>,
        text: &str,
        shape: &Shape,
        key: Option<&str>,
    ) {
        if let Err(finding) = characters::check(text, self.span(node)) {
            sink.error(*finding);
            return;
        }
        if let Some(Err(problem)) = shape.format.map(|format| (format.check)(text)) {
            self.wrong_value(sink, node, key, problem);
        }
    }

    pub(super) fn word(
        &self,
        sink: &mut Sink,
        node: &Node<'_>,
        key: Option<&str>,
        words: &[String],
    ) {
        match node.get_ref() {
            DeValue::String(text) if words.iter().any(|word| word == text) => {}
            DeValue::String(text) => {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let same = words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied();
                let help = match same.or_else(|| diag::nearest(text, words.iter().copied())) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None if words.len() == 1 => format!("the only word for it is `{}`", words[0]),
                    None => format!("it is one of {}", diag::list(words.iter().copied())),
                };
                let what = key.map_or(String::new(), |key| format!(" for `{key}`"));
                sink.error(
                    Diagnostic::new(
                        Code::WRONG_VALUE,
                        format!("`{}` is not a value{what}", shown(text)),
                    )
                    .at(self.span(node), "")
                    .help(help),
                );
            }
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                let words = diag::list(words.iter().map(String::as_str));
                self.wrong_type(sink, node, key, &format!("one of {words}"), None);
            }
        }
    }

    pub(super) fn range(
        &self,
        sink: &mut Sink,
        node: &Node<'_>,
        number: f64,
        shape: &Shape,
        key: Option<&str>,
    ) {
        let problem = match shape.range {
            (Some(min), Some(max)) if number < min || number > max => {
                format!("it is from {min} to {max}")
            }
            (Some(min), None) if number < min => format!("it is at least {min}"),
            (None, Some(max)) if number > max => format!("it is at most {max}"),
            _ => return,
        };
        self.wrong_value(sink, node, key, problem);
    }

    pub(super) fn wrong_value(
        &self,
        sink: &mut Sink,
        node: &Node<'_>,
        key: Option<&str>,
        problem: String,
    ) {
        let what = key.map_or("this value".to_owned(), |key| format!("`{}`", shown(key)));
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("{what} cannot {}", be(node.get_ref())))
                .at(self.span(node), "")
                .help(problem),
        );
    }

    pub(super) fn wrong_type(
        &self,
        sink: &mut Sink,
        node: &Node<'_>,
        key: Option<&str>,
        expected: &str,
        format: Option<&Format>,
    ) {
        let what = key.map_or("this value".to_owned(), |key| format!("`{}`", shown(key)));
        let found = match node.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => self.syntax.named("object"),
        };
        let finding =
            Diagnostic::new(Code::WRONG_TYPE, format!("{what} takes {expected}, found {found}"))
                .at(self.span(node), "");
        sink.error(match instead(node.get_ref(), expected, format, self.syntax) {
            Some(help) => finding.help(help),
            None => finding,
        });
    }
}
