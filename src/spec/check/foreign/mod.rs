//! What other tools call things, and how they are written here.
//!
//! A row is for every spelling of its words: `minReplicas`, `min-replicas` and `min_replicas` are
//! one. The words are those of Kubernetes, Helm charts, Compose and Score.

mod fleet; //   the keys of the fleet
mod service; // the keys of a service
mod tables; //  the keys of one table of a service

use fleet::FLEET;
use service::SERVICE;
use tables::TABLES;

/// How it is written here.
enum Ours {
    /// A field, as a sentence.
    Field(&'static str),
    /// No field says it.
    NoField,
    /// No field says it, and none is needed: why.
    Needless(&'static str),
}

use Ours::{Field, Needless, NoField};
/// What is answered to a need that no field says.
const OTHERWISE: &str = "no field says it; of an object that is there, a patch can \
    (`[patch.deployment.spec.template.spec]`), and an object of its own is one of `[[manifests]]`";

/// What is said of a key that nobody knows, at the top of a service.
pub(super) const UNKNOWN: &str = "what no field says, a patch of an object can \
    (`[patch.deployment.spec.template.spec]`), or an object in a file of `[[manifests]]`";

/// Which table a document is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::spec) enum Subject {
    /// A service.
    Service,
    /// The fleet.
    Fleet,
    /// The record of a drill, which no other tool writes.
    Record,
}

/// What to write instead of a key that other tools have.
pub(super) fn answer(subject: Subject, key: &str) -> Option<String> {
    let rows = match subject {
        Subject::Service => SERVICE,
        Subject::Fleet => FLEET,
        Subject::Record => return None,
    };
    let plain = plain(key);
    let (_, ours) = rows.iter().find(|(theirs, _)| theirs.contains(&plain.as_str()))?;
    Some(match ours {
        Field(sentence) => (*sentence).to_owned(),
        NoField => OTHERWISE.to_owned(),
        Needless(why) => format!("remove it: {why}"),
    })
}

/// The same for a key in the table `above`, where that has an answer of its own.
pub(super) fn answer_in(subject: Subject, above: &str, key: &str) -> Option<String> {
    let plain = plain(key);
    let row = TABLES.iter().find(|(table, theirs, _)| {
        *table == above && theirs.contains(&plain.as_str()) && subject == Subject::Service
    });
    row.map(|(.., ours)| (*ours).to_owned())
}

/// The key of `known` that is `key` in another spelling: `dependsOn` for `depends_on`.
pub(super) fn respelled<'a>(
    key: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = plain(key);
    known.into_iter().find(|known| plain(known) == wanted)
}

/// A key without its spelling.
fn plain(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::schema;

    #[test]
    fn keys_of_other_tools_are_answered_in_every_spelling() {
        let service = |key| answer(Subject::Service, key).unwrap_or_default();
        for (key, ours) in [
            ("replicas", "`peak = 3` in `[capacity]`"),
            ("replicaCount", "`peak = 3` in `[capacity]`"),
            ("replicas_count", "`peak = 3` in `[capacity]`"),
            ("env", "`[config]`"),
            ("environment", "`[environments.staging]`"),
            ("profiles", "`[environments.staging]`"),
            ("resources", "`[capacity]`"),
            ("minReplicas", "`capacity.autoscale`"),
            ("max-replicas", "`capacity.autoscale`"),
            ("readiness_probe", "`[probes]`"),
            ("livenessProbe", "`[probes]`"),
            ("host", "`[traffic]`"),
            ("volume_mounts", "`[[volumes]]`"),
            ("volumes_mounts", "`[[volumes]]`"),
            ("configMap", "`[[files]]`"),
            ("security_context", "`restricted`"),
            ("image_pull_secrets", "`registries = [{ host = \"…\", pull_secret = \"…\" }]`"),
            ("cronjob", "`[[jobs]]`"),
            ("initContainers", "`[[init]]`"),
            ("extraContainers", "`[[sidecars]]`"),
            ("nodeSelector", "`pool = \"…\"` in `[placement]`"),
        ] {
            assert!(service(key).contains(ours), "{key}: {}", service(key));
        }
        assert_eq!(answer(Subject::Service, "flavour"), None);
        assert!(answer(Subject::Fleet, "nodePools").is_some_and(|ours| ours.contains("zones")));
        assert_eq!(respelled("dependsOn", ["depends_on", "data"]), Some("depends_on"));
    }

    /// A row with two answers, or about a key that is ours at the top, would never be read.
    #[test]
    fn every_word_has_one_answer_and_is_none_of_our_own_keys() {
        for (rows, schema) in [(SERVICE, &schema::SERVICE), (FLEET, &schema::FLEET)] {
            let mut words: Vec<&str> =
                rows.iter().flat_map(|(theirs, _)| *theirs).copied().collect();
            let ours = schema.pointer("/properties").and_then(|keys| keys.as_object());
            for word in &words {
                assert_eq!(*word, plain(word));
                assert!(!ours.is_some_and(|ours| ours.contains_key(*word)), "{word} is ours");
            }
            let all = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), all);
        }
    }
}
