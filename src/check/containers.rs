//! Containers beside that of a service: names that tell them apart, and mounts that are there.

use super::{mounts, names, probes};
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::model::{Container, Model, Mounted, Service};

/// The container of the service.
const APP: &str = "app";

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    all(sink, service, &service.containers);
    for job in &service.jobs {
        all(sink, service, &job.init);
        for container in &job.init {
            taken(sink, service, container);
        }
    }
}

/// The containers beside one, in one pod.
fn all(sink: &mut Sink, service: &Service, containers: &[Container]) {
    for (at, container) in containers.iter().enumerate() {
        name(sink, service, container, &containers[..at]);
        does(sink, service, container);
        paths(sink, service, container);
        probes::of_sidecar(sink, service, container);
    }
}

/// How long it takes is a part of what its job may take.
fn taken(sink: &mut Sink, service: &Service, container: &Container) {
    let path = container.key("takes");
    if service.document.has(&path) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "`takes` is for containers of a replica")
                .at(service.at(&path), "")
                .note("the start of a replica is a part of what is promised; a job has a `deadline`, which counts all of its containers")
                .help("remove it, or write `deadline` of the job"),
        );
    }
}

/// Kubernetes has one list of names for all containers of a pod.
fn name(sink: &mut Sink, service: &Service, container: &Container, before: &[Container]) {
    let place = service.at(&container.key("name"));
    let what = if container.stays { "a sidecar" } else { "an init container" };
    names::label(sink, &container.name, place, what);
    if container.name == APP {
        let message = format!("a container beside the service cannot be called `{APP}`");
        sink.error(
            Diagnostic::new(Code::RESERVED_NAME, message)
                .at(place, "the container of the service, or of the job, has that name")
                .help("write what it does, such as `proxy`"),
        );
    } else if let Some(first) = before.iter().find(|other| other.name == container.name) {
        sink.error(
            Diagnostic::new(
                Code::DUPLICATE_NAME,
                format!("two containers are called `{}`", container.name),
            )
            .at(place, "here again")
            .related(service.at(&first.key("name")), "first here")
            .help("change one of them, or remove it"),
        );
    }
}

/// One that says nothing would be the service once more: it would never end, or take its ports.
fn does(sink: &mut Sink, service: &Service, container: &Container) {
    if container.image.is_some() || container.command.is_some() || container.args.is_some() {
        return;
    }
    let (what, then) = match (container.stays, container.job()) {
        (true, _) => ("sidecar", "it would be the service once more, and ask for its ports"),
        (false, None) => {
            ("init container", "it would be the service once more, which does not end")
        }
        (false, Some(_)) => ("init container", "it would be the job once more"),
    };
    sink.error(
        Diagnostic::new(
            Code::MISSING_KEY,
            format!("nothing says what the {what} `{}` does", container.name),
        )
        .at(service.at(&container.key("name")), then)
        .help("add `command = [\"/bin/wait\"]`, `args`, or an `image` of its own"),
    );
}

/// What it mounts is a mount of the service, and each at a path of its own.
fn paths(sink: &mut Sink, service: &Service, container: &Container) {
    // The volumes of a replica are in no pod of a job.
    let of_replicas = |path: &str| service.volumes.iter().any(|volume| volume.path == path);
    let known: Vec<&str> = (mounts::mounts(service).map(|(path, _)| path))
        .filter(|path| container.job().is_none() || !of_replicas(path))
        .collect();
    let (whose, sees) = match container.job() {
        None => (
            format!("`{}` has", service.name),
            "a container beside it sees its scratch folders, volumes, files and Secrets, by their paths",
        ),
        Some(_) => (
            format!("the jobs of `{}` have", service.name),
            "a job sees the scratch folders, files and Secrets of the service, by their paths, and no volume of a replica",
        ),
    };
    let all = container.mounts.iter().flatten().collect::<Vec<&Mounted>>();
    for (at, mounted) in all.iter().enumerate() {
        let number = at.to_string();
        let place =
            |key: &str| service.at(&[&container.key("mounts")[..], &[&number, key]].concat());
        if !known.contains(&mounted.of()) {
            let help = diag::did_you_mean(mounted.of(), known.iter().copied());
            let or = if help.ends_with('?') { " Else" } else { "; else" };
            sink.error(
                Diagnostic::new(
                    Code::MOUNT_PATH,
                    format!("{whose} no mount at `{}`", mounted.of()),
                )
                .at(place("of"), "")
                .note(sees)
                .help(format!("{help}{or} add `[[scratch]]` with that path")),
            );
        } else if let Some(problem) = mounts::problem(mounted.path()) {
            sink.error(
                Diagnostic::new(
                    Code::MOUNT_PATH,
                    format!("`{}` is not a path for a mount", mounted.path()),
                )
                .at(place("path"), problem)
                .help("write an absolute path, such as `/var/lib/data`"),
            );
        } else if all[..at].iter().any(|other| other.path() == mounted.path()) {
            sink.error(
                Diagnostic::new(
                    Code::MOUNT_PATH,
                    format!("two mounts are at `{}`", mounted.path()),
                )
                .at(place("path"), "hides the other")
                .help("give one of them another path"),
            );
        }
    }
}
