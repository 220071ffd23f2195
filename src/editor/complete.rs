//! What may be written at a place: keys with what they mean, words, and names of the fleet.

use super::cursor::{Cursor, Part};
use super::schema::{Schemas, Shape};
use super::{Kind, Names};
use crate::diag::Sources;
use crate::spec::Document;
use std::ops::Range;

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it is called.
    pub label: String,
    /// Its form, in a word or two.
    pub detail: String,
    /// What it means, as Markdown; may be empty.
    pub meaning: String,
    /// What it is: what must be there comes first.
    pub insert: Insert,
    /// The bytes of the text that it replaces.
    pub range: Range<usize>,
    /// What stands there then.
    pub text: String,
}

/// What is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Insert {
    /// A key that the table must have, and has not.
    Needed,
    /// A word, or the name of something.
    Value,
    /// Another key.
    Key,
    /// A value that somebody could write.
    Example,
}

/// What may be written at a place of `text`, sorted.
pub fn offers(kind: Kind, text: &str, cursor: &Cursor, names: &Names) -> Vec<Offer> {
    let mut offers = match cursor.part {
        Part::Key => keys(kind, text, cursor, names),
        Part::Header { list } => headers(kind, text, cursor, list, names),
        Part::Value => values(kind, text, cursor, names),
    };
    offers.sort_by(|a, b| (a.insert, &a.label).cmp(&(b.insert, &b.label)));
    offers
}

/// What is written in a text. A line of which only the key is there yet is left out: whoever reads
/// the text would lose the next one, too.
fn written(text: &str, cursor: &Cursor) -> Document {
    let start = text[..cursor.word.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[cursor.word.end..].find('\n').map_or(text.len(), |at| cursor.word.end + at);
    let line = &text[start..end];
    let unfinished = cursor.part == Part::Key && !line.contains(['=', '{', '"']);
    let text = match unfinished {
        true => format!("{}{}{}", &text[..start], " ".repeat(line.len()), &text[end..]),
        false => text.to_owned(),
    };
    let mut sources = Sources::default();
    let file = sources.add("", text);
    Document::read(&sources, file)
}

fn is_written(written: &Document, path: &[String], key: &str) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).chain([key]).collect();
    written.has(&path)
}

fn keys(kind: Kind, text: &str, cursor: &Cursor, names: &Names) -> Vec<Offer> {
    let schemas = Schemas::at(kind.schema(), &cursor.path);
    let written = written(text, cursor);
    // The word at the place is a key already, and is to be replaced.
    let here = &text[cursor.word.clone()];
    // `key = ` stands there already when an earlier word is being changed.
    let line = text[cursor.word.end..].lines().next().unwrap_or_default();
    let equals = line.trim_start_matches(['"', '\'', ' ']).starts_with('=');
    let at_root = cursor.path.is_empty();
    let known = schemas
        .keys()
        .into_iter()
        .filter(|key| key.name == here || !is_written(&written, &cursor.path, key.name));
    let mut offers: Vec<Offer> = known
        .map(|key| {
            let of = schemas.declared(key.schema);
            let shape = of.shape();
            let text = match shape {
                _ if equals || cursor.quoted => key.name.to_owned(),
                Shape::Table if at_root => format!("[{}]\n", key.name),
                Shape::Tables if at_root => format!("[[{}]]\n", key.name),
                Shape::Text => format!("{} = \"\"", key.name),
                Shape::List | Shape::Tables => format!("{} = []", key.name),
                Shape::Table => format!("{} = {{  }}", key.name),
                Shape::Bare | Shape::Any => format!("{} = ", key.name),
            };
            Offer {
                label: key.name.to_owned(),
                detail: if key.required {
                    format!("{}, needed", of.form())
                } else {
                    of.form().to_owned()
                },
                meaning: super::hover::meaning(&of),
                insert: if key.required { Insert::Needed } else { Insert::Key },
                range: cursor.word.clone(),
                text,
            }
        })
        .collect();
    // Keys that are names: the regions of a weight.
    let named = names.keys(kind, &cursor.path, text).into_iter();
    offers.extend(named.filter(|name| !is_written(&written, &cursor.path, name)).map(|name| {
        Offer {
            detail: "name".to_owned(),
            meaning: String::new(),
            insert: Insert::Value,
            range: cursor.word.clone(),
            text: if equals || cursor.quoted { name.clone() } else { format!("{name} = ") },
            label: name,
        }
    }));
    offers
}

