//! YAML that a person wrote for Kubernetes → [`Value`], with the place of everything.
//!
//! It means what Kubernetes makes of it, which reads YAML by `sigs.k8s.io/yaml`: plain scalars are
//! those of YAML 1.1 (`yes` is a boolean, `0644` a number in octal) as `goyaml.v2/resolve.go` has
//! them, aliases and merge keys are followed, a byte order mark is skipped.

use super::Value;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};
use std::borrow::Cow;
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

/// Deeper than any object of Kubernetes; every level is a call.
const DEEPEST: usize = 100;

/// More than the API server stores of one object; aliases could multiply without end.
const MAX: usize = 500_000;

/// Reads every document; empty ones are left out.
///
/// # Errors
///
/// When the text does not parse, repeats a key, or has what JSON cannot say.
pub fn documents(text: &str) -> Result<Vec<Written>, Error> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let lines = Lines::of(text, start);
    let mut reader = Reader {
        events: Parser::new_from_str(&text[start..]),
        lines: &lines,
        anchors: BTreeMap::new(),
        left: MAX,
        places: BTreeMap::new(),
    };
    let mut documents = Vec::new();
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(documents),
            Event::DocumentStart(_) => {
                reader.places.clear();
                reader.anchors.clear();
            }
            Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
            event @ (Event::Alias(_)
            | Event::Scalar(..)
            | Event::SequenceStart(..)
            | Event::SequenceEnd
            | Event::MappingStart(..)
            | Event::MappingEnd) => {
                reader.places.insert(Vec::new(), lines.range(span));
                let mut value = reader.node(event, span, &mut Vec::new())?;
                value.sort();
                if value != Value::Null {
                    let places = std::mem::take(&mut reader.places);
                    documents.push(Written { value, places });
                }
            }
        }
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
        let line = self.text[start..].find('\n').map_or(self.text.len(), |end| start + end);
        start..self.byte(span.end).clamp(start, line)
    }
}

struct Reader<'a, 't> {
    events: Parser<'t, saphyr_parser::StrInput<'t>>,
    lines: &'a Lines<'t>,
    anchors: BTreeMap<usize, Value>,
    /// How many values may still come.
    left: usize,
    places: BTreeMap<Vec<String>, Range<usize>>,
}

