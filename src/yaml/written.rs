//! YAML that a person wrote for Kubernetes → [`Value`], with the place of everything.

use super::Value;
pub use super::events::Copies;
use super::events::{self, MARK, Places};
use super::read::Segment;
use saphyr_parser::{Marker, Span};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

/// One document.
#[derive(Clone, Debug)]
pub struct Written {
    /// What it says. Maps are in the order of fields.
    pub value: Value,
    /// Bytes of the text, by path; of the entry of a map, those of its key.
    places: BTreeMap<Vec<String>, Range<usize>>,
}

impl Written {
    /// The place of what stands at a path, or of the nearest that is around it.
    pub fn place<S: AsRef<str>>(&self, path: &[S]) -> Range<usize> {
        let path: Vec<String> = path.iter().map(|step| step.as_ref().to_owned()).collect();
        let found = (0..=path.len()).rev().find_map(|length| self.places.get(&path[..length]));
        found.cloned().unwrap_or(0..0)
    }
}

/// Why a text is no YAML of this kind, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub message: String,
    /// Bytes of the text.
    pub at: Range<usize>,
}

/// A byte order mark where a document begins.
const BETWEEN: &str = "\n---\n\u{feff}";

/// Reads every document; empty ones are left out.
///
/// # Errors
///
/// When the text does not parse, repeats a key, or has what JSON cannot say.
pub fn documents(text: &str) -> Result<Vec<Written>, Error> {
    to_depth(text, usize::MAX, &mut Copies::default())
}

/// Reads every document of manifests: only what stands at most three steps below its root has a place, so
/// that of a `List`, too, each object has one, and no large one takes more than it must. `copies` is what
/// aliases of all texts of one input may make together.
///
/// # Errors
///
/// As [`documents`].
pub fn manifests(text: &str, copies: &mut Copies) -> Result<Vec<Written>, Error> {
    to_depth(text, 3, copies)
}

fn to_depth(text: &str, depth: usize, copies: &mut Copies) -> Result<Vec<Written>, Error> {
    // Files that were put one after the other have a mark before each document; in its place there are as
    // many spaces, where they mean nothing.
    let unmarked;
    let text = if text.contains(BETWEEN) {
        unmarked = text.replace(BETWEEN, "\n---   \n");
        unmarked.as_str()
    } else {
        text
    };
    let start = if text.starts_with(MARK) { MARK.len_utf8() } else { 0 };
    let lines = Lines::of(text, start);
    let mut found = Vec::new();
    let mut gather = Gather { lines: &lines, path: Vec::new(), depth, places: BTreeMap::new() };
    let read = events::documents(text, (&mut gather, copies), |gather, value| {
        found.push(Written { value, places: std::mem::take(&mut gather.places) });
    });
    read.map_err(|fault| Error { message: fault.message, at: lines.range(fault.at) })?;
    Ok(found)
}

/// Writes down where everything stands.
struct Gather<'a> {
    lines: &'a Lines<'a>,
    path: Vec<String>,
    /// How far below the root something has a place.
    depth: usize,
    places: BTreeMap<Vec<String>, Range<usize>>,
}

impl Places for Gather<'_> {
    fn document(&mut self, at: Span) {
        self.places = BTreeMap::from([(Vec::new(), self.lines.range(at))]);
    }

    fn enter(&mut self, step: Segment<'_>, at: Span) {
        self.path.push(match step {
            Segment::Key(key) => key.to_owned(),
            Segment::Index(index) => index.to_string(),
        });
        if self.path.len() <= self.depth {
            self.places.insert(self.path.clone(), self.lines.range(at));
        }
    }

    fn leave(&mut self) {
        self.path.pop();
    }
}

