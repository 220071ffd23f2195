//! From what runs to specs: rendered manifests in, specs out, and an account of every field.
//!
//! It guesses the spec of each workload, compiles it as `ninefold build` would, finds each leaf of the
//! source in what is emitted, patches what is missing, and compiles again. What no spec can say stays
//! as it is, among the manifests. So nothing is lost that is not reported, whoever wrote the guess.

mod options; //  what is asked for
mod source; //   texts → objects
mod object; //   what is asked of one
mod path; //     leaves, and how they are found again
mod made; //     trees that Ninefold made
mod group; //    what belongs together
mod routes; //   how users reach it
mod guess; //    a workload → a spec
mod toml; //     as a person writes it
mod fleet; //    a fleet, where there is none
mod manifest; // objects that stay as they are
mod openings; // network policies for what was open before
mod custom; //   definitions of kinds that are not known
mod compile; //  the specs, compiled in memory
mod locate; //   where a leaf is now
mod rules; //    why it is another one
mod findings; // what a person must know
mod policies; // network policies that fields of the spec express
mod verdict; //  what became of each
mod patch; //    what no field says
mod draft; //    the files, as they are known so far
mod learn; //    what errors teach
mod cutover; //  how what runs is moved
pub mod foreign; // what runs today, to be judged
pub mod account; // the account

pub use account::{Account, COLUMNS, Column, Leaf, Seen};
pub use options::Options;
pub use source::LARGEST;

use crate::diag::{Code, Diagnostic, FileId, Sink, Sources};
use crate::tree::Ledger;
use account::Account as Accounted;
use compile::{Compiled, Files};
use draft::Draft;
use learn::Learned;
use made::Made;
use object::Object;
use std::collections::{BTreeMap, BTreeSet};

/// What is imported.
#[derive(Debug)]
pub struct Request<'a> {
    /// What is asked for.
    pub options: Options,
    /// The input texts.
    pub sources: &'a Sources,
    /// Which of them are to be read.
    pub files: Vec<FileId>,
    /// The text of the fleet that is there; none where one is begun.
    pub fleet: Option<String>,
    /// What stands below the folder of the specs already, by path.
    pub beside: BTreeMap<String, Vec<u8>>,
    /// The ledgers of trees that are imported.
    pub ledgers: Vec<Ledger>,
}

/// What came of it.
#[derive(Debug)]
pub struct Imported {
    /// The files to write, by their path below the folder of the specs.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Every leaf.
    pub account: Accounted,
    /// Lines to add to the fleet that is there.
    pub to_add: String,
    /// Errors of what was compiled, and the texts that they point into.
    pub refused: Option<(Vec<Diagnostic>, Sources)>,
    /// How many warnings the specs have.
    pub warnings: usize,
    /// How many services there are.
    pub services: usize,
    /// How often the specs were guessed before they compiled.
    pub attempts: usize,
    /// A page for each that moves what runs under its names, by its file.
    pub cutover: BTreeMap<String, String>,
}

/// More rounds than there is something to learn.
const ROUNDS: usize = 400;

/// More objects than all rounds together look at: of many, nothing is learned of each by itself.
const LOOKED_AT: usize = 2_000_000;

/// The rounds that so many objects get.
fn rounds(objects: usize) -> usize {
    (LOOKED_AT / objects.max(1)).clamp(20, ROUNDS)
}

/// Imports what `request` names. What cannot be carried is reported; nothing comes out where there is
/// nothing to import.
pub fn run(sink: &mut Sink, request: Request<'_>) -> Option<Imported> {
    let objects = source::read(sink, request.sources, &request.files);
    if objects.is_empty() {
        sink.error(
            Diagnostic::new(Code::IMPORT_UNREAD, "there is no object to import")
                .help("give what `helm template`, `kustomize build` or `kubectl get -o yaml` print: files, folders, or `-`"),
        );
        return None;
    }
    let made = Made::read(&objects, &request.ledgers);
    let mut options = request.options.clone();
    options.regions_are_guessed = options.regions.is_empty();
    if options.regions.is_empty() {
        options.regions = match &request.fleet {
            _ if !made.is_empty() => made.regions(),
            Some(fleet) => fleet::regions(fleet).into_iter().take(1).collect(),
            None => vec![fleet::region_of(&objects).unwrap_or_else(|| "main".to_owned())],
        };
    }
    let importing = Importing { objects: &objects, request: &request, made: &made };
    let mut learned = Learned::of(options, request.fleet.as_deref());
    let rounds = rounds(objects.len());
    for attempt in 1..=rounds {
        match importing.round(sink, &mut learned) {
            Round::Again => {}
            Round::Done(imported) => return Some(Imported { attempts: attempt, ..*imported }),
        }
    }
    sink.error(
        Diagnostic::new(
            Code::IMPORT_REFUSED,
            format!("{rounds} attempts have not led to specs that compile"),
        )
        .note("nothing was written; each attempt found something else that stands in the way")
        .help("import fewer objects at once: one application, or one namespace"),
    );
    None
}

struct Importing<'a> {
    objects: &'a [Object],
    request: &'a Request<'a>,
    made: &'a Made,
}

enum Round {
    Again,
    Done(Box<Imported>),
}

