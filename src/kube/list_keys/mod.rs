//! What identifies the items of a list, and whether their order means anything.
//!
//! Keys of the API are those of [`schema`](super::schema), which server-side apply goes by, and not
//! `patchMergeKey`: the two disagree for ports and spread constraints (kubernetes#39188,
//! kubernetes#105610). Rows here say what the order means, have the keys of kinds that are not known
//! there, and give keys of ours to lists that the API takes as one value: those only say which items a
//! reader compares.

mod table; // the lists of objects

use super::schema::{Identity, KNOWN, Type};
use crate::yaml::Value;
pub use table::ROWS;
use table::{DEFAULTS, may, must, or};

/// What tells the items of a list apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Items<'a> {
    /// The values of some fields.
    Keyed(Vec<Part<'a>>),
    /// All that they say: a set.
    Whole,
    /// Their place.
    Sequence,
}

/// A field that is part of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The field, or a path to it: `metadata.name`.
    pub path: &'a str,
    /// What happens when it is not written.
    pub absent: Absent<'a>,
    /// Whether it is the name of an object, which may end in a hash.
    pub name: bool,
}

/// What a part of a key is when it is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent<'a> {
    /// The item has no key.
    Unkeyed,
    /// The key goes without it.
    Skipped,
    /// The API takes it for this value.
    Means(&'a str),
}

/// Whether the order of a list means anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// No.
    Free,
    /// Yes.
    Matters,
    /// When a value refers to another item: `$(VARIABLE)` is replaced by what stands before.
    Variables,
    /// The first one is special: some load balancers check the health of the first port.
    First,
}

/// What is known of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<'a> {
    /// What tells its items apart.
    pub items: Items<'a>,
    /// Whether their order means anything.
    pub order: Order,
}

/// A list of the API.
#[derive(Debug)]
pub struct Row {
    /// The kind, [`POD`] or [`ANY`].
    pub within: &'static str,
    /// The path to it; `[]` stands for every item of a list.
    pub path: &'static str,
    /// The parts of the key, where the API has none; none for a set.
    pub key: &'static [Part<'static>],
    /// Whether the order means anything.
    pub order: Order,
}

/// Paths of such rows begin below the `spec` of a pod; `containers` are those of every sort.
pub const POD: &str = "(pod)";
/// Paths of such rows are ends of a path in any kind.
pub const ANY: &str = "(any)";

const RULE: &[Part<'static>] = &[may("alert"), may("record"), may("labels.severity")];

/// What is known of the list at `path` of a kind, whose keys stand for themselves and whose items
/// are `[]`. `schema` is that of its CustomResourceDefinition, if there is one: it decides.
pub fn find<'a>(kind: &str, schema: Option<&'a Value>, path: &[&str]) -> Option<List<'a>> {
    if let Some(found) = schema.and_then(|schema| in_schema(schema, path)) {
        return Some(found);
    }
    let whole = path.join(".").replace(".[]", "[]");
    let pod = in_pod(kind, &whole);
    let row = ROWS.iter().find(|row| match row.within {
        POD => pod.as_deref() == Some(row.path),
        ANY => {
            let before = whole.strip_suffix(row.path);
            !kind.is_empty()
                && before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        }
        within => within == kind && whole == row.path,
    });
    let items = match (in_table(kind, path), row) {
        (Some(Identity::By(keys)), _) => Items::Keyed(keys.iter().map(|key| part(key)).collect()),
        (Some(Identity::Set), _) => Items::Whole,
        (Some(Identity::Whole) | None, Some(row)) if row.key.is_empty() => Items::Whole,
        (Some(Identity::Whole) | None, row) => Items::Keyed(row?.key.to_vec()),
    };
    Some(List { items, order: row.map_or(Order::Free, |row| row.order) })
}

/// What the API server tells the items of a list by; in a kind that is not known, below the `spec` of
/// its pods.
fn in_table(kind: &str, path: &[&str]) -> Option<&'static Identity> {
    let found = match KNOWN.called(kind) {
        Some(known) => KNOWN.at(known, path)?,
        None => {
            let pods = path.windows(2).position(|pair| pair == ["template", "spec"])?;
            KNOWN.within(KNOWN.named("PodSpec")?, &path[pods + 2..])?
        }
    };
    if let Type::List(_, items) = found { Some(&items.server) } else { None }
}

