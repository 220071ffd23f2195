//! Texts, line by line; short ones, word by word.

use super::Line;
use super::script::{Part, script};

/// How many lines alike are shown beside one that differs.
const CONTEXT: usize = 3;

/// Bytes up to which two lines are compared word by word.
const SHORT: usize = 400;

/// What differs between two texts, with a few lines around; nothing when they are the same.
pub fn of(old: &str, new: &str) -> Vec<Line> {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let parts = script(&old, &new);
    let mut lines = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        if part.same {
            alike(&mut lines, &new[part.new.clone()], at > 0, at + 1 < parts.len());
        } else {
            different(&mut lines, part, &old, &new);
        }
    }
    lines
}

/// Lines alike, after and before lines that differ.
fn alike(lines: &mut Vec<Line>, texts: &[&str], after: bool, before: bool) {
    if !after && !before {
        return;
    }
    let head = if after { CONTEXT.min(texts.len()) } else { 0 };
    let tail = if before { CONTEXT.min(texts.len() - head) } else { 0 };
    let left_out = texts.len() - head - tail;
    lines.extend(texts[..head].iter().map(|text| line(' ', text)));
    match left_out {
        0 => {}
        // As long as what it would say.
        1 if after && before => lines.push(line(' ', texts[head])),
        _ => lines.push(remark(format!("{} alike", count(left_out)))),
    }
    lines.extend(texts[texts.len() - tail..].iter().map(|text| line(' ', text)));
}

fn different(lines: &mut Vec<Line>, part: &Part, old: &[&str], new: &[&str]) {
    let (old, new) = (&old[part.old.clone()], &new[part.new.clone()]);
    if part.coarse {
        let by = if new.is_empty() { "nothing".to_owned() } else { count(new.len()) };
        let text = match old.len() {
            0 => format!("{} added", count(new.len())),
            lines => format!("{} replaced by {by}", count(lines)),
        };
        lines.push(remark(text));
        return;
    }
    let mut removed: Vec<Line> = old.iter().map(|text| line('-', text)).collect();
    let mut added: Vec<Line> = new.iter().map(|text| line('+', text)).collect();
    if removed.len() == added.len() {
        for (old, new) in removed.iter_mut().zip(&mut added) {
            (old.emphasis, new.emphasis) = emphasis(&old.text, &new.text);
        }
    }
    for (side, texts) in [(removed, old), (added, new)] {
        lines.extend(side);
        if texts.last().is_some_and(|text| !text.ends_with('\n')) {
            lines.push(remark(NO_BREAK.to_owned()));
        }
    }
}

fn line(mark: char, text: &str) -> Line {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = match text.strip_suffix('\r') {
        Some(text) => format!("{text}␍"),
        None => text.to_owned(),
    };
    Line { mark, text, emphasis: Vec::new() }
}

fn remark(text: String) -> Line {
    Line { mark: '…', text, emphasis: Vec::new() }
}

fn count(lines: usize) -> String {
    if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") }
}

/// Byte ranges of a text, in order.
pub type Ranges = Vec<(usize, usize)>;

/// The parts of two short texts that differ, as byte ranges of each; none when the texts are long,
/// or have next to nothing in common.
pub fn emphasis(old: &str, new: &str) -> (Ranges, Ranges) {
    let nothing = (Vec::new(), Vec::new());
    if old.len() > SHORT || new.len() > SHORT || old == new {
        return nothing;
    }
    let (old_words, new_words) = (words(old), words(new));
    let parts = script(&old_words, &new_words);
    let length = |words: &[&str]| words.iter().map(|word| word.len()).sum::<usize>();
    let common: usize = parts
        .iter()
        .filter(|part| part.same)
        .map(|part| length(&old_words[part.old.clone()]))
        .sum();
    if common * 4 < old.len().max(new.len()) {
        return nothing;
    }
    let (mut found, mut at) = (nothing, (0, 0));
    for part in parts {
        let end = (
            at.0 + length(&old_words[part.old.clone()]),
            at.1 + length(&new_words[part.new.clone()]),
        );
        if !part.same && end.0 > at.0 {
            found.0.push((at.0, end.0));
        }
        if !part.same && end.1 > at.1 {
            found.1.push((at.1, end.1));
        }
        at = end;
    }
    found
}

