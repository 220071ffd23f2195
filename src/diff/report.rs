//! What a diff says, complete and in order: every format prints this and nothing else.
//!
//! Secrets are masked before a value gets here, so that no format can forget it.

use super::value::Change;
use crate::diag::Code;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The difference between two trees, worst first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The old side.
    pub from: Side,
    /// The new side.
    pub to: Side,
    /// How many objects there are, and what becomes of them.
    pub counts: Counts,
    /// Why things change, in the order of [`Cause`]s: the other parts refer to them by number.
    pub causes: Vec<Cause>,
    /// What the change does, worst first; then by rule, service and regions.
    pub effects: Vec<Effect>,
    /// Every object that differs, in the order of identities.
    pub objects: Vec<Object>,
    /// Objects that differ alike: each group is printed once. In the order of services.
    pub groups: Vec<Group>,
    /// What a reader must know about the comparison itself.
    pub notes: Vec<String>,
}

/// One of the two trees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Side {
    /// Where it comes from.
    pub kind: SideKind,
    /// As it was asked for: `origin/main`, `out`, `working tree`.
    pub name: String,
    /// The commit, in full; none for anything but a revision.
    pub commit: Option<String>,
}

/// Where a tree comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SideKind {
    /// A revision of git.
    Git,
    /// A folder.
    Folder,
    /// What the specs of the working tree compile to.
    Compile,
}

/// How many objects there are, and what becomes of them. Every object that differs counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Identities on either side.
    pub compared: usize,
    /// The same bytes on both sides.
    pub unchanged: usize,
    /// [`Operation::Create`].
    pub created: usize,
    /// [`Operation::Delete`].
    pub deleted: usize,
    /// [`Operation::Update`].
    pub updated: usize,
    /// [`Operation::Replace`].
    pub replaced: usize,
    /// [`Operation::Move`].
    pub moved: usize,
    /// [`Operation::Keep`].
    pub kept: usize,
    /// [`Operation::Retire`].
    pub retired: usize,
    /// Of those above: only what they refer to has another name.
    pub followed: usize,
    /// Of those above: other bytes, the same meaning.
    pub cosmetic: usize,
}

/// How much a change matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a line.
    Info,
    /// Nobody notices.
    Low,
    /// Pods are replaced; what is promised holds.
    Medium,
    /// A promise is weaker than before.
    High,
    /// A region, data or its backups are lost, or the change cannot be applied.
    Critical,
}

/// Why something changes: one edit, wherever it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What made the change.
    pub kind: CauseKind,
    /// One phrase: `image: …a → …b`, `regions: − ap-south-1`.
    pub title: String,
    /// The edited places, one for each file: the same edit of many services is one cause.
    pub places: Vec<Place>,
    /// The value before, when it is a single one.
    pub old: Option<String>,
    /// The value after.
    pub new: Option<String>,
    /// What it promotes, where another environment had the value before.
    pub promotes: Option<Promotion>,
    /// The objects that say something else because of it: indices into [`Report::objects`].
    pub objects: Vec<usize>,
    /// The objects that only follow, as something that they refer to has another name.
    pub followers: Vec<usize>,
}

/// An environment takes what another one had.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Promotion {
    /// The service.
    pub service: String,
    /// The environment that had it.
    pub from: String,
    /// The environment that takes it: `default` for that at the top of the spec.
    pub to: String,
}

/// Who makes a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// An edit of a service's spec.
    Spec,
    /// An edit of the fleet.
    Fleet,
    /// An edit of a template.
    Template,
    /// The old specs compile to something else than the old tree: another version of Ninefold made it, or it
    /// was not built.
    Tool,
    /// Someone edited generated files.
    HandEdit,
    /// A build or a retirement: generations that come and go.
    Generations,
    /// One of the sides has no specs to look at.
    Unknown,
}

/// A place in a file of the specs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Place {
    /// The file, as it is written in the repository: `specs/web.toml`.
    pub file: String,
    /// The key: `config.timeout`.
    pub key: String,
    /// Its line on the new side, from 1; that of the nearest key above it when it was removed, and
    /// none when there is none.
    pub line: Option<usize>,
    /// Its line on the old side.
    pub old_line: Option<usize>,
}

/// What a change does to a promise, or to what runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// The rule, a code with a page: `loses-region`.
    #[serde(serialize_with = "by_name")]
    pub rule: Code,
    /// How much it matters.
    pub severity: Severity,
    /// Whether the promise gets weaker.
    pub direction: Direction,
    /// Whom it concerns; `fleet` for what services share.
    pub service: String,
    /// Where, in the order of the spec.
    pub regions: Vec<String>,
    /// One phrase, without the service: `loses region ap-south-1`.
    pub title: String,
    /// What follows, line by line: `regions 3 → 2; …`.
    pub details: Vec<String>,
    /// The numbers behind it, by name.
    pub evidence: BTreeMap<String, serde_json::Value>,
    /// Indices into [`Report::causes`].
    pub causes: Vec<usize>,
    /// Indices into [`Report::objects`].
    pub objects: Vec<usize>,
    /// The `[[accept]]` that covers it: it satisfies the gate and stays visible.
    pub accepted: Option<Accepted>,
}

