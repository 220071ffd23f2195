//! Snapshots of etcd, and the replacement of lost nodes, for clusters that the fleet runs itself
//! (`ha-dr` 4).
//!
//! What a cluster should run is in the tree; a snapshot is for what is nowhere else: generated
//! Secrets, which claim has which volume, the state of operators.

use super::cadence::nearest;
use super::namespaces::managed;
use super::values::{Machines, Map, Meta, Snapshots, Values};
use super::{Origin, Planned, cron, shared};
use crate::kube::{Kind, Namespace};
use crate::model::EtcdSnapshots;
use crate::model::Machines as DeclaredMachines;
use crate::model::{Fleet, Model, Region};
use crate::quantity::{Bytes, Duration};

/// The name of the CronJob.
pub(crate) const SNAPSHOTS: &str = "etcd-snapshot";

/// Where it stands: what mounts the keys of etcd from the node is allowed in few namespaces.
pub(crate) const NAMESPACE: &str = "kube-system";

/// What a run is given.
pub(crate) const TAKES: Duration = Duration::minutes(15);

const LATE: Duration = Duration::minutes(5);
const EVERY: Duration = Duration::minutes(60);
const SIZE: Bytes = Bytes::mebibytes(16 * 1024);

/// How long a node may be silent before its machine is replaced: longer than a reboot, and than
/// the controller takes to call it lost.
pub(crate) const SILENT: Duration = Duration::minutes(5);

/// How long a new machine may take to become a node (cluster-api's default).
const STARTUP: Duration = Duration::minutes(10);

pub(crate) fn plan(model: &Model) -> Vec<Planned> {
    let fleet = model.fleet();
    let mut objects = Vec::new();
    for region in fleet.regions.values() {
        let Some(control_plane) = &region.control_plane else { continue };
        objects.extend(control_plane.snapshots.iter().map(|one| snapshots(fleet, region, one)));
        objects.extend(control_plane.machines.iter().map(|one| machines(fleet, region, one)));
    }
    objects
}

/// The name of the page of a region, below `recovery/fleet/`.
pub(crate) fn file(region: &Region) -> String {
    format!("control-plane-{}.md", region.name)
}

/// How often the etcd of a region is saved.
pub(crate) fn interval(snapshots: &EtcdSnapshots) -> Duration {
    nearest(snapshots.every.unwrap_or(EVERY))
}

/// What the minute of the hour follows from.
pub(crate) fn slot(region: &Region) -> String {
    format!("{SNAPSHOTS}-{}", region.short)
}

/// The MachineHealthCheck over the workers of a cluster.
pub(crate) fn health_check(machines: &DeclaredMachines) -> String {
    format!("{}-workers", machines.cluster)
}

fn snapshots(fleet: &Fleet, region: &Region, written: &EtcdSnapshots) -> Planned {
    let values = Snapshots {
        meta: meta(region, NAMESPACE, SNAPSHOTS),
        cron: cron::expression(interval(written), &slot(region)),
        late: LATE.as_seconds(),
        deadline: TAKES.as_seconds(),
        etcd: written.image.clone(),
        uploader: written.upload.image.clone(),
        args: written.upload.args.clone(),
        secret: written.upload.secret.clone(),
        size: written.size.unwrap_or(SIZE).to_string(),
    };
    let id = (Kind::CronJob, Some(Namespace::new(NAMESPACE)), SNAPSHOTS, SNAPSHOTS);
    let origin = origin(fleet, region, "snapshots", "control_plane.snapshots");
    shared(fleet, region, id, Values::Snapshots(Box::new(values)), origin)
}

/// Replaces workers that are lost one by one. When as many are lost as the smallest zone has, a
/// zone is, and new machines in it would be lost as well.
fn machines(fleet: &Fleet, region: &Region, written: &DeclaredMachines) -> Planned {
    let smallest = region.zones.iter().map(|zone| zone.nodes).min().unwrap_or(1);
    let name = health_check(written);
    let values = Machines {
        meta: meta(region, &written.namespace, &name),
        cluster: written.cluster.clone(),
        unhealthy: SILENT.as_seconds(),
        startup: STARTUP.as_seconds(),
        at_once: (smallest - 1).max(1),
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
