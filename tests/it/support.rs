//! Builds inputs from texts, compiles them, and returns everything that came out.

use ninefold::diag::{Diagnostic, Sink, Sources, text};
use ninefold::plan::Unit;
use ninefold::tree::Previous;
use ninefold::{Fleet, Input};
use std::collections::BTreeMap;

/// A fleet of three regions in which every tier has a place.
pub(crate) const FLEET: &str = include_str!("fleet.toml");

/// What a compilation found and made.
pub(crate) struct Outcome {
    /// The findings, in the order in which they are shown.
    pub(crate) findings: Vec<Diagnostic>,
    /// The files of the tree, ledgers included; only units without an error have some.
    pub(crate) files: BTreeMap<String, String>,
    sources: Sources,
}

impl Outcome {
    /// The name of each finding's code.
    pub(crate) fn codes(&self) -> Vec<&'static str> {
        self.findings.iter().map(|finding| finding.code.name()).collect()
    }

    /// The findings as code scanning reads them.
    pub(crate) fn sarif(&self) -> String {
        ninefold::diag::sarif::render(&self.findings, &self.sources)
    }

    /// The findings as a terminal without colour shows them.
    pub(crate) fn report(&self) -> String {
        text::render(&self.findings, &self.sources, false)
    }
}

/// Compiles `files`, pairs of path and text: `fleet.toml` and other specs, `templates/…` and
/// `templates/crds/…`. Without a fleet among them, [`FLEET`] is added.
pub(crate) fn compile(files: &[(&str, &str)]) -> Outcome {
    let mut sink = Sink::default();
    let fleet = match ninefold::compile::prepare(&mut sink, input(files)) {
        Ok(fleet) => fleet,
        Err(sources) => {
            return Outcome { findings: sink.sorted(&sources), files: BTreeMap::new(), sources };
        }
    };
    let mut tree = BTreeMap::new();
    for unit in fleet.units() {
        let mut found = Sink::default();
        let compiled = fleet.compile(&mut found, &unit, &Previous::nothing());
        finds_the_same(&fleet, &unit, &found);
        sink.absorb(found);
        let Ok(unit) = compiled else { continue };
        let documents = unit.documents().iter().cloned().chain([unit.ledger_document()]);
        tree.extend(documents.map(|document| (document.path, document.text)));
    }
    let sources = fleet.sources().clone();
    Outcome { findings: sink.sorted(&sources), files: tree, sources }
}

/// Whoever only asks what is wrong, or what objects there are, is told what a build is told.
fn finds_the_same(fleet: &Fleet, unit: &Unit, built: &Sink) {
    let shown = |sink: &Sink| format!("{:?}", sink.clone().sorted(fleet.sources()));
    let (mut examined, mut objects) = (Sink::default(), Sink::default());
    // Both results are in the findings.
    let _ = fleet.examine(&mut examined, unit);
    let _ = fleet.objects(&mut objects, unit);
    assert_eq!(shown(&examined), shown(built), "{unit:?}");
    assert_eq!(shown(&objects), shown(built), "{unit:?}");
}

/// The input that these files are on a disk.
pub(crate) fn input(files: &[(&str, &str)]) -> Input {
    let named = |path: &str| match path.starts_with("templates/") {
        true => path.to_owned(),
        false => format!("specs/{path}"),
    };
    let fleet = [("fleet.toml", FLEET)].into_iter();
    let fleet = fleet.filter(|(name, _)| files.iter().all(|(path, _)| path != name));
    let files = files.iter().copied().chain(fleet);
    crate::input::input(files.map(|(path, text)| (named(path), text)))
}