fn by_name<S: serde::Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.name())
}

/// Which way an effect goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Less is promised than before, or it is kept less well.
    Loosens,
    /// More is promised, or it is kept better.
    Tightens,
    /// Neither.
    Neutral,
}

/// That an effect is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Accepted {
    /// Why.
    pub reason: String,
    /// The last day: `2027-01-31`.
    pub until: String,
}

/// An object that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Object {
    /// Who it is: `region/group/kind/namespace/logical name`, unique in a report together with
    /// its generation.
    pub id: String,
    /// The service, or `fleet`.
    pub service: String,
    /// Where.
    pub region: String,
    /// `Deployment`
    pub kind: String,
    /// Its name without a hash.
    pub logical_name: String,
    /// The former generation that it belongs to; none for the current one.
    pub generation: Option<String>,
    /// What becomes of it.
    pub operation: Operation,
    /// What differs in it.
    pub class: Class,
    /// How the two sides were found to be the same object.
    pub pairing: Pairing,
    /// On the old side.
    pub old: Option<Manifest>,
    /// On the new side.
    pub new: Option<Manifest>,
    /// Field by field, with logical names in place of final ones. An object that comes or goes is
    /// one change at the root.
    pub changes: Vec<Change>,
    /// Names with a hash in it: its own, and those of what it refers to.
    pub names: HashedNames,
    /// Indices into [`Report::causes`].
    pub causes: Vec<usize>,
}

/// The fields of an object that hold a name with a hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HashedNames {
    /// In the old document.
    pub old: Vec<HashedName>,
    /// In the new one.
    pub new: Vec<HashedName>,
}

/// A field that holds a name with a hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct HashedName {
    /// Where it is (RFC 6901).
    pub pointer: String,
    /// What the field counts as when two sides are compared: the name without the hash.
    pub logical: String,
    /// What it says.
    pub name: String,
}

/// A manifest of one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Manifest {
    /// `apps/v1`
    pub api_version: String,
    /// What Kubernetes calls it.
    pub name: String,
    /// Its file below the tree.
    pub path: String,
    /// Which document of that file, from 0; files of Ninefold hold one.
    pub document: usize,
}

/// What becomes of an object when the new tree is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// It is new.
    Create,
    /// It goes, and nothing takes its place.
    Delete,
    /// It is edited under its name.
    Update,
    /// Another object, under another name, takes its place.
    Replace,
    /// The same under another name that was declared: `previously`.
    Move,
    /// It was the current one and runs on as a former generation.
    Keep,
    /// It was a former generation, and goes.
    Retire,
}

/// What differs in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// What it says.
    Edited,
    /// Only the names of what it refers to.
    Follows,
    /// Only its bytes: order, spelling.
    Cosmetic,
}

/// How two sides were found to be the same object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Pairing {
    /// The same identity.
    Identity,
    /// A rename that the spec declares.
    Declared,
    /// The same service, namespace and logical name under another kind.
    Kind,
    /// A service that came and one that went look alike: a guess, and called that.
    Similarity,
    /// Only one side has it.
    None,
}

/// Objects of one kind that change alike, in all the places where they do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The services, in the order of their names.
    pub services: Vec<String>,
    /// The regions.
    pub regions: Vec<String>,
    /// Of how many regions these services have.
    pub of_regions: usize,
    /// `Deployment`
    pub kind: String,
    /// Indices into [`Report::objects`]; the first stands for all of them.
    pub objects: Vec<usize>,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Severity; 5] =
        [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl Report {
    /// Whether nothing differs: no object, and no promise.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.effects.is_empty()
    }

    /// Whether what differs means the same.
    pub fn is_cosmetic(&self) -> bool {
        self.objects.iter().all(|object| object.class == Class::Cosmetic)
    }

    /// The worst of its effects.
    pub fn worst(&self) -> Option<Severity> {
        self.effects.iter().map(|effect| effect.severity).max()
    }

    /// The effects at or above `severity` that nobody accepted.
    pub fn unaccepted(&self, severity: Severity) -> impl Iterator<Item = &Effect> {
        let at_least = move |effect: &&Effect| effect.severity >= severity;
        self.effects.iter().filter(at_least).filter(|effect| effect.accepted.is_none())
    }
}
