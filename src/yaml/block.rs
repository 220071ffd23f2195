//! Text in block style → [`Value`], in one pass and without events.
//!
//! It reads what [`write`](super::write) writes and what templates spell, which is nearly all that is
//! ever read, many times as fast as a reader of all of YAML. Whatever it is not sure of is left to
//! that one: it says nothing then, and never something else.

use super::Value;
use super::field_order;
use super::write::{LONGEST_IMPLICIT_KEY, is_printable, is_reserved};

/// Deeper than any object of Kubernetes; every level is a call.
const DEEPEST: usize = 64;

/// The document in a text, maps in the order of fields; nothing where another reader must look.
pub(super) fn document(text: &str) -> Option<Value> {
    if !text.ends_with('\n') {
        return None;
    }
    let mut reader = Reader { rest: text, ..Reader::default() };
    reader.advance();
    let value = reader.block(0)?;
    reader.line.is_none().then_some(value)
}

/// What is left of a line, and where it stands.
#[derive(Clone, Copy)]
struct Line<'t> {
    column: usize,
    content: &'t str,
}

#[derive(Default)]
struct Reader<'t> {
    /// The line that is looked at; none at the end.
    line: Option<Line<'t>>,
    /// What follows it.
    rest: &'t str,
    /// The items of every list that is being read, the innermost last; and the entries of maps: a list
    /// or a map is made once its size is known.
    items: Vec<Value>,
    entries: Vec<(String, Value)>,
}

impl<'t> Reader<'t> {
    /// Goes to the next line that says something.
    fn advance(&mut self) {
        self.line = None;
        while let Some((line, rest)) = self.rest.split_once('\n') {
            self.rest = rest;
            let content = line.trim_start_matches(' ');
            if !content.is_empty() {
                self.line = Some(Line { column: line.len() - content.len(), content });
                return;
            }
        }
    }

    /// The list or the map that begins here.
    fn block(&mut self, depth: usize) -> Option<Value> {
        let line = self.line.filter(|_| depth < DEEPEST)?;
        match line.content.starts_with("- ") {
            true => self.list(line.column, depth),
            false => self.map(line.column, depth),
        }
    }

    fn list(&mut self, column: usize, depth: usize) -> Option<Value> {
        let first = self.items.len();
        while let Some(line) = self.line.filter(|line| line.column == column) {
            let Some(item) = line.content.strip_prefix("- ") else { break };
            let value = if item.starts_with("- ") || begins_with_key(item) {
                self.line = Some(Line { column: column + 2, content: item });
                self.block(depth + 1)?
            } else {
                self.scalar(item, column)?
            };
            self.items.push(value);
        }
        Some(Value::List(self.items.drain(first..).collect()))
    }

    fn map(&mut self, column: usize, depth: usize) -> Option<Value> {
        let first = self.entries.len();
        while let Some(line) = self.line.filter(|line| line.column >= column) {
            if line.column > column {
                return None;
            }
            let (key, said) = key(line.content)?;
            let value = if said.is_empty() {
                self.advance();
                // Without anything below it, it is null.
                let is_below = |next: &Line<'_>| {
                    next.column > column || next.column == column && next.content.starts_with("- ")
                };
                self.line.filter(is_below)?;
                self.block(depth + 1)?
            } else {
                self.scalar(said, column)?
            };
            self.entries.push((key, value));
        }
        in_order(self.entries.drain(first..).collect()).map(Value::Map)
    }

    /// What stands behind a key or a dash, whose column is `above`.
    fn scalar(&mut self, text: &str, above: usize) -> Option<Value> {
        let value = match text {
            "|" | "|-" | "|+" => return self.literal(above, text),
            "[]" => Value::List(Vec::new()),
            "{}" => Value::Map(Vec::new()),
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ if text.starts_with('"') => {
                let (text, behind) = quoted(text)?;
                behind.is_empty().then_some(Value::String(text))?
            }
            _ if is_text(text) => Value::String(text.to_owned()),
            _ => Value::Int(whole(text)?),
        };
        self.advance();
        Some(value)
    }

    /// A literal block, up to the next line that is no deeper than `above`.
    fn literal(&mut self, above: usize, style: &str) -> Option<Value> {
        let mut text = String::new();
        let (mut indent, mut blank) = (0, 0);
        while let Some((line, rest)) = self.rest.split_once('\n') {
            let content = line.trim_start_matches(' ');
            let column = line.len() - content.len();
            if content.is_empty() {
                // Blanks beyond the margin are text; what comes before all text may set another one.
                (column <= indent && !text.is_empty()).then_some(())?;
                blank += 1;
            } else if column <= above {
                break;
            } else {
                if text.is_empty() {
                    indent = column;
                    (!content.starts_with('\t')).then_some(())?;
                }
                let kept = line.get(indent..).filter(|_| column >= indent)?;
                kept.chars().all(|c| c == '\t' || is_printable(c)).then_some(())?;
                text.extend(std::iter::repeat_n('\n', std::mem::take(&mut blank)));
                text.push_str(kept);
                text.push('\n');
            }
            self.rest = rest;
        }
        match style {
            _ if text.is_empty() => return None,
            "|-" => drop(text.pop()),
            "|+" => text.extend(std::iter::repeat_n('\n', blank)),
            _ => {}
        }
        self.advance();
        Some(Value::String(text))
    }
}

