//! Names that Kubernetes accepts, and that are still short enough with everything appended.

use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::{Kind, Namespace, id};
use crate::model::{Fleet, Model, Service};
use crate::spec::service::{Rollout, WorkloadKind};

/// Names that the tree uses itself, and the word for a value that holds in every region.
pub(super) const RESERVED: &[&str] =
    &["fleet", "ledger", "recovery", "procedures", "retained", "delivery", "default"];

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    let name = service.name.plain();
    label(sink, name, service.at(&["name"]), "a service");
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        sink.error(
            Diagnostic::new(Code::INVALID_NAME, format!("`{name}` cannot name a service"))
                .at(service.at(&["name"]), "it begins with a digit")
                .note("a Kubernetes Service is called so, and begins with a letter")
                .help(format!("write `x{name}`, or what it does")),
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
    namespace(sink, model, service);
    if service.document.has(&["team"]) {
        team_label(sink, service.team.as_deref().unwrap_or_default(), service.at(&["team"]));
    }
    volumes(sink, service);
    let inner = [
        ("ports", "a port", names(service.ports.iter().map(|port| &port.name))),
        ("volumes", "a volume", names(service.volumes.iter().map(|volume| &volume.name))),
        ("files", "a file", names(service.files.iter().map(|file| &file.name))),
        ("jobs", "a job", names(service.jobs.iter().map(|job| &job.name))),
    ];
    for (list, what, names) in inner {
        for (index, name) in names.iter().enumerate() {
            let place = service.at(&[list, &index.to_string(), "name"]);
            label(sink, name, place, what);
            if list == "ports" {
                port(sink, name, place);
            }
        }
    }
    for (index, scratch) in service.scratch.iter().enumerate() {
        let Some(name) = &scratch.name else { continue };
        let place = service.at(&["scratch", &index.to_string(), "name"]);
        let volume = scratch.volume(index);
        if id::label_problem(name).is_some() {
            label(sink, name, place, "a scratch folder");
        } else if volume.len() > id::DNS_LABEL {
            let what = format!("the volume `{volume}`");
            too_long(sink, &what, volume.len(), id::DNS_LABEL, "it is a DNS label", place);
        }
    }
    for (index, secret) in service.secrets.iter().enumerate() {
        let place = service.at(&["secrets", &index.to_string(), "name"]);
        self::secret(sink, &secret.name, secret.mount.is_some(), place);
    }
}

/// A Secret has the name of a DNS subdomain, and the volume of one that is mounted is a label.
fn secret(sink: &mut Sink, name: &str, mounted: bool, place: Span) {
    let volume = format!("secret-{name}");
    if !mounted && name.contains('.') {
        let help = "write the name of the Secret as the cluster has it";
        named(sink, id::subdomain_problem, ("a secret", name), || place, help);
    } else if id::label_problem(name).is_some() {
        label(sink, name, place, "a secret");
    } else if mounted && volume.len() > id::DNS_LABEL {
        let what = format!("the volume `{volume}`");
        too_long(sink, &what, volume.len(), id::DNS_LABEL, "it is a DNS label", place);
    }
}

/// Namespaces that a service must not close, or be closed with.
fn namespace(sink: &mut Sink, model: &Model, service: &Service) {
    let name = &service.namespace;
    let Some(whose) = taken(model.fleet(), name) else { return };
    // That of the fleet is reported there.
    if !service.document.has(&["namespace"]) && model.fleet().namespace.is_some() {
        return;
    }
    // A reserved name is reported of its service.
    if !service.document.has(&["namespace"]) && RESERVED.contains(&service.name.plain()) {
        return;
    }
    sink.error(
        Diagnostic::new(Code::RESERVED_NAME, format!("a service cannot be in namespace `{name}`"))
            .at(service.origin(&["namespace"]), whose)
            .note("each namespace of a service gets a policy that closes its network")
            .help("write another `namespace`"),
    );
}

