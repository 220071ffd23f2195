//! Credentials that were written into a spec.
//!
//! A tree is committed: what stands in it is known to everybody who reads the repository, for
//! ever. So a literal that looks like a credential is refused, and no report shows it.

use super::check::Syntax;
use super::document::Node;
use crate::diag::{Code, Diagnostic, FileId, Sink, Span};
use toml::de::DeValue;

/// How credentials begin, and whose they are.
const PREFIXES: &[(&str, &str)] = &[
    ("AKIA", "an AWS access key"),
    ("ASIA", "an AWS access key"),
    ("ghp_", "a GitHub token"),
    ("gho_", "a GitHub token"),
    ("ghs_", "a GitHub token"),
    ("github_pat_", "a GitHub token"),
    ("glpat-", "a GitLab token"),
    ("xoxb-", "a Slack token"),
    ("xoxp-", "a Slack token"),
    ("sk_live_", "a Stripe key"),
    ("rk_live_", "a Stripe key"),
    ("AIza", "a Google API key"),
    ("npm_", "an npm token"),
    ("hvs.", "a Vault token"),
    ("eyJhbGciOi", "a JSON web token"),
];

/// Pieces of text that only a credential has.
const PIECES: &[(&str, &str)] = &[
    ("PRIVATE KEY-----", "a private key"),
    ("AccountKey=", "an Azure storage key"),
    ("SharedAccessKey=", "an Azure shared access key"),
    ("SharedAccessSignature=", "an Azure shared access signature"),
    ("&sig=", "an Azure shared access signature"),
];

/// How many digits a number has that may be a credential.
const LONG_NUMBER: usize = 6;

/// Words in a key that say that its value is a credential.
const KEY_WORDS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "API_KEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "CREDENTIAL",
    "CREDENTIALS",
];

/// Last words of a key that say that its value only leads to the credential, or bounds it.
const HARMLESS_ENDS: &[&str] = &[
    "FILE", "PATH", "DIR", "NAME", "REF", "URL", "URI", "HOST", "TTL", "LIFETIME", "LENGTH",
    "COUNT", "LIMIT", "EXPIRY", "TIMEOUT", "ENABLED", "ISSUER", "AUDIENCE", "TYPE", "POLICY",
];

/// Reports every value below `root` that looks like a credential, and returns their places: no
/// other finding may show what stands there.
pub(super) fn check(sink: &mut Sink, file: FileId, root: &Node<'_>, syntax: Syntax) -> Vec<Span> {
    let mut places = Vec::new();
    walk(file, root, &mut Vec::new(), &mut |place, what| {
        places.push(place);
        sink.error(finding(place, what, syntax));
    });
    places
}

/// Where in a line that is not TOML a credential may stand: no report of the mistake shows it.
pub(super) fn in_line(line: &str) -> Option<std::ops::Range<usize>> {
    let value = line.split_once('=').map_or(line, |(_, value)| value);
    let word = |c: char| c.is_whitespace() || "\"'[],{}=".contains(c);
    let found = looks_like(&[], value).is_some()
        || line.split(word).any(|word| is_secret_key(word) || looks_like(&[], word).is_some());
    found.then(|| line.len() - value.len()..line.len())
}

/// Whether a key only leads to a credential, or bounds it: `TOKEN_TTL`, `PASSWORD_FILE`.
pub(crate) fn is_harmless(key: &str) -> bool {
    let last = key.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    HARMLESS_ENDS.iter().any(|end| last.eq_ignore_ascii_case(end))
}

/// Where in a text credentials stand that show by their own form, without a key: byte ranges.
pub(crate) fn credentials(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let symbol = |c: char| c.is_ascii_alphanumeric() || "-_./+=".contains(c);
    let mut inside = false;
    for (at, c) in text.char_indices() {
        let begins = !std::mem::replace(&mut inside, c.is_ascii_alphanumeric()) && inside;
        let prefix = PREFIXES.iter().find(|(prefix, _)| begins && text[at..].starts_with(prefix));
        let Some((prefix, _)) = prefix else { continue };
        let length = text[at..].find(|c| !symbol(c)).unwrap_or(text.len() - at);
        if length >= prefix.len() + 12 {
            found.push(at..at + length);
        }
    }
    let pieces = PIECES.iter().filter(|(piece, _)| piece.ends_with('=') && text.contains('='));
    for (piece, _) in pieces {
        for (at, _) in text.match_indices(piece) {
            let from = at + piece.len();
            let ends = |c: char| c.is_whitespace() || ";&\"'".contains(c);
            found.push(from..text[from..].find(ends).map_or(text.len(), |end| from + end));
        }
    }
    for (at, _) in text.match_indices("://") {
        let from = at + 3;
        let ends = |c: char| c.is_whitespace() || "/?#\"'<>".contains(c);
        let authority = &text[from..text[from..].find(ends).map_or(text.len(), |end| from + end)];
        if let Some((user, _)) = authority.rsplit_once('@') {
            found.push(from..from + user.len());
        }
    }
    for (at, _) in text.match_indices("-----BEGIN ") {
        let header = text[at + 11..].split('\n').next().unwrap_or_default();
        let private = header.split("-----").next().is_some_and(|what| what.contains("PRIVATE KEY"));
        let end = text[at..].match_indices("PRIVATE KEY-----").nth(1);
        if private {
            found.push(at..end.map_or(text.len(), |(end, last)| at + end + last.len()));
        }
    }
    found
}

