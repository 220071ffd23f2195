//! Where a number is written, as text: `specs/orders.toml:7`.

use crate::decide::proof::Source;
use crate::diag::{Sources, Span};

/// The file and the line of a span.
pub(super) fn of_span(sources: &Sources, span: Span) -> String {
    format!("{}:{}", sources.get(span.file).path, sources.position(span).line)
}

/// The same of a source, where it stands in an input.
pub(super) fn of(sources: &Sources, source: &Source) -> Option<String> {
    Some(of_span(sources, source.span()?))
}
