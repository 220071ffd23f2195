//! What gets data back, and what proves that it can be got back: sets of objects that a person, or a
//! runner of drills, applies once. No delivery engine may see them: a Restore that an engine makes
//! again is carried out again (`ha-dr` 1.10).
//!
//! In the tree they are templates: the id and the backup are words, [`SET_ID`] and [`SET_BACKUP`],
//! and no backup has that name. Both come with the command that uses a set.

mod drill; // into a namespace of its own

use super::values::{Map, Meta, Restore, Values};
use super::{Here, Plan, Planned, Unit, namespaces, places, proof};
use crate::kube::kinds::Naming;
use crate::kube::{Kind, LogicalName, Namespace, ObjectId, RegionName, labels};
use crate::model::{Model, Region, Service};
use crate::spec::quantity::Duration;

/// What stands in a set of the tree for its id.
pub const SET_ID: &str = "set-id";

/// What stands in a set of the tree for the name of a backup.
pub const SET_BACKUP: &str = "set-backup";

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
}

impl Ids<'static> {
    /// Of the sets in the tree.
    pub const TEMPLATE: Ids<'static> = Ids { id: SET_ID, backup: SET_BACKUP };
}

/// Which sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of<'a> {
    /// Every set of every region, as the tree has them.
    Tree,
    /// The drill in one region.
    Drill(&'a RegionName),
}

/// What a restore of the data alone takes: the rest is in the tree. The last tells Velero where the
/// data of each volume lies.
const DATA: &[&str] = &["persistentvolumeclaims", "persistentvolumes", "datauploads.velero.io"];

/// The region whose backups are restored here: where it takes over, those of another, so that a
/// drill tries credentials, classes and images as well.
pub(super) fn source<'a>(here: &Here<'a>) -> &'a Region {
    let other = places(here.fleet, here.service)
        .filter(|_| here.role.takes_over)
        .find(|other| other.role.backs_up && other.region.name != here.region.name);
    other.map_or(here.region, |other| other.region)
}

/// Whether the data comes back to this region by a restore when another one is lost.
pub(super) fn fails_over_by_restore(here: &Here<'_>) -> bool {
    here.service.keeps_data() && here.service.replication.is_none() && here.role.takes_over
}

/// The command that lists the backups of the service that a restore in `region` takes, the youngest
/// last. By label, as the names of Schedules change with what they say.
pub fn query(model: &Model, service: &Service, region: &RegionName) -> Option<String> {
    let here = places(model.fleet(), service).find(|here| here.region.name == *region)?;
    Some(backups(&here))
}

/// Sorted by when they began: in a region that reads them they were all made when Velero first saw
/// them.
pub(super) fn backups(here: &Here<'_>) -> String {
    format!(
        "{} -o custom-columns=NAME:.metadata.name,PHASE:.status.phase,BEGUN:.status.startTimestamp",
        sorted(here)
    )
}

/// The command that prints the name of the youngest of these backups that is whole.
pub(super) fn newest(here: &Here<'_>) -> String {
    format!(
        "{} -o jsonpath='{{.items[?(@.status.phase==\"Completed\")].metadata.name}}' | tr ' ' '\\n' | tail -n 1",
        sorted(here)
    )
}

fn sorted(here: &Here<'_>) -> String {
    format!(
        "kubectl --context {} -n {} get backups.velero.io -l {}={},{}={} --sort-by=.status.startTimestamp",
        here.region.name,
        here.region.backup_namespace,
        labels::SERVICE,
        here.service.name,
        labels::REGION,
        source(here).name,
    )
}

/// How long a restore may take: what takes longer than the promise has failed.
pub(super) fn longest(here: &Here<'_>) -> Duration {
    here.service.rto.max(proof::rto::restore_time(here))
}

/// Plans the sets of a service. What keeps no data has none: its objects are in the tree.
pub fn make(model: &Model, service: &Service, of: Of<'_>, ids: Ids<'_>) -> Plan {
    let mut objects = Vec::new();
    if service.keeps_data() {
        for here in places(model.fleet(), service) {
            let set = Set { here, ids };
            match of {
                Of::Drill(region) if *region != here.region.name => continue,
                Of::Drill(_) => {}
                Of::Tree if here.role.backs_up || fails_over_by_restore(&here) => {
                    objects.push(set.data());
                }
                Of::Tree => {}
            }
            set.drill(&mut objects);
        }
    }
    Plan { unit: Unit::Service(service.name.clone()), objects, promises: Vec::new() }
}

struct Set<'a> {
    here: Here<'a>,
    ids: Ids<'a>,
}

impl Set<'_> {
    /// The volumes alone, into the namespace that they come from: after the loss of the other
    /// region, or in place of what is damaged.
    fn data(&self) -> Planned {
        let name = self.name("restore");
        let restore = Restore {
            meta: self.meta(&name, Some(&self.here.region.backup_namespace)),
            backup: self.ids.backup.to_owned(),
            namespace: self.here.service.namespace.to_string(),
            into: None,
            included: DATA.iter().map(|kind| (*kind).to_owned()).collect(),
            excluded: Vec::new(),
            operation_timeout: longest(&self.here).go(),
            modifier: None,
        };
        let file = format!("restore-{}/1-restore", self.here.region.name);
        self.planned(Kind::Restore, file, Values::Restore(Box::new(restore)))
    }

    /// `orders-cus-drill-7`
    fn name(&self, what: &str) -> String {
        let Here { service, region, .. } = self.here;
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
