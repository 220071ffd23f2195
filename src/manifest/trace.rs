//! Which line of which template a rendered line came from.
//!
//! Only a message about a faulty manifest asks for it, so rendering itself pays nothing: the
//! templates are loaded once more with a mark at the end of every line, and what they render is
//! the same text, line by line, with the marks of the lines that it came from.

const OPEN: char = '\u{e0f2}';
const CLOSE: char = '\u{e0f3}';

/// `text` with the mark `index:line` at the end of every line that does not end inside a tag.
pub(super) fn mark(text: &str, index: usize) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut open: Option<&str> = None;
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        out.push_str(line);
        open = after(line, open);
        if open.is_none() {
            out.push_str(&format!("{OPEN}{index}:{}{CLOSE}", number + 1));
        }
    }
    out
}

/// The closing delimiter that is still awaited at the end of `line`.
fn after(line: &str, mut open: Option<&'static str>) -> Option<&'static str> {
    let mut rest = line;
    loop {
        if let Some(close) = open {
            let Some(at) = rest.find(close) else { return open };
            rest = &rest[at + close.len()..];
            open = None;
        } else {
            let openings = ["{%", "{{", "{#"];
            let at = openings.iter().filter_map(|opening| rest.find(opening)).min()?;
            open = Some(match &rest[at..at + 2] {
                "{%" => "%}",
                "{{" => "}}",
                _ => "#}",
            });
            rest = &rest[at + 2..];
        }
    }
}

/// The template and the line that line `line` (counted from 1) of a marked text came from.
pub(super) fn origin(marked: &str, line: usize) -> Option<(usize, usize)> {
    let line = marked.split('\n').nth(line.checked_sub(1)?)?;
    let (_, last) = line.rsplit_once(OPEN)?;
    let (index, number) = last.split_once(CLOSE)?.0.split_once(':')?;
    Some((index.parse().ok()?, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_marked_outside_of_tags() {
        let marked = mark("a: {{ b }}\n{% if c\n %}\nd", 7);
        assert_eq!(origin(&marked, 1), Some((7, 1)));
        assert_eq!(origin(&marked, 2), None);
        assert_eq!(origin(&marked, 4), Some((7, 4)));
    }
}
