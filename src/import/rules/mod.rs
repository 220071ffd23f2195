//! Why a leaf of a source is not in what is emitted, or is another one there: two tables.

mod improved; // what is promised says it better
mod filled; //   nobody wrote it, or it says nothing

pub(super) use filled::{filled_in, says_nothing};
pub(super) use improved::{CONTENT, improved};

/// Variables that every service has.
pub(super) const GENERATED: &[&str] = &["CLUSTER", "GEOGRAPHY", "REGION", "REGION_ROLE", "ZONES"];

/// Whether a path is one of those that a pattern stands for, in the form of the rows of the tables.
fn matches(pattern: &str, path: &str) -> bool {
    let (from_end, pattern) =
        pattern.strip_prefix('…').map_or((false, pattern), |rest| (true, rest));
    match (pattern.strip_suffix('*'), from_end) {
        (Some(start), false) => path.starts_with(start),
        (Some(inner), true) => path.contains(inner),
        (None, true) => path.ends_with(pattern),
        (None, false) => path == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Value;

    #[test]
    fn what_is_less_is_no_improvement() {
        let value = |number| Value::Int(number);
        let replicas = |source, emitted| {
            improved("Deployment", "spec.replicas", &value(source), Some(&value(emitted)))
        };
        assert!(replicas(2, 3).is_some());
        assert_eq!(replicas(3, 2), None);
        assert_eq!(
            improved("Deployment", "spec.template.spec.hostAliases[].ip", &value(1), None),
            None
        );
    }

    #[test]
    fn what_a_cluster_fills_in_is_told_from_what_a_person_wrote() {
        let text = |text: &str| Value::String(text.to_owned());
        assert!(filled_in("Service", "spec.clusterIP", &text("10.0.0.1")).is_some());
        assert_eq!(filled_in("Service", "spec.clusterIP", &text("None")), None);
        assert!(says_nothing("spec.template.spec.dnsPolicy", &text("ClusterFirst")).is_some());
        assert_eq!(says_nothing("spec.template.spec.dnsPolicy", &text("Default")), None);
        assert_eq!(says_nothing("spec.podType", &text("ClusterIP")), None);
    }
}
