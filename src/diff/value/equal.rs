//! Values that are spelt differently and mean the same.
//!
//! Only in fields whose type is known: in an environment variable, `1` and `1000m` are two texts.
//! A port or a share written as text, `"80"`, is not what 80 is: the API takes it for a name.

use super::path::Step;
use crate::quantity::Duration;
use crate::yaml::Value;

/// Maps from a resource to a quantity, wherever they stand.
const MAPS_OF_QUANTITIES: &[&str] = &[
    "limits",
    "requests",
    "capacity",
    "hard",
    "overhead",
    "min",
    "max",
    "default",
    "defaultRequest",
    "maxLimitRequestRatio",
    "podFixed",
];

/// Fields that hold a quantity, wherever they stand.
const QUANTITIES: &[&str] = &["sizeLimit", "divisor", "averageValue", "storage"];

/// Ends of the names of fields that hold a duration, in lower case.
const DURATIONS: &[&str] = &["ttl", "timeout", "interval", "duration", "period"];

/// Below these, texts belong to someone else.
const OPAQUE: &[&str] = &[
    "data",
    "stringData",
    "binaryData",
    "annotations",
    "labels",
    "matchLabels",
    "nodeSelector",
    "env",
    "args",
    "command",
];

/// Whether two values of the field at `steps` mean the same.
pub(super) fn means_the_same(steps: &[Step], old: &Value, new: &Value) -> bool {
    let keys =
        || steps.iter().filter_map(|step| if let Step::Key(key) = step { Some(key) } else { None });
    if keys().any(|key| OPAQUE.contains(&key.as_str())) {
        return false;
    }
    let mut last = keys().rev();
    let (field, parent) = (last.next(), last.next());
    let Some(field) = field.filter(|_| matches!(steps.last(), Some(Step::Key(_)))) else {
        return false;
    };
    let below = parent.is_some_and(|parent| MAPS_OF_QUANTITIES.contains(&parent.as_str()));
    if below || QUANTITIES.contains(&field.as_str()) || is_metric_value(field, parent) {
        return both(quantity, old, new);
    }
    let lower = field.to_ascii_lowercase();
    DURATIONS.iter().any(|end| lower.ends_with(end)) && both(seconds, old, new)
}

/// The `value` of an autoscaler's target.
fn is_metric_value(field: &str, parent: Option<&String>) -> bool {
    field == "value" && parent.is_some_and(|parent| parent == "target")
}

fn both<T: PartialEq>(read: fn(&Value) -> Option<T>, old: &Value, new: &Value) -> bool {
    read(old).is_some_and(|old| read(new) == Some(old))
}

fn seconds(value: &Value) -> Option<u64> {
    Some(value.as_str()?.parse::<Duration>().ok()?.as_seconds())
}

/// Suffixes of quantities with their factors in billionths
/// (apimachinery/pkg/api/resource/suffix.go).
const SUFFIXES: [(&str, i128); 16] = [
    ("Ki", 1_000_000_000 << 10),
    ("Mi", 1_000_000_000 << 20),
    ("Gi", 1_000_000_000 << 30),
    ("Ti", 1_000_000_000 << 40),
    ("Pi", 1_000_000_000 << 50),
    ("Ei", 1_000_000_000 << 60),
    ("n", 1),
    ("u", 1_000),
    ("m", 1_000_000),
    ("k", 1_000_000_000_000),
    ("M", 1_000_000_000_000_000),
    ("G", 1_000_000_000_000_000_000),
    ("T", 1_000_000_000_000_000_000_000),
    ("P", 1_000_000_000_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000_000_000_000),
    ("", 1_000_000_000),
];

/// A quantity as a fraction: billionths, and the power of ten to divide them by. None for one that
/// does not fit, which then is not found to be equal.
fn quantity(value: &Value) -> Option<(i128, u32)> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) if float.is_finite() => float.to_string(),
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => {
            return None;
        }
    };
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(&text)),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, suffix) = rest.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    let mut number: i128 = digits.parse().ok()?;
    let mut places = u32::try_from(fraction.len()).ok()?;
    let factor = match suffix.strip_prefix(['e', 'E']).filter(|exponent| !exponent.is_empty()) {
        Some("i") if suffix == "Ei" => 1_000_000_000 << 60,
        Some(exponent) => match exponent.parse::<i32>().ok()? {
            exponent @ 0.. => {
                10i128.checked_pow(exponent.unsigned_abs())?.checked_mul(1_000_000_000)?
            }
            exponent => {
                places = places.checked_add(exponent.unsigned_abs())?;
                1_000_000_000
            }
        },
        None => SUFFIXES.iter().find(|(name, _)| *name == suffix)?.1,
    };
    number = number.checked_mul(factor)?.checked_mul(sign)?;
    while places > 0 && number % 10 == 0 {
        (number, places) = (number / 10, places - 1);
    }
    Some((number, if number == 0 { 0 } else { places }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::value::compare;
    use crate::yaml::read::document;

    #[test]
    fn quantities_are_numbers() {
        let text = |text: &str| quantity(&Value::String(text.to_owned()));
        for (a, b) in [
            ("1", "1000m"),
            ("0.5", "500m"),
            ("1Gi", "1024Mi"),
            ("1.5Gi", "1536Mi"),
            ("1e3", "1k"),
            ("1E-3", "1m"),
            ("1Ei", "1024Pi"),
            ("2E", "2000P"),
            ("+1.0", "1"),
            ("0", "0Ki"),
            ("-1", "-1000m"),
        ] {
            assert!(text(a).is_some() && text(a) == text(b), "{a} {b}");
        }
        assert_ne!(text("1G"), text("1Gi"));
        assert_ne!(text("1m"), text("1M"));
        for wrong in ["", "m", "1.2.3", "1 Gi", "1e", "1e99", "٣", "--1", "+-1", "1ei", "1Eii"] {
            assert_eq!(text(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_fields_of_that_type_are_compared_so() {
        let equal = |old: &str, new: &str| {
            let (old, new) = (document(old).unwrap(), document(new).unwrap());
            let changes = compare("Deployment", &old, &new);
            assert_eq!(changes.len(), 1, "{changes:?}");
            changes[0].equal
        };
        assert!(equal("resources: {limits: {cpu: 1}}", "resources: {limits: {cpu: 1000m}}"));
        assert!(equal("resources: {limits: {cpu: 0.5}}", "resources: {limits: {cpu: 500m}}"));
        assert!(equal("spec: {ttl: 720h}", "spec: {ttl: 720h0m0s}"));
        assert!(equal("spec: {csiSnapshotTimeout: 90m}", "spec: {csiSnapshotTimeout: 1h30m}"));
        assert!(!equal("env: [{name: A, value: '1'}]", "env: [{name: A, value: 1000m}]"));
        assert!(!equal("data: {timeout: 60s}", "data: {timeout: 1m}"));
        assert!(!equal("ports: [{name: a, port: 80}]", "ports: [{name: a, port: '80'}]"));
        assert!(!equal("resources: {limits: {cpu: 1}}", "resources: {limits: {cpu: 1001m}}"));
    }
}
