//! A TOML file as a tree in which every key and every value knows its place.

use crate::diag::{Code, Diagnostic, FileId, Sink, Sources, Span};
use std::borrow::Cow;
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
    let mut root = Spanned::new(span, DeValue::Table(root.into_inner()));
    if has_dates(&root) {
        root = spanned(root.span(), root.into_inner());
    }
    (root, errors.is_empty())
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
    } else if message.contains("leading zero") {
        let number = number_at(&text[..end], range.start);
        Diagnostic::new(Code::TOML_SYNTAX, "no number begins with a zero")
            .at(Span::new(file, range), "")
            .help(format!("leave the zero out; permissions are text: `\"{number}\"`"))
    } else {
        Diagnostic::new(Code::TOML_SYNTAX, message.to_owned()).at(Span::new(file, range), expected)
    };
    match super::secret::in_line(&text[line..end]) {
        Some(value) => finding.hiding(Span::new(file, line + value.start..line + value.end)),
        None => finding,
    }
}

/// The digits around `at`.
fn number_at(text: &str, at: usize) -> &str {
    let before = text[..at].trim_end_matches(|c: char| c.is_ascii_digit());
    let rest = &text[before.len()..];
    &rest[..rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len()]
}

/// The nearest character boundary at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Whether some value is a date of TOML's own.
fn has_dates(node: &Node<'_>) -> bool {
    match node.get_ref() {
        DeValue::Datetime(_) => true,
        DeValue::Array(items) => items.iter().any(has_dates),
        DeValue::Table(table) => table.values().any(has_dates),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => false,
    }
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
///
/// Flat, as a fleet has thousands of these: every path that was written, in the order of paths,
/// with its key and its value.
#[derive(Clone, Debug)]
pub struct Document {
    file: FileId,
    /// All paths, one behind the other.
    paths: Box<str>,
    places: Box<[Place]>,
    /// Paths that stand elsewhere: of what belongs to one list, and is written in another.
    also: Box<[([String; 2], [String; 4])]>,
}

/// Ranges of bytes: of the path in the text of all paths, of the key and the value in the file.
#[derive(Clone, Copy, Debug)]
struct Place {
    path: (u32, u32),
    /// Empty for an item of a list.
    key: (u32, u32),
    value: (u32, u32),
}

impl Place {
    /// Its path, in the text of all of them.
    fn path<'a>(&self, paths: &'a str) -> &'a str {
        &paths[self.path.0 as usize..self.path.1 as usize]
    }
}

/// Between the segments of a path. No key has it: control characters are refused.
const SEPARATOR: &str = "\u{1}";

impl Document {
    /// The places of a parsed file.
    pub(super) fn new(file: FileId, root: &Node<'_>) -> Document {
        let (mut paths, mut places) = (String::new(), Vec::new());
        collect(&mut paths, &mut places, (0, 0), root);
        places.sort_by(|a, b| a.path(&paths).cmp(b.path(&paths)));
        Document { file, paths: paths.into(), places: places.into(), also: Box::default() }
    }

    /// The places of `file`, as far as it is TOML.
    pub fn read(sources: &Sources, file: FileId) -> Document {
        Document::new(file, &parse(&mut Sink::default(), sources, file).0)
    }

    /// What is asked for at `path`, and below it, stands at `target`.
    pub(crate) fn also(&mut self, path: [String; 2], target: [String; 4]) {
        let mut also = self.also.to_vec();
        also.push((path, target));
        self.also = also.into();
    }

    /// Notes that the key at the end of `path`, which is none of the tree, stands at `place`.
    pub(super) fn note(&mut self, path: &[&str], place: Span) {
        let text = as_text(path);
        let before = |place: &Place| place.path(&self.paths) < &*text;
        let at = self.places.partition_point(before);
        let mut paths = self.paths.to_string();
        let start = paths.len();
        paths.push_str(&text);
        let (path, place) = (range(start..paths.len()), (place.start, place.end));
        let mut places = self.places.to_vec();
        places.insert(at, Place { path, key: place, value: place });
        (self.paths, self.places) = (paths.into(), places.into());
    }

    /// The path at which something stands.
    pub fn path<'a>(&'a self, path: &'a [&'a str]) -> Cow<'a, [&'a str]> {
        let found = self.also.iter().find(|(from, _)| path.len() > 1 && *from == path[..2]);
        let Some((_, target)) = found else { return Cow::Borrowed(path) };
        target.iter().map(String::as_str).chain(path[2..].iter().copied()).collect()
    }

    /// The file it was read from.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The place of the value at `path`, or of its nearest ancestor that was written.
    ///
    /// Items of a list are named by their number: `["ports", "1", "port"]`.
    pub fn at(&self, path: &[&str]) -> Span {
        let place = self.nearest(path);
        place.map_or(Span::start_of(self.file), |place| self.span(place.value))
    }

    /// The same, of a path that was made.
    pub fn at_owned(&self, path: &[String]) -> Span {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        self.at(&path)
    }

    /// The place of the key at the end of `path`, or of its nearest ancestor that was written.
    pub fn key(&self, path: &[&str]) -> Span {
        let Some(place) = self.nearest(path) else { return Span::start_of(self.file) };
        self.span(if place.key.0 < place.key.1 { place.key } else { place.value })
    }

    /// Whether there is a value at `path`.
    pub fn has(&self, path: &[&str]) -> bool {
        self.find(&as_text(&self.path(path))).is_some()
    }

    /// The last place that exists on `path`, below the root.
    fn nearest(&self, path: &[&str]) -> Option<Place> {
        let path = self.path(path);
        let text = as_text(&path);
        let mut end = text.len();
        for segment in path.iter().rev() {
            if let Some(place) = self.find(&text[..end]) {
                return Some(place);
            }
            end = end.saturating_sub(segment.len() + SEPARATOR.len());
        }
        None
    }

    /// The place of a path, as the text of all paths has it.
    fn find(&self, path: &str) -> Option<Place> {
        let by_path = |place: &Place| place.path(&self.paths).cmp(path);
        self.places.binary_search_by(by_path).ok().map(|at| self.places[at])
    }

    fn span(&self, (start, end): (u32, u32)) -> Span {
        Span { file: self.file, start, end }
    }
}

/// A path as a text, as the text of all paths has it.
fn as_text<'p>(path: &[&'p str]) -> Cow<'p, str> {
    match path {
        [only] => Cow::Borrowed(only),
        _ => Cow::Owned(path.join(SEPARATOR)),
    }
}

fn range(range: std::ops::Range<usize>) -> (u32, u32) {
    let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    (clamp(range.start), clamp(range.end))
}

/// Adds what stands below `node`, whose own path is a range of `paths`.
fn collect(paths: &mut String, places: &mut Vec<Place>, above: (u32, u32), node: &Node<'_>) {
    let mut below = |segment: &str, key: std::ops::Range<usize>, child: &Node<'_>| {
        let start = paths.len();
        if above.0 < above.1 {
            paths.extend_from_within(above.0 as usize..above.1 as usize);
            paths.push_str(SEPARATOR);
        }
        paths.push_str(segment);
        let path = range(start..paths.len());
        places.push(Place { path, key: range(key), value: range(child.span()) });
        collect(paths, places, path, child);
    };
    match node.get_ref() {
        DeValue::Table(table) => {
            table.iter().for_each(|(key, child)| below(key.get_ref(), key.span(), child));
        }
        DeValue::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, child)| below(&index.to_string(), 0..0, child));
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {}
    }
}