/// Volumes of the pod that have a name of Ninefold's.
fn volumes(sink: &mut Sink, service: &Service) {
    let scratch = service.scratch.iter().enumerate().map(|(index, one)| one.volume(index));
    let files = service.files.iter().map(|file| format!("file-{}", file.name));
    let secrets = service.secrets.iter().map(|secret| format!("secret-{}", secret.name));
    let taken: Vec<String> = scratch.chain(files).chain(secrets).collect();
    for (index, volume) in service.volumes.iter().enumerate() {
        if taken.contains(&volume.name) {
            sink.error(
                Diagnostic::new(
                    Code::RESERVED_NAME,
                    format!("a volume cannot be called `{}`", volume.name),
                )
                .at(service.at(&["volumes", &index.to_string(), "name"]), "")
                .note("scratch folders, files and secrets have volumes of such names")
                .help("choose another name, such as `data`"),
            );
        }
    }
}

/// What Kubernetes demands of a port's name beyond a label: it is an IANA service name.
fn port(sink: &mut Sink, name: &str, place: Span) {
    if id::label_problem(name).is_some() {
        return;
    }
    if name.len() > 15 {
        too_long(
            sink,
            &format!("the port `{name}`"),
            name.len(),
            15,
            "it is an IANA service name",
            place,
        );
    }
    let problem = if name.contains("--") {
        "it has `--`"
    } else if !name.bytes().any(|b| b.is_ascii_lowercase()) {
        "it has no letter"
    } else {
        return;
    };
    sink.error(
        Diagnostic::new(Code::INVALID_NAME, format!("`{name}` cannot name a port"))
            .at(place, problem)
            .help("write what it is for, such as `http`"),
    );
}

/// The team of services that name none.
pub(super) fn default_team(sink: &mut Sink, fleet: &Fleet) {
    if let Some(team) = &fleet.team {
        team_label(sink, team, fleet.document.at(&["defaults", "team"]));
    }
}

/// The namespace of services that name none.
pub(super) fn default_namespace(sink: &mut Sink, fleet: &Fleet) {
    let Some(name) = &fleet.namespace else { return };
    let place = || fleet.document.at(&["defaults", "namespace"]);
    label(sink, name, place(), "a namespace");
    if let Some(whose) = taken(fleet, &Namespace::new(name.as_str())) {
        sink.error(
            Diagnostic::new(
                Code::RESERVED_NAME,
                format!("services cannot be in namespace `{name}`"),
            )
            .at(place(), whose)
            .note("each namespace of a service gets a policy that closes its network")
            .help("write another `namespace`"),
        );
    }
}

/// Whose a namespace is, where it is none for services.
fn taken(fleet: &Fleet, name: &Namespace) -> Option<&'static str> {
    let regions = || fleet.regions.values();
    if name.as_str() == "default" || name.as_str().starts_with("kube-") {
        Some("it is the cluster's")
    } else if regions().any(|region| region.velero && region.backup_namespace == *name) {
        Some("Velero runs there")
    } else if regions().any(|region| region.gateway.as_ref() == Some(name)) {
        Some("the gateway runs there")
    } else {
        None
    }
}

/// Every object carries the team as a label.
fn team_label(sink: &mut Sink, text: &str, place: Span) {
    if let Some(problem) = id::label_value_problem(text) {
        sink.error(
            Diagnostic::new(Code::INVALID_NAME, format!("`{text}` cannot name a team"))
                .at(place, problem)
                .note("every object carries it as a label")
                .help(format!("write `{}`", id::nearest_label(text))),
        );
    }
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    names.map(String::as_str).collect()
}

pub(super) fn label(sink: &mut Sink, text: &str, place: Span, what: &str) {
    named(sink, id::label_problem, (what, text), || place, "");
}

/// Reports a name of `what` in which there is a problem. Without `help`, it says the nearest that is
/// one.
pub(super) fn named(
    sink: &mut Sink,
    problem: fn(&str) -> Option<String>,
    (what, name): (&str, &str),
    place: impl FnOnce() -> Span,
    help: &str,
) {
    if let Some(problem) = problem(name) {
        let help = match help {
            "" => format!("write `{}`", id::nearest_label(name)),
            help => help.to_owned(),
        };
        sink.error(
            Diagnostic::new(Code::INVALID_NAME, format!("`{name}` cannot name {what}"))
                .at(place(), problem)
                .help(help),
        );
    }
}

