//! A TOML file as a tree in which every key and every value knows its place.

use crate::diag::{Code, Diagnostic, FileId, Sink, Sources, Span};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value of a TOML text, with its place.
pub(super) type Node<'a> = Spanned<DeValue<'a>>;

/// Parses `file`; reports every syntax error.
pub(super) fn parse<'a>(sink: &mut Sink, sources: &'a Sources, file: FileId) -> Option<Node<'a>> {
    let (root, errors) = DeTable::parse_recoverable(&sources.get(file).text);
    for error in &errors {
        let range = error.span().unwrap_or(0..0);
        sink.error(
            Diagnostic::new(Code::TOML_SYNTAX, error.message().replace('\n', ", "))
                .at(Span::new(file, range), "here"),
        );
    }
    let span = root.span();
    let root = dates_as_text(DeValue::Table(root.into_inner()));
    errors.is_empty().then(|| Spanned::new(span, root))
}

/// TOML has dates of its own; `until = 2027-01-31` means the same as `until = "2027-01-31"`.
fn dates_as_text(value: DeValue<'_>) -> DeValue<'_> {
    match value {
        DeValue::Datetime(date) => DeValue::String(date.to_string().into()),
        DeValue::Array(items) => {
            let items = items.iter().cloned();
            DeValue::Array(items.map(|node| spanned(node.span(), node.into_inner())).collect())
        }
        DeValue::Table(table) => {
            let entries = table.into_iter();
            DeValue::Table(
                entries.map(|(key, node)| (key, spanned(node.span(), node.into_inner()))).collect(),
            )
        }
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => value,
    }
}

fn spanned(span: std::ops::Range<usize>, value: DeValue<'_>) -> Node<'_> {
    Spanned::new(span, dates_as_text(value))
}

/// Where everything stands in one TOML file.
#[derive(Clone, Debug)]
pub struct Document {
    file: FileId,
    root: Place,
}

/// Where a value stands, and what is in it.
#[derive(Clone, Debug)]
struct Place {
    key: Option<Span>,
    value: Span,
    children: BTreeMap<String, Place>,
}

impl Document {
    /// The places of a parsed file.
    pub(super) fn new(file: FileId, root: &Node<'_>) -> Document {
        Document { file, root: place(file, None, root) }
    }

    /// The file it was read from.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The place of the value at `path`, or of its nearest ancestor that was written.
    ///
    /// Items of a list are named by their number: `["ports", "1", "port"]`.
    pub fn at(&self, path: &[&str]) -> Span {
        self.nearest(path).map_or(Span::start_of(self.file), |place| place.value)
    }

    /// The place of the key at the end of `path`, or of its nearest ancestor that was written.
    pub fn key(&self, path: &[&str]) -> Span {
        let place = self.nearest(path);
        place.map_or(Span::start_of(self.file), |place| place.key.unwrap_or(place.value))
    }

    /// Whether there is a value at `path`.
    pub fn has(&self, path: &[&str]) -> bool {
        path.iter().try_fold(&self.root, |place, segment| place.children.get(*segment)).is_some()
    }

    /// The last place that exists on `path`, below the root.
    fn nearest(&self, path: &[&str]) -> Option<&Place> {
        let mut place = &self.root;
        let mut found = None;
        for segment in path {
            let Some(child) = place.children.get(*segment) else { break };
            place = child;
            found = Some(child);
        }
        found
    }
}

fn place(file: FileId, key: Option<Span>, node: &Node<'_>) -> Place {
    let children = match node.get_ref() {
        DeValue::Table(table) => (table.iter())
            .map(|(key, child)| {
                let span = Span::new(file, key.span());
                (key.get_ref().to_string(), place(file, Some(span), child))
            })
            .collect(),
        DeValue::Array(items) => (items.iter().enumerate())
            .map(|(index, child)| (index.to_string(), place(file, None, child)))
            .collect(),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => BTreeMap::new(),
    };
    Place { key, value: Span::new(file, node.span()), children }
}
