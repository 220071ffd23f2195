//! A stage: texts → [`Specs`].
//!
//! What was written: valid TOML, known keys only, every value of its type, and the place of each.
//! What did not fit was reported, and left out; its keys are on record as [`Doubts`].
//! Whether it makes sense is the next stage's business.

pub mod service; //   the schema of a service
pub mod fleet; //     the schema of the fleet
pub mod evidence; //  the record of a drill
pub mod schema; //    both as JSON Schema
pub mod attached; //  files that specs refer to
mod document; //      TOML with places
mod json; //          JSON in the same form
mod check; //         a document against its schema
mod doubt; //         what is left of one that does not fit it
pub(crate) mod environment; //   a service as it is in each of its environments
mod characters; //    what strings may hold
mod secret; //         what they must not hold

pub use document::Document;
pub use doubt::Doubts;
pub use fleet::Fleet;
pub use service::Service;

use crate::diag::{Code, Diagnostic, FileId, Reported, Sink, Sources, Span};
use check::{Shape, Subject, Syntax};
use evidence::Evidence;
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use toml::de::DeValue;

/// A file, as written.
#[derive(Clone, Debug)]
pub struct Spec<T> {
    /// What it says.
    pub value: Box<T>,
    /// Where it says it.
    pub document: Document,
    /// The keys that something else stands in for, as what is written there was refused.
    pub doubts: Doubts,
}

/// The fleet and its services, as written; services in the order of their files.
#[derive(Debug)]
pub struct Specs {
    fleet: Spec<Fleet>,
    services: Vec<Spec<Service>>,
    unread: Unread,
    sound: BTreeSet<FileId>,
}

/// The specs of which nothing could be read but their names.
#[derive(Clone, Debug, Default)]
pub struct Unread {
    /// The names of their services, in whatever environment.
    pub names: Vec<String>,
    /// Whether there is one whose name is not known either.
    pub nameless: bool,
}

impl Specs {
    /// The services in whose texts nothing was found.
    pub fn sound(&self) -> &BTreeSet<FileId> {
        &self.sound
    }

    /// The parts.
    pub fn into_parts(self) -> (Spec<Fleet>, Vec<Spec<Service>>, Unread) {
        (self.fleet, self.services, self.unread)
    }
}

/// Which of the texts are specs.
#[derive(Clone, Debug, Default)]
pub struct SpecFiles {
    /// `fleet.toml`.
    pub fleet: Option<FileId>,
    /// Every other `.toml`.
    pub services: Vec<FileId>,
    /// The files that they refer to, by path.
    pub attached: BTreeMap<String, attached::Attached>,
    /// The services in whose texts nothing was found before: neither the schema nor credentials are
    /// looked for in them again.
    pub(crate) known_sound: BTreeSet<FileId>,
}

/// Reads every file and reports everything that is wrong in any of them. What can be read of a
/// file with findings comes out with its [`Doubts`].
///
/// # Errors
///
/// When nothing can be read of the fleet.
pub fn read(sink: &mut Sink, sources: &Sources, files: &SpecFiles) -> Result<Specs, Reported> {
    let fleet = match files.fleet {
        Some(file) => {
            read_file::<Fleet>(sink, sources, file, &FLEET).map_err(|failed| failed.reported)
        }
        None => Err(sink.error(
            Diagnostic::new(Code::NO_FLEET, "there is no `fleet.toml` among the specs")
                .note("it says which regions there are, and what stands in them")
                .help("`ninefold init` writes one that you can change"),
        )),
    };
    let read: Vec<(Sink, Vec<_>, Option<FileId>)> = (files.services.par_iter())
        .map(|file| {
            let mut sink = Sink::default();
            let known = files.known_sound.contains(file);
            let mut specs = environment::read(&mut sink, sources, *file, known);
            let sound = sink.is_empty().then_some(*file);
            for spec in specs.iter_mut().flatten() {
                attached::fill(&mut sink, sources, files, spec);
            }
            (sink, specs, sound)
        })
        .collect();
    let (mut services, mut unread) = (Vec::new(), Unread::default());
    let mut sound = BTreeSet::new();
    for (found, specs, nothing_found) in read {
        sink.absorb(found);
        sound.extend(nothing_found);
        for spec in specs {
            match spec {
                Ok(spec) => services.push(spec),
                Err(Failed { name: Some(name), .. }) => unread.names.push(name),
                Err(Failed { name: None, .. }) => unread.nameless = true,
            }
        }
    }
    if fleet.is_err() {
        // Nobody gets to see what the services accept.
        sink.refuse();
    }
    let mut fleet = fleet?;
    attached::fill_fleet(sink, sources, files, &mut fleet);
    Ok(Specs { fleet, services, unread, sound })
}

