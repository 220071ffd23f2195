//! How the text of a ledger is laid out: a value a line, two blanks deeper for each level.
//!
//! These are the bytes of the pretty form of `serde_json`, which writes each level of blanks by itself:
//! that takes a sixth of the time in which a ledger is written.

use serde_json::ser::Formatter;
use std::io::{Result, Write};

/// What ends a value and begins the line of the next: a comma, a break, and the blanks of most lines.
const NEXT: &[u8; 34] = b",\n                                ";

/// Blanks of one level.
const STEP: usize = 2;

/// Lays out one document.
#[derive(Default)]
pub(super) struct Lines {
    depth: usize,
    has_value: bool,
}

impl Lines {
    fn open<W: ?Sized + Write>(&mut self, to: &mut W, mark: &[u8; 1]) -> Result<()> {
        self.depth += 1;
        self.has_value = false;
        to.write_all(mark)
    }

    fn close<W: ?Sized + Write>(&mut self, to: &mut W, mark: &[u8; 1]) -> Result<()> {
        self.depth -= 1;
        if self.has_value {
            self.line(to, true)?;
        }
        to.write_all(mark)
    }

    /// Begins a line; the first of a list or a map follows no value.
    fn line<W: ?Sized + Write>(&self, to: &mut W, first: bool) -> Result<()> {
        let (start, end) = (usize::from(first), NEXT.len().min(2 + STEP * self.depth));
        to.write_all(&NEXT[start..end])?;
        (end..2 + STEP * self.depth).try_for_each(|_| to.write_all(b" "))
    }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, to: &mut W) -> Result<()> {
        self.open(to, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, to: &mut W) -> Result<()> {
        self.close(to, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> Result<()> {
        self.line(to, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _to: &mut W) -> Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, to: &mut W) -> Result<()> {
        self.open(to, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, to: &mut W) -> Result<()> {
        self.close(to, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> Result<()> {
        self.line(to, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, to: &mut W) -> Result<()> {
        to.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _to: &mut W) -> Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use serde_json::{Serializer, Value, json};

    #[test]
    fn the_bytes_are_those_of_the_pretty_form() {
        const LEVELS: usize = 40;
        let nested =
            |value, level| if level % 2 == 0 { json!([value]) } else { json!({ "a": value }) };
        let deep = (0..LEVELS).fold(Value::Null, nested);
        let wide =
            json!({ "a": [], "b": {}, "c": [1, [], {}, "x\n"], "d": { "e": true, "f": [{}] } });
        for value in [deep, wide, json!([]), json!("a")] {
            let mut lines = Vec::new();
            let mut to = Serializer::with_formatter(&mut lines, Lines::default());
            value.serialize(&mut to).unwrap();
            assert_eq!(lines, serde_json::to_vec_pretty(&value).unwrap());
        }
    }
}