/// Every name that is made from the service's, with what is appended to it.
pub(super) fn lengths(sink: &mut Sink, _: &Model, service: &Service) {
    let hash = 1 + id::SUFFIX_LENGTH;
    let plain = service.name.plain();
    let name = plain.len();
    let place = service.at(&["name"]);
    let mut made: Vec<(Kind, usize, String)> = Vec::new();
    match (service.kind, service.rollout) {
        (WorkloadKind::Deployment, Rollout::Replace) => {
            made.push((Kind::Deployment, name + hash, format!("{plain}-<hash>")));
        }
        (WorkloadKind::Deployment, Rollout::Rolling) => {
            made.push((Kind::Deployment, name, plain.to_owned()));
        }
        (WorkloadKind::Stateful, _) => {
            made.push((Kind::StatefulSet, name, plain.to_owned()));
            let headless = format!("{plain}-headless");
            made.push((Kind::Service, headless.len(), headless));
        }
    }
    let own = service.backed_up && !service.shares_backups();
    let backed_up = service.regions.iter().filter(|region| own && region.velero);
    if let Some(region) = backed_up.max_by_key(|region| region.short.len()) {
        // What is backed up several times a day has another Schedule, for what is kept for longer.
        let part = match service.keeps_data() {
            true if service.tier.backup.copies > 1 => "-day2",
            true => "-day",
            false => "",
        };
        let made_name = format!("{plain}-{}{part}-<hash>", region.short);
        made.push((Kind::Schedule, name + 1 + region.short.len() + part.len() + hash, made_name));
    }
    let each = service.replication.as_ref().and_then(|one| one.engine.row().each.clone());
    let volume = service.volumes.iter().max_by_key(|volume| volume.name.len());
    if let Some((kind, volume)) = each.zip(volume) {
        let made_name = format!("{plain}-{}-<ordinal>", volume.name);
        made.push((kind, name + 1 + volume.name.len() + 3, made_name));
    }
    // The longest one only: the shorter ones end with it.
    let over = made.into_iter().filter_map(|(kind, length, text)| {
        let (max, why) = kind.longest_name();
        (length > max).then(|| (length - max, kind, length, max, why, text))
    });
    if let Some((_, kind, length, max, why, text)) = over.max_by_key(|(over, ..)| *over) {
        too_long(sink, &format!("the {kind} `{text}`"), length, max, why, place);
    }
    for (index, file) in service.files.iter().enumerate() {
        let length = name + "-file-".len() + file.name.len() + hash;
        let (max, why) = Kind::ConfigMap.longest_name();
        let volume = format!("file-{}", file.name);
        if volume.len() > id::DNS_LABEL {
            let index = index.to_string();
            let named = service.document.has(&["files", &index, "name"]);
            let place = service.at(&["files", &index, if named { "name" } else { "path" }]);
            let finding =
                longer(&format!("the volume `{volume}`"), volume.len(), id::DNS_LABEL, place)
                    .note("it is a DNS label");
            sink.error(match named {
                true => {
                    finding.help(format!("shorten this name by {}", volume.len() - id::DNS_LABEL))
                }
                false => finding.help("add a `name`, which is the end of its path unless you say"),
            });
        } else if length > max {
            let text = format!("the ConfigMap `{plain}-file-{}-<hash>`", file.name);
            too_long(
                sink,
                &text,
                length,
                max,
                why,
                service.at(&["files", &index.to_string(), "name"]),
            );
        }
    }
}

pub(super) fn too_long(
    sink: &mut Sink,
    what: &str,
    length: usize,
    max: usize,
    why: &str,
    place: Span,
) {
    let help = format!("shorten this name by {}", length - max);
    sink.error(longer(what, length, max, place).note(why).help(help));
}

fn longer(what: &str, length: usize, max: usize, place: Span) -> Diagnostic {
    let message = format!("{what} would have {length} characters, {max} are the most");
    Diagnostic::new(Code::NAME_TOO_LONG, message).at(place, "")
}
