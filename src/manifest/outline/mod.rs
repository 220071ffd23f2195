//! Values without what their strings and numbers say.
//!
//! Built-in templates look at no string but for whether it is empty, and at no number but for whether it is
//! zero: they print it, and a token stands for it (see `tokens`). So what a template makes of two values is
//! the same text where they differ in these only, and it need not be rendered again. A test in
//! `library::engine` holds the templates to it.

mod writer; // values → outline

use super::tokens;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use std::cell::Cell;
use std::fmt::Write;

/// What a template can tell of its values, and the strings in them.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// Everything that a template can tell, as tags and numbers.
    key: Vec<u8>,
    /// The names of fields and of variants, in the order in which they are met; only where they are wanted,
    /// as they follow from the type of the values and from the key.
    names: Option<Strings>,
    /// What tokens stand for, in the same order.
    strings: Strings,
}

impl Outline {
    /// The outline of `values`; none where they have something that no template can say.
    pub(super) fn of(values: &impl Serialize) -> Option<Outline> {
        Outline::default().filled(values)
    }

    fn filled(mut self, values: &impl Serialize) -> Option<Outline> {
        values.serialize(writer::Writer(&mut self)).ok()?;
        Some(self)
    }

    /// The values with a token in place of each string, as an engine takes them.
    pub(super) fn tokens(values: &impl Serialize) -> Option<Reader> {
        let named = Outline { names: Some(Strings::default()), ..Outline::default() };
        Some(Reader { outline: named.filled(values)?, at: Cell::default() })
    }

    /// Equal for values of one type that a template makes the same text of.
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    /// The strings behind the tokens.
    pub(super) fn into_strings(self) -> Strings {
        self.strings
    }
}

/// Strings and whole numbers, one after the other in one text.
#[derive(Debug, Default)]
pub struct Strings {
    text: String,
    ends: Vec<End>,
}

#[derive(Clone, Copy, Debug)]
struct End {
    at: usize,
    is_number: bool,
}

impl Strings {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Adds a string at the end.
    pub(super) fn push(&mut self, string: &str) {
        self.text.push_str(string);
        self.end(false);
    }

    fn push_number(&mut self, number: i32) {
        // Writing to a text does not fail.
        _ = write!(self.text, "{number}");
        self.end(true);
    }

    fn end(&mut self, is_number: bool) {
        self.ends.push(End { at: self.text.len(), is_number });
    }

    fn pop(&mut self) -> Option<String> {
        self.ends.pop()?;
        Some(self.text.split_off(self.ends.last().map_or(0, |end| end.at)))
    }

    /// The text of the one at this place, from 0.
    pub(super) fn get(&self, place: usize) -> Option<&str> {
        let end = self.ends.get(place)?.at;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before].at);
        Some(&self.text[start..end])
    }

    /// The number at this place; none where it is a string.
    pub(super) fn number(&self, place: usize) -> Option<i64> {
        self.ends.get(place).filter(|end| end.is_number)?;
        self.get(place)?.parse().ok()
    }
}

/// What stands at a place of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Tag {
    Null,
    False,
    True,
    /// Eight bytes follow.
    Signed,
    Unsigned,
    Float,
    /// A string that is empty, which a condition takes for false.
    Empty,
    /// Any other.
    Text,
    /// A whole number that a token stands for.
    Number,
    /// Its number follows, in four bytes; its name is among the names.
    Variant,
    /// Up to `End`.
    List,
    /// Keys of data are strings, those of a struct are among the names.
    Map,
    Struct,
    End,
}

const TAGS: [Tag; 14] = [
    Tag::Null,
    Tag::False,
    Tag::True,
    Tag::Signed,
    Tag::Unsigned,
    Tag::Float,
    Tag::Empty,
    Tag::Text,
    Tag::Number,
    Tag::Variant,
    Tag::List,
    Tag::Map,
    Tag::Struct,
    Tag::End,
];

/// An outline on its way back to values. Each call of `serialize` reads what comes next.
pub(super) struct Reader {
    outline: Outline,
    at: Cell<Place>,
}

/// How far an outline was read.
#[derive(Clone, Copy, Default)]
struct Place {
    key: usize,
    names: usize,
    strings: usize,
}

impl Reader {
    /// Moves on, and tells what was there before.
    fn next(&self, change: impl FnOnce(&mut Place)) -> Place {
        let before = self.at.get();
        let mut after = before;
        change(&mut after);
        self.at.set(after);
        before
    }

    fn tag(&self) -> Tag {
        TAGS[usize::from(self.outline.key[self.next(|at| at.key += 1).key])]
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let start = self.next(|at| at.key += N).key;
        *self.outline.key[start..].first_chunk().expect("the writer wrote them")
    }

    fn name(&self) -> &str {
        let number = self.next(|at| at.names += 1).names;
        let names = self.outline.names.as_ref();
        names.and_then(|names| names.get(number)).expect("the writer wrote it")
    }

    fn token(&self) -> std::borrow::Cow<'static, str> {
        tokens::token(self.next(|at| at.strings += 1).strings)
    }

    /// Whether another item comes before the end, which is passed.
    fn more(&self) -> bool {
        let more = self.outline.key[self.at.get().key] != Tag::End as u8;
        if !more {
            self.tag();
        }
        more
    }
}

impl Serialize for Reader {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.tag() {
            Tag::Null | Tag::End => serializer.serialize_unit(),
            Tag::False => serializer.serialize_bool(false),
            Tag::True => serializer.serialize_bool(true),
            Tag::Signed => serializer.serialize_i64(i64::from_le_bytes(self.bytes())),
            Tag::Unsigned => serializer.serialize_u64(u64::from_le_bytes(self.bytes())),
            Tag::Float => serializer.serialize_f64(f64::from_le_bytes(self.bytes())),
            Tag::Empty => serializer.serialize_str(""),
            Tag::Text | Tag::Number => serializer.serialize_str(&self.token()),
            Tag::Variant => {
                self.bytes::<4>();
                serializer.serialize_str(self.name())
            }
            Tag::List => {
                let mut list = serializer.serialize_seq(None)?;
                while self.more() {
                    list.serialize_element(self)?;
                }
                list.end()
            }
            Tag::Map => {
                let mut map = serializer.serialize_map(None)?;
                while self.more() {
                    map.serialize_key(self)?;
                    map.serialize_value(self)?;
                }
                map.end()
            }
            Tag::Struct => {
                let mut map = serializer.serialize_map(None)?;
                while self.more() {
                    map.serialize_entry(self.name(), self)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests;
