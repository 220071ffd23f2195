//! Names that Kubernetes accepts, and that are still short enough with everything appended.

use super::super::{Draft, Service};
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::{Kind, id};
use crate::model::fleet::RESERVED;
use crate::spec::service::{Rollout, WorkloadKind};

pub(super) fn check(sink: &mut Sink, _: &Draft, service: &Service) {
    let name = service.name.as_str();
    label(sink, name, service.at(&["name"]), "a service");
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        sink.error(
            Diagnostic::new(Code::INVALID_NAME, format!("`{name}` cannot name a service"))
                .at(service.at(&["name"]), "it begins with a digit")
                .note("the Kubernetes Service bears this name, and that begins with a letter")
                .help(format!("write `s{name}`, or what it does")),
        );
    }
    if service.document.has(&["team"])
        && let Some(team) = &service.team
        && let Some(problem) = id::label_value_problem(team)
    {
        sink.error(
            Diagnostic::new(Code::INVALID_NAME, format!("`{team}` cannot name a team"))
                .at(service.at(&["team"]), problem)
                .note("it is the value of a label")
                .help(format!("write `{}`", id::nearest_label(team))),
        );
    }
    if RESERVED.contains(&name) {
        sink.error(
            Diagnostic::new(Code::RESERVED_NAME, format!("a service cannot be called `{name}`"))
                .at(service.at(&["name"]), "")
                .note("the tree has a folder of that name")
                .help(format!("write `{name}-service`, or what it does")),
        );
    }
    if service.document.has(&["namespace"]) {
        label(sink, service.namespace.as_str(), service.at(&["namespace"]), "a namespace");
    }
    namespace(sink, service);
    let inner = [
        ("ports", "a port", names(service.ports.iter().map(|port| &port.name))),
        ("volumes", "a volume", names(service.volumes.iter().map(|volume| &volume.name))),
        ("files", "a file", names(service.files.iter().map(|file| &file.name))),
        ("secrets", "a secret", names(service.secrets.iter().map(|secret| &secret.name))),
    ];
    for (list, what, names) in inner {
        for (index, name) in names.iter().enumerate() {
            let place = service.at(&[list, &index.to_string(), "name"]);
            label(sink, name, place, what);
            // IANA service names, which Kubernetes demands of ports, have 15 characters.
            if list == "ports" && name.len() > 15 {
                too_long(
                    sink,
                    &format!("the port `{name}`"),
                    name.len(),
                    15,
                    "it is an IANA service name",
                    place,
                );
            } else if list == "ports" && id::label_problem(name).is_none() {
                port(sink, name, place);
            }
        }
    }
    lengths(sink, service);
}

/// Not a namespace in which others run: the policies that close a service's namespace would close
/// theirs, and cut off name resolution, the backups or the gateway.
fn namespace(sink: &mut Sink, service: &Service) {
    let name = &service.namespace;
    let of_the_cluster = name.as_str().starts_with("kube-") || name.as_str() == "default";
    let whose = if of_the_cluster {
        "the cluster itself"
    } else if service.regions.iter().any(|region| region.backup_namespace == *name) {
        "the backup server"
    } else if service.regions.iter().any(|region| region.gateway.as_ref() == Some(name)) {
        "the gateway"
    } else {
        return;
    };
    let written = if service.document.has(&["namespace"]) { "namespace" } else { "name" };
    if RESERVED.contains(&name.as_str()) && written == "name" {
        return; // the name is refused already
    }
    sink.error(
        Diagnostic::new(
            Code::RESERVED_NAME,
            format!("`{}` cannot be in the namespace `{name}`", service.name),
        )
        .at(service.at(&[written]), format!("belongs to {whose}"))
        .note("a service's namespace is closed but for what its specs name, and so would be what runs there")
        .help(match written {
            "name" => "choose another name, or add `namespace = \"…\"`: it is the name by default",
            _ => "leave `namespace` out, or choose another: it is the service's name by default",
        }),
    );
}

