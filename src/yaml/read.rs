//! Text → [`Value`].

use super::events::{self, Copies};
use super::{Value, block};

/// Why a text is not one YAML document of the kind that we use.
#[derive(Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub message: String,
    /// The line, counted from 1, when it is known.
    pub line: Option<usize>,
}

/// Reads exactly one document. Maps come out in the order of fields.
///
/// # Errors
///
/// When the text does not parse, repeats a key, has a key that is no text, a tag, or a number
/// beyond 64 bits.
pub fn document(text: &str) -> Result<Value, Error> {
    block::document(text).map_or_else(|| any_style(text), Ok)
}

/// The same by the reader of all of YAML.
pub(super) fn any_style(text: &str) -> Result<Value, Error> {
    let mut documents = documents(text)?;
    match (documents.pop(), documents.len()) {
        (Some(document), 0) => Ok(document),
        (None, _) => Err(Error { message: "there is nothing in it".to_owned(), line: None }),
        (Some(_), others) => {
            let message = format!("it holds {} documents, and one is expected", others + 1);
            Err(Error { message, line: None })
        }
    }
}

/// Reads every document of a text; empty ones are left out. Maps come out in the order of fields.
///
/// # Errors
///
/// As [`document`], for the first that is wrong.
pub fn documents(text: &str) -> Result<Vec<Value>, Error> {
    let mut found = Vec::new();
    let of = (&mut (), &mut Copies::default());
    let read = events::documents(text, of, |(), value| found.push(value));
    // The line is one of the rendered text; whoever reports it says where that came from.
    read.map_err(|fault| Error { message: fault.message, line: Some(fault.at.start.line()) })?;
    Ok(found)
}

/// The line, counted from 1, of `text` at which the value at `path` stands, or its nearest
/// ancestor that can be found.
///
/// It looks at indentation only, which is enough for block style: it serves messages about text
/// that our templates rendered, and nothing else.
pub fn line_of(text: &str, path: &[Segment<'_>]) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let (mut from, mut found) = (0, 1);
    let mut parent: isize = -1;
    for segment in path {
        let Some((at, indent)) = child(&lines, from, parent, segment) else { break };
        (from, found, parent) = (at, at + 1, indent);
        if matches!(segment, Segment::Key(_)) {
            from += 1;
        }
    }
    found
}

/// One step of a path into a value.
#[derive(Clone, Copy, Debug)]
pub enum Segment<'a> {
    /// The entry of a map.
    Key(&'a str),
    /// The item of a list.
    Index(usize),
}

/// The child of the value whose own column is `parent`: its line and its column.
fn child(
    lines: &[&str],
    from: usize,
    parent: isize,
    segment: &Segment<'_>,
) -> Option<(usize, isize)> {
    let mut column: Option<isize> = None;
    let mut index = 0;
    for (at, line) in lines.iter().enumerate().skip(from) {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let mut indent = isize::try_from(line.len() - content.len()).ok()?;
        let mut content = content;
        match segment {
            Segment::Key(key) => {
                // `- name: x` holds the first key of an item behind its dash.
                while at == from && content.starts_with("- ") {
                    let rest = content[2..].trim_start();
                    indent += isize::try_from(content.len() - rest.len()).ok()?;
                    content = rest;
                }
                if indent <= parent && at > from {
                    return None;
                }
                let wanted = *column.get_or_insert(indent);
                let name = content.split(':').next().unwrap_or_default().trim_matches(['"', '\'']);
                if indent == wanted && name == *key {
                    return Some((at, indent));
                }
            }
            Segment::Index(wanted) => {
                let is_item = content.starts_with("- ") || content == "-";
                // Items may stand at the column of their key.
                if indent < parent || (indent == parent && !is_item) {
                    return None;
                }
                if is_item && *column.get_or_insert(indent) == indent {
                    if index == *wanted {
                        return Some((at, indent));
                    }
                    index += 1;
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use Segment::{Index, Key};

    #[test]
    fn what_a_reader_could_misread_is_refused() {
        for text in [
            "a: 1\na: 2\n",
            "? [x]\n: 1\n",
            "a: !custom x\n",
            "--- \na\n--- \nb\n",
            "a: 18446744073709551615",
        ] {
            assert!(document(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_path_leads_to_its_line() {
        let text = "kind: X\nspec:\n  list:\n  - name: a\n    port: 1\n  - name: b\n    port: 2\n  after: 1\n";
        let line = |path: &[Segment<'_>]| line_of(text, path);
        assert_eq!(line(&[Key("spec"), Key("list"), Index(1), Key("port")]), 7);
        assert_eq!(line(&[Key("spec"), Key("list"), Index(1), Key("name")]), 6);
        assert_eq!(line(&[Key("spec"), Key("after")]), 8);
        assert_eq!(line(&[Key("spec"), Key("missing")]), 2);
    }
}
