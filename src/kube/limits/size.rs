//! How large things may be: to etcd, to the API server, to whoever applies them.

use super::{Found, Path, Refusal};
use crate::yaml::Value;

/// The most bytes of one argument or one environment variable, with its name, `=` and the byte that
/// ends it: `MAX_ARG_STRLEN`, 32 pages of 4 KiB (Linux `include/uapi/linux/binfmts.h`).
pub const LONGEST_STRING: usize = 32 * 4096;

/// The most bytes of all of them, and of the pointers to them: a quarter of the stack, which is 8 MiB
/// where nobody says otherwise (Linux `fs/exec.c`, `bprm_stack_limits`).
pub const STRINGS: usize = 8 * 1024 * 1024 / 4;

/// The most bytes of all annotations of an object (Kubernetes `TotalAnnotationSizeLimitB`).
pub const ANNOTATIONS: usize = 256 * 1024;

/// The most bytes of the values of a ConfigMap or a Secret (Kubernetes `MaxSecretSize`).
const DATA: usize = 1024 * 1024;

/// The most bytes of a request to etcd (`DefaultMaxRequestBytes`).
const REQUEST: usize = 3 * 1024 * 1024 / 2;

/// Reports what is too large of an object.
pub(super) fn check(group: &str, kind: &str, value: &Value, found: &mut Found) {
    let root = Path::root();
    if group.is_empty() && ["ConfigMap", "Secret"].contains(&kind) {
        let of = |key: &str| value.get(key).map(Value::entries).unwrap_or_default().iter();
        let text = |(_, value): &(String, Value)| value.as_str().map_or(0, str::len);
        // Three bytes are four signs of base64.
        let coded = if kind == "Secret" { of("data") } else { of("binaryData") };
        let plain = if kind == "Secret" { of("stringData") } else { of("data") };
        let bytes: usize = plain.map(text).sum::<usize>() + coded.map(text).sum::<usize>() / 4 * 3;
        if bytes > DATA {
            let what = format!("has {bytes} bytes, {DATA} are the most");
            let instead = Some("put it into the image, or fetch it at the start".to_owned());
            found.report(Refusal::Size, &root.key("data"), what, instead);
            return;
        }
    }
    if bound(value) <= REQUEST {
        return;
    }
    let whole = length(value);
    if whole > REQUEST {
        let what = format!("the whole object has {whole} bytes, and etcd takes {REQUEST}");
        let instead = Some("make several objects of it".to_owned());
        found.report(Refusal::Size, &root, what, instead);
    }
}

/// Reports annotations that are too large together: of an object, or of the pods that it makes.
pub(super) fn annotations(annotations: &Value, path: &Path<'_>, found: &mut Found) {
    let bytes = texts(annotations);
    if bytes > ANNOTATIONS {
        let what = format!("have {bytes} bytes, {ANNOTATIONS} are the most");
        let instead = Some("put it into a ConfigMap".to_owned());
        found.report(Refusal::Size, path, what, instead);
    }
}

/// How many bytes the annotations of an object have once client-side apply has noted the whole object
/// down among them, where that is more than the API server takes.
pub fn applied(value: &Value) -> Option<usize> {
    let annotations = value.at(&["metadata", "annotations"]).map(texts).unwrap_or_default();
    // The key of that annotation, and the line break at the end of its value.
    let note = "kubectl.kubernetes.io/last-applied-configuration".len() + 1;
    if bound(value) + annotations + note <= ANNOTATIONS {
        return None;
    }
    let bytes = length(value) + annotations + note;
    (bytes > ANNOTATIONS).then_some(bytes)
}

/// The bytes of the keys and texts of a map.
fn texts(map: &Value) -> usize {
    let entry = |(key, value): &(String, Value)| key.len() + value.as_str().map_or(0, str::len);
    map.entries().iter().map(entry).sum()
}

/// At least the bytes of a value as JSON: no text is looked into, which nearly every object is spared so.
fn bound(value: &Value) -> usize {
    // A byte may become six: `\u003c`.
    let text = |text: &str| 2 + 6 * text.len();
    match value {
        Value::Null | Value::Bool(_) | Value::Int(_) => 20,
        // It is written without an exponent.
        Value::Float(_) => 330,
        Value::String(written) => text(written),
        Value::List(items) => 2 + items.iter().map(|item| bound(item) + 1).sum::<usize>(),
        Value::Map(entries) => {
            2 + entries.iter().map(|(key, value)| text(key) + bound(value) + 2).sum::<usize>()
        }
    }
}

/// The bytes of a value as JSON.
fn length(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Int(number) => number.to_string().len(),
        Value::Float(number) => number.to_string().len(),
        Value::String(text) => quoted(text),
        Value::List(items) => 2 + items.iter().map(|item| length(item) + 1).sum::<usize>(),
        Value::Map(entries) => {
            2 + entries.iter().map(|(key, value)| quoted(key) + length(value) + 2).sum::<usize>()
        }
    }
}

/// The bytes of a text in quotes; Go escapes what HTML reads, too.
fn quoted(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 1,
        0..0x20 | b'<' | b'>' | b'&' => 5,
        _ => 0,
    };
    2 + text.len() + text.bytes().map(escaped).sum::<usize>()
}
