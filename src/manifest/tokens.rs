//! Interpolated strings as tokens: `U+E0F0`, a number, `U+E0F1`.
//!
//! No text from a spec ever passes through YAML syntax. The escape function of the templates puts
//! each string into a table and writes its number; after the parse, every token inside a scalar
//! or a key gives way to its string. So nothing can be injected in any position, quoted, plain,
//! block or key, and manifests that differ in strings only have the same text.

use crate::yaml::Value;
use std::cell::RefCell;
use std::io::Write;

const OPEN: char = '\u{e0f0}';
const CLOSE: char = '\u{e0f1}';

/// The first byte of both in UTF-8, and of few other characters.
const FIRST_BYTE: u8 = 0xee;

thread_local! {
    /// The strings of the manifest that this thread renders.
    static STRINGS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The escape function of the templates.
pub(super) fn escape(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    STRINGS.with(|strings| {
        let mut strings = strings.borrow_mut();
        let mut token = [0; 32];
        let mut rest = token.as_mut_slice();
        write!(rest, "{OPEN}{}{CLOSE}", strings.len())?;
        let left = rest.len();
        strings.push(text.to_owned());
        out.write_all(&token[..token.len() - left])
    })
}

/// Runs `render` and returns what it returned, with the strings that it interpolated.
pub(super) fn gather<T>(render: impl FnOnce() -> T) -> (T, Vec<String>) {
    STRINGS.with(|strings| strings.borrow_mut().clear());
    let rendered = render();
    (rendered, STRINGS.with(|strings| std::mem::take(&mut *strings.borrow_mut())))
}

/// A token that a filter cut, or two keys that became one.
#[derive(Debug, PartialEq, Eq)]
pub struct StrayToken {
    /// What happened.
    pub message: String,
}

/// A copy of `shape` with every token replaced by its string.
///
/// # Errors
///
/// When a filter cut a token, or when two keys of one map are the same text.
pub fn resolve(shape: &Value, strings: &[String]) -> Result<Value, StrayToken> {
    Ok(match shape {
        Value::String(text) => Value::String(replace(text, strings)?),
        Value::List(items) => {
            Value::List(items.iter().map(|item| resolve(item, strings)).collect::<Result<_, _>>()?)
        }
        Value::Map(entries) => {
            let mut map = Vec::with_capacity(entries.len());
            let mut changed = false;
            for (key, value) in entries {
                changed |= key.contains(OPEN);
                map.push((replace(key, strings)?, resolve(value, strings)?));
            }
            if changed {
                map.sort_by(|(a, _), (b, _)| crate::yaml::field_order::compare(a, b));
                if let Some(pair) = map.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                    let message = format!("the key `{}` stands twice in one map", pair[0].0);
                    return Err(StrayToken { message });
                }
            }
            Value::Map(map)
        }
        Value::Null => Value::Null,
        Value::Bool(bool) => Value::Bool(*bool),
        Value::Int(int) => Value::Int(*int),
        Value::Float(float) => Value::Float(*float),
    })
}

pub(super) fn replace(text: &str, strings: &[String]) -> Result<String, StrayToken> {
    // Most texts have no token, and a byte is found faster than a character.
    if !text.as_bytes().contains(&FIRST_BYTE) {
        return Ok(text.to_owned());
    }
    let cut = || StrayToken {
        message: "a filter cut an interpolated string: apply it to the value itself".to_owned(),
    };
    let of = |number: &str| {
        let string = number.parse::<usize>().ok().and_then(|index| strings.get(index));
        string.ok_or_else(cut)
    };
    // Most of the others are one token and nothing else.
    let alone = text.strip_prefix(OPEN).and_then(|text| text.strip_suffix(CLOSE));
    if let Some(number) = alone.filter(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
        return of(number).cloned();
    }
    let Some(first) = text.find([OPEN, CLOSE]) else { return Ok(text.to_owned()) };
    let mut out = text[..first].to_owned();
    let mut rest = &text[first..];
    loop {
        let token = rest.strip_prefix(OPEN).ok_or_else(cut)?;
        let end = token.find(CLOSE).ok_or_else(cut)?;
        out.push_str(of(&token[..end])?);
        rest = &token[end + CLOSE.len_utf8()..];
        let Some(next) = rest.find([OPEN, CLOSE]) else { break };
        out.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    out.push_str(rest);
    Ok(out)
}
