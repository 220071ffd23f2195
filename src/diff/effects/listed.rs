//! Lists of namespaces and resources, as Velero reads them.

use std::collections::BTreeSet;

/// The words of a list that none of another list speaks of. A word may be a pattern, and resources have short
/// names and groups (velero `pkg/util/collections/includes_excludes.go`).
pub(super) fn beyond(words: &BTreeSet<String>, others: &BTreeSet<String>) -> Vec<String> {
    let covered = |word: &String| others.iter().any(|other| takes(other, word));
    words.iter().filter(|word| !covered(word)).cloned().collect()
}

fn takes(pattern: &str, word: &str) -> bool {
    let ((one, group), (other, its)) = (plural(pattern), plural(word));
    let same_group = group.is_none() || its.is_none() || group == its;
    pattern == word || is_like(pattern, word) || one == other && same_group
}

/// A resource by its plural, and its group where that is written: `pvc` is `persistentvolumeclaims`.
fn plural(word: &str) -> (&str, Option<&str>) {
    let (name, group) =
        word.split_once('.').map_or((word, None), |(name, group)| (name, Some(group)));
    let long = SHORT.iter().find(|(short, _)| *short == name).map_or(name, |(_, long)| long);
    (long, group)
}

/// What `kubectl api-resources` calls resources in short.
const SHORT: &[(&str, &str)] = &[
    ("cm", "configmaps"),
    ("cj", "cronjobs"),
    ("crd", "customresourcedefinitions"),
    ("deploy", "deployments"),
    ("ds", "daemonsets"),
    ("hpa", "horizontalpodautoscalers"),
    ("ing", "ingresses"),
    ("netpol", "networkpolicies"),
    ("ns", "namespaces"),
    ("pdb", "poddisruptionbudgets"),
    ("po", "pods"),
    ("pv", "persistentvolumes"),
    ("pvc", "persistentvolumeclaims"),
    ("rs", "replicasets"),
    ("sa", "serviceaccounts"),
    ("sc", "storageclasses"),
    ("sts", "statefulsets"),
    ("svc", "services"),
];

/// Whether a word is what a pattern says, in which `*` stands for anything and `?` for a character.
fn is_like(pattern: &str, word: &str) -> bool {
    match (pattern.chars().next(), word.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            let rest = &pattern[1..];
            let mut ends = word.char_indices().map(|(at, _)| at).chain([word.len()]);
            ends.any(|at| is_like(rest, &word[at..]))
        }
        (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {
            is_like(&pattern[wanted.len_utf8()..], &word[found.len_utf8()..])
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_taken_by_what_says_the_same_and_by_patterns() {
        assert!(takes("shop-*", "shop-a") && takes("*", "shop") && takes("s?op", "shop"));
        assert!(!takes("shop-a", "shop-*") && !takes("shop", "shop-a"));
        assert!(takes("pvc", "persistentvolumeclaims") && takes("deployments", "deployments.apps"));
        assert!(!takes("ingresses.networking.k8s.io", "ingresses.example.com"));
    }
}
