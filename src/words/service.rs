//! Words of a service.

use schemars::JsonSchema;
use serde::Deserialize;

/// What runs a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WorkloadKind {
    /// A Deployment: replicas are alike and keep nothing.
    #[default]
    Deployment,
    /// A StatefulSet: replicas have a name and volumes of their own.
    Stateful,
}

/// How a service gets back after the loss of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
pub enum Strategy {
    /// One region runs; the others get the data back from a backup.
    #[serde(rename = "backup and restore")]
    BackupAndRestore,
    /// One region runs; in the others nothing does, and the data stands by where
    /// `[data.replication]` brings it.
    #[serde(rename = "pilot light")]
    PilotLight,
    /// One region runs; the others run with fewer replicas.
    #[serde(rename = "warm standby")]
    WarmStandby,
    /// Every region serves, and the others carry the load of one that is lost.
    #[serde(rename = "active/active")]
    ActiveActive,
}

impl Strategy {
    /// All of them, from the slowest to the one that never goes away.
    pub const ALL: [Strategy; 4] = [
        Strategy::BackupAndRestore,
        Strategy::PilotLight,
        Strategy::WarmStandby,
        Strategy::ActiveActive,
    ];

    /// As it is written in a spec.
    pub fn word(self) -> &'static str {
        match self {
            Strategy::BackupAndRestore => "backup and restore",
            Strategy::PilotLight => "pilot light",
            Strategy::WarmStandby => "warm standby",
            Strategy::ActiveActive => "active/active",
        }
    }
}

/// How a change of a Deployment ships.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rollout {
    /// A new Deployment comes up beside the old one, under a new name.
    Replace,
    /// The Deployment keeps its name and replaces its pods one by one.
    Rolling,
}

/// Where a writable folder is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Medium {
    /// On a disk of the node.
    #[default]
    Disk,
    /// In the memory of the replica: what is written there counts as its own.
    Memory,
}

/// A transport protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, Hash)]
pub enum Protocol {
    /// TCP.
    #[default]
    #[serde(rename = "TCP")]
    Tcp,
    /// UDP.
    #[serde(rename = "UDP")]
    Udp,
}

/// How a path is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Scheme {
    /// In the clear.
    #[serde(rename = "HTTP")]
    Http,
    /// Over TLS.
    #[serde(rename = "HTTPS")]
    Https,
}

/// Who moves traffic to another region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Failover {
    /// Health checks do.
    Automatic,
    /// A person does.
    Manual,
}

/// Whether a write waits for its copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It waits.
    Synchronous,
    /// It does not.
    Asynchronous,
}

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Everything in the namespace.
    Namespace,
    /// What carries the label of the service.
    Service,
}

/// When a job without a schedule runs. It runs again when it, its image or its configuration changes,
/// and where another region leads: it must be able to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Run {
    /// Before the pods of a release start. When it fails, they do not, and what serves goes on.
    BeforeRelease,
    /// Beside them: nothing waits for it.
    Once,
}

/// What becomes of a run when the one before has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Overlap {
    /// It is left out.
    Forbid,
    /// Both run.
    Allow,
    /// The one before is ended.
    Replace,
}

impl Overlap {
    /// As Kubernetes writes it.
    pub fn policy(self) -> &'static str {
        match self {
            Overlap::Forbid => "Forbid",
            Overlap::Allow => "Allow",
            Overlap::Replace => "Replace",
        }
    }
}

/// Where a job that failed is tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// In another pod, on any node; what failed stays, with its logs.
    #[default]
    Never,
    /// In the same pod, on the same node.
    OnFailure,
}

impl Restart {
    /// As Kubernetes writes it.
    pub fn policy(self) -> &'static str {
        match self {
            Restart::Never => "Never",
            Restart::OnFailure => "OnFailure",
        }
    }
}

/// In which regions of its service a job runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In the first alone.
    Primary,
    /// In all of them.
    Everywhere,
}
