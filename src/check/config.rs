//! Environment variables that can be set, with a value in every region, and ConfigMaps that fit.

use crate::by_name::ByName;
use crate::diag::{self, Code, Diagnostic, Severity, Sink};
use crate::kube::RegionName;
use crate::kube::version::Version;
use crate::model::{Model, Service};
use crate::spec::service::Setting;

/// What the ConfigMap of a region says by itself.
pub(crate) const GENERATED: &[&str] = &["CLUSTER", "GEOGRAPHY", "REGION", "REGION_ROLE", "ZONES"];

/// The most bytes of a ConfigMap's data (`MaxSecretSize` in Kubernetes' `pkg/apis/core`), less
/// what its metadata may take.
pub(super) const LARGEST: usize = 1_000_000;

/// The most characters of a ConfigMap's key.
pub(super) const LONGEST_KEY: usize = 253;

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    for (path, config) in service.configs() {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        for (key, value) in config.iter() {
            let path = [&path, &[key.as_str()][..]].concat();
            self::key(sink, service, &path);
            if let Some(named) = value.regions() {
                in_every_region(sink, model, service, &path, &named);
            }
        }
        let size = size_of(config);
        if size > LARGEST {
            too_large(sink, size, service.at(&path));
        }
    }
    for (index, file) in service.files.iter().enumerate() {
        let index = index.to_string();
        if let Some(named) = file.content.regions() {
            in_every_region(sink, model, service, &["files", &index, file.key], &named);
        }
        let size = file.content.size();
        if size > LARGEST {
            too_large(sink, size, service.at(&["files", &index, file.key]));
        }
    }
}

/// From this version on, a variable may have any name of printable characters (KEP-4369).
const ANY_NAME: Version = Version { minor: 32 };

/// Whether the key at `path`, which ends with it, can be an environment variable.
fn key(sink: &mut Sink, service: &Service, path: &[&str]) {
    let key = *path.last().expect("a key has a name");
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let place = service.document.key(path);
    let begins_with_a_digit = key.starts_with(|c: char| c.is_ascii_digit());
    if key.is_empty() || !key.chars().all(word) || begins_with_a_digit {
        let mapped: String =
            key.chars().map(|c| if word(c) { c.to_ascii_uppercase() } else { '_' }).collect();
        let mapped = mapped.trim_start_matches(|c: char| c.is_ascii_digit());
        let example = if mapped.chars().any(|c| c != '_') { mapped } else { "LOG_LEVEL" };
        let help = format!("write a name such as `{example}`");
        // What a ConfigMap and a pod take (Kubernetes `IsConfigMapKey`, `IsEnvVarName`).
        let taken = !key.is_empty()
            && key.chars().all(|c| word(c) || c == '-' || c == '.')
            && !(key == "." || key.starts_with(".."));
        let oldest = service.regions.iter().map(|region| region.kubernetes).min();
        let old = oldest.filter(|oldest| begins_with_a_digit && *oldest < ANY_NAME);
        let finding = match (taken, old) {
            (true, None) => {
                Diagnostic::new(Code::CONFIG_KEY, format!("no shell can read `{key}`"))
                    .severity(Severity::Warning)
                    .note("Kubernetes sets it, and a program may read it; a shell takes letters, digits and `_`, and no digit first")
            }
            (true, Some(old)) => {
                Diagnostic::new(Code::CONFIG_KEY, format!("Kubernetes {old} leaves `{key}` out"))
                    .note(format!("it begins with a digit, and is no environment variable before {ANY_NAME}"))
            }
            (false, _) => Diagnostic::new(
                Code::CONFIG_KEY,
                format!("`{key}` cannot be an environment variable"),
            )
            .note("a shell reads names of letters, digits and `_` that begin with no digit"),
        };
        sink.report(finding.at(place, "").help(help));
    } else if key.len() > LONGEST_KEY {
        sink.error(
            Diagnostic::new(
                Code::CONFIG_KEY,
                format!("this key has {} characters, {LONGEST_KEY} are the most", key.len()),
            )
            .at(place, "")
            .note("a ConfigMap takes no longer ones")
            .help("choose a shorter name"),
        );
    } else if GENERATED.contains(&key) {
        sink.error(
            Diagnostic::new(Code::CONFIG_KEY, format!("`{key}` is set by Ninefold"))
                .at(place, "")
                .note(format!(
                    "each region's ConfigMap says {} by itself",
                    diag::list(GENERATED.iter().copied())
                ))
                .help("remove it, or choose another name"),
        );
    }
}

fn in_every_region(
    sink: &mut Sink,
    model: &Model,
    service: &Service,
    path: &[&str],
    named: &[&str],
) {
    if service.doubts.any(&["regions"]) {
        return;
    }
    let unread = |name: &str| model.fleet().doubts.has("regions", name);
    for name in named.iter().copied().filter(|name| *name != "default" && !unread(name)) {
        let path: Vec<&str> = path.iter().copied().chain([name]).collect();
        let region = RegionName::new(name);
        let finding = if !model.fleet().regions.contains_key(&region) {
            let known = model.fleet().regions.keys().map(RegionName::as_str);
            let sources = match path[0] == "config" && diag::nearest(name, known.clone()).is_none()
            {
                true => {
                    "; or a value that stands in the cluster: `{ secret = \"…\", key = \"…\" }`, `{ field = \"status.podIP\" }`, `{ resource = \"limits.memory\" }`, `{ regions = \"others\" }`"
                }
                false => "",
            };
            Diagnostic::new(Code::UNKNOWN_REGION, format!("the fleet has no region `{name}`"))
                .help(format!("{}{sources}", diag::did_you_mean(name, known)))
        } else if !service.regions.iter().any(|here| here.name == region) {
            let known = service.regions.iter().map(|region| region.name.as_str());
            Diagnostic::new(
                Code::UNKNOWN_REGION,
                format!("`{}` does not run in `{name}`", service.name),
            )
            .help(format!("it runs in {}", diag::list(known)))
        } else {
            continue;
        };
        sink.error(finding.at(service.document.key(&path), ""));
    }
    let missing: Vec<&str> = (service.regions.iter().map(|region| region.name.as_str()))
        .filter(|name| !named.contains(name) && !named.contains(&"default"))
        .collect();
    if !missing.is_empty() {
        sink.error(
            Diagnostic::new(
                Code::MISSING_KEY,
                format!("there is no value for {}", diag::list(missing.iter().copied())),
            )
            .at(service.at(path), "")
            .help(format!("add `default = …`, or `{} = …`", missing.join(" = …`, `"))),
        );
    }
}

/// The bytes of the ConfigMap that holds the configuration.
pub(super) fn size(service: &Service) -> usize {
    size_of(&service.config)
}

/// The bytes of the ConfigMap that holds a `config`.
fn size_of(config: &ByName<Setting>) -> usize {
    config.iter().map(|(key, value)| key.len() + largest(value.texts())).sum()
}

/// The bytes of the longest of the texts that a value has in the regions.
pub(super) fn largest(texts: impl Iterator<Item = String>) -> usize {
    texts.map(|text| text.len()).max().unwrap_or(0)
}

fn too_large(sink: &mut Sink, size: usize, place: diag::Span) {
    sink.error(
        Diagnostic::new(Code::FILE_TOO_LARGE, format!("{size} bytes do not fit into a ConfigMap"))
            .at(place, "")
            .note(format!("Kubernetes stores 1 MiB in one object, so {LARGEST} bytes are the most"))
            .help("put it into the image, or fetch it at the start"),
    );
}
