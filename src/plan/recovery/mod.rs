//! What gets data back, and what proves that it can be got back: sets of objects that a person, or a
//! runner of drills, applies once. No delivery engine may see them: a Restore that an engine makes
//! again is carried out again (`docs/facts.md`, "Restores run once"), and a Cluster that it makes
//! again begins from another day.
//!
//! In the tree they are templates: the id, the backup and the moment are words, [`SET_ID`],
//! [`SET_BACKUP`] and [`SET_MOMENT`]; no backup has that name, and the operator refuses that moment.
//! All three come with the command that uses a set.

mod drill; //    what every drill begins and ends with
mod volumes; //  from a backup of Velero's
mod database; // from the archive of a database
mod copies; //   from what VolSync has copied

use super::values::{Map, Meta, Values};
use super::{Plan, Planned, Unit, extra, namespaces};
use crate::decide::{Decided, ServiceInRegion};
use crate::kube::engines::replication::Copies;
use crate::kube::kinds::Naming;
use crate::kube::{Kind, LogicalName, Namespace, ObjectId, RegionName, labels};
use crate::model::{Region, Service};
use crate::quantity::Date;
use std::collections::BTreeMap;
use std::sync::Arc;
pub use volumes::Restore;

/// What stands in a set of the tree for its id.
pub const SET_ID: &str = "set-id";

/// What stands in a set of the tree for the name of a backup.
pub const SET_BACKUP: &str = "set-backup";

/// What stands in a set of the tree for the moment that a database goes back to.
pub const SET_MOMENT: &str = "set-moment";

/// The most characters of an id: what is called by it has a name of at most 63, with that of a
/// service and of a region before it.
pub const LONGEST_ID: usize = 16;

/// What makes one set of its kind unlike any other.
#[derive(Clone, Copy, Debug)]
pub struct Ids<'a> {
    /// Part of every name.
    pub id: &'a str,
    /// The name of the backup that is restored.
    pub backup: &'a str,
    /// The moment that a database goes back to: `2026-11-22T21:00:00Z`.
    pub moment: &'a str,
}

impl Ids<'static> {
    /// Of the sets in the tree.
    pub const TEMPLATE: Ids<'static> = Ids { id: SET_ID, backup: SET_BACKUP, moment: SET_MOMENT };
}

/// Why `text` is no moment that a database goes back to; none when it is one. Only UTC is taken: at
/// night, an offset is one more thing to get wrong.
pub fn moment_problem(text: &str) -> Option<&'static str> {
    let well_formed = text.strip_suffix('Z').and_then(|text| text.split_once('T'));
    let is = well_formed.is_some_and(|(day, time)| {
        let parts: Vec<&str> = time.split(':').collect();
        let below = |part: &&str, end: u8| {
            part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())
                && part.parse::<u8>().is_ok_and(|number| number < end)
        };
        day.parse::<Date>().is_ok()
            && matches!(parts.as_slice(), [hour, minute, second] if below(hour, 24) && below(minute, 60) && below(second, 60))
    });
    (!is).then_some("write it in UTC, like `2026-11-22T21:00:00Z`")
}

/// What a set brings data back from, first what a service has unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Store {
    /// A backup of Velero's.
    Backup,
    /// The archive of the database.
    Archive,
    /// What VolSync has copied to the region.
    Copies,
}

impl Store {
    /// All of them.
    pub const ALL: [Store; 3] = [Store::Backup, Store::Archive, Store::Copies];

    /// As it is written on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Store::Backup => "backup",
            Store::Archive => "archive",
            Store::Copies => "copies",
        }
    }
}

/// Which sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of<'a> {
    /// What brings the data back, in every region, as the tree has it: a drill is printed when it is
    /// due.
    Tree,
    /// The drill in one region.
    Drill(&'a RegionName, Store),
}

/// The region whose data comes back here: where it takes over, that of another, so that a drill tries
/// credentials, classes and images as well.
pub(crate) fn source<'a>(here: &ServiceInRegion<'a>) -> &'a Region {
    let other = here
        .everywhere()
        .filter(|_| here.role.takes_over)
        .find(|other| other.role.backs_up && other.region.name != here.region.name);
    other.map_or(here.region, |other| other.region)
}

/// Whether the data comes back to this region by a restore when another one is lost.
pub(crate) fn fails_over_by_restore(here: &ServiceInRegion<'_>) -> bool {
    here.service.backs_up_data() && here.service.replication.is_none() && here.role.takes_over
}

/// What data can come back from in a region of the service; nothing for one that keeps none, as its
/// objects are in the tree.
pub(crate) fn stores(here: &ServiceInRegion<'_>) -> impl Iterator<Item = Store> {
    let replication = here.service.replication.as_ref();
    let copies = replication.is_some_and(|one| one.engine.copies() == Copies::Volumes);
    let copied = copies && here.role.takes_over;
    let (keeps, archives) = (here.service.backs_up_data(), here.service.postgresql.is_some());
    Store::ALL.into_iter().filter(move |from| match from {
        Store::Backup => keeps,
        Store::Archive => archives,
        Store::Copies => copied,
    })
}

/// What data of the service can come back from in `region`.
pub fn stores_in(decided: &Decided, service: &Service, region: &RegionName) -> Vec<Store> {
    let here = decided.places(service).find(|here| here.region.name == *region);
    here.map(|here| stores(&here).collect()).unwrap_or_default()
}

