//! The forms of a report: each is a function of the report and of its options, and nothing else.
//!
//! Names, values and paths are text of users: no form lets them reach a reader as anything but
//! text ([`escape`]).

pub mod text; //     for a terminal
pub mod markdown; // for the comment of a pull request
pub mod json; //     for machines
pub mod unified; //  as a patch
pub mod github; //   as annotations of a pull request
pub mod sarif; //    for code scanning
mod fold; //         what is alike is said once
mod phrase; //       words that the forms share
mod fields; //       a field that differs, in lines
mod budget; //       what may be left out, and in which order
pub mod escape; //   text of users, as text

use super::report::{Effect, Severity};

/// What a filter keeps from view. The counts of a report, its gate and its JSON have it all.
#[derive(Clone, Debug, PartialEq)]
pub struct Hidden {
    /// How many objects that differ are not shown.
    pub objects: usize,
    /// The effects that are not shown.
    pub effects: Vec<Effect>,
    /// The filter, as it was typed: `--kind Deployment`.
    pub by: String,
}

impl Hidden {
    /// Whether anything is not shown.
    fn is_any(&self) -> bool {
        self.objects + self.effects.len() > 0
    }

    /// The worst that is not shown.
    fn worst(&self) -> Option<Severity> {
        self.effects.iter().map(|effect| effect.severity).max()
    }
}