/// Where lines begin, as the parser counts characters.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// The last place that was asked for, as line, column and byte: on a long line the next one is behind
    /// it, and nobody counts from its beginning again.
    last: Cell<(usize, usize, usize)>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str, start: usize) -> Lines<'a> {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1).filter(|at| *at > start);
        let starts = std::iter::once(start).chain(ends).collect();
        Lines { text, starts, last: Cell::new((0, 0, start)) }
    }

    fn byte(&self, marker: Marker) -> usize {
        let line = marker.line().saturating_sub(1).min(self.starts.len() - 1);
        let (last, column, byte) = self.last.get();
        let (passed, start) = match last == line && column <= marker.col() {
            true => (column, byte),
            false => (0, self.starts[line]),
        };
        let rest = &self.text[start..];
        let within =
            rest.char_indices().nth(marker.col() - passed).map_or(rest.len(), |(at, _)| at);
        self.last.set((line, marker.col(), start + within));
        start + within
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start);
        // A place is shown on one line.
        let next = self.starts.get(span.start.line());
        let line = next.map_or(self.text.len(), |next| next - 1).max(start);
        start..self.byte(span.end).clamp(start, line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Value {
        documents(text).unwrap().remove(0).value
    }

    #[test]
    fn a_byte_order_mark_and_empty_documents_say_nothing() {
        let found = documents("\u{feff}a: 1\n---\n# nothing\n---\n\u{feff}b: 2\n...\n").unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].place(&["a"]), 3..4);
    }

    #[test]
    fn aliases_and_merge_keys_are_followed() {
        let value = one("base: &base {a: 1, b: 2}\nother:\n  <<: *base\n  b: 3\nagain: *base\n");
        assert_eq!(value.at(&["other", "a"]), Some(&Value::Int(1)));
        assert_eq!(value.at(&["other", "b"]), Some(&Value::Int(3)));
        assert_eq!(value.at(&["again", "b"]), Some(&Value::Int(2)));
    }

    #[test]
    fn every_value_has_its_place() {
        let text = "kind: X\nspec:\n  list:\n  - name: ä\n    port: 1\n  - {name: b, port: yes}\n";
        let found = &documents(text).unwrap()[0];
        let at = |path: &[&str]| &text[found.place(path)];
        assert_eq!(at(&["spec", "list", "0", "port"]), "port");
        assert!(text[found.place(&["spec", "list", "1", "port"]).start..].starts_with("port: yes"));
        assert_eq!(at(&["spec", "missing"]), "spec");
    }

    #[test]
    fn many_documents_and_long_lists_are_no_more_than_what_is_written() {
        // More values than one object holds, in many documents, and in one list of objects.
        let one = "a: [xxxxxxxx, xxxxxxxx, xxxxxxxx, xxxxxxxx, xxxxxxxx]\n";
        let many = format!("{one}---\n").repeat(80_000);
        assert_eq!(documents(&many).map(|found| found.len()), Ok(80_000));
        let list = format!("items:\n{}", format!("- {one}").repeat(80_000));
        assert_eq!(documents(&list).map(|found| found.len()), Ok(1));
        // Of a list of almost nothing, no object is made.
        let dense = format!("a: [{}]\n", "x,".repeat(1_000_000));
        assert!(documents(&dense).is_err());
    }

    #[test]
    fn aliases_of_all_texts_make_no_more_than_those_of_one() {
        let bomb = format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(100), "*a,".repeat(1000));
        let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a,".repeat(1000));
        assert!(documents(&bomb).is_ok());
        assert!(documents(&format!("{bomb}---\n").repeat(9)).is_err());
        assert!(documents(&long).is_err());
        let mut copies = Copies::default();
        let read = (0..9).filter(|_| manifests(&bomb, &mut copies).is_ok());
        assert_eq!(read.count(), 4);
        assert!(manifests("a: b\n", &mut copies).is_ok(), "what has no alias is read");
    }

    #[test]
    fn what_could_be_misread_or_never_ends_is_refused() {
        let laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n\
            c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n\
            e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
        let deep = "[".repeat(5000);
        for text in
            ["a: 1\na: 2\n", "? [x]\n: 1\n", "a: !custom x\n", "a: [1\n", "a: *b\n", laughs, &deep]
        {
            assert!(documents(text).is_err(), "{text}");
        }
    }
}
