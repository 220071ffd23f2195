//! Interpolated strings as tokens: `U+E0F0`, a number, `U+E0F1`.
//!
//! No text from a spec ever passes through YAML syntax. The escape function of the templates puts
//! each string into a table and writes its number; after the parse, every token inside a scalar
//! or a key gives way to its string. So nothing can be injected in any position, quoted, plain,
//! block or key, and manifests that differ in strings only have the same text; those of built-in
//! templates, also where whole numbers differ (see `outline`).

use super::outline::Strings;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io::Write;
use std::sync::LazyLock;

const OPEN: char = '\u{e0f0}';
const CLOSE: char = '\u{e0f1}';

/// The token of a string that is empty, which is none of the numbered ones where a template takes it for false.
const EMPTY: &str = "\u{e0f0}\u{e0f1}";

/// The first byte of both in UTF-8, and of few other characters.
const FIRST_BYTE: u8 = 0xee;

thread_local! {
    /// The strings of what this thread renders.
    static STRINGS: RefCell<Strings> = RefCell::default();
    /// Whether tokens stand in their places before it is rendered.
    static ARE_TOKENS: Cell<bool> = const { Cell::new(false) };
}

/// The escape function of the templates.
pub(super) fn escape(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    if ARE_TOKENS.get() {
        return out.write_all(if text.is_empty() { EMPTY } else { text }.as_bytes());
    }
    STRINGS.with_borrow_mut(|strings| {
        out.write_all(token(strings.len()).as_bytes())?;
        strings.push(text);
        Ok(())
    })
}

/// The tokens of the first strings; few manifests have more.
static FIRST: LazyLock<[String; 128]> = LazyLock::new(|| std::array::from_fn(spelled));

/// The token of the string with this number, from 0.
pub(super) fn token(number: usize) -> Cow<'static, str> {
    let first = FIRST.get(number).map(|token| Cow::Borrowed(token.as_str()));
    first.unwrap_or_else(|| Cow::Owned(spelled(number)))
}

fn spelled(number: usize) -> String {
    format!("{OPEN}{number}{CLOSE}")
}

/// Runs `render` and returns what it returned, with the strings that it interpolated.
pub(super) fn gather<T>(render: impl FnOnce() -> T) -> (T, Strings) {
    STRINGS.take();
    let rendered = render();
    (rendered, STRINGS.take())
}

/// Runs `render` on values in which each string is a token.
pub(super) fn leave<T>(render: impl FnOnce() -> T) -> T {
    ARE_TOKENS.set(true);
    let rendered = render();
    ARE_TOKENS.set(false);
    rendered
}

/// A token that a filter cut, or two keys that became one.
#[derive(Debug, PartialEq, Eq)]
pub struct StrayToken {
    /// What happened.
    pub message: String,
}

impl StrayToken {
    pub(super) fn cut() -> StrayToken {
        let message = "a filter cut an interpolated string: apply it to the value itself";
        StrayToken { message: message.to_owned() }
    }
}

/// What is in the token that a text is, and nothing else.
pub(super) fn alone(text: &str) -> Option<&str> {
    let place = text.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
    place.bytes().all(|byte| byte.is_ascii_digit()).then_some(place)
}

/// Whether a text has a token, or what a filter left of one.
pub(super) fn has_token(text: &str) -> bool {
    // Most texts have none, and a byte is found faster than a character.
    text.as_bytes().contains(&FIRST_BYTE) && text.contains([OPEN, CLOSE])
}

/// A copy of `text` with every token replaced by what it stands for.
pub(super) fn replace(text: &str, strings: &Strings) -> Result<String, StrayToken> {
    let of = |place: &str| {
        if place.is_empty() {
            return Ok("");
        }
        let string = place.parse::<usize>().ok().and_then(|place| strings.get(place));
        string.ok_or_else(StrayToken::cut)
    };
    let mut out = String::with_capacity(text.len() + ROOM);
    let mut rest = text;
    while let Some((before, mark, after)) = marked(rest) {
        let closed = if mark == OPEN { marked(after) } else { None };
        let Some((place, CLOSE, after)) = closed else { return Err(StrayToken::cut()) };
        out.push_str(before);
        out.push_str(of(place)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// Few texts have more in place of their tokens.
const ROOM: usize = 32;

/// The first mark of a token, with what is before and after it. As every text of every object is looked
/// at, bytes are compared, and no characters.
fn marked(text: &str) -> Option<(&str, char, &str)> {
    let bytes = text.as_bytes();
    let (at, mark) = (0..bytes.len()).find_map(|at| match bytes[at..] {
        [FIRST_BYTE, 0x83, 0xb0, ..] => Some((at, OPEN)),
        [FIRST_BYTE, 0x83, 0xb1, ..] => Some((at, CLOSE)),
        _ => None,
    })?;
    Some((&text[..at], mark, &text[at + mark.len_utf8()..]))
}
