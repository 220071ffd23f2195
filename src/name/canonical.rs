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
        content.length(fields);
        content
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn length(&mut self, length: usize) {
        self.bytes(&(length as u64).to_le_bytes());
    }

    fn string(&mut self, text: &str) {
        self.bytes(b"s");
        self.length(text.len());
        self.bytes(text.as_bytes());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.bytes(b"n"),
            Value::Bool(true) => self.bytes(b"t"),
            Value::Bool(false) => self.bytes(b"f"),
            Value::Int(int) => {
                self.bytes(b"i");
                self.bytes(&int.to_le_bytes());
            }
            Value::Float(float) => {
                self.bytes(b"d");
                self.bytes(&float.to_le_bytes());
            }
            Value::String(text) => self.string(text),
            Value::List(items) => {
                self.bytes(b"l");
                self.length(items.len());
                items.iter().for_each(|item| self.value(item));
            }
            Value::Map(entries) => {
                self.bytes(b"m");
                self.length(entries.len());
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
