//! What can be done for a control plane: nothing where somebody else runs it.

use super::locations::stored_somewhere;
use super::names::named;
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::{RegionName, id, image};
use crate::model::{EtcdSnapshots, Fleet, Model, Provider, Region, Service};
use crate::quantity::Duration;
use crate::spec::Document;

/// What every upload must say.
const FILE: &str = "/snapshot/snapshot.db";
const UNIQUE: &str = "$(SNAPSHOT)";

/// The control plane of one region.
pub(super) fn check(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let Some(control_plane) = &region.control_plane else { return };
    let at = |keys: &[&str]| at(fleet, region, keys);
    if !control_plane.self_managed.unwrap_or(region.provider == Provider::Other) {
        let written = control_plane.self_managed.is_some();
        let help = match written {
            true => "remove `control_plane`; if you do run its etcd, write `self_managed = true`",
            false => {
                "remove `control_plane`; if you run the cluster yourself on machines of this cloud, add `self_managed = true`"
            }
        };
        sink.error(
            Diagnostic::new(
                Code::CONTROL_PLANE_MANAGED,
                format!("the control plane of `{}` is managed: nobody here reaches its etcd", region.name),
            )
            .at(at(&[]), "")
            .note("after its loss there is a new cluster, which gets this tree, and its volumes from the backups")
            .help(help),
        );
        return;
    }
    if let Some(snapshots) = &control_plane.snapshots {
        check_snapshots(sink, fleet, region, snapshots);
    }
    if let Some(machines) = &control_plane.machines {
        for (key, name) in [("cluster", &machines.cluster), ("namespace", &machines.namespace)] {
            let help = "write it as `kubectl get clusters.cluster.x-k8s.io -A` shows it";
            let place = || at(&["machines", key]);
            named(sink, id::label_problem, (&format!("a {key}"), name), place, help);
        }
    }
}

fn check_snapshots(sink: &mut Sink, fleet: &Fleet, region: &Region, snapshots: &EtcdSnapshots) {
    let at = |keys: &[&str]| at(fleet, region, keys);
    let name = region.name.as_str();
    let images = [
        (&snapshots.image, at(&["snapshots", "image"])),
        (&snapshots.upload.image, at(&["snapshots", "upload", "image"])),
    ];
    for (image, span) in images {
        if let Some(problem) = image::problem(image) {
            super::image::wrong(sink, image, problem, span);
        } else if !image.contains('@') {
            sink.error(
                Diagnostic::new(Code::IMAGE_WITHOUT_DIGEST, format!("`{image}` has no digest"))
                    .at(span, "can mean another image tomorrow")
                    .note("it runs as root beside the keys of etcd")
                    .help("write `…@sha256:…`, as your registry shows it"),
            );
        }
    }
    let stored = at(&["snapshots", "stored_in"]);
    if snapshots.stored_in == name {
        sink.error(lost_with(name).at(stored, "its own region"));
    } else {
        let mut others = fleet.region_names();
        others.retain(|known| known != name);
        let kept = (&snapshots.stored_in, snapshots.geography.as_ref());
        stored_somewhere(sink, &others, stored, kept);
    }
    let bounds = (Duration::minutes(15), Duration::minutes(1440));
    if let Some(every) = snapshots.every.filter(|every| *every < bounds.0 || *every > bounds.1) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("etcd cannot be saved every {every}"))
                .at(at(&["snapshots", "every"]), "")
                .note("a run is given 15 minutes, and one must be over before the next begins")
                .help(format!("it is from {} to {}", bounds.0, bounds.1)),
        );
    }
    let needs = [
        (FILE, "nothing reads the snapshot", "the file that was saved"),
        (UNIQUE, "each snapshot would overwrite the one before", "a name of its own for each"),
    ];
    for (needed, what, why) in needs {
        if !snapshots.upload.args.iter().any(|arg| arg.contains(needed)) {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("{what}: `{needed}` is in no argument"))
                    .at(at(&["snapshots", "upload", "args"]), "")
                    .help(format!("`{needed}` stands for {why}")),
            );
        }
    }
    if let Some(name) = &snapshots.upload.secret {
        let place = || at(&["snapshots", "upload", "secret"]);
        let help = "name a Secret in `kube-system`";
        named(sink, id::subdomain_problem, ("a Secret", name), place, help);
    }
}

fn lost_with(region: &str) -> Diagnostic {
    Diagnostic::new(
        Code::BACKUP_LOCATION,
        format!("what is saved of the etcd of `{region}` would be lost with it"),
    )
    .help("store it in another region")
}

/// Snapshots that are stored in another region, but in the same place: what takes the place down
/// takes both.
pub(super) fn apart(sink: &mut Sink, fleet: &Fleet) {
    let (document, regions) = (&fleet.document, &fleet.regions);
    for region in regions.values() {
        let Some(snapshots) = region.snapshots() else { continue };
        let stored_in = snapshots.stored_in.as_str();
        let other = regions.get(&RegionName::new(stored_in));
        let place = other.map_or(stored_in, |other| &other.location);
        if stored_in == region.name.as_str() || place != region.location {
            continue;
        }
        let name = region.name.as_str();
        let mut finding = lost_with(name)
            .at(stored_at(document, name), format!("in `{place}`, as `{name}` is"))
            .note("what takes the place down takes the cluster and its snapshots");
        if let Some(other) = other {
            let zones = document.key(&["regions", other.name.as_str(), "zones"]);
            finding = finding.related(zones, "as the names of its zones tell");
        }
        sink.error(finding);
    }
}

/// The etcd of a cluster holds the Secrets and the objects of every service in it: a snapshot of it
/// may be only where all of them may be.
pub(super) fn residency(sink: &mut Sink, model: &Model, service: &Service) {
    if service.residency.is_empty() || model.fleet().doubts.any(&["regions"]) {
        return;
    }
    for region in &service.regions {
        let Some(snapshots) = region.snapshots() else { continue };
        let Some(geography) = region.geography_of_snapshots(model.fleet()) else { continue };
        // Where the region itself may not have the data, that is reported already.
        let elsewhere = !service.residency.contains(&region.geography);
        if elsewhere || service.residency.iter().any(|allowed| allowed == geography) {
            continue;
        }
        sink.error(
            Diagnostic::new(
                Code::RESIDENCY,
                format!("what etcd holds of `{}` would be in `{geography}`", service.name),
            )
            .at(service.at(&["data", "residency"]), "may be here only")
            .related(
                stored_at(&model.fleet().document, region.name.as_str()),
                format!("`{}` is in `{geography}`", snapshots.stored_in),
            )
            .note("a snapshot of etcd holds the Secrets and the objects of every service in the cluster")
            .help(format!(
                "store the snapshots of `{}` in a region where the data may be",
                region.name
            )),
        );
    }
}

/// Where the fleet says in which region the snapshots of `region` are stored.
fn stored_at(document: &Document, region: &str) -> Span {
    document.at(&["regions", region, "control_plane", "snapshots", "stored_in"])
}

fn at(fleet: &Fleet, region: &Region, keys: &[&str]) -> Span {
    fleet.document.at(&[&["regions", region.name.as_str(), "control_plane"], keys].concat())
}
