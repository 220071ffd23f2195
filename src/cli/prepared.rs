//! The fleet that a command is about, and how the command ends when there is none.

use super::{exit::Exit, print};
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

/// Prints what was found, which ends the command.
pub(super) fn report(sink: Sink, sources: &Sources) -> Exit {
    print::findings(&sink.sorted(sources), sources);
    Exit::Findings
}
