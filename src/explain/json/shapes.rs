//! The shape of an explanation as JSON.

use crate::explain::foreign;
use schemars::JsonSchema;
use serde::Serialize;

/// What `ninefold explain --format json` prints: of a service, of a finding, or of all findings. Keys
/// are only ever added.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(title = "ninefold explain")]
pub(super) enum Explained<'a> {
    /// What is promised of a service, and where every number comes from.
    Service(Box<Document<'a>>),
    /// What a finding means.
    Finding(OneCode<'a>),
    /// The findings that there are.
    Findings(Vec<OneCode<'a>>),
    /// What is known of workloads of which there is no spec.
    Foreign(&'a [foreign::Page]),
}

/// A finding that there can be.
#[derive(Serialize, JsonSchema)]
pub(super) struct OneCode<'a> {
    /// Its code.
    pub(super) code: &'a str,
    /// `error` or `warning`.
    pub(super) severity: &'a str,
    /// What it is about.
    pub(super) summary: &'a str,
    /// Its page, as Markdown; only where one finding was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page: Option<&'a str>,
}

/// What is promised of a service, and where every number comes from.
#[derive(Serialize, JsonSchema)]
pub(super) struct Document<'a> {
    /// The service.
    pub(super) service: &'a str,
    /// Its tier.
    pub(super) tier: &'a str,
    /// `deployment` or `stateful`.
    pub(super) kind: &'a str,
    /// The recovery strategy.
    pub(super) recovery: &'a str,
    /// The path of the spec.
    pub(super) spec: &'a str,
    /// The day of the fleet's inventory.
    pub(super) inventory: &'a str,
    /// Whether all of it holds, in a sentence; null where nothing is promised.
    pub(super) summary: Option<&'a str>,
    /// In the order of the spec.
    pub(super) regions: Vec<Region<'a>>,
    /// With whom it moves when its first region is lost, and in which order, in sentences; empty where it
    /// moves alone, or does not.
    pub(super) order: &'a [String],
    /// What the claims take for granted; they name the codes.
    pub(super) premises: Vec<Coded<'a>>,
    /// What no sum can show.
    pub(super) not_provable: &'a str,
}

/// A premise.
#[derive(Serialize, JsonSchema)]
pub(super) struct Coded<'a> {
    /// Its code, by which claims name it.
    pub(super) code: &'a str,
    /// It, in words.
    pub(super) text: &'a str,
}

/// A service in one region.
#[derive(Serialize, JsonSchema)]
pub(super) struct Region<'a> {
    /// The region.
    pub(super) region: &'a str,
    /// `primary`, `standby`, `active`.
    pub(super) role: &'a str,
    /// Replicas that run.
    pub(super) replicas: u32,
    /// Replicas that carry the peak.
    pub(super) peak: u32,
    /// Zones that they stand in.
    pub(super) zones: u32,
    /// Replicas that are left when the fullest zone is lost.
    pub(super) survivors_of_zone_loss: u32,
    /// The Backups of the Velero server; null where none backs the service up.
    pub(super) backups: Option<Backups>,
    /// What is claimed about each loss.
    pub(super) claims: Vec<OneClaim<'a>>,
    /// Every number of the manifests.
    pub(super) numbers: Vec<OneNumber<'a>>,
}

/// How many Backups a Velero server holds, and compares with its locations every minute.
#[derive(Serialize, JsonSchema)]
pub(super) struct Backups {
    /// Those that it makes, of all services.
    pub(super) made: u64,
    /// Those that it reads for other regions.
    pub(super) read: u64,
    /// How many there may be.
    pub(super) most: u64,
    /// Whether the fleet says so.
    pub(super) declared: bool,
}

/// What is claimed about one loss.
#[derive(Serialize, JsonSchema)]
pub(super) struct OneClaim<'a> {
    /// What is lost: `pod`, `node`, `zone`, `region`, `data`.
    pub(super) scope: &'a str,
    /// `rpo`, `rto`, `survivors`, `availability`.
    pub(super) objective: &'a str,
    /// `kept`, `broken`, `not promised`, `void`.
    pub(super) verdict: &'a str,
    /// Null where nothing is promised.
    pub(super) promised: Option<Promised>,
    /// Null where nothing bounds it.
    pub(super) worst: Option<OneAmount>,
    /// In the unit of `worst`, negative where broken; null without a promise or a bound.
    pub(super) margin: Option<i64>,
    /// How the terms make the worst case.
    pub(super) formula: &'a str,
    /// The parts of the worst case.
    pub(super) terms: Vec<OneTerm<'a>>,
    /// Codes of the premises.
    pub(super) premises: Vec<&'a str>,
}

/// What is promised, and by whom.
#[derive(Serialize, JsonSchema)]
pub(super) struct Promised {
    #[serde(flatten)]
    pub(super) amount: OneAmount,
    /// Who promises it.
    pub(super) source: OneSource,
}

/// A number with its unit.
#[derive(Serialize, JsonSchema)]
pub(super) struct OneAmount {
    /// The number, in the base of the unit.
    pub(super) number: u64,
    /// `seconds`, `replicas`, `millicpu`, `bytes`, or `millionths` of one.
    pub(super) unit: &'static str,
    /// As people read it.
    pub(super) text: String,
}

/// A part of a sum.
#[derive(Serialize, JsonSchema)]
pub(super) struct OneTerm<'a> {
    /// What it is.
    pub(super) name: &'a str,
    /// How many times the amount counts.
    pub(super) times: u64,
    /// How much it is once.
    pub(super) amount: OneAmount,
    /// Times × amount.
    pub(super) total: u64,
    /// Where it comes from.
    pub(super) source: OneSource,
    /// How the amount follows from other numbers; may be empty.
    pub(super) formula: String,
}

/// Where a number comes from.
#[derive(Serialize, JsonSchema)]
pub(super) struct OneSource {
    /// `spec`, `fleet`, `tier`, `kubernetes`, `velero`, `decided`, `proven`, `assumed`, `measured`.
    pub(super) kind: &'static str,
    /// In words.
    pub(super) text: String,
    /// `specs/orders.toml:7`, where it stands in an input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<String>,
}

/// A number of a manifest.
#[derive(Serialize, JsonSchema)]
pub(super) struct OneNumber<'a> {
    /// The stem of the object's file.
    pub(super) object: &'a str,
    /// Where it stands in the object.
    pub(super) field: &'a str,
    /// As the manifest has it.
    pub(super) value: &'a str,
    /// Why.
    pub(super) words: &'a str,
    /// Whether Ninefold decided it; not where a template of the user's own did.
    pub(super) explained: bool,
    /// What it follows from, the one that matters most first.
    pub(super) sources: Vec<OneSource>,
    /// The terms of claims that it is.
    pub(super) terms: Vec<OneTermOf<'a>>,
}

/// A part of a sum.
#[derive(Serialize, JsonSchema)]
pub(super) struct OneTermOf<'a> {
    /// What is lost.
    pub(super) scope: &'a str,
    /// What is claimed about it.
    pub(super) objective: &'a str,
    /// The name of the term.
    pub(super) term: &'a str,
}