/// The key that a line begins with, and what stands behind its colon.
fn key(content: &str) -> Option<(String, &str)> {
    let (key, rest) = if content.starts_with('"') {
        let (key, behind) = quoted(content)?;
        (key, behind.strip_prefix(':')?)
    } else {
        let key = plain_key(content)?;
        (key.to_owned(), &content[key.len() + 1..])
    };
    let said = if rest.is_empty() { rest } else { rest.strip_prefix(' ')? };
    (key.len() <= LONGEST_IMPLICIT_KEY).then_some((key, said))
}

/// The same without quotes, up to its colon.
fn plain_key(content: &str) -> Option<&str> {
    let bytes = content.as_bytes();
    let ends = |at: &usize| bytes[*at] == b':' && matches!(bytes.get(at + 1), None | Some(b' '));
    let end = (0..bytes.len()).find(ends)?;
    let key = &content[..end];
    (is_text(key) && !PLAIN.contains(&key)).then_some(key)
}

fn begins_with_key(content: &str) -> bool {
    match content.starts_with('"') {
        true => key(content).is_some(),
        false => plain_key(content).is_some_and(|key| key.len() <= LONGEST_IMPLICIT_KEY),
    }
}

/// Whether a plain scalar is one for every reader, and a text for this one, unless it is one of
/// [`PLAIN`]. It may have the tokens that stand for strings in what templates spell.
fn is_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Characters from U+E000 on begin with it.
    let first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'/' || byte == PRIVATE;
    if !bytes.first().is_some_and(|byte| first(*byte)) {
        return false;
    }
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let fits = match byte {
            PRIVATE => {
                at += 2;
                true
            }
            b':' => bytes.get(at + 1).is_some_and(|next| *next != b' '),
            b' ' => at + 1 < bytes.len(),
            b'-' | b'_' | b'.' | b'/' | b'+' | b'=' => true,
            byte => byte.is_ascii_alphanumeric(),
        };
        if !fits {
            return false;
        }
        at += 1;
    }
    PLAIN.contains(&text) || !is_reserved(text)
}

/// What is no text, in the only spelling that is read here.
const PLAIN: [&str; 3] = ["null", "true", "false"];

/// The first byte of the characters from U+E000 to U+EFFF, which are for private use.
const PRIVATE: u8 = 0xee;

/// A whole number as it is written without more than it needs.
fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    let short = !digits.starts_with('0') || text == "0";
    if only_digits && short { text.parse().ok() } else { None }
}

/// The text between double quotes, and what stands behind them.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    // Most texts have neither escapes nor other alphabets.
    let ends = |byte: u8| matches!(byte, b'"' | b'\\') || !(b' '..=b'~').contains(&byte);
    let end = inner.bytes().position(ends)?;
    if inner.as_bytes()[end] == b'"' {
        return Some((inner[..end].to_owned(), &inner[end + 1..]));
    }
    let mut out = inner[..end].to_owned();
    let mut chars = inner[end..].char_indices().map(|(at, c)| (end + at, c));
    while let Some((at, c)) = chars.next() {
        out.push(match c {
            '"' => return Some((out, &inner[at + 1..])),
            '\\' => match chars.next()?.1 {
                '"' => '"',
                '\\' => '\\',
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                _ => return None,
            },
            c if is_printable(c) => c,
            _ => return None,
        });
    }
    None
}

