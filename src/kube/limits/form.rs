//! The form of what stands in a field.

use super::{Found, Path, Refusal, shown};
use crate::diag;
use crate::kube::read::cron::Cron;
use crate::kube::read::duration;
use crate::kube::read::quantity::Quantity;
use crate::kube::{id, image};
use crate::yaml::Value;
use std::net::IpAddr;

/// What a field takes, beside its type.
pub(super) enum Form {
    /// A text in which this finds no problem; and what to write instead.
    Text(fn(&str) -> Option<String>, fn(&str) -> Option<String>),
    /// The same, of which empty means that nothing is reported.
    Maybe(fn(&str) -> Option<String>, fn(&str) -> Option<String>),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A number from the first to the second.
    Between(i64, i64),
    /// At most so many items.
    Most(usize),
    /// At least so many items.
    Least(usize),
    /// An amount that is not negative.
    Amount,
    /// The number of a port, or its name.
    Port,
    /// A count that is not negative, or a percentage of at most so much.
    Portion(u32),
    /// What this function makes of it.
    Rule(fn(&Value, &Path<'_>, &mut Found)),
}

impl Form {
    pub(super) fn check(&self, value: &Value, path: &Path<'_>, found: &mut Found) {
        match (self, value) {
            (_, Value::Null) => {}
            (Form::Maybe(..), Value::String(text)) if text.is_empty() => {}
            (Form::Text(problem, instead) | Form::Maybe(problem, instead), Value::String(text)) => {
                if let Some(problem) = problem(text) {
                    found.refuse(path, cannot_be(text, &problem), instead(text));
                }
            }
            (Form::Choice(words), Value::String(text)) if !words.contains(&text.as_str()) => {
                let problem = "it is none of its values";
                let known = words.iter().copied().filter(|word| !word.is_empty());
                found.refuse(path, cannot_be(text, problem), Some(diag::did_you_mean(text, known)));
            }
            (Form::Between(least, most), Value::Int(number))
                if !(least..=most).contains(&number) =>
            {
                found.refuse(path, format!("cannot be {number}"), Some(range(*least, *most)));
            }
            (Form::Most(most), Value::List(items)) if items.len() > *most => {
                found.refuse(path, format!("has {} items, {most} are the most", items.len()), None);
            }
            (Form::Least(least), Value::List(items)) if items.len() < *least => {
                found.refuse(path, "is empty", Some("write what belongs there".to_owned()));
            }
            (Form::Amount, amount) => amount_of(amount, path, found),
            (Form::Port, Value::Int(number)) if !(1..=65535).contains(number) => {
                found.refuse(path, format!("cannot be {number}"), Some(range(1, 65535)));
            }
            (Form::Port, Value::String(name)) => {
                if let Some(problem) = port_name_problem(name) {
                    found.refuse(path, cannot_be(name, &problem), None);
                }
            }
            (Form::Portion(most), portion) => portion_of(portion, *most, path, found),
            (Form::Rule(rule), value) => rule(value, path, found),
            _ => {}
        }
    }
}

/// "cannot be `x`: it is too long".
pub(super) fn cannot_be(text: &str, problem: &str) -> String {
    format!("cannot be `{}`: {problem}", shortened(text))
}

/// The beginning of a text that is too long to be shown.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.chars().count() {
        length if length > SHOWN => {
            format!("{}…", text.chars().take(SHOWN).collect::<String>())
        }
        _ => text.to_owned(),
    }
}

fn range(least: i64, most: i64) -> String {
    match (least, most) {
        (0, i64::MAX) => "write 0 or more".to_owned(),
        (least, i64::MAX) => format!("write {least} or more"),
        (least, most) => format!("write a number from {least} to {most}"),
    }
}

fn amount_of(amount: &Value, path: &Path<'_>, found: &mut Found) {
    let shown = || shown(amount);
    match Quantity::of(amount) {
        None => {
            let instead = Some("write it like `250m`, `2`, `512Mi` or `1Gi`".to_owned());
            found.refuse(
                path,
                cannot_be(&shown(), "it is not an amount that Kubernetes reads"),
                instead,
            );
        }
        Some(read) if read < Quantity::ZERO => {
            found.refuse(path, cannot_be(&shown(), "it is less than nothing"), None);
        }
        Some(_) => {}
    }
}

fn portion_of(portion: &Value, most: u32, path: &Path<'_>, found: &mut Found) {
    let wrong = match portion {
        Value::Int(count) => *count < 0,
        Value::String(text) => {
            let percent = text.strip_suffix('%').and_then(|text| text.parse::<u32>().ok());
            percent.is_none_or(|percent| percent > most)
        }
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => false,
    };
    if wrong {
        let shown = shown(portion);
        let instead = Some("write a count, or a percentage such as `25%`".to_owned());
        found.refuse(path, format!("cannot be `{shown}`"), instead);
    }
}

