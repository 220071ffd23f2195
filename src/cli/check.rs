//! `ninefold check`: findings only.

use super::args::{Check, Format};
use super::disk::{self, Trouble};
use super::print::Warnings;
use super::{exit::Exit, print};
use crate::diag::{Severity, Sink, json};
use crate::tree::Previous;
use rayon::prelude::*;

pub(super) fn run(arguments: &Check) -> Result<Exit, Trouble> {
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &arguments.inputs)?.input;
    let (sources, findings) = match crate::compile::prepare(&mut sink, input) {
        Ok(fleet) => {
            let found: Vec<Sink> = (fleet.units().par_iter())
                .map(|unit| {
                    let mut sink = Sink::default();
                    // What went wrong is in the sink.
                    let _ = fleet.compile(&mut sink, unit, &Previous::nothing());
                    sink
                })
                .collect();
            found.into_iter().for_each(|found| sink.absorb(found));
            let sources = fleet.sources().clone();
            let findings = sink.sorted(&sources);
            (sources, findings)
        }
        Err(sources) => {
            let findings = sink.sorted(&sources);
            (sources, findings)
        }
    };
    match arguments.format {
        Format::Text => {
            print::error(&print::told(&findings, &sources, Warnings::of(arguments.all)));
        }
        Format::Json => print::data(&json::render(&findings, &sources)),
    }
    let errors = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if errors { Exit::Findings } else { Exit::Done })
}
