//! Credentials that show by their own form, whatever stands beside them.

mod table; // the forms

use super::{Found, is_placeholder};
use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use table::{SIGNATURES, TOKENS, WEB_TOKEN, WEBHOOKS, alphanumeric, may_begin, url_safe, word};

/// The fewest characters of a token. Most texts have fewer.
const SHORTEST_TOKEN: usize = 17;

/// Fewer characters of an address are no secret.
const SHORTEST_PATH: usize = 8;

/// The credentials in a text that show by their form.
pub(crate) fn within(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    if text.len() >= SHORTEST_TOKEN {
        tokens(text, &mut found);
    }
    if text.contains('=') {
        signatures(text, &mut found);
    }
    if text.contains("://") {
        urls(text, &mut found);
    }
    if text.contains(' ') {
        headers(text, &mut found);
    }
    if text.len() >= SHORTEST_HEADER {
        private_keys(text, &mut found);
    }
    found
}

fn tokens(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let run = |from: usize, body: fn(u8) -> bool| {
        bytes[from..].iter().take_while(|byte| body(**byte)).count()
    };
    for (at, two) in bytes.array_windows::<2>().enumerate() {
        if !may_begin(*two) || at > 0 && word(bytes[at - 1]) {
            continue;
        }
        let known = TOKENS.iter().find_map(|token| {
            let from = at + token.prefix.len();
            let begins = bytes[at..].starts_with(token.prefix.as_bytes());
            let length = if begins { run(from, token.body) } else { 0 };
            (begins && length >= token.min)
                .then(|| Found { range: at..from + length, what: token.what })
        });
        if let Some(token) = known {
            found.push(token);
        } else if bytes[at..].starts_with(WEB_TOKEN) {
            let end = at + run(at, |byte| url_safe(byte) || byte == b'.');
            let parts: Vec<&str> = text[at..end].split('.').collect();
            if let [head, claims, ..] = parts.as_slice()
                && parts.len() >= 3
                && head.len() >= 12
                && (claims.as_bytes().starts_with(WEB_TOKEN) || parts.len() == 5)
            {
                found.push(Found { range: at..end, what: "a JSON web token" });
            }
        }
    }
}

fn signatures(text: &str, found: &mut Vec<Found>) {
    for (piece, what) in SIGNATURES {
        for at in places(text, piece) {
            let from = at + piece.len();
            let ends = |c: char| c.is_whitespace() || ";&\"'".contains(c);
            let to = text[from..].find(ends).map_or(text.len(), |end| from + end);
            if to > from && !is_placeholder(&text[from..to]) {
                found.push(Found { range: from..to, what });
            }
        }
    }
}

/// Where a piece begins in a text. Most texts do not have it, and to see that takes less time than to
/// get ready for all its places.
fn places(text: &str, piece: &str) -> impl Iterator<Item = usize> {
    let found = text.contains(piece).then(|| text.match_indices(piece));
    found.into_iter().flatten().map(|(at, _)| at)
}

/// `scheme://user:password@host`, a key in the place of the user, and webhooks.
fn urls(text: &str, found: &mut Vec<Found>) {
    for (at, _) in text.match_indices("://") {
        let from = at + 3;
        let ends = |c: char| c.is_whitespace() || "\"'<>`|\\".contains(c);
        let url = &text[from..text[from..].find(ends).map_or(text.len(), |end| from + end)];
        // `<…>` may stand for a part of it.
        let authority = text[from..].split(['/', '?', '#', '"', '\'', ' ', '\n', '\t']).next();
        let authority = authority.unwrap_or_default();
        if let Some((user, _)) = authority.rsplit_once('@') {
            let secret = match user.split_once(':') {
                Some((_, password)) => !password.is_empty() && !is_placeholder(password),
                None => user.len() >= 20 && is_a_key(user),
            };
            if secret {
                found.push(Found { range: from..from + user.len(), what: "a URL with a password" });
            }
        }
        let Some(path) = url.find(['/', '?']) else { continue };
        let host = url[..path].rsplit('@').next().unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let hook = WEBHOOKS.iter().find_map(|(known, piece, what)| {
            let own = host.strip_suffix(known)?;
            let at = path + url[path..].find(piece)? + piece.len();
            let long = url.len() >= at + SHORTEST_PATH && !url[at..].contains(['$', '{']);
            ((own.is_empty() || own.ends_with('.')) && long)
                .then(|| Found { range: from + at..from + url.len(), what })
        });
        found.extend(hook);
    }
}

