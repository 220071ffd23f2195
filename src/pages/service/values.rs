//! What the templates of pages say. As in `plan::values`, every value is decided.

use super::super::calendar;
use super::super::checklist::Checklist;
use super::sets::Sets;
use serde::Serialize;

/// What the template of a page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Runbook {
    /// The service.
    pub(crate) service: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// Who answers for it; none when nobody is named.
    pub(crate) team: Option<String>,
    /// Its tier.
    pub(crate) tier: String,
    /// `warm standby`.
    pub(crate) strategy: &'static str,
    /// The most data that may be lost.
    pub(crate) rpo: String,
    /// The longest time until it serves again.
    pub(crate) rto: String,
    /// `deployment` or `statefulset`.
    pub(crate) workload: &'static str,
    /// The file of what runs, in the folder of a region: the path stays when the name does not.
    pub(crate) manifest: &'static str,
    /// Whether a change makes a new generation beside the former.
    pub(crate) generations: bool,
    /// `ninefold.dev/service=orders`
    pub(crate) selector: String,
    /// What delivers the tree: `argo-cd`, `flux`, `kubectl`.
    pub(crate) delivery: &'static str,
    /// Whether it has volumes of its own that are backed up.
    pub(crate) keeps_data: bool,
    /// Whether anything that it writes is kept: by itself, or by who replicates it.
    pub(crate) writes_data: bool,
    /// The Secrets that its pods mount.
    pub(crate) secrets: Vec<String>,
    /// Whether its backups hold only what bears its label.
    pub(crate) labelled_only: bool,
    /// What selects the claims of these volumes.
    pub(crate) volumes_selector: String,
    /// The services that it calls.
    pub(crate) calls_services: Vec<String>,
    /// What it calls outside of the fleet.
    pub(crate) calls_outside: Vec<String>,
    /// How long a pod may take to start.
    pub(crate) start: String,
    /// The Cluster of its database.
    pub(crate) database: Option<String>,
    /// Who replicates its data: `external`, `volsync`, `postgresql`.
    pub(crate) replication: Option<&'static str>,
    /// Whether health checks move its traffic.
    pub(crate) automatic: bool,
    /// The names under which users come.
    pub(crate) hosts: Vec<String>,
    /// How long resolvers keep an answer.
    pub(crate) ttl: String,
    /// The same in seconds.
    pub(crate) ttl_seconds: u64,
    /// Who makes the records of these names; none where there are none.
    pub(crate) records: Option<Records>,
    /// Whether a command judges restored data.
    pub(crate) verifies: bool,
    /// Its regions.
    pub(crate) places: Vec<Place>,
    /// Those in which it runs while nothing is lost.
    pub(crate) running: Vec<Place>,
    /// The region that the page is about; none where it is about all.
    pub(crate) here: Option<Place>,
    /// The others.
    pub(crate) others: Vec<Place>,
    /// The one of them that takes over; none where all of them serve, or there is none.
    pub(crate) heir: Option<Place>,
    /// What is done when the region is lost, in order.
    pub(crate) steps: Vec<Action>,
    /// The pages of the service.
    pub(crate) pages: Vec<String>,
    /// Its drills.
    pub(crate) drills: Vec<calendar::Drill>,
    /// The regions as the spec names them once one of them is lost: the others first.
    pub(crate) regions_after: String,
}

/// What somebody does when a region is lost; the template of the page spells each.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
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
pub(crate) struct Records {
    /// `external-dns`, `k8gb`, or `elsewhere` where the fleet has no such zone.
    pub(crate) engine: &'static str,
    /// The zone.
    pub(crate) zone: Option<String>,
    /// Who serves the zone: `aws`.
    pub(crate) provider: Option<&'static str>,
}

/// A zone of a region.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Zone {
    /// Its name.
    pub(crate) name: String,
    /// Its nodes.
    pub(crate) nodes: u32,
}

/// Where backups are stored.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Stored {
    /// The BackupStorageLocation.
    pub(crate) location: String,
    /// The region of the storage.
    pub(crate) region: String,
}

