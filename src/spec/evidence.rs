//! The record of a drill: one file for each, to be signed and kept outside the region
//! (`docs/facts.md`, "Drills").

use super::fleet::Step;
use crate::quantity::{Date, Moment};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The record of one drill.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The id of the drill, as `ninefold drill` was given it.
    pub drill_id: String,
    /// The day.
    pub on: Date,
    /// The service.
    pub service: String,
    /// Its tier on that day.
    pub tier: String,
    /// The SHA-256 of the file of its spec on that day, as `sha256sum specs/NAME.toml` prints it.
    pub spec_sha256: String,
    /// The commit of the tree.
    pub tree_commit: String,
    /// The version of Ninefold.
    pub compiler_version: String,
    /// Between which clusters.
    pub clusters: Clusters,
    /// What was supposed to be lost.
    pub scenario: Scenario,
    /// The backup that was restored; none where nothing was.
    pub backup: Option<Backup>,
    /// The Restore; none where nothing was restored.
    pub restore: Option<Restore>,
    /// What was measured.
    pub measured: Measured,
    /// What was promised on that day.
    pub targets: Targets,
    /// What was looked at.
    pub checks: Vec<Check>,
    /// Who took part.
    pub participants: Vec<String>,
    /// Who approved the record.
    pub approver: String,
    /// What went otherwise than planned, and who mends it.
    #[serde(default)]
    pub deviations: Vec<Deviation>,
    /// Whether it counts as passed.
    pub result: Outcome,
}

/// Between which clusters.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clusters {
    /// The one that was supposed to be lost, or whose backup was taken.
    pub source: String,
    /// The one that took over, or where it was restored.
    pub target: String,
}

/// What was supposed to be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// A node.
    Node,
    /// A zone.
    Zone,
    /// A region.
    Region,
    /// Data.
    Corruption,
    /// The control plane.
    ControlPlane,
}

/// A backup, as Velero speaks of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// Its name.
    pub name: String,
    /// When it began.
    pub started: Moment,
    /// When it ended.
    pub completed: Moment,
    /// `Completed`.
    pub phase: String,
    /// Where it lies.
    pub storage_location: String,
}

/// A Restore, as Velero speaks of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// Its name.
    pub name: String,
    /// When it began.
    pub started: Moment,
    /// When it ended.
    pub completed: Moment,
    /// `Completed`.
    pub phase: String,
    /// Its errors.
    pub errors: u64,
    /// Its warnings.
    pub warnings: u64,
    /// How much was restored.
    pub bytes: u64,
}

/// What was measured, in seconds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// From the newest entry that was there until the loss.
    pub rpo_s: u64,
    /// From the loss until it served.
    pub rto_s: u64,
    /// The steps of it.
    pub terms: Terms,
}

/// The steps of a recovery, in seconds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Steps that a fleet takes over.
    #[serde(default)]
    #[schemars(schema_with = "steps")]
    pub steps: BTreeMap<Step, u64>,
    /// From the start of the pods until they were ready.
    pub start: Option<u64>,
    /// Until it was verified.
    pub verification: Option<u64>,
}

/// A key for each step, so that editors and findings know them.
fn steps(generator: &mut SchemaGenerator) -> Schema {
    let seconds = generator.subschema_for::<u64>();
    let steps = Step::ALL.map(|step| {
        let mut schema = seconds.clone();
        schema.insert("description".to_owned(), format!("How long `{}` took.", step.word()).into());
        (step.word().to_owned(), schema.to_value())
    });
    json_schema!({
        "type": "object",
        "properties": steps.into_iter().collect::<serde_json::Map<_, _>>(),
        "additionalProperties": false,
    })
}

/// What was promised, in seconds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    /// The most data that may be lost.
    pub rpo_s: u64,
    /// The longest time until it serves.
    pub rto_s: u64,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What.
    pub name: String,
    /// Whether it was as it should be.
    pub result: Outcome,
    /// The digest of what it printed.
    pub digest: Option<String>,
}

/// Whether something was as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was.
    Passed,
    /// It was not.
    Failed,
}

/// Something that went otherwise than planned.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    /// What.
    pub id: String,
    /// Where it is mended.
    pub ticket: String,
    /// Until when.
    pub due: Date,
}
