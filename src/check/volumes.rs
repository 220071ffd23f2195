//! Volumes that can be kept: by a StatefulSet, on a class that the region has.

use super::storage;
use crate::diag::{Code, Diagnostic, Sink};
use crate::model::{Model, Service};
use crate::spec::fleet::{Binding, StorageClass, Survives, Topology};
use crate::spec::service::{Volume, WorkloadKind};

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    if service.kind == WorkloadKind::Stateful && service.document.has(&["rollout"]) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "`rollout` has no meaning for `kind = \"stateful\"`")
                .at(service.document.key(&["rollout"]), "")
                .note("a StatefulSet keeps its name, as its volumes hang on it, and replaces its pods one by one")
                .help("remove it"),
        );
    }
    if service.kind == WorkloadKind::Stateful && service.autoscale.is_some() {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "a stateful service is not scaled by its load")
                .at(service.document.key(&["capacity", "autoscale"]), "")
                .note(
                    "replicas that come and go leave volumes behind that nobody writes to any more",
                )
                .help("remove it, and set `capacity.peak`"),
        );
    }
    if service.kind == WorkloadKind::Deployment && !service.volumes.is_empty() {
        sink.error(
            Diagnostic::new(Code::STATEFUL_NEEDED, format!("`{}` cannot keep volumes", service.name))
                .at(service.document.key(&["volumes"]), "")
                .note("the replicas of a Deployment would share one volume, which one node at a time can mount")
                .help("add `kind = \"stateful\"`"),
        );
        return;
    }
    for (index, volume) in service.volumes.iter().enumerate() {
        let path = ["volumes", &index.to_string(), "class"];
        for region in &service.regions {
            let Some(class) = service.class_of(volume, region) else {
                let wanted = volume.class.as_deref();
                sink.error(storage::unknown(region, wanted, service.at(&path)));
                continue;
            };
            let declared =
                model.fleet().document.key(&["regions", region.name.as_str(), "storage"]);
            let needs = Needs::of(service, volume);
            let use_others = needs.classes(service);
            if early(class) {
                sink.error(
                    Diagnostic::new(
                        Code::IMMEDIATE_BINDING,
                        format!("`{}` makes a volume before its pod is scheduled", class.name),
                    )
                    .at(service.at(&path), format!("in {}", region.name))
                    .related(declared, "declared here")
                    .note("the zone of the volume would decide where the pod goes, against its spread over zones")
                    .help(format!("use {}", use_others.as_deref().unwrap_or("a class with `binding = \"wait-for-first-consumer\"`"))),
                );
            }
            if needs.snapshots && class.snapshots.is_none() {
                sink.error(
                    Diagnostic::new(
                        Code::NO_SNAPSHOTS,
                        format!("`{}` takes no snapshots of volume `{}`", class.name, volume.name),
                    )
                    .at(service.at(&path), format!("in {}", region.name))
                    .related(declared, "declared here, without `snapshots`")
                    .note("every backup of the volume would fail, and its RPO would be none")
                    .help(format!("name the VolumeSnapshotClass in the fleet: `snapshots = \"…\"`; use {}; or write `backup = false`", use_others.as_deref().unwrap_or("another class"))),
                );
            }
            if needs.zones
                && class.topology == Topology::Zone
                && !service.doubts.any(&["tier", "data"])
            {
                sink.report(
                    Diagnostic::new(
                        Code::ZONE_VOLUME,
                        format!("volume `{}` goes with its zone", volume.name),
                    )
                    .at(service.at(&path), format!("`{}` stands in one zone of {}", class.name, region.name))
                    .related(service.at(&["tier"]), "survives the loss of a zone")
                    .note("the replicas of that zone, and what only they hold, are gone until it is back")
                    .help(format!("use {}, or declare `[data.replication]`", use_others.as_deref().unwrap_or("a class with `topology = \"region\"`"))),
                );
            }
        }
    }
}

/// Whether a volume is made before its pod is scheduled, in a zone that the pod must then go to.
fn early(class: &StorageClass) -> bool {
    class.binding == Binding::Immediate && class.topology == Topology::Zone
}

/// What a volume asks of its class.
struct Needs {
    snapshots: bool,
    zones: bool,
}

impl Needs {
    fn of(service: &Service, volume: &Volume) -> Needs {
        let engine = service.replication.as_ref().map(|replication| replication.engine);
        let alone = engine.is_none();
        // VolSync copies from snapshots.
        let snapshots = engine.map_or(service.backed_up, |engine| engine.row().snapshots);
        Needs {
            snapshots: snapshots && volume.backup != Some(false),
            zones: alone && service.tier.survives >= Survives::Zone,
        }
    }

    /// The classes that every region of the service has, and that will do everywhere.
    fn classes(&self, service: &Service) -> Option<String> {
        let fits = |class: &StorageClass| {
            !early(class)
                && (!self.snapshots || class.snapshots.is_some())
                && (!self.zones || class.topology == Topology::Region)
        };
        let (first, others) = service.regions.split_first()?;
        let everywhere = |class: &&StorageClass| {
            let same = |other: &StorageClass| other.name == class.name && fits(other);
            others.iter().all(|region| region.storage.iter().any(same))
        };
        let fitting = first.storage.iter().filter(|class| fits(class)).filter(everywhere);
        let names: Vec<&str> = fitting.map(|class| class.name.as_str()).collect();
        (!names.is_empty()).then(|| format!("`class = \"{}\"`", names.join("\"` or `class = \"")))
    }
}
