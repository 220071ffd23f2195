//! A TOML file as a tree in which every key and every value knows its place.

use crate::diag::{Code, Diagnostic, FileId, Sink, Sources, Span};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value of a TOML text, with its place.
pub(super) type Node<'a> = Spanned<DeValue<'a>>;

/// Parses `file`; reports every syntax error. Beside the tree, it tells whether it is whole: after
/// an error, it is what could be understood of the rest.
pub(super) fn parse<'a>(sink: &mut Sink, sources: &'a Sources, file: FileId) -> (Node<'a>, bool) {
    let text = &sources.get(file).text;
    let (root, errors) = DeTable::parse_recoverable(text);
    let start = |error: &toml::de::Error| error.span().map_or(0, |range| range.start);
    let mut by_place: Vec<&toml::de::Error> = errors.iter().collect();
    by_place.sort_by_key(|error| start(error));
    let mut last = None;
    for error in by_place {
        // One mistake derails the parser for the rest of its line.
        let before = &text[..boundary(text, start(error))];
        let line = before.rfind('\n').map_or(0, |newline| newline + 1);
        if last.replace(line) != Some(line) {
            sink.error(syntax(text, file, line, error));
        }
    }
    let span = root.span();
    let root = dates_as_text(DeValue::Table(root.into_inner()));
    (Spanned::new(span, root), errors.is_empty())
}

/// A finding about an error in the line that begins at `line`.
fn syntax(text: &str, file: FileId, line: usize, error: &toml::de::Error) -> Diagnostic {
    let end = text[line..].find('\n').map_or(text.len(), |newline| line + newline);
    let range = error.span().unwrap_or(0..0);
    let start = boundary(text, range.start.clamp(line, end));
    let range = start..boundary(text, range.end.clamp(start, end));
    let message = error.message().replace('\n', ", ");
    let (message, expected) = match message.find(", expected ") {
        Some(at) => (&message[..at], &message[at + 2..]),
        None => (message.as_str(), ""),
    };
    // A word without quotes is taken for what begins with the same letter.
    let for_a_word = ["invalid boolean", "invalid float", "string values must be quoted"];
    let word = |c: char| c.is_alphanumeric() || "-_./:@".contains(c);
    let finding = if for_a_word.contains(&message) && text[range.clone()].chars().all(word) {
        Diagnostic::new(Code::TOML_SYNTAX, "text stands in quotes")
            .at(Span::new(file, range), "")
            .help("write it as `\"…\"`")
    } else {
        Diagnostic::new(Code::TOML_SYNTAX, message.to_owned()).at(Span::new(file, range), expected)
    };
    match super::secret::in_line(&text[line..end]) {
        Some(value) => finding.hiding(Span::new(file, line + value.start..line + value.end)),
        None => finding,
    }
}

/// The nearest character boundary at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// TOML has dates of its own; `until = 2027-01-31` means the same as `until = "2027-01-31"`.
fn dates_as_text(value: DeValue<'_>) -> DeValue<'_> {
    match value {
        DeValue::Datetime(date) => DeValue::String(date.to_string().into()),
        DeValue::Array(items) => {
            let items = items.iter().cloned();
            DeValue::Array(items.map(|node| spanned(node.span(), node.into_inner())).collect())
        }
        DeValue::Table(table) => {
            let entries = table.into_iter();
            DeValue::Table(
                entries.map(|(key, node)| (key, spanned(node.span(), node.into_inner()))).collect(),
            )
        }
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => value,
    }
}

fn spanned(span: std::ops::Range<usize>, value: DeValue<'_>) -> Node<'_> {
    Spanned::new(span, dates_as_text(value))
}

/// Where everything stands in one TOML file.
#[derive(Clone, Debug)]
pub struct Document {
    file: FileId,
    root: Place,
}

/// Where a value stands, and what is in it.
#[derive(Clone, Debug)]
struct Place {
    key: Option<Span>,
    value: Span,
    children: BTreeMap<String, Place>,
}

impl Document {
    /// The places of a parsed file.
    pub(super) fn new(file: FileId, root: &Node<'_>) -> Document {
        Document { file, root: place(file, None, root) }
    }

    /// The file it was read from.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The place of the value at `path`, or of its nearest ancestor that was written.
    ///
    /// Items of a list are named by their number: `["ports", "1", "port"]`.
    pub fn at(&self, path: &[&str]) -> Span {
        self.nearest(path).map_or(Span::start_of(self.file), |place| place.value)
    }

    /// The place of the key at the end of `path`, or of its nearest ancestor that was written.
    pub fn key(&self, path: &[&str]) -> Span {
        let place = self.nearest(path);
        place.map_or(Span::start_of(self.file), |place| place.key.unwrap_or(place.value))
    }

    /// Whether there is a value at `path`.
    pub fn has(&self, path: &[&str]) -> bool {
        path.iter().try_fold(&self.root, |place, segment| place.children.get(*segment)).is_some()
    }

    /// The last place that exists on `path`, below the root.
    fn nearest(&self, path: &[&str]) -> Option<&Place> {
        let mut place = &self.root;
        let mut found = None;
        for segment in path {
            let Some(child) = place.children.get(*segment) else { break };
            place = child;
            found = Some(child);
        }
        found
    }
}

fn place(file: FileId, key: Option<Span>, node: &Node<'_>) -> Place {
    let children = match node.get_ref() {
        DeValue::Table(table) => (table.iter())
            .map(|(key, child)| {
                let span = Span::new(file, key.span());
                (key.get_ref().to_string(), place(file, Some(span), child))
            })
            .collect(),
        DeValue::Array(items) => (items.iter().enumerate())
            .map(|(index, child)| (index.to_string(), place(file, None, child)))
            .collect(),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => BTreeMap::new(),
    };
    Place { key, value: Span::new(file, node.span()), children }
}
