//! Snapshots of etcd, and the replacement of lost nodes, for clusters that the fleet runs itself
//! (`docs/facts.md`, "Control planes").

use super::namespaces::managed;
use super::values::{Map, Meta, Values};
use super::{Origin, Planned, shared};
use crate::decide::control_plane::{
    self, LATE, SILENT, SNAPSHOTS, STARTUP, TAKES, max_replaced, saved,
};
use crate::kube::{Kind, Namespace};
use crate::model::EtcdSnapshots;
use crate::model::Machines as DeclaredMachines;
use crate::model::{Fleet, Model, Region};
use serde::Serialize;
use std::collections::BTreeSet;

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

/// Where it stands: what mounts the keys of etcd from the node is allowed in few namespaces.
pub(crate) const NAMESPACE: &str = "kube-system";

pub(crate) fn plan(model: &Model) -> Vec<Planned> {
    let fleet = model.fleet();
    let mut objects = Vec::new();
    for region in fleet.hosts() {
        let Some(control_plane) = &region.control_plane else { continue };
        objects.extend(control_plane.snapshots.iter().map(|one| snapshots(fleet, region, one)));
        objects.extend(control_plane.machines.iter().map(|one| machines(fleet, region, one)));
    }
    objects
}

/// The card of a region, below `recovery/`.
pub(crate) fn card(region: &Region) -> String {
    format!("fleet/{}.md", region.name)
}

/// The MachineHealthCheck over the workers of a cluster.
pub(crate) fn health_check(machines: &DeclaredMachines) -> String {
    format!("{}-workers", machines.cluster)
}

fn snapshots(fleet: &Fleet, region: &Region, written: &EtcdSnapshots) -> Planned {
    let saved = saved(region, written);
    let values = Snapshots {
        meta: meta(region, NAMESPACE, SNAPSHOTS),
        cron: saved.cron,
        late: LATE.as_seconds(),
        deadline: TAKES.as_seconds(),
        etcd: written.image.clone(),
        uploader: written.upload.image.clone(),
        pull_secrets: pull_secrets(region, written),
        args: written.upload.args.clone(),
        secret: written.upload.secret.clone(),
        size: saved.size.to_string(),
        cpu: control_plane::CPU.to_string(),
        memory: control_plane::MEMORY.to_string(),
    };
    let id = (Kind::CronJob, Some(Namespace::new(NAMESPACE)), SNAPSHOTS, SNAPSHOTS);
    let origin = origin(fleet, region, "snapshots", "control_plane.snapshots");
    let planned = shared(fleet, region, id, Values::Snapshots(Box::new(values)), origin);
    Planned { template: "etcd-snapshots.yaml".to_owned(), ..planned }
}

/// The Secrets with which the images of a snapshot are pulled, once each.
pub(crate) fn pull_secrets(region: &Region, written: &EtcdSnapshots) -> Vec<String> {
    let images = [&written.image, &written.upload.image];
    let found: BTreeSet<&str> =
        images.into_iter().filter_map(|image| region.pull_secret(image)).collect();
    found.into_iter().map(str::to_owned).collect()
}

/// Every Secret that the snapshots of a region take from [`NAMESPACE`].
pub(crate) fn secrets(region: &Region, written: &EtcdSnapshots) -> Vec<String> {
    let all = written.upload.secret.iter().cloned().chain(pull_secrets(region, written));
    let all: BTreeSet<String> = all.collect();
    all.into_iter().collect()
}

/// Replaces workers that are lost one by one.
fn machines(fleet: &Fleet, region: &Region, written: &DeclaredMachines) -> Planned {
    let name = health_check(written);
    let values = Machines {
        meta: meta(region, &written.namespace, &name),
        cluster: written.cluster.clone(),
        unhealthy: SILENT.as_seconds(),
        startup: STARTUP.as_seconds(),
        at_once: max_replaced(region),
    };
    let namespace = Namespace::new(written.namespace.as_str());
    let id = (Kind::MachineHealthCheck, Some(namespace), &*name, "workers");
    let origin = origin(fleet, region, "machines", "control_plane.machines");
    shared(fleet, region, id, Values::Machines(Box::new(values)), origin)
}

fn meta(region: &Region, namespace: &str, name: &str) -> Meta {
    Meta {
        name: name.to_owned(),
        namespace: Some(namespace.to_owned()),
        labels: managed(region),
        annotations: Map::new(),
    }
}

fn origin(fleet: &Fleet, region: &Region, part: &str, key: &'static str) -> Origin {
    let span = fleet.document.key(&["regions", region.name.as_str(), "control_plane", part]);
    Origin { span, key }
}
