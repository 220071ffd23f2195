//! Paths in the container: absolute, clean, each once, and nothing inside a read-only one.

use super::config::LONGEST_KEY;
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::limits;
use crate::model::{Model, Service};

/// A path at which something is mounted.
struct Mount<'a> {
    path: &'a str,
    place: Span,
    read_only: bool,
}

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    let mut seen: Vec<Mount<'_>> = Vec::new();
    for mount in all(service) {
        let path = mount.path;
        if let Some(problem) = problem(path) {
            sink.error(
                Diagnostic::new(Code::MOUNT_PATH, format!("`{path}` is not a path for a mount"))
                    .at(mount.place, problem)
                    .help("write an absolute path, such as `/var/lib/data`"),
            );
            continue;
        }
        for other in &seen {
            collision(sink, other, &mount);
        }
        seen.push(mount);
    }
    for (index, file) in service.files.iter().enumerate() {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        // The API server also refuses names that begin like a way up (`IsConfigMapKey`).
        let key = name.chars().all(plain) && name.len() <= LONGEST_KEY && !name.starts_with("..");
        if problem(&file.path).is_none() && !key {
            sink.error(
                Diagnostic::new(Code::MOUNT_PATH, format!("`{name}` cannot name a file"))
                    .at(service.at(&["files", &index.to_string(), "path"]), "")
                    .note("it becomes a key of a ConfigMap")
                    .help(format!("use letters, digits, `-`, `_` and `.`, {LONGEST_KEY} at most")),
            );
        }
    }
}

/// What a container of a service mounts: the path, and whether it can only be read.
pub(super) fn mounts(service: &Service) -> impl Iterator<Item = (&str, bool)> {
    all(service).into_iter().map(|mount| (mount.path, mount.read_only))
}

fn all(service: &Service) -> Vec<Mount<'_>> {
    let mut mounts = Vec::new();
    let mut add = |list: &str, index: usize, key: &str, path, read_only| {
        let place = service.at(&[list, &index.to_string(), key]);
        mounts.push(Mount { path, place, read_only });
    };
    for (index, scratch) in service.scratch.iter().enumerate() {
        add("scratch", index, "path", scratch.path.as_str(), false);
    }
    for (index, volume) in service.volumes.iter().enumerate() {
        add("volumes", index, "path", &volume.path, false);
    }
    for (index, file) in service.files.iter().enumerate() {
        add("files", index, "path", &file.path, true);
    }
    for (index, secret) in service.secrets.iter().enumerate() {
        if let Some(path) = &secret.mount {
            add("secrets", index, "mount", path, true);
        }
    }
    mounts
}

/// Two mounts at one path, or one inside a read-only one: the runtime could not make its folder.
fn collision(sink: &mut Sink, first: &Mount<'_>, second: &Mount<'_>) {
    let inside = |inner: &Mount<'_>, outer: &Mount<'_>| {
        inner.path.strip_prefix(outer.path).is_some_and(|rest| rest.starts_with('/'))
    };
    if first.path == second.path {
        sink.error(
            Diagnostic::new(Code::MOUNT_PATH, format!("two mounts are at `{}`", first.path))
                .at(second.place, "hides the other")
                .related(first.place, "first here")
                .help("give one of them another path"),
        );
        return;
    }
    for (inner, outer) in [(first, second), (second, first)] {
        if outer.read_only && inside(inner, outer) {
            sink.error(
                Diagnostic::new(
                    Code::MOUNT_PATH,
                    format!("`{}` is inside of `{}`, which is read-only", inner.path, outer.path),
                )
                .at(inner.place, "cannot be mounted there")
                .related(outer.place, "read-only")
                .note("the container would not start")
                .help("give one of them another path"),
            );
        }
    }
}

/// Why nothing can be mounted at a path.
pub(super) fn problem(path: &str) -> Option<&'static str> {
    if !path.starts_with('/') {
        Some("it does not begin with `/`")
    } else if path == "/" {
        Some("it would hide the whole image")
    } else if path == "/proc" || limits::is_in_proc(path) {
        Some("no runtime mounts it there: `/proc` is the kernel's")
    } else if path.contains(':') || path.contains('\n') {
        Some("Kubernetes refuses this character in a path")
    } else if path[1..].split('/').any(|part| matches!(part, "" | "." | "..")) {
        Some("it is not in its shortest form")
    } else {
        None
    }
}
