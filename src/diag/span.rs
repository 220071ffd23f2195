//! Places in input texts.

use std::borrow::Cow;
use std::cmp::Ordering;

/// One input text of a [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes of one input text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `range` of `file`.
    pub fn new(file: FileId, range: std::ops::Range<usize>) -> Span {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file, start: clamp(range.start), end: clamp(range.end.max(range.start)) }
    }

    /// Whether two places have something in common.
    pub fn touches(self, other: Span) -> bool {
        let end = |span: Span| span.end.max(span.start + 1);
        self.file == other.file && self.start < end(other) && other.start < end(self)
    }

    /// The first byte of `file`.
    pub fn start_of(file: FileId) -> Span {
        Span { file, start: 0, end: 0 }
    }
}

/// A line and a column, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// An input text and the name under which reports show it.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path as the user knows it, with `/` on every system.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// Every input text, in memory: specs first, then templates. Their order is that of their paths.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a text and returns its handle.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push(Source { path: path.into(), text: text.into() });
        FileId(u32::try_from(self.files.len() - 1).expect("fewer than 2^32 input files"))
    }

    /// The text behind a handle.
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// The first place of a file at which a text stands in quotes, as TOML and YAML write it.
    pub fn quoted(&self, file: FileId, text: &str) -> Option<Span> {
        let source = &self.get(file).text;
        let found = ['"', '\''].into_iter().find_map(|quote| {
            let quoted = format!("{quote}{text}{quote}");
            source.find(&quoted).map(|at| at..at + quoted.len())
        })?;
        // A place is shown on one line.
        let end = source[found.start..].find('\n').map_or(found.end, |line| found.start + line);
        Some(Span::new(file, found.start..found.end.min(end)))
    }

    /// All texts, in the order in which they were added.
    pub fn all(&self) -> &[Source] {
        &self.files
    }

    /// The same texts with every character of `spans` replaced by as many bytes of `*`.
    pub fn hiding(&self, spans: impl IntoIterator<Item = Span>) -> Cow<'_, Sources> {
        let mut hidden = Cow::Borrowed(self);
        for span in spans {
            let text = &mut hidden.to_mut().files[span.file.0 as usize].text;
            let range = floor(text, span.start as usize)..floor(text, span.end as usize);
            let stars: String =
                text[range.clone()].bytes().map(|b| if b == b'\n' { '\n' } else { '*' }).collect();
            text.replace_range(range, &stars);
        }
        hidden
    }

    /// Line and column of the first byte of `span`.
    pub fn position(&self, span: Span) -> Position {
        let text = &self.get(span.file).text;
        let before = &text[..floor(text, span.start as usize)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// Orders places as a reader meets them: by path, then by position.
    pub fn compare(&self, a: Option<Span>, b: Option<Span>) -> Ordering {
        let (a, b) = match (a, b) {
            (Some(a), Some(b)) => (a, b),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        let path = |span: Span| self.get(span.file).path.as_str();
        super::natural(path(a), path(b)).then_with(|| (a.start, a.end).cmp(&(b.start, b.end)))
    }

    /// The span of line `line` (counted from 1) of `file`, without its indentation.
    pub fn line(&self, file: FileId, line: usize) -> Span {
        let text = &self.get(file).text;
        let mut start = 0;
        for (index, content) in text.split('\n').enumerate() {
            if index + 1 == line {
                let indent = content.len() - content.trim_start().len();
                return Span::new(file, start + indent..start + content.trim_end().len());
            }
            start += content.len() + 1;
        }
        Span::start_of(file)
    }
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let mut sources = Sources::default();
        let file = sources.add("a.toml", "ä = 1\nbc = 2\n");
        let at = |start| sources.position(Span::new(file, start..start));
        assert_eq!(at(0), Position { line: 1, column: 1 });
        assert_eq!(at(2), Position { line: 1, column: 2 });
        assert_eq!(at(8), Position { line: 2, column: 2 });
        assert_eq!(at(9999), Position { line: 3, column: 1 });
    }
}
