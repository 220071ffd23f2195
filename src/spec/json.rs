//! A JSON text as the same tree as that of a TOML file: every key and every value knows its place.

use super::document::Node;
use crate::diag::{Code, Diagnostic, FileId, Sink, Sources, Span};
use serde::Deserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// How deep values may stand in each other. No record needs a tenth of it, and what is inside is
/// looked through once for each level around it.
const DEEPEST: usize = 32;

/// Parses `file`. Beside the tree, it tells whether it is whole: nothing can be said of what a
/// syntax error leaves. `null` is the same as a key that is left out.
pub(super) fn parse<'a>(sink: &mut Sink, sources: &'a Sources, file: FileId) -> (Node<'a>, bool) {
    let text = &sources.get(file).text;
    let mut reader = Reader { sink, file, text };
    let root = match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => reader.value(raw.get(), 0),
        Err(error) => Err(reader.syntax(&error, 0..text.len())),
    };
    let nothing = || Spanned::new(0..0, DeValue::Table(DeTable::new()));
    match root {
        Ok(Some(root)) => (root, true),
        Ok(None) => {
            reader.wrong("`null` is not a record".to_owned(), 0..text.trim_end().len(), FORM);
            (nothing(), false)
        }
        Err(Unread) => (nothing(), false),
    }
}

const FORM: &str = "`ninefold schema evidence` prints the form";

/// A value that cannot be read; it was reported.
struct Unread;

struct Reader<'a, 's> {
    sink: &'s mut Sink,
    file: FileId,
    text: &'a str,
}

impl<'a> Reader<'a, '_> {
    /// The value that `raw`, a piece of the text, spells; nothing for `null`.
    fn value(&mut self, raw: &'a str, depth: usize) -> Result<Option<Node<'a>>, Unread> {
        let range = self.range(raw);
        // Of what may go over many lines, the place is where it opens.
        let opens = range.start..range.start + 1;
        let (place, value) = match raw.as_bytes() {
            [b'{' | b'[', ..] if depth == DEEPEST => {
                let message = format!("values stand more than {DEEPEST} deep in each other");
                return Err(self.wrong(message, opens, FORM));
            }
            [b'{', ..] => (opens, DeValue::Table(self.table(raw, depth)?)),
            [b'[', ..] => (opens, DeValue::Array(self.list(raw, depth)?)),
            [b'"', ..] => (range, DeValue::String(self.string(raw)?.into())),
            b"null" => return Ok(None),
            b"true" => (range, DeValue::Boolean(true)),
            b"false" => (range, DeValue::Boolean(false)),
            _ => match DeValue::parse(raw) {
                Ok(number) => (range, number.into_inner()),
                Err(error) => return Err(self.wrong(error.message().to_owned(), range, FORM)),
            },
        };
        Ok(Some(Spanned::new(place, value)))
    }

    fn table(&mut self, raw: &'a str, depth: usize) -> Result<DeTable<'a>, Unread> {
        let mut table = DeTable::new();
        let mut failed = None;
        for (key, value) in self.parts(raw, Entries)? {
            let place = self.range(key.get());
            let value = self.value(value.get(), depth + 1);
            let (Ok(key), Ok(value)) = (self.string(key.get()), value) else {
                failed = Some(Unread);
                continue;
            };
            let Some(value) = value else { continue };
            match table.get_key_value(key.as_str()) {
                Some((first, _)) => {
                    let first = Span::new(self.file, first.span());
                    let place = Span::new(self.file, place);
                    self.sink.error(
                        Diagnostic::new(Code::JSON_SYNTAX, "a key is written twice")
                            .at(first, "first here")
                            .related(place, "again here")
                            .note("programs differ in which of the two they read")
                            .help("remove one of them"),
                    );
                }
                None => drop(table.insert(Spanned::new(place, key.into()), value)),
            }
        }
        failed.map_or(Ok(table), Err)
    }

    fn list(&mut self, raw: &'a str, depth: usize) -> Result<DeArray<'a>, Unread> {
        let mut list = DeArray::new();
        let mut failed = None;
        for item in self.parts(raw, Items)? {
            match self.value(item.get(), depth + 1) {
                Ok(Some(item)) => list.push(item),
                Ok(None) => {
                    let place = self.range(item.get());
                    let message = "`null` is not an item of a list".to_owned();
                    failed = Some(self.wrong(message, place, "remove it"));
                }
                Err(unread) => failed = Some(unread),
            }
        }
        failed.map_or(Ok(list), Err)
    }

    fn string(&mut self, raw: &'a str) -> Result<String, Unread> {
        // Its syntax was found to be right: what is left is half of a pair that stands for one.
        serde_json::from_str(raw).map_err(|_| {
            let message = "an escape in this text stands for half a character".to_owned();
            self.wrong(message, self.range(raw), "write the character itself")
        })
    }

    /// What stands in a table or a list, as pieces of the text.
    fn parts<V: Visitor<'a>>(&mut self, raw: &'a str, visitor: V) -> Result<V::Value, Unread> {
        let parts = serde_json::Deserializer::from_str(raw).deserialize_any(visitor);
        parts.map_err(|error| self.syntax(&error, self.range(raw)))
    }

    /// Where `piece` stands in the text, which it is a piece of.
    fn range(&self, piece: &str) -> Range<usize> {
        let start = piece.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        start..start + piece.len()
    }

    /// Reports what the parser said about the text in `range`.
    fn syntax(&mut self, error: &serde_json::Error, range: Range<usize>) -> Unread {
        let piece = &self.text[range.clone()];
        let before: usize =
            piece.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let mut at = (before + error.column().saturating_sub(1)).min(piece.len());
        while !piece.is_char_boundary(at) {
            at -= 1;
        }
        let place = range.start + at..range.start + at;
        if error.is_eof() {
            let message = "the text ends before the record does".to_owned();
            return self.wrong(
                message,
                place,
                "write the rest: a quote or a bracket is still open",
            );
        }
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        self.wrong(message, place, "most often a comma, a quote or a bracket is missing before")
    }

    fn wrong(&mut self, message: String, place: Range<usize>, help: &str) -> Unread {
        let place = Span::new(self.file, place);
        self.sink.error(Diagnostic::new(Code::JSON_SYNTAX, message).at(place, "").help(help));
        Unread
    }
}

/// Reads the keys and values of a table.
struct Entries;

impl<'a> Visitor<'a> for Entries {
    type Value = Vec<(&'a RawValue, &'a RawValue)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            found.push(entry);
        }
        Ok(found)
    }
}

/// Reads the items of a list.
struct Items;

impl<'a> Visitor<'a> for Items {
    type Value = Vec<&'a RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element()? {
            found.push(item);
        }
        Ok(found)
    }
}
