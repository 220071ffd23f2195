//! Credentials that were written into a spec.
//!
//! A tree is committed: what stands in it is known to everybody who reads the repository, for
//! ever. So a literal that looks like a credential is refused, and no report shows it. What is only
//! guessed, from the name of a key or because a text is random, a service can accept.

use super::check::{Subject, Syntax};
use super::document::Node;
use crate::credential::{self, Named};
use crate::diag::{Code, Diagnostic, FileId, Severity, Sink, Sources, Span};
use toml::de::DeValue;

/// The keys below which text is free: a credential may be assigned to a name in it.
const FREE: &[&str] = &[
    "config",
    "args",
    "command",
    "before",
    "after",
    "verify",
    "ready",
    "live",
    "start",
    "headers",
    "annotations",
];

/// The tables whose keys are names that somebody chose.
const NAMED: &[&str] = &["config", "headers", "data", "stringData"];

/// A shorter value in a text is no credential.
const SHORTEST: usize = 4;

/// Where a value of `[config]` comes from, when it is not written down.
const SOURCES: &[&str] = &["secret", "field", "resource", "regions"];

/// What makes a text look like a credential.
#[derive(Clone, Copy)]
enum Why {
    /// Its form, which nothing else has.
    Form(&'static str),
    /// The name of its key, or how random it is.
    Guess(&'static str),
    /// A name that speaks of credentials, or one in a document that names many things.
    Perhaps(&'static str),
}

/// Reports every value below `root` that looks like a credential, and returns their places: no
/// other finding may show what stands there. What is only a guess, a service can accept.
pub(super) fn check(
    sink: &mut Sink,
    file: FileId,
    root: &Node<'_>,
    (syntax, subject): (Syntax, Subject),
) -> Vec<Span> {
    let accepts = subject == Subject::Service;
    let mut places = Vec::new();
    walk(root, &mut Vec::new(), &mut |node, why| {
        let place = Span::new(file, node.span());
        places.push(place);
        sink.report(finding(place, why, syntax, accepts, None));
    });
    places
}

/// Reports what looks like a credential in a file that a spec refers to from `place`.
pub(super) fn check_attached(sink: &mut Sink, sources: &Sources, file: FileId, place: Span) {
    let text = &sources.get(file).text;
    let (range, why) = if let Some(found) = credential::within(text).into_iter().next() {
        (found.range, Why::Form(found.what))
    } else if let Some(range) = assigned(text) {
        (range, Why::Perhaps("a credential, by a name in the text"))
    } else {
        return;
    };
    let found = Span::new(file, range);
    let finding = finding(place, why, Syntax::Toml, true, Some(found));
    sink.report(finding);
}

/// Where in a line that is not TOML a credential may stand: no report of the mistake shows it.
pub(super) fn in_line(line: &str) -> Option<std::ops::Range<usize>> {
    let value = line.split_once('=').map_or(line, |(_, value)| value);
    let word = |c: char| c.is_whitespace() || "\"'[],{}=".contains(c);
    let quotes = |c: char| "\"' ".contains(c);
    let found = !credential::within(value).is_empty()
        || line.split(word).any(|word| credential::named(word).is_some())
        || credential::is_random(value.trim_matches(quotes));
    found.then(|| line.len() - value.len()..line.len())
}

fn walk<'a>(node: &'a Node<'_>, keys: &mut Vec<&'a str>, found: &mut impl FnMut(&Node<'_>, Why)) {
    match node.get_ref() {
        DeValue::Table(table) => {
            if keys.first() == Some(&"patch")
                && let Some(name) = table.get("name").and_then(|name| name.get_ref().as_str())
                && let Some(value) = table.get("value")
            {
                // A variable of a container: its name is that of its value.
                walk(value, &mut vec!["config", name], found);
            }
            let elsewhere = table.keys().any(|key| SOURCES.contains(&&**key.get_ref()))
                && named_by(keys).is_some();
            for (key, value) in table {
                keys.push(if elsewhere { "" } else { key.get_ref() });
                if !elsewhere {
                    walk(value, keys, found);
                }
                keys.pop();
            }
        }
        DeValue::Array(items) => {
            let mut announced = false;
            for item in items {
                let text =
                    if let DeValue::String(text) = item.get_ref() { Some(text) } else { None };
                match text {
                    Some(text) if announced && is_free(keys) && credential::is_literal(text) => {
                        found(item, Why::Guess("a credential, by the argument before it"));
                    }
                    _ => walk(item, keys, found),
                }
                announced = text.is_some_and(|text| credential::announces(text));
            }
        }
        DeValue::String(text) => {
            if let Some(why) = looks_like(keys, text) {
                found(node, why);
            }
        }
        // A number of few digits is a length or a limit.
        DeValue::Integer(number) if credential::is_literal(number.as_str()) => {
            if let Some(why) = named_by(keys).and_then(by_its_key) {
                found(node, why);
            }
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// What is said about a credential at `place`, or in the file that is named there.
fn finding(
    place: Span,
    why: Why,
    syntax: Syntax,
    accepts: bool,
    inside: Option<Span>,
) -> Diagnostic {
    let (note, help) = match syntax {
        Syntax::Toml => (
            "the tree is committed: everybody who can read it would know it",
            "put it into a Secret of the cluster and name that: \
             `{ secret = \"…\", key = \"…\" }` in `[config]`, or `[[secrets]]`; \
             and replace the credential, it has been written down",
        ),
        Syntax::Json => (
            "records are kept for years: everybody who can read them would know it",
            "take it out; and replace the credential, it has been written down",
        ),
    };
    let (Why::Form(what) | Why::Guess(what) | Why::Perhaps(what)) = why;
    let finding = match inside {
        Some(inside) => {
            Diagnostic::new(Code::SECRET_LITERAL, format!("this file holds what looks like {what}"))
                .at(place, "")
                .related(inside, "hidden from this report")
                .hiding(inside)
        }
        None => Diagnostic::new(Code::SECRET_LITERAL, format!("this looks like {what}"))
            .at(place, "hidden from this report")
            .hiding(place),
    };
    let finding = finding.note(note);
    let guess = "; if it is none, `[[accept]]` takes this finding: `rule = \"secret-literal\"`";
    match why {
        Why::Form(_) => finding.help(help),
        Why::Guess(_) if accepts => finding.help(format!("{help}{guess}")).unless_accepted(),
        Why::Perhaps(_) if accepts => {
            finding.help(format!("{help}{guess}")).severity(Severity::Warning)
        }
        Why::Guess(_) | Why::Perhaps(_) => finding.help(help).severity(Severity::Warning),
    }
}

fn looks_like(keys: &[&str], text: &str) -> Option<Why> {
    if let Some(found) = credential::within(text).first() {
        return Some(Why::Form(found.what));
    }
    if let Some(key) = named_by(keys)
        && credential::is_literal(text)
        && let Some(why) = by_its_key(key)
    {
        return Some(why);
    }
    let free = is_free(keys);
    if free && assigns(text) {
        return Some(Why::Guess("a credential, by the name that it is given to"));
    }
    if keys.contains(&"content") && assigns(text) {
        return Some(Why::Perhaps("a credential, by a name in the text"));
    }
    let value = text.split_once('=').filter(|(name, _)| name.starts_with('-'));
    let value = value.map_or(text, |(_, value)| value);
    let public = || keys.iter().any(|key| speaks_of_what_is_public(key));
    (free && credential::is_random(value) && !public())
        .then_some(Why::Guess("a key or a password, as it is random"))
}

/// Whether a text gives a credential to a name: not `token = ?`, `$1` or `{`, as queries and
/// documents have them.
fn assigns(text: &str) -> bool {
    assigned(text).is_some()
}

fn assigned(text: &str) -> Option<std::ops::Range<usize>> {
    credential::assigned(text, false, is_sure).into_iter().find(|value| {
        let value = &text[value.clone()];
        value.len() >= SHORTEST && value.starts_with(|c: char| c.is_alphanumeric())
    })
}

fn is_sure(key: &str) -> bool {
    credential::named(key) == Some(Named::Sure)
}

fn is_free(keys: &[&str]) -> bool {
    keys.iter().any(|key| FREE.contains(key))
}

/// The key that somebody chose, of a value below `[config]`, or of a header.
fn named_by<'a>(keys: &[&'a str]) -> Option<&'a str> {
    let table = keys.iter().position(|key| NAMED.contains(key))?;
    keys.get(table + 1).copied()
}

fn by_its_key(key: &str) -> Option<Why> {
    match credential::named(key)? {
        Named::Sure => Some(Why::Guess("a credential, by the name of its key")),
        Named::Perhaps => Some(Why::Perhaps("a credential, as its key speaks of one")),
    }
}

/// `PUBLIC_KEY`, `IMAGE_DIGEST`: random, and for everybody.
fn speaks_of_what_is_public(key: &str) -> bool {
    const WORDS: &[&str] = &[
        "PUBLIC",
        "PUB",
        "CERT",
        "CERTIFICATE",
        "DIGEST",
        "HASH",
        "CHECKSUM",
        "SHA256",
        "SHA512",
        "FINGERPRINT",
        "INTEGRITY",
        "THUMBPRINT",
        "ETAG",
        "ID",
        "UUID",
        "SITEKEY",
    ];
    key.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::in_line;

    #[test]
    fn a_line_that_is_no_toml_hides_what_looks_like_a_credential() {
        assert!(in_line("DB_PASSWORD = \"hunter2").is_some());
        assert!(in_line("config = { API_TOKEN = \"hunter2\",, }").is_some());
        assert!(in_line("glpat-abcdefghijklmnopqrst").is_some());
        assert!(in_line("LOG_LEVEL = \"info").is_none());
    }
}
