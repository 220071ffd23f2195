//! Files with objects of the user's own: each document is a manifest as it is.

use super::{Manifest, Strings};
use crate::diag::{Code, Diagnostic, Reported, Sink, Sources, Span};
use crate::plan::Planned;
use crate::plan::values::{Own, Values};
use crate::yaml::written;
use std::sync::Arc;

/// The manifests of one file.
pub(super) fn read(
    sink: &mut Sink,
    planned: &Planned,
    own: &Own,
    sources: &Sources,
) -> Result<Vec<Manifest>, Reported> {
    let documents = written::documents(&sources.get(own.file).text).map_err(|error| {
        let message = format!("this is not YAML that Kubernetes reads: {}", error.message);
        sink.error(
            Diagnostic::new(Code::MANIFEST, message)
                .at(Span::new(own.file, error.at), "")
                .related(planned.origin.span, "named here"),
        )
    })?;
    if documents.is_empty() {
        let finding = Diagnostic::new(Code::MANIFEST, "there is no object in this file")
            .at(Span::start_of(own.file), "")
            .related(planned.origin.span, "named here")
            .help("write one, or take the file out of `[[manifests]]`");
        return Err(sink.error(finding));
    }
    let manifest = |written| Manifest {
        id: planned.id.clone(),
        file: planned.file.clone(),
        naming: planned.naming,
        origin: planned.origin,
        template: planned.template.clone(),
        values: Values::Own(Box::new(own.clone())),
        text: Arc::from(""),
        strings: Strings::default(),
        written: Some(written),
        everywhere: None,
    };
    Ok(documents.into_iter().map(manifest).collect())
}
