//! What stands at a place: what its key means, and what follows from what is written there.

use super::Kind;
use super::cursor::{Cursor, Part};
use super::schema::Said;
use crate::Fleet;
use crate::diag::Sink;
use crate::explain::{Page, text};
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
    let mut told = format!("**`{name}`**: {}\n\n{}", said.form(), meaning(&said));
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
            if let Some(follows) = follows(fleet, path, &keys) {
                told.push_str(&format!("\n\n```text\n{follows}```"));
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

/// What rests on what the spec at `path` says under `keys`, as `explain` prints it.
fn follows(fleet: &Fleet, path: &str, keys: &[String]) -> Option<String> {
    let sources = fleet.sources();
    // One spec says what the service is in each of its environments.
    let (environment, keys) = match keys {
        [first, name, rest @ ..] if first == "environments" => (Some(name.as_str()), rest),
        _ => (None, keys),
    };
    let service = fleet.model().services().iter().find(|service| {
        let is_here = sources.get(service.document.file()).path == path;
        is_here && service.name.environment() == environment
    })?;
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
