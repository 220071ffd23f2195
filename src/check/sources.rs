//! Values that stand in the cluster: names that can be there, fields that Kubernetes tells, and
//! Secrets that something reads.

use crate::diag::{self, Code, Diagnostic, Severity, Sink, Span};
use crate::kube::{downward, id};
use crate::model::{Given, Model, Secret, Service, Setting, ValueSource};

/// The keys of the Secret that CloudNativePG makes for an application
/// (`pkg/specs/secrets.go`, `CreateSecret`).
const OF_THE_DATABASE: &[&str] = &[
    "username",
    "user",
    "password",
    "dbname",
    "host",
    "port",
    "pgpass",
    "uri",
    "jdbc-uri",
    "fqdn-uri",
    "fqdn-jdbc-uri",
];

/// The regions that a variable can list.
const OTHERS: &str = "others";

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    for (above, name, setting) in settings(service) {
        for (region, given) in setting.all() {
            let Given::From(source) = given else { continue };
            let above = above.iter().map(String::as_str);
            let path: Vec<&str> = above.chain([name]).chain(region).collect();
            let at = |key| service.at(&[&path, &[key][..]].concat());
            match source {
                ValueSource::Secret { secret, key, .. } => {
                    key_of_a_secret(sink, service, (secret, at("secret")), (key, at("key")));
                }
                ValueSource::Field { field } => self::field(sink, field, at("field")),
                ValueSource::Resource { resource, divisor } => {
                    self::resource(sink, service, resource, at("resource"));
                    if let Some(divisor) = divisor {
                        self::divisor(sink, resource, divisor, at("divisor"));
                    }
                }
                ValueSource::Regions { regions } if regions == OTHERS => {}
                ValueSource::Regions { regions } => {
                    let what = "a list of regions that a variable can have";
                    let help =
                        format!("write `{OTHERS}`: the regions besides the one where it runs");
                    sink.error(wrong(what, regions, at("regions"), "").help(help));
                }
            }
        }
    }
    for (index, secret) in service.secrets.iter().enumerate() {
        self::secret(sink, service, &index.to_string(), secret);
    }
}

/// Every variable of the spec, with the path of what it stands in.
fn settings(service: &Service) -> impl Iterator<Item = (Vec<String>, &str, &Setting)> {
    service.configs().flat_map(|(path, config)| {
        config.iter().map(move |(name, setting)| (path.clone(), name.as_str(), setting))
    })
}

fn key_of_a_secret(
    sink: &mut Sink,
    service: &Service,
    (secret, at_secret): (&str, Span),
    (key, at_key): (&str, Span),
) {
    if let Some(problem) = id::subdomain_problem(secret) {
        let instead = format!("write `{}`", id::nearest_label(secret));
        sink.error(wrong("the name of a Secret", secret, at_secret, &problem).help(instead));
    }
    if let Some(problem) = id::data_key_problem(key) {
        let instead = "write the key as the Secret has it";
        sink.error(wrong("a key of a Secret", key, at_key, &problem).help(instead));
    } else if service.postgresql.is_some()
        && secret == format!("{}-app", service.logical("db"))
        && !OF_THE_DATABASE.contains(&key)
    {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{secret}` has no key `{key}`"))
                .at(at_key, "")
                .note("CloudNativePG makes this Secret; a replica would wait for the key for ever")
                .help(diag::did_you_mean(key, OF_THE_DATABASE.iter().copied())),
        );
    }
}

fn field(sink: &mut Sink, field: &str, place: Span) {
    let Some(problem) = downward::field_problem(field) else { return };
    let known = || downward::FIELDS.iter().copied();
    let help = if downward::MAPS.contains(&field) {
        format!("name the entry: `{field}['app.kubernetes.io/name']`")
    } else {
        let near = diag::nearest(field, known());
        let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
        let all = diag::list(known());
        format!("{near}it is one of {all}, or an entry such as `metadata.labels['app']`")
    };
    sink.error(wrong("a field that a variable can have", field, place, &problem).help(help));
}

fn resource(sink: &mut Sink, service: &Service, resource: &str, place: Span) {
    let known = downward::RESOURCES.iter().copied();
    if !downward::RESOURCES.contains(&resource) {
        let what = "a resource that a variable can have";
        sink.error(wrong(what, resource, place, "").help(diag::did_you_mean(resource, known)));
    } else if resource == "limits.cpu" && !service.limits_cpu() {
        sink.report(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("`{}` has no limit of CPU, so this is what the whole node has", service.name),
            )
            .severity(Severity::Warning)
            .at(place, "")
            .note("a process that starts a thread for each core starts as many as the largest node has")
            .help("write `requests.cpu`, which is rounded up to whole cores"),
        );
    }
}

fn divisor(sink: &mut Sink, resource: &str, divisor: &str, place: Span) {
    let units = downward::divisors(resource);
    if downward::RESOURCES.contains(&resource) && !units.contains(&divisor) {
        let help = format!("it is one of {}", diag::list(units.iter().copied()));
        sink.error(wrong(&format!("a unit of `{resource}`"), divisor, place, "").help(help));
    }
}

/// A Secret that the spec lists: something reads it.
fn secret(sink: &mut Sink, service: &Service, index: &str, secret: &Secret) {
    let at = |key| service.at(&["secrets", index, key]);
    if secret.mount.is_none() && !secret.env && !is_read(service, &secret.name) {
        sink.error(
            Diagnostic::new(Code::MISSING_KEY, format!("nothing reads the Secret `{}`", secret.name))
                .at(at("name"), "no `mount`, no `env`, and no value of `[config]` from it")
                .help(format!(
                    "add `mount = \"/etc/secrets/{name}\"`, or `env = true`, or a value in `[config]`: `PASSWORD = {{ secret = \"{name}\", key = \"password\" }}`",
                    name = secret.name
                )),
        );
    }
    let Some(prefix) = &secret.prefix else { return };
    let begins = |c: char| c.is_ascii_alphabetic() || c == '_';
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !secret.env {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "`prefix` has no variables to stand before")
                .at(at("prefix"), "")
                .help("add `env = true`, or remove it"),
        );
    } else if !prefix.starts_with(begins) || !prefix.chars().all(word) {
        let what = format!("`{prefix}` cannot begin the name of a variable");
        sink.error(
            Diagnostic::new(Code::CONFIG_KEY, what)
                .at(at("prefix"), "")
                .note("a shell reads names of letters, digits and `_` that begin with no digit")
                .help("write a prefix such as `DB_`"),
        );
    }
}

/// Whether a value of `[config]` comes from this Secret.
fn is_read(service: &Service, name: &str) -> bool {
    let from = |(_, given)| matches!(given, Given::From(ValueSource::Secret { secret, .. }) if secret == name);
    settings(service).flat_map(|(_, _, setting)| setting.all()).any(from)
}

fn wrong(what: &str, text: &str, place: Span, problem: &str) -> Diagnostic {
    Diagnostic::new(Code::WRONG_VALUE, format!("`{text}` is not {what}")).at(place, problem)
}
