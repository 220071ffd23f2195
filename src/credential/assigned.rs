//! Credentials that a text gives to a name: `password=…`, `token: …`, `--password …`.

use super::{Named, is_literal, named};
use std::ops::Range;

/// Whether an argument of a command says that the next one is a credential: `--password`.
pub(crate) fn announces(argument: &str) -> bool {
    argument.starts_with('-')
        && !argument.contains(|c: char| c == '=' || c.is_whitespace())
        && named(argument) == Some(Named::Sure)
}

/// The values of `key: value` and `key=value` where `names` says that the key names a credential;
/// with `comments`, only those behind a `#`.
pub(crate) fn assigned(text: &str, comments: bool, names: fn(&str) -> bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let mut from = 0;
        if comments {
            from = line.find('#').unwrap_or(line.len());
        }
        // The key that stands first has the rest of the line.
        let mut first = true;
        let sign = |from| line.as_bytes()[from..].iter().position(|byte| b"=:".contains(byte));
        while let Some(sign) = sign(from).map(|at| from + at) {
            let before = line[from..sign].trim_end().trim_end_matches(['"', '\'']);
            let is_key = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
            let key = &before[before
                .rfind(|c| !is_key(c))
                .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8))..];
            let after = &line[sign + 1..];
            let divides = line.as_bytes()[sign] == b'='
                || after.is_empty()
                || after.starts_with(|c: char| c.is_whitespace() || c == '"' || c == '\'');
            from = sign + 1;
            if divides && names(key) {
                let value = value(text, line_start + sign + 1, first);
                from = from.max(value.end.saturating_sub(line_start).min(line.len()));
                if is_literal(&text[value.clone()]) {
                    found.push(value);
                }
            }
            first = false;
        }
        line_start += line.len();
    }
    found
}

/// The value that begins after `from`: a quoted one over several lines, a block, the rest of the
/// line, or a word.
fn value(text: &str, from: usize, whole_line: bool) -> Range<usize> {
    let blank = text[from..].len() - text[from..].trim_start_matches([' ', '\t']).len();
    let from = from + blank;
    let rest = &text[from..];
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        if let Some(inner) = rest.strip_prefix(quote) {
            let from = from + quote.len();
            return from..inner.find(quote).map_or(text.len(), |end| from + end);
        }
    }
    let line = rest.find('\n').unwrap_or(rest.len());
    if rest.starts_with(['|', '>']) {
        let own = text[..from].rsplit('\n').next().unwrap_or_default();
        let indent = own.len() - own.trim_start().len();
        let mut end = line;
        for below in rest[line..].split_inclusive('\n').skip(1) {
            let content = below.trim_start();
            if !content.is_empty() && below.len() - content.len() <= indent {
                break;
            }
            end += below.len();
        }
        return from..(from + end + 1).min(text.len());
    }
    let ends = |c: char| c.is_whitespace() || ";&,\"'".contains(c);
    let end = if whole_line { line } else { rest.find(ends).unwrap_or(rest.len()).min(line) };
    from..from + rest[..end].trim_end_matches([',', ' ', '\t', '\r', '"', '\'']).len()
}
