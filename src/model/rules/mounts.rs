//! Paths in the container: absolute, clean, and none inside another that cannot be written.

use super::super::{Draft, Service};
use crate::diag::{Code, Diagnostic, Sink, Span};

pub(super) fn check(sink: &mut Sink, _: &Draft, service: &Service) {
    let all = (service.scratch.iter().map(|scratch| &scratch.path))
        .enumerate()
        .map(|(index, path)| ("scratch", index, "path", path))
        .chain(
            service
                .volumes
                .iter()
                .enumerate()
                .map(|(i, volume)| ("volumes", i, "path", &volume.path)),
        )
        .chain(service.files.iter().enumerate().map(|(i, file)| ("files", i, "path", &file.path)))
        .chain(
            service
                .secrets
                .iter()
                .enumerate()
                .map(|(i, secret)| ("secrets", i, "mount", &secret.mount)),
        );
    let mut seen: Vec<Mount<'_>> = Vec::new();
    for (list, index, key, path) in all {
        let place = service.at(&[list, &index.to_string(), key]);
        if let Some(problem) = problem(path) {
            sink.error(
                Diagnostic::new(Code::MOUNT_PATH, format!("`{path}` is no path for a mount"))
                    .at(place, problem)
                    .help("write an absolute path, such as `/var/lib/data`"),
            );
            continue;
        }
        if let Some(first) = seen.iter().find(|other| other.path == path) {
            sink.error(
                Diagnostic::new(Code::MOUNT_PATH, format!("two mounts are at `{path}`"))
                    .at(place, "hides the other")
                    .related(first.place, "first here")
                    .help("give one of them another path"),
            );
        }
        seen.push(Mount { path, place, read_only: matches!(list, "files" | "secrets") });
    }
    for inner in &seen {
        for outer in seen.iter().filter(|outer| outer.read_only && outer.holds(inner)) {
            sink.error(
                Diagnostic::new(
                    Code::MOUNT_PATH,
                    format!("`{}` lies inside `{}`", inner.path, outer.path),
                )
                .at(inner.place, "has no place to be mounted at")
                .related(outer.place, "cannot be written")
                .note("the container would not start")
                .help("give one of them another path"),
            );
        }
    }
}

struct Mount<'a> {
    path: &'a str,
    place: Span,
    /// Whether nothing can be made in it: a file, or the files of a secret.
    read_only: bool,
}

impl Mount<'_> {
    fn holds(&self, other: &Mount<'_>) -> bool {
        other.path.strip_prefix(self.path).is_some_and(|rest| rest.starts_with('/'))
    }
}

fn problem(path: &str) -> Option<&'static str> {
    if !path.starts_with('/') {
        Some("it does not begin with `/`")
    } else if path == "/" {
        Some("it would hide the whole image")
    } else if path.contains(':') || path.contains('\n') {
        Some("Kubernetes refuses this character in a path")
    } else if path[1..].split('/').any(|part| matches!(part, "" | "." | "..")) {
        Some("it is not in its shortest form")
    } else {
        None
    }
}
