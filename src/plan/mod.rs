//! A stage: what is decided → [`Plan`].
//!
//! Makes the objects of what is decided, and computes nothing; templates only spell.

pub mod values; //  what templates say
pub(crate) mod meta; //        labels and names
mod workload; //    Deployment or StatefulSet
pub(crate) mod pod; //         its pods
pub(crate) mod config; // ConfigMaps
mod jobs; //        what ends by itself
mod network; //     Services and network policies
mod disruption; //  the disruption budget
mod scaling; //     the autoscaler
mod backup; //      Schedules
pub(crate) mod replication; // what copies volumes to another region
pub(crate) mod postgresql; //  databases, and their copies in other regions
pub mod recovery; // what gets data back, and proves that it can be got back
pub(crate) mod control_plane; // the etcd and the nodes of clusters that the fleet runs itself
mod descheduler; //   what evens out replicas
mod alerts; //      what wakes somebody
mod traffic; //     what leads users to a region, and in it
mod namespaces; //  what services share
pub(crate) mod delivery; // what makes an engine deliver all of it
mod locations; //   where Velero stores
mod own; //         files with objects of the user's own
mod extra; //       objects from templates of the user's own

use crate::decide::{Decided, Promise, Proof, ServiceInRegion};
use crate::diag::Span;
use crate::kube::kinds::Naming;
use crate::kube::{Kind, LogicalName, Namespace, ObjectId, RegionName};
use crate::model::{Fleet, Region, Service};
use std::collections::BTreeMap;
use std::sync::Arc;
use values::{Extra, Values};

/// The objects of one unit of the tree: of a service in all its regions, or of the fleet.
#[derive(Debug)]
pub struct Plan {
    unit: Unit,
    objects: Vec<Planned>,
    promises: Vec<Promise>,
    environments: BTreeMap<RegionName, Arc<Extra>>,
}

/// Whose objects a folder of the tree holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// What services share.
    Fleet,
    /// One service.
    Service(crate::kube::ServiceName),
}

impl Unit {
    /// What it is called, and its ledger: `fleet`, `checkout`, `checkout@staging`.
    pub fn name(&self) -> &str {
        match self {
            Unit::Fleet => "fleet",
            Unit::Service(name) => name.address(),
        }
    }

    /// The name of its folder in each region, and in `recovery/`. Environments have no region in
    /// common, so the folders of a service in two of them are two.
    pub fn folder(&self) -> &str {
        match self {
            Unit::Fleet => "fleet",
            Unit::Service(name) => name.plain(),
        }
    }
}

/// One object to create, with everything that its template will say.
#[derive(Debug)]
pub struct Planned {
    /// Who it is.
    pub id: ObjectId,
    /// The stem of its file: the kind, and what tells it from others of the kind.
    pub file: String,
    /// How it gets its final name.
    pub naming: Naming,
    /// The template that spells it.
    pub template: String,
    /// What the template says.
    pub values: Values,
    /// The key of the spec that asked for it.
    pub origin: Origin,
}

/// What asked for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Where it stands.
    pub span: Span,
    /// The key, as a path.
    pub key: &'static str,
}

impl Plan {
    /// Whose objects these are.
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// What every template of a service can say in a region.
    pub fn environments(&self) -> &BTreeMap<RegionName, Arc<Extra>> {
        &self.environments
    }

    /// The parts.
    pub fn into_parts(self) -> (Unit, Vec<Planned>, Vec<Promise>) {
        (self.unit, self.objects, self.promises)
    }
}

