//! What `calendar`, `drill` and `evidence` print as JSON. Keys are only ever added.

use crate::diag::json::{Finding, schema_of};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::sync::LazyLock;

/// JSON Schemas, draft 2020-12, of these.
pub(super) static CALENDAR: LazyLock<Value> = LazyLock::new(schema_of::<Calendar<'_>>);
pub(super) static DRILL: LazyLock<Value> = LazyLock::new(schema_of::<Drill<'_>>);
pub(super) static EVIDENCE: LazyLock<Value> = LazyLock::new(schema_of::<Evidence<'_>>);

/// When drills are due.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "ninefold calendar")]
pub(super) struct Calendar<'a> {
    /// The day that was named by `--today`; null without it.
    pub(super) today: Option<String>,
    /// Every drill, what is due first at the top.
    pub(super) drills: Vec<Due<'a>>,
}

/// A drill that is done again and again.
#[derive(Serialize, JsonSchema)]
pub(super) struct Due<'a> {
    /// The service.
    pub(super) service: &'a str,
    /// What is done.
    pub(super) what: &'a str,
    /// Days between two.
    pub(super) every_days: u64,
    /// The day on which the last was measured; null when none was.
    pub(super) last: Option<&'a str>,
    /// The day until which the next is to be done; null when it is to be done at once.
    pub(super) due: Option<&'a str>,
    /// Whether it should have been done before today; null without `--today`.
    pub(super) overdue: Option<bool>,
}

/// The objects of one drill.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "ninefold drill")]
pub(super) struct Drill<'a> {
    /// The service.
    pub(super) service: &'a str,
    /// The region that it is restored in.
    pub(super) region: &'a str,
    /// What the data comes back from: `backup`, `archive` or `copies`.
    pub(super) from: &'a str,
    /// What is applied, in this order.
    pub(super) objects: Vec<Applied<'a>>,
    /// What must be set or known before.
    pub(super) notes: Vec<String>,
}

/// An object that a person applies.
#[derive(Serialize, JsonSchema)]
pub(super) struct Applied<'a> {
    /// Its path below the tree.
    pub(super) path: &'a str,
    /// It, as YAML.
    pub(super) text: &'a str,
}

/// Records of drills, held against what is promised.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "ninefold evidence")]
pub(super) struct Evidence<'a> {
    /// The records that count, in their order.
    pub(super) records: Vec<Counts<'a>>,
    /// What is wrong with any of them.
    pub(super) findings: Vec<Finding<'a>>,
}

/// A record that counts.
#[derive(Serialize, JsonSchema)]
pub(super) struct Counts<'a> {
    /// The file of the record.
    pub(super) file: &'a str,
    /// The tier of its service.
    pub(super) tier: &'a str,
    /// The last day on which it counts; null when it counts for ever.
    pub(super) until: Option<String>,
    /// What goes into the fleet file, as TOML; empty when it has all of it.
    pub(super) measured: &'a str,
    /// How many steps the fleet has already.
    pub(super) known: usize,
}

/// One of these as JSON, in lines.
pub(super) fn json(answer: &impl Serialize) -> String {
    serde_json::to_string_pretty(answer).expect("an answer holds texts and numbers") + "\n"
}
