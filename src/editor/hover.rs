//! What stands at a place: what its key means, and what follows from what is written there.

use super::Kind;
use super::cursor::{Cursor, Part};
use super::schema::Said;
use crate::Fleet;
use crate::diag::Sink;
use crate::explain::{Page, text};
use crate::model::Service;
use std::ops::Range;

/// What is told about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The bytes that it is about.
    pub range: Range<usize>,
    /// What is told, as Markdown.
    pub text: String,
}

/// How many lines of an explanation are shown.
const LONGEST: usize = 100;

/// What is told about a place of `text`; nothing where no key is. `fleet`, when there is one, may be
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
    let said = Said::at(kind.schema(), &keys);
    if keys.last().is_none_or(String::is_empty) || said.is_empty() {
        return None;
    }
    let name = keys.iter().filter(|key| key.parse::<usize>().is_err());
    let name = name.map(String::as_str).collect::<Vec<&str>>().join(".");
    // What an item of a list is, the list says, unless it says so itself.
    let list = keys.split_last().filter(|(last, _)| last.parse::<usize>().is_ok());
    let list = list.filter(|_| said.description().is_none());
    let list = list.map(|(_, list)| Said::at(kind.schema(), list));
    let about = meaning(list.as_ref().unwrap_or(&said));
    let mut told = format!("**`{name}`**: {}\n\n{about}", said.form());
    let word = &text[cursor.word.clone()];
    if cursor.part == Part::Value
        && let Some((_, Some(words))) = said.words().iter().find(|(known, _)| *known == word)
    {
        told.push_str(&format!("\n\n`{word}`: {words}"));
    }
    match (kind, fleet) {
        (Kind::Fleet, Some((fleet, _))) => {
            if let Some(follows) = super::fleet::follows(fleet, &keys) {
                told.push_str(&format!("\n\n---\n\n{follows}"));
            }
        }
        (Kind::Service, Some((fleet, path))) => {
            if let Some((service, keys)) = service(fleet, path, &keys) {
                if let Some(port) = super::port::named(fleet, service, keys, word) {
                    told.push_str(&format!("\n\n{port}"));
                }
                if let Some(follows) = follows(fleet, service, keys) {
                    told.push_str(&format!("\n\n```text\n{follows}```"));
                }
            }
        }
        (_, None) => {}
    }
    Some(Hover { range: cursor.word.clone(), text: told })
}

/// What a key means, its default and an example, as Markdown.
pub(super) fn meaning(said: &Said<'_>) -> String {
    let mut told = said.description().unwrap_or_default().to_owned();
    if let Some(default) = said.default()
        && !told.contains("Default:")
        && !matches!(default.as_str(), "[]" | "{}")
    {
        told.push_str(&format!(" Default: `{default}`."));
    }
    if let Some(example) = said.examples().first()
        && said.default().is_none_or(|default| matches!(default.as_str(), "[]" | "{}"))
        && !told.contains(&format!("`{}`", example.trim_matches('"')))
        && !told.contains(example.trim_matches(['{', '}', ' ']))
    {
        told.push_str(&format!(" Example: `{example}`."));
    }
    told
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