/// Runs of letters and digits, and every other character by itself.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match first.is_alphanumeric() {
            true => rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (word, tail) = rest.split_at(end);
        words.push(word);
        rest = tail;
    }
    words
}

/// What the lines are when the texts are exchanged.
pub(super) fn inverse(lines: &[Line]) -> Vec<Line> {
    let mut inverse: Vec<Line> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let end = |mark: char, from: usize| {
            let count = lines[from..].iter().take_while(|line| line.mark == mark).count();
            let last = lines.get(from + count);
            let closed =
                count > 0 && last.is_some_and(|line| line.mark == '…' && line.text == NO_BREAK);
            from + count + usize::from(closed)
        };
        let (removed, added) = (end('-', at), end('+', end('-', at)));
        if added == at {
            inverse.push(exchanged(&lines[at]));
            at += 1;
        } else {
            inverse.extend(lines[removed..added].iter().map(exchanged));
            inverse.extend(lines[at..removed].iter().map(exchanged));
            at = added;
        }
    }
    inverse
}

const NO_BREAK: &str = "no line break at the end";

fn exchanged(line: &Line) -> Line {
    let mut line = line.clone();
    match line.mark {
        '-' => line.mark = '+',
        '+' => line.mark = '-',
        _ => {
            if let Some((old, new)) = line.text.split_once(" replaced by ") {
                line.text = match new {
                    "nothing" => format!("{old} added"),
                    _ => format!("{new} replaced by {old}"),
                };
            } else if let Some(new) = line.text.strip_suffix(" added") {
                line.text = format!("{new} replaced by nothing");
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn shown(old: &str, new: &str) -> String {
        let lines = of(old, new);
        assert_eq!(inverse(&lines), of(new, old));
        let line = |line: &Line| {
            let mut text = line.text.clone();
            for (from, to) in line.emphasis.iter().rev() {
                text.insert(*to, '>');
                text.insert(*from, '<');
            }
            format!("{}{text}\n", line.mark)
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn lines_that_differ_stand_among_their_neighbours() {
        let text = |changed: &str| format!("1\n2\n3\n4\n5\n6\nport = {changed}\n8\n9\nlast");
        expect![[r"
            …3 lines alike
             4
             5
             6
            -port = <80>
            +port = <8080>
             8
             9
             last
        "]]
        .assert_eq(&shown(&text("80"), &text("8080")));
        expect![[r"
             a
            -b
            …no line break at the end
            +b
        "]]
        .assert_eq(&shown("a\nb", "a\nb\n"));
        expect![[r"
            -a<␍>
            +a
        "]]
        .assert_eq(&shown("a\r\n", "a\n"));
        assert_eq!(shown("a\nb\n", "a\nb\n"), "");
        assert_eq!(shown("", ""), "");
    }

    #[test]
    fn texts_that_are_too_long_are_counted() {
        let long =
            |word: &str| (0..4000).map(|line| format!("{word} {line}\n")).collect::<String>();
        assert_eq!(shown(&long("a"), &long("b")), "…4000 lines replaced by 4000 lines\n");
    }

    #[test]
    fn words_are_told_apart() {
        let image = |tag: &str| format!("registry.example.com/shop/web:{tag}");
        let (old, new) = emphasis(&image("1.4.2"), &image("1.4.10"));
        assert_eq!((old, new), (vec![(34, 35)], vec![(34, 36)]));
        assert_eq!(emphasis("ä", "ö"), (vec![], vec![]));
    }
}
