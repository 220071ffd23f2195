//! What the templates of pages say. As in `plan::values`, every value is decided.

use super::super::calendar;
use super::super::checklist::Checklist;
use super::sets::Sets;
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
    /// The file of what runs, in the folder of a region: the path stays when the name does not.
    pub manifest: &'static str,
    /// Whether a change makes a new generation beside the former.
    pub generations: bool,
    /// Former generations that stay in the tree.
    pub retain: u32,
    /// `ninefold.dev/service=orders`
    pub selector: String,
    /// What delivers the tree: `argo-cd`, `flux`, `kubectl`.
    pub delivery: &'static str,
    /// Whether it has volumes of its own that are backed up.
    pub keeps_data: bool,
    /// Whether anything that it writes is kept: by itself, or by who replicates it.
    pub writes_data: bool,
    /// The Secrets that its pods mount.
    pub secrets: Vec<String>,
    /// Whether its backups hold only what bears its label.
    pub labelled_only: bool,
    /// What selects the claims of these volumes.
    pub volumes_selector: String,
    /// The services that it calls.
    pub calls_services: Vec<String>,
    /// What it calls outside of the fleet.
    pub calls_outside: Vec<String>,
    /// How long a pod may take to start.
    pub start: String,
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
    /// The same in seconds.
    pub ttl_seconds: u64,
    /// Who makes the records of these names; none where there are none.
    pub records: Option<Records>,
    /// Whether a command judges restored data.
    pub verifies: bool,
    /// Its regions.
    pub places: Vec<Place>,
    /// Those in which it runs while nothing is lost.
    pub running: Vec<Place>,
    /// The region that the page is about; none where it is about all.
    pub here: Option<Place>,
    /// The others.
    pub others: Vec<Place>,
    /// The one of them that takes over; none where all of them serve, or there is none.
    pub heir: Option<Place>,
    /// What is done when the region is lost, in order.
    pub steps: Vec<Action>,
    /// The pages of the service.
    pub pages: Vec<String>,
    /// Its drills.
    pub drills: Vec<calendar::Drill>,
    /// The regions as the spec names them once one of them is lost: the others first.
    pub regions_after: String,
}

/// What somebody does when a region is lost; the template of the page spells each.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// See that health checks have moved the users.
    Watch,
    /// Decide that the region is given up.
    Decide,
    /// Stop what still works in the lost region.
    Fence,
    /// Keep the delivery in the region that takes over from undoing what is done by hand.
    Hold,
    /// Get the data to where it is needed.
    Data,
    /// Run what carries the peak.
    Start,
    /// See that it works, before anybody is sent there.
    Look,
    /// Send the users there.
    Users,
    /// Write it into the spec, and let the delivery go on.
    Commit,
    /// Keep a region that comes and goes from getting users.
    KeepOut,
}

/// Who makes the records of a name.
#[derive(Clone, Debug, Serialize)]
pub struct Records {
    /// `external-dns`, `k8gb`, or `elsewhere` where the fleet has no such zone.
    pub engine: &'static str,
    /// The zone.
    pub zone: Option<String>,
    /// Who serves the zone: `aws`.
    pub provider: Option<&'static str>,
}

/// A zone of a region.
#[derive(Clone, Debug, Serialize)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// Its nodes.
    pub nodes: u32,
}

/// Where backups are stored.
#[derive(Clone, Debug, Serialize)]
pub struct Stored {
    /// The BackupStorageLocation.
    pub location: String,
    /// The region of the storage.
    pub region: String,
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
    /// Its cluster.
    pub cluster: String,
    /// What the region does for the service.
    pub role: &'static str,
    /// The namespace of Velero.
    pub velero: String,
    /// Replicas that run.
    pub replicas: u32,
    /// Replicas when it serves.
    pub full: u32,
    /// Replicas when it is the one that leads.
    pub leading: u32,
    /// Replicas that carry the peak.
    pub peak: u32,
    /// Whether an autoscaler may add some.
    pub autoscaled: bool,
    /// Replicas left after the loss of any zone.
    pub survivors: u32,
    /// The zones.
    pub zones: Vec<Zone>,
    /// Whether a commit of its database is on two instances before it is answered.
    pub synchronous: bool,
    /// The volumes that go with a zone.
    pub zonal: Vec<String>,
    /// How long a pod waits on a lost node before it is replaced.
    pub node_loss: String,
    /// Whether Cluster API replaces nodes that do not answer.
    pub machines: bool,
    /// Where users come in, where that is known.
    pub address: Option<String>,
    /// The type of a record that leads there.
    pub record: Option<&'static str>,
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
    /// The command that names the youngest of them that is whole.
    pub newest: String,
    /// When a Restore is ended, as Go writes it.
    pub restore_ends: String,
    /// The claims that a restore makes.
    pub claims: Vec<String>,
    /// Where the backups that are made here are stored, or would be if it led.
    pub stored: Vec<Stored>,
    /// The name of its database in the archive, where there is one.
    pub server: Option<String>,
    /// The ObjectStore that its database archives to.
    pub archive: Option<String>,
    /// What data comes back from here.
    pub sets: Sets,
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

/// What a proof claims about one loss.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Told {
    /// The most data lost; none where nothing bounds it, or nothing is claimed.
    pub rpo: Option<String>,
    /// The longest time until it serves.
    pub rto: Option<String>,
    /// What is left of the promised time until it serves; none where nothing is promised, or kept.
    pub margin: Option<String>,
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
