//! What of a text, or of a document in it, is secret.

use super::embedded;
use crate::credential;
use crate::yaml::Value;
use std::ops::Range;

/// What of a text is secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hidden {
    /// These parts, in order and apart from each other.
    Parts(Vec<Range<usize>>),
    /// All of it: it holds a secret that stands there in another spelling.
    Whole,
}

/// Names of values that hold a credential among other things.
const CONNECTIONS: &[&str] = &["dsn", "connectionstring"];

/// Whether the value of a key is a secret, by the name of the key.
pub(super) fn names_a_secret(key: &str) -> bool {
    let plain = plain(key);
    credential::named(key).is_some() || CONNECTIONS.iter().any(|end| plain.ends_with(end))
}

/// Fields of an object that hold a secret themselves, whatever the kind; many others only have
/// such a word in their name, as `secretName` has.
pub(super) fn is_secret_field(key: &str) -> bool {
    const FIELDS: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "token",
        "apikey",
        "accesskey",
        "secretkey",
        "secretaccesskey",
        "privatekey",
        "clientsecret",
    ];
    FIELDS.contains(&plain(key).as_str())
}

/// Whether an argument of a command says that the next one is a secret: `--password`.
pub(super) fn announces(argument: &Value) -> bool {
    argument.as_str().is_some_and(credential::announces)
}

