//! Reads a text that is half written, as far as a place in it.

use super::{Cursor, Part};
use std::collections::BTreeMap;
use std::ops::Range;

/// Reading ends with an error as soon as the place is reached: there is a cursor, or there is none.
type Step<T> = Result<T, Option<Cursor>>;

/// How deep values may stand in each other; deeper ones are left alone.
const DEEPEST: usize = 64;

pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    pub(super) pos: usize,
    pub(super) at: usize,
    /// The lists of tables so far, by their paths, and the number of the last item.
    pub(super) lists: BTreeMap<Vec<String>, usize>,
}

impl Scanner<'_> {
    pub(super) fn document(&mut self) -> Step<()> {
        let mut table = Vec::new();
        loop {
            self.gap(&table, Part::Key, true)?;
            match self.peek() {
                None => return self.here(&table, Part::Key),
                Some(b'[') => table = self.header()?,
                Some(_) => {
                    let before = self.pos;
                    self.entry(&table, 0)?;
                    // A list that was never closed ends where the next line says something.
                    let line = self.text[..self.pos].trim_end_matches([' ', '\t']);
                    if self.pos == before || !line.ends_with('\n') {
                        self.rest_of_line()?;
                    }
                }
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.pos).copied()
    }

    /// Goes on while `wanted` holds.
    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.pos += 1;
        }
    }

    fn spaces(&mut self) {
        self.skip(|byte| byte == b' ' || byte == b'\t');
    }

    /// The place is here, where nothing is written yet.
    fn here<T>(&self, path: &[String], part: Part) -> Step<T> {
        let word = self.at..self.at;
        Err(Some(Cursor { path: path.to_vec(), part, word, quoted: false }))
    }

    /// Goes over spaces, line breaks and comments. `fresh` says that something begins only on a line
    /// of its own.
    fn gap(&mut self, path: &[String], part: Part, fresh: bool) -> Step<()> {
        let mut begins = !fresh || self.pos == 0 || self.text[..self.pos].ends_with('\n');
        loop {
            let from = self.pos;
            match self.peek() {
                Some(b'#') => {
                    self.skip(|byte| byte != b'\n');
                    if from < self.at && self.at <= self.pos {
                        return Err(None);
                    }
                }
                Some(b'\n') => {
                    if self.at == self.pos && begins {
                        return self.here(path, part);
                    }
                    self.pos += 1;
                    begins = true;
                }
                Some(b' ' | b'\t' | b'\r') => self.pos += 1,
                _ => return Ok(()),
            }
            if self.at < self.pos {
                return if begins { self.here(path, part) } else { Err(None) };
            }
        }
    }

    /// Whatever is left of a line behind a value.
    fn rest_of_line(&mut self) -> Step<()> {
        let from = self.pos;
        self.skip(|byte| byte != b'\n');
        if from < self.at && self.at <= self.pos { Err(None) } else { Ok(()) }
    }

    /// `[a.b]` or `[[a.b]]`; the path of the table that it opens.
    fn header(&mut self) -> Step<Vec<String>> {
        let list = self.text[self.pos..].starts_with("[[");
        self.pos += if list { 2 } else { 1 };
        let mut path = self.keys(&[], Part::Header { list })?;
        if list {
            let next = self.lists.get(&path).map_or(0, |last| last + 1);
            self.lists.insert(path.clone(), next);
            path.push(next.to_string());
        } else {
            path = self.within(path);
        }
        self.rest_of_line()?;
        Ok(path)
    }

    /// The path, with the number of the last item where it leads to a list of tables.
    fn within(&self, path: Vec<String>) -> Vec<String> {
        let mut found = path;
        if let Some(last) = self.lists.get(&found) {
            found.push(last.to_string());
        }
        found
    }

    /// Keys with dots between them, below `base`.
    fn keys(&mut self, base: &[String], part: Part) -> Step<Vec<String>> {
        let mut path = base.to_vec();
        loop {
            self.spaces();
            let start = self.pos;
            let key = match self.peek() {
                Some(quote @ (b'"' | b'\'')) => {
                    self.pos += 1;
                    let inner = self.line_string(quote);
                    self.found(&path, part, inner.clone(), (start, self.pos), true)?;
                    self.text[inner].to_owned()
                }
                _ => {
                    self.skip(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_') || b > 127);
                    self.found(&path, part, start..self.pos, (start, self.pos), false)?;
                    self.text[start..self.pos].to_owned()
                }
            };
            path.push(key);
            self.spaces();
            if self.peek() != Some(b'.') {
                return Ok(path);
            }
            path = match part {
                Part::Header { .. } => self.within(path),
                Part::Key | Part::Value => path,
            };
            self.pos += 1;
        }
    }

    /// Ends with the word that was read, when the place is in it: between the bytes of `whole`.
    fn found(
        &self,
        path: &[String],
        part: Part,
        word: Range<usize>,
        whole: (usize, usize),
        quoted: bool,
    ) -> Step<()> {
        if whole.0 <= self.at && self.at <= whole.1 {
            return Err(Some(Cursor { path: path.to_vec(), part, word, quoted }));
        }
        Ok(())
    }

    /// What stands in quotes, of which the first was read; it ends with its line at the latest.
    fn line_string(&mut self, quote: u8) -> Range<usize> {
        let start = self.pos;
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => return start..self.pos,
                b'\\' if quote == b'"' => {
                    self.pos += 1;
                    if self.peek().is_some_and(|next| next != b'\n') {
                        self.pos += self.text[self.pos..].chars().next().map_or(0, char::len_utf8);
                    }
                }
                _ if byte == quote => {
                    self.pos += 1;
                    return start..self.pos - 1;
                }
                _ => self.pos += 1,
            }
        }
        start..self.pos
    }

    /// `key = value`, below `base`.
    fn entry(&mut self, base: &[String], depth: usize) -> Step<()> {
        let path = self.keys(base, Part::Key)?;
        if self.peek() != Some(b'=') {
            return Ok(());
        }
        self.pos += 1;
        self.value(&path, depth)
    }

    fn value(&mut self, path: &[String], depth: usize) -> Step<()> {
        let from = self.pos;
        self.spaces();
        if from <= self.at && self.at < self.pos {
            return self.here(path, Part::Value);
        }
        let start = self.pos;
        match self.peek() {
            None | Some(b'\n' | b'\r' | b'#' | b',' | b']' | b'}') => {
                if self.at == self.pos {
                    self.here(path, Part::Value)
                } else {
                    Ok(())
                }
            }
            Some(quote @ (b'"' | b'\'')) => {
                let inner = self.string(quote);
                self.found(path, Part::Value, inner, (start, self.pos), true)
            }
            Some(b'[') if depth < DEEPEST => self.list(path, depth + 1),
            Some(b'{') if depth < DEEPEST => self.table(path, depth + 1),
            Some(_) => {
                self.skip(|byte| !matches!(byte, b'\n' | b'\r' | b'#' | b',' | b']' | b'}'));
                let end = start + self.text[start..self.pos].trim_end().len();
                self.found(path, Part::Value, start..end, (start, end), false)
            }
        }
    }

    /// A string, over several lines where it has three quotes; what is in it.
    fn string(&mut self, quote: u8) -> Range<usize> {
        let three = if quote == b'"' { "\"\"\"" } else { "'''" };
        if !self.text[self.pos..].starts_with(three) {
            self.pos += 1;
            return self.line_string(quote);
        }
        let start = self.pos + 3;
        let length = self.text[start..].find(three);
        self.pos = length.map_or(self.text.len(), |length| start + length + 3);
        start..length.map_or(self.text.len(), |length| start + length)
    }

    fn list(&mut self, path: &[String], depth: usize) -> Step<()> {
        self.pos += 1;
        let mut index = 0;
        loop {
            let item = [path, &[index.to_string()]].concat();
            let line = self.pos;
            self.gap(&item, Part::Value, false)?;
            // It was never closed, and this is the next thing that is said.
            if self.text[line..self.pos].contains('\n') && self.is_statement() {
                return Ok(());
            }
            let before = self.pos;
            match self.peek() {
                None => return self.ends(&item, Part::Value),
                Some(b']') => {
                    self.ends(&item, Part::Value)?;
                    self.pos += 1;
                    return Ok(());
                }
                Some(b',') => {
                    self.ends(&item, Part::Value)?;
                    self.pos += 1;
                    index += 1;
                }
                Some(_) => {
                    self.value(&item, depth)?;
                    self.behind(before)?;
                }
            }
        }
    }

    fn table(&mut self, path: &[String], depth: usize) -> Step<()> {
        self.pos += 1;
        loop {
            self.gap(path, Part::Key, false)?;
            let before = self.pos;
            match self.peek() {
                None => return self.ends(path, Part::Key),
                Some(b'}') => {
                    self.ends(path, Part::Key)?;
                    self.pos += 1;
                    return Ok(());
                }
                Some(b',') => {
                    self.ends(path, Part::Key)?;
                    self.pos += 1;
                }
                Some(_) => {
                    self.entry(path, depth)?;
                    self.behind(before)?;
                }
            }
        }
    }

    /// The place may be right before what closes or separates.
    fn ends(&self, path: &[String], part: Part) -> Step<()> {
        if self.at == self.pos { self.here(path, part) } else { Ok(()) }
    }

    /// Behind an item that began at `before`: what is no item is passed over, so that reading ends.
    fn behind(&mut self, before: usize) -> Step<()> {
        let from = self.pos;
        self.spaces();
        if self.pos == before {
            self.pos += self.text[self.pos..].chars().next().map_or(1, char::len_utf8);
        }
        if from < self.at && self.at < self.pos { Err(None) } else { Ok(()) }
    }

    /// Whether a line begins here that says something by itself: `key = …` or `[header]`.
    fn is_statement(&self) -> bool {
        let line = self.text[self.pos..].lines().next().unwrap_or_default();
        let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
        if let Some(rest) = line.strip_prefix('[') {
            let name = rest.trim_start_matches('[').trim_end().trim_end_matches(']');
            return line.trim_end().ends_with(']')
                && name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(is_bare);
        }
        line.split_once('=').is_some_and(|(key, _)| {
            key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(is_bare)
        })
    }
}
