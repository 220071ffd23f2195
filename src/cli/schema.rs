//! `ninefold schema`: the form of what is read, and of what is printed as JSON.

use super::answers;
use super::args::SchemaOf;
use super::{exit::Exit, print};
use crate::{diag, diff, explain, import, judge, report, spec};
use serde_json::Value;

pub(super) fn run(of: SchemaOf) -> Exit {
    print::data(&format!("{:#}\n", find(of)));
    Exit::Done
}

/// The schema of a file, or of the answer of a command.
pub(super) fn find(of: SchemaOf) -> &'static Value {
    match of {
        SchemaOf::Service => &spec::schema::SERVICE,
        SchemaOf::Fleet => &spec::schema::FLEET,
        SchemaOf::Evidence => &spec::schema::EVIDENCE,
        SchemaOf::Check => &diag::json::SCHEMA,
        SchemaOf::Explain => &explain::json::SCHEMA,
        SchemaOf::Simulate => &judge::SCHEMA,
        SchemaOf::Diff => &diff::format::json::SCHEMA,
        SchemaOf::Drill => &answers::DRILL,
        SchemaOf::Calendar => &answers::CALENDAR,
        SchemaOf::EvidenceAnswer => &answers::EVIDENCE,
        SchemaOf::Report => &report::SCHEMA,
        SchemaOf::Account => &import::account::SCHEMA,
    }
}
