//! The fleet that a command is about, and how the command ends when there is none.

use super::exit::Exit;
use super::print::{self, Shown};
use crate::diag::{Sink, Sources};
use crate::{Fleet, Input};

/// The fleet of these texts, or, when there is an error in them, the texts: for [`report`].
pub(super) fn fleet(sink: &mut Sink, input: Input) -> Result<Fleet, Sources> {
    match crate::compile::prepare(sink, input) {
        Ok(fleet) if sink.errors() == 0 => Ok(fleet),
        Ok(fleet) => Err(fleet.sources().clone()),
        Err(sources) => Err(sources),
    }
}

/// Prints what was found, every error among it, which ends the command.
pub(super) fn report(sink: Sink, sources: &Sources) -> Exit {
    report_as(sink, sources, Shown::Errors)
}

/// The same, of a command that folds errors unless it is told `--all`.
pub(super) fn report_as(sink: Sink, sources: &Sources, shown: Shown) -> Exit {
    print::error(&print::text_of(&sink.sorted(sources), sources, shown));
    Exit::Findings
}
