//! What no output shows.

use crate::diff::Report;

/// Masks a report.
pub fn report(_report: &mut Report) {}
