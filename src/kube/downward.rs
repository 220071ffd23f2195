//! What an environment variable can have of its pod.

use super::id;

/// The fields that have one value (Kubernetes `validEnvDownwardAPIFieldPathExpressions`,
/// `pkg/apis/core/validation`).
pub(crate) const FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// The fields of which one entry can be taken: `metadata.labels['app']`.
pub(crate) const MAPS: &[&str] = &["metadata.annotations", "metadata.labels"];

/// What a container asks for, and may use.
pub(crate) const RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
];

/// The units in which CPU is given, and everything else (`validContainerResourceDivisorFor…`).
const OF_CPU: &[&str] = &["1m", "1"];
const OF_BYTES: &[&str] =
    &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/// The units in which a resource is given.
pub(crate) fn divisors(resource: &str) -> &'static [&'static str] {
    if resource.ends_with(".cpu") { OF_CPU } else { OF_BYTES }
}

/// Says what keeps `path` from being a field that a variable can have, if anything.
pub(crate) fn field_problem(path: &str) -> Option<String> {
    if FIELDS.contains(&path) {
        return None;
    }
    let entry = path.strip_suffix("']").and_then(|path| path.split_once("['"));
    match entry {
        Some((map, key)) if MAPS.contains(&map) => id::qualified_problem(key),
        Some((map, _)) => Some(format!("`{map}` has no entries")),
        None if MAPS.contains(&path) => Some(format!("one entry of it: `{path}['app']`")),
        None => Some("Kubernetes tells no such field".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::field_problem;

    #[test]
    fn a_field_is_told_by_itself_or_by_one_of_its_entries() {
        for path in ["status.podIP", "metadata.labels['app']", "metadata.annotations['a.b/c']"] {
            assert_eq!(field_problem(path), None, "{path}");
        }
        for path in ["status.phase", "metadata.labels", "metadata.labels['']", "spec['a']", ""] {
            assert!(field_problem(path).is_some(), "{path}");
        }
    }
}
