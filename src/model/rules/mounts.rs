//! Paths in the container: absolute, clean, and none inside another.

use super::super::{Draft, Service};
use crate::diag::{Code, Diagnostic, Sink};

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
    let mut seen: Vec<(&String, crate::diag::Span)> = Vec::new();
    for (list, index, key, path) in all {
        let place = service.at(&[list, &index.to_string(), key]);
        let of_file = || (list == "files").then(|| entry_problem(path)).flatten();
        if let Some(problem) = problem(path).or_else(of_file) {
            sink.error(
                Diagnostic::new(Code::MOUNT_PATH, format!("`{path}` is no path for a mount"))
                    .at(place, problem)
                    .help("write an absolute path, such as `/var/lib/data`"),
            );
            continue;
        }
        if let Some((other, first)) = seen.iter().find(|(other, _)| *other == path) {
            sink.error(
                Diagnostic::new(Code::MOUNT_PATH, format!("two mounts are at `{other}`"))
                    .at(place, "hides the other")
                    .related(*first, "first here")
                    .help("give one of them another path"),
            );
        }
        seen.push((path, place));
    }
}

/// The last part of a file's path is its key in a ConfigMap.
fn entry_problem(path: &str) -> Option<&'static str> {
    let key = path.rsplit('/').next().unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if key.len() > 253 {
        Some("a ConfigMap takes names of at most 253 characters")
    } else if !key.chars().all(allowed) || key.starts_with("..") {
        Some("a ConfigMap takes names of letters, digits, `-`, `_` and `.`")
    } else {
        None
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
