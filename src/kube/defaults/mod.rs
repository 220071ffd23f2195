//! What the API server takes a field for that is not written.

mod tables; // field by field

use super::Kind;
use super::schema;
use crate::yaml::{Value, read};
use tables::{
    ANYWHERE, BACKUPS, EMPTY, EVERYTHING, FILLED, NUMBERS, OF_KINDS, OF_USERS, OTHERS, USUAL,
};

fn ends(path: &str, end: &str) -> bool {
    path == end || path.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether a field that is not written is taken for this value, in any object.
pub fn is_anyway(path: &str, value: &str) -> bool {
    ANYWHERE.iter().any(|(end, default)| ends(path, end) && value == *default)
}

/// Whether a kind is one whose fields are known here.
fn is_known(kind: &str) -> bool {
    let own = || schema::KNOWN.called(kind).is_some();
    let of_table = || OF_KINDS.iter().any(|(of, ..)| *of == kind);
    Kind::named(kind).is_some()
        || OTHERS.contains(&kind)
        || BACKUPS.contains(&kind)
        || of_table()
        || own()
}

/// Whether it makes no difference to an object of a kind that a field says this.
pub fn says_nothing(kind: &str, path: &str, value: &str) -> bool {
    let number = || NUMBERS.iter().any(|(end, default)| ends(path, end) && value == *default);
    let own = || OF_KINDS.contains(&(kind, path, value));
    is_known(kind) && (is_anyway(path, value) || number() || own())
}

/// Whether a field of an object of a kind might as well not be written: it is empty, or says what it is taken
/// for anyway. The API server keeps built-in kinds as protocol buffers, in which a list that is empty is not
/// there.
pub fn is_nothing(kind: &str, path: &str, value: &Value) -> bool {
    if !is_known(kind) {
        return false;
    }
    match value {
        Value::Null => true,
        Value::List(items) => items.is_empty() || is_usual(kind, path, items),
        Value::Map(entries) => {
            let of_entry = |(key, value): &(String, Value)| {
                let below = format!("{path}.{key}");
                !OF_USERS.iter().any(|map| ends(path, map)) && is_nothing(kind, &below, value)
            };
            may_be_empty(kind, path) && entries.iter().all(of_entry)
        }
        Value::String(text) => says_nothing(kind, path, text),
        Value::Int(number) => says_nothing(kind, path, &number.to_string()),
        Value::Bool(on) => says_nothing(kind, path, &on.to_string()),
        Value::Float(_) => false,
    }
}

fn may_be_empty(kind: &str, path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default();
    match kind {
        // What such a policy speaks of, an empty selector selects as none does: every pod.
        "NetworkPolicy" if path == "spec.podSelector" => true,
        "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration"
            if ["namespaceSelector", "objectSelector"].contains(&last) =>
        {
            true
        }
        _ => EMPTY.contains(&last),
    }
}

/// Whether a list is what it is taken for where it is not written.
fn is_usual(kind: &str, path: &str, items: &[Value]) -> bool {
    let mut usual = USUAL.iter().filter(|(of, at, _)| (*of, *at) == (kind, path));
    usual.any(|(.., text)| {
        let (wanted, mut written) = (read::document(text), Value::List(items.to_vec()));
        written.sort();
        wanted.is_ok_and(|mut wanted| {
            wanted.sort();
            wanted == written
        })
    })
}

/// Whether a list of an object of a kind takes everything: where it is not written, it does.
pub fn is_everything(kind: &str, path: &str, value: Option<&Value>) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default();
    let all = match value {
        None | Some(Value::Null) => true,
        Some(Value::List(items)) => match items.as_slice() {
            [] => true,
            [one] => one.as_str() == Some("*"),
            _ => false,
        },
        Some(_) => false,
    };
    all && BACKUPS.contains(&kind) && EVERYTHING.contains(&last)
}

/// Whether a field is the API server's own.
pub fn is_filled_in(path: &str) -> bool {
    let top = |field: &str| path == field;
    FILLED.iter().any(|field| match field.starts_with("status") || field.starts_with("metadata") {
        true => top(field),
        false => ends(path, field),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_says_nothing_and_another_value_does() {
        let pod = "spec.template.spec.dnsPolicy";
        assert!(says_nothing("Deployment", pod, "ClusterFirst"));
        assert!(!says_nothing("Deployment", pod, "Default"));
        assert!(!says_nothing("Thing", pod, "ClusterFirst"));
        assert!(!says_nothing("Deployment", "spec.podType", "ClusterIP"));
        assert!(says_nothing(
            "StatefulSet",
            "spec.volumeClaimTemplates[].spec.volumeMode",
            "Filesystem"
        ));
    }

    #[test]
    fn empty_says_nothing_where_it_selects_nothing() {
        let empty = |kind: &str, path: &str, text: &str| {
            is_nothing(kind, path, &crate::yaml::read::document(text).unwrap())
        };
        assert!(empty("NetworkPolicy", "spec.ingress[].from", "[]"));
        assert!(empty("NetworkPolicy", "spec.podSelector", "{}"));
        assert!(!empty("NetworkPolicy", "spec.ingress[].from[].podSelector", "{}"));
        assert!(!empty("PodDisruptionBudget", "spec.selector", "{}"));
        assert!(empty("Deployment", "spec.template.metadata.annotations", "{}"));
        assert!(!empty("Deployment", "spec.template.spec.volumes[].emptyDir", "{}"));
        assert!(empty("Role", "rules[].resourceNames", "[]"));
        assert!(!empty("Thing", "spec.list", "[]"));
        assert!(!empty("Role", "rules[].resourceNames", "[a]"));
    }

    #[test]
    fn everything_has_three_spellings() {
        let all = |path: &str, text: &str| {
            is_everything("Schedule", path, Some(&crate::yaml::read::document(text).unwrap()))
        };
        let namespaces = "spec.template.includedNamespaces";
        assert!(all(namespaces, "['*']") && all(namespaces, "[]"));
        assert!(is_everything("Schedule", namespaces, None));
        assert!(!all(namespaces, "[shop]") && !all(namespaces, "['*', shop]"));
        assert!(!all("spec.template.includedClusterScopedResources", "['*']"));
        assert!(!is_everything("Role", namespaces, None));
    }

    #[test]
    fn only_the_servers_own_fields_are_filled_in() {
        assert!(is_filled_in("metadata.uid") && is_filled_in("status"));
        assert!(is_filled_in("spec.template.metadata.creationTimestamp"));
        assert!(!is_filled_in("spec.metadata.uid") && !is_filled_in("spec.status"));
    }
}
