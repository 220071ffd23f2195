//! Specs compiled in memory, as `ninefold build` would: what is emitted, and what is found.

use super::guess::Proven;
use crate::compile::{Input, prepare};
use crate::decide::proof::Objective;
use crate::diag::{Diagnostic, Severity, Sink, Sources};
use crate::quantity::Duration;
use crate::spec::attached::Content;
use crate::tree::Previous;
use crate::tree::ledger::Entry;
use crate::yaml::{Value, read};
use std::collections::BTreeMap;

/// Files below the folder of specs, by their path in it.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// What came of it.
pub(super) struct Compiled {
    /// The texts that findings point into.
    pub(super) sources: Sources,
    /// Errors.
    pub(super) errors: Vec<Diagnostic>,
    /// How many warnings there are.
    pub(super) warnings: usize,
    /// Every object of one region.
    pub(super) emitted: Vec<Emitted>,
    /// What is proven of each service there.
    pub(super) proven: BTreeMap<String, Proven>,
}

/// An object of the tree.
#[derive(Clone, Debug)]
pub(super) struct Emitted {
    /// Its file below the tree.
    pub(super) file: String,
    /// Its region.
    pub(super) region: String,
    /// The service or `fleet`.
    pub(super) unit: String,
    /// `Deployment`
    pub(super) kind: String,
    /// Its namespace.
    pub(super) namespace: Option<String>,
    /// What the plan calls it.
    pub(super) logical: String,
    /// Whether a file of manifests has it.
    pub(super) own: bool,
    /// All that it says.
    pub(super) value: Value,
}

impl Emitted {
    /// The stem of its file, by which a patch names it.
    pub(super) fn stem(&self) -> &str {
        let name = self.file.rsplit('/').next().unwrap_or_default();
        name.trim_end_matches(".yaml")
    }
}

/// Compiles `files`, which stand below `root`. The objects of each unit come out in its `home`, and
/// those of its other regions behind them, where `everywhere` asks for these.
pub(super) fn compile(
    files: &Files,
    root: &str,
    home: &dyn Fn(&str) -> String,
    everywhere: bool,
) -> Compiled {
    let mut input = Input { root: root.to_owned(), ..Input::default() };
    let is_text = |path: &str| path.ends_with(".toml") || path.starts_with("crds/");
    for (path, bytes) in files.iter().filter(|(path, _)| is_text(path)) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let file = input.sources.add(format!("{root}/{path}"), text);
        input.add_spec(path, file);
    }
    let below = format!("{root}/");
    input.attach(|path| {
        let bytes = files.get(path.strip_prefix(&below)?)?;
        Some(Content::Bytes(bytes.as_slice().into()))
    });
    let mut sink = Sink::default();
    let mut emitted = Vec::new();
    let mut all_proven = BTreeMap::new();
    let sources = match prepare(&mut sink, input) {
        Ok(fleet) => {
            for unit in fleet.units() {
                // What went wrong is in the sink.
                let Ok(tree) = fleet.compile(&mut sink, &unit, &Previous::nothing()) else {
                    continue;
                };
                let home = home(unit.name());
                let entries: BTreeMap<&str, &Entry> =
                    tree.ledger().objects().iter().map(|entry| (&*entry.path, entry)).collect();
                let wanted = |region: &str| everywhere || region == home;
                let mut elsewhere = Vec::new();
                for document in tree.documents() {
                    let entry = entries.get(&*document.path);
                    let Some(entry) = entry.filter(|entry| wanted(&entry.region)) else { continue };
                    let Ok(value) = read::document(&document.text) else { continue };
                    let into = if entry.region == home { &mut emitted } else { &mut elsewhere };
                    into.push(Emitted {
                        file: entry.path.clone(),
                        region: entry.region.clone(),
                        unit: unit.name().to_owned(),
                        kind: entry.kind.clone(),
                        namespace: entry.namespace.clone(),
                        logical: entry.logical_name.clone(),
                        own: entry.origin.key == "manifests",
                        value,
                    });
                }
                emitted.extend(elsewhere);
            }
            all_proven = proven(&fleet, home);
            fleet.sources().clone()
        }
        Err(sources) => sources,
    };
    let (errors, warnings): (Vec<Diagnostic>, Vec<Diagnostic>) =
        sink.sorted(&sources).into_iter().partition(|finding| finding.severity == Severity::Error);
    Compiled { sources, errors, warnings: warnings.len(), emitted, proven: all_proven }
}

/// The worst of what is promised of each service in a region.
fn proven(fleet: &crate::Fleet, home: &dyn Fn(&str) -> String) -> BTreeMap<String, Proven> {
    let of = |service: &str| {
        let region = home(service);
        let proofs = fleet.proofs(service).unwrap_or_default();
        let here = proofs.iter().filter(|proof| proof.region.as_str() == region);
        let claims: Vec<_> = here.flat_map(|proof| &proof.claims).collect();
        let worst = |objective: Objective| {
            let promised = claims
                .iter()
                .filter(|claim| claim.objective == objective && claim.promised.is_some());
            let worst: Option<Vec<u64>> = promised.map(|claim| Some(claim.worst?.number)).collect();
            worst?.into_iter().max().map(Duration::seconds)
        };
        Proven { rpo: worst(Objective::Rpo), rto: worst(Objective::Rto) }
    };
    fleet.services().map(|service| (service.to_owned(), of(service))).collect()
}
