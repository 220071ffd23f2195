//! What keeps a cluster that the fleet runs itself.

use super::Meta;
use serde::Serialize;

/// A CronJob that saves the etcd of a cluster, checks what it saved, and uploads it.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshots {
    /// Its metadata.
    pub meta: Meta,
    /// Five fields of cron, in UTC.
    pub cron: String,
    /// How late a run may begin, in seconds.
    pub late: u64,
    /// How long a run may take, in seconds.
    pub deadline: u64,
    /// The image of etcd.
    pub etcd: String,
    /// The image that uploads.
    pub uploader: String,
    /// The Secrets with which both are pulled.
    pub pull_secrets: Vec<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// The Secret that it gets as its environment.
    pub secret: Option<String>,
    /// The most that a snapshot takes.
    pub size: String,
    /// CPU that is set aside for each step.
    pub cpu: String,
    /// Memory that is set aside for each, and the most it may use.
    pub memory: String,
}

/// A MachineHealthCheck over the worker nodes of a cluster.
#[derive(Clone, Debug, Serialize)]
pub struct Machines {
    /// Its metadata.
    pub meta: Meta,
    /// The Cluster.
    pub cluster: String,
    /// How long a node may be lost or not ready, in seconds.
    pub unhealthy: u64,
    /// How long a machine may take to become a node, in seconds.
    pub startup: u64,
    /// The most machines that may be unhealthy at once and still be replaced.
    pub at_once: u32,
}