/// A service in a region.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Place {
    /// The region.
    pub(crate) region: String,
    /// Its short form.
    pub(crate) short: String,
    /// The context of `kubectl`: it has the name of the region.
    pub(crate) context: String,
    /// Its cluster.
    pub(crate) cluster: String,
    /// What the region does for the service.
    pub(crate) role: &'static str,
    /// The namespace of Velero.
    pub(crate) velero: String,
    /// Replicas that run.
    pub(crate) replicas: u32,
    /// Replicas when it serves.
    pub(crate) full: u32,
    /// Replicas when it is the one that leads.
    pub(crate) leading: u32,
    /// Replicas that carry the peak.
    pub(crate) peak: u32,
    /// Whether an autoscaler may add some.
    pub(crate) autoscaled: bool,
    /// Replicas left after the loss of any zone.
    pub(crate) survivors: u32,
    /// The zones.
    pub(crate) zones: Vec<Zone>,
    /// Whether a commit of its database is on two instances before it is answered.
    pub(crate) synchronous: bool,
    /// The volumes that go with a zone.
    pub(crate) zonal: Vec<String>,
    /// How long a pod waits on a lost node before it is replaced.
    pub(crate) node_loss: String,
    /// Whether Cluster API replaces nodes that do not answer.
    pub(crate) machines: bool,
    /// Where users come in, where that is known.
    pub(crate) address: Option<String>,
    /// The type of a record that leads there.
    pub(crate) record: Option<&'static str>,
    /// Whether it is written here.
    pub(crate) writes: bool,
    /// Whether it takes over from others.
    pub(crate) takes_over: bool,
    /// Whether a restore brings the data here when another region is lost.
    pub(crate) restores: bool,
    /// Whether nothing runs here until it takes over.
    pub(crate) cold: bool,
    /// The command that lists the backups that are restored here.
    pub(crate) backups: String,
    /// The command that names the youngest of them that is whole.
    pub(crate) newest: String,
    /// When a Restore is ended, as Go writes it.
    pub(crate) restore_ends: String,
    /// The claims that a restore makes.
    pub(crate) claims: Vec<String>,
    /// Where the backups that are made here are stored, or would be if it led.
    pub(crate) stored: Vec<Stored>,
    /// The name of its database in the archive, where there is one.
    pub(crate) server: Option<String>,
    /// The ObjectStore that its database archives to.
    pub(crate) archive: Option<String>,
    /// What data comes back from here.
    pub(crate) sets: Sets,
    /// What must stand here when another region is lost; on the pages that tell it.
    pub(crate) ready: Option<Checklist>,
    /// What is claimed when something is lost here; none where nothing is.
    pub(crate) node: Option<Told>,
    /// Of a zone.
    pub(crate) zone: Option<Told>,
    /// Of the region.
    pub(crate) lost: Option<Told>,
    /// Of the data.
    pub(crate) data: Option<Told>,
}

/// What a proof claims about one loss.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Told {
    /// The most data lost; none where nothing bounds it, or nothing is claimed.
    pub(crate) rpo: Option<String>,
    /// The longest time until it serves.
    pub(crate) rto: Option<String>,
    /// What is left of the promised time until it serves; none where nothing is promised, or kept.
    pub(crate) margin: Option<String>,
    /// `kept`, `not promised`.
    pub(crate) verdict: &'static str,
    /// How the worst case comes about, in words.
    pub(crate) formula: &'static str,
    /// The steps, with their times.
    pub(crate) steps: Vec<Step>,
    /// The time of each step that has one.
    pub(crate) times: Times,
    /// What is taken for granted.
    pub(crate) premises: Vec<&'static str>,
}

/// A step of a recovery.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Step {
    /// Its name.
    pub(crate) name: &'static str,
    /// How long it takes at most.
    pub(crate) time: String,
    /// Where the number comes from.
    pub(crate) source: String,
}

/// The times of steps, by the word that templates use.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Times {
    /// Until it is seen.
    pub(crate) detect: Option<String>,
    /// Until a person has decided.
    pub(crate) decide: Option<String>,
    /// Until the pods of a lost node are replaced.
    pub(crate) evict: Option<String>,
    /// Until a volume leaves a lost node.
    pub(crate) detach: Option<String>,
    /// Until the backups are seen.
    pub(crate) sync: Option<String>,
    /// Until the objects are restored.
    pub(crate) objects: Option<String>,
    /// Until the data is restored.
    pub(crate) restore: Option<String>,
    /// Until the copy leads.
    pub(crate) promote: Option<String>,
    /// Until the image is there.
    pub(crate) pull: Option<String>,
    /// Until a pod is ready.
    pub(crate) start: Option<String>,
    /// Until traffic goes elsewhere.
    pub(crate) switch: Option<String>,
}