/// What Kubernetes demands of the name of a port beyond a label (`IsValidPortName`).
fn port(sink: &mut Sink, name: &str, place: Span) {
    let (problem, instead) = if !name.bytes().any(|b| b.is_ascii_lowercase()) {
        ("it has no letter", format!("p{name}"))
    } else if name.contains("--") {
        ("it has two dashes in a row", name.replace("--", "-"))
    } else {
        return;
    };
    sink.error(
        Diagnostic::new(Code::INVALID_NAME, format!("`{name}` cannot name a port"))
            .at(place, problem)
            .help(format!("write `{instead}`")),
    );
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    names.map(String::as_str).collect()
}

fn label(sink: &mut Sink, text: &str, place: Span, what: &str) {
    if let Some(problem) = id::label_problem(text) {
        sink.error(
            Diagnostic::new(Code::INVALID_NAME, format!("`{text}` cannot name {what}"))
                .at(place, problem)
                .help(format!("write `{}`", id::nearest_label(text))),
        );
    }
}

/// Every name that is made from the service's, with what is appended to it.
fn lengths(sink: &mut Sink, service: &Service) {
    let hash = 1 + id::SUFFIX_LENGTH;
    let name = service.name.as_str().len();
    let place = service.at(&["name"]);
    let mut made: Vec<(Kind, usize, String)> = Vec::new();
    match (service.kind, service.rollout) {
        (WorkloadKind::Deployment, Rollout::Replace) => {
            made.push((Kind::Deployment, name + hash, format!("{}-<hash>", service.name)));
        }
        (WorkloadKind::Deployment, Rollout::Rolling) => {
            made.push((Kind::Deployment, name, service.name.to_string()));
        }
        (WorkloadKind::Stateful, _) => {
            made.push((Kind::StatefulSet, name, service.name.to_string()));
            made.push((
                Kind::Service,
                name + "-headless".len(),
                format!("{}-headless", service.name),
            ));
        }
    }
    let short = service.regions.iter().max_by_key(|region| region.short.len());
    if let Some(region) = short {
        let made_name = format!("{}-{}-<hash>", service.name, region.short);
        made.push((Kind::Schedule, name + 1 + region.short.len() + hash, made_name));
    }
    // The longest one only: the shorter ones end with it.
    let over = made.into_iter().filter_map(|(kind, length, text)| {
        let (most, why) = kind.longest_name();
        (length > most).then(|| (length - most, kind, length, most, why, text))
    });
    if let Some((_, kind, length, most, why, text)) = over.max_by_key(|(over, ..)| *over) {
        too_long(sink, &format!("the {kind} `{text}`"), length, most, why, place);
    }
    for (index, secret) in service.secrets.iter().enumerate() {
        let length = "secret-".len() + secret.name.len();
        if length > id::DNS_LABEL {
            let text = format!("the volume `secret-{}`", secret.name);
            let place = service.at(&["secrets", &index.to_string(), "name"]);
            too_long(sink, &text, length, id::DNS_LABEL, "it is a DNS label", place);
        }
    }
    for (index, file) in service.files.iter().enumerate() {
        let length = name + "-file-".len() + file.name.len() + hash;
        let (most, why) = Kind::ConfigMap.longest_name();
        if length > most {
            let text = format!("the ConfigMap `{}-file-{}-<hash>`", service.name, file.name);
            too_long(
                sink,
                &text,
                length,
                most,
                why,
                service.at(&["files", &index.to_string(), "name"]),
            );
        }
    }
}

fn too_long(sink: &mut Sink, what: &str, length: usize, most: usize, why: &str, place: Span) {
    sink.error(
        Diagnostic::new(
            Code::NAME_TOO_LONG,
            format!("{what} would have {length} characters, {most} are the most"),
        )
        .at(place, "")
        .note(why)
        .help(format!("shorten this name by {}", length - most)),
    );
}
