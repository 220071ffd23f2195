//! Findings of a fleet that is edited: what an edit does not concern is not compiled again.

use super::args::Inputs;
use super::disk::{self, Open, Trouble};
use crate::diag::{Diagnostic, Sink, Sources};
use crate::name::Digest;
use crate::{Fleet, compile};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was found when a fleet was looked at, and the fleet.
pub(super) struct Found {
    /// Every finding, in the order in which a reader meets them.
    pub(super) findings: Vec<Diagnostic>,
    /// The texts that they point into.
    pub(super) sources: Sources,
    /// The fleet, as far as it can be explained.
    pub(super) fleet: Option<Arc<Fleet>>,
}

/// What is known from looking at a fleet before.
#[derive(Default)]
pub(super) struct Recheck {
    /// Whether nobody looks again, so that nothing need be known then.
    once: bool,
    /// The texts, by their order: findings point at a text by its number.
    paths: Vec<String>,
    /// By unit, the digest of everything that it is compiled from, and what was found.
    units: BTreeMap<String, (Digest, Sink)>,
    /// Digests of texts in which nothing was found.
    sound: Arc<BTreeSet<Digest>>,
}

impl Recheck {
    /// One for a single look.
    pub(super) fn once() -> Recheck {
        Recheck { once: true, ..Recheck::default() }
    }

    /// Compiles what stands on the disk, with some texts in place of what is there. What the fleet
    /// itself is to be known for, `explain` says.
    pub(super) fn look(
        &mut self,
        inputs: &Inputs,
        open: &Open,
        explain: bool,
    ) -> Result<Found, Trouble> {
        let mut sink = Sink::default();
        let mut input = disk::read_input_with(&mut sink, inputs, open)?.input;
        input.known_sound.clone_from(&self.sound);
        let again = explain.then(|| input.clone());
        match compile::prepare(&mut sink, input) {
            Ok(fleet) => {
                self.sound.clone_from(fleet.sound());
                self.compile(&mut sink, &fleet);
                let sources = fleet.sources().clone();
                let findings = sink.sorted(&sources);
                Ok(Found { findings, sources, fleet: Some(Arc::new(fleet)) })
            }
            Err(sources) => {
                // A promise that is refused is the one that somebody asks about.
                let explained = again.and_then(|input| {
                    compile::prepare_to_explain(&mut Sink::default(), input).ok()
                });
                let findings = sink.sorted(&sources);
                Ok(Found { findings, sources, fleet: explained.map(Arc::new) })
            }
        }
    }

    fn compile(&mut self, sink: &mut Sink, fleet: &Fleet) {
        if self.once {
            let found: Vec<Sink> = (fleet.units().par_iter())
                .map(|unit| {
                    let mut sink = Sink::default();
                    // What went wrong is in the sink.
                    let _ = fleet.examine(&mut sink, unit);
                    sink
                })
                .collect();
            found.into_iter().for_each(|found| sink.absorb(found));
            return;
        }
        let paths = fleet.sources().all().iter().map(|source| source.path.clone());
        let paths: Vec<String> = paths.collect();
        if paths != self.paths {
            self.units.clear();
            self.paths = paths;
        }
        let in_use = BTreeSet::new();
        let known = &self.units;
        let found: BTreeMap<String, (Digest, Sink)> = (fleet.units().par_iter())
            .map(|unit| {
                let digest = fleet.fingerprint(unit, &in_use);
                let name = format!("{unit:?}");
                if let Some((before, found)) = known.get(&name)
                    && *before == digest
                {
                    return (name, (digest, found.clone()));
                }
                let mut sink = Sink::default();
                // What went wrong is in the sink.
                let _ = fleet.examine(&mut sink, unit);
                (name, (digest, sink))
            })
            .collect();
        found.values().for_each(|(_, found)| sink.absorb(found.clone()));
        self.units = found;
    }
}
