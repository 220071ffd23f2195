//! Values that are spelt differently and mean the same.
//!
//! Only in fields whose type is known: in an environment variable, `1` and `1000m` are two texts.
//! A port or a share written as text, `"80"`, is not what 80 is: the API takes it for a name.

use super::path::Step;
use crate::kube::defaults;
use crate::kube::id::DEFAULT_NAMESPACE;
use crate::kube::read::cron::Cron;
use crate::kube::read::duration;
use crate::kube::read::quantity::Quantity;
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
    // Volumes of a CloudNativePG `Cluster`, beside their classes.
    "storage",
    "walStorage",
];

/// Fields that hold a quantity, wherever they stand.
const QUANTITIES: &[&str] = &["sizeLimit", "divisor", "averageValue", "storage"];

/// Ends of the names of fields that hold a duration, in lower case.
const DURATIONS: &[&str] =
    &["ttl", "timeout", "interval", "duration", "period", "for", "before", "delay", "age"];

/// A map of durations: that of an HTTPRoute.
const TIMEOUTS: &str = "timeouts";

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
    if steps.len() == 1 && field == "apiVersion" {
        return both(version, old, new);
    }
    let below = parent.is_some_and(|parent| MAPS_OF_QUANTITIES.contains(&parent.as_str()));
    if below || QUANTITIES.contains(&field.as_str()) || is_metric_value(field, parent) {
        return both(Quantity::of, old, new);
    }
    if field == "expr" {
        return both(expression, old, new);
    }
    if field == "schedule" {
        return both(times, old, new);
    }
    let lower = field.to_ascii_lowercase();
    let named = DURATIONS.iter().any(|end| lower.ends_with(end));
    (named || parent.is_some_and(|parent| parent == TIMEOUTS)) && both(nanoseconds, old, new)
}

/// Whether it makes no difference that a field is written, or that it is not.
pub(super) fn says_nothing(kind: &str, steps: &[Step], value: Option<&Value>) -> bool {
    let opaque = |step: &Step| matches!(step, Step::Key(key) if OPAQUE.contains(&key.as_str()));
    let (Some((last, above)), Some(written)) = (steps.split_last(), value) else { return false };
    // Of a variable the text is somebody else's, and where it comes from is not.
    let variable = |step: &Step| matches!(step, Step::Key(key) if key == "env");
    let of_user = |step: &Step| matches!(step, Step::Key(key) if key == "parameters");
    let foreign = |step: &Step| of_user(step) || opaque(step) && !variable(step);
    if above.iter().any(foreign) || !matches!(last, Step::Key(_)) {
        return false;
    }
    let path = path(steps);
    let empty = defaults::is_nothing(kind, &path, written);
    if empty || opaque(last) {
        return empty;
    }
    let everything = defaults::is_everything(kind, &path, value);
    !kind.is_empty()
        && (everything || is_default_namespace(&path, written) || defaults::is_filled_in(&path))
}

/// What is in no other namespace is in that one.
fn is_default_namespace(path: &str, value: &Value) -> bool {
    path == "metadata.namespace" && value.as_str() == Some(DEFAULT_NAMESPACE)
}

/// Whether two lists take everything, however that is spelt.
pub(super) fn are_everything(kind: &str, steps: &[Step], lists: [&[Value]; 2]) -> bool {
    let path = path(steps);
    lists
        .iter()
        .all(|items| defaults::is_everything(kind, &path, Some(&Value::List(items.to_vec()))))
}

/// An expression of PromQL, in which a space outside of quotes is as good as many.
fn expression(value: &Value) -> Option<String> {
    let mut quote = None;
    let mut said = String::new();
    for c in value.as_str()?.trim().chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if ['"', '\'', '`'].contains(&c) => quote = Some(c),
            None if c.is_whitespace() => {
                if !said.ends_with(' ') {
                    said.push(' ');
                }
                continue;
            }
            _ => {}
        }
        said.push(c);
    }
    // What a backslash hides, and a comment that a line ends, are left as they are.
    (!said.contains(['\\', '#'])).then_some(said)
}

/// The version of an API; that of the core group, which has no name, is sometimes called so.
fn version(value: &Value) -> Option<&str> {
    let text = value.as_str()?;
    Some(text.strip_prefix("core/").unwrap_or(text))
}

/// Whether a field is the API server's own.
pub(super) fn is_filled_in(steps: &[Step]) -> bool {
    defaults::is_filled_in(&path(steps))
}

