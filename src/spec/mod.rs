//! Stage 1 of 8: texts → [`Specs`].
//!
//! What was written: valid TOML, known keys only, every value of its type, and the place of each.
//! Whether it makes sense is the next stage's business.

pub mod service; //   the schema of a service
pub mod fleet; //     the schema of the fleet
pub mod quantity; //  durations, sizes, dates
pub mod schema; //    both as JSON Schema
mod document; //      TOML with places
mod check; //         a document against its schema
mod characters; //    what strings may hold
mod secret; //        what they must not hold

pub use document::Document;
pub use fleet::Fleet;
pub use service::Service;

use crate::diag::{Code, Diagnostic, FileId, Reported, Sink, Sources, Span};
use rayon::prelude::*;
use serde::Deserialize;

/// A file, as written.
#[derive(Clone, Debug)]
pub struct Spec<T> {
    /// What it says.
    pub value: T,
    /// Where it says it.
    pub document: Document,
}

/// The fleet and its services, as written; services in the order of their files.
#[derive(Debug)]
pub struct Specs {
    fleet: Spec<Fleet>,
    services: Vec<Spec<Service>>,
}

impl Specs {
    /// The parts.
    pub fn into_parts(self) -> (Spec<Fleet>, Vec<Spec<Service>>) {
        (self.fleet, self.services)
    }
}

/// Which of the texts are specs.
#[derive(Clone, Debug, Default)]
pub struct SpecFiles {
    /// `fleet.toml`.
    pub fleet: Option<FileId>,
    /// Every other `.toml`.
    pub services: Vec<FileId>,
}

/// Reads every file and reports everything that is wrong in any of them.
///
/// # Errors
///
/// When an error was reported.
pub fn read(sink: &mut Sink, sources: &Sources, files: &SpecFiles) -> Result<Specs, Reported> {
    let fleet = match files.fleet {
        Some(file) => read_file::<Fleet>(sink, sources, file, &schema::FLEET),
        None => Err(sink.error(
            Diagnostic::new(Code::NO_FLEET, "there is no `fleet.toml` among the specs")
                .note("it says which regions there are, and what stands in them")
                .help("`ninefold init` writes one that you can change"),
        )),
    };
    let read: Vec<(Sink, Result<Spec<Service>, Reported>)> = (files.services.par_iter())
        .map(|file| {
            let mut sink = Sink::default();
            let spec = read_file::<Service>(&mut sink, sources, *file, &schema::SERVICE);
            (sink, spec)
        })
        .collect();
    let services = crate::diag::all(read.into_iter().map(|(found, spec)| {
        sink.absorb(found);
        spec
    }));
    Ok(Specs { fleet: fleet?, services: services? })
}

/// Reads one text; the way in for the built-in tiers, too.
pub(crate) fn read_file<T: for<'de> Deserialize<'de>>(
    sink: &mut Sink,
    sources: &Sources,
    file: FileId,
    schema: &serde_json::Value,
) -> Result<Spec<T>, Reported> {
    let before = sink.errors();
    let (root, whole) = document::parse(sink, sources, file);
    let secrets = secret::check(sink, file, &root);
    if whole {
        check::check(sink, file, &root, schema, &secrets);
    }
    if sink.errors() > before {
        return Err(sink.ok().expect_err("an error was just reported"));
    }
    let document = Document::new(file, &root);
    match T::deserialize(toml::de::ValueDeserializer::from(root)) {
        Ok(value) => Ok(Spec { value, document }),
        Err(error) => Err(sink.error(
            Diagnostic::new(Code::WRONG_VALUE, error.message().to_owned())
                .at(Span::new(file, error.span().unwrap_or(0..0)), "here"),
        )),
    }
}