impl Importing<'_> {
    fn round(&self, sink: &mut Sink, learned: &mut Learned) -> Round {
        let mut findings = Sink::default();
        let draft = Draft::make(&mut findings, self.objects, (self.request, self.made), learned);
        let none = draft::Patches::new();
        let plain = self.compiled(&draft, learned, &none);
        if !plain.errors.is_empty() {
            return self.learn(sink, learned, &draft, plain);
        }
        if learned.of_tree(self.made, self.objects, &plain.emitted) {
            return Round::Again;
        }
        let finder = draft.finder((self.objects, self.made), learned, &plain.emitted);
        let (mut leaves, mut missing) = finder.judge();
        let patches = draft.patches(&plain.emitted, &missing);
        let mut compiled = plain;
        if patches != none {
            let patched = self.compiled(&draft, learned, &patches);
            if !patched.errors.is_empty() {
                return self.learn(sink, learned, &draft, patched);
            }
            let before: BTreeSet<(String, String)> = missing
                .iter()
                .map(|one| (self.objects[one.object].shown(), path::pointer(&one.path)))
                .collect();
            let finder = draft.finder((self.objects, self.made), learned, &patched.emitted);
            (leaves, missing) = finder.judge();
            for leaf in &mut leaves {
                if leaf.column == Column::Field
                    && before.contains(&(leaf.object.clone(), leaf.path.clone()))
                {
                    leaf.column = Column::Patch;
                }
            }
            compiled = patched;
        }
        if learned.of_missing(self.objects, &draft, &missing) {
            return Round::Again;
        }
        if learned.proven.is_empty() && !draft.guesses.is_empty() {
            learned.proven = compiled.proven;
            return Round::Again;
        }
        let files = draft.files(self.request, &patches);
        self.tell(&mut findings, learned, &draft, &missing);
        sink.absorb(findings);
        let begun = files.get("fleet.toml").map(|bytes| String::from_utf8_lossy(bytes));
        let fleet = self.request.fleet.as_deref().or(begun.as_deref()).unwrap_or_default();
        let region = learned.options.regions.first().map(String::as_str).unwrap_or_default();
        let pages =
            || cutover::pages(self.objects, &draft.groups, &compiled.emitted, region, fleet);
        let cutover = if learned.options.cutover { pages() } else { BTreeMap::new() };
        Round::Done(Box::new(Imported {
            cutover,
            files: self.new_files(sink, draft::honest(files), learned),
            account: Accounted { leaves },
            to_add: draft.to_add(self.request),
            refused: None,
            warnings: compiled.warnings,
            services: draft.groups.groups.len(),
            attempts: 0,
        }))
    }

    fn compiled(&self, draft: &Draft, learned: &Learned, patches: &draft::Patches) -> Compiled {
        let mut files = draft.files(self.request, patches);
        // What is there already is part of the fleet that this will be.
        for (path, bytes) in self.request.beside.iter().filter(|_| self.request.fleet.is_some()) {
            files.entry(path.clone()).or_insert_with(|| bytes.clone());
        }
        let region = learned.options.regions.first().map(String::as_str).unwrap_or_default();
        let home = |unit: &str| match self.made.service(unit) {
            Some(service) if learned.options.regions_are_guessed => service.home.clone(),
            Some(_) | None => region.to_owned(),
        };
        compile::compile(&files, &learned.options.into, &home, !self.made.is_empty())
    }

    /// Learns from errors, or ends with them.
    fn learn(
        &self,
        sink: &mut Sink,
        learned: &mut Learned,
        draft: &Draft,
        mut compiled: Compiled,
    ) -> Round {
        if learned.of_errors(self.objects, draft, &compiled) {
            return Round::Again;
        }
        let finding = match draft.groups.groups.is_empty() {
            true => Diagnostic::new(Code::IMPORT_REFUSED, "no workload is among it that a spec can describe")
                .note("nothing was written: a fleet has at least one service")
                .help("give it with a Deployment or a StatefulSet of `apps/v1` that a spec can describe, or import into the specs of a fleet that has services: what no spec describes is among the manifests of that fleet then"),
            false => Diagnostic::new(Code::IMPORT_REFUSED, "the fleet that this would be does not compile")
                .note("nothing was written; the findings above are of what would have been")
                .help("mend the fleet, or choose another `--tier` or other `--regions`"),
        };
        self.as_they_are(sink, learned);
        sink.error(finding);
        // That there is no service is reported already, and better.
        compiled.errors.retain(|error| error.code != Code::NO_SERVICE);
        Round::Done(Box::new(Imported {
            files: Files::new(),
            account: Accounted::default(),
            to_add: String::new(),
            refused: Some((compiled.errors, compiled.sources)),
            warnings: compiled.warnings,
            services: draft.groups.groups.len(),
            attempts: 0,
            cutover: BTreeMap::new(),
        }))
    }

    /// The files that are not there yet; one that is there is reported, and stays.
    fn new_files(&self, sink: &mut Sink, mut files: Files, learned: &Learned) -> Files {
        files.retain(|path, _| path != "fleet.toml" || self.request.fleet.is_none());
        for path in files.keys().filter(|path| self.request.beside.contains_key(*path)) {
            sink.error(
                Diagnostic::new(
                    Code::IMPORT_EXISTS,
                    format!("`{}/{path}` is there already", learned.options.into),
                )
                .note("nothing was written")
                .help("import into another folder, with `--into DIR`, and compare the two"),
            );
        }
        files
    }
}
