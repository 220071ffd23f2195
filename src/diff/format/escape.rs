//! Text of users, as text: in a terminal, in Markdown, in HTML.

use std::fmt::Write;

/// Whether a character does something to a reader's screen instead of being seen: controls, marks
/// that turn the direction of text or join what they stand between, and line ends of Unicode.
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// The text with every character that acts written out, as Rust does: `\n`, `\u{1b}`. One line.
///
/// A joiner between two emoji stays: it only makes one picture of them.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut former = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let picture = |c: char| c >= '\u{2190}' && !c.is_alphanumeric() && !acts(c);
        let joins = character == '\u{200d}'
            && picture(former)
            && characters.peek().is_some_and(|next| picture(*next));
        if acts(character) && !joins {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
        former = character;
    }
    out
}

/// The text cut to at most `bytes`, between two characters, with `…` where it was cut.
pub(super) fn clip(text: &str, bytes: usize) -> String {
    const MARK: &str = "…";
    if text.len() <= bytes {
        return text.to_owned();
    }
    let mut at = bytes.saturating_sub(MARK.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    // Not between an emoji and what joins the next one to it.
    let cut = text[..at].trim_end_matches(['\u{200d}', '\u{fe0f}']);
    format!("{cut}{MARK}")
}

/// The longest run of back-ticks.
fn ticks(text: &str) -> usize {
    let runs = text.split(|character| character != '`');
    runs.map(str::len).max().unwrap_or(0)
}

/// The fence around a block that holds `body`.
pub(super) fn fence(body: &str) -> String {
    "`".repeat((ticks(body) + 1).max(3))
}

/// A code span, on one line.
pub(super) fn span(text: &str) -> String {
    let text = plain(text);
    if text.trim().is_empty() {
        // Markdown has no empty span, and strips blanks.
        return format!("`'{text}'`");
    }
    let quote = "`".repeat(ticks(&text) + 1);
    let touches = |c: char| c == '`' || c == ' ';
    let pad = if text.starts_with(touches) || text.ends_with(touches) { " " } else { "" };
    format!("{quote}{pad}{text}{pad}{quote}")
}

/// A code span in a cell of a table. A `|` ends a cell even inside of a span, and `\|` does not,
/// unless a backslash stands before it: that one is written out.
pub(super) fn cell(text: &str) -> String {
    span(text).replace("\\|", "\\u{5c}|").replace('|', "\\|")
}

/// A phrase of ours with names of users in it: words that are nothing but words stay, everything
/// else becomes code spans. `spell` is [`span`] or [`cell`].
pub(super) fn prose(text: &str, spell: fn(&str) -> String) -> String {
    let text = plain(text);
    let mut out = String::new();
    let mut code: Vec<&str> = Vec::new();
    let mut put = |part: &str| {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(part);
    };
    for word in text.split_whitespace() {
        if is_word(word) {
            if !code.is_empty() {
                put(&spell(&std::mem::take(&mut code).join(" ")));
            }
            put(word);
        } else {
            code.push(word);
        }
    }
    if !code.is_empty() {
        put(&spell(&code.join(" ")));
    }
    out
}

/// Whether no forge makes anything of a word: no markup, link, mention, reference or emoji.
fn is_word(word: &str) -> bool {
    let harmless = |c: char| c.is_alphanumeric() || ".,;:()/%+=-–−→…‹›×'\"".contains(c);
    let inner = word.trim_end_matches([',', ';', ':', '.']);
    let lower = word.to_lowercase();
    let long_hex = |part: &str| part.len() >= 7 && part.bytes().all(|b| b.is_ascii_hexdigit());
    word.chars().all(harmless)
        && !inner.contains(':')
        && !word.starts_with(['+', '-', '=', ':'])
        && !lower.contains("www.")
        && !lower.contains("gh-")
        && !inner.split(|c: char| !c.is_ascii_alphanumeric()).any(long_hex)
}

/// Text between tags of HTML.
pub(super) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in plain(text).chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | ',' | ';' | '.' | '-' | '/' => {
                out.push(character);
            }
            character if character.is_ascii() => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            character => out.push(character),
        }
    }
    out
}

/// A key inside of a comment of HTML, which `--` and `>` would end.
pub(super) fn key(text: &str) -> String {
    let known = |c: char| if c.is_ascii_alphanumeric() || "._/".contains(c) { c } else { '-' };
    let text: String = text.chars().map(known).collect();
    let parts: Vec<&str> = text.split('-').filter(|part| !part.is_empty()).collect();
    clip(&parts.join("-"), 100).trim_end_matches('…').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_screen_is_written_out() {
        assert_eq!(plain("a\x1b[31mb\r\n\tc\u{7f}\u{9b}"), r"a\u{1b}[31mb\r\n\tc\u{7f}\u{9b}");
        assert_eq!(plain("abc\u{202e}fed\u{2066}\u{200f}"), r"abc\u{202e}fed\u{2066}\u{200f}");
        assert_eq!(plain("grün → 👩‍🚀 \u{200d}x"), "grün → 👩‍🚀 \\u{200d}x");
    }

    #[test]
    fn a_cut_is_between_characters() {
        assert_eq!(clip("grün", 5), "grün");
        assert_eq!(clip("grüne Inseln", 6), "gr…");
        assert_eq!(clip("👩‍🚀👩‍🚀", 12), "👩…");
    }

    #[test]
    fn back_ticks_are_surrounded_by_more() {
        assert_eq!(span("a`b``c"), "```a`b``c```");
        assert_eq!(span("`"), "`` ` ``");
        assert_eq!(span(""), "`''`");
        assert_eq!(fence("x\n````\n"), "`````");
    }

    #[test]
    fn a_cell_ends_where_we_end_it() {
        assert_eq!(cell("a|b"), r"`a\|b`");
        assert_eq!(cell(r"a\|b"), r"`a\u{5c}\|b`");
        assert_eq!(cell(r"a\\|b"), r"`a\\u{5c}\|b`");
    }

    #[test]
    fn a_phrase_keeps_its_words_and_quotes_the_rest() {
        let check = |text: &str, expected: &str| assert_eq!(prose(text, span), expected);
        check("regions 3 → 2; none holds data", "regions 3 → 2; none holds data");
        check("ping @ops about #12 now", "ping `@ops` about `#12` now");
        check("see GH-12, www.evil.example <b>", "see `GH-12, www.evil.example <b>`");
        check("image :tada: of 4f2c1a9b, http://x", "image `:tada:` of `4f2c1a9b, http://x`");
        check("- a\n# b", r"`- a\n#` b");
    }

    #[test]
    fn a_key_cannot_end_its_comment() {
        assert_eq!(key("prod/eu --> <b>"), "prod/eu-b");
    }
}
