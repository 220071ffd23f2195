//! Why a pod stays Pending.

/// Why no node takes a pod: the first reason that leaves none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Blocked {
    /// No node is left.
    Gone,
    /// No node has labels that the pod asks for: the keys.
    Labels(String),
    /// Its volume stands in a zone that is not there.
    Volume(String),
    /// A node that does not answer would take it.
    Unreachable,
    /// No node is large enough.
    Size,
    /// A constraint over this topology key: its smallest count is held down by a domain that is
    /// lost and still counts, or there are fewer domains than `minDomains`.
    Spread { key: String, min_domains: bool, ignores_taints: bool },
    /// Required affinity or anti-affinity over this topology key.
    Affinity(String),
}

impl std::fmt::Display for Blocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Blocked::Gone => f.write_str("no node that it may use is left"),
            Blocked::Labels(keys) => {
                write!(f, "no node that the fleet declares has the labels it asks for ({keys})")
            }
            Blocked::Volume(zone) => write!(f, "its volume stands in {zone} and cannot leave it"),
            Blocked::Unreachable => f.write_str(
                "it tolerates nodes that do not answer, so the scheduler may choose one of them",
            ),
            Blocked::Size => f.write_str("no node has room for it beside the pods of its service"),
            Blocked::Spread { key, min_domains: true, .. } => write!(
                f,
                "`minDomains` of the spread over `{key}` asks for more domains than there are"
            ),
            Blocked::Spread { key, ignores_taints: true, .. } => write!(
                f,
                "the spread over `{key}` still counts nodes that do not answer (`nodeTaintsPolicy` is not `Honor`), and next to their empty domains every other is full"
            ),
            Blocked::Spread { key, .. } => {
                write!(f, "every domain of `{key}` is as full as `maxSkew` allows")
            }
            Blocked::Affinity(key) => {
                write!(f, "required pod affinity or anti-affinity over `{key}` leaves no node")
            }
        }
    }
}
