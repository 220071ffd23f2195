//! Words of the fleet.

use crate::quantity::Duration;
use schemars::JsonSchema;
use serde::Deserialize;

/// A cloud, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// Microsoft Azure.
    Azure,
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Google,
    /// Anything else.
    Other,
}

impl Provider {
    /// The place that a zone is in, by its name: `eastus2` for `eastus2-1` on Azure, `us-east-1`
    /// for `us-east-1a` on AWS, `us-east1` for `us-east1-b` on Google. None where the name is not
    /// of that form, and where names say nothing.
    pub fn place_of(self, zone: &str) -> Option<&str> {
        let letter = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_lowercase());
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match self {
            Provider::Azure => {
                zone.rsplit_once('-').filter(|(_, number)| digits(number)).map(|(place, _)| place)
            }
            Provider::Google => {
                zone.rsplit_once('-').filter(|(_, rest)| letter(rest)).map(|(place, _)| place)
            }
            Provider::Aws => zone
                .split_at_checked(zone.len().saturating_sub(1))
                .filter(|(place, rest)| {
                    letter(rest) && place.ends_with(|c: char| c.is_ascii_digit())
                })
                .map(|(place, _)| place),
            Provider::Other => None,
        }
    }
}

/// What pods of a namespace may be, beyond what those of a service need (kubernetes.io, "Pod Security
/// Standards").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PodSecurity {
    /// Nothing that is known to lead out of a container: root, and capabilities that the runtime gives.
    Baseline,
    /// Anything: the network and the files of nodes, too.
    Privileged,
}

/// What a volume survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Topology {
    /// It stands in one zone and goes with it.
    Zone,
    /// It survives the loss of a zone.
    Region,
}

/// When a volume is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Binding {
    /// Where and when its pod is scheduled.
    WaitForFirstConsumer,
    /// At once, in any zone.
    Immediate,
}

/// What a tier survives without losing the peak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Survives {
    /// The loss of a pod, after its restart.
    Pod,
    /// The loss of a node.
    Node,
    /// The loss of a zone.
    Zone,
    /// The loss of a region.
    Region,
}

/// How replicas spread over failure domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// Not asked for.
    None,
    /// Wished for.
    Preferred,
    /// A pod that would break it is not scheduled.
    Required,
    /// Required where every replica and the surge have a node of their own, else preferred.
    RequiredWhereItFits,
}

/// Where backups are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stored {
    /// In any location of the region.
    Anywhere,
    /// In another region.
    OtherRegion,
}

/// A part of a recovery that a drill can measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Until it is seen that a region or the data is lost.
    Detection,
    /// Until a person has decided what to do.
    Decision,
    /// Until the objects of a service are restored.
    Objects,
    /// Until the data of a service is restored.
    Restore,
    /// Until the base backup of a database is copied back.
    Base,
    /// Until the log of a database is replayed up to the moment that it goes back to.
    Replay,
    /// Until the copy of replicated data leads.
    Promotion,
    /// Until an image is on a node that does not have it.
    Pull,
    /// Until traffic goes to another region.
    Switch,
}

impl Step {
    /// Longer than any: what takes longer is no recovery.
    pub const LONGEST: Duration = Duration::minutes(7 * 24 * 60);

    /// All of them.
    pub const ALL: [Step; 9] = [
        Step::Detection,
        Step::Decision,
        Step::Objects,
        Step::Restore,
        Step::Base,
        Step::Replay,
        Step::Promotion,
        Step::Pull,
        Step::Switch,
    ];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Step::Detection => "detection",
            Step::Decision => "decision",
            Step::Objects => "objects",
            Step::Restore => "restore",
            Step::Base => "base",
            Step::Replay => "replay",
            Step::Promotion => "promotion",
            Step::Pull => "pull",
            Step::Switch => "switch",
        }
    }
}

/// How an issuer of certificates is shown that a host is ours (RFC 8555, section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Challenge {
    /// By a record of its zone: anywhere.
    #[serde(rename = "dns-01")]
    Dns01,
    /// By an answer under the host: only where the host leads to.
    #[serde(rename = "http-01")]
    Http01,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_tells_its_place_where_the_provider_names_it_so() {
        assert_eq!(Provider::Azure.place_of("eastus2-1"), Some("eastus2"));
        assert_eq!(Provider::Azure.place_of("0"), None);
        assert_eq!(Provider::Google.place_of("us-east1-b"), Some("us-east1"));
        assert_eq!(Provider::Google.place_of("us-east1"), None);
        assert_eq!(Provider::Aws.place_of("us-east-1a"), Some("us-east-1"));
        assert_eq!(Provider::Aws.place_of("use1-az1"), None);
        assert_eq!(Provider::Aws.place_of(""), None);
        assert_eq!(Provider::Other.place_of("rack-1"), None);
    }
}
