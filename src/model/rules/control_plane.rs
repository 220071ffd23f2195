//! What can be done for a control plane: nothing where somebody else runs it.

use super::image::is_sha256;
use super::locations::Place;
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::id;
use crate::spec::fleet::{ControlPlane, EtcdSnapshots, Provider};
use crate::spec::quantity::Duration;

/// What every upload must say.
const FILE: &str = "/snapshot/snapshot.db";
const UNIQUE: &str = "$(SNAPSHOT)";

/// The control plane of one region.
pub(in crate::model) fn check(
    sink: &mut Sink,
    place: &Place<'_>,
    control_plane: Option<&ControlPlane>,
) {
    let Some(control_plane) = control_plane else { return };
    let region = place.region;
    if !control_plane.self_managed.unwrap_or(place.provider == Provider::Other) {
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
                format!("the control plane of `{region}` is managed: nobody here reaches its etcd"),
            )
            .at(at(place, &[]), "")
            .note("after its loss there is a new cluster, which gets this tree, and its volumes from the backups")
            .help(help),
        );
        return;
    }
    if let Some(snapshots) = &control_plane.snapshots {
        check_snapshots(sink, place, snapshots);
    }
    if let Some(machines) = &control_plane.machines {
        for (key, name) in [("cluster", &machines.cluster), ("namespace", &machines.namespace)] {
            if let Some(problem) = id::label_problem(name) {
                sink.error(
                    Diagnostic::new(Code::INVALID_NAME, format!("`{name}` cannot name a {key}"))
                        .at(at(place, &["machines", key]), problem)
                        .help("write it as `kubectl get clusters.cluster.x-k8s.io -A` shows it"),
                );
            }
        }
    }
}

fn check_snapshots(sink: &mut Sink, place: &Place<'_>, snapshots: &EtcdSnapshots) {
    let region = place.region;
    let images = [
        (&snapshots.image, at(place, &["snapshots", "image"])),
        (&snapshots.upload.image, at(place, &["snapshots", "upload", "image"])),
    ];
    for (image, span) in images {
        let digest = image.split_once('@').is_some_and(|(_, digest)| is_sha256(digest));
        if !digest {
            sink.error(
                Diagnostic::new(Code::IMAGE_WITHOUT_DIGEST, format!("`{image}` has no digest"))
                    .at(span, "can mean another image tomorrow")
                    .note("it runs as root beside the keys of etcd")
                    .help("write `…@sha256:…`, as your registry shows it"),
            );
        }
    }
    if snapshots.stored_in == region {
        sink.error(
            Diagnostic::new(
                Code::BACKUP_LOCATION,
                format!("what is saved of the etcd of `{region}` would be lost with it"),
            )
            .at(at(place, &["snapshots", "stored_in"]), "its own region")
            .help("store it in another region"),
        );
    }
    let bounds = (Duration::minutes(15), Duration::minutes(1440));
    if let Some(every) = snapshots.every.filter(|every| *every < bounds.0 || *every > bounds.1) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("etcd cannot be saved every {every}"))
                .at(at(place, &["snapshots", "every"]), "")
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
                    .at(at(place, &["snapshots", "upload", "args"]), "")
                    .help(format!("`{needed}` stands for {why}")),
            );
        }
    }
    let secret = snapshots.upload.secret.as_ref();
    if let Some((name, problem)) = secret.zip(secret.and_then(|name| id::subdomain_problem(name))) {
        sink.error(
            Diagnostic::new(Code::INVALID_NAME, format!("`{name}` cannot name a Secret"))
                .at(at(place, &["snapshots", "upload", "secret"]), problem)
                .help("name a Secret in `kube-system`"),
        );
    }
}

fn at(place: &Place<'_>, keys: &[&str]) -> Span {
    let path = [&["regions", place.region, "control_plane"], keys].concat();
    place.document.at(&path)
}
