//! The files of a container.

use crate::quantity::Permissions;
use crate::spec::service::{self as written, Held, PerRegion, Scalar};
use std::sync::Arc;

/// A file in the container.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Its name, which tells its ConfigMap from others.
    pub name: String,
    /// Where it appears.
    pub path: String,
    /// What is in it.
    pub content: Content,
    /// The key of the spec that says so.
    pub key: &'static str,
    /// Who may read it and run it, where the spec says.
    pub mode: Option<Permissions>,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Text, which may differ by region.
    Text(PerRegion),
    /// Bytes that are no text, or none that manifests can hold as it is.
    Bytes(Arc<[u8]>),
}

impl Content {
    /// The regions that it speaks of, `default` among them; none when it is the same everywhere.
    pub fn regions(&self) -> Option<Vec<&str>> {
        if let Content::Text(text) = self { text.regions() } else { None }
    }

    /// The bytes of the longest that it is anywhere.
    pub fn size(&self) -> usize {
        match self {
            Content::Text(text) => text.texts().map(|text| text.len()).max().unwrap_or(0),
            Content::Bytes(bytes) => bytes.len(),
        }
    }
}

/// A file as the spec has it, or as it was read from `source`.
pub(super) fn file(file: written::File) -> File {
    let name = file.called();
    let text = |text: &str| PerRegion::Everywhere(Scalar::Text(text.to_owned()));
    let (content, key) = match (file.held, file.content) {
        (Some(Held::Text(held)), _) => (Content::Text(text(&held)), "source"),
        (Some(Held::Bytes(bytes)), _) => (Content::Bytes(bytes), "source"),
        (None, Some(content)) => (Content::Text(content), "content"),
        // It was reported, and no rule looks at it.
        (None, None) => (Content::Text(text("")), "source"),
    };
    File { name, path: file.path, content, key, mode: file.mode }
}