fn is_a_key(text: &str) -> bool {
    text.bytes().all(alphanumeric)
        && text.bytes().filter(u8::is_ascii_digit).count() >= 3
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// `Bearer …` and `Basic …`, as they stand in a header.
fn headers(text: &str, found: &mut Vec<Found>) {
    for scheme in ["bearer", "basic"] {
        for (space, _) in text.match_indices(' ') {
            let Some(at) = space.checked_sub(scheme.len()) else { continue };
            if !text.as_bytes()[at..space].eq_ignore_ascii_case(scheme.as_bytes())
                || text[..at].ends_with(|c: char| c.is_alphanumeric())
            {
                continue;
            }
            let from = space + 1;
            let symbol = |c: char| c.is_ascii_alphanumeric() || "-._~+/=:".contains(c);
            let to = text[from..].find(|c| !symbol(c)).map_or(text.len(), |end| from + end);
            let value = &text[from..to];
            let before = text[..at].trim_end();
            let alone = before.is_empty() || before.ends_with([':', '=', '"', '\'']);
            let alone = alone && text[to..].trim_start_matches(['"', '\'']).trim().is_empty();
            let what = match scheme {
                "basic" => is_user_and_password(value).then_some("a user with a password"),
                _ => is_bearer(value, alone).then_some("a bearer token"),
            };
            found.extend(what.map(|what| Found { range: from..to, what }));
        }
    }
}

fn is_bearer(value: &str, alone: bool) -> bool {
    let digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let mixed = value.bytes().skip(1).any(|byte| byte.is_ascii_uppercase())
        && value.bytes().any(|byte| byte.is_ascii_lowercase());
    let min = match (digit || mixed, alone) {
        (true, true) => 6,
        (true, false) => 12,
        // A word of prose.
        (false, true) => 16,
        (false, false) => 24,
    };
    value.len() >= min && !value.contains(':') && !value.trim_end_matches('=').contains('=')
}

fn is_user_and_password(value: &str) -> bool {
    let Some(decoded) = decoded(value) else { return false };
    let Ok(text) = String::from_utf8(decoded) else { return false };
    let password = text.split_once(':').map(|(_, password)| password);
    !text.chars().any(char::is_control)
        && password.is_some_and(|password| !password.is_empty() && !is_placeholder(password))
}

/// What a text of base64 says, in either alphabet, with or without padding.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, config).decode(text).ok()
}

/// The fewest characters of what a file with a key begins with.
const SHORTEST_HEADER: usize = "-----BEGIN ".len();

/// The fewest characters of a key in base64.
const SHORTEST_KEY: usize = 64;

/// PEM, PEM in base64, DER in base64, and the files of `PuTTY`.
fn private_keys(text: &str, found: &mut Vec<Found>) {
    const WHAT: &str = "a private key";
    for at in places(text, "-----BEGIN ") {
        let header = text[at + 11..].split('\n').next().unwrap_or_default();
        if header.split("-----").next().is_some_and(|what| what.contains("PRIVATE KEY")) {
            let end = text[at..].find("-----END ").map(|end| {
                let last = at + end + 9;
                let closes = text[last..].find("-----").map(|closes| last + closes + 5);
                closes.unwrap_or(text.len())
            });
            found.push(Found { range: at..end.unwrap_or(text.len()), what: WHAT });
        }
    }
    for at in places(text, "PuTTY-User-Key-File-") {
        found.push(Found { range: at..text.len(), what: WHAT });
    }
    if text.len() < SHORTEST_KEY {
        return;
    }
    // `-----BEGIN`, and a DER sequence.
    for start in ["LS0tLS1CRUdJ", "MI", "MC", "MH"] {
        for at in places(text, start) {
            let symbol = |byte: u8| alphanumeric(byte) || byte == b'+' || byte == b'/';
            if at > 0 && symbol(text.as_bytes()[at - 1]) {
                continue;
            }
            let length = text.as_bytes()[at..].iter().take_while(|byte| symbol(**byte)).count();
            if length < SHORTEST_KEY {
                continue;
            }
            // An unfinished group of four says nothing yet.
            let Some(bytes) = decoded(&text[at..at + length / 4 * 4]) else { continue };
            let pem = bytes.starts_with(b"-----BEGIN ")
                && String::from_utf8_lossy(&bytes)
                    .lines()
                    .next()
                    .is_some_and(|line| line.contains("PRIVATE KEY"));
            if pem || is_private_der(&bytes) {
                found.push(Found { range: at..at + length, what: WHAT });
            }
        }
    }
}

/// PKCS #1, PKCS #8 and SEC 1 begin with a sequence and the version 0 or 1; a public key and a
/// certificate, with a sequence in a sequence (RFC 8017, 5958, 5915, 5280).
fn is_private_der(bytes: &[u8]) -> bool {
    let content = match bytes {
        [0x30, 0x82, _, _, content @ ..] | [0x30, 0x81, _, content @ ..] => content,
        [0x30, length, content @ ..] if *length < 0x80 => content,
        _ => return false,
    };
    matches!(content, [0x02, 0x01, 0x00 | 0x01, 0x30 | 0x02 | 0x04, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_is_shorter_than_the_shortest() {
        let lengths = TOKENS.iter().map(|token| token.prefix.len() + token.min);
        assert_eq!(lengths.min(), Some(SHORTEST_TOKEN));
    }

    #[test]
    fn no_token_is_passed_over_for_its_first_two_bytes() {
        for token in TOKENS.iter().map(|token| token.prefix.as_bytes()).chain([WEB_TOKEN]) {
            assert!(may_begin([token[0], token[1]]), "{token:?}");
        }
        assert!(!may_begin(*b"or"));
    }
}
