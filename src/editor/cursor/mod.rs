//! Where in a TOML text a place is: under which keys, and in which word.
//!
//! The text is being written, so brackets and quotes may be open, and lines may say nothing yet. A
//! parser that gives up there would be of no use; this one reads on as far as the place.

mod scanner; // reads a text up to a place

use scanner::Scanner;
use std::collections::BTreeMap;
use std::ops::Range;

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The keys above the place, from the root. An item of a list is named by its number. Of a value,
    /// the key that it stands under is the last one.
    pub path: Vec<String>,
    /// What is at the place.
    pub part: Part,
    /// The bytes of the word at the place, without quotes; empty where there is none yet.
    pub word: Range<usize>,
    /// Whether the word is in quotes.
    pub quoted: bool,
}

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A key of a table.
    Key,
    /// A value.
    Value,
    /// A name in a header: `[capacity]`, or of a list, `[[volumes]]`.
    Header {
        /// Whether it is that of an item of a list.
        list: bool,
    },
}

/// Where the byte `at` of `text` is; nothing in a comment, and behind the end of a value.
pub fn cursor(text: &str, at: usize) -> Option<Cursor> {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    Scanner { text, pos: 0, at, lists: BTreeMap::new() }.document().err().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `path|part|word` at the `¦` of a text.
    fn at(text: &str) -> String {
        let at = text.find('¦').expect("a place");
        let text = text.replace('¦', "");
        let Some(found) = cursor(&text, at) else { return "nothing".to_owned() };
        let part = match found.part {
            Part::Key => "key",
            Part::Value => "value",
            Part::Header { list: false } => "table",
            Part::Header { list: true } => "list",
        };
        format!("{}|{part}|{}", found.path.join("."), &text[found.word])
    }

    #[test]
    fn a_place_is_found_under_its_keys() {
        for (text, expected) in [
            ("¦", "|key|"),
            ("na¦", "|key|na"),
            ("na¦me = 'x'", "|key|name"),
            ("name = ¦", "name|value|"),
            ("name =¦", "name|value|"),
            ("name = \"or¦", "name|value|or"),
            ("name = \"or¦ders\"\n", "name|value|orders"),
            ("name = tr¦ue\n", "name|value|true"),
            ("name = 'x' ¦", "nothing"),
            ("name = 'x' # a ¦", "nothing"),
            ("# ¦", "nothing"),
            ("name = 'x'\n¦", "|key|"),
            ("name = 'x'\n¦\nrpo = '1h'", "|key|"),
            ("name = 'x'\n  ¦", "|key|"),
            ("[capacity]\ncp¦", "capacity|key|cp"),
            ("[cap¦", "|table|cap"),
            ("[capacity.auto¦scale]", "capacity|table|autoscale"),
            ("[[vol¦]]", "|list|vol"),
            ("[[volumes]]\nname = 'a'\n[[volumes]]\nsi¦", "volumes.1|key|si"),
            ("[[a]]\n[[a.b]]\n[[a]]\n[[a.b]]\n[a.b.c]\nx¦", "a.1.b.0.c|key|x"),
            ("regions = [¦]", "regions.0|value|"),
            ("regions = ['a', '¦']", "regions.1|value|"),
            ("regions = ['a',\n  # of all\n  ¦\n]", "regions.1|value|"),
            ("regions = ['a', ¦\nrpo = '1h'", "regions.1|value|"),
            ("regions = ['a', \nrp¦o = '1h'", "|key|rpo"),
            ("regions = ['a', \n[cap¦acity]", "|table|capacity"),
            ("ports = [{ name = 'http', po¦ }]", "ports.0|key|po"),
            ("ports = [{ name = 'http', ¦ }]", "ports.0|key|"),
            ("ports = [{ name = 'a' }, { name = '¦' }]", "ports.1.name|value|"),
            ("capacity.autoscale.m¦ax = 3", "capacity.autoscale|key|max"),
            ("a = { b = { c = 'd', e¦", "a.b|key|e"),
            ("a = \"\"\"\n[x]\n\"\"\"\nb¦", "|key|b"),
            ("a = \"\\\"x\"\nb¦", "|key|b"),
            ("a = \"ä¦\"", "a|value|ä"),
        ] {
            assert_eq!(at(text), expected, "{text}");
        }
    }

    #[test]
    fn any_text_is_read_to_any_place() {
        let texts = [
            "a = [[[{{{ \"",
            "]]]}}}=,,,\n[[[",
            "= = =\n...\n[a.[b]",
            "ä.ö = '''\n",
            "a = {b={c=[}]}",
            "\\\u{0}\u{1f600} = \u{1f600}, ]",
        ];
        for text in texts {
            for at in 0..=text.len() + 1 {
                cursor(text, at);
            }
        }
        let deep = format!("a = {}", "[".repeat(100_000));
        cursor(&deep, deep.len());
    }
}
