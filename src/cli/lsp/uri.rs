//! Paths as the protocol has them: `file:///home/ada/specs/orders.toml`.

use lsp_types::Uri;
use std::path::{Path, PathBuf};

/// The path of a file; nothing for what is no file.
pub(super) fn path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    // Between the slashes stands a host, which is this one.
    let path = &rest[rest.find('/')?..];
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = decoded(path)?;
    // `/C:/specs`, on Windows.
    let drive = path.as_bytes().get(2) == Some(&b':') && cfg!(windows);
    Some(PathBuf::from(if drive { &path[1..] } else { &path }))
}

/// The name of a file; nothing where the path is none that the protocol could name.
pub(super) fn of(path: &Path) -> Option<Uri> {
    let path = path.to_str()?.replace('\\', "/");
    let path = path.strip_prefix("//?/").unwrap_or(&path);
    let mut text = "file://".to_owned();
    if !path.starts_with('/') {
        text.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text.parse().ok()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_a_name_and_is_found_by_it() {
        for path in ["/a/specs/orders.toml", "/a b/ü#?%/[x].toml"] {
            assert_eq!(super::path(&of(Path::new(path)).unwrap()), Some(PathBuf::from(path)));
        }
        for other in ["untitled:1", "file:relative", "https://example.com/a.toml", "file:///%zz"] {
            let uri: Result<Uri, _> = other.parse();
            assert_eq!(uri.ok().and_then(|uri| super::path(&uri)), None, "{other}");
        }
    }
}