pub(super) fn nothing(_: &str) -> Option<String> {
    None
}

pub(super) fn nearest(text: &str) -> Option<String> {
    Some(format!("write `{}`", id::nearest_label(text)))
}

/// A count, or a part of what there is.
pub(super) const PART: Form = Form::Portion(100);
/// A count, or a percentage, which may be more than what there is.
pub(super) const SURGE: Form = Form::Portion(u32::MAX);
/// DNS-1123 label.
pub(super) const LABEL: Form = Form::Text(id::label_problem, nearest);
/// DNS-1123 subdomain.
pub(super) const SUBDOMAIN: Form = Form::Maybe(id::subdomain_problem, nothing);
/// The key of a label (Kubernetes `IsQualifiedName`).
pub(super) const KEY: Form = Form::Text(id::qualified_problem, nothing);
/// The key of an annotation, in which capitals count as small letters (`ValidateAnnotations`).
pub(super) const ANNOTATION: Form =
    Form::Text(|key| id::qualified_problem(&key.to_lowercase()), nothing);
/// The value of a label.
pub(super) const VALUE: Form = Form::Text(id::label_value_problem, nothing);
/// The key of a ConfigMap or a Secret.
pub(super) const DATA_KEY: Form = Form::Text(id::data_key_problem, nothing);
/// The name of a port: an IANA service name.
pub(super) const PORT_NAME: Form = Form::Maybe(port_name_problem, nothing);
/// A text that says something.
pub(super) const SOMETHING: Form =
    Form::Text(|text| text.is_empty().then(|| "it is empty".to_owned()), nothing);
/// An address.
pub(super) const ADDRESS: Form = Form::Maybe(address_problem, nothing);
/// A range of addresses.
pub(super) const RANGE: Form = Form::Text(range_problem, nothing);
/// Zero or more.
pub(super) const COUNT: Form = Form::Between(0, i64::MAX);
/// The name of a user or a group by its number (Kubernetes `IsValidUserID`).
pub(super) const ID: Form = Form::Between(0, i32::MAX as i64);
/// A number of a port.
pub(super) const PORT_NUMBER: Form = Form::Between(1, 65535);
/// The mode of a file.
pub(super) const MODE: Form = Form::Between(0, 0o777);
/// What Go's `time.ParseDuration` takes.
pub(super) const GO_DURATION: Form = Form::Text(
    |text| duration::parse(text).is_none().then(|| "it is not a duration".to_owned()),
    |_| Some("write it like `90s`, `5m` or `720h`".to_owned()),
);
/// What Prometheus takes (prometheus-operator, type `Duration`).
pub(super) const PROMETHEUS_DURATION: Form = Form::Maybe(prometheus_duration_problem, |_| {
    Some("write it like `30s`, `5m` or `1h30m`".to_owned())
});

/// What keeps a text from naming a port (Kubernetes `IsValidPortName`).
pub(super) fn port_name_problem(name: &str) -> Option<String> {
    if name.is_empty() || name.len() > 15 {
        return Some(format!("it has {} characters, 15 are the most", name.chars().count()));
    }
    id::label_problem(name).or_else(|| {
        if name.contains("--") {
            Some("it has `--`".to_owned())
        } else if !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
            Some("it has no letter".to_owned())
        } else {
            None
        }
    })
}

/// What keeps a text from naming an environment variable (Kubernetes `IsEnvVarName`, and
/// `IsRelaxedEnvVarName` from 1.32 on, KEP-4369).
pub(super) fn variable(value: &Value, path: &Path<'_>, found: &mut Found) {
    /// The first version that takes any name of printable characters.
    const RELAXED: u16 = 32;
    let Some(name) = value.as_str() else { return };
    let word = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let problem = if name.is_empty() {
        Some("it is empty".to_owned())
    } else if found.version.minor < RELAXED {
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            Some("it begins with a digit".to_owned())
        } else {
            name.chars().find(|c| !word(*c)).map(|c| format!("{c:?} is in it"))
        }
    } else {
        let wrong = |c: &char| !(' '..='~').contains(c) || *c == '=';
        name.chars().find(wrong).map(|c| format!("{c:?} is in it"))
    };
    if let Some(problem) = problem {
        let instead = Some("write letters, digits and `_`, and no digit first".to_owned());
        found.refuse(path, cannot_be(name, &problem), instead);
    }
}