/// Plans one service, in all its regions, of which `proofs` has one each.
pub fn make(decided: &Decided, service: &Service, proofs: &[Proof], extras: &[String]) -> Plan {
    let mut objects = Vec::new();
    let mut promises = Vec::new();
    let mut environments = BTreeMap::new();
    for (here, proof) in decided.places(service).zip(proofs) {
        if !service.pod.shared_account {
            objects.push(workload::account(&here));
        }
        workload::plan(&here, &mut objects);
        config::plan(&here, &mut objects);
        jobs::plan(&here, &mut objects);
        network::plan(&here, &mut objects);
        disruption::plan(&here, &mut objects);
        scaling::plan(&here, &mut objects);
        backup::plan(&here, &mut objects);
        replication::plan(&here, &mut objects);
        postgresql::plan(&here, &mut objects);
        traffic::plan(&here, &mut objects);
        alerts::plan(&here, proof, &mut objects);
        environments.insert(here.region.name.clone(), Arc::new(extra::values(&here)));
        jobs::order(&here, &mut objects);
        for template in extras {
            objects.push(extra::plan(&here, template));
        }
        own::plan(&here, &mut objects);
        promises.push(Promise::of(service, proof));
    }
    Plan { unit: Unit::Service(service.name.clone()), objects, promises, environments }
}

/// Plans what the services share, some of it at a time.
pub fn make_fleet(decided: &Decided) -> impl Iterator<Item = Plan> + '_ {
    let parts = shared_objects(decided).into_iter().chain(namespaces::plan(decided));
    let parts = parts.chain(delivery::plan(decided));
    let parts = parts.filter(|objects| !objects.is_empty());
    parts.map(|objects| Plan {
        unit: Unit::Fleet,
        objects,
        promises: Vec::new(),
        environments: BTreeMap::new(),
    })
}

/// What services share beside their namespaces.
fn shared_objects(decided: &Decided) -> [Vec<Planned>; 6] {
    [
        locations::plan(decided),
        backup::shared(decided),
        control_plane::plan(decided),
        descheduler::plan(decided),
        alerts::shared::plan(decided),
        own::of_fleet(decided.fleet()),
    ]
}

/// An object that the services of a region share; `part` tells its file from others of its kind.
fn shared(
    fleet: &Fleet,
    region: &Region,
    (kind, namespace, name, part): (Kind, Option<Namespace>, &str, &str),
    mut values: Values,
    origin: Origin,
) -> Planned {
    meta::for_delivery(fleet, &kind, &mut values);
    let row = kind.row().expect("the plan makes built-in kinds");
    Planned {
        file: format!("{}-{part}", row.stem),
        // What is shared is never replaced: other things stand in it, or are stored there.
        naming: Naming::Stable,
        template: format!("{}.yaml", row.stem),
        id: ObjectId { region: region.name.clone(), kind, namespace, name: LogicalName::new(name) },
        values,
        origin,
    }
}

impl ServiceInRegion<'_> {
    /// An object of the service here, with what tells it from others of its kind, in the
    /// namespace of the service.
    fn object(&self, kind: Kind, part: &str, key: &'static str, values: Values) -> Planned {
        let name = self.service.logical(part);
        self.object_in(self.service.namespace.clone(), kind, name, part, key, values)
    }

    fn object_in(
        &self,
        namespace: Namespace,
        kind: Kind,
        name: String,
        part: &str,
        key: &'static str,
        mut values: Values,
    ) -> Planned {
        let row = kind.row().expect("the plan makes built-in kinds");
        meta::for_delivery(self.fleet, &kind, &mut values);
        meta::of_the_spec(&self.service.metadata, &kind, values.meta_mut());
        let file =
            if part.is_empty() { row.stem.to_owned() } else { format!("{}-{part}", row.stem) };
        Planned {
            id: ObjectId {
                region: self.region.name.clone(),
                kind,
                namespace: Some(namespace),
                name: LogicalName::new(name),
            },
            file,
            naming: row.naming,
            template: format!("{}.yaml", row.stem),
            values,
            origin: self.origin(key),
        }
    }

    fn origin(&self, key: &'static str) -> Origin {
        let path: Vec<&str> = key.split('.').collect();
        if self.service.document.has(&path) {
            Origin { span: self.service.document.key(&path), key }
        } else {
            Origin { span: self.service.document.key(&["name"]), key: "name" }
        }
    }
}