impl<'t> Reader<'_, 't> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Error> {
        match self.events.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let at = self.lines.byte(*error.marker());
                Err(Error { message: error.info().to_owned(), at: at..at })
            }
            None => Ok((Event::StreamEnd, Span::empty(Marker::new(0, 1, 0)))),
        }
    }

    fn error<T>(&self, message: impl Into<String>, span: Span) -> Result<T, Error> {
        Err(Error { message: message.into(), at: self.lines.range(span) })
    }

    fn node(
        &mut self,
        event: Event<'t>,
        span: Span,
        path: &mut Vec<String>,
    ) -> Result<Value, Error> {
        if path.len() > DEEPEST {
            return self.error(format!("this is more than {DEEPEST} levels deep"), span);
        }
        self.count(1, span)?;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.as_deref();
                let value = scalar(&text, style, tag);
                let value = value.or_else(|message| self.error(message, span))?;
                self.keep(anchor, &value);
                Ok(value)
            }
            Event::SequenceStart(anchor, tag) => {
                self.plain_tag(tag, "seq", span)?;
                let mut items = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    if event == Event::SequenceEnd {
                        break;
                    }
                    path.push(items.len().to_string());
                    self.places.insert(path.clone(), self.lines.range(span));
                    items.push(self.node(event, span, path)?);
                    path.pop();
                }
                let value = Value::List(items);
                self.keep(anchor, &value);
                Ok(value)
            }
            Event::MappingStart(anchor, tag) => {
                self.plain_tag(tag, "map", span)?;
                let value = self.map(path)?;
                self.keep(anchor, &value);
                Ok(value)
            }
            Event::Alias(anchor) => {
                let Some(value) = self.anchors.get(&anchor).cloned() else {
                    return self.error("this stands for something that holds it", span);
                };
                self.count(size(&value), span)?;
                Ok(value)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => self.error("a value is missing", span),
        }
    }

    fn map(&mut self, path: &mut Vec<String>) -> Result<Value, Error> {
        let mut entries: Vec<(String, Value)> = Vec::new();
        let mut merged: Vec<(String, Value)> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, anchor, tag) => {
                    let merges = style == ScalarStyle::Plain && text == "<<";
                    let key = if merges { Ok(None) } else { key(&text, style, tag.as_deref()) };
                    let key = key.or_else(|message| self.error(message, span))?;
                    if let Some(key) = &key {
                        self.keep(anchor, &Value::String(key.clone()));
                    }
                    key
                }
                Event::Alias(_)
                | Event::SequenceStart(..)
                | Event::MappingStart(..)
                | Event::SequenceEnd
                | Event::Nothing
                | Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart(_)
                | Event::DocumentEnd => return self.error("a key is plain text", span),
            };
            let Some(key) = key else {
                let (event, span) = self.next()?;
                let others = self.node(event, span, &mut path.clone())?;
                let maps = if let Value::List(maps) = others { maps } else { vec![others] };
                for map in maps {
                    let Value::Map(more) = map else {
                        return self.error("`<<` takes a map, or a list of maps", span);
                    };
                    merged.extend(more);
                }
                continue;
            };
            if entries.iter().any(|(known, _)| *known == key) {
                return self.error(format!("the key `{key}` stands twice in one map"), span);
            }
            path.push(key.clone());
            self.places.insert(path.clone(), self.lines.range(span));
            let (event, span) = self.next()?;
            let value = self.node(event, span, path)?;
            path.pop();
            entries.push((key, value));
        }
        for (key, value) in merged {
            if !entries.iter().any(|(known, _)| *known == key) {
                entries.push((key, value));
            }
        }
        Ok(Value::Map(entries))
    }

    fn keep(&mut self, anchor: usize, value: &Value) {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
    }

    fn count(&mut self, values: usize, span: Span) -> Result<(), Error> {
        match self.left.checked_sub(values) {
            Some(left) => self.left = left,
            None => return self.error("aliases make more of this than an object can hold", span),
        }
        Ok(())
    }

    fn plain_tag(&self, tag: Option<Cow<'_, Tag>>, plain: &str, span: Span) -> Result<(), Error> {
        match tag {
            Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == plain) => {
                self.error(format!("Kubernetes does not read the tag `{tag}`"), span)
            }
            _ => Ok(()),
        }
    }
}

/// How many values a value holds, itself among them.
fn size(value: &Value) -> usize {
    let items: usize = value.items().iter().map(size).sum();
    let entries: usize = value.entries().iter().map(|(_, value)| size(value)).sum();
    1 + items + entries
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    match tag {
        None if style == ScalarStyle::Plain => plain(text),
        None => Ok(Value::String(text.to_owned())),
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => {
            Ok(Value::String(text.to_owned()))
        }
        Some(tag)
            if tag.is_yaml_core_schema()
                && ["int", "bool", "float", "null"].contains(&&*tag.suffix) =>
        {
            plain(text)
        }
        Some(tag) => Err(format!("Kubernetes does not read the tag `{tag}`")),
    }
}

/// A key is text in JSON; numbers and booleans become some.
fn key(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Option<String>, String> {
    match scalar(text, style, tag)? {
        Value::String(key) => Ok(Some(key)),
        Value::Bool(key) => Ok(Some(key.to_string())),
        Value::Int(key) => Ok(Some(key.to_string())),
        Value::Float(key) => Ok(Some(key.to_string())),
        Value::Null | Value::List(_) | Value::Map(_) => Err("a key is missing".to_owned()),
    }
}

/// What a plain scalar means.
fn plain(text: &str) -> Result<Value, String> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF"
        | "-.inf" | "-.Inf" | "-.INF" => return Err(format!("JSON has no number `{text}`")),
        _ if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
            number(text)?.unwrap_or_else(|| Value::String(text.to_owned()))
        }
        _ => Value::String(text.to_owned()),
    })
}

