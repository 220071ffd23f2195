//! [`Value`] → the one byte form that Ninefold writes.
//!
//! Ours, because no YAML library is safe for Kubernetes: they leave `on`, `y`, `1_000`, `12:30` or
//! `<<` unquoted, which a YAML 1.1 reader (`kubectl`, Argo CD, kustomize) takes for a boolean, a
//! number or a merge. A scalar is plain only when it begins with an ASCII letter or `/`, holds
//! only letters, digits and `-_./+=`, inner blanks and colons that no blank follows, and is no
//! reserved word of either version. Clean text of several lines is a literal block; everything
//! else is double quoted. Lists stand at the column of their key, nothing is folded.

use super::Value;
use std::fmt::Write;

/// A whole document, ending with a line break.
pub fn document(value: &Value) -> String {
    let mut out = String::with_capacity(2048);
    write_value(&mut out, value, 0, true);
    out.push('\n');
    out
}

fn write_value(out: &mut String, value: &Value, indent: usize, first_on_line: bool) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(int) => write!(out, "{int}").expect("writing to a string does not fail"),
        Value::Float(float) => write_float(out, *float),
        Value::String(text) => write_scalar(out, text, indent),
        Value::List(items) if items.is_empty() => out.push_str("[]"),
        Value::Map(entries) if entries.is_empty() => out.push_str("{}"),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 || !first_on_line {
                    new_line(out, indent);
                }
                out.push_str("- ");
                write_value(out, item, indent + 2, true);
            }
        }
        Value::Map(entries) => {
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 || !first_on_line {
                    new_line(out, indent);
                }
                write_key(out, key, indent);
                match value {
                    Value::Map(inner) if !inner.is_empty() => {
                        write_value(out, value, indent + 2, false);
                    }
                    Value::List(inner) if !inner.is_empty() => {
                        write_value(out, value, indent, false);
                    }
                    Value::Null
                    | Value::Bool(_)
                    | Value::Int(_)
                    | Value::Float(_)
                    | Value::String(_)
                    | Value::List(_)
                    | Value::Map(_) => {
                        out.push(' ');
                        write_value(out, value, indent + 2, false);
                    }
                }
            }
        }
    }
}

/// A line break, and as many blanks as nearly every line begins with.
const BREAK: &str = "\n                                ";

fn new_line(out: &mut String, indent: usize) {
    match BREAK.get(..=indent) {
        Some(start) => out.push_str(start),
        None => {
            out.push('\n');
            (0..indent).for_each(|_| out.push(' '));
        }
    }
}

/// YAML readers refuse an implicit key over 1,024 characters; escapes count.
pub(super) const LONGEST_IMPLICIT_KEY: usize = 100;

fn write_key(out: &mut String, key: &str, indent: usize) {
    if is_plain(key) && key.len() <= LONGEST_IMPLICIT_KEY {
        out.push_str(key);
    } else if key.len() <= LONGEST_IMPLICIT_KEY {
        write_quoted(out, key);
    } else {
        out.push_str("? ");
        write_quoted(out, key);
        new_line(out, indent);
    }
    out.push(':');
}

/// Always with a fraction or an exponent, so that it reads as a float again.
fn write_float(out: &mut String, float: f64) {
    write!(out, "{float:?}").expect("writing to a string does not fail");
}

fn write_scalar(out: &mut String, text: &str, indent: usize) {
    if is_plain(text) {
        out.push_str(text);
    } else if is_literal(text) {
        write_literal(out, text, indent.max(2));
    } else {
        write_quoted(out, text);
    }
}

/// Words that some reader of YAML 1.1 or 1.2 takes for something else than text, in any case.
const RESERVED: &[&str] = &[
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nil", "none", "inf", "nan",
    "infinity",
];

/// The length of the longest of them.
const LONGEST_RESERVED: usize = "infinity".len();

/// Whether one of them begins with a byte, in either case: few other texts do.
static BEGINS_RESERVED: [bool; 256] = {
    let mut begins = [false; 256];
    let mut at = 0;
    while at < RESERVED.len() {
        let first = RESERVED[at].as_bytes()[0];
        begins[first as usize] = true;
        begins[first.to_ascii_uppercase() as usize] = true;
        at += 1;
    }
    begins
};

/// Whether a byte stands in plain text whatever is beside it.
static HARMLESS: [bool; 256] = {
    let mut harmless = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let mark = matches!(byte, b'-' | b'_' | b'.' | b'/' | b'+' | b'=');
        harmless[byte as usize] = byte.is_ascii_alphanumeric() || mark;
        byte += 1;
    }
    harmless
};

fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(&first) = bytes.first() else { return false };
    if !(first.is_ascii_alphabetic() || first == b'/') {
        return false;
    }
    let harmless = bytes.iter().enumerate().all(|(at, &byte)| match byte {
        b':' => bytes.get(at + 1).is_some_and(|&next| next != b' '),
        b' ' => at + 1 < bytes.len(),
        _ => HARMLESS[usize::from(byte)],
    });
    harmless && !is_reserved(text)
}

/// Whether some reader takes a plain scalar for something else than text.
pub(super) fn is_reserved(text: &str) -> bool {
    let begins = |first: &u8| BEGINS_RESERVED[usize::from(*first)];
    text.len() <= LONGEST_RESERVED
        && text.as_bytes().first().is_some_and(begins)
        && RESERVED.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Text of several lines without anything that a literal block would lose.
fn is_literal(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with(['\n', ' ', '\t'])
        && !text.trim_end_matches('\n').is_empty()
        && text.split('\n').all(|line| !line.ends_with([' ', '\t']))
        && text.chars().all(|c| c == '\n' || c == '\t' || is_printable(c))
}

fn write_literal(out: &mut String, text: &str, indent: usize) {
    let trailing = text.len() - text.trim_end_matches('\n').len();
    out.push_str(match trailing {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if line.is_empty() {
            out.push('\n');
        } else {
            new_line(out, indent);
            out.push_str(line);
        }
    }
}

/// Characters that every reader keeps when they stand unescaped.
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10fffd}')
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c if c <= '\u{ffff}' => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a string does not fail");
            }
            c => write!(out, "\\U{:08x}", u32::from(c)).expect("writing to a string does not fail"),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_stands_two_blanks_further() {
        const LEVELS: usize = 40;
        let nested = |value, _| Value::Map(vec![("a".to_owned(), value)]);
        let value = (0..LEVELS).fold(Value::Int(1), nested);
        let line = |level: usize| format!("{}a:", "  ".repeat(level));
        let lines: Vec<String> = (0..LEVELS).map(line).collect();
        assert_eq!(document(&value), format!("{} 1\n", lines.join("\n")));
    }
}