/// `spec.ports[].protocol`
fn path(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Key(key) if path.is_empty() => path.push_str(key),
            Step::Key(key) => {
                path.push('.');
                path.push_str(key);
            }
            Step::Item(_) | Step::Element(_) | Step::Index(_) => path.push_str("[]"),
        }
    }
    path
}

/// The `value` of an autoscaler's target.
fn is_metric_value(field: &str, parent: Option<&String>) -> bool {
    field == "value" && parent.is_some_and(|parent| parent == "target")
}

fn both<'v, T: PartialEq>(
    read: fn(&'v Value) -> Option<T>,
    old: &'v Value,
    new: &'v Value,
) -> bool {
    read(old).is_some_and(|old| read(new) == Some(old))
}

/// Whether two expressions of cron run at the same times.
pub(in crate::diff) fn at_the_same_times(old: &Value, new: &Value) -> bool {
    old == new || both(times, old, new)
}

/// When an expression of cron runs, and in which second; none where it names a zone.
fn times(value: &Value) -> Option<(Cron, Option<&str>)> {
    let text = value.as_str().filter(|text| !text.contains("TZ="))?;
    let second = text.split_whitespace().next().filter(|_| text.split_whitespace().count() == 6);
    Some((Cron::read(text)?, second))
}

/// As Go writes it, or with days and weeks, as Prometheus does.
pub(in crate::diff) fn nanoseconds(value: &Value) -> Option<u128> {
    let text = value.as_str()?;
    let with_days =
        || Some(u128::from(text.parse::<Duration>().ok()?.as_seconds()) * 1_000_000_000);
    duration::nanoseconds(text).or_else(with_days)
}

#[cfg(test)]
mod tests {
    use crate::diff::value::compare;
    use crate::yaml::read::document;

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
        assert!(equal("spec: {interval: 1.5h}", "spec: {interval: 90m}"));
        assert!(!equal("spec: {interval: 1.5s}", "spec: {interval: 1s}"));
        assert!(equal("rules: [{alert: A, for: 60m}]", "rules: [{alert: A, for: 1h}]"));
        assert!(equal("timeouts: {request: 60s}", "timeouts: {request: 1m}"));
        assert!(equal("spec: {schedule: 0 3 * * 0}", "spec: {schedule: 00 3 * * SUN}"));
        assert!(equal("spec: {schedule: '@daily'}", "spec: {schedule: 0 0 * * *}"));
        assert!(!equal("spec: {schedule: 0 3 1 * *}", "spec: {schedule: 0 3 1 * 0}"));
        assert!(!equal("spec: {schedule: 0 0 3 * * *}", "spec: {schedule: 9 0 3 * * *}"));
        assert!(!equal("spec: {schedule: TZ=A 0 3 * * *}", "spec: {schedule: TZ=B 0 3 * * *}"));
        assert!(equal("metadata: {uid: a}", "metadata: {uid: b}"));
        assert!(equal(
            "spec: {template: {spec: {a: b}}}",
            "spec: {template: {spec: {a: b, dnsPolicy: ClusterFirst}}}"
        ));
        assert!(!equal(
            "spec: {template: {spec: {a: b}}}",
            "spec: {template: {spec: {a: b, dnsPolicy: None}}}"
        ));
        assert!(equal("apiVersion: v1", "apiVersion: core/v1"));
        assert!(!equal("apiVersion: v1", "apiVersion: v2"));
        assert!(equal("metadata: {name: a}", "metadata: {name: a, namespace: default}"));
        assert!(!equal("metadata: {name: a}", "metadata: {name: a, namespace: shop}"));
        assert!(equal("metadata: {labels: {}}", "metadata: {}"));
        assert!(!equal("metadata: {labels: {a: b}}", "metadata: {labels: {}}"));
        assert!(!equal("data: {a: b}", "data: {a: b, protocol: TCP}"));
        assert!(!equal("env: [{name: A, value: '1'}]", "env: [{name: A, value: 1000m}]"));
        assert!(!equal("data: {timeout: 60s}", "data: {timeout: 1m}"));
        assert!(!equal("ports: [{name: a, port: 80}]", "ports: [{name: a, port: '80'}]"));
        assert!(!equal("resources: {limits: {cpu: 1}}", "resources: {limits: {cpu: 1001m}}"));
    }
}