fn plain(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A secret that is shorter is not looked for in a text: it would be found everywhere.
const SHORTEST: usize = 4;

/// A text that is shorter is no credential by its form: `Bearer ` and six characters.
const SHORTEST_FORM: usize = 13;

/// What an unmasked text must not look like, or it could be taken for a masked one.
const MARK: &str = "‹masked #";

/// How many documents may stand one inside the other.
const DEEPEST: usize = 4;

/// Whether a text holds marks, or pretends to.
pub(super) fn has_marks(text: &str) -> bool {
    text.contains(MARK)
}

/// What of `text` is secret.
pub(super) fn within(text: &str) -> Hidden {
    within_depth(text, 0)
}

fn within_depth(text: &str, depth: usize) -> Hidden {
    if has_marks(text) {
        return Hidden::Whole;
    }
    // Most texts are names.
    if text.len() < SHORTEST_FORM && !text.contains(['=', ':']) {
        return Hidden::Parts(Vec::new());
    }
    let mut parts = by_form(text);
    let document = (depth < DEEPEST).then(|| embedded::document(text)).flatten();
    parts.extend(credential::assigned(text, document.is_some(), names_a_secret));
    if let Some(document) = document {
        let mut secrets = Vec::new();
        if leaves(&document, false, depth, &mut secrets).is_none() {
            return Hidden::Whole;
        }
        for secret in secrets {
            let found: Vec<_> = text.match_indices(&secret).collect();
            if found.is_empty() || secret.len() < SHORTEST {
                return Hidden::Whole;
            }
            parts.extend(found.into_iter().map(|(at, found)| at..at + found.len()));
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.sort_by_key(|part| (part.start, part.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for part in parts {
        match apart.last_mut() {
            Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
            _ => apart.push(part),
        }
    }
    Hidden::Parts(apart)
}

/// Where in a text credentials stand that show by their own form.
pub(super) fn by_form(text: &str) -> Vec<Range<usize>> {
    let random = credential::is_random(text).then_some(0..text.len());
    credential::within(text).into_iter().map(|found| found.range).chain(random).collect()
}

/// Whether a value below a key that names a secret is one: not a switch, nor a limit.
pub(super) fn is_secret_value(value: &Value) -> bool {
    match value {
        Value::String(text) => credential::is_literal(text),
        Value::Int(int) => credential::is_literal(&int.to_string()),
        Value::Float(_) => true,
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => false,
    }
}

/// The secrets of a document; nothing when one cannot be told.
fn leaves(value: &Value, secret: bool, depth: usize, found: &mut Vec<String>) -> Option<()> {
    match value {
        Value::Map(entries) => {
            let named = value.get("name").and_then(Value::as_str).is_some_and(names_a_secret);
            for (key, value) in entries {
                let secret = secret || names_a_secret(key) || named && key == "value";
                leaves(value, secret, depth, found)?;
            }
        }
        Value::List(items) => {
            for item in items {
                leaves(item, secret, depth, found)?;
            }
        }
        Value::String(text) if secret && is_secret_value(value) => found.push(text.clone()),
        Value::String(text) => match within_depth(text, depth + 1) {
            Hidden::Whole => return None,
            Hidden::Parts(parts) => {
                found.extend(parts.into_iter().map(|part| text[part].to_owned()));
            }
        },
        Value::Int(int) if secret && is_secret_value(value) => found.push(int.to_string()),
        Value::Float(float) if secret => found.push(float.to_string()),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(text: &str) -> Vec<&str> {
        match within(text) {
            Hidden::Whole => vec!["(all)"],
            Hidden::Parts(parts) => parts.into_iter().map(|part| &text[part]).collect(),
        }
    }

    #[test]
    fn secrets_show_by_their_form() {
        assert_eq!(secrets("postgres://app:pw@db:5432/x"), ["app:pw"]);
        assert_eq!(secrets("https://example.com/a@b"), [""; 0]);
        assert_eq!(secrets("use ghp_abcdefghijklmnop, now"), ["ghp_abcdefghijklmnop"]);
        assert_eq!(secrets("Authorization: Bearer hunter2-and-3"), ["hunter2-and-3"]);
        assert_eq!(secrets("Basic dXNlcjpwYXNzd29yZA=="), ["dXNlcjpwYXNzd29yZA=="]);
        assert_eq!(
            secrets("--url=https://hooks.slack.com/services/T0/B0/hunter2"),
            ["T0/B0/hunter2"]
        );
        assert_eq!(secrets("AccountName=a;AccountKey=xyz==;B=c"), ["xyz=="]);
        let pem = "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----";
        assert_eq!(secrets(&format!("a\n{pem}\nb")), [pem]);
        assert_eq!(secrets("-----BEGIN CERTIFICATE-----\nMII\n"), [""; 0]);
    }

    #[test]
    fn secrets_show_by_their_key() {
        for (text, expected) in [
            ("--db-password=hunter2", "hunter2"),
            ("MYSQL_PWD=hunter2", "hunter2"),
            ("REDIS_AUTH: hunter2\nb: 1\n", "hunter2"),
            ("ENCRYPTION_KEY='hunter2'", "hunter2"),
            ("host=db password=hunter2 user=x", "hunter2"),
            ("a = b\nDB_PASSWORD = hunter2 x\nc = d", "hunter2 x"),
            ("export API_KEY='hunter2'\n", "hunter2"),
            ("a: 1\n# old_password: hunter2\n", "hunter2"),
            ("server:\n  password: hunter2\n", "hunter2"),
            ("[db]\npassword = \"hunter2\"\n", "hunter2"),
            ("{\"password\":\"hunter2\"}", "hunter2"),
            ("broken: [\npassword: |\n  hunter2\n  more\nb: c", "|\n  hunter2\n  more\n"),
            ("- name: TOKEN\n  value: hunter2\n- name: b\n  value: x\n", "hunter2"),
            ("a: \"{\\\"token\\\": \\\"hunter2\\\"}\"\nb: 1\n", "hunter2"),
            ("credentials:\n  user: hunter2\n", "hunter2"),
        ] {
            assert_eq!(secrets(text), [expected], "{text}");
        }
        // Another spelling, or too short to be looked for.
        assert_eq!(secrets("password: \"hunter\\x32\"\nb: 1\n"), ["(all)"]);
        assert_eq!(secrets("password: |\n  two\n  lines\nb: 1\n"), ["(all)"]);
        assert_eq!(secrets("password: abc\nb: 1\n"), ["(all)"]);
        assert_eq!(secrets("‹masked #1›"), ["(all)"]);
    }

    #[test]
    fn what_is_no_secret_is_shown() {
        for text in [
            "token_ttl: 15m\nmax_tokens: 4096\n",
            "password_file: /etc/secrets/db\nb: 1\n",
            "registry.example.com/token-service:1.2",
            "secret: true\nb: 1\n",
            "PASSWORD_FILE=/etc/x",
            "PASSWORD_HASHER=argon2",
            "TOKEN_ENDPOINT=https://login.example.com/token",
            "secretName: db\nb: 1\n",
            "",
        ] {
            assert_eq!(secrets(text), [""; 0], "{text}");
        }
    }
}
