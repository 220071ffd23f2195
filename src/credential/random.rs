//! Texts that only a generator makes.

use super::forms::decoded;

/// Shorter ones may be words, longer ones are data.
const LENGTHS: std::ops::RangeInclusive<usize> = 32..=128;

/// How often the next character of random letters and digits is of another class: 63 of 100. Names
/// of things, in whatever case, stay below this.
const CHANGES: f64 = 0.45;

/// What other texts of this look begin with: digests of subresources, public keys, publishable keys.
const PUBLIC: &[&str] =
    &["sha256-", "sha384-", "sha512-", "AAAA", "pk_", "pk-", "6L", "H4sI", "iVBOR"];

/// Whether `text` is nothing but random letters and digits of both cases, as generators of
/// passwords and keys make them. Hexadecimal digits are no such text: digests, UUIDs and commits
/// look the same.
pub(crate) fn is_random(text: &str) -> bool {
    let symbol = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte);
    if !LENGTHS.contains(&text.len())
        || !text.bytes().all(symbol)
        || PUBLIC.iter().any(|start| text.starts_with(start))
        || text.starts_with('/')
        || has_uuid(text)
    {
        return false;
    }
    let class = |byte: u8| match byte {
        b'A'..=b'Z' => 0,
        b'a'..=b'z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let count = |wanted: i32| text.bytes().filter(|byte| class(*byte) == wanted).count();
    let plain = text.trim_end_matches('=').as_bytes();
    let changes = plain.windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    #[expect(clippy::cast_precision_loss, reason = "both are small")]
    let often = changes as f64 >= CHANGES * (plain.len() - 1) as f64;
    // Words between dashes or slashes are names and paths.
    let pieces = count(3) > text.len() / 8;
    let mixed = count(0) >= 3 && count(1) >= 3 && count(2) >= 1;
    often && !pieces && mixed && !is_encoded(text)
}

/// Whether there are groups of 8, 4, 4, 4 and 12 hexadecimal digits: the id of something.
fn has_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split(['-', '/']).collect();
    groups.windows(5).any(|groups| {
        groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
            && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
    })
}

/// Whether it is base64 of text, or of a public key.
fn is_encoded(text: &str) -> bool {
    let Some(bytes) = decoded(text) else { return false };
    let printable = bytes.iter().filter(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')).count();
    let point = bytes.len() == 65 && bytes.first() == Some(&4);
    // A DER sequence in a sequence: a public key or a certificate.
    let public = bytes.first() == Some(&0x30) && bytes.iter().skip(1).take(4).any(|b| *b == 0x30);
    printable * 20 >= bytes.len() * 19 || point || public
}
