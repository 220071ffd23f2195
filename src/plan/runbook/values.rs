//! What the templates of pages say. As in `plan::values`, every value is decided.

use super::super::calendar;
use super::super::checklist::Checklist;
use serde::Serialize;

/// What the template of a page says.
#[derive(Clone, Debug, Serialize)]
pub struct Runbook {
    /// The service.
    pub service: String,
    /// Its namespace.
    pub namespace: String,
    /// Who answers for it; none when nobody is named.
    pub team: Option<String>,
    /// Its tier.
    pub tier: String,
    /// `warm standby`.
    pub strategy: &'static str,
    /// The most data that may be lost.
    pub rpo: String,
    /// The longest time until it serves again.
    pub rto: String,
    /// `deployment` or `statefulset`.
    pub workload: &'static str,
    /// `ninefold.dev/service=orders`
    pub selector: String,
    /// What delivers the tree: `argo-cd`, `flux`, `kubectl`.
    pub delivery: &'static str,
    /// Whether it has volumes of its own that are backed up.
    pub keeps_data: bool,
    /// The Cluster of its database.
    pub database: Option<String>,
    /// Who replicates its data: `external`, `volsync`, `postgresql`.
    pub replication: Option<&'static str>,
    /// Whether health checks move its traffic.
    pub automatic: bool,
    /// The names under which users come.
    pub hosts: Vec<String>,
    /// How long resolvers keep an answer.
    pub ttl: String,
    /// Whether a command judges restored data.
    pub verifies: bool,
    /// Its regions.
    pub places: Vec<Place>,
    /// The region that the page is about; none where it is about all.
    pub here: Option<Place>,
    /// The others.
    pub others: Vec<Place>,
    /// Its drills.
    pub drills: Vec<calendar::Drill>,
    /// The regions as the spec names them once one of them is lost: the others first.
    pub regions_after: String,
}

/// A service in a region.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// The region.
    pub region: String,
    /// Its short form.
    pub short: String,
    /// The context of `kubectl`: it has the name of the region.
    pub context: String,
    /// What the region does for the service.
    pub role: &'static str,
    /// The namespace of Velero.
    pub velero: String,
    /// Replicas that run.
    pub replicas: u32,
    /// Replicas when it serves.
    pub full: u32,
    /// Replicas that carry the peak.
    pub peak: u32,
    /// Replicas left after the loss of any zone.
    pub survivors: u32,
    /// The zones.
    pub zones: Vec<String>,
    /// Whether it is written here.
    pub writes: bool,
    /// Whether it takes over from others.
    pub takes_over: bool,
    /// Whether a restore brings the data here when another region is lost.
    pub restores: bool,
    /// Whether nothing runs here until it takes over.
    pub cold: bool,
    /// The command that lists the backups that are restored here.
    pub backups: String,
    /// What VolSync has copied here, for each claim that is made from it.
    pub copies: Vec<Copied>,
    /// What must stand here when another region is lost; on the pages that tell it.
    pub ready: Option<Checklist>,
    /// What is claimed when something is lost here; none where nothing is.
    pub node: Option<Told>,
    /// Of a zone.
    pub zone: Option<Told>,
    /// Of the region.
    pub lost: Option<Told>,
    /// Of the data.
    pub data: Option<Told>,
}

/// A claim that is made from what VolSync has copied.
#[derive(Clone, Debug, Serialize)]
pub struct Copied {
    /// The claim.
    pub claim: String,
    /// The volume of the spec.
    pub volume: String,
    /// The ReplicationDestination.
    pub destination: String,
    /// Its storage class.
    pub class: String,
    /// Its size.
    pub size: String,
}

/// What a proof claims about one loss.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Told {
    /// The most data lost; none where nothing bounds it, or nothing is claimed.
    pub rpo: Option<String>,
    /// The longest time until it serves.
    pub rto: Option<String>,
    /// `kept`, `not promised`.
    pub verdict: &'static str,
    /// How the worst case comes about, in words.
    pub formula: &'static str,
    /// The steps, with their times.
    pub steps: Vec<Step>,
    /// The time of each step that has one.
    pub times: Times,
    /// What is taken for granted.
    pub premises: Vec<&'static str>,
}

/// A step of a recovery.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// How long it takes at most.
    pub time: String,
    /// Where the number comes from.
    pub source: String,
}

/// The times of steps, by the word that templates use.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Times {
    /// Until it is seen.
    pub detect: Option<String>,
    /// Until a person has decided.
    pub decide: Option<String>,
    /// Until the pods of a lost node are replaced.
    pub evict: Option<String>,
    /// Until a volume leaves a lost node.
    pub detach: Option<String>,
    /// Until the backups are seen.
    pub sync: Option<String>,
    /// Until the objects are restored.
    pub objects: Option<String>,
    /// Until the data is restored.
    pub restore: Option<String>,
    /// Until the copy leads.
    pub promote: Option<String>,
    /// Until the image is there.
    pub pull: Option<String>,
    /// Until a pod is ready.
    pub start: Option<String>,
    /// Until traffic goes elsewhere.
    pub switch: Option<String>,
}