/// Entries in the order of fields; nothing where a key stands twice.
fn in_order(mut entries: Vec<(String, Value)>) -> Option<Vec<(String, Value)>> {
    let sorted = |pair: &[(String, Value)]| field_order::compare(&pair[0].0, &pair[1].0).is_lt();
    if !entries.windows(2).all(sorted) {
        entries.sort_by(|(a, _), (b, _)| field_order::compare(a, b));
        entries.windows(2).all(sorted).then_some(())?;
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{read, write};

    /// xorshift64*
    struct Random(u64);

    impl Random {
        fn below(&mut self, end: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
            usize::try_from(number).expect("31 bits") % end
        }

        fn text(&mut self) -> String {
            const PIECES: &[&str] = &[
                "a",
                "kind",
                "name",
                "no",
                "y",
                "On",
                "null",
                "true",
                "0",
                "17",
                "-",
                ": ",
                ":",
                " ",
                "#",
                "\"",
                "\\",
                "\n",
                "\n\n",
                "  ",
                "\t",
                "|",
                "[]",
                "{",
                "/",
                "é",
                "\u{e0f0}0\u{e0f1}",
                "'",
                "&",
            ];
            (0..self.below(6)).map(|_| PIECES[self.below(PIECES.len())]).collect()
        }

        fn value(&mut self, depth: usize) -> Value {
            match self.below(if depth == 0 { 5 } else { 9 }) {
                0 => Value::Null,
                1 => Value::Bool(self.below(2) == 0),
                2 => Value::Int(i64::try_from(self.below(2000)).expect("small") - 1000),
                3 | 4 => Value::String(self.text()),
                5 | 6 => Value::List((0..self.below(4)).map(|_| self.value(depth - 1)).collect()),
                _ => self.map(depth),
            }
        }

        fn map(&mut self, depth: usize) -> Value {
            let mut map = Value::Map(Vec::new());
            for _ in 0..self.below(5) {
                let (key, value) = (self.text(), self.value(depth - 1));
                map.insert(&key, value);
            }
            map
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut random = Random(1);
        let mut read = 0;
        for _ in 0..4_000 {
            let Value::Map(entries) = random.map(4) else { unreachable!("it is a map") };
            if entries.is_empty() {
                continue;
            }
            let value = Value::Map(entries);
            let text = write::document(&value);
            assert_eq!(document(&text), Some(value), "{text}");
            read += 1;
        }
        assert!(read > 2_500, "{read}");
    }

    #[test]
    fn it_never_says_anything_else_than_a_reader_of_all_of_yaml() {
        const PIECES: &[&str] = &[
            " ", "  ", "\n", "- ", ": ", ":", "#", "\"", "|", "\t", "a", "0", "~", "\\", "'",
            "---", "?",
        ];
        let mut random = Random(2);
        let mut read = 0;
        for _ in 0..40_000 {
            let mut text = write::document(&random.map(3));
            for _ in 0..=random.below(3) {
                let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
                let at = places[random.below(places.len())];
                match random.below(3) {
                    0 => drop(text.remove(at)),
                    _ => text.insert_str(at, PIECES[random.below(PIECES.len())]),
                }
                if text.is_empty() {
                    break;
                }
            }
            if let Some(value) = document(&text) {
                assert_eq!(read::any_style(&text), Ok(value), "{text}");
                read += 1;
            }
        }
        assert!(read > 5_000, "{read}");
    }

    #[test]
    fn what_it_is_not_sure_of_is_left_to_the_other() {
        for text in [
            "a: 1",
            "a:\n",
            "a: 'x'\n",
            "a: 1 # one\n",
            "a: [1]\n",
            "a: 010\n",
            "a: 1.5\n",
            "a: Null\n",
            "a: yes\n",
            "a: On\n",
            "y: 1\n",
            "true: a\n",
            "a: b\n  c\n",
            "a: >\n  b\n",
            "a: |2\n  b\n",
            "a: |\n\n  b\n",
            "a: |\n   b\n  c\n",
            "a: 1\na: 2\n",
            "a: &b c\n",
            "--- a\n",
            "a: 1\n...\n",
            "a:\n  b: 1\n c: 2\n",
            "-  a\n",
        ] {
            assert_eq!(document(text), None, "{text}");
        }
        let deep = format!("{}a: b\n", "- ".repeat(100_000));
        assert_eq!(document(&deep), None);
    }
}