/// A number as Go's `strconv` reads it; none for text that only begins like one.
fn number(text: &str) -> Result<Option<Value>, String> {
    let digits = text.replace('_', "");
    if let Some(whole) = whole(&digits) {
        return match i64::try_from(whole) {
            Ok(whole) => Ok(Some(Value::Int(whole))),
            Err(_) => Err(format!("the number {text} does not fit 64 bits")),
        };
    }
    let form = digits.trim_start_matches(['+', '-']);
    let (mantissa, exponent) =
        form.split_once(['e', 'E']).map_or((form, None), |(m, e)| (m, Some(e)));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mantissa = match mantissa.split_once('.') {
        Some((whole, part)) => {
            (is_digits(whole) && (part.is_empty() || is_digits(part)))
                || (whole.is_empty() && is_digits(part))
        }
        None => is_digits(mantissa),
    };
    let exponent =
        exponent.is_none_or(|one| is_digits(one.strip_prefix(['+', '-']).unwrap_or(one)));
    let one_sign = digits.len() - form.len() < 2;
    if !(mantissa && exponent && one_sign) {
        return Ok(None);
    }
    let Some(found) = digits.parse::<f64>().ok().filter(|found| found.is_finite()) else {
        return Err(format!("the number {text} does not fit 64 bits"));
    };
    // In JSON, a number without a fraction is a whole one.
    #[expect(clippy::cast_possible_truncation, reason = "below 2^53 it is exact")]
    Ok(Some(match found.fract() == 0.0 && found.abs() < 9_007_199_254_740_992.0 {
        true => Value::Int(found as i64),
        false => Value::Float(found),
    }))
}

/// A whole number with the prefixes of Go: `0x`, `0o`, `0b`, and `0` for octal.
fn whole(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let prefixed = |prefixes: [&str; 2], radix| {
        let digits = prefixes.iter().find_map(|prefix| digits.strip_prefix(prefix))?;
        Some((digits, radix))
    };
    let (digits, radix) = prefixed(["0x", "0X"], 16)
        .or_else(|| prefixed(["0o", "0O"], 8))
        .or_else(|| prefixed(["0b", "0B"], 2))
        .or_else(|| Some((digits.strip_prefix('0').filter(|rest| !rest.is_empty())?, 8)))
        .unwrap_or((digits, 10));
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let found = i128::from_str_radix(digits, radix).ok()?;
    Some(if negative { -found } else { found })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Value {
        documents(text).unwrap().remove(0).value
    }

    #[test]
    fn plain_scalars_are_those_of_yaml_1_1() {
        let int = Value::Int;
        let text = |text: &str| Value::String(text.to_owned());
        for (written, expected) in [
            ("yes", Value::Bool(true)),
            ("Off", Value::Bool(false)),
            ("n", Value::Bool(false)),
            ("\"yes\"", text("yes")),
            ("!!str yes", text("yes")),
            ("0644", int(420)),
            ("0o17", int(15)),
            ("0x1F", int(31)),
            ("0b11", int(3)),
            ("1_000", int(1000)),
            ("-7", int(-7)),
            ("+5", int(5)),
            ("08", int(8)),
            ("1e3", int(1000)),
            ("8.0", int(8)),
            ("0.5", Value::Float(0.5)),
            (".5", Value::Float(0.5)),
            ("2026-01-31", text("2026-01-31")),
            ("1.2.3", text("1.2.3")),
            ("12:30", text("12:30")),
            ("--1", text("--1")),
            ("500m", text("500m")),
            ("yesterday", text("yesterday")),
            ("~", Value::Null),
        ] {
            assert_eq!(one(&format!("a: {written}\n")).get("a"), Some(&expected), "{written}");
        }
        assert!(documents("a: 18446744073709551616\n").is_err());
        assert!(documents("a: .inf\n").is_err());
    }

    #[test]
    fn keys_are_text() {
        let value = one("on: 1\n8080: 2\n");
        assert_eq!(value.get("true"), Some(&Value::Int(1)));
        assert_eq!(value.get("8080"), Some(&Value::Int(2)));
    }

    #[test]
    fn a_byte_order_mark_and_empty_documents_say_nothing() {
        let found = documents("\u{feff}a: 1\n---\n# nothing\n---\nb: 2\n...\n").unwrap();
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
