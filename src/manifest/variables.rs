//! Variables of the user's own templates that nothing ever fills.
//!
//! Where one is printed, the engine reports it; in a condition it would only be false, and what stands
//! behind it would silently be missing.

use crate::diag::{self, Code, Diagnostic, FileId, Span};
use std::collections::BTreeSet;
use tera::Tera;

/// The variables that built-in templates read, and the names that a text gives itself.
pub(super) fn known(engine: &Tera, names: &[&str]) -> BTreeSet<String> {
    let read = names.iter().filter_map(|name| engine.get_template_variables(name).ok());
    let mut known: BTreeSet<String> = BTreeSet::new();
    for variables in read {
        let mut variables: Vec<&str> = variables.into_iter().collect();
        variables.sort_unstable();
        known.extend(variables.into_iter().map(str::to_owned));
    }
    known
}

/// The names that `set` and `for` give in a text.
pub(super) fn given(text: &str) -> Vec<String> {
    let mut given = Vec::new();
    let mut words =
        text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty());
    while let Some(word) = words.next() {
        match word {
            "set" | "set_global" => given.extend(words.next().map(str::to_owned)),
            // `for key, value in map`
            "for" => given
                .extend(words.by_ref().take_while(|word| *word != "in").take(2).map(str::to_owned)),
            _ => {}
        }
    }
    given
}

/// A finding for a variable that is not known: where a text of the user's reads it.
pub(super) fn unknown(
    variable: &str,
    known: &BTreeSet<String>,
    texts: &[(FileId, &str)],
) -> Option<Diagnostic> {
    let place = texts.iter().find_map(|(file, text)| {
        let at = within_tags(text, variable)?;
        Some(Span::new(*file, at..at + variable.len()))
    })?;
    let message = format!("`{variable}` is not a variable of a template");
    Some(
        Diagnostic::new(Code::TEMPLATE, message)
            .at(place, "never filled, so a condition on it is never true")
            .help(diag::did_you_mean(variable, known.iter().map(String::as_str))),
    )
}

/// Where a word stands between `{{` or `{%` and their ends, at the beginning of a path.
fn within_tags(text: &str, word: &str) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).map(|(at, _)| at).find(|at| {
        let before = &text[..*at];
        let opened = before.rfind("{%").max(before.rfind("{{"));
        let closed = before.rfind("%}").max(before.rfind("}}"));
        let alone = !before.ends_with(|c: char| is_word(c) || c == '.')
            && !text[at + word.len()..].starts_with(is_word);
        alone && opened > closed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_by_loops_and_by_set() {
        let text = "{% for key, value in map %}{% set other = key %}{% endfor %}{% for x in y %}";
        assert_eq!(given(text), ["key", "value", "other", "x"]);
    }

    #[test]
    fn a_word_counts_in_a_tag_only() {
        let text = "team: a\n{# team #}\n{% if meta.team and team %}";
        assert_eq!(within_tags(text, "team"), Some(text.rfind("team").unwrap()));
        assert_eq!(within_tags("team {{ teams }}", "team"), None);
    }
}