fn address_problem(text: &str) -> Option<String> {
    text.parse::<IpAddr>().is_err().then(|| "it is not an address".to_owned())
}

/// What keeps a text from being a range of addresses (Go `net.ParseCIDR`).
pub(super) fn range_problem(text: &str) -> Option<String> {
    let Some((address, length)) = text.split_once('/') else {
        return Some(
            "it is not a range: `10.0.0.0/8` is one, and `10.0.0.9/32` is one address".to_owned(),
        );
    };
    match (address.parse::<IpAddr>(), length.parse::<u8>()) {
        (Ok(IpAddr::V4(_)), Ok(0..=32)) | (Ok(IpAddr::V6(_)), Ok(0..=128)) => None,
        (Err(_), _) => Some(format!("`{address}` is not an address")),
        (Ok(_), _) => Some(format!("no address has `{length}` bits in front")),
    }
}

/// The host of a route: a name, and perhaps `*.` before it (Gateway API `Hostname`, Kubernetes
/// `pkg/apis/networking/validation`).
pub(super) fn host_problem(text: &str) -> Option<String> {
    if text.parse::<IpAddr>().is_ok() {
        return Some("it is an address, and routes go by names".to_owned());
    }
    if text.contains("://") {
        return Some("it is a whole address: a host has no scheme and no path".to_owned());
    }
    if text.ends_with('.') {
        return Some("it ends with a dot".to_owned());
    }
    id::subdomain_problem(text.strip_prefix("*.").unwrap_or(text))
}

/// A record of DNS, or what an `ExternalName` stands for: a name, perhaps with a dot at its end
/// (Kubernetes `ValidateDNS1123Subdomain` without it), and no address.
pub(super) fn name_problem(text: &str) -> Option<String> {
    if text.parse::<IpAddr>().is_ok() {
        return Some("it is an address, and this is looked up as a name".to_owned());
    }
    id::subdomain_problem(text.strip_suffix('.').unwrap_or(text))
}

/// The name of a record: as a host, in which `_` may begin a label, and perhaps `*.` before it (RFC
/// 1035, RFC 8552).
pub(super) fn record_problem(text: &str) -> Option<String> {
    let plain = text.strip_prefix("*.").unwrap_or(text);
    let labels = plain.split('.').map(|label| label.strip_prefix('_').unwrap_or(label));
    name_problem(&labels.collect::<Vec<&str>>().join("."))
}

fn prometheus_duration_problem(text: &str) -> Option<String> {
    const UNITS: [&str; 7] = ["y", "w", "d", "h", "m", "s", "ms"];
    let wrong = || Some("it is not a duration that Prometheus reads".to_owned());
    let (mut rest, mut next) = (text, 0);
    if text == "0" {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let after = &rest[digits..];
        let unit: String = after.chars().take_while(char::is_ascii_alphabetic).collect();
        let at = UNITS.iter().position(|known| *known == unit);
        let Some(at) = at.filter(|at| digits > 0 && *at >= next) else { return wrong() };
        next = at + 1;
        rest = &after[unit.len()..];
    }
    None
}

/// When a CronJob runs: five fields, and no time zone in them (Kubernetes `pkg/apis/batch/validation`).
pub(super) fn cron_problem(text: &str) -> Option<String> {
    if text.contains("TZ=") {
        return Some("its time zone stands in `timeZone`".to_owned());
    }
    let fields = text.split_whitespace().count();
    let counted = text.starts_with('@') || fields == 5;
    if !counted {
        return Some(format!("it has {fields} fields, and cron has 5"));
    }
    Cron::read(text).is_none().then(|| Cron::unread(text).to_owned())
}

/// A path in a volume (Kubernetes `validateLocalNonReservedPath`).
pub(super) fn inner_path_problem(text: &str) -> Option<String> {
    if text.starts_with('/') {
        return Some("it begins with `/`".to_owned());
    }
    let up = text.split('/').any(|part| part == "..");
    up.then(|| "it leads up, with `..`".to_owned())
}

/// The name of an image. The API server refuses spaces around it; what else is wrong, the kubelet
/// finds (`InvalidImageName`).
pub(super) fn image(value: &Value, path: &Path<'_>, found: &mut Found) {
    let Some(name) = value.as_str() else { return };
    if let Some(problem) = image::problem(name) {
        let instead = match problem.instead {
            Some(instead) => format!("write `{instead}`"),
            None => "it is written like `registry.example.com/shop/checkout@sha256:…`".to_owned(),
        };
        let by = if name.trim() == name { Refusal::Start } else { Refusal::Object };
        found.report(by, path, cannot_be(name, &problem.what), Some(instead));
    }
}
