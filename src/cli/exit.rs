//! How a command ends.

use std::process::ExitCode;

/// Every exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done.
    Done,
    /// Findings in the input, or trees that differ.
    Findings,
    /// Wrong usage, a file that cannot be read or written, or a bug.
    Trouble,
    /// The gate of a diff is not passed.
    Gate,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Findings => 1,
            Exit::Trouble => 2,
            Exit::Gate => 3,
        })
    }
}
