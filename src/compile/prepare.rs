//! Texts → a fleet in which every rule holds.

use super::{Fleet, Input};
use crate::check;
use crate::decide::{self, Decided};
use crate::diag::{Code, Diagnostic, FileId, Reported, Sink, Sources};
use crate::manifest::{self, TemplateFiles, TemplateSets};
use crate::model;
use crate::name::{Beside, Digest};
use crate::object::guests::Governing;
use crate::object::{CustomKinds, Shapes};
use crate::spec::{self, SpecFiles};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// Reads, resolves and checks the specs, and decides every number. The input's texts come back in
/// either case, as findings point into them.
pub fn prepare(sink: &mut Sink, input: Input) -> Result<Fleet, Sources> {
    read(sink, input, Purpose::Compile)
}

/// Makes what no input changes, and [`prepare`] takes: the schemas of specs, and the built-in templates.
/// Whoever reads the inputs lets it run beside that.
pub fn warm() {
    rayon::join(spec::warm, manifest::warm);
}

/// The same for a fleet that is explained, and not compiled: a refused promise can still be
/// explained.
pub fn prepare_to_explain(sink: &mut Sink, input: Input) -> Result<Fleet, Sources> {
    read(sink, input, Purpose::Explain)
}

/// What a fleet is prepared for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Compile,
    Explain,
}

fn read(sink: &mut Sink, input: Input, purpose: Purpose) -> Result<Fleet, Sources> {
    let Input { mut sources, mut specs, root, templates: files, known_sound } = input;
    let digest = |file: &FileId| (*file, Digest::of(sources.get(*file).text.as_bytes()));
    let digests: BTreeMap<FileId, Digest> = specs.services.par_iter().map(digest).collect();
    let known = digests.iter().filter(|(_, digest)| known_sound.contains(digest));
    specs.known_sound = known.map(|(file, _)| *file).collect();
    match decided(sink, &mut sources, &specs, &files, purpose) {
        Ok((decided, templates, custom, sound)) => {
            let sound = sound.iter().filter_map(|file| digests.get(file).copied());
            let sound = Arc::new(sound.collect());
            let ((shared, levels), (beside, governing)) = rayon::join(
                || (shared(&sources, &specs, &files), decided.levels()),
                || (Beside::of(&decided), Governing::of(&decided)),
            );
            let shapes = Shapes::default();
            let services = decided.services().iter();
            let voids = services.map(|one| (one.name.clone(), OnceLock::new())).collect();
            Ok(Fleet {
                sources,
                root,
                shared,
                decided,
                templates,
                custom,
                shapes,
                levels,
                beside,
                voids,
                governing,
                of_all_services: OnceLock::new(),
                sound,
            })
        }
        Err(_) => Err(sources),
    }
}

/// What the fleet file declares. The services are read as well, as the fleet may name them; what
/// is wrong with them alone stops nothing here. The texts come back as with [`prepare`].
///
/// # Errors
///
/// When nothing can be said about the fleet.
pub fn fleet(sink: &mut Sink, input: Input) -> Result<model::Fleet, Sources> {
    let Input { sources, specs, .. } = input;
    let read = spec::read(sink, &sources, &specs).and_then(|specs| {
        let model = model::resolve(sink, specs);
        let checked = check::run(sink, model);
        checked.into_fleet(sink)
    });
    read.map_err(|_| sources)
}

fn shared(sources: &Sources, specs: &SpecFiles, templates: &TemplateFiles) -> Digest {
    let files = specs.fleet.iter().chain(templates.templates.values()).chain(&templates.crds);
    let digests = files.map(|file| {
        let source = sources.get(*file);
        format!("{} {}\n", source.path, Digest::of(source.text.as_bytes()))
    });
    Digest::of(digests.collect::<String>().as_bytes())
}

fn decided(
    sink: &mut Sink,
    sources: &mut Sources,
    specs: &SpecFiles,
    files: &TemplateFiles,
    purpose: Purpose,
) -> Result<(Decided, TemplateSets, CustomKinds, BTreeSet<FileId>), Reported> {
    let templates = TemplateSets::load(sink, sources, files);
    let custom = CustomKinds::read(sink, sources, &files.crds);
    let specs = spec::read(sink, sources, specs)?;
    let sound = specs.sound().clone();
    let model = model::resolve(sink, specs);
    let checked = check::run(sink, model);
    let decided = decide::decide(sink, checked)?;
    if purpose == Purpose::Compile {
        decided.kept()?;
    }
    decided.whole()?;
    if decided.services().is_empty() {
        return Err(sink.error(
            Diagnostic::new(Code::NO_SERVICE, "there is no spec of a service")
                .note("a build would remove everything from the tree")
                .help("name the right folder: `--specs DIR`; to empty a tree, delete it"),
        ));
    }
    let templates = templates?;
    let names: Vec<&str> = decided.services().iter().map(|service| service.name.plain()).collect();
    templates.check(sink, &names)?;
    Ok((decided, templates, custom?, sound))
}