/// Reads the record of a drill and reports everything that is wrong in it. What can be read of one
/// with findings comes out with its [`Doubts`].
///
/// # Errors
///
/// When nothing can be read of it.
pub fn record(
    sink: &mut Sink,
    sources: &Sources,
    file: FileId,
) -> Result<Spec<Evidence>, Reported> {
    read_file(sink, sources, file, &EVIDENCE).map_err(|failed| failed.reported)
}

/// What a schema asks, and what is done about a document that does not fit it.
struct Form {
    syntax: Syntax,
    subject: Subject,
    shape: LazyLock<Shape>,
    by_name: &'static [&'static str],
    stand_ins: &'static str,
}

static SERVICE: Form = Form {
    syntax: Syntax::Toml,
    subject: Subject::Service,
    shape: LazyLock::new(|| Shape::of(&schema::SERVICE)),
    by_name: &[],
    stand_ins: "image = 'x'\ntier = 'gold'\nregions = []\nrpo = '1h'\nrto = '1h'\n",
};

static FLEET: Form = Form {
    syntax: Syntax::Toml,
    subject: Subject::Fleet,
    shape: LazyLock::new(|| Shape::of(&schema::FLEET)),
    by_name: &["regions", "tiers"],
    stand_ins: "inventory = '1970-01-01'\n",
};

static EVIDENCE: Form = Form {
    syntax: Syntax::Json,
    subject: Subject::Record,
    shape: LazyLock::new(|| Shape::of(&schema::EVIDENCE)),
    by_name: &[],
    stand_ins: "drill_id = ''\non = '1970-01-01'\nservice = ''\ntier = ''\nspec_sha256 = ''\n\
        tree_commit = ''\ncompiler_version = ''\nclusters = { source = '', target = '' }\n\
        scenario = 'node'\nmeasured = { rpo_s = 0, rto_s = 0, terms = {} }\n\
        targets = { rpo_s = 0, rto_s = 0 }\nchecks = []\nparticipants = []\napprover = ''\n\
        result = 'passed'\n",
};

/// Reads the schemas of specs.
pub fn warm() {
    LazyLock::force(&SERVICE.shape);
    LazyLock::force(&FLEET.shape);
}

/// A file of which nothing could be read, but perhaps a name.
struct Failed {
    reported: Reported,
    name: Option<String>,
}

/// Reads one text.
fn read_file<T: for<'de> Deserialize<'de>>(
    sink: &mut Sink,
    sources: &Sources,
    file: FileId,
    form: &Form,
) -> Result<Spec<T>, Failed> {
    let mut found = Sink::default();
    let parsed = match form.syntax {
        Syntax::Toml => document::parse(&mut found, sources, file),
        Syntax::Json => json::parse(&mut found, sources, file),
    };
    let (root, whole) = parsed;
    read_tree(sink, found, file, Parsed { root, whole, known_sound: false }, form)
}

/// A text as a tree.
struct Parsed<'a> {
    root: document::Node<'a>,
    /// Whether it could be read to its end.
    whole: bool,
    /// Whether it is known to fit the schema, and to have no credential in it.
    known_sound: bool,
}

/// Reads the tree of a text. `found` is what was found already.
fn read_tree<T: for<'de> Deserialize<'de>>(
    sink: &mut Sink,
    mut found: Sink,
    file: FileId,
    Parsed { mut root, whole, known_sound }: Parsed<'_>,
    form: &Form,
) -> Result<Spec<T>, Failed> {
    let secrets = match known_sound {
        true => Vec::new(),
        false => secret::check(&mut found, file, &root, (form.syntax, form.subject)),
    };
    if whole && !known_sound {
        check::check(&mut found, file, &root, (&form.shape, form.syntax, form.subject), &secrets);
    }
    let table = if let DeValue::Table(table) = root.get_ref() { Some(table) } else { None };
    let name = table.and_then(|table| table.get("name")).and_then(|name| match name.get_ref() {
        DeValue::String(name) => Some(name.to_string()),
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    });
    let refused = found.ok().err();
    let mut doubts = Doubts::default();
    let mending = refused.map(|_| doubt::Mending {
        known: form.shape.keys().map(str::to_owned).collect(),
        by_name: form.by_name,
        stand_ins: form.stand_ins,
    });
    if let Some(mending) = &mending {
        doubts = doubt::leave_out(&mut root, &found.all(), mending);
    }
    sink.absorb(found);
    if let Some(reported) = refused.filter(|_| !whole) {
        return Err(Failed { reported, name });
    }
    let document = Document::new(file, &root);
    if let Some(mending) = &mending {
        doubt::stand_in(&mut root, mending, &mut doubts);
    }
    match T::deserialize(toml::de::ValueDeserializer::from(root)) {
        Ok(value) => Ok(Spec { value: Box::new(value), document, doubts }),
        Err(error) => {
            let reported = refused.unwrap_or_else(|| {
                sink.error(
                    Diagnostic::new(Code::WRONG_VALUE, error.message().to_owned())
                        .at(Span::new(file, error.span().unwrap_or(0..0)), "here"),
                )
            });
            Err(Failed { reported, name })
        }
    }
}
