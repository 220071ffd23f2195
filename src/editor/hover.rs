//! What stands at a place: what its key means, and what follows from what is written there.

use super::Kind;
use super::cursor::{Cursor, Part};
use super::schema::Schemas;
use crate::Fleet;
use crate::diag::Sink;
use crate::explain::{Page, text};
use crate::model::Service;
use std::ops::Range;

/// The hover text of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The bytes that it is about.
    pub range: Range<usize>,
    /// The text, as Markdown.
    pub text: String,
}

/// How many lines of an explanation are shown.
const LONGEST: usize = 100;

/// The hover at a place of `text`; none where no key is. `fleet`, when there is one, may be
/// that of an earlier text of the same file, `path`.
pub fn hover(
    kind: Kind,
    text: &str,
    cursor: &Cursor,
    fleet: Option<(&Fleet, &str)>,
) -> Option<Hover> {
    let mut keys = cursor.path.clone();
    if matches!(cursor.part, Part::Key | Part::Header { .. }) {
        keys.push(text[cursor.word.clone()].to_owned());
    }
    let schemas = Schemas::at(kind.schema(), &keys);
    if keys.last().is_none_or(String::is_empty) || schemas.is_empty() {
        return None;
    }
    let name = keys.iter().filter(|key| key.parse::<usize>().is_err());
    let name = name.map(String::as_str).collect::<Vec<&str>>().join(".");
    // What an item of a list is, the list says, unless it says so itself.
    let list = keys.split_last().filter(|(last, _)| last.parse::<usize>().is_ok());
    let list = list.filter(|_| schemas.description().is_none());
    let list = list.map(|(_, list)| Schemas::at(kind.schema(), list));
    let about = meaning(list.as_ref().unwrap_or(&schemas));
    let mut markdown = format!("**`{name}`**: {}\n\n{about}", schemas.form());
    let word = &text[cursor.word.clone()];
    if cursor.part == Part::Value
        && let Some((_, Some(words))) = schemas.words().iter().find(|(known, _)| *known == word)
    {
        markdown.push_str(&format!("\n\n`{word}`: {words}"));
    }
    match (kind, fleet) {
        (Kind::Fleet, Some((fleet, _))) => {
            if let Some(follows) = super::fleet::follows(fleet, &keys) {
                markdown.push_str(&format!("\n\n---\n\n{follows}"));
            }
        }
        (Kind::Service, Some((fleet, path))) => {
            if let Some((service, keys)) = service(fleet, path, &keys) {
                if let Some(port) = super::port::named(fleet, service, keys, word) {
                    markdown.push_str(&format!("\n\n{port}"));
                }
                if let Some(follows) = follows(fleet, service, keys) {
                    markdown.push_str(&format!("\n\n```text\n{follows}```"));
                }
            }
        }
        (_, None) => {}
    }
    Some(Hover { range: cursor.word.clone(), text: markdown })
}

/// What a key means, its default and an example, as Markdown.
pub(super) fn meaning(schemas: &Schemas<'_>) -> String {
    let mut text = schemas.description().unwrap_or_default().to_owned();
    if let Some(default) = schemas.default()
        && !text.contains("Default:")
        && !matches!(default.as_str(), "[]" | "{}")
    {
        text.push_str(&format!(" Default: `{default}`."));
    }
    if let Some(example) = schemas.examples().first()
        && schemas.default().is_none_or(|default| matches!(default.as_str(), "[]" | "{}"))
        && !text.contains(&format!("`{}`", example.trim_matches('"')))
        && !text.contains(example.trim_matches(['{', '}', ' ']))
    {
        text.push_str(&format!(" Example: `{example}`."));
    }
    text
}

/// What the spec at `path` describes where `keys` are, and the keys below that: one spec says what the
/// service is in each of its environments.
fn service<'a, 'k>(
    fleet: &'a Fleet,
    path: &str,
    keys: &'k [String],
) -> Option<(&'a Service, &'k [String])> {
    let (environment, keys) = match keys {
        [first, name, rest @ ..] if first == "environments" => (Some(name.as_str()), rest),
        _ => (None, keys),
    };
    let service = fleet.model().services().iter().find(|service| {
        let is_here = fleet.sources().get(service.document.file()).path == path;
        is_here && service.name.environment() == environment
    })?;
    Some((service, keys))
}

/// What rests on what the spec of a service says under `keys`, as `explain` prints it.
fn follows(fleet: &Fleet, service: &Service, keys: &[String]) -> Option<String> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    if !service.document.has(&keys) {
        return None;
    }
    let span = service.document.at(&keys);
    let page = Page::of(&mut Sink::default(), fleet, service.name.address()).ok()??;
    let page = page.resting_on(span)?;
    let text = text::render(&page, false);
    let lines = text.lines().count();
    if lines <= LONGEST {
        return Some(text);
    }
    let shown: String = text.split_inclusive('\n').take(LONGEST).collect();
    Some(format!("{shown}… {} more lines: ninefold explain {}\n", lines - LONGEST, page.service))
}
