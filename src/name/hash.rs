//! Digests, and the suffixes that names are made with.

use crate::kube::id::{SUFFIX_ALPHABET, SUFFIX_LENGTH};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::io::Write;
use std::str::FromStr;

/// A BLAKE3 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub(super) [u8; 32]);

impl Digest {
    /// The digest of bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(*blake3::hash(bytes).as_bytes())
    }

    /// The digest of a text of which these are the parts.
    pub fn of_parts(parts: &[&str]) -> Digest {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(part.as_bytes());
        }
        Digest(*hasher.finalize().as_bytes())
    }
}

/// Hexadecimal digits.
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The digits of each byte.
const PAIRS: [[u8; 2]; 256] = {
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < pairs.len() {
        pairs[byte] = [DIGITS[byte >> 4], DIGITS[byte & 15]];
        byte += 1;
    }
    pairs
};

impl Digest {
    /// In hexadecimal.
    fn digits(&self) -> [u8; 64] {
        let mut text = [0; 64];
        let (pairs, _) = text.as_chunks_mut::<2>();
        for (pair, byte) in pairs.iter_mut().zip(self.0) {
            *pair = PAIRS[usize::from(byte)];
        }
        text
    }
}

/// In hexadecimal.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.digits()).expect("digits are ASCII"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads what [`Display`](fmt::Display) writes.
impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Digest, NotADigest> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut digest = [0; 32];
        if pairs.len() != digest.len() || !rest.is_empty() {
            return Err(NotADigest);
        }
        let mut all = 0;
        for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
            let (high, low) = (VALUES[usize::from(*high)], VALUES[usize::from(*low)]);
            all |= high | low;
            *byte = high << 4 | low;
        }
        if all <= 15 { Ok(Digest(digest)) } else { Err(NotADigest) }
    }
}

/// What each character is worth as a hexadecimal digit; more than 15 where it is none.
const VALUES: [u8; 256] = {
    let mut values = [u8::MAX; 256];
    let mut value = 0_u8;
    while value < 16 {
        values[DIGITS[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// A text that is no digest.
#[derive(Debug)]
pub struct NotADigest;

impl fmt::Display for NotADigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest has 64 hexadecimal digits, in small letters")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.digits()).expect("digits are ASCII"))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        deserializer.deserialize_str(Reader)
    }
}

/// Reads a digest where it stands, and makes no text of it.
struct Reader;

impl Visitor<'_> for Reader {
    type Value = Digest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Digest, E> {
        text.parse().map_err(E::custom)
    }
}

/// Takes the digest of what is written to `to`.
#[derive(Debug)]
pub struct Digesting<W> {
    to: W,
    hasher: blake3::Hasher,
}

impl<W: Write> Digesting<W> {
    /// Nothing is written yet.
    pub fn new(to: W) -> Digesting<W> {
        Digesting { to, hasher: blake3::Hasher::new() }
    }

    /// The digest of all that was.
    pub fn digest(&self) -> Digest {
        Digest(*self.hasher.finalize().as_bytes())
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

/// The suffix of a name: the digest's first 8 bytes as a little-endian number, written in base 27
/// with [`SUFFIX_LENGTH`] symbols, the lowest first. About 47 bits.
pub fn suffix(digest: &Digest) -> String {
    let first: [u8; 8] = digest.0[..8].try_into().expect("a digest has 32 bytes");
    let mut number = u64::from_le_bytes(first);
    let symbols = SUFFIX_ALPHABET.as_bytes();
    let base = symbols.len() as u64;
    (0..SUFFIX_LENGTH)
        .map(|_| {
            let symbol = symbols[usize::try_from(number % base).expect("less than 27")];
            number /= base;
            char::from(symbol)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::Kind;
    use crate::name::Content;
    use crate::yaml::read::document;
    use expect_test::{Expect, expect};

    fn check(kind: &Kind, yaml: &str, paths: &[&str], expected: Expect) {
        let digest = Content::of_paths(kind, &document(yaml).unwrap(), paths).digest();
        expected.assert_eq(&format!("{} {digest}", suffix(&digest)));
    }

    const DATA: &[&str] = &["data", "binaryData"];

    // If one of these changes, every object of every user is renamed: never change them.
    #[test]
    fn the_scheme_is_pinned() {
        check(
            &Kind::ConfigMap,
            "data: {A: '1'}",
            DATA,
            expect!["mgjktd9f4w a7d3ec596f862c3a7c25d4ff2d566fac703d9b186ccc8f8d63468b40f1b610c4"],
        );
        check(
            &Kind::ConfigMap,
            "data: {}",
            DATA,
            expect!["6h2m97sjw9 a52263fbf63e6da1a4582f8c4419183610b87c807f52a9132ed8da3339defa84"],
        );
        check(
            &Kind::ConfigMap,
            "x: 1",
            DATA,
            expect!["srdf7wch77 413705903fea097e987939f424042c0cca503436fc7a70a3c5f7f4fa300dfed5"],
        );
        check(
            &Kind::Deployment,
            "spec: {template: {a: [1, -1, true, false, null, 1.5, ä]}}",
            &["spec.template"],
            expect!["p6xd48tnvr 80cb93f6eeb5ee58ae9d84f93c5b40c436d65c0318e4aadab0861a210077652a"],
        );
    }

    #[test]
    fn spelling_does_not_matter_and_meaning_does() {
        let digest = |yaml: &str| {
            Content::of_paths(&Kind::ConfigMap, &document(yaml).unwrap(), DATA).digest()
        };
        let one = digest("data: {A: '1', B: x}");
        assert_eq!(
            one,
            digest("# a comment\nmetadata: {name: other}\ndata:\n  \"B\": 'x'\n  A: \"1\"\n")
        );
        assert_ne!(one, digest("data: {A: 1, B: x}"));
        assert_ne!(one, digest("data: {A: '1B', B: ''}"));
        assert_ne!(digest("data: {}"), digest("binaryData: {}"));
    }
}
