//! The content of an object as bytes: what is hashed, and how.
//!
//! The bytes follow from the meaning, never from the spelling: not from the order of fields, not
//! from comments, quotes or line breaks of a manifest. They are the text `ninefold/1` and a zero
//! byte, then the kind as a string, then the number of fields and each field: its path as a
//! string, and its value. A value is one byte for its type and
//!
//! | type | byte | then |
//! |---|---|---|
//! | nothing there | `-` | |
//! | null | `n` | |
//! | boolean | `t` or `f` | |
//! | whole number | `i` | 8 bytes, little endian, two's complement |
//! | number with a fraction | `d` | 8 bytes, little endian, IEEE 754 |
//! | string | `s` | its length in bytes (8 bytes, little endian), its UTF-8 bytes |
//! | list | `l` | the number of items (8 bytes, little endian), each item |
//! | map | `m` | the number of entries, each key as a string and its value, by the bytes of the keys |
//!
//! A reference to an object with a hashed name is the string `\0` and the digest of that object's
//! content in hexadecimal: names form a Merkle tree, and no string of a spec has a zero byte. A
//! reference to an object with a stable name is that name.
//!
//! The version in the text at the front is that of this page. An upgrade of Ninefold never
//! changes the bytes of a version, as that would rename, and so replace, everything everywhere.

use super::hash::Digest;
use crate::kube::Kind;
use crate::yaml::Value;

const SCHEME: &[u8] = b"ninefold/1\0";

/// Canonical bytes.
#[derive(Debug)]
pub struct Content(Vec<u8>);

impl Content {
    /// The fields at `paths` of an object.
    pub fn of_paths(kind: &Kind, object: &Value, paths: &[&str]) -> Content {
        let mut content = Content::begin(kind, paths.len());
        for path in paths {
            content.string(path);
            match path.split('.').try_fold(object, |value, key| value.get(key)) {
                Some(value) => content.value(value),
                None => content.bytes(b"-"),
            }
        }
        content
    }

    /// Everything that an object says.
    pub fn of_object(kind: &Kind, object: &Value) -> Content {
        let mut content = Content::begin(kind, 1);
        content.string("");
        content.value(object);
        content
    }

    /// The digest of the bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }

    fn begin(kind: &Kind, fields: usize) -> Content {
        let mut content = Content(Vec::with_capacity(4096));
        content.bytes(SCHEME);
        content.string(kind.name());
        content.bytes(&(fields as u64).to_le_bytes());
        content
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The byte of a type, and the eight that follow it; most of what is written is one of these.
    fn typed(&mut self, byte: u8, [a, b, c, d, e, f, g, h]: [u8; 8]) {
        self.bytes(&[byte, a, b, c, d, e, f, g, h]);
    }

    fn string(&mut self, text: &str) {
        self.typed(b's', (text.len() as u64).to_le_bytes());
        self.bytes(text.as_bytes());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.bytes(b"n"),
            Value::Bool(true) => self.bytes(b"t"),
            Value::Bool(false) => self.bytes(b"f"),
            Value::Int(int) => self.typed(b'i', int.to_le_bytes()),
            Value::Float(float) => self.typed(b'd', float.to_le_bytes()),
            Value::String(text) => self.string(text),
            Value::List(items) => {
                self.typed(b'l', (items.len() as u64).to_le_bytes());
                items.iter().for_each(|item| self.value(item));
            }
            Value::Map(entries) => {
                self.typed(b'm', (entries.len() as u64).to_le_bytes());
                let mut entry = |(key, value): &(String, Value)| {
                    self.string(key);
                    self.value(value);
                };
                if entries.is_sorted_by(|(a, _), (b, _)| a < b) {
                    entries.iter().for_each(entry);
                } else {
                    let mut entries: Vec<&(String, Value)> = entries.iter().collect();
                    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
                    entries.into_iter().for_each(&mut entry);
                }
            }
        }
    }
}

/// What stands for a reference to an object with a hashed name.
pub(super) fn reference(digest: &Digest) -> String {
    format!("\0{digest}")
}
