//! `ninefold check`: findings only.

use super::args::{Check, Format};
use super::disk::{Open, Trouble, Watch};
use super::print::Shown;
use super::recheck::{Found, Recheck};
use super::{exit::Exit, print};
use crate::diag::{Diagnostic, Severity, json, sarif};
use std::mem::ManuallyDrop;

pub(super) fn run(arguments: &Check) -> Result<Exit, Trouble> {
    let open = Open::default();
    if !arguments.watch {
        // The process ends with this, as with a build.
        let found = ManuallyDrop::new(Recheck::once().look(&arguments.inputs, &open, false)?);
        show(arguments, &found);
        let errors = count(&found.findings, Severity::Error);
        return Ok(if errors > 0 { Exit::Findings } else { Exit::Done });
    }
    let mut recheck = Recheck::default();
    let inputs = &arguments.inputs;
    let folders = [Some(&inputs.specs), inputs.templates.as_ref()];
    let mut watch = Watch::new(folders.into_iter().flatten().cloned().collect());
    let mut run = 0;
    while !print::is_gone() {
        run += 1;
        match recheck.look(inputs, &open, false) {
            Ok(found) => {
                show(arguments, &found);
                let of = |severity| count(&found.findings, severity);
                end(arguments, run, of(Severity::Error), of(Severity::Warning));
            }
            // A folder that is moved is back before long.
            Err(trouble) => {
                print::error(&format!("error: {trouble}\n"));
                end(arguments, run, 1, 0);
            }
        }
        watch.next();
    }
    Ok(Exit::Done)
}

fn show(arguments: &Check, found: &Found) {
    match arguments.format {
        Format::Text => {
            let shown = Shown::of(arguments.all);
            print::error(&print::text_of(&found.findings, &found.sources, shown));
        }
        Format::Json => print::data(&json::render(&found.findings, &found.sources)),
        Format::Sarif => print::data(&sarif::render(&found.findings, &found.sources)),
    }
}

/// Prints that all findings of a run are out: whoever watches does not know when nothing more comes.
fn end(arguments: &Check, run: usize, errors: usize, warnings: usize) {
    match arguments.format {
        Format::Text => {
            let found = if errors > 0 { "there are errors" } else { "there is no error" };
            print::data(&format!(
                "Look {run}: {found}; the next one follows when something is saved.\n"
            ));
        }
        Format::Json => print::data(&json::end(run, errors, warnings)),
        // A document of its own is whole.
        Format::Sarif => {}
    }
}

fn count(findings: &[Diagnostic], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity == severity).count()
}