fn headers(kind: Kind, text: &str, cursor: &Cursor, list: bool, names: &Names) -> Vec<Offer> {
    let schemas = Schemas::at(kind.schema(), &cursor.path);
    let written = written(text, cursor);
    let wanted = if list { Shape::Tables } else { Shape::Table };
    let here = &text[cursor.word.clone()];
    let known = schemas.keys().into_iter().filter(|key| {
        let of = schemas.declared(key.schema);
        // A table may be opened to reach one below it.
        of.shape() == wanted
            && (list || key.name == here || !is_written(&written, &cursor.path, key.name))
    });
    let mut offers: Vec<Offer> = known
        .map(|key| {
            let of = schemas.declared(key.schema);
            Offer {
                label: key.name.to_owned(),
                detail: of.form().to_owned(),
                meaning: super::hover::meaning(&of),
                insert: Insert::Key,
                range: cursor.word.clone(),
                text: key.name.to_owned(),
            }
        })
        .collect();
    // Tables that are called after something: `[environments.staging]`.
    let named = names.keys(kind, &cursor.path, text).into_iter().filter(|_| !list);
    let named = named.filter(|name| name == here || !is_written(&written, &cursor.path, name));
    offers.extend(named.map(|name| Offer {
        label: name.clone(),
        detail: "name".to_owned(),
        meaning: String::new(),
        insert: Insert::Value,
        range: cursor.word.clone(),
        text: name,
    }));
    offers
}

fn values(kind: Kind, text: &str, cursor: &Cursor, names: &Names) -> Vec<Offer> {
    let schemas = Schemas::at(kind.schema(), &cursor.path);
    let quotes = |word: &str| match cursor.quoted {
        true => word.to_owned(),
        false => format!("\"{word}\""),
    };
    let offer = |label: String, detail: &str, insert, text: String| Offer {
        label,
        detail: detail.to_owned(),
        meaning: String::new(),
        insert,
        range: cursor.word.clone(),
        text,
    };
    let named = names.values(kind, &cursor.path, text);
    let is_name = named.is_some();
    let mut offers: Vec<Offer> = (named.into_iter().flatten())
        .map(|name| {
            let text = quotes(&name);
            offer(name, "name", Insert::Value, text)
        })
        .collect();
    offers.extend(schemas.words().into_iter().map(|(word, meaning)| Offer {
        meaning: meaning.unwrap_or_default().to_owned(),
        ..offer(word.to_owned(), "word", Insert::Value, quotes(word))
    }));
    if schemas.is_boolean() && !cursor.quoted {
        let words = ["true", "false"]
            .map(|word| offer(word.to_owned(), "", Insert::Value, word.to_owned()));
        offers.extend(words);
    }
    let examples = schemas.examples().into_iter().map(|value| (value, "example"));
    let default = schemas.default().into_iter().map(|value| (value, "default"));
    // Where something is to be named, nothing that there is not is offered.
    for (value, detail) in default.chain(examples).filter(|_| !is_name) {
        let word = value.trim_matches('"');
        // In quotes, what is no text cannot be meant.
        if (cursor.quoted && word.len() == value.len()) || offers.iter().any(|is| is.label == word)
        {
            continue;
        }
        let text = if cursor.quoted { word.to_owned() } else { value.clone() };
        offers.push(offer(word.to_owned(), detail, Insert::Example, text));
    }
    // Items that are in the list already.
    let written = written(text, cursor);
    if let Some((number, list)) = cursor.path.split_last()
        && number.parse::<usize>().is_ok()
    {
        let others = (0..).map(|other: usize| other.to_string());
        let others = others.take_while(|other| is_written(&written, list, other));
        let taken: Vec<&str> = others
            .filter(|other| other != number)
            .map(|other| {
                let path: Vec<&str> = list.iter().map(String::as_str).chain([&*other]).collect();
                let span = written.at(&path);
                let range = span.start as usize..span.end as usize;
                text.get(range).unwrap_or_default().trim_matches(['"', '\''])
            })
            .collect();
        offers.retain(|offer| !taken.contains(&offer.label.as_str()));
    }
    offers
}