/// The set that the tree keeps of what data comes back from in a region; none where it comes back
/// elsewhere.
pub(crate) fn kept(here: &ServiceInRegion<'_>, from: Store) -> Option<&'static str> {
    match from {
        Store::Backup if here.role.backs_up || fails_over_by_restore(here) => Some("restore"),
        Store::Archive if here.role.backs_up => Some("restore-database"),
        Store::Copies => Some("failover"),
        Store::Backup | Store::Archive => None,
    }
}

/// The command that lists the backups of the service that a restore in `region` takes, the youngest
/// last. By label, as the names of Schedules change with what they say.
pub fn query(decided: &Decided, service: &Service, region: &RegionName) -> Option<String> {
    let here = decided.places(service).find(|here| here.region.name == *region)?;
    Some(backups(&here))
}

/// Sorted by when they began: in a region that reads them they were all made when Velero first saw
/// them.
pub(crate) fn backups(here: &ServiceInRegion<'_>) -> String {
    format!(
        "{} -o custom-columns=NAME:.metadata.name,PHASE:.status.phase,BEGUN:.status.startTimestamp",
        sorted(here)
    )
}

fn sorted(here: &ServiceInRegion<'_>) -> String {
    format!(
        "kubectl --context {} -n {} get backups.velero.io -l {}={},{}={} --sort-by=.status.startTimestamp",
        here.region.name,
        here.region.backup_namespace,
        labels::SERVICE,
        here.service.name.plain(),
        labels::REGION,
        source(here).name,
    )
}

/// Plans the sets of a service.
pub fn make(decided: &Decided, service: &Service, of: Of<'_>, ids: Ids<'_>) -> Plan {
    let mut objects = Vec::new();
    let mut environments = BTreeMap::new();
    for here in decided.places(service) {
        environments.insert(here.region.name.clone(), Arc::new(extra::values(&here)));
        let set = Set { here, ids };
        for from in stores(&here) {
            match of {
                Of::Tree => objects.extend(set.back(from)),
                Of::Drill(region, only) if *region != here.region.name || only != from => {}
                Of::Drill(..) => objects.extend(match from {
                    Store::Backup => set.drill_of_volumes(),
                    Store::Archive => set.drill_of_database(),
                    Store::Copies => set.drill_of_copies(),
                }),
            }
        }
    }
    let unit = Unit::Service(service.name.clone());
    Plan { unit, objects, promises: Vec::new(), environments }
}

struct Set<'a> {
    here: ServiceInRegion<'a>,
    ids: Ids<'a>,
}

/// An object of a set: its kind, the stem of its file, what it says.
type Step = (Kind, String, Values);

impl Set<'_> {
    /// What brings the data of the service itself back.
    fn back(&self, from: Store) -> Vec<Planned> {
        match (kept(&self.here, from), from) {
            (None, _) => Vec::new(),
            (Some(_), Store::Backup) => self.volumes(),
            (Some(_), Store::Archive) => self.database(),
            (Some(_), Store::Copies) => self.claims(),
        }
    }

    /// `orders-cus-drill-7`
    fn name(&self, what: &str) -> String {
        let ServiceInRegion { service, region, .. } = self.here;
        service.logical(&format!("{}-{what}-{}", region.short, self.ids.id))
    }

    fn meta(&self, name: &str, namespace: Option<&Namespace>) -> Meta {
        let mut labels = self.here.selector();
        labels.extend(namespaces::managed(self.here.region));
        labels.insert(labels::DRILL.to_owned(), self.ids.id.to_owned());
        Meta {
            name: name.to_owned(),
            namespace: namespace.map(ToString::to_string),
            labels,
            annotations: Map::new(),
        }
    }

    /// The objects of a set, in files whose names are in the order in which they are applied.
    fn lay(&self, set: &str, steps: Vec<Step>) -> Vec<Planned> {
        let width = steps.len().to_string().len();
        let folder = format!("{set}-{}", self.here.region.name);
        let file = |(number, (kind, stem, values)): (usize, Step)| {
            let number = number + 1;
            self.planned(kind, format!("{folder}/{number:0width$}-{stem}"), values)
        };
        steps.into_iter().enumerate().map(file).collect()
    }

    fn planned(&self, kind: Kind, file: String, mut values: Values) -> Planned {
        let row = kind.row().expect("the plan makes built-in kinds");
        let meta = values.meta_mut();
        let id = ObjectId {
            region: self.here.region.name.clone(),
            namespace: meta.namespace.clone().map(Namespace::new),
            name: LogicalName::new(&*meta.name),
            kind,
        };
        let job = matches!(values, Values::DrillJob { .. });
        // What has the id in its name needs no hash.
        let naming = if row.kind == Kind::ConfigMap { row.naming } else { Naming::Stable };
        Planned {
            id,
            file,
            naming,
            template: if job { "drill-job.yaml".to_owned() } else { format!("{}.yaml", row.stem) },
            values,
            origin: self.here.origin("volumes"),
        }
    }
}

/// A step whose file is called by its kind alone.
fn step(kind: Kind, values: Values) -> Step {
    let stem = kind.row().expect("the plan makes built-in kinds").stem;
    (kind, stem.to_owned(), values)
}

/// A step of one of several objects of its kind.
fn step_of(kind: Kind, part: &str, values: Values) -> Step {
    let (kind, stem, values) = step(kind, values);
    (kind, format!("{stem}-{part}"), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_moment_in_utc_is_one() {
        assert_eq!(moment_problem("2026-11-22T21:00:00Z"), None);
        for wrong in [
            SET_MOMENT,
            "2026-11-22",
            "2026-02-30T21:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T21:60:00Z",
            "2026-11-22T21:00Z",
            "2026-11-22T+1:00:00Z",
            "2026-11-22T21:00:00+01:00",
            "2026-11-22 21:00:00Z",
        ] {
            assert!(moment_problem(wrong).is_some(), "{wrong}");
        }
    }
}