fn walk<'a>(
    file: FileId,
    node: &'a Node<'_>,
    keys: &mut Vec<&'a str>,
    found: &mut impl FnMut(Span, &'static str),
) {
    match node.get_ref() {
        DeValue::Table(table) => {
            for (key, value) in table {
                keys.push(key.get_ref());
                walk(file, value, keys, found);
                keys.pop();
            }
        }
        DeValue::Array(items) => items.iter().for_each(|item| walk(file, item, keys, found)),
        DeValue::String(text) => {
            if let Some(what) = looks_like(keys, text) {
                found(Span::new(file, node.span()), what);
            }
        }
        // A number of few digits is a length or a limit.
        DeValue::Integer(number) if number.as_str().len() >= LONG_NUMBER => {
            if let Some(what) = by_its_key(keys) {
                found(Span::new(file, node.span()), what);
            }
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

fn finding(place: Span, what: &str, syntax: Syntax) -> Diagnostic {
    let (note, help) = match syntax {
        Syntax::Toml => (
            "the tree is committed: everybody who can read it would know it",
            "put it into a Secret of the cluster and name that: \
             `[[secrets]]`, `name = \"…\"`, `mount = \"/etc/secrets/…\"`; \
             and replace the credential, it has been written down",
        ),
        Syntax::Json => (
            "records are kept for years: everybody who can read them would know it",
            "take it out; and replace the credential, it has been written down",
        ),
    };
    Diagnostic::new(Code::SECRET_LITERAL, format!("this looks like {what}"))
        .at(place, "hidden from this report")
        .hiding(place)
        .note(note)
        .help(help)
}

fn looks_like(keys: &[&str], text: &str) -> Option<&'static str> {
    let long = |prefix: &str| text.starts_with(prefix) && text.len() >= prefix.len() + 12;
    let prefixed = PREFIXES.iter().find(|(prefix, _)| long(prefix));
    let piece = PIECES.iter().find(|(piece, _)| text.contains(piece));
    if let Some((_, what)) = prefixed.or(piece) {
        return Some(what);
    }
    if has_password_in_url(text) {
        return Some("a URL with a password");
    }
    by_its_key(keys).filter(|_| !text.is_empty())
}

fn by_its_key(keys: &[&str]) -> Option<&'static str> {
    let in_config = keys.first() == Some(&"config");
    (in_config && keys.iter().skip(1).any(|key| is_secret_key(key)))
        .then_some("a credential, by the name of its key")
}

fn is_secret_key(key: &str) -> bool {
    let upper = key.to_ascii_uppercase();
    let last = upper.rsplit('_').next().unwrap_or_default();
    let bounded = |word: &str| {
        upper.match_indices(word).any(|(at, _)| {
            let before = upper[..at].chars().next_back().is_none_or(|c| c == '_');
            let after = upper[at + word.len()..].chars().next().is_none_or(|c| c == '_');
            before && after
        })
    };
    !HARMLESS_ENDS.contains(&last) && KEY_WORDS.iter().any(|word| bounded(word))
}

/// `scheme://user:password@host`
fn has_password_in_url(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let rest = &text[at + 3..];
        let authority = &rest[..rest.find(['/', '?', '#', ' ']).unwrap_or(rest.len())];
        let Some((user, _)) = authority.rsplit_once('@') else { return false };
        user.split_once(':').is_some_and(|(_, password)| {
            !password.is_empty() && !password.starts_with(['$', '{', '<'])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{in_line, looks_like};

    #[test]
    fn credentials_are_seen_and_their_neighbours_are_not() {
        let at = |key: &str, text: &str| looks_like(&["config", key], text).is_some();
        assert!(at("DB_PASSWORD", "hunter2"));
        assert!(at("URL", "postgres://app:hunter2@db/orders"));
        assert!(at("X", "AKIAIOSFODNN7EXAMPLE"));
        assert!(at("X", "-----BEGIN RSA PRIVATE KEY-----\nMII"));
        assert!(!at("DB_PASSWORD_FILE", "/etc/secrets/db/password"));
        assert!(!at("DB_PASSWORD", ""));
        assert!(!at("TOKENIZER", "wordpiece"));
        assert!(!at("TOKEN_TTL", "15m"));
        assert!(!at("URL", "postgres://app@db:5432/orders"));
        assert!(!at("URL", "postgres://app:$(PASSWORD)@db/orders"));
        assert!(looks_like(&["args"], "glpat-abcdefghijklmnopqrst").is_some());
        assert!(in_line("DB_PASSWORD = \"hunter2").is_some());
        assert!(in_line("config = { API_TOKEN = \"hunter2\",, }").is_some());
        assert!(in_line("glpat-abcdefghijklmnopqrst").is_some());
        assert!(in_line("LOG_LEVEL = \"info").is_none());
    }
}