fn part(key: &'static str) -> Part<'static> {
    let default = DEFAULTS.iter().find(|(of, _)| *of == key);
    default.map_or(must(key), |(_, value)| or(key, value))
}

/// The path below the `spec` of a pod.
fn in_pod(kind: &str, path: &str) -> Option<String> {
    let inside = match path.split_once("template.spec.") {
        Some((before, inside)) if before.is_empty() || before.ends_with(['.', 'T', 't']) => inside,
        _ if kind == "Pod" => path.strip_prefix("spec.")?,
        _ => return None,
    };
    let other = ["initContainers[].", "ephemeralContainers[]."];
    let rest = other.iter().find_map(|list| inside.strip_prefix(list));
    Some(rest.map_or_else(|| inside.to_owned(), |rest| format!("containers[].{rest}")))
}

/// `x-kubernetes-list-type` and `x-kubernetes-list-map-keys`.
fn in_schema<'a>(schema: &'a Value, path: &[&str]) -> Option<List<'a>> {
    let at_list = path.iter().try_fold(schema, |schema, segment| match *segment {
        "[]" => schema.get("items"),
        key => schema.at(&["properties", key]).or_else(|| schema.get("additionalProperties")),
    })?;
    let free = |items| Some(List { items, order: Order::Free });
    match at_list.get("x-kubernetes-list-type")?.as_str()? {
        "map" => {
            let keys = at_list.get("x-kubernetes-list-map-keys")?.items();
            let part = |path: &'a str| {
                let default = at_list.at(&["items", "properties", path, "default"]);
                let absent = default.and_then(Value::as_str).map_or(Absent::Unkeyed, Absent::Means);
                Part { path, absent, name: false }
            };
            free(Items::Keyed(keys.iter().filter_map(Value::as_str).map(part).collect()))
        }
        "set" => free(Items::Whole),
        _ => Some(List { items: Items::Sequence, order: Order::Matters }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read::document;

    fn keys(kind: &str, path: &str) -> Option<(Vec<&'static str>, Order)> {
        let path: Vec<String> = path.split('.').flat_map(segments).collect();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let list = find(kind, None, &path)?;
        match list.items {
            Items::Keyed(parts) => Some((parts.iter().map(|part| part.path).collect(), list.order)),
            Items::Whole => Some((Vec::new(), list.order)),
            Items::Sequence => None,
        }
    }

    fn segments(text: &str) -> Vec<String> {
        match text.strip_suffix("[]") {
            Some(key) => vec![key.to_owned(), "[]".to_owned()],
            None => vec![text.to_owned()],
        }
    }

    #[test]
    fn server_side_apply_decides() {
        let ports = "spec.template.spec.containers[].ports";
        let expected = Some((vec!["containerPort", "protocol"], Order::Free));
        assert_eq!(keys("Deployment", ports), expected);
        assert_eq!(keys("Pod", "spec.initContainers[].ports"), expected);
        let nested = "spec.jobTemplate.spec.template.spec.initContainers[].ports";
        assert_eq!(keys("CronJob", nested), expected);
        assert_eq!(keys("Service", "spec.ports"), Some((vec!["port", "protocol"], Order::First)));
        let spread = "spec.template.spec.topologySpreadConstraints";
        let both = vec!["topologyKey", "whenUnsatisfiable"];
        assert_eq!(keys("StatefulSet", spread), Some((both, Order::Free)));
        let mounts = "spec.template.spec.containers[].volumeMounts";
        assert_eq!(keys("Deployment", mounts), Some((vec!["mountPath"], Order::Free)));
    }

    #[test]
    fn order_means_something_to_containers_that_run_in_order() {
        let name = || vec!["name"];
        let at = |path: &str| keys("Deployment", &format!("spec.template.spec.{path}"));
        assert_eq!(at("initContainers"), Some((name(), Order::Matters)));
        assert_eq!(at("containers"), Some((name(), Order::Free)));
        assert_eq!(at("containers[].env"), Some((name(), Order::Variables)));
        assert_eq!(at("containers[].args"), None);
        assert_eq!(keys("Deployment", "spec.ports"), None);
    }

    #[test]
    fn the_schema_of_a_custom_kind_comes_first() {
        let schema = document(
            "properties:\n  spec:\n    properties:\n      groups:\n        \
             x-kubernetes-list-type: map\n        x-kubernetes-list-map-keys: [team, port]\n        \
             items:\n          properties:\n            port: {default: http}\n      \
             tags: {x-kubernetes-list-type: set}\n      steps: {x-kubernetes-list-type: atomic}\n",
        )
        .unwrap();
        let find = |path: &[&str]| find("PrometheusRule", Some(&schema), path).unwrap().items;
        let Items::Keyed(parts) = find(&["spec", "groups"]) else { panic!("no key") };
        assert_eq!(parts.iter().map(|part| part.path).collect::<Vec<_>>(), ["team", "port"]);
        assert_eq!(parts[1].absent, Absent::Means("http"));
        assert_eq!(find(&["spec", "tags"]), Items::Whole);
        assert_eq!(find(&["spec", "steps"]), Items::Sequence);
        assert_eq!(
            find(&["spec", "groups", "[]", "rules"]),
            Items::Keyed(RULE.to_vec()),
            "what the schema leaves open, the table says"
        );
    }

    #[test]
    fn rows_are_unique() {
        for (at, row) in ROWS.iter().enumerate() {
            let same = |other: &Row| other.within == row.within && other.path == row.path;
            assert!(!ROWS[at + 1..].iter().any(same), "{} {}", row.within, row.path);
        }
    }
}
