//! Nothing is named twice.

use crate::diag::{Code, Diagnostic, Sink};
use crate::model::{Model, Service};
use std::collections::BTreeMap;

/// No two specs describe a service of one name. Paths of the tree and names of backups are made
/// from it alone, so another namespace does not tell them apart.
pub(super) fn services(sink: &mut Sink, model: &Model) {
    for pair in model.services().windows(2).filter(|pair| pair[0].name == pair[1].name) {
        sink.error(
            Diagnostic::new(
                Code::DUPLICATE_SERVICE,
                // Said once, in however many environments.
                format!("two specs describe a service `{}`", pair[1].name.plain()),
            )
            .at(pair[1].at(&["name"]), "described again here")
            .related(pair[0].at(&["name"]), "first here")
            .note(
                "its folder in the tree and its backups are named after it, whatever its namespace",
            )
            .help("give one of them another name"),
        );
    }
}

/// No two things of one service share a name, a port or a path.
pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    let ports = || service.ports.iter();
    unique(sink, service, "ports", "name", "ports are called", ports().map(|p| p.name.clone()));
    let number = |p: &crate::spec::service::Port| format!("{}/{}", p.port, p.protocol.name());
    unique(sink, service, "ports", "port", "ports have the number", ports().map(number));
    // A collision of the Service's ports that is none of the containers': one of them is written.
    let outer = |p: &crate::spec::service::Port| {
        format!("{}/{}", p.service.unwrap_or(p.port), p.protocol.name())
    };
    if ports().any(|port| port.service.is_some()) {
        let what = "ports of the Service have the number";
        unique(sink, service, "ports", "service", what, ports().map(outer));
    }
    unique(
        sink,
        service,
        "volumes",
        "name",
        "volumes are called",
        service.volumes.iter().map(|v| v.name.clone()),
    );
    let folders = service.scratch.iter().enumerate();
    let folders = folders.map(|(at, one)| one.name.clone().unwrap_or_else(|| at.to_string()));
    unique(sink, service, "scratch", "name", "scratch folders are called", folders);
    unique(
        sink,
        service,
        "files",
        "name",
        "files are called",
        service.files.iter().map(|f| f.name.clone()),
    );
    unique(
        sink,
        service,
        "secrets",
        "name",
        "secrets are called",
        service.secrets.iter().map(|s| s.name.clone()),
    );
    unique(
        sink,
        service,
        "jobs",
        "name",
        "jobs are called",
        service.jobs.iter().map(|job| job.name.clone()),
    );
    unique(
        sink,
        service,
        "backup.hooks",
        "name",
        "hooks are called",
        service.backup.hooks.iter().map(|h| h.name.clone()),
    );
}

fn unique(
    sink: &mut Sink,
    service: &Service,
    list: &str,
    key: &str,
    what: &str,
    values: impl Iterator<Item = String>,
) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (index, value) in values.enumerate() {
        let Some(first) = seen.get(&value).copied() else {
            seen.insert(value, index);
            continue;
        };
        let path = |index: &str| -> Vec<String> {
            list.split('.').chain([index, key]).map(str::to_owned).collect()
        };
        let place = |index: usize| service.document.at_owned(&path(&index.to_string()));
        let item = first.to_string();
        let item: Vec<&str> = list.split('.').chain([item.as_str()]).collect();
        let named = |index: usize| {
            let path = path(&index.to_string());
            let steps: Vec<&str> = path.iter().map(String::as_str).collect();
            service.document.has(&steps)
        };
        // Without a name it has the one that follows from its path.
        let help = match key != "name" || named(first) || named(index) {
            true => "change one of them, or remove it",
            false => "give one of them a `name`",
        };
        let finding = Diagnostic::new(Code::DUPLICATE_NAME, format!("two {what} `{value}`"))
            .at(place(index), "here again")
            .help(help);
        sink.error(match service.document.has(&item) {
            true => finding.related(place(first), "first here"),
            false => finding.note(format!("it has the other unless its spec has `[[{list}]]`")),
        });
    }
}
